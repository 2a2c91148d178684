/* Looking back: whether a contract's events are whole, and whether they lead to the state that its row claims. */
#include "contract/contract_priv.h"
#include "record/record.h"

#define REPLAY_WINDOW 200

DB_QUERY(q_contract_ids, .in = "ti", .out = "t", .sql = "SELECT id FROM contract WHERE id > ?1 ORDER BY id LIMIT ?2");

bool contract_ids(struct tx *tx, struct arena *a, struct sv after, size_t limit, struct sv **ret, size_t *ret_n,
                  struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_contract_ids, DB_ARGS(DB_TEXT(after), DB_INT((int64_t)limit)), &r, e))
        return err_wrap(e, "contracts");
    *ret = arena_array(a, struct sv, r.n + 1);
    *ret_n = r.n;
    for (size_t i = 0; i < r.n; i++)
        (*ret)[i] = db_text(&r, i, 0);
    return true;
}

/* Events that move no state ("opened", "downloaded" …) are not in the table's list. */
static bool move(struct sv kind, enum contract_state *state)
{
    struct err ignored;
    for (int i = 0; i < CONTRACT_EVENT__COUNT; i++) {
        if (sv_eq(kind, sv_from(contract_event_name((enum contract_event_kind)i))))
            return contract_next_state(*state, (enum contract_event_kind)i, state, &ignored);
    }
    return true;
}

static bool replay(struct tx *tx, struct arena *a, struct sv chain, enum contract_state *state, bool *ret_ok,
                   struct err *e)
{
    struct record_event *events;
    size_t n = REPLAY_WINDOW;
    *state = CONTRACT_DRAFT;
    *ret_ok = true;
    for (int64_t after = 0; n == REPLAY_WINDOW; after += (int64_t)n) {
        if (!record_read(tx, a, chain, after, REPLAY_WINDOW, &events, &n, e))
            return false;
        for (size_t i = 0; i < n; i++)
            *ret_ok &= move(events[i].kind, state);
    }
    return true;
}

DB_QUERY(q_contract_claimed, .in = "t", .out = "t", .sql = "SELECT state FROM contract WHERE id = ?1");

bool contract_verify_record(struct tx *tx, struct arena *a, struct sv id, int64_t *ret_records, const char **ret_fault,
                            struct err *e)
{
    bool legal;
    struct db_rows r;
    struct record_verdict v;
    enum contract_state state;
    struct sv chain = contract_chain(a, id);
    if (!record_verify(tx, chain, &v, e) || !replay(tx, a, chain, &state, &legal, e) ||
        !db_one(tx, a, &q_contract_claimed, DB_ARGS(DB_TEXT(id)), &r, e))
        return err_wrap(e, "record of contract %.*s", SV_ARG(id));
    *ret_records = v.checked;
    *ret_fault = NULL;
    if (!v.ok)
        *ret_fault = v.why;
    else if (v.checked == 0)
        *ret_fault = "empty";
    else if (!legal || !sv_eq(db_text(&r, 0, 0), sv_from(contract_state_name(state))))
        *ret_fault = "state";
    return true;
}
