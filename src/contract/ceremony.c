/* The worker's steps; see ceremony.h. */
#include "contract/ceremony.h"

#include "contract/ceremony_priv.h"
#include "json/json.h"

#define SALT_SIZE 16

DB_QUERY(q_ceremony_insert, .in = "tb",
         .sql = "INSERT INTO contract_ceremony (contract_id, opened_at, consent_at, notice_sha256, read_at, "
                "identity_at, identity_ref,"
                " identity_failures, subject_salt) VALUES (?1, 0, 0, '', 0, 0, '', 0, ?2)");

bool ceremony_start(struct tx *tx, struct arena *a, struct sv contract_id, struct err *e)
{
    char salt[SALT_SIZE];
    (void)a;
    random_bytes(salt, sizeof(salt));
    return db_exec(tx, &q_ceremony_insert, DB_ARGS(DB_TEXT(contract_id), DB_BYTES(sv_of(salt, sizeof(salt)))), e);
}

/* Who held the old link may have been somebody else (a wrong number): what they agreed to and read does not count. */
DB_QUERY(q_ceremony_renew, .in = "t",
         .sql = "UPDATE contract_ceremony SET consent_at = 0, notice_sha256 = '', read_at = 0, identity_failures = 0,"
                " identity_at = 0 WHERE contract_id = ?1");

bool ceremony_renew(struct tx *tx, struct sv contract_id, struct err *e)
{
    return db_exec(tx, &q_ceremony_renew, DB_ARGS(DB_TEXT(contract_id)), e);
}

DB_QUERY(q_ceremony_get, .in = "t", .out = "iitiiib",
         .sql = "SELECT opened_at, consent_at, notice_sha256, read_at, identity_at, identity_failures, subject_salt"
                " FROM contract_ceremony WHERE contract_id = ?1");

bool ceremony_load(struct tx *tx, struct arena *a, struct sv contract_id, struct ceremony_row *ret, struct err *e)
{
    struct db_rows r;
    if (!db_one(tx, a, &q_ceremony_get, DB_ARGS(DB_TEXT(contract_id)), &r, e))
        return err_wrap(e, "ceremony of %.*s", SV_ARG(contract_id));
    *ret = (struct ceremony_row){.opened_at = db_int(&r, 0, 0),
                                 .consent_at = db_int(&r, 0, 1),
                                 .read_at = db_int(&r, 0, 3),
                                 .identity_at = db_int(&r, 0, 4),
                                 .identity_failures = db_int(&r, 0, 5),
                                 .salt = db_bytes(&r, 0, 6)};
    return true;
}

bool ceremony_salt(struct tx *tx, struct arena *a, struct sv contract_id, struct sv *ret, struct err *e)
{
    struct ceremony_row row;
    if (!ceremony_load(tx, a, contract_id, &row, e))
        return false;
    *ret = row.salt;
    return true;
}

enum ceremony_step ceremony_step_of(enum contract_state state, const struct ceremony_row *row)
{
    switch (state) {
    case CONTRACT_SENT:
        if (!row->consent_at)
            return CEREMONY_terms;
        if (!row->read_at)
            return CEREMONY_read;
        return row->identity_at ? CEREMONY_sign : CEREMONY_identity;
    case CONTRACT_WORKER_STAMPING:
        return CEREMONY_stamping;
    case CONTRACT_DRAFT:
    case CONTRACT_DECLINED:
    case CONTRACT_WITHDRAWN:
    case CONTRACT_LAPSED:
    case CONTRACT_VOID:
        return CEREMONY_closed;
    case CONTRACT_WORKER_SIGNED:
    case CONTRACT_EMPLOYER_SIGNED:
    case CONTRACT_EMPLOYER_STAMPING:
    case CONTRACT_EFFECTIVE:
    case CONTRACT_SUSPENDED:
    case CONTRACT_CHANGED:
    case CONTRACT_RENEWED:
    case CONTRACT_TERMINATED:
    case CONTRACT_EXPIRED:
    case CONTRACT_ARCHIVED:
    case CONTRACT_STATE__COUNT:
        break;
    }
    return CEREMONY_done;
}

const char *ceremony_step_name(enum ceremony_step s)
{
    static const char *const names[] = {
#define X(name) #name,
            CEREMONY_STEPS(X)
#undef X
    };
    return names[s];
}

struct sv ceremony_code_subject(struct arena *a, struct sv contract_id)
{
    return arena_printf(a, "sign:%.*s", SV_ARG(contract_id));
}

/* One step on its way through a transaction. */
struct step {
    struct contracts *c;
    struct arena *a;
    const struct actor *actor;
    struct contract k;
    struct contract_parties parties;
    struct ceremony_row row;
    struct contract_revision document;
    struct sv notice_sha256, code, drawing, why, address, token;
    struct registry_answer answer;
    int64_t pages;
    struct session *session;
};

