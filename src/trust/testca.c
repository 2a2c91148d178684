/* The test CA's HTTP server: loopback only, routes as in docs/ca-adapter.md. Handlers hold one lock: the folder's rules
 * ask for one writer, and nobody needs a fast test CA. */
#include "trust/testca.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "crypto/tsp.h"
#include "http/http.h"
#include "trust/ca_json.h"
#include "trust/testca_priv.h"

#define ALLOWED_BODY ((size_t)128 << 10)
#define OCSP_TYPE    "application/ocsp-request"
#define STOP_WAIT_MS 2000
#define HOUR_MS      ((int64_t)3600 * 1000)

struct testca {
    struct testca_store *store;
    struct http_server *server;
    struct http_config config;
    struct http_table table;
    int lock;
    pthread_mutex_t mutex;
    bool ca_down, tsa_down;
    struct sv url, tsa_url, tsa_sm2_url;
    struct sv crl_urls[TESTCA_CRLS];
};

struct issue_answer {
    struct sv serial, certificate, chain;
};
static const struct json_field issue_answer_rows[] = {
        JSON_TEXT(struct issue_answer, serial, .any_size = true),
        JSON_TEXT(struct issue_answer, certificate, .any_size = true),
        JSON_TEXT(struct issue_answer, chain, .any_size = true),
        JSON_END,
};
static const struct json_schema issue_answer_schema = JSON_SCHEMA("CaIssued", struct issue_answer, issue_answer_rows);

struct revoke_answer {
    bool revoked;
};
static const struct json_field revoke_answer_rows[] = {JSON_BOOL(struct revoke_answer, revoked), JSON_END};
static const struct json_schema revoke_answer_schema =
        JSON_SCHEMA("CaRevoked", struct revoke_answer, revoke_answer_rows);

static void unlock(pthread_mutex_t **m)
{
    pthread_mutex_unlock(*m);
}
#define LOCKED(ca) CLEANUP(unlock) pthread_mutex_t *locked_ UNUSED = (pthread_mutex_lock(&(ca)->mutex), &(ca)->mutex)

static bool ca_may(struct testca *ca, const struct request *r, bool with_token, struct err *e)
{
    if (ca->ca_down || !ca->store)
        return err_set(e, ERR_UNAVAILABLE, "the CA is switched off");
    struct sv given = http_header(r, "Authorization");
    if (with_token && !(sv_starts(given, SV("Bearer ")) && bytes_equal(sv_skip(given, 7), ca->store->token)))
        return err_set(e, ERR_UNAUTHENTICATED, "wrong or missing bearer token");
    return true;
}

static bool issue_h(struct request *r, struct reply *reply, struct err *e)
{
    struct testca *ca = r->app;
    const struct ca_issue *in = r->in;
    LOCKED(ca);
    const struct testca_order o = {in->request, in->csr, in->subject.common_name, in->act, in->validity_seconds};
    struct issued issued;
    if (!ca_may(ca, r, true, e) || !testca_store_issue(ca->store, r->a, &o, &issued, e))
        return false;
    const struct issue_answer out = {issued.serial, issued.certificate, cert_pem(r->a, issued.by->ca.cert)};
    return http_reply_json(reply, 200, &issue_answer_schema, &out);
}

static bool revoke_h(struct request *r, struct reply *reply, struct err *e)
{
    struct testca *ca = r->app;
    const struct ca_revoke *in = r->in;
    struct revoke_answer out = {false};
    LOCKED(ca);
    return ca_may(ca, r, true, e) && testca_store_revoke(ca->store, r->a, in->request, &out.revoked, e) &&
           http_reply_json(reply, 200, &revoke_answer_schema, &out);
}

#define PEM_TYPE  "application/x-pem-file"
#define CRL_TYPE  "application/pkix-crl"
#define CERT_TYPE "application/pkix-cert"

/* What is there once for each kind of key: the path of the SM2 one ends in "-sm2" before its dot. */
static enum testca_alg alg_of(const struct request *r)
{
    return sv_find(r->path, SV("-sm2")) != SIZE_MAX ? TESTCA_SM2 : TESTCA_P256;
}

