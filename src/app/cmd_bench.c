/* qyq bench: how fast this machine is at what the program does. Exit codes: 0 measured, 1 not possible, 64 usage. */
#include <stdio.h>
#include <string.h>

#include "app/bench.h"
#include "app/commands.h"
#include "json/json.h"

#define DEFAULT_SECONDS 3
#define MOST_SECONDS    3600

static const char usage_text[] =
        "usage: qyq bench NAME [--json] [--seconds N]\n\n"
        "  sign      signatures of a rendered contract with a key at hand, by part\n"
        "  verify    a contract with three signatures and timestamps\n"
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

static bool parse(int argc, char **argv, const char **ret_name, bool *ret_json, int64_t *ret_seconds)
{
    *ret_name = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            *ret_json = true;
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc) {
            if (!sv_i64(sv_from(argv[++i]), 0, MOST_SECONDS, ret_seconds))
                return false;
        } else if (argv[i][0] == '-' || *ret_name)
            return false;
        else
            *ret_name = argv[i];
    }
    return *ret_name != NULL;
}

int cmd_bench(int argc, char **argv)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct bench b = {.a = &a, .seconds = DEFAULT_SECONDS};
    struct err e = ERR_INIT;
    const char *name;
    bool json = false;
    size_t i = 0;
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return fputs(usage_text, stdout) < 0 ? EXIT_IO : 0;
    if (parse(argc, argv, &name, &json, &b.seconds)) {
        while (i < COUNT(benches) && strcmp(name, benches[i].name) != 0)
            i++;
    } else {
        i = COUNT(benches);
    }
    if (i == COUNT(benches))
        return usage_error("bench", "which NAME, or what are the other arguments?");
    if (!benches[i].run(&b, &e)) {
        fprintf(stderr, "qyq bench: %s\n", e.msg);
        return 1;
    }
    if (json)
        print_json(&b, name);
    else
        print_table(&b);
    return fflush(stdout) == 0 ? 0 : EXIT_IO;
}
