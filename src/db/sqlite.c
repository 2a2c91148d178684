/* The SQLite driver: WAL, every commit synchronous, foreign keys on, one writer (BEGIN IMMEDIATE), readers that cannot
 * write. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/db_priv.h"

#define MOST_ROWS ((size_t)1 << 22)

struct sqlite_conn {
    struct db_conn head;
    sqlite3 *db;
};

static struct sqlite_conn *of(struct db_conn *c)
{
    return (struct sqlite_conn *)c;
}

static enum err_code code_of(int extended)
{
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return ERR_CONFLICT;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return ERR_REFUSED;
    default:
        break;
    }
    switch (extended & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_CANTOPEN:
        return ERR_UNAVAILABLE;
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return ERR_IO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_TOOBIG:
        return ERR_TOO_LARGE;
    default:
        return ERR_INTERNAL;
    }
}

static bool failed(const struct sqlite_conn *c, struct err *e)
{
    return err_set(e, code_of(sqlite3_extended_errcode(c->db)), "sqlite: %s", sqlite3_errmsg(c->db));
}

static bool sqlite_script(struct db_conn *conn, const char *text, struct err *e)
{
    struct sqlite_conn *c = of(conn);
    return sqlite3_exec(c->db, text, NULL, NULL, NULL) == SQLITE_OK ? true : failed(c, e);
}

static void sqlite_close(struct db_conn *conn)
{
    struct sqlite_conn *c = of(conn);
    for (size_t i = 0; i < conn->cache.size; i++)
        sqlite3_finalize(conn->cache.slots[i].stmt);
    free(conn->cache.slots);
    sqlite3_close(c->db);
    free(c);
}
DEFINE_CLEANUP(struct db_conn *, conn_close_p, sqlite_close)

/* Turning WAL on needs the file alone, and SQLite does not call the busy handler for that lock: several processes that
 * start together on a fresh file have to try again. */
static bool script_patiently(struct sqlite_conn *c, const char *text, int64_t wait_ms, struct err *e)
{
    int64_t until = clock_monotonic_us() + wait_ms * 1000;
    while (!sqlite_script(&c->head, text, e)) {
        if (e->code != ERR_BUSY || clock_monotonic_us() > until)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 2000000 + (long)random_below(8000000)}, NULL);
    }
    return true;
}

static bool settings(struct sqlite_conn *c, const struct db_config *config, bool read_only, struct err *e)
{
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_busy_timeout(c->db, (int)config->wait_ms);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* "x" is a name, never a text in the wrong quotes; PostgreSQL sees it so. */
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    return script_patiently(c,
                            read_only
                                    ? "PRAGMA foreign_keys = ON; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;"
                                    : "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                                      "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = FAST;",
                            config->wait_ms, e);
}

/* SQLite would make the file with the umask's rights; -wal and -shm take those of the file. A file that is there must
 * not be opened and closed here: closing any descriptor of it drops all POSIX locks that this process holds on it
 * through SQLite, and then another process takes itself for the last user and deletes the log under our feet
 * (sqlite.org/howtocorrupt.html 2.2). */
static bool make_file(const char *path, struct err *e)
{
    CLEANUP(fd_close) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 || errno == EEXIST ? true : err_set(e, ERR_UNAVAILABLE, "open %s: %s", path, strerrordesc_np(errno));
}

