/* Sessions: the browser holds a random token, the table its hash; see party.h. */
#include "party/party_priv.h"

/* The idle clock moves in steps, so that reading pages does not write a row each time. */
#define SEEN_STEP_MS 60000

DB_QUERY(q_session_insert, .in = "tttttttttii",
         .sql = "INSERT INTO session (id, token_hash, csrf, role, actor_id, name, enterprise_id, person_id, "
                "contract_id, created_at,"
                " seen_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11)");
DB_QUERY(q_session_prune, .in = "i", .sql = "DELETE FROM session WHERE expires_at < ?1");

static bool insert(struct party *p, struct tx *tx, struct arena *a, const struct actor *actor, struct session *ret,
                   struct err *e)
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
                           DB_INT(now), DB_INT(ret->expires_at)),
                   e);
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
    return insert(s->p, tx, s->a, s->actor, s->ret, e);
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
    return insert(p, tx, a, &actor, ret, e);
}

bool session_new_worker(struct party *p, struct tx *tx, struct arena *a, struct sv person_id, struct sv contract_id,
                        struct sv name, struct sv address, struct session *ret, struct err *e)
{
    struct actor actor = {.role = ROLE_WORKER,
                          .id = person_id,
                          .person_id = person_id,
                          .contract_id = contract_id,
                          .name = name,
                          .address = address};
    return insert(p, tx, a, &actor, ret, e);
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

DB_QUERY(q_session_find, .in = "t", .out = "ttttttttiit",
         .sql = "SELECT s.id, s.csrf, s.role, s.actor_id, s.name, s.enterprise_id, s.person_id, s.contract_id, "
                "s.seen_at, s.expires_at,"
                " COALESCE(n.name, '') FROM session s LEFT JOIN enterprise n ON n.id = s.enterprise_id WHERE "
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

static bool fetch(struct party *p, struct arena *a, struct sv token, struct db_rows *ret, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    return tx_begin(p->db, TX_READ, &tx, e) &&
           db_run(tx, a, &q_session_find, DB_ARGS(DB_TEXT(party_token_hash(a, token))), ret, e);
}

bool session_find(struct party *p, struct arena *a, struct sv token, struct sv address, struct session *ret,
                  struct err *e)
{
    struct db_rows r;
    int64_t now = clock_now(p->clock);
    if (token.n > 100 || !sv_is_utf8(token))
        return err_user(e, ERR_UNAUTHENTICATED, "session_missing", NULL, "malformed token");
    if (!fetch(p, a, token, &r, e))
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
                                .address = address,
                                .session = db_text(&r, 0, 0)};
    if (!role_parse(db_text(&r, 0, 2), &ret->actor.role))
        return err_set(e, ERR_CORRUPT, "role of a session");
    if (now - db_int(&r, 0, 8) < SEEN_STEP_MS)
        return true;
    struct seen s = {ret->actor.session, now};
    return tx_run(p->db, seen_tx, &s, e);
}
