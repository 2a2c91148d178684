/* The SQL of trust. Every function takes the caller's transaction. A row of trust_use and of trust_cert is written
 * before what it speaks of is done, so that nothing a CA gave or a key signed is ever unknown here. */
#include "trust/trust_priv.h"

/* --- keys
 * ---------------------------------------------------------------------------------------------------------------- */

#define KEY_COLUMNS                                                                                                    \
    "id, owner, purpose, state, subject, cert, chain, cert_sha256, serial, not_before_at, not_after_at, created_at, "  \
    "suite, algorithm, kek, sealed, request_id"
#define KEY_OUT "tttttbtttiiitttbt"

static const char *const state_names[] = {
#define X(name) #name,
        TRUST_KEY_STATES(X)
#undef X
};
_Static_assert(COUNT(state_names) == TRUST_KEY__N, "a name for each state");

const char *trust_key_state_name(enum trust_key_state state)
{
    must(state < TRUST_KEY__N);
    return state_names[state];
}

static bool key_row(const struct db_rows *r, size_t row, struct sealed_key *ret, struct err *e)
{
    *ret = (struct sealed_key){
            .key = {.id = db_text(r, row, 0),
                    .owner = db_text(r, row, 1),
                    .purpose = db_text(r, row, 2),
                    .state = TRUST_KEY__N,
                    .subject = db_text(r, row, 4),
                    .cert_der = db_bytes(r, row, 5),
                    .chain_pem = db_text(r, row, 6),
                    .cert_sha256_hex = db_text(r, row, 7),
                    .serial_hex = db_text(r, row, 8),
                    .not_before_at = db_int(r, row, 9),
                    .not_after_at = db_int(r, row, 10),
                    .created_at = db_int(r, row, 11),
                    .suite = db_text(r, row, 12),
                    .algorithm = db_text(r, row, 13)},
            .kek = db_text(r, row, 14),
            .sealed = db_bytes(r, row, 15),
            .request_id = db_text(r, row, 16),
    };
    for (size_t i = 0; i < COUNT(state_names); i++) {
        if (sv_eq(db_text(r, row, 3), sv_from(state_names[i])))
            ret->key.state = (enum trust_key_state)i;
    }
    return ret->key.state != TRUST_KEY__N || err_set(e, ERR_CORRUPT, "unknown state of a key");
}

DB_QUERY(q_trust_key_add, .in = "tttttttbtbttttiiii",
         .sql = "INSERT INTO trust_key (id, owner, purpose, suite, algorithm, state, kek, sealed, request_id, cert, "
                "chain, "
                "subject, serial, cert_sha256, not_before_at, not_after_at, created_at, state_at) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)");

bool store_key_add(struct tx *tx, const struct sealed_key *k, struct err *e)
{
    const struct trust_key *key = &k->key;
    return db_exec(tx, &q_trust_key_add,
                   DB_ARGS(DB_TEXT(key->id), DB_TEXT(key->owner), DB_TEXT(key->purpose), DB_TEXT(key->suite),
                           DB_TEXT(key->algorithm), DB_TEXT(sv_from(state_names[key->state])), DB_TEXT(k->kek),
                           DB_BYTES(k->sealed), DB_TEXT(k->request_id), DB_BYTES(key->cert_der),
                           DB_TEXT(key->chain_pem), DB_TEXT(key->subject), DB_TEXT(key->serial_hex),
                           DB_TEXT(key->cert_sha256_hex), DB_INT(key->not_before_at), DB_INT(key->not_after_at),
                           DB_INT(key->created_at), DB_INT(key->created_at)),
                   e);
}

DB_QUERY(q_trust_key_by_id, .in = "t", .out = KEY_OUT, .sql = "SELECT " KEY_COLUMNS " FROM trust_key WHERE id = ?1");

bool store_key_get(struct tx *tx, struct arena *a, struct sv id, struct sealed_key *ret, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_trust_key_by_id, DB_ARGS(DB_TEXT(id)), &r, e))
        return false;
    if (r.n == 0)
        return err_user(e, ERR_NOT_FOUND, "key_unknown", NULL, "no key %.*s", SV_ARG(id));
    return key_row(&r, 0, ret, e);
}

static const char *const suite_names[] = {"intl", "gm"};
_Static_assert(COUNT(suite_names) == KEY_SUITE__N, "a name for each suite");

