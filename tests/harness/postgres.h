/* A throw-away PostgreSQL for tests. A program that links postgres.c starts one server of Debian's package before its
 * first test and stops and removes it when it ends, however it ends. Listens on a Unix socket only.
 *
 * "Both" databases in a test:
 *
 *   TEST(rows_come_back) { TEST_EACH_DB(url) { struct db *db = open_db(url); … } }
 */
#ifndef TEST_POSTGRES_H
#define TEST_POSTGRES_H

#include "base/base.h"

/* Connection string of a fresh, empty schema. A server that did not start fails the calling test. */
const char *test_postgres_url(struct arena *a);
/* "sqlite:…" in a fresh folder, removed when the program ends. */
const char *test_sqlite_url(struct arena *a);
/* which 0: SQLite, 1: PostgreSQL. */
const char *test_db_url(struct arena *a, int which);

#define TEST_EACH_DB(a, url)                                                                                           \
    for (int which_ = 0; which_ < 2; which_++)                                                                         \
        for (const char *url = test_db_url((a), which_); url; url = NULL)

/* For tests that take the database away. */
void test_postgres_stop(void);
void test_postgres_start(void);

#endif
