/* Writing SignedData: RFC 5652, CAdES-BES as PAdES wants it (ETSI EN 319 142-1 6.3), GB/T 35275; see cms.h. */
#include "crypto/alg_priv.h"
#include "crypto/cms_priv.h"
#include "crypto/ossl_priv.h"

static struct sv attribute_der(struct arena *a, const char *oid, struct sv value)
{
    return der_seq(a, der_oid(a, oid), der_tlv(a, DER_SET, value));
}

/* SigningCertificateV2 with the default SHA-256, issuer and serial (RFC 5035 5.4.1). */
static struct sv signing_cert_der(struct arena *a, const struct cert *signer, struct sv serial)
{
    struct sv names = der_seq(a, der_tlv(a, DER_CTX(4), signer->issuer_der));
    struct sv id = der_seq(a, der_tlv(a, DER_OCTETS, digest_sv(&signer->sha256)), der_seq(a, names, serial));
    return der_seq(a, der_seq(a, id));
}

static struct sv serial_der(struct arena *a, const struct cert *c)
{
    struct sv bytes;
    must(hex_decode(a, c->serial_hex, &bytes));
    return der_uint(a, bytes);
}

static struct sv protect_der(struct arena *a, const struct cms_order *o)
{
    struct sv sig = sigalg_der(a, o->scheme, o->digest, false);
    struct der d = der_open(sig);
    return der_seq(a, digest_alg_der(a, o->digest, false), der_tlv(a, DER_CTX(1), der_take(&d, DER_SEQ)));
}

static const char *default_type(const struct cms_order *o)
{
    return o->gm_oids ? OID_GM_DATA : OID_DATA;
}

