/* Collecting validation data and extending documents; see validation.h. */
#include "trust/validation.h"

#include <string.h>

#include "trust/validation_priv.h"

#define ROUNDS 8 /* each brings an issuer nearer, or other data for what did not fit */

static void add_data(struct arena *a, struct pdf_ltv_data *to, const struct pdf_ltv_data *from)
{
    for (size_t i = 0; i < from->certs.n; i++)
        certs_add(a, &to->certs, from->certs.v[i]);
    for (size_t i = 0; i < from->crls.n; i++)
        der_list_add(a, &to->crls, from->crls.v[i]);
    for (size_t i = 0; i < from->ocsps.n; i++)
        der_list_add(a, &to->ocsps, from->ocsps.v[i]);
}

static bool fill_gaps(struct fetching *f, const struct pdf_ltv_state *st)
{
    bool news = false;
    for (size_t i = 0; i < st->gaps_n; i++) {
        const struct pdf_ltv_gap *g = &st->gaps[i];
        if (g->lack == PDF_LTV_ISSUER)
            news = fetch_issuer(f, g->cert) || news;
        else if (g->lack == PDF_LTV_REVOCATION)
            news = fetch_revocation(f, g->cert, g->issuer) || news;
    }
    return news;
}

bool validation_collect(struct arena *a, struct sv pdf, const struct validation_order *o, struct pdf_ltv_state *ret,
                        struct err *e)
{
    struct pdf_ltv_options options = {.anchors = o->anchors, .password = o->password, .at = clock_now(o->clock)};
    add_data(a, &options.help, &o->sources.given);
    struct fetching *f = arena_new(a, struct fetching);
    *f = (struct fetching){.a = a, .sources = &o->sources, .help = &options.help};
    for (int round = 0; round < ROUNDS; round++) {
        if (!pdf_ltv_assess(a, pdf, &options, ret, e))
            return false;
        if (!o->sources.online || !fill_gaps(f, ret))
            break;
    }
    return true;
}

/* ---- words ---- */

static const char *lack_text(const struct pdf_ltv_gap *g)
{
    static const char *const texts[] = {[PDF_LTV_ISSUER] = "no certificate of the issuer of",
                                        [PDF_LTV_REVOCATION] = "no usable CRL or OCSP response for",
                                        [PDF_LTV_REVOKED] = "revoked:"};
    return texts[g->lack];
}

struct sv validation_gaps_text(struct arena *a, const struct pdf_ltv_state *s)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    size_t told = 0;
    const struct cert *last = NULL;
    for (size_t i = 0; i < s->gaps_n && told < 3; i++) {
        const struct pdf_ltv_gap *g = &s->gaps[i];
        if (g->by_name || (last && cert_eq(last, g->cert)))
            continue;
        buf_printf(&b, "%s%s %.*s (\"%.*s\")", told++ ? "; " : "", lack_text(g), SV_ARG(g->cert->subject),
                   SV_ARG(g->field));
        last = g->cert;
    }
    return buf_to_arena(&b, a);
}

/* ---- extending ---- */

static bool is_must(const struct validation_order *o, struct sv field)
{
    for (size_t i = 0; i < o->must_n; i++) {
        if (sv_eq(o->must[i], field))
            return true;
    }
    return false;
}

static bool intact(const struct pdf_report *r, struct err *e)
{
    if (r->integrity == PDF_UNREADABLE)
        return err_user(e, ERR_BAD_INPUT, "pdf_unreadable", NULL, "%.*s",
                        SV_ARG(r->reasons.n ? r->reasons.items[0].detail : SV("unreadable")));
    if (r->integrity == PDF_UNSIGNED)
        return err_user(e, ERR_REFUSED, "pdf_not_signed", NULL, "the document has no signature");
    if (r->integrity == PDF_UNSUPPORTED && !r->signatures_n)
        return err_user(e, ERR_BAD_INPUT, "pdf_password", NULL, "%.*s",
                        SV_ARG(r->reasons.n ? r->reasons.items[0].detail : SV("encrypted")));
    return r->integrity == PDF_INTACT || r->integrity == PDF_INTACT_EXTENDED ||
           err_user(e, ERR_REFUSED, "validation_not_intact", NULL, "the document is %s",
                    pdf_integrity_name(r->integrity));
}

