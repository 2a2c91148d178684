/* Signed revisions and signature data as files; see extract.h. */
#include "app/extract.h"

#include <string.h>

#include "crypto/digest.h"

#define MAX_STEM  180 /* bytes: room for the endings within what file systems allow */
#define MAX_TRIES 1000

struct piece {
    struct sv ending; /* behind the stem */
    struct sv bytes;
    struct sv what;
    size_t signature; /* 1-based */
};
struct pieces {
    struct piece *items;
    size_t n;
};

static struct sv hash(struct arena *a, struct sv bytes)
{
    struct digest d = digest_of(DIGEST_SHA256, bytes);
    return digest_hex(a, &d);
}

/* The last part of the path, cut between characters. */
static struct sv stem_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    struct sv s = sv_from(slash ? slash + 1 : file);
    if (s.n <= MAX_STEM)
        return s;
    size_t n = MAX_STEM;
    while (n > 1 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return sv_sub(s, 0, n);
}

static void add(struct arena *a, struct pieces *p, size_t k, const char *ending, struct sv bytes, struct sv what)
{
    if (bytes.n)
        p->items[p->n++] = (struct piece){arena_printf(a, ".%zu.%s", k, ending), bytes, what, k};
}

static struct sv words(struct arena *a, enum text_lang lang, const char *key, size_t k)
{
    return text_say(a, lang, arena_printf(a, "pdf.extract.%s", key), {"n", arena_printf(a, "%zu", k)});
}

static struct pieces pieces_of(struct arena *a, enum text_lang lang, const struct pdf_report *r)
{
    struct pieces p = {.items = arena_array(a, struct piece, 2 * r->signatures_n + 1)};
    for (size_t i = 0; i < r->signatures_n; i++) {
        const struct pdf_signature *s = &r->signatures[i];
        bool token = s->kind == PDF_DOCTIMESTAMP;
        add(a, &p, i + 1, "pdf", s->revision, words(a, lang, "revision", i + 1));
        add(a, &p, i + 1, token ? "tst" : "p7s", s->cms, words(a, lang, token ? "token" : "cms", i + 1));
    }
    return p;
}

static void list_signature(struct buf *b, struct arena *a, enum text_lang lang, const struct pdf_signature *s, size_t k)
{
    struct sv kind = text_get(lang, arena_printf(a, "pdf.kind.%s", pdf_sig_kind_name(s->kind)));
    struct sv said = text_say(a, lang, SV("pdf.extract.signature"), {"n", arena_printf(a, "%zu", k)}, {"kind", kind},
                              {"field", s->field}, {"signer", s->signer});
    buf_printf(b, "\n%.*s\n", SV_ARG(pdf_one_line(a, said)));
}

/* Without times, so that the same input gives the same list. */
static struct sv list_of(struct arena *a, enum text_lang lang, struct sv name, struct sv stem, struct sv bytes,
                         const struct pdf_report *r, const struct pieces *p)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, (size_t)16 << 20);
    struct sv title =
            text_say(a, lang, SV("pdf.extract.title"), {"file", pdf_one_line(a, name)}, {"sha256", hash(a, bytes)});
    buf_printf(&b, "%.*s\n", SV_ARG(title));
    for (size_t i = 0, k = 0; i < r->signatures_n; i++) {
        list_signature(&b, a, lang, &r->signatures[i], i + 1);
        for (; k < p->n && p->items[k].signature == i + 1; k++) {
            const struct piece *x = &p->items[k];
            struct sv row = text_say(a, lang, SV("pdf.extract.row"), {"name", arena_concat(a, stem, x->ending)},
                                     {"what", x->what}, {"bytes", arena_printf(a, "%zu", x->bytes.n)},
                                     {"sha256", hash(a, x->bytes)});
            buf_printf(&b, "  %.*s\n", SV_ARG(pdf_one_line(a, row)));
        }
    }
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}

/* Nothing is there, or the same. */
static bool is_free(const char *path, struct sv bytes)
{
    CLEANUP(arena_done) struct arena a;
    struct err e = ERR_INIT;
    struct sv there;
    arena_init(&a, bytes.n + (1 << 20));
    if (file_read(&a, path, bytes.n, &there, &e))
        return sv_eq(there, bytes);
    return e.code == ERR_NOT_FOUND;
}

static const char *path_of(struct arena *a, const char *dir, struct sv stem, struct sv ending)
{
    return path_join(a, dir, arena_cstr(a, arena_concat(a, stem, ending)));
}

static bool all_free(struct arena *a, const char *dir, struct sv stem, const struct pieces *p, struct sv list)
{
    if (!is_free(path_of(a, dir, stem, SV(".txt")), list))
        return false;
    for (size_t i = 0; i < p->n; i++) {
        if (!is_free(path_of(a, dir, stem, p->items[i].ending), p->items[i].bytes))
            return false;
    }
    return true;
}

static bool put(struct arena *a, const char *path, struct sv bytes, struct sv what, struct extracted *ret,
                struct err *e)
{
    if (!file_write(path, bytes, 0644, e))
        return false;
    ret->paths[ret->n] = path;
    ret->what[ret->n++] = arena_sv(a, what);
    return true;
}

bool extract_signatures(struct arena *a, enum text_lang lang, const char *dir, const char *file, struct sv bytes,
                        const struct pdf_report *r, struct extracted *ret, struct err *e)
{
    struct pieces p = pieces_of(a, lang, r);
    struct sv name = stem_of(file), stem = name, list = {0};
    *ret = (struct extracted){.paths = arena_array(a, const char *, p.n + 1),
                              .what = arena_array(a, struct sv, p.n + 1)};
    if (!r->signatures_n)
        return true;
    if (!dir_make(dir, 0755, e))
        return false;
    for (int i = 1;; i++) {
        if (i > MAX_TRIES)
            return err_set(e, ERR_IO, "%s: a thousand files of the name %.*s", dir, SV_ARG(name));
        if (i > 1)
            stem = arena_printf(a, "%.*s-%d", SV_ARG(name), i);
        list = list_of(a, lang, name, stem, bytes, r, &p);
        if (all_free(a, dir, stem, &p, list))
            break;
    }
    for (size_t i = 0; i < p.n; i++) {
        if (!put(a, path_of(a, dir, stem, p.items[i].ending), p.items[i].bytes, p.items[i].what, ret, e))
            return false;
    }
    return put(a, path_of(a, dir, stem, SV(".txt")), list, text_get(lang, SV("pdf.extract.list")), ret, e);
}
