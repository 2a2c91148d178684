/* trust_sign_pdf: prepare, write down the approval, certificate, signature, timestamp, verify. The order matters: what
 * the document itself forbids is found before anything is written or asked; the approval is durable before a
 * certificate exists; the result is given out only with its token inside and after our own verifier has read it back.
 */
#include "crypto/cms.h"
#include "crypto/key.h"
#include "pdf/verify.h"
#include "trust/trust_priv.h"

#define NAME_MAX_BYTES 200

struct act {
    struct trust *t;
    struct arena *a;
    const struct trust_sign_request *r;
    struct sv use_id;
    struct cert_row request; /* act keys */
    struct svs orphans;
    struct sealed_key row; /* vault keys */
    struct key *key;       /* act keys */
    const struct cert *cert;
    struct certs chain;
    struct sv act_hash_hex;
    struct pdf_prepared prepared;
    struct sv signed_pdf;
    struct digest digest;
    struct sv cms;
    struct stamp stamp;
    struct trust_signed *ret;
};

static bool is_act_key(const struct act *s)
{
    return s->r->signer.key_id.n == 0;
}

static bool check_request(const struct trust_sign_request *r, struct err *e)
{
    const struct trust_auth *auth = &r->auth;
    if (auth->act.n < 1 || auth->act.n > 64 || auth->approved_by.n < 1 || auth->approved_by.n > 200 ||
        auth->factor.n < 1 || auth->factor.n > 100 || auth->detail.n > 4000 || auth->approved_at <= 0)
        return err_set(e, ERR_BAD_INPUT, "an authorisation says act, who, by which factor and when");
    const struct trust_signer *who = &r->signer;
    if (who->key_id.n == 0 &&
        (who->common_name.n < 1 || who->common_name.n > NAME_MAX_BYTES || who->subject_hash.n > 128))
        return err_set(e, ERR_BAD_INPUT, "an act key needs the name of its owner");
    if (has_id_number(who->common_name, SV("")) || has_id_number(who->subject_hash, SV("")))
        return err_set(e, ERR_BAD_INPUT, "no ID number may stand in a certificate");
    struct digest d = digest_of(DIGEST_SHA256, r->pdf);
    if (!sv_eq(digest_sv(&d), auth->document_sha256))
        return err_user(e, ERR_CONFLICT, "document_changed", NULL, "the document is not the approved one");
    return true;
}

/* --- what the document says
 * ---------------------------------------------------------------------------------------------- */

static bool prepare(struct act *s, struct sv name, struct err *e)
{
    const struct trust_sign_request *r = s->r;
    const struct pdf_sign_options o = {
            .subfilter = PDF_SUBFILTER_CADES,
            .field = r->field,
            .field_must_exist = true,
            .appearance = r->appearance,
            .buttons = r->buttons,
            .buttons_n = r->buttons_n,
            .certify = r->certify,
            .name = r->name.n > 0 ? r->name : name,
            .reason = r->reason,
            .location = r->location,
            .signing_at = clock_now(s->t->clock), /* /M: a claim; the token says when */
    };
    return pdf_sign_prepare(s->a, r->pdf, &o, &s->prepared, e);
}

/* --- the approval is written down
 * ---------------------------------------------------------------------------------------- */

static bool begin(struct tx *tx, void *arg, struct err *e)
{
    struct act *s = arg;
    const struct trust_sign_request *r = s->r;
    int64_t now = clock_now(s->t->clock);
    bool done = false;
    if (!store_act_is_done(tx, s->a, r->auth.act, &done, e))
        return false;
    if (done)
        return err_user(e, ERR_CONFLICT, "act_done", NULL, "act %.*s was signed before", SV_ARG(r->auth.act));
    if (!store_act_abandon(tx, s->a, r->auth.act, now, &s->orphans, e))
        return false;
    const struct use_row use = {s->use_id, &r->auth, r->signer.key_id, r->field};
    return store_use_begin(tx, &use, now, e) && (!is_act_key(s) || store_cert_ask(tx, &s->request, now, e));
}

static bool read_vault_key(struct tx *tx, void *arg, struct err *e)
{
    struct act *s = arg;
    if (!store_key_get(tx, s->a, s->r->signer.key_id, &s->row, e))
        return false;
    const struct trust_key *key = &s->row.key;
    int64_t now = clock_now(s->t->clock);
    if (key->state != TRUST_KEY_active || now < key->not_before_at || now >= key->not_after_at)
        return err_user(e, ERR_CONFLICT, "key_not_usable", NULL, "key %.*s is not active or not valid now",
                        SV_ARG(key->id));
    return true;
}

