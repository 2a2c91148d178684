/* Trust; see chain.h. Paths are searched here, with every signature checked on the way, so that a forged certificate in
 * the pool cannot hide the real one; each path found is then put before OpenSSL for the rules of RFC 5280 6.1 (basic
 * constraints, path length, name constraints, critical extensions), with the SM2 identifier set on every certificate
 * that needs it. */
#include "crypto/chain.h"

#include <openssl/x509_vfy.h>

#include "crypto/ossl_priv.h"
#include "crypto/revocation_priv.h"

enum { PATH_MAX_CERTS = 10, TRIES_MAX = 400 };
#define SKEW_MS        ((int64_t)5 * 60 * 1000)
#define UNDATED_FOR_MS ((int64_t)24 * 3600 * 1000) /* revocation data without nextUpdate counts this long */

struct search {
    const struct chain_query *q;
    struct chain_cache *cache;
    const struct cert *path[PATH_MAX_CERTS];
    size_t next[PATH_MAX_CERTS]; /* which candidate comes next for path[i]: anchors first, then the pool */
    size_t n;
    int tries;
    bool forged;     /* a certificate names an anchor as its issuer that did not sign it */
    const char *why; /* what OpenSSL had against the last whole path */
};

const char *trust_verdict_name(enum trust_verdict v)
{
    static const char *const names[] = {"PASSED", "INDETERMINATE", "FAILED"};
    return names[v];
}

static bool in_list(const struct certs *list, const struct cert *c)
{
    for (size_t i = 0; i < list->n; i++)
        if (cert_eq(list->v[i], c))
            return true;
    return false;
}

static X509 *open_x509(const struct cert *c)
{
    const unsigned char *p = (const unsigned char *)c->der.p;
    X509 *x = d2i_X509(NULL, &p, (long)c->der.n);
    if (x && c->signed_scheme == SIG_SM2) {
        ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
        must(id && ASN1_OCTET_STRING_set(id, (const unsigned char *)SM2_ID, SM2_ID_N) == 1);
        X509_set0_distinguishing_id(x, id); /* takes id */
    }
    return x;
}

static void stack_free(STACK_OF(X509) * *s)
{
    sk_X509_pop_free(*s, X509_free);
}

/* RFC 5280 6.1 for one path whose signatures are known to be right; time is judged elsewhere. */
static bool path_keeps_rules(struct search *s)
{
    for (size_t i = 1; i < s->n; i++)
        if (!chain_cache_spend_checks(s->cache, s->path[i], 1)) {
            s->tries = TRIES_MAX;
            return false;
        }
    CLEANUP(stack_free) STACK_OF(X509) *anchors = sk_X509_new_null();
    CLEANUP(stack_free) STACK_OF(X509) *middle = sk_X509_new_null();
    CLEANUP(x509_cleanup) X509 *leaf = open_x509(s->path[0]);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    must(anchors && middle && ctx);
    bool readable = leaf != NULL; /* to the library, too: cert_parse is content with less */
    for (size_t i = 1; i < s->n; i++) {
        X509 *x = open_x509(s->path[i]);
        readable = readable && x;
        if (x)
            must(sk_X509_push(i + 1 == s->n ? anchors : middle, x) > 0);
    }
    if (!readable) {
        s->why = "a certificate in the path is malformed";
        X509_STORE_CTX_free(ctx);
        ossl_forget();
        return false;
    }
    must(X509_STORE_CTX_init(ctx, NULL, leaf, middle) == 1);
    X509_STORE_CTX_set0_trusted_stack(ctx, anchors);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_flags(param,
                                X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_POLICY_CHECK);
    /* Any policy suits us, but a CA that demands one must be heeded. */
    must(X509_VERIFY_PARAM_add0_policy(param, OBJ_nid2obj(NID_any_policy)) == 1);
    X509_VERIFY_PARAM_set_auth_level(param, 0); /* weak algorithms are reported, not refused */
    X509_VERIFY_PARAM_set_depth(param, PATH_MAX_CERTS);
    bool ok = X509_verify_cert(ctx) == 1;
    if (!ok)
        s->why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx));
    X509_STORE_CTX_free(ctx);
    ossl_forget();
    return ok;
}

static bool on_path(const struct search *s, const struct cert *c)
{
    for (size_t i = 0; i < s->n; i++)
        if (cert_eq(s->path[i], c))
            return true;
    return false;
}

