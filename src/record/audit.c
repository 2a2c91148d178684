/* The audit log; see audit.h. Appending touches no row that another node touches; the sequencer works under the lock of
 * the one row of audit_head. */
#include "record/audit.h"

#include <inttypes.h>
#include <string.h>

#include "record/record_priv.h"

#define AUDIT_COLUMNS "a.id, a.at, a.actor, a.role, a.org, a.action, a.object, a.source, a.basis, a.detail"
#define AUDIT_TYPES   "titttttttt"
#define AUDIT_N       10 /* columns */

static struct audit_row row_of(const struct db_rows *r, size_t i)
{
    return (struct audit_row){
            .id = db_text(r, i, 0),
            .entry = {.at = db_int(r, i, 1),
                      .actor = db_text(r, i, 2),
                      .role = db_text(r, i, 3),
                      .org = db_text(r, i, 4),
                      .action = db_text(r, i, 5),
                      .object = db_text(r, i, 6),
                      .source = db_text(r, i, 7),
                      .basis = db_text(r, i, 8),
                      .detail = db_text(r, i, 9)},
    };
}

/* ---- appending ---- */

DB_QUERY(q_append, .in = "titttttttt",
         .sql = "INSERT INTO audit (id, at, actor, role, org, action, object, source, basis, detail)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
DB_QUERY(q_pending_add, .in = "t", .sql = "INSERT INTO audit_pending (audit) VALUES (?1)");

bool audit_append(struct tx *tx, const struct audit_entry *n, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 4096);
    if (!record_name_ok(n->action))
        return err_set(e, ERR_BAD_INPUT, "audit: action is not a name");
    struct sv id = id_new(&a, n->at);
    return db_exec(tx, &q_append,
                   DB_ARGS(DB_TEXT(id), DB_INT(n->at), DB_TEXT(n->actor), DB_TEXT(n->role), DB_TEXT(n->org),
                           DB_TEXT(n->action), DB_TEXT(n->object), DB_TEXT(n->source), DB_TEXT(n->basis),
                           DB_TEXT(n->detail)),
                   e) &&
           db_exec(tx, &q_pending_add, DB_ARGS(DB_TEXT(id)), e);
}

/* ---- chaining ---- */

static struct sv hash_of(struct arena *a, int64_t seq, const struct audit_row *r, struct sv prev)
{
    const struct sv fields[] = {r->entry.actor,  r->entry.role,   r->entry.org,  r->entry.action,
                                r->entry.object, r->entry.source, r->entry.basis};
    struct sv text =
            arena_printf(a, "qyq-audit-v1 sha256\n%" PRId64 "\n%.*s\n%" PRId64 "\n", seq, SV_ARG(r->id), r->entry.at);
    for (size_t i = 0; i < COUNT(fields); i++)
        text = arena_concat(a, text, arena_concat(a, percent_encode(a, fields[i]), SV("\n")));
    struct sv detail = hex_encode(a, record_sha256(a, r->entry.detail)), before = hex_encode(a, prev);
    text = arena_concat(a, text, arena_printf(a, "%.*s\n%.*s\n", SV_ARG(detail), SV_ARG(before)));
    return record_sha256(a, text);
}

DB_QUERY(q_head_make, .in = "b",
         .sql = "INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, ?1) ON CONFLICT DO NOTHING");
DB_QUERY(q_head_lock, .out = "ib", .sql = "SELECT seq, hash FROM audit_head WHERE one = 1",
         .pg = "SELECT seq, hash FROM audit_head WHERE one = 1 FOR UPDATE");
DB_QUERY(q_head_set, .in = "ib", .sql = "UPDATE audit_head SET seq = ?1, hash = ?2 WHERE one = 1");
DB_QUERY(q_pending, .in = "i", .out = AUDIT_TYPES,
         .sql = "SELECT " AUDIT_COLUMNS
                " FROM audit_pending p JOIN audit a ON a.id = p.audit ORDER BY p.audit LIMIT ?1");
DB_QUERY(q_chain_add, .in = "itb",
         .sql = "INSERT INTO audit_chain (seq, audit, suite, hash) VALUES (?1, ?2, 'sha256', ?3)");
DB_QUERY(q_pending_drop, .in = "t", .sql = "DELETE FROM audit_pending WHERE audit = ?1");

struct step {
    size_t limit;
    size_t n; /* out */
};

static bool chain_rows(struct tx *tx, struct arena *a, const struct db_rows *pending, int64_t seq, struct sv hash,
                       struct err *e)
{
    for (size_t i = 0; i < pending->n; i++) {
        struct audit_row row = row_of(pending, i);
        hash = hash_of(a, ++seq, &row, hash);
        if (!db_exec(tx, &q_chain_add, DB_ARGS(DB_INT(seq), DB_TEXT(row.id), DB_BYTES(hash)), e) ||
            !db_exec(tx, &q_pending_drop, DB_ARGS(DB_TEXT(row.id)), e))
            return false;
    }
    return db_exec(tx, &q_head_set, DB_ARGS(DB_INT(seq), DB_BYTES(hash)), e);
}

