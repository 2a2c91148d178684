/* The queue as rows: enqueue, finish, look. See job.h. */
#include "job/job.h"

#include <string.h>

static const char *const states[] = {"queued", "running", "done", "dead"};
_Static_assert(COUNT(states) == JOB_STATE__N, "one name a state");

const char *job_state_name(enum job_state s)
{
    return states[s];
}

/* The CHECK of the table allows these names only. */
static enum job_state state_of(struct sv name)
{
    size_t i = 0;
    while (i < COUNT(states) && !sv_eq(sv_from(states[i]), name))
        i++;
    must(i < COUNT(states));
    return (enum job_state)i;
}

/* ---- enqueue ---- */

DB_QUERY(q_enqueue, .in = "ttttii",
         .sql = "INSERT INTO job (id, kind, key, payload, state, run_at, attempts, lease_until, lease_token, "
                "progress_done,"
                " progress_total, waiting, last_error, created_at, finished_at)"
                " VALUES (?1, ?2, ?3, ?4, 'queued', ?5, 0, 0, 0, 0, 0, '', '', ?6, 0) ON CONFLICT DO NOTHING");
DB_QUERY(q_live_by_key, .in = "t", .out = "t",
         .sql = "SELECT id FROM job WHERE key = ?1 AND key <> '' AND state IN ('queued', 'running')");

bool job_enqueue(struct tx *tx, struct arena *a, const struct job_new *n, int64_t now_ms, struct sv *ret_id,
                 struct err *e)
{
    int64_t added;
    struct db_rows r;
    struct sv id = id_new(a, now_ms);
    must(n->kind.n > 0);
    if (!db_exec_changed(tx, &q_enqueue,
                         DB_ARGS(DB_TEXT(id), DB_TEXT(n->kind), DB_TEXT(n->key), DB_TEXT(n->payload),
                                 DB_INT(n->run_at ? n->run_at : now_ms), DB_INT(now_ms)),
                         &added, e))
        return err_wrap(e, "enqueue %.*s", SV_ARG(n->kind));
    if (!added) {
        if (!db_run(tx, a, &q_live_by_key, DB_ARGS(DB_TEXT(n->key)), &r, e))
            return false;
        if (r.n == 0) /* it ended between the two statements */
            return err_set(e, ERR_BUSY, "enqueue %.*s: the queue moved", SV_ARG(n->kind));
        id = db_text(&r, 0, 0);
    }
    tx_wake(tx);
    if (ret_id)
        *ret_id = id;
    return true;
}

/* ---- for handlers ---- */

DB_QUERY(q_finish, .in = "iti",
         .sql = "UPDATE job SET state = 'done', finished_at = ?1, lease_until = 0, waiting = ''"
                " WHERE id = ?2 AND state = 'running' AND lease_token = ?3");

bool job_finish(struct tx *tx, struct job *j, struct err *e)
{
    int64_t changed;
    if (!db_exec_changed(tx, &q_finish, DB_ARGS(DB_INT(clock_now(j->clock)), DB_TEXT(j->id), DB_INT(j->lease_token)),
                         &changed, e))
        return err_wrap(e, "finish job %.*s", SV_ARG(j->id));
    if (changed != 1)
        return err_set(e, ERR_CONFLICT, "job %.*s: the lease was lost", SV_ARG(j->id));
    j->finished = true;
    return true;
}

DB_QUERY(q_progress, .in = "iiiti",
         .sql = "UPDATE job SET progress_done = ?1, progress_total = ?2, lease_until = ?3"
                " WHERE id = ?4 AND state = 'running' AND lease_token = ?5");

struct progress {
    const struct job *j;
    int64_t done, total;
};

static bool progress_in(struct tx *tx, void *arg, struct err *e)
{
    const struct progress *p = arg;
    int64_t changed, until = clock_now(p->j->clock) + p->j->lease_ms;
    if (!db_exec_changed(
                tx, &q_progress,
                DB_ARGS(DB_INT(p->done), DB_INT(p->total), DB_INT(until), DB_TEXT(p->j->id), DB_INT(p->j->lease_token)),
                &changed, e))
        return false;
    return changed == 1 ? true : err_set(e, ERR_CONFLICT, "job %.*s: the lease was lost", SV_ARG(p->j->id));
}

bool job_progress(struct job *j, int64_t done, int64_t total, struct err *e)
{
    return tx_run_mode(j->db, TX_QUEUE, progress_in, &(struct progress){j, done, total}, e);
}

