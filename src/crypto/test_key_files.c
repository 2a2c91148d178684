/* Key files as other programs write them: PKCS#12 of every age, PEM in its old and new encrypted forms, and what is
 * said when a password is missing or wrong. */
#include "test.h"

#include <string.h>

#include "crypto/cert.h"
#include "crypto/test_util.h"

static struct arena A;
static struct err E;

#define SH(...) ck_assert_int_eq(run_quiet(&A, __VA_ARGS__), 0)

struct kit {
    const char *dir, *key, *cert, *out;
    struct test_ca ca;
};

static void kit_make(struct kit *k, enum key_kind kind)
{
    ASSERT_OK(dir_temp(&A, "keys", &k->dir, &E), E);
    k->key = path_join(&A, k->dir, "key.pem");
    k->cert = path_join(&A, k->dir, "cert.pem");
    k->out = path_join(&A, k->dir, "out");
    test_ca_make(&A, kind, &k->ca);
    CLEANUP(secret_cleanup) struct secret *pem = key_to_pem(k->ca.signer.key, SV(""));
    ASSERT_OK(file_write(k->key, secret_view(pem), 0600, &E), E);
    ASSERT_OK(file_write(k->cert, cert_pem(&A, k->ca.signer.cert), 0600, &E), E);
}

static void kit_done(struct kit *k)
{
    test_ca_done(&k->ca);
    ASSERT_OK(dir_remove(k->dir, &E), E);
}

static struct sv made(const struct kit *k)
{
    struct sv bytes;
    ASSERT_OK(file_read(&A, k->out, 1 << 20, &bytes, &E), E);
    return bytes;
}

static void expect_key(int line, const struct kit *k, struct sv bytes, struct sv password, const char *reason)
{
    CLEANUP(key_cleanup) struct key *got = NULL;
    bool ok = key_load(bytes, password, &got, &E);
    ck_assert_msg(ok == (reason[0] == 0) && (ok || strcmp(E.reason, reason) == 0), "line %d: %s", line,
                  ok ? "loaded" : E.reason);
    ck_assert(!ok || key_matches(got, k->ca.signer.cert->public_der));
}
#define KEY(bytes, password, reason) expect_key(__LINE__, &k, bytes, password, reason)

static void expect_p12(int line, const struct kit *k, struct sv bytes, struct sv password, const char *reason)
{
    CLEANUP(key_cleanup) struct key *got = NULL;
    const struct cert *c;
    struct certs chain;
    bool ok = pkcs12_load(&A, bytes, password, &got, &c, &chain, &E);
    ck_assert_msg(ok == (reason[0] == 0) && (ok || strcmp(E.reason, reason) == 0), "line %d: %s %s", line,
                  ok ? "loaded" : E.reason, ok ? "" : E.msg);
    ck_assert(!ok || (key_matches(got, k->ca.signer.cert->public_der) && cert_eq(c, k->ca.signer.cert)));
}
#define P12(bytes, password, reason) expect_p12(__LINE__, &k, bytes, password, reason)

