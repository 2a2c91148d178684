/* The test CA and TSA as an outside program sees them: over HTTP, and by the openssl command. */
#include <string.h>

#include "crypto/chain.h"
#include "crypto/key.h"
#include "crypto/revocation.h"
#include "net/net.h"
#include "trust/test_world.h"
#include "json/json.h"

static int post(struct world *w, const char *path, const char *token, const char *type, struct sv body,
                struct sv *ret_body)
{
    const struct net_header headers[] = {
            {SV("Content-Type"), sv_from(type)},
            { SV("Authorization"), arena_printf(&w->a,              "Bearer %s", token)}
    };
    const struct net_request r = {.method = SV("POST"),
                                  .url = arena_printf(&w->a, "%.*s%s", SV_ARG(testca_url(w->ca)), path),
                                  .headers = headers,
                                  .headers_n = 2,
                                  .body = body};
    struct net_reply reply;
    ASSERT_OK(net_http(&w->a, &r, &reply, &w->e), w->e);
    *ret_body = reply.body;
    return reply.status;
}

static int get(struct world *w, const char *path, struct sv *ret_body)
{
    const struct net_request r = {.url = arena_printf(&w->a, "%.*s%s", SV_ARG(testca_url(w->ca)), path)};
    struct net_reply reply;
    ASSERT_OK(net_http(&w->a, &r, &reply, &w->e), w->e);
    *ret_body = reply.body;
    return reply.status;
}

static struct sv issue_body(struct world *w, const char *request_name, const char *name, struct sv *csr_pem)
{
    if (csr_pem->n == 0) {
        CLEANUP(key_cleanup) struct key *k = NULL;
        struct sv der;
        const struct cert_subject subject = {.common_name = SV("试用")};
        ASSERT_OK(key_generate(KEY_P256, &k, &w->e), w->e);
        ASSERT_OK(csr_make(&w->a, k, &subject, &der, &w->e), w->e);
        *csr_pem = pem_encode(&w->a, "CERTIFICATE REQUEST", der);
    }
    struct buf b;
    struct json_out o;
    buf_init(&b, 1 << 16);
    json_out_init(&o, &b);
    json_begin_object(&o);
    json_kv_text(&o, "request", sv_from(request_name));
    json_kv_text(&o, "csr", *csr_pem);
    json_key(&o, SV("subject"));
    json_begin_object(&o);
    json_kv_text(&o, "common_name", sv_from(name));
    json_end_object(&o);
    json_kv_text(&o, "act", SV("urn:qyq:act:00"));
    json_kv_int(&o, "validity_seconds", 3600);
    json_end_object(&o);
    return buf_to_arena(&b, &w->a);
}

static const struct cert *issued(struct world *w, struct sv body)
{
    const struct json_value *v = NULL;
    const struct cert *c = NULL;
    ASSERT_OK(json_read(&w->a, body, 1 << 20, &v, &w->e), w->e);
    ASSERT_OK(cert_parse(&w->a, json_get_text(v, SV("certificate")), &c, &w->e), w->e);
    ASSERT_SV(json_get_text(v, SV("serial")), c->serial_hex);
    return c;
}

TEST(the_same_request_gives_the_same_certificate)
{
    struct world w;
    struct sv body, csr = SV(""), other = SV("");
    world_open(&w);
    const char *token = arena_cstr(&w.a, testca_token(w.ca));
    const char *json = "application/json";
    ck_assert_int_eq(post(&w, "/ca/issue", "nonsense", json, issue_body(&w, "r1", "试用", &csr), &body), 401);
    ck_assert_int_eq(post(&w, "/ca/issue", token, json, issue_body(&w, "r1", "试用", &csr), &body), 200);
    const struct cert *one = issued(&w, body);
    ck_assert(sv_find(one->der, SV("urn:qyq:act:00")) != SIZE_MAX);
    ck_assert(name_is_test(one->issuer));
    ck_assert_int_eq(post(&w, "/ca/issue", token, json, issue_body(&w, "r1", "试用", &csr), &body), 200);
    ck_assert(cert_eq(issued(&w, body), one));
    ck_assert_int_eq(post(&w, "/ca/issue", token, json, issue_body(&w, "r1", "试用", &other), &body), 409);
    ck_assert_int_eq(post(&w, "/ca/issue", token, json, issue_body(&w, "r2", "别人", &csr), &body), 422);
    ck_assert_int_eq(post(&w, "/ca/issue", token, json, issue_body(&w, "../r2", "试用", &csr), &body), 400);
    ck_assert_int_eq(post(&w, "/ca/issue", token, json, SV("{}"), &body), 400);
    /* A request that was revoked before it came is never answered. */
    ck_assert_int_eq(post(&w, "/ca/revoke", token, json, SV("{\"request\":\"r3\",\"reason\":\"superseded\"}"), &body),
                     200);
    ASSERT_SV(body, SV("{\"revoked\":false}"));
    ck_assert_int_eq(post(&w, "/ca/issue", token, json, issue_body(&w, "r3", "试用", &csr), &body), 409);
    ck_assert_int_eq(
            post(&w, "/ca/revoke", "nonsense", json, SV("{\"request\":\"r1\",\"reason\":\"superseded\"}"), &body), 401);
    world_close(&w);
}

