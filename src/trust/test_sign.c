/* Acts of signing over the real adapters: what comes out is verified by our reader and by poppler; what must not come
 * out does not. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/cms.h"
#include "crypto/key.h"
#include "crypto/tsp.h"
#include "http/http.h"
#include "pdf/verify.h"
#include "postgres.h"
#include "trust/test_world.h"

static const struct pdf_appearance box = {.content = SV_INIT("0 0 100 40 re S"), .width = 100, .height = 40};
static const struct pdf_appearance strip = {.content = SV_INIT("0 0 10 40 re f"), .width = 10, .height = 40};

static struct trust_sign_request sealing(struct world *w, struct sv pdf, const char *act)
{
    static const struct pdf_button_fill buttons[] = {
            {SV_INIT("Seam1"), {SV_INIT("0 0 10 40 re f"), 10, 40, NULL}}
    };
    struct trust_sign_request r = request(w, pdf, act, "Employer");
    r.signer = (struct trust_signer){.key_id = key_of(w, "enterprise:1", "seal").id};
    r.appearance = &box;
    r.buttons = buttons;
    r.buttons_n = COUNT(buttons);
    r.reason = SV("用人单位盖章");
    return r;
}

static struct trust_sign_request certifying(struct world *w, const char *act)
{
    struct trust_sign_request r = request(w, w->pdf, act, "Lock");
    r.signer = (struct trust_signer){.key_id = key_of(w, "platform", "certify").id};
    r.auth.approved_by = SV("platform");
    r.auth.factor = SV("policy");
    r.certify = 2;
    return r;
}

static void check_report(struct world *w, struct sv pdf, size_t signatures)
{
    struct pdf_report report;
    struct sv anchors = testca_root_pem(w->ca);
    const struct pdf_verify_options o = {.trust_pem = &anchors, .trust_n = 1, .at = clock_now(&clock_system)};
    ASSERT_OK(pdf_verify(&w->a, pdf, &o, &report, &w->e), w->e);
    ck_assert_int_eq((int)report.signatures_n, (int)signatures);
    ck_assert_str_eq(pdf_integrity_name(report.integrity), "INTACT");
    ck_assert_str_eq(pdf_trust_name(report.trust), "PASSED");
    for (size_t i = 0; i < signatures; i++)
        ck_assert_str_eq(pdf_level_name(report.signatures[i].level), "B-T");
    ck_assert(report.signatures[signatures - 1].coverage == PDF_COVERS_WHOLE);
}

TEST(platform_worker_and_employer_sign_one_document)
{
    struct world w;
    struct trust_signed lock, worker, employer;
    world_open(&w);
    struct trust_sign_request r = certifying(&w, "act-lock");
    ASSERT_OK(sign(&w, &r, &lock, &w.e), w.e);
    ASSERT_OK(commit(&w, lock.use_id, &w.e), w.e);
    ck_assert(sv_starts(lock.pdf, w.pdf));
    check_report(&w, lock.pdf, 1);

    r = request(&w, lock.pdf, "act-worker", "Worker");
    r.appearance = &strip;
    ASSERT_OK(sign(&w, &r, &worker, &w.e), w.e);
    ASSERT_OK(commit(&w, worker.use_id, &w.e), w.e);
    ck_assert(sv_starts(worker.pdf, lock.pdf));
    check_report(&w, worker.pdf, 2);
    const struct cert *c = NULL;
    ASSERT_OK(cert_parse(&w.a, worker.cert_der, &c, &w.e), w.e);
    ASSERT_SV(c->common_name, r.signer.common_name);
    ASSERT_SV(c->subject_serial_number, r.signer.subject_hash);
    ck_assert(worker.act_hash_hex.n == 64 && sv_find(c->der, worker.act_hash_hex) != SIZE_MAX);
    ck_assert(c->not_after_at - c->not_before_at < (int64_t)2 * 86400 * 1000);

    r = sealing(&w, worker.pdf, "act-employer");
    ASSERT_OK(sign(&w, &r, &employer, &w.e), w.e);
    ASSERT_OK(commit(&w, employer.use_id, &w.e), w.e);
    check_report(&w, employer.pdf, 3);
    ck_assert(employer.gen_time_ms >= worker.gen_time_ms && worker.gen_time_ms >= lock.gen_time_ms);
    ck_assert(employer.act_hash_hex.n == 0 && employer.chain_pem.n > 0);
    ASSERT_SV(employer.tsa_url, testca_tsa_url(w.ca));

    struct digest d = digest_of(DIGEST_SHA256, employer.pdf);
    ASSERT_SV(employer.pdf_sha256, digest_sv(&d));
    struct tally n = tally(&w);
    ck_assert_int_eq(n.keys, 2);
    ck_assert_int_eq(n.uses_committed, 3);
    ck_assert_int_eq(n.uses_begun + n.uses_used + n.uses_signed + n.uses_abandoned, 0);
    ck_assert_int_eq(n.certs_issued, 3);
    ck_assert_int_eq(n.certs_open + n.certs_revoked, 0);
    /* Nothing of the document carries an ID number, and the result reads well elsewhere. */
    const char *path = path_join(&w.a, w.dir, "out.pdf");
    struct sv out;
    ASSERT_OK(file_write(path, employer.pdf, 0600, &w.e), w.e);
    ck_assert_int_eq(run_program(&w.a, (const char *const[]){"pdfsig", "-nocert", path, NULL}, &out), 0);
    size_t valid = 0;
    for (struct sv rest = out; valid < 9 && sv_find(rest, SV("Signature is Valid.")) != SIZE_MAX; valid++)
        rest = sv_skip(rest, sv_find(rest, SV("Signature is Valid.")) + 1);
    ck_assert_msg(valid == 3, "%.*s", SV_ARG(out));
    ck_assert_msg(sv_find(out, SV("Total document signed")) != SIZE_MAX, "%.*s", SV_ARG(out));
    world_close(&w);
}

