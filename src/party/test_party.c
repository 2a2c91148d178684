/* Persons, enterprises, members, sessions and codes, on both databases and with a clock that the tests move. */
#include "party/party.h"

#include <string.h>

#include "crypto/secret.h"
#include "postgres.h"
#include "record/audit.h"
#include "test.h"

#define START  1700000000000LL
#define MINUTE 60000LL
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define GOOD   SV("Lange-Nacht7")

struct park {
    struct arena a;
    const char *dir;
    struct db *db;
    struct clock_manual clock;
    struct party *p;
    struct sv one, two; /* enterprises */
    struct err e;
};

/* Each enters a writing transaction of its own. */
#define IN_TX(k, call)                                                                                                 \
    do {                                                                                                               \
        struct tx *tx = NULL;                                                                                          \
        ASSERT_OK(tx_begin((k)->db, TX_WRITE, &tx, &(k)->e), (k)->e);                                                  \
        ASSERT_OK(call, (k)->e);                                                                                       \
        ASSERT_OK(tx_commit(&tx, &(k)->e), (k)->e);                                                                    \
    } while (0)

#define REFUSED(k, call, err_code_, reason_)                                                                           \
    do {                                                                                                               \
        (k)->e = ERR_INIT;                                                                                             \
        ck_assert_msg(!(call), "%s succeeded", #call);                                                                 \
        ck_assert_msg((k)->e.code == (err_code_), "%s: %s: %s", #call, err_code_name((k)->e.code), (k)->e.msg);        \
        ck_assert_str_eq((k)->e.reason, reason_);                                                                      \
    } while (0)

#define REFUSED_IN_TX(k, call, code, reason)                                                                           \
    do {                                                                                                               \
        struct tx *tx = NULL;                                                                                          \
        ASSERT_OK(tx_begin((k)->db, TX_WRITE, &tx, &(k)->e), (k)->e);                                                  \
        REFUSED(k, call, code, reason);                                                                                \
        tx_rollback(&tx);                                                                                              \
    } while (0)

static struct sv add_enterprise(struct park *k, const char *name, const char *uscc)
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
    IN_TX(k, enterprise_add(k->p, tx, &k->a, &in, &id, &k->e));
    return id;
}

static struct party_setup setup_of(struct park *k, const char *key)
{
    return (struct party_setup){.db = k->db,
                                .clock = &k->clock.clock,
                                .key_path = path_join(&k->a, k->dir, key),
                                .registry = &registry_simulator};
}

static void open_park(struct park *k, const char *url)
{
    *k = (struct park){0};
    arena_init(&k->a, (size_t)64 << 20);
    clock_manual_init(&k->clock, START);
    ASSERT_OK(dir_temp(&k->a, "party", &k->dir, &k->e), k->e);
    ASSERT_OK(db_open(&(struct db_config){.url = url}, &k->db, &k->e), k->e);
    ASSERT_OK(db_migrate(k->db, &db_migrations, 1, NULL, &k->e), k->e);
    const struct party_setup s = setup_of(k, "key");
    ASSERT_OK(party_open(&s, &k->p, &k->e), k->e);
    k->one = add_enterprise(k, "清远示例甲有限公司", "91000000MA0DEMA018");
    k->two = add_enterprise(k, "清远示例乙有限公司", "9144030071526726XG");
}

static void close_park(struct park *k)
{
    party_close(k->p);
    db_close(k->db);
    ASSERT_OK(dir_remove(k->dir, &k->e), k->e);
    arena_done(&k->a);
}

/* The body runs on an opened park k, on SQLite and on PostgreSQL. */
#define TEST_PARK(name)                                                                                                \
    static void name##_on(struct park *k);                                                                             \
    TEST(name)                                                                                                         \
    {                                                                                                                  \
        struct arena urls;                                                                                             \
        arena_init(&urls, 1 << 16);                                                                                    \
        TEST_EACH_DB(&urls, url)                                                                                       \
        {                                                                                                              \
            struct park k;                                                                                             \
            open_park(&k, url);                                                                                        \
            name##_on(&k);                                                                                             \
            close_park(&k);                                                                                            \
        }                                                                                                              \
        arena_done(&urls);                                                                                             \
    }                                                                                                                  \
    static void name##_on(struct park *k)

/* ---- persons ---- */

static const struct person_in li = {SV_INIT("李明"), SV_INIT("resident_id"), SV_INIT("000000199003070014"),
                                    SV_INIT("13800000001"), SV_INIT("龙塘镇宿舍1栋101")};
static const struct person_in wang = {SV_INIT("王芳"), SV_INIT("resident_id"), SV_INIT("000000199508120021"),
                                      SV_INIT("13800000002"), SV_INIT("龙塘镇宿舍1栋102")};

static struct person add(struct park *k, struct sv enterprise, const struct person_in *in)
{
    struct person person;
    IN_TX(k, person_add(k->p, tx, &k->a, enterprise, in, &person, &k->e));
    return person;
}

TEST_PARK(a_person_is_one_row_in_the_park)
{
    struct person first = add(k, k->one, &li), again;
    ASSERT_SV(first.name, SV("李明"));
    ASSERT_SV(first.id_number_masked, SV("000***********0014"));
    ASSERT_SV(first.phone_masked, SV("138****0001"));
    ASSERT_SV(first.address_masked, SV("龙塘镇宿舍1****"));
    ASSERT_SV(first.sex, SV("male"));
    ASSERT_SV(first.birth_date, SV("1990-03-07"));
    struct person_in moved = li;
    moved.phone = SV("13900000009");
    again = add(k, k->two, &moved);
    ASSERT_SV(again.id, first.id);
    /* each employer knows the phone it was told */
    IN_TX(k, person_get(k->p, tx, &k->a, k->one, first.id, &again, &k->e));
    ASSERT_SV(again.phone_masked, SV("138****0001"));
    IN_TX(k, person_get(k->p, tx, &k->a, k->two, first.id, &again, &k->e));
    ASSERT_SV(again.phone_masked, SV("139****0009"));
    add(k, k->one, &moved);
    IN_TX(k, person_get(k->p, tx, &k->a, k->one, first.id, &again, &k->e));
    ASSERT_SV(again.phone_masked, SV("139****0009"));
}

TEST_PARK(the_same_number_with_another_name_is_refused)
{
    struct person person;
    struct person_in other = li;
    add(k, k->one, &li);
    other.name = SV("李鸣");
    REFUSED_IN_TX(k, person_add(k->p, tx, &k->a, k->two, &other, &person, &k->e), ERR_CONFLICT, "worker_name_mismatch");
}

TEST_PARK(what_cannot_be_a_person_is_refused)
{
    static const struct {
        struct person_in in;
        const char *reason;
        enum err_code code;
    } cases[] = {
            {{SV_INIT("李明"), SV_INIT("resident_id"), SV_INIT("000000199003070015"), SV_INIT("13800000001"), {0}},
             "person_id_check_digit", ERR_BAD_INPUT  },
            {{SV_INIT("李明"), SV_INIT("resident_id"), SV_INIT("0000001990030"), SV_INIT("13800000001"), {0}},
             "person_id_invalid",     ERR_BAD_INPUT  },
            {{SV_INIT("李明"), SV_INIT("resident_id"), SV_INIT("000000199003070014"), SV_INIT("12345"), {0}},
             "phone_invalid",         ERR_BAD_INPUT  },
            {{SV_INIT("  "), SV_INIT("resident_id"), SV_INIT("000000199003070014"), SV_INIT("13800000001"), {0}},
             "name_empty",            ERR_BAD_INPUT  },
            {{SV_INIT("李明"), SV_INIT("library_card"), SV_INIT("000000199003070014"), SV_INIT("13800000001"), {0}},
             "id_type_unsupported",   ERR_UNSUPPORTED},
    };
    struct person person, *list;
    struct sv next;
    size_t n;
    for (size_t i = 0; i < COUNT(cases); i++)
        REFUSED_IN_TX(k, person_add(k->p, tx, &k->a, k->one, &cases[i].in, &person, &k->e), cases[i].code,
                      cases[i].reason);
    IN_TX(k, person_list(k->p, tx, &k->a, k->one, SV(""), SV(""), 10, &list, &n, &next, &k->e));
    ck_assert_uint_eq(n, 0);
}

static size_t search(struct park *k, struct sv enterprise, const char *q, struct sv *ret_first)
{
    struct person *list;
    struct sv next;
    size_t n;
    IN_TX(k, person_list(k->p, tx, &k->a, enterprise, sv_from(q), SV(""), 10, &list, &n, &next, &k->e));
    *ret_first = n ? list[0].name : SV("");
    return n;
}

TEST_PARK(workers_are_found_by_name_number_and_phone)
{
    struct sv first;
    add(k, k->one, &li);
    add(k, k->one, &wang);
    ck_assert_uint_eq(search(k, k->one, "", &first), 2);
    ck_assert_uint_eq(search(k, k->one, "明", &first), 1);
    ASSERT_SV(first, SV("李明"));
    ck_assert_uint_eq(search(k, k->one, "000000199508120021", &first), 1);
    ASSERT_SV(first, SV("王芳"));
    ck_assert_uint_eq(search(k, k->one, " 13800000002 ", &first), 1);
    ASSERT_SV(first, SV("王芳"));
    /* parts of numbers find nobody, and no employer sees another's people */
    ck_assert_uint_eq(search(k, k->one, "1380000000", &first), 0);
    ck_assert_uint_eq(search(k, k->one, "00000019950812002", &first), 0);
    ck_assert_uint_eq(search(k, k->two, "", &first), 0);
    ck_assert_uint_eq(search(k, k->two, "13800000002", &first), 0);
}

TEST_PARK(pages_of_a_list_follow_each_other)
{
    struct sv next = SV(""), seen[3];
    static const char *const numbers[] = {"000000199003070014", "000000199508120021", "000000198801200034"};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct person_in in = li;
        in.name = arena_printf(&k->a, "工人%zu", i);
        in.id_number = sv_from(numbers[i]);
        k->clock.at += 1000;
        add(k, k->one, &in);
    }
    for (size_t i = 0; i < COUNT(seen); i++) {
        struct person *list;
        size_t n;
        IN_TX(k, person_list(k->p, tx, &k->a, k->one, SV(""), next, 1, &list, &n, &next, &k->e));
        ck_assert_uint_eq(n, 1);
        seen[i] = list[0].name;
    }
    ASSERT_SV(next, SV(""));
    ASSERT_SV(seen[0], SV("工人2"));
    ASSERT_SV(seen[1], SV("工人1"));
    ASSERT_SV(seen[2], SV("工人0"));
}

