/* The state table against what it must promise: every pair of state and event, ways in and out, names, words. */
#include "contract/contract_states.h"

#include <stdlib.h>

#include "test.h"
#include "text/text.h"

/* What may happen, said once more and in another form than the table: a line a state, its events and where they lead.
 */
static const struct {
    enum contract_state from;
    enum contract_event_kind event;
    enum contract_state to;
} allowed[] = {
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

/* Known to the schema, reached by no event yet. "effective" has no way out until these have a way in. */
static const enum contract_state later_life[] = {CONTRACT_EMPLOYER_SIGNED, CONTRACT_SUSPENDED,  CONTRACT_CHANGED,
                                                 CONTRACT_RENEWED,         CONTRACT_TERMINATED, CONTRACT_EXPIRED,
                                                 CONTRACT_ARCHIVED};
/* Where a contract may rest for ever (as far as the table goes today). */
static const enum contract_state resting[] = {CONTRACT_EFFECTIVE, CONTRACT_VOID, CONTRACT_DECLINED, CONTRACT_WITHDRAWN,
                                              CONTRACT_LAPSED};

static bool is_later(enum contract_state s)
{
    for (size_t i = 0; i < COUNT(later_life); i++) {
        if (later_life[i] == s)
            return true;
    }
    return false;
}

static bool is_resting(enum contract_state s)
{
    for (size_t i = 0; i < COUNT(resting); i++) {
        if (resting[i] == s)
            return true;
    }
    return false;
}

static int wanted(enum contract_state from, enum contract_event_kind ev)
{
    for (size_t i = 0; i < COUNT(allowed); i++) {
        if (allowed[i].from == from && allowed[i].event == ev)
            return (int)allowed[i].to;
    }
    return -1;
}

TEST(every_pair_of_state_and_event_leads_where_it_should)
{
    size_t legal = 0;
    for (int s = 0; s < CONTRACT_STATE__COUNT; s++) {
        for (int v = 0; v < CONTRACT_EVENT__COUNT; v++) {
            struct err e = ERR_INIT;
            enum contract_state from = (enum contract_state)s, to = CONTRACT_STATE__COUNT;
            enum contract_event_kind ev = (enum contract_event_kind)v;
            int want = wanted(from, ev);
            bool got = contract_next_state(from, ev, &to, &e);
            ck_assert_msg(got == (want >= 0), "%s in state %s: %s", contract_event_name(ev), contract_state_name(from),
                          got ? "allowed" : "refused");
            ck_assert_int_eq(contract_event_allowed(from, ev), got);
            if (got) {
                legal++;
                ck_assert_str_eq(contract_state_name(to), contract_state_name((enum contract_state)want));
                continue;
            }
            ck_assert_int_eq(to, CONTRACT_STATE__COUNT); /* a refusal leaves the result alone */
            ck_assert_int_eq(e.code, ERR_CONFLICT);
            ck_assert_str_eq(e.reason, "contract_state");
        }
    }
    ck_assert_uint_eq(legal, COUNT(allowed));
}

TEST(every_state_is_reached_or_belongs_to_the_later_life)
{
    bool seen[CONTRACT_STATE__COUNT] = {[CONTRACT_DRAFT] = true};
    for (int round = 0; round < CONTRACT_STATE__COUNT; round++) {
        for (int s = 0; s < CONTRACT_STATE__COUNT; s++) {
            for (int v = 0; seen[s] && v < CONTRACT_EVENT__COUNT; v++) {
                struct err e;
                enum contract_state to;
                if (contract_next_state((enum contract_state)s, (enum contract_event_kind)v, &to, &e))
                    seen[to] = true;
            }
        }
    }
    for (int s = 0; s < CONTRACT_STATE__COUNT; s++)
        ck_assert_msg(seen[s] != is_later((enum contract_state)s), "state %s: %s",
                      contract_state_name((enum contract_state)s),
                      seen[s] ? "is reached, take it off the list of the later life" : "cannot be reached");
}

TEST(every_state_has_a_way_out_or_is_one_to_rest_in)
{
    for (int s = 0; s < CONTRACT_STATE__COUNT; s++) {
        bool way_out = false;
        for (int v = 0; v < CONTRACT_EVENT__COUNT; v++)
            way_out |= contract_event_allowed((enum contract_state)s, (enum contract_event_kind)v);
        ck_assert_int_eq(contract_state_is_final((enum contract_state)s), !way_out);
        if (!is_later((enum contract_state)s))
            ck_assert_msg(way_out != is_resting((enum contract_state)s), "state %s",
                          contract_state_name((enum contract_state)s));
    }
}

/* A contract is never stuck: from each state that it can be in, some way leads to one to rest in. */
TEST(every_way_comes_to_an_end)
{
    bool ends[CONTRACT_STATE__COUNT] = {false};
    for (size_t i = 0; i < COUNT(resting); i++)
        ends[resting[i]] = true;
    for (int round = 0; round < CONTRACT_STATE__COUNT; round++) {
        for (size_t i = 0; i < COUNT(allowed); i++)
            ends[allowed[i].from] |= ends[allowed[i].to];
    }
    for (int s = 0; s < CONTRACT_STATE__COUNT; s++)
        ck_assert_msg(ends[s] || is_later((enum contract_state)s), "state %s",
                      contract_state_name((enum contract_state)s));
}

TEST(every_event_is_used)
{
    for (int v = 0; v < CONTRACT_EVENT__COUNT; v++) {
        bool used = false;
        for (int s = 0; s < CONTRACT_STATE__COUNT; s++)
            used |= contract_event_allowed((enum contract_state)s, (enum contract_event_kind)v);
        ck_assert_msg(used, "event %s", contract_event_name((enum contract_event_kind)v));
    }
}

TEST(names_parse_back)
{
    enum contract_state s;
    for (int i = 0; i < CONTRACT_STATE__COUNT; i++) {
        ck_assert(contract_state_parse(sv_from(contract_state_name((enum contract_state)i)), &s));
        ck_assert_int_eq(s, i);
    }
    ck_assert(!contract_state_parse(SV(""), &s));
    ck_assert(!contract_state_parse(SV("DRAFT"), &s));
    ck_assert(!contract_state_parse(SV("draft "), &s));
}

/* The names in the CHECK of the column are those of the enum, none more, none less. */
TEST(the_schema_knows_the_same_states)
{
    struct err e;
    struct sv sql, name;
    bool seen[CONTRACT_STATE__COUNT] = {false};
    const char *root = getenv("QYQ_SOURCE_ROOT");
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    ck_assert_msg(root != NULL, "QYQ_SOURCE_ROOT is not set");
    ASSERT_OK(file_read(&a, path_join(&a, root, "sql/0020_contract.sql"), 1 << 18, &sql, &e), e);
    size_t at = sv_find(sql, SV("CREATE TABLE contract ("));
    ck_assert_uint_ne(at, SIZE_MAX);
    sql = sv_sub(sql, at, sql.n - at);
    at = sv_find(sql, SV("CHECK (state IN ("));
    ck_assert_uint_ne(at, SIZE_MAX);
    sql = sv_sub(sql, at + sizeof("CHECK (state IN (") - 1, sql.n - at - sizeof("CHECK (state IN (") + 1);
    for (struct sv list = sv_cut(&sql, ')'); list.n;) {
        enum contract_state s;
        name = sv_trim(sv_cut(&list, ','));
        ck_assert_uint_gt(name.n, 2);
        name = sv_sub(name, 1, name.n - 2);
        ck_assert_msg(contract_state_parse(name, &s), "the schema allows \"%.*s\"", SV_ARG(name));
        ck_assert_msg(!seen[s], "the schema names %.*s twice", SV_ARG(name));
        seen[s] = true;
    }
    for (int i = 0; i < CONTRACT_STATE__COUNT; i++)
        ck_assert_msg(seen[i], "the schema does not allow \"%s\"", contract_state_name((enum contract_state)i));
}

TEST(states_and_events_have_words_in_each_language)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    for (int lang = 0; lang < TEXT_LANG__N; lang++) {
        for (int i = 0; i < CONTRACT_STATE__COUNT; i++) {
            struct sv key = arena_printf(&a, "contract.state.%s", contract_state_name((enum contract_state)i));
            ck_assert_msg(text_has((enum text_lang)lang, key), "%s: %.*s", text_lang_name((enum text_lang)lang),
                          SV_ARG(key));
        }
        for (int i = 0; i < CONTRACT_EVENT__COUNT; i++) {
            struct sv key = arena_printf(&a, "contract.event.%s", contract_event_name((enum contract_event_kind)i));
            ck_assert_msg(text_has((enum text_lang)lang, key), "%s: %.*s", text_lang_name((enum text_lang)lang),
                          SV_ARG(key));
        }
    }
}