TEST(postgresql_keeps_the_same_books)
{
    struct world w;
    struct arena a;
    struct err e;
    struct trust_signed seal, worker;
    arena_init(&a, 1 << 20);
    world_open_on(&w, test_postgres_url(&a));
    struct trust_sign_request r = sealing(&w, w.pdf, "act-seal"), q = request(&w, w.pdf, "act-worker", "Worker");
    testca_set_down(w.ca, false, true);
    ASSERT_REFUSED(sign(&w, &q, &worker, &e), ERR_UNAVAILABLE, "tsa_unavailable", e);
    testca_set_down(w.ca, false, false);
    ASSERT_OK(sign(&w, &q, &worker, &w.e), w.e);
    ASSERT_OK(sign(&w, &q, &worker, &w.e), w.e);
    ASSERT_OK(commit(&w, worker.use_id, &w.e), w.e);
    ASSERT_REFUSED(commit(&w, worker.use_id, &e), ERR_CONFLICT, "act_done", e);
    ASSERT_OK(sign(&w, &r, &seal, &w.e), w.e);
    ASSERT_OK(commit(&w, seal.use_id, &w.e), w.e);
    struct tally n = tally(&w);
    ck_assert_int_eq(n.uses_committed, 2);
    ck_assert_int_eq(n.uses_abandoned, 2);
    ck_assert_int_eq(n.certs_revoked, 2);
    ck_assert_int_eq(n.certs_open, 0);
    world_close(&w);
    arena_done(&a);
}

TEST(pdfsig_trusts_the_chain_once_the_root_is_known)
{
    struct world w;
    struct trust_signed lock;
    struct sv out;
    world_open(&w);
    struct trust_sign_request r = certifying(&w, "act-lock");
    ASSERT_OK(sign(&w, &r, &lock, &w.e), w.e);
    const char *path = path_join(&w.a, w.dir, "out.pdf"), *root = path_join(&w.a, w.dir, "ca/root.pem");
    const char *nss = arena_cstr(&w.a, arena_printf(&w.a, "sql:%s", w.dir));
    ASSERT_OK(file_write(path, lock.pdf, 0600, &w.e), w.e);
    ck_assert_int_eq(
            run_program(&w.a, (const char *const[]){"certutil", "-N", "-d", nss, "--empty-password", NULL}, &out), 0);
    ck_assert_int_eq(run_program(&w.a,
                                 (const char *const[]){"certutil", "-A", "-d", nss, "-n", "root", "-t", "CT,CT,CT",
                                                       "-i", root, NULL},
                                 &out),
                     0);
    ck_assert_int_eq(run_program(&w.a, (const char *const[]){"pdfsig", "-nssdir", w.dir, path, NULL}, &out), 0);
    ck_assert_msg(sv_find(out, SV("Certificate is Trusted")) != SIZE_MAX, "%.*s", SV_ARG(out));
    world_close(&w);
}

