/* qyq bench: how fast this machine is at what the program does. Exit codes: 0 measured, 1 not possible, 64 usage. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/bench.h"
#include "app/commands.h"
#include "json/json.h"

#define DEFAULT_SECONDS 3
#define MOST_SECONDS    3600
#define MOST_DOCUMENTS  100000000

static const char usage_text[] =
        "usage: qyq bench NAME [--json] [--seconds N]\n"
        "       qyq bench sign --alg rsa|p256|sm2 --in PDF --p12 FILE [--pass-file FILE] [--out-dir DIR] [--n N]\n"
        "                      [--self-check] --json\n\n"
        "  sign      documents signed (level B-B, six pages, file to file on one thread) by RSA, ECDSA and SM2,\n"
        "            compared with the bare cryptography; --alg: given files, document i to DIR/<i mod 8>.pdf\n"
        "  verify    the same documents verified\n"
        "  render    contract data to PDF\n"
        "  pipeline  render, lock, worker, seal, with certificates and tokens of a TEST CA in this process; by part, "
        "and\n"
        "            compared with the bare cryptography in it\n"
        "  api       requests over HTTP, by wrk\n"
        "  log       the transparency log (not available yet)\n\n"
        "A figure a line; --json: one object. --seconds: how long each measurement goes on (default 3).\n";

static bool bench_log(struct bench *b, struct err *e)
{
    (void)b;
    return err_set(e, ERR_UNSUPPORTED, "log is not available yet: this program has no transparency log");
}

static const struct {
    const char *name;
    bool (*run)(struct bench *b, struct err *e);
} benches[] = {
        {"sign",     bench_sign     },
        {"verify",   bench_verify   },
        {"render",   bench_rendering},
        {"pipeline", bench_whole    },
        {"api",      bench_api      },
        {"log",      bench_log      },
};

static void print_table(const struct bench *b)
{
    for (size_t i = 0; i < b->figures_n; i++) {
        const struct figure *f = &b->figures[i];
        printf("%-58s %12.*f %s\n", f->name, f->value < 100 ? 3 : 1, f->value, f->unit);
    }
}

static void print_json(const struct bench *b, const char *name)
{
    CLEANUP(buf_done) struct buf out;
    struct json_out o;
    buf_init(&out, 1 << 16);
    json_out_init(&o, &out);
    json_begin_object(&o);
    json_kv_text(&o, "bench", sv_from(name));
    json_kv_int(&o, "seconds", b->seconds);
    json_key(&o, SV("figures"));
    json_begin_array(&o);
    for (size_t i = 0; i < b->figures_n; i++) {
        json_begin_object(&o);
        json_kv_text(&o, "name", sv_trim(sv_from(b->figures[i].name)));
        json_key(&o, SV("value"));
        json_put_real(&o, b->figures[i].value);
        json_kv_text(&o, "unit", sv_from(b->figures[i].unit));
        json_end_object(&o);
    }
    json_end_array(&o);
    json_end_object(&o);
    printf("%.*s\n", SV_ARG(buf_sv(&out)));
}

enum { JSON = 256, SECONDS, ALG, COUNT_N, IN, P12, PASS, OUT_DIR, SELF_CHECK, HELP };

static const struct option rows[] = {
        {"json",       no_argument,       NULL, JSON      },
        {"seconds",    required_argument, NULL, SECONDS   },
        {"alg",        required_argument, NULL, ALG       },
        {"n",          required_argument, NULL, COUNT_N   },
        {"in",         required_argument, NULL, IN        },
        {"p12",        required_argument, NULL, P12       },
        {"pass-file",  required_argument, NULL, PASS      },
        {"out-dir",    required_argument, NULL, OUT_DIR   },
        {"self-check", no_argument,       NULL, SELF_CHECK},
        {"help",       no_argument,       NULL, HELP      },
        {NULL,         0,                 NULL, 0         },
};

struct request {
    bool json, help;
};

static bool take(int option, struct bench *b, struct request *ret)
{
    const struct {
        int option;
        const char **to;
    } texts[] = {
            {ALG,     &b->files.alg      },
            {IN,      &b->files.in       },
            {P12,     &b->files.p12      },
            {PASS,    &b->files.pass_file},
            {OUT_DIR, &b->files.out_dir  },
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (option == texts[i].option) {
            *texts[i].to = optarg;
            return true;
        }
    }
    ret->json = ret->json || option == JSON;
    ret->help = ret->help || option == HELP;
    b->files.self_check = b->files.self_check || option == SELF_CHECK;
    if (option == SECONDS)
        return sv_i64(sv_from(optarg), 0, MOST_SECONDS, &b->seconds);
    if (option == COUNT_N)
        return sv_i64(sv_from(optarg), 1, MOST_DOCUMENTS, &b->files.n);
    return option == JSON || option == HELP || option == SELF_CHECK;
}

int cmd_bench(int argc, char **argv)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct bench b = {.a = &a, .seconds = DEFAULT_SECONDS, .started_us = clock_monotonic_us()};
    struct request request = {0};
    struct err e = ERR_INIT;
    size_t i = 0;
    optind = 1;
    for (int o; (o = getopt_long(argc, argv, ":", rows, NULL)) != -1;) {
        if (!take(o, &b, &request))
            return usage_option("bench", o, argv);
        if (request.help)
            return fputs(usage_text, stdout) < 0 ? EXIT_IO : 0;
    }
    while (optind + 1 == argc && i < COUNT(benches) && strcmp(argv[optind], benches[i].name) != 0)
        i++;
    if (optind + 1 != argc || i == COUNT(benches))
        return usage_error("bench", "which NAME, or what are the other arguments?");
    if (b.files.alg && benches[i].run != bench_sign)
        return usage_error("bench", "--alg belongs to sign");
    if (!benches[i].run(&b, &e)) {
        fprintf(stderr, "qyq bench: %s\n", e.msg);
        return 1;
    }
    if (request.json && !b.printed)
        print_json(&b, argv[optind]);
    else if (!b.printed)
        print_table(&b);
    return fflush(stdout) == 0 ? 0 : EXIT_IO;
}
