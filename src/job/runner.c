/* The threads that run jobs; see job.h. They sleep until a transaction of this process wakes them, a job falls due, or
 * the coarse poll. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "job/job_priv.h"

#define DEFAULT_THREADS ((size_t)2)
#define MOST_THREADS    ((size_t)64)
#define DEFAULT_POLL_MS 5000

struct job_runner {
    struct job_config config;
    pthread_t threads[MOST_THREADS];
    size_t threads_n;
    atomic_bool stopping;
};

static void report(const struct job_config *c, const struct job *j, const struct err *e, int64_t since_us)
{
    if (c->report)
        c->report(j, e, (clock_monotonic_us() - since_us) / 1000, c->report_arg);
}

/* False when the end could not be written; the lease then brings the job back. */
static bool run_claimed(const struct job_config *c, struct job_claim *claim, struct err *e)
{
    struct err why = ERR_INIT;
    struct job *j = &claim->job;
    int64_t since = clock_monotonic_us();
    bool ok = claim->kind->run(j, claim->kind->arg, &why);
    must(ok || why.code != ERR_NONE);
    bool written = job_end(claim->kind, j, ok ? NULL : &why, e);
    report(c, j, !ok ? &why : !written ? e : NULL, since);
    /* A schedule whose handler finished the job itself starts again as a new one. */
    if (written && ok && j->finished && claim->kind->every_ms > 0)
        return job_start_schedules(c, e);
    /* Another worker has the job now: this attempt counts for nothing, the queue is well. */
    return written || e->code == ERR_CONFLICT;
}

/* One attempt, if any job is due. */
static bool run_one(const struct job_config *c, bool *ret_found, bool *ret_ran, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct job_claim claim;
    if (!job_claim_next(c, &a, &claim, e))
        return false;
    *ret_found = claim.found;
    *ret_ran = claim.found && !claim.buried;
    return !*ret_ran || run_claimed(c, &claim, e);
}

static int64_t pause_ms(const struct job_config *c)
{
    struct err e;
    int64_t due, now = clock_now(c->clock);
    if (!job_next_due(c, &due, &e) || due > now + c->poll_ms)
        return c->poll_ms;
    return due > now ? due - now : 1;
}

static void *work(void *arg)
{
    struct job_runner *r = arg;
    while (!atomic_load(&r->stopping)) {
        struct err e;
        bool found = false, ran = false;
        uint64_t seen = db_wake_count(r->config.db);
        bool ok = run_one(&r->config, &found, &ran, &e);
        if (!ok)
            report(&r->config, NULL, &e, clock_monotonic_us());
        if (ok && found)
            continue;
        int64_t ms = ok ? pause_ms(&r->config) : r->config.poll_ms;
        if (!atomic_load(&r->stopping))
            db_wait(r->config.db, seen, ms);
    }
    return NULL;
}

static void defaults(struct job_config *c)
{
    for (size_t i = 0; i < c->kinds_n; i++)
        must(c->kinds[i].kind && !strchr(c->kinds[i].kind, ' ') && c->kinds[i].run);
    c->threads = c->threads ? c->threads : DEFAULT_THREADS;
    c->poll_ms = c->poll_ms ? c->poll_ms : DEFAULT_POLL_MS;
    must(c->threads <= MOST_THREADS);
}

bool job_runner_start(const struct job_config *config, struct job_runner **ret, struct err *e)
{
    struct job_config c = *config;
    defaults(&c);
    if (c.sole && !job_end_leases(&c, e))
        return false;
    if (!job_start_schedules(&c, e))
        return false;
    struct job_runner *r = calloc(1, sizeof(*r));
    must(r != NULL);
    r->config = c;
    atomic_init(&r->stopping, false);
    for (size_t i = 0; i < c.threads; i++) {
        if (pthread_create(&r->threads[i], NULL, work, r) != 0) {
            job_runner_stop(r);
            return err_set(e, ERR_UNAVAILABLE, "no thread for jobs");
        }
        r->threads_n++;
    }
    *ret = r;
    return true;
}

void job_runner_stop(struct job_runner *r)
{
    if (!r)
        return;
    atomic_store(&r->stopping, true);
    db_wake(r->config.db);
    for (size_t i = 0; i < r->threads_n; i++)
        pthread_join(r->threads[i], NULL);
    free(r);
}

bool job_run_until_idle(const struct job_config *config, int64_t *ret_ran, struct err *e)
{
    struct job_config c = *config;
    int64_t count = 0;
    bool found = true;
    defaults(&c);
    while (found) {
        bool ran = false;
        if (!run_one(&c, &found, &ran, e))
            return false;
        count += ran;
    }
    if (ret_ran)
        *ret_ran = count;
    return true;
}
