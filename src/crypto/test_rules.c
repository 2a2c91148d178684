/* RFC 5280 6 and RFC 6960 as chain_check keeps them, on certificates, lists and responses made here extension by
 * extension. */
#include "test.h"

#include <string.h>

#include "crypto/alg_priv.h"
#include "crypto/issue_priv.h"
#include "crypto/ossl_priv.h"
#include "crypto/revocation_priv.h"
#include "crypto/test_util.h"

static struct arena A;
static struct err E;
#define NONE  SV("")
#define URL   SV("http://ca.test/part-1.crl")
#define OTHER SV("http://ca.test/part-2.crl")

/* ---- making ---- */

struct order {
    const char *name;
    enum key_kind kind;
    const struct test_id *issuer; /* NULL: self-signed */
    const struct key *key;        /* NULL: a new one */
    bool ca;
    int path_len; /* 0: none, n: n - 1 */
    unsigned usage;
    const char *eku;
    struct sv more; /* further extensions */
    int64_t from_at, to_at;
};

static struct sv name_of(const char *cn)
{
    struct sv type = der_seq(&A, der_oid(&A, "2.5.4.3"), der_tlv(&A, DER_UTF8, sv_from(cn)));
    return der_seq(&A, der_tlv(&A, DER_SET, type));
}

static struct sv extensions(const struct order *o, struct sv public_der, struct sv issuer_key_id)
{
    struct sv key_id = key_id_of(&A, public_der);
    struct sv basic = der_seq(&A, o->ca ? der_true() : NONE, o->path_len ? der_int(&A, o->path_len - 1) : NONE);
    struct sv aki = der_seq(&A, der_tlv(&A, DER_CTXP(0), issuer_key_id.n ? issuer_key_id : key_id));
    unsigned usage = o->usage ? o->usage : o->ca ? KU_CERT_SIGN | KU_CRL_SIGN : KU_DIGITAL_SIGNATURE;
    return der_seq(&A, o->ca ? extension_der(&A, "2.5.29.19", true, basic) : NONE,
                   extension_der(&A, "2.5.29.15", true, der_named_bits(&A, usage)),
                   extension_der(&A, "2.5.29.14", false, der_tlv(&A, DER_OCTETS, key_id)),
                   extension_der(&A, "2.5.29.35", false, aki),
                   o->eku ? extension_der(&A, "2.5.29.37", false, der_seq(&A, der_oid(&A, o->eku))) : NONE, o->more);
}

static struct test_id make(const struct order *o)
{
    struct test_id id = {0};
    static int64_t serial = 1000;
    if (o->key)
        id.key = key_wrap((EVP_PKEY_up_ref(o->key->pkey), o->key->pkey));
    else
        ASSERT_OK(key_generate(o->kind ? o->kind : KEY_P256, &id.key, &E), E);
    const struct key *by = o->issuer ? o->issuer->key : id.key;
    struct sv public_der = key_public_der(&A, id.key), name = name_of(o->name), der;
    struct sv validity = der_seq(&A, der_time_x509(&A, o->from_at ? o->from_at : TEST_NOW - 10 * TEST_DAY),
                                 der_time_x509(&A, o->to_at ? o->to_at : TEST_NOW + 10 * TEST_DAY));
    struct sv exts = extensions(o, public_der, o->issuer ? o->issuer->cert->key_id : NONE);
    struct sv tbs = der_seq(&A, der_tlv(&A, DER_CTX(0), der_int(&A, 2)), der_int(&A, ++serial),
                            issuing_algorithm(&A, by), o->issuer ? o->issuer->cert->subject_der : name, validity, name,
                            public_der, der_tlv(&A, DER_CTX(3), exts));
    ASSERT_OK(signed_der(&A, tbs, by, NONE, &der, &E), E);
    ASSERT_OK(cert_parse(&A, der, &id.cert, &E), E);
    return id;
}

#define MAKE(...) make(&(struct order){__VA_ARGS__})

