/* Names, requests and certificates made here; see cert.h. */
#include <string.h>

#include "crypto/alg_priv.h"
#include "crypto/cert.h"
#include "crypto/issue_priv.h"
#include "crypto/ossl_priv.h"
#include "crypto/revocation_priv.h"

bool signed_der(struct arena *a, struct sv tbs, const struct key *k, struct sv after, struct sv *ret, struct err *e)
{
    enum sig_scheme scheme = key_kind_scheme(key_kind(k));
    enum digest_alg alg = key_kind_digest(key_kind(k));
    struct sv sig;
    if (!key_sign(a, k, scheme, alg, tbs, &sig, e))
        return false;
    *ret = der_seq(a, tbs, sigalg_der(a, scheme, alg, false), der_bits(a, sig), after);
    return true;
}

struct sv issuing_algorithm(struct arena *a, const struct key *k)
{
    return sigalg_der(a, key_kind_scheme(key_kind(k)), key_kind_digest(key_kind(k)), false);
}

struct sv extension_der(struct arena *a, const char *oid, bool critical, struct sv value)
{
    return der_seq(a, der_oid(a, oid), critical ? der_true() : SV(""), der_tlv(a, DER_OCTETS, value));
}

static struct sv name_attribute(struct arena *a, const char *oid, uint8_t tag, struct sv value)
{
    if (value.n == 0)
        return SV("");
    struct sv pair = der_seq(a, der_oid(a, oid), der_tlv(a, tag, value));
    return der_tlv(a, DER_SET, pair);
}

static bool name_der(struct arena *a, const struct cert_subject *s, struct sv *ret, struct err *e)
{
    const struct {
        const char *oid;
        uint8_t tag;
        struct sv value;
        size_t max; /* RFC 5280 upper bounds, in characters */
    } parts[] = {
            {"2.5.4.6",  DER_PRINTABLE, s->country,             2  },
            {"2.5.4.10", DER_UTF8,      s->organization,        64 },
            {"2.5.4.11", DER_UTF8,      s->organizational_unit, 64 },
            {"2.5.4.7",  DER_UTF8,      s->locality,            128},
            {"2.5.4.3",  DER_UTF8,      s->common_name,         64 },
            {"2.5.4.5",  DER_PRINTABLE, s->serial_number,       64 },
    };
    struct sv all[COUNT(parts)];
    if (s->common_name.n == 0 && s->organization.n == 0)
        return err_user(e, ERR_BAD_INPUT, "cert_name", NULL, "a certificate needs a name");
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (parts[i].value.n && (!sv_is_utf8(parts[i].value) || sv_chars(parts[i].value) > parts[i].max))
            return err_user(e, ERR_BAD_INPUT, "cert_name", NULL, "name attribute %s is not text or too long",
                            parts[i].oid);
        for (size_t k = 0; parts[i].tag == DER_PRINTABLE && k < parts[i].value.n; k++)
            if (!memchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?",
                        parts[i].value.p[k], 74))
                return err_user(e, ERR_BAD_INPUT, "cert_name", NULL, "name attribute %s is not a PrintableString",
                                parts[i].oid);
        all[i] = name_attribute(a, parts[i].oid, parts[i].tag, parts[i].value);
    }
    *ret = der_join_(a, DER_SEQ, all, COUNT(all));
    return true;
}

bool csr_make(struct arena *a, const struct key *k, const struct cert_subject *subject, struct sv *ret_der,
              struct err *e)
{
    struct sv name;
    if (!name_der(a, subject, &name, e))
        return false;
    struct sv info = der_seq(a, der_int(a, 0), name, key_public_der(a, k), der_tlv(a, DER_CTX(0), SV("")));
    return signed_der(a, info, k, SV(""), ret_der, e);
}

static bool csr_bad(struct err *e)
{
    ossl_forget();
    return err_user(e, ERR_BAD_INPUT, "csr_unreadable", NULL, "not a certificate request in PEM or DER form");
}

