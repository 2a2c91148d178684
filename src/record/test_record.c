#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "postgres.h"
#include "record/audit.h"
#include "record/record.h"
#include "test.h"

static struct db *open_migrated(const char *url)
{
    struct db *db;
    struct err e;
    ASSERT_OK(db_open(&(struct db_config){.url = url}, &db, &e), e);
    ASSERT_OK(db_migrate(db, &db_migrations, 1, NULL, &e), e);
    return db;
}

static void append(struct db *db, struct sv chain, struct sv kind, struct sv payload, int64_t at)
{
    struct err e;
    struct record_event r;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
    ASSERT_OK(record_append(tx, &a, chain, kind, payload, at, &r, &e), e);
    ASSERT_OK(tx_commit(&tx, &e), e);
}

static struct db *open_with_chain(const char *url)
{
    struct db *db = open_migrated(url);
    append(db, SV("contract:1"), SV("contract.created"), SV("{\"a\":1}"), 1000);
    append(db, SV("contract:1"), SV("contract.sent"), SV("{}"), 2000);
    append(db, SV("contract:2"), SV("contract.created"), SV("{}"), 2500);
    append(db, SV("contract:1"), SV("contract.signed"), SV("{\"名\":\"值\"}"), 3000);
    append(db, SV("contract:1"), SV("contract.effective"), SV(""), 4000);
    return db;
}

static struct record_verdict verify(struct db *db, struct sv chain)
{
    struct err e;
    struct record_verdict v;
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
    ASSERT_OK(record_verify(tx, chain, &v, &e), e);
    return v;
}

static void tamper(struct db *db, const struct db_query *q)
{
    struct err e;
    struct tx *tx;
    int64_t changed;
    ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
    ASSERT_OK(db_exec_changed(tx, q, DB_NO_ARGS, &changed, &e), e);
    ck_assert_int_ge(changed, 1);
    ASSERT_OK(tx_commit(&tx, &e), e);
}

TEST(a_chain_is_read_and_verified)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct record_event *events, head;
        struct record_verdict v;
        size_t n;
        struct db *db = open_with_chain(url);
        ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
        ASSERT_OK(record_read(tx, &a, SV("contract:1"), 0, 100, &events, &n, &e), e);
        ck_assert_uint_eq(n, 4);
        ASSERT_SV(events[2].kind, SV("contract.signed"));
        ASSERT_SV(events[2].payload, SV("{\"名\":\"值\"}"));
        ck_assert(events[3].payload.p != NULL && events[3].payload.n == 0);
        ck_assert(sv_eq(events[3].prev, events[2].hash));
        ASSERT_OK(record_head(tx, &a, SV("contract:1"), &head, &e), e);
        ck_assert(head.seq == 4 && sv_eq(head.hash, events[3].hash));
        ck_assert(!record_head(tx, &a, SV("contract:3"), &head, &e) && e.code == ERR_NOT_FOUND);
        record_verify_events(events, n, &v);
        ck_assert(v.ok && v.checked == 4 && sv_eq(sv_of(v.head, sizeof(v.head)), head.hash));
        tx_rollback(&tx);
        v = verify(db, SV("contract:1"));
        ck_assert(v.ok && v.checked == 4 && v.bad_seq == 0);
        v = verify(db, SV("contract:3"));
        ck_assert(v.ok && v.checked == 0);
        db_close(db);
    }
    arena_done(&a);
}

/* The format is a promise to outside checkers: computed here by hand from the description in record.h. */
TEST(the_hashed_text_is_as_described)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    struct db *db = open_with_chain(test_sqlite_url(&a));
    struct err e;
    struct tx *tx;
    struct record_event head;
    ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
    ASSERT_OK(record_head(tx, &a, SV("contract:2"), &head, &e), e);
    tx_rollback(&tx);
    struct sv text = SV("qyq-event-v1 sha256\ncontract:2 1 2500\ncontract.created\n"
                        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\n"
                        "0000000000000000000000000000000000000000000000000000000000000000\n");
    struct digest d = digest_of(DIGEST_SHA256, text);
    ASSERT_SV(record_hashed_text(&a, &head), text);
    ck_assert(sv_eq(digest_sv(&d), head.hash));
    db_close(db);
    arena_done(&a);
}