TEST_PARK(another_employer_finds_nobody)
{
    struct person person = add(k, k->one, &li), other;
    struct person_clear clear;
    REFUSED_IN_TX(k, person_get(k->p, tx, &k->a, k->two, person.id, &other, &k->e), ERR_NOT_FOUND, "worker_unknown");
    REFUSED_IN_TX(k, person_reveal(k->p, tx, &k->a, k->two, person.id, &clear, &k->e), ERR_NOT_FOUND, "worker_unknown");
    IN_TX(k, person_reveal(k->p, tx, &k->a, k->one, person.id, &clear, &k->e));
    ASSERT_SV(clear.id_number, li.id_number);
    ASSERT_SV(clear.phone, li.phone);
    ASSERT_SV(clear.address, li.address);
}

DB_QUERY(q_party_test_person, .in = "t", .out = "bt",
         .sql = "SELECT id_number, id_number_hash FROM person WHERE id = ?1");
DB_QUERY(q_party_test_link, .in = "t", .out = "btb",
         .sql = "SELECT phone, phone_hash, address FROM enterprise_person WHERE person_id = ?1");
DB_QUERY(q_party_test_swap, .in = "tb", .sql = "UPDATE person SET id_number = ?2 WHERE id = ?1");

static void hides(const struct db_rows *r, const struct person_in *in)
{
    const struct sv plain[] = {in->id_number, in->phone, in->address, sv_sub(in->id_number, 6, 8),
                               sv_sub(in->phone, 3, 8)};
    ck_assert_uint_eq(r->n, 1);
    for (size_t c = 0; c < r->columns; c++) {
        for (size_t i = 0; i < COUNT(plain); i++)
            ck_assert_uint_eq(sv_find(r->v[c].s, plain[i]), SIZE_MAX);
    }
}

