/* Attributes of a SignerInfo: RFC 5652 5.3 and 11, RFC 5035, RFC 6211, and Adobe's revocation archive. */
#include "crypto/alg_priv.h"
#include "crypto/cms_priv.h"

enum { ATTRIBUTES_MAX = 64, TOKENS_MAX = 16 };

bool cms_spoil(struct cms *c, enum cms_status status, const char *code, struct sv text)
{
    if (status > c->status) {
        c->status = status;
        c->problem = (struct cms_problem){status, code, text};
    }
    return false;
}

void cms_note(struct cms *c, const char *code, struct sv text)
{
    if (c->note_n < COUNT(c->note))
        c->note[c->note_n++] = (struct cms_problem){CMS_OK, code, text};
}

bool cms_attribute_get(const struct cms *c, const char *oid, struct sv *ret_value)
{
    for (size_t i = 0; i < c->attribute_n; i++)
        if (sv_eq(c->attribute[i].oid, sv_from(oid))) {
            *ret_value = c->attribute[i].values;
            return true;
        }
    return false;
}

/* SEQUENCE { oid, SET OF value } */
static bool attribute_next(struct arena *a, struct der *list, struct cms_attribute *ret)
{
    struct der d = der_enter(list, DER_SEQ);
    ret->oid = der_oid_text(a, der_take(&d, DER_OID));
    ret->values = der_take(&d, DER_SET);
    return der_done(&d) && ret->oid.n > 0;
}

static bool one_value(struct sv values, uint8_t tag, struct sv *ret_body)
{
    struct der d = der_open(values);
    *ret_body = der_take(&d, tag);
    return der_done(&d);
}

static void read_signing_time(struct cms *c)
{
    struct sv values;
    struct der_item item;
    if (!cms_attribute_get(c, OID_SIGNING_TIME, &values))
        return;
    struct der d = der_open(values);
    if (!der_next(&d, &item) || !der_done(&d) || !der_time(item.tag, item.body, &c->signing_time_at)) {
        c->signing_time_at = 0;
        cms_note(c, "signing_time_unreadable", SV("the claimed signing time cannot be read"));
    }
    if (c->profile == CMS_CADES)
        cms_note(c, "signing_time_in_cades", SV("signingTime does not belong into a CAdES signature in PDF"));
}

/* SEQUENCE OF anything, each element one DER value. */
static void add_all(struct arena *a, struct der_list *to, struct sv sequence)
{
    struct der outer = der_open(sequence), d = der_enter(&outer, DER_SEQ);
    struct der_item item;
    while (to->n < DER_LIST_MAX && der_next(&d, &item))
        der_list_add(a, to, item.all);
}

static void read_revocation_archive(struct arena *a, struct cms *c)
{
    struct sv values, part;
    if (!cms_attribute_get(c, OID_REVOCATION_INFO, &values))
        return;
    struct der outer = der_open(values), d = der_enter(&outer, DER_SEQ);
    if (der_optional(&d, DER_CTX(0), &part))
        add_all(a, &c->crls, part);
    if (der_optional(&d, DER_CTX(1), &part))
        add_all(a, &c->ocsps, part);
}

bool cms_read_revocation_info(struct arena *a, struct cms *c, struct sv body)
{
    struct der d = der_open(body);
    struct der_item item;
    bool others = false;
    while (c->crls.n < DER_LIST_MAX && der_next(&d, &item)) {
        if (item.tag == DER_SEQ)
            der_list_add(a, &c->crls, item.all);
        if (item.tag != DER_CTX(1))
            continue;
        others = true;
        struct der other = der_open(item.body); /* OtherRevocationInfoFormat, RFC 5940 */
        struct sv oid = der_oid_text(a, der_take(&other, DER_OID));
        if (!other.bad && sv_eq(oid, SV("1.3.6.1.5.5.7.16.2")))
            der_list_add(a, &c->ocsps, other.rest);
    }
    if (d.bad)
        cms_spoil(c, CMS_BROKEN, "structure", SV("the revocation values are not DER"));
    return others;
}

