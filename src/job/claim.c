/* Claiming a job and writing how its attempt ended. Every write names the fencing token of the lease it works under. */
#include <inttypes.h>
#include <string.h>

#include "job/job_priv.h"

#define DEFAULT_LEASE_MS   60000
#define DEFAULT_BACKOFF_MS 1000
#define MOST_BACKOFF_MS    (5 * 60 * 1000)

/* " a b c ": what the queries look for " kind " in, so that a node claims only what it has a handler for. */
static struct sv kinds_text(struct arena *a, const struct job_config *c)
{
    struct sv text = SV(" ");
    for (size_t i = 0; i < c->kinds_n; i++)
        text = arena_printf(a, "%.*s%s ", SV_ARG(text), c->kinds[i].kind);
    return text;
}

/* The queries give only kinds that were asked for. */
static const struct job_kind *kind_of(const struct job_config *c, struct sv name)
{
    size_t i = 0;
    while (i < c->kinds_n && !sv_eq(sv_from(c->kinds[i].kind), name))
        i++;
    must(i < c->kinds_n);
    return &c->kinds[i];
}

/* ---- ending ---- */

DB_QUERY(q_again, .in = "ittti",
         .sql = "UPDATE job SET state = 'queued', run_at = ?1, waiting = ?2, last_error = ?3, lease_until = 0"
                " WHERE id = ?4 AND state = 'running' AND lease_token = ?5");
DB_QUERY(q_next_run, .in = "iti",
         .sql = "UPDATE job SET state = 'queued', run_at = ?1, attempts = 0, waiting = '', last_error = '', "
                "lease_until = 0,"
                " progress_done = 0, progress_total = 0 WHERE id = ?2 AND state = 'running' AND lease_token = ?3");
DB_QUERY(q_bury, .in = "ittti",
         .sql = "UPDATE job SET state = 'dead', finished_at = ?1, waiting = ?2, last_error = ?3, lease_until = 0"
                " WHERE id = ?4 AND state = 'running' AND lease_token = ?5");

static struct sv waiting_text(struct arena *a, const struct err *why)
{
    return why->reason[0] ? sv_from(why->reason) : arena_printf(a, "code.%s", err_code_name(why->code));
}

/* Messages may have been cut inside a character; the column takes UTF-8 only. */
static struct sv error_text(struct arena *a, const struct err *why)
{
    struct sv text = sv_from(why->msg);
    for (size_t cut = 0; cut < 4 && text.n > cut; cut++) {
        struct sv shorter = sv_sub(text, 0, text.n - cut);
        if (sv_is_utf8(shorter))
            return shorter;
    }
    return arena_printf(a, "(message is not text) code.%s", err_code_name(why->code));
}

/* Doubled with each attempt, and between half and all of that, so that jobs that failed together do not come back
 * together. */
static int64_t backoff_ms(const struct job_kind *k, int64_t attempts)
{
    int64_t first = k->first_backoff_ms ? k->first_backoff_ms : DEFAULT_BACKOFF_MS;
    int64_t most = k->most_backoff_ms ? k->most_backoff_ms : MOST_BACKOFF_MS;
    int64_t pause = first;
    for (int64_t i = 1; i < attempts && pause < most; i++)
        pause *= 2;
    pause = pause < most ? pause : most;
    return pause - (int64_t)random_below((uint64_t)(pause / 2 + 1));
}

struct ending {
    const struct job_kind *kind;
    struct job *job;
    const struct err *why; /* NULL: it went well */
};

static bool bury(struct tx *tx, struct arena *a, const struct ending *end, struct err *e)
{
    const struct job *j = end->job;
    int64_t changed;
    if (!db_exec_changed(tx, &q_bury,
                         DB_ARGS(DB_INT(clock_now(j->clock)), DB_TEXT(waiting_text(a, end->why)),
                                 DB_TEXT(error_text(a, end->why)), DB_TEXT(j->id), DB_INT(j->lease_token)),
                         &changed, e))
        return false;
    return changed == 0 || !end->kind->dead || end->kind->dead(tx, j, end->why, end->kind->arg, e);
}