static struct sv full_name(struct sv url)
{
    return der_tlv(&A, DER_CTX(0), der_tlv(&A, DER_CTX(0), der_tlv(&A, DER_CTXP(6), url)));
}

static struct sv points(struct sv url)
{
    return extension_der(&A, "2.5.29.31", false, der_seq(&A, der_seq(&A, full_name(url))));
}

/* A revocation list: entries and extensions as given. */
static struct sv list(const struct test_id *by, struct sv entries, struct sv exts, int64_t from_at, int64_t to_at)
{
    struct sv der, all = exts.n ? der_tlv(&A, DER_CTX(0), der_tlv(&A, DER_SEQ, exts)) : NONE;
    struct sv tbs = der_seq(&A, der_int(&A, 1), issuing_algorithm(&A, by->key), by->cert->subject_der,
                            der_time_x509(&A, from_at), to_at ? der_time_x509(&A, to_at) : NONE,
                            entries.n ? der_tlv(&A, DER_SEQ, entries) : NONE, all);
    ASSERT_OK(signed_der(&A, tbs, by->key, NONE, &der, &E), E);
    return der;
}

static struct sv entry(const struct cert *c, int64_t at, struct sv exts)
{
    struct sv serial;
    ck_assert(hex_decode(&A, c->serial_hex, &serial));
    return der_seq(&A, der_uint(&A, serial), der_time_x509(&A, at), exts.n ? der_tlv(&A, DER_SEQ, exts) : NONE);
}

static struct sv reason(int code)
{
    uint8_t body = (uint8_t)code;
    return extension_der(&A, "2.5.29.21", false, der_tlv(&A, DER_ENUM, arena_sv(&A, sv_of(&body, 1))));
}

static struct sv invalid_from(int64_t at)
{
    return extension_der(&A, "2.5.29.24", false, der_time_general(&A, at, false));
}

/* An OCSP answer "good" (revoked_at 0) or revoked; times of the single response; its extensions. */
static struct sv answer(const struct test_id *by, const struct cert *c, const struct cert *issuer, enum digest_alg alg,
                        int64_t at, int64_t revoked_at, struct sv single_exts, bool basic_alone)
{
    struct digest name = digest_of(alg, issuer->subject_der), key = digest_of(alg, public_bits(issuer->public_der));
    struct sv serial, basic;
    ck_assert(hex_decode(&A, c->serial_hex, &serial));
    struct sv id = der_seq(&A, digest_alg_der(&A, alg, true), der_tlv(&A, DER_OCTETS, digest_sv(&name)),
                           der_tlv(&A, DER_OCTETS, digest_sv(&key)), der_uint(&A, serial));
    struct sv status = revoked_at ? der_make(&A, DER_CTX(1), der_time_general(&A, revoked_at, false))
                                  : der_tlv(&A, DER_CTXP(0), NONE);
    struct sv time = der_time_general(&A, at, false),
              exts = single_exts.n ? der_tlv(&A, DER_CTX(1), der_tlv(&A, DER_SEQ, single_exts)) : NONE;
    struct sv single =
            der_seq(&A, id, status, time, der_tlv(&A, DER_CTX(0), der_time_general(&A, at + TEST_DAY, false)), exts);
    struct sv tbs = der_seq(&A, der_tlv(&A, DER_CTX(1), by->cert->subject_der), time, der_seq(&A, single));
    struct sv certs = by->cert->is_ca ? NONE : der_tlv(&A, DER_CTX(0), der_seq(&A, by->cert->der));
    ASSERT_OK(signed_der(&A, tbs, by->key, certs, &basic, &E), E);
    if (basic_alone)
        return basic;
    struct sv bytes = der_seq(&A, der_oid(&A, "1.3.6.1.5.5.7.48.1.1"), der_tlv(&A, DER_OCTETS, basic));
    return der_seq(&A, der_tlv(&A, DER_ENUM, sv_of("", 1)), der_tlv(&A, DER_CTX(0), bytes));
}

/* ---- asking ---- */

