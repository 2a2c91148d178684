/* trust_sign_pdf: prepare, write down the approval, certificates, signature, timestamp, verify. The order matters: what
 * the document itself forbids is found before anything is written or asked; the approval is durable before a
 * certificate exists; the result is given out only with its tokens inside and after our own verifier has read it back.
 *
 * In the suite dual an act has two parts, each with a key and a certificate of its own: SM2 into an invisible field,
 * then ECDSA over that into the visible one. They share one approval, one use and one result; half of it is nothing. */
#include "crypto/cms.h"
#include "crypto/key.h"
#include "pdf/verify.h"
#include "trust/trust_priv.h"

#define NAME_MAX_BYTES 200
#define PARTS_MAX      2

/* One signature. */
struct part {
    enum key_suite suite;
    bool twin; /* the one that goes before the main one */
    struct sv field;
    struct cert_row request; /* act keys */
    struct sealed_key row;   /* vault keys */
    struct key *key;         /* act keys */
    const struct cert *cert;
    struct certs chain;
    struct pdf_prepared prepared;
    struct sv signed_pdf;
    struct digest digest;
    struct sv cms;
    struct stamp stamp;
};

struct act {
    struct trust *t;
    struct arena *a;
    const struct trust_sign_request *r;
    struct sv use_id;
    struct svs orphans;
    struct sv act_hash_hex;
    struct part parts[PARTS_MAX];
    size_t parts_n;
    const struct part *at; /* for a transaction about one of them */
    struct trust_signed *ret;
};

static bool is_act_key(const struct act *s)
{
    return s->r->signer.key_id.n == 0;
}

/* The last one fills the visible field. */
static struct part *main_part(struct act *s)
{
    return &s->parts[s->parts_n - 1];
}

