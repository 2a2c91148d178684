#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job/job.h"
#include "job/job_priv.h"
#include "job/outbox.h"
#include "postgres.h"
#include "test.h"

static struct db *open_at(const char *url, const char *fault)
{
    struct db *db;
    struct err e;
    ASSERT_OK(db_open(&(struct db_config){.url = url, .fault = fault}, &db, &e), e);
    return db;
}

static struct db *open_migrated(const char *url)
{
    struct err e;
    struct db *db = open_at(url, NULL);
    ASSERT_OK(db_migrate(db, &db_migrations, 1, NULL, &e), e);
    return db;
}

static struct sv enqueue(struct db *db, struct arena *a, const struct job_new *n, int64_t now)
{
    struct err e;
    struct sv id;
    struct tx *tx;
    ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
    ASSERT_OK(job_enqueue(tx, a, n, now, &id, &e), e);
    ASSERT_OK(tx_commit(&tx, &e), e);
    return id;
}

static struct job_view look(struct db *db, struct arena *a, struct sv id)
{
    struct err e;
    struct job_view v;
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
    ASSERT_OK(job_get(tx, a, id, &v, &e), e);
    return v;
}

/* A handler whose outcomes are prescribed: 'k' well, 'u' unavailable, 'r' refused; after the last the last again. */
struct script {
    const char *outcomes;
    int runs, buried;
    char payload[64];
};

static bool follow(struct job *j, void *arg, struct err *e)
{
    struct script *s = arg;
    char outcome = *s->outcomes;
    if (s->outcomes[1])
        s->outcomes++;
    s->runs++;
    snprintf(s->payload, sizeof(s->payload), "%.*s", SV_ARG(j->payload));
    switch (outcome) {
    case 'u':
        return err_user(e, ERR_UNAVAILABLE, "tsa_unavailable", NULL, "no answer");
    case 'r':
        return err_set(e, ERR_REFUSED, "no: %s", "清易签");
    default:
        return true;
    }
}

static bool bury(struct tx *tx UNUSED, const struct job *j UNUSED, const struct err *why, void *arg,
                 struct err *e UNUSED)
{
    struct script *s = arg;
    s->buried += why->code != ERR_NONE;
    return true;
}

static int64_t run_idle(struct db *db, const struct clock *clock, const struct job_kind *kind)
{
    struct err e;
    int64_t ran;
    struct job_config c = {.db = db, .clock = clock, .kinds = kind, .kinds_n = 1};
    ASSERT_OK(job_run_until_idle(&c, &ran, &e), e);
    return ran;
}

TEST(a_job_exists_once_its_transaction_is_committed)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct clock_manual clock;
        struct script s = {.outcomes = "k"};
        struct job_kind kind = {.kind = "t", .run = follow, .arg = &s};
        struct db *db = open_migrated(url);
        clock_manual_init(&clock, 1000000);
        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ASSERT_OK(job_enqueue(tx, &a, &(struct job_new){.kind = SV("t"), .payload = SV("lost")}, 1000000, NULL, &e), e);
        tx_rollback(&tx);
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 0);
        struct sv id = enqueue(db, &a, &(struct job_new){.kind = SV("t"), .payload = SV("{\"名\":1}")}, 1000000);
        enqueue(db, &a, &(struct job_new){.kind = SV("other")}, 1000000); /* no handler here */
        enqueue(db, &a, &(struct job_new){.kind = SV("t"), .run_at = 1000500}, 1000000);
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 1);
        ck_assert_str_eq(s.payload, "{\"名\":1}");
        struct job_view v = look(db, &a, id);
        ck_assert(v.state == JOB_DONE && v.attempts == 1 && v.finished_at == 1000000);
        clock.at = 1000500;
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 1);
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 0);
        db_close(db);
    }
    arena_done(&a);
}

