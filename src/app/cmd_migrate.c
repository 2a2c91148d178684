/* qyq migrate: brings the database's schema to that of this program, or tells whether it is there. Exit codes: 0 done
 * (or up to date), 1 not possible (a changed or newer schema, no database), 64 usage. */
#include <getopt.h>
#include <stdio.h>

#include "app/commands.h"
#include "app/server.h"

static const char usage_text[] =
        "usage: qyq migrate [--config FILE] [--data DIR] [--check]\n\n"
        "Applies the migrations that the database lacks, each in a transaction of its own, and prints their names.\n"
        "\"qyq serve\" does the same when it starts; where the schema's owner is another user, run this one first.\n"
        "  --check        change nothing; exit 1 unless the schema is exactly this program's\n"
        "  --config FILE  \"key = value\" lines, see docs/operation.md\n"
        "  --data DIR     the data folder (default: data)\n";

static bool parse(int argc, char **argv, struct app_options *o, bool *ret_check, bool *ret_help)
{
    static const struct option options[] = {
            {"check",            no_argument, NULL, 'k'},
            {"config",              required_argument, NULL, 'c'},
            {"data",                  required_argument, NULL, 'D'},
            {"help",no_argument, NULL, 'h'},
            {0              }
    };
    *o = (struct app_options){.mode = APP_DEVELOPMENT, .port = -1};
    for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        switch (c) {
        case 'k':
            *ret_check = true;
            break;
        case 'c':
            o->config_path = optarg;
            break;
        case 'D':
            o->data_dir = optarg;
            break;
        case 'h':
            *ret_help = true;
            break;
        default:
            return false;
        }
    }
    return optind == argc;
}

/* Files are applied in their order, so what was missing is the end of the list. */
static bool migrate(struct app *app, struct err *e)
{
    int64_t applied;
    if (!db_migrate(app->db, &db_migrations, clock_now(&clock_system), &applied, e))
        return false;
    for (size_t i = db_migrations.n - (size_t)applied; i < db_migrations.n; i++)
        printf("applied %s\n", db_migrations.files[i].path);
    printf("%s: up to date, %zu migrations\n", db_driver_name(app->db), db_migrations.n);
    return true;
}

static bool check(struct app *app, struct err *e)
{
    if (!db_migrate_check(app->db, &db_migrations, e))
        return false;
    printf("%s: up to date, %zu migrations\n", db_driver_name(app->db), db_migrations.n);
    return true;
}

int cmd_migrate(int argc, char **argv)
{
    struct app app;
    struct app_options o;
    struct err e = ERR_INIT;
    bool only_check = false, help = false;
    if (!parse(argc, argv, &o, &only_check, &help))
        return usage_error("migrate", "wrong arguments");
    if (help)
        return fputs(usage_text, stdout) < 0 ? EXIT_IO : 0;
    if (!app_open_db(&o, &app, &e)) {
        fprintf(stderr, "qyq migrate: %s\n", e.msg);
        return 1;
    }
    bool ok = only_check ? check(&app, &e) : migrate(&app, &e);
    if (!ok)
        fprintf(stderr, "qyq migrate: %s\n", e.msg);
    app_close(&app);
    return ok ? 0 : 1;
}