static void plan(struct act *s)
{
    const struct trust_sign_request *r = s->r;
    int64_t now = clock_now(s->t->clock);
    must(r->certify == 0 || r->sm2_field.n == 0); /* a certification is the first signature */
    if (s->t->suite == TRUST_SUITE_DUAL && r->sm2_field.n > 0)
        s->parts[s->parts_n++] = (struct part){.suite = KEY_SUITE_GM, .twin = true, .field = r->sm2_field};
    s->parts[s->parts_n++] =
            (struct part){.suite = s->t->suite == TRUST_SUITE_GM ? KEY_SUITE_GM : KEY_SUITE_INTL, .field = r->field};
    for (size_t i = 0; i < s->parts_n; i++)
        s->parts[i].request = (struct cert_row){id_new(s->a, now), SV("use"), s->use_id, SV("act")};
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

/* --- vault keys
 * ---------------------------------------------------------------------------------------------------------- */

static bool is_usable(const struct act *s, const struct trust_key *key, struct err *e)
{
    int64_t now = clock_now(s->t->clock);
    return (key->state == TRUST_KEY_active && now >= key->not_before_at && now < key->not_after_at) ||
           err_user(e, ERR_CONFLICT, "key_not_usable", NULL, "key %.*s is not active or not valid now",
                    SV_ARG(key->id));
}

static bool read_vault_key(struct tx *tx, void *arg, struct err *e)
{
    struct act *s = arg;
    struct sealed_key named;
    if (!store_key_get(tx, s->a, s->r->signer.key_id, &named, e) || !is_usable(s, &named.key, e))
        return false;
    for (size_t i = 0; i < s->parts_n; i++) {
        struct part *p = &s->parts[i];
        bool found = true;
        if (sv_eq(named.key.suite, sv_from(key_suite_name(p->suite))))
            p->row = named;
        else if (!store_key_live(tx, s->a, named.key.owner, named.key.purpose, p->suite, &p->row, &found, e))
            return false;
        if (!found)
            p->row = (struct sealed_key){.key = named.key, .kek = {0}}; /* to be made; see make_missing */
    }
    return true;
}

static bool parse_cert(struct act *s, struct part *p, struct err *e)
{
    const struct trust_key *key = &p->row.key;
    if (!cert_parse(s->a, key->cert_der, &p->cert, e))
        return err_wrap(e, "certificate of key %.*s", SV_ARG(key->id));
    if (s->t->production && (name_is_test(p->cert->issuer) || name_is_test(p->cert->subject)))
        return err_user(e, ERR_REFUSED, "test_cert_in_production", NULL, "key %.*s", SV_ARG(key->id));
    return key->chain_pem.n == 0 || certs_parse(s->a, key->chain_pem, &p->chain, e);
}

/* The owner's key of the other suite, which the suite asks for since it was changed: under the same names. */
static bool make_missing(struct act *s, struct part *p, struct err *e)
{
    const struct trust_key *other = &p->row.key;
    const struct cert *c = NULL;
    if (!cert_parse(s->a, other->cert_der, &c, e))
        return err_wrap(e, "certificate of key %.*s", SV_ARG(other->id));
    const struct trust_key_in in = {.owner = other->owner,
                                    .purpose = other->purpose,
                                    .common_name = c->common_name,
                                    .organization = c->organization,
                                    .organization_id = c->subject_serial_number};
    return ensure_key(s->t, s->a, &in, p->suite, &p->row, e);
}

static bool vault_keys(struct act *s, struct err *e)
{
    if (!tx_run_mode(s->t->db, TX_READ, read_vault_key, s, e))
        return false;
    for (size_t i = 0; i < s->parts_n; i++) {
        struct part *p = &s->parts[i];
        if (p->row.kek.n == 0 && !make_missing(s, p, e))
            return false;
        if (!is_usable(s, &p->row.key, e) || !parse_cert(s, p, e))
            return false;
    }
    return true;
}

/* --- what the document says
 * ---------------------------------------------------------------------------------------------- */

static struct sv claimed_name(struct act *s)
{
    if (s->r->name.n > 0)
        return s->r->name;
    return is_act_key(s) ? s->r->signer.common_name : main_part(s)->cert->common_name;
}

static bool prepare(struct act *s, struct part *p, struct sv pdf, struct err *e)
{
    const struct trust_sign_request *r = s->r;
    struct pdf_sign_options o = {
            .subfilter = PDF_SUBFILTER_CADES,
            .field = p->field,
            .field_must_exist = true,
            .name = claimed_name(s),
            .reason = r->reason,
            .location = r->location,
            .signing_at = clock_now(s->t->clock), /* /M: a claim; the token says when */
    };
    if (!p->twin) {
        o.appearance = r->appearance;
        o.buttons = r->buttons;
        o.buttons_n = r->buttons_n;
        o.certify = r->certify;
    }
    return pdf_sign_prepare(s->a, pdf, &o, &p->prepared, e);
}

static bool prepare_all(struct act *s, struct err *e)
{
    for (size_t i = 0; i < s->parts_n; i++) {
        if (!prepare(s, &s->parts[i], s->r->pdf, e))
            return false;
    }
    return true;
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
    struct use_row use = {s->use_id, &r->auth, main_part(s)->row.key.id, r->field};
    if (s->parts_n > 1) {
        use.twin_field = s->parts[0].field;
        use.twin_key_id = s->parts[0].row.key.id;
    }
    if (!store_use_begin(tx, &use, now, e))
        return false;
    for (size_t i = 0; i < s->parts_n && is_act_key(s); i++) {
        if (!store_cert_ask(tx, &s->parts[i].request, now, e))
            return false;
    }
    return true;
}

/* --- the certificates of act keys
 * ---------------------------------------------------------------------------------------- */

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
    return store_cert_issued(tx, s->at->request.request_id, s->at->cert->serial_hex, s->at->cert->der,
                             clock_now(s->t->clock), e);
}

