/* Long-term data; see archive.h. The work on the document is trust/validation.h's; here are the platform's sources and
 * its TSA list. */
#include "trust/archive.h"

#include "crypto/revocation.h"
#include "net/net.h"
#include "trust/trust_priv.h"
#include "trust/validation.h"

#define CRL_LIMIT  ((size_t)8 << 20)
#define FIELDS_MAX 256

struct archiving {
    struct trust *t;
    struct arena *a;
    const struct trust_archive_request *r;
    struct stamp stamp;
    struct sv missing;
};

/* The lists at configured addresses: for CAs whose certificates do not say where theirs are. One that does not answer
 * is no error here; what is missing in the end decides. */
static void fetch_lists(struct archiving *s, struct der_list *ret)
{
    const struct trust *t = s->t;
    for (size_t i = 0; i < t->crl_urls_n; i++) {
        const struct net_request request = {.url = t->crl_urls[i],
                                            .reply_limit = CRL_LIMIT,
                                            .connect_ms = t->tsa_http.timeout_ms,
                                            .total_ms = t->tsa_http.timeout_ms,
                                            .stop = t->tsa_http.stop};
        struct net_reply reply;
        struct crl_info crl;
        struct err ignored = ERR_INIT;
        if (net_http(s->a, &request, &reply, &ignored) && reply.status == 200 &&
            crl_parse(s->a, reply.body, &crl, &ignored))
            der_list_add(s->a, ret, crl.der);
    }
}

static bool stamp_fn(void *ctx, struct arena *a, const struct digest *imprint, struct sv *ret_token_der, struct err *e)
{
    struct archiving *s = ctx;
    const struct stamp_order order = {.imprint = *imprint};
    if (!stamp_get(s->t, a, &order, &s->stamp, e))
        return false;
    *ret_token_der = s->stamp.token_der;
    return true;
}

/* What the document says of itself: which signatures must become complete, and whether the field is taken. */
static bool look(struct archiving *s, struct sv pdf, struct pdf_report *ret, struct err *e)
{
    const struct pdf_verify_options o = {
            .trust_pem = &s->t->anchors_pem, .trust_n = s->t->anchors_pem.n > 0, .at = clock_now(s->t->clock)};
    return pdf_verify(s->a, pdf, &o, ret, e);
}

static bool extend(struct archiving *s, const struct pdf_report *report, enum digest_alg alg, struct sv *ret,
                   struct err *e)
{
    struct sv fields[FIELDS_MAX];
    size_t n = 0;
    struct validation_order o = {
            .anchors = s->t->anchors,
            .sources = {.online = true, .fetch_ms = s->t->tsa_http.timeout_ms, .stop = s->t->tsa_http.stop},
            .clock = s->t->clock,
            .stamp = stamp_fn,
            .stamp_ctx = s,
            .stamp_digest = alg,
            .field = s->r->field,
            .must = fields,
            .ret_missing = &s->missing,
    };
    for (size_t i = 0; i < report->signatures_n && n < FIELDS_MAX; i++) {
        fields[n++] = report->signatures[i].field;
        if (sv_eq(report->signatures[i].field, s->r->field))
            o.field = SV("");
    }
    o.must_n = s->r->lenient ? 0 : n;
    fetch_lists(s, &o.sources.given.crls);
    return validation_extend(s->a, s->r->pdf, &o, ret, e);
}

/* Read back once more, for what the platform promises of it. */
static bool check(struct archiving *s, struct sv pdf, struct trust_archived *ret, struct err *e)
{
    struct pdf_report report;
    if (!look(s, pdf, &report, e))
        return false;
    const struct pdf_signature *last = report.signatures_n > 0 ? &report.signatures[report.signatures_n - 1] : NULL;
    bool good = last && report.integrity == PDF_INTACT && last->kind == PDF_DOCTIMESTAMP &&
                last->coverage == PDF_COVERS_WHOLE && report.trust != PDF_TRUST_FAILED;
    enum pdf_level least = PDF_LEVEL_LTA;
    for (size_t i = 0; good && i < report.signatures_n; i++) {
        if (report.signatures[i].kind != PDF_DOCTIMESTAMP && report.signatures[i].level < least)
            least = report.signatures[i].level;
    }
    if (!good || (least < PDF_LEVEL_LTA && !s->r->lenient))
        return err_user(e, ERR_INTERNAL, "pdf_selfcheck", NULL, "archive: %s, %s, %s",
                        pdf_integrity_name(report.integrity), pdf_trust_name(report.trust), pdf_level_name(least));
    struct digest whole = digest_of(DIGEST_SHA256, pdf);
    *ret = (struct trust_archived){.pdf = pdf,
                                   .pdf_sha256 = arena_sv(s->a, digest_sv(&whole)),
                                   .gen_time_ms = s->stamp.gen_at,
                                   .until_at = s->stamp.until_at,
                                   .signature_alg = s->stamp.signature_alg,
                                   .imprint_alg = s->stamp.imprint_alg,
                                   .tsa_url = s->stamp.tsa_url,
                                   .field = last->field,
                                   .missing = s->missing};
    return true;
}

static bool has_reason(const struct err *e, const char *reason)
{
    return sv_eq(sv_from(e->reason), sv_from(reason));
}

bool trust_archive_pdf(struct trust *t, struct arena *a, const struct trust_archive_request *r,
                       struct trust_archived *ret, struct err *e)
{
    struct archiving s = {.t = t, .a = a, .r = r};
    struct pdf_report report;
    struct sv pdf = {0};
    bool gm = t->suite == TRUST_SUITE_GM;
    if (!look(&s, r->pdf, &report, e))
        return err_wrap(e, "archive");
    bool ok = extend(&s, &report, gm ? DIGEST_SM3 : DIGEST_SHA256, &pdf, e);
    if (!ok && gm && has_reason(e, "tsa_unavailable")) { /* perhaps for want of SM3 */
        err_clear(e);
        ok = extend(&s, &report, DIGEST_SHA256, &pdf, e);
    }
    if (!ok && has_reason(e, "validation_incomplete")) {
        /* a CA that is away looks the same as one that has nothing to say */
        struct err why = *e;
        err_clear(e);
        return err_user(e, ERR_UNAVAILABLE, "validation_incomplete", NULL, "archive: %s", why.msg);
    }
    return (ok && check(&s, pdf, ret, e)) || err_wrap(e, "archive");
}
