/* The PostgreSQL driver over libpq: statements prepared once a connection under numbered names, parameters typed and
 * binary, results as text. */
#include <arpa/inet.h>
#include <endian.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/db_priv.h"

#define MOST_ARGS     64
#define CONNECT_LIMIT "5"

enum { /* pg_type.h */
       OID_BOOL = 16,
       OID_BYTEA = 17,
       OID_NAME = 19,
       OID_INT8 = 20,
       OID_INT2 = 21,
       OID_INT4 = 23,
       OID_TEXT = 25,
       OID_BPCHAR = 1042,
       OID_VARCHAR = 1043,
       OID_NUMERIC = 1700,
};

struct pg_conn {
    struct db_conn head;
    PGconn *pg;
    unsigned statements;
};
struct pg_stmt {
    char name[16];
};

static struct pg_conn *of(struct db_conn *c)
{
    return (struct pg_conn *)c;
}

static void result_clear(PGresult **r)
{
    PQclear(*r);
}

/* PostgreSQL 15, appendix A. The longest prefix that fits wins, so whole codes stand before classes. */
static enum err_code code_of(const char *state)
{
    static const struct {
        const char *state;
        enum err_code code;
    } map[] = {
            {"23505", ERR_CONFLICT   }, /* unique_violation */
            {"23503", ERR_REFUSED    }, /* foreign_key_violation */
            {"40001", ERR_BUSY       }, /* serialization_failure */
            {"40P01", ERR_BUSY       }, /* deadlock_detected */
            {"55P03", ERR_BUSY       }, /* lock_not_available */
            {"57014", ERR_TIMEOUT    }, /* query_canceled: statement_timeout */
            {"22021", ERR_BAD_INPUT  }, /* character_not_in_repertoire */
            {"08",    ERR_UNAVAILABLE}, /* connection exception */
            {"53300", ERR_UNAVAILABLE}, /* too_many_connections */
            {"53",    ERR_IO         }, /* insufficient resources: disk full */
            {"57P",   ERR_UNAVAILABLE}, /* shutdown, starting up, dropped */
            {"58",    ERR_IO         },
            {"XX001", ERR_CORRUPT    },
            {"XX002", ERR_CORRUPT    },
    };
    for (size_t i = 0; i < COUNT(map); i++) {
        if (strncmp(state, map[i].state, strlen(map[i].state)) == 0)
            return map[i].code;
    }
    return ERR_INTERNAL;
}

/* Only the primary message goes on: DETAIL quotes values, and so does the primary of class 22 (data exceptions). */
static bool failed(struct pg_conn *c, const PGresult *r, struct err *e)
{
    if (PQstatus(c->pg) == CONNECTION_BAD)
        c->head.broken = true;
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    if (!state)
        return err_set(e, ERR_UNAVAILABLE, "postgresql: %.*s", SV_ARG(sv_trim(sv_from(PQerrorMessage(c->pg)))));
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    bool quotes = strncmp(state, "22", 2) == 0;
    return err_set(e, code_of(state), "postgresql: %s (%s)", quotes || !text ? "data exception" : text, state);
}

static bool command(struct pg_conn *c, const char *sql, struct err *e)
{
    CLEANUP(result_clear) PGresult *r = PQexec(c->pg, sql);
    ExecStatusType status = PQresultStatus(r);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? true : failed(c, r, e);
}

static bool pg_script(struct db_conn *conn, const char *text, struct err *e)
{
    return command(of(conn), text, e);
}

static void pg_close(struct db_conn *conn)
{
    for (size_t i = 0; i < conn->cache.size; i++)
        free(conn->cache.slots[i].stmt);
    free(conn->cache.slots);
    PQfinish(of(conn)->pg);
    free(conn);
}
DEFINE_CLEANUP(struct db_conn *, conn_close_p, pg_close)

static void drop_notice(void *arg UNUSED, const PGresult *r UNUSED)
{
}

static bool settings(struct pg_conn *c, const struct db_config *config, struct err *e)
{
    char sql[512];
    if (PQserverVersion(c->pg) < 150000)
        return err_set(e, ERR_UNSUPPORTED, "PostgreSQL 15 or later is needed, this is %d", PQserverVersion(c->pg));
    snprintf(sql, sizeof(sql),
             "SET statement_timeout = 60000; SET lock_timeout = %" PRId64 ";"
             "SET idle_in_transaction_session_timeout = 120000; SET standard_conforming_strings = on;"
             "SET bytea_output = 'hex'; SET synchronous_commit = on",
             config->wait_ms);
    return command(c, sql, e);
}