TEST(the_same_key_is_enqueued_once_while_it_lives)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct job_view v;
        struct clock_manual clock;
        struct script s = {.outcomes = "k"};
        struct job_kind kind = {.kind = "t", .run = follow, .arg = &s};
        struct job_new n = {.kind = SV("t"), .key = SV("stamp:1")};
        struct db *db = open_migrated(url);
        clock_manual_init(&clock, 1000000);
        struct sv first = enqueue(db, &a, &n, 1000000), second = enqueue(db, &a, &n, 1000001);
        ASSERT_SV(first, second);
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 1);
        struct sv third = enqueue(db, &a, &n, 1000002);
        ck_assert(!sv_eq(first, third));
        ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
        ASSERT_OK(job_by_key(tx, &a, SV("stamp:1"), &v, &e), e);
        ASSERT_SV(v.id, third);
        ck_assert(!job_by_key(tx, &a, SV("none"), &v, &e) && e.code == ERR_NOT_FOUND);
        tx_rollback(&tx);
        db_close(db);
    }
    arena_done(&a);
}

TEST(what_may_pass_is_tried_again_later_and_later)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct clock_manual clock;
        struct script s = {.outcomes = "uuuk"};
        struct job_kind kind = {
                .kind = "t", .run = follow, .arg = &s, .first_backoff_ms = 1000, .most_backoff_ms = 3000};
        struct db *db = open_migrated(url);
        clock_manual_init(&clock, 1000000);
        struct sv id = enqueue(db, &a, &(struct job_new){.kind = SV("t")}, clock.at);
        static const int64_t most[] = {1000, 2000, 3000};
        for (int i = 0; i < 3; i++) {
            ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 1);
            struct job_view v = look(db, &a, id);
            ck_assert(v.state == JOB_QUEUED && v.attempts == i + 1);
            ASSERT_SV(v.waiting, SV("tsa_unavailable"));
            ASSERT_SV(v.last_error, SV("no answer"));
            ck_assert(v.run_at >= clock.at + most[i] / 2 && v.run_at <= clock.at + most[i]);
            clock.at = v.run_at;
        }
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 1);
        struct job_view v = look(db, &a, id);
        ck_assert(v.state == JOB_DONE && v.waiting.n == 0 && v.attempts == 4);
        db_close(db);
    }
    arena_done(&a);
}

TEST(what_is_refused_or_tried_too_often_is_buried)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct job_view v;
        struct clock_manual clock;
        struct script s = {.outcomes = "r"};
        struct job_kind kind = {.kind = "t", .run = follow, .dead = bury, .arg = &s, .max_attempts = 2};
        struct db *db = open_migrated(url);
        clock_manual_init(&clock, 1000000);
        struct sv id = enqueue(db, &a, &(struct job_new){.kind = SV("t")}, clock.at);
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 1);
        v = look(db, &a, id);
        ck_assert(v.state == JOB_DEAD && s.buried == 1);
        ASSERT_SV(v.waiting, SV("code.REFUSED"));
        ASSERT_SV(v.last_error, SV("no: 清易签"));
        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ASSERT_OK(job_retry(tx, id, clock.at, &e), e);
        ASSERT_OK(tx_commit(&tx, &e), e);
        s.outcomes = "u";
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 1);
        ck_assert(look(db, &a, id).state == JOB_QUEUED);
        clock.at += 10000000;
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 1);
        ck_assert(look(db, &a, id).state == JOB_DEAD && s.buried == 2);
        struct job_view *dead;
        size_t n;
        ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
        ASSERT_OK(job_list(tx, &a, JOB_DEAD, 10, &dead, &n, &e), e);
        ck_assert(n == 1 && sv_eq(dead[0].id, id));
        tx_rollback(&tx);
        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ck_assert(!job_retry(tx, SV("none"), clock.at, &e) && e.code == ERR_NOT_FOUND);
        tx_rollback(&tx);
        db_close(db);
    }
    arena_done(&a);
}