TEST(tampering_is_found_and_the_record_named)
{
    static const struct {
        struct db_query q;
        int64_t bad;
        const char *why;
    } cases[] = {
            {{"t", "", "", "UPDATE record_event SET payload = payload_hash WHERE chain = 'contract:1' AND seq = 2",
              NULL},
             2,                                                                                                    "payload"},
            {{"t", "", "", "UPDATE record_event SET at = at + 1 WHERE chain = 'contract:1' AND seq = 3", NULL},
             3,                                                                                                    "hash"   },
            {{"t", "", "", "UPDATE record_event SET kind = 'x' WHERE chain = 'contract:1' AND seq = 1", NULL},
             1,                                                                                                    "hash"   },
            {{"t", "", "", "UPDATE record_event SET hash = prev WHERE chain = 'contract:1' AND seq = 1", NULL},
             1,                                                                                                    "hash"   },
            {{"t", "", "", "UPDATE record_event SET prev = hash WHERE chain = 'contract:1' AND seq = 4", NULL},
             4,                                                                                                    "order"  },
            {{"t", "", "", "DELETE FROM record_event WHERE chain = 'contract:1' AND seq = 2", NULL},            2, "missing"},
            {{"t", "", "", "DELETE FROM record_event WHERE chain = 'contract:1' AND seq = 1", NULL},            1, "missing"},
    };
    struct arena a;
    arena_init(&a, 1 << 22);
    for (size_t i = 0; i < COUNT(cases); i++) {
        TEST_EACH_DB(&a, url)
        {
            struct db *db = open_with_chain(url);
            tamper(db, &cases[i].q);
            struct record_verdict v = verify(db, SV("contract:1"));
            ck_assert_msg(!v.ok && v.bad_seq == cases[i].bad && v.checked == cases[i].bad - 1, "case %zu: %d", i,
                          (int)v.bad_seq);
            ck_assert_str_eq(v.why, cases[i].why);
            ck_assert(verify(db, SV("contract:2")).ok);
            db_close(db);
        }
    }
    arena_done(&a);
}

TEST(a_disposed_payload_leaves_the_chain_whole)
{
    static const struct db_query dispose = {"t", "", "", "UPDATE record_event SET payload = NULL WHERE seq = 2", NULL};
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct db *db = open_with_chain(url);
        tamper(db, &dispose);
        ck_assert(verify(db, SV("contract:1")).ok);
        db_close(db);
    }
    arena_done(&a);
}

TEST(names_are_checked)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    struct db *db = open_migrated(test_sqlite_url(&a));
    static const struct sv bad[] = {SV_INIT(""), SV_INIT("a b"), SV_INIT("a\n"), SV_INIT("合同"), SV_INIT("a\0b")};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct err e;
        struct tx *tx;
        ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
        ck_assert(!record_append(tx, &a, bad[i], SV("k"), SV(""), 1, NULL, &e) && e.code == ERR_BAD_INPUT);
        ck_assert(!record_append(tx, &a, SV("c"), bad[i], SV(""), 1, NULL, &e) && e.code == ERR_BAD_INPUT);
        tx_rollback(&tx);
    }
    db_close(db);
    arena_done(&a);
}

static bool append_one(struct tx *tx, void *arg UNUSED, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    return record_append(tx, &a, SV("shared"), SV("k"), SV("{}"), 1, NULL, e);
}

static void *append_many(void *db)
{
    struct err e;
    for (int i = 0; i < 15; i++) {
        if (!tx_run(db, append_one, NULL, &e))
            return strdup(e.msg);
    }
    return NULL;
}

static void run_threads(struct db *db, void *(*fn)(void *))
{
    pthread_t threads[3];
    for (size_t i = 0; i < COUNT(threads); i++)
        ck_assert(pthread_create(&threads[i], NULL, fn, db) == 0);
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *why;
        pthread_join(threads[i], &why);
        ck_assert_msg(!why, "%s", (char *)why);
    }
}

TEST(one_chain_from_many_threads_has_no_gap)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct db *db = open_migrated(url);
        run_threads(db, append_many);
        struct record_verdict v = verify(db, SV("shared"));
        ck_assert(v.ok && v.checked == 45);
        db_close(db);
    }
    arena_done(&a);
}

/* ---- audit ---- */

static bool audit_one(struct tx *tx, void *arg UNUSED, struct err *e)
{
    struct audit_entry n = {.at = 5000,
                            .actor = SV("u1"),
                            .role = SV("hr"),
                            .org = SV("o1"),
                            .action = SV("contract.send"),
                            .object = SV("contract:1"),
                            .source = SV("127.0.0.1"),
                            .basis = SV("a\nb 依据"),
                            .detail = SV("{}")};
    return audit_append(tx, &n, e);
}