const char *key_suite_name(enum key_suite s)
{
    must(s < KEY_SUITE__N);
    return suite_names[s];
}

DB_QUERY(q_trust_key_live, .in = "ttt", .out = KEY_OUT,
         .sql = "SELECT " KEY_COLUMNS
                " FROM trust_key WHERE owner = ?1 AND purpose = ?2 AND suite = ?3 AND state <> 'revoked'");

bool store_key_live(struct tx *tx, struct arena *a, struct sv owner, struct sv purpose, enum key_suite suite,
                    struct sealed_key *ret, bool *ret_found, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_trust_key_live,
                DB_ARGS(DB_TEXT(owner), DB_TEXT(purpose), DB_TEXT(sv_from(key_suite_name(suite)))), &r, e))
        return false;
    *ret_found = r.n > 0;
    return r.n == 0 || key_row(&r, 0, ret, e);
}

DB_QUERY(q_trust_key_list, .in = "i", .out = KEY_OUT,
         .sql = "SELECT " KEY_COLUMNS " FROM trust_key ORDER BY created_at DESC, id DESC LIMIT ?1");

bool trust_key_list(struct tx *tx, struct arena *a, size_t limit, struct trust_key **ret, size_t *ret_n, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_trust_key_list, DB_ARGS(DB_INT((int64_t)limit)), &r, e))
        return err_wrap(e, "list keys");
    *ret = arena_array(a, struct trust_key, r.n + 1);
    *ret_n = r.n;
    for (size_t i = 0; i < r.n; i++) {
        struct sealed_key k;
        if (!key_row(&r, i, &k, e))
            return false;
        (*ret)[i] = k.key;
    }
    return true;
}

bool trust_key_get(struct tx *tx, struct arena *a, struct sv id, struct trust_key *ret, struct err *e)
{
    struct sealed_key k;
    if (!store_key_get(tx, a, id, &k, e))
        return false;
    *ret = k.key;
    return true;
}

bool trust_key_find(struct tx *tx, struct arena *a, struct sv owner, struct sv purpose, struct trust_key *ret,
                    struct err *e)
{
    struct sealed_key k;
    for (int suite = 0; suite < KEY_SUITE__N; suite++) {
        bool found = false;
        if (!store_key_live(tx, a, owner, purpose, (enum key_suite)suite, &k, &found, e))
            return false;
        if (found && k.key.state == TRUST_KEY_active) {
            *ret = k.key;
            return true;
        }
    }
    return err_user(e, ERR_NOT_FOUND, "key_unknown", NULL, "no active key of %.*s for %.*s", SV_ARG(owner),
                    SV_ARG(purpose));
}

DB_QUERY(q_trust_key_set_state, .in = "ttti",
         .sql = "UPDATE trust_key SET state = ?3, state_at = ?4 WHERE owner = ?1 AND purpose = ?2 AND state <> "
                "'revoked'");

bool trust_key_set_state(struct tx *tx, struct sv id, enum trust_key_state state, int64_t now_ms, struct err *e)
{
    must(state < TRUST_KEY__N);
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)1 << 20);
    struct sealed_key k;
    if (!store_key_get(tx, &a, id, &k, e))
        return false;
    if (k.key.state == TRUST_KEY_revoked)
        return state == TRUST_KEY_revoked || err_user(e, ERR_CONFLICT, "key_not_usable", NULL, "the key is revoked");
    return db_exec(
            tx, &q_trust_key_set_state,
            DB_ARGS(DB_TEXT(k.key.owner), DB_TEXT(k.key.purpose), DB_TEXT(sv_from(state_names[state])), DB_INT(now_ms)),
            e);
}

static struct svs first_column(struct arena *a, const struct db_rows *r)
{
    struct svs list = {arena_array(a, struct sv, r->n + 1), r->n};
    for (size_t i = 0; i < r->n; i++)
        list.v[i] = db_text(r, i, 0);
    return list;
}

DB_QUERY(q_trust_key_revoked_with, .in = "t", .out = "t",
         .sql = "SELECT o.request_id FROM trust_key k JOIN trust_key o ON o.owner = k.owner AND o.purpose = k.purpose "
                "WHERE k.id = ?1 AND (o.id = k.id OR (o.state = 'revoked' AND k.state = 'revoked' AND o.state_at = "
                "k.state_at)) ORDER BY o.id");

