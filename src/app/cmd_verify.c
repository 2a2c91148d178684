/* qyq verify: what the signatures of PDF files are worth. Exit 0 every signature valid and trusted; 1 integrity lost or
 * trust failed; 2 cannot be decided; 3 not signed or not readable; of several files 1 before 3 before 2 before 0; 64
 * usage, 74 input/output. No network is touched without --online. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/extract.h"
#include "app/validation_files.h"
#include "pdf/report.h"
#include "pdf/verify.h"

#define MAX_FILE ((size_t)2 << 30)

static const char help[] =
        "usage: qyq verify [OPTION…] FILE…\n"
        "\n"
        "Checks the signatures of PDF files: whether the document is what was signed, and by whom.\n"
        "  --trust PEM    trusted root certificates (repeatable; none is built in)\n"
        "  --at TIME      judge as of this time, RFC 3339 (default: now)\n"
        "  --crl F        a certificate revocation list, DER or PEM (repeatable)\n"
        "  --ocsp F       an OCSP response, DER (repeatable)\n"
        "  --online       fetch what is missing from the addresses in the certificates\n"
        "  --password-file F   password of encrypted files, in the first line of F\n"
        "  --json         one JSON object a line a file\n"
        "  --extract DIR  writes each signed revision, its signature data and a list of them into DIR\n"
        "  --lang L       zh-CN (default) or en\n";

struct options {
    struct validation_files data;
    int64_t at;
    bool json, help;
    const char *extract, *password_file;
    enum text_lang lang;
};

static bool take(int o, struct options *ret)
{
    switch (o) {
    case 't':
        return path_list_add(&ret->data.trust, optarg);
    case 'c':
        return path_list_add(&ret->data.crls, optarg);
    case 'o':
        return path_list_add(&ret->data.ocsps, optarg);
    case 'a':
        return time_parse_rfc3339(sv_from(optarg), &ret->at) && ret->at > 0;
    case 'j':
        ret->json = true;
        return true;
    case 'n':
        ret->data.online = true;
        return true;
    case 'x':
        ret->extract = optarg;
        return true;
    case 'p':
        ret->password_file = optarg;
        return true;
    case 'h':
        ret->help = true;
        return true;
    case 'l':
        return text_lang_parse(sv_from(optarg), &ret->lang);
    default:
        return false;
    }
}

/* 0 or EXIT_USAGE, told. */
static int parse(int argc, char **argv, struct options *ret)
{
    static const struct option rows[] = {
            {"trust",         required_argument, NULL, 't'},
            {"at",            required_argument, NULL, 'a'},
            {"crl",           required_argument, NULL, 'c'},
            {"ocsp",          required_argument, NULL, 'o'},
            {"online",        no_argument,       NULL, 'n'},
            {"json",          no_argument,       NULL, 'j'},
            {"extract",       required_argument, NULL, 'x'},
            {"password-file", required_argument, NULL, 'p'},
            {"lang",          required_argument, NULL, 'l'},
            {"help",          no_argument,       NULL, 'h'},
            {NULL,            0,                 NULL, 0  },
    };
    *ret = (struct options){.lang = TEXT_ZH_CN, .at = clock_now(&clock_system)};
    optind = 1;
    for (int o; (o = getopt_long(argc, argv, ":", rows, NULL)) != -1;) {
        if (!take(o, ret))
            return usage_option("verify", o, argv);
        if (ret->help)
            return 0;
    }
    return optind < argc ? 0 : usage_error("verify", "which FILE?");
}

/* What all files share. */
struct shared {
    struct validation_order order;
    struct clock_manual at;
};

static bool load(struct arena *a, const struct options *in, struct shared *ret, struct err *e)
{
    *ret = (struct shared){0};
    clock_manual_init(&ret->at, in->at);
    if (!validation_files_read(a, &in->data, &ret->order, e))
        return false;
    ret->order.clock = &ret->at.clock;
    return password_file_read(a, in->password_file, &ret->order.password, e);
}

static void seen(void *view, struct sv part)
{
    file_view_forget(view, part);
}

