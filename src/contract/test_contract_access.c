/* Who may see a contract (one function decides), how its state moves, and what a drawing may be; on both databases
 * where a database is asked. */
#include <stdlib.h>
#include <string.h>

#include "contract/ceremony.h"
#include "contract/contract_priv.h"
#include "postgres.h"
#include "record/audit.h"
#include "record/record.h"
#include "test.h"

#define START 1700000000000LL

struct desk {
    struct arena a;
    const char *dir;
    struct db *db;
    struct clock_manual clock;
    struct party *party;
    struct contracts c;
    struct sv one, two;    /* enterprises */
    struct sv li, wang;    /* persons, both known to both */
    struct sv draft, sent; /* contracts of enterprise one with Li */
    struct err e;
};

#define IN_TX(k, call)                                                                                                 \
    do {                                                                                                               \
        struct tx *tx = NULL;                                                                                          \
        ASSERT_OK(tx_begin((k)->db, TX_WRITE, &tx, &(k)->e), (k)->e);                                                  \
        ASSERT_OK(call, (k)->e);                                                                                       \
        ASSERT_OK(tx_commit(&tx, &(k)->e), (k)->e);                                                                    \
    } while (0)

static struct sv add_enterprise(struct desk *k, const char *name, const char *uscc)
{
    struct sv id;
    const struct enterprise in = {.name = sv_from(name),
                                  .uscc = sv_from(uscc),
                                  .legal_representative = SV("赵示例"),
                                  .domicile = SV("甲路1号"),
                                  .area_code = SV("441802"),
                                  .contact_name = SV("陈晓雯"),
                                  .contact_phone = SV("13800000101"),
                                  .state = SV("certified"),
                                  .seal_name = SV("劳动合同专用章"),
                                  .seal_code = SV("4418000000011"),
                                  .seal_state = SV("active")};
    IN_TX(k, enterprise_add(k->party, tx, &k->a, &in, &id, &k->e));
    return id;
}

static struct sv add_person(struct desk *k, struct sv enterprise, const char *name, const char *number)
{
    struct person person;
    const struct person_in in = {sv_from(name), SV("resident_id"), sv_from(number), SV("13800000001"), SV("甲路1号")};
    IN_TX(k, person_add(k->party, tx, &k->a, enterprise, &in, &person, &k->e));
    return person.id;
}

static struct sv add_contract(struct desk *k, const char *number)
{
    struct contract row = {
            .row = {.id = id_new(&k->a, k->clock.at),
                    .enterprise_id = k->one,
                    .person_id = k->li,
                    .number = sv_from(number),
                    .template = SV("fixed-term-full-time@1"),
                    .worker_name = SV("李明"),
                    .employer_name = SV("清远示例甲有限公司"),
                    .post = SV("装配工"),
                    .term_start = SV(""),
                    .term_end = SV("")},
            .data_json = SV("{}"),
            .created_by = SV("member:1"),
            .created_at = k->clock.at
    };
    IN_TX(k, contract_insert(tx, &k->a, &row, &k->e));
    return row.row.id;
}

static bool apply(struct desk *k, struct sv id, enum contract_event_kind ev, const struct actor *actor)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    const struct contract_note note = {"note", SV("why")};
    k->e = ERR_INIT;
    return tx_begin(k->db, TX_WRITE, &tx, &k->e) && contract_apply(&k->c, tx, &k->a, id, ev, actor, &note, 1, &k->e) &&
           tx_commit(&tx, &k->e);
}

