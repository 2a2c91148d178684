/* Certificates: asking for them, keeping the keys that stay, revoking what led to nothing. The order is always: write
 * down what will be asked, ask, write down the outcome; no transaction is open while the CA is asked. */
#include "crypto/key.h"
#include "trust/trust_priv.h"

#define KEY_VALIDITY_DAYS 1095
#define DAY_SECONDS       ((int64_t)86400)
#define TEXT_MAX          200

bool issue_cert(struct trust *t, struct arena *a, struct issue_order *order, const struct cert **ret_cert,
                struct certs *ret_chain, struct err *e)
{
    struct trust_ca_request *r = &order->request;
    if (!t->ca.issue)
        return err_user(e, ERR_UNAVAILABLE, "ca_unavailable", NULL, "no certificate authority is configured");
    struct sv csr = {0}, cert_pem = {0}, chain_pem = {0};
    if (!csr_make(a, order->key, &order->subject, &csr, e))
        return err_wrap(e, "certificate request");
    r->csr_pem = pem_encode(a, "CERTIFICATE REQUEST", csr);
    if (!t->ca.issue(t->ca.ctx, a, r, &cert_pem, &chain_pem, e))
        return false;
    const struct cert_wish wish = {.public_der = key_public_der(a, order->key),
                                   .common_name = r->common_name,
                                   .allowed_id = r->organization_id};
    return inspect_issued(t, a, cert_pem, chain_pem, &wish, ret_cert, ret_chain, e);
}

struct mark {
    struct sv request_id;
    int64_t now;
};

static bool mark_revoked(struct tx *tx, void *arg, struct err *e)
{
    const struct mark *m = arg;
    return store_cert_revoked(tx, m->request_id, m->now, e);
}

static bool revoke_request(struct trust *t, struct sv request_id, struct err *e)
{
    if (!t->ca.revoke)
        return err_user(e, ERR_UNAVAILABLE, "ca_unavailable", NULL, "no certificate authority is configured");
    struct mark m = {request_id, clock_now(t->clock)};
    return t->ca.revoke(t->ca.ctx, request_id, e) && tx_run(t->db, mark_revoked, &m, e);
}

size_t revoke_requests(struct trust *t, const struct svs *requests)
{
    size_t done = 0;
    for (size_t i = 0; i < requests->n; i++) {
        struct err why = ERR_INIT;
        if (revoke_request(t, requests->v[i], &why))
            done++;
        else if (err_may_retry(why.code))
            break; /* the CA is away: the rest would only wait for it too */
    }
    return done;
}

/* --- trust_key_ensure
 * ---------------------------------------------------------------------------------------------------- */

enum key_kind key_suite_kind(enum key_suite s)
{
    return s == KEY_SUITE_GM ? KEY_SM2 : KEY_P256;
}

struct ensure {
    struct trust *t;
    struct arena *a;
    enum key_suite suite;
    const struct trust_key_in *in;
    struct sv owner_purpose;
    struct cert_row cert;
    struct sealed_key key;
    struct svs orphans;
    bool found;
};

/* Either the key that is there, or a row that says which certificate will be asked for. */
static bool ensure_begin(struct tx *tx, void *arg, struct err *e)
{
    struct ensure *n = arg;
    if (!store_key_live(tx, n->a, n->in->owner, n->in->purpose, n->suite, &n->key, &n->found, e))
        return false;
    if (n->found)
        return true;
    return store_key_orphans(tx, n->a, n->owner_purpose, &n->orphans, e) &&
           store_cert_ask(tx, &n->cert, clock_now(n->t->clock), e);
}

/* Another thread may have been faster: then its key counts, and our request is an orphan that the caller revokes. */
static bool ensure_end(struct tx *tx, void *arg, struct err *e)
{
    struct ensure *n = arg;
    struct sealed_key there;
    if (!store_key_live(tx, n->a, n->in->owner, n->in->purpose, n->suite, &there, &n->found, e))
        return false;
    if (n->found) {
        n->key = there;
        return true;
    }
    return store_cert_issued(tx, n->cert.request_id, n->key.key.serial_hex, n->key.key.cert_der, n->key.key.created_at,
                             e) &&
           store_key_add(tx, &n->key, e);
}

static bool ensure_check(const struct trust_key_in *in, struct err *e)
{
    if (in->owner.n < 1 || in->owner.n > 100 || in->purpose.n < 1 || in->purpose.n > 100 || in->act.n > TEXT_MAX)
        return err_set(e, ERR_BAD_INPUT, "owner and purpose of a key have 1 to 100 bytes");
    if (in->common_name.n < 1 || in->common_name.n > TEXT_MAX || in->organization.n > TEXT_MAX ||
        in->organization_id.n > TEXT_MAX)
        return err_set(e, ERR_BAD_INPUT, "the names of a key have 1 to %d bytes", TEXT_MAX);
    return true;
}