static bool end_well(struct tx *tx, const struct ending *end, struct err *e)
{
    struct job *j = end->job;
    if (end->kind->every_ms > 0)
        return db_exec(
                tx, &q_next_run,
                DB_ARGS(DB_INT(clock_now(j->clock) + end->kind->every_ms), DB_TEXT(j->id), DB_INT(j->lease_token)), e);
    return job_finish(tx, j, e);
}

static bool end_in(struct tx *tx, void *arg, struct err *e)
{
    const struct ending *end = arg;
    const struct job_kind *k = end->kind;
    const struct job *j = end->job;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 65536);
    if (!end->why)
        return end_well(tx, end, e);
    bool again = err_may_retry(end->why->code) && (k->max_attempts == 0 || j->attempts < k->max_attempts);
    if (!again && k->every_ms == 0)
        return bury(tx, &a, end, e);
    return db_exec(tx, &q_again,
                   DB_ARGS(DB_INT(clock_now(j->clock) + backoff_ms(k, j->attempts)),
                           DB_TEXT(waiting_text(&a, end->why)), DB_TEXT(error_text(&a, end->why)), DB_TEXT(j->id),
                           DB_INT(j->lease_token)),
                   e);
}

bool job_end(const struct job_kind *kind, struct job *j, const struct err *why, struct err *e)
{
    if (!why && j->finished)
        return true;
    return tx_run(j->db, end_in, &(struct ending){kind, j, why}, e);
}

/* ---- claiming ---- */

#define CLAIM_COLUMNS "id, kind, key, payload, attempts, lease_token"
#define CLAIM_TYPES   "ttttii"

/* Leases that ran out come first: that work has waited longest. */
#define KIND_SQLITE "instr(?2, ' ' || kind || ' ') > 0"
#define KIND_PG     "strpos(?2, ' ' || kind || ' ') > 0"

DB_QUERY(q_expired, .in = "it", .out = CLAIM_TYPES,
         .sql = "SELECT " CLAIM_COLUMNS " FROM job WHERE state = 'running' AND lease_until < ?1 AND " KIND_SQLITE
                " ORDER BY lease_until LIMIT 1",
         .pg = "SELECT " CLAIM_COLUMNS " FROM job WHERE state = 'running' AND lease_until < ?1 AND " KIND_PG
               " ORDER BY lease_until LIMIT 1 FOR UPDATE SKIP LOCKED");
DB_QUERY(q_due, .in = "it", .out = CLAIM_TYPES,
         .sql = "SELECT " CLAIM_COLUMNS " FROM job WHERE state = 'queued' AND run_at <= ?1 AND " KIND_SQLITE
                " ORDER BY run_at, id LIMIT 1",
         .pg = "SELECT " CLAIM_COLUMNS " FROM job WHERE state = 'queued' AND run_at <= ?1 AND " KIND_PG
               " ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED");
DB_QUERY(q_lease, .in = "iiit",
         .sql = "UPDATE job SET state = 'running', lease_until = ?1, lease_token = ?2, attempts = ?3 WHERE id = ?4");

struct claiming {
    const struct job_config *config;
    struct arena *a;
    struct job_claim claim; /* out */
};

static void claim_fill(struct claiming *c, const struct db_rows *r)
{
    struct job_claim *claim = &c->claim;
    claim->found = true;
    claim->kind = kind_of(c->config, db_text(r, 0, 1));
    claim->job = (struct job){
            .id = db_text(r, 0, 0),
            .kind = db_text(r, 0, 1),
            .key = db_text(r, 0, 2),
            .payload = db_text(r, 0, 3),
            .attempts = db_int(r, 0, 4) + 1,
            .lease_token = db_int(r, 0, 5) + 1,
            .lease_ms = claim->kind->lease_ms ? claim->kind->lease_ms : DEFAULT_LEASE_MS,
            .db = c->config->db,
            .clock = c->config->clock,
            .a = c->a,
    };
}

