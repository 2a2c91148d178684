/* Reading and checking RFC 3161 tokens; see tsp.h. */
#include "crypto/alg_priv.h"
#include "crypto/cms_priv.h"
#include "crypto/revocation_priv.h"
#include "crypto/tsp_priv.h"

static void broken(struct tsp_token *t, const char *text)
{
    cms_spoil(&t->cms, CMS_BROKEN, "tst_info", sv_from(text));
}

bool tsp_imprint_read(struct arena *a, struct der *d, enum digest_alg *ret_alg, struct digest *ret,
                      enum alg_status *ret_status)
{
    struct der imprint = der_enter(d, DER_SEQ);
    const char *code;
    *ret_status = digest_alg_read(a, der_take_all(&imprint, DER_SEQ), ret_alg, &code);
    struct sv bytes = der_take(&imprint, DER_OCTETS);
    if (!der_done(&imprint))
        return false;
    if (*ret_status == ALG_OK)
        return digest_from(*ret_alg, bytes, ret);
    return *ret_status == ALG_UNSUPPORTED;
}

/* Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] OPTIONAL, micros [1] OPTIONAL } */
static bool read_accuracy(struct sv body, int64_t *ret_ms)
{
    struct der d = der_open(body);
    int64_t seconds = 0, millis = 0;
    struct sv part;
    if (der_optional(&d, DER_INTEGER, &part) && (!der_int_small(part, &seconds) || seconds < 0 || seconds > 1000000))
        return false;
    if (der_optional(&d, DER_CTXP(0), &part) && (!der_int_small(part, &millis) || millis < 0 || millis > 999))
        return false;
    (void)der_optional(&d, DER_CTXP(1), &part);
    *ret_ms = seconds * 1000 + millis;
    return der_done(&d);
}

/* From the certificate: the tsa field of TSTInfo is only a hint (RFC 3161 2.4.2). */
static struct sv tsa_name(struct arena *a, const struct tsp_token *t)
{
    if (t->cms.signer)
        return t->cms.signer->common_name.n ? t->cms.signer->common_name : t->cms.signer->subject;
    return hex_upper(a, t->cms.sid_serial);
}

/* extensions [1] IMPLICIT: none that must be understood is known here (RFC 3161 2.4.2). */
static bool has_unknown_critical(struct sv body)
{
    struct der list = der_open(body);
    struct extension x;
    while (extension_next(&list, &x))
        if (x.critical)
            return true;
    return list.bad;
}

static void read_info(struct arena *a, struct tsp_token *t)
{
    struct der outer = der_open(t->cms.content), d = der_enter(&outer, DER_SEQ);
    struct sv part;
    struct der_item time;
    enum alg_status st;
    int64_t version = 0;
    if (!der_int_small(der_take(&d, DER_INTEGER), &version) || version != 1) {
        broken(t, "TSTInfo is not version 1");
        return;
    }
    t->policy = der_oid_text(a, der_take(&d, DER_OID));
    if (!tsp_imprint_read(a, &d, &t->imprint_alg, &t->imprint, &st)) {
        t->imprint_alg = DIGEST_NONE;
        broken(t, "the imprint cannot be read");
        return;
    }
    if (st == ALG_UNSUPPORTED)
        cms_spoil(&t->cms, CMS_UNSUPPORTED, "imprint_algorithm_unknown", SV("the imprint's digest is not supported"));
    t->serial_hex = der_serial_hex(a, der_take(&d, DER_INTEGER));
    if (!der_is_next(&d, DER_GENERAL_TIME) || !der_next(&d, &time) || !der_time(time.tag, time.body, &t->gen_at)) {
        broken(t, "genTime cannot be read");
        return;
    }
    if (der_optional(&d, DER_SEQ, &part) && !read_accuracy(part, &t->accuracy_ms))
        broken(t, "accuracy cannot be read");
    (void)der_optional(&d, DER_BOOLEAN, &part);
    (void)der_optional(&d, DER_INTEGER, &t->nonce);
    (void)der_optional(&d, DER_CTX(0), &part);
    if (der_optional(&d, DER_CTX(1), &part) && has_unknown_critical(part))
        cms_spoil(&t->cms, CMS_UNSUPPORTED, "tst_extension", SV("a critical extension of the timestamp is not known"));
    if (!der_done(&d) || !der_done(&outer))
        broken(t, "TSTInfo is not DER");
}

void tsp_token_read(struct arena *a, struct sv bytes, struct tsp_token *ret)
{
    *ret = (struct tsp_token){0};
    cms_read(a, bytes, CMS_TOKEN, &ret->cms);
    if (ret->cms.has_content)
        read_info(a, ret);
    ret->tsa = tsa_name(a, ret);
}

static void fail(struct tsp_verdict *v, enum cms_status status, const char *code, struct sv text)
{
    enum cms_status as = status == CMS_UNSUPPORTED ? CMS_UNSUPPORTED : CMS_TST_BAD;
    if (as <= v->status)
        return;
    v->status = as;
    v->code = code;
    v->text = text;
}

static void check_authority(const struct tsp_token *t, const struct cert *tsa, struct tsp_verdict *v)
{
    if (!tsa->has_eku || !tsa->eku_critical || tsa->eku != EKU_TIMESTAMP)
        fail(v, CMS_TST_BAD, "tsa_usage",
             SV("the certificate is not one for timestamps alone (critical extendedKeyUsage)"));
    if (t->gen_at < tsa->not_before_at || t->gen_at >= tsa->not_after_at + 1000) /* whole seconds, inclusive */
        fail(v, CMS_TST_BAD, "tsa_validity", SV("the certificate was not valid when the timestamp was made"));
}

void tsp_token_check(struct arena *a, const struct tsp_token *t, const struct digest *covered,
                     const struct certs *extra, struct tsp_verdict *ret)
{
    *ret = (struct tsp_verdict){.code = ""};
    if (t->cms.status != CMS_OK) {
        fail(ret, t->cms.status, t->cms.problem.code, t->cms.problem.text);
        return;
    }
    CLEANUP(cms_hash_cleanup) struct cms_hash *h = cms_hash_new(&t->cms, extra);
    struct cms_verdict v;
    cms_hash_add(h, t->cms.content);
    cms_check(a, &t->cms, h, extra, &v);
    ret->tsa = v.signer;
    ret->weak = v.weak || digest_is_weak(t->imprint_alg);
    for (size_t i = 0; i < v.problem_n; i++)
        if (v.problem[i].status != CMS_OK)
            fail(ret, v.problem[i].status, v.problem[i].code, v.problem[i].text);
    if (!digest_eq(&t->imprint, covered))
        fail(ret, CMS_TST_BAD, "imprint_mismatch", SV("the timestamp is about other bytes"));
    if (v.signer)
        check_authority(t, v.signer, ret);
}
