/* OCSP: RFC 6960 4; see revocation.h. */
#include "crypto/alg_priv.h"
#include "crypto/issue_priv.h"
#include "crypto/ossl_priv.h"
#include "crypto/revocation_priv.h"

#define OID_OCSP_BASIC     "1.3.6.1.5.5.7.48.1.1"
#define OID_ARCHIVE_CUTOFF SV("\x2b\x06\x01\x05\x05\x07\x30\x01\x06") /* 1.3.6.1.5.5.7.48.1.6, as encoded */
#define OID_OCSP_NONCE     "1.3.6.1.5.5.7.48.1.2"

enum { SINGLES_MAX = 1000 };

struct sv public_bits(struct sv public_der)
{
    struct der outer = der_open(public_der), d = der_enter(&outer, DER_SEQ);
    struct sv bits = SV("");
    der_take(&d, DER_SEQ);
    if (!der_bits_whole(der_take(&d, DER_BITS), &bits))
        return SV("");
    return bits;
}

/* CertID ::= SEQUENCE { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } */
struct cert_id {
    enum digest_alg alg;
    struct sv name_hash, key_hash, serial_hex;
};

static bool cert_id_read(struct arena *a, struct sv all, struct cert_id *ret)
{
    const char *code;
    struct der outer = der_open(all), d = der_enter(&outer, DER_SEQ);
    bool known = digest_alg_read(a, der_take_all(&d, DER_SEQ), &ret->alg, &code) == ALG_OK;
    ret->name_hash = der_take(&d, DER_OCTETS);
    ret->key_hash = der_take(&d, DER_OCTETS);
    ret->serial_hex = der_serial_hex(a, der_take(&d, DER_INTEGER));
    return known && der_done(&d);
}

static bool cert_id_is_of(const struct cert_id *id, const struct cert *issuer)
{
    struct digest name = digest_of(id->alg, issuer->subject_der),
                  key = digest_of(id->alg, public_bits(issuer->public_der));
    return sv_eq(id->name_hash, digest_sv(&name)) && sv_eq(id->key_hash, digest_sv(&key));
}

bool ocsp_request_make(struct arena *a, const struct cert *cert, const struct cert *issuer, struct sv *ret_der,
                       struct err *e)
{
    struct sv serial;
    uint8_t nonce[16];
    if (!hex_decode(a, cert->serial_hex, &serial) || !sv_eq(cert->issuer_der, issuer->subject_der))
        return err_set(e, ERR_BAD_INPUT, "OCSP: the certificate is not of this issuer");
    random_bytes(nonce, sizeof(nonce));
    struct digest name = digest_of(DIGEST_SHA1, issuer->subject_der),
                  key = digest_of(DIGEST_SHA1, public_bits(issuer->public_der));
    struct sv id = der_seq(a, digest_alg_der(a, DIGEST_SHA1, true), der_tlv(a, DER_OCTETS, digest_sv(&name)),
                           der_tlv(a, DER_OCTETS, digest_sv(&key)), der_uint(a, serial));
    struct sv ext = extension_der(a, OID_OCSP_NONCE, false, der_tlv(a, DER_OCTETS, sv_of(nonce, sizeof(nonce))));
    struct sv list = der_seq(a, der_seq(a, id)), exts = der_tlv(a, DER_CTX(2), der_seq(a, ext));
    *ret_der = der_seq(a, der_seq(a, list, exts));
    return true;
}

static bool bad_request(struct err *e)
{
    return err_user(e, ERR_BAD_INPUT, "ocsp_unreadable", NULL, "not an OCSP request for a certificate");
}

static void read_nonce(struct arena *a, struct sv body, struct ocsp_request *ret)
{
    struct der outer = der_open(body), list = der_enter(&outer, DER_SEQ);
    while (list.rest.n && !list.bad) {
        struct der d = der_enter(&list, DER_SEQ);
        struct sv oid = der_oid_text(a, der_take(&d, DER_OID)), flag;
        (void)der_optional(&d, DER_BOOLEAN, &flag);
        struct sv value = der_take(&d, DER_OCTETS);
        if (!d.bad && sv_eq(oid, SV(OID_OCSP_NONCE)) && value.n <= 64)
            ret->nonce = arena_sv(a, value);
    }
}

