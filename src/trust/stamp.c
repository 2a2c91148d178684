/* Timestamps: the list of services in order, each answer fully checked (RFC 3161 2.4.2; pdf-signature rules for
 * tokens), trust in the TSA by the configured anchors. A service that answers wrongly is passed over like one that does
 * not answer. */
#include <stdio.h>

#include "crypto/tsp.h"
#include "trust/trust_priv.h"

/* What the token rests on: when that ends, and by which algorithms. */
static void note_foundations(struct arena *a, const struct tsp_token *token, const struct certs *chain,
                             struct stamp *ret)
{
    ret->until_at = INT64_MAX;
    for (size_t i = 0; i < chain->n; i++) {
        if (chain->v[i]->not_after_at < ret->until_at)
            ret->until_at = chain->v[i]->not_after_at;
    }
    ret->signature_alg = arena_printf(a, "%s-%s", sig_scheme_name(token->cms.scheme), digest_name(token->cms.digest));
    ret->imprint_alg = sv_from(digest_name(token->imprint_alg));
}

static bool check_token(struct trust *t, struct arena *a, const struct digest *imprint, struct sv der,
                        struct stamp *ret, struct err *e)
{
    struct tsp_token token;
    struct tsp_verdict v;
    tsp_token_read(a, der, &token);
    if (token.cms.status != CMS_OK)
        return err_set(e, ERR_BAD_INPUT, "token: %s", token.cms.problem.code);
    tsp_token_check(a, &token, imprint, NULL, &v);
    if (v.status != CMS_OK || !v.tsa)
        return err_set(e, ERR_BAD_INPUT, "token: %s", v.code);
    const struct chain_query q = {.leaf = v.tsa,
                                  .purpose = CHAIN_TIMESTAMP,
                                  .anchors = t->anchors,
                                  .pool = token.cms.certs,
                                  .now_at = clock_now(t->clock)};
    struct chain_result r;
    chain_check(a, &q, &r);
    if (r.verdict != TRUST_PASSED)
        return err_set(e, ERR_BAD_INPUT, "TSA certificate: %s %.*s", r.code, SV_ARG(r.text));
    if (t->production && (name_is_test(v.tsa->subject) || name_is_test(v.tsa->issuer)))
        return err_set(e, ERR_BAD_INPUT, "TSA certificate: a test certificate in production");
    *ret = (struct stamp){.token_der = der, .gen_at = token.gen_at};
    note_foundations(a, &token, &r.chain, ret);
    return true;
}

static bool ask_for(struct trust *t, struct arena *a, size_t i, const struct digest *imprint, struct stamp *ret,
                    struct err *e)
{
    struct tsp_request request; /* a nonce of its own for each question */
    struct sv response = {0}, token = {0}, name = {0};
    if (!tsp_request_make(a, imprint, t->tsa_policy, &request, e) ||
        !t->tsa.query(t->tsa.ctx, a, i, request.der, &response, &name, e) ||
        !tsp_response_check(a, &request, response, &token, e) || !check_token(t, a, imprint, token, ret, e))
        return false;
    ret->tsa_url = name;
    return true;
}

/* A service that answers no to the one digest may well do the other: SM3 is not offered everywhere. */
static bool ask(struct trust *t, struct arena *a, size_t i, const struct stamp_order *o, struct stamp *ret,
                struct err *e)
{
    if (ask_for(t, a, i, &o->imprint, ret, e))
        return true;
    if (o->second.alg == DIGEST_NONE || !sv_eq(sv_from(e->reason), SV("tsa_refused")))
        return false;
    err_clear(e);
    return ask_for(t, a, i, &o->second, ret, e);
}

struct stamp_order stamp_order_of(bool sm2, struct sv bytes)
{
    if (!sm2)
        return (struct stamp_order){.imprint = digest_of(DIGEST_SHA256, bytes)};
    return (struct stamp_order){digest_of(DIGEST_SM3, bytes), digest_of(DIGEST_SHA256, bytes), true};
}

bool stamp_get(struct trust *t, struct arena *a, const struct stamp_order *o, struct stamp *ret, struct err *e)
{
    char reasons[400] = "none is configured";
    size_t n = 0, first = 0, end = t->tsa.n;
    if (o->sm2 && t->tsa.sm2_n > 0) {
        first = t->tsa.n;
        end = first + t->tsa.sm2_n;
    }
    for (size_t i = first; i < end; i++) {
        struct err why = ERR_INIT;
        if (ask(t, a, i, o, ret, &why))
            return true;
        int added = n < sizeof reasons ? snprintf(reasons + n, sizeof reasons - n, "%s%zu: %s", i > first ? "; " : "",
                                                  i - first + 1, why.msg)
                                       : 0;
        n += added > 0 ? (size_t)added : 0;
    }
    return err_user(e, ERR_UNAVAILABLE, "tsa_unavailable", NULL, "no timestamp service: %s", reasons);
}

bool trust_timestamp(struct trust *t, struct arena *a, struct sv sha256, struct sv *ret_token_der,
                     int64_t *ret_gen_time_ms, struct sv *ret_url, struct err *e)
{
    struct stamp_order o = {0};
    struct stamp stamp;
    must(digest_from(DIGEST_SHA256, sha256, &o.imprint));
    if (!stamp_get(t, a, &o, &stamp, e))
        return false;
    *ret_token_der = stamp.token_der;
    *ret_gen_time_ms = stamp.gen_at;
    *ret_url = stamp.tsa_url;
    return true;
}