static bool step(struct tx *tx, void *arg, struct err *e)
{
    struct step *s = arg;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct db_rows head, pending;
    if (!db_exec(tx, &q_head_make, DB_ARGS(DB_BYTES(sv_of(record_zeros, sizeof(record_zeros)))), e) ||
        !db_one(tx, &a, &q_head_lock, DB_NO_ARGS, &head, e) ||
        !db_run(tx, &a, &q_pending, DB_ARGS(DB_INT((int64_t)s->limit)), &pending, e))
        return false;
    s->n = pending.n;
    return pending.n == 0 || chain_rows(tx, &a, &pending, db_int(&head, 0, 0), db_bytes(&head, 0, 1), e);
}

bool audit_chain_step(struct db *db, size_t limit, size_t *ret_n, struct err *e)
{
    struct step s = {.limit = limit};
    /* READ COMMITTED: after waiting for the lock, the pending rows are read as they are then. */
    if (!tx_run_mode(db, TX_QUEUE, step, &s, e))
        return err_wrap(e, "chain the audit log");
    *ret_n = s.n;
    return true;
}

/* ---- reading ---- */

DB_QUERY(q_list, .in = "ttttiiti", .out = AUDIT_TYPES "IB",
         .sql = "SELECT " AUDIT_COLUMNS ", c.seq, c.hash FROM audit a LEFT JOIN audit_chain c ON c.audit = a.id"
                " WHERE (?1 = '' OR a.org = ?1) AND (?2 = '' OR a.actor = ?2) AND (?3 = '' OR a.object = ?3)"
                "  AND (?4 = '' OR a.action = ?4) AND a.at >= ?5 AND (?6 = 0 OR a.at < ?6) AND (?7 = '' OR a.id < ?7)"
                " ORDER BY a.id DESC LIMIT ?8");

bool audit_list(struct tx *tx, struct arena *a, const struct audit_filter *f, size_t limit, struct audit_row **ret,
                size_t *ret_n, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_list,
                DB_ARGS(DB_TEXT(f->org), DB_TEXT(f->actor), DB_TEXT(f->object), DB_TEXT(f->action), DB_INT(f->from),
                        DB_INT(f->until), DB_TEXT(f->before_id), DB_INT((int64_t)limit)),
                &r, e))
        return false;
    struct audit_row *rows = arena_array(a, struct audit_row, r.n);
    for (size_t i = 0; i < r.n; i++) {
        rows[i] = row_of(&r, i);
        rows[i].seq = db_int(&r, i, AUDIT_N);
        rows[i].hash = db_bytes(&r, i, AUDIT_N + 1);
    }
    *ret = rows;
    *ret_n = r.n;
    return true;
}

/* ---- verifying ---- */

/* An inner join: the foreign key keeps a chained row from being deleted, and if somebody managed to, its number is
 * missing. */
DB_QUERY(q_chained, .in = "ii", .out = AUDIT_TYPES "ib",
         .sql = "SELECT " AUDIT_COLUMNS ", c.seq, c.hash FROM audit_chain c JOIN audit a ON a.id = c.audit"
                " WHERE c.seq > ?1 ORDER BY c.seq LIMIT ?2");
DB_QUERY(q_head, .out = "ib", .sql = "SELECT seq, hash FROM audit_head WHERE one = 1");

static bool verify_window(struct tx *tx, struct record_verdict *v, bool *ret_more, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct db_rows r;
    if (!db_run(tx, &a, &q_chained, DB_ARGS(DB_INT(v->checked), DB_INT(RECORD_WINDOW)), &r, e))
        return false;
    for (size_t i = 0; i < r.n; i++) {
        int64_t seq = v->checked + 1;
        struct audit_row row = row_of(&r, i);
        struct sv stored = db_bytes(&r, i, AUDIT_N + 1);
        const char *fault = db_int(&r, i, AUDIT_N) != seq ? "missing" : NULL;
        if (!fault && !sv_eq(hash_of(&a, seq, &row, sv_of(v->head, sizeof(v->head))), stored))
            fault = "hash";
        if (!record_verdict_add(v, seq, fault, stored))
            break;
    }
    *ret_more = v->ok && r.n == RECORD_WINDOW;
    return true;
}

/* The last rows may have been cut off: the sequencer remembers how far it came. */
static bool verify_end(struct tx *tx, struct record_verdict *v, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 4096);
    struct db_rows r;
    if (!db_run(tx, &a, &q_head, DB_NO_ARGS, &r, e))
        return false;
    int64_t seq = r.n ? db_int(&r, 0, 0) : 0;
    if (seq != v->checked)
        (void)record_verdict_add(v, v->checked + 1, "missing", SV(""));
    else if (r.n && !sv_eq(db_bytes(&r, 0, 1), sv_of(v->head, sizeof(v->head))))
        (void)record_verdict_add(v, v->checked, "hash", SV(""));
    return true;
}

bool audit_verify(struct tx *tx, struct record_verdict *ret, struct err *e)
{
    bool more = true;
    *ret = (struct record_verdict){.ok = true};
    while (more) {
        if (!verify_window(tx, ret, &more, e))
            return err_wrap(e, "verify the audit log");
    }
    return !ret->ok || verify_end(tx, ret, e);
}
