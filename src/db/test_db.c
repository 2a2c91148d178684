#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/db.h"
#include "db/db_priv.h"
#include "postgres.h"
#include "test.h"

static const struct sv thing_sql =
        SV_INIT("CREATE TABLE thing (id {text} NOT NULL PRIMARY KEY, n {i64} NOT NULL, note {text},"
                " body {bytes}, flag {bool} NOT NULL CHECK (flag IN (0, 1))) {strict};"
                "CREATE TABLE part (id {text} NOT NULL PRIMARY KEY, thing {text} NOT NULL"
                " REFERENCES thing (id)) {strict};");

DB_QUERY(q_add, .in = "tiTBi", .sql = "INSERT INTO thing (id, n, note, body, flag) VALUES (?1, ?2, ?3, ?4, ?5)");
DB_QUERY(q_all, .out = "tiTBi", .sql = "SELECT id, n, note, body, flag FROM thing ORDER BY id");
DB_QUERY(q_get, .in = "t", .out = "i", .sql = "SELECT n FROM thing WHERE id = ?1");
DB_QUERY(q_set, .in = "it", .out = "i", .sql = "UPDATE thing SET n = ?1 WHERE id = ?2 RETURNING n");
DB_QUERY(q_count, .out = "ii", .sql = "SELECT count(*), COALESCE(SUM(n), 0) FROM thing");
DB_QUERY(q_upsert, .in = "ti",
         .sql = "INSERT INTO thing (id, n, flag) VALUES (?1, ?2, 0) ON CONFLICT (id) DO UPDATE SET n = thing.n + 1");
DB_QUERY(q_part, .in = "tt", .sql = "INSERT INTO part (id, thing) VALUES (?1, ?2)");
DB_QUERY(q_quoted, .in = "t", .out = "tt", .sql = "SELECT '?1 isn''t', /* ?2 */ ?1 -- ?3\n");

static struct db *open_at(const char *url, const char *fault)
{
    struct db *db;
    struct err e;
    struct db_config config = {.url = url, .fault = fault, .wait_ms = 5000};
    ASSERT_OK(db_open(&config, &db, &e), e);
    return db;
}

static struct db *open_with_things(const char *url)
{
    struct err e;
    struct db *db = open_at(url, NULL);
    struct tx *tx;
    ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
    ASSERT_OK(db_script(tx, thing_sql, &e), e);
    ASSERT_OK(tx_commit(&tx, &e), e);
    return db;
}

static bool add(struct tx *tx, const char *id, int64_t n, struct err *e)
{
    return db_exec(tx, &q_add, DB_ARGS(DB_TEXT(sv_from(id)), DB_INT(n), DB_NULL, DB_NULL, DB_BOOL(false)), e);
}

static int64_t count(struct db *db)
{
    struct err e;
    struct db_rows r;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
    ASSERT_OK(db_one(tx, &a, &q_count, DB_NO_ARGS, &r, &e), e);
    return db_int(&r, 0, 0);
}

TEST(values_come_back_as_they_went_in)
{
    static const struct sv bytes = SV_INIT("\0\xFF'\\x\"");
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct db_rows r;
        struct db *db = open_with_things(url);
        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ASSERT_OK(db_exec(tx, &q_add,
                          DB_ARGS(DB_TEXT(SV("b")), DB_INT(INT64_MIN), DB_TEXT(SV("清易签 ' \" ?1 $1")),
                                  DB_BYTES(bytes), DB_BOOL(true)),
                          &e),
                  e);
        ASSERT_OK(db_exec(tx, &q_add,
                          DB_ARGS(DB_TEXT(SV("B")), DB_INT(INT64_MAX), DB_TEXT(((struct sv){0})),
                                  DB_BYTES(((struct sv){0})), DB_BOOL(false)),
                          &e),
                  e);
        ASSERT_OK(db_exec(tx, &q_add, DB_ARGS(DB_TEXT(SV("")), DB_INT(-1), DB_NULL, DB_NULL, DB_BOOL(false)), &e), e);
        ASSERT_OK(tx_commit(&tx, &e), e);
        ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
        ASSERT_OK(db_run(tx, &a, &q_all, DB_NO_ARGS, &r, &e), e);
        ck_assert_uint_eq(r.n, 3);
        ck_assert_int_eq(r.changed, 0);
        ASSERT_SV(db_text(&r, 0, 0), SV("")); /* sorted by bytes: "" < "B" < "b" */
        ck_assert(db_is_null(&r, 0, 2) && db_is_null(&r, 0, 3) && db_text(&r, 0, 2).p == NULL);
        ASSERT_SV(db_text(&r, 1, 0), SV("B"));
        ck_assert(db_int(&r, 1, 1) == INT64_MAX && !db_is_null(&r, 1, 2) && !db_is_null(&r, 1, 3));
        ck_assert(db_int(&r, 2, 1) == INT64_MIN && db_bool(&r, 2, 4));
        ASSERT_SV(db_text(&r, 2, 2), SV("清易签 ' \" ?1 $1"));
        ck_assert(sv_eq(db_bytes(&r, 2, 3), bytes));
        tx_rollback(&tx);
        db_close(db);
    }
    arena_done(&a);
}

