#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/db.h"
#include "db/db_priv.h"
#include "postgres.h"
#include "test.h"

#define FILE_OF(name, text)                                                                                            \
    {                                                                                                                  \
        name, text, text + sizeof(text) - 1                                                                            \
    }

static const char table_a_sql[] = "CREATE TABLE a (id {i64} NOT NULL PRIMARY KEY, x {text} DEFAULT '{}') {strict};";
static const char table_b_sql[] = "CREATE TABLE b (id {i64} NOT NULL PRIMARY KEY) {strict}; INSERT INTO b VALUES (7);";
static const char changed_sql[] = "CREATE TABLE a (id {i64} NOT NULL) {strict};";
static const char other_sql[] = "SELECT 1;";
static const char broken_sql[] = "CREATE TABLE a (id {i64}) {strict}; SELECT nonsense;";
static const char token_sql[] = "CREATE TABLE a (id {float}) {strict};";
static const char loose_sql[] = "CREATE TABLE a (id {i64} PRIMARY KEY, x {text}) {strict};"
                                "CREATE INDEX ax ON a (x, id);";
static const struct embed_file two_files[] = {
        FILE_OF("0001_a.sql", table_a_sql),
        FILE_OF("0002_b.sql", table_b_sql),
};
static const struct embed_set one = {two_files, 1}, two = {two_files, 2};

static struct db *open_at(const char *url)
{
    struct db *db;
    struct err e;
    ASSERT_OK(db_open(&(struct db_config){.url = url}, &db, &e), e);
    return db;
}

TEST(migrations_apply_once_and_in_order)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        int64_t applied;
        struct db *db = open_at(url);
        ck_assert(!db_migrate_check(db, &one, &e));
        ASSERT_OK(db_migrate(db, &one, 1000, &applied, &e), e);
        ck_assert_int_eq(applied, 1);
        ASSERT_OK(db_migrate_check(db, &one, &e), e);
        ck_assert(!db_migrate_check(db, &two, &e) && e.code == ERR_CONFLICT);
        ASSERT_OK(db_migrate(db, &two, 2000, &applied, &e), e);
        ck_assert_int_eq(applied, 1);
        ASSERT_OK(db_migrate(db, &two, 3000, &applied, &e), e);
        ck_assert_int_eq(applied, 0);
        ASSERT_OK(db_migrate_check(db, &two, &e), e);
        db_close(db);
    }
    arena_done(&a);
}

TEST(a_newer_schema_and_a_changed_file_stop_the_start)
{
    static const struct embed_file changed_files[] = {FILE_OF("0001_a.sql", changed_sql)};
    static const struct embed_file other_files[] = {FILE_OF("0002_b.sql", other_sql)};
    static const struct embed_set changed = {changed_files, 1}, other = {other_files, 1};
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct db *db = open_at(url);
        ASSERT_OK(db_migrate(db, &two, 1, NULL, &e), e);
        ck_assert(!db_migrate(db, &one, 1, NULL, &e) && e.code == ERR_CONFLICT && strstr(e.msg, "0002_b.sql"));
        ck_assert(!db_migrate(db, &changed, 1, NULL, &e) && e.code == ERR_CONFLICT && strstr(e.msg, "changed"));
        ck_assert(!db_migrate(db, &other, 1, NULL, &e) && e.code == ERR_CONFLICT);
        ck_assert(!db_migrate_check(db, &changed, &e) && e.code == ERR_CONFLICT);
        db_close(db);
    }
    arena_done(&a);
}

TEST(a_broken_migration_leaves_nothing)
{
    static const struct embed_file broken_files[] = {FILE_OF("0001_a.sql", broken_sql)};
    static const struct embed_file token_files[] = {FILE_OF("0001_a.sql", token_sql)};
    static const struct embed_file named_files[] = {FILE_OF("1_a.sql", other_sql)};
    static const struct embed_set broken = {broken_files, 1}, token = {token_files, 1}, named = {named_files, 1};
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct db *db = open_at(url);
        ck_assert(!db_migrate(db, &broken, 1, NULL, &e));
        ck_assert(!db_migrate(db, &token, 1, NULL, &e) && strstr(e.msg, "{float}"));
        ck_assert(!db_migrate(db, &named, 1, NULL, &e) && strstr(e.msg, "NNNN_name.sql"));
        ASSERT_OK(db_migrate(db, &two, 1, NULL, &e), e); /* table a is free */
        db_close(db);
    }
    arena_done(&a);
}

TEST(nodes_that_start_together_take_turns)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        pid_t children[6];
        struct err e;
        for (size_t i = 0; i < COUNT(children); i++) {
            children[i] = fork();
            if (children[i] == 0) {
                struct db *db = open_at(url);
                bool ok = db_migrate(db, &two, 1, NULL, &e);
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
        struct db *db = open_at(url);
        ASSERT_OK(db_migrate_check(db, &two, &e), e);
        db_close(db);
    }
    arena_done(&a);
}