bool store_key_revoked_requests(struct tx *tx, struct arena *a, const struct sealed_key *k, struct svs *ret,
                                struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_trust_key_revoked_with, DB_ARGS(DB_TEXT(k->key.id)), &r, e))
        return false;
    *ret = first_column(a, &r);
    return true;
}

/* --- certificates
 * -------------------------------------------------------------------------------------------------------- */

DB_QUERY(q_trust_cert_ask, .in = "tttti",
         .sql = "INSERT INTO trust_cert (request_id, subject_of, ref, purpose, state, asked_at) "
                "VALUES (?1, ?2, ?3, ?4, 'asked', ?5)");

bool store_cert_ask(struct tx *tx, const struct cert_row *c, int64_t now, struct err *e)
{
    return db_exec(
            tx, &q_trust_cert_ask,
            DB_ARGS(DB_TEXT(c->request_id), DB_TEXT(c->subject_of), DB_TEXT(c->ref), DB_TEXT(c->purpose), DB_INT(now)),
            e);
}

DB_QUERY(q_trust_cert_issued, .in = "ttbi",
         .sql = "UPDATE trust_cert SET state = 'issued', serial = ?2, cert = ?3, issued_at = ?4 "
                "WHERE request_id = ?1 AND state = 'asked'");

bool store_cert_issued(struct tx *tx, struct sv request_id, struct sv serial, struct sv cert_der, int64_t now,
                       struct err *e)
{
    int64_t changed = 0;
    if (!db_exec_changed(tx, &q_trust_cert_issued,
                         DB_ARGS(DB_TEXT(request_id), DB_TEXT(serial), DB_BYTES(cert_der), DB_INT(now)), &changed, e))
        return false;
    return changed == 1 || err_user(e, ERR_CONFLICT, "act_abandoned", NULL, "the request was given up meanwhile");
}

DB_QUERY(
        q_trust_cert_revoked, .in = "ti",
        .sql = "UPDATE trust_cert SET state = 'revoked', revoked_at = ?2 WHERE request_id = ?1 AND state <> 'revoked'");

bool store_cert_revoked(struct tx *tx, struct sv request_id, int64_t now, struct err *e)
{
    return db_exec(tx, &q_trust_cert_revoked, DB_ARGS(DB_TEXT(request_id), DB_INT(now)), e);
}

DB_QUERY(q_trust_key_orphan_mark, .in = "t",
         .sql = "UPDATE trust_cert SET state = 'revoking' WHERE subject_of = 'key' AND purpose = ?1 AND state IN "
                "('asked', 'issued') "
                "AND NOT EXISTS (SELECT 1 FROM trust_key WHERE trust_key.request_id = trust_cert.request_id)");
DB_QUERY(q_trust_key_orphans, .in = "t", .out = "t",
         .sql = "SELECT request_id FROM trust_cert WHERE subject_of = 'key' AND purpose = ?1 AND state = 'revoking' "
                "ORDER BY asked_at LIMIT 100");

bool store_key_orphans(struct tx *tx, struct arena *a, struct sv owner_purpose, struct svs *ret, struct err *e)
{
    struct db_rows r;
    if (!db_exec(tx, &q_trust_key_orphan_mark, DB_ARGS(DB_TEXT(owner_purpose)), e) ||
        !db_run(tx, a, &q_trust_key_orphans, DB_ARGS(DB_TEXT(owner_purpose)), &r, e))
        return false;
    *ret = first_column(a, &r);
    return true;
}

/* --- uses
 * ---------------------------------------------------------------------------------------------------------------- */

DB_QUERY(q_trust_use_begin, .in = "ttTttibtti",
         .sql = "INSERT INTO trust_use (id, act, key_id, state, approved_by, factor, approved_at, document_sha256, "
                "field, "
                "detail, begun_at, state_at) VALUES (?1, ?2, ?3, 'begun', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)");

DB_QUERY(q_trust_twin_begin, .in = "tTti",
         .sql = "INSERT INTO trust_use_twin (use_id, key_id, field, state, state_at) VALUES (?1, ?2, ?3, 'begun', ?4)");

static struct db_value key_or_null(struct sv key_id)
{
    return key_id.n > 0 ? DB_TEXT(key_id) : DB_NULL;
}

