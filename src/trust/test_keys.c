/* The vault, what CAs may return, and what production forbids. */
#include <string.h>
#include <sys/stat.h>

#include "crypto/key.h"
#include "trust/test_world.h"

/* --- what a CA returns
 * --------------------------------------------------------------------------------------------------- */

/* A CA of our own with bad habits. It is trusted: its root is among the anchors. */
enum habit {
    HONEST,
    OTHER_KEY,
    ID_IN_SERIAL,
    ID_IN_URI,
    OTHER_NAME,
    CA_CERT,
    EXPIRED,
    TOO_LONG,
    NO_CHAIN,
    GARBAGE,
    SILENT,
    SAYS_NO
};
struct bad_ca {
    enum habit habit;
    struct key *key;
    const struct cert *root;
    struct sv last_revoked;
    int asked;
};

static bool bad_issue(void *ctx, struct arena *a, const struct trust_ca_request *r, struct sv *ret_cert,
                      struct sv *ret_chain, struct err *e)
{
    struct bad_ca *ca = ctx;
    struct csr csr;
    ca->asked++;
    if (ca->habit == SILENT)
        return err_user(e, ERR_UNAVAILABLE, "ca_unavailable", NULL, "nobody there");
    if (ca->habit == SAYS_NO)
        return err_user(e, ERR_REFUSED, "ca_refused", NULL, "no");
    ASSERT_OK(csr_parse(a, r->csr_pem, &csr, e), *e);
    int64_t now = clock_now(&clock_system), year = (int64_t)365 * 86400 * 1000;
    struct cert_order o = {.profile = CERT_SIGNER,
                           .subject = csr.names,
                           .public_der = csr.public_der,
                           .not_before_at = now - 60000,
                           .not_after_at = now + r->validity_seconds * 1000};
    CLEANUP(key_cleanup) struct key *other = NULL;
    ASSERT_OK(key_generate(KEY_P256, &other, e), *e);
    if (ca->habit == OTHER_KEY)
        o.public_der = key_public_der(a, other);
    if (ca->habit == ID_IN_SERIAL)
        o.subject.serial_number = SV("000000199001010012");
    if (ca->habit == ID_IN_URI)
        o.crl_url = SV("http://crl.example/000000900101001.crl");
    if (ca->habit == OTHER_NAME)
        o.subject.common_name = SV("别人");
    if (ca->habit == CA_CERT)
        o.profile = CERT_SUB_CA;
    if (ca->habit == EXPIRED)
        o.not_before_at = now - 2 * year, o.not_after_at = now - year;
    if (ca->habit == TOO_LONG)
        o.not_after_at = now + 11 * year;
    bool strange = ca->habit == NO_CHAIN; /* self-made, signed by a key nobody trusts */
    if (strange)
        o.public_der = key_public_der(a, other);
    const struct cert *c = NULL, *root = ca->root;
    if (strange) {
        const struct cert *own_root = NULL;
        struct cert_order ro = {.profile = CERT_ROOT,
                                .subject = {.common_name = SV("stranger")},
                                .public_der = o.public_der,
                                .not_before_at = now - 60000,
                                .not_after_at = now + year};
        ASSERT_OK(cert_issue(a, &ro, NULL, other, &own_root, e), *e);
        o.public_der = csr.public_der;
        root = own_root;
    }
    ASSERT_OK(cert_issue(a, &o, root, strange ? other : ca->key, &c, e), *e);
    *ret_cert = ca->habit == GARBAGE ? SV("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
                                     : cert_pem(a, c);
    *ret_chain = cert_pem(a, root);
    return true;
}

static bool bad_revoke(void *ctx, struct sv request_id, struct err *e UNUSED)
{
    struct bad_ca *ca = ctx;
    static char kept[64];
    memcpy(kept, request_id.p, request_id.n);
    ca->last_revoked = sv_of(kept, request_id.n);
    return true;
}

static void bad_ca_open(struct world *w, struct bad_ca *ca, struct trust_ca *table)
{
    *ca = (struct bad_ca){0};
    ASSERT_OK(key_generate(KEY_P256, &ca->key, &w->e), w->e);
    const struct cert_order o = {.profile = CERT_ROOT,
                                 .subject = {.common_name = SV("Careless CA")},
                                 .public_der = key_public_der(&w->a, ca->key),
                                 .not_before_at = clock_now(&clock_system) - 3600000,
                                 .not_after_at = clock_now(&clock_system) + (int64_t)20 * 365 * 86400 * 1000};
    ASSERT_OK(cert_issue(&w->a, &o, NULL, ca->key, &ca->root, &w->e), w->e);
    *table = (struct trust_ca){ca, bad_issue, bad_revoke};
    w->setup.ca = table;
    w->setup.anchors_pem = arena_concat(&w->a, w->setup.anchors_pem, cert_pem(&w->a, ca->root));
    world_reopen(w);
}

TEST(certificates_of_a_careless_ca_are_refused_and_revoked)
{
    struct world w;
    struct bad_ca ca;
    struct trust_ca table;
    world_open(&w);
    bad_ca_open(&w, &ca, &table);
    for (ca.habit = OTHER_KEY; ca.habit <= GARBAGE; ca.habit++) {
        struct trust_sign_request r = request(&w, w.pdf, "act-1", "Worker");
        struct trust_signed s;
        struct err e;
        ca.last_revoked = SV("");
        ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_REFUSED, "cert_refused", e);
        ck_assert_msg(ca.last_revoked.n == ID_LEN, "habit %d: its certificate was not revoked", (int)ca.habit);
        ck_assert(s.pdf.p == NULL);
        const struct trust_key_in in = {.owner = SV("enterprise:1"), .purpose = SV("seal"), .common_name = SV("公司")};
        struct trust_key key;
        ASSERT_REFUSED(trust_key_ensure(w.t, &w.a, &in, &key, &e), ERR_REFUSED, "cert_refused", e);
    }
    struct tally n = tally(&w);
    ck_assert_int_eq(n.keys, 0);
    ck_assert_int_eq(n.uses_signed + n.uses_committed + n.certs_issued + n.certs_open, 0);
    ca.habit = HONEST;
    struct trust_sign_request r = request(&w, w.pdf, "act-1", "Worker");
    struct trust_signed s;
    ASSERT_OK(sign(&w, &r, &s, &w.e), w.e);
    key_free(ca.key);
    world_close(&w);
}

