/* qyq renew: keeps a signed PDF valid: adds what its signatures and timestamps still lack for checking, and a new
 * document timestamp over all of it, before the last one ages. Exit codes as qyq sign. OUT appears whole or not at all.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd_sign.h"

#define MAX_FILE ((size_t)2 << 30)

static const char help[] =
        "usage: qyq renew IN OUT --tsa URL [OPTION…]\n"
        "\n"
        "Adds validation data (certificates, revocation lists, OCSP responses) that the signatures and timestamps of "
        "IN\n"
        "still lack, then a document timestamp over everything. What cannot be had is said and left out.\n"
        "  --tsa URL          timestamp authority (RFC 3161 over HTTP)\n"
        "  --crl F --ocsp F   revocation lists, DER or PEM, and OCSP responses, DER (repeatable)\n"
        "  --chain F          certificates that may be missing, PEM or DER (repeatable)\n"
        "  --online           fetch what is missing from the addresses in the certificates (http, https)\n"
        "  --trust PEM        roots that chains end at (repeatable; default: any self-signed certificate at hand)\n"
        "  --digest D         of the timestamp: sha256 (default), sha384, sha512 or sm3\n"
        "  --field NAME       an existing empty invisible field, or the name of a new one\n"
        "  --password-file F  password of an encrypted IN, in the first line of F\n"
        "Exit code: 0 renewed; 1 not signed, not intact, or refused; 3 unreadable; 4 TSA failed.\n";

struct options {
    const char *in, *out, *tsa, *password_file;
    struct validation_files data;
    enum digest_alg digest;
    struct sv field;
    bool help;
};

static bool take(int o, struct options *ret)
{
    struct sv value = sv_from(optarg);
    switch (o) {
    case 't':
        ret->tsa = optarg;
        return sv_starts(value, SV("http://")) || sv_starts(value, SV("https://"));
    case 'c':
        return path_list_add(&ret->data.crls, optarg);
    case 'o':
        return path_list_add(&ret->data.ocsps, optarg);
    case 'i':
        return path_list_add(&ret->data.certs, optarg);
    case 'r':
        return path_list_add(&ret->data.trust, optarg);
    case 'n':
        ret->data.online = true;
        return true;
    case 'd':
        return digest_by_name(value, &ret->digest) && ret->digest != DIGEST_SHA1;
    case 'f':
        ret->field = value;
        return value.n > 0;
    case 'p':
        ret->password_file = optarg;
        return true;
    case 'h':
        ret->help = true;
        return true;
    default:
        return false;
    }
}

/* 0 or EXIT_USAGE, told. */
static int parse(int argc, char **argv, struct options *ret)
{
    static const struct option rows[] = {
            {"tsa",           required_argument, NULL, 't'},
            {"crl",           required_argument, NULL, 'c'},
            {"ocsp",          required_argument, NULL, 'o'},
            {"chain",         required_argument, NULL, 'i'},
            {"trust",         required_argument, NULL, 'r'},
            {"online",        no_argument,       NULL, 'n'},
            {"digest",        required_argument, NULL, 'd'},
            {"field",         required_argument, NULL, 'f'},
            {"password-file", required_argument, NULL, 'p'},
            {"help",          no_argument,       NULL, 'h'},
            {NULL,            0,                 NULL, 0  },
    };
    *ret = (struct options){0};
    optind = 1;
    for (int o; (o = getopt_long(argc, argv, ":", rows, NULL)) != -1;) {
        if (!take(o, ret))
            return usage_option("renew", o, argv);
        if (ret->help)
            return 0;
    }
    if (optind + 2 != argc)
        return usage_error("renew", "IN and OUT are needed, and nothing else");
    if (!ret->tsa)
        return usage_error("renew", "--tsa is needed");
    ret->in = argv[optind];
    ret->out = argv[optind + 1];
    return 0;
}

static bool renew(struct arena *a, const struct options *o, struct stamping *stamping, struct err *e)
{
    struct validation_order order = {
            .stamp = stamping_ask, .stamp_ctx = stamping, .stamp_digest = o->digest, .field = o->field};
    struct sv in, out, missing = {0};
    order.ret_missing = &missing;
    if (!file_read(a, o->in, MAX_FILE, &in, e) || !password_file_read(a, o->password_file, &order.password, e) ||
        !validation_files_read(a, &o->data, &order, e) || !validation_extend(a, in, &order, &out, e) ||
        !file_write(o->out, out, 0644, e))
        return false;
    if (missing.n) /* no reason not to protect what is there, but it is said */
        fprintf(stderr, "qyq renew: renewed; still missing: %.*s\n", SV_ARG(missing));
    return true;
}

int cmd_renew(int argc, char **argv)
{
    struct options o;
    if (parse(argc, argv, &o) != 0)
        return EXIT_USAGE;
    if (o.help)
        return fputs(help, stdout) < 0 ? EXIT_IO : 0;
    struct arena a;
    arena_init(&a, (size_t)6 << 30);
    struct err e = ERR_INIT;
    struct stamping stamping = {.url = sv_from(o.tsa)};
    int code = renew(&a, &o, &stamping, &e) ? 0 : sign_failed("renew", &e, stamping.failed);
    arena_done(&a);
    return code;
}
