/* Argon2id password hashes (RFC 9106; cost after the second recommendation of OWASP); see secret.h. */
#include <argon2.h>
#include <string.h>

#include "base/base.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

enum { MEMORY_KIB = 19456, PASSES = 2, LANES = 1, SALT = 16, HASH = 32 };
/* A stored string may not ask for more than this: 256 MiB, 16 passes. */
enum { MEMORY_MAX = 262144, PASSES_MAX = 16, LANES_MAX = 8, ENCODED_MAX = 256, PASSWORD_MAX = 1024 };

struct cost {
    uint64_t memory, passes, lanes;
};

static bool number(struct sv *rest, const char *name, char end, uint64_t max, uint64_t *ret)
{
    if (!sv_starts(*rest, sv_from(name)))
        return false;
    *rest = sv_skip(*rest, strlen(name));
    return sv_u64(sv_cut(rest, end), max, ret);
}

static bool cost_of(struct sv encoded, struct cost *ret)
{
    struct sv rest = encoded;
    uint64_t version;
    if (encoded.n > ENCODED_MAX || !sv_starts(rest, SV("$argon2id$")))
        return false;
    rest = sv_skip(rest, SV("$argon2id$").n);
    return number(&rest, "v=", '$', ARGON2_VERSION_NUMBER, &version) &&
           number(&rest, "m=", ',', MEMORY_MAX, &ret->memory) && number(&rest, "t=", ',', PASSES_MAX, &ret->passes) &&
           number(&rest, "p=", '$', LANES_MAX, &ret->lanes);
}

bool password_hash(struct arena *a, struct sv password, struct sv *ret, struct err *e)
{
    if (password.n > PASSWORD_MAX)
        return err_user(e, ERR_BAD_INPUT, "password_too_long", NULL, "password of %zu bytes", password.n);
    uint8_t salt[SALT];
    char encoded[ENCODED_MAX];
    random_bytes(salt, sizeof(salt));
    int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password.p, password.n, salt, SALT, HASH, encoded,
                                   sizeof(encoded));
    if (rc != ARGON2_OK)
        return err_set(e, ERR_INTERNAL, "argon2: %s", argon2_error_message(rc));
    *ret = arena_sv(a, sv_from(encoded));
    return true;
}

bool password_verify(struct sv password, struct sv encoded, bool *ret_ok, struct err *e)
{
    struct cost cost;
    *ret_ok = false;
    if (!cost_of(encoded, &cost) || memchr(encoded.p, 0, encoded.n))
        return err_set(e, ERR_CORRUPT, "stored password hash is not Argon2id within the limits");
    if (password.n > PASSWORD_MAX)
        return true;
    char text[ENCODED_MAX + 1];
    memcpy(text, encoded.p, encoded.n);
    text[encoded.n] = 0;
    int rc = argon2id_verify(text, password.p ? password.p : "", password.n);
    *ret_ok = rc == ARGON2_OK;
    if (rc != ARGON2_OK && rc != ARGON2_VERIFY_MISMATCH)
        return err_set(e, ERR_CORRUPT, "stored password hash: %s", argon2_error_message(rc));
    return true;
}

bool password_is_dated(struct sv encoded)
{
    struct cost c;
    return !cost_of(encoded, &c) || c.memory < MEMORY_KIB || c.passes < PASSES;
}
