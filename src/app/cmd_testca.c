/* qyq testca: the built-in test CA and TSA as a service of its own, for development and trials. Exit codes: 0 done, 1
 * refused, 64 usage, 74 input/output. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "trust/testca.h"

static const char help[] =
        "usage: qyq testca init  --dir D [--port P]\n"
        "       qyq testca serve --dir D [--port P]\n"
        "       qyq testca issue --dir D --name NAME --key-out FILE --cert-out FILE [--chain-out FILE] [--sm2]\n"
        "       qyq testca revoke --dir D --cert FILE\n"
        "\n"
        "A certificate authority and a timestamp authority for trials: TEST stands in all of its names, and nothing it "
        "issues\n"
        "means anything. Its keys and certificates live in folder D and are made on first use.\n"
        "  init   makes them and stops; certificates name addresses of the service, on port P (default 8090)\n"
        "  serve  serves http://127.0.0.1:P (default 8090; 0: any free port) until interrupted: /ca/issue /ca/revoke\n"
        "         /ca/chain.pem /ca/crl /ca/root-crl /ocsp /tsa /root.pem /healthz (with SM2: /tsa-sm2, /ca/crl-sm2, "
        "…);\n"
        "         the bearer token of /ca/… stands in D/token\n"
        "  issue  makes a key (PEM, not encrypted) and a certificate for NAME, for \"qyq sign --key … --cert …\"; "
        "--sm2:\n"
        "         both of SM2. Roots: D/root.pem, D/root-sm2.pem, both in D/roots.pem\n"
        "  revoke revokes a certificate that was issued there; may run beside serve\n"
        "Refused where the mode is production (QYQ_MODE).\n";

struct options {
    const char *dir, *name, *key_out, *cert_out, *chain_out, *cert;
    int64_t port;
    bool sm2;
};

static bool parse(int argc, char **argv, struct options *ret)
{
    static const struct option rows[] = {
            {"dir",       required_argument, NULL, 'd'},
            {"port",      required_argument, NULL, 'p'},
            {"name",      required_argument, NULL, 'n'},
            {"key-out",   required_argument, NULL, 'k'},
            {"cert-out",  required_argument, NULL, 'c'},
            {"chain-out", required_argument, NULL, 'h'},
            {"cert",      required_argument, NULL, 'r'},
            {"sm2",       no_argument,       NULL, 's'},
            {NULL,        0,                 NULL, 0  },
    };
    *ret = (struct options){.port = -1};
    optind = 1;
    for (int o; (o = getopt_long(argc, argv, ":", rows, NULL)) != -1;) {
        switch (o) {
        case 'd':
            ret->dir = optarg;
            break;
        case 'p':
            if (!sv_i64(sv_from(optarg), 0, 65535, &ret->port))
                return false;
            break;
        case 'n':
            ret->name = optarg;
            break;
        case 'k':
            ret->key_out = optarg;
            break;
        case 'c':
            ret->cert_out = optarg;
            break;
        case 'h':
            ret->chain_out = optarg;
            break;
        case 'r':
            ret->cert = optarg;
            break;
        case 's':
            ret->sm2 = true;
            break;
        default:
            return false;
        }
    }
    return optind == argc && ret->dir;
}

static int fail(const struct err *e)
{
    fprintf(stderr, "qyq testca: %s\n", e->msg);
    return e->code == ERR_IO ? EXIT_IO : 1;
}

static int serve(const struct options *o)
{
    struct err e = ERR_INIT;
    /* Before any thread starts, so that all of them leave these signals to this one. */
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    const struct testca_setup setup = {.dir = o->dir, .port = o->port < 0 ? 8090 : (int)o->port, .clock = &clock_system};
    CLEANUP(testca_stopp) struct testca *ca = NULL;
    if (!testca_start(&setup, &ca, &e))
        return fail(&e);
    printf("TEST CA   %.*s\nTEST TSA  %.*s\nroot      %s/root.pem\ntoken     %s/token\n", SV_ARG(testca_url(ca)),
           SV_ARG(testca_tsa_url(ca)), o->dir, o->dir);
    fflush(stdout);
    int got = 0;
    sigwait(&set, &got);
    return 0;
}

static int issue(const struct options *o)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)16 << 20);
    struct err e = ERR_INIT;
    struct sv key = {0}, cert = {0}, chain = {0};
    if (!sv_is_utf8(sv_from(o->name))) {
        fputs("qyq testca: the name is not UTF-8\n", stderr);
        return EXIT_USAGE;
    }
    if (!testca_issue_local(&a, o->dir, &clock_system, o->sm2 ? TESTCA_SM2 : TESTCA_P256, sv_from(o->name), &key, &cert,
                            &chain, &e) ||
        !file_write(o->key_out, key, 0600, &e) || !file_write(o->cert_out, cert, 0644, &e) ||
        (o->chain_out && !file_write(o->chain_out, chain, 0644, &e)))
        return fail(&e);
    return 0;
}

static int revoke_cert(const struct options *o)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)1 << 20);
    struct err e = ERR_INIT;
    struct sv cert = {0};
    return file_read(&a, o->cert, 64 << 10, &cert, &e) && testca_revoke_local(o->dir, &clock_system, cert, &e)
                   ? 0
                   : fail(&e);
}

static bool in_production(struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)1 << 20);
    struct config *c = NULL;
    if (!config_load(&a, NULL, &c, e))
        return true;
    return sv_eq(config_text(c, "mode", "demo"), SV("production")) &&
           !err_user(e, ERR_REFUSED, "test_cert_in_production", NULL, "there is no test CA in production");
}

int cmd_testca(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct options o;
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return 0;
    }
    if (argc < 2 || !parse(argc - 1, argv + 1, &o))
        return usage_error("testca", "wrong arguments");
    if (in_production(&e))
        return fail(&e);
    if (strcmp(argv[1], "init") == 0)
        return testca_init(o.dir, o.port < 0 ? 0 : (int)o.port, &clock_system, &e) ? 0 : fail(&e);
    if (strcmp(argv[1], "serve") == 0)
        return serve(&o);
    if (strcmp(argv[1], "issue") == 0 && o.name && o.key_out && o.cert_out)
        return issue(&o);
    if (strcmp(argv[1], "revoke") == 0 && o.cert)
        return revoke_cert(&o);
    return usage_error("testca", "init, serve, issue or revoke, with what it needs");
}