TEST_PARK(personal_columns_are_sealed_in_the_row)
{
    struct person one = add(k, k->one, &li), two = add(k, k->one, &wang), person;
    struct db_rows r, other;
    IN_TX(k, db_run(tx, &k->a, &q_party_test_link, DB_ARGS(DB_TEXT(one.id)), &r, &k->e));
    hides(&r, &li);
    IN_TX(k, db_run(tx, &k->a, &q_party_test_person, DB_ARGS(DB_TEXT(one.id)), &r, &k->e));
    hides(&r, &li);
    ck_assert_uint_eq(db_bytes(&r, 0, 0).n, li.id_number.n + SEAL_OVERHEAD);
    /* a sealed value opens only in the row it was made for */
    IN_TX(k, db_run(tx, &k->a, &q_party_test_person, DB_ARGS(DB_TEXT(two.id)), &other, &k->e));
    IN_TX(k, db_exec(tx, &q_party_test_swap, DB_ARGS(DB_TEXT(one.id), DB_BYTES(db_bytes(&other, 0, 0))), &k->e));
    REFUSED_IN_TX(k, person_get(k->p, tx, &k->a, k->one, one.id, &person, &k->e), ERR_CORRUPT, "");
}

TEST_PARK(another_key_opens_nothing_and_finds_nobody)
{
    struct person person = add(k, k->one, &li), other, *list;
    struct party *stranger = NULL;
    struct sv next, sealed = party_seal(k->p, &k->a, "t.c", SV("1"), SV("geheim")), open;
    size_t n;
    const struct party_setup s = setup_of(k, "other_key");
    ASSERT_OK(party_open(&s, &stranger, &k->e), k->e);
    REFUSED_IN_TX(k, person_get(stranger, tx, &k->a, k->one, person.id, &other, &k->e), ERR_CORRUPT, "");
    IN_TX(k, person_list(stranger, tx, &k->a, k->one, li.id_number, SV(""), 10, &list, &n, &next, &k->e));
    ck_assert_uint_eq(n, 0);
    REFUSED(k, party_unseal(stranger, &k->a, "t.c", SV("1"), sealed, &open, &k->e), ERR_CORRUPT, "");
    party_close(stranger);
    ASSERT_OK(party_unseal(k->p, &k->a, "t.c", SV("1"), sealed, &open, &k->e), k->e);
    ASSERT_SV(open, SV("geheim"));
    REFUSED(k, party_unseal(k->p, &k->a, "t.c", SV("2"), sealed, &open, &k->e), ERR_CORRUPT, "");
    REFUSED(k, party_unseal(k->p, &k->a, "t.d", SV("1"), sealed, &open, &k->e), ERR_CORRUPT, "");
}

