/* Asking a TSA and answering as one (RFC 3161 2.4); see tsp.h. */
#include "crypto/tsp.h"

#include "crypto/cms_priv.h"
#include "crypto/tsp_priv.h"

enum { STATUS_GRANTED = 0, STATUS_GRANTED_WITH_MODS = 1, STATUS_REJECTION = 2, UNACCEPTED_POLICY = 15 };

static struct sv imprint_der(struct arena *a, const struct digest *d)
{
    return der_seq(a, digest_alg_der(a, d->alg, true), der_tlv(a, DER_OCTETS, digest_sv(d)));
}

bool tsp_request_make(struct arena *a, const struct digest *imprint, struct sv policy, struct tsp_request *ret,
                      struct err *e)
{
    uint8_t nonce[8];
    struct sv policy_der = SV("");
    if (policy.n && (policy_der = der_oid_sv(a, policy)).n == 0)
        return err_set(e, ERR_BAD_INPUT, "timestamp policy %.*s is not an object identifier", SV_ARG(policy));
    random_bytes(nonce, sizeof(nonce));
    nonce[0] = (uint8_t)((nonce[0] & 0x3f) | 0x40); /* positive, always 8 bytes */
    *ret = (struct tsp_request){.imprint = *imprint, .policy = policy, .cert_req = true};
    ret->nonce = arena_sv(a, sv_of(nonce, sizeof(nonce)));
    ret->der = der_seq(a, der_int(a, 1), imprint_der(a, imprint), policy_der, der_tlv(a, DER_INTEGER, ret->nonce),
                       der_true());
    return true;
}

static bool bad_answer(struct err *e, const char *why)
{
    return err_user(e, ERR_BAD_INPUT, "tsa_bad_answer", NULL, "answer of the TSA: %s", why);
}

/* PKIStatusInfo; sets e when the status is no grant. */
static bool check_status(struct der *response, struct err *e)
{
    struct der d = der_enter(response, DER_SEQ);
    struct sv texts = SV(""), fail = SV("");
    int64_t status = -1;
    bool read = der_int_small(der_take(&d, DER_INTEGER), &status);
    (void)der_optional(&d, DER_SEQ, &texts);
    (void)der_optional(&d, DER_BITS, &fail);
    if (!read || !der_done(&d))
        return bad_answer(e, "not a TimeStampResp");
    if (status == STATUS_GRANTED || status == STATUS_GRANTED_WITH_MODS)
        return true;
    struct der list = der_open(texts);
    struct sv text = der_take(&list, DER_UTF8);
    if (!sv_is_utf8(text))
        text = SV("");
    return err_user(e, ERR_UNAVAILABLE, "tsa_refused", NULL, "the TSA refused: status %d, %.*s", (int)status,
                    (int)(text.n < 200 ? text.n : 200), text.p ? text.p : "");
}

bool tsp_response_check(struct arena *a, const struct tsp_request *r, struct sv response, struct sv *ret_token,
                        struct err *e)
{
    *ret_token = SV("");
    if (response.n > CMS_MAX_BYTES)
        return bad_answer(e, "too large");
    struct der outer = der_open(response), d = der_enter(&outer, DER_SEQ);
    if (outer.bad || outer.rest.n)
        return bad_answer(e, "not a TimeStampResp");
    if (!check_status(&d, e))
        return false;
    struct sv all = d.rest, der;
    size_t used;
    if (all.n == 0 || !ber_to_der(a, all, &der, &used) || used != all.n)
        return bad_answer(e, "no token inside");
    struct tsp_token *t = arena_new(a, struct tsp_token);
    struct tsp_verdict v;
    tsp_token_read(a, der, t);
    tsp_token_check(a, t, &r->imprint, NULL, &v);
    if (v.status != CMS_OK)
        return bad_answer(e, v.code);
    if (!sv_eq(t->nonce, r->nonce))
        return bad_answer(e, "another nonce");
    if (r->policy.n && !sv_eq(t->policy, r->policy))
        return bad_answer(e, "another policy");
    *ret_token = arena_sv(a, der);
    return true;
}