TEST(parameters_in_quotes_and_comments_stay)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct db_rows r;
        struct db *db = open_at(url, NULL);
        ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
        ASSERT_OK(db_one(tx, &a, &q_quoted, DB_ARGS(DB_TEXT(SV("x"))), &r, &e), e);
        ASSERT_SV(db_text(&r, 0, 0), SV("?1 isn't"));
        ASSERT_SV(db_text(&r, 0, 1), SV("x"));
        tx_rollback(&tx);
        db_close(db);
    }
    ASSERT_SV(dialect_dollars(&a, SV("?1 '?1' \"?2\" --?3\n?12 /*?4*/ ??")), SV("$1 '?1' \"?2\" --?3\n$12 /*?4*/ ??"));
    arena_done(&a);
}

TEST(returning_changed_and_sums)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct db_rows r;
        int64_t changed;
        struct db *db = open_with_things(url);
        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ck_assert(add(tx, "a", 5, &e) && add(tx, "b", 6, &e));
        ASSERT_OK(db_run(tx, &a, &q_set, DB_ARGS(DB_INT(7), DB_TEXT(SV("a"))), &r, &e), e);
        ck_assert(r.n == 1 && r.changed == 1 && db_int(&r, 0, 0) == 7);
        ASSERT_OK(db_run(tx, &a, &q_set, DB_ARGS(DB_INT(7), DB_TEXT(SV("none"))), &r, &e), e);
        ck_assert(r.n == 0 && r.changed == 0);
        ASSERT_OK(db_exec_changed(tx, &q_upsert, DB_ARGS(DB_TEXT(SV("a")), DB_INT(0)), &changed, &e), e);
        ck_assert_int_eq(changed, 1);
        ASSERT_OK(db_one(tx, &a, &q_count, DB_NO_ARGS, &r, &e), e);
        ck_assert(db_int(&r, 0, 0) == 2 && db_int(&r, 0, 1) == 14);
        ck_assert(!db_one(tx, &a, &q_get, DB_ARGS(DB_TEXT(SV("none"))), &r, &e) && e.code == ERR_NOT_FOUND);
        ASSERT_OK(tx_commit(&tx, &e), e); /* no row is no failure of the transaction */
        db_close(db);
    }
    arena_done(&a);
}

TEST(errors_have_their_codes_and_end_the_transaction)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct db *db = open_with_things(url);
        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ck_assert(add(tx, "a", 1, &e));
        ck_assert(!add(tx, "a", 1, &e));
        ck_assert_msg(e.code == ERR_CONFLICT, "%s", e.msg);
        ck_assert(!add(tx, "b", 1, &e) && e.code == ERR_INTERNAL);
        ck_assert(!tx_commit(&tx, &e) && tx == NULL);
        ck_assert_int_eq(count(db), 0);

        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ck_assert(!db_exec(tx, &q_part, DB_ARGS(DB_TEXT(SV("p")), DB_TEXT(SV("none"))), &e));
        ck_assert_msg(e.code == ERR_REFUSED, "%s", e.msg);
        tx_rollback(&tx);

        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ck_assert(!db_exec(tx, &q_add, DB_ARGS(DB_TEXT(SV("x\xFF")), DB_INT(1), DB_NULL, DB_NULL, DB_INT(0)), &e));
        ck_assert_int_eq(e.code, ERR_BAD_INPUT);
        tx_rollback(&tx);

        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ck_assert(!db_exec(tx, &q_add, DB_ARGS(DB_TEXT(SV("x")), DB_INT(1), DB_NULL, DB_NULL, DB_INT(2)), &e));
        ck_assert_int_eq(e.code, ERR_INTERNAL); /* CHECK: ours to get right */
        tx_rollback(&tx);

        ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
        ck_assert(!add(tx, "a", 1, &e)); /* read-only */
        tx_rollback(&tx);
        ck_assert_int_eq(count(db), 0);
        db_close(db);
    }
    arena_done(&a);
}

static void leave_early(struct db *db)
{
    struct err e;
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
    ck_assert(add(tx, "a", 1, &e));
}

TEST(a_transaction_that_is_left_is_undone)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct db *db = open_with_things(url);
        leave_early(db);
        ck_assert_int_eq(count(db), 0);
        db_close(db);
    }
    arena_done(&a);
}