static void open_desk(struct desk *k, const char *url)
{
    *k = (struct desk){0};
    arena_init(&k->a, (size_t)64 << 20);
    clock_manual_init(&k->clock, START);
    ASSERT_OK(dir_temp(&k->a, "contract", &k->dir, &k->e), k->e);
    ASSERT_OK(db_open(&(struct db_config){.url = url}, &k->db, &k->e), k->e);
    ASSERT_OK(db_migrate(k->db, &db_migrations, 1, NULL, &k->e), k->e);
    const struct party_setup s = {.db = k->db,
                                  .clock = &k->clock.clock,
                                  .key_path = path_join(&k->a, k->dir, "key"),
                                  .registry = &registry_simulator};
    ASSERT_OK(party_open(&s, &k->party, &k->e), k->e);
    k->c.s = (struct contracts_setup){.db = k->db, .party = k->party, .clock = &k->clock.clock};
    k->one = add_enterprise(k, "清远示例甲有限公司", "91000000MA0DEMA018");
    k->two = add_enterprise(k, "清远示例乙有限公司", "9144030071526726XG");
    k->li = add_person(k, k->one, "李明", "000000199003070014");
    k->wang = add_person(k, k->two, "王芳", "000000199508120021");
    k->draft = add_contract(k, "T-1");
    k->sent = add_contract(k, "T-2");
    struct actor system = actor_system("test");
    ASSERT_OK(apply(k, k->sent, CONTRACT_EV_SEND, &system), k->e);
    IN_TX(k, contract_set_link(tx, k->sent, SV("hash-of-link"), START + 1000, START, &k->e));
}

static void close_desk(struct desk *k)
{
    party_close(k->party);
    db_close(k->db);
    ASSERT_OK(dir_remove(k->dir, &k->e), k->e);
    arena_done(&k->a);
}

#define TEST_DESK(name)                                                                                                \
    static void name##_at(struct desk *k);                                                                             \
    TEST(name)                                                                                                         \
    {                                                                                                                  \
        struct arena urls;                                                                                             \
        arena_init(&urls, 1 << 16);                                                                                    \
        TEST_EACH_DB(&urls, url)                                                                                       \
        {                                                                                                              \
            struct desk k;                                                                                             \
            open_desk(&k, url);                                                                                        \
            name##_at(&k);                                                                                             \
            close_desk(&k);                                                                                            \
        }                                                                                                              \
        arena_done(&urls);                                                                                             \
    }                                                                                                                  \
    static void name##_at(struct desk *k)

/* ---- access ---- */

static bool sees(struct desk *k, const struct actor *actor, struct sv id)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct contract row;
    k->e = ERR_INIT;
    ASSERT_OK(tx_begin(k->db, TX_READ, &tx, &k->e), k->e);
    if (contract_load(&k->c, tx, &k->a, actor, id, &row, &k->e)) {
        ASSERT_SV(row.row.id, id);
        return true;
    }
    /* a stranger cannot tell a foreign contract from one that does not exist */
    ck_assert_int_eq(k->e.code, ERR_NOT_FOUND);
    ck_assert_str_eq(k->e.reason, "contract_unknown");
    return false;
}

/* For each role: own side, other side; whether the draft and the sent contract are seen. A new role fails here first.
 */
TEST_DESK(each_role_sees_what_is_its_own)
{
    static const struct {
        enum role role;
        bool draft, sent;
    } own[] = {
            {ROLE_NONE,   false, false},
            {ROLE_SIGNER, false, true },
            {ROLE_WORKER, false, true },
            {ROLE_VIEWER, true,  true },
            {ROLE_HR,     true,  true },
            {ROLE_SEAL,   true,  true },
            {ROLE_OWNER,  true,  true },
            {ROLE_SYSTEM, true,  true },
    };
    _Static_assert(COUNT(own) == ROLE__COUNT, "one row a role");
    for (size_t i = 0; i < COUNT(own); i++) {
        /* everything that could open it is there: the role alone says which of it counts */
        struct actor mine = {.role = own[i].role,
                             .id = k->li,
                             .enterprise_id = k->one,
                             .person_id = k->li,
                             .contract_id = k->sent,
                             .employers = k->one};
        struct actor theirs = {.role = own[i].role,
                               .id = k->wang,
                               .enterprise_id = k->two,
                               .person_id = k->wang,
                               .contract_id = id_new(&k->a, START),
                               .employers = k->two};
        bool system = own[i].role == ROLE_SYSTEM;
        ck_assert_int_eq(sees(k, &mine, k->draft), own[i].draft);
        ck_assert_int_eq(sees(k, &mine, k->sent), own[i].sent);
        ck_assert_int_eq(sees(k, &theirs, k->draft), system);
        ck_assert_int_eq(sees(k, &theirs, k->sent), system);
        ck_assert(!sees(k, &mine, SV("no-such-contract")));
    }
}

