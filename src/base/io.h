/* Files. Reading is bounded; writing is whole or not at all: temporary file, fsync, rename, fsync of the folder. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include "base/arena.h"
#include "base/err.h"

MUST_CHECK bool file_read(struct arena *a, const char *path, size_t limit, struct sv *ret, struct err *e);
/* Replaces or creates path; the old file or the whole new one is there at any moment. A link stays, and the file it
 * leads to is replaced; a device or pipe is written to as it is. */
MUST_CHECK bool file_write(const char *path, struct sv bytes, unsigned mode, struct err *e);
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