static bool claim_in(struct tx *tx, void *arg, struct err *e)
{
    struct claiming *c = arg;
    struct db_rows r;
    int64_t now = clock_now(c->config->clock);
    struct sv kinds = kinds_text(c->a, c->config);
    c->claim = (struct job_claim){0};
    if (!db_run(tx, c->a, &q_expired, DB_ARGS(DB_INT(now), DB_TEXT(kinds)), &r, e))
        return false;
    bool expired = r.n > 0;
    if (!expired && !db_run(tx, c->a, &q_due, DB_ARGS(DB_INT(now), DB_TEXT(kinds)), &r, e))
        return false;
    if (r.n == 0)
        return true;
    claim_fill(c, &r);
    struct job *j = &c->claim.job;
    int64_t most = c->claim.kind->max_attempts;
    c->claim.buried = expired && most > 0 && j->attempts > most && c->claim.kind->every_ms == 0;
    return db_exec(tx, &q_lease,
                   DB_ARGS(DB_INT(now + j->lease_ms), DB_INT(j->lease_token), DB_INT(j->attempts), DB_TEXT(j->id)), e);
}

bool job_claim_next(const struct job_config *config, struct arena *a, struct job_claim *ret, struct err *e)
{
    struct claiming c = {.config = config, .a = a};
    struct err why;
    if (!tx_run_mode(config->db, TX_QUEUE, claim_in, &c, e))
        return err_wrap(e, "claim a job");
    *ret = c.claim;
    if (!ret->buried)
        return true;
    /* Nobody came back from the last attempt it was allowed: perhaps it kills the process. */
    err_set(&why, ERR_INTERNAL, "the lease of attempt %" PRId64 ", the last, ran out", ret->job.attempts - 1);
    return job_end(ret->kind, &ret->job, &why, e);
}

/* ---- when next ---- */

DB_QUERY(q_next_due, .in = "t", .out = "I",
         .sql = "SELECT min(run_at) FROM job WHERE state = 'queued' AND instr(?1, ' ' || kind || ' ') > 0",
         .pg = "SELECT min(run_at) FROM job WHERE state = 'queued' AND strpos(?1, ' ' || kind || ' ') > 0");

bool job_next_due(const struct job_config *c, int64_t *ret, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct db_rows r;
    if (!tx_begin(c->db, TX_READ, &tx, e) || !db_one(tx, &a, &q_next_due, DB_ARGS(DB_TEXT(kinds_text(&a, c))), &r, e))
        return err_wrap(e, "next job");
    *ret = db_is_null(&r, 0, 0) ? INT64_MAX : db_int(&r, 0, 0);
    return true;
}

DB_QUERY(q_end_leases, .sql = "UPDATE job SET lease_until = 0 WHERE state = 'running'");

static bool end_leases_in(struct tx *tx, void *arg UNUSED, struct err *e)
{
    return db_exec(tx, &q_end_leases, DB_NO_ARGS, e);
}

bool job_end_leases(const struct job_config *c, struct err *e)
{
    return tx_run_mode(c->db, TX_QUEUE, end_leases_in, NULL, e) ? true : err_wrap(e, "take over jobs");
}

static bool schedules_in(struct tx *tx, void *arg, struct err *e)
{
    const struct job_config *c = arg;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < c->kinds_n; i++) {
        struct job_new n = {.kind = sv_from(c->kinds[i].kind),
                            .payload = SV("{}"),
                            .key = arena_printf(&a, "every:%s", c->kinds[i].kind)};
        if (c->kinds[i].every_ms > 0 && !job_enqueue(tx, &a, &n, clock_now(c->clock), NULL, e))
            return false;
    }
    return true;
}

bool job_start_schedules(const struct job_config *c, struct err *e)
{
    struct job_config copy = *c;
    return tx_run_mode(c->db, TX_QUEUE, schedules_in, &copy, e) ? true : err_wrap(e, "start schedules");
}
