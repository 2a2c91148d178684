/* The narrow SQL interface: one way to run prepared statements, on SQLite or on PostgreSQL 15.
 *
 * A statement stands as a DB_QUERY row above the function that runs it, written once in the dialect that both databases
 * share (RETURNING, ON CONFLICT, CTEs, window functions; parameters ?1 ?2 …, which become $1 $2 … on PostgreSQL). Where
 * the dialects part, .pg carries PostgreSQL's own text. All rows of the program are collected, so that a test prepares
 * each on both.
 *
 *   DB_QUERY(q_contract_by_id, .in = "tt", .out = "tTi",
 *            .sql = "SELECT title, note, created_at FROM contract WHERE org_id = ?1 AND id = ?2");
 *
 *   struct db_rows r;
 *   if (!db_one(tx, a, &q_contract_by_id, DB_ARGS(DB_TEXT(org), DB_TEXT(id)), &r, e))
 *           return err_wrap(e, "contract %.*s", SV_ARG(id));
 *   title = db_text(&r, 0, 0);
 *
 * Types: i int64, t text (UTF-8 without U+0000), b bytes; a capital letter where NULL may stand. Both directions are
 * checked in every build: a wrong argument is a bug and aborts, a wrong column of a row is ERR_CORRUPT.
 *
 * Errors that callers branch on: NOT_FOUND (db_one: no row), CONFLICT (unique key), REFUSED (foreign key), BUSY
 * (another transaction was in the way: tx_run tries again), UNAVAILABLE (the database is gone), BAD_INPUT (text that is
 * not UTF-8). The rest are INTERNAL, IO or CORRUPT. Messages carry the query's name and the constraint, never the
 * values.
 *
 * After any error inside a transaction the transaction can only be rolled back (PostgreSQL's rule, kept on SQLite as
 * well): to expect a conflict write ON CONFLICT … RETURNING, do not catch it. */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/base.h"

struct db; /* for all threads */
struct tx; /* a transaction: one thread at a time */

/* ---- queries ---- */

struct db_query {
    const char *name;
    const char *in;  /* a letter an argument */
    const char *out; /* a letter a column; "" for statements without rows */
    const char *sql;
    const char *pg; /* NULL: sql serves both */
};
/* Defines "static const struct db_query name" and enters it into the list of all queries. in and out default to "". */
#define DB_QUERY(query, ...)                                                                                           \
    static const struct db_query query = {.name = #query, __VA_ARGS__};                                                \
    static const struct db_query *const query##_entry __attribute__((used, section("db_queries"))) = &query

/* All queries of the object files that are linked in (static libraries drop unreferenced ones: link whole to see all).
 */
void db_each_query(void (*visit)(const struct db_query *q, void *arg), void *arg);

enum db_type { DB_TYPE_NULL, DB_TYPE_INT, DB_TYPE_TEXT, DB_TYPE_BYTES };
struct db_value {
    enum db_type type;
    int64_t i;
    struct sv s;
};
#define DB_INT(v)   ((struct db_value){.type = DB_TYPE_INT, .i = (v)})
#define DB_BOOL(v)  ((struct db_value){.type = DB_TYPE_INT, .i = (v) ? 1 : 0})
#define DB_TEXT(v)  ((struct db_value){.type = DB_TYPE_TEXT, .s = (v)})
#define DB_BYTES(v) ((struct db_value){.type = DB_TYPE_BYTES, .s = (v)})
#define DB_NULL     ((struct db_value){.type = DB_TYPE_NULL})
/* NULL for the view whose pointer is NULL, as db_text gives it back. */
struct db_value db_text_or_null(struct sv s);
struct db_value db_bytes_or_null(struct sv s);
/* NULL for 0: moments that have not come yet. */
struct db_value db_int_or_null(int64_t v);

struct db_args {
    const struct db_value *v;
    size_t n;
};
#define DB_ARGS(...)                                                                                                   \
    ((struct db_args){(const struct db_value[]){__VA_ARGS__},                                                          \
                      sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)})
#define DB_NO_ARGS ((struct db_args){NULL, 0})

struct db_rows {
    size_t n;        /* rows that came back */
    int64_t changed; /* rows that INSERT, UPDATE or DELETE touched; 0 for SELECT */
    size_t columns;
    const struct db_value *v; /* row by row, in the caller's arena */
};

/* Runs q and copies all rows into a. Bound the result with LIMIT. */
MUST_CHECK bool db_run(struct tx *tx, struct arena *a, const struct db_query *q, struct db_args args,
                       struct db_rows *ret, struct err *e);
/* Exactly one row, else NOT_FOUND (none) or INTERNAL (several). */
MUST_CHECK bool db_one(struct tx *tx, struct arena *a, const struct db_query *q, struct db_args args,
                       struct db_rows *ret, struct err *e);
/* No rows wanted. */
MUST_CHECK bool db_exec(struct tx *tx, const struct db_query *q, struct db_args args, struct err *e);
/* As db_exec, and tells how many rows were touched. */
MUST_CHECK bool db_exec_changed(struct tx *tx, const struct db_query *q, struct db_args args, int64_t *ret,
                                struct err *e);