bool tsp_request_parse(struct arena *a, struct sv der, struct tsp_request *ret, struct err *e)
{
    enum digest_alg alg = DIGEST_NONE;
    enum alg_status st;
    struct sv part;
    int64_t version = 0;
    *ret = (struct tsp_request){.der = arena_sv(a, der)};
    struct der outer = der_open(ret->der), d = der_enter(&outer, DER_SEQ);
    bool ok = der_int_small(der_take(&d, DER_INTEGER), &version) && version == 1 &&
              tsp_imprint_read(a, &d, &alg, &ret->imprint, &st);
    if (ok && (st != ALG_OK || !digest_may_sign(alg)))
        return err_user(e, ERR_UNSUPPORTED, "tsp_unreadable", NULL, "timestamp request with an unsupported digest");
    if (ok && der_optional(&d, DER_OID, &part))
        ret->policy = der_oid_text(a, part);
    if (ok)
        (void)der_optional(&d, DER_INTEGER, &ret->nonce);
    if (ok && der_optional(&d, DER_BOOLEAN, &part))
        ret->cert_req = part.n == 1 && part.p[0] != 0;
    if (!ok || !der_done(&d) || !der_done(&outer) || ret->nonce.n > 64 || der.n > 4096)
        return err_user(e, ERR_BAD_INPUT, "tsp_unreadable", NULL, "not a timestamp request");
    return true;
}

struct sv tsp_response_reject(struct arena *a, int failure_bit, struct sv text)
{
    uint8_t bits[5] = {0};
    must(failure_bit >= 0 && failure_bit < 32);
    bits[0] = (uint8_t)(7 - failure_bit % 8);
    bits[1 + failure_bit / 8] = (uint8_t)(0x80 >> failure_bit % 8);
    struct sv texts = text.n ? der_seq(a, der_tlv(a, DER_UTF8, text)) : SV("");
    struct sv fail = der_tlv(a, DER_BITS, sv_of(bits, 2 + (size_t)failure_bit / 8));
    return der_seq(a, der_seq(a, der_int(a, STATUS_REJECTION), texts, fail));
}

static struct sv accuracy_der(struct arena *a, int64_t ms)
{
    if (ms <= 0)
        return SV("");
    struct sv seconds = ms >= 1000 ? der_int(a, ms / 1000) : SV(""), millis = SV("");
    if (ms % 1000) {
        struct sv number = der_int(a, ms % 1000);
        millis = der_tlv(a, DER_CTXP(0), sv_skip(number, 2));
    }
    return der_seq(a, seconds, millis);
}

bool tsp_response_make(struct arena *a, const struct tsp_request *r, const struct tsp_authority *tsa, struct sv serial,
                       int64_t gen_at, struct sv *ret_der, struct err *e)
{
    if (r->policy.n && !sv_eq(r->policy, tsa->policy)) {
        *ret_der = tsp_response_reject(a, UNACCEPTED_POLICY, SV("this policy is not offered"));
        return true;
    }
    struct sv policy = der_oid_sv(a, tsa->policy);
    if (policy.n == 0 || serial.n == 0 || serial.n > 20)
        return err_set(e, ERR_BAD_INPUT, "policy or serial of the timestamp");
    struct sv nonce = r->nonce.n ? der_tlv(a, DER_INTEGER, r->nonce) : SV("");
    struct sv info = der_seq(a, der_int(a, 1), policy, imprint_der(a, &r->imprint), der_uint(a, serial),
                             der_time_general(a, gen_at, true), accuracy_der(a, tsa->accuracy_ms), nonce);
    struct cms_order order = {
            .signer = tsa->cert, .content_type = SV(OID_TST_INFO), .content = info, .omit_certs = !r->cert_req};
    if (r->cert_req)
        order.chain = tsa->chain;
    struct digest d = digest_of(key_kind_digest(key_kind(tsa->key)), info);
    struct sv token;
    if (!cms_sign(a, &order, tsa->key, &d, &token, e))
        return err_wrap(e, "timestamp");
    *ret_der = der_seq(a, der_seq(a, der_int(a, STATUS_GRANTED)), token);
    return true;
}
