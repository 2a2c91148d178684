/* The suites gm and dual: which keys sign what, that both halves of an act stand or fall together, and that a park may
 * change its suite. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/cms.h"
#include "crypto/tsp.h"
#include "http/http.h"
#include "pdf/verify.h"
#include "trust/test_world.h"

static const struct pdf_appearance box = {.content = SV_INIT("0 0 100 40 re S"), .width = 100, .height = 40};

static struct trust_sign_request locking(struct world *w)
{
    struct trust_sign_request r = request(w, w->pdf, "act-lock", "Lock");
    r.signer = (struct trust_signer){.key_id = key_of(w, "platform", "certify").id};
    r.certify = 2;
    return r;
}

static struct trust_sign_request working(struct world *w, struct sv pdf, const char *act)
{
    struct trust_sign_request r = request(w, pdf, act, "Worker");
    r.sm2_field = SV("WorkerSM2");
    r.appearance = &box;
    return r;
}

static struct trust_sign_request sealing(struct world *w, struct sv pdf, const char *act)
{
    struct trust_sign_request r = request(w, pdf, act, "Employer");
    r.signer = (struct trust_signer){.key_id = key_of(w, "enterprise:1", "seal").id};
    r.sm2_field = SV("EmployerSM2");
    r.appearance = &box;
    return r;
}

/* All three acts; gives the finished document. */
static struct sv whole(struct world *w, struct trust_signed *worker, struct trust_signed *employer)
{
    struct trust_signed lock;
    struct trust_sign_request r = locking(w);
    ASSERT_OK(sign(w, &r, &lock, &w->e), w->e);
    ASSERT_OK(commit(w, lock.use_id, &w->e), w->e);
    r = working(w, lock.pdf, "act-worker");
    ASSERT_OK(sign(w, &r, worker, &w->e), w->e);
    ASSERT_OK(commit(w, worker->use_id, &w->e), w->e);
    r = sealing(w, worker->pdf, "act-employer");
    ASSERT_OK(sign(w, &r, employer, &w->e), w->e);
    ASSERT_OK(commit(w, employer->use_id, &w->e), w->e);
    ck_assert(sv_starts(worker->pdf, lock.pdf) && sv_starts(employer->pdf, worker->pdf));
    return employer->pdf;
}

struct expected {
    const char *field, *algorithm, *digest, *imprint;
};

static void check_signatures(struct world *w, struct sv pdf, const struct expected *want, size_t n)
{
    struct pdf_report report;
    struct sv anchors = testca_root_pem(w->ca);
    const struct pdf_verify_options o = {.trust_pem = &anchors, .trust_n = 1, .at = clock_now(&clock_system)};
    ASSERT_OK(pdf_verify(&w->a, pdf, &o, &report, &w->e), w->e);
    ck_assert_int_eq((int)report.signatures_n, (int)n);
    ck_assert_str_eq(pdf_integrity_name(report.integrity), "INTACT");
    ck_assert_str_eq(pdf_trust_name(report.trust), "PASSED");
    ck_assert(!report.weak);
    for (size_t i = 0; i < n; i++) {
        const struct pdf_signature *s = &report.signatures[i];
        ASSERT_SV(s->field, sv_from(want[i].field));
        ASSERT_SV(s->algorithm, sv_from(want[i].algorithm));
        ASSERT_SV(s->digest, sv_from(want[i].digest));
        ASSERT_SV(s->timestamp.imprint_alg, sv_from(want[i].imprint));
        ck_assert(s->has_timestamp && s->timestamp.valid);
        ck_assert_str_eq(pdf_level_name(s->level), "B-T");
    }
}