static struct chain_query query(const struct test_id *leaf, const struct test_id *anchor)
{
    struct chain_query q = {.leaf = leaf->cert, .purpose = CHAIN_SIGN, .now_at = TEST_NOW};
    certs_add(&A, &q.anchors, anchor->cert);
    return q;
}

static void expect(int line, const struct chain_query *q, enum trust_verdict want, const char *code)
{
    struct chain_result r;
    chain_check(&A, q, &r);
    ck_assert_msg(r.verdict == want && strcmp(r.code, code) == 0, "line %d: %s %s (%.*s), want %s", line,
                  trust_verdict_name(r.verdict), r.code, SV_ARG(r.text), code);
}
#define EXPECT(q, want, code) expect(__LINE__, q, want, code)

/* The leaf's fate by this piece of data alone, with revocation data demanded. */
static void expect_crl(int line, const struct test_id *leaf, const struct test_id *root, struct sv crl,
                       int64_t proven_at, int64_t now_at, enum trust_verdict want, const char *code)
{
    struct chain_query q = query(leaf, root);
    q.need_revocation = true;
    q.proven_at = proven_at;
    q.now_at = now_at;
    der_list_add(&A, &q.crls, crl);
    expect(line, &q, want, code);
}
#define CRL_SAYS(crl, want, code) expect_crl(__LINE__, &leaf, &root, crl, 0, TEST_NOW, want, code)

