/* Certificates into plain values; see cert.h. */
#include "crypto/cert.h"

#include <openssl/x509v3.h>
#include <string.h>

#include "crypto/alg_priv.h"
#include "crypto/ossl_priv.h"
#include "crypto/revocation_priv.h"

bool cert_eq(const struct cert *x, const struct cert *y)
{
    return x == y || sv_eq(x->der, y->der);
}

/* The next AttributeTypeAndValue of a Name; rdn is the place inside. */
static bool name_part_next(struct der *name, struct der *rdn, struct sv *ret_type, struct der_item *ret_value)
{
    while (rdn->rest.n == 0 && !rdn->bad && name->rest.n)
        *rdn = der_enter(name, DER_SET);
    if (rdn->rest.n == 0)
        return false;
    struct der d = der_enter(rdn, DER_SEQ);
    *ret_type = der_take(&d, DER_OID);
    return der_next(&d, ret_value) && der_done(&d);
}

static bool is_text(uint8_t tag)
{
    return tag == DER_UTF8 || tag == DER_PRINTABLE;
}

bool names_alike(struct sv x_der, struct sv y_der)
{
    if (sv_eq(x_der, y_der))
        return true;
    struct der wrap_x = der_open(x_der), wrap_y = der_open(y_der), x = der_enter(&wrap_x, DER_SEQ),
               y = der_enter(&wrap_y, DER_SEQ), rdn_x = {0}, rdn_y = {0};
    struct sv type_x, type_y;
    struct der_item value_x, value_y;
    while (name_part_next(&x, &rdn_x, &type_x, &value_x)) {
        bool same = name_part_next(&y, &rdn_y, &type_y, &value_y) && sv_eq(type_x, type_y) &&
                    (value_x.tag == value_y.tag || (is_text(value_x.tag) && is_text(value_y.tag))) &&
                    sv_eq(value_x.body, value_y.body) && (rdn_x.rest.n == 0) == (rdn_y.rest.n == 0);
        if (!same)
            return false;
    }
    return der_done(&x) && der_done(&y) && der_done(&rdn_x) && der_done(&rdn_y) && der_done(&wrap_x) &&
           der_done(&wrap_y);
}

void certs_add(struct arena *a, struct certs *list, const struct cert *c)
{
    for (size_t i = 0; i < list->n; i++)
        if (cert_eq(list->v[i], c))
            return;
    if (list->n >= CERTS_MAX)
        return;
    /* Room for a power of two: a new array whenever n is one. */
    if ((list->n & (list->n - 1)) == 0) {
        const struct cert **v = arena_array(a, const struct cert *, list->n ? list->n * 2 : 1);
        for (size_t i = 0; i < list->n; i++)
            v[i] = list->v[i];
        list->v = v;
    }
    list->v[list->n++] = c;
}

/* Text of people's making: valid UTF-8 without control characters, whatever stood there. */
static struct sv clean(struct arena *a, struct sv s)
{
    struct sv copy = arena_sv(a, s);
    char *p = arena_alloc(a, s.n + 1);
    bool valid = sv_is_utf8(copy);
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)copy.p[i];
        p[i] = c < 0x20 || c == 0x7f || (!valid && c >= 0x80) ? '?' : (char)c;
    }
    return (struct sv){p, s.n};
}

static struct sv name_line(struct arena *a, const X509_NAME *name)
{
    CLEANUP(bio_cleanup) BIO *b = BIO_new(BIO_s_mem());
    must(b != NULL);
    X509_NAME_print_ex(b, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    struct sv line = bio_to_arena(a, b);
    return clean(a, line);
}

struct sv name_text(struct arena *a, struct sv name_der)
{
    const unsigned char *p = (const unsigned char *)name_der.p;
    X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)name_der.n);
    struct sv line = name ? name_line(a, name) : SV("");
    X509_NAME_free(name);
    ossl_forget();
    return line;
}

/* The last (most specific) value of this kind, or empty. */
static struct sv name_part(struct arena *a, const X509_NAME *name, int nid)
{
    int at = -1, last = -1;
    while ((at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0)
        last = at;
    if (last < 0)
        return SV("");
    unsigned char *p = NULL;
    int n = ASN1_STRING_to_UTF8(&p, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    if (n < 0)
        return SV("");
    struct sv s = clean(a, sv_of(p, (size_t)n));
    OPENSSL_free(p);
    return s;
}

typedef STACK_OF(X509_EXTENSION) extensions;

static struct sv octets(struct arena *a, const ASN1_OCTET_STRING *s)
{
    return s ? arena_sv(a, sv_of(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s))) : SV("");
}

static struct sv uri(struct arena *a, const GENERAL_NAME *g)
{
    if (g->type != GEN_URI)
        return SV("");
    const ASN1_IA5STRING *s = g->d.uniformResourceIdentifier;
    struct sv text = clean(a, sv_of(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)));
    return sv_starts(text, SV("http://")) || sv_starts(text, SV("https://")) ? text : SV("");
}

