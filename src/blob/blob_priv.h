/* What a driver must do: keep three kinds of small or large files by id. Everything about names, keys and checks is in
 * blob.c, so that an object store is a second table of these functions. */
#ifndef BLOB_BLOB_PRIV_H
#define BLOB_BLOB_PRIV_H

#include <pthread.h>

#include "blob/blob.h"

enum blob_kind { BLOB_DATA, BLOB_KEY, BLOB_GONE, BLOB_KIND__N };

struct blob_driver {
    /* NOT_FOUND when there is none. */
    bool (*read)(void *ctx, struct arena *a, enum blob_kind kind, struct sv id, size_t limit, struct sv *ret,
                 struct err *e);
    /* Whole and durable when it returns. only_new: an existing one stays, and CONFLICT comes back. */
    bool (*write)(void *ctx, enum blob_kind kind, struct sv id, struct sv bytes, bool only_new, struct err *e);
    bool (*size)(void *ctx, enum blob_kind kind, struct sv id, size_t *ret, struct err *e);
    bool (*remove)(void *ctx, enum blob_kind kind, struct sv id, struct err *e); /* missing is fine */
    /* Puts share, a disposal excludes them, over all processes. */
    bool (*lock)(void *ctx, bool exclusive, int *ret_handle, struct err *e);
    void (*unlock)(void *ctx, int handle);
    void (*close)(void *ctx);
};

struct blob_store {
    const struct blob_driver *driver;
    void *ctx;
    const struct secret *key;
    pthread_mutex_t lock; /* guards steps */
    uint64_t steps, fail_at;
    bool kill;
};

struct blob_store *blob_store_new(const struct blob_driver *driver, void *ctx, const struct secret *key);
/* The point before a changing step: false when the test asked for a failure here. */
MUST_CHECK bool blob_step(struct blob_store *s, struct err *e);

#endif