/* The folder outlives the server: same CA, same certificates, same revocations. */
TEST(the_folder_keeps_everything_over_a_restart)
{
    struct world w;
    struct sv body, csr = SV(""), crl;
    struct crl_info info;
    world_open(&w);
    const char *dir = path_join(&w.a, w.dir, "ca"), *token = arena_cstr(&w.a, testca_token(w.ca)),
               *json = "application/json";
    struct sv root = arena_sv(&w.a, testca_root_pem(w.ca));
    ck_assert_int_eq(post(&w, "/ca/issue", token, json, issue_body(&w, "r1", "试用", &csr), &body), 200);
    const struct cert *one = issued(&w, body);
    ck_assert_int_eq(post(&w, "/ca/revoke", token, json, SV("{\"request\":\"r1\",\"reason\":\"superseded\"}"), &body),
                     200);
    ASSERT_SV(body, SV("{\"revoked\":true}"));
    const struct testca_setup setup = {.dir = dir, .clock = &clock_system};
    struct testca *second = NULL;
    struct err e;
    ASSERT_REFUSED(testca_start(&setup, &second, &e), ERR_CONFLICT, "testca_in_use", e);
    testca_stop(w.ca);
    w.ca = NULL;
    ASSERT_OK(testca_start(&setup, &w.ca, &w.e), w.e);
    ASSERT_SV(testca_root_pem(w.ca), root);
    ASSERT_SV(testca_token(w.ca), sv_from(token));
    ck_assert_int_eq(get(&w, "/ca/crl", &crl), 200);
    ASSERT_OK(crl_parse(&w.a, crl, &info, &w.e), w.e);
    ck_assert_int_eq((int)info.entries, 1);
    ck_assert_int_eq(post(&w, "/ca/issue", token, json, issue_body(&w, "r1", "试用", &csr), &body), 409);
    ck_assert(one->serial_hex.n == 32);
    world_close(&w);
}

static enum trust_verdict judge(struct world *w, const struct cert *leaf, struct sv crl, struct sv ocsp,
                                bool *ret_revoked)
{
    struct chain_query q = {
            .leaf = leaf, .purpose = CHAIN_SIGN, .now_at = clock_now(&clock_system), .need_revocation = true};
    struct sv pem;
    struct chain_result r;
    ck_assert_int_eq(get(w, "/root.pem", &pem), 200);
    ASSERT_OK(certs_parse(&w->a, pem, &q.anchors, &w->e), w->e);
    ck_assert_int_eq(get(w, "/ca/chain.pem", &pem), 200);
    ASSERT_OK(certs_parse(&w->a, pem, &q.pool, &w->e), w->e);
    /* The issuing CA is pinned here: the root gives no list of its own. */
    certs_add(&w->a, &q.anchors, q.pool.v[0]);
    if (crl.n > 0)
        der_list_add(&w->a, &q.crls, crl);
    if (ocsp.n > 0)
        der_list_add(&w->a, &q.ocsps, ocsp);
    chain_check(&w->a, &q, &r);
    *ret_revoked = r.revoked;
    return r.verdict;
}