static void *audit_many(void *db)
{
    struct err e;
    size_t n;
    for (int i = 0; i < 10; i++) {
        if (!tx_run(db, audit_one, NULL, &e) || !audit_chain_step(db, 3, &n, &e))
            return strdup(e.msg);
    }
    return NULL;
}

static struct record_verdict audit_verdict(struct db *db)
{
    struct err e;
    struct record_verdict v;
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
    ASSERT_OK(audit_verify(tx, &v, &e), e);
    return v;
}

TEST(audit_rows_are_chained_by_turns)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        size_t n;
        struct db *db = open_migrated(url);
        ck_assert(audit_verdict(db).ok);
        run_threads(db, audit_many);
        do {
            ASSERT_OK(audit_chain_step(db, 7, &n, &e), e);
        } while (n);
        struct record_verdict v = audit_verdict(db);
        ck_assert_msg(v.ok && v.checked == 30, "%s at %d", v.why ? v.why : "-", (int)v.checked);
        db_close(db);
    }
    arena_done(&a);
}

TEST(audit_is_listed_by_what_is_asked)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct audit_row *rows;
        size_t n;
        struct db *db = open_migrated(url);
        for (int i = 0; i < 5; i++)
            ASSERT_OK(tx_run(db, audit_one, NULL, &e), e);
        ASSERT_OK(audit_chain_step(db, 2, &n, &e), e);
        ck_assert_uint_eq(n, 2);
        ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
        ASSERT_OK(audit_list(tx, &a, &(struct audit_filter){.org = SV("o1"), .object = SV("contract:1")}, 3, &rows, &n,
                             &e),
                  e);
        ck_assert_uint_eq(n, 3);
        ck_assert(rows[0].seq == 0 && rows[0].hash.p == NULL);
        ASSERT_SV(rows[0].entry.basis, SV("a\nb 依据"));
        struct audit_filter rest = {.before_id = rows[2].id};
        ASSERT_OK(audit_list(tx, &a, &rest, 10, &rows, &n, &e), e);
        ck_assert_uint_eq(n, 2);
        ck_assert(rows[0].seq == 2 && rows[1].seq == 1 && rows[1].hash.n == RECORD_HASH_SIZE);
        ASSERT_OK(audit_list(tx, &a, &(struct audit_filter){.actor = SV("nobody")}, 10, &rows, &n, &e), e);
        ck_assert_uint_eq(n, 0);
        ASSERT_OK(audit_list(tx, &a, &(struct audit_filter){.until = 5000}, 10, &rows, &n, &e), e);
        ck_assert_uint_eq(n, 0);
        tx_rollback(&tx);
        db_close(db);
    }
    arena_done(&a);
}

TEST(audit_tampering_is_found)
{
    static const struct {
        struct db_query q;
        int64_t bad;
        const char *why;
    } cases[] = {
            {{"t", "", "", "UPDATE audit SET actor = 'u2' WHERE id = (SELECT audit FROM audit_chain WHERE seq = 2)",
              NULL},
             2,                                                               "hash"   },
            {{"t", "", "", "UPDATE audit SET detail = '{ }' WHERE id = (SELECT audit FROM audit_chain WHERE seq = 4)",
              NULL},
             4,                                                               "hash"   },
            {{"t", "", "", "DELETE FROM audit_chain WHERE seq = 3", NULL}, 3, "missing"},
            {{"t", "", "", "DELETE FROM audit_chain WHERE seq = 4", NULL}, 4, "missing"},
    };
    struct arena a;
    arena_init(&a, 1 << 22);
    for (size_t i = 0; i < COUNT(cases); i++) {
        TEST_EACH_DB(&a, url)
        {
            struct err e;
            size_t n;
            struct db *db = open_migrated(url);
            for (int k = 0; k < 4; k++)
                ASSERT_OK(tx_run(db, audit_one, NULL, &e), e);
            ASSERT_OK(audit_chain_step(db, 100, &n, &e), e);
            ck_assert(audit_verdict(db).ok);
            tamper(db, &cases[i].q);
            struct record_verdict v = audit_verdict(db);
            ck_assert_msg(!v.ok && v.bad_seq == cases[i].bad, "case %zu: %d", i, (int)v.bad_seq);
            ck_assert_str_eq(v.why, cases[i].why);
            db_close(db);
        }
    }
    arena_done(&a);
}