/* The contract of the actor's session, with its ceremony and document. */
static bool step_load(struct step *s, struct tx *tx, struct err *e)
{
    return contract_load(s->c, tx, s->a, s->actor, s->actor->contract_id, &s->k, e) &&
           contract_load_parties(s->c, tx, s->a, &s->k, &s->parties, e) &&
           ceremony_load(tx, s->a, s->k.row.id, &s->row, e) &&
           contract_find_revision(tx, s->a, s->k.row.id, SV("sent"), &s->document, e);
}

/* Steps before the act are possible only while the contract waits for the worker and the deadline has not passed. */
static bool require(const struct step *s, enum ceremony_step least, struct err *e)
{
    enum ceremony_step at = ceremony_step_of(s->k.row.state, &s->row);
    if (s->k.row.state != CONTRACT_SENT)
        return err_user(e, ERR_CONFLICT, "contract_state", NULL, "step in state %s",
                        contract_state_name(s->k.row.state));
    if (s->k.row.sign_by <= clock_now(s->c->s.clock))
        return err_user(e, ERR_GONE, "link_expired", NULL, "the deadline has passed");
    if (at < least)
        return err_user(e, ERR_CONFLICT, "ceremony_order", NULL, "at %s, asked for %s", ceremony_step_name(at),
                        ceremony_step_name(least));
    return true;
}

/* ---- the link ---- */

DB_QUERY(q_ceremony_opened, .in = "ti",
         .sql = "UPDATE contract_ceremony SET opened_at = ?2 WHERE contract_id = ?1 AND opened_at = 0");

static bool open_tx(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    if (!contract_by_link(s->c, tx, s->a, contract_token_hash(s->a, s->token), &s->k, e))
        return false;
    if (s->k.row.state == CONTRACT_SENT && s->k.row.sign_by <= clock_now(s->c->s.clock))
        return err_user(e, ERR_GONE, "link_expired", NULL, "the deadline has passed");
    if (!session_new_signer(s->c->s.party, tx, s->a, s->k.row.id, s->k.row.person_id, s->k.row.worker_name, s->address,
                            s->session, e))
        return false;
    return db_exec(tx, &q_ceremony_opened, DB_ARGS(DB_TEXT(s->k.row.id), DB_INT(clock_now(s->c->s.clock))), e) &&
           contract_note_event(s->c, tx, s->a, s->k.row.id, "opened", &s->session->actor, NULL, 0, e);
}

bool ceremony_open(struct contracts *c, struct arena *a, struct sv token, struct sv address, struct session *ret,
                   struct err *e)
{
    struct step s = {.c = c, .a = a, .token = token, .address = address, .session = ret};
    return tx_run(c->s.db, open_tx, &s, e) ? true : err_wrap(e, "open link");
}

/* ---- consent and reading ---- */

DB_QUERY(q_ceremony_consent, .in = "tit",
         .sql = "UPDATE contract_ceremony SET consent_at = ?2, notice_sha256 = ?3 WHERE contract_id = ?1 AND "
                "consent_at = 0");

static bool consent_tx(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    struct ceremony_notice notice;
    if (!step_load(s, tx, e) || !require(s, CEREMONY_terms, e) ||
        !ceremony_notice_make(s->c, s->a, &s->parties, &notice, e))
        return false;
    if (!sv_eq(notice.sha256, s->notice_sha256))
        return err_user(e, ERR_CONFLICT, "ceremony_notice", "/notice_sha256", "another text of the notice");
    if (s->row.consent_at)
        return true;
    const struct contract_note notes[] = {
            {"notice",        notice.version},
            {"notice_sha256", notice.sha256 }
    };
    return db_exec(tx, &q_ceremony_consent,
                   DB_ARGS(DB_TEXT(s->k.row.id), DB_INT(clock_now(s->c->s.clock)), DB_TEXT(notice.sha256)), e) &&
           contract_note_event(s->c, tx, s->a, s->k.row.id, "consented", s->actor, notes, COUNT(notes), e);
}

bool ceremony_consent(struct contracts *c, struct arena *a, const struct actor *actor, struct sv notice_sha256,
                      struct err *e)
{
    struct step s = {.c = c, .a = a, .actor = actor, .notice_sha256 = notice_sha256};
    return tx_run(c->s.db, consent_tx, &s, e) ? true : err_wrap(e, "consent");
}

static bool load_document(struct step *s, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    return tx_begin(s->c->s.db, TX_READ, &tx, e) && step_load(s, tx, e);
}