bool ocsp_request_parse(struct arena *a, struct sv der, struct ocsp_request *ret, struct err *e)
{
    struct cert_id id;
    struct sv ignored, exts;
    *ret = (struct ocsp_request){0};
    if (der.n > 65536)
        return bad_request(e);
    struct der outer = der_open(der), all = der_enter(&outer, DER_SEQ), d = der_enter(&all, DER_SEQ);
    (void)der_optional(&d, DER_CTX(0), &ignored);
    (void)der_optional(&d, DER_CTX(1), &ignored);
    struct der list = der_enter(&d, DER_SEQ), one = der_enter(&list, DER_SEQ);
    ret->cert_id_der = arena_sv(a, der_take_all(&one, DER_SEQ));
    if (one.bad || d.bad || !cert_id_read(a, ret->cert_id_der, &id))
        return bad_request(e);
    ret->serial_hex = id.serial_hex;
    if (der_optional(&d, DER_CTX(2), &exts))
        read_nonce(a, exts, ret);
    return der_done(&outer) || bad_request(e);
}

bool ocsp_request_is_for(const struct ocsp_request *r, const struct cert *issuer)
{
    struct arena a;
    struct cert_id id;
    arena_init(&a, 1 << 20);
    bool same = cert_id_read(&a, r->cert_id_der, &id) && cert_id_is_of(&id, issuer);
    arena_done(&a);
    return same;
}

static struct sv status_der(struct arena *a, enum ocsp_answer answer, const struct revoked *revoked)
{
    if (answer != OCSP_REVOKED)
        return der_tlv(a, answer == OCSP_GOOD ? DER_CTXP(0) : DER_CTXP(2), SV(""));
    struct sv reason = SV("");
    if (revoked->reason >= 0) {
        struct sv number = der_int(a, revoked->reason);
        reason = der_tlv(a, DER_CTX(0), der_tlv(a, DER_ENUM, sv_skip(number, 2)));
    }
    return der_make(a, DER_CTX(1), der_time_general(a, revoked->revoked_at, false), reason);
}

bool ocsp_response_make(struct arena *a, const struct ocsp_request *r, enum ocsp_answer answer,
                        const struct revoked *revoked, const struct cert *responder, const struct key *responder_key,
                        int64_t this_update_at, int64_t next_update_at, struct sv *ret_der, struct err *e)
{
    must(answer != OCSP_REVOKED || revoked != NULL);
    struct sv this_update = der_time_general(a, this_update_at, false);
    struct sv next_update =
            next_update_at ? der_tlv(a, DER_CTX(0), der_time_general(a, next_update_at, false)) : SV("");
    struct sv single = der_seq(a, r->cert_id_der, status_der(a, answer, revoked), this_update, next_update);
    struct sv id = der_tlv(a, DER_CTX(2), der_tlv(a, DER_OCTETS, key_id_of(a, responder->public_der)));
    struct sv exts = SV(""), certs = SV(""), basic;
    if (r->nonce.n)
        exts = der_tlv(a, DER_CTX(1), der_seq(a, extension_der(a, OID_OCSP_NONCE, false, r->nonce)));
    if (!responder->is_ca)
        certs = der_tlv(a, DER_CTX(0), der_seq(a, responder->der));
    struct sv tbs = der_seq(a, id, this_update, der_seq(a, single), exts);
    if (!signed_der(a, tbs, responder_key, certs, &basic, e))
        return false;
    struct sv bytes = der_seq(a, der_oid(a, OID_OCSP_BASIC), der_tlv(a, DER_OCTETS, basic));
    *ret_der = der_seq(a, der_tlv(a, DER_ENUM, sv_of("", 1)), der_tlv(a, DER_CTX(0), bytes));
    return true;
}

struct sv ocsp_response_error(struct arena *a, int status)
{
    struct sv number = der_int(a, status);
    return der_seq(a, der_tlv(a, DER_ENUM, sv_skip(number, 2)));
}

struct response {
    struct signed_parts parts;
    struct sv responder_name, responder_key_hash; /* one of them */
    struct sv singles;
    int64_t produced_at;
    struct sv certs; /* [0]: the certificates inside, parsed only when one is needed */
};

/* What an answer is judged against. */
struct asking {
    struct chain_cache *cache;
    struct sv whole; /* the response */
    const struct cert *issuer;
    const struct chain_query *q;
};

static struct certs certs_inside(struct arena *a, const struct response *r)
{
    struct certs list = {0};
    struct der wrap = der_open(r->certs), d = der_enter(&wrap, DER_SEQ);
    struct der_item item;
    while (list.n < 10 && der_next(&d, &item)) {
        const struct cert *c;
        struct err ignored;
        if (cert_parse(a, item.all, &c, &ignored))
            certs_add(a, &list, c);
    }
    return list;
}