TEST_DESK(empty_ids_open_nothing)
{
    for (int i = 0; i < ROLE__COUNT; i++) {
        const struct actor empty = {.role = (enum role)i};
        if (i == ROLE_SYSTEM)
            continue;
        ck_assert(!sees(k, &empty, k->draft));
        ck_assert(!sees(k, &empty, k->sent));
    }
}

TEST_DESK(a_role_does_not_borrow_the_ids_of_another)
{
    const struct actor signer = {.role = ROLE_SIGNER, .enterprise_id = k->one, .person_id = k->li};
    const struct actor worker = {
            .role = ROLE_WORKER, .enterprise_id = k->one, .contract_id = k->sent, .employers = k->one};
    const struct actor member = {.role = ROLE_OWNER, .person_id = k->li, .contract_id = k->sent};
    ck_assert(!sees(k, &signer, k->sent));
    ck_assert(!sees(k, &worker, k->sent));
    ck_assert(!sees(k, &member, k->sent));
}

static size_t listed(struct desk *k, const struct actor *actor)
{
    struct contract_row *rows;
    const struct contract_filter all = {.state = SV(""), .q = SV(""), .cursor = SV("")};
    struct sv next;
    size_t n;
    k->e = ERR_INIT;
    if (!contract_list(&k->c, &k->a, actor, &all, &rows, &n, &next, &k->e)) {
        ck_assert_int_eq(k->e.code, ERR_FORBIDDEN);
        return SIZE_MAX;
    }
    for (size_t i = 0; i < n; i++)
        ck_assert(sees(k, actor, rows[i].id)); /* what a list shows can be opened */
    return n;
}

TEST_DESK(lists_show_what_may_be_seen)
{
    static const enum role members[] = {ROLE_VIEWER, ROLE_HR, ROLE_SEAL, ROLE_OWNER};
    for (size_t i = 0; i < COUNT(members); i++) {
        const struct actor mine = {.role = members[i], .enterprise_id = k->one};
        const struct actor theirs = {.role = members[i], .enterprise_id = k->two};
        const struct actor nobodys = {.role = members[i]};
        ck_assert_uint_eq(listed(k, &mine), 2);
        ck_assert_uint_eq(listed(k, &theirs), 0);
        ck_assert_uint_eq(listed(k, &nobodys), SIZE_MAX);
    }
    struct sv both = arena_printf(&k->a, "%.*s %.*s", SV_ARG(k->two), SV_ARG(k->one));
    const struct actor li = {.role = ROLE_WORKER, .person_id = k->li, .employers = both},
                       wang = {.role = ROLE_WORKER, .person_id = k->wang, .employers = both},
                       li_at_two = {.role = ROLE_WORKER, .person_id = k->li, .employers = k->two};
    const struct actor signer = {.role = ROLE_SIGNER, .person_id = k->li, .contract_id = k->sent};
    ck_assert_uint_eq(listed(k, &li), 1); /* not the draft */
    ck_assert_uint_eq(listed(k, &wang), 0);
    /* the phone that another employer states opens nothing of this one */
    ck_assert_uint_eq(listed(k, &li_at_two), 0);
    ck_assert(!sees(k, &li_at_two, k->sent));
    ck_assert_uint_eq(listed(k, &signer), SIZE_MAX);
}