static bool no_gap_in_must(struct arena *a, const struct validation_order *o, const struct pdf_ltv_state *st,
                           struct err *e)
{
    for (size_t i = 0; i < st->gaps_n; i++) {
        const struct pdf_ltv_gap *g = &st->gaps[i];
        if (!is_must(o, g->field) || g->by_name)
            continue;
        if (g->lack == PDF_LTV_REVOKED)
            return err_user(e, ERR_REFUSED, "validation_revoked", NULL, "%.*s was revoked at %.*s",
                            SV_ARG(g->cert->subject), SV_ARG(time_rfc3339(a, g->revoked_at)));
        return err_user(e, ERR_REFUSED, "validation_incomplete", NULL, "%.*s", SV_ARG(validation_gaps_text(a, st)));
    }
    return true;
}

static bool ask(struct arena *a, const struct validation_order *o, const struct pdf_prepared *p, enum digest_alg alg,
                struct sv *ret, struct err *e)
{
    struct digest imprint = pdf_prepared_digest(p, alg);
    return o->stamp(o->stamp_ctx, a, &imprint, ret, e);
}

/* Many TSAs know no SM3: refused, they are asked with SHA-256. */
static bool ask_either(struct arena *a, const struct validation_order *o, const struct pdf_prepared *p, struct sv *ret,
                       struct err *e)
{
    enum digest_alg alg = o->stamp_digest ? o->stamp_digest : DIGEST_SHA256;
    if (ask(a, o, p, alg, ret, e))
        return true;
    if (alg != DIGEST_SM3 || (strcmp(e->reason, "tsa_refused") != 0 && strcmp(e->reason, "net_refused") != 0))
        return false;
    err_clear(e);
    return ask(a, o, p, DIGEST_SHA256, ret, e);
}

/* Document timestamp behind pdf; a token larger than the usual place is asked for once more with room for it. */
static bool add_stamp(struct arena *a, struct sv pdf, const struct validation_order *o, struct sv *ret, struct err *e)
{
    struct pdf_sign_options options = {
            .subfilter = PDF_SUBFILTER_TIMESTAMP, .field = o->field, .password = o->password};
    struct pdf_prepared p;
    struct sv token;
    for (int attempt = 0;; attempt++) {
        if (!pdf_sign_prepare(a, pdf, &options, &p, e) || !ask_either(a, o, &p, &token, e))
            return false;
        if (token.n <= p.reserve || attempt)
            break;
        options.reserve = token.n + 1024;
    }
    if (!pdf_sign_finish(&p, token, e))
        return false;
    *ret = pdf_prepared_bytes(a, &p);
    return pdf_sign_check(a, &p, *ret, e);
}

/* Read back: no signature got worse, and those that must be complete are. */
static bool check_result(struct arena *a, struct sv pdf, const struct validation_order *o,
                         const struct pdf_ltv_state *before, struct err *e)
{
    struct pdf_ltv_state after;
    const struct pdf_ltv_options options = {.anchors = o->anchors, .password = o->password, .at = clock_now(o->clock)};
    if (!pdf_ltv_assess(a, pdf, &options, &after, e))
        return false;
    bool good = after.report.signatures_n == before->report.signatures_n + (o->stamp ? 1 : 0);
    for (size_t i = 0; good && i < before->report.signatures_n; i++)
        good = sv_eq(after.report.signatures[i].field, before->report.signatures[i].field) &&
               after.report.signatures[i].integrity >= PDF_INTACT_EXTENDED &&
               after.report.signatures[i].level >= before->report.signatures[i].level;
    return (good && no_gap_in_must(a, o, &after, e)) ||
           err_user(e, ERR_INTERNAL, "pdf_selfcheck", NULL, "the extended document is %s",
                    pdf_integrity_name(after.report.integrity));
}

