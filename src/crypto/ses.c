/* Reading SES_Signature; see ses.h. The names of the types are those of GB/T 38540-2020 chapter 7. */
#include "crypto/ses.h"

#include "crypto/alg_priv.h"
#include "crypto/cms_priv.h"

const char *ses_layout_name(enum ses_layout l)
{
    static const char *const names[] = {"none", "GM/T 0031", "GB/T 38540"};
    return names[l];
}

static void spoil(struct ses *s, enum cms_status status, const char *code, const char *text)
{
    if (status <= s->status)
        return;
    s->status = status;
    s->problem = (struct cms_problem){status, code, sv_from(text)};
}

/* Text of people's making, for reports. */
static struct sv text_of(struct arena *a, struct sv s)
{
    struct sv copy = arena_sv(a, sv_sub(s, 0, 200));
    while (copy.n && !sv_is_utf8(copy))
        copy.n--;
    char *p = arena_alloc(a, copy.n + 1);
    for (size_t i = 0; i < copy.n; i++)
        p[i] = (uint8_t)copy.p[i] < 0x20 || copy.p[i] == 0x7f ? '?' : copy.p[i];
    return (struct sv){p, copy.n};
}

static const struct cert *cert_of(struct arena *a, struct sv der)
{
    const struct cert *c;
    struct err ignored = ERR_INIT;
    return cert_parse(a, der, &c, &ignored) ? c : NULL;
}

static int64_t time_next(struct der *d)
{
    struct der_item item;
    int64_t at;
    return der_next(d, &item) && der_time(item.tag, item.body, &at) ? at : 0;
}

/* SES_ESPropertyInfo: type, name, [certListType,] certList, createDate, validStart, validEnd. What cannot be read here
 * is left out of the report. */
static void read_property(struct arena *a, struct sv body, struct ses *s)
{
    struct der d = der_open(body);
    struct der_item list;
    struct sv ignored;
    der_take(&d, DER_INTEGER);
    s->seal_name = text_of(a, der_take(&d, DER_UTF8));
    (void)der_optional(&d, DER_INTEGER, &ignored);
    if (!der_next(&d, &list))
        return;
    (void)time_next(&d);
    s->seal_from_at = time_next(&d);
    s->seal_until_at = time_next(&d);
}

/* SESeal: SES_SealInfo, then cert, algorithm and value (GB/T 38540), or a SEQUENCE of them (GM/T 0031). */
static bool read_seal(struct arena *a, struct sv body, struct ses *s)
{
    struct der d = der_open(body), info = der_enter(&d, DER_SEQ);
    der_take(&info, DER_SEQ); /* SES_Header */
    s->seal_id = text_of(a, der_take(&info, DER_IA5));
    struct sv property = der_take(&info, DER_SEQ);
    if (info.bad || d.bad)
        return false;
    read_property(a, property, s);
    struct der sign = der_is_next(&d, DER_SEQ) ? der_enter(&d, DER_SEQ) : d;
    s->maker = cert_of(a, der_take(&sign, DER_OCTETS));
    return !sign.bad;
}

/* TBS_Sign as far as both layouts have it; *ret_rest: what follows propertyInfo. */
static bool read_tbs(struct arena *a, struct ses *s, struct der *ret_rest)
{
    struct der wrap = der_open(s->tbs), d = der_enter(&wrap, DER_SEQ);
    struct sv hash;
    bool ok = der_int_small(der_take(&d, DER_INTEGER), &s->version) && read_seal(a, der_take(&d, DER_SEQ), s);
    if (der_is_next(&d, DER_BITS)) { /* GM/T 0031: a UTCTime or a timestamp, wrapped */
        struct sv time = SV("");
        (void)!der_bits_whole(der_take(&d, DER_BITS), &time);
        struct der in = der_open(time);
        s->has_timestamp = der_is_next(&in, DER_SEQ);
        s->signed_at = time_next(&in);
    } else {
        s->signed_at = time_next(&d);
    }
    ok = ok && der_bits_whole(der_take(&d, DER_BITS), &hash) && digest_from(DIGEST_SM3, hash, &s->data_hash);
    der_take(&d, DER_IA5); /* propertyInfo */
    *ret_rest = d;
    return ok && !d.bad;
}

