/* Migrations; see db.h. What was applied stands in the table qyq_migration. */
#include <inttypes.h>

#include "crypto/digest.h"
#include "db/db_priv.h"

#define MIGRATE_ARENA ((size_t)64 << 20)

struct migration {
    int64_t number;
    struct sv name; /* of the file */
    struct sv text;
    struct sv sha256; /* hex */
};

/* db_script puts the tokens in. */
static const struct sv table_sql = SV_INIT("CREATE TABLE IF NOT EXISTS qyq_migration ("
                                           " number {i64} NOT NULL PRIMARY KEY,"
                                           " name {text} NOT NULL,"
                                           " sha256 {text} NOT NULL,"
                                           " applied_at {i64} NOT NULL) {strict}");

/* ---- the files ---- */

static bool number_of(struct sv name, int64_t *ret)
{
    return name.n > 9 && sv_ends(name, SV(".sql")) && name.p[4] == '_' && sv_i64(sv_sub(name, 0, 4), 1, 9999, ret);
}

static bool files_read(struct arena *a, const struct embed_set *files, struct migration **ret, struct err *e)
{
    struct migration *m = arena_array(a, struct migration, files->n);
    for (size_t i = 0; i < files->n; i++) {
        m[i].name = sv_from(files->files[i].path);
        m[i].text = embed_data(&files->files[i]);
        if (!number_of(m[i].name, &m[i].number))
            return err_set(e, ERR_INTERNAL, "migration \"%s\" is not named NNNN_name.sql", files->files[i].path);
        if (i > 0 && m[i].number <= m[i - 1].number)
            return err_set(e, ERR_INTERNAL, "migration \"%s\": its number stands already", files->files[i].path);
        struct digest d = digest_of(DIGEST_SHA256, m[i].text);
        m[i].sha256 = digest_hex(a, &d);
    }
    *ret = m;
    return true;
}

/* ---- what was applied ---- */

DB_QUERY(q_migrations, .out = "itt",
         .sql = "SELECT number, name, sha256 FROM qyq_migration ORDER BY number LIMIT 10000");

/* Applied ones are the first of the files, unchanged. ret: how many. */
static bool compare(struct tx *tx, struct arena *a, const struct migration *m, size_t n, size_t *ret, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_migrations, DB_NO_ARGS, &r, e))
        return false;
    for (size_t i = 0; i < r.n; i++) {
        int64_t number = db_int(&r, i, 0);
        struct sv name = db_text(&r, i, 1);
        if (i >= n)
            return err_set(e, ERR_CONFLICT, "the database has migration %.*s, this program is older", SV_ARG(name));
        if (number != m[i].number)
            return err_set(e, ERR_CONFLICT, "the database has migration %04" PRId64 " where the program has %.*s",
                           number, SV_ARG(m[i].name));
        if (!sv_eq(db_text(&r, i, 2), m[i].sha256))
            return err_set(e, ERR_CONFLICT, "migration %.*s was changed after it had been applied", SV_ARG(m[i].name));
    }
    *ret = r.n;
    return true;
}

DB_QUERY(q_migration_add, .in = "itti",
         .sql = "INSERT INTO qyq_migration (number, name, sha256, applied_at) VALUES (?1, ?2, ?3, ?4)");

struct step {
    const struct migration *m;
    size_t n;
    int64_t now_ms;
    bool more; /* out: one was applied */
};

/* The first missing migration, in one transaction with its record; another node may have been faster. */
static bool step(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, MIGRATE_ARENA);
    size_t applied;
    const char *lock = tx->conn->driver->migration_lock;
    if (lock && !tx->conn->driver->script(tx->conn, lock, e))
        return err_wrap(e, "lock");
    if (!db_script(tx, table_sql, e) || !compare(tx, &a, s->m, s->n, &applied, e))
        return false;
    s->more = applied < s->n;
    if (!s->more)
        return true;
    const struct migration *m = &s->m[applied];
    if (!db_script(tx, m->text, e))
        return err_wrap(e, "migration %.*s", SV_ARG(m->name));
    return db_exec(tx, &q_migration_add,
                   DB_ARGS(DB_INT(m->number), DB_TEXT(m->name), DB_TEXT(m->sha256), DB_INT(s->now_ms)), e);
}

bool db_migrate(struct db *db, const struct embed_set *files, int64_t now_ms, int64_t *ret_applied, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, MIGRATE_ARENA);
    struct migration *m;
    int64_t applied = 0;
    if (!files_read(&a, files, &m, e))
        return false;
    struct step s = {.m = m, .n = files->n, .now_ms = now_ms};
    /* READ COMMITTED, so that what was read after waiting for the lock is what the other node left. */
    do {
        if (!tx_run_mode(db, TX_QUEUE, step, &s, e))
            return err_wrap(e, "migrate");
        applied += s.more;
    } while (s.more);
    if (ret_applied)
        *ret_applied = applied;
    return true;
}

DB_QUERY(q_migration_table, .out = "i", .sql = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'qyq_migration'",
         .pg = "SELECT COUNT(*) FROM pg_tables WHERE tablename = 'qyq_migration' AND schemaname = current_schema()");

bool db_migrate_check(struct db *db, const struct embed_set *files, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, MIGRATE_ARENA);
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct migration *m;
    struct db_rows table;
    size_t applied;
    if (!files_read(&a, files, &m, e) || !tx_begin(db, TX_READ, &tx, e) ||
        !db_one(tx, &a, &q_migration_table, DB_NO_ARGS, &table, e))
        return false;
    if (db_int(&table, 0, 0) == 0)
        return err_set(e, ERR_CONFLICT, "schema: the database is empty; run \"qyq migrate\"");
    if (!compare(tx, &a, m, files->n, &applied, e))
        return err_wrap(e, "schema");
    if (applied < files->n)
        return err_set(e, ERR_CONFLICT, "schema: %zu migrations are missing; run \"qyq migrate\"", files->n - applied);
    return true;
}