TEST_PARK(the_key_survives_and_production_makes_none)
{
    struct person person = add(k, k->one, &li), same;
    struct party *next = NULL;
    struct party_setup s = setup_of(k, "key");
    ASSERT_OK(party_open(&s, &next, &k->e), k->e);
    IN_TX(k, person_get(next, tx, &k->a, k->one, person.id, &same, &k->e));
    ASSERT_SV(same.id_number_masked, person.id_number_masked);
    party_close(next);
    s.production = true; /* the simulator answers for anybody it made up */
    REFUSED(k, party_open(&s, &next, &k->e), ERR_REFUSED, "");
    struct registry real = registry_simulator;
    real.simulated = false;
    s.registry = &real;
    s.key_path = path_join(&k->a, k->dir, "missing");
    REFUSED(k, party_open(&s, &next, &k->e), ERR_NOT_FOUND, "");
    ck_assert(!file_exists(s.key_path));
}

TEST_PARK(identity_is_checked_against_the_row_and_the_registry)
{
    struct person person = add(k, k->one, &li);
    struct person_clear known, foreign;
    struct registry_answer answer;
    IN_TX(k, person_reveal(k->p, tx, &k->a, k->one, person.id, &known, &k->e));
    ASSERT_OK(person_check_identity(k->p, &k->a, &known, SV(" 李明 "), li.id_number, &answer, &k->e), k->e);
    ck_assert(answer.match && answer.reference.n > 0);
    REFUSED(k, person_check_identity(k->p, &k->a, &known, SV("王芳"), li.id_number, &answer, &k->e), ERR_REFUSED,
            "registry_mismatch");
    REFUSED(k, person_check_identity(k->p, &k->a, &known, SV("李明"), wang.id_number, &answer, &k->e), ERR_REFUSED,
            "registry_mismatch");
    REFUSED(k, person_check_identity(k->p, &k->a, &known, SV("李明"), SV("000000199003070015"), &answer, &k->e),
            ERR_BAD_INPUT, "person_id_check_digit");
    /* a number of a real area is none of the simulator's people */
    foreign = known;
    foreign.id_number = SV("11010519491231002X");
    REFUSED(k, person_check_identity(k->p, &k->a, &foreign, SV("李明"), SV("11010519491231002x"), &answer, &k->e),
            ERR_REFUSED, "registry_mismatch");
}

TEST_PARK(a_phone_finds_its_worker)
{
    struct sv id, name;
    struct person person = add(k, k->one, &li);
    IN_TX(k, worker_by_phone(k->p, tx, &k->a, li.phone, &id, &name, &k->e));
    ASSERT_SV(id, person.id);
    ASSERT_SV(name, SV("李明"));
    IN_TX(k, worker_by_phone(k->p, tx, &k->a, SV("13700000000"), &id, &name, &k->e));
    ASSERT_SV(id, SV(""));
}

/* ---- enterprises ---- */

TEST_PARK(an_enterprise_has_a_code_that_checks_and_is_its_own)
{
    struct enterprise n, bad = {.name = SV("错"), .uscc = SV("91000000MA0DEMA019")};
    struct sv id;
    IN_TX(k, enterprise_get(k->p, tx, &k->a, k->one, &n, &k->e));
    ASSERT_SV(n.name, SV("清远示例甲有限公司"));
    ASSERT_SV(n.uscc, SV("91000000MA0DEMA018"));
    ASSERT_SV(n.seal_state, SV("active"));
    ASSERT_SV(n.key_id, SV(""));
    ck_assert(id_is_valid(n.seal_id));
    ck_assert_int_eq(n.created_at, START);
    IN_TX(k, enterprise_set_key(k->p, tx, k->one, SV("key-1"), &k->e));
    IN_TX(k, enterprise_get(k->p, tx, &k->a, k->one, &n, &k->e));
    ASSERT_SV(n.key_id, SV("key-1"));
    IN_TX(k, enterprise_get(k->p, tx, &k->a, k->two, &n, &k->e));
    ASSERT_SV(n.key_id, SV(""));
    REFUSED_IN_TX(k, enterprise_add(k->p, tx, &k->a, &bad, &id, &k->e), ERR_BAD_INPUT, "uscc_invalid");
    bad = n;
    bad.id = SV("");
    REFUSED_IN_TX(k, enterprise_add(k->p, tx, &k->a, &bad, &id, &k->e), ERR_CONFLICT, "uscc_exists");
    REFUSED_IN_TX(k, enterprise_get(k->p, tx, &k->a, SV("nobody"), &n, &k->e), ERR_NOT_FOUND, "");
}

