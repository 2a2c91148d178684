/* Levels (EN 319 142-1 6): B-T a timestamp that verifies; B-LT a DSS, and in the file every certificate and for each
 * below the root a CRL or OCSP response, of the signer and of a timestamp; B-LTA all that below a document timestamp.
 * Levels say what the file holds; whether the TSA is trusted is another answer. */
#include "pdf/verify_priv.h"

#define MAX_TOKENS 8 /* of one signature that are looked at */

/* Everything for this witness is in data (or came with its CMS). *ret_lacks: the first certificate without. */
static bool complete(struct verifying *v, const struct witness *w, const struct pdf_ltv_data *data,
                     const struct cert **ret_lacks)
{
    struct chain_result r;
    chain_of_data(v, w, data, &r);
    *ret_lacks = w->leaf;
    for (size_t i = 0; r.complete && i + 1 < r.chain.n; i++) {
        *ret_lacks = r.chain.v[i];
        if (!r.status[i].known)
            return false;
    }
    return r.complete;
}

static int64_t first_time(const struct verifying *v, const struct witness *tokens, size_t n)
{
    int64_t at = v->stamped.any ? v->stamped.at : 0;
    for (size_t i = 0; i < n; i++)
        at = !at || tokens[i].at < at ? tokens[i].at : at;
    return at;
}

static void lacks(struct verifying *v, struct sig *s, const struct cert *c)
{
    reasons_add(v->a, &s->out.reasons, false, "ltv_incomplete", 0, "%.*s", SV_ARG(c->subject));
}

void sig_level(struct verifying *v, struct sig *s, const struct witness *signer, const struct witness *tokens, size_t n)
{
    const struct stamped *st = &v->stamped;
    n = n < MAX_TOKENS ? n : MAX_TOKENS;
    s->out.level = n || st->any ? PDF_LEVEL_T : PDF_LEVEL_B;
    if (s->out.level == PDF_LEVEL_B || !v->has_dss)
        return;
    struct witness when = *signer;
    when.at = first_time(v, tokens, n);
    const struct cert *signer_lacks, *token_lacks = st->lacks ? st->lacks : signer->leaf;
    bool is_stamp = s->out.kind == PDF_DOCTIMESTAMP; /* what proves its time has its own turn */
    bool own = complete(v, &when, &v->dss, &signer_lacks), kept = st->kept || is_stamp, sealed = st->sealed || is_stamp;
    for (size_t i = 0; i < n && !kept; i++)
        kept = complete(v, &tokens[i], &v->dss, &token_lacks);
    if (!own || !kept) {
        lacks(v, s, own ? token_lacks : signer_lacks);
        return;
    }
    s->out.level = PDF_LEVEL_LT;
    for (size_t i = 0; st->has_covered && i < n && !sealed; i++)
        sealed = complete(v, &tokens[i], &st->covered, &token_lacks);
    if (sealed && st->has_covered && complete(v, &when, &st->covered, &signer_lacks))
        s->out.level = PDF_LEVEL_LTA;
    else if (st->has_covered)
        reasons_add(v->a, &s->out.reasons, false, "ltv_not_covered", 0, "%.*s", SV_ARG(signer->leaf->subject));
}

void sig_covered_read(struct verifying *v, const struct sig *s)
{
    struct stamped *st = &v->stamped;
    if (!v->has_dss || st->any)
        return;
    struct doc d = {0};
    st->covered = (struct pdf_ltv_data){0};
    st->has_read = doc_open_with(&d, sv_sub(v->bytes, 0, s->end), v->o->password) && !d.lock &&
                   dss_read(v->a, &d, &st->covered);
    doc_close(&d);
    dss_more(v, &st->covered);
}

void sig_level_stamp(struct verifying *v, struct sig *s, const struct witness *tsa)
{
    struct stamped *st = &v->stamped;
    const struct cert *lack = NULL, *unused;
    sig_level(v, s, tsa, NULL, 0);
    if (s->out.integrity < PDF_INTACT_EXTENDED || !s->anchored)
        return;
    st->at = st->any && st->at < tsa->at ? st->at : tsa->at;
    st->has_covered = st->any ? st->has_covered : st->has_read;
    st->any = true;
    bool kept = v->has_dss && complete(v, tsa, &v->dss, &lack);
    st->kept = st->kept || kept;
    st->lacks = kept ? st->lacks : lack;
    st->sealed = st->sealed || (st->has_covered && complete(v, tsa, &st->covered, &unused));
}