TEST(lists_count_within_their_scope)
{
    arena_init(&A, 64 << 20);
    struct test_id root = MAKE(.name = "TEST root", .ca = true),
                   leaf = MAKE(.name = "TEST leaf", .issuer = &root, .more = points(URL)),
                   plain = MAKE(.name = "TEST plain", .issuer = &root);
    int64_t from = TEST_NOW - TEST_DAY, to = TEST_NOW + TEST_DAY;
    struct sv yes = arena_sv(&A, SV("\xff")), dn = der_tlv(&A, DER_CTX(0), der_tlv(&A, DER_CTX(1), NONE));
    const struct {
        struct sv scope;
        bool leaf, plain;
    } cases[] = {
            {der_seq(&A, full_name(URL)), true, false},
            {der_seq(&A, full_name(OTHER)), false, false},
            {der_seq(&A, dn), false, false},
            {der_seq(&A, der_tlv(&A, DER_CTXP(1), yes)), true, true},
            {der_seq(&A, der_tlv(&A, DER_CTXP(2), yes)), false, false},
            {der_seq(&A, der_tlv(&A, DER_CTXP(3), SV("\x01\x02"))), false, false},
            {der_seq(&A, der_tlv(&A, DER_CTXP(4), yes)), false, false},
            {der_seq(&A, der_tlv(&A, DER_CTXP(5), yes)), false, false},
            {der_seq(&A, full_name(URL), der_tlv(&A, DER_CTXP(1), yes)), true, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sv crl = list(&root, NONE, extension_der(&A, "2.5.29.28", true, cases[i].scope), from, to);
        expect_crl(__LINE__ * 100 + (int)i, &leaf, &root, crl, 0, TEST_NOW,
                   cases[i].leaf ? TRUST_PASSED : TRUST_INDETERMINATE, cases[i].leaf ? "" : "TRY_LATER");
        expect_crl(__LINE__ * 100 + (int)i, &plain, &root, crl, 0, TEST_NOW,
                   cases[i].plain ? TRUST_PASSED : TRUST_INDETERMINATE, cases[i].plain ? "" : "TRY_LATER");
    }
    /* delta lists; anything critical and unknown, of the list or of one of its entries */
    struct sv delta = extension_der(&A, "2.5.29.27", true, der_int(&A, 1)),
              odd = extension_der(&A, "1.2.3.4", true, der_int(&A, 1)),
              fine = extension_der(&A, "1.2.3.4", false, der_int(&A, 1));
    CRL_SAYS(list(&root, NONE, delta, from, to), TRUST_INDETERMINATE, "TRY_LATER");
    CRL_SAYS(list(&root, NONE, odd, from, to), TRUST_INDETERMINATE, "TRY_LATER");
    CRL_SAYS(list(&root, NONE, fine, from, to), TRUST_PASSED, "");
    struct sv foreign =
            extension_der(&A, "2.5.29.29", true, der_seq(&A, der_tlv(&A, DER_CTX(4), name_of("TEST else"))));
    CRL_SAYS(list(&root, entry(plain.cert, from, foreign), NONE, from, to), TRUST_INDETERMINATE, "TRY_LATER");
    CRL_SAYS(list(&root, entry(leaf.cert, from, foreign), NONE, from, to), TRUST_INDETERMINATE, "TRY_LATER");
    CRL_SAYS(list(&root, entry(plain.cert, from, fine), NONE, from, to), TRUST_PASSED, "");
    CRL_SAYS(list(&root, entry(leaf.cert, from, fine), NONE, from, to), TRUST_FAILED, "REVOKED");
    CRL_SAYS(list(&root, entry(leaf.cert, from, reason(8)), NONE, from, to), TRUST_INDETERMINATE, "TRY_LATER");
    /* windows: not yet issued, run out, without an end */
    CRL_SAYS(list(&root, NONE, NONE, TEST_NOW + TEST_DAY, to + TEST_DAY), TRUST_INDETERMINATE, "TRY_LATER");
    CRL_SAYS(list(&root, NONE, NONE, from, TEST_NOW - 60000), TRUST_INDETERMINATE, "TRY_LATER");
    CRL_SAYS(list(&root, NONE, NONE, TEST_NOW - TEST_DAY / 2, 0), TRUST_PASSED, "");
    CRL_SAYS(list(&root, NONE, NONE, TEST_NOW - 2 * TEST_DAY, 0), TRUST_INDETERMINATE, "TRY_LATER");
    key_free(root.key);
    key_free(leaf.key);
    key_free(plain.key);
    arena_done(&A);
}

TEST(a_key_that_may_not_sign_lists)
{
    arena_init(&A, 64 << 20);
    struct test_id root = MAKE(.name = "TEST root", .ca = true, .usage = KU_CERT_SIGN),
                   leaf = MAKE(.name = "TEST leaf", .issuer = &root);
    struct sv crl = list(&root, NONE, NONE, TEST_NOW - TEST_DAY, TEST_NOW + TEST_DAY);
    CRL_SAYS(crl, TRUST_INDETERMINATE, "TRY_LATER");
    key_free(root.key);
    key_free(leaf.key);
    arena_done(&A);
}

TEST(revoked_when)
{
    arena_init(&A, 64 << 20);
    struct test_id root = MAKE(.name = "TEST root", .ca = true), leaf = MAKE(.name = "TEST leaf", .issuer = &root);
    const int64_t now = TEST_NOW, signed_at = TEST_NOW - 5 * TEST_DAY, before = signed_at - TEST_DAY,
                  after = signed_at + TEST_DAY;
    const struct {
        int64_t at;
        struct sv exts;
        enum trust_verdict want;
        const char *code;
    } cases[] = {
            {before, NONE, TRUST_FAILED, "REVOKED"},
            {after, NONE, TRUST_PASSED, ""},
            {signed_at, NONE, TRUST_FAILED, "REVOKED"},
            {after, arena_concat(&A, reason(1), invalid_from(before)), TRUST_FAILED, "REVOKED"},
            {after, arena_concat(&A, reason(1), invalid_from(after)), TRUST_PASSED, ""},
            {after, arena_concat(&A, reason(2), invalid_from(before)), TRUST_FAILED, "REVOKED"},
            {after, arena_concat(&A, reason(4), invalid_from(before)), TRUST_PASSED, ""},
            {after, reason(1), TRUST_PASSED, ""},
            {before, reason(6), TRUST_FAILED, "REVOKED"}, /* on hold, and the list speaks for that time */
            {after, reason(6), TRUST_PASSED, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sv crl =
                list(&root, entry(leaf.cert, cases[i].at, cases[i].exts), NONE, now - TEST_DAY / 2, now + TEST_DAY);
        expect_crl(__LINE__ * 100 + (int)i, &leaf, &root, crl, signed_at, now, cases[i].want, cases[i].code);
    }
    /* A hold in an old list may have been lifted; any other entry is for good. */
    struct sv old_hold = list(&root, entry(leaf.cert, before, reason(6)), NONE, before, before + 1000),
              old_end = list(&root, entry(leaf.cert, before, reason(5)), NONE, before, before + 1000);
    expect_crl(__LINE__, &leaf, &root, old_hold, signed_at, now, TRUST_INDETERMINATE, "TRY_LATER");
    expect_crl(__LINE__, &leaf, &root, old_end, signed_at, now, TRUST_FAILED, "REVOKED");
    key_free(root.key);
    key_free(leaf.key);
    arena_done(&A);
}

TEST(silence_about_expired_certificates)
{
    arena_init(&A, 64 << 20);
    const int64_t end = TEST_NOW - 3 * TEST_DAY, signed_at = end - TEST_DAY;
    struct test_id root = MAKE(.name = "TEST root", .ca = true),
                   leaf = MAKE(.name = "TEST leaf", .issuer = &root, .to_at = end);
    struct sv kept = extension_der(&A, "2.5.29.60", false, der_time_general(&A, signed_at - TEST_DAY, false)),
              late = extension_der(&A, "2.5.29.60", false, der_time_general(&A, TEST_NOW, false));
    const struct {
        int64_t at;
        struct sv exts;
        bool known;
    } cases[] = {
            {end - 1000, NONE, true}, {end + 1000, NONE, false}, {TEST_NOW, NONE, false},
            {TEST_NOW, kept, true},   {TEST_NOW, late, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_crl(__LINE__ * 100 + (int)i, &leaf, &root,
                   list(&root, NONE, cases[i].exts, cases[i].at, cases[i].at + TEST_DAY), signed_at, TEST_NOW,
                   cases[i].known ? TRUST_PASSED : TRUST_INDETERMINATE, cases[i].known ? "" : "TRY_LATER");
    struct sv cutoff = extension_der(&A, "1.3.6.1.5.5.7.48.1.6", false, der_time_general(&A, signed_at, false));
    for (int with = 0; with < 2; with++) {
        struct chain_query q = query(&leaf, &root);
        q.need_revocation = true;
        q.proven_at = signed_at;
        der_list_add(&A, &q.ocsps,
                     answer(&root, leaf.cert, root.cert, DIGEST_SHA1, TEST_NOW, 0, with ? cutoff : NONE, false));
        EXPECT(&q, with ? TRUST_PASSED : TRUST_INDETERMINATE, with ? "" : "TRY_LATER");
    }
    key_free(root.key);
    key_free(leaf.key);
    arena_done(&A);
}

TEST(who_may_answer)
{
    arena_init(&A, 64 << 20);
    static const char ocsp_eku[] = "1.3.6.1.5.5.7.3.9";
    struct sv nocheck = extension_der(&A, "1.3.6.1.5.5.7.48.1.5", false, der_null());
    struct test_id root = MAKE(.name = "TEST root", .ca = true), leaf = MAKE(.name = "TEST leaf", .issuer = &root),
                   good = MAKE(.name = "TEST responder", .issuer = &root, .eku = ocsp_eku),
                   trusted = MAKE(.name = "TEST nocheck", .issuer = &root, .eku = ocsp_eku, .more = nocheck),
                   no_eku = MAKE(.name = "TEST no eku", .issuer = &root),
                   any_eku = MAKE(.name = "TEST any eku", .issuer = &root, .eku = "2.5.29.37.0"),
                   no_usage = MAKE(.name = "TEST no usage", .issuer = &root, .eku = ocsp_eku,
                                   .usage = KU_KEY_ENCIPHERMENT),
                   second = MAKE(.name = "TEST second", .issuer = &good, .eku = ocsp_eku),
                   late = MAKE(.name = "TEST late", .issuer = &root, .eku = ocsp_eku, .from_at = TEST_NOW + TEST_DAY),
                   stranger = MAKE(.name = "TEST root", .ca = true);
    struct sv gone = list(&root, entry(good.cert, TEST_NOW - TEST_DAY, NONE), NONE, TEST_NOW - TEST_DAY,
                          TEST_NOW + TEST_DAY),
              gone2 = list(&root, entry(trusted.cert, TEST_NOW - TEST_DAY, NONE), NONE, TEST_NOW - TEST_DAY,
                           TEST_NOW + TEST_DAY),
              late_gone = list(&root, entry(good.cert, TEST_NOW + 1000, NONE), NONE, TEST_NOW - TEST_DAY,
                               TEST_NOW + TEST_DAY);
    const struct {
        const struct test_id *by;
        struct sv crl;
        bool known;
    } cases[] = {
            {&root, NONE, true},      {&good, NONE, true},      {&trusted, NONE, true}, {&no_eku, NONE, false},
            {&any_eku, NONE, false},  {&no_usage, NONE, false}, {&second, NONE, false}, {&late, NONE, false},
            {&stranger, NONE, false}, {&leaf, NONE, false},     {&good, gone, false},   {&trusted, gone2, true},
            {&good, late_gone, true},
    };
    static const enum digest_alg algs[] = {DIGEST_SHA1, DIGEST_SHA256, DIGEST_SM3};
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int basic = 0; basic < 2; basic++) {
            struct chain_query q = query(&leaf, &root);
            /* Without a list: the leaf's own entry must come from the answer. */
            struct revocation_answer r;
            if (cases[i].crl.n)
                der_list_add(&A, &q.crls, cases[i].crl);
            r = ocsp_answer_for(&A, chain_cache_new(&A),
                                answer(cases[i].by, leaf.cert, root.cert, algs[i % 3], TEST_NOW, 0, NONE, basic),
                                leaf.cert, root.cert, &q);
            ck_assert_msg((r.state == REVOCATION_GOOD) == cases[i].known, "case %zu", i);
        }
    /* revoked by answer; about another certificate; from the future; a critical extension that nobody knows */
    struct chain_query q = query(&leaf, &root);
    der_list_add(&A, &q.ocsps,
                 answer(&good, leaf.cert, root.cert, DIGEST_SHA256, TEST_NOW, TEST_NOW - TEST_DAY, NONE, false));
    EXPECT(&q, TRUST_FAILED, "REVOKED");
    q.proven_at = TEST_NOW - 2 * TEST_DAY;
    EXPECT(&q, TRUST_PASSED, "");
    struct sv odd = extension_der(&A, "1.2.3.4", true, der_int(&A, 1));
    const struct sv useless[] = {
            answer(&good, no_eku.cert, root.cert, DIGEST_SHA256, TEST_NOW, 0, NONE, false),
            answer(&good, leaf.cert, stranger.cert, DIGEST_SHA256, TEST_NOW, 0, NONE, false),
            answer(&root, leaf.cert, root.cert, DIGEST_SHA256, TEST_NOW + TEST_DAY, 0, NONE, false),
            answer(&root, leaf.cert, root.cert, DIGEST_SHA256, TEST_NOW, 0, odd, false),
    };
    for (size_t i = 0; i < COUNT(useless); i++) {
        q = query(&leaf, &root);
        q.need_revocation = true;
        der_list_add(&A, &q.ocsps, useless[i]);
        EXPECT(&q, TRUST_INDETERMINATE, "TRY_LATER");
    }
    struct test_id *all[] = {&root, &leaf, &good, &trusted, &no_eku, &any_eku, &no_usage, &second, &late, &stranger};
    for (size_t i = 0; i < COUNT(all); i++)
        key_free(all[i]->key);
    arena_done(&A);
}

/* ---- paths ---- */

static void expect_path(int line, const struct order *sub, struct sv leaf_more, enum trust_verdict want,
                        const char *code)
{
    struct order middle = *sub;
    struct test_id root = MAKE(.name = "TEST root", .ca = true);
    middle.issuer = &root;
    struct test_id ca = make(&middle), leaf = MAKE(.name = "TEST leaf", .issuer = &ca, .more = leaf_more);
    struct chain_query q = query(&leaf, &root);
    certs_add(&A, &q.pool, ca.cert);
    expect(line, &q, want, code);
    key_free(root.key);
    key_free(ca.key);
    key_free(leaf.key);
}
#define PATH(leaf_more, want, code, ...)                                                                               \
    expect_path(__LINE__, &(struct order){.name = "TEST sub", __VA_ARGS__}, leaf_more, want, code)

TEST(constraints_of_issuers)
{
    arena_init(&A, 64 << 20);
    struct sv odd = extension_der(&A, "1.2.3.4", true, der_int(&A, 1)),
              tree = der_seq(&A, der_tlv(&A, DER_CTX(4), name_of("TEST leaf"))),
              other = der_seq(&A, der_tlv(&A, DER_CTX(4), name_of("TEST other"))),
              permitted = extension_der(&A, "2.5.29.30", true, der_seq(&A, der_tlv(&A, DER_CTX(0), tree))),
              elsewhere = extension_der(&A, "2.5.29.30", true, der_seq(&A, der_tlv(&A, DER_CTX(0), other))),
              excluded = extension_der(&A, "2.5.29.30", true, der_seq(&A, der_tlv(&A, DER_CTX(1), tree))),
              explicit_policy =
                      extension_der(&A, "2.5.29.36", true, der_seq(&A, der_tlv(&A, DER_CTXP(0), sv_of("", 1)))),
              policy = extension_der(&A, "2.5.29.32", false, der_seq(&A, der_seq(&A, der_oid(&A, "1.2.3.4.5"))));
    struct sv both = arena_concat(&A, explicit_policy, policy);
    PATH(NONE, TRUST_PASSED, "", .ca = true);
    PATH(NONE, TRUST_PASSED, "", .ca = true, .path_len = 1);
    PATH(NONE, TRUST_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE", .usage = KU_CERT_SIGN);
    PATH(NONE, TRUST_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE", .ca = true, .usage = KU_CRL_SIGN);
    PATH(NONE, TRUST_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE", .ca = true, .more = odd);
    PATH(odd, TRUST_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE", .ca = true);
    PATH(NONE, TRUST_PASSED, "", .ca = true, .more = permitted);
    PATH(NONE, TRUST_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE", .ca = true, .more = elsewhere);
    PATH(NONE, TRUST_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE", .ca = true, .more = excluded);
    PATH(policy, TRUST_PASSED, "", .ca = true, .more = both);
    PATH(NONE, TRUST_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE", .ca = true, .more = both);
    arena_done(&A);
}

TEST(chains_of_several_algorithms)
{
    arena_init(&A, 64 << 20);
    static const enum key_kind kinds[] = {KEY_RSA_2048, KEY_SM2, KEY_P384};
    for (size_t i = 0; i < COUNT(kinds); i++)
        for (size_t k = 0; k < COUNT(kinds); k++) {
            struct test_id root = MAKE(.name = "TEST root", .ca = true, .kind = kinds[i]),
                           sub = MAKE(.name = "TEST sub", .ca = true, .kind = kinds[k], .issuer = &root),
                           leaf = MAKE(.name = "TEST leaf", .kind = kinds[(i + k) % 3], .issuer = &sub);
            struct chain_query q = query(&leaf, &root);
            q.need_revocation = true;
            certs_add(&A, &q.pool, sub.cert);
            der_list_add(&A, &q.crls, list(&sub, NONE, NONE, TEST_NOW - 1000, TEST_NOW + TEST_DAY));
            der_list_add(&A, &q.crls, list(&root, NONE, NONE, TEST_NOW - 1000, TEST_NOW + TEST_DAY));
            EXPECT(&q, TRUST_PASSED, "");
            key_free(root.key);
            key_free(sub.key);
            key_free(leaf.key);
        }
    arena_done(&A);
}

TEST(odd_anchors_and_times)
{
    arena_init(&A, 64 << 20);
    struct test_id root = MAKE(.name = "TEST root", .ca = true, .to_at = 253402300799000),
                   end = MAKE(.name = "TEST end", .issuer = &root), below = MAKE(.name = "TEST below", .issuer = &end),
                   future = MAKE(.name = "TEST future", .issuer = &root, .from_at = TEST_NOW + TEST_DAY,
                                 .to_at = 253402300799000);
    ck_assert(root.cert->not_after_at ==
              253402300799000);               /* 9999-12-31T23:59:59Z: without a good end, RFC 5280 4.1.2.5 */
    struct chain_query q = query(&end, &end); /* pinned */
    EXPECT(&q, TRUST_PASSED, "");
    q = query(&below, &end); /* trusted to sign documents, not certificates */
    EXPECT(&q, TRUST_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE");
    q = query(&future, &root);
    EXPECT(&q, TRUST_FAILED, "NOT_YET_VALID");
    q.now_at = TEST_NOW + 100000 * TEST_DAY;
    EXPECT(&q, TRUST_PASSED, "");
    key_free(root.key);
    key_free(end.key);
    key_free(below.key);
    key_free(future.key);
    arena_done(&A);
}

/* CAs that certify one another in all directions, namesakes of the anchor among them: an end is found, and soon. */
TEST(tangles_end_soon)
{
    enum { CAS = 8 };
    arena_init(&A, 256 << 20);
    struct test_id ca[CAS], leaf, root = MAKE(.name = "TEST anchor", .ca = true);
    struct chain_query q;
    for (int i = 0; i < CAS; i++)
        ca[i] = MAKE(.name = arena_printf(&A, "TEST ca %d", i).p, .ca = true);
    leaf = MAKE(.name = "TEST leaf", .issuer = &ca[0]);
    q = query(&leaf, &root);
    for (int i = 0; i < CAS; i++)
        for (int k = 0; k < CAS; k++)
            if (i != k) {
                struct test_id cross = MAKE(.name = arena_printf(&A, "TEST ca %d", i).p, .ca = true, .key = ca[i].key,
                                            .issuer = &ca[k]);
                certs_add(&A, &q.pool, cross.cert);
                key_free(cross.key);
            }
    int64_t started = clock_monotonic_us();
    struct chain_result r;
    chain_check(&A, &q, &r);
    ck_assert_int_eq(r.verdict, TRUST_INDETERMINATE);
    /* with a way out, it is found */
    struct test_id out = MAKE(.name = "TEST ca 0", .ca = true, .key = ca[0].key, .issuer = &root);
    certs_add(&A, &q.pool, out.cert);
    q.pool.v[0] = out.cert;
    EXPECT(&q, TRUST_PASSED, "");
    /* hundreds of namesakes, asked about again and again */
    struct chain_cache *cache = chain_cache_new(&A);
    q = query(&leaf, &root);
    q.cache = cache;
    for (int i = 0; i < 400; i++) {
        struct test_id fake = MAKE(.name = "TEST ca 0", .ca = true, .key = ca[1].key);
        certs_add(&A, &q.pool, fake.cert);
        key_free(fake.key);
    }
    for (int i = 0; i < 100; i++)
        chain_check(&A, &q, &r);
    ck_assert_int_eq(r.verdict, TRUST_INDETERMINATE);
    ck_assert_msg(clock_monotonic_us() - started < 20000000, "%lld us", (long long)(clock_monotonic_us() - started));
    for (int i = 0; i < CAS; i++)
        key_free(ca[i].key);
    key_free(out.key);
    key_free(leaf.key);
    key_free(root.key);
    arena_done(&A);
}
