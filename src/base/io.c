/* Files and folders; see io.h. */
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

bool file_read(struct arena *a, const char *path, size_t limit, struct sv *ret, struct err *e)
{
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, "open %s", path);
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_errno(e, "stat %s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_IO, "%s is not a regular file", path);
    if ((uint64_t)st.st_size > limit)
        return err_set(e, ERR_TOO_LARGE, "%s is larger than %zu bytes", path, limit);
    size_t size = (size_t)st.st_size, n = 0;
    char *p = arena_alloc(a, size + 1);
    while (n < size) {
        ssize_t got = read(fd, p + n, size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(e, "read %s", path);
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *ret = (struct sv){p, n};
    return true;
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

static bool write_temporary(const char *temp, struct sv bytes, unsigned mode, struct err *e)
{
    CLEANUP(fd_close) int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return err_errno(e, "create %s", temp);
    if (!write_all(fd, bytes))
        return err_errno(e, "write %s", temp);
    if (fsync(fd) < 0)
        return err_errno(e, "fsync %s", temp);
    return true;
}

/* A device or pipe has no old content to keep, and rename(2) would put a file in its place. */
static bool write_stream(const char *path, struct sv bytes, struct err *e)
{
    CLEANUP(fd_close) int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, "open %s", path);
    return write_all(fd, bytes) || err_errno(e, "write %s", path);
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

bool file_write(const char *path, struct sv bytes, unsigned mode, struct err *e)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return write_stream(path, bytes, e);
    CLEANUP(arena_done) struct arena a;
    unsigned char random[6];
    arena_init(&a, (size_t)1 << 20);
    path = behind_link(&a, path);
    random_bytes(random, sizeof(random));
    struct sv suffix = hex_encode(&a, sv_of(random, sizeof(random)));
    const char *temp = arena_printf(&a, "%s.%.*s.tmp", path, SV_ARG(suffix)).p;
    if (!write_temporary(temp, bytes, mode, e)) {
        unlink(temp);
        return false;
    }
    if (rename(temp, path) < 0) {
        err_errno(e, "rename to %s", path);
        unlink(temp);
        return false;
    }
    return dir_sync(parent_of(&a, path), e);
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
