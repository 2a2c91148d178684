/* Secrets: bytes between guard pages, locked where the system allows, left out of core dumps, wiped when freed. The
 * struct is opaque so that it cannot be printed or copied by accident; secret_view is the one way in. Also here:
 * password hashes, sealing (authenticated encryption), purpose keys, and keyed look-up hashes. */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H

#include "base/arena.h"
#include "base/err.h"

struct secret;

struct secret *secret_new(struct sv bytes); /* copies; the caller wipes the original */
struct secret *secret_random(size_t n);
void secret_free(struct secret *s);
DEFINE_CLEANUP(struct secret *, secret_cleanup, secret_free)
/* Borrowed until secret_free. Never put it into an arena, a log or an error. */
struct sv secret_view(const struct secret *s);
/* From a regular file owned by this user (or root) that nobody else can read (no group or other bits). One final
 * end-of-line is cut off. Errors: NOT_FOUND, IO; FORBIDDEN "secret_file_open" for wrong mode or owner; BAD_INPUT
 * outside [min, max] bytes. */
MUST_CHECK bool secret_load(const char *path, size_t min, size_t max, struct secret **ret, struct err *e);
/* As secret_load; when the file is missing, first creates it (mode 0600) with n random bytes. */
MUST_CHECK bool secret_load_or_make(const char *path, size_t n, struct secret **ret, struct err *e);

/* HKDF-SHA256 (RFC 5869) of a master secret: one key of n bytes (<= 64) a purpose ("seal person v1") and context
 * (tenant id or empty). Different purposes or contexts give unrelated keys. */
struct secret *secret_derive(const struct secret *master, const char *purpose, struct sv context, size_t n);

/* Argon2id, 19 MiB, 2 passes, 1 lane, 16 bytes of salt: "$argon2id$v=19$m=19456,t=2,p=1$…$…". Takes about 30 ms and 19
 * MiB. */
MUST_CHECK bool password_hash(struct arena *a, struct sv password, struct sv *ret, struct err *e);
/* *ret_ok: the password is right. False only when the stored string is not an Argon2id hash with sane cost (CORRUPT).
 */
MUST_CHECK bool password_verify(struct sv password, struct sv encoded, bool *ret_ok, struct err *e);
/* The stored hash is weaker than what password_hash makes now: hash again after a good log-in. */
bool password_is_dated(struct sv encoded);

/* AES-256-GCM. key: 32 bytes. Sealed form: version byte 1, 12 random bytes of nonce, ciphertext, 16 bytes of tag; aad
 * is bound but not stored (row id, purpose). At most 2^32 seals a key (SP 800-38D 8.3). */
#define SEAL_OVERHEAD 29
#define SEAL_KEY_SIZE 32
struct sv seal(struct arena *a, const struct secret *key, struct sv aad, struct sv plain);
/* CORRUPT when key, aad or bytes do not fit together; nothing of the plain text is given out then. */
MUST_CHECK bool seal_open(struct arena *a, const struct secret *key, struct sv aad, struct sv sealed, struct sv *ret,
                          struct err *e);
/* The same for secrets (private keys, data keys). */
struct sv seal_secret(struct arena *a, const struct secret *key, struct sv aad, const struct secret *plain);
MUST_CHECK bool seal_open_secret(const struct secret *key, struct sv aad, struct sv sealed, struct secret **ret,
                                 struct err *e);

/* HMAC-SHA256 of a normalised value under a look-up key, 64 hexadecimal digits: equal values can be found, none can be
 * guessed without the key. */
struct sv lookup_hash(struct arena *a, const struct secret *key, struct sv value);

#endif