/* Is candidate the issuer of the path's last certificate? */
static bool issued_by(struct arena *a, struct search *s, const struct cert *candidate, bool is_anchor)
{
    const struct cert *last = s->path[s->n - 1];
    if (!sv_eq(last->issuer_der, candidate->subject_der) || on_path(s, candidate))
        return false;
    bool signed_by = s->tries++ < TRIES_MAX && cert_issued_by(a, s->cache, last, candidate);
    bool same_key = last->authority_key_id.n && sv_eq(last->authority_key_id, candidate->key_id);
    if (is_anchor && same_key && !signed_by && last->signed_scheme != SIG_NONE && !chain_cache_is_spent(s->cache))
        s->forged = true;
    return signed_by;
}

/* Depth first, without recursion: next[] remembers where each level stands. True: path[0..n) ends in an anchor and
 * keeps the rules. */
static bool find_path(struct arena *a, struct search *s)
{
    const struct chain_query *q = s->q;
    s->path[0] = q->leaf;
    s->n = 1;
    if (in_list(&q->anchors, q->leaf))
        return true;
    while (s->n > 0 && s->tries < TRIES_MAX) {
        size_t at = s->next[s->n - 1]++;
        if (at >= q->anchors.n + q->pool.n || s->n == PATH_MAX_CERTS) {
            s->next[--s->n] = 0;
            continue;
        }
        bool is_anchor = at < q->anchors.n;
        const struct cert *c = is_anchor ? q->anchors.v[at] : q->pool.v[at - q->anchors.n];
        if (!issued_by(a, s, c, is_anchor))
            continue;
        s->path[s->n++] = c;
        if (is_anchor && path_keeps_rules(s))
            return true;
        if (is_anchor)
            s->n--;
        else
            s->next[s->n - 1] = 0;
    }
    return false;
}

static void judge(struct chain_result *r, enum trust_verdict v, const char *code, struct sv text)
{
    if (v <= r->verdict)
        return;
    r->verdict = v;
    r->code = code;
    r->text = text;
}

bool cert_signs_documents(const struct cert *c)
{
    bool usage = !c->has_key_usage || (c->key_usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION));
    return usage && (!c->has_eku || (c->eku & ~(unsigned)(EKU_SERVER | EKU_TIMESTAMP | EKU_OCSP)));
}

static void check_usage(struct arena *a, const struct chain_query *q, struct chain_result *r)
{
    const struct cert *c = q->leaf;
    if (q->purpose == CHAIN_SIGN && !cert_signs_documents(c))
        judge(r, TRUST_FAILED, "SIG_CONSTRAINTS_FAILURE",
              arena_printf(a, "%.*s: its key usage is not for documents", SV_ARG(c->subject)));
    if (q->purpose == CHAIN_TIMESTAMP && (!c->has_eku || !c->eku_critical || c->eku != EKU_TIMESTAMP))
        judge(r, TRUST_FAILED, "SIG_CONSTRAINTS_FAILURE",
              arena_printf(a, "%.*s: not a certificate for timestamps", SV_ARG(c->subject)));
}