static bool read_basic(struct sv der, struct response *ret)
{
    struct sv part;
    struct der_item time;
    struct der outer = der_open(der), d = der_enter(&outer, DER_SEQ);
    if (!signed_parts_read(&d, &ret->parts))
        return false;
    (void)der_optional(&d, DER_CTX(0), &ret->certs);
    struct der wrap = der_open(ret->parts.tbs), t = der_enter(&wrap, DER_SEQ);
    (void)der_optional(&t, DER_CTX(0), &part);
    if (der_optional(&t, DER_CTX(1), &part)) {
        ret->responder_name = part;
    } else if (der_optional(&t, DER_CTX(2), &part)) {
        struct der key = der_open(part);
        ret->responder_key_hash = der_take(&key, DER_OCTETS);
    }
    if (!der_next(&t, &time) || !der_time(time.tag, time.body, &ret->produced_at))
        return false;
    ret->singles = der_take(&t, DER_SEQ);
    return !t.bad && der_done(&d);
}

static bool response_read(struct arena *a, struct sv der, struct response *ret)
{
    int64_t status = -1;
    *ret = (struct response){0};
    struct der outer = der_open(der), d = der_enter(&outer, DER_SEQ);
    if (der_is_next(&d, DER_SEQ)) /* some archives hold the BasicOCSPResponse alone */
        return read_basic(der, ret);
    if (!der_int_small(der_take(&d, DER_ENUM), &status) || status != 0)
        return false;
    struct der wrap = der_enter(&d, DER_CTX(0)), bytes = der_enter(&wrap, DER_SEQ);
    struct sv type = der_oid_text(a, der_take(&bytes, DER_OID)), basic = der_take(&bytes, DER_OCTETS);
    return der_done(&bytes) && der_done(&outer) && sv_eq(type, SV(OID_OCSP_BASIC)) && read_basic(basic, ret);
}

bool ocsp_response_parse(struct arena *a, struct sv der, int64_t *ret_produced_at, struct certs *ret_certs,
                         struct err *e)
{
    struct response r;
    if (!response_read(a, der, &r))
        return err_user(e, ERR_BAD_INPUT, "ocsp_unreadable", NULL, "not a successful OCSP response");
    *ret_produced_at = r.produced_at;
    if (ret_certs)
        *ret_certs = certs_inside(a, &r);
    return true;
}

static bool responder_is(const struct response *r, const struct cert *c)
{
    if (r->responder_name.n)
        return sv_eq(r->responder_name, c->subject_der);
    struct digest key = digest_of(DIGEST_SHA1, public_bits(c->public_der));
    return sv_eq(r->responder_key_hash, digest_sv(&key));
}

/* Does a list at hand say that the responder was revoked before it answered? Other responders are not asked about it
 * (RFC 6960 4.2.2.2.1 leaves that to us: it would go round in circles), and with nocheck nobody is. */
static bool is_dismissed(struct arena *a, const struct asking *ask, const struct response *r, const struct cert *c)
{
    for (size_t i = 0; !c->ocsp_no_check && i < ask->q->crls.n; i++) {
        struct revocation_answer answer = crl_answer_for(a, ask->cache, ask->q->crls.v[i], c, ask->issuer);
        if (answer.state == REVOCATION_REVOKED &&
            (answer.revoked.revoked_at <= r->produced_at || answer.revoked.reason == REVOKED_KEY_COMPROMISE))
            return true;
    }
    return false;
}

/* A certificate the issuer made for answering (RFC 6960 4.2.2.2). */
static bool may_answer(struct arena *a, const struct asking *ask, const struct response *r, const struct cert *c)
{
    bool may_sign = !c->has_key_usage || (c->key_usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION));
    return (c->eku & EKU_OCSP) && may_sign && responder_is(r, c) && r->produced_at >= c->not_before_at &&
           r->produced_at < c->not_after_at + 1000 && cert_issued_by(a, ask->cache, c, ask->issuer) &&
           chain_cache_verify(a, ask->cache, ask->whole, &r->parts, c) && !is_dismissed(a, ask, r, c);
}

