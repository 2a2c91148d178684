/* Sessions: the browser holds a random token, the table its hash; see party.h. */
#include "party/party_priv.h"

/* The idle clock moves in steps, so that reading pages does not write a row each time. */
#define SEEN_STEP_MS 60000

DB_QUERY(q_session_insert, .in = "tttttttttiit",
         .sql = "INSERT INTO session (id, token_hash, csrf, role, actor_id, name, enterprise_id, person_id, "
                "contract_id, created_at,"
                " seen_at, expires_at, phone_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12)");
DB_QUERY(q_session_prune, .in = "i", .sql = "DELETE FROM session WHERE expires_at < ?1");

DB_QUERY(q_session_employers, .in = "tt", .out = "t",
         .sql = "SELECT enterprise_id FROM enterprise_person WHERE person_id = ?1 AND phone_hash = ?2 ORDER BY "
                "enterprise_id");

/* Any employer may state any phone for a worker. So a phone opens only what was agreed with the employers that state
 * it, which the messages to it would show as well: nobody gets at a worker's other contracts by making up a phone. */
static bool find_employers(struct tx *tx, struct arena *a, struct sv phone_hash, struct actor *actor, struct err *e)
{
    CLEANUP(buf_done) struct buf b;
    struct db_rows r;
    buf_init(&b, (size_t)1 << 20);
    if (!db_run(tx, a, &q_session_employers, DB_ARGS(DB_TEXT(actor->person_id), DB_TEXT(phone_hash)), &r, e))
        return err_wrap(e, "employers of a phone");
    for (size_t i = 0; i < r.n; i++)
        buf_printf(&b, "%s%.*s", i ? " " : "", SV_ARG(db_text(&r, i, 0)));
    actor->employers = buf_to_arena(&b, a);
    return true;
}

/* phone_hash: of a worker, else "". */
static bool insert(struct party *p, struct tx *tx, struct arena *a, const struct actor *actor, struct sv phone_hash,
                   struct session *ret, struct err *e)
{
    int64_t now = clock_now(p->clock);
    *ret = (struct session){.actor = *actor, .token = token_new(a), .csrf = token_new(a), .enterprise_name = SV("")};
    ret->expires_at = now + p->session_max_ms;
    ret->actor.session = id_new(a, now);
    struct sv object = arena_printf(a, "session:%.*s", SV_ARG(ret->actor.session));
    return db_exec(tx, &q_session_prune, DB_ARGS(DB_INT(now)), e) &&
           party_audit(tx, a, actor, "session.begin", actor->enterprise_id, object, SV(""), now, e) &&
           db_exec(tx, &q_session_insert,
                   DB_ARGS(DB_TEXT(ret->actor.session), DB_TEXT(party_token_hash(a, ret->token)), DB_TEXT(ret->csrf),
                           DB_TEXT(role_text(actor->role)), DB_TEXT(actor->id), DB_TEXT(actor->name),
                           DB_TEXT(actor->enterprise_id), DB_TEXT(actor->person_id), DB_TEXT(actor->contract_id),
                           DB_INT(now), DB_INT(ret->expires_at), DB_TEXT(phone_hash)),
                   e) &&
           (actor->role != ROLE_WORKER || find_employers(tx, a, phone_hash, &ret->actor, e));
}

struct store {
    struct party *p;
    struct arena *a;
    const struct actor *actor;
    struct session *ret;
};

static bool store_tx(struct tx *tx, void *arg, struct err *e)
{
    struct store *s = arg;
    return insert(s->p, tx, s->a, s->actor, SV(""), s->ret, e);
}

bool party_session_store(struct party *p, struct arena *a, const struct actor *actor, struct session *ret,
                         struct err *e)
{
    struct store s = {p, a, actor, ret};
    return tx_run(p->db, store_tx, &s, e);
}

bool session_new_signer(struct party *p, struct tx *tx, struct arena *a, struct sv contract_id, struct sv person_id,
                        struct sv name, struct sv address, struct session *ret, struct err *e)
{
    struct actor actor = {.role = ROLE_SIGNER,
                          .id = person_id,
                          .person_id = person_id,
                          .contract_id = contract_id,
                          .name = name,
                          .address = address};
    return insert(p, tx, a, &actor, SV(""), ret, e);
}