TEST(suite_gm_signs_everything_with_sm2)
{
    static const struct expected want[] = {
            {"Lock",     "sm2-sm3", "sm3", "sm3"},
            {"Worker",   "sm2-sm3", "sm3", "sm3"},
            {"Employer", "sm2-sm3", "sm3", "sm3"},
    };
    struct world w;
    struct trust_signed worker, employer;
    world_open(&w);
    world_suite(&w, TRUST_SUITE_GM);
    struct sv pdf = whole(&w, &worker, &employer);
    check_signatures(&w, pdf, want, COUNT(want));
    ck_assert(!worker.has_twin && !employer.has_twin);
    const struct cert *c = NULL;
    ASSERT_OK(cert_parse(&w.a, worker.cert_der, &c, &w.e), w.e);
    ck_assert(c->key_kind == KEY_SM2 && c->signed_scheme == SIG_SM2);
    ck_assert(sv_find(c->der, worker.act_hash_hex) != SIZE_MAX);
    struct trust_key key = key_of(&w, "enterprise:1", "seal");
    ASSERT_SV(key.suite, SV("gm"));
    ASSERT_SV(key.algorithm, SV("sm2"));
    world_close(&w);
}

TEST(suite_dual_signs_twice_in_one_act)
{
    static const struct expected want[] = {
            {"Lock",        "ecdsa-sha256", "sha256", "sha256"},
            {"WorkerSM2",   "sm2-sm3", "sm3", "sm3"},
            {"Worker",      "ecdsa-sha256", "sha256", "sha256"},
            {"EmployerSM2", "sm2-sm3", "sm3", "sm3"},
            {"Employer",    "ecdsa-sha256", "sha256", "sha256"},
    };
    struct world w;
    struct trust_signed worker, employer;
    world_open(&w);
    world_suite(&w, TRUST_SUITE_DUAL);
    struct sv pdf = whole(&w, &worker, &employer);
    check_signatures(&w, pdf, want, COUNT(want));
    ck_assert(worker.has_twin && employer.has_twin);
    ck_assert(worker.gen_time_ms >= worker.twin.gen_time_ms);
    ASSERT_SV(worker.twin.tsa_url, testca_tsa_sm2_url(w.ca));
    ASSERT_SV(worker.tsa_url, testca_tsa_url(w.ca));
    const struct cert *sm2 = NULL, *ecdsa = NULL;
    ASSERT_OK(cert_parse(&w.a, worker.twin.cert_der, &sm2, &w.e), w.e);
    ASSERT_OK(cert_parse(&w.a, worker.cert_der, &ecdsa, &w.e), w.e);
    ck_assert(sm2->key_kind == KEY_SM2 && ecdsa->key_kind == KEY_P256);
    ASSERT_SV(sm2->subject, ecdsa->subject); /* the same signer, the same act */
    ck_assert(sv_find(sm2->der, worker.act_hash_hex) != SIZE_MAX);
    struct tally n = tally(&w);
    ck_assert_int_eq(n.uses_committed, 3);
    ck_assert_int_eq(n.keys, 4);         /* platform and enterprise, of either suite */
    ck_assert_int_eq(n.certs_issued, 6); /* and two of the worker's */
    ck_assert_int_eq(n.certs_open + n.certs_revoked, 0);
    world_close(&w);
}

/* pdfsig (NSS) knows no SM2: what is ECDSA it finds valid, and the last signature over the whole file. */
TEST(poppler_reads_the_ecdsa_signatures_of_dual)
{
    struct world w;
    struct trust_signed worker, employer;
    struct sv out;
    size_t valid = 0;
    world_open(&w);
    world_suite(&w, TRUST_SUITE_DUAL);
    const char *path = path_join(&w.a, w.dir, "out.pdf");
    ASSERT_OK(file_write(path, whole(&w, &worker, &employer), 0600, &w.e), w.e);
    ck_assert_int_eq(run_program(&w.a, (const char *const[]){"pdfsig", "-nocert", path, NULL}, &out), 0);
    for (struct sv rest = out; sv_find(rest, SV("Signature is Valid.")) != SIZE_MAX; valid++)
        rest = sv_skip(rest, sv_find(rest, SV("Signature is Valid.")) + 1);
    ck_assert_msg(valid == 3, "%.*s", SV_ARG(out));
    ck_assert_msg(sv_find(out, SV("Total document signed")) != SIZE_MAX, "%.*s", SV_ARG(out));
    world_close(&w);
}

