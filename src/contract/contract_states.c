/* The state table; see contract_states.h. docs/architecture.md shows it as a diagram. */
#include "contract/contract_states.h"

static const char *const state_names[] = {
#define X(name, text) #text,
        CONTRACT_STATES(X)
#undef X
};
static const char *const event_names[] = {
#define X(name, text) #text,
        CONTRACT_EVENTS(X)
#undef X
};
_Static_assert(COUNT(state_names) == CONTRACT_STATE__COUNT, "one name a state");
_Static_assert(COUNT(event_names) == CONTRACT_EVENT__COUNT, "one name an event");

static const struct {
    enum contract_state from;
    enum contract_event_kind event;
    enum contract_state to;
} rules[] = {
        {CONTRACT_DRAFT,             CONTRACT_EV_SEND,             CONTRACT_SENT             },
        {CONTRACT_DRAFT,             CONTRACT_EV_DISCARD,          CONTRACT_VOID             },
        {CONTRACT_SENT,              CONTRACT_EV_WORKER_ACT,       CONTRACT_WORKER_STAMPING  },
        {CONTRACT_SENT,              CONTRACT_EV_DECLINE,          CONTRACT_DECLINED         },
        {CONTRACT_SENT,              CONTRACT_EV_WITHDRAW,         CONTRACT_WITHDRAWN        },
        {CONTRACT_SENT,              CONTRACT_EV_LAPSE,            CONTRACT_LAPSED           },
        {CONTRACT_WORKER_STAMPING,   CONTRACT_EV_WORKER_STAMPED,   CONTRACT_WORKER_SIGNED    },
        {CONTRACT_WORKER_STAMPING,   CONTRACT_EV_WORKER_FAILED,    CONTRACT_SENT             },
        {CONTRACT_WORKER_SIGNED,     CONTRACT_EV_EMPLOYER_ACT,     CONTRACT_EMPLOYER_STAMPING},
        {CONTRACT_WORKER_SIGNED,     CONTRACT_EV_WITHDRAW,         CONTRACT_WITHDRAWN        },
        {CONTRACT_EMPLOYER_STAMPING, CONTRACT_EV_EMPLOYER_STAMPED, CONTRACT_EFFECTIVE        },
        {CONTRACT_EMPLOYER_STAMPING, CONTRACT_EV_EMPLOYER_FAILED,  CONTRACT_WORKER_SIGNED    },
};

const char *contract_state_name(enum contract_state s)
{
    return state_names[s];
}

const char *contract_event_name(enum contract_event_kind ev)
{
    return event_names[ev];
}

bool contract_state_parse(struct sv text, enum contract_state *ret)
{
    for (int i = 0; i < CONTRACT_STATE__COUNT; i++) {
        if (sv_eq(text, sv_from(state_names[i]))) {
            *ret = (enum contract_state)i;
            return true;
        }
    }
    return false;
}

bool contract_event_allowed(enum contract_state from, enum contract_event_kind ev)
{
    struct err ignored;
    enum contract_state to;
    return contract_next_state(from, ev, &to, &ignored);
}

bool contract_next_state(enum contract_state from, enum contract_event_kind ev, enum contract_state *ret, struct err *e)
{
    for (size_t i = 0; i < COUNT(rules); i++) {
        if (rules[i].from == from && rules[i].event == ev) {
            *ret = rules[i].to;
            return true;
        }
    }
    return err_user(e, ERR_CONFLICT, "contract_state", NULL, "no %s in state %s", event_names[ev], state_names[from]);
}

bool contract_state_is_final(enum contract_state s)
{
    for (size_t i = 0; i < COUNT(rules); i++) {
        if (rules[i].from == s)
            return false;
    }
    return true;
}
