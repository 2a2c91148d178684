/* HR's operations; see contract.h. Each reads what it needs in one transaction, works outside, and commits its effect
 * in one. */
#include "contract/contract.h"

#include <stdlib.h>

#include "contract/contract_priv.h"
#include "crypto/digest.h"

#define DAY_MS               86400000LL
#define LAPSE_EVERY_MS       60000
#define STAMP_BACKOFF_MS     1000
#define STAMP_BACKOFF_MOST   30000
#define ARCHIVE_BACKOFF_MS   1000
#define ARCHIVE_BACKOFF_MOST 300000
#define ARCHIVE_DUE_EVERY_MS 3600000
#define CONTRACTS_ARENA      ((size_t)1 << 20)

/* ---- opening ---- */

static bool lapse_job(struct job *j, void *arg, struct err *e);

bool contracts_open(const struct contracts_setup *s, struct contracts **ret, struct err *e)
{
    struct contracts *c = calloc(1, sizeof(*c));
    (void)e;
    must(c != NULL);
    c->s = *s;
    arena_init(&c->arena, CONTRACTS_ARENA);
    c->s.public_url = arena_sv(&c->arena, s->public_url);
    c->s.platform_name = arena_sv(&c->arena, s->platform_name);
    c->s.producer = arena_sv(&c->arena, s->producer);
    c->s.archive.weak = arena_sv(&c->arena, s->archive.weak);
    c->kinds[0] = (struct job_kind){.kind = "contract.stamp",
                                    .run = contract_stamp_job,
                                    .dead = contract_stamp_dead,
                                    .arg = c,
                                    .first_backoff_ms = STAMP_BACKOFF_MS,
                                    .most_backoff_ms = STAMP_BACKOFF_MOST};
    c->kinds[1] = (struct job_kind){.kind = "contract.lapse", .run = lapse_job, .arg = c, .every_ms = LAPSE_EVERY_MS};
    c->kinds[2] = (struct job_kind){.kind = "contract.archive",
                                    .run = contract_archive_job,
                                    .dead = contract_archive_dead,
                                    .arg = c,
                                    .first_backoff_ms = ARCHIVE_BACKOFF_MS,
                                    .most_backoff_ms = ARCHIVE_BACKOFF_MOST};
    c->kinds[3] = (struct job_kind){.kind = "contract.archive_due",
                                    .run = contract_archive_due_job,
                                    .arg = c,
                                    .every_ms = ARCHIVE_DUE_EVERY_MS};
    *ret = c;
    return true;
}

void contracts_close(struct contracts *c)
{
    if (!c)
        return;
    arena_done(&c->arena);
    free(c);
}

void contract_job_kinds(struct contracts *c, const struct job_kind **ret, size_t *ret_n)
{
    *ret = c->kinds;
    *ret_n = COUNT(c->kinds);
}

/* ---- drafts ---- */

/* One operation on its way through a transaction; not every field is used by each. */
struct op {
    struct contracts *c;
    struct arena *a;
    const struct actor *actor;
    struct sv id;
    const struct contract_input *in;
    struct contract k;
    struct contract_parties parties;
    struct contract_data data;
    struct sv why;
    struct sv token;
    struct sv act; /* of the lock */
    struct contract_revision revision;
    struct trust_signed signature;
    int64_t sign_by;
};

static struct date today(const struct contracts *c)
{
    return date_beijing(clock_now(c->s.clock));
}

/* The template as it will be named in the contract, with its version; only kinds that the data can describe are
 * accepted. */
static bool resolve_template(struct op *o, struct err *e)
{
    struct typeset_template t;
    if (!template_find(o->a, o->in->template, &t, e))
        return false;
    o->k.row.template = arena_sv(o->a, t.name);
    o->data = o->in->data;
    for (int i = 1; i < CONTRACT_KIND__COUNT; i++) {
        if (sv_eq(t.kind, sv_from(contract_enum_name(&contract_enum_kind, i)))) {
            o->data.header.contract_kind = (enum contract_kind)i;
            return true;
        }
    }
    return err_user(e, ERR_REFUSED, "contract_template_unsupported", "/template", "kind %.*s", SV_ARG(t.kind));
}

static struct sv date_or_empty(struct arena *a, struct date d)
{
    return date_is_set(d) ? date_print(a, d) : SV("");
}