TEST(crl_and_ocsp_tell_of_a_revocation)
{
    struct world w;
    struct sv body, csr = SV(""), crl, request, answer, chain;
    struct certs issuers;
    bool revoked = false;
    world_open(&w);
    const char *token = arena_cstr(&w.a, testca_token(w.ca)), *json = "application/json";
    ck_assert_int_eq(post(&w, "/ca/issue", token, json, issue_body(&w, "r1", "试用", &csr), &body), 200);
    const struct cert *c = issued(&w, body);
    ck_assert_int_eq(get(&w, "/ca/chain.pem", &chain), 200);
    ASSERT_OK(certs_parse(&w.a, chain, &issuers, &w.e), w.e);
    ASSERT_OK(ocsp_request_make(&w.a, c, issuers.v[0], &request, &w.e), w.e);
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(get(&w, "/ca/crl", &crl), 200);
        ck_assert_int_eq(post(&w, "/ocsp", "", "application/ocsp-request", request, &answer), 200);
        enum trust_verdict want = round == 0 ? TRUST_PASSED : TRUST_FAILED;
        ck_assert_msg(judge(&w, c, crl, SV(""), &revoked) == want, "CRL, round %d", round);
        ck_assert(revoked == (round == 1));
        ck_assert_msg(judge(&w, c, SV(""), answer, &revoked) == want, "OCSP, round %d", round);
        ck_assert(revoked == (round == 1));
        ck_assert_int_eq(
                post(&w, "/ca/revoke", token, json, SV("{\"request\":\"r1\",\"reason\":\"superseded\"}"), &body), 200);
    }
    ck_assert_int_eq(post(&w, "/ocsp", "", "application/ocsp-request", SV("nonsense"), &answer), 200);
    world_close(&w);
}

TEST(the_openssl_program_accepts_what_it_issues)
{
    struct world w;
    struct sv key, cert, chain, out;
    world_open(&w);
    const char *dir = path_join(&w.a, w.dir, "ca");
    ASSERT_OK(testca_issue_local(&w.a, dir, &clock_system, TESTCA_P256, SV("试用签名人"), &key, &cert, &chain, &w.e),
              w.e);
    const char *cert_path = path_join(&w.a, w.dir, "c.pem"), *chain_path = path_join(&w.a, w.dir, "chain.pem"),
               *root_path = path_join(&w.a, dir, "root.pem"), *key_path = path_join(&w.a, w.dir, "k.pem");
    ASSERT_OK(file_write(cert_path, cert, 0600, &w.e), w.e);
    ASSERT_OK(file_write(chain_path, chain, 0600, &w.e), w.e);
    ASSERT_OK(file_write(key_path, key, 0600, &w.e), w.e);
    int code = run_program(&w.a,
                           (const char *const[]){"openssl", "verify", "-x509_strict", "-CAfile", root_path,
                                                 "-untrusted", chain_path, cert_path, NULL},
                           &out);
    ck_assert_msg(code == 0, "%.*s", SV_ARG(out));
    const char *query = path_join(&w.a, w.dir, "q.tsq"), *reply = path_join(&w.a, w.dir, "r.tsr");
    code = run_program(&w.a,
                       (const char *const[]){"openssl", "ts", "-query", "-data", cert_path, "-sha256", "-cert", "-out",
                                             query, NULL},
                       &out);
    ck_assert_msg(code == 0, "%.*s", SV_ARG(out));
    struct sv body, answer;
    ASSERT_OK(file_read(&w.a, query, 1 << 16, &body, &w.e), w.e);
    ck_assert_int_eq(post(&w, "/tsa", "", "application/timestamp-query", body, &answer), 200);
    ASSERT_OK(file_write(reply, answer, 0600, &w.e), w.e);
    code = run_program(&w.a,
                       (const char *const[]){"openssl", "ts", "-verify", "-queryfile", query, "-in", reply, "-CAfile",
                                             root_path, "-untrusted", chain_path, NULL},
                       &out);
    ck_assert_msg(code == 0, "%.*s", SV_ARG(out));
    struct err e;
    ASSERT_REFUSED(testca_issue_local(&w.a, w.dir, &clock_system, TESTCA_P256, SV("x"), &key, &cert, &chain, &e),
                   ERR_NOT_FOUND, "testca_not_made", e);
    world_close(&w);
}
