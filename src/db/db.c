/* The database handle: connections in pools, transactions on them, waking. */
#include "db/db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/db_priv.h"

#define DEFAULT_CONNECTIONS ((size_t)8)
#define DEFAULT_WAIT_MS     10000
#define MOST_TRIES          30
#define FIRST_PAUSE_US      500
#define MOST_PAUSE_US       100000

/* ---- time ---- */

static struct timespec moment_after(int64_t ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

static void cond_init_monotonic(pthread_cond_t *c)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    must(pthread_cond_init(c, &attr) == 0);
    pthread_condattr_destroy(&attr);
}

/* ---- opening ---- */

static const struct db_driver *driver_of(const char *url)
{
    static const char *const postgres[] = {"postgresql://", "postgres://", "host=", "service=", "dbname=", "user="};
    for (size_t i = 0; i < COUNT(postgres); i++) {
        if (sv_starts(sv_from(url), sv_from(postgres[i])))
            return &db_postgres;
    }
    return &db_sqlite;
}

static void config_set_defaults(struct db *db, const struct db_config *config)
{
    db->config = *config;
    db->config.url = strdup(config->url);
    must(db->config.url != NULL);
    db->config.fault = NULL;
    if (!db->config.connections)
        db->config.connections = DEFAULT_CONNECTIONS;
    if (!db->config.wait_ms)
        db->config.wait_ms = DEFAULT_WAIT_MS;
    db->readers.most = db->config.connections;
    db->writers.most = 1;
}

/* The writer comes first: on SQLite it makes the file a WAL database, which readers cannot. */
static bool first_connection(struct db *db, struct err *e)
{
    struct pool *p = db->driver->one_writer ? &db->writers : &db->readers;
    if (!db->driver->open(&db->config, false, &p->idle, e))
        return false;
    p->open = 1;
    return true;
}

bool db_open(const struct db_config *config, struct db **ret, struct err *e)
{
    struct fault fault;
    if (!config->url || !*config->url)
        return err_set(e, ERR_BAD_INPUT, "no database url");
    if (!db_fault_parse(config->fault, &fault, e))
        return false;
    struct db *fresh = calloc(1, sizeof(*fresh));
    must(fresh != NULL);
    CLEANUP(db_close_p) struct db *db = fresh;
    db->driver = driver_of(config->url);
    db->fault = fault;
    db->faulty = config->fault && *config->fault;
    config_set_defaults(db, config);
    must(pthread_mutex_init(&db->lock, NULL) == 0);
    cond_init_monotonic(&db->freed);
    cond_init_monotonic(&db->woken);
    if (!first_connection(db, e))
        return err_wrap(e, "database");
    *ret = steal(&db);
    return true;
}

static void pool_close_idle(struct db *db, struct pool *p)
{
    while (p->idle) {
        struct db_conn *c = p->idle;
        p->idle = c->next_idle;
        p->open--;
        db->driver->close(c);
    }
}

void db_close(struct db *db)
{
    if (!db)
        return;
    must(!db->open_tx);
    pool_close_idle(db, &db->readers);
    pool_close_idle(db, &db->writers);
    pthread_cond_destroy(&db->freed);
    pthread_cond_destroy(&db->woken);
    pthread_mutex_destroy(&db->lock);
    free((char *)(uintptr_t)db->config.url);
    free(db);
}

const char *db_driver_name(const struct db *db)
{
    return db->driver->name;
}

/* ---- pools ---- */

static struct pool *pool_of(struct db *db, enum tx_mode mode)
{
    return mode != TX_READ && db->driver->one_writer ? &db->writers : &db->readers;
}

/* A connection that is free, or the right to open one (*ret == NULL). */
static bool pool_take(struct db *db, struct pool *p, struct db_conn **ret, struct err *e)
{
    struct timespec until = moment_after(db->config.wait_ms);
    pthread_mutex_lock(&db->lock);
    int waited = 0;
    while (!p->idle && p->open == p->most && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&db->freed, &db->lock, &until);
    bool free_one = p->idle || p->open < p->most;
    *ret = p->idle;
    if (*ret)
        p->idle = (*ret)->next_idle;
    else if (free_one)
        p->open++;
    pthread_mutex_unlock(&db->lock);
    return free_one ? true : err_set(e, ERR_BUSY, "no free connection within %d ms", (int)db->config.wait_ms);
}

/* c NULL gives back the right to open one. */
static void pool_give(struct db *db, struct pool *p, struct db_conn *c)
{
    if (c && c->broken) {
        db->driver->close(c);
        c = NULL;
    }
    pthread_mutex_lock(&db->lock);
    if (c) {
        c->next_idle = p->idle;
        p->idle = c;
    } else {
        p->open--;
    }
    pthread_cond_broadcast(&db->freed);
    pthread_mutex_unlock(&db->lock);
}

/* After a restart of the server all idle connections are as dead as the one that was met. */
static void pool_drop_idle(struct db *db, struct pool *p)
{
    pthread_mutex_lock(&db->lock);
    pool_close_idle(db, p);
    pthread_cond_broadcast(&db->freed);
    pthread_mutex_unlock(&db->lock);
}

