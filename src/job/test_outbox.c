#include <stdio.h>
#include <string.h>

#include "job/outbox.h"
#include "postgres.h"
#include "test.h"

static struct db *open_migrated(const char *url)
{
    struct db *db;
    struct err e;
    ASSERT_OK(db_open(&(struct db_config){.url = url}, &db, &e), e);
    ASSERT_OK(db_migrate(db, &db_migrations, 1, NULL, &e), e);
    return db;
}

static struct sv send(struct db *db, struct arena *a, enum outbox_channel channel, struct sv key)
{
    struct err e;
    struct sv id;
    struct tx *tx;
    struct outbox_new n = {.channel = channel,
                           .to = SV("13800000000"),
                           .person = SV("p1"),
                           .topic = SV("contract:1"),
                           .template = SV("sms.sign_link"),
                           .params = SV("{\"url\":\"x\"}"),
                           .key = key};
    ASSERT_OK(tx_begin(db, TX_WRITE, &tx, &e), e);
    ASSERT_OK(outbox_send(tx, a, &n, 1000000, &id, &e), e);
    ASSERT_OK(tx_commit(&tx, &e), e);
    return id;
}

static struct outbox_item look(struct db *db, struct arena *a, struct sv id)
{
    struct err e;
    struct outbox_item item;
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
    ASSERT_OK(outbox_get(tx, a, id, &item, &e), e);
    return item;
}

static int64_t run_idle(struct db *db, const struct clock_manual *clock, struct outbox_drivers *d)
{
    struct err e;
    int64_t ran;
    struct job_kind kind = outbox_job_kind(d);
    struct job_config c = {.db = db, .clock = &clock->clock, .kinds = &kind, .kinds_n = 1};
    ASSERT_OK(job_run_until_idle(&c, &ran, &e), e);
    return ran;
}

struct fake {
    int fail; /* how often */
    int delivered;
    char body[100];
};

static bool fake_deliver(struct arena *a UNUSED, const struct outbox_item *item, void *arg, struct err *e)
{
    struct fake *f = arg;
    if (f->fail-- > 0)
        return err_set(e, ERR_TIMEOUT, "gateway of %.*s", SV_ARG(item->to));
    f->delivered++;
    snprintf(f->body, sizeof(f->body), "%.*s|%.*s", SV_ARG(item->subject), SV_ARG(item->body));
    return true;
}

static bool fake_render(struct arena *a, const struct outbox_item *item, void *arg UNUSED, struct sv *ret_subject,
                        struct sv *ret_body, struct err *e UNUSED)
{
    *ret_subject = SV("subject");
    *ret_body = arena_printf(a, "words of %.*s", SV_ARG(item->template));
    return true;
}

TEST(messages_are_delivered_once_they_can_be)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct clock_manual clock;
        struct fake f = {.fail = 1};
        struct outbox_drivers d = {.channel = {[OUTBOX_SMS] = {fake_deliver, &f}}, .render = fake_render};
        struct db *db = open_migrated(url);
        clock_manual_init(&clock, 1000000);
        struct sv id = send(db, &a, OUTBOX_SMS, SV(""));
        ck_assert_int_eq(run_idle(db, &clock, &d), 1);
        struct outbox_item item = look(db, &a, id);
        ck_assert(item.state == OUTBOX_WAITING && item.delivered_at == 0);
        ASSERT_SV(item.last_error, SV("code.TIMEOUT")); /* the driver's message names an address, and is not kept */
        clock.at += 2000;
        ck_assert_int_eq(run_idle(db, &clock, &d), 1);
        item = look(db, &a, id);
        ck_assert(item.state == OUTBOX_DELIVERED && item.delivered_at == clock.at && item.last_error.n == 0);
        ck_assert_str_eq(f.body, "subject|words of sms.sign_link");
        clock.at += 100000000;
        ck_assert_int_eq(run_idle(db, &clock, &d), 0);
        ck_assert_int_eq(f.delivered, 1);
        db_close(db);
    }
    arena_done(&a);
}