static bool chain_h(struct request *r, struct reply *reply, struct err *e)
{
    struct testca *ca = r->app;
    LOCKED(ca);
    return ca_may(ca, r, false, e) && http_reply_bytes(reply, 200, PEM_TYPE, ca->store->of[alg_of(r)].chain_pem);
}

static bool root_h(struct request *r, struct reply *reply, struct err *e)
{
    struct testca *ca = r->app;
    LOCKED(ca);
    return ca_may(ca, r, false, e) &&
           http_reply_bytes(reply, 200, PEM_TYPE, cert_pem(r->a, ca->store->of[alg_of(r)].root.cert));
}

/* The certificate that an address in another one points to: /ca.crt, /root.crt. */
static bool issuer_h(struct request *r, struct reply *reply, struct err *e)
{
    struct testca *ca = r->app;
    LOCKED(ca);
    if (!ca_may(ca, r, false, e))
        return false;
    const struct hierarchy *h = &ca->store->of[alg_of(r)];
    const struct authority *by = sv_starts(r->path, SV("/root")) ? &h->root : &h->ca;
    return http_reply_bytes(reply, 200, CERT_TYPE, by->cert->der);
}

static bool crl_h(struct request *r, struct reply *reply, struct err *e)
{
    struct testca *ca = r->app;
    struct sv der = {0};
    bool of_root = sv_starts(r->path, SV("/ca/root-crl"));
    LOCKED(ca);
    return ca_may(ca, r, false, e) && testca_store_crl(ca->store, r->a, alg_of(r), of_root, &der, e) &&
           http_reply_bytes(reply, 200, CRL_TYPE, der);
}

static bool ocsp_answer(struct testca *ca, struct arena *a, struct sv body, struct sv *ret, struct err *e)
{
    struct ocsp_request q;
    struct err why = ERR_INIT;
    enum ocsp_answer answer = OCSP_UNKNOWN;
    struct revoked revoked = {.reason = -1};
    int64_t now = clock_now(ca->store->clock);
    if (!ocsp_request_parse(a, body, &q, &why)) {
        *ret = ocsp_response_error(a, 1); /* malformedRequest */
        return true;
    }
    enum testca_alg alg = ocsp_request_is_for(&q, ca->store->of[TESTCA_SM2].ca.cert) ? TESTCA_SM2 : TESTCA_P256;
    const struct hierarchy *h = &ca->store->of[alg];
    if (ocsp_request_is_for(&q, h->ca.cert) &&
        !testca_store_status(ca->store, a, alg, q.serial_hex, &answer, &revoked, e))
        return false;
    return ocsp_response_make(a, &q, answer, &revoked, h->ocsp.cert, h->ocsp.key, now, now + HOUR_MS, ret, e);
}

static bool ocsp_h(struct request *r, struct reply *reply, struct err *e)
{
    struct testca *ca = r->app;
    struct sv der = {0};
    LOCKED(ca);
    return ca_may(ca, r, false, e) && ocsp_answer(ca, r->a, r->body, &der, e) &&
           http_reply_bytes(reply, 200, "application/ocsp-response", der);
}

static bool tsa_h(struct request *r, struct reply *reply, struct err *e)
{
    struct testca *ca = r->app;
    LOCKED(ca);
    if (ca->tsa_down || !ca->store)
        return err_set(e, ERR_UNAVAILABLE, "the TSA is switched off");
    struct tsp_request q;
    struct err why = ERR_INIT;
    if (!tsp_request_parse(r->a, r->body, &q, &why))
        return http_reply_bytes(reply, 200, TSP_RESPONSE_TYPE,
                                tsp_response_reject(r->a, 2, SV("the request cannot be read")));
    uint8_t serial[TESTCA_SERIAL];
    random_bytes(serial, sizeof serial);
    serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40);
    const struct hierarchy *h = &ca->store->of[alg_of(r)];
    struct tsp_authority tsa = {
            .cert = h->tsa.cert, .key = h->tsa.key, .policy = SV(TESTCA_POLICY), .accuracy_ms = 1000};
    certs_add(r->a, &tsa.chain, h->ca.cert);
    struct sv der = {0};
    return tsp_response_make(r->a, &q, &tsa, sv_of(serial, sizeof serial), clock_now(ca->store->clock), &der, e) &&
           http_reply_bytes(reply, 200, TSP_RESPONSE_TYPE, der);
}

