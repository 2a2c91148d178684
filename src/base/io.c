/* Files and folders; see io.h. */
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "base/text_code.h"

void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool read_exactly(int fd, char *p, size_t size, size_t *ret_n)
{
    for (*ret_n = 0; *ret_n < size;) {
        ssize_t got = read(fd, p + *ret_n, size - *ret_n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        *ret_n += (size_t)got;
    }
    return true;
}

/* An open regular file of at most limit bytes, or -1. */
static int open_regular(const char *path, size_t limit, size_t *ret_size, struct err *e)
{
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        err_errno(e, "open %s", path);
    else if (fstat(fd, &st) < 0)
        err_errno(e, "stat %s", path);
    else if (!S_ISREG(st.st_mode))
        err_set(e, ERR_IO, "%s is not a regular file", path);
    else if ((uint64_t)st.st_size > limit)
        err_set(e, ERR_TOO_LARGE, "%s is larger than %zu bytes", path, limit);
    else {
        int taken = fd;
        fd = -1;
        *ret_size = (size_t)st.st_size;
        return taken;
    }
    return -1;
}

bool file_read(struct arena *a, const char *path, size_t limit, struct sv *ret, struct err *e)
{
    size_t size, n;
    CLEANUP(fd_close) int fd = open_regular(path, limit, &size, e);
    if (fd < 0)
        return false;
    char *p = arena_alloc(a, size + 1);
    if (!read_exactly(fd, p, size, &n))
        return err_errno(e, "read %s", path);
    *ret = (struct sv){p, n};
    return true;
}

bool file_read_into(const char *path, char *to, size_t room, size_t *ret_n, struct err *e)
{
    CLEANUP(fd_close) int fd = open_regular(path, SIZE_MAX, ret_n, e);
    if (fd < 0)
        return false;
    return *ret_n > room || read_exactly(fd, to, *ret_n, ret_n) || err_errno(e, "read %s", path);
}

static void view_unmap(struct file_view *v)
{
    if (v->mapped)
        munmap(v->buffer, v->room);
    if (v->mapped)
        *v = (struct file_view){0};
    v->bytes = (struct sv){0};
}

static bool view_map(struct file_view *v, int fd, size_t size)
{
    void *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return false;
    free(v->buffer);
    (void)madvise(p, size, MADV_SEQUENTIAL);
    *v = (struct file_view){
            .bytes = {p, size},
              .buffer = p, .room = size, .mapped = true
    };
    return true;
}

static bool view_read(struct file_view *v, int fd, size_t size)
{
    if (size > v->room || !v->buffer) {
        free(v->buffer);
        v->buffer = malloc(size + 1);
        must(v->buffer != NULL);
        v->room = size;
    }
    v->bytes.p = v->buffer;
    return read_exactly(fd, v->buffer, size, &v->bytes.n);
}

bool file_view_open(struct file_view *v, const char *path, size_t limit, struct err *e)
{
    size_t size;
    view_unmap(v);
    CLEANUP(fd_close) int fd = open_regular(path, limit, &size, e);
    if (fd < 0)
        return false;
    return (size >= FILE_VIEW_MAPS ? view_map(v, fd, size) : view_read(v, fd, size)) || err_errno(e, "read %s", path);
}

void file_view_done(struct file_view *v)
{
    view_unmap(v);
    free(v->buffer);
    *v = (struct file_view){0};
}

void file_view_forget(const struct file_view *v, struct sv part)
{
    if (!v->mapped || !part.n || part.p < v->bytes.p || part.p + part.n > v->bytes.p + v->bytes.n)
        return;
    size_t page = (size_t)sysconf(_SC_PAGESIZE), from = (size_t)(part.p - v->bytes.p), to = from + part.n;
    from = from / page * page;
    to = to == v->bytes.n ? to : to / page * page;
    if (to > from)
        (void)madvise(v->buffer + from, to - from, MADV_DONTNEED);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool write_all(int fd, struct sv bytes)
{
    while (bytes.n) {
        ssize_t put = write(fd, bytes.p, bytes.n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes = sv_skip(bytes, (size_t)put);
    }
    return true;
}

static const char *parent_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/" : arena_cstr(a, (struct sv){path, (size_t)(slash - path)});
}

/* Where a link leads: the link stays and the file behind it is replaced (/dev/stdout may lead to a plain file). */
static const char *behind_link(struct arena *a, const char *path)
{
    struct stat st;
    if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode))
        return path;
    char *real = realpath(path, NULL);
    if (!real)
        return path;
    path = arena_cstr(a, sv_from(real));
    free(real);
    return path;
}