TEST(an_approval_fits_one_document_and_one_act)
{
    struct world w;
    struct err e;
    struct trust_signed s;
    world_open(&w);
    struct trust_sign_request r = request(&w, w.pdf, "act-1", "Worker");
    r.pdf = arena_concat(&w.a, w.pdf, SV("\n"));
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_CONFLICT, "document_changed", e);
    r.pdf = w.pdf;
    r.auth.factor = SV("");
    e = ERR_INIT;
    ck_assert(!sign(&w, &r, &s, &e) && e.code == ERR_BAD_INPUT);
    r.auth.factor = SV("otp");
    r.signer.common_name = SV("张三 000000199001010012");
    e = ERR_INIT;
    ck_assert(!sign(&w, &r, &s, &e) && e.code == ERR_BAD_INPUT);
    r.signer.common_name = SV("张三");
    r.field = SV("Nowhere");
    e = ERR_INIT;
    ck_assert(!sign(&w, &r, &s, &e));
    struct tally n = tally(&w); /* what the document or the request forbids leaves no trace */
    ck_assert_int_eq(n.uses_begun + n.uses_abandoned + n.certs_open + n.certs_issued + n.certs_revoked, 0);
    r.field = SV("Worker");
    ASSERT_OK(sign(&w, &r, &s, &w.e), w.e);
    ASSERT_OK(commit(&w, s.use_id, &w.e), w.e);
    ASSERT_REFUSED(commit(&w, s.use_id, &e), ERR_CONFLICT, "act_done", e);
    struct trust_signed again;
    ASSERT_REFUSED(sign(&w, &r, &again, &e), ERR_CONFLICT, "act_done", e);
    world_close(&w);
}

TEST(a_second_try_voids_the_first_result)
{
    struct world w;
    struct err e;
    struct trust_signed first, second;
    world_open(&w);
    struct trust_sign_request r = request(&w, w.pdf, "act-1", "Worker");
    ASSERT_OK(sign(&w, &r, &first, &w.e), w.e);
    ASSERT_OK(sign(&w, &r, &second, &w.e), w.e);
    ASSERT_REFUSED(commit(&w, first.use_id, &e), ERR_CONFLICT, "act_abandoned", e);
    ASSERT_OK(commit(&w, second.use_id, &w.e), w.e);
    struct tally n = tally(&w);
    ck_assert_int_eq(n.uses_committed, 1);
    ck_assert_int_eq(n.uses_abandoned, 1);
    ck_assert_int_eq(n.certs_issued, 1);
    ck_assert_int_eq(n.certs_revoked, 1);
    world_close(&w);
}