/* Fills n->key from a fresh key and its certificate. */
static bool ensure_make(struct ensure *n, struct err *e)
{
    const struct trust_key_in *in = n->in;
    CLEANUP(key_cleanup) struct key *key = NULL;
    if (!key_generate(key_suite_kind(n->suite), &key, e))
        return err_wrap(e, "new key");
    struct issue_order order = {
            .request = {.request_id = n->cert.request_id,
                        .common_name = in->common_name,
                        .subject_serial = in->organization_id,
                        .organization = in->organization,
                        .organization_id = in->organization_id,
                        .act_uri = in->act,
                        .validity_seconds =
                                (in->validity_days > 0 ? in->validity_days : KEY_VALIDITY_DAYS) * DAY_SECONDS},
            .subject = {.common_name = in->common_name,
                        .organization = in->organization,
                        .country = SV("CN"),
                        .serial_number = in->organization_id},
            .key = key,
    };
    const struct cert *c = NULL;
    struct certs chain = {0};
    if (!issue_cert(n->t, n->a, &order, &c, &chain, e))
        return false;
    n->key = (struct sealed_key){
            .key = {.id = n->cert.ref,
                    .owner = in->owner,
                    .purpose = in->purpose,
                    .state = TRUST_KEY_active,
                    .subject = c->subject,
                    .cert_der = c->der,
                    .chain_pem = certs_pem(n->a, &chain),
                    .cert_sha256_hex = digest_hex(n->a, &c->sha256),
                    .serial_hex = c->serial_hex,
                    .not_before_at = c->not_before_at,
                    .not_after_at = c->not_after_at,
                    .created_at = clock_now(n->t->clock),
                    .suite = sv_from(key_suite_name(n->suite)),
                    .algorithm = sv_from(key_kind_name(key_suite_kind(n->suite)))},
            .request_id = n->cert.request_id,
    };
    vault_seal(n->t, n->a, key, n->key.key.id, &n->key.kek, &n->key.sealed);
    return true;
}

static bool ensure_found(struct ensure *n, struct sealed_key *ret, struct err *e)
{
    if (n->key.key.state != TRUST_KEY_active)
        return err_user(e, ERR_CONFLICT, "key_not_usable", NULL, "the key of %.*s for %.*s is suspended",
                        SV_ARG(n->in->owner), SV_ARG(n->in->purpose));
    *ret = n->key;
    return true;
}

static bool abandon_request(struct tx *tx, void *arg, struct err *e)
{
    struct ensure *n = arg;
    return store_key_orphans(tx, n->a, n->owner_purpose, &n->orphans, e);
}

bool ensure_key(struct trust *t, struct arena *a, const struct trust_key_in *in, enum key_suite suite,
                struct sealed_key *ret, struct err *e)
{
    if (!ensure_check(in, e))
        return false;
    int64_t now = clock_now(t->clock);
    struct ensure n = {
            .t = t,
            .a = a,
            .suite = suite,
            .in = in,
            .owner_purpose = arena_printf(a, "%.*s|%.*s%s", SV_ARG(in->owner), SV_ARG(in->purpose),
                                          suite == KEY_SUITE_GM ? "|gm" : ""),
            .cert = {.request_id = id_new(a, now), .subject_of = SV("key"), .ref = id_new(a, now)}
    };
    n.cert.purpose = n.owner_purpose;
    if (!tx_run(t->db, ensure_begin, &n, e))
        return err_wrap(e, "key");
    if (n.found)
        return ensure_found(&n, ret, e);
    revoke_requests(t, &n.orphans);
    bool ok = ensure_make(&n, e) && tx_run(t->db, ensure_end, &n, e);
    if (!ok || n.found) {
        struct err ignored = ERR_INIT; /* what cannot be revoked now is found by the next call */
        n.orphans = (struct svs){0};
        if (tx_run(t->db, abandon_request, &n, &ignored))
            revoke_requests(t, &n.orphans);
    }
    return (ok || err_wrap(e, "key of %.*s", SV_ARG(in->owner))) && ensure_found(&n, ret, e);
}

bool trust_key_ensure(struct trust *t, struct arena *a, const struct trust_key_in *in, struct trust_key *ret,
                      struct err *e)
{
    struct sealed_key k;
    if (t->suite == TRUST_SUITE_DUAL && !ensure_key(t, a, in, KEY_SUITE_GM, &k, e))
        return false;
    if (!ensure_key(t, a, in, t->suite == TRUST_SUITE_GM ? KEY_SUITE_GM : KEY_SUITE_INTL, &k, e))
        return false;
    *ret = k.key;
    return true;
}

struct read_key {
    struct arena *a;
    struct sv id;
    struct sealed_key key;
    struct svs requests;
};

static bool read_key(struct tx *tx, void *arg, struct err *e)
{
    struct read_key *r = arg;
    return store_key_get(tx, r->a, r->id, &r->key, e) && store_key_revoked_requests(tx, r->a, &r->key, &r->requests, e);
}

bool trust_key_revoke_at_ca(struct trust *t, struct sv id, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)1 << 20);
    struct read_key r = {.a = &a, .id = id};
    if (!tx_run_mode(t->db, TX_READ, read_key, &r, e))
        return false;
    for (size_t i = 0; i < r.requests.n; i++) {
        if (!revoke_request(t, r.requests.v[i], e))
            return false;
    }
    return true;
}