/* ---- looking ---- */

#define VIEW_COLUMNS                                                                                                   \
    "id, kind, key, payload, state, attempts, run_at, created_at, finished_at, progress_done, progress_total, "        \
    "waiting, last_error"
#define VIEW_TYPES "tttttiiiiiitt"

static struct job_view view_of(const struct db_rows *r, size_t i)
{
    return (struct job_view){
            .id = db_text(r, i, 0),
            .kind = db_text(r, i, 1),
            .key = db_text(r, i, 2),
            .payload = db_text(r, i, 3),
            .state = state_of(db_text(r, i, 4)),
            .attempts = db_int(r, i, 5),
            .run_at = db_int(r, i, 6),
            .created_at = db_int(r, i, 7),
            .finished_at = db_int(r, i, 8),
            .progress_done = db_int(r, i, 9),
            .progress_total = db_int(r, i, 10),
            .waiting = db_text(r, i, 11),
            .last_error = db_text(r, i, 12),
    };
}

DB_QUERY(q_get, .in = "t", .out = VIEW_TYPES, .sql = "SELECT " VIEW_COLUMNS " FROM job WHERE id = ?1");
DB_QUERY(q_by_key, .in = "t", .out = VIEW_TYPES,
         .sql = "SELECT " VIEW_COLUMNS " FROM job WHERE key = ?1 ORDER BY id DESC LIMIT 1");

bool job_get(struct tx *tx, struct arena *a, struct sv id, struct job_view *ret, struct err *e)
{
    struct db_rows r;
    if (!db_one(tx, a, &q_get, DB_ARGS(DB_TEXT(id)), &r, e))
        return err_wrap(e, "job %.*s", SV_ARG(id));
    *ret = view_of(&r, 0);
    return true;
}

bool job_by_key(struct tx *tx, struct arena *a, struct sv key, struct job_view *ret, struct err *e)
{
    struct db_rows r;
    if (!db_one(tx, a, &q_by_key, DB_ARGS(DB_TEXT(key)), &r, e))
        return err_wrap(e, "job with key %.*s", SV_ARG(key));
    *ret = view_of(&r, 0);
    return true;
}

DB_QUERY(q_list, .in = "ti", .out = VIEW_TYPES,
         .sql = "SELECT " VIEW_COLUMNS " FROM job WHERE state = ?1 ORDER BY id DESC LIMIT ?2");

bool job_list(struct tx *tx, struct arena *a, enum job_state state, size_t limit, struct job_view **ret, size_t *ret_n,
              struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_list, DB_ARGS(DB_TEXT(sv_from(states[state])), DB_INT((int64_t)limit)), &r, e))
        return false;
    struct job_view *views = arena_array(a, struct job_view, r.n);
    for (size_t i = 0; i < r.n; i++)
        views[i] = view_of(&r, i);
    *ret = views;
    *ret_n = r.n;
    return true;
}

/* ---- for operators ---- */

DB_QUERY(q_retry, .in = "it",
         .sql = "UPDATE job SET state = 'queued', run_at = ?1, attempts = 0, finished_at = 0"
                " WHERE id = ?2 AND state IN ('queued', 'dead')");

bool job_retry(struct tx *tx, struct sv id, int64_t now_ms, struct err *e)
{
    int64_t changed;
    if (!db_exec_changed(tx, &q_retry, DB_ARGS(DB_INT(now_ms), DB_TEXT(id)), &changed, e))
        return err_wrap(e, "retry job %.*s", SV_ARG(id));
    if (changed != 1)
        return err_set(e, ERR_NOT_FOUND, "job %.*s neither waits nor is dead", SV_ARG(id));
    tx_wake(tx);
    return true;
}

DB_QUERY(q_retry_waiting, .in = "it",
         .sql = "UPDATE job SET run_at = ?1 WHERE state = 'queued' AND waiting = ?2 AND run_at > ?1");

bool job_retry_waiting(struct tx *tx, struct sv reason, int64_t now_ms, struct err *e)
{
    tx_wake(tx);
    return db_exec(tx, &q_retry_waiting, DB_ARGS(DB_INT(now_ms), DB_TEXT(reason)), e);
}

DB_QUERY(q_prune, .in = "i", .sql = "DELETE FROM job WHERE state = 'done' AND finished_at < ?1");

bool job_prune(struct tx *tx, int64_t done_before_ms, struct err *e)
{
    return db_exec(tx, &q_prune, DB_ARGS(DB_INT(done_before_ms)), e);
}