/* clang-format off */ /* version 14 dies of this table */
static const struct http_route routes[] = {
        {HTTP_POST, "/ca/issue", "caIssue", HTTP_ANYONE, issue_h, .in = &ca_issue_schema, .out = &issue_answer_schema,
         .body_limit = ALLOWED_BODY, .rate = HTTP_RATE_FREE, .from_elsewhere = true, .tag = "ca",
         .summary = "Issue a certificate for a CSR"},
        {HTTP_POST, "/ca/revoke", "caRevoke", HTTP_ANYONE, revoke_h, .in = &ca_revoke_schema,
         .out = &revoke_answer_schema, .body_limit = ALLOWED_BODY, .rate = HTTP_RATE_FREE, .from_elsewhere = true,
         .tag = "ca", .summary = "Revoke the certificate of a request"},
        {HTTP_GET, "/ca/chain.pem", "caChain", HTTP_ANYONE, chain_h, .out_type = PEM_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Issuing CA and root"},
        {HTTP_GET, "/root.pem", "caRoot", HTTP_ANYONE, root_h, .out_type = PEM_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Root certificate"},
        {HTTP_GET, "/ca/crl", "caCrl", HTTP_ANYONE, crl_h, .out_type = CRL_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Revocation list of the issuing CA"},
        {HTTP_GET, "/ca/root-crl", "caRootCrl", HTTP_ANYONE, crl_h, .out_type = CRL_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Revocation list of the root"},
        {HTTP_GET, "/ca/chain-sm2.pem", "caChainSm2", HTTP_ANYONE, chain_h, .out_type = PEM_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Issuing CA and root (SM2)"},
        {HTTP_GET, "/root-sm2.pem", "caRootSm2", HTTP_ANYONE, root_h, .out_type = PEM_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Root certificate (SM2)"},
        {HTTP_GET, "/ca/crl-sm2", "caCrlSm2", HTTP_ANYONE, crl_h, .out_type = CRL_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Revocation list of the issuing CA (SM2)"},
        {HTTP_GET, "/ca/root-crl-sm2", "caRootCrlSm2", HTTP_ANYONE, crl_h, .out_type = CRL_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Revocation list of the root (SM2)"},
        {HTTP_GET, "/ca.crt", "caIssuer", HTTP_ANYONE, issuer_h, .out_type = CERT_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Certificate of the issuing CA, DER"},
        {HTTP_GET, "/root.crt", "caRootIssuer", HTTP_ANYONE, issuer_h, .out_type = CERT_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Certificate of the root, DER"},
        {HTTP_GET, "/ca-sm2.crt", "caIssuerSm2", HTTP_ANYONE, issuer_h, .out_type = CERT_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Certificate of the issuing CA, DER"},
        {HTTP_GET, "/root-sm2.crt", "caRootIssuerSm2", HTTP_ANYONE, issuer_h, .out_type = CERT_TYPE, .rate = HTTP_RATE_FREE,
         .tag = "ca", .summary = "Certificate of the root, DER"},
        {HTTP_POST, "/ocsp", "ocsp", HTTP_ANYONE, ocsp_h, .in_type = OCSP_TYPE, .out_type = "application/ocsp-response",
         .body_limit = ALLOWED_BODY, .rate = HTTP_RATE_FREE, .from_elsewhere = true, .tag = "ca",
         .summary = "OCSP responder (RFC 6960)"},
        {HTTP_POST, "/tsa", "tsa", HTTP_ANYONE, tsa_h, .in_type = TSP_REQUEST_TYPE, .out_type = TSP_RESPONSE_TYPE,
         .body_limit = ALLOWED_BODY, .rate = HTTP_RATE_FREE, .from_elsewhere = true, .tag = "tsa",
         .summary = "Timestamp authority (RFC 3161)"},
        {HTTP_POST, "/tsa-sm2", "tsaSm2", HTTP_ANYONE, tsa_h, .in_type = TSP_REQUEST_TYPE, .out_type = TSP_RESPONSE_TYPE,
         .body_limit = ALLOWED_BODY, .rate = HTTP_RATE_FREE, .from_elsewhere = true, .tag = "tsa",
         .summary = "Timestamp authority (RFC 3161) that signs with SM2"},
};
/* clang-format on */

static bool take_lock(struct testca *ca, const char *dir, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 64 << 10);
    const char *path = path_join(&a, dir, "lock");
    ca->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (ca->lock < 0)
        return err_errno(e, "open %s", path);
    if (flock(ca->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno == EWOULDBLOCK)
        return err_user(e, ERR_CONFLICT, "testca_in_use", NULL, "another test CA serves from %s", dir);
    return err_errno(e, "lock %s", path);
}

static bool serve(struct testca *ca, const struct testca_setup *s, struct arena *a, struct err *e)
{
    ca->table = (struct http_table){routes, COUNT(routes)};
    ca->config = (struct http_config){.port = s->port,
                                      .tables = &ca->table,
                                      .tables_n = 1,
                                      .app = ca,
                                      .clock = s->clock,
                                      .title = "TEST CA",
                                      .version = "1",
                                      .quiet = true};
    for (size_t i = 0; i < HTTP_RATE__N; i++)
        ca->config.rates[i].burst = -1;
    if (!http_start(&ca->config, &ca->server, e))
        return err_wrap(e, "test CA");
    ca->url = arena_printf(a, "http://127.0.0.1:%d", http_port(ca->server));
    return true;
}

static void set_urls(struct testca *ca)
{
    static const char *const lists[TESTCA_CRLS] = {"crl", "root-crl", "crl-sm2", "root-crl-sm2"};
    struct arena *a = &ca->store->arena;
    ca->url = ca->store->url;
    ca->tsa_url = arena_printf(a, "%.*s/tsa", SV_ARG(ca->url));
    ca->tsa_sm2_url = arena_printf(a, "%.*s/tsa-sm2", SV_ARG(ca->url));
    for (size_t i = 0; i < TESTCA_CRLS; i++)
        ca->crl_urls[i] = arena_printf(a, "%.*s/ca/%s", SV_ARG(ca->url), lists[i]);
}

/* The port must be known before certificates are made that name it; requests wait at the lock meanwhile. */
static bool open_under_lock(struct testca *ca, const struct testca_setup *s, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 64 << 10);
    LOCKED(ca);
    if (!take_lock(ca, s->dir, e) || !serve(ca, s, &a, e) ||
        !testca_store_open(s->dir, s->clock, ca->url, &ca->store, e))
        return false;
    set_urls(ca);
    return true;
}

bool testca_start(const struct testca_setup *s, struct testca **ret, struct err *e)
{
    CLEANUP(testca_stopp) struct testca *ca = calloc(1, sizeof *ca);
    must(ca);
    ca->lock = -1;
    pthread_mutex_init(&ca->mutex, NULL);
    if (!dir_make(s->dir, 0700, e) || !open_under_lock(ca, s, e))
        return false;
    *ret = steal(&ca);
    return true;
}

void testca_stop(struct testca *ca)
{
    if (!ca)
        return;
    http_stop(ca->server, STOP_WAIT_MS);
    testca_store_close(ca->store);
    fd_close(&ca->lock);
    pthread_mutex_destroy(&ca->mutex);
    free(ca);
}

struct sv testca_url(const struct testca *ca)
{
    return ca->url;
}

struct sv testca_tsa_url(const struct testca *ca)
{
    return ca->tsa_url;
}

struct sv testca_tsa_sm2_url(const struct testca *ca)
{
    return ca->tsa_sm2_url;
}

const struct sv *testca_crl_urls(const struct testca *ca)
{
    return ca->crl_urls;
}

struct sv testca_token(const struct testca *ca)
{
    return ca->store->token;
}

struct sv testca_root_pem(const struct testca *ca)
{
    return ca->store->roots_pem;
}

void testca_set_down(struct testca *ca, bool ca_down, bool tsa_down)
{
    LOCKED(ca);
    ca->ca_down = ca_down;
    ca->tsa_down = tsa_down;
}