bool ceremony_document(struct contracts *c, struct arena *a, const struct actor *actor, struct sv *ret_pdf,
                       struct sv *ret_sha256, struct err *e)
{
    struct step s = {.c = c, .a = a, .actor = actor};
    /* a link must not show the text for ever: after signing the worker reads it by phone and code */
    if (!load_document(&s, e) || !require(&s, CEREMONY_terms, e) ||
        !blob_get(c->s.blobs, a, s.document.sha256, ret_pdf, e))
        return err_wrap(e, "document to be signed");
    *ret_sha256 = s.document.sha256;
    return true;
}

DB_QUERY(q_ceremony_read, .in = "ti",
         .sql = "UPDATE contract_ceremony SET read_at = ?2 WHERE contract_id = ?1 AND read_at = 0");

static bool read_tx(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    if (!step_load(s, tx, e) || !require(s, CEREMONY_read, e))
        return false;
    if (!sv_eq(s->document.sha256, s->notice_sha256) || s->pages != s->document.pages)
        return err_user(e, ERR_CONFLICT, "ceremony_document", "/document_sha256", "not the document to be signed");
    if (s->row.read_at)
        return true;
    const struct contract_note notes[] = {
            {"document_sha256", s->document.sha256}
    };
    return db_exec(tx, &q_ceremony_read, DB_ARGS(DB_TEXT(s->k.row.id), DB_INT(clock_now(s->c->s.clock))), e) &&
           contract_note_event(s->c, tx, s->a, s->k.row.id, "read", s->actor, notes, COUNT(notes), e);
}

bool ceremony_read(struct contracts *c, struct arena *a, const struct actor *actor, struct sv document_sha256,
                   int64_t pages, struct err *e)
{
    struct step s = {.c = c, .a = a, .actor = actor, .notice_sha256 = document_sha256, .pages = pages};
    return tx_run(c->s.db, read_tx, &s, e) ? true : err_wrap(e, "read");
}

/* ---- identity ---- */

DB_QUERY(q_ceremony_attempt, .in = "ti",
         .sql = "UPDATE contract_ceremony SET identity_failures = identity_failures + 1"
                " WHERE contract_id = ?1 AND identity_failures < ?2");
DB_QUERY(q_ceremony_attempt_back, .in = "t",
         .sql = "UPDATE contract_ceremony SET identity_failures = identity_failures - 1"
                " WHERE contract_id = ?1 AND identity_failures > 0");
DB_QUERY(q_ceremony_identity, .in = "tit",
         .sql = "UPDATE contract_ceremony SET identity_at = ?2, identity_ref = ?3 WHERE contract_id = ?1");

/* An attempt is counted before the registry is asked and given back when it was right, so that attempts at the same
 * moment cannot pass the limit together. */
static bool attempt_tx(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    int64_t changed;
    if (!db_exec_changed(tx, &q_ceremony_attempt, DB_ARGS(DB_TEXT(s->k.row.id), DB_INT(CEREMONY_IDENTITY_ATTEMPTS)),
                         &changed, e))
        return false;
    return changed || err_user(e, ERR_LIMIT, "identity_locked", NULL, "too many wrong attempts");
}

static bool attempt_back_tx(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    return db_exec(tx, &q_ceremony_attempt_back, DB_ARGS(DB_TEXT(s->k.row.id)), e);
}

static bool identity_failed_tx(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    return contract_note_event(s->c, tx, s->a, s->k.row.id, "identity_failed", s->actor, NULL, 0, e);
}

/* A code to the phone, with its event; in the caller's transaction. */
static bool issue_code(struct step *s, struct tx *tx, struct err *e)
{
    struct code_issued code;
    return code_issue(s->c->s.party, tx, s->a, ceremony_code_subject(s->a, s->k.row.id), &code, e) &&
           contract_note_event(s->c, tx, s->a, s->k.row.id, "code_sent", s->actor, NULL, 0, e) &&
           contract_message_worker(s->c, tx, s->a, &s->k, &s->parties, "sms.sign_code", code.code, e);
}

static bool identity_tx(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    const struct contract_note notes[] = {
            {"method",    s->answer.method   },
            {"reference", s->answer.reference}
    };
    int64_t expires_at, resend_after;
    if (!step_load(s, tx, e) || !require(s, CEREMONY_identity, e))
        return false;
    if (!db_exec(tx, &q_ceremony_attempt_back, DB_ARGS(DB_TEXT(s->k.row.id)), e) ||
        !db_exec(tx, &q_ceremony_identity,
                 DB_ARGS(DB_TEXT(s->k.row.id), DB_INT(clock_now(s->c->s.clock)), DB_TEXT(s->answer.reference)), e) ||
        !contract_note_event(s->c, tx, s->a, s->k.row.id, "identified", s->actor, notes, COUNT(notes), e))
        return false;
    /* proven a second time within the minute: the code that was sent is still good */
    if (code_status(s->c->s.party, tx, s->a, ceremony_code_subject(s->a, s->k.row.id), &expires_at, &resend_after, e)) {
        if (resend_after > clock_now(s->c->s.clock))
            return true;
    } else if (e->code != ERR_NOT_FOUND) {
        return false;
    }
    err_clear(e);
    return issue_code(s, tx, e);
}