/* --- the certificate
 * ----------------------------------------------------------------------------------------------------- */

static bool vault_cert(struct act *s, struct err *e)
{
    const struct trust_key *key = &s->row.key;
    if (!cert_parse(s->a, key->cert_der, &s->cert, e))
        return err_wrap(e, "certificate of key %.*s", SV_ARG(key->id));
    if (s->t->production && (name_is_test(s->cert->issuer) || name_is_test(s->cert->subject)))
        return err_user(e, ERR_REFUSED, "test_cert_in_production", NULL, "key %.*s", SV_ARG(key->id));
    return key->chain_pem.n == 0 || certs_parse(s->a, key->chain_pem, &s->chain, e);
}

/* What binds the certificate to this act: the act's id and the document, so that it cannot be shown for another. */
static struct sv act_hash(struct act *s)
{
    const struct trust_auth *auth = &s->r->auth;
    struct digest d = digest_of(DIGEST_SHA256, arena_printf(s->a, "qyq act v1\n%.*s\n%.*s\n", SV_ARG(auth->act),
                                                            SV_ARG(hex_encode(s->a, auth->document_sha256))));
    return digest_hex(s->a, &d);
}

static bool record_issued(struct tx *tx, void *arg, struct err *e)
{
    struct act *s = arg;
    return store_cert_issued(tx, s->request.request_id, s->cert->serial_hex, s->cert->der, clock_now(s->t->clock), e);
}

static bool act_cert(struct act *s, struct err *e)
{
    const struct trust_signer *who = &s->r->signer;
    s->act_hash_hex = act_hash(s);
    if (!key_generate(KEY_P256, &s->key, e))
        return err_wrap(e, "act key");
    struct issue_order order = {
            .request = {.request_id = s->request.request_id,
                        .common_name = who->common_name,
                        .subject_serial = who->subject_hash,
                        .act_uri = arena_printf(s->a, "urn:qyq:act:%.*s", SV_ARG(s->act_hash_hex)),
                        .validity_seconds = ACT_VALIDITY_S},
            .subject = {.common_name = who->common_name,                 .country = SV("CN"), .serial_number = who->subject_hash },
            .key = s->key,
    };
    return issue_cert(s->t, s->a, &order, &s->cert, &s->chain, e) && tx_run(s->t->db, record_issued, s, e);
}

/* --- signature and token
 * ------------------------------------------------------------------------------------------------- */

static bool sign(struct act *s, struct err *e)
{
    const struct vault_job job = {
            .use_id = s->use_id,
            .key_id = s->r->signer.key_id,
            .act_key = s->key,
            .auth = &s->r->auth,
            .document = s->r->pdf,
            .prepared = &s->prepared,
            .signer = s->cert,
            .chain = s->chain,
    };
    bool ok = vault_sign(s->t, s->a, &job, &s->cms, &s->digest, e);
    if (s->key)
        key_free(steal(&s->key)); /* an act key signs once */
    return ok;
}

static bool stamp(struct act *s, struct err *e)
{
    struct sv value = {0};
    if (!cms_signature_value(s->a, s->cms, &value, e))
        return false;
    struct digest imprint = digest_of(DIGEST_SHA256, value);
    if (!stamp_get(s->t, s->a, &imprint, &s->stamp, e))
        return false;
    if (s->stamp.gen_at < s->cert->not_before_at || s->stamp.gen_at >= s->cert->not_after_at)
        return err_user(e, ERR_UNAVAILABLE, "tsa_unavailable", NULL,
                        "the token's time lies outside the certificate's validity");
    return cms_add_timestamp(s->a, s->cms, s->stamp.token_der, &s->cms, e);
}

/* Read back as a stranger would: every signature of the document, not only ours. */
static bool verify(struct act *s, struct err *e)
{
    struct pdf_report report;
    const struct pdf_verify_options o = {
            .trust_pem = &s->t->anchors_pem, .trust_n = s->t->anchors_pem.n > 0, .at = clock_now(s->t->clock)};
    s->signed_pdf = pdf_prepared_bytes(s->a, &s->prepared);
    if (!pdf_sign_check(s->a, &s->prepared, s->signed_pdf, e) || !pdf_verify(s->a, s->signed_pdf, &o, &report, e))
        return err_wrap(e, "self-check");
    const struct pdf_signature *last = report.signatures_n > 0 ? &report.signatures[report.signatures_n - 1] : NULL;
    bool good = last && report.integrity == PDF_INTACT && last->coverage == PDF_COVERS_WHOLE && last->has_timestamp &&
                last->timestamp.valid && last->timestamp.at == s->stamp.gen_at && last->trust != PDF_TRUST_FAILED;
    return good || err_set(e, ERR_INTERNAL, "self-check: %s, %s, %zu signatures", pdf_integrity_name(report.integrity),
                           last ? pdf_trust_name(last->trust) : "-", report.signatures_n);
}