/* ---- members ---- */

static struct sv add_member(struct park *k, const char *user)
{
    struct sv id;
    const struct member_in in = {
            .enterprise_id = k->one, .user = sv_from(user), .name = SV("陈晓雯"), .password = GOOD, .role = ROLE_HR};
    IN_TX(k, member_add(k->p, tx, &k->a, &in, &id, &k->e));
    return id;
}

TEST_PARK(weak_passwords_and_taken_names_are_refused)
{
    static const struct sv weak[] = {SV_INIT(""),         SV_INIT("Ab1!xyz"),     SV_INIT("alllowercase"),
                                     SV_INIT("12345678"), SV_INIT("lower123456"), SV_INIT("UPPERlower")};
    struct sv id, huge = arena_printf(&k->a, "Aa1!%0300d", 7);
    struct member_in in = {.enterprise_id = k->one, .user = SV("hr1"), .name = SV("甲"), .role = ROLE_HR};
    for (size_t i = 0; i < COUNT(weak); i++) {
        in.password = weak[i];
        REFUSED_IN_TX(k, member_add(k->p, tx, &k->a, &in, &id, &k->e), ERR_BAD_INPUT, "password_weak");
    }
    in.password = huge;
    REFUSED_IN_TX(k, member_add(k->p, tx, &k->a, &in, &id, &k->e), ERR_BAD_INPUT, "password_weak");
    add_member(k, "hr1");
    in.password = GOOD;
    REFUSED_IN_TX(k, member_add(k->p, tx, &k->a, &in, &id, &k->e), ERR_CONFLICT, "user_taken");
}

static bool login(struct park *k, const char *user, struct sv password, struct session *ret)
{
    k->e = ERR_INIT;
    return session_login(k->p, &k->a, sv_from(user), password, SV("192.0.2.1"), ret, &k->e);
}

TEST_PARK(a_member_logs_in)
{
    struct session s, found;
    struct sv id = add_member(k, "hr1");
    ASSERT_OK(login(k, "hr1", GOOD, &s), k->e);
    ck_assert_int_eq(s.actor.role, ROLE_HR);
    ASSERT_SV(s.actor.id, id);
    ASSERT_SV(s.actor.enterprise_id, k->one);
    ASSERT_SV(s.enterprise_name, SV("清远示例甲有限公司"));
    ASSERT_OK(session_find(k->p, &k->a, s.token, SV("192.0.2.2"), &found, &k->e), k->e);
    ASSERT_SV(found.actor.id, id);
    ASSERT_SV(found.actor.enterprise_id, k->one);
    ASSERT_SV(found.actor.address, SV("192.0.2.2"));
    ASSERT_SV(found.csrf, s.csrf);
    ck_assert_int_eq(found.actor.role, ROLE_HR);
    /* wrong user and wrong password read alike */
    struct err wrong_user;
    REFUSED(k, login(k, "nobody", GOOD, &s), ERR_UNAUTHENTICATED, "login_failed");
    wrong_user = k->e;
    REFUSED(k, login(k, "hr1", SV("Lange-Nacht8"), &s), ERR_UNAUTHENTICATED, "login_failed");
    ck_assert_str_eq(k->e.msg, wrong_user.msg);
}

static void fail_logins(struct park *k, int n)
{
    struct session s;
    for (int i = 0; i < n; i++)
        REFUSED(k, login(k, "hr1", SV("wrong"), &s), ERR_UNAUTHENTICATED, "login_failed");
}

TEST_PARK(wrong_passwords_lock_for_growing_times)
{
    struct session s;
    add_member(k, "hr1");
    fail_logins(k, 4);
    ASSERT_OK(login(k, "hr1", GOOD, &s), k->e); /* a right one starts the count again */
    fail_logins(k, 5);
    for (int64_t lock = MINUTE; lock <= 8 * MINUTE; lock *= 2) {
        REFUSED(k, login(k, "hr1", GOOD, &s), ERR_LIMIT, "login_locked");
        k->clock.at += lock - 1;
        REFUSED(k, login(k, "hr1", GOOD, &s), ERR_LIMIT, "login_locked");
        k->clock.at += 1;
        fail_logins(k, 1);
    }
    k->clock.at += 16 * MINUTE;
    ASSERT_OK(login(k, "hr1", GOOD, &s), k->e);
    fail_logins(k, 4);
    ASSERT_OK(login(k, "hr1", GOOD, &s), k->e);
}

