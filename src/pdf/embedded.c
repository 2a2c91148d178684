/* Certificates that travel inside a signature but are not covered by it. Each must be readable, belong to the signer or
 * stand in his chain, and bear its issuer's signature as far as the issuer is at hand: otherwise a changed byte in them
 * would go unseen. */
#include <string.h>

#include "pdf/verify_priv.h"

static bool is_issuer(const struct cert *issuer, const struct cert *c)
{
    return sv_eq(issuer->subject_der, c->issuer_der);
}

/* Identifiers of keys are digests: two that differ in a byte or two are one of them and a damaged copy. */
static bool same_key_id(struct sv x, struct sv y)
{
    size_t differ = 0;
    for (size_t i = 0; x.n == y.n && i < x.n; i++)
        differ += x.p[i] != y.p[i];
    return x.n && x.n == y.n && differ <= (x.n >= 16 ? 2 : 0);
}

/* Is it the key of this one that c must bear a signature of? Known by the key's identifier, whatever became of the
 * name; or by the name, unless another key is named: such a namesake says nothing. */
static bool claims(const struct cert *c, const struct cert *issuer, bool *ret_namesake)
{
    bool key = same_key_id(c->authority_key_id, issuer->key_id), name = is_issuer(issuer, c);
    *ret_namesake = name && !key && c->authority_key_id.n && issuer->key_id.n;
    return key || name;
}

/* True when some certificate of the list is the issuer; *ret_fine when one of those really signed it. */
static bool find_issuer(struct verifying *v, const struct certs *list, const struct cert *c, bool *ret_fine)
{
    bool found = false;
    for (size_t i = 0; i < list->n && !*ret_fine; i++) {
        const struct cert *issuer = list->v[i];
        bool namesake;
        if (issuer == c || !claims(c, issuer, &namesake))
            continue;
        found = true;
        struct cert by_key = *c; /* the name may be the damaged part, or written with other kinds of strings */
        by_key.issuer_der = issuer->subject_der;
        *ret_fine = namesake || c->signed_scheme == SIG_NONE || cert_issued_by(v->a, v->chains, &by_key, issuer) ||
                    chain_cache_is_spent(v->chains);
    }
    return found;
}

static bool issues_another(const struct certs *list, const struct cert *c)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i] != c && is_issuer(c, list->v[i]))
            return true;
    }
    return false;
}

static void check_one(struct verifying *v, struct sig *s, const struct certs *list, const struct cert *c,
                      const struct cert *leaf)
{
    bool self = is_issuer(c, c), fine = false, own_id = c->key_id.n && sv_eq(c->key_id, c->authority_key_id);
    if (self ? !c->self_signed : own_id) {
        sig_spoil(v, s, PDF_BROKEN, "certificate_damaged", s->out.object,
                  "the self-signed certificate \"%.*s\" is damaged", SV_ARG(c->subject));
        return;
    }
    bool found = self || find_issuer(v, list, c, &fine) || find_issuer(v, &v->anchors, c, &fine) ||
                 find_issuer(v, &v->pool, c, &fine);
    if (found && !self && !fine)
        sig_spoil(v, s, PDF_BROKEN, "certificate_damaged", s->out.object,
                  "\"%.*s\" does not bear its issuer's signature", SV_ARG(c->subject));
    else if (c != leaf && !issues_another(list, c) && (self || !found))
        sig_spoil(v, s, PDF_UNSUPPORTED, "certificate_stray", s->out.object,
                  "the certificate \"%.*s\" has nothing to do with the signature", SV_ARG(c->subject));
}

/* Unsigned attributes that other programs write and that take nothing away: RFC 5652 11.4, RFC 5126 6, EN 319
 * 122-1 5.5. An unknown one could be a known one, a timestamp say, whose name was changed. */
static bool tolerated(struct sv oid)
{
    static const char *const known[] = {
            "1.2.840.113549.1.9.6",       /* counterSignature */
            "1.2.840.113549.1.9.16.2.21", /* certificateRefs */
            "1.2.840.113549.1.9.16.2.22", /* revocationRefs */
            "1.2.840.113549.1.9.16.2.23", /* certValues */
            "1.2.840.113549.1.9.16.2.24", /* revocationValues */
            "1.2.840.113549.1.9.16.2.25", /* escTimeStamp */
            "1.2.840.113549.1.9.16.2.26", /* certCRLTimestamp */
            "1.2.840.113549.1.9.16.2.48", /* archiveTimestampV2 */
            "0.4.0.1733.2.4",             /* archiveTimestampV3 */
            "1.2.840.113583.1.1.8",       /* adbe revocationInfoArchival */
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        if (sv_eq(oid, sv_from(known[i])))
            return true;
    }
    return false;
}

void sig_check_embedded(struct verifying *v, struct sig *s, const struct cms *c, const struct cert *leaf)
{
    for (size_t i = 0; i < c->note_n; i++) {
        bool attribute = strcmp(c->note[i].code, "unsigned_attribute") == 0 && !tolerated(c->note[i].text);
        if (attribute || strcmp(c->note[i].code, "certificate_unreadable") == 0)
            sig_spoil(v, s, PDF_UNSUPPORTED, c->note[i].code, s->out.object, "%.*s", SV_ARG(c->note[i].text));
    }
    if (c->certs.n > 64) {
        sig_spoil(v, s, PDF_UNSUPPORTED, "certificate_stray", s->out.object,
                  "more than 64 certificates in a signature");
        return;
    }
    for (size_t i = 0; i < c->certs.n; i++)
        check_one(v, s, &c->certs, c->certs.v[i], leaf);
    if (chain_cache_is_spent(v->chains))
        sig_spoil(v, s, PDF_UNSUPPORTED, "certificate_stray", s->out.object,
                  "more certificates and lists than can be checked");
}