TEST(a_silent_ca_and_a_refusing_ca_are_told_apart)
{
    struct world w;
    struct bad_ca ca;
    struct trust_ca table;
    struct err e;
    struct trust_signed s;
    world_open(&w);
    bad_ca_open(&w, &ca, &table);
    struct trust_sign_request r = request(&w, w.pdf, "act-1", "Worker");
    ca.habit = SILENT;
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_UNAVAILABLE, "ca_unavailable", e);
    ca.habit = SAYS_NO;
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_REFUSED, "ca_refused", e);
    /* The built-in adapter says the same of the same things. */
    w.setup.ca = NULL;
    w.setup.ca_token = SV("wrong-token-wrong-token-wrong");
    world_reopen(&w);
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_REFUSED, "ca_refused", e);
    testca_set_down(w.ca, true, false);
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_UNAVAILABLE, "ca_unavailable", e);
    testca_set_down(w.ca, false, false);
    w.setup.ca_url = SV("http://127.0.0.1:1");
    world_reopen(&w);
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_UNAVAILABLE, "ca_unavailable", e);
    w.setup.ca_url = SV("");
    world_reopen(&w);
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_UNAVAILABLE, "ca_unavailable", e);
    key_free(ca.key);
    world_close(&w);
}

TEST(id_numbers_are_recognised)
{
    const struct {
        struct sv text;
        bool has;
    } texts[] = {
            {SV("000000199001010012"),                                                           true },
            {SV("00000019900101001X"),                                                           true },
            {SV("00000019900101001x"),                                                           true },
            {SV("000000900101001"),                                                              true },
            {SV("IDCCN-000000199001010012,"),                                                    true },
            {SV("SF000000199001010012"),                                                         true },
            {SV("张三000000199001010012"),                                                     true },
            {SV("20260301080000Z"),                                                              false},
            {SV("0000001990010100"),                                                             false},
            {SV("12345678901234567890"),                                                         false},
            {SV("914418020000000000"),                                                           false}, /* allowed below */
            {SV("a5f3c2e1d4b607182930000001990010100129012345678901234567890abcdef"),            false},
            {SV("urn:qyq:act:000000199001010012000000199001010012000000199001010012abcdefabcd"), false},
            {SV(""),                                                                             false},
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        ck_assert_msg(has_id_number(texts[i].text, SV("914418020000000000")) == texts[i].has, "text %zu", i);
    ck_assert(has_id_number(SV("914418020000000000"), SV("")));
    const struct {
        struct sv der;
        bool has;
    } ders[] = {
            {SV("\x30\x14\x13\x12"
                "000000199001010012"),
             true                                       },
            {SV("\x30\x17\x13\x12"
                "000000199001010012"
                "\x30\x01\x00"),
             true                                       }, /* 0x30 is the digit 0 as well */
            {SV("\x04\x14\x0c\x12"
                "000000199001010012"),
             true                                       },
            {SV("\x04\x12"
                "000000199001010012"),
             true                                       },
            {SV("\x0c\x81\x12"
                "000000199001010012"),
             true                                       },
            {SV("\x30\x82\x00\x14\x86\x12"
                "000000199001010012"),
             true                                       },
            {SV("\x1e\x24"
                "\0"
                "0\0"
                "0\0"
                "0\0"
                "0\0"
                "0\0"
                "0\0"
                "1\0"
                "9\0"
                "9\0"
                "0\0"
                "0\0"
                "1\0"
                "0\0"
                "1\0"
                "0\0"
                "0\0"
                "1\0"
                "2"),
             true                                       },
            {SV("\x13\x12"
                "914418020000000000"
                "\x30\x00"),
             false                                      },
            {SV("\x30\x05\x0c\x03"
                "abc"),
             false                                      },
            {SV("\x30\x80\x00\x00"),                true}, /* not DER: cannot be looked through */
            {SV("\x0c\x05"
                "abc"),
             true                                       },
            {SV("\x30"),                            true},
    };
    for (size_t i = 0; i < COUNT(ders); i++)
        ck_assert_msg(der_has_id_number(ders[i].der, SV("914418020000000000")) == ders[i].has, "DER %zu", i);
}

/* --- the vault
 * ----------------------------------------------------------------------------------------------------------- */

DB_QUERY(q_trust_test_sealed, .in = "t", .out = "bt", .sql = "SELECT sealed, kek FROM trust_key WHERE id = ?1");
DB_QUERY(q_trust_test_set_sealed, .in = "tb", .sql = "UPDATE trust_key SET sealed = ?2 WHERE id = ?1");

static struct sv sealed_of(struct world *w, struct sv id)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct db_rows r;
    ASSERT_OK(tx_begin(w->db, TX_READ, &tx, &w->e), w->e);
    ASSERT_OK(db_one(tx, &w->a, &q_trust_test_sealed, DB_ARGS(DB_TEXT(id)), &r, &w->e), w->e);
    return db_bytes(&r, 0, 0);
}