static void read_crl_url(struct arena *a, const extensions *x, struct cert *c)
{
    CRL_DIST_POINTS *points = X509V3_get_d2i(x, NID_crl_distribution_points, NULL, NULL);
    for (int i = 0; points && i < sk_DIST_POINT_num(points) && c->crl_url.n == 0; i++) {
        const DIST_POINT_NAME *n = sk_DIST_POINT_value(points, i)->distpoint;
        for (int k = 0; n && n->type == 0 && k < sk_GENERAL_NAME_num(n->name.fullname) && c->crl_url.n == 0; k++)
            c->crl_url = uri(a, sk_GENERAL_NAME_value(n->name.fullname, k));
    }
    CRL_DIST_POINTS_free(points);
}

static void read_access_urls(struct arena *a, const extensions *x, struct cert *c)
{
    AUTHORITY_INFO_ACCESS *info = X509V3_get_d2i(x, NID_info_access, NULL, NULL);
    for (int i = 0; info && i < sk_ACCESS_DESCRIPTION_num(info); i++) {
        const ACCESS_DESCRIPTION *d = sk_ACCESS_DESCRIPTION_value(info, i);
        int nid = OBJ_obj2nid(d->method);
        if (nid == NID_ad_OCSP && c->ocsp_url.n == 0)
            c->ocsp_url = uri(a, d->location);
        if (nid == NID_ad_ca_issuers && c->issuer_url.n == 0)
            c->issuer_url = uri(a, d->location);
    }
    AUTHORITY_INFO_ACCESS_free(info);
}

static void read_usage(const extensions *x, struct cert *c)
{
    static const struct {
        const char *oid;
        unsigned bit;
    } ekus[] = {
            {"1.3.6.1.5.5.7.3.1",  EKU_SERVER   },
            {"1.3.6.1.5.5.7.3.2",  EKU_CLIENT   },
            {"1.3.6.1.5.5.7.3.4",  EKU_EMAIL    },
            {"1.3.6.1.5.5.7.3.8",  EKU_TIMESTAMP},
            {"1.3.6.1.5.5.7.3.9",  EKU_OCSP     },
            {"1.3.6.1.5.5.7.3.36", EKU_DOCUMENT },
            {"2.5.29.37.0",        EKU_ANY      },
    };
    ASN1_BIT_STRING *ku = X509V3_get_d2i(x, NID_key_usage, NULL, NULL);
    c->has_key_usage = ku != NULL;
    for (int i = 0; ku && i < 7; i++)
        if (ASN1_BIT_STRING_get_bit(ku, i))
            c->key_usage |= 1u << i;
    ASN1_BIT_STRING_free(ku);
    int critical = 0;
    EXTENDED_KEY_USAGE *list = X509V3_get_d2i(x, NID_ext_key_usage, &critical, NULL);
    c->has_eku = list != NULL;
    c->eku_critical = list && critical == 1;
    for (int i = 0; list && i < sk_ASN1_OBJECT_num(list); i++) {
        char oid[80];
        unsigned bit = EKU_OTHER;
        OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(list, i), 1);
        for (size_t k = 0; k < COUNT(ekus); k++)
            if (strcmp(oid, ekus[k].oid) == 0)
                bit = ekus[k].bit;
        c->eku |= bit;
    }
    EXTENDED_KEY_USAGE_free(list);
}

static void read_constraints(struct arena *a, const extensions *x, struct cert *c)
{
    BASIC_CONSTRAINTS *bc = X509V3_get_d2i(x, NID_basic_constraints, NULL, NULL);
    c->is_ca = bc && bc->ca;
    c->path_len = bc && bc->pathlen ? (int)ASN1_INTEGER_get(bc->pathlen) : -1;
    BASIC_CONSTRAINTS_free(bc);
    c->ocsp_no_check = X509v3_get_ext_by_NID(x, NID_id_pkix_OCSP_noCheck, -1) >= 0;
    ASN1_OCTET_STRING *own = X509V3_get_d2i(x, NID_subject_key_identifier, NULL, NULL);
    AUTHORITY_KEYID *authority = X509V3_get_d2i(x, NID_authority_key_identifier, NULL, NULL);
    c->key_id = octets(a, own);
    c->authority_key_id = octets(a, authority ? authority->keyid : NULL);
    ASN1_OCTET_STRING_free(own);
    AUTHORITY_KEYID_free(authority);
}