TEST_DESK(a_link_leads_to_its_contract_only)
{
    struct contract row;
    struct tx *look = NULL;
    IN_TX(k, contract_by_link(&k->c, tx, &k->a, SV("hash-of-link"), &row, &k->e));
    ASSERT_SV(row.row.id, k->sent);
    ASSERT_OK(tx_begin(k->db, TX_READ, &look, &k->e), k->e);
    ck_assert(!contract_by_link(&k->c, look, &k->a, SV(""), &row, &k->e));
    ck_assert_str_eq(k->e.reason, "link_unknown");
    tx_rollback(&look);
}

/* ---- moving ---- */

static int64_t events(struct desk *k, struct sv id, struct sv *ret_last)
{
    struct record_event head;
    struct record_verdict v;
    IN_TX(k, record_head(tx, &k->a, contract_chain(&k->a, id), &head, &k->e));
    IN_TX(k, record_verify(tx, contract_chain(&k->a, id), &v, &k->e));
    ck_assert(v.ok);
    *ret_last = head.kind;
    return head.seq;
}

static size_t audited(struct desk *k, struct sv id, struct audit_row **ret)
{
    size_t n;
    const struct audit_filter f = {.object = contract_chain(&k->a, id)};
    IN_TX(k, audit_list(tx, &k->a, &f, 20, ret, &n, &k->e));
    return n;
}

TEST_DESK(an_act_moves_the_state_and_stands_in_both_records)
{
    struct sv last;
    struct audit_row *rows;
    const struct actor hr = {
            .role = ROLE_HR, .id = SV("m1"), .name = SV("陈晓雯"), .enterprise_id = k->one, .address = SV("192.0.2.1")};
    ck_assert_int_eq(events(k, k->sent, &last), 1);
    ASSERT_SV(last, SV("sent"));
    k->clock.at += 5;
    ASSERT_OK(apply(k, k->sent, CONTRACT_EV_WITHDRAW, &hr), k->e);
    ck_assert_int_eq(events(k, k->sent, &last), 2);
    ASSERT_SV(last, SV("withdrawn"));
    ck_assert_uint_eq(audited(k, k->sent, &rows), 2);
    ASSERT_SV(rows[0].entry.action, SV("contract.withdrawn"));
    ASSERT_SV(rows[0].entry.actor, SV("member:m1"));
    ASSERT_SV(rows[0].entry.org, k->one);
    ASSERT_SV(rows[0].entry.source, SV("192.0.2.1"));
    ck_assert_int_eq(rows[0].entry.at, START + 5);
    ASSERT_SV(rows[1].entry.actor, SV("system"));
}

TEST_DESK(a_refused_act_leaves_no_trace)
{
    struct sv last;
    struct audit_row *rows;
    struct contract row;
    struct actor system = actor_system("test");
    for (int v = 0; v < CONTRACT_EVENT__COUNT; v++) {
        if (contract_event_allowed(CONTRACT_SENT, (enum contract_event_kind)v))
            continue;
        ck_assert(!apply(k, k->sent, (enum contract_event_kind)v, &system));
        ck_assert_int_eq(k->e.code, ERR_CONFLICT);
        ck_assert_str_eq(k->e.reason, "contract_state");
    }
    IN_TX(k, contract_load(&k->c, tx, &k->a, &system, k->sent, &row, &k->e));
    ck_assert_int_eq(row.row.state, CONTRACT_SENT);
    ck_assert_int_eq(events(k, k->sent, &last), 1);
    ck_assert_uint_eq(audited(k, k->sent, &rows), 1);
    ck_assert(!apply(k, SV("no-such-contract"), CONTRACT_EV_SEND, &system));
    ck_assert_int_eq(k->e.code, ERR_NOT_FOUND);
}

