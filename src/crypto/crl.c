/* CRLs: RFC 5280 5; see revocation.h. */
#include "crypto/alg_priv.h"
#include "crypto/issue_priv.h"
#include "crypto/ossl_priv.h"
#include "crypto/revocation_priv.h"

#define OID_REASON       "2.5.29.21"
#define OID_INVALID_FROM "2.5.29.24"
#define OID_CRL_NUMBER   "2.5.29.20"
#define OID_KEY_ID       "2.5.29.35"

/* Last arc of 2.5.29.*, as extensions are told apart when reading */
enum {
    EXT_REASON = 21,
    EXT_HOLD_INSTRUCTION = 23,
    EXT_INVALID_FROM = 24,
    EXT_SCOPE = 28,        /* issuingDistributionPoint */
    EXT_CRL_POINTS = 31,   /* of certificates */
    EXT_EXPIRED_KEPT = 60, /* expiredCertsOnCRL */
    REMOVED_FROM_LIST = 8  /* a reason of delta lists alone */
};

bool signed_parts_read(struct der *d, struct signed_parts *ret)
{
    ret->tbs = der_take_all(d, DER_SEQ);
    ret->alg = der_take_all(d, DER_SEQ);
    return der_bits_whole(der_take(d, DER_BITS), &ret->sig) && !d->bad;
}

bool signed_parts_verify(struct arena *a, const struct signed_parts *p, struct sv public_der)
{
    struct sigalg alg;
    const char *code;
    return sigalg_read(a, p->alg, DIGEST_NONE, &alg, &code) == ALG_OK &&
           signature_verify_salt(public_der, alg.scheme, alg.digest, alg.pss_salt, p->tbs, p->sig);
}

bool cert_is_signed_by(struct arena *a, const struct cert *c, const struct cert *issuer)
{
    struct signed_parts p;
    struct der outer = der_open(c->der), d = der_enter(&outer, DER_SEQ);
    return sv_eq(c->issuer_der, issuer->subject_der) && signed_parts_read(&d, &p) &&
           signed_parts_verify(a, &p, issuer->public_der);
}

static struct sv entry_der(struct arena *a, const struct revoked *r)
{
    struct sv serial, none = SV(""), reason = none, since = none;
    must(hex_decode(a, r->serial_hex, &serial));
    if (r->reason > 0) {
        struct sv number = der_int(a, r->reason);
        reason = extension_der(a, OID_REASON, false, der_tlv(a, DER_ENUM, sv_skip(number, 2)));
    }
    if (r->invalid_from_at)
        since = extension_der(a, OID_INVALID_FROM, false, der_time_general(a, r->invalid_from_at, false));
    struct sv exts = reason.n || since.n ? der_seq(a, reason, since) : none;
    return der_seq(a, der_uint(a, serial), der_time_x509(a, r->revoked_at), exts);
}

bool crl_make(struct arena *a, const struct cert *issuer, const struct key *issuer_key, const struct revoked *entries,
              size_t n, int64_t this_update_at, int64_t next_update_at, uint64_t number, struct sv *ret_der,
              struct err *e)
{
    struct sv *items = arena_array(a, struct sv, n + 1);
    for (size_t i = 0; i < n; i++)
        items[i] = entry_der(a, &entries[i]);
    struct sv list = n ? der_join_(a, DER_SEQ, items, n) : SV("");
    struct sv key_id = issuer->key_id.n ? issuer->key_id : key_id_of(a, issuer->public_der);
    struct sv exts = der_seq(a, extension_der(a, OID_KEY_ID, false, der_seq(a, der_tlv(a, DER_CTXP(0), key_id))),
                             extension_der(a, OID_CRL_NUMBER, false, der_int(a, (int64_t)number)));
    struct sv tbs = der_seq(a, der_int(a, 1), issuing_algorithm(a, issuer_key), issuer->subject_der,
                            der_time_x509(a, this_update_at), der_time_x509(a, next_update_at), list,
                            der_tlv(a, DER_CTX(0), exts));
    return signed_der(a, tbs, issuer_key, SV(""), ret_der, e);
}

bool extension_next(struct der *list, struct extension *ret)
{
    struct sv flag = SV("");
    if (list->bad || list->rest.n == 0)
        return false;
    struct der d = der_enter(list, DER_SEQ);
    ret->oid = der_take(&d, DER_OID);
    ret->critical = der_optional(&d, DER_BOOLEAN, &flag) && flag.n == 1 && flag.p[0] != 0;
    ret->value = der_take(&d, DER_OCTETS);
    list->bad = list->bad || !der_done(&d);
    return !list->bad;
}

/* id-ce: 2.5.29.n; 0 for everything else */
static int extension_number(const struct extension *x)
{
    return x->oid.n == 3 && x->oid.p[0] == 0x55 && x->oid.p[1] == 0x1d ? x->oid.p[2] : 0;
}