bool session_new_worker(struct party *p, struct tx *tx, struct arena *a, struct sv person_id, struct sv contract_id,
                        struct sv phone, struct sv name, struct sv address, struct session *ret, struct err *e)
{
    struct actor actor = {.role = ROLE_WORKER,
                          .id = person_id,
                          .person_id = person_id,
                          .contract_id = contract_id,
                          .name = name,
                          .address = address};
    return insert(p, tx, a, &actor, party_phone_hash(p, a, phone), ret, e);
}

DB_QUERY(q_session_delete, .in = "t", .sql = "DELETE FROM session WHERE id = ?1");

bool session_end(struct party *p, struct tx *tx, struct sv session_id, struct err *e)
{
    (void)p;
    return db_exec(tx, &q_session_delete, DB_ARGS(DB_TEXT(session_id)), e);
}

DB_QUERY(q_session_delete_signers, .in = "t", .sql = "DELETE FROM session WHERE contract_id = ?1 AND role = 'signer'");

bool session_end_signers(struct party *p, struct tx *tx, struct sv contract_id, struct err *e)
{
    (void)p;
    return db_exec(tx, &q_session_delete_signers, DB_ARGS(DB_TEXT(contract_id)), e);
}

DB_QUERY(q_session_find, .in = "t", .out = "ttttttttiitt",
         .sql = "SELECT s.id, s.csrf, s.role, s.actor_id, s.name, s.enterprise_id, s.person_id, s.contract_id, "
                "s.seen_at, s.expires_at,"
                " COALESCE(n.name, ''), s.phone_hash FROM session s LEFT JOIN enterprise n ON n.id = s.enterprise_id "
                "WHERE "
                "s.token_hash = ?1");
DB_QUERY(q_session_seen, .in = "ti", .sql = "UPDATE session SET seen_at = ?2 WHERE id = ?1");

struct seen {
    struct sv id;
    int64_t at;
};

static bool seen_tx(struct tx *tx, void *arg, struct err *e)
{
    struct seen *s = arg;
    return db_exec(tx, &q_session_seen, DB_ARGS(DB_TEXT(s->id), DB_INT(s->at)), e);
}

static bool fetch(struct party *p, struct arena *a, struct sv token, struct db_rows *ret, struct actor *worker,
                  struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    if (!tx_begin(p->db, TX_READ, &tx, e) ||
        !db_run(tx, a, &q_session_find, DB_ARGS(DB_TEXT(party_token_hash(a, token))), ret, e))
        return false;
    if (!ret->n || !sv_eq(db_text(ret, 0, 2), role_text(ROLE_WORKER)))
        return true;
    worker->person_id = db_text(ret, 0, 6);
    return find_employers(tx, a, db_text(ret, 0, 11), worker, e);
}

bool session_find(struct party *p, struct arena *a, struct sv token, struct sv address, struct session *ret,
                  struct err *e)
{
    struct db_rows r;
    struct actor worker = {0};
    int64_t now = clock_now(p->clock);
    if (token.n > 100 || !sv_is_utf8(token))
        return err_user(e, ERR_UNAUTHENTICATED, "session_missing", NULL, "malformed token");
    if (!fetch(p, a, token, &r, &worker, e))
        return err_wrap(e, "session");
    if (!r.n || db_int(&r, 0, 9) <= now || db_int(&r, 0, 8) + p->session_idle_ms <= now)
        return err_user(e, ERR_UNAUTHENTICATED, "session_missing", NULL, "no live session");
    *ret = (struct session){
            .csrf = db_text(&r, 0, 1), .expires_at = db_int(&r, 0, 9), .enterprise_name = db_text(&r, 0, 10)};
    ret->actor = (struct actor){.id = db_text(&r, 0, 3),
                                .name = db_text(&r, 0, 4),
                                .enterprise_id = db_text(&r, 0, 5),
                                .person_id = db_text(&r, 0, 6),
                                .contract_id = db_text(&r, 0, 7),
                                .employers = worker.employers,
                                .address = address,
                                .session = db_text(&r, 0, 0)};
    if (!role_parse(db_text(&r, 0, 2), &ret->actor.role))
        return err_set(e, ERR_CORRUPT, "role of a session");
    if (now - db_int(&r, 0, 8) < SEEN_STEP_MS)
        return true;
    struct seen s = {ret->actor.session, now};
    return tx_run(p->db, seen_tx, &s, e);
}
