/* Hash-chained events in the database; see record.h. */
#include "record/record.h"

#include <inttypes.h>
#include <string.h>

#include "record/record_priv.h"

#define EVENT_COLUMNS "seq, at, kind, payload, payload_hash, prev, hash"
#define EVENT_TYPES   "iitBbbb"

static struct record_event event_of(const struct db_rows *r, size_t row, struct sv chain)
{
    return (struct record_event){
            .chain = chain,
            .seq = db_int(r, row, 0),
            .at = db_int(r, row, 1),
            .kind = db_text(r, row, 2),
            .payload = db_bytes(r, row, 3),
            .payload_hash = db_bytes(r, row, 4),
            .prev = db_bytes(r, row, 5),
            .hash = db_bytes(r, row, 6),
    };
}

/* ---- appending ---- */

DB_QUERY(q_head, .in = "t", .out = EVENT_TYPES,
         .sql = "SELECT " EVENT_COLUMNS " FROM record_event WHERE chain = ?1 ORDER BY seq DESC LIMIT 1");

/* seq 0 and a hash of zeros for an empty chain. */
static bool head_of(struct tx *tx, struct arena *a, struct sv chain, struct record_event *ret, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_head, DB_ARGS(DB_TEXT(chain)), &r, e))
        return false;
    *ret = (struct record_event){.hash = sv_of(record_zeros, sizeof(record_zeros))};
    if (r.n)
        *ret = event_of(&r, 0, arena_sv(a, chain));
    return true;
}

bool record_head(struct tx *tx, struct arena *a, struct sv chain, struct record_event *ret, struct err *e)
{
    struct record_event head;
    if (!head_of(tx, a, chain, &head, e))
        return false;
    if (head.seq == 0)
        return err_set(e, ERR_NOT_FOUND, "chain %.*s is empty", SV_ARG(chain));
    *ret = head;
    return true;
}

DB_QUERY(q_append, .in = "tiitbbbb",
         .sql = "INSERT INTO record_event (chain, seq, suite, at, kind, payload, payload_hash, prev, hash)"
                " VALUES (?1, ?2, 'sha256', ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING");

bool record_append(struct tx *tx, struct arena *a, struct sv chain, struct sv kind, struct sv payload, int64_t at,
                   struct record_event *ret, struct err *e)
{
    struct record_event head;
    int64_t changed;
    if (!record_name_ok(chain) || !record_name_ok(kind))
        return err_set(e, ERR_BAD_INPUT, "record: chain or kind is not a name");
    if (!head_of(tx, a, chain, &head, e))
        return err_wrap(e, "record head");
    struct record_event r = {
            .chain = arena_sv(a, chain),
            .seq = head.seq + 1,
            .at = at,
            .kind = arena_sv(a, kind),
            .payload = arena_sv(a, payload),
            .payload_hash = record_sha256(a, payload),
            .prev = head.hash,
    };
    r.hash = record_sha256(a, record_hashed_text(a, &r));
    if (!db_exec_changed(tx, &q_append,
                         DB_ARGS(DB_TEXT(r.chain), DB_INT(r.seq), DB_INT(at), DB_TEXT(r.kind), DB_BYTES(r.payload),
                                 DB_BYTES(r.payload_hash), DB_BYTES(r.prev), DB_BYTES(r.hash)),
                         &changed, e))
        return err_wrap(e, "record append");
    if (changed != 1) /* only outside serializable transactions; the caller tries the whole again */
        return err_set(e, ERR_BUSY, "chain %.*s moved on", SV_ARG(chain));
    if (ret)
        *ret = r;
    return true;
}

/* ---- reading ---- */

DB_QUERY(q_read, .in = "tii", .out = EVENT_TYPES,
         .sql = "SELECT " EVENT_COLUMNS " FROM record_event WHERE chain = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");

bool record_read(struct tx *tx, struct arena *a, struct sv chain, int64_t after, size_t limit,
                 struct record_event **ret, size_t *ret_n, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_read, DB_ARGS(DB_TEXT(chain), DB_INT(after), DB_INT((int64_t)limit)), &r, e))
        return false;
    struct record_event *events = arena_array(a, struct record_event, r.n);
    struct sv name = arena_sv(a, chain);
    for (size_t i = 0; i < r.n; i++)
        events[i] = event_of(&r, i, name);
    *ret = events;
    *ret_n = r.n;
    return true;
}

/* One window; *ret_more is false at the end of the chain or at the first fault. */
static bool verify_window(struct tx *tx, struct sv chain, struct record_verdict *v, bool *ret_more, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct record_event *events;
    size_t n;
    if (!record_read(tx, &a, chain, v->checked, RECORD_WINDOW, &events, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        int64_t seq = v->checked + 1;
        const char *fault = record_fault(&a, &events[i], seq, sv_of(v->head, sizeof(v->head)));
        if (!record_verdict_add(v, seq, fault, events[i].hash))
            break;
    }
    *ret_more = v->ok && n == RECORD_WINDOW;
    return true;
}

bool record_verify(struct tx *tx, struct sv chain, struct record_verdict *ret, struct err *e)
{
    bool more = true;
    *ret = (struct record_verdict){.ok = true};
    while (more) {
        if (!verify_window(tx, chain, ret, &more, e))
            return err_wrap(e, "verify chain %.*s", SV_ARG(chain));
    }
    return true;
}