static bool settle(struct arena *a, struct cms_order *o, struct err *e)
{
    const struct cert *c = o->signer;
    if (c->has_key_usage && !(c->key_usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
        return err_user(e, ERR_REFUSED, "sign_certificate", NULL, "%.*s: keyUsage forbids signatures",
                        SV_ARG(c->subject));
    if (o->scheme == SIG_NONE)
        o->scheme = key_kind_scheme(c->key_kind);
    if (o->digest == DIGEST_NONE)
        o->digest = key_kind_digest(c->key_kind);
    bool fits = key_kind_scheme(c->key_kind) == (o->scheme == SIG_RSA_PSS ? SIG_RSA_PKCS1 : o->scheme);
    if (!fits || o->scheme == SIG_NONE || !digest_may_sign(o->digest) ||
        (o->scheme == SIG_SM2) != (o->digest == DIGEST_SM3) || (o->gm_oids && o->scheme != SIG_SM2))
        return err_user(e, ERR_REFUSED, "sign_algorithm", NULL, "%s with %s for a %s key", sig_scheme_name(o->scheme),
                        digest_name(o->digest), key_kind_name(c->key_kind));
    if (o->content_type.n == 0)
        o->content_type = sv_from(default_type(o));
    if (der_oid_sv(a, o->content_type).n == 0)
        return err_set(e, ERR_BAD_INPUT, "content type is not an object identifier");
    return true;
}

bool cms_draft(struct arena *a, const struct cms_order *order, const struct digest *content, struct cms_draft *ret,
               struct err *e)
{
    *ret = (struct cms_draft){.order = *order};
    struct cms_order *o = &ret->order;
    if (!settle(a, o, e))
        return false;
    must(!o->no_attributes && content->alg == o->digest);
    struct sv items[5];
    size_t n = 0;
    items[n++] = attribute_der(a, OID_CONTENT_TYPE, der_oid_sv(a, o->content_type));
    items[n++] = attribute_der(a, OID_MESSAGE_DIGEST, der_tlv(a, DER_OCTETS, digest_sv(content)));
    items[n++] = attribute_der(a, OID_SIGNING_CERT_V2, signing_cert_der(a, o->signer, serial_der(a, o->signer)));
    if (o->signing_time_at)
        items[n++] = attribute_der(a, OID_SIGNING_TIME, der_time_x509(a, o->signing_time_at));
    if (o->scheme != SIG_SM2)
        items[n++] = attribute_der(a, OID_ALG_PROTECT, protect_der(a, o));
    ret->tbs = der_set_of(a, DER_SET, items, n);
    if (o->scheme == SIG_SM2)
        return sm2_digest(o->signer->public_der, ret->tbs, &ret->tbs_digest, e);
    ret->tbs_digest = digest_of(o->digest, ret->tbs);
    return true;
}

static struct sv certs_der(struct arena *a, const struct cms_order *o)
{
    struct sv *items = arena_array(a, struct sv, o->chain.n + 1);
    size_t n = 0;
    if (o->omit_certs)
        return SV("");
    items[n++] = o->signer->der;
    for (size_t i = 0; i < o->chain.n; i++)
        if (!cert_eq(o->chain.v[i], o->signer))
            items[n++] = o->chain.v[i]->der;
    /* Signer first, then its chain: readers that take the first certificate are right, too. */
    return der_join_(a, DER_CTX(0), items, n);
}

static struct sv assemble(struct arena *a, const struct cms_order *o, struct sv signed_attrs, struct sv signature)
{
    struct sv none = SV(""), digest = digest_alg_der(a, o->digest, false);
    struct sv content = o->content.p ? der_tlv(a, DER_CTX(0), der_tlv(a, DER_OCTETS, o->content)) : none;
    bool is_data = sv_eq(o->content_type, SV(OID_DATA)) || o->gm_oids;
    struct sv sid = der_seq(a, o->signer->issuer_der, serial_der(a, o->signer));
    struct sv info = der_seq(a, der_int(a, 1), sid, digest, signed_attrs,
                             sigalg_der(a, o->scheme, o->digest, o->gm_oids), der_tlv(a, DER_OCTETS, signature));
    struct sv data =
            der_seq(a, der_int(a, is_data ? 1 : 3), der_tlv(a, DER_SET, digest),
                    der_seq(a, der_oid_sv(a, o->content_type), content), certs_der(a, o), der_tlv(a, DER_SET, info));
    return der_seq(a, der_oid(a, o->gm_oids ? OID_GM_SIGNED_DATA : OID_SIGNED_DATA), der_tlv(a, DER_CTX(0), data));
}

static bool unfit(struct err *e, const struct cms_order *o)
{
    return err_user(e, ERR_BAD_INPUT, "sign_value", NULL, "the key or signature does not fit the certificate of %.*s",
                    SV_ARG(o->signer->subject));
}

static struct sv assemble_draft(struct arena *a, const struct cms_draft *d, struct sv signature)
{
    struct der set = der_open(d->tbs);
    return assemble(a, &d->order, der_tlv(a, DER_CTX(0), der_take(&set, DER_SET)), signature);
}

bool cms_finish(struct arena *a, const struct cms_draft *d, struct sv signature, struct sv *ret_der, struct err *e)
{
    const struct cms_order *o = &d->order;
    if (!signature_verify(o->signer->public_der, o->scheme, o->digest, d->tbs, signature))
        return unfit(e, o);
    *ret_der = assemble_draft(a, d, signature);
    return true;
}

bool cms_sign(struct arena *a, const struct cms_order *order, const struct key *k, const struct digest *content,
              struct sv *ret_der, struct err *e)
{
    struct cms_draft d;
    struct sv sig;
    if (!cms_draft(a, order, content, &d, e) || !key_sign_digest(a, k, d.order.scheme, &d.tbs_digest, &sig, e))
        return false;
    if (!key_matches(k, order->signer->public_der))
        return unfit(e, order);
    *ret_der = assemble_draft(a, &d, sig);
    return true;
}

bool cms_sign_content(struct arena *a, const struct cms_order *order, const struct key *k, struct sv content,
                      struct sv *ret_der, struct err *e)
{
    struct cms_order o = *order;
    struct sv sig;
    if (!settle(a, &o, e) || !key_sign(a, k, o.scheme, o.digest, content, &sig, e))
        return false;
    if (!key_matches(k, o.signer->public_der))
        return unfit(e, &o);
    *ret_der = assemble(a, &o, SV(""), sig);
    return true;
}

static bool unreadable(struct err *e)
{
    return err_user(e, ERR_BAD_INPUT, "cms_unreadable", NULL, "not a SignedData with one signature");
}

/* The parts of a SignedData with one SignerInfo, as they stand. */
struct parts {
    struct sv type, head, info_head, signature, unsigned_attrs;
};

/* head: everything of SignedData before the signerInfos; info_head: of SignerInfo up to the signature value. */
static bool take_apart(struct sv der, struct parts *p)
{
    size_t n = der_size(der);
    struct der outer = der_open(sv_sub(der, 0, n)), info = der_enter(&outer, DER_SEQ);
    p->type = der_take_all(&info, DER_OID);
    struct der wrap = der_enter(&info, DER_CTX(0)), data = der_enter(&wrap, DER_SEQ);
    struct sv start = data.rest;
    struct der_item item;
    for (int i = 0; i < 3; i++)
        der_next(&data, &item);
    struct sv ignored;
    (void)der_optional(&data, DER_CTX(0), &ignored);
    (void)der_optional(&data, DER_CTX(1), &ignored);
    p->head = sv_sub(start, 0, start.n - data.rest.n);
    struct der signers = der_enter(&data, DER_SET), signer = der_enter(&signers, DER_SEQ);
    start = signer.rest;
    for (int i = 0; i < 3; i++)
        der_next(&signer, &item);
    (void)der_optional(&signer, DER_CTX(0), &ignored);
    der_take(&signer, DER_SEQ);
    p->info_head = sv_sub(start, 0, start.n - signer.rest.n);
    p->signature = der_take(&signer, DER_OCTETS);
    (void)der_optional(&signer, DER_CTX(1), &p->unsigned_attrs);
    return n > 0 && der_done(&signer) && der_done(&signers) && der_done(&data) && der_done(&wrap) && der_done(&info);
}

bool cms_signature_value(struct arena *a, struct sv cms_der, struct sv *ret, struct err *e)
{
    struct parts p = {0};
    if (!take_apart(cms_der, &p))
        return unreadable(e);
    *ret = arena_sv(a, p.signature);
    return true;
}

bool cms_add_timestamp(struct arena *a, struct sv cms_der, struct sv token, struct sv *ret_der, struct err *e)
{
    struct parts p = {0};
    struct sv items[64];
    struct der_item item;
    size_t n = 0;
    if (!take_apart(cms_der, &p) || der_size(token) != token.n || token.n == 0)
        return unreadable(e);
    struct der old = der_open(p.unsigned_attrs);
    while (n + 1 < COUNT(items) && der_next(&old, &item))
        items[n++] = item.all;
    if (!der_done(&old))
        return unreadable(e);
    items[n++] = attribute_der(a, OID_TIMESTAMP_TOKEN, token);
    struct sv attrs = der_set_of(a, DER_CTX(1), items, n);
    struct sv info = der_seq(a, p.info_head, der_tlv(a, DER_OCTETS, p.signature), attrs);
    struct sv data = der_seq(a, p.head, der_tlv(a, DER_SET, info));
    *ret_der = der_seq(a, p.type, der_tlv(a, DER_CTX(0), data));
    return true;
}
