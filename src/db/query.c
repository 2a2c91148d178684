/* Running a query: argument checks, the cache of prepared statements, access to rows. */
#include <stdlib.h>
#include <string.h>

#include "db/db_priv.h"

#define EXEC_ARENA ((size_t)1 << 20)

/* The linker makes these around section db_queries; weak, because a program may have no query at all. */
extern const struct db_query *const __start_db_queries[] __attribute__((weak));
extern const struct db_query *const __stop_db_queries[] __attribute__((weak));

void db_each_query(void (*visit)(const struct db_query *q, void *arg), void *arg)
{
    for (const struct db_query *const *q = __start_db_queries; q != __stop_db_queries; q++)
        visit(*q, arg);
}

struct db_value db_text_or_null(struct sv s)
{
    return s.p ? DB_TEXT(s) : DB_NULL;
}

struct db_value db_bytes_or_null(struct sv s)
{
    return s.p ? DB_BYTES(s) : DB_NULL;
}

struct db_value db_int_or_null(int64_t v)
{
    return v ? DB_INT(v) : DB_NULL;
}

/* ---- statements ---- */

static size_t slot_of(const struct stmt_cache *c, const struct db_query *q)
{
    size_t at = (size_t)(((uintptr_t)q >> 3) * 0x9E3779B97F4A7C15u >> 32) & (c->size - 1);
    while (c->slots[at].q && c->slots[at].q != q)
        at = (at + 1) & (c->size - 1);
    return at;
}

void *stmt_cache_get(const struct stmt_cache *c, const struct db_query *q)
{
    return c->size ? c->slots[slot_of(c, q)].stmt : NULL;
}

void stmt_cache_put(struct stmt_cache *c, const struct db_query *q, void *stmt)
{
    if (c->n * 2 >= c->size) {
        struct stmt_cache bigger = {.size = c->size ? c->size * 2 : 64, .n = c->n};
        bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
        must(bigger.slots != NULL);
        for (size_t i = 0; i < c->size; i++) {
            if (c->slots[i].q)
                bigger.slots[slot_of(&bigger, c->slots[i].q)] = c->slots[i];
        }
        free(c->slots);
        *c = bigger;
    }
    c->slots[slot_of(c, q)] = (struct stmt_slot){q, stmt};
    c->n++;
}

bool db_prepare(struct db_conn *c, const struct db_query *q, void **ret_stmt, struct err *e)
{
    void *stmt = stmt_cache_get(&c->cache, q);
    if (!stmt) {
        if (!c->driver->prepare(c, q, &stmt, e))
            return err_wrap(e, "prepare %s", q->name);
        stmt_cache_put(&c->cache, q, stmt);
    }
    *ret_stmt = stmt;
    return true;
}

/* ---- running ---- */

static bool letter_fits(char letter, enum db_type type)
{
    if (type == DB_TYPE_NULL)
        return letter == 'I' || letter == 'T' || letter == 'B';
    return (letter | ' ') == " itb"[type];
}

static bool args_check(const struct db_query *q, struct db_args args, struct err *e)
{
    const char *in = q->in ? q->in : "";
    must(strlen(in) == args.n);
    for (size_t i = 0; i < args.n; i++) {
        must(letter_fits(in[i], args.v[i].type));
        if (args.v[i].type == DB_TYPE_TEXT && !sv_is_utf8(args.v[i].s))
            return err_set(e, ERR_BAD_INPUT, "%s: argument %zu is not UTF-8 text", q->name, i + 1);
    }
    return true;
}

static bool rows_check(const struct db_query *q, const struct db_rows *r, struct err *e)
{
    const char *out = q->out ? q->out : "";
    if (r->columns != strlen(out))
        return err_set(e, ERR_INTERNAL, "%s gives %zu columns, \"%s\" was declared", q->name, r->columns, out);
    for (size_t i = 0; i < r->n * r->columns; i++) {
        if (!letter_fits(out[i % r->columns], r->v[i].type))
            return err_set(e, ERR_CORRUPT, "%s: column %zu is not of its declared type", q->name, i % r->columns);
    }
    return true;
}