/* A connection inside a fresh transaction. One that was idle may have died meanwhile: then once more on a new one. */
static bool connect_and_begin(struct db *db, struct pool *p, enum tx_mode mode, struct db_conn **ret, struct err *e)
{
    struct db_conn *c;
    if (!pool_take(db, p, &c, e))
        return false;
    if (c) {
        if (db->driver->begin(c, mode, e)) {
            *ret = c;
            return true;
        }
        if (!c->broken) {
            pool_give(db, p, c);
            return false;
        }
        db->driver->close(c);
        pool_drop_idle(db, p);
    }
    bool read_only = mode == TX_READ && db->driver->one_writer;
    c = NULL;
    if (db->driver->open(&db->config, read_only, &c, e) && db->driver->begin(c, mode, e)) {
        *ret = c;
        return true;
    }
    pool_give(db, p, c);
    return false;
}

/* ---- transactions ---- */

static void tx_enter(struct tx *tx)
{
    pthread_mutex_lock(&tx->db->lock);
    tx->next_open = tx->db->open_tx;
    tx->db->open_tx = tx;
    pthread_mutex_unlock(&tx->db->lock);
}

static void tx_leave(struct tx *tx)
{
    struct db *db = tx->db;
    pthread_mutex_lock(&db->lock);
    struct tx **at = &db->open_tx;
    while (*at != tx)
        at = &(*at)->next_open;
    *at = tx->next_open;
    pthread_mutex_unlock(&db->lock);
    pool_give(db, pool_of(db, tx->mode), tx->conn);
    free(tx);
}

static bool writes_already(struct db *db)
{
    bool found = false;
    pthread_mutex_lock(&db->lock);
    for (const struct tx *t = db->open_tx; t && !found; t = t->next_open)
        found = t->mode != TX_READ && pthread_equal(t->owner, pthread_self());
    pthread_mutex_unlock(&db->lock);
    return found;
}

bool tx_begin(struct db *db, enum tx_mode mode, struct tx **ret, struct err *e)
{
    struct db_conn *c;
    must(mode == TX_READ || !writes_already(db));
    if (!connect_and_begin(db, pool_of(db, mode), mode, &c, e))
        return err_wrap(e, "begin");
    struct tx *tx = calloc(1, sizeof(*tx));
    must(tx != NULL);
    *tx = (struct tx){.db = db, .conn = c, .mode = mode, .owner = pthread_self()};
    tx_enter(tx);
    *ret = tx;
    return true;
}

void tx_rollback(struct tx **tx)
{
    if (!*tx)
        return;
    (*tx)->conn->driver->rollback((*tx)->conn);
    tx_leave(*tx);
    *tx = NULL;
}

bool tx_commit(struct tx **tx_p, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = steal(tx_p);
    struct db *db = tx->db;
    if (tx->failed)
        return err_set(e, ERR_INTERNAL, "commit: the transaction has failed before");
    if (!db_fault_call(db, e))
        return err_wrap(e, "commit");
    bool wake = tx->wake, writes = tx->wrote;
    if (writes)
        db_fault_commit(db, true);
    if (!tx->conn->driver->commit(tx->conn, e))
        return err_wrap(e, "commit");
    if (writes)
        db_fault_commit(db, false);
    tx_leave(steal(&tx));
    if (wake)
        db_wake(db);
    return true;
}

struct db *tx_db(struct tx *tx)
{
    return tx->db;
}

static bool try_once(struct db *db, enum tx_mode mode, tx_fn fn, void *arg, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    return tx_begin(db, mode, &tx, e) && fn(tx, arg, e) && tx_commit(&tx, e);
}

static void pause_us(int64_t us)
{
    struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = (us % 1000000) * 1000};
    nanosleep(&t, NULL);
}

bool tx_run_mode(struct db *db, enum tx_mode mode, tx_fn fn, void *arg, struct err *e)
{
    int64_t most = FIRST_PAUSE_US;
    for (int left = MOST_TRIES; !try_once(db, mode, fn, arg, e); left--) {
        if (e->code != ERR_BUSY || left == 1)
            return false;
        pause_us(1 + (int64_t)random_below((uint64_t)most));
        most = most * 2 > MOST_PAUSE_US ? MOST_PAUSE_US : most * 2;
    }
    return true;
}

bool tx_run(struct db *db, tx_fn fn, void *arg, struct err *e)
{
    return tx_run_mode(db, TX_WRITE, fn, arg, e);
}

DB_QUERY(q_ping, .out = "i", .sql = "SELECT 1");

bool db_ping(struct db *db, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    return tx_begin(db, TX_READ, &tx, e) && db_exec(tx, &q_ping, DB_NO_ARGS, e);
}

/* ---- waking ---- */

void tx_wake(struct tx *tx)
{
    tx->wake = true;
}

void db_wake(struct db *db)
{
    pthread_mutex_lock(&db->lock);
    db->wakes++;
    pthread_cond_broadcast(&db->woken);
    pthread_mutex_unlock(&db->lock);
}

uint64_t db_wake_count(struct db *db)
{
    pthread_mutex_lock(&db->lock);
    uint64_t count = db->wakes;
    pthread_mutex_unlock(&db->lock);
    return count;
}

void db_wait(struct db *db, uint64_t seen, int64_t timeout_ms)
{
    struct timespec until = moment_after(timeout_ms < 0 ? 0 : timeout_ms);
    pthread_mutex_lock(&db->lock);
    int waited = 0;
    while (db->wakes == seen && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&db->woken, &db->lock, &until);
    pthread_mutex_unlock(&db->lock);
}