TEST(pkcs12_of_every_age)
{
    arena_init(&A, 64 << 20);
    static const char *const forms[] = {
            "",                                                     /* PBES2, AES-256 */
            "-legacy",                                              /* RC2-40 and 3DES */
            "-legacy -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES", /* 3DES alone */
            "-legacy -certpbe NONE -keypbe PBE-SHA1-3DES",          /* certificates in the clear */
            "-certpbe AES-128-CBC -keypbe AES-128-CBC -macalg sha256 -iter 1000",
    };
    static const enum key_kind kinds[] = {KEY_RSA_2048, KEY_SM2};
    for (size_t n = 0; n < COUNT(kinds); n++) {
        struct kit k;
        kit_make(&k, kinds[n]);
        for (size_t i = 0; i < (n ? 2 : COUNT(forms)); i++) {
            SH("openssl pkcs12 -export %s -inkey %s -in %s -passout pass:right -out %s", forms[i], k.key, k.cert,
               k.out);
            P12(made(&k), SV("right"), "");
            P12(made(&k), SV("wrong"), "key_password_wrong");
            P12(made(&k), SV(""), "key_password_wrong");
        }
        /* no password at all, Chinese passwords, no MAC, no key inside */
        SH("openssl pkcs12 -export -inkey %s -in %s -passout pass: -out %s", k.key, k.cert, k.out);
        P12(made(&k), SV(""), "");
        SH("LC_ALL=C.UTF-8 openssl pkcs12 -export -inkey %s -in %s -passout pass:密码123 -out %s", k.key, k.cert,
           k.out);
        P12(made(&k), SV("密码123"), "");
        P12(made(&k), SV("密码124"), "key_password_wrong");
        SH("openssl pkcs12 -export -nomac -inkey %s -in %s -passout pass:right -out %s", k.key, k.cert, k.out);
        P12(made(&k), SV("right"), "key_unreadable");
        SH("openssl pkcs12 -export -nokeys -in %s -passout pass:right -out %s", k.cert, k.out);
        P12(made(&k), SV("right"), "key_unreadable");
        P12(sv_sub(made(&k), 0, 100), SV("right"), "key_unreadable");
        kit_done(&k);
    }
    arena_done(&A);
}

TEST(pem_and_der_in_every_form)
{
    arena_init(&A, 64 << 20);
    static const enum key_kind kinds[] = {KEY_RSA_2048, KEY_P256, KEY_SM2};
    static const char *const traditional[] = {"-aes256", "-aes128", "-des3"};
    static const char *const pkcs8[] = {"-v2 aes-256-cbc", "-v2 des3", "-v2 aes-256-cbc -v2prf hmacWithSHA1",
                                        "-v1 PBE-SHA1-3DES"};
    for (size_t n = 0; n < COUNT(kinds); n++) {
        struct kit k;
        kit_make(&k, kinds[n]);
        const char *tool = kinds[n] == KEY_RSA_2048 ? "rsa -traditional" : "ec";
        for (size_t i = 0; i < COUNT(traditional) && kinds[n] != KEY_SM2; i++) {
            SH("openssl %s -in %s %s -passout pass:right -out %s", tool, k.key, traditional[i], k.out);
            KEY(made(&k), SV("right"), "");
            KEY(made(&k), SV("wrong"), "key_password_wrong");
            KEY(made(&k), SV(""), "key_password_wrong");
        }
        for (size_t i = 0; i < COUNT(pkcs8); i++)
            for (int der = 0; der < 2; der++) {
                SH("openssl pkcs8 -topk8 -in %s %s -passout pass:right -outform %s -out %s", k.key, pkcs8[i],
                   der ? "DER" : "PEM", k.out);
                KEY(made(&k), SV("right"), "");
                KEY(made(&k), der ? SV("") : SV("wrong"), "key_password_wrong");
            }
        SH("openssl pkey -in %s -outform DER -out %s", k.key, k.out);
        KEY(made(&k), SV(""), "");
        KEY(made(&k), SV("not needed"), "");
        /* a certificate in front, as some programs write it into one file */
        SH("cat %s %s > %s", k.cert, k.key, k.out);
        KEY(made(&k), SV(""), "");
        KEY(cert_pem(&A, k.ca.signer.cert), SV(""), "key_unreadable");
        KEY(SV("nothing"), SV(""), "key_unreadable");
        KEY(SV(""), SV(""), "key_unreadable");
        kit_done(&k);
    }
    struct kit k;
    kit_make(&k, KEY_P256);
    SH("openssl genpkey -algorithm ED25519 -out %s", k.out);
    KEY(made(&k), SV(""), "key_kind");
    SH("openssl genrsa -traditional -out %s 3072", k.key);
    CLEANUP(key_cleanup) struct key *rsa = NULL;
    ASSERT_OK(file_read(&A, k.key, 1 << 16, &(struct sv){0}, &E), E);
    struct sv bytes;
    ASSERT_OK(file_read(&A, k.key, 1 << 16, &bytes, &E), E);
    ASSERT_OK(key_load(bytes, SV(""), &rsa, &E), E);
    ck_assert_int_eq(key_kind(rsa), KEY_RSA_3072);
    kit_done(&k);
    arena_done(&A);
}
