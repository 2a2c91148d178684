/* See sign_file.h. */
#include "app/sign_file.h"

#define MAX_FILE ((size_t)2 << 30)
#define PIECE    ((size_t)4 << 20)

static void seen(void *file, struct sv part)
{
    const struct sign_file *f = file;
    for (size_t i = 0; i < COUNT(f->views); i++)
        file_view_forget(&f->views[i], part);
}

static bool look_again(struct sign_file *f, struct err *e)
{
    f->at = 1 - f->at;
    struct file_view *v = &f->views[f->at];
    if (!file_view_open(v, file_out_path(&f->out), MAX_FILE, e))
        return false;
    f->bytes = v->bytes;
    return true;
}

bool sign_file_open(struct sign_file *f, const char *in, const char *out, struct err *e)
{
    *f = SIGN_FILE_INIT;
    f->reader = (struct pdf_reader){seen, f};
    struct file_view *v = &f->views[f->at];
    if (!file_view_open(v, in, MAX_FILE, e) || !file_out_open(&f->out, out, 0644, e))
        return false;
    for (size_t at = 0; at < v->bytes.n; at += PIECE) {
        struct sv piece = sv_sub(v->bytes, at, PIECE);
        if (!file_out_add(&f->out, piece, e))
            return false;
        file_view_forget(v, piece);
    }
    return look_again(f, e);
}

bool sign_file_append(struct sign_file *f, struct sv update, struct err *e)
{
    return file_out_add(&f->out, update, e) && look_again(f, e);
}

bool sign_file_commit(struct sign_file *f, struct err *e)
{
    return file_out_commit(&f->out, e);
}

void sign_file_done(struct sign_file *f)
{
    for (size_t i = 0; i < COUNT(f->views); i++)
        file_view_done(&f->views[i]);
    file_out_done(&f->out);
}