static void set_sealed(struct world *w, struct sv id, struct sv sealed)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    ASSERT_OK(tx_begin(w->db, TX_WRITE, &tx, &w->e), w->e);
    ASSERT_OK(db_exec(tx, &q_trust_test_set_sealed, DB_ARGS(DB_TEXT(id), DB_BYTES(sealed)), &w->e), w->e);
    ASSERT_OK(tx_commit(&tx, &w->e), w->e);
}

TEST(a_key_is_made_once_and_kept_sealed)
{
    struct world w;
    world_open(&w);
    struct trust_key one = key_of(&w, "enterprise:1", "seal"), again = key_of(&w, "enterprise:1", "seal"),
                     two = key_of(&w, "enterprise:2", "seal");
    ASSERT_SV(again.id, one.id);
    ASSERT_SV(again.cert_sha256_hex, one.cert_sha256_hex);
    ck_assert(!sv_eq(one.id, two.id));
    struct sv sealed = sealed_of(&w, one.id);
    ck_assert(sealed.n > SEAL_OVERHEAD + 100);
    ck_assert(!sv_eq(sealed, sealed_of(&w, two.id)));
    /* The same key sealed twice gives other bytes. */
    CLEANUP(key_cleanup) struct key *k = NULL;
    struct sv kek, s1, s2;
    ASSERT_OK(key_generate(KEY_P256, &k, &w.e), w.e);
    vault_seal(w.t, &w.a, k, SV("x"), &kek, &s1);
    vault_seal(w.t, &w.a, k, SV("x"), &kek, &s2);
    ck_assert(!sv_eq(s1, s2));
    struct tally n = tally(&w);
    ck_assert_int_eq(n.keys, 2);
    ck_assert_int_eq(n.certs_issued, 2);
    ck_assert_int_eq(n.certs_open + n.certs_revoked, 0);
    struct stat st;
    ck_assert(stat(w.kek, &st) == 0 && (st.st_mode & 0777) == 0600);
    world_close(&w);
}

