/* qyq serve: the server, in the foreground until SIGINT or SIGTERM. Exit 0 after a clean stop, 1 when it could not
 * start. */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "app/commands.h"
#include "app/server.h"

static const char usage_text[] =
        "usage: qyq serve [--demo] [--config FILE] [--data DIR] [--port N]\n\n"
        "Serves the pages and the interface until Ctrl-C. Without a configuration: an SQLite database and all "
        "documents in\n"
        "the data folder, on 127.0.0.1:8080, with the built-in TEST CA.\n"
        "  --demo         a fictional park on first start; messages to phones are shown on a page\n"
        "  --config FILE  \"key = value\" lines, see docs/operation.md\n"
        "  --data DIR     the data folder (default: data)\n"
        "  --port N       the port (default: 8080)\n";

/* 0 or EXIT_USAGE, told. */
static int parse(int argc, char **argv, struct app_options *o, bool *ret_help)
{
    static const struct option options[] = {
            {"demo",             no_argument, NULL, 'd'},
            {"config",              required_argument, NULL, 'c'},
            {"data",                  required_argument, NULL, 'D'},
            {"port",required_argument, NULL, 'p'},
            {"help",               no_argument, NULL, 'h'},
            {0            }
    };
    int64_t port;
    *o = (struct app_options){.mode = APP_DEVELOPMENT, .port = -1};
    for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        switch (c) {
        case 'd':
            o->mode = APP_DEMO;
            break;
        case 'c':
            o->config_path = optarg;
            break;
        case 'D':
            o->data_dir = optarg;
            break;
        case 'p':
            if (!sv_i64(sv_from(optarg), 1, 65535, &port))
                return usage_error("serve", "--port must be a number from 1 to 65535");
            o->port = (int)port;
            break;
        case 'h':
            *ret_help = true;
            return 0;
        default:
            return usage_option("serve", c, argv);
        }
    }
    return optind == argc ? 0 : usage_error("serve", "%s is not expected", argv[optind]);
}

static int wait_for_signal(const sigset_t *set)
{
    int got;
    if (sigwait(set, &got) != 0)
        return 1;
    log_event(LOG_INFO, "stopping", LOG_INT("signal", got));
    return 0;
}

int cmd_serve(int argc, char **argv)
{
    struct app_options o;
    struct app app;
    struct err e = ERR_INIT;
    sigset_t set;
    bool help = false;
    if (parse(argc, argv, &o, &help) != 0)
        return EXIT_USAGE;
    if (help)
        return fputs(usage_text, stdout) < 0;
    /* before any thread starts, so that all of them inherit the mask */
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (!app_open(&o, &app, &e)) {
        fprintf(stderr, "qyq serve: %s\n", e.msg);
        return 1;
    }
    int code = 1;
    if ((app.mode == APP_DEMO && !demo_seed(&app, &e)) || !app_start(&app, &e) ||
        (app.mode == APP_DEMO && !demo_announce(&app, &e)))
        fprintf(stderr, "qyq serve: %s\n", e.msg);
    else {
        log_event(LOG_INFO, "serving", LOG_TEXT("url", app.public_url), LOG_CSTR("http", http_library_version()),
                  LOG_CSTR("database", db_driver_name(app.db)));
        code = wait_for_signal(&set);
    }
    app_close(&app);
    return code;
}