TEST(all_that_wait_for_a_service_go_on_when_it_is_back)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct clock_manual clock;
        struct script s = {.outcomes = "uuk"};
        struct job_kind kind = {.kind = "t", .run = follow, .arg = &s};
        struct db *db = open_migrated(url);
        clock_manual_init(&clock, 1000000);
        enqueue(db, &a, &(struct job_new){.kind = SV("t")}, clock.at);
        enqueue(db, &a, &(struct job_new){.kind = SV("t")}, clock.at);
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 2);
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 0);
        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ASSERT_OK(job_retry_waiting(tx, SV("tsa_unavailable"), clock.at, &e), e);
        ASSERT_OK(tx_commit(&tx, &e), e);
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 2);
        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ASSERT_OK(job_prune(tx, clock.at + 1, &e), e);
        ASSERT_OK(tx_commit(&tx, &e), e);
        struct job_view *done;
        size_t n;
        ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
        ASSERT_OK(job_list(tx, &a, JOB_DONE, 10, &done, &n, &e), e);
        ck_assert_uint_eq(n, 0);
        tx_rollback(&tx);
        db_close(db);
    }
    arena_done(&a);
}

/* ---- leases ---- */

TEST(a_lost_lease_can_write_nothing)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct clock_manual clock;
        struct script s = {.outcomes = "k"};
        struct job_kind kind = {.kind = "t", .run = follow, .arg = &s, .lease_ms = 1000};
        struct db *db = open_migrated(url);
        clock_manual_init(&clock, 1000000);
        struct job_config c = {.db = db, .clock = &clock.clock, .kinds = &kind, .kinds_n = 1};
        struct job_claim slow, fast;
        struct sv id = enqueue(db, &a, &(struct job_new){.kind = SV("t")}, clock.at);
        ASSERT_OK(job_claim_next(&c, &a, &slow, &e), e);
        ck_assert(slow.found);
        clock.at += 900;
        ASSERT_OK(job_progress(&slow.job, 1, 4, &e), e); /* holds until 1901 */
        clock.at += 900;
        ASSERT_OK(job_claim_next(&c, &a, &fast, &e), e);
        ck_assert(!fast.found);
        ck_assert(look(db, &a, id).progress_total == 4);
        clock.at += 200;
        ASSERT_OK(job_claim_next(&c, &a, &fast, &e), e);
        ck_assert(fast.found && sv_eq(fast.job.id, id) && fast.job.attempts == 2);
        ck_assert(!job_progress(&slow.job, 2, 4, &e) && e.code == ERR_CONFLICT);
        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ck_assert(!job_finish(tx, &slow.job, &e) && e.code == ERR_CONFLICT);
        tx_rollback(&tx);
        ck_assert(!job_end(&kind, &slow.job, NULL, &e) && e.code == ERR_CONFLICT);
        ck_assert(look(db, &a, id).state == JOB_RUNNING);
        ASSERT_OK(job_end(&kind, &fast.job, NULL, &e), e);
        ck_assert(look(db, &a, id).state == JOB_DONE);
        db_close(db);
    }
    arena_done(&a);
}

TEST(a_job_that_never_comes_back_is_buried_in_the_end)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct clock_manual clock;
        struct script s = {.outcomes = "k"};
        struct job_kind kind = {
                .kind = "t", .run = follow, .dead = bury, .arg = &s, .lease_ms = 1000, .max_attempts = 2};
        struct db *db = open_migrated(url);
        clock_manual_init(&clock, 1000000);
        struct job_config c = {.db = db, .clock = &clock.clock, .kinds = &kind, .kinds_n = 1};
        struct job_claim claim;
        struct sv id = enqueue(db, &a, &(struct job_new){.kind = SV("t")}, clock.at);
        for (int i = 0; i < 2; i++) {
            ASSERT_OK(job_claim_next(&c, &a, &claim, &e), e);
            ck_assert(claim.found && !claim.buried);
            clock.at += 1001;
        }
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 0);
        ck_assert(look(db, &a, id).state == JOB_DEAD && s.buried == 1 && s.runs == 0);
        db_close(db);
    }
    arena_done(&a);
}

/* ---- processes that die, and race ---- */

/* The effect of the job is one message, written in the transaction that finishes the job. */
static bool effect_in(struct tx *tx, void *arg, struct err *e)
{
    struct job *j = arg;
    struct outbox_new n = {.channel = OUTBOX_INBOX, .topic = SV("effect"), .params = SV("{}")};
    return outbox_send(tx, j->a, &n, clock_now(j->clock), NULL, e) && job_finish(tx, j, e);
}