/* What the row shows of the data; parties and numbers are filled in only when the contract is looked at. */
static void row_of_input(struct op *o)
{
    struct contract_row *w = &o->k.row;
    w->post = o->data.work.post.n ? o->data.work.post : SV("");
    w->term_start = date_or_empty(o->a, o->data.term.start);
    w->term_end = date_or_empty(o->a, o->data.term.end);
    o->data.header.contract_no = SV("");
    struct sv area = o->data.employer.performance_area, service = o->data.worker.service_address;
    o->data.employer = (struct contract_employer){.performance_area = area};
    o->data.worker = (struct contract_worker){.service_address = service,
                                              .household_address = o->data.worker.household_address,
                                              .emergency_contact = o->data.worker.emergency_contact,
                                              .emergency_phone = o->data.worker.emergency_phone,
                                              .email = o->data.worker.email,
                                              .retirement = o->data.worker.retirement,
                                              .minor_registered = o->data.worker.minor_registered,
                                              .receives_pension = o->data.worker.receives_pension};
    o->k.data_json = contract_data_encode(o->a, &o->data);
}

static bool load_input(struct op *o, struct tx *tx, struct err *e)
{
    o->k.row.enterprise_id = o->actor->enterprise_id;
    o->k.row.person_id = o->in->worker_id;
    if (!contract_load_parties(o->c, tx, o->a, &o->k, &o->parties, e)) {
        if (e->code == ERR_NOT_FOUND)
            return err_user(e, ERR_NOT_FOUND, "worker_unknown", "/worker_id", "worker %.*s", SV_ARG(o->in->worker_id));
        return false;
    }
    o->k.row.worker_name = o->parties.worker.name;
    o->k.row.employer_name = o->parties.enterprise.name;
    return true;
}

bool contract_check(struct contracts *c, struct arena *a, const struct actor *actor, const struct contract_input *in,
                    enum text_lang lang, struct law_report *ret, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct op o = {.c = c, .a = a, .actor = actor, .in = in};
    if (!resolve_template(&o, e) || !tx_begin(c->s.db, TX_READ, &tx, e) || !load_input(&o, tx, e))
        return err_wrap(e, "check contract");
    contract_complete(a, &o.k, &o.parties, today(c), &o.data);
    law_check(a, c->s.law, &o.data, law_date_of(&o.data, (struct date){0}, today(c)), lang, ret);
    return true;
}

static bool create_tx(struct tx *tx, void *arg, struct err *e)
{
    struct op *o = arg;
    int64_t now = clock_now(o->c->s.clock);
    if (!load_input(o, tx, e))
        return false;
    o->k.row.id = id_new(o->a, now);
    struct sv day = date_print(o->a, today(o->c));
    o->k.row.number = arena_printf(o->a, "QYQ-%.4s%.2s%.2s-%.*s", day.p, day.p + 5, day.p + 8,
                                   SV_ARG(sv_skip(o->k.row.id, ID_LEN - 8)));
    o->k.created_at = now;
    o->k.created_by = actor_label(o->a, o->actor);
    return contract_insert(tx, o->a, &o->k, e) &&
           contract_note_event(o->c, tx, o->a, o->k.row.id, "created", o->actor, NULL, 0, e);
}

bool contract_create(struct contracts *c, struct arena *a, const struct actor *actor, const struct contract_input *in,
                     struct sv *ret_id, struct err *e)
{
    struct op o = {.c = c, .a = a, .actor = actor, .in = in};
    if (!resolve_template(&o, e))
        return err_wrap(e, "create contract");
    row_of_input(&o);
    if (!tx_run(c->s.db, create_tx, &o, e))
        return err_wrap(e, "create contract");
    *ret_id = o.k.row.id;
    return true;
}

static bool update_tx(struct tx *tx, void *arg, struct err *e)
{
    struct op *o = arg;
    struct contract old;
    if (!contract_load(o->c, tx, o->a, o->actor, o->id, &old, e) || !load_input(o, tx, e))
        return false;
    o->k.row.id = o->id;
    o->k.row.updated_at = clock_now(o->c->s.clock);
    return contract_store_draft(tx, o->a, &o->k, e) &&
           contract_note_event(o->c, tx, o->a, o->id, "edited", o->actor, NULL, 0, e);
}

bool contract_update(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                     const struct contract_input *in, struct err *e)
{
    struct op o = {.c = c, .a = a, .actor = actor, .in = in, .id = id};
    if (!resolve_template(&o, e))
        return err_wrap(e, "update contract");
    row_of_input(&o);
    return tx_run(c->s.db, update_tx, &o, e) ? true : err_wrap(e, "update contract");
}