TEST(readers_keep_their_snapshot)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *reader, *writer;
        struct db_rows r;
        struct db *db = open_with_things(url);
        ASSERT_OK(tx_begin(db, TX_READ, &reader, &e), e);
        ASSERT_OK(db_one(reader, &a, &q_count, DB_NO_ARGS, &r, &e), e);
        ASSERT_OK(tx_begin(db, TX_WRITE, &writer, &e), e);
        ck_assert(add(writer, "a", 1, &e) && tx_commit(&writer, &e));
        ASSERT_OK(db_one(reader, &a, &q_count, DB_NO_ARGS, &r, &e), e);
        ck_assert_int_eq(db_int(&r, 0, 0), 0);
        tx_rollback(&reader);
        ck_assert_int_eq(count(db), 1);
        db_close(db);
    }
    arena_done(&a);
}

/* Read, then write what was read plus one: lost unless writers are as if alone. */
static bool increment(struct tx *tx, void *arg UNUSED, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    struct db_rows r;
    return db_one(tx, &a, &q_get, DB_ARGS(DB_TEXT(SV("a"))), &r, e) &&
           db_run(tx, &a, &q_set, DB_ARGS(DB_INT(db_int(&r, 0, 0) + 1), DB_TEXT(SV("a"))), &r, e);
}

static void *increment_25_times(void *arg)
{
    struct err e;
    for (int i = 0; i < 25; i++) {
        if (!tx_run(arg, increment, NULL, &e))
            return strdup(e.msg);
    }
    return NULL;
}

/* A process of its own that waits for a byte, then opens the file, counts, closes and ends with the count. Forked
 * before this process opens the file: SQLite's connections must not cross a fork. */
static pid_t visitor(const char *url, int *ret_start)
{
    char byte;
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        close(ends[1]);
        if (read(ends[0], &byte, 1) != 1)
            _exit(99);
        struct db *db = open_at(url, NULL);
        int64_t n = count(db);
        db_close(db);
        _exit((int)n);
    }
    close(ends[0]);
    *ret_start = ends[1];
    return pid;
}

static int visit(pid_t pid, int start)
{
    int status;
    ck_assert_int_eq(write(start, "x", 1), 1);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    close(start);
    return WEXITSTATUS(status);
}

/* A command that looks in beside a running server must not end the server's log. */
TEST(a_visiting_process_leaves_the_log_in_place)
{
    struct err e;
    struct tx *tx;
    int start[2];
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    const char *url = test_sqlite_url(&a);
    pid_t first = visitor(url, &start[0]), second = visitor(url, &start[1]);
    struct db *db = open_with_things(url);
    ck_assert_int_eq(count(db), 0); /* opens a second connection of this process */
    ck_assert_int_eq(visit(first, start[0]), 0);
    ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
    ASSERT_OK(add(tx, "1", 1, &e), e);
    ASSERT_OK(tx_commit(&tx, &e), e);
    ck_assert_int_eq(visit(second, start[1]), 1); /* sees what was written after the first visit */
    db_close(db);
}

TEST(writers_on_many_threads_lose_nothing)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct db_rows r;
        pthread_t threads[4];
        struct db *db = open_with_things(url);
        ck_assert(tx_begin(db, TX_WRITE, &tx, &e) && add(tx, "a", 0, &e) && tx_commit(&tx, &e));
        for (size_t i = 0; i < COUNT(threads); i++)
            ck_assert(pthread_create(&threads[i], NULL, increment_25_times, db) == 0);
        for (size_t i = 0; i < COUNT(threads); i++) {
            void *why;
            pthread_join(threads[i], &why);
            ck_assert_msg(!why, "%s", (char *)why);
        }
        ck_assert(tx_begin(db, TX_READ, &tx, &e) && db_one(tx, &a, &q_get, DB_ARGS(DB_TEXT(SV("a"))), &r, &e));
        ck_assert_int_eq(db_int(&r, 0, 0), 100);
        tx_rollback(&tx);
        db_close(db);
    }
    arena_done(&a);
}

TEST(a_full_pool_is_busy_after_the_wait)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *first, *second;
        struct db *db;
        ck_assert(db_open(&(struct db_config){.url = url, .connections = 1, .wait_ms = 50}, &db, &e));
        ASSERT_OK(tx_begin(db, TX_READ, &first, &e), e);
        ck_assert(!tx_begin(db, TX_READ, &second, &e));
        ck_assert_int_eq(e.code, ERR_BUSY);
        tx_rollback(&first);
        ASSERT_OK(db_ping(db, &e), e);
        db_close(db);
    }
    arena_done(&a);
}

