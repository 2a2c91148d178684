/* MD5 (RFC 1321 A.5), RC4 (RFC 6229), AES-CBC (NIST SP 800-38A F.2). */
#include "test.h"

#include <string.h>

#include "crypto/cipher.h"

static struct sv unhex(struct arena *a, const char *hex)
{
    struct sv out;
    ck_assert(hex_decode(a, sv_from(hex), &out));
    return out;
}

static void same(struct arena *a, const void *got, const char *hex)
{
    struct sv want = unhex(a, hex);
    ck_assert_msg(memcmp(got, want.p, want.n) == 0, "%s", hex);
}

TEST(cipher_md5)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    uint8_t d[MD5_SIZE];
    md5_of(SV(""), d);
    same(&a, d, "d41d8cd98f00b204e9800998ecf8427e");
    md5_of(SV("message digest"), d);
    same(&a, d, "f96b697d7cb7938d525a2f31aaf161d0");
    arena_done(&a);
}

TEST(cipher_rc4)
{
    static const struct {
        const char *key, *plain, *sealed;
    } rows[] = {
            {"0102030405",                       "00000000000000000000000000000000", "b2396305f03dc027ccc3524a0a1118a8"},
            {"0102030405060708090a0b0c0d0e0f10", "00000000000000000000000000000000",
             "9ac7cc9a609d1ef7b2932899cde41b97"                                                                        },
    };
    struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char out[16];
        struct sv plain = unhex(&a, rows[i].plain);
        rc4_apply(unhex(&a, rows[i].key), plain, out);
        same(&a, out, rows[i].sealed);
        rc4_apply(unhex(&a, rows[i].key), sv_of(out, plain.n), out);
        same(&a, out, rows[i].plain);
    }
    arena_done(&a);
}

TEST(cipher_aes_cbc)
{
    static const struct {
        const char *key, *sealed;
    } rows[] = {
            {"2b7e151628aed2a6abf7158809cf4f3c",                                 "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
            {"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
             "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"                                                                    },
    };
    static const char *const plain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
    struct arena a;
    arena_init(&a, 1 << 20);
    uint8_t iv[AES_BLOCK_SIZE], out[32];
    for (uint8_t i = 0; i < sizeof(iv); i++)
        iv[i] = i;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sv key = unhex(&a, rows[i].key);
        aes_cbc_encrypt(key, iv, unhex(&a, plain), out);
        same(&a, out, rows[i].sealed);
        aes_cbc_decrypt(key, iv, sv_of(out, sizeof(out)), out);
        same(&a, out, plain);
    }
    arena_done(&a);
}

TEST(cipher_seal_and_open)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    struct sv key = unhex(&a, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"), back;
    for (size_t n = 0; n < 50; n++) {
        char text[50];
        memset(text, 'x', sizeof(text));
        struct sv sealed = aes_cbc_seal(&a, key, sv_of(text, n));
        ck_assert_uint_eq(sealed.n, 32 + n / 16 * 16);
        ck_assert(aes_cbc_open(&a, key, sealed, &back) && sv_eq(back, sv_of(text, n)));
        ck_assert(!aes_cbc_open(&a, key, sv_sub(sealed, 0, sealed.n - 1), &back));
        ck_assert(!aes_cbc_open(&a, key, sv_sub(sealed, 0, 16), &back));
    }
    /* A padding byte that says 0 or 17. */
    uint8_t block[48] = {0}, iv[16] = {0};
    for (int pad = 0; pad <= 17; pad += 17) {
        block[47] = (uint8_t)pad;
        aes_cbc_encrypt(key, iv, sv_of(block + 16, 32), block + 16);
        ck_assert(!aes_cbc_open(&a, key, sv_of(block, 48), &back));
    }
    arena_done(&a);
}