/* Only with --online, and only what the file and the options lack, is anything fetched. */
static bool judge(struct arena *a, const struct shared *shared, struct sv bytes, const struct pdf_reader *reader,
                  struct pdf_report *ret, struct err *e)
{
    const struct validation_order *order = &shared->order;
    const struct pdf_ltv_options offline = {.anchors = order->anchors,
                                            .help = order->sources.given,
                                            .password = order->password,
                                            .at = shared->at.at,
                                            .reader = reader,
                                            .report_only = true};
    struct pdf_ltv_state st;
    bool ok = order->sources.online ? validation_collect(a, bytes, order, &st, e)
                                    : pdf_ltv_assess(a, bytes, &offline, &st, e);
    *ret = st.report;
    return ok;
}

/* JSON stays alone on the standard output. */
static bool extract(struct arena *a, const struct options *in, const char *path, struct sv bytes,
                    const struct pdf_report *r, struct err *e)
{
    struct extracted out;
    if (!extract_signatures(a, in->lang, in->extract, path, bytes, r, &out, e))
        return false;
    for (size_t i = 0; i < out.n; i++) {
        struct sv said = text_say(a, in->lang, SV("pdf.extract.written"), {"path", sv_from(out.paths[i])},
                                  {"what", out.what[i]});
        fprintf(in->json ? stderr : stdout, "%.*s\n", SV_ARG(pdf_one_line(a, said)));
    }
    return true;
}

static struct sv told(struct arena *a, const struct options *in, struct sv file, struct sv bytes,
                      const struct pdf_reader *reader, const struct pdf_report *r)
{
    const struct pdf_report_context c = {.file = file,
                                         .bytes = bytes,
                                         .reader = reader,
                                         .at = in->at,
                                         .roots = in->data.trust.n,
                                         .online = in->data.online};
    return in->json ? pdf_report_json(a, file, r, in->lang) : pdf_report_text(a, in->lang, &c, r);
}

/* The exit code for this file. */
static int one_file(const struct options *in, const struct shared *shared, const char *path)
{
    struct arena a;
    arena_init(&a, MAX_FILE + ((size_t)2 << 30));
    struct err e = ERR_INIT;
    CLEANUP(file_view_done) struct file_view view = {0};
    struct pdf_reader reader = {seen, &view};
    struct pdf_report r;
    int code = EXIT_IO;
    if (!file_view_open(&view, path, MAX_FILE, &e)) {
        fprintf(stderr, "qyq verify: %s\n", e.msg);
    } else if (!judge(&a, shared, view.bytes, &reader, &r, &e)) {
        fprintf(stderr, "qyq verify: %s\n", e.msg);
        code = EXIT_USAGE;
    } else {
        printf("%.*s\n", SV_ARG(told(&a, in, sv_from(path), view.bytes, &reader, &r)));
        code = pdf_report_exit(&r);
        if (in->extract && !extract(&a, in, path, view.bytes, &r, &e)) {
            fprintf(stderr, "qyq verify: %s\n", e.msg);
            code = EXIT_IO;
        }
    }
    arena_done(&a);
    return code;
}

/* Which of two exit codes is told. */
static int worse(int x, int y)
{
    static const int order[] = {EXIT_IO, EXIT_USAGE, 1, 3, 2, 0};
    for (size_t i = 0; i < COUNT(order); i++) {
        if (x == order[i] || y == order[i])
            return order[i];
    }
    return x;
}

int cmd_verify(int argc, char **argv)
{
    struct options o;
    if (parse(argc, argv, &o) != 0)
        return EXIT_USAGE;
    if (o.help)
        return fputs(help, stdout) < 0 ? EXIT_IO : 0;
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct err e = ERR_INIT;
    struct shared shared;
    int code = 0;
    if (!load(&a, &o, &shared, &e)) {
        fprintf(stderr, "qyq verify: %s\n", e.msg);
        code = e.code == ERR_BAD_INPUT ? EXIT_USAGE : EXIT_IO;
    } else {
        for (int i = optind; i < argc; i++)
            code = worse(code, one_file(&o, &shared, argv[i]));
    }
    arena_done(&a);
    return fflush(stdout) != 0 ? EXIT_IO : code;
}