static bool response_is_authentic(struct arena *a, const struct asking *ask, const struct response *r)
{
    if (responder_is(r, ask->issuer) && chain_cache_verify(a, ask->cache, ask->whole, &r->parts, ask->issuer))
        return true;
    struct certs inside = certs_inside(a, r);
    for (size_t i = 0; i < inside.n; i++)
        if (may_answer(a, ask, r, inside.v[i]))
            return true;
    for (size_t i = 0; i < ask->q->pool.n; i++)
        if (may_answer(a, ask, r, ask->q->pool.v[i]))
            return true;
    return false;
}

static bool read_status(struct der *d, struct revocation_answer *ret)
{
    struct der_item item;
    struct sv reason;
    if (!der_next(d, &item))
        return false;
    ret->state = item.tag == DER_CTXP(0)  ? REVOCATION_GOOD
                 : item.tag == DER_CTX(1) ? REVOCATION_REVOKED
                                          : REVOCATION_NONE;
    if (ret->state != REVOCATION_REVOKED)
        return true;
    struct der in = der_open(item.body);
    struct der_item time;
    ret->revoked.reason = -1;
    if (!der_next(&in, &time) || !der_time(time.tag, time.body, &ret->revoked.revoked_at))
        return false;
    if (der_optional(&in, DER_CTX(0), &reason)) {
        struct der number = der_open(reason);
        int64_t v;
        if (der_int_small(der_take(&number, DER_ENUM), &v))
            ret->revoked.reason = (int)v;
    }
    return der_done(&in);
}

/* singleExtensions: archiveCutoff says from when on expired certificates are still known (RFC 6960 4.4.4). False when a
 * critical one is not understood. */
static bool read_single_extensions(struct sv body, int64_t *ret_cutoff_at)
{
    struct der outer = der_open(body), list = der_enter(&outer, DER_SEQ);
    struct extension x;
    while (extension_next(&list, &x)) {
        struct der d = der_open(x.value);
        struct der_item time;
        if (sv_eq(x.oid, OID_ARCHIVE_CUTOFF)) {
            if (!der_next(&d, &time) || !der_time(time.tag, time.body, ret_cutoff_at))
                return false;
        } else if (x.critical) {
            return false;
        }
    }
    return !list.bad;
}

/* The SingleResponse about cert; false when there is none. */
static bool find_single(struct arena *a, const struct response *r, const struct cert *cert, const struct cert *issuer,
                        struct revocation_answer *ret)
{
    struct der list = der_open(r->singles);
    for (int n = 0; list.rest.n && !list.bad && n < SINGLES_MAX; n++) {
        struct der d = der_enter(&list, DER_SEQ);
        struct cert_id id;
        struct der_item time;
        struct sv part;
        if (!cert_id_read(a, der_take_all(&d, DER_SEQ), &id) || !sv_eq(id.serial_hex, cert->serial_hex) ||
            !cert_id_is_of(&id, issuer))
            continue;
        *ret = (struct revocation_answer){0};
        if (!read_status(&d, ret) || !der_next(&d, &time) || !der_time(time.tag, time.body, &ret->this_update_at))
            return false;
        if (der_optional(&d, DER_CTX(0), &part)) {
            struct der next = der_open(part);
            if (!der_next(&next, &time) || !der_time(time.tag, time.body, &ret->next_update_at))
                return false;
        }
        int64_t cutoff_at = INT64_MAX;
        if (der_optional(&d, DER_CTX(1), &part) && !read_single_extensions(part, &cutoff_at))
            return false;
        /* A responder need not remember what expired: then "good" only means that it knows of nothing. */
        if (ret->state == REVOCATION_GOOD && ret->this_update_at > cert->not_after_at && cutoff_at > cert->not_after_at)
            ret->state = REVOCATION_NONE;
        return der_done(&d);
    }
    return false;
}

struct revocation_answer ocsp_answer_for(struct arena *a, struct chain_cache *cache, struct sv response,
                                         const struct cert *cert, const struct cert *issuer,
                                         const struct chain_query *q)
{
    struct revocation_answer answer = {0}, none = {0};
    struct response r;
    const struct asking ask = {.cache = cache, .whole = response, .issuer = issuer, .q = q};
    if (!chain_cache_spend_bytes(cache, response.n) || !response_read(a, response, &r) ||
        !find_single(a, &r, cert, issuer, &answer) || answer.state == REVOCATION_NONE ||
        !response_is_authentic(a, &ask, &r))
        return none;
    answer.revoked.serial_hex = cert->serial_hex;
    return answer;
}
