/* The folder driver: ROOT/<kind>/<first two digits>/<id>. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blob/blob_priv.h"

struct folder {
    struct arena arena;
    const char *root;
};

static const char *const kind_folders[] = {"data", "keys", "gone"};
_Static_assert(COUNT(kind_folders) == BLOB_KIND__N, "one folder a kind");

static const char *folder_of(const struct folder *f, struct arena *a, enum blob_kind kind, struct sv id)
{
    return arena_printf(a, "%s/%s/%.2s", f->root, kind_folders[kind], id.p).p;
}

static const char *path_of(const struct folder *f, struct arena *a, enum blob_kind kind, struct sv id)
{
    return path_join(a, folder_of(f, a, kind, id), arena_cstr(a, id));
}

static bool folder_read(void *ctx, struct arena *a, enum blob_kind kind, struct sv id, size_t limit, struct sv *ret,
                        struct err *e)
{
    return file_read(a, path_of(ctx, a, kind, id), limit, ret, e);
}

/* Makes the folder of an id, durable before the first file stands in it. */
static bool make_folder(const struct folder *f, struct arena *a, enum blob_kind kind, struct sv id, struct err *e)
{
    const char *path = folder_of(f, a, kind, id);
    if (file_exists(path))
        return true;
    return dir_make(path, 0700, e) && dir_sync(path_join(a, f->root, kind_folders[kind]), e);
}

/* link(2) fails when the name is taken, which rename(2) does not. */
static bool link_new(struct arena *a, const char *path, const char *folder, struct sv bytes, struct err *e)
{
    const char *temp = arena_printf(a, "%s.%.*s.new", path, SV_ARG(random_digits(a, 12))).p;
    if (!file_write(temp, bytes, 0600, e))
        return false;
    int result = link(temp, path), cause = errno;
    unlink(temp);
    if (result == 0)
        return dir_sync(folder, e);
    errno = cause;
    return cause == EEXIST ? err_set(e, ERR_CONFLICT, "%s is there", path) : err_errno(e, "link %s", path);
}

static bool folder_write(void *ctx, enum blob_kind kind, struct sv id, struct sv bytes, bool only_new, struct err *e)
{
    CLEANUP(arena_done) struct arena a = {0};
    arena_init(&a, (size_t)1 << 16);
    if (!make_folder(ctx, &a, kind, id, e))
        return false;
    const char *path = path_of(ctx, &a, kind, id);
    return only_new ? link_new(&a, path, folder_of(ctx, &a, kind, id), bytes, e) : file_write(path, bytes, 0600, e);
}

static bool folder_size(void *ctx, enum blob_kind kind, struct sv id, size_t *ret, struct err *e)
{
    CLEANUP(arena_done) struct arena a = {0};
    arena_init(&a, (size_t)1 << 16);
    struct stat st;
    const char *path = path_of(ctx, &a, kind, id);
    if (stat(path, &st) != 0)
        return err_errno(e, "stat %s", path);
    *ret = (size_t)st.st_size;
    return true;
}

static bool folder_remove(void *ctx, enum blob_kind kind, struct sv id, struct err *e)
{
    CLEANUP(arena_done) struct arena a = {0};
    arena_init(&a, (size_t)1 << 16);
    const char *path = path_of(ctx, &a, kind, id);
    if (unlink(path) == 0)
        return dir_sync(folder_of(ctx, &a, kind, id), e);
    return errno == ENOENT || err_errno(e, "remove %s", path);
}

static bool folder_lock(void *ctx, bool exclusive, int *ret_handle, struct err *e)
{
    CLEANUP(arena_done) struct arena a = {0};
    arena_init(&a, (size_t)1 << 16);
    const char *path = path_join(&a, ((struct folder *)ctx)->root, "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(e, "open %s", path);
    while (flock(fd, exclusive ? LOCK_EX : LOCK_SH) != 0) {
        if (errno == EINTR)
            continue;
        (void)err_errno(e, "lock %s", path);
        close(fd);
        return false;
    }
    *ret_handle = fd;
    return true;
}

static void folder_unlock(void *ctx, int handle)
{
    (void)ctx;
    close(handle);
}

static void folder_close(void *ctx)
{
    struct folder *f = ctx;
    arena_done(&f->arena);
    free(f);
}

static const struct blob_driver driver = {folder_read, folder_write,  folder_size, folder_remove,
                                          folder_lock, folder_unlock, folder_close};

bool blob_open_folder(const char *root, const struct secret *key, struct blob_store **ret, struct err *e)
{
    struct folder *f = calloc(1, sizeof(*f));
    must(f != NULL && secret_view(key).n == SEAL_KEY_SIZE);
    arena_init(&f->arena, (size_t)1 << 16);
    f->root = arena_cstr(&f->arena, sv_from(root));
    bool ok = true;
    for (size_t i = 0; ok && i < BLOB_KIND__N; i++)
        ok = dir_make(path_join(&f->arena, root, kind_folders[i]), 0700, e);
    if (!ok || !dir_sync(root, e)) {
        folder_close(f);
        return err_wrap(e, "documents");
    }
    *ret = blob_store_new(&driver, f, key);
    return true;
}
