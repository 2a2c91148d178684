/* Files. Reading is bounded; writing is whole or not at all: temporary file, fsync, rename, fsync of the folder. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include "base/arena.h"
#include "base/err.h"

MUST_CHECK bool file_read(struct arena *a, const char *path, size_t limit, struct sv *ret, struct err *e);
/* Into memory of the caller. *ret_n: size of the file; when it is larger than room, nothing was read. */
MUST_CHECK bool file_read_into(const char *path, char *to, size_t room, size_t *ret_n, struct err *e);

/* A file to look at: in a buffer, or mapped when it is large, so that memory does not grow with it. A mapped file that
 * somebody cuts short meanwhile ends the program with SIGBUS: for the command line, not for servers. May be opened
 * again and again, which uses the buffer again; {0} to begin with. */
#define FILE_VIEW_MAPS ((size_t)4 << 20) /* from this size on */
struct file_view {
    struct sv bytes;
    char *buffer;
    size_t room;
    bool mapped;
};
MUST_CHECK bool file_view_open(struct file_view *v, const char *path, size_t limit, struct err *e);
void file_view_done(struct file_view *v);
/* Gives back the memory of a part that has been gone through; it may be looked at again. */
void file_view_forget(const struct file_view *v, struct sv part);

/* Replaces or creates path; the old file or the whole new one is there at any moment. A link stays, and the file it
 * leads to is replaced; a device or pipe is written to as it is. */
MUST_CHECK bool file_write(const char *path, struct sv bytes, unsigned mode, struct err *e);
/* The same in pieces: what was written can be looked at under file_out_path before file_out_commit gives it its name.
 * file_out_done, in any case at the end, removes what was not committed. */
struct file_out {
    int fd;
    char *path, *temp; /* malloc; temp NULL: for a device or pipe, kept in memory until the commit */
    char link[32];     /* of that memory under /proc */
};
#define FILE_OUT_INIT ((struct file_out){.fd = -1})
MUST_CHECK bool file_out_open(struct file_out *o, const char *path, unsigned mode, struct err *e);
MUST_CHECK bool file_out_add(struct file_out *o, struct sv bytes, struct err *e);
const char *file_out_path(const struct file_out *o);
MUST_CHECK bool file_out_commit(struct file_out *o, struct err *e);
void file_out_done(struct file_out *o);
bool file_exists(const char *path);
/* Creates path and its missing parents; existing folders are fine. */
MUST_CHECK bool dir_make(const char *path, unsigned mode, struct err *e);
MUST_CHECK bool dir_sync(const char *path, struct err *e);
/* Removes the folder and all below it; a missing one is fine. Does not follow links. */
MUST_CHECK bool dir_remove(const char *path, struct err *e);
const char *path_join(struct arena *a, const char *dir, const char *name);
/* A fresh private folder under $TMPDIR or /tmp; the caller removes it. */
MUST_CHECK bool dir_temp(struct arena *a, const char *prefix, const char **ret, struct err *e);

/* close(2) as a clean-up. */
void fd_close(int *fd);

#endif
