/* See postgres.h. A supervisor process owns the server and its folder: it waits until the other end of a pipe is
 * closed, which the kernel does even when the test program is killed, and cleans up then. */
#include "postgres.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIN "/usr/lib/postgresql/15/bin"

static struct {
    char dir[64]; /* the server's and SQLite's files; short, for the socket */
    int alive;    /* write end of the pipe */
    pid_t owner;  /* the test program itself, not a forked test */
    pid_t supervisor;
    bool started;
} server = {.alive = -1};

/* Runs a script with $DIR set. As root, the programs of PostgreSQL run as its own user: initdb refuses root. */
static bool shell(const char *script)
{
    setenv("DIR", server.dir, 1);
    setenv("SCRIPT", script, 1);
    int status = geteuid() == 0 ? system("cd / && runuser -u postgres -- sh -c \"$SCRIPT\" >/dev/null 2>&1")
                                : system("sh -c \"$SCRIPT\" >/dev/null 2>&1");
    unsetenv("DIR");
    unsetenv("SCRIPT");
    return status == 0;
}

void test_postgres_start(void)
{
    must(shell(BIN "/pg_ctl -D $DIR/pg -l $DIR/log -o \"-k $DIR\" -w -s start"));
}

void test_postgres_stop(void)
{
    must(shell(BIN "/pg_ctl -D $DIR/pg -m fast -w -s stop"));
}

static bool init(void)
{
    strcpy(server.dir, "/tmp/qyqpg.XXXXXX");
    if (!mkdtemp(server.dir))
        return false;
    const struct passwd *postgres = getpwnam("postgres");
    if (geteuid() == 0 && (!postgres || chown(server.dir, postgres->pw_uid, postgres->pw_gid) < 0))
        return false;
    return shell(BIN "/initdb -D $DIR/pg -U qyq --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions && "
                     "cd $DIR/pg && printf '%s\\n' \"listen_addresses=''\" shared_buffers=16MB max_connections=60 "
                     "fsync=off autovacuum=off >> postgresql.conf");
}

static void supervise(int dead_pipe)
{
    char byte;
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    while (read(dead_pipe, &byte, 1) < 0 && errno == EINTR)
        ;
    (void)shell(BIN "/pg_ctl -D $DIR/pg -m immediate -w -s stop");
    struct err e;
    _exit(dir_remove(server.dir, &e) ? 0 : 1);
}

static void stop(void)
{
    if (getpid() != server.owner || server.alive < 0)
        return;
    close(server.alive);
    waitpid(server.supervisor, NULL, 0);
}

__attribute__((constructor)) static void start(void)
{
    int ends[2];
    server.owner = getpid();
    if (!init() || pipe2(ends, O_CLOEXEC) < 0) {
        fputs("# no PostgreSQL for tests: are Debian's packages postgresql-15 and util-linux there?\n", stderr);
        return;
    }
    server.supervisor = fork();
    if (server.supervisor == 0) {
        setsid();
        close(ends[1]);
        supervise(ends[0]);
    }
    close(ends[0]);
    server.alive = ends[1];
    atexit(stop);
    test_postgres_start();
    server.started = true;
}

const char *test_postgres_url(struct arena *a)
{
    static int counter;
    char sql[128];
    must(server.started);
    const char *base = arena_printf(a, "host=%s user=qyq dbname=postgres", server.dir).p;
    PGconn *pg = PQconnectdb(base);
    snprintf(sql, sizeof(sql), "CREATE SCHEMA t_%d_%d", (int)getpid(), ++counter);
    PGresult *r = PQexec(pg, sql);
    must(PQresultStatus(r) == PGRES_COMMAND_OK);
    PQclear(r);
    PQfinish(pg);
    return arena_printf(a, "%s options='-c search_path=%s'", base, sql + strlen("CREATE SCHEMA ")).p;
}

const char *test_sqlite_url(struct arena *a)
{
    static int counter;
    return arena_printf(a, "sqlite:%s/t_%d_%d.db", server.dir, (int)getpid(), ++counter).p;
}

const char *test_db_url(struct arena *a, int which)
{
    return which == 0 ? test_sqlite_url(a) : test_postgres_url(a);
}
