/* Documents, named by the SHA-256 of their plain bytes (64 hexadecimal digits, lower case). Never changed, sealed at
 * rest with a key a document (AES-256-GCM); that key is wrapped by the platform key, so that disposing of a document is
 * removing its wrapped key: copies in backups of the sealed bytes become unreadable. Any thread and any process may use
 * a store.
 *
 * The folder driver: ROOT/data/ab/<id> sealed bytes, ROOT/keys/ab/<id> wrapped keys (back these up apart),
 * ROOT/gone/ab/<id> names of disposed documents. A put is durable when it returns: file and folder are synced.
 */
#ifndef BLOB_BLOB_H
#define BLOB_BLOB_H

#include "base/base.h"
#include "crypto/secret.h"

#define BLOB_ID_LEN 64
#define BLOB_LIMIT  ((size_t)128 << 20)

struct blob_store;
struct blob_info {
    size_t size; /* of the plain bytes */
};

/* key: 32 bytes, borrowed until blob_close. Creates the folder. */
MUST_CHECK bool blob_open_folder(const char *root, const struct secret *key, struct blob_store **ret, struct err *e);
void blob_close(struct blob_store *s);
DEFINE_CLEANUP(struct blob_store *, blob_cleanup, blob_close)

/* Stores bytes (idempotent; a damaged copy is replaced by the good bytes) and gives their name, in a. TOO_LARGE
 * blob_too_large; IO. */
MUST_CHECK bool blob_put(struct blob_store *s, struct arena *a, struct sv bytes, struct sv *ret_id, struct err *e);
/* The bytes, hash checked. NOT_FOUND blob_not_found; GONE blob_disposed; CORRUPT blob_corrupt; IO. */
MUST_CHECK bool blob_get(struct blob_store *s, struct arena *a, struct sv id, struct sv *ret, struct err *e);
/* Without reading the bytes: same errors but CORRUPT only when a file has an impossible size. */
MUST_CHECK bool blob_stat(struct blob_store *s, struct sv id, struct blob_info *ret, struct err *e);
MUST_CHECK bool blob_exists(struct blob_store *s, struct sv id, bool *ret, struct err *e);
/* Makes the document unreadable for ever. NOT_FOUND when it was never there; a second time is fine. */
MUST_CHECK bool blob_dispose(struct blob_store *s, struct sv id, struct err *e);
/* For tests, before the first use; app passes it on only when the mode is not production: "N" makes the N-th changing
 * step of this store fail with IO, "N:kill" ends the process there. */
MUST_CHECK bool blob_set_fault(struct blob_store *s, struct sv fault, struct err *e);
/* The name bytes would get; stores nothing. */
struct sv blob_id_of(struct arena *a, struct sv bytes);
bool blob_id_is_valid(struct sv id);

#endif
