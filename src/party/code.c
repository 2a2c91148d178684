/* One-time codes: six digits to a phone, stored as a keyed hash, five attempts, five minutes; see party.h. */
#include "crypto/digest.h"
#include "party/party_priv.h"

#define CODE_DIGITS    6
#define CODE_LIFE_MS   (5 * 60000)
#define CODE_RESEND_MS 60000
#define CODE_ATTEMPTS  5
#define CODE_A_DAY     10
#define DAY_MS         86400000LL

static struct sv code_hash(const struct party *p, struct arena *a, struct sv id, struct sv code)
{
    return party_lookup_hash(p, a, "qyq code v1", arena_printf(a, "%.*s|%.*s", SV_ARG(id), SV_ARG(code)));
}

DB_QUERY(q_code_newest, .in = "t", .out = "ttiiii",
         .sql = "SELECT id, code_hash, attempts, used_at, created_at, expires_at FROM one_time_code WHERE subject = ?1"
                " ORDER BY created_at DESC, id DESC LIMIT 1");
DB_QUERY(q_code_count, .in = "ti", .out = "i",
         .sql = "SELECT COUNT(*) FROM one_time_code WHERE subject = ?1 AND created_at > ?2");
DB_QUERY(q_code_insert, .in = "tttii",
         .sql = "INSERT INTO one_time_code (id, subject, code_hash, attempts, used_at, created_at, expires_at)"
                " VALUES (?1, ?2, ?3, 0, 0, ?4, ?5)");
DB_QUERY(q_code_prune, .in = "i", .sql = "DELETE FROM one_time_code WHERE created_at < ?1");

bool code_issue(struct party *p, struct tx *tx, struct arena *a, struct sv subject, struct code_issued *ret,
                struct err *e)
{
    struct db_rows newest, count;
    int64_t now = clock_now(p->clock);
    if (!db_exec(tx, &q_code_prune, DB_ARGS(DB_INT(now - 2 * DAY_MS)), e) ||
        !db_run(tx, a, &q_code_newest, DB_ARGS(DB_TEXT(subject)), &newest, e) ||
        !db_one(tx, a, &q_code_count, DB_ARGS(DB_TEXT(subject), DB_INT(now - DAY_MS)), &count, e))
        return err_wrap(e, "issue a code");
    if (newest.n && db_int(&newest, 0, 4) + CODE_RESEND_MS > now)
        return err_user(e, ERR_LIMIT, "code_too_soon", NULL, "a code was sent less than a minute ago");
    if (db_int(&count, 0, 0) >= CODE_A_DAY)
        return err_user(e, ERR_LIMIT, "code_daily_limit", NULL, "too many codes today");
    struct sv id = id_new(a, now);
    *ret = (struct code_issued){random_digits(a, CODE_DIGITS), now + CODE_LIFE_MS, now + CODE_RESEND_MS};
    return db_exec(tx, &q_code_insert,
                   DB_ARGS(DB_TEXT(id), DB_TEXT(subject), DB_TEXT(code_hash(p, a, id, ret->code)), DB_INT(now),
                           DB_INT(ret->expires_at)),
                   e);
}

bool code_status(struct party *p, struct tx *tx, struct arena *a, struct sv subject, int64_t *ret_expires_at,
                 int64_t *ret_resend_after, struct err *e)
{
    struct db_rows r;
    (void)p;
    if (!db_run(tx, a, &q_code_newest, DB_ARGS(DB_TEXT(subject)), &r, e))
        return err_wrap(e, "code");
    if (!r.n)
        return err_set(e, ERR_NOT_FOUND, "no code was sent");
    *ret_expires_at = db_int(&r, 0, 5);
    *ret_resend_after = db_int(&r, 0, 4) + CODE_RESEND_MS;
    return true;
}

DB_QUERY(q_code_attempt, .in = "t", .sql = "UPDATE one_time_code SET attempts = attempts + 1 WHERE id = ?1");
DB_QUERY(q_code_used, .in = "ti", .sql = "UPDATE one_time_code SET used_at = ?2 WHERE id = ?1");

enum code_result { CODE_GOOD, CODE_WRONG, CODE_EXPIRED, CODE_USED_UP };

static const struct {
    enum err_code code;
    const char *reason;
} refusals[] = {
        [CODE_GOOD] = {ERR_NONE,    ""            },
        [CODE_WRONG] = {ERR_REFUSED, "code_wrong"  },
        [CODE_EXPIRED] = {ERR_REFUSED, "code_expired"},
        [CODE_USED_UP] = {ERR_REFUSED, "code_used_up"},
};

static bool refuse(enum code_result result, struct err *e)
{
    return result == CODE_GOOD || err_user(e, refusals[result].code, refusals[result].reason, "/code",
                                           "one-time code: %s", refusals[result].reason);
}

struct check {
    struct party *p;
    struct arena *a;
    struct sv subject, code;
    enum code_result result;
    struct sv id;
};

static bool judge(struct tx *tx, struct check *c, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, c->a, &q_code_newest, DB_ARGS(DB_TEXT(c->subject)), &r, e))
        return false;
    if (!r.n || db_int(&r, 0, 5) <= clock_now(c->p->clock)) {
        c->result = CODE_EXPIRED;
        return true;
    }
    c->id = db_text(&r, 0, 0);
    if (db_int(&r, 0, 3) || db_int(&r, 0, 2) >= CODE_ATTEMPTS)
        c->result = CODE_USED_UP;
    else
        c->result = bytes_equal(code_hash(c->p, c->a, c->id, c->code), db_text(&r, 0, 1)) ? CODE_GOOD : CODE_WRONG;
    return true;
}

/* A wrong code is a result and not an error, so that the counted attempt is committed. */
static bool check_tx(struct tx *tx, void *arg, struct err *e)
{
    struct check *c = arg;
    return judge(tx, c, e) && (c->result != CODE_WRONG || db_exec(tx, &q_code_attempt, DB_ARGS(DB_TEXT(c->id)), e));
}

bool code_check(struct party *p, struct arena *a, struct sv subject, struct sv code, struct err *e)
{
    struct check c = {.p = p, .a = a, .subject = subject, .code = sv_trim(code)};
    if (!tx_run(p->db, check_tx, &c, e))
        return err_wrap(e, "check a code");
    return refuse(c.result, e);
}

bool code_use(struct party *p, struct tx *tx, struct arena *a, struct sv subject, struct sv code, struct err *e)
{
    struct check c = {.p = p, .a = a, .subject = subject, .code = sv_trim(code)};
    if (!judge(tx, &c, e) || !refuse(c.result, e))
        return err_wrap(e, "use a code");
    return db_exec(tx, &q_code_used, DB_ARGS(DB_TEXT(c.id), DB_INT(clock_now(p->clock))), e);
}