/* The narrow function itself: it takes nobody's word. */
TEST(the_vault_signs_only_a_recorded_approval_once)
{
    struct world w;
    struct err e;
    struct sv cms;
    struct digest digest;
    world_open(&w);
    struct trust_key k = key_of(&w, "platform", "certify");
    struct trust_sign_request r = request(&w, w.pdf, "act-1", "Lock");
    const struct pdf_sign_options o = {.field = SV("Lock"), .signing_at = clock_now(&clock_system), .certify = 2};
    struct pdf_prepared prepared;
    ASSERT_OK(pdf_sign_prepare(&w.a, w.pdf, &o, &prepared, &w.e), w.e);
    struct vault_job job = {.use_id = SV("use-1"),
                            .key_id = k.id,
                            .auth = &r.auth,
                            .approved = w.pdf,
                            .document = w.pdf,
                            .prepared = &prepared};
    ASSERT_OK(cert_parse(&w.a, k.cert_der, &job.signer, &w.e), w.e);
    ASSERT_REFUSED(vault_sign(w.t, &w.a, &job, &cms, &digest, &e), ERR_CONFLICT, "act_abandoned", e);
    {
        CLEANUP(tx_rollback) struct tx *tx = NULL;
        const struct use_row use = {job.use_id, &r.auth, k.id, SV("Lock")};
        ASSERT_OK(tx_begin(w.db, TX_WRITE, &tx, &w.e), w.e);
        ASSERT_OK(store_use_begin(tx, &use, 1, &w.e), w.e);
        ASSERT_OK(tx_commit(&tx, &w.e), w.e);
    }
    job.approved = job.document = sv_sub(w.pdf, 0, w.pdf.n - 1);
    ASSERT_REFUSED(vault_sign(w.t, &w.a, &job, &cms, &digest, &e), ERR_CONFLICT, "document_changed", e);
    struct sv other = arena_concat(&w.a, w.pdf, SV("\n"));
    struct digest d = digest_of(DIGEST_SHA256, other);
    struct trust_auth forged = r.auth;
    forged.document_sha256 = digest_sv(&d);
    job.approved = job.document = other;
    job.auth = &forged;
    ck_assert(!vault_sign(w.t, &w.a, &job, &cms, &digest, &e));
    job.approved = job.document = w.pdf;
    job.auth = &r.auth;
    ASSERT_OK(vault_sign(w.t, &w.a, &job, &cms, &digest, &w.e), w.e);
    ASSERT_REFUSED(vault_sign(w.t, &w.a, &job, &cms, &digest, &e), ERR_CONFLICT, "act_abandoned", e);
    world_close(&w);
}

/* --- timestamps
 * ---------------------------------------------------------------------------------------------------------- */

TEST(without_a_timestamp_there_is_no_signature)
{
    struct world w;
    struct err e;
    struct trust_signed s;
    world_open(&w);
    struct trust_sign_request r = request(&w, w.pdf, "act-1", "Worker"), seal = sealing(&w, w.pdf, "act-2");
    testca_set_down(w.ca, false, true);
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_UNAVAILABLE, "tsa_unavailable", e);
    ck_assert(s.pdf.p == NULL && s.use_id.p == NULL);
    ASSERT_REFUSED(sign(&w, &seal, &s, &e), ERR_UNAVAILABLE, "tsa_unavailable", e);
    struct tally n = tally(&w);
    ck_assert_int_eq(n.uses_signed + n.uses_committed, 0);
    ck_assert_int_eq(n.uses_abandoned, 2);
    ck_assert_int_eq(n.certs_revoked, 1); /* the act's; the seal's stays */
    ck_assert_int_eq(n.certs_issued, 1);
    testca_set_down(w.ca, false, false);
    ASSERT_OK(sign(&w, &r, &s, &w.e), w.e);
    ASSERT_OK(sign(&w, &seal, &s, &w.e), w.e);
    /* The CA stopped as well: certificates that cannot be revoked now are revoked later. */
    testca_set_down(w.ca, false, true);
    r.auth.act = SV("act-3");
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_UNAVAILABLE, "tsa_unavailable", e);
    w.setup.tsa_n = 0;
    world_reopen(&w);
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_UNAVAILABLE, "tsa_unavailable", e);
    world_close(&w);
}

TEST(the_next_service_of_the_list_is_asked)
{
    struct world w;
    struct sv token, url, sha = SV("0123456789abcdef0123456789abcdef");
    int64_t at = 0;
    world_open(&w);
    w.tsa_urls[1] = w.tsa_urls[0];
    w.tsa_urls[0] = SV("http://127.0.0.1:1/tsa");
    w.setup.tsa_n = 2;
    world_reopen(&w);
    ASSERT_OK(trust_timestamp(w.t, &w.a, sha, &token, &at, &url, &w.e), w.e);
    ASSERT_SV(url, w.tsa_urls[1]);
    int64_t now = clock_now(&clock_system);
    ck_assert(at <= now && at > now - 60000);
    world_close(&w);
}