TEST_PARK(an_operator_lists_and_unlocks)
{
    struct session s;
    struct sv next;
    struct member *list, one;
    struct enterprise *enterprises;
    size_t n;
    struct sv id = add_member(k, "hr1");
    add_member(k, "hr2");
    fail_logins(k, 5);
    IN_TX(k, member_list(k->p, tx, &k->a, k->one, SV(""), 1, &list, &n, &next, &k->e));
    ck_assert_uint_eq(n, 1);
    ASSERT_SV(list[0].id, id);
    ck_assert_int_eq(list[0].failed, 5);
    ck_assert_int_eq(list[0].locked_until, START + MINUTE);
    IN_TX(k, member_list(k->p, tx, &k->a, SV(""), next, 1, &list, &n, &next, &k->e));
    ASSERT_SV(list[0].user, SV("hr2"));
    ASSERT_SV(next, SV(""));
    IN_TX(k, member_list(k->p, tx, &k->a, k->two, SV(""), 0, &list, &n, &next, &k->e));
    ck_assert_uint_eq(n, 0);
    IN_TX(k, member_unlock(k->p, tx, &k->a, SV("hr1"), &one, &k->e));
    ASSERT_SV(one.id, id);
    ASSERT_OK(login(k, "hr1", GOOD, &s), k->e);
    REFUSED_IN_TX(k, member_unlock(k->p, tx, &k->a, SV("hr9"), &one, &k->e), ERR_NOT_FOUND, "member_unknown");
    IN_TX(k, enterprise_list(k->p, tx, &k->a, SV(""), 1, &enterprises, &n, &next, &k->e));
    ck_assert_uint_eq(n, 1);
    IN_TX(k, enterprise_list(k->p, tx, &k->a, next, 5, &enterprises, &n, &next, &k->e));
    ck_assert_uint_eq(n, 1);
    ASSERT_SV(next, SV(""));
}

TEST_PARK(the_longest_lock_is_a_day)
{
    struct session s;
    add_member(k, "hr1");
    fail_logins(k, 5);
    for (int i = 0; i < 14; i++) {
        k->clock.at += DAY;
        fail_logins(k, 1);
    }
    k->clock.at += DAY - 1;
    REFUSED(k, login(k, "hr1", GOOD, &s), ERR_LIMIT, "login_locked");
    k->clock.at += 1;
    ASSERT_OK(login(k, "hr1", GOOD, &s), k->e);
}

TEST_PARK(an_act_asks_for_the_password_again_under_the_same_lock)
{
    struct session s;
    add_member(k, "hr1");
    ASSERT_OK(login(k, "hr1", GOOD, &s), k->e);
    ASSERT_OK(session_reauth(k->p, &k->a, &s.actor, GOOD, &k->e), k->e);
    for (int i = 0; i < 5; i++)
        REFUSED(k, session_reauth(k->p, &k->a, &s.actor, SV("wrong"), &k->e), ERR_UNAUTHENTICATED, "login_failed");
    REFUSED(k, session_reauth(k->p, &k->a, &s.actor, GOOD, &k->e), ERR_LIMIT, "login_locked");
    REFUSED(k, login(k, "hr1", GOOD, &s), ERR_LIMIT, "login_locked");
}

TEST_PARK(log_ins_stand_in_the_audit_log)
{
    struct session s;
    struct audit_row *rows;
    size_t n;
    struct sv id = add_member(k, "hr1"), object = arena_printf(&k->a, "member:%.*s", SV_ARG(id));
    REFUSED(k, login(k, "hr1", SV("wrong"), &s), ERR_UNAUTHENTICATED, "login_failed");
    k->clock.at += 1;
    REFUSED(k, login(k, "my-secret-password", SV("x"), &s), ERR_UNAUTHENTICATED, "login_failed");
    k->clock.at += 1;
    ASSERT_OK(login(k, "hr1", GOOD, &s), k->e);
    IN_TX(k, audit_list(tx, &k->a, &(struct audit_filter){0}, 10, &rows, &n, &k->e));
    ck_assert_uint_eq(n, 3); /* newest first */
    ASSERT_SV(rows[0].entry.action, SV("session.begin"));
    ASSERT_SV(rows[0].entry.actor, object);
    ASSERT_SV(rows[0].entry.role, SV("hr"));
    ASSERT_SV(rows[0].entry.org, k->one);
    ASSERT_SV(rows[0].entry.source, SV("192.0.2.1"));
    ASSERT_SV(rows[1].entry.action, SV("session.login_failed"));
    ASSERT_SV(rows[1].entry.object, SV("")); /* what was typed is not kept */
    ASSERT_SV(rows[2].entry.action, SV("session.login_failed"));
    ASSERT_SV(rows[2].entry.object, object);
    ASSERT_SV(rows[2].entry.org, k->one);
}

/* ---- sessions ---- */