TEST(half_of_a_dual_act_is_nothing)
{
    struct world w;
    struct err e;
    struct trust_signed s;
    world_open(&w);
    world_suite(&w, TRUST_SUITE_DUAL);
    /* The second token does not come: the SM2 signature is done by then. */
    w.tsa_urls[0] = SV("http://127.0.0.1:1/tsa");
    world_reopen(&w);
    struct trust_sign_request r = working(&w, w.pdf, "act-1");
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_UNAVAILABLE, "tsa_unavailable", e);
    ck_assert(s.pdf.p == NULL && s.use_id.p == NULL);
    struct tally n = tally(&w);
    ck_assert_int_eq(n.uses_abandoned, 1);
    ck_assert_int_eq(n.certs_revoked, 2); /* of both halves */
    ck_assert_int_eq(n.certs_issued + n.certs_open, 0);
    /* Nor the first one; and the field must be there before anything is asked. */
    world_suite(&w, TRUST_SUITE_DUAL);
    w.tsa_sm2_url = SV("http://127.0.0.1:1/tsa");
    world_reopen(&w);
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_UNAVAILABLE, "tsa_unavailable", e);
    world_suite(&w, TRUST_SUITE_DUAL);
    r.sm2_field = SV("Nowhere");
    e = ERR_INIT;
    ck_assert(!sign(&w, &r, &s, &e));
    n = tally(&w);
    ck_assert_int_eq(n.certs_revoked, 4);
    ck_assert_int_eq(n.uses_abandoned, 2);
    r.sm2_field = SV("WorkerSM2");
    ASSERT_OK(sign(&w, &r, &s, &w.e), w.e);
    ASSERT_OK(commit(&w, s.use_id, &w.e), w.e);
    n = tally(&w);
    ck_assert_int_eq(n.certs_issued, 2);
    ck_assert_int_eq(n.certs_open, 0);
    world_close(&w);
}

/* The narrow function takes the order of the halves from what was recorded, not from its caller. */
TEST(the_vault_signs_the_second_half_only_over_the_first)
{
    struct world w;
    struct err e;
    struct sv cms;
    struct digest digest;
    world_open(&w);
    world_suite(&w, TRUST_SUITE_DUAL);
    struct trust_key k = key_of(&w, "enterprise:1", "seal");
    struct trust_sign_request r = request(&w, w.pdf, "act-1", "Employer");
    const struct pdf_sign_options o = {.field = SV("Employer"), .signing_at = clock_now(&clock_system)};
    struct pdf_prepared prepared;
    ASSERT_OK(pdf_sign_prepare(&w.a, w.pdf, &o, &prepared, &w.e), w.e);
    struct vault_job job = {.use_id = SV("use-1"),
                            .key_id = k.id,
                            .auth = &r.auth,
                            .approved = w.pdf,
                            .document = w.pdf,
                            .prepared = &prepared};
    ASSERT_OK(cert_parse(&w.a, k.cert_der, &job.signer, &w.e), w.e);
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    const struct use_row use = {job.use_id, &r.auth, k.id, SV("Employer"), SV("EmployerSM2"), SV("")};
    ASSERT_OK(tx_begin(w.db, TX_WRITE, &tx, &w.e), w.e);
    ASSERT_OK(store_use_begin(tx, &use, 1, &w.e), w.e);
    ASSERT_OK(tx_commit(&tx, &w.e), w.e);
    ASSERT_REFUSED(vault_sign(w.t, &w.a, &job, &cms, &digest, &e), ERR_CONFLICT, "act_abandoned", e);
    const struct trust_twin twin = {.digest = digest_sv(&digest), .gen_time_ms = 1, .cert_sha256_hex = SV("00")};
    struct digest other = digest_of(DIGEST_SHA256, SV("something else"));
    const struct take_row take = {job.use_id, SV(""), r.auth.document_sha256, r.auth.document_sha256};
    ASSERT_OK(tx_begin(w.db, TX_WRITE, &tx, &w.e), w.e);
    ASSERT_OK(store_twin_take(tx, &take, 2, &w.e), w.e);
    ASSERT_OK(store_twin_signed(tx, job.use_id, &twin, digest_sv(&other), 3, &w.e), w.e);
    ASSERT_OK(tx_commit(&tx, &w.e), w.e);
    /* The first half gave another document than this one. */
    ASSERT_REFUSED(vault_sign(w.t, &w.a, &job, &cms, &digest, &e), ERR_CONFLICT, "act_abandoned", e);
    world_close(&w);
}