/* Name attributes of a request, by OID; others are ignored. */
static bool read_subject(struct arena *a, struct sv name, struct cert_subject *ret)
{
    struct {
        const char *oid;
        struct sv *to;
    } parts[] = {
            {"2.5.4.6",  &ret->country            },
            {"2.5.4.10", &ret->organization       },
            {"2.5.4.11", &ret->organizational_unit},
            {"2.5.4.7",  &ret->locality           },
            {"2.5.4.3",  &ret->common_name        },
            {"2.5.4.5",  &ret->serial_number      }
    };
    struct der outer = der_open(name), d = der_enter(&outer, DER_SEQ);
    while (d.rest.n && !d.bad) {
        struct der set = der_enter(&d, DER_SET), pair = der_enter(&set, DER_SEQ);
        struct sv oid = der_oid_text(a, der_take(&pair, DER_OID));
        struct der_item value;
        if (!der_next(&pair, &value) || !der_done(&pair) || (value.tag != DER_UTF8 && value.tag != DER_PRINTABLE) ||
            !sv_is_utf8(value.body))
            return false;
        for (size_t i = 0; i < COUNT(parts); i++)
            if (sv_eq(oid, sv_from(parts[i].oid)))
                *parts[i].to = arena_sv(a, value.body);
    }
    return der_done(&d) && der_done(&outer);
}

bool csr_parse(struct arena *a, struct sv bytes, struct csr *ret, struct err *e)
{
    struct sv der, sig = SV("");
    struct err ignored;
    *ret = (struct csr){0};
    if (!pem_decode(a, "CERTIFICATE REQUEST", bytes, &der, &ignored) || der.n > CERT_MAX_BYTES)
        return csr_bad(e);
    ret->der = arena_sv(a, der);
    struct der outer = der_open(ret->der), d = der_enter(&outer, DER_SEQ);
    struct sv info = der_take_all(&d, DER_SEQ), alg = der_take_all(&d, DER_SEQ);
    if (!der_bits_whole(der_take(&d, DER_BITS), &sig) || !der_done(&d) || !der_done(&outer))
        return csr_bad(e);
    struct der wrap = der_open(info), t = der_enter(&wrap, DER_SEQ);
    der_take(&t, DER_INTEGER);
    struct sv name = der_take_all(&t, DER_SEQ);
    ret->public_der = der_take_all(&t, DER_SEQ);
    CLEANUP(public_done) struct public_key k;
    bool opened = public_open(ret->public_der, &k);
    struct sigalg found;
    const char *code;
    if (t.bad || !opened || !read_subject(a, name, &ret->names) ||
        sigalg_read(a, alg, DIGEST_NONE, &found, &code) != ALG_OK)
        return csr_bad(e);
    ret->key_kind = k.kind;
    ret->subject = name_text(a, name);
    if (!signature_verify_salt(ret->public_der, found.scheme, found.digest, found.pss_salt, info, sig))
        return err_user(e, ERR_REFUSED, "csr_signature", NULL, "the request is not signed by its own key");
    return true;
}

/* RFC 5280 4.2.1.2 method (1): SHA-1 over the key bits. */
struct sv key_id_of(struct arena *a, struct sv public_der)
{
    struct digest h = digest_of(DIGEST_SHA1, public_bits(public_der));
    return arena_sv(a, digest_sv(&h));
}

static const struct profile {
    bool ca;
    int path_len; /* -1: none */
    unsigned key_usage;
    bool eku_critical;
    const char *eku[2];
} profiles[] = {
        [CERT_ROOT] = {true,  -1, KU_CERT_SIGN | KU_CRL_SIGN,                false, {NULL, NULL}                               },
        [CERT_SUB_CA] = {true,  0,  KU_CERT_SIGN | KU_CRL_SIGN,                false, {NULL, NULL}                               },
        [CERT_SIGNER] = {false,
                       -1,
                       KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION,
                       false,                                                       {"1.3.6.1.5.5.7.3.36", "1.3.6.1.5.5.7.3.4"}},
        [CERT_TSA] = {false, -1, KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION, true,  {"1.3.6.1.5.5.7.3.8", NULL}                },
        [CERT_OCSP] = {false, -1, KU_DIGITAL_SIGNATURE,                      false, {"1.3.6.1.5.5.7.3.9", NULL}                },
};

static struct sv uri_der(struct arena *a, struct sv url)
{
    return der_tlv(a, DER_CTXP(6), url);
}