static bool pg_open(const struct db_config *config, bool read_only, struct db_conn **ret, struct err *e)
{
    /* The url is expanded as "dbname", so that what stands in it wins over these. */
    const char *const keys[] = {"client_encoding", "connect_timeout", "application_name", "dbname", NULL};
    const char *const values[] = {"UTF8", CONNECT_LIMIT, "qyq", config->url, NULL};
    struct pg_conn *c = calloc(1, sizeof(*c));
    must(c != NULL);
    CLEANUP(conn_close_p) struct db_conn *conn = &c->head;
    c->head.driver = &db_postgres;
    c->head.read_only = read_only;
    c->pg = PQconnectdbParams(keys, values, 1);
    must(c->pg != NULL);
    if (PQstatus(c->pg) != CONNECTION_OK)
        return failed(c, NULL, e);
    PQsetNoticeReceiver(c->pg, drop_notice, NULL);
    if (!settings(c, config, e))
        return false;
    *ret = steal(&conn);
    return true;
}

static bool pg_begin(struct db_conn *conn, enum tx_mode mode, struct err *e)
{
    static const char *const begins[] = {
            [TX_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            [TX_WRITE] = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
            [TX_QUEUE] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    };
    return command(of(conn), begins[mode], e);
}

static void pg_rollback(struct db_conn *conn)
{
    struct err ignored;
    if (!conn->broken && PQtransactionStatus(of(conn)->pg) != PQTRANS_IDLE && !command(of(conn), "ROLLBACK", &ignored))
        conn->broken = true;
}

static bool pg_commit(struct db_conn *conn, struct err *e)
{
    CLEANUP(result_clear) PGresult *r = PQexec(of(conn)->pg, "COMMIT");
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        failed(of(conn), r, e);
        pg_rollback(conn);
        return false;
    }
    /* COMMIT of a failed transaction answers ROLLBACK. */
    if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
        return err_set(e, ERR_INTERNAL, "postgresql: the transaction was rolled back");
    return true;
}

static bool pg_prepare(struct db_conn *conn, const struct db_query *q, void **ret_stmt, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)1 << 20);
    Oid types[MOST_ARGS];
    size_t n = q->in ? strlen(q->in) : 0;
    must(n <= MOST_ARGS);
    for (size_t i = 0; i < n; i++)
        types[i] = (q->in[i] | ' ') == 'i' ? OID_INT8 : (q->in[i] | ' ') == 't' ? OID_TEXT : OID_BYTEA;
    struct pg_stmt *s = calloc(1, sizeof(*s));
    must(s != NULL);
    snprintf(s->name, sizeof(s->name), "q%u", of(conn)->statements++);
    const char *sql = dialect_dollars(&a, sv_from(q->pg ? q->pg : q->sql)).p;
    CLEANUP(result_clear) PGresult *r = PQprepare(of(conn)->pg, s->name, sql, (int)n, types);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        free(s);
        return failed(of(conn), r, e);
    }
    *ret_stmt = s;
    return true;
}

static bool hex_bytes(struct arena *a, struct sv text, struct sv *ret)
{
    return sv_starts(text, SV("\\x")) && hex_decode(a, sv_skip(text, 2), ret);
}

/* numeric comes from sum() of bigint; it fits as long as it is a whole number. */
static bool whole_number(Oid type, struct sv s, int64_t *ret)
{
    if (type == OID_BOOL) {
        *ret = sv_eq(s, SV("t"));
        return true;
    }
    return sv_i64(s, INT64_MIN, INT64_MAX, ret);
}

static bool cell(struct arena *a, const PGresult *r, int row, int column, struct db_value *ret)
{
    Oid type = PQftype(r, column);
    struct sv s = sv_of(PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column));
    if (PQgetisnull(r, row, column)) {
        *ret = DB_NULL;
        return true;
    }
    switch (type) {
    case OID_BOOL:
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_NUMERIC:
        ret->type = DB_TYPE_INT;
        return whole_number(type, s, &ret->i);
    case OID_BYTEA:
        ret->type = DB_TYPE_BYTES;
        return hex_bytes(a, s, &ret->s);
    default:
        *ret = DB_TEXT(arena_sv(a, s));
        return true;
    }
}