static bool find(struct park *k, struct sv token, struct session *ret)
{
    k->e = ERR_INIT;
    return session_find(k->p, &k->a, token, SV("192.0.2.1"), ret, &k->e);
}

TEST_PARK(sessions_end_when_idle_and_at_their_age)
{
    struct session s, found;
    add_member(k, "hr1");
    ASSERT_OK(login(k, "hr1", GOOD, &s), k->e);
    k->clock.at += 30 * MINUTE - 1;
    ASSERT_OK(find(k, s.token, &found), k->e);
    k->clock.at += 30 * MINUTE - 1; /* the look before moved the idle clock */
    ASSERT_OK(find(k, s.token, &found), k->e);
    k->clock.at += 30 * MINUTE;
    REFUSED(k, find(k, s.token, &found), ERR_UNAUTHENTICATED, "session_missing");
    ASSERT_OK(login(k, "hr1", GOOD, &s), k->e);
    int64_t end = k->clock.at + 12 * HOUR;
    ck_assert_int_eq(s.expires_at, end);
    for (; k->clock.at < end - 1; k->clock.at += 20 * MINUTE)
        ASSERT_OK(find(k, s.token, &found), k->e);
    k->clock.at = end - 1;
    ASSERT_OK(find(k, s.token, &found), k->e);
    k->clock.at = end;
    REFUSED(k, find(k, s.token, &found), ERR_UNAUTHENTICATED, "session_missing");
}

DB_QUERY(q_party_test_tokens, .in = "t", .out = "i", .sql = "SELECT COUNT(*) FROM session WHERE token_hash = ?1");

TEST_PARK(unknown_and_ended_tokens_open_nothing)
{
    struct session s, found;
    struct db_rows r;
    const struct sv bad[] = {SV(""), SV("x"), token_new(&k->a), SV("\xff\xfe"), arena_printf(&k->a, "%0500d", 1)};
    add_member(k, "hr1");
    ASSERT_OK(login(k, "hr1", GOOD, &s), k->e);
    for (size_t i = 0; i < COUNT(bad); i++)
        REFUSED(k, find(k, bad[i], &found), ERR_UNAUTHENTICATED, "session_missing");
    /* the table holds no token, only its hash */
    IN_TX(k, db_one(tx, &k->a, &q_party_test_tokens, DB_ARGS(DB_TEXT(s.token)), &r, &k->e));
    ck_assert_int_eq(db_int(&r, 0, 0), 0);
    ASSERT_OK(find(k, s.token, &found), k->e);
    IN_TX(k, session_end(k->p, tx, s.actor.session, &k->e));
    REFUSED(k, find(k, s.token, &found), ERR_UNAUTHENTICATED, "session_missing");
}

TEST_PARK(signers_and_workers_have_sessions_of_their_own)
{
    struct session signer, worker, found;
    IN_TX(k,
          session_new_signer(k->p, tx, &k->a, SV("contract-1"), SV("person-1"), SV("李明"), SV("ip"), &signer, &k->e));
    IN_TX(k, session_new_worker(k->p, tx, &k->a, SV("person-1"), SV(""), SV("13800000001"), SV("李明"), SV("ip"),
                                &worker, &k->e));
    ASSERT_OK(find(k, signer.token, &found), k->e);
    ck_assert_int_eq(found.actor.role, ROLE_SIGNER);
    ASSERT_SV(found.actor.contract_id, SV("contract-1"));
    ASSERT_SV(found.actor.person_id, SV("person-1"));
    ASSERT_SV(found.actor.enterprise_id, SV(""));
    ASSERT_SV(actor_label(&k->a, &found.actor), SV("person:person-1"));
    ck_assert(!actor_is_member(&found.actor, ROLE_VIEWER));
    ASSERT_OK(find(k, worker.token, &found), k->e);
    ck_assert_int_eq(found.actor.role, ROLE_WORKER);
    ASSERT_SV(found.actor.contract_id, SV(""));
    ck_assert(!sv_eq(signer.token, worker.token));
}

TEST_PARK(a_phone_opens_what_those_employers_agreed_that_state_it)
{
    struct session worker, found;
    struct person_in in = li;
    struct person person;
    struct sv own = in.phone, other = SV("13812345678");
    IN_TX(k, person_add(k->p, tx, &k->a, k->one, &in, &person, &k->e));
    in.phone = other;
    IN_TX(k, person_add(k->p, tx, &k->a, k->two, &in, &person, &k->e));
    IN_TX(k, session_new_worker(k->p, tx, &k->a, person.id, SV(""), own, SV("李明"), SV("ip"), &worker, &k->e));
    ASSERT_SV(worker.actor.employers, k->one);
    ASSERT_OK(find(k, worker.token, &found), k->e);
    ASSERT_SV(found.actor.employers, k->one);
    IN_TX(k, session_new_worker(k->p, tx, &k->a, person.id, SV(""), other, SV("李明"), SV("ip"), &worker, &k->e));
    ASSERT_OK(find(k, worker.token, &found), k->e);
    ASSERT_SV(found.actor.employers, k->two);
    /* stated by both: both; the session sees it at once */
    IN_TX(k, person_add(k->p, tx, &k->a, k->one, &in, &person, &k->e));
    ASSERT_OK(find(k, worker.token, &found), k->e);
    ck_assert_uint_eq(found.actor.employers.n, 2 * ID_LEN + 1);
}