static bool effect(struct job *j, void *arg UNUSED, struct err *e)
{
    return tx_run(j->db, effect_in, j, e);
}

static size_t effects(struct db *db)
{
    struct err e;
    struct outbox_item *items;
    size_t n;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
    ASSERT_OK(outbox_list(tx, &a, SV(""), SV("effect"), 10, &items, &n, &e), e);
    return n;
}

static bool run_in_child(const char *url, const char *fault, int64_t at)
{
    pid_t child = fork();
    if (child == 0) {
        struct err e;
        struct clock_manual clock;
        struct job_kind kind = {.kind = "effect", .run = effect};
        clock_manual_init(&clock, at);
        struct db *db = open_at(url, fault);
        struct job_config c = {.db = db, .clock = &clock.clock, .kinds = &kind, .kinds_n = 1};
        _exit(job_run_until_idle(&c, NULL, &e) ? 0 : 1);
    }
    int status;
    ck_assert(waitpid(child, &status, 0) == child);
    ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

TEST(killed_at_any_commit_the_effect_comes_exactly_once)
{
    static const char *const faults[] = {"kill-before-commit", "kill-after-commit"};
    struct arena a;
    arena_init(&a, 1 << 24);
    for (size_t f = 0; f < COUNT(faults); f++) {
        TEST_EACH_DB(&a, url)
        {
            struct db *db = open_migrated(url);
            int deaths = 0;
            for (int n = 1;; n++) {
                int64_t at = 1000000 + n * 10000000;
                enqueue(db, &a, &(struct job_new){.kind = SV("effect")}, at);
                bool died = run_in_child(url, arena_printf(&a, "%s:%d", faults[f], n).p, at);
                /* The leases have run out. PostgreSQL may hold the dead process's row locks for a moment yet, and the
                 * job is passed over meanwhile, as another worker's would be. */
                for (int i = 0; i < 200 && effects(db) < (size_t)n; i++) {
                    ck_assert(!run_in_child(url, NULL, at + 5000000));
                    usleep(5000);
                }
                ck_assert_uint_eq(effects(db), (size_t)n);
                deaths += died;
                if (!died)
                    break;
            }
            ck_assert_int_ge(deaths, 2); /* claim; effect and finish */
            db_close(db);
        }
    }
    arena_done(&a);
}

static bool write_id(struct job *j, void *arg, struct err *e)
{
    int fd = *(int *)arg;
    return write(fd, j->id.p, ID_LEN) == ID_LEN ? true : err_errno(e, "write");
}

static bool enqueue_500(struct tx *tx, void *arg UNUSED, struct err *e)
{
    for (int i = 0; i < 500; i++) {
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, 1 << 20);
        if (!job_enqueue(tx, &a, &(struct job_new){.kind = SV("t")}, 1000000, NULL, e))
            return false;
    }
    return true;
}

static void race(const char *url, int fd)
{
    pid_t children[2];
    for (size_t i = 0; i < COUNT(children); i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct err e;
            struct job_kind kind = {.kind = "t", .run = write_id, .arg = &fd};
            struct db *db = open_at(url, NULL);
            struct job_config c = {.db = db, .clock = &clock_system, .kinds = &kind, .kinds_n = 1};
            bool ok = job_run_until_idle(&c, NULL, &e);
            if (!ok)
                fprintf(stderr, "# %s\n", e.msg);
            _exit(ok ? 0 : 1);
        }
    }
    for (size_t i = 0; i < COUNT(children); i++) {
        int status;
        waitpid(children[i], &status, 0);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

static int by_id(const void *x, const void *y)
{
    return memcmp(x, y, ID_LEN);
}

TEST(two_workers_race_for_500_jobs_without_doubles)
{
    struct arena a;
    arena_init(&a, 1 << 24);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        const char *dir;
        struct sv ids;
        struct db *db = open_migrated(url);
        ASSERT_OK(tx_run(db, enqueue_500, NULL, &e), e);
        db_close(db);
        ASSERT_OK(dir_temp(&a, "qyq-race", &dir, &e), e);
        const char *path = path_join(&a, dir, "ids");
        int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        race(url, fd);
        close(fd);
        ASSERT_OK(file_read(&a, path, 1 << 20, &ids, &e), e);
        ck_assert_uint_eq(ids.n, 500 * ID_LEN);
        char *sorted = arena_cstr(&a, ids);
        qsort(sorted, 500, ID_LEN, by_id);
        for (size_t i = 1; i < 500; i++)
            ck_assert(memcmp(sorted + (i - 1) * ID_LEN, sorted + i * ID_LEN, ID_LEN) != 0);
        ASSERT_OK(dir_remove(dir, &e), e);
    }
    arena_done(&a);
}