/* IssuingDistributionPoint (RFC 5280 5.2.5): a list for some reasons only, or of another issuer, says nothing for
 * sure. */
static void read_scope(struct sv value, struct crl *crl)
{
    struct der outer = der_open(value), d = der_enter(&outer, DER_SEQ);
    struct der_item item;
    while (der_next(&d, &item)) {
        bool yes = item.body.n == 1 && item.body.p[0] != 0;
        if (item.tag == DER_CTXP(1))
            crl->only_users = yes;
        else if (item.tag == DER_CTXP(2))
            crl->only_cas = yes;
        else if (item.tag == DER_CTX(0)) {
            struct der names = der_open(item.body);
            crl->has_point = true;
            (void)der_optional(&names, DER_CTX(0), &crl->point_names);
        } else if (yes || item.tag == DER_CTXP(3))
            crl->usable = false; /* onlySomeReasons, indirectCRL, onlyContainsAttributeCerts */
    }
    crl->usable = crl->usable && !d.bad;
}

static void read_extensions(struct sv body, struct crl *crl)
{
    struct der outer = der_open(body), list = der_enter(&outer, DER_SEQ);
    struct extension x;
    while (extension_next(&list, &x)) {
        struct der value = der_open(x.value);
        struct der_item time;
        if (extension_number(&x) == EXT_SCOPE)
            read_scope(x.value, crl);
        else if (extension_number(&x) == EXT_EXPIRED_KEPT && der_next(&value, &time))
            crl->keeps_expired = der_time(time.tag, time.body, &crl->expired_kept_from_at);
        else if (x.critical)
            crl->usable = false; /* delta lists among them */
    }
    crl->usable = crl->usable && !list.bad;
}

static bool time_next(struct der *d, int64_t *ret)
{
    struct der_item item;
    return der_next(d, &item) && der_time(item.tag, item.body, ret);
}

bool crl_read(struct sv der, struct crl *ret)
{
    *ret = (struct crl){.usable = true};
    struct sv part;
    struct der outer = der_open(der), all = der_enter(&outer, DER_SEQ);
    if (!signed_parts_read(&all, &ret->parts) || !der_done(&all) || !der_done(&outer))
        return false;
    struct der wrap = der_open(ret->parts.tbs), d = der_enter(&wrap, DER_SEQ);
    (void)der_optional(&d, DER_INTEGER, &part);
    struct sv inner_alg = der_take_all(&d, DER_SEQ);
    ret->issuer_der = der_take_all(&d, DER_SEQ);
    if (!sv_eq(inner_alg, ret->parts.alg) || !time_next(&d, &ret->this_update_at))
        return false;
    if ((der_is_next(&d, DER_UTC_TIME) || der_is_next(&d, DER_GENERAL_TIME)) && !time_next(&d, &ret->next_update_at))
        return false;
    (void)der_optional(&d, DER_SEQ, &ret->entries);
    if (der_optional(&d, DER_CTX(0), &part))
        read_extensions(part, ret);
    return der_done(&d);
}

/* False when there is a critical one that is not understood (RFC 5280 5.3): certificateIssuer, say. */
static bool entry_extensions(struct sv body, struct revoked *ret)
{
    struct der list = der_open(body);
    struct extension x;
    while (extension_next(&list, &x)) {
        struct der d = der_open(x.value);
        struct der_item item;
        int64_t number;
        bool whole = der_next(&d, &item);
        switch (extension_number(&x)) {
        case EXT_REASON:
            if (whole && der_int_small(item.body, &number))
                ret->reason = (int)number;
            break;
        case EXT_INVALID_FROM:
            if (!whole || !der_time(item.tag, item.body, &ret->invalid_from_at))
                ret->invalid_from_at = 0;
            break;
        case EXT_HOLD_INSTRUCTION:
            break;
        default:
            if (x.critical)
                return false;
        }
    }
    return !list.bad;
}

enum crl_entry crl_find(struct arena *a, const struct crl *crl, struct sv serial_hex, struct revoked *ret)
{
    struct sv want;
    struct der list = der_open(crl->entries);
    enum crl_entry found = CRL_NOT_LISTED;
    if (!hex_decode(a, serial_hex, &want))
        return CRL_UNCLEAR;
    while (list.rest.n && !list.bad) {
        struct der d = der_enter(&list, DER_SEQ);
        struct sv serial = der_take(&d, DER_INTEGER), exts = SV("");
        struct revoked r = {.serial_hex = serial_hex, .reason = -1};
        while (serial.n > 1 && serial.p[0] == 0)
            serial = sv_skip(serial, 1);
        if (!time_next(&d, &r.revoked_at))
            r.revoked_at = INT64_MIN; /* listed, and we cannot read since when: long ago, then */
        if (der_optional(&d, DER_SEQ, &exts) && !entry_extensions(exts, &r))
            return CRL_UNCLEAR; /* one such entry, and the list must not be used at all */
        if (!sv_eq(serial, want))
            continue;
        *ret = r;
        found = r.reason == REMOVED_FROM_LIST ? CRL_UNCLEAR : CRL_LISTED;
    }
    return list.bad ? CRL_UNCLEAR : found;
}

