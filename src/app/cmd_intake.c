/* qyq intake: may this foreign PDF become a contract? Exit 0 acceptable, 1 refused, 3 not readable or beyond the
 * limits; 64 usage, 74 input/output. OUT gets the normalised document, only when it is acceptable, whole or not at all.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "pdf/intake.h"

#define MAX_FILE ((size_t)100 << 20)

static const char help[] =
        "usage: qyq intake [OPTION…] IN.pdf [OUT.pdf]\n"
        "\n"
        "Examines a PDF from elsewhere before it is signed: scripts, attachments, references to the outside,\n"
        "preparations for a later change. OUT.pdf gets the same pages without anything that is not in use.\n"
        "  --json    one JSON object\n"
        "  --lang L  zh-CN (default) or en\n";

struct options {
    bool json, help;
    enum text_lang lang;
    const char *in, *out;
};

/* 0 or EXIT_USAGE, told. */
static int parse(int argc, char **argv, struct options *ret)
{
    static const struct option rows[] = {
            {"json", no_argument,       NULL, 'j'},
            {"lang", required_argument, NULL, 'l'},
            {"help", no_argument,       NULL, 'h'},
            {NULL,   0,                 NULL, 0  },
    };
    *ret = (struct options){.lang = TEXT_ZH_CN};
    optind = 1;
    for (int o; (o = getopt_long(argc, argv, ":", rows, NULL)) != -1;) {
        if (o == 'h') {
            ret->help = true;
            return 0;
        }
        if (o == 'j')
            ret->json = true;
        else if (o != 'l' || !text_lang_parse(sv_from(optarg), &ret->lang))
            return usage_option("intake", o, argv);
    }
    if (argc - optind < 1 || argc - optind > 2)
        return usage_error("intake", "IN and at most OUT");
    ret->in = argv[optind];
    ret->out = argc - optind == 2 ? argv[optind + 1] : NULL;
    return 0;
}

static int failed(const char *path, enum text_lang lang, const struct err *e)
{
    if (e->reason[0])
        fprintf(stderr, "qyq intake: %s: %.*s (%s)\n", path, SV_ARG(text_err(lang, e)), e->msg);
    else
        fprintf(stderr, "qyq intake: %s\n", e->msg);
    return e->code == ERR_BAD_INPUT || (e->code == ERR_TOO_LARGE && e->reason[0]) ? 3 : EXIT_IO;
}

static int run(struct arena *a, const struct options *o)
{
    struct err e = ERR_INIT;
    struct sv bytes;
    struct pdf_intake found;
    const struct pdf_intake_options limits = {.helper = "/proc/self/exe"};
    if (!file_read(a, o->in, MAX_FILE, &bytes, &e))
        return failed(o->in, o->lang, &e);
    if (!pdf_intake(a, bytes, &limits, &found, &e))
        return failed(o->in, o->lang, &e);
    struct sv file = sv_from(o->in);
    struct sv said =
            o->json ? pdf_intake_json(a, file, bytes, &found, o->lang) : pdf_intake_text(a, o->lang, file, &found);
    printf("%.*s%s", SV_ARG(said), o->json ? "\n" : "");
    if (fflush(stdout) != 0)
        return EXIT_IO;
    if (!found.acceptable)
        return 1;
    if (o->out && !file_write(o->out, found.normalised, 0644, &e))
        return failed(o->out, o->lang, &e);
    return 0;
}

int cmd_intake(int argc, char **argv)
{
    struct options o;
    struct arena a;
    if (argc == 2 && strcmp(argv[1], "--normalise") == 0)
        return pdf_intake_child();
    if (parse(argc, argv, &o) != 0)
        return EXIT_USAGE;
    if (o.help)
        return fputs(help, stdout) < 0 ? EXIT_IO : 0;
    arena_init(&a, (size_t)1 << 30);
    int code = run(&a, &o);
    arena_done(&a);
    return code;
}