TEST(a_key_is_sent_once)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct tx *tx;
        struct outbox_item *items;
        size_t n;
        struct clock_manual clock;
        struct outbox_drivers d = {.channel = {[OUTBOX_INBOX] = {outbox_deliver_demo, NULL}}};
        struct db *db = open_migrated(url);
        clock_manual_init(&clock, 1000000);
        struct sv first = send(db, &a, OUTBOX_INBOX, SV("k1"));
        ck_assert_int_eq(run_idle(db, &clock, &d), 1);
        ASSERT_SV(send(db, &a, OUTBOX_INBOX, SV("k1")), first);
        send(db, &a, OUTBOX_INBOX, SV("k2"));
        ck_assert_int_eq(run_idle(db, &clock, &d), 1);
        ASSERT_OK(tx_begin(db, TX_READ, &tx, &e), e);
        ASSERT_OK(outbox_list(tx, &a, SV("p1"), SV(""), 10, &items, &n, &e), e);
        ck_assert(n == 2 && items[1].state == OUTBOX_DELIVERED);
        ASSERT_OK(outbox_list(tx, &a, SV("p2"), SV(""), 10, &items, &n, &e), e);
        ck_assert_uint_eq(n, 0);
        tx_rollback(&tx);
        db_close(db);
    }
    arena_done(&a);
}

TEST(a_channel_without_driver_fails_for_good)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    TEST_EACH_DB(&a, url)
    {
        struct clock_manual clock;
        struct outbox_drivers d = {0};
        struct db *db = open_migrated(url);
        clock_manual_init(&clock, 1000000);
        struct sv id = send(db, &a, OUTBOX_EMAIL, SV(""));
        ck_assert_int_eq(run_idle(db, &clock, &d), 1);
        struct outbox_item item = look(db, &a, id);
        ck_assert_int_eq(item.state, OUTBOX_FAILED);
        ASSERT_SV(item.last_error, SV("code.UNSUPPORTED"));
        db_close(db);
    }
    arena_done(&a);
}

TEST(the_file_driver_writes_a_file_a_message)
{
    struct err e;
    const char *dir;
    struct sv text;
    struct arena a;
    struct clock_manual clock;
    arena_init(&a, 1 << 22);
    ASSERT_OK(dir_temp(&a, "qyq-outbox", &dir, &e), e);
    char *folder = arena_cstr(&a, sv_from(path_join(&a, dir, "mails")));
    struct outbox_drivers d = {.channel = {[OUTBOX_SMS] = {outbox_deliver_file, folder}}};
    struct db *db = open_migrated(test_sqlite_url(&a));
    clock_manual_init(&clock, 1000000);
    struct sv id = send(db, &a, OUTBOX_SMS, SV(""));
    ck_assert_int_eq(run_idle(db, &clock, &d), 1);
    ASSERT_OK(file_read(&a, arena_printf(&a, "%s/%.*s.txt", folder, SV_ARG(id)).p, 10000, &text, &e), e);
    ck_assert(sv_find(text, SV("to: 13800000000\n")) != SIZE_MAX && sv_find(text, SV("{\"url\":\"x\"}")) != SIZE_MAX);
    db_close(db);
    ASSERT_OK(dir_remove(dir, &e), e);
    arena_done(&a);
}

static bool fake_reveal(struct arena *a, struct sv to, void *arg UNUSED, struct sv *ret, struct err *e UNUSED)
{
    *ret = arena_printf(a, "%.*s@example.com", SV_ARG(to));
    return true;
}

TEST(mail_waits_for_its_server)
{
    struct arena a;
    struct clock_manual clock;
    arena_init(&a, 1 << 22);
    struct outbox_smtp smtp = {
            .mail = {.server = SV("smtp://127.0.0.1:1"), .from = SV("robot@example.com"), .total_ms = 2000},
            .host = SV("example.com"),
            .reveal = fake_reveal
    };
    struct outbox_drivers d = {.channel = {[OUTBOX_EMAIL] = {outbox_deliver_smtp, &smtp}}, .render = fake_render};
    struct db *db = open_migrated(test_sqlite_url(&a));
    clock_manual_init(&clock, 1000000);
    struct sv id = send(db, &a, OUTBOX_EMAIL, SV(""));
    ck_assert_int_eq(run_idle(db, &clock, &d), 1);
    struct outbox_item item = look(db, &a, id);
    ck_assert_int_eq(item.state, OUTBOX_WAITING);
    ASSERT_SV(item.last_error, SV("net_unavailable"));
    db_close(db);
    arena_done(&a);
}