/* contentType and messageDigest must be there once with one value each (RFC 5652 11.1, 11.2). */
static bool check_required(struct arena *a, struct cms *c)
{
    struct sv values, body;
    if (!cms_attribute_get(c, OID_CONTENT_TYPE, &values) || !one_value(values, DER_OID, &body))
        return cms_spoil(c, CMS_BROKEN, "content_type_missing", SV("no contentType among the signed attributes"));
    if (!sv_eq(der_oid_text(a, body), c->content_type))
        return cms_spoil(c, CMS_BROKEN, "content_type_differs", SV("contentType is not the type of the content"));
    if (!cms_attribute_get(c, OID_MESSAGE_DIGEST, &values) || !one_value(values, DER_OCTETS, &body))
        return cms_spoil(c, CMS_BROKEN, "message_digest_missing", SV("no messageDigest among the signed attributes"));
    if (c->digest != DIGEST_NONE && body.n != digest_size(c->digest))
        return cms_spoil(c, CMS_BROKEN, "message_digest_length", SV("messageDigest is not of the digest's length"));
    return true;
}

/* RFC 6211: the algorithms, repeated under the signature. */
static bool check_protection(struct arena *a, struct cms *c)
{
    struct sv values, part;
    struct sigalg alg;
    enum digest_alg digest;
    const char *code;
    if (c->status != CMS_OK || !cms_attribute_get(c, OID_ALG_PROTECT, &values))
        return true; /* algorithms that are not known cannot be compared */
    struct der set = der_open(values), d = der_enter(&set, DER_SEQ);
    struct sv digest_der = der_take_all(&d, DER_SEQ);
    bool same = !d.bad && der_optional(&d, DER_CTX(1), &part) && der_done(&d) && der_done(&set) &&
                digest_alg_read(a, digest_der, &digest, &code) == ALG_OK && digest == c->digest &&
                sigalg_read(a, der_tlv(a, DER_SEQ, part), digest, &alg, &code) == ALG_OK && alg.scheme == c->scheme &&
                alg.pss_salt == c->pss_salt;
    return same || cms_spoil(c, CMS_BROKEN, "algorithm_protection", SV("cmsAlgorithmProtect names other algorithms"));
}

bool cms_read_signed(struct arena *a, struct cms *c, struct sv all)
{
    struct der outer = der_open(all);
    struct sv body = der_take(&outer, DER_CTX(0));
    struct der list = der_open(body);
    c->has_attributes = true;
    c->attributes = arena_concat(a, SV("\x31"), sv_skip(all, 1)); /* RFC 5652 5.4: as it stands, but a SET */
    c->attribute = arena_array(a, struct cms_attribute, ATTRIBUTES_MAX);
    if (body.n == 0 || !der_set_is_sorted(body))
        return cms_spoil(c, CMS_BROKEN, "attributes_order", SV("the signed attributes are not in DER order"));
    while (list.rest.n && c->attribute_n < ATTRIBUTES_MAX) {
        struct cms_attribute *at = &c->attribute[c->attribute_n];
        struct sv ignored;
        if (!attribute_next(a, &list, at))
            return cms_spoil(c, CMS_BROKEN, "structure", SV("a signed attribute is not DER"));
        if (cms_attribute_get(c, at->oid.p, &ignored))
            return cms_spoil(c, CMS_BROKEN, "attribute_twice", arena_printf(a, "signed attribute %s twice", at->oid.p));
        c->attribute_n++;
    }
    if (list.rest.n)
        return cms_spoil(c, CMS_BROKEN, "structure", SV("too many signed attributes"));
    read_signing_time(c);
    read_revocation_archive(a, c);
    return check_required(a, c) && check_protection(a, c);
}

