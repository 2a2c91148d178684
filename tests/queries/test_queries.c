/* Every query of the program is prepared on both databases, against the schema that the program's own migrations make. All rooms
 * are linked whole, so that no DB_QUERY is missed. */
#include <string.h>

#include "db/db.h"
#include "postgres.h"
#include "test.h"

struct walk {
    struct tx *tx;
    size_t n;
};

static void check(const struct db_query *q, void *arg)
{
    struct walk *w = arg;
    struct err e;
    const char *in = q->in ? q->in : "", *out = q->out ? q->out : "";
    ck_assert_msg(strspn(in, "itbITB") == strlen(in) && strspn(out, "itbITB") == strlen(out), "%s: types", q->name);
    ASSERT_OK(db_check_query(w->tx, q, &e), e);
    w->n++;
}

TEST(every_query_is_prepared_on_both_databases)
{
    struct arena a;
    arena_init(&a, (size_t)1 << 24);
    TEST_EACH_DB(&a, url)
    {
        struct err e;
        struct db *db;
        struct walk w = {0};
        ASSERT_OK(db_open(&(struct db_config){.url = url}, &db, &e), e);
        ASSERT_OK(db_migrate(db, &db_migrations, 1, NULL, &e), e);
        ASSERT_OK(tx_begin(db, TX_WRITE, &w.tx, &e), e);
        db_each_query(check, &w);
        ck_assert_uint_ge(w.n, 3);
        tx_rollback(&w.tx);
        db_close(db);
    }
    arena_done(&a);
}