static bool discard_tx(struct tx *tx, void *arg, struct err *e)
{
    struct op *o = arg;
    return contract_load(o->c, tx, o->a, o->actor, o->id, &o->k, e) &&
           contract_apply(o->c, tx, o->a, o->id, CONTRACT_EV_DISCARD, o->actor, NULL, 0, e);
}

bool contract_discard(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id, struct err *e)
{
    struct op o = {.c = c, .a = a, .actor = actor, .id = id};
    return tx_run(c->s.db, discard_tx, &o, e) ? true : err_wrap(e, "discard contract");
}

/* Row, parties and completed data, as of now. */
static bool load_whole(struct op *o, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    if (!tx_begin(o->c->s.db, TX_READ, &tx, e) || !contract_load(o->c, tx, o->a, o->actor, o->id, &o->k, e) ||
        !contract_load_parties(o->c, tx, o->a, &o->k, &o->parties, e) ||
        !contract_data_decode(o->a, o->k.data_json, &o->data, e))
        return false;
    contract_complete(o->a, &o->k, &o->parties, today(o->c), &o->data);
    return true;
}

bool contract_preview(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id, struct sv *ret_pdf,
                      struct err *e)
{
    struct op o = {.c = c, .a = a, .actor = actor, .id = id};
    struct typeset_document doc;
    if (!load_whole(&o, e))
        return err_wrap(e, "preview");
    if (o.k.row.state != CONTRACT_DRAFT)
        return err_user(e, ERR_CONFLICT, "contract_state", NULL, "not a draft: download the document");
    if (!contract_render(c, a, &o.k, &o.data, true, o.k.row.updated_at, &doc, e))
        return err_wrap(e, "preview");
    *ret_pdf = doc.pdf;
    return true;
}

/* ---- sending ---- */

static bool refuse_unlawful(struct op *o, bool accept_warnings, struct err *e)
{
    struct law_report report;
    law_check(o->a, o->c->s.law, &o->data, law_date_of(&o->data, (struct date){0}, today(o->c)), TEXT_ZH_CN, &report);
    if (report.blocking)
        return err_user(e, ERR_REFUSED, "contract_blocked", NULL, "finding %s", report.findings[0].rule);
    for (size_t i = 0; i < report.findings_n && !accept_warnings; i++) {
        if (report.findings[i].severity == LAW_WARN)
            return err_user(e, ERR_REFUSED, "contract_warnings", "/accept_warnings", "finding %s",
                            report.findings[i].rule);
    }
    return true;
}

/* Renders and certifies: from here on only signing may change the document (DocMDP level 2). */
static bool lock_document(struct op *o, struct err *e)
{
    struct typeset_document doc;
    struct sv blob;
    struct digest digest;
    if (!contract_render(o->c, o->a, &o->k, &o->data, false, clock_now(o->c->s.clock), &doc, e))
        return false;
    digest = digest_of(DIGEST_SHA256, doc.pdf);
    struct trust_sign_request r = {
            .pdf = doc.pdf,
            .field = SV("Lock"),
            .certify = 2,
            .reason = SV("锁定合同文本"),
            .auth = {.act = o->act,
                     .approved_by = actor_label(o->a, o->actor),
                     .factor = SV("session"),
                     .approved_at = clock_now(o->c->s.clock),
                     .document_sha256 = digest_sv(&digest),
                     .detail = o->actor->address}
    };
    if (!contract_platform_key(o->c, o->a, &r.signer.key_id, e) ||
        !trust_sign_pdf(o->c->s.trust, o->a, &r, &o->signature, e) ||
        !blob_put(o->c->s.blobs, o->a, o->signature.pdf, &blob, e))
        return err_wrap(e, "lock");
    o->revision = (struct contract_revision){.name = SV("sent"),
                                             .sha256 = blob,
                                             .size = (int64_t)o->signature.pdf.n,
                                             .pages = doc.pages,
                                             .at = clock_now(o->c->s.clock)};
    return true;
}

