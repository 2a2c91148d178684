/* Reading SignedData: RFC 5652 5.1, GB/T 35275 8; see cms.h. Every looseness that the specification of this program
 * refuses is refused here or in cms_check.c, with a name of its own. */
#include <string.h>

#include "crypto/alg_priv.h"
#include "crypto/cms_priv.h"

enum { CERTS_INSIDE_MAX = 200 };

const char *cms_status_name(enum cms_status s)
{
    static const char *const names[] = {"OK", "UNSUPPORTED", "TST_BAD", "TAMPERED", "BROKEN"};
    return names[s];
}

void der_list_add(struct arena *a, struct der_list *list, struct sv der)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i].p == der.p || (der.n <= DER_LIST_COMPARED && sv_eq(list->v[i], der)))
            return;
    if (list->n >= DER_LIST_MAX)
        return;
    if ((list->n & (list->n - 1)) == 0) {
        struct sv *v = arena_array(a, struct sv, list->n ? list->n * 2 : 1);
        for (size_t i = 0; i < list->n; i++)
            v[i] = list->v[i];
        list->v = v;
    }
    list->v[list->n++] = der;
}

static bool broken(struct cms *c, const char *code, const char *text)
{
    return cms_spoil(c, CMS_BROKEN, code, sv_from(text));
}

static bool structure(struct cms *c)
{
    return broken(c, "structure", "not a SignedData in DER");
}

static bool only_zeros(struct sv s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i])
            return false;
    return true;
}

/* encapContentInfo: type, and the octets where the profile wants or forbids them. */
static bool read_content(struct arena *a, struct cms *c, struct der *signed_data)
{
    struct der d = der_enter(signed_data, DER_SEQ);
    struct sv explicit_content;
    c->content_type = der_oid_text(a, der_take(&d, DER_OID));
    if (der_optional(&d, DER_CTX(0), &explicit_content)) {
        struct der inner = der_open(explicit_content);
        c->has_content = true;
        c->content = der_take(&inner, DER_OCTETS);
        if (!der_done(&inner))
            return structure(c);
    }
    if (!der_done(&d) || c->content_type.n == 0)
        return structure(c);
    bool data = sv_eq(c->content_type, SV(OID_DATA)) || sv_eq(c->content_type, SV(OID_GM_DATA));
    bool token = sv_eq(c->content_type, SV(OID_TST_INFO));
    if (c->profile == CMS_TOKEN ? !token : !data)
        return broken(c, "content_type_unexpected", "the signed content is of another type");
    if (c->has_content && (c->profile == CMS_CADES || c->profile == CMS_ADBE))
        return broken(c, "content_inside", "a detached signature must not carry content");
    if (!c->has_content && (c->profile == CMS_TOKEN || c->profile == CMS_ADBE_SHA1))
        return broken(c, "content_missing", "the signed content is missing");
    return true;
}

static void note_part(struct cms *c, int version)
{
    if (c->newest_part < version)
        c->newest_part = version;
}

static bool read_certs(struct arena *a, struct cms *c, struct sv body)
{
    struct der d = der_open(body);
    struct der_item item;
    size_t seen = 0;
    while (der_next(&d, &item)) {
        const struct cert *cert;
        struct err ignored;
        if (++seen > CERTS_INSIDE_MAX)
            return broken(c, "structure", "too many certificates");
        if (item.tag != DER_SEQ) {
            /* RFC 5652 10.2.2: [0]..[3] are attribute certificates and other forms */
            if (item.tag < DER_CTX(0) || item.tag > DER_CTX(3))
                return structure(c);
            note_part(c, item.tag == DER_CTX(3) ? 5 : item.tag == DER_CTX(2) ? 4 : 3);
            cms_note(c, "certificate_unreadable", SV("a certificate of another form inside"));
            continue;
        }
        if (cert_parse(a, item.all, &cert, &ignored))
            certs_add(a, &c->certs, cert);
        else
            cms_note(c, "certificate_unreadable", SV("a certificate inside cannot be read"));
    }
    return !d.bad || structure(c);
}