/* One line a column, index and foreign key, in the same words on both. */
static const struct db_query q_schema = {
        .name = "schema",
        .out = "t",
        .sql = "SELECT 'column ' || m.name || '.' || p.name || ' ' ||"
               "  CASE p.type WHEN 'INTEGER' THEN 'int' WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytes' ELSE p.type "
               "END ||"
               "  CASE p.\"notnull\" WHEN 1 THEN ' not null' ELSE '' END ||"
               "  CASE WHEN p.pk > 0 THEN ' key ' || p.pk ELSE '' END AS line"
               " FROM sqlite_schema m JOIN pragma_table_info(m.name) p"
               " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' "
               "UNION ALL SELECT 'index ' || m.name || '(' ||"
               "  (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')' "
               "||"
               "  CASE i.\"unique\" WHEN 1 THEN ' unique' ELSE '' END || CASE i.partial WHEN 1 THEN ' partial' ELSE '' "
               "END"
               " FROM sqlite_schema m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin <> 'pk' "
               "UNION ALL SELECT 'foreign ' || m.name || '.' || f.\"from\" || ' to ' || f.\"table\" || '.' ||"
               " COALESCE(f.\"to\", 'key') FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f"
               " WHERE m.type = 'table' ORDER BY line",
        .pg = "SELECT line FROM (SELECT 'column ' || c.relname || '.' || a.attname || ' ' ||"
              "  CASE a.atttypid WHEN 20 THEN 'int' WHEN 21 THEN 'int' WHEN 25 THEN 'text' WHEN 17 THEN 'bytes'"
              "   ELSE a.atttypid::text END ||"
              "  CASE WHEN a.attnotnull THEN ' not null' ELSE '' END ||"
              "  COALESCE((SELECT ' key ' || array_position(i.indkey::int2[], a.attnum) + 1 FROM pg_index i"
              "            WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)), '') AS line"
              " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
              " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0"
              "  AND NOT a.attisdropped "
              "UNION ALL SELECT 'index ' || c.relname || '(' ||"
              "  (SELECT string_agg(a.attname, ',' ORDER BY array_position(i.indkey::int2[], a.attnum))"
              "   FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey)) || ')' ||"
              "  CASE WHEN i.indisunique THEN ' unique' ELSE '' END || CASE WHEN i.indpred IS NOT NULL THEN ' partial' "
              "ELSE '' END"
              " FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid"
              " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND NOT i.indisprimary "
              "UNION ALL SELECT 'foreign ' || c.relname || '.' || a.attname || ' to ' || t.relname || '.' || b.attname"
              " FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class t ON t.oid = f.confrelid"
              " CROSS JOIN LATERAL unnest(f.conkey, f.confkey) AS k (mine, theirs)"
              " JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.mine"
              " JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.theirs"
              " WHERE f.contype = 'f' AND f.connamespace = current_schema()::regnamespace) AS s ORDER BY line COLLATE "
              "\"C\"",
};

static struct db_rows schema_of(struct arena *a, const char *url, const struct embed_set *files)
{
    struct err e;
    struct tx *tx;
    struct db_rows r;
    struct db *db = open_at(url);
    ASSERT_OK(db_migrate(db, files, 1, NULL, &e), e);
    ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
    ASSERT_OK(db_run(tx, a, &q_schema, DB_NO_ARGS, &r, &e), e);
    tx_rollback(&tx);
    db_close(db);
    return r;
}

TEST(both_databases_have_the_same_schema)
{
    struct arena a;
    arena_init(&a, 1 << 24);
    struct db_rows lite = schema_of(&a, test_sqlite_url(&a), &db_migrations);
    struct db_rows pg = schema_of(&a, test_postgres_url(&a), &db_migrations);
    bool key = false, index = false, foreign = false;
    for (size_t i = 0; i < lite.n && i < pg.n; i++) {
        ASSERT_SV(db_text(&lite, i, 0), db_text(&pg, i, 0));
        key = key || sv_find(db_text(&pg, i, 0), SV(" key 2")) != SIZE_MAX;
        index = index || sv_find(db_text(&pg, i, 0), SV(" unique partial")) != SIZE_MAX;
        foreign = foreign || sv_starts(db_text(&pg, i, 0), SV("foreign "));
    }
    ck_assert_uint_eq(lite.n, pg.n);
    ck_assert(key && index && foreign); /* the comparison sees all three */
    arena_done(&a);
}

TEST(the_comparison_of_schemas_sees_differences)
{
    static const struct embed_file loose[] = {FILE_OF("0001_a.sql", loose_sql)};
    static const struct embed_set set = {loose, 1};
    struct arena a;
    arena_init(&a, 1 << 24);
    struct db_rows lite = schema_of(&a, test_sqlite_url(&a), &set);
    struct db_rows pg = schema_of(&a, test_postgres_url(&a), &set);
    ASSERT_SV(db_text(&lite, 0, 0),
              SV("column a.id int key 1")); /* SQLite lets an integer key be declared without NOT NULL */
    ASSERT_SV(db_text(&pg, 0, 0), SV("column a.id int not null key 1"));
    ASSERT_SV(db_text(&lite, 1, 0), SV("column a.x text"));
    ASSERT_SV(db_text(&pg, lite.n - 1, 0), SV("index a(x,id)"));
    arena_done(&a);
}

static void count_one(const struct db_query *q, void *arg)
{
    (void)q;
    ++*(int *)arg;
}

TEST(queries_are_collected_and_checked)
{
    static const struct db_query wrong[] = {
            {.name = "args",                                             .in = "tt", .out = "i",      .sql = "SELECT number FROM qyq_migration WHERE name = ?1"},
            {.name = "columns",                                                          .in = "t",                                                    .out = "it", .sql = "SELECT number FROM qyq_migration WHERE name = ?1"},
            {.name = "table", .out = "i",           .sql = "SELECT number FROM nothing"           },
    };
    struct arena a;
    arena_init(&a, 1 << 22);
    int n = 0;
    db_each_query(count_one, &n);
    ck_assert_int_ge(n, 3);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct db *db = open_at(url);
        ASSERT_OK(db_migrate(db, &two, 1, NULL, &e), e);
        for (size_t i = 0; i < COUNT(wrong); i++) {
            ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
            ck_assert(!db_check_query(tx, &wrong[i], &e));
            tx_rollback(&tx);
        }
        db_close(db);
    }
    arena_done(&a);
}