static bool send_tx(struct tx *tx, void *arg, struct err *e)
{
    struct op *o = arg;
    int64_t now = clock_now(o->c->s.clock);
    const struct contract_note notes[] = {
            {"document_sha256",  o->revision.sha256},
            { "sign_by", time_rfc3339(o->a,        o->sign_by)}
    };
    struct contract fresh;
    if (!contract_load(o->c, tx, o->a, o->actor, o->id, &fresh, e))
        return false;
    /* somebody edited the draft while it was rendered: what was checked is not what would be sent */
    if (fresh.row.updated_at != o->k.row.updated_at)
        return err_user(e, ERR_CONFLICT, "contract_changed_meanwhile", NULL, "edited while sending");
    o->k.row.sign_by = o->sign_by;
    return contract_apply(o->c, tx, o->a, o->id, CONTRACT_EV_SEND, o->actor, notes, COUNT(notes), e) &&
           trust_use_commit(tx, o->signature.use_id, now, e) && contract_add_revision(tx, o->id, &o->revision, e) &&
           contract_add_signature(tx, o->id, "platform", o->c->s.platform_name, &o->signature, e) &&
           contract_set_link(tx, o->id, contract_token_hash(o->a, o->token), o->sign_by, now, e) &&
           ceremony_start(tx, o->a, o->id, e) &&
           contract_message_worker(o->c, tx, o->a, &o->k, &o->parties, "sms.sign_link",
                                   contract_link(o->c, o->a, o->token), e);
}

bool contract_send(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id, bool accept_warnings,
                   int64_t sign_within_days, struct err *e)
{
    struct op o = {.c = c, .a = a, .actor = actor, .id = id};
    must(sign_within_days >= 1 && sign_within_days <= 60);
    if (!load_whole(&o, e))
        return err_wrap(e, "send");
    if (!contract_event_allowed(o.k.row.state, CONTRACT_EV_SEND))
        return err_user(e, ERR_CONFLICT, "contract_state", NULL, "send in state %s",
                        contract_state_name(o.k.row.state));
    if (!sv_eq(o.parties.enterprise.state, SV("certified")))
        return err_user(e, ERR_REFUSED, "enterprise_not_certified", NULL, "enterprise not certified");
    o.sign_by = clock_now(c->s.clock) + sign_within_days * DAY_MS;
    o.token = token_new(a);
    struct sv attempt = id_new(a, clock_now(c->s.clock));
    /* an own act for each attempt: of two at once one wins by the contract's state, and neither gives up the other's */
    o.act = arena_printf(a, "lock:%.*s:%.*s", SV_ARG(id), SV_ARG(attempt));
    if (!refuse_unlawful(&o, accept_warnings, e) || !lock_document(&o, e))
        return err_wrap(e, "send contract %.*s", SV_ARG(id));
    if (!tx_run(c->s.db, send_tx, &o, e)) {
        struct err ignored = ERR_INIT; /* given up in the books; the platform's key has no certificate to revoke */
        size_t revoked;
        if (!trust_revoke_orphans(c->s.trust, o.act, &revoked, &ignored))
            err_clear(&ignored);
        return err_wrap(e, "send contract %.*s", SV_ARG(id));
    }
    return true;
}

static bool resend_tx(struct tx *tx, void *arg, struct err *e)
{
    struct op *o = arg;
    if (!contract_load(o->c, tx, o->a, o->actor, o->id, &o->k, e) ||
        !contract_load_parties(o->c, tx, o->a, &o->k, &o->parties, e))
        return false;
    if (o->k.row.state != CONTRACT_SENT)
        return err_user(e, ERR_CONFLICT, "contract_state", NULL, "resend in state %s",
                        contract_state_name(o->k.row.state));
    return contract_set_link(tx, o->id, contract_token_hash(o->a, o->token), o->k.row.sign_by, o->k.sent_at, e) &&
           session_end_signers(o->c->s.party, tx, o->id, e) && ceremony_renew(tx, o->id, e) &&
           contract_note_event(o->c, tx, o->a, o->id, "resent", o->actor, NULL, 0, e) &&
           contract_message_worker(o->c, tx, o->a, &o->k, &o->parties, "sms.sign_link",
                                   contract_link(o->c, o->a, o->token), e);
}

bool contract_resend(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id, struct err *e)
{
    struct op o = {.c = c, .a = a, .actor = actor, .id = id, .token = token_new(a)};
    return tx_run(c->s.db, resend_tx, &o, e) ? true : err_wrap(e, "resend contract %.*s", SV_ARG(id));
}

static bool withdraw_tx(struct tx *tx, void *arg, struct err *e)
{
    struct op *o = arg;
    const struct contract_note notes[] = {
            {"note", o->why}
    };
    return contract_load(o->c, tx, o->a, o->actor, o->id, &o->k, e) &&
           contract_load_parties(o->c, tx, o->a, &o->k, &o->parties, e) &&
           contract_apply(o->c, tx, o->a, o->id, CONTRACT_EV_WITHDRAW, o->actor, notes, COUNT(notes), e) &&
           contract_message_worker(o->c, tx, o->a, &o->k, &o->parties, "sms.withdrawn", SV(""), e);
}