static bool act_cert(struct act *s, struct part *p, struct err *e)
{
    const struct trust_signer *who = &s->r->signer;
    if (!key_generate(key_suite_kind(p->suite), &p->key, e))
        return err_wrap(e, "act key");
    struct issue_order order = {
            .request = {.request_id = p->request.request_id,
                        .common_name = who->common_name,
                        .subject_serial = who->subject_hash,
                        .act_uri = arena_printf(s->a, "urn:qyq:act:%.*s", SV_ARG(s->act_hash_hex)),
                        .validity_seconds = ACT_VALIDITY_S},
            .subject = {.common_name = who->common_name,                 .country = SV("CN"), .serial_number = who->subject_hash },
            .key = p->key,
    };
    s->at = p;
    return issue_cert(s->t, s->a, &order, &p->cert, &p->chain, e) && tx_run(s->t->db, record_issued, s, e);
}

static bool act_certs(struct act *s, struct err *e)
{
    s->act_hash_hex = act_hash(s);
    for (size_t i = 0; i < s->parts_n; i++) {
        if (!act_cert(s, &s->parts[i], e))
            return false;
    }
    return true;
}

/* --- signature and token
 * ------------------------------------------------------------------------------------------------- */

static bool sign(struct act *s, struct part *p, struct sv document, struct err *e)
{
    const struct vault_job job = {
            .use_id = s->use_id,
            .twin = p->twin,
            .key_id = is_act_key(s) ? SV("") : p->row.key.id,
            .act_key = p->key,
            .auth = &s->r->auth,
            .approved = s->r->pdf,
            .document = document,
            .prepared = &p->prepared,
            .signer = p->cert,
            .chain = p->chain,
    };
    bool ok = vault_sign(s->t, s->a, &job, &p->cms, &p->digest, e);
    if (p->key)
        key_free(steal(&p->key)); /* an act key signs once */
    return ok;
}

static bool stamp(struct act *s, struct part *p, struct err *e)
{
    struct sv value = {0};
    if (!cms_signature_value(s->a, p->cms, &value, e))
        return false;
    const struct stamp_order order = stamp_order_of(p->suite == KEY_SUITE_GM, value);
    if (!stamp_get(s->t, s->a, &order, &p->stamp, e))
        return false;
    if (p->stamp.gen_at < p->cert->not_before_at || p->stamp.gen_at >= p->cert->not_after_at)
        return err_user(e, ERR_UNAVAILABLE, "tsa_unavailable", NULL,
                        "the token's time lies outside the certificate's validity");
    return cms_add_timestamp(s->a, p->cms, p->stamp.token_der, &p->cms, e);
}

/* Read back as a stranger would: every signature of the document, not only ours. */
static bool verify(struct act *s, struct part *p, struct err *e)
{
    struct pdf_report report;
    const struct pdf_verify_options o = {
            .trust_pem = &s->t->anchors_pem, .trust_n = s->t->anchors_pem.n > 0, .at = clock_now(s->t->clock)};
    p->signed_pdf = pdf_prepared_bytes(s->a, &p->prepared);
    if (!pdf_sign_check(s->a, &p->prepared, p->signed_pdf, e) || !pdf_verify(s->a, p->signed_pdf, &o, &report, e))
        return err_wrap(e, "self-check");
    const struct pdf_signature *last = report.signatures_n > 0 ? &report.signatures[report.signatures_n - 1] : NULL;
    bool good = last && report.integrity == PDF_INTACT && last->coverage == PDF_COVERS_WHOLE && last->has_timestamp &&
                last->timestamp.valid && last->timestamp.at == p->stamp.gen_at && last->trust != PDF_TRUST_FAILED;
    return good || err_set(e, ERR_INTERNAL, "self-check: %s, %s, %zu signatures", pdf_integrity_name(report.integrity),
                           last ? pdf_trust_name(last->trust) : "-", report.signatures_n);
}

/* Over the result of the part before, which was prepared on the approved document only to see whether it can be. */
static bool sign_part(struct act *s, struct part *p, struct sv document, struct err *e)
{
    return (p->prepared.input.p == document.p || prepare(s, p, document, e)) && sign(s, p, document, e) &&
           stamp(s, p, e) && pdf_sign_finish(&p->prepared, p->cms, e) && verify(s, p, e);
}