static bool read_sid(struct arena *a, struct cms *c, struct der *info, int64_t version)
{
    if (der_is_next(info, DER_SEQ)) {
        struct der d = der_enter(info, DER_SEQ);
        c->sid_issuer_der = der_take_all(&d, DER_SEQ);
        c->sid_serial = der_serial_hex(a, der_take(&d, DER_INTEGER));
        if (!der_done(&d))
            return structure(c);
    } else if (!der_optional(info, DER_CTXP(0), &c->sid_key_id) || c->sid_key_id.n == 0) {
        return structure(c);
    }
    if (version != (c->sid_key_id.n ? 3 : 1))
        cms_spoil(c, CMS_UNSUPPORTED, "version", SV("the version of the SignerInfo does not fit its identifier"));
    for (size_t i = 0; i < c->certs.n && !c->signer; i++)
        if (cms_sid_matches(c, c->certs.v[i]))
            c->signer = c->certs.v[i];
    return true;
}

bool cms_sid_matches(const struct cms *c, const struct cert *cert)
{
    if (c->sid_key_id.n)
        return sv_eq(c->sid_key_id, cert->key_id);
    return c->sid_serial.n && sv_eq(c->sid_serial, cert->serial_hex) &&
           names_alike(c->sid_issuer_der, cert->issuer_der);
}

static enum cms_status status_of(enum alg_status st)
{
    return st == ALG_OK ? CMS_OK : st == ALG_UNSUPPORTED ? CMS_UNSUPPORTED : CMS_BROKEN;
}

static void algorithm_problem(struct arena *a, struct cms *c, enum alg_status st, const char *code, const char *where)
{
    if (st != ALG_OK)
        cms_spoil(c, status_of(st), code, arena_printf(a, "%s: %s", where, code));
}

/* Does the list SignedData.digestAlgorithms name the signer's? (RFC 5652 5.1) */
static bool listed(struct arena *a, struct sv algs, enum digest_alg alg)
{
    struct der d = der_open(algs);
    struct der_item item;
    while (der_next(&d, &item)) {
        enum digest_alg found;
        const char *code;
        if (digest_alg_read(a, item.all, &found, &code) == ALG_OK && found == alg)
            return true;
    }
    return false;
}

static bool read_signer(struct arena *a, struct cms *c, struct sv body, struct sv digest_algs)
{
    struct der d = der_open(body);
    struct sv signed_attrs = SV(""), unsigned_attrs;
    struct sigalg alg;
    int64_t version = 0;
    const char *code = "";
    if (!der_int_small(der_take(&d, DER_INTEGER), &version))
        return structure(c);
    if (!read_sid(a, c, &d, version))
        return false;
    struct sv digest_der = der_take_all(&d, DER_SEQ);
    bool has_signed = der_is_next(&d, DER_CTX(0));
    if (has_signed)
        signed_attrs = der_take_all(&d, DER_CTX(0));
    struct sv alg_der = der_take_all(&d, DER_SEQ);
    c->signature = der_take(&d, DER_OCTETS);
    bool has_unsigned = der_optional(&d, DER_CTX(1), &unsigned_attrs);
    if (!der_done(&d) || c->signature.n == 0)
        return structure(c);
    enum alg_status st = digest_alg_read(a, digest_der, &c->digest, &code);
    algorithm_problem(a, c, st, code, "digestAlgorithm");
    if (st == ALG_OK) {
        st = sigalg_read(a, alg_der, c->digest, &alg, &code);
        algorithm_problem(a, c, st, code, "signatureAlgorithm");
        c->scheme = alg.scheme;
        c->pss_salt = alg.pss_salt;
        if (!listed(a, digest_algs, c->digest))
            broken(c, "digest_not_listed", "digestAlgorithms does not list the signer's digest");
    }
    if (has_unsigned)
        cms_read_unsigned(a, c, unsigned_attrs);
    if (has_signed)
        return cms_read_signed(a, c, signed_attrs);
    if (c->profile == CMS_CADES || c->profile == CMS_TOKEN || !(sv_eq(c->content_type, SV(OID_DATA)) || c->gm_oids))
        return broken(c, "attributes_missing", "the signature has no signed attributes");
    return true;
}

