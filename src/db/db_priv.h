/* Private to room db: what a driver is, a connection, the pools, and the fault hook. */
#ifndef DB_DB_PRIV_H
#define DB_DB_PRIV_H

#include <pthread.h>

#include "db/db.h"

/* Prepared statements of one connection, by the address of their query. Open addressing, never full. */
struct stmt_cache {
    struct stmt_slot {
        const struct db_query *q;
        void *stmt; /* the driver's */
    } * slots;
    size_t n, size;
};

/* The common head of a driver's connection. One thread at a time. */
struct db_conn {
    const struct db_driver *driver;
    struct db_conn *next_idle;
    struct stmt_cache cache;
    bool read_only;
    bool broken; /* set by the driver: of no further use */
};

/* What a migration's tokens become. */
struct db_token {
    const char *name; /* "i64" for {i64} */
    const char *text;
};

struct db_driver {
    const char *name;
    bool one_writer; /* writers share one connection, readers have others */
    const struct db_token *tokens;
    const char *migration_lock; /* a script that keeps other nodes out until the transaction ends, or NULL */
    bool (*open)(const struct db_config *config, bool read_only, struct db_conn **ret, struct err *e);
    void (*close)(struct db_conn *c); /* statements included */
    bool (*begin)(struct db_conn *c, enum tx_mode mode, struct err *e);
    bool (*commit)(struct db_conn *c, struct err *e);
    void (*rollback)(struct db_conn *c);
    bool (*prepare)(struct db_conn *c, const struct db_query *q, void **ret_stmt, struct err *e);
    bool (*run)(struct db_conn *c, void *stmt, const struct db_query *q, struct db_args args, struct arena *a,
                struct db_rows *ret, struct err *e);
    /* Compares numbers (and types, where the database knows them) with in and out. */
    bool (*check)(struct db_conn *c, void *stmt, const struct db_query *q, struct err *e);
    bool (*script)(struct db_conn *c, const char *text, struct err *e); /* several statements, no parameters */
};
extern const struct db_driver db_sqlite, db_postgres;

struct pool {
    struct db_conn *idle;
    size_t open, most;
};

/* Counters of config.fault; the n-th time is reached when one falls to 0. */
struct fault {
    int64_t calls, before_commit, after_commit;
};

struct db {
    const struct db_driver *driver;
    struct db_config config; /* url owned */
    bool faulty;             /* config.fault is set */
    pthread_mutex_t lock;    /* of all below */
    pthread_cond_t freed, woken;
    struct pool readers, writers; /* writers unused when all connections are alike */
    struct tx *open_tx;
    struct fault fault;
    uint64_t wakes;
};

struct tx {
    struct db *db;
    struct db_conn *conn;
    struct tx *next_open;
    pthread_t owner;
    enum tx_mode mode;
    bool failed; /* only rollback is left */
    bool wake;
    bool wrote; /* a row was touched, or a script ran */
};

MUST_CHECK bool db_fault_parse(const char *text, struct fault *ret, struct err *e);
/* Counts a call; false and UNAVAILABLE when it is the one that must fail. */
MUST_CHECK bool db_fault_call(struct db *db, struct err *e);
void db_fault_commit(struct db *db, bool before);

void *stmt_cache_get(const struct stmt_cache *c, const struct db_query *q);
void stmt_cache_put(struct stmt_cache *c, const struct db_query *q, void *stmt);

/* Cached or newly prepared. */
MUST_CHECK bool db_prepare(struct db_conn *c, const struct db_query *q, void **ret_stmt, struct err *e);
MUST_CHECK bool db_script(struct tx *tx, struct sv text, struct err *e);

/* ?1 becomes $1 outside quotes and comments. */
struct sv dialect_dollars(struct arena *a, struct sv sql);
/* The highest N of ?N outside quotes and comments. */
size_t dialect_parameters(struct sv sql);
/* {name} becomes its text outside quotes and comments; INTERNAL for a name that is not in tokens. */
MUST_CHECK bool dialect_tokens(struct arena *a, const struct db_token *tokens, struct sv sql, struct sv *ret,
                               struct err *e);

#endif