TEST(a_park_may_change_its_suite)
{
    struct world w;
    struct trust_signed s;
    struct err e;
    world_open(&w);
    struct sv old = key_of(&w, "enterprise:1", "seal").id; /* as the table of enterprises remembers it */
    world_suite(&w, TRUST_SUITE_GM);
    struct trust_sign_request r = request(&w, w.pdf, "act-gm", "Employer");
    r.signer = (struct trust_signer){.key_id = old};
    ASSERT_OK(sign(&w, &r, &s, &w.e), w.e);
    const struct cert *c = NULL;
    ASSERT_OK(cert_parse(&w.a, s.cert_der, &c, &w.e), w.e);
    ck_assert(c->key_kind == KEY_SM2);
    ASSERT_SV(c->common_name, SV("清远测试有限公司"));
    ASSERT_SV(c->subject_serial_number, SV("914418020000000000"));
    ck_assert_int_eq(tally(&w).keys, 2);
    /* Suspending the one suspends the other. */
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    ASSERT_OK(tx_begin(w.db, TX_WRITE, &tx, &w.e), w.e);
    ASSERT_OK(trust_key_set_state(tx, old, TRUST_KEY_suspended, clock_now(&clock_system), &w.e), w.e);
    ASSERT_OK(tx_commit(&tx, &w.e), w.e);
    world_suite(&w, TRUST_SUITE_DUAL);
    r = request(&w, w.pdf, "act-dual", "Employer");
    r.signer = (struct trust_signer){.key_id = old};
    r.sm2_field = SV("EmployerSM2");
    ASSERT_REFUSED(sign(&w, &r, &s, &e), ERR_CONFLICT, "key_not_usable", e);
    ASSERT_OK(tx_begin(w.db, TX_WRITE, &tx, &w.e), w.e);
    ASSERT_OK(trust_key_set_state(tx, old, TRUST_KEY_revoked, clock_now(&clock_system), &w.e), w.e);
    ASSERT_OK(tx_commit(&tx, &w.e), w.e);
    ASSERT_OK(trust_key_revoke_at_ca(w.t, old, &w.e), w.e);
    ck_assert_int_eq(tally(&w).certs_revoked, 2);
    world_close(&w);
}

/* --- an SM2 TSA that does SHA-256 alone
 * ---------------------------------------------------------------------------------- */

struct picky {
    const struct cert *cert;
    struct key *key;
};

static bool picky_tsa_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct picky *p = r->app;
    struct tsp_request q;
    struct sv der = SV("");
    ASSERT_OK(tsp_request_parse(r->a, r->body, &q, e), *e);
    if (q.imprint.alg != DIGEST_SHA256)
        return http_reply_bytes(reply, 200, TSP_RESPONSE_TYPE, tsp_response_reject(r->a, 0, SV("badAlg")));
    const struct tsp_authority tsa = {.cert = p->cert, .key = p->key, .policy = SV("1.2.3.4.1")};
    ASSERT_OK(tsp_response_make(r->a, &q, &tsa, SV("\x05"), clock_now(&clock_system), &der, e), *e);
    return http_reply_bytes(reply, 200, TSP_RESPONSE_TYPE, der);
}