TEST_DESK(only_drafts_are_edited)
{
    struct contract row;
    struct tx *edit = NULL;
    struct actor system = actor_system("test");
    IN_TX(k, contract_load(&k->c, tx, &k->a, &system, k->sent, &row, &k->e));
    row.row.post = SV("经理");
    ASSERT_OK(tx_begin(k->db, TX_WRITE, &edit, &k->e), k->e);
    ck_assert(!contract_store_draft(edit, &k->a, &row, &k->e));
    ck_assert_str_eq(k->e.reason, "contract_state");
    tx_rollback(&edit);
    IN_TX(k, contract_load(&k->c, tx, &k->a, &system, k->draft, &row, &k->e));
    row.row.post = SV("经理");
    IN_TX(k, contract_store_draft(tx, &k->a, &row, &k->e));
    IN_TX(k, contract_load(&k->c, tx, &k->a, &system, k->draft, &row, &k->e));
    ASSERT_SV(row.row.post, SV("经理"));
}

static const char *fault_of(struct desk *k, struct sv id)
{
    int64_t records;
    const char *fault;
    IN_TX(k, contract_verify_record(tx, &k->a, id, &records, &fault, &k->e));
    return fault ? fault : "";
}

DB_QUERY(q_contract_test_state, .in = "tt", .sql = "UPDATE contract SET state = ?2 WHERE id = ?1");
DB_QUERY(q_contract_test_payload, .in = "tb", .sql = "UPDATE record_event SET payload = ?2 WHERE chain = ?1");

TEST_DESK(a_record_that_was_touched_is_found)
{
    struct sv *ids;
    size_t n;
    struct actor system = actor_system("test");
    IN_TX(k, contract_ids(tx, &k->a, SV(""), 10, &ids, &n, &k->e));
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(fault_of(k, k->draft), "empty"); /* made without its first event */
    ck_assert_str_eq(fault_of(k, k->sent), "");
    /* a state that no event led to */
    IN_TX(k, db_exec(tx, &q_contract_test_state, DB_ARGS(DB_TEXT(k->sent), DB_TEXT(SV("effective"))), &k->e));
    ck_assert_str_eq(fault_of(k, k->sent), "state");
    IN_TX(k, db_exec(tx, &q_contract_test_state, DB_ARGS(DB_TEXT(k->sent), DB_TEXT(SV("sent"))), &k->e));
    ASSERT_OK(apply(k, k->sent, CONTRACT_EV_DECLINE, &system), k->e);
    ck_assert_str_eq(fault_of(k, k->sent), "");
    IN_TX(k, db_exec(tx, &q_contract_test_payload, DB_ARGS(DB_TEXT(contract_chain(&k->a, k->sent)), DB_BYTES(SV("{}"))),
                     &k->e));
    ck_assert_str_eq(fault_of(k, k->sent), "payload");
}

/* ---- drawings ---- */

static const char *decode(struct sv json, struct typeset_ink *ret)
{
    static struct err e;
    static struct arena a;
    arena_done(&a);
    arena_init(&a, (size_t)64 << 20);
    e = ERR_INIT;
    if (!ceremony_decode_drawing(&a, json, ret, &e) || !typeset_ink_check(ret, &e)) {
        ck_assert_msg(e.code == ERR_BAD_INPUT || e.code == ERR_TOO_LARGE, "%s", e.msg);
        return e.reason;
    }
    return "";
}

TEST(a_drawn_name_is_decoded)
{
    struct typeset_ink ink;
    ck_assert_str_eq(decode(SV("{\"width\":360,\"height\":180,\"strokes\":[[{\"x\":10,\"y\":10,\"t\":0,\"p\":0.5},"
                               "{\"x\":60.5,\"y\":40},{\"x\":110,\"y\":20,\"t\":90}],[{\"x\":20,\"y\":90},{\"x\":90,"
                               "\"y\":95}]]}"),
                            &ink),
                     "");
    ck_assert_uint_eq(ink.n, 2);
    ck_assert_uint_eq(ink.strokes[0].n, 3);
    ck_assert_double_eq(ink.strokes[0].points[0].pressure, 0.5);
    ck_assert_double_eq(ink.strokes[0].points[1].x, 60.5);
    ck_assert_double_lt(ink.strokes[0].points[1].pressure, 0);
    ck_assert_double_eq(ink.strokes[0].points[2].t_ms, 90);
}