/* RFC 5652 5.1; PKCS#7 (RFC 2315 9.1) has always 1. Nothing protects the number, so that one which does not go with its
 * content may be a damaged one: it is not called broken, but not passed over either. */
static bool version_fits(struct cms *c, int64_t version)
{
    bool data = sv_eq(c->content_type, SV(OID_DATA)) || sv_eq(c->content_type, SV(OID_GM_DATA));
    int least = !data || c->sid_key_id.n ? 3 : 1;
    return version == least || version == c->newest_part || (version == 1 && c->profile != CMS_TOKEN) ||
           cms_spoil(c, CMS_UNSUPPORTED, "version", SV("the version of the SignedData does not fit its content"));
}

static bool read_signed_data(struct arena *a, struct cms *c, struct der *content)
{
    struct der d = der_enter(content, DER_SEQ);
    struct sv part;
    int64_t version = 0;
    if (!der_int_small(der_take(&d, DER_INTEGER), &version))
        return structure(c);
    if (version < 1 || version > 5)
        return broken(c, "version", "no such version of SignedData");
    struct sv digest_algs = der_take(&d, DER_SET);
    if (d.bad || !read_content(a, c, &d))
        return c->status == CMS_BROKEN ? false : structure(c);
    if (der_optional(&d, DER_CTX(0), &part) && !read_certs(a, c, part))
        return false;
    if (der_optional(&d, DER_CTX(1), &part) && cms_read_revocation_info(a, c, part))
        note_part(c, 5);
    struct der signers = der_enter(&d, DER_SET);
    if (d.bad || !der_done(&d))
        return structure(c);
    if (signers.rest.n == 0)
        return broken(c, "no_signer", "no signature inside");
    struct sv signer = der_take(&signers, DER_SEQ);
    if (signers.bad)
        return structure(c);
    if (signers.rest.n)
        return broken(c, "several_signers", "more than one signature inside");
    return read_signer(a, c, signer, digest_algs) && version_fits(c, version);
}

void cms_read(struct arena *a, struct sv bytes, enum cms_profile profile, struct cms *ret)
{
    size_t used = 0;
    *ret = (struct cms){.profile = profile, .pss_salt = -1};
    if (bytes.n > CMS_MAX_BYTES) {
        broken(ret, "too_large", "larger than 4 MiB");
        return;
    }
    if (bytes.n == 0 || (uint8_t)bytes.p[0] != DER_SEQ || !ber_to_der(a, bytes, &ret->der, &used)) {
        structure(ret);
        return;
    }
    if (!only_zeros(sv_skip(bytes, used))) {
        broken(ret, "trailing_bytes", "bytes other than zero behind the SignedData");
        return;
    }
    if (ret->der.p != bytes.p)
        cms_note(ret, "indefinite_length", SV("BER with indefinite lengths, not DER"));
    else if (ber_has_long_lengths(ret->der))
        cms_note(ret, "long_lengths", SV("BER with lengths longer than need be, not DER"));
    struct der outer = der_open(ret->der), info = der_enter(&outer, DER_SEQ);
    struct sv type = der_oid_text(a, der_take(&info, DER_OID));
    struct der content = der_enter(&info, DER_CTX(0));
    ret->gm_oids = sv_eq(type, SV(OID_GM_SIGNED_DATA));
    if (!der_done(&info) || (!ret->gm_oids && !sv_eq(type, SV(OID_SIGNED_DATA))))
        structure(ret);
    else if (read_signed_data(a, ret, &content) && !der_done(&content))
        structure(ret);
}