TEST(a_service_without_sm3_is_asked_for_sha256)
{
    static const struct http_route routes[] = {
            {HTTP_POST, "/tsa", "tsa", HTTP_ANYONE, picky_tsa_h, .in_type = TSP_REQUEST_TYPE,
             .out_type = TSP_RESPONSE_TYPE, .rate = HTTP_RATE_FREE, .from_elsewhere = true, .tag = "t",
             .summary = "t"}
    };
    static const struct http_table table = {routes, 1};
    static const struct expected want = {"Worker", "sm2-sm3", "sm3", "sha256"};
    struct world w;
    struct picky p = {0};
    struct trust_signed s;
    world_open(&w);
    ASSERT_OK(key_generate(KEY_SM2, &p.key, &w.e), w.e);
    const struct cert_order o = {.profile = CERT_TSA,
                                 .subject = {.common_name = SV("TEST picky TSA")},
                                 .public_der = key_public_der(&w.a, p.key),
                                 .not_before_at = clock_now(&clock_system) - 60000,
                                 .not_after_at = clock_now(&clock_system) + 86400000};
    ASSERT_OK(cert_issue(&w.a, &o, NULL, p.key, &p.cert, &w.e), w.e);
    const struct http_config config = {
            .tables = &table, .tables_n = 1, .app = &p, .quiet = true, .title = "t", .version = "1"};
    struct http_server *server = NULL;
    ASSERT_OK(http_start(&config, &server, &w.e), w.e);
    world_suite(&w, TRUST_SUITE_GM);
    w.tsa_urls[0] = arena_printf(&w.a, "http://127.0.0.1:%d/tsa", http_port(server));
    w.setup.anchors_pem = arena_concat(&w.a, testca_root_pem(w.ca), cert_pem(&w.a, p.cert));
    world_reopen(&w);
    struct trust_sign_request r = request(&w, w.pdf, "act-1", "Worker");
    ASSERT_OK(sign(&w, &r, &s, &w.e), w.e);
    struct pdf_report report;
    const struct pdf_verify_options v = {
            .trust_pem = &w.setup.anchors_pem, .trust_n = 1, .at = clock_now(&clock_system)};
    ASSERT_OK(pdf_verify(&w.a, s.pdf, &v, &report, &w.e), w.e);
    ASSERT_SV(report.signatures[0].algorithm, sv_from(want.algorithm));
    ASSERT_SV(report.signatures[0].timestamp.imprint_alg, sv_from(want.imprint));
    http_stop(server, 1000);
    key_free(p.key);
    world_close(&w);
}

/* --- dying in between
 * ---------------------------------------------------------------------------------------------------- */

/* In a child: a dual act, killed at the n-th commit. Exit 0: it came through. */
static int die_at(struct world *w, const char *fault)
{
    fflush(NULL);
    pid_t pid = fork();
    ck_assert(pid >= 0);
    if (pid == 0) {
        struct err e = ERR_INIT;
        struct db *db = NULL;
        const struct db_config config = {.url = w->db_url, .fault = fault};
        w->t = NULL;
        if (!db_open(&config, &db, &e))
            _exit(3);
        w->setup.db = w->db = db;
        if (!trust_open(&w->setup, &w->t, &e))
            _exit(4);
        struct trust_signed s;
        const struct trust_sign_request r = working(w, w->pdf, "act-worker");
        if (!sign(w, &r, &s, &e) && !sv_eq(sv_from(e.reason), SV("act_done")))
            _exit(5);
        if (e.code == ERR_NONE && !commit(w, s.use_id, &e))
            _exit(6);
        _exit(0);
    }
    int status = 0;
    ck_assert(waitpid(pid, &status, 0) == pid);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGKILL ? 9 : -1;
    return WEXITSTATUS(status);
}

TEST(a_dual_act_killed_at_any_commit_leaves_no_certificate)
{
    struct world w;
    int killed = 0;
    bool through = false;
    world_open(&w);
    world_suite(&w, TRUST_SUITE_DUAL);
    for (int n = 1; n < 40 && !through; n++) {
        int code = die_at(&w, arena_printf(&w.a, "kill-after-commit:%d", n).p);
        ck_assert_msg(code == 0 || code == 9, "commit %d: %d", n, code);
        through = code == 0;
        killed += code == 9;
    }
    ck_assert(through && killed >= 5);
    struct tally t = tally(&w);
    ck_assert_int_eq(t.uses_committed, 1);
    ck_assert_int_eq(t.uses_begun + t.uses_used + t.uses_signed, 0);
    ck_assert_int_eq(t.certs_open, 0);
    ck_assert_int_eq(t.certs_issued, 2);
    ck_assert(t.certs_revoked >= 2);
    world_close(&w);
}