TEST(what_is_no_drawing_is_refused)
{
    static const struct {
        const char *json, *reason;
    } cases[] = {
            {"",                                                               "json_syntax"      },
            {"{\"strokes\":",                                                  "json_syntax"      },
            {"null",                                                           "drawing_empty"    },
            {"[]",                                                             "drawing_empty"    },
            {"\"strokes\"",                                                    "drawing_empty"    },
            {"{}",                                                             "drawing_empty"    },
            {"{\"strokes\":null}",                                             "drawing_empty"    },
            {"{\"strokes\":7}",                                                "drawing_empty"    },
            {"{\"strokes\":[]}",                                               "drawing_empty"    },
            {"{\"strokes\":[[],[],[]]}",                                       "drawing_empty"    },
            {"{\"strokes\":[[{\"x\":1,\"y\":1}]]}",                            "drawing_empty"    },
            {"{\"strokes\":[7]}",                                              "drawing_empty"    },
            {"{\"strokes\":[[7]]}",                                            "drawing_malformed"},
            {"{\"strokes\":[[{\"x\":1}]]}",                                    "drawing_malformed"},
            {"{\"strokes\":[[{\"x\":\"1\",\"y\":1}]]}",                        "drawing_malformed"},
            {"{\"strokes\":[[{\"x\":null,\"y\":1}]]}",                         "drawing_malformed"},
            {"{\"strokes\":[[{\"x\":1e308,\"y\":1},{\"x\":-1e308,\"y\":1}]]}", "drawing_too_large"},
            {"{\"strokes\":[[{\"x\":1e5,\"y\":1}]]}",                          "drawing_too_large"},
            {"{\"strokes\":[[{\"x\":9223372036854775807,\"y\":1}]]}",          "drawing_too_large"},
            {"{\"strokes\":[[{\"x\":1e400,\"y\":1}]]}",                        "json_range"       },
            {"{\"strokes\":[[{\"x\":99999999999999999999999,\"y\":1}]]}",      "json_range"       },
            {"{\"strokes\":[[{\"x\":1,\"x\":2,\"y\":1}]]}",                    "json_duplicate"   },
    };
    struct typeset_ink ink;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *reason = decode(sv_from(cases[i].json), &ink);
        ck_assert_msg(strcmp(reason, cases[i].reason) == 0, "%s: \"%s\", want \"%s\"", cases[i].json, reason,
                      cases[i].reason);
    }
}

/* strokes of points each, spread so that they would be ink. */
static struct sv scribble(struct arena *a, size_t strokes, size_t points)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, (size_t)8 << 20);
    buf_add(&b, SV("{\"strokes\":["));
    for (size_t s = 0; s < strokes; s++) {
        buf_add(&b, s ? SV(",[") : SV("["));
        for (size_t i = 0; i < points; i++)
            buf_printf(&b, "%s{\"x\":%zu,\"y\":%zu}", i ? "," : "", i % 300, s % 150 + i % 7);
        buf_add(&b, SV("]"));
    }
    buf_add(&b, SV("]}"));
    return buf_to_arena(&b, a);
}