/* Names, serial, key and algorithms as raw DER: what comparisons and signatures are made over. */
static bool read_raw(struct arena *a, struct cert *c, struct sv *ret_extensions)
{
    struct sv version, inner_alg, dates, unique;
    struct signed_parts parts;
    struct der outer = der_open(c->der), d = der_enter(&outer, DER_SEQ);
    if (!signed_parts_read(&d, &parts) || !der_done(&d) || !der_done(&outer))
        return false;
    struct der wrap = der_open(parts.tbs), t = der_enter(&wrap, DER_SEQ);
    (void)der_optional(&t, DER_CTX(0), &version);
    c->serial_hex = der_serial_hex(a, der_take(&t, DER_INTEGER));
    inner_alg = der_take_all(&t, DER_SEQ);
    c->issuer_der = der_take_all(&t, DER_SEQ);
    dates = der_take(&t, DER_SEQ);
    c->subject_der = der_take_all(&t, DER_SEQ);
    c->public_der = der_take_all(&t, DER_SEQ);
    (void)der_optional(&t, DER_CTXP(1), &unique);
    (void)der_optional(&t, DER_CTXP(2), &unique);
    *ret_extensions = (struct sv){0};
    (void)der_optional(&t, DER_CTX(3), ret_extensions);
    struct der when = der_open(dates);
    struct der_item from, to;
    if (!der_done(&t) || !der_done(&wrap) || !sv_eq(inner_alg, parts.alg) || !der_next(&when, &from) ||
        !der_next(&when, &to) || !der_done(&when))
        return false;
    struct sigalg alg;
    const char *code;
    if (sigalg_read(a, parts.alg, DIGEST_NONE, &alg, &code) == ALG_OK) {
        c->signed_scheme = alg.scheme;
        c->signed_digest = alg.digest;
    }
    return der_time(from.tag, from.body, &c->not_before_at) && der_time(to.tag, to.body, &c->not_after_at);
}

static void read_key(struct cert *c)
{
    CLEANUP(public_done) struct public_key k;
    bool opened = public_open(c->public_der, &k);
    c->key_kind = opened ? k.kind : KEY_OTHER;
    c->key_bits = opened ? EVP_PKEY_get_bits(k.pkey) : 0;
}

static void read_names(struct arena *a, const X509_NAME *subject, const X509_NAME *issuer, struct cert *c)
{
    c->subject = name_line(a, subject);
    c->issuer = name_line(a, issuer);
    c->common_name = name_part(a, subject, NID_commonName);
    c->organization = name_part(a, subject, NID_organizationName);
    c->organizational_unit = name_part(a, subject, NID_organizationalUnitName);
    c->locality = name_part(a, subject, NID_localityName);
    c->country = name_part(a, subject, NID_countryName);
    c->subject_serial_number = name_part(a, subject, NID_serialNumber);
    c->issuer_common_name = name_part(a, issuer, NID_commonName);
}

static bool unreadable(struct err *e)
{
    ossl_forget();
    return err_user(e, ERR_BAD_INPUT, "cert_unreadable", NULL, "not a certificate in PEM or DER form");
}

/* What is read with the library's templates. Not the whole as one X509: it would decode the key each time, which takes
 * longer than all the rest (see public.c). */
struct decoded {
    X509_NAME *subject, *issuer;
    extensions *list;
};

static void decoded_done(struct decoded *d)
{
    X509_NAME_free(d->subject);
    X509_NAME_free(d->issuer);
    sk_X509_EXTENSION_pop_free(d->list, X509_EXTENSION_free);
}

static X509_NAME *decode_name(struct sv der)
{
    const unsigned char *p = (const unsigned char *)der.p;
    return d2i_X509_NAME(NULL, &p, (long)der.n);
}

static bool decode(const struct cert *c, struct sv list, struct decoded *ret)
{
    const unsigned char *p = (const unsigned char *)list.p;
    ret->subject = decode_name(c->subject_der);
    ret->issuer = decode_name(c->issuer_der);
    if (!ret->subject || !ret->issuer)
        return false;
    if (list.n == 0)
        return true;
    ret->list = d2i_X509_EXTENSIONS(NULL, &p, (long)list.n);
    return ret->list && p == (const unsigned char *)list.p + list.n;
}