TEST(sealed_keys_open_only_in_their_row_under_their_kek)
{
    struct world w;
    struct err e;
    struct trust_signed s;
    world_open(&w);
    struct trust_key one = key_of(&w, "enterprise:1", "seal"), two = key_of(&w, "enterprise:2", "seal");
    struct trust_sign_request r = request(&w, w.pdf, "act-1", "Employer");
    r.signer = (struct trust_signer){.key_id = one.id};
    struct sv good = sealed_of(&w, one.id);
    struct sv flipped = arena_sv(&w.a, good);
    arena_cstr(&w.a, SV(""));
    union {
        const char *in;
        char *out;
    } p = {flipped.p};
    p.out[flipped.n / 2] ^= 1;
    set_sealed(&w, one.id, flipped);
    e = ERR_INIT;
    ck_assert(!sign(&w, &r, &s, &e) && e.code == ERR_CORRUPT);
    set_sealed(&w, one.id, sealed_of(&w, two.id));
    e = ERR_INIT;
    ck_assert(!sign(&w, &r, &s, &e) && e.code == ERR_CORRUPT);
    set_sealed(&w, one.id, good);
    const char *right = w.setup.kek_path;
    w.setup.kek_path = path_join(&w.a, w.dir, "other-kek");
    world_reopen(&w);
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_CONFLICT, "kek_wrong", e);
    w.setup.kek_path = right;
    world_reopen(&w);
    ASSERT_OK(sign(&w, &r, &s, &w.e), w.e);
    world_close(&w);
}

static void set_state(struct world *w, struct sv id, enum trust_key_state state)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    ASSERT_OK(tx_begin(w->db, TX_WRITE, &tx, &w->e), w->e);
    ASSERT_OK(trust_key_set_state(tx, id, state, clock_now(&clock_system), &w->e), w->e);
    ASSERT_OK(tx_commit(&tx, &w->e), w->e);
}