TEST(a_drawing_has_limits)
{
    struct typeset_ink ink;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)64 << 20);
    ck_assert_str_eq(decode(scribble(&a, INK_MAX_STROKES, 2), &ink), "");
    ck_assert_str_eq(decode(scribble(&a, INK_MAX_STROKES + 1, 2), &ink), "drawing_too_large");
    ck_assert_str_eq(decode(scribble(&a, 1, INK_MAX_POINTS), &ink), "");
    ck_assert_str_eq(decode(scribble(&a, 1, INK_MAX_POINTS + 1), &ink), "drawing_too_large");
    ck_assert_str_eq(decode(scribble(&a, 100, INK_MAX_POINTS / 100 + 1), &ink), "drawing_too_large");
    struct sv padding = arena_printf(&a, "{\"strokes\":[],\"%0*d\":1}", (int)CEREMONY_DRAWING_LIMIT, 0);
    ck_assert_str_eq(decode(padding, &ink), "json_too_large");
    CLEANUP(buf_done) struct buf deep;
    buf_init(&deep, 1 << 20);
    for (int i = 0; i < 50000; i++)
        buf_add(&deep, SV("["));
    ck_assert_str_eq(decode(buf_sv(&deep), &ink), "json_too_deep");
}

/* ---- long-term data: what is due ---- */

DB_QUERY(q_test_archive, .in = "titttii",
         .sql = "INSERT INTO contract_archive (contract_id, seq, sha256, size, pages, stamped_at, until_at, signature, "
                "imprint, tsa, created_at) VALUES (?1, ?2, ?3, 1, 1, ?6, ?7, ?4, ?5, 'tsa', ?6)");

static void stamped(struct desk *k, struct sv id, int64_t seq, const char *imprint, int64_t until)
{
    IN_TX(k, db_exec(tx, &q_test_archive,
                     DB_ARGS(DB_TEXT(id), DB_INT(seq), DB_TEXT(id), DB_TEXT(SV("ecdsa-sha256")),
                             DB_TEXT(sv_from(imprint)), DB_INT(k->clock.at), DB_INT(until)),
                     &k->e));
}

/* What the two contracts need, the draft first: d due, f refused, "." nothing, "-" not in the list. */
static struct sv needs(struct desk *k, bool all)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct contract_archive_row *rows;
    size_t n;
    char text[] = "--";
    ASSERT_OK(tx_begin(k->db, TX_READ, &tx, &k->e), k->e);
    ASSERT_OK(contract_archive_list(tx, &k->a, &k->c.s.archive, k->clock.at, SV(""), all, 8, &rows, &n, &k->e), k->e);
    for (size_t i = 0; i < n; i++)
        text[sv_eq(rows[i].id, k->draft) ? 0 : 1] = rows[i].due                                        ? 'd'
                                                    : rows[i].archive.state == CONTRACT_ARCHIVE_failed ? 'f'
                                                                                                       : '.';
    return arena_sv(&k->a, (struct sv){text, 2});
}

static struct job_view archive_job_of(struct desk *k, struct sv id)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct job_view v = {0};
    struct sv key = arena_printf(&k->a, "archive:%.*s", SV_ARG(id));
    ASSERT_OK(tx_begin(k->db, TX_READ, &tx, &k->e), k->e);
    if (!job_by_key(tx, &k->a, key, &v, &k->e))
        k->e = ERR_INIT;
    return v;
}

static void sweep(struct desk *k)
{
    struct job j = {.a = &k->a, .db = k->db, .clock = &k->clock.clock};
    ASSERT_OK(contract_archive_due_job(&j, &k->c, &k->e), k->e);
}

