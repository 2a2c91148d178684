/* Members of enterprises, and how they log in; see party.h. */
#include "party/party_priv.h"

#define LOCK_AFTER     5
#define LOCK_FIRST_MS  60000
#define LOCK_MOST_MS   (24 * 3600000LL)
#define LIST_LIMIT     200
#define PASSWORD_LEAST 8
#define PASSWORD_MOST  200

/* Kinds of characters: lower case, upper case, digits, all else (GB/T 22239 wants complexity; domain rules: 8 of 3
 * kinds). */
static int kinds_of(struct sv password)
{
    bool seen[4] = {false};
    for (size_t i = 0; i < password.n; i++) {
        char c = password.p[i];
        seen[c >= 'a' && c <= 'z' ? 0 : c >= 'A' && c <= 'Z' ? 1 : c >= '0' && c <= '9' ? 2 : 3] = true;
    }
    return seen[0] + seen[1] + seen[2] + seen[3];
}

DB_QUERY(q_member_insert, .in = "ttttttii",
         .sql = "INSERT INTO member (id, enterprise_id, user_name, name, role, password, failed, locked_until, "
                "created_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8) ON CONFLICT (user_name) DO NOTHING");

bool member_add(struct party *p, struct tx *tx, struct arena *a, const struct member_in *in, struct sv *ret_id,
                struct err *e)
{
    struct sv hash;
    must(in->role >= ROLE_VIEWER && in->role <= ROLE_OWNER);
    if (in->password.n < PASSWORD_LEAST || in->password.n > PASSWORD_MOST || kinds_of(in->password) < 3)
        return err_user(e, ERR_BAD_INPUT, "password_weak", "/password", "password");
    if (!password_hash(a, in->password, &hash, e))
        return err_wrap(e, "add member");
    int64_t changed, now = clock_now(p->clock);
    *ret_id = id_new(a, now);
    if (!db_exec_changed(tx, &q_member_insert,
                         DB_ARGS(DB_TEXT(*ret_id), DB_TEXT(in->enterprise_id), DB_TEXT(in->user), DB_TEXT(in->name),
                                 DB_TEXT(role_text(in->role)), DB_TEXT(hash), DB_INT(0), DB_INT(now)),
                         &changed, e))
        return err_wrap(e, "add member");
    if (!changed)
        return err_user(e, ERR_CONFLICT, "user_taken", "/user", "user name is taken");
    return true;
}

#define LIST_COLUMNS "id, enterprise_id, user_name, name, role, failed, locked_until, created_at"
#define LIST_TYPES   "tttttiii"

static bool from_row(const struct db_rows *r, size_t i, struct member *ret, struct err *e)
{
    *ret = (struct member){.id = db_text(r, i, 0),
                           .enterprise_id = db_text(r, i, 1),
                           .user = db_text(r, i, 2),
                           .name = db_text(r, i, 3),
                           .failed = db_int(r, i, 5),
                           .locked_until = db_int(r, i, 6),
                           .created_at = db_int(r, i, 7)};
    return role_parse(db_text(r, i, 4), &ret->role) || err_set(e, ERR_CORRUPT, "role of a member");
}

DB_QUERY(q_member_list, .in = "tti", .out = LIST_TYPES,
         .sql = "SELECT " LIST_COLUMNS " FROM member WHERE (?1 = '' OR enterprise_id = ?1) AND user_name > ?2"
                " ORDER BY user_name LIMIT ?3");

bool member_list(struct party *p, struct tx *tx, struct arena *a, struct sv enterprise_id, struct sv cursor,
                 size_t limit, struct member **ret, size_t *ret_n, struct sv *ret_next, struct err *e)
{
    struct db_rows r;
    (void)p;
    limit = limit == 0 || limit > LIST_LIMIT ? LIST_LIMIT : limit;
    if (!db_run(tx, a, &q_member_list, DB_ARGS(DB_TEXT(enterprise_id), DB_TEXT(cursor), DB_INT((int64_t)limit + 1)), &r,
                e))
        return err_wrap(e, "list members");
    *ret_n = r.n > limit ? limit : r.n;
    *ret = arena_array(a, struct member, *ret_n + 1);
    for (size_t i = 0; i < *ret_n; i++) {
        if (!from_row(&r, i, &(*ret)[i], e))
            return false;
    }
    *ret_next = r.n > limit ? (*ret)[limit - 1].user : SV("");
    return true;
}

DB_QUERY(q_member_unlock, .in = "t", .out = LIST_TYPES,
         .sql = "UPDATE member SET failed = 0, locked_until = 0 WHERE user_name = ?1 RETURNING " LIST_COLUMNS);

bool member_unlock(struct party *p, struct tx *tx, struct arena *a, struct sv user, struct member *ret, struct err *e)
{
    struct db_rows r;
    (void)p;
    if (!db_run(tx, a, &q_member_unlock, DB_ARGS(DB_TEXT(user)), &r, e))
        return err_wrap(e, "unlock member");
    if (!r.n)
        return err_user(e, ERR_NOT_FOUND, "member_unknown", "/user", "no member %.*s", SV_ARG(user));
    return from_row(&r, 0, ret, e);
}