static void fill(struct act *s)
{
    struct digest whole = digest_of(DIGEST_SHA256, s->signed_pdf);
    *s->ret = (struct trust_signed){
            .use_id = s->use_id,
            .pdf = s->signed_pdf,
            .pdf_sha256 = arena_sv(s->a, digest_sv(&whole)),
            .digest = arena_sv(s->a, digest_sv(&s->digest)),
            .gen_time_ms = s->stamp.gen_at,
            .token_der = s->stamp.token_der,
            .tsa_url = s->stamp.tsa_url,
            .cert_der = s->cert->der,
            .chain_pem = certs_pem(s->a, &s->chain),
            .cert_sha256_hex = digest_hex(s->a, &s->cert->sha256),
            .serial_hex = s->cert->serial_hex,
            .act_hash_hex = s->act_hash_hex,
    };
}

static bool record_signed(struct tx *tx, void *arg, struct err *e)
{
    struct act *s = arg;
    return store_use_signed(tx, s->ret, clock_now(s->t->clock), e);
}

static bool run(struct act *s, struct err *e)
{
    if (!(is_act_key(s) ? act_cert(s, e) : vault_cert(s, e)) || !sign(s, e) || !stamp(s, e) ||
        !pdf_sign_finish(&s->prepared, s->cms, e) || !verify(s, e))
        return false;
    fill(s);
    return tx_run(s->t->db, record_signed, s, e);
}

bool trust_sign_pdf(struct trust *t, struct arena *a, const struct trust_sign_request *r, struct trust_signed *ret,
                    struct err *e)
{
    int64_t now = clock_now(t->clock);
    struct act s = {.t = t, .a = a, .r = r, .use_id = id_new(a, now), .ret = ret};
    s.request = (struct cert_row){id_new(a, now), SV("use"), s.use_id, SV("act")};
    if (t->suite != TRUST_SUITE_INTL)
        return err_user(e, ERR_UNSUPPORTED, "suite_unsupported", NULL, "only the suite intl signs so far");
    if (!check_request(r, e) || (!is_act_key(&s) && !tx_run_mode(t->db, TX_READ, read_vault_key, &s, e)))
        return err_wrap(e, "sign");
    struct sv name = r->signer.common_name;
    if (!is_act_key(&s)) {
        const struct cert *c = NULL;
        if (!cert_parse(a, s.row.key.cert_der, &c, e))
            return err_wrap(e, "sign");
        name = c->common_name;
    }
    if (!prepare(&s, name, e) || !tx_run(t->db, begin, &s, e))
        return err_wrap(e, "sign");
    revoke_requests(t, &s.orphans);
    bool ok = run(&s, e);
    if (s.key)
        key_free(steal(&s.key));
    if (ok)
        return true;
    struct err ignored = ERR_INIT; /* a certificate that cannot be revoked now is revoked at the retry */
    size_t revoked = 0;
    *ret = (struct trust_signed){0};
    if (!trust_revoke_orphans(t, r->auth.act, &revoked, &ignored))
        err_clear(&ignored);
    return err_wrap(e, "sign act %.*s", SV_ARG(r->auth.act));
}

struct give_up {
    struct arena *a;
    struct sv act;
    int64_t now;
    struct svs requests;
};

static bool give_up(struct tx *tx, void *arg, struct err *e)
{
    struct give_up *g = arg;
    return store_act_abandon(tx, g->a, g->act, g->now, &g->requests, e);
}

bool trust_revoke_orphans(struct trust *t, struct sv act, size_t *ret_revoked, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)1 << 20);
    struct give_up g = {.a = &a, .act = act, .now = clock_now(t->clock)};
    if (!tx_run(t->db, give_up, &g, e))
        return err_wrap(e, "give up act %.*s", SV_ARG(act));
    *ret_revoked = revoke_requests(t, &g.requests);
    return *ret_revoked == g.requests.n || err_user(e, ERR_UNAVAILABLE, "ca_unavailable", NULL,
                                                    "%zu of %zu certificates of act %.*s are not revoked yet",
                                                    g.requests.n - *ret_revoked, g.requests.n, SV_ARG(act));
}
