/* The states of a contract, as one table of (state, event) → state. Nothing else writes contract.state. */
#ifndef CONTRACT_CONTRACT_STATES_H
#define CONTRACT_CONTRACT_STATES_H

#include "base/base.h"

/* enumerator, name in table and interface. employer_signed and the life after "effective" are known to the schema;
 * events that lead there come with the later life of a contract. */
#define CONTRACT_STATES(X)                                                                                             \
    X(DRAFT, draft)                                                                                                    \
    X(SENT, sent)                                                                                                      \
    X(WORKER_STAMPING, worker_stamping) /* the worker's act is durable, CA and TSA still to answer */                  \
    X(WORKER_SIGNED, worker_signed)                                                                                    \
    X(EMPLOYER_SIGNED, employer_signed)                                                                                \
    X(EMPLOYER_STAMPING, employer_stamping)                                                                            \
    X(EFFECTIVE, effective)                                                                                            \
    X(SUSPENDED, suspended)                                                                                            \
    X(CHANGED, changed)                                                                                                \
    X(RENEWED, renewed)                                                                                                \
    X(TERMINATED, terminated)                                                                                          \
    X(EXPIRED, expired)                                                                                                \
    X(VOID, void)                                                                                                      \
    X(ARCHIVED, archived)                                                                                              \
    X(DECLINED, declined)                                                                                              \
    X(WITHDRAWN, withdrawn)                                                                                            \
    X(LAPSED, lapsed)

enum contract_state {
#define X(name, text) CONTRACT_##name,
    CONTRACT_STATES(X)
#undef X
            CONTRACT_STATE__COUNT
};

#define CONTRACT_EVENTS(X)                                                                                             \
    X(SEND, sent)                                                                                                      \
    X(WORKER_ACT, worker_act)        /* code and drawing given: the intent is durable */                               \
    X(WORKER_STAMPED, worker_signed) /* certificate, signature and token are in the stored document */                 \
    X(WORKER_FAILED, worker_failed)  /* refused for good: the worker may act again */                                  \
    X(EMPLOYER_ACT, employer_act)                                                                                      \
    X(EMPLOYER_STAMPED, effective)                                                                                     \
    X(EMPLOYER_FAILED, employer_failed)                                                                                \
    X(DECLINE, declined)                                                                                               \
    X(WITHDRAW, withdrawn)                                                                                             \
    X(LAPSE, lapsed)                                                                                                   \
    X(DISCARD, discarded)

enum contract_event_kind {
#define X(name, text) CONTRACT_EV_##name,
    CONTRACT_EVENTS(X)
#undef X
            CONTRACT_EVENT__COUNT
};

const char *contract_state_name(enum contract_state s);
const char *contract_event_name(enum contract_event_kind ev);
MUST_CHECK bool contract_state_parse(struct sv text, enum contract_state *ret);
/* CONFLICT contract_state when the table has no row. */
MUST_CHECK bool contract_next_state(enum contract_state from, enum contract_event_kind ev, enum contract_state *ret,
                                    struct err *e);
bool contract_event_allowed(enum contract_state from, enum contract_event_kind ev);
/* No event leads out of it. */
bool contract_state_is_final(enum contract_state s);

#endif