/* --- the result
 * ---------------------------------------------------------------------------------------------------------- */

static void fill_twin(struct act *s, const struct part *p)
{
    s->ret->has_twin = true;
    s->ret->twin = (struct trust_twin){
            .digest = arena_sv(s->a, digest_sv(&p->digest)),
            .gen_time_ms = p->stamp.gen_at,
            .token_der = p->stamp.token_der,
            .tsa_url = p->stamp.tsa_url,
            .cert_der = p->cert->der,
            .chain_pem = certs_pem(s->a, &p->chain),
            .cert_sha256_hex = digest_hex(s->a, &p->cert->sha256),
            .serial_hex = p->cert->serial_hex,
    };
    if (p->stamp.gen_at > s->ret->gen_time_ms)
        s->ret->gen_time_ms = p->stamp.gen_at;
}

static void fill(struct act *s)
{
    const struct part *p = main_part(s);
    struct digest whole = digest_of(DIGEST_SHA256, p->signed_pdf);
    *s->ret = (struct trust_signed){
            .use_id = s->use_id,
            .pdf = p->signed_pdf,
            .pdf_sha256 = arena_sv(s->a, digest_sv(&whole)),
            .digest = arena_sv(s->a, digest_sv(&p->digest)),
            .gen_time_ms = p->stamp.gen_at,
            .token_der = p->stamp.token_der,
            .tsa_url = p->stamp.tsa_url,
            .cert_der = p->cert->der,
            .chain_pem = certs_pem(s->a, &p->chain),
            .cert_sha256_hex = digest_hex(s->a, &p->cert->sha256),
            .serial_hex = p->cert->serial_hex,
            .act_hash_hex = s->act_hash_hex,
    };
    if (s->parts_n > 1)
        fill_twin(s, &s->parts[0]);
}

static bool record_signed(struct tx *tx, void *arg, struct err *e)
{
    struct act *s = arg;
    return store_use_signed(tx, s->ret, clock_now(s->t->clock), e);
}

static bool record_twin(struct tx *tx, void *arg, struct err *e)
{
    struct act *s = arg;
    struct digest whole = digest_of(DIGEST_SHA256, s->at->signed_pdf);
    fill_twin(s, s->at);
    return store_twin_signed(tx, s->use_id, &s->ret->twin, digest_sv(&whole), clock_now(s->t->clock), e);
}

static bool run(struct act *s, struct err *e)
{
    struct sv document = s->r->pdf;
    if (is_act_key(s) && !act_certs(s, e))
        return false;
    for (size_t i = 0; i < s->parts_n; i++) {
        struct part *p = &s->parts[i];
        if (!sign_part(s, p, document, e))
            return false;
        document = p->signed_pdf;
        s->at = p;
        if (p->twin && !tx_run(s->t->db, record_twin, s, e))
            return false;
    }
    fill(s);
    return tx_run(s->t->db, record_signed, s, e);
}

static void wipe_act_keys(struct act *s)
{
    for (size_t i = 0; i < s->parts_n; i++) {
        if (s->parts[i].key)
            key_free(steal(&s->parts[i].key));
    }
}

bool trust_sign_pdf(struct trust *t, struct arena *a, const struct trust_sign_request *r, struct trust_signed *ret,
                    struct err *e)
{
    struct act s = {.t = t, .a = a, .r = r, .use_id = id_new(a, clock_now(t->clock)), .ret = ret};
    *ret = (struct trust_signed){0};
    plan(&s);
    if (!check_request(r, e) || (!is_act_key(&s) && !vault_keys(&s, e)) || !prepare_all(&s, e) ||
        !tx_run(t->db, begin, &s, e))
        return err_wrap(e, "sign");
    revoke_requests(t, &s.orphans);
    bool ok = run(&s, e);
    wipe_act_keys(&s);
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