bool store_use_begin(struct tx *tx, const struct use_row *u, int64_t now, struct err *e)
{
    const struct trust_auth *auth = u->auth;
    if (!db_exec(tx, &q_trust_use_begin,
                 DB_ARGS(DB_TEXT(u->id), DB_TEXT(auth->act), key_or_null(u->key_id), DB_TEXT(auth->approved_by),
                         DB_TEXT(auth->factor), DB_INT(auth->approved_at), DB_BYTES(auth->document_sha256),
                         DB_TEXT(u->field), DB_TEXT(auth->detail.p ? auth->detail : SV("")), DB_INT(now)),
                 e))
        return false;
    return u->twin_field.n == 0 ||
           db_exec(tx, &q_trust_twin_begin,
                   DB_ARGS(DB_TEXT(u->id), key_or_null(u->twin_key_id), DB_TEXT(u->twin_field), DB_INT(now)), e);
}

static bool took(int64_t changed, struct sv use_id, struct err *e)
{
    return changed == 1 || err_user(e, ERR_CONFLICT, "act_abandoned", NULL,
                                    "no approval waits under use %.*s for this document", SV_ARG(use_id));
}

/* With a twin: only once that is signed, and only over its result. */
DB_QUERY(q_trust_use_take, .in = "tTbib",
         .sql = "UPDATE trust_use SET state = 'used', state_at = ?4 WHERE id = ?1 AND state = 'begun' AND "
                "document_sha256 = ?3 AND COALESCE(key_id, '') = COALESCE(?2, '') "
                "AND NOT EXISTS (SELECT 1 FROM trust_use_twin w WHERE w.use_id = ?1 AND w.state <> 'signed') "
                "AND COALESCE((SELECT w.result_sha256 FROM trust_use_twin w WHERE w.use_id = ?1), document_sha256) = "
                "?5");

bool store_use_take(struct tx *tx, const struct take_row *k, int64_t now, struct err *e)
{
    int64_t changed = 0;
    return db_exec_changed(tx, &q_trust_use_take,
                           DB_ARGS(DB_TEXT(k->use_id), key_or_null(k->key_id), DB_BYTES(k->document_sha256),
                                   DB_INT(now), DB_BYTES(k->base_sha256)),
                           &changed, e) &&
           took(changed, k->use_id, e);
}

DB_QUERY(q_trust_twin_take, .in = "tTbib",
         .sql = "UPDATE trust_use_twin SET state = 'used', state_at = ?4 WHERE use_id = ?1 AND state = 'begun' AND "
                "COALESCE(key_id, '') = COALESCE(?2, '') AND EXISTS (SELECT 1 FROM trust_use u WHERE u.id = ?1 AND "
                "u.state = 'begun' AND u.document_sha256 = ?3 AND u.document_sha256 = ?5)");

bool store_twin_take(struct tx *tx, const struct take_row *k, int64_t now, struct err *e)
{
    int64_t changed = 0;
    return db_exec_changed(tx, &q_trust_twin_take,
                           DB_ARGS(DB_TEXT(k->use_id), key_or_null(k->key_id), DB_BYTES(k->document_sha256),
                                   DB_INT(now), DB_BYTES(k->base_sha256)),
                           &changed, e) &&
           took(changed, k->use_id, e);
}

DB_QUERY(q_trust_twin_signed, .in = "tbbtii",
         .sql = "UPDATE trust_use_twin SET state = 'signed', digest = ?2, result_sha256 = ?3, cert_sha256 = ?4, "
                "gen_time_at = ?5, state_at = ?6 WHERE use_id = ?1 AND state = 'used' AND EXISTS (SELECT 1 FROM "
                "trust_use u WHERE u.id = ?1 AND u.state = 'begun')");

bool store_twin_signed(struct tx *tx, struct sv use_id, const struct trust_twin *s, struct sv result_sha256,
                       int64_t now, struct err *e)
{
    int64_t changed = 0;
    if (!db_exec_changed(tx, &q_trust_twin_signed,
                         DB_ARGS(DB_TEXT(use_id), DB_BYTES(s->digest), DB_BYTES(result_sha256),
                                 DB_TEXT(s->cert_sha256_hex), DB_INT(s->gen_time_ms), DB_INT(now)),
                         &changed, e))
        return false;
    return changed == 1 || err_user(e, ERR_CONFLICT, "act_abandoned", NULL, "the signature was given up meanwhile");
}