bool contract_withdraw(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id, struct sv why,
                       struct err *e)
{
    struct op o = {.c = c, .a = a, .actor = actor, .id = id, .why = why};
    return tx_run(c->s.db, withdraw_tx, &o, e) ? true : err_wrap(e, "withdraw contract %.*s", SV_ARG(id));
}

/* ---- sealing ---- */

static bool seal_tx(struct tx *tx, void *arg, struct err *e)
{
    struct op *o = arg;
    int64_t now = clock_now(o->c->s.clock);
    if (!contract_load(o->c, tx, o->a, o->actor, o->id, &o->k, e) ||
        !contract_load_parties(o->c, tx, o->a, &o->k, &o->parties, e))
        return false;
    const struct enterprise *n = &o->parties.enterprise;
    if (!sv_eq(n->state, SV("certified")))
        return err_user(e, ERR_REFUSED, "enterprise_not_certified", NULL, "enterprise not certified");
    if (!sv_eq(n->seal_state, SV("active")) || !n->key_id.n)
        return err_user(e, ERR_REFUSED, "seal_not_usable", NULL, "seal %.*s", SV_ARG(n->seal_id));
    if (!contract_event_allowed(o->k.row.state, CONTRACT_EV_EMPLOYER_ACT))
        return err_user(e, ERR_CONFLICT, "contract_state", NULL, "seal in state %s",
                        contract_state_name(o->k.row.state));
    if (!contract_find_revision(tx, o->a, o->id, SV("latest"), &o->revision, e))
        return false;
    const struct contract_intent intent = {.id = id_new(o->a, now),
                                           .contract_id = o->id,
                                           .party = PARTY_EMPLOYER,
                                           .document_sha256 = o->revision.sha256,
                                           .approved_by = actor_label(o->a, o->actor),
                                           .factor = SV("password"),
                                           .approved_at = now,
                                           .drawing = SV(""),
                                           .address = o->actor->address};
    const struct contract_note notes[] = {
            {"intent",          intent.id             },
            {"document_sha256", intent.document_sha256},
            {"seal",            n->seal_id            }
    };
    return contract_apply(o->c, tx, o->a, o->id, CONTRACT_EV_EMPLOYER_ACT, o->actor, notes, COUNT(notes), e) &&
           contract_intend(o->c, tx, o->a, &intent, e);
}

bool contract_seal(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id, struct err *e)
{
    struct op o = {.c = c, .a = a, .actor = actor, .id = id};
    must(actor_is_member(actor, ROLE_SEAL));
    return tx_run(c->s.db, seal_tx, &o, e) ? true : err_wrap(e, "seal contract %.*s", SV_ARG(id));
}

/* ---- the deadline ---- */

DB_QUERY(q_contract_due, .in = "i", .out = "t",
         .sql = "SELECT id FROM contract WHERE state = 'sent' AND sign_by > 0 AND sign_by <= ?1 ORDER BY sign_by LIMIT "
                "100");

static bool lapse_tx(struct tx *tx, void *arg, struct err *e)
{
    struct op *o = arg;
    return contract_load(o->c, tx, o->a, o->actor, o->id, &o->k, e) &&
           contract_load_parties(o->c, tx, o->a, &o->k, &o->parties, e) &&
           contract_apply(o->c, tx, o->a, o->id, CONTRACT_EV_LAPSE, o->actor, NULL, 0, e) &&
           contract_message_worker(o->c, tx, o->a, &o->k, &o->parties, "sms.lapsed", SV(""), e) &&
           contract_message_employer(o->c, tx, o->a, &o->k, &o->parties, "mail.lapsed", e);
}

static bool due(struct contracts *c, struct arena *a, struct db_rows *ret, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    return tx_begin(c->s.db, TX_READ, &tx, e) &&
           db_run(tx, a, &q_contract_due, DB_ARGS(DB_INT(clock_now(c->s.clock))), ret, e);
}

static bool lapse_job(struct job *j, void *arg, struct err *e)
{
    struct contracts *c = arg;
    struct actor actor = actor_system("job");
    struct db_rows r;
    if (!due(c, j->a, &r, e))
        return err_wrap(e, "lapse");
    for (size_t i = 0; i < r.n; i++) {
        struct op o = {.c = c, .a = j->a, .actor = &actor, .id = db_text(&r, i, 0)};
        /* CONFLICT: the worker signed at this very moment */
        if (!tx_run(c->s.db, lapse_tx, &o, e) && e->code != ERR_CONFLICT)
            return err_wrap(e, "lapse contract %.*s", SV_ARG(o.id));
    }
    return true;
}
