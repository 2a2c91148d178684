/* From a password to the key of the file (ISO 32000-2 7.6.4.3 and 7.6.4.4); see crypt_priv.h. */
#include <string.h>

#include "crypto/cipher.h"
#include "crypto/digest.h"
#include "pdf/crypt_priv.h"

#define PAD_N      32
#define LONGEST    127 /* bytes of a password that count, R 5 and 6 */
#define SALTED_MAX (LONGEST + DIGEST_MAX + 48)

static const uint8_t zero_iv[AES_BLOCK_SIZE];

/* ---- R 2 to 4 ---- */

static const uint8_t padding[PAD_N] = {0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E,
                                       0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00, 0xB6, 0xD0, 0x68,
                                       0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A};

static void padded(struct sv password, uint8_t ret[PAD_N])
{
    size_t n = password.n < PAD_N ? password.n : PAD_N;
    if (n)
        memcpy(ret, password.p, n);
    memcpy(ret + n, padding, PAD_N - n);
}

static void md5_again(uint8_t hash[MD5_SIZE], size_t n, int times)
{
    for (int i = 0; i < times; i++)
        md5_of(sv_of(hash, n), hash);
}

/* Once with the key, then with the key xor 1 to 19; backwards to undo. */
static void rc4_rounds(struct sv key, uint8_t *bytes, size_t n, bool backwards)
{
    for (unsigned i = 0; i < 20; i++) {
        uint8_t round[16], x = (uint8_t)(backwards ? 19 - i : i);
        for (size_t k = 0; k < key.n; k++)
            round[k] = (uint8_t)key.p[k] ^ x;
        rc4_apply(sv_of(round, key.n), sv_of(bytes, n), bytes);
    }
}

/* Algorithm 2. */
static void old_key(const struct crypt *c, const struct crypt_secrets *s, const uint8_t pass[PAD_N], uint8_t ret[16])
{
    uint8_t p[4];
    for (size_t i = 0; i < sizeof(p); i++)
        p[i] = (uint8_t)(c->permissions >> (8 * i));
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_bytes(&b, pass, PAD_N);
    buf_add(&b, sv_sub(s->o, 0, PAD_N));
    buf_add_bytes(&b, p, sizeof(p));
    buf_add(&b, s->id);
    if (c->r >= 4 && !c->metadata)
        buf_add(&b, SV("\xFF\xFF\xFF\xFF"));
    md5_of(buf_sv(&b), ret);
    if (c->r >= 3)
        md5_again(ret, c->key_n, 50);
    if (b.p)
        bytes_wipe(b.p, b.n);
}

/* Algorithms 4 to 6: is this the key that U was made with? */
static bool old_key_fits(struct arena *a, const struct crypt *c, const struct crypt_secrets *s, const uint8_t key[16])
{
    uint8_t made[PAD_N];
    struct sv k = sv_of(key, c->key_n);
    if (c->r == 2) {
        rc4_apply(k, sv_of(padding, PAD_N), made);
        return bytes_equal(sv_of(made, PAD_N), sv_sub(s->u, 0, PAD_N));
    }
    md5_of(arena_concat(a, sv_of(padding, PAD_N), s->id), made);
    rc4_rounds(k, made, MD5_SIZE, false);
    return bytes_equal(sv_of(made, MD5_SIZE), sv_sub(s->u, 0, MD5_SIZE));
}

static bool old_user(struct arena *a, struct crypt *c, const struct crypt_secrets *s, const uint8_t pass[PAD_N])
{
    uint8_t key[16];
    old_key(c, s, pass, key);
    bool fits = old_key_fits(a, c, s, key);
    if (fits)
        memcpy(c->key, key, c->key_n);
    bytes_wipe(key, sizeof(key));
    return fits;
}

/* Algorithm 7: O hides the user's password under the owner's. */
static bool old_owner(struct arena *a, struct crypt *c, const struct crypt_secrets *s, const uint8_t pass[PAD_N])
{
    uint8_t key[MD5_SIZE], user[PAD_N];
    md5_of(sv_of(pass, PAD_N), key);
    memcpy(user, s->o.p, PAD_N);
    if (c->r >= 3) {
        md5_again(key, MD5_SIZE, 50);
        rc4_rounds(sv_of(key, c->key_n), user, PAD_N, true);
    } else {
        rc4_apply(sv_of(key, c->key_n), sv_of(user, PAD_N), user);
    }
    c->owner = old_user(a, c, s, user);
    bytes_wipe(user, sizeof(user));
    bytes_wipe(key, sizeof(key));
    return c->owner;
}

static bool old_try(struct arena *a, struct crypt *c, const struct crypt_secrets *s, struct sv password)
{
    uint8_t pass[PAD_N];
    padded(password, pass);
    bool fits = old_owner(a, c, s, pass) || old_user(a, c, s, pass);
    bytes_wipe(pass, sizeof(pass));
    return fits;
}

/* ---- R 5 and 6 ---- */