static void check_time(struct arena *a, const struct cert *c, bool is_leaf, int64_t at, struct chain_result *r)
{
    if (at < c->not_before_at) {
        struct sv text = arena_printf(a, "%.*s was not valid yet", SV_ARG(c->subject));
        if (is_leaf)
            judge(r, TRUST_FAILED, "NOT_YET_VALID", text);
        else
            judge(r, TRUST_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE", text);
    }
    if (at >= c->not_after_at + 1000) /* notAfter is whole seconds, and inclusive */
        judge(r, TRUST_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE",
              arena_printf(a, "%.*s has expired, and nothing proves that the signature existed before",
                           SV_ARG(c->subject)));
}

/* May this data speak for the time at? Issued for it, or later; never from the future. */
static bool speaks_for(const struct revocation_answer *r, int64_t at, int64_t now)
{
    if (r->this_update_at > now + SKEW_MS)
        return false;
    int64_t until = r->next_update_at ? r->next_update_at : r->this_update_at + UNDATED_FOR_MS;
    return r->this_update_at >= at || at <= until;
}

/* Revoked at the time that counts? A compromise of the key, or of the CA's, reaches back to its invalidityDate. */
static bool was_revoked(const struct revoked *r, int64_t at)
{
    int64_t since = r->revoked_at;
    bool stolen = r->reason == REVOKED_KEY_COMPROMISE || r->reason == REVOKED_CA_COMPROMISE;
    if (stolen && r->invalid_from_at && r->invalid_from_at < since)
        since = r->invalid_from_at;
    return since <= at;
}

/* thisUpdate of what was said, if it speaks for the time. */
static void take_answer(const struct revocation_answer *r, struct sv data, bool is_ocsp, int64_t at, int64_t now,
                        struct chain_status *s)
{
    bool speaks = speaks_for(r, at, now);
    /* A hold may have been lifted since: only data that speaks for the time counts. Any other revocation is for good.
     */
    if (r->state == REVOCATION_NONE || (r->state == REVOCATION_REVOKED && r->revoked.reason == REVOKED_HOLD && !speaks))
        return;
    if (r->state == REVOCATION_REVOKED) {
        s->revoked_at = r->revoked.revoked_at;
        s->revoked = s->revoked || was_revoked(&r->revoked, at);
    }
    if (!speaks || (s->known && r->this_update_at <= s->proof_at))
        return;
    s->known = true;
    s->proof = data;
    s->proof_is_ocsp = is_ocsp;
    s->proof_at = r->this_update_at;
}

static void check_revocation(struct arena *a, const struct chain_query *q, struct chain_cache *cache, size_t i,
                             int64_t at, struct chain_result *r)
{
    const struct cert *c = r->chain.v[i], *issuer = r->chain.v[i + 1];
    struct chain_status *s = &r->status[i];
    for (size_t k = 0; k < q->ocsps.n; k++) {
        struct revocation_answer answer = ocsp_answer_for(a, cache, q->ocsps.v[k], c, issuer, q);
        take_answer(&answer, q->ocsps.v[k], true, at, q->now_at, s);
    }
    for (size_t k = 0; k < q->crls.n; k++) {
        struct revocation_answer answer = crl_answer_for(a, cache, q->crls.v[k], c, issuer);
        take_answer(&answer, q->crls.v[k], false, at, q->now_at, s);
    }
    if (i == 0) {
        r->revoked = s->revoked_at != 0;
        r->revoked_at = s->revoked_at;
    }
    if (s->revoked && i == 0)
        judge(r, TRUST_FAILED, "REVOKED", arena_printf(a, "%.*s was revoked", SV_ARG(c->subject)));
    else if (s->revoked)
        judge(r, TRUST_INDETERMINATE, "REVOKED_CA_NO_POE",
              arena_printf(a, "%.*s, an issuer, was revoked", SV_ARG(c->subject)));
    if (s->known)
        return;
    r->revocation_known = false;
    if (q->need_revocation)
        judge(r, TRUST_INDETERMINATE, "TRY_LATER",
              arena_printf(a, "no usable revocation data for %.*s", SV_ARG(c->subject)));
}

static void no_path(struct arena *a, const struct search *s, struct chain_result *r)
{
    const struct cert *leaf = s->q->leaf;
    if (s->forged)
        judge(r, TRUST_FAILED, "CHAIN_SIGNATURE_FAILURE",
              arena_printf(a, "%.*s names a trusted issuer that did not sign it", SV_ARG(leaf->subject)));
    else if (s->why)
        judge(r, TRUST_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE",
              arena_printf(a, "%.*s: %s", SV_ARG(leaf->subject), s->why));
    else if (s->tries >= TRIES_MAX)
        judge(r, TRUST_INDETERMINATE, "CERTIFICATE_CHAIN_GENERAL_FAILURE", SV("too many certificates to try"));
    else
        judge(r, TRUST_INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND",
              arena_printf(a, "no path from %.*s to a trusted certificate", SV_ARG(leaf->subject)));
}

void chain_check(struct arena *a, const struct chain_query *q, struct chain_result *ret)
{
    struct search *s = arena_new(a, struct search);
    int64_t at = q->proven_at ? q->proven_at : q->now_at;
    *ret = (struct chain_result){.code = "", .text = SV("")};
    s->q = q;
    s->cache = q->cache ? q->cache : chain_cache_new(a);
    check_usage(a, q, ret);
    ret->weak = cert_is_weak(q->leaf);
    if (!find_path(a, s)) {
        certs_add(a, &ret->chain, q->leaf);
        no_path(a, s, ret);
        return;
    }
    ret->revocation_known = true;
    ret->complete = true;
    ret->status = arena_array(a, struct chain_status, s->n);
    for (size_t i = 0; i < s->n; i++) {
        certs_add(a, &ret->chain, s->path[i]);
        ret->weak = ret->weak || cert_is_weak(s->path[i]);
        check_time(a, s->path[i], i == 0, at, ret);
    }
    for (size_t i = 0; i + 1 < ret->chain.n; i++)
        check_revocation(a, q, s->cache, i, at, ret);
}