/* The extension of a certificate; false when there is none. */
static bool cert_extension(const struct cert *c, int number, struct sv *ret_value)
{
    struct sv ignored, exts;
    struct der outer = der_open(c->der), cert = der_enter(&outer, DER_SEQ), t = der_enter(&cert, DER_SEQ);
    (void)der_optional(&t, DER_CTX(0), &ignored);
    der_take(&t, DER_INTEGER);
    for (int i = 0; i < 5; i++) /* algorithm, issuer, validity, subject, key */
        der_take(&t, DER_SEQ);
    (void)der_optional(&t, DER_CTXP(1), &ignored);
    (void)der_optional(&t, DER_CTXP(2), &ignored);
    if (!der_optional(&t, DER_CTX(3), &exts))
        return false;
    struct der wrap = der_open(exts), list = der_enter(&wrap, DER_SEQ);
    struct extension x;
    while (extension_next(&list, &x))
        if (extension_number(&x) == number) {
            *ret_value = x.value;
            return true;
        }
    return false;
}

static bool share_a_name(struct sv x, struct sv y)
{
    struct der_item i, k;
    for (struct der dx = der_open(x); der_next(&dx, &i);)
        for (struct der dy = der_open(y); der_next(&dy, &k);)
            if (sv_eq(i.all, k.all))
                return true;
    return false;
}

/* A CA may split its list: the part is only good for certificates that name it (RFC 5280 6.3.3 b 2). */
static bool covers(const struct crl *crl, const struct cert *c)
{
    struct sv points, name, names;
    if ((crl->only_users && c->is_ca) || (crl->only_cas && !c->is_ca))
        return false;
    if (!crl->has_point)
        return true;
    if (!cert_extension(c, EXT_CRL_POINTS, &points))
        return false;
    struct der outer = der_open(points), list = der_enter(&outer, DER_SEQ);
    while (list.rest.n && !list.bad) {
        struct der d = der_enter(&list, DER_SEQ);
        if (!der_optional(&d, DER_CTX(0), &name))
            continue;
        struct der full = der_open(name);
        if (der_optional(&full, DER_CTX(0), &names) && share_a_name(names, crl->point_names))
            return true;
    }
    return false;
}

bool crl_parse(struct arena *a, struct sv bytes, struct crl_info *ret, struct err *e)
{
    struct crl crl;
    struct err ignored;
    struct sv der;
    *ret = (struct crl_info){0};
    if (!pem_decode(a, "X509 CRL", bytes, &der, &ignored) || !crl_read(der, &crl))
        return err_user(e, ERR_BAD_INPUT, "crl_unreadable", NULL, "not a revocation list in PEM or DER form");
    ret->der = arena_sv(a, der);
    ret->issuer_der = arena_sv(a, crl.issuer_der);
    ret->issuer = name_text(a, ret->issuer_der);
    ret->this_update_at = crl.this_update_at;
    ret->next_update_at = crl.next_update_at;
    struct der list = der_open(crl.entries);
    struct der_item item;
    while (der_next(&list, &item))
        ret->entries++;
    return true;
}

/* Does silence of the list mean anything? Expired certificates leave it, unless it says that it keeps them. */
static bool would_list(const struct crl *crl, const struct cert *c)
{
    return crl->this_update_at <= c->not_after_at ||
           (crl->keeps_expired && crl->expired_kept_from_at <= c->not_after_at);
}

struct revocation_answer crl_answer_for(struct arena *a, struct chain_cache *cache, struct sv der,
                                        const struct cert *cert, const struct cert *issuer)
{
    struct revocation_answer r = {0};
    struct crl crl;
    if (!chain_cache_spend_bytes(cache, der.n) || !crl_read(der, &crl) || !crl.usable ||
        !sv_eq(crl.issuer_der, issuer->subject_der) || !covers(&crl, cert) ||
        (issuer->has_key_usage && !(issuer->key_usage & KU_CRL_SIGN)) ||
        !chain_cache_verify(a, cache, der, &crl.parts, issuer))
        return r;
    r.this_update_at = crl.this_update_at;
    r.next_update_at = crl.next_update_at;
    enum crl_entry found = crl_find(a, &crl, cert->serial_hex, &r.revoked);
    if (found == CRL_LISTED)
        r.state = REVOCATION_REVOKED;
    else if (found == CRL_NOT_LISTED && would_list(&crl, cert))
        r.state = REVOCATION_GOOD;
    return r;
}
