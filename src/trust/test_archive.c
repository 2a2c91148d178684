/* Long-term data and archive timestamps: every suite reaches B-LTA, a renewed document outlives the TSA's certificate,
 * and what cannot be had now is told apart from what can never be had. */
#include <time.h>
#include <unistd.h>

#include "pdf/verify.h"
#include "trust/archive.h"
#include "trust/test_world.h"

#define DAY  ((int64_t)86400000)
#define YEAR (365 * DAY)

/* Locked, and signed by both. */
static struct sv contract(struct world *w)
{
    static const char *const fields[][2] = {
            {"Worker",   "WorkerSM2"  },
            {"Employer", "EmployerSM2"}
    };
    struct trust_signed s;
    struct trust_sign_request r = request(w, w->pdf, "act-lock", "Lock");
    r.signer = (struct trust_signer){.key_id = key_of(w, "platform", "certify").id};
    r.certify = 2;
    ASSERT_OK(sign(w, &r, &s, &w->e), w->e);
    ASSERT_OK(commit(w, s.use_id, &w->e), w->e);
    for (size_t i = 0; i < COUNT(fields); i++) {
        r = request(w, s.pdf, fields[i][0], fields[i][0]);
        r.sm2_field = sv_from(fields[i][1]);
        if (i == 1)
            r.signer = (struct trust_signer){.key_id = key_of(w, "enterprise:1", "seal").id};
        ASSERT_OK(sign(w, &r, &s, &w->e), w->e);
        ASSERT_OK(commit(w, s.use_id, &w->e), w->e);
    }
    return s.pdf;
}

static struct pdf_report verified(struct world *w, struct sv pdf, int64_t at)
{
    struct pdf_report report;
    const struct pdf_verify_options o = {.trust_pem = &w->setup.anchors_pem, .trust_n = 1, .at = at};
    ASSERT_OK(pdf_verify(&w->a, pdf, &o, &report, &w->e), w->e);
    return report;
}

/* INTACT, trusted without the network, and all signatures but document timestamps at that level. */
static void check_level(struct world *w, struct sv pdf, int64_t at, enum pdf_level level, size_t signatures)
{
    struct pdf_report report = verified(w, pdf, at);
    ck_assert_str_eq(pdf_integrity_name(report.integrity), "INTACT");
    ck_assert_str_eq(pdf_trust_name(report.trust), "PASSED");
    ck_assert_int_eq((int)report.signatures_n, (int)signatures);
    for (size_t i = 0; i < report.signatures_n; i++) {
        if (report.signatures[i].kind != PDF_DOCTIMESTAMP)
            ck_assert_msg(report.signatures[i].level == level, "%.*s: %s", SV_ARG(report.signatures[i].field),
                          pdf_level_name(report.signatures[i].level));
    }
}

static struct trust_archived archived(struct world *w, struct sv pdf)
{
    const struct trust_archive_request r = {.pdf = pdf, .field = SV("Archive1")};
    struct trust_archived out;
    ASSERT_OK(trust_archive_pdf(w->t, &w->a, &r, &out, &w->e), w->e);
    ck_assert(sv_starts(out.pdf, pdf) && out.pdf.n > pdf.n);
    ck_assert_uint_eq(out.missing.n, 0);
    return out;
}

TEST(every_suite_reaches_the_archive_level)
{
    static const char *const algorithms[] = {"ecdsa-sha256", "sm2-sm3", "ecdsa-sha256"};
    for (int suite = 0; suite < TRUST_SUITE__N; suite++) {
        struct world w;
        world_open(&w);
        world_suite(&w, (enum trust_suite)suite);
        int64_t now = clock_now(&clock_system);
        struct sv pdf = contract(&w);
        size_t n = suite == TRUST_SUITE_DUAL ? 5 : 3;
        check_level(&w, pdf, now, PDF_LEVEL_T, n);
        struct trust_archived out = archived(&w, pdf);
        check_level(&w, out.pdf, clock_now(&clock_system), PDF_LEVEL_LTA, n + 1);
        ASSERT_SV(out.field, SV("Archive1"));
        ASSERT_SV(out.signature_alg, sv_from(algorithms[suite]));
        ASSERT_SV(out.imprint_alg, suite == TRUST_SUITE_GM ? SV("sm3") : SV("sha256"));
        ck_assert(out.until_at > now + 11 * YEAR && out.gen_time_ms >= now - 1000);
        world_close(&w);
    }
}