/* For each n: the n-th call fails, and the table holds all or nothing; at last nothing fails any more. */
TEST(a_failed_call_leaves_all_or_nothing)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        db_close(open_with_things(url));
        bool done = false;
        for (int n = 1; !done; n++) {
            struct err e;
            struct tx *tx = NULL;
            ck_assert_int_lt(n, 10);
            struct db *db = open_at(url, arena_printf(&a, "call:%d", n).p);
            done = tx_begin(db, TX_WRITE, &tx, &e) && add(tx, "a", 1, &e) && add(tx, "b", 2, &e) && tx_commit(&tx, &e);
            ck_assert(done || e.code == ERR_UNAVAILABLE);
            tx_rollback(&tx);
            db_close(db);
            db = open_at(url, NULL);
            ck_assert_int_eq(count(db), done ? 2 : 0);
            db_close(db);
        }
    }
    arena_done(&a);
}

static void add_two_in_child(const char *url, const char *fault)
{
    struct err e;
    struct tx *tx;
    pid_t child = fork();
    if (child == 0) {
        struct db *db = open_at(url, fault);
        bool ok = tx_begin(db, TX_WRITE, &tx, &e) && add(tx, "a", 1, &e) && tx_commit(&tx, &e) &&
                  tx_begin(db, TX_WRITE, &tx, &e) && add(tx, "b", 2, &e) && tx_commit(&tx, &e);
        _exit(ok ? 0 : 1);
    }
    int status;
    ck_assert(waitpid(child, &status, 0) == child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(killed_at_a_commit_shows_the_old_or_the_new_state)
{
    static const struct {
        const char *fault;
        int64_t rows;
    } cases[] = {
            {"kill-before-commit:1", 0},
            {"kill-after-commit:1",  1},
            {"kill-before-commit:2", 1},
            {"kill-after-commit:2",  2}
    };
    struct arena a;
    arena_init(&a, 1 << 22);
    for (size_t i = 0; i < COUNT(cases); i++) {
        TEST_EACH_DB(&a, url)
        {
            db_close(open_with_things(url));
            add_two_in_child(url, cases[i].fault);
            struct db *db = open_at(url, NULL);
            ck_assert_int_eq(count(db), cases[i].rows);
            db_close(db);
        }
    }
    arena_done(&a);
}

TEST(faults_and_urls_are_checked)
{
    struct err e;
    struct db *db;
    ck_assert(!db_open(&(struct db_config){.url = "sqlite:/tmp/x", .fault = "kill:3"}, &db, &e));
    ck_assert_int_eq(e.code, ERR_BAD_INPUT);
    ck_assert(!db_open(&(struct db_config){.url = ""}, &db, &e) && e.code == ERR_BAD_INPUT);
    ck_assert(!db_open(&(struct db_config){.url = "/nowhere/at/all.db"}, &db, &e) && e.code == ERR_UNAVAILABLE);
    ck_assert(!db_open(&(struct db_config){.url = "host=/nowhere dbname=x"}, &db, &e) && e.code == ERR_UNAVAILABLE);
}

TEST(a_restarted_server_is_found_again)
{
    struct err e;
    struct tx *tx;
    struct arena a;
    arena_init(&a, 1 << 22);
    struct db *db = open_with_things(test_postgres_url(&a));
    ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
    test_postgres_stop();
    ck_assert(!add(tx, "a", 1, &e));
    ck_assert_msg(e.code == ERR_UNAVAILABLE, "%s", e.msg);
    tx_rollback(&tx);
    ck_assert(!db_ping(db, &e) && e.code == ERR_UNAVAILABLE);
    test_postgres_start();
    ASSERT_OK(db_ping(db, &e), e);
    test_postgres_stop();
    test_postgres_start();
    ASSERT_OK(db_ping(db, &e), e); /* the idle connection died meanwhile */
    ck_assert_int_eq(count(db), 0);
    db_close(db);
    arena_done(&a);
}

static void *wake_soon(void *arg)
{
    usleep(20000);
    db_wake(arg);
    return NULL;
}

TEST(waiting_ends_with_a_wake_or_in_time)
{
    struct err e;
    struct tx *tx;
    pthread_t thread;
    struct arena a;
    arena_init(&a, 1 << 22);
    struct db *db = open_with_things(test_sqlite_url(&a));
    uint64_t seen = db_wake_count(db);
    ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
    tx_wake(tx);
    ck_assert_uint_eq(db_wake_count(db), seen);
    ASSERT_OK(tx_commit(&tx, &e), e);
    ck_assert_uint_ne(db_wake_count(db), seen);
    int64_t before = clock_monotonic_us();
    db_wait(db, seen, 10000); /* already seen to move: at once */
    seen = db_wake_count(db);
    db_wait(db, seen, 30);
    ck_assert_int_ge(clock_monotonic_us() - before, 30000);
    pthread_create(&thread, NULL, wake_soon, db);
    db_wait(db, seen, 10000);
    pthread_join(thread, NULL);
    ck_assert_int_lt(clock_monotonic_us() - before, 5000000);
    db_close(db);
    arena_done(&a);
}