/* The sum of the first 16 bytes modulo 3 is that of the number they write, since 256 is 1 modulo 3. */
static enum digest_alg next_digest(const uint8_t *bytes)
{
    static const enum digest_alg algs[] = {DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};
    unsigned sum = 0;
    for (size_t i = 0; i < 16; i++)
        sum += bytes[i];
    return algs[sum % 3];
}

/* Algorithm 2.B. */
static void hash_6(struct arena *a, struct sv password, struct sv user, struct digest *k)
{
    uint8_t *bytes = arena_alloc(a, (size_t)64 * SALTED_MAX);
    unsigned last = 0;
    for (unsigned i = 0; i < 64 || last > i - 32; i++) {
        struct sv parts[] = {password, digest_sv(k), user};
        size_t n = 0;
        for (size_t copy = 0; copy < 64; copy++) {
            for (size_t p = 0; p < COUNT(parts); p++) {
                if (parts[p].n)
                    memcpy(bytes + n, parts[p].p, parts[p].n);
                n += parts[p].n;
            }
        }
        uint8_t iv[AES_BLOCK_SIZE];
        memcpy(iv, k->bytes + 16, sizeof(iv));
        aes_cbc_encrypt(sv_of(k->bytes, 16), iv, sv_of(bytes, n), bytes);
        last = bytes[n - 1];
        *k = digest_of(next_digest(bytes), sv_of(bytes, n));
    }
    bytes_wipe(bytes, (size_t)64 * SALTED_MAX);
}

static struct digest salted_hash(struct arena *a, int r, struct sv password, struct sv salt, struct sv user)
{
    struct digest k = digest_of(DIGEST_SHA256, arena_concat(a, arena_concat(a, password, salt), user));
    if (r >= 6)
        hash_6(a, password, user, &k);
    k.n = 32;
    return k;
}

/* Algorithm 2.A: check (32 bytes), then validation salt and key salt (8 each). user: U for the owner, else empty. */
static bool new_fits(struct arena *a, struct crypt *c, struct sv password, struct sv check, struct sv wrapped,
                     struct sv user)
{
    struct digest k = salted_hash(a, c->r, password, sv_sub(check, 32, 8), user);
    if (!bytes_equal(digest_sv(&k), sv_sub(check, 0, 32)))
        return false;
    k = salted_hash(a, c->r, password, sv_sub(check, 40, 8), user);
    aes_cbc_decrypt(digest_sv(&k), zero_iv, sv_sub(wrapped, 0, 32), c->key);
    bytes_wipe(&k, sizeof(k));
    return true;
}

/* Algorithm 13: what /Perms says counts where /P was changed to allow more. */
static void new_permissions(struct crypt *c, struct sv perms)
{
    uint8_t plain[AES_BLOCK_SIZE] = {0};
    if (perms.n >= AES_BLOCK_SIZE)
        aes_cbc_decrypt(sv_of(c->key, 32), zero_iv, sv_sub(perms, 0, AES_BLOCK_SIZE), plain);
    if (memcmp(plain + 9, "adb", 3) != 0) {
        c->permissions = 0;
        return;
    }
    c->permissions &=
            (uint32_t)plain[0] | (uint32_t)plain[1] << 8 | (uint32_t)plain[2] << 16 | (uint32_t)plain[3] << 24;
}

static bool new_try(struct arena *a, struct crypt *c, const struct crypt_secrets *s, struct sv password)
{
    password = sv_sub(password, 0, LONGEST);
    struct sv user = sv_sub(s->u, 0, 48);
    c->owner = s->o.n >= 48 && s->oe.n >= 32 && new_fits(a, c, password, s->o, s->oe, user);
    if (!c->owner && !new_fits(a, c, password, s->u, s->ue, (struct sv){0}))
        return false;
    new_permissions(c, s->perms);
    return true;
}

/* ---- spellings of a password ---- */

/* RFC 3454 tables C.1.2 (become a blank) and B.1 (become nothing). */
static uint32_t mapped_char(uint32_t c)
{
    if (c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000)
        return ' ';
    if (c == 0xAD || c == 0x34F || c == 0x1806 || (c >= 0x180B && c <= 0x180D) || (c >= 0x200B && c <= 0x200D) ||
        c == 0x2060 || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF)
        return 0;
    return c;
}

static struct sv mapped(struct arena *a, struct sv utf8)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, utf8.n + 4);
    while (utf8.n) {
        uint32_t c = mapped_char(sv_next_char(&utf8));
        if (c)
            buf_add_utf8(&b, c);
    }
    return arena_sv(a, buf_sv(&b));
}

bool crypt_try(struct arena *a, struct crypt *c, const struct crypt_secrets *s, struct sv password)
{
    bool old = c->r <= 4;
    if (old ? old_try(a, c, s, password) : new_try(a, c, s, password))
        return true;
    struct sv other;
    if (!password.n || !sv_is_utf8(password))
        return false;
    if (old)
        return obj_pdfdoc(a, password, &other) && !sv_eq(other, password) && old_try(a, c, s, other);
    other = mapped(a, password);
    return !sv_eq(other, password) && new_try(a, c, s, other);
}