/* Columns count from 0. Out of range or of another type is a bug and aborts. NULL reads as 0 or as the view with .p ==
 * NULL. */
int64_t db_int(const struct db_rows *r, size_t row, size_t column);
bool db_bool(const struct db_rows *r, size_t row, size_t column);
struct sv db_text(const struct db_rows *r, size_t row, size_t column);
struct sv db_bytes(const struct db_rows *r, size_t row, size_t column);
bool db_is_null(const struct db_rows *r, size_t row, size_t column);

/* ---- transactions ---- */

enum tx_mode {
    TX_READ,  /* a steady snapshot on a read-only connection; writing fails with INTERNAL */
    TX_WRITE, /* as if alone: BEGIN IMMEDIATE on the one writer of SQLite, SERIALIZABLE on PostgreSQL */
    TX_QUEUE, /* as TX_WRITE, but READ COMMITTED on PostgreSQL: for claims with FOR UPDATE SKIP LOCKED only */
};

/* Waits for a connection at most the configured time, then BUSY. A thread that already writes on SQLite must not begin
 * a second writing transaction (it would wait for itself): that is a bug and aborts. */
MUST_CHECK bool tx_begin(struct db *db, enum tx_mode mode, struct tx **ret, struct err *e);
/* Takes *tx in any case. BUSY: nothing was written. UNAVAILABLE: the connection broke, the outcome is unknown. */
MUST_CHECK bool tx_commit(struct tx **tx, struct err *e);
/* For CLEANUP(tx_rollback) struct tx *tx = NULL: undoes everything unless committed before. */
void tx_rollback(struct tx **tx);
/* The database of a transaction, for helpers that are handed a transaction only. */
struct db *tx_db(struct tx *tx);

/* The way to write: BUSY is part of normal life where several write.
 * fn in a writing transaction, committed when it returns true; tried again, with growing pauses, while the reason is
 * BUSY. So fn may run several times: it must not touch anything but the database and its results in arg. */
typedef bool (*tx_fn)(struct tx *tx, void *arg, struct err *e);
MUST_CHECK bool tx_run(struct db *db, tx_fn fn, void *arg, struct err *e);
MUST_CHECK bool tx_run_mode(struct db *db, enum tx_mode mode, tx_fn fn, void *arg, struct err *e);

/* Wakes, once tx is committed, the threads of this process that stand in db_wait; other nodes poll. */
void tx_wake(struct tx *tx);
/* A number that moves with every wake; take it before looking for work. */
uint64_t db_wake_count(struct db *db);
/* Returns when the number is no longer seen, or after timeout_ms. */
void db_wait(struct db *db, uint64_t seen, int64_t timeout_ms);
/* Wakes all at once, for shutting down. */
void db_wake(struct db *db);

/* ---- opening ---- */

struct db_config {
    /* "sqlite:PATH" (or a plain path), or a libpq connection string: "postgresql://…" or "host=… dbname=…". Passwords
     * belong into a pgpass file, not here. */
    const char *url;
    size_t connections; /* most readers of SQLite, most connections to PostgreSQL; 0: 8 */
    int64_t wait_ms;    /* for a free connection or lock; 0: 10 s */
    /* For tests, NULL or "" otherwise; app passes it on only when the mode is not production:
     *   "call:N"                the N-th statement or commit since opening fails with UNAVAILABLE
     *   "kill-before-commit:N"  SIGKILL to the own process just before the N-th commit that changes a row
     *   "kill-after-commit:N"   … and just after it, before anybody learns of it */
    const char *fault;
};
/* Opens and tries one connection. SQLite's file is made when it is missing (mode 0600). */
MUST_CHECK bool db_open(const struct db_config *config, struct db **ret, struct err *e);
void db_close(struct db *db); /* NULL is fine; no transaction may be open */
DEFINE_CLEANUP(struct db *, db_close_p, db_close)
const char *db_driver_name(const struct db *db); /* "sqlite" or "postgresql" */
/* A trivial statement on a reader: is the database there? */
MUST_CHECK bool db_ping(struct db *db, struct err *e);
/* Prepares q and compares its arguments and columns with in and out (on PostgreSQL their types too): INTERNAL says
 * what. */
MUST_CHECK bool db_check_query(struct tx *tx, const struct db_query *q, struct err *e);

/* ---- migrations ----
 *
 * Files NNNN_name.sql, one text for both databases, applied in the order of their numbers, each in a transaction of its
 * own and recorded with its SHA-256. Applied once a file never changes: a changed or missing old file, or a schema
 * newer than the program, stops the start with CONFLICT. sql/README.md lists the tokens ({i64}, {text}, …). */

extern const struct embed_set db_migrations; /* the program's own, from sql/ */
/* Applies what is missing; ret_applied may be NULL. Several nodes may call it at the same moment. */
MUST_CHECK bool db_migrate(struct db *db, const struct embed_set *files, int64_t now_ms, int64_t *ret_applied,
                           struct err *e);
/* Changes nothing: CONFLICT unless the schema is exactly that of files. */
MUST_CHECK bool db_migrate_check(struct db *db, const struct embed_set *files, struct err *e);

#endif