static bool copy_rows(struct arena *a, const PGresult *r, struct db_rows *ret, struct err *e)
{
    ret->n = (size_t)PQntuples(r);
    ret->columns = (size_t)PQnfields(r);
    struct db_value *v = arena_array(a, struct db_value, ret->n * ret->columns);
    for (size_t i = 0; i < ret->n * ret->columns; i++) {
        if (!cell(a, r, (int)(i / ret->columns), (int)(i % ret->columns), &v[i]))
            return err_set(e, ERR_CORRUPT, "column %zu is not a whole number or not bytes", i % ret->columns);
    }
    ret->v = v;
    uint64_t touched = 0;
    if (strncmp(PQcmdStatus((PGresult *)(uintptr_t)r), "SELECT", 6) != 0 &&
        sv_u64(sv_from(PQcmdTuples((PGresult *)(uintptr_t)r)), INT64_MAX, &touched))
        ret->changed = (int64_t)touched;
    return true;
}

static bool pg_run(struct db_conn *conn, void *prepared, const struct db_query *q UNUSED, struct db_args args,
                   struct arena *a, struct db_rows *ret, struct err *e)
{
    const struct pg_stmt *s = prepared;
    uint64_t numbers[MOST_ARGS];
    const char *values[MOST_ARGS];
    int lengths[MOST_ARGS], formats[MOST_ARGS];
    for (size_t i = 0; i < args.n; i++) {
        const struct db_value *v = &args.v[i];
        if (v->s.n > INT32_MAX / 2)
            return err_set(e, ERR_TOO_LARGE, "argument %zu", i + 1);
        numbers[i] = htobe64((uint64_t)v->i);
        values[i] = v->type == DB_TYPE_NULL  ? NULL
                    : v->type == DB_TYPE_INT ? (char *)&numbers[i]
                    : v->s.p                 ? v->s.p
                                             : "";
        lengths[i] = v->type == DB_TYPE_INT ? (int)sizeof(numbers[i]) : (int)v->s.n;
        formats[i] = 1;
    }
    CLEANUP(result_clear)
    PGresult *r = PQexecPrepared(of(conn)->pg, s->name, (int)args.n, values, lengths, formats, 0);
    ExecStatusType status = PQresultStatus(r);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        return failed(of(conn), r, e);
    return copy_rows(a, r, ret, e);
}

static char letter_of(Oid type)
{
    static const struct {
        Oid type;
        char letter;
    } letters[] = {
            {OID_BOOL,    'i'},
            {OID_INT2,    'i'},
            {OID_INT4,    'i'},
            {OID_INT8,    'i'},
            {OID_NUMERIC, 'i'},
            {OID_BYTEA,   'b'},
            {OID_TEXT,    't'},
            {OID_NAME,    't'},
            {OID_BPCHAR,  't'},
            {OID_VARCHAR, 't'},
    };
    for (size_t i = 0; i < COUNT(letters); i++) {
        if (letters[i].type == type)
            return letters[i].letter;
    }
    return '?';
}

static bool pg_check(struct db_conn *conn, void *prepared, const struct db_query *q, struct err *e)
{
    const struct pg_stmt *s = prepared;
    CLEANUP(result_clear) PGresult *r = PQdescribePrepared(of(conn)->pg, s->name);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        return failed(of(conn), r, e);
    const char *out = q->out ? q->out : "";
    /* PostgreSQL counts the types it was given, so a letter too many has to be seen in the text. */
    size_t parameters = dialect_parameters(sv_from(q->pg ? q->pg : q->sql));
    if (parameters != (q->in ? strlen(q->in) : 0))
        return err_set(e, ERR_INTERNAL, "%zu parameters, in is \"%s\"", parameters, q->in ? q->in : "");
    if ((size_t)PQnfields(r) != strlen(out))
        return err_set(e, ERR_INTERNAL, "%d columns, out is \"%s\"", PQnfields(r), out);
    for (int i = 0; i < PQnfields(r); i++) {
        if (letter_of(PQftype(r, i)) != (out[i] | ' '))
            return err_set(e, ERR_INTERNAL, "column %d has type %u, out is \"%s\"", i, PQftype(r, i), out);
    }
    return true;
}

/* Text sorts by bytes everywhere, whatever collation the database was made with. */
static const struct db_token tokens[] = {
        {"i64",    "BIGINT"            },
        {"text",   "TEXT COLLATE \"C\""},
        {"bytes",  "BYTEA"             },
        {"bool",   "SMALLINT"          },
        {"strict", ""                  },
        {NULL,     NULL                },
};

const struct db_driver db_postgres = {
        .name = "postgresql",
        .one_writer = false,
        .tokens = tokens,
        .migration_lock = "SELECT pg_advisory_xact_lock(7171421)",
        .open = pg_open,
        .close = pg_close,
        .begin = pg_begin,
        .commit = pg_commit,
        .rollback = pg_rollback,
        .prepare = pg_prepare,
        .run = pg_run,
        .check = pg_check,
        .script = pg_script,
};
