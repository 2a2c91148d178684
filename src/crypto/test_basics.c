/* Digests against published vectors, secrets, passwords, sealing, and DER. */
#include "test.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/der_priv.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

static struct arena A;
static struct err E;

static struct sv unhex(const char *s)
{
    struct sv ret;
    if (!A.limit)
        arena_init(&A, (size_t)64 << 20);
    ck_assert(hex_decode(&A, sv_from(s), &ret));
    return ret;
}

static void check_digest(enum digest_alg alg, struct sv in, const char *want)
{
    struct digest d = digest_of(alg, in);
    ASSERT_SV(digest_sv(&d), unhex(want));
    CLEANUP(digest_stream_cleanup) struct digest_stream *s = digest_stream_new(alg);
    for (size_t i = 0; i < in.n; i++)
        digest_stream_add(s, sv_sub(in, i, 1));
    struct digest byte_wise = digest_stream_finish(s);
    ck_assert(digest_eq(&d, &byte_wise));
}

TEST(digest_vectors)
{
    check_digest(DIGEST_SHA1, SV("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d"); /* FIPS 180-2 A.1 */
    check_digest(DIGEST_SHA256, SV("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_digest(DIGEST_SHA384, SV("abc"),
                 "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
    check_digest(DIGEST_SHA512, SV("abc"),
                 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4"
                 "423643ce80e"
                 "2a9ac94fa54ca49f");
    /* GB/T 32905-2016 A.1, A.2 */
    check_digest(DIGEST_SM3, SV("abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    check_digest(DIGEST_SM3, SV("abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd"),
                 "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

TEST(digest_names_and_oids_go_both_ways)
{
    for (int i = 1; i < DIGEST__N; i++) {
        enum digest_alg alg = DIGEST_NONE;
        ck_assert(digest_by_name(sv_from(digest_name((enum digest_alg)i)), &alg) == (i <= DIGEST_SM3) &&
                  (i > DIGEST_SM3 || (int)alg == i));
        ck_assert(digest_by_oid(sv_from(digest_oid((enum digest_alg)i)), &alg) && (int)alg == i);
    }
    enum digest_alg alg;
    ck_assert(!digest_by_name(SV("md5"), &alg));
    struct digest d;
    ck_assert(!digest_from(DIGEST_SHA256, SV("short"), &d));
}

TEST(hmac_vector)
{
    /* RFC 4231 test case 2 */
    struct digest d = hmac_of(DIGEST_SHA256, SV("Jefe"), SV("what do ya want for nothing?"));
    ASSERT_SV(digest_sv(&d), unhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

TEST(bytes_equal_compares_whole)
{
    ck_assert(bytes_equal(SV("abc"), SV("abc")) && !bytes_equal(SV("abc"), SV("abd")) &&
              !bytes_equal(SV("abc"), SV("ab")));
    ck_assert(bytes_equal(SV(""), SV("")));
}

TEST(seal_opens_only_with_key_and_place)
{
    arena_init(&A, 1 << 20);
    CLEANUP(secret_cleanup) struct secret *k = secret_random(32), *other = secret_random(32);
    struct sv sealed = seal(&A, k, SV("row 7"), SV("secret text")), plain;
    ck_assert_uint_eq(sealed.n, 11 + SEAL_OVERHEAD);
    ASSERT_OK(seal_open(&A, k, SV("row 7"), sealed, &plain, &E), E);
    ASSERT_SV(plain, SV("secret text"));
    ck_assert(!seal_open(&A, k, SV("row 8"), sealed, &plain, &E) && E.code == ERR_CORRUPT && plain.n == 0);
    ck_assert(!seal_open(&A, other, SV("row 7"), sealed, &plain, &E));
    for (size_t i = 0; i < sealed.n; i++) {
        struct sv bad = arena_sv(&A, sealed);
        ((char *)bad.p)[i] ^= 1;
        ck_assert(!seal_open(&A, k, SV("row 7"), bad, &plain, &E));
        ck_assert(!seal_open(&A, k, SV("row 7"), sv_sub(sealed, 0, i), &plain, &E));
    }
    struct sv empty = seal(&A, k, SV(""), SV(""));
    ASSERT_OK(seal_open(&A, k, SV(""), empty, &plain, &E), E);
    ck_assert(!sv_eq(empty, seal(&A, k, SV(""), SV(""))));
    struct sv sealed_key = seal_secret(&A, k, SV("key"), other);
    CLEANUP(secret_cleanup) struct secret *back = NULL;
    ASSERT_OK(seal_open_secret(k, SV("key"), sealed_key, &back, &E), E);
    ck_assert(bytes_equal(secret_view(back), secret_view(other)));
    arena_done(&A);
}

TEST(seal_is_aes_256_gcm)
{
    /* McGrew & Viega, "The Galois/Counter Mode of Operation", test case 16: our sealed form around the published
     * values. */
    CLEANUP(secret_cleanup)
    struct secret *k = secret_new(unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
    struct sv sealed = unhex("01cafebabefacedbaddecaf888522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1a"
                             "a8cb08e48590dbb3d"
                             "a7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"),
              plain;
    ASSERT_OK(seal_open(&A, k, unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), sealed, &plain, &E), E);
    ASSERT_SV(plain, unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a"
                           "6b525b16aedf5aa0d"
                           "e657ba637b39"));
}

TEST(derived_keys_differ_by_purpose_and_context)
{
    CLEANUP(secret_cleanup) struct secret *m = secret_random(32);
    CLEANUP(secret_cleanup)
    struct secret *x = secret_derive(m, "person", SV("a"), 32), *y = secret_derive(m, "person", SV("a"), 32),
                  *z = secret_derive(m, "person", SV("b"), 32), *w = secret_derive(m, "persona", SV(""), 32);
    ck_assert(bytes_equal(secret_view(x), secret_view(y)));
    ck_assert(!bytes_equal(secret_view(x), secret_view(z)) && !bytes_equal(secret_view(x), secret_view(w)));
    arena_init(&A, 1 << 16);
    ck_assert(sv_eq(lookup_hash(&A, x, SV("1")), lookup_hash(&A, y, SV("1"))));
    ck_assert(!sv_eq(lookup_hash(&A, x, SV("1")), lookup_hash(&A, z, SV("1"))));
    arena_done(&A);
}

TEST(passwords)
{
    arena_init(&A, 1 << 20);
    struct sv h;
    bool ok = false;
    ASSERT_OK(password_hash(&A, SV("correct horse"), &h, &E), E);
    ck_assert(sv_starts(h, SV("$argon2id$v=19$m=19456,t=2,p=1$")) && !password_is_dated(h));
    ck_assert(password_verify(SV("correct horse"), h, &ok, &E) && ok);
    ck_assert(password_verify(SV("correct horsf"), h, &ok, &E) && !ok);
    ck_assert(password_verify(SV(""), h, &ok, &E) && !ok);
    /* A row that asks for 4 GiB, another scheme, garbage. */
    ck_assert(!password_verify(SV("x"), SV("$argon2id$v=19$m=4194304,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA"), &ok, &E));
    ck_assert(!password_verify(SV("x"), SV("$2b$10$abc"), &ok, &E) && !password_verify(SV("x"), SV(""), &ok, &E));
    ck_assert(password_is_dated(SV("$argon2id$v=19$m=4096,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA")));
    arena_done(&A);
}

TEST(secret_files_must_be_private)
{
    arena_init(&A, 1 << 20);
    const char *dir = NULL;
    ASSERT_OK(dir_temp(&A, "secret", &dir, &E), E);
    const char *path = path_join(&A, dir, "master");
    CLEANUP(secret_cleanup) struct secret *s = NULL, *again = NULL, *none = NULL;
    ck_assert(!secret_load(path, 1, 64, &none, &E) && E.code == ERR_NOT_FOUND);
    ASSERT_OK(secret_load_or_make(path, 32, &s, &E), E);
    ASSERT_OK(secret_load_or_make(path, 32, &again, &E), E);
    ck_assert(secret_view(s).n == 32 && bytes_equal(secret_view(s), secret_view(again)));
    ck_assert(!secret_load(path, 1, 10, &none, &E) && E.code == ERR_BAD_INPUT);
    ck_assert(chmod(path, 0640) == 0);
    ck_assert(!secret_load(path, 1, 64, &none, &E) && strcmp(E.reason, "secret_file_open") == 0);
    ASSERT_OK(file_write(path, SV("pass word\r\n"), 0600, &E), E);
    ASSERT_OK(secret_load(path, 1, 64, &none, &E), E);
    ASSERT_SV(secret_view(none), SV("pass word"));
    ASSERT_OK(dir_remove(dir, &E), E);
    arena_done(&A);
}

TEST(der_reader_is_strict)
{
    static const struct {
        const char *hex;
        bool ok;
    } cases[] = {
            {"0500",                       true },
            {"05",                         false},
            {"0501",                       false},
            {"04817f",                     false},
            {"048105aabbccddee",           true },
 /* longer than need be: read as it stands */
            {"0482000100",                 true },
            {"04890000000000000000010000", false},
            {"3080020101",                 false},
            {"1f0100",                     false},
            {"048480000000",               false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct der d = der_open(unhex(cases[i].hex));
        struct der_item item;
        ck_assert_msg(der_next(&d, &item) == cases[i].ok && d.bad != cases[i].ok, "case %zu", i);
    }
}

TEST(der_values_survive_a_round_trip)
{
    arena_init(&A, 1 << 20);
    static const int64_t numbers[] = {0, 1, -1, 127, 128, -128, -129, 255, 256, 65535, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct der d = der_open(der_int(&A, numbers[i]));
        int64_t v = 77;
        ck_assert(der_int_small(der_take(&d, DER_INTEGER), &v) && v == numbers[i] && der_done(&d));
    }
    static const char *const oids[] = {"1.2.156.10197.1.501", "2.16.840.1.101.3.4.2.1", "2.999.3", "0.9.2342"};
    for (size_t i = 0; i < COUNT(oids); i++) {
        struct der d = der_open(der_oid(&A, oids[i]));
        ASSERT_SV(der_oid_text(&A, der_take(&d, DER_OID)), sv_from(oids[i]));
    }
    static const int64_t times[] = {0, 1772323200000, 2524607999000, 2524608000000, 4102444800000};
    for (size_t i = 0; i < COUNT(times); i++) {
        struct der d = der_open(der_time_x509(&A, times[i])), g = der_open(der_time_general(&A, times[i] + 120, true));
        struct der_item item, general;
        int64_t t = -1;
        ck_assert(der_next(&d, &item) && der_time(item.tag, item.body, &t) && t == times[i]);
        ck_assert(der_next(&g, &general) && der_time(general.tag, general.body, &t) && t == times[i] + 120);
        ck_assert_int_eq(item.tag, times[i] < 2524608000000 ? DER_UTC_TIME : DER_GENERAL_TIME);
    }
    int64_t t;
    ck_assert(!der_time(DER_GENERAL_TIME, SV("20260230000000Z"), &t) &&
              !der_time(DER_GENERAL_TIME, SV("20260201000000"), &t));
    /* BER: an offset, UTCTime without seconds */
    ck_assert(der_time(DER_GENERAL_TIME, SV("20260301080000+0800"), &t) && t == 1772323200000);
    ck_assert(der_time(DER_UTC_TIME, SV("2603010000Z"), &t) && t == 1772323200000);
    ck_assert(der_time(DER_UTC_TIME, SV("260228190000-0500"), &t) && t == 1772323200000);
    ck_assert(!der_time(DER_GENERAL_TIME, SV("202602010000Z"), &t) &&
              !der_time(DER_UTC_TIME, SV("260201000000+08"), &t) &&
              !der_time(DER_UTC_TIME, SV("260201000000+2400"), &t));
    arena_done(&A);
}

TEST(ber_becomes_der)
{
    struct sv der = {0};
    size_t used = 0;
    ck_assert(ber_to_der(&A, unhex("30800201052480040141040142000000000000"), &der, &used));
    ASSERT_SV(der, unhex("300702010504024142"));
    ck_assert_uint_eq(used, 17);
    static const char *const bad[] = {"3080", "30800201", "04800401410000", "3080248002010100000000", "0000", ""};
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!ber_to_der(&A, unhex(bad[i]), &der, &used), "case %zu", i);
    /* 65 levels are too deep. */
    char deep[4 * 65 + 4 * 65 + 1];
    for (int i = 0; i < 65; i++)
        memcpy(deep + 4 * i, "3080", 4), memcpy(deep + 4 * 65 + 4 * i, "0000", 4);
    deep[sizeof(deep) - 1] = 0;
    ck_assert(!ber_to_der(&A, unhex(deep), &der, &used) && ber_to_der(&A, unhex(deep + 4), &der, &used));
}