static bool run_in(struct tx *tx, struct arena *a, const struct db_query *q, struct db_args args, struct db_rows *ret,
                   struct err *e)
{
    void *stmt;
    struct db_rows rows = {0};
    if (!args_check(q, args, e) || !db_fault_call(tx->db, e))
        return false;
    if (!db_prepare(tx->conn, q, &stmt, e))
        return false;
    if (!tx->conn->driver->run(tx->conn, stmt, q, args, a, &rows, e))
        return err_wrap(e, "%s", q->name);
    if (!rows_check(q, &rows, e))
        return false;
    tx->wrote = tx->wrote || rows.changed > 0;
    *ret = rows;
    return true;
}

bool db_run(struct tx *tx, struct arena *a, const struct db_query *q, struct db_args args, struct db_rows *ret,
            struct err *e)
{
    if (tx->failed)
        return err_set(e, ERR_INTERNAL, "%s: the transaction has failed before", q->name);
    tx->failed = !run_in(tx, a, q, args, ret, e);
    return !tx->failed;
}

bool db_one(struct tx *tx, struct arena *a, const struct db_query *q, struct db_args args, struct db_rows *ret,
            struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, q, args, &r, e))
        return false;
    if (r.n == 0)
        return err_set(e, ERR_NOT_FOUND, "%s: no row", q->name);
    if (r.n > 1)
        return err_set(e, ERR_INTERNAL, "%s: %zu rows instead of one", q->name, r.n);
    *ret = r;
    return true;
}

bool db_exec_changed(struct tx *tx, const struct db_query *q, struct db_args args, int64_t *ret, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, EXEC_ARENA);
    struct db_rows r;
    if (!db_run(tx, &a, q, args, &r, e))
        return false;
    *ret = r.changed;
    return true;
}

bool db_exec(struct tx *tx, const struct db_query *q, struct db_args args, struct err *e)
{
    int64_t changed;
    return db_exec_changed(tx, q, args, &changed, e);
}

bool db_check_query(struct tx *tx, const struct db_query *q, struct err *e)
{
    void *stmt;
    must(!tx->failed);
    tx->failed = !db_prepare(tx->conn, q, &stmt, e);
    if (tx->failed)
        return false;
    if (!tx->conn->driver->check(tx->conn, stmt, q, e))
        return err_wrap(e, "%s", q->name);
    return true;
}

bool db_script(struct tx *tx, struct sv text, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct sv expanded;
    must(!tx->failed);
    tx->wrote = true;
    tx->failed = !(db_fault_call(tx->db, e) && dialect_tokens(&a, tx->conn->driver->tokens, text, &expanded, e) &&
                   tx->conn->driver->script(tx->conn, arena_cstr(&a, expanded), e));
    return !tx->failed;
}

/* ---- rows ---- */

static const struct db_value *cell(const struct db_rows *r, size_t row, size_t column, enum db_type type)
{
    must(row < r->n && column < r->columns);
    const struct db_value *v = &r->v[row * r->columns + column];
    must(v->type == DB_TYPE_NULL || type == DB_TYPE_NULL || v->type == type);
    return v;
}

int64_t db_int(const struct db_rows *r, size_t row, size_t column)
{
    return cell(r, row, column, DB_TYPE_INT)->i;
}

bool db_bool(const struct db_rows *r, size_t row, size_t column)
{
    return db_int(r, row, column) != 0;
}

struct sv db_text(const struct db_rows *r, size_t row, size_t column)
{
    return cell(r, row, column, DB_TYPE_TEXT)->s;
}

struct sv db_bytes(const struct db_rows *r, size_t row, size_t column)
{
    return cell(r, row, column, DB_TYPE_BYTES)->s;
}

bool db_is_null(const struct db_rows *r, size_t row, size_t column)
{
    return cell(r, row, column, DB_TYPE_NULL)->type == DB_TYPE_NULL;
}