static struct sv access_der(struct arena *a, const char *method, struct sv url)
{
    return url.n ? der_seq(a, der_oid(a, method), uri_der(a, url)) : SV("");
}

static struct sv extensions_der(struct arena *a, const struct cert_order *o, const struct cert *issuer)
{
    const struct profile *p = &profiles[o->profile];
    struct sv none = SV(""), skid = key_id_of(a, o->public_der);
    struct sv akid = issuer ? (issuer->key_id.n ? issuer->key_id : key_id_of(a, issuer->public_der)) : skid;
    struct sv constraints = der_seq(a, p->ca ? der_true() : none, p->path_len >= 0 ? der_int(a, p->path_len) : none);
    struct sv ekus = none, crl = none, access = none, alt = none;
    if (p->eku[0])
        ekus = extension_der(a, "2.5.29.37", p->eku_critical,
                             der_seq(a, der_oid(a, p->eku[0]), p->eku[1] ? der_oid(a, p->eku[1]) : none));
    if (o->crl_url.n) {
        struct sv name = der_tlv(a, DER_CTX(0), der_tlv(a, DER_CTX(0), uri_der(a, o->crl_url)));
        crl = extension_der(a, "2.5.29.31", false, der_seq(a, der_seq(a, name)));
    }
    if (o->ocsp_url.n || o->issuer_url.n)
        access = extension_der(a, "1.3.6.1.5.5.7.1.1", false,
                               der_seq(a, access_der(a, "1.3.6.1.5.5.7.48.1", o->ocsp_url),
                                       access_der(a, "1.3.6.1.5.5.7.48.2", o->issuer_url)));
    if (o->uri.n)
        alt = extension_der(a, "2.5.29.17", false, der_seq(a, uri_der(a, o->uri)));
    struct sv all =
            der_seq(a, extension_der(a, "2.5.29.19", true, constraints),
                    extension_der(a, "2.5.29.15", true, der_named_bits(a, p->key_usage)), ekus,
                    extension_der(a, "2.5.29.14", false, der_tlv(a, DER_OCTETS, skid)),
                    extension_der(a, "2.5.29.35", false, der_seq(a, der_tlv(a, DER_CTXP(0), akid))), alt, crl, access,
                    o->profile == CERT_OCSP ? extension_der(a, "1.3.6.1.5.5.7.48.1.5", false, der_null()) : none);
    return der_tlv(a, DER_CTX(3), all);
}

bool cert_issue(struct arena *a, const struct cert_order *order, const struct cert *issuer,
                const struct key *issuer_key, const struct cert **ret, struct err *e)
{
    *ret = NULL;
    struct cert_order o = *order;
    struct sv name, der;
    if (!name_der(a, &o.subject, &name, e))
        return false;
    if (o.serial.n == 0) {
        uint8_t serial[16];
        random_bytes(serial, sizeof(serial));
        serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40); /* positive, always 16 bytes */
        o.serial = arena_sv(a, sv_of(serial, sizeof(serial)));
    }
    if (o.serial.n > 20 || o.not_after_at <= o.not_before_at || o.public_der.n == 0)
        return err_set(e, ERR_BAD_INPUT, "serial, validity or key of the certificate order");
    for (size_t i = 0; i < o.uri.n; i++)
        if (o.uri.p[i] <= ' ' || o.uri.p[i] > '~') /* IA5String, RFC 3986 */
            return err_set(e, ERR_BAD_INPUT, "uri of the certificate order");
    if (issuer ? !key_matches(issuer_key, issuer->public_der) : !key_matches(issuer_key, o.public_der))
        return err_set(e, ERR_BAD_INPUT, "the issuing key does not belong to the issuer's certificate");
    struct sv validity = der_seq(a, der_time_x509(a, o.not_before_at), der_time_x509(a, o.not_after_at));
    struct sv tbs =
            der_seq(a, der_tlv(a, DER_CTX(0), der_int(a, 2)), der_uint(a, o.serial), issuing_algorithm(a, issuer_key),
                    issuer ? issuer->subject_der : name, validity, name, o.public_der, extensions_der(a, &o, issuer));
    return signed_der(a, tbs, issuer_key, SV(""), &der, e) && cert_parse(a, der, ret, e);
}