TEST(suspended_and_revoked_keys_do_not_sign)
{
    struct world w;
    struct err e;
    struct trust_signed s;
    struct trust_key found;
    world_open(&w);
    struct trust_key key = key_of(&w, "enterprise:1", "seal");
    struct trust_sign_request r = request(&w, w.pdf, "act-1", "Employer");
    r.signer = (struct trust_signer){.key_id = key.id};
    const struct trust_key_in in = {.owner = SV("enterprise:1"), .purpose = SV("seal"), .common_name = SV("公司")};
    set_state(&w, key.id, TRUST_KEY_suspended);
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_CONFLICT, "key_not_usable", e);
    ASSERT_REFUSED(trust_key_ensure(w.t, &w.a, &in, &found, &e), ERR_CONFLICT, "key_not_usable", e);
    set_state(&w, key.id, TRUST_KEY_active);
    ASSERT_OK(sign(&w, &r, &s, &w.e), w.e);
    set_state(&w, key.id, TRUST_KEY_revoked);
    r = request(&w, w.pdf, "act-2", "Employer");
    r.signer = (struct trust_signer){.key_id = key.id};
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_CONFLICT, "key_not_usable", e);
    ASSERT_OK(trust_key_revoke_at_ca(w.t, key.id, &w.e), w.e);
    ASSERT_OK(trust_key_revoke_at_ca(w.t, key.id, &w.e), w.e);
    {
        CLEANUP(tx_rollback) struct tx *tx = NULL;
        ASSERT_OK(tx_begin(w.db, TX_WRITE, &tx, &w.e), w.e);
        ASSERT_REFUSED(trust_key_set_state(tx, key.id, TRUST_KEY_active, 1, &e), ERR_CONFLICT, "key_not_usable", e);
    }
    {
        CLEANUP(tx_rollback) struct tx *tx = NULL;
        ASSERT_OK(tx_begin(w.db, TX_READ, &tx, &w.e), w.e);
        ASSERT_REFUSED(trust_key_find(tx, &w.a, SV("enterprise:1"), SV("seal"), &found, &e), ERR_NOT_FOUND,
                       "key_unknown", e);
        ASSERT_REFUSED(trust_key_get(tx, &w.a, SV("nothing"), &found, &e), ERR_NOT_FOUND, "key_unknown", e);
        ASSERT_OK(trust_key_get(tx, &w.a, key.id, &found, &w.e), w.e);
        ck_assert(found.state == TRUST_KEY_revoked);
    }
    struct trust_key fresh = key_of(&w, "enterprise:1", "seal");
    ck_assert(!sv_eq(fresh.id, key.id));
    world_close(&w);
}

/* --- production
 * ---------------------------------------------------------------------------------------------------------- */

TEST(production_refuses_test_certificates_and_a_missing_kek)
{
    struct world w;
    struct err e;
    struct trust *t = NULL;
    world_open(&w);
    struct trust_setup s = w.setup;
    s.production = true;
    ASSERT_REFUSED(trust_open(&s, &t, &e), ERR_REFUSED, "test_cert_in_production", e);
    s.kek_path = path_join(&w.a, w.dir, "not-there");
    ASSERT_REFUSED(trust_open(&s, &t, &e), ERR_CONFLICT, "kek_missing", e);
    ck_assert(!file_exists(s.kek_path));
    ck_assert(chmod(w.kek, 0644) == 0);
    s.kek_path = w.kek;
    ASSERT_REFUSED(trust_open(&s, &t, &e), ERR_CONFLICT, "kek_unsafe", e);
    ck_assert(chmod(w.kek, 0600) == 0);
    ASSERT_OK(file_write(path_join(&w.a, w.dir, "short"), SV("abc"), 0600, &w.e), w.e);
    s.kek_path = path_join(&w.a, w.dir, "short");
    ASSERT_REFUSED(trust_open(&s, &t, &e), ERR_CONFLICT, "kek_wrong", e);
    ck_assert(t == NULL);
    ck_assert(name_is_test(SV("CN=TEST 测试根 CA,C=CN")) && name_is_test(SV("O=TEST")) && name_is_test(SV("CN=测试")));
    ck_assert(!name_is_test(SV("CN=CONTEST LTD")) && !name_is_test(SV("O=TESTA")) && !name_is_test(SV("")));
    world_close(&w);
}