bool ceremony_identity(struct contracts *c, struct arena *a, const struct actor *actor, struct sv name,
                       struct sv id_number, struct err *e)
{
    struct step s = {.c = c, .a = a, .actor = actor};
    struct err second;
    if (!load_document(&s, e) || !require(&s, CEREMONY_identity, e) || !tx_run(c->s.db, attempt_tx, &s, e))
        return err_wrap(e, "identity");
    if (!person_check_identity(c->s.party, a, &s.parties.worker, name, id_number, &s.answer, e)) {
        /* wrong: the attempt stays counted; not decided (the registry is away, a slip of the keys): it is given back */
        if (!tx_run(c->s.db, e->code == ERR_REFUSED ? identity_failed_tx : attempt_back_tx, &s, &second))
            *e = second;
        return err_wrap(e, "identity");
    }
    return tx_run(c->s.db, identity_tx, &s, e) ? true : err_wrap(e, "identity");
}

static bool code_tx(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    return step_load(s, tx, e) && require(s, CEREMONY_sign, e) && issue_code(s, tx, e);
}

bool ceremony_send_code(struct contracts *c, struct arena *a, const struct actor *actor, struct err *e)
{
    struct step s = {.c = c, .a = a, .actor = actor};
    return tx_run(c->s.db, code_tx, &s, e) ? true : err_wrap(e, "send code");
}

/* ---- the act ---- */

static bool sign_tx(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    int64_t now = clock_now(s->c->s.clock);
    if (!step_load(s, tx, e) || !require(s, CEREMONY_sign, e) ||
        !code_use(s->c->s.party, tx, s->a, ceremony_code_subject(s->a, s->k.row.id), s->code, e))
        return false;
    const struct contract_intent intent = {.id = id_new(s->a, now),
                                           .contract_id = s->k.row.id,
                                           .party = PARTY_WORKER,
                                           .document_sha256 = s->document.sha256,
                                           .approved_by = actor_label(s->a, s->actor),
                                           .factor = SV("otp"),
                                           .approved_at = now,
                                           .drawing = s->drawing,
                                           .address = s->actor->address};
    const struct contract_note notes[] = {
            {"intent",          intent.id             },
            {"document_sha256", intent.document_sha256}
    };
    return contract_apply(s->c, tx, s->a, s->k.row.id, CONTRACT_EV_WORKER_ACT, s->actor, notes, COUNT(notes), e) &&
           contract_intend(s->c, tx, s->a, &intent, e) && session_end(s->c->s.party, tx, s->actor->session, e) &&
           session_new_worker(s->c->s.party, tx, s->a, s->k.row.person_id, s->k.row.id, s->parties.worker.phone,
                              s->k.row.worker_name, s->actor->address, s->session, e);
}

bool ceremony_sign(struct contracts *c, struct arena *a, const struct actor *actor, struct sv code, struct sv drawing,
                   const struct typeset_ink *ink, struct session *ret, struct err *e)
{
    struct step s = {.c = c, .a = a, .actor = actor, .code = code, .drawing = drawing, .session = ret};
    if (!load_document(&s, e) || !require(&s, CEREMONY_sign, e) || !typeset_ink_check(ink, e) ||
        !code_check(c->s.party, a, ceremony_code_subject(a, s.k.row.id), code, e) || !tx_run(c->s.db, sign_tx, &s, e))
        return err_wrap(e, "sign");
    return true;
}

static bool decline_tx(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    const struct contract_note notes[] = {
            {"note", s->why}
    };
    return step_load(s, tx, e) && require(s, CEREMONY_terms, e) &&
           contract_apply(s->c, tx, s->a, s->k.row.id, CONTRACT_EV_DECLINE, s->actor, notes, COUNT(notes), e) &&
           contract_message_employer(s->c, tx, s->a, &s->k, &s->parties, "mail.declined", e);
}

bool ceremony_decline(struct contracts *c, struct arena *a, const struct actor *actor, struct sv why, struct err *e)
{
    struct step s = {.c = c, .a = a, .actor = actor, .why = why};
    return tx_run(c->s.db, decline_tx, &s, e) ? true : err_wrap(e, "decline");
}