/* A TSA that answers over HTTP and lies. */
enum lie {
    HONEST,
    WRONG_NONCE,
    WRONG_IMPRINT,
    OTHER_POLICY,
    NO_EKU,
    STRANGER,
    REJECTS,
    RUBBISH,
    EMPTY,
    ERROR_500,
    OTHER_TYPE,
    LIE__N
};
struct liar {
    enum lie lie;
    struct key *key[3];
    const struct cert *tsa, *signer, *stranger;
    struct arena *a;
};

static bool lying_tsa_h(struct request *r, struct reply *reply, struct err *e)
{
    struct liar *l = r->app;
    struct tsp_request q;
    ASSERT_OK(tsp_request_parse(r->a, r->body, &q, e), *e);
    if (l->lie == WRONG_NONCE)
        q.nonce = SV("\x01\x02\x03\x04");
    if (l->lie == WRONG_IMPRINT)
        q.imprint.bytes[0] ^= 1;
    struct tsp_authority tsa = {.cert = l->lie == NO_EKU     ? l->signer
                                        : l->lie == STRANGER ? l->stranger
                                                             : l->tsa,
                                .key = l->key[l->lie == NO_EKU     ? 1
                                              : l->lie == STRANGER ? 2
                                                                   : 0],
                                .policy = l->lie == OTHER_POLICY ? SV("1.2.3.4.99") : SV("1.2.3.4.1")};
    struct sv der = SV("");
    if (l->lie == OTHER_POLICY)
        q.policy = SV("");
    if (l->lie == REJECTS)
        der = tsp_response_reject(r->a, 25, SV("not today"));
    else if (l->lie == RUBBISH)
        der = SV("\x30\x03\x02\x01\x00");
    else if (l->lie == ERROR_500)
        return err_set(e, ERR_INTERNAL, "broken");
    else if (l->lie != EMPTY)
        ASSERT_OK(tsp_response_make(r->a, &q, &tsa, SV("\x05"), clock_now(&clock_system), &der, e), *e);
    return http_reply_bytes(reply, 200, l->lie == OTHER_TYPE ? "text/html" : TSP_RESPONSE_TYPE, der);
}

static const struct cert *make(struct liar *l, enum cert_profile profile, int key, const struct cert *issuer,
                               int issuer_key)
{
    struct err e = ERR_INIT;
    const struct cert *c = NULL;
    if (!l->key[key])
        ASSERT_OK(key_generate(KEY_P256, &l->key[key], &e), e);
    const struct cert_order o = {.profile = profile,
                                 .subject = {.common_name = SV("Somebody")},
                                 .public_der = key_public_der(l->a, l->key[key]),
                                 .not_before_at = clock_now(&clock_system) - 60000,
                                 .not_after_at = clock_now(&clock_system) + 86400000};
    ASSERT_OK(cert_issue(l->a, &o, issuer, l->key[issuer_key], &c, &e), e);
    return c;
}

TEST(lying_timestamp_services_are_refused)
{
    static const struct http_route routes[] = {
            {HTTP_POST, "/tsa", "tsa", HTTP_ANYONE, lying_tsa_h, .in_type = TSP_REQUEST_TYPE,
             .out_type = TSP_RESPONSE_TYPE, .rate = HTTP_RATE_FREE, .from_elsewhere = true, .tag = "t",
             .summary = "t"}
    };
    static const struct http_table table = {routes, 1};
    struct world w;
    struct liar l = {0};
    struct sv token, url, sha = SV("0123456789abcdef0123456789abcdef");
    int64_t at = 0;
    struct err e;
    world_open(&w);
    l.a = &w.a;
    l.tsa = make(&l, CERT_TSA, 0, NULL, 0); /* self-made, and an anchor below: only the lie is wrong */
    l.signer = make(&l, CERT_SIGNER, 1, NULL, 1);
    l.stranger = make(&l, CERT_TSA, 2, NULL, 2);
    const struct http_config config = {
            .tables = &table, .tables_n = 1, .app = &l, .quiet = true, .title = "t", .version = "1"};
    struct http_server *server = NULL;
    ASSERT_OK(http_start(&config, &server, &w.e), w.e);
    w.tsa_urls[0] = arena_printf(&w.a, "http://127.0.0.1:%d/tsa", http_port(server));
    w.setup.tsa_policy = SV("1.2.3.4.1");
    w.setup.anchors_pem = arena_concat(&w.a, w.setup.anchors_pem,
                                       arena_concat(&w.a, cert_pem(&w.a, l.tsa), cert_pem(&w.a, l.signer)));
    world_reopen(&w);
    ASSERT_OK(trust_timestamp(w.t, &w.a, sha, &token, &at, &url, &w.e), w.e);
    for (l.lie = WRONG_NONCE; l.lie < LIE__N; l.lie++) {
        token = SV("");
        ASSERT_REFUSED(trust_timestamp(w.t, &w.a, sha, &token, &at, &url, &e), ERR_UNAVAILABLE, "tsa_unavailable", e);
        ck_assert_msg(token.n == 0, "lie %d", (int)l.lie);
        struct trust_sign_request r = request(&w, w.pdf, "act-1", "Worker");
        struct trust_signed s;
        ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_UNAVAILABLE, "tsa_unavailable", e);
    }
    http_stop(server, 1000);
    for (size_t i = 0; i < COUNT(l.key); i++)
        key_free(l.key[i]);
    world_close(&w);
}