/* Behind toSign stand cert, algorithm, value, [0] (GB/T 38540), or the value alone: then cert and algorithm are in
 * toSign. */
static bool read_signature(struct arena *a, struct sv body, struct ses *s)
{
    struct der d = der_open(body), rest;
    struct sv part;
    s->tbs = der_take_all(&d, DER_SEQ);
    if (d.bad || !read_tbs(a, s, &rest))
        return false;
    s->layout = der_is_next(&d, DER_OCTETS) ? SES_GBT_38540 : SES_GMT_0031;
    struct der *from = s->layout == SES_GBT_38540 ? &d : &rest;
    s->signer = cert_of(a, der_take(from, DER_OCTETS));
    s->algorithm = der_oid_text(a, der_take(from, DER_OID));
    bool ok = der_bits_whole(der_take(&d, DER_BITS), &s->signature) && !rest.bad;
    if (s->layout == SES_GBT_38540 && der_optional(&d, DER_CTX(0), &part))
        s->has_timestamp = true;
    return ok && der_done(&d);
}

void ses_read(struct arena *a, struct sv bytes, struct ses *ret)
{
    size_t used = 0;
    *ret = (struct ses){.seal_id = SV(""), .seal_name = SV(""), .algorithm = SV("")};
    if (bytes.n > CMS_MAX_BYTES) {
        spoil(ret, CMS_BROKEN, "too_large", "larger than 4 MiB");
        return;
    }
    if (bytes.n == 0 || (uint8_t)bytes.p[0] != DER_SEQ || !ber_to_der(a, bytes, &ret->der, &used)) {
        spoil(ret, CMS_BROKEN, "structure", "not a SES_Signature in DER");
        return;
    }
    for (size_t i = used; i < bytes.n; i++)
        if (bytes.p[i]) {
            spoil(ret, CMS_BROKEN, "trailing_bytes", "bytes other than zero behind the SES_Signature");
            return;
        }
    struct der outer = der_open(ret->der);
    if (!read_signature(a, der_take(&outer, DER_SEQ), ret)) {
        ret->layout = SES_NONE;
        spoil(ret, CMS_UNSUPPORTED, "seal_unknown", "a seal that is laid out neither as GB/T 38540 nor as GM/T 0031");
    }
}

static void say(struct cms_verdict *v, enum cms_status status, const char *code, struct sv text)
{
    v->problem[v->problem_n++] = (struct cms_problem){status, code, text};
    v->status = status > v->status ? status : v->status;
}

void ses_check(struct arena *a, const struct ses *s, const struct digest *sm3, struct cms_verdict *ret)
{
    *ret = (struct cms_verdict){.signer = s->signer, .algorithm = sigalg_text(a, SIG_SM2, DIGEST_SM3)};
    if (s->status != CMS_OK) {
        say(ret, s->status, s->problem.code, s->problem.text);
        return;
    }
    if (!digest_eq(&s->data_hash, sm3)) {
        say(ret, CMS_TAMPERED, "digest_differs", SV("the signed bytes do not have the digest in the seal's signature"));
        return;
    }
    bool fits = s->signer && signature_verify(s->signer->public_der, SIG_SM2, DIGEST_SM3, s->tbs, s->signature);
    say(ret, CMS_OK, fits ? "seal_value_fits" : "seal_value_differs",
        fits ? SV("the signature value fits the signer's key")
             : SV("the signature value does not fit the signer's key"));
    say(ret, CMS_UNSUPPORTED, "seal_not_judged",
        arena_printf(
                a, "%s seal \"%.*s\" (%.*s), made by \"%.*s\": the signed bytes are unchanged, the seal is not judged",
                ses_layout_name(s->layout), SV_ARG(s->seal_name), SV_ARG(s->seal_id),
                SV_ARG(s->maker ? s->maker->subject : SV("unknown"))));
}
