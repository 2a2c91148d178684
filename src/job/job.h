/* Durable jobs: work that must happen after a transaction has committed, and happens even if the process dies.
 *
 * A job is enqueued inside the transaction that makes it necessary. Workers claim it under a lease with a fencing
 * token; a worker that died lets the lease run out, and the job is claimed again. So a handler may run more than once:
 * it finishes its job inside the transaction of its effect (job_finish), which fails when the lease has gone to another
 * worker, and work outside the database must be repeatable. No network call inside a transaction.
 *
 *   state    queued → running → done
 *                 ↖______/  \→ dead     (refused, or out of attempts: an operator looks, job_retry puts it back)
 *
 * A handler that returns false is tried again, with exponential pauses, when err_may_retry(code) holds, and is dead
 * otherwise. Meanwhile waiting holds the error's reason ("tsa_unavailable", or "code.UNAVAILABLE" when it has none):
 * the message files hold the words for users under "err.<waiting>". */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include "base/base.h"
#include "db/db.h"

enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_DEAD, JOB_STATE__N };
const char *job_state_name(enum job_state s); /* "queued", … as in the table */

/* A claimed job, as its handler sees it. */
struct job {
    struct sv id, kind, key;
    struct sv payload;
    int64_t attempts; /* this one included */
    int64_t lease_token, lease_ms;
    struct db *db;
    const struct clock *clock;
    struct arena *a; /* emptied after this run */
    bool finished;   /* set by job_finish */
};
/* arg is that of the kind. true: done (the runner finishes the job unless job_finish already did). */
typedef bool (*job_fn)(struct job *j, void *arg, struct err *e);
/* Runs in the transaction that buries the job, so that the owner's state can follow. why is the last error. */
typedef bool (*job_dead_fn)(struct tx *tx, const struct job *j, const struct err *why, void *arg, struct err *e);

struct job_kind {
    const char *kind; /* "contract.stamp" */
    job_fn run;
    job_dead_fn dead; /* or NULL */
    void *arg;
    int64_t max_attempts;     /* 0: for ever, as long as trying again may help */
    int64_t lease_ms;         /* 0: 60 s; job_progress renews it */
    int64_t first_backoff_ms; /* 0: 1 s; doubled each time, with some chance in it */
    int64_t most_backoff_ms;  /* 0: 5 min */
    int64_t every_ms; /* > 0: a schedule: one job of this kind that comes again, this long after each run, and never
                         dies */
};

struct job_new {
    struct sv kind;
    struct sv payload; /* text, JSON by convention */
    struct sv key;     /* not empty: while a queued or running job has this key, enqueueing again does nothing */
    int64_t run_at;    /* not before; 0: now */
};
/* Inside the caller's writing transaction. ret_id (may be NULL, lives in a) is the new or the already waiting job's. */
MUST_CHECK bool job_enqueue(struct tx *tx, struct arena *a, const struct job_new *n, int64_t now_ms, struct sv *ret_id,
                            struct err *e);
/* Done, in the handler's own transaction: CONFLICT when the lease was lost, and then nothing of it may be committed. */
MUST_CHECK bool job_finish(struct tx *tx, struct job *j, struct err *e);
/* Shows progress and renews the lease, in a transaction of its own. CONFLICT when the lease was lost: stop working. */
MUST_CHECK bool job_progress(struct job *j, int64_t done, int64_t total, struct err *e);

struct job_view {
    struct sv id, kind, key, payload;
    enum job_state state;
    int64_t attempts, run_at, created_at, finished_at;
    int64_t progress_done, progress_total;
    struct sv waiting;    /* reason of the last failed attempt, for users; empty when there was none */
    struct sv last_error; /* for operators */
};
MUST_CHECK bool job_get(struct tx *tx, struct arena *a, struct sv id, struct job_view *ret, struct err *e);
/* The newest with this key, in any state. */
MUST_CHECK bool job_by_key(struct tx *tx, struct arena *a, struct sv key, struct job_view *ret, struct err *e);
/* Newest first. */
MUST_CHECK bool job_list(struct tx *tx, struct arena *a, enum job_state state, size_t limit, struct job_view **ret,
                         size_t *ret_n, struct err *e);
/* Puts a dead or waiting job to the front, with fresh attempts. NOT_FOUND when there is none to put. */
MUST_CHECK bool job_retry(struct tx *tx, struct sv id, int64_t now_ms, struct err *e);
/* A service is back: all waiting jobs with this reason run now. */
MUST_CHECK bool job_retry_waiting(struct tx *tx, struct sv reason, int64_t now_ms, struct err *e);
/* Removes jobs done before that moment; the dead stay. */
MUST_CHECK bool job_prune(struct tx *tx, int64_t done_before_ms, struct err *e);

/* ---- running ---- */

struct job_config {
    struct db *db;
    const struct clock *clock;
    const struct job_kind *kinds; /* live as long as the runner */
    size_t kinds_n;
    size_t threads;  /* 0: 2 */
    int64_t poll_ms; /* coarse look for what other nodes enqueued and for leases that ran out; 0: 5 s */
    /* No other process runs jobs on this database (one server on SQLite that holds its data folder's lock): what is
     * found running at the start belongs to a process that died, and is taken over at once instead of after its lease.
     */
    bool sole;
    /* Told of every attempt, so that the top can log: e NULL when it went well; j NULL when the queue itself could not
     * be read. From worker threads. May be NULL. */
    void (*report)(const struct job *j, const struct err *e, int64_t took_ms, void *arg);
    void *report_arg;
};
struct job_runner;
MUST_CHECK bool job_runner_start(const struct job_config *config, struct job_runner **ret, struct err *e);
/* Lets running handlers finish, starts no new ones, returns when the threads are gone. NULL is fine. */
void job_runner_stop(struct job_runner *r);

/* For tests and commands: runs what is due, in this thread, until nothing is due any more; false when the queue could
 * not be read or written. Schedules are not started. ret_ran (may be NULL) counts attempts. Jobs that wait for a later
 * moment stay. */
MUST_CHECK bool job_run_until_idle(const struct job_config *config, int64_t *ret_ran, struct err *e);

#endif