TEST_DESK(archive_timestamps_are_due_by_their_end_and_by_their_algorithms)
{
    const int64_t day = 86400000LL;
    ASSERT_SV(needs(k, true), SV("--")); /* nothing is in force */
    sweep(k);
    ck_assert_uint_eq(archive_job_of(k, k->sent).id.n, 0);
    IN_TX(k, contract_set_effective(tx, k->draft, START, &k->e));
    IN_TX(k, contract_set_effective(tx, k->sent, START, &k->e));
    ASSERT_SV(needs(k, false), SV("dd"));
    stamped(k, k->draft, 1, "sha256", START + 1000 * day);
    stamped(k, k->sent, 1, "sha1", START + 2000 * day);
    ASSERT_SV(needs(k, true), SV(".."));
    ASSERT_SV(needs(k, false), SV("--"));
    /* ninety days before the end; the newest counts */
    k->clock.at = START + 909 * day;
    ASSERT_SV(needs(k, true), SV(".."));
    k->clock.at = START + 910 * day;
    ASSERT_SV(needs(k, true), SV("d."));
    k->c.s.archive.margin_ms = 30 * day;
    ASSERT_SV(needs(k, true), SV(".."));
    k->clock.at = START + 980 * day;
    sweep(k);
    ck_assert_int_eq(archive_job_of(k, k->draft).state, JOB_QUEUED);
    ck_assert_uint_eq(archive_job_of(k, k->sent).id.n, 0);
    stamped(k, k->draft, 2, "sha256", START + 3000 * day);
    ASSERT_SV(needs(k, true), SV(".."));
    /* by algorithm: whole names only */
    k->c.s.archive.weak = SV("md5 sha");
    ASSERT_SV(needs(k, true), SV(".."));
    k->c.s.archive.weak = SV("md5 sha1");
    ASSERT_SV(needs(k, true), SV(".d"));
    k->c.s.archive.weak = SV("ecdsa-sha256");
    ASSERT_SV(needs(k, true), SV("dd"));
}

TEST_DESK(a_refused_archive_is_told_once_and_waits_for_a_day)
{
    const int64_t day = 86400000LL;
    struct err why = ERR_INIT;
    IN_TX(k, contract_set_effective(tx, k->sent, START, &k->e));
    struct job j = {.a = &k->a, .db = k->db, .clock = &k->clock.clock, .payload = k->sent};
    (void)err_user(&why, ERR_REFUSED, "validation_revoked", NULL, "somebody was revoked");
    for (int i = 0; i < 2; i++)
        IN_TX(k, contract_archive_dead(tx, &j, &why, &k->c, &k->e));
    CLEANUP(tx_rollback) struct tx *own = NULL;
    struct contract_archive_row *rows;
    struct record_event *events;
    size_t n, told = 0;
    ASSERT_OK(tx_begin(k->db, TX_READ, &own, &k->e), k->e);
    ASSERT_OK(contract_archive_list(own, &k->a, &k->c.s.archive, k->clock.at, SV(""), false, 8, &rows, &n, &k->e),
              k->e);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(rows[0].archive.state, CONTRACT_ARCHIVE_failed);
    ASSERT_SV(rows[0].archive.reason, SV("validation_revoked"));
    ASSERT_SV(rows[0].detail, SV("somebody was revoked"));
    ASSERT_OK(record_read(own, &k->a, contract_chain(&k->a, k->sent), 0, 50, &events, &n, &k->e), k->e);
    for (size_t i = 0; i < n; i++)
        told += sv_eq(events[i].kind, SV("archive_failed"));
    ck_assert_uint_eq(told, 1);
    tx_rollback(&own);
    k->clock.at += day - 1000;
    sweep(k);
    ck_assert_uint_eq(archive_job_of(k, k->sent).id.n, 0);
    k->clock.at += 1001;
    sweep(k);
    ck_assert_int_eq(archive_job_of(k, k->sent).state, JOB_QUEUED);
    /* on demand it does not wait, but what never came into force has nothing to keep */
    IN_TX(k, contract_archive_force(tx, &k->a, k->sent, k->clock.at, &k->e));
    ASSERT_OK(tx_begin(k->db, TX_WRITE, &own, &k->e), k->e);
    struct err e = ERR_INIT;
    ck_assert(!contract_archive_force(own, &k->a, k->draft, k->clock.at, &e) && e.code == ERR_CONFLICT);
    e = ERR_INIT;
    ck_assert(!contract_archive_force(own, &k->a, SV("nobody"), k->clock.at, &e) && e.code == ERR_NOT_FOUND);
}