static bool sqlite_open(const struct db_config *config, bool read_only, struct db_conn **ret, struct err *e)
{
    const char *path = strncmp(config->url, "sqlite:", 7) == 0 ? config->url + 7 : config->url;
    if (!make_file(path, e))
        return false;
    struct sqlite_conn *c = calloc(1, sizeof(*c));
    must(c != NULL);
    CLEANUP(conn_close_p) struct db_conn *conn = &c->head;
    c->head.driver = &db_sqlite;
    c->head.read_only = read_only;
    if (sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return err_set(e, ERR_UNAVAILABLE, "open %s: %s", path, c->db ? sqlite3_errmsg(c->db) : "no memory");
    if (!settings(c, config, read_only, e))
        return err_wrap(e, "open %s", path);
    *ret = steal(&conn);
    return true;
}

static bool sqlite_begin(struct db_conn *conn, enum tx_mode mode, struct err *e)
{
    return sqlite_script(conn, mode == TX_READ ? "BEGIN" : "BEGIN IMMEDIATE", e);
}

static void sqlite_rollback(struct db_conn *conn)
{
    struct err ignored;
    /* Some errors (disk full) have rolled back already. */
    if (!sqlite3_get_autocommit(of(conn)->db) && !sqlite_script(conn, "ROLLBACK", &ignored))
        conn->broken = true;
}

static bool sqlite_commit(struct db_conn *conn, struct err *e)
{
    if (sqlite_script(conn, "COMMIT", e))
        return true;
    sqlite_rollback(conn);
    return false;
}

static bool sqlite_prepare(struct db_conn *conn, const struct db_query *q, void **ret_stmt, struct err *e)
{
    sqlite3_stmt *stmt = NULL;
    const char *rest = "";
    if (sqlite3_prepare_v3(of(conn)->db, q->sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, &rest) != SQLITE_OK)
        return failed(of(conn), e);
    if (!stmt || sv_trim(sv_from(rest)).n) {
        sqlite3_finalize(stmt);
        return err_set(e, ERR_INTERNAL, "a query is exactly one statement");
    }
    *ret_stmt = stmt;
    return true;
}

static int bind(sqlite3_stmt *stmt, int at, const struct db_value *v)
{
    const char *p = v->s.p ? v->s.p : ""; /* a NULL pointer would bind NULL */
    switch (v->type) {
    case DB_TYPE_INT:
        return sqlite3_bind_int64(stmt, at, v->i);
    case DB_TYPE_TEXT:
        return sqlite3_bind_text64(stmt, at, p, v->s.n, SQLITE_STATIC, SQLITE_UTF8);
    case DB_TYPE_BYTES:
        return sqlite3_bind_blob64(stmt, at, p, v->s.n, SQLITE_STATIC);
    case DB_TYPE_NULL:
    default:
        return sqlite3_bind_null(stmt, at);
    }
}

static struct db_value column(struct arena *a, sqlite3_stmt *stmt, int at)
{
    int type = sqlite3_column_type(stmt, at);
    if (type == SQLITE_INTEGER)
        return DB_INT(sqlite3_column_int64(stmt, at));
    if (type == SQLITE_NULL)
        return DB_NULL;
    /* The pointer first, then the size (sqlite3_column_blob). A REAL becomes text: the declared types refuse it. */
    const void *p = type == SQLITE_BLOB ? sqlite3_column_blob(stmt, at) : sqlite3_column_text(stmt, at);
    struct sv s = arena_sv(a, sv_of(p, (size_t)sqlite3_column_bytes(stmt, at)));
    return type == SQLITE_BLOB ? DB_BYTES(s) : DB_TEXT(s);
}

/* Rows grow by doubling; what is left behind in the arena is at most as much again. */
static struct db_value *room_for_row(struct arena *a, struct db_value *v, size_t rows, size_t columns, size_t *room)
{
    if (rows < *room)
        return v;
    size_t more = *room ? *room * 2 : 4;
    struct db_value *bigger = arena_array(a, struct db_value, more * columns);
    if (rows)
        memcpy(bigger, v, rows * columns * sizeof(*v));
    *room = more;
    return bigger;
}

static bool step_all(struct sqlite_conn *c, sqlite3_stmt *stmt, struct arena *a, struct db_rows *ret, struct err *e)
{
    size_t room = 0;
    struct db_value *v = NULL;
    ret->columns = (size_t)sqlite3_column_count(stmt);
    for (;;) {
        int got = sqlite3_step(stmt);
        if (got == SQLITE_DONE)
            break;
        if (got != SQLITE_ROW)
            return failed(c, e);
        if (ret->n == MOST_ROWS)
            return err_set(e, ERR_TOO_LARGE, "more than %zu rows", MOST_ROWS);
        v = room_for_row(a, v, ret->n, ret->columns, &room);
        for (size_t i = 0; i < ret->columns; i++)
            v[ret->n * ret->columns + i] = column(a, stmt, (int)i);
        ret->n++;
    }
    ret->v = v;
    ret->changed = sqlite3_stmt_readonly(stmt) ? 0 : sqlite3_changes64(c->db);
    return true;
}

static bool sqlite_run(struct db_conn *conn, void *prepared, const struct db_query *q UNUSED, struct db_args args,
                       struct arena *a, struct db_rows *ret, struct err *e)
{
    sqlite3_stmt *stmt = prepared;
    bool ok = true;
    for (size_t i = 0; i < args.n && ok; i++)
        ok = bind(stmt, (int)i + 1, &args.v[i]) == SQLITE_OK;
    ok = ok ? step_all(of(conn), stmt, a, ret, e) : failed(of(conn), e);
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return ok;
}

static bool sqlite_check(struct db_conn *conn UNUSED, void *prepared, const struct db_query *q, struct err *e)
{
    sqlite3_stmt *stmt = prepared;
    const char *in = q->in ? q->in : "", *out = q->out ? q->out : "";
    if ((size_t)sqlite3_bind_parameter_count(stmt) != strlen(in))
        return err_set(e, ERR_INTERNAL, "%d parameters, in is \"%s\"", sqlite3_bind_parameter_count(stmt), in);
    if ((size_t)sqlite3_column_count(stmt) != strlen(out))
        return err_set(e, ERR_INTERNAL, "%d columns, out is \"%s\"", sqlite3_column_count(stmt), out);
    return true;
}

static const struct db_token tokens[] = {
        {"i64",    "INTEGER"},
        {"text",   "TEXT"   },
        {"bytes",  "BLOB"   },
        {"bool",   "INTEGER"},
        {"strict", "STRICT" },
        {NULL,     NULL     },
};

const struct db_driver db_sqlite = {
        .name = "sqlite",
        .one_writer = true,
        .tokens = tokens,
        .open = sqlite_open,
        .close = sqlite_close,
        .begin = sqlite_begin,
        .commit = sqlite_commit,
        .rollback = sqlite_rollback,
        .prepare = sqlite_prepare,
        .run = sqlite_run,
        .check = sqlite_check,
        .script = sqlite_script,
};