/* --- dying in between
 * ---------------------------------------------------------------------------------------------------- */

/* In a child: the whole of key and signature, killed at the n-th commit. Exit 0: it came through. */
static int die_at(struct world *w, const char *fault)
{
    fflush(NULL);
    pid_t pid = fork();
    ck_assert(pid >= 0);
    if (pid == 0) {
        struct err e = ERR_INIT;
        struct trust *t = NULL;
        struct db *db = NULL;
        const struct db_config config = {.url = w->db_url, .fault = fault};
        if (!db_open(&config, &db, &e))
            _exit(3);
        w->setup.db = w->db = db;
        if (!trust_open(&w->setup, &t, &e))
            _exit(4);
        w->t = t;
        struct trust_signed s;
        struct trust_sign_request seal = sealing(w, w->pdf, "act-seal"), r = request(w, w->pdf, "act-worker", "Worker");
        struct trust_sign_request *both[] = {&seal, &r};
        for (size_t i = 0; i < 2; i++) {
            if (!sign(w, both[i], &s, &e) && !sv_eq(sv_from(e.reason), SV("act_done")))
                _exit(5);
            if (s.use_id.n > 0 && e.code == ERR_NONE && !commit(w, s.use_id, &e))
                _exit(6);
            e = ERR_INIT;
        }
        _exit(0);
    }
    int status = 0;
    ck_assert(waitpid(pid, &status, 0) == pid);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGKILL ? 9 : -1;
    return WEXITSTATUS(status);
}

static void kill_everywhere(const char *how, const char *db_url)
{
    struct world w;
    world_open_on(&w, db_url);
    bool through = false;
    int killed = 0;
    for (int n = 1; n < 40 && !through; n++) {
        const char *fault = arena_cstr(&w.a, arena_printf(&w.a, "%s:%d", how, n));
        int code = die_at(&w, fault);
        ck_assert_msg(code == 0 || code == 9, "%s: %d", fault, code);
        through = code == 0;
        killed += code == 9;
        struct tally t = tally(&w);
        ck_assert_int_le(t.keys, 1);
        ck_assert_int_le(t.uses_committed, 2);
    }
    ck_assert(through && killed >= 3);
    /* Once everything went through, each certificate that is not in use is revoked, at the CA as well. */
    struct tally t = tally(&w);
    ck_assert_int_eq(t.keys, 1);
    ck_assert_int_eq(t.uses_committed, 2);
    ck_assert_int_eq(t.uses_begun + t.uses_used + t.uses_signed, 0);
    ck_assert_int_eq(t.certs_open, 0);
    ck_assert_int_eq(t.certs_issued, 2);
    world_close(&w);
}

TEST(killed_before_any_commit_nothing_is_half_done)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    TEST_EACH_DB(&a, url)
    {
        kill_everywhere("kill-before-commit", url);
    }
    arena_done(&a);
}

TEST(killed_after_any_commit_nothing_is_half_done)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    TEST_EACH_DB(&a, url)
    {
        kill_everywhere("kill-after-commit", url);
    }
    arena_done(&a);
}