DB_QUERY(q_trust_use_signed, .in = "tbbtii",
         .sql = "UPDATE trust_use SET state = 'signed', digest = ?2, result_sha256 = ?3, cert_sha256 = ?4, gen_time_at "
                "= ?5, "
                "state_at = ?6 WHERE id = ?1 AND state = 'used'");

bool store_use_signed(struct tx *tx, const struct trust_signed *s, int64_t now, struct err *e)
{
    int64_t changed = 0;
    if (!db_exec_changed(tx, &q_trust_use_signed,
                         DB_ARGS(DB_TEXT(s->use_id), DB_BYTES(s->digest), DB_BYTES(s->pdf_sha256),
                                 DB_TEXT(s->cert_sha256_hex), DB_INT(s->gen_time_ms), DB_INT(now)),
                         &changed, e))
        return false;
    return changed == 1 || err_user(e, ERR_CONFLICT, "act_abandoned", NULL, "the signature was given up meanwhile");
}

DB_QUERY(q_trust_act_done, .in = "t", .out = "i",
         .sql = "SELECT COUNT(*) FROM trust_use WHERE act = ?1 AND state = 'committed'");

bool store_act_is_done(struct tx *tx, struct arena *a, struct sv act, bool *ret, struct err *e)
{
    struct db_rows r;
    if (!db_one(tx, a, &q_trust_act_done, DB_ARGS(DB_TEXT(act)), &r, e))
        return false;
    *ret = db_int(&r, 0, 0) > 0;
    return true;
}

DB_QUERY(q_trust_act_abandon, .in = "ti",
         .sql = "UPDATE trust_use SET state = 'abandoned', state_at = ?2 WHERE act = ?1 AND state IN ('begun', 'used', "
                "'signed')");
DB_QUERY(q_trust_act_orphan_mark, .in = "t",
         .sql = "UPDATE trust_cert SET state = 'revoking' WHERE subject_of = 'use' AND state IN ('asked', 'issued') "
                "AND ref IN (SELECT id FROM trust_use WHERE act = ?1 AND state = 'abandoned')");
DB_QUERY(q_trust_act_orphans, .in = "t", .out = "t",
         .sql = "SELECT request_id FROM trust_cert WHERE subject_of = 'use' AND state = 'revoking' "
                "AND ref IN (SELECT id FROM trust_use WHERE act = ?1 AND state = 'abandoned') ORDER BY asked_at LIMIT "
                "100");

bool store_act_abandon(struct tx *tx, struct arena *a, struct sv act, int64_t now, struct svs *ret, struct err *e)
{
    struct db_rows r;
    if (!db_exec(tx, &q_trust_act_abandon, DB_ARGS(DB_TEXT(act), DB_INT(now)), e) ||
        !db_exec(tx, &q_trust_act_orphan_mark, DB_ARGS(DB_TEXT(act)), e) ||
        !db_run(tx, a, &q_trust_act_orphans, DB_ARGS(DB_TEXT(act)), &r, e))
        return false;
    *ret = first_column(a, &r);
    return true;
}

DB_QUERY(q_trust_use_state, .in = "t", .out = "tt", .sql = "SELECT state, act FROM trust_use WHERE id = ?1");
DB_QUERY(q_trust_use_commit, .in = "ti",
         .sql = "UPDATE trust_use SET state = 'committed', state_at = ?2 WHERE id = ?1 AND state = 'signed'");

bool trust_use_commit(struct tx *tx, struct sv use_id, int64_t now_ms, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)64 << 10);
    struct db_rows r;
    if (!db_one(tx, &a, &q_trust_use_state, DB_ARGS(DB_TEXT(use_id)), &r, e))
        return err_wrap(e, "use %.*s", SV_ARG(use_id));
    struct sv state = db_text(&r, 0, 0);
    bool done = false;
    if (!store_act_is_done(tx, &a, db_text(&r, 0, 1), &done, e))
        return false;
    if (done)
        return err_user(e, ERR_CONFLICT, "act_done", NULL, "the act of use %.*s was committed before", SV_ARG(use_id));
    if (!sv_eq(state, SV("signed")))
        return err_user(e, ERR_CONFLICT, "act_abandoned", NULL, "use %.*s is %.*s", SV_ARG(use_id), SV_ARG(state));
    return db_exec(tx, &q_trust_use_commit, DB_ARGS(DB_TEXT(use_id), DB_INT(now_ms)), e);
}