static bool parse_der(struct arena *a, struct sv der, const struct cert **ret, struct err *e)
{
    *ret = NULL;
    if (der.n == 0 || der.n > CERT_MAX_BYTES)
        return unreadable(e);
    struct cert *c = arena_new(a, struct cert);
    struct sv list;
    c->der = arena_sv(a, der);
    CLEANUP(decoded_done) struct decoded x = {0};
    if (!read_raw(a, c, &list) || !decode(c, list, &x))
        return unreadable(e);
    c->sha256 = digest_of(DIGEST_SHA256, c->der);
    read_key(c);
    read_names(a, x.subject, x.issuer, c);
    read_usage(x.list, c);
    read_constraints(a, x.list, c);
    read_crl_url(a, x.list, c);
    read_access_urls(a, x.list, c);
    c->self_signed = cert_is_signed_by(a, c, c);
    ossl_forget();
    *ret = c;
    return true;
}

bool cert_parse(struct arena *a, struct sv bytes, const struct cert **ret, struct err *e)
{
    struct sv der;
    *ret = NULL;
    struct err ignored;
    if (!pem_decode(a, "CERTIFICATE", bytes, &der, &ignored))
        return unreadable(e);
    return parse_der(a, der, ret, e);
}

/* One PEM block: the text between the lines, decoded. Moves *rest behind it; false when there is no more. */
static bool pem_next(struct arena *a, const char *label, struct sv *rest, struct sv *ret)
{
    struct sv begin = arena_printf(a, "-----BEGIN %s-----", label), end = arena_printf(a, "-----END %s-----", label);
    size_t at = sv_find(*rest, begin);
    if (at == SIZE_MAX)
        return false;
    struct sv body = sv_skip(*rest, at + begin.n);
    size_t stop = sv_find(body, end);
    *rest = stop == SIZE_MAX ? SV("") : sv_skip(body, stop + end.n);
    *ret = SV("");
    if (stop == SIZE_MAX)
        return true;
    char *p = arena_alloc(a, stop + 1);
    size_t n = 0;
    for (size_t i = 0; i < stop; i++)
        if (body.p[i] != '\n' && body.p[i] != '\r' && body.p[i] != ' ' && body.p[i] != '\t')
            p[n++] = body.p[i];
    if (!base64_decode(a, (struct sv){p, n}, ret))
        *ret = SV("");
    return true;
}

bool pem_decode(struct arena *a, const char *label, struct sv bytes, struct sv *ret, struct err *e)
{
    struct sv rest = bytes;
    if (bytes.n && (uint8_t)bytes.p[0] == DER_SEQ) {
        *ret = bytes;
        return true;
    }
    if (bytes.n <= (size_t)16 << 20 && pem_next(a, label, &rest, ret) && ret->n)
        return true;
    return err_set(e, ERR_BAD_INPUT, "no %s in PEM or DER form", label);
}

struct sv pem_encode(struct arena *a, const char *label, struct sv der)
{
    struct sv text = base64_encode(a, der);
    struct buf b;
    buf_init(&b, text.n * 2 + 256);
    buf_printf(&b, "-----BEGIN %s-----\n", label);
    for (size_t i = 0; i < text.n; i += 64) {
        buf_add(&b, sv_sub(text, i, 64));
        buf_add_char(&b, '\n');
    }
    buf_printf(&b, "-----END %s-----\n", label);
    return buf_to_arena(&b, a);
}

bool certs_parse(struct arena *a, struct sv bytes, struct certs *ret, struct err *e)
{
    const struct cert *c;
    struct sv der, rest = bytes;
    *ret = (struct certs){0};
    if (bytes.n && (uint8_t)bytes.p[0] == DER_SEQ) {
        if (!parse_der(a, bytes, &c, e))
            return false;
        certs_add(a, ret, c);
        return true;
    }
    if (bytes.n > (size_t)16 << 20)
        return unreadable(e);
    while (pem_next(a, "CERTIFICATE", &rest, &der)) {
        if (ret->n == CERTS_MAX)
            return err_set(e, ERR_TOO_LARGE, "more than %d certificates", CERTS_MAX);
        if (!parse_der(a, der, &c, e))
            return false;
        certs_add(a, ret, c);
    }
    return ret->n > 0 || unreadable(e);
}

struct sv cert_pem(struct arena *a, const struct cert *c)
{
    return pem_encode(a, "CERTIFICATE", c->der);
}

struct sv certs_pem(struct arena *a, const struct certs *list)
{
    struct sv all = SV("");
    for (size_t i = 0; i < list->n; i++)
        all = arena_concat(a, all, cert_pem(a, list->v[i]));
    return all;
}

bool cert_is_weak(const struct cert *c)
{
    bool rsa = c->key_kind == KEY_RSA_OTHER;
    bool old_signature = !c->self_signed && digest_is_weak(c->signed_digest);
    return (rsa && c->key_bits < 2048) || (c->key_kind == KEY_EC_OTHER && c->key_bits < 224) || old_signature;
}