void cms_read_unsigned(struct arena *a, struct cms *c, struct sv body)
{
    struct der list = der_open(body);
    struct cms_attribute at;
    while (list.rest.n) {
        if (!attribute_next(a, &list, &at)) {
            cms_spoil(c, CMS_BROKEN, "structure", SV("an unsigned attribute is not DER"));
            return;
        }
        struct der values = der_open(at.values);
        struct der_item item;
        if (c->profile == CMS_TOKEN || !sv_eq(at.oid, SV(OID_TIMESTAMP_TOKEN))) {
            cms_note(c, "unsigned_attribute", at.oid); /* nothing protects it: the caller decides what it tolerates */
            continue;
        }
        if (values.rest.n == 0) { /* SET SIZE (1..MAX): a timestamp that was taken out */
            cms_spoil(c, CMS_BROKEN, "structure", SV("a timestamp attribute without a timestamp"));
            return;
        }
        while (c->tokens.n < TOKENS_MAX && der_next(&values, &item))
            der_list_add(a, &c->tokens, item.all);
        if (values.bad || values.rest.n)
            cms_spoil(c, CMS_BROKEN, "structure", SV("a timestamp attribute is not DER, or there are too many"));
    }
}

/* issuerSerial of an ESSCertID: GeneralNames with one directoryName, serial. */
static bool issuer_serial_matches(struct arena *a, struct sv body, const struct cert *cert)
{
    struct der d = der_open(body);
    struct sv names = der_take(&d, DER_SEQ), serial = der_take(&d, DER_INTEGER), name;
    struct der list = der_open(names);
    if (!der_done(&d) || !der_optional(&list, DER_CTX(4), &name) || !der_done(&list))
        return false;
    return names_alike(name, cert->issuer_der) && sv_eq(der_serial_hex(a, serial), cert->serial_hex);
}

/* The first ESSCertID(v2) must name the signer's certificate (RFC 5035 5.4). */
static enum cms_status cert_id_check(struct arena *a, struct sv values, bool v2, const struct cert *signer,
                                     const char **ret_code)
{
    struct der set = der_open(values), outer = der_enter(&set, DER_SEQ), ids = der_enter(&outer, DER_SEQ),
               id = der_enter(&ids, DER_SEQ);
    enum digest_alg alg = v2 ? DIGEST_SHA256 : DIGEST_SHA1;
    struct sv issuer_serial;
    *ret_code = "signing_certificate_malformed";
    if (v2 && der_is_next(&id, DER_SEQ)) {
        enum alg_status st = digest_alg_read(a, der_take_all(&id, DER_SEQ), &alg, ret_code);
        if (st != ALG_OK)
            return st == ALG_UNSUPPORTED ? CMS_UNSUPPORTED : CMS_BROKEN;
    }
    struct sv hash = der_take(&id, DER_OCTETS);
    bool has_serial = der_optional(&id, DER_SEQ, &issuer_serial);
    if (!der_done(&id) || !der_done(&set))
        return CMS_BROKEN;
    *ret_code = "signing_certificate_differs";
    struct digest want = digest_of(alg, signer->der);
    bool same = bytes_equal(hash, digest_sv(&want)) && (!has_serial || issuer_serial_matches(a, issuer_serial, signer));
    return same ? CMS_OK : CMS_BROKEN;
}

enum cms_status cms_signing_cert_check(struct arena *a, const struct cms *c, const struct cert *signer,
                                       bool *ret_present, const char **ret_code)
{
    struct sv v1, v2;
    bool has_v2 = cms_attribute_get(c, OID_SIGNING_CERT_V2, &v2), has_v1 = cms_attribute_get(c, OID_SIGNING_CERT, &v1);
    enum cms_status st = CMS_OK;
    *ret_present = has_v1 || has_v2;
    if (has_v2)
        st = cert_id_check(a, v2, true, signer, ret_code);
    if (st == CMS_OK && has_v1)
        st = cert_id_check(a, v1, false, signer, ret_code);
    return st;
}