bool validation_extend(struct arena *a, struct sv pdf, const struct validation_order *o, struct sv *ret, struct err *e)
{
    struct pdf_ltv_state st;
    struct sv update, out;
    if (!validation_collect(a, pdf, o, &st, e) || !intact(&st.report, e) || !no_gap_in_must(a, o, &st, e) ||
        !pdf_ltv_append(a, pdf, o->password, &st.add, &update, e))
        return false;
    out = update.n ? arena_concat(a, pdf, update) : pdf;
    if ((o->stamp && !add_stamp(a, out, o, &out, e)) || !check_result(a, out, o, &st, e))
        return false;
    if (o->ret_missing)
        *o->ret_missing = validation_gaps_text(a, &st);
    *ret = out;
    return true;
}

/* ---- before signing ---- */

static bool refuse(struct err *e, const char *reason, const struct cert *c, struct sv why)
{
    return err_user(e, ERR_REFUSED, reason, NULL, "%.*s: %.*s", SV_ARG(c->subject), SV_ARG(why));
}

static bool fit(const struct cert *c, int64_t now, struct err *e)
{
    if (now < c->not_before_at)
        return refuse(e, "cert_not_yet_valid", c, SV("not valid yet"));
    if (now >= c->not_after_at + 1000)
        return refuse(e, "cert_expired", c, SV("it has expired"));
    if (!cert_signs_documents(c))
        return refuse(e, "sign_certificate", c, SV("its key usage is not for documents"));
    return !cert_is_weak(c) || refuse(e, "cert_weak", c, SV("its key or its issuer's signature is too weak"));
}

/* A path to the anchors; without any, to a self-signed certificate, else to the nearest issuer that is at hand. */
static struct chain_result path_of(struct arena *a, const struct cert *c, const struct certs *anchors,
                                   const struct pdf_ltv_data *help, int64_t now)
{
    struct chain_query q = {.leaf = c,
                            .purpose = CHAIN_SIGN,
                            .anchors = *anchors,
                            .pool = help->certs,
                            .crls = help->crls,
                            .ocsps = help->ocsps,
                            .now_at = now};
    struct chain_result r = {0};
    for (int wide = 0; wide <= 1; wide++) {
        for (size_t i = 0; !anchors->n && i < help->certs.n; i++) {
            if (!cert_eq(help->certs.v[i], c) && (wide || help->certs.v[i]->self_signed))
                certs_add(a, &q.anchors, help->certs.v[i]);
        }
        chain_check(a, &q, &r);
        if (r.complete || anchors->n)
            break;
    }
    return r;
}

/* True when something new came. */
static bool fetch_more(struct fetching *f, const struct chain_result *r)
{
    bool news = false;
    const struct cert *top = r->chain.v[r->chain.n - 1];
    if (!top->self_signed)
        news = fetch_issuer(f, top);
    for (size_t i = 0; r->complete && i + 1 < r->chain.n; i++) {
        if (!r->status[i].known)
            news = fetch_revocation(f, r->chain.v[i], r->chain.v[i + 1]) || news;
    }
    return news;
}

bool validation_may_sign(struct arena *a, const struct cert *c, const struct certs *chain,
                         const struct validation_order *o, struct err *e)
{
    int64_t now = clock_now(o->clock);
    struct pdf_ltv_data help = {0};
    struct chain_result r = {0};
    if (!fit(c, now, e))
        return false;
    add_data(a, &help, &o->sources.given);
    for (size_t i = 0; i < chain->n; i++)
        certs_add(a, &help.certs, chain->v[i]);
    struct fetching *f = arena_new(a, struct fetching);
    *f = (struct fetching){.a = a, .sources = &o->sources, .help = &help};
    for (int round = 0; round < ROUNDS; round++) {
        r = path_of(a, c, &o->anchors, &help, now);
        if (!o->sources.online || !fetch_more(f, &r))
            break;
    }
    for (size_t i = 0; r.complete && i + 1 < r.chain.n; i++) {
        if (r.status[i].revoked)
            return refuse(e, "cert_revoked", r.chain.v[i], SV("it was revoked"));
    }
    return !o->anchors.n || r.complete || refuse(e, "cert_untrusted", c, r.text);
}