/* ---- threads ---- */

static bool count_up(struct job *j UNUSED, void *arg, struct err *e UNUSED)
{
    __atomic_add_fetch((int *)arg, 1, __ATOMIC_SEQ_CST);
    return true;
}

static bool reaches(int *counter, int want)
{
    for (int i = 0; i < 500 && __atomic_load_n(counter, __ATOMIC_SEQ_CST) < want; i++)
        usleep(10000);
    return __atomic_load_n(counter, __ATOMIC_SEQ_CST) >= want;
}

TEST(threads_wake_at_once_keep_schedules_and_stop)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        int ran = 0, ticks = 0;
        struct job_runner *r;
        struct job_kind kinds[] = {
                {.kind = "t",      .run = count_up, .arg = &ran   },
                { .kind = "tick", .run = count_up,   .arg = &ticks, .every_ms = 20}
        };
        struct db *db = open_migrated(url);
        struct job_config c = {.db = db, .clock = &clock_system, .kinds = kinds, .kinds_n = 2, .poll_ms = 60000};
        ASSERT_OK(job_runner_start(&c, &r, &e), e);
        ck_assert(reaches(&ticks, 3)); /* the poll alone would take a minute */
        for (int i = 1; i <= 3; i++) {
            enqueue(db, &a, &(struct job_new){.kind = SV("t")}, clock_now(&clock_system));
            ck_assert(reaches(&ran, i));
        }
        job_runner_stop(r);
        int before = ticks;
        usleep(50000);
        ck_assert_int_eq(before, ticks);
        db_close(db);
    }
    arena_done(&a);
}

TEST(a_sole_runner_takes_over_what_a_dead_process_left)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        int ran = 0;
        struct job_claim dead;
        struct job_runner *r;
        struct job_kind kind = {.kind = "t", .run = count_up, .arg = &ran};
        struct db *db = open_migrated(url);
        struct job_config c = {.db = db, .clock = &clock_system, .kinds = &kind, .kinds_n = 1, .poll_ms = 60000};
        enqueue(db, &a, &(struct job_new){.kind = SV("t")}, clock_now(&clock_system));
        ASSERT_OK(job_claim_next(&c, &a, &dead, &e), e);
        ck_assert(dead.found);
        ASSERT_OK(job_run_until_idle(&c, NULL, &e), e);
        ck_assert_int_eq(ran, 0); /* the lease holds for a minute */
        c.sole = true;
        ASSERT_OK(job_runner_start(&c, &r, &e), e);
        ck_assert(reaches(&ran, 1));
        job_runner_stop(r);
        db_close(db);
    }
    arena_done(&a);
}

TEST(a_schedule_outlives_failure_and_handlers_that_finish_themselves)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct clock_manual clock;
        struct script s = {.outcomes = "rk"};
        struct job_kind kind = {
                .kind = "t", .run = follow, .dead = bury, .arg = &s, .every_ms = 60000, .max_attempts = 1};
        struct db *db = open_migrated(url);
        clock_manual_init(&clock, 1000000);
        struct job_config c = {.db = db, .clock = &clock.clock, .kinds = &kind, .kinds_n = 1};
        ASSERT_OK(job_start_schedules(&c, &e), e);
        ASSERT_OK(job_start_schedules(&c, &e), e); /* another node */
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 1);
        ck_assert_int_eq(s.buried, 0);
        clock.at += 1000;
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 1);
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 0);
        clock.at += 60000;
        ck_assert_int_eq(run_idle(db, &clock.clock, &kind), 1);
        db_close(db);
    }
    arena_done(&a);
}