/* A device or pipe has no old content to keep, and rename(2) would put a file in its place. */
static bool is_stream(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static bool open_temporary(struct file_out *o, unsigned mode)
{
    CLEANUP(arena_done) struct arena a;
    unsigned char random[6];
    arena_init(&a, (size_t)1 << 20);
    random_bytes(random, sizeof(random));
    struct sv suffix = hex_encode(&a, sv_of(random, sizeof(random)));
    const char *real = behind_link(&a, o->path);
    char *path = strdup(real);
    must(path && asprintf(&o->temp, "%s.%.*s.tmp", path, SV_ARG(suffix)) > 0);
    free(o->path);
    o->path = path;
    o->fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    return o->fd >= 0;
}

bool file_out_open(struct file_out *o, const char *path, unsigned mode, struct err *e)
{
    *o = FILE_OUT_INIT;
    o->path = strdup(path);
    must(o->path != NULL);
    if (!is_stream(path))
        return open_temporary(o, mode) || err_errno(e, "create %s", o->temp);
    o->fd = memfd_create("qyq", MFD_CLOEXEC);
    if (o->fd < 0)
        return err_errno(e, "memory for %s", path);
    snprintf(o->link, sizeof(o->link), "/proc/self/fd/%d", o->fd);
    return true;
}

bool file_out_add(struct file_out *o, struct sv bytes, struct err *e)
{
    return write_all(o->fd, bytes) || err_errno(e, "write %s", file_out_path(o));
}

const char *file_out_path(const struct file_out *o)
{
    return o->temp ? o->temp : o->link;
}

static bool copy_to_stream(struct file_out *o, struct err *e)
{
    CLEANUP(fd_close) int fd = open(o->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, "open %s", o->path);
    char piece[8192];
    for (off_t at = 0;;) {
        ssize_t got = pread(o->fd, piece, sizeof(piece), at);
        if (got < 0)
            return err_errno(e, "read %s", o->link);
        if (got == 0)
            return true;
        if (!write_all(fd, sv_of(piece, (size_t)got)))
            return err_errno(e, "write %s", o->path);
        at += got;
    }
}

static bool sync_parent(const char *path, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)1 << 20);
    return dir_sync(parent_of(&a, path), e);
}

bool file_out_commit(struct file_out *o, struct err *e)
{
    if (!o->temp)
        return copy_to_stream(o, e);
    if (fsync(o->fd) < 0)
        return err_errno(e, "fsync %s", o->temp);
    if (rename(o->temp, o->path) < 0)
        return err_errno(e, "rename to %s", o->path);
    free(steal(&o->temp));
    return sync_parent(o->path, e);
}

void file_out_done(struct file_out *o)
{
    fd_close(&o->fd);
    if (o->temp)
        unlink(o->temp);
    free(o->temp);
    free(o->path);
    *o = FILE_OUT_INIT;
}

bool file_write(const char *path, struct sv bytes, unsigned mode, struct err *e)
{
    CLEANUP(file_out_done) struct file_out o = FILE_OUT_INIT;
    return file_out_open(&o, path, mode, e) && file_out_add(&o, bytes, e) && file_out_commit(&o, e);
}

bool dir_sync(const char *path, struct err *e)
{
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, "open folder %s", path);
    if (fsync(fd) < 0)
        return err_errno(e, "fsync folder %s", path);
    return true;
}

bool dir_make(const char *path, unsigned mode, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)1 << 20);
    char *p = arena_cstr(&a, sv_from(path));
    for (char *at = p + 1;; at++) {
        if (*at != '/' && *at != 0)
            continue;
        char keep = *at;
        *at = 0;
        if (mkdir(p, mode) < 0 && errno != EEXIST)
            return err_errno(e, "create folder %s", p);
        *at = keep;
        if (!keep)
            return true;
    }
}

static bool remove_entry(const char *path, struct err *e)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return errno == ENOENT ? true : err_errno(e, "stat %s", path);
    if (S_ISDIR(st.st_mode))
        return dir_remove(path, e);
    return unlink(path) == 0 || errno == ENOENT ? true : err_errno(e, "remove %s", path);
}

static void dir_close(DIR **d)
{
    if (*d)
        closedir(*d);
}

bool dir_remove(const char *path, struct err *e)
{
    CLEANUP(dir_close) DIR *d = opendir(path);
    if (!d)
        return errno == ENOENT ? true : err_errno(e, "open folder %s", path);
    for (struct dirent *entry; (entry = readdir(d));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, (size_t)1 << 16);
        if (!remove_entry(path_join(&a, path, entry->d_name), e))
            return false;
    }
    return rmdir(path) == 0 ? true : err_errno(e, "remove folder %s", path);
}

const char *path_join(struct arena *a, const char *dir, const char *name)
{
    return arena_printf(a, "%s/%s", dir, name).p;
}

bool dir_temp(struct arena *a, const char *prefix, const char **ret, struct err *e)
{
    const char *root = getenv("TMPDIR");
    char *path = arena_cstr(a, arena_printf(a, "%s/%s.XXXXXX", root && *root ? root : "/tmp", prefix));
    if (!mkdtemp(path))
        return err_errno(e, "create %s", path);
    *ret = path;
    return true;
}