#define MEMBER_COLUMNS "m.id, m.enterprise_id, m.name, m.role, m.password, m.failed, m.locked_until, n.name"
#define MEMBER_TYPES   "tttttiit"
DB_QUERY(q_member_by_user, .in = "t", .out = MEMBER_TYPES,
         .sql = "SELECT " MEMBER_COLUMNS
                " FROM member m JOIN enterprise n ON n.id = m.enterprise_id WHERE m.user_name = ?1");
DB_QUERY(q_member_by_id, .in = "t", .out = MEMBER_TYPES,
         .sql = "SELECT " MEMBER_COLUMNS " FROM member m JOIN enterprise n ON n.id = m.enterprise_id WHERE m.id = ?1");
/* Counted in the row itself, so that attempts at the same moment cannot hide behind each other. */
DB_QUERY(q_member_failed, .in = "t", .out = "i",
         .sql = "UPDATE member SET failed = failed + 1 WHERE id = ?1 RETURNING failed");
DB_QUERY(q_member_lock, .in = "ti", .sql = "UPDATE member SET locked_until = ?2 WHERE id = ?1");
DB_QUERY(q_member_good, .in = "t", .sql = "UPDATE member SET failed = 0, locked_until = 0 WHERE id = ?1");

struct attempt {
    struct party *p;
    struct arena *a;
    struct sv id; /* empty: no such member */
    struct sv enterprise_id, address;
    bool good;
};

/* The 5th wrong password in a row locks for a minute, each further one for twice as long. */
static int64_t lock_ms(int64_t failed)
{
    if (failed < LOCK_AFTER)
        return 0;
    int64_t ms = LOCK_FIRST_MS;
    for (int64_t i = LOCK_AFTER; i < failed && ms < LOCK_MOST_MS; i++)
        ms *= 2;
    return ms < LOCK_MOST_MS ? ms : LOCK_MOST_MS;
}

static bool record_attempt(struct tx *tx, void *arg, struct err *e)
{
    struct attempt *at = arg;
    struct db_rows r;
    if (at->good)
        return db_exec(tx, &q_member_good, DB_ARGS(DB_TEXT(at->id)), e);
    /* what was typed as a name is not kept: it may be a password in the wrong field */
    const struct actor nobody = {.role = ROLE_NONE, .address = at->address};
    struct sv object = at->id.n ? arena_printf(at->a, "member:%.*s", SV_ARG(at->id)) : SV("");
    if (!party_audit(tx, at->a, &nobody, "session.login_failed", at->enterprise_id, object, SV(""),
                     clock_now(at->p->clock), e))
        return false;
    if (!at->id.n)
        return true;
    if (!db_one(tx, at->a, &q_member_failed, DB_ARGS(DB_TEXT(at->id)), &r, e))
        return false;
    int64_t wait = lock_ms(db_int(&r, 0, 0));
    if (!wait)
        return true;
    return db_exec(tx, &q_member_lock, DB_ARGS(DB_TEXT(at->id), DB_INT(clock_now(at->p->clock) + wait)), e);
}

static bool check_password(struct party *p, struct arena *a, const struct db_rows *r, struct sv password,
                           struct sv address, struct err *e)
{
    bool good;
    if (r->n && db_int(r, 0, 6) > clock_now(p->clock))
        return err_user(e, ERR_LIMIT, "login_locked", NULL, "locked");
    if (!password_verify(password, r->n ? db_text(r, 0, 4) : p->dummy_password, &good, e))
        return err_wrap(e, "log in");
    if (!r->n)
        good = false;
    if (!good || db_int(r, 0, 5)) {
        struct attempt at = {p, a, SV(""), SV(""), address, good};
        if (r->n) {
            at.id = db_text(r, 0, 0);
            at.enterprise_id = db_text(r, 0, 1);
        }
        if (!tx_run(p->db, record_attempt, &at, e))
            return err_wrap(e, "log in");
    }
    if (!good)
        return err_user(e, ERR_UNAUTHENTICATED, "login_failed", NULL, "wrong user or password");
    return true;
}

static bool find_member(struct party *p, struct arena *a, const struct db_query *q, struct sv key, struct db_rows *ret,
                        struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    return tx_begin(p->db, TX_READ, &tx, e) && db_run(tx, a, q, DB_ARGS(DB_TEXT(key)), ret, e);
}

bool session_login(struct party *p, struct arena *a, struct sv user, struct sv password, struct sv address,
                   struct session *ret, struct err *e)
{
    struct db_rows r;
    struct actor actor = {.address = address};
    if (!find_member(p, a, &q_member_by_user, user, &r, e) || !check_password(p, a, &r, password, address, e))
        return false;
    if (!role_parse(db_text(&r, 0, 3), &actor.role))
        return err_set(e, ERR_CORRUPT, "role of a member");
    actor.id = db_text(&r, 0, 0);
    actor.enterprise_id = db_text(&r, 0, 1);
    actor.name = db_text(&r, 0, 2);
    if (!party_session_store(p, a, &actor, ret, e))
        return err_wrap(e, "log in");
    ret->enterprise_name = db_text(&r, 0, 7);
    return true;
}

bool session_reauth(struct party *p, struct arena *a, const struct actor *member, struct sv password, struct err *e)
{
    struct db_rows r;
    must(actor_is_member(member, ROLE_VIEWER));
    return find_member(p, a, &q_member_by_id, member->id, &r, e) &&
           check_password(p, a, &r, password, member->address, e);
}