/* ---- one-time codes ---- */

static struct code_issued issue(struct park *k, const char *subject)
{
    struct code_issued c;
    IN_TX(k, code_issue(k->p, tx, &k->a, sv_from(subject), &c, &k->e));
    return c;
}

static bool check(struct park *k, const char *subject, struct sv code)
{
    k->e = ERR_INIT;
    return code_check(k->p, &k->a, sv_from(subject), code, &k->e);
}

static struct sv another(struct park *k, struct sv code)
{
    char *s = arena_cstr(&k->a, code);
    s[0] = s[0] == '9' ? '0' : (char)(s[0] + 1);
    return sv_from(s);
}

DB_QUERY(q_party_test_code, .in = "t", .out = "t", .sql = "SELECT code_hash FROM one_time_code WHERE subject = ?1");

TEST_PARK(a_code_is_good_once_for_its_subject)
{
    struct db_rows r;
    struct code_issued c = issue(k, "sign:1");
    ck_assert_uint_eq(c.code.n, 6);
    ck_assert_int_eq(c.expires_at, START + 5 * MINUTE);
    ck_assert_int_eq(c.resend_after, START + MINUTE);
    IN_TX(k, db_one(tx, &k->a, &q_party_test_code, DB_ARGS(DB_TEXT(SV("sign:1"))), &r, &k->e));
    ck_assert_uint_eq(sv_find(db_text(&r, 0, 0), c.code), SIZE_MAX);
    REFUSED(k, check(k, "sign:2", c.code), ERR_REFUSED, "code_expired");
    ASSERT_OK(check(k, "sign:1", c.code), k->e);
    ASSERT_OK(check(k, "sign:1", c.code), k->e); /* looking does not use it up */
    IN_TX(k, code_use(k->p, tx, &k->a, SV("sign:1"), c.code, &k->e));
    REFUSED(k, check(k, "sign:1", c.code), ERR_REFUSED, "code_used_up");
    REFUSED_IN_TX(k, code_use(k->p, tx, &k->a, SV("sign:1"), c.code, &k->e), ERR_REFUSED, "code_used_up");
}

TEST_PARK(five_wrong_attempts_end_a_code)
{
    struct code_issued c = issue(k, "sign:1");
    for (int i = 0; i < 5; i++)
        REFUSED(k, check(k, "sign:1", another(k, c.code)), ERR_REFUSED, "code_wrong");
    REFUSED(k, check(k, "sign:1", c.code), ERR_REFUSED, "code_used_up");
    k->clock.at += MINUTE;
    c = issue(k, "sign:1");
    ASSERT_OK(check(k, "sign:1", c.code), k->e);
}

TEST_PARK(codes_expire_and_the_newest_counts)
{
    struct code_issued first = issue(k, "login:1"), second;
    k->clock.at += 5 * MINUTE - 1;
    ASSERT_OK(check(k, "login:1", first.code), k->e);
    k->clock.at += 1;
    REFUSED(k, check(k, "login:1", first.code), ERR_REFUSED, "code_expired");
    second = issue(k, "login:1");
    k->clock.at += MINUTE;
    issue(k, "login:1");
    if (!sv_eq(second.code, first.code))
        ck_assert(!check(k, "login:1", first.code));
}

TEST_PARK(codes_come_once_a_minute_and_ten_times_a_day)
{
    struct code_issued c;
    int64_t expires, resend;
    for (int i = 0; i < 10; i++) {
        c = issue(k, "sign:1");
        REFUSED_IN_TX(k, code_issue(k->p, tx, &k->a, SV("sign:1"), &c, &k->e), ERR_LIMIT, "code_too_soon");
        IN_TX(k, code_status(k->p, tx, &k->a, SV("sign:1"), &expires, &resend, &k->e));
        ck_assert_int_eq(resend, k->clock.at + MINUTE);
        k->clock.at = resend;
    }
    REFUSED_IN_TX(k, code_issue(k->p, tx, &k->a, SV("sign:1"), &c, &k->e), ERR_LIMIT, "code_daily_limit");
    issue(k, "sign:2");
    k->clock.at = START + DAY + 1;
    issue(k, "sign:1");
    REFUSED_IN_TX(k, code_status(k->p, tx, &k->a, SV("sign:9"), &expires, &resend, &k->e), ERR_NOT_FOUND, "");
}