/* A worker's certificate ends after a day, the TSA's after twelve years: what is renewed in time stays proven. */
TEST(a_renewed_document_outlives_the_certificate_of_its_timestamp)
{
    struct world w;
    struct clock_manual clock;
    clock_manual_init(&clock, clock_now(&clock_system));
    world_open_at(&w, NULL, &clock.clock);
    int64_t start = clock.at;
    struct trust_archived first = archived(&w, contract(&w));
    ck_assert(first.until_at > start + 11 * YEAR && first.until_at < start + 13 * YEAR);
    clock.at = start + 10 * YEAR;
    check_level(&w, first.pdf, clock.at, PDF_LEVEL_LTA, 4);
    /* The TSA gets a new key and certificate. */
    testca_stop(w.ca);
    w.ca = NULL;
    ck_assert_int_eq(unlink(path_join(&w.a, w.dir, "ca/tsa.key")), 0);
    ck_assert_int_eq(unlink(path_join(&w.a, w.dir, "ca/tsa.pem")), 0);
    world_serve(&w);
    world_reopen(&w);
    struct trust_archived second = archived(&w, first.pdf);
    ck_assert(second.until_at > first.until_at);
    ck_assert(!sv_eq(second.field, SV("Archive1")));
    check_level(&w, second.pdf, clock.at, PDF_LEVEL_LTA, 5);
    /* The first TSA certificate is over. */
    clock.at = start + 13 * YEAR;
    check_level(&w, second.pdf, clock.at, PDF_LEVEL_LTA, 5);
    struct pdf_report report = verified(&w, first.pdf, clock.at);
    ck_assert_str_eq(pdf_integrity_name(report.integrity), "INTACT");
    ck_assert_str_eq(pdf_trust_name(report.trust), "INDETERMINATE");
    world_close(&w);
}

TEST(what_cannot_be_had_now_is_unavailable)
{
    struct world w;
    struct err e;
    struct trust_archived out;
    world_open(&w);
    struct sv pdf = contract(&w);
    struct trust_archive_request r = {.pdf = pdf, .field = SV("Archive1")};
    testca_set_down(w.ca, true, false);
    ASSERT_REFUSED(trust_archive_pdf(w.t, &w.a, &r, &out, &e), ERR_UNAVAILABLE, "validation_incomplete", e);
    r.lenient = true; /* stamped without data */
    ASSERT_OK(trust_archive_pdf(w.t, &w.a, &r, &out, &w.e), w.e);
    ck_assert(out.missing.n > 0);
    ck_assert_str_eq(pdf_integrity_name(verified(&w, out.pdf, clock_now(&clock_system)).integrity), "INTACT");
    r.lenient = false;
    testca_set_down(w.ca, false, true);
    ASSERT_REFUSED(trust_archive_pdf(w.t, &w.a, &r, &out, &e), ERR_UNAVAILABLE, "tsa_unavailable", e);
    testca_set_down(w.ca, false, false);
    ASSERT_OK(trust_archive_pdf(w.t, &w.a, &r, &out, &w.e), w.e);
    world_close(&w);
}

TEST(what_can_never_be_had_is_refused)
{
    struct world w;
    struct err e;
    struct trust_archived out;
    world_open(&w);
    struct sv pdf = contract(&w);
    char *spoilt = arena_alloc(&w.a, pdf.n);
    for (size_t i = 0; i < pdf.n; i++)
        spoilt[i] = pdf.p[i];
    spoilt[sv_find(pdf, SV("72 700 100 1 re"))] = '8';
    struct trust_archive_request r = {
            .pdf = {spoilt, pdf.n},
              .field = SV("Archive1")
    };
    ASSERT_REFUSED(trust_archive_pdf(w.t, &w.a, &r, &out, &e), ERR_REFUSED, "validation_not_intact", e);
    r.pdf = w.pdf;
    ASSERT_REFUSED(trust_archive_pdf(w.t, &w.a, &r, &out, &e), ERR_REFUSED, "pdf_not_signed", e);
    world_close(&w);
}

/* The key of the enterprise is revoked later: its earlier seals stay good. */
TEST(a_key_revoked_later_does_not_spoil_the_archive)
{
    struct world w;
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    world_open(&w);
    struct sv pdf = contract(&w);
    struct sv id = key_of(&w, "enterprise:1", "seal").id;
    struct timespec wait = {1, 100000000}; /* revocations are told in whole seconds */
    nanosleep(&wait, NULL);
    ASSERT_OK(tx_begin(w.db, TX_WRITE, &tx, &w.e), w.e);
    ASSERT_OK(trust_key_set_state(tx, id, TRUST_KEY_revoked, clock_now(&clock_system), &w.e), w.e);
    ASSERT_OK(tx_commit(&tx, &w.e), w.e);
    ASSERT_OK(trust_key_revoke_at_ca(w.t, id, &w.e), w.e);
    check_level(&w, archived(&w, pdf).pdf, clock_now(&clock_system), PDF_LEVEL_LTA, 4);
    world_close(&w);
}
