/* qyq render: contract data and a template become the unsigned base revision. Exit 0 written, 1 refused (missing
 * fields, characters no font has), 3 unreadable template or data, 64 usage, 74 input/output. OUT appears whole or not
 * at all. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "contract/contract_fields.h"
#include "text/text.h"
#include "typeset/typeset.h"

#define EXIT_REFUSED    1
#define EXIT_UNREADABLE 3

static const char usage[] =
        "usage: qyq render [OPTION…] TEMPLATE DATA.json OUT.pdf   the unsigned contract, same bytes for the same data\n"
        "       qyq render --missing TEMPLATE DATA.json           the required fields without a value, one a line\n"
        "       qyq render --list                                 the templates of the program\n"
        "TEMPLATE is an id, id@version or a path; DATA.json is described by schemas/contract.schema.json.\n"
        "  --at TIME         written as the time of creation (RFC 3339); else the start of header.sign_date or "
        "term.start\n"
        "  --blanks          a preview: missing fields become blanks to fill in\n"
        "  --code CODE       short verification code, in the footer\n"
        "  --verify-url URL  address of the verification page, as QR code\n"
        "  --platform NAME   name of the platform on which the contract is concluded\n"
        "  --lang zh-CN|en   language of error messages\n"
        "exit: 0 written, 1 refused, 3 unreadable template or data, 64 wrong usage, 74 input/output failure\n";

struct options {
    const char *paths[3]; /* template, data, out */
    size_t paths_n;
    const char *at, *code, *url, *platform, *lang_name;
    int64_t at_ms;
    enum text_lang lang;
    bool blanks, missing, list;
};

static bool parse_words(int argc, char **argv, struct options *o)
{
    const struct {
        const char *name;
        const char **value;
    } values[] = {
            {"--at",         &o->at       },
            {"--code",       &o->code     },
            {"--verify-url", &o->url      },
            {"--platform",   &o->platform },
            {"--lang",       &o->lang_name}
    };
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {
            {"--blanks",  &o->blanks },
            {"--missing", &o->missing},
            {"--list",    &o->list   }
    };
    for (int i = 1; i < argc; i++) {
        bool known = false;
        for (size_t k = 0; k < COUNT(values) && !known; k++) {
            known = strcmp(argv[i], values[k].name) == 0;
            if (known && i + 1 == argc)
                return false;
            if (known)
                *values[k].value = argv[++i];
        }
        for (size_t k = 0; k < COUNT(flags) && !known; k++) {
            known = strcmp(argv[i], flags[k].name) == 0;
            *flags[k].flag |= known;
        }
        if (known)
            continue;
        if (argv[i][0] == '-' || o->paths_n == COUNT(o->paths))
            return false;
        o->paths[o->paths_n++] = argv[i];
    }
    return true;
}

static bool parse(int argc, char **argv, struct options *o)
{
    *o = (struct options){.lang = TEXT_ZH_CN};
    if (!parse_words(argc, argv, o) || (o->lang_name && !text_lang_parse(sv_from(o->lang_name), &o->lang)) ||
        (o->at && !time_parse_rfc3339(sv_from(o->at), &o->at_ms)))
        return false;
    return o->paths_n == (o->list ? 0 : o->missing ? 2 : 3);
}

/* Which file it was, the words for people, and the detail. */
static int fail(const struct options *o, const char *file, const struct err *e)
{
    if (e->reason[0])
        fprintf(stderr, "qyq render: %s: %.*s [%s%s%s]\n", file, SV_ARG(text_err(o->lang, e)), e->field,
                e->field[0] ? ": " : "", e->msg);
    else
        fprintf(stderr, "qyq render: %s: %s\n", file, e->msg);
    return e->code == ERR_REFUSED                             ? EXIT_REFUSED
           : e->code == ERR_IO || e->code == ERR_INTERNAL     ? EXIT_IO
           : e->code == ERR_NOT_FOUND && !e->reason[0]        ? EXIT_IO /* a file, not a template */
           : strcmp(e->reason, "contract_text_too_long") == 0 ? EXIT_REFUSED
                                                              : EXIT_UNREADABLE;
}

static int list(struct arena *a)
{
    const struct sv *names;
    size_t n;
    template_list(a, &names, &n);
    for (size_t i = 0; i < n; i++)
        printf("%.*s\n", SV_ARG(names[i]));
    return fflush(stdout) ? EXIT_IO : 0;
}

struct job {
    struct typeset_template template;
    struct contract_data data;
    const struct typeset_field *fields;
    size_t fields_n;
};

static bool load_data(struct arena *a, const char *path, struct job *job, struct err *e)
{
    struct sv json;
    return file_read(a, path, CONTRACT_MAX_BYTES, &json, e) && contract_data_decode(a, json, &job->data, e);
}

/* What belongs to the operator stands beside the values of the data. */
static void make_fields(struct arena *a, const struct options *o, struct job *job)
{
    const struct typeset_field *of_data;
    size_t n;
    contract_fields(a, &job->data, &of_data, &n);
    struct typeset_field *fields = arena_array(a, struct typeset_field, n + 2);
    memcpy(fields, of_data, n * sizeof(*fields));
    fields[n++] = (struct typeset_field){SV("platform_name"), sv_from(o->platform)};
    fields[n++] = (struct typeset_field){SV("help_phone"), job->data.employer.contact_phone};
    job->fields = fields;
    job->fields_n = n;
}

static int print_missing(struct arena *a, const struct options *o, const struct job *job)
{
    struct err e = ERR_INIT;
    const struct template_field *missing;
    size_t n;
    if (!template_missing(a, &job->template, job->fields, job->fields_n, &missing, &n, &e))
        return fail(o, o->paths[1], &e);
    for (size_t i = 0; i < n; i++)
        printf("%.*s\t%.*s\n", SV_ARG(missing[i].name), SV_ARG(missing[i].label));
    return fflush(stdout) ? EXIT_IO : n ? EXIT_REFUSED : 0;
}

/* Fixed by the data, so that the same data gives the same bytes. */
static int64_t created_at(const struct options *o, const struct contract_data *d)
{
    if (o->at)
        return o->at_ms;
    if (date_is_set(d->header.sign_date))
        return date_start_beijing(d->header.sign_date);
    return date_is_set(d->term.start) ? date_start_beijing(d->term.start) : 0;
}

static int write_contract(struct arena *a, const struct options *o, const struct job *job)
{
    struct err e = ERR_INIT;
    struct typeset_document doc;
    CLEANUP(typeset_cleanup) struct typeset *t = NULL;
    struct typeset_input in = {.template = &job->template,
                               .fields = job->fields,
                               .fields_n = job->fields_n,
                               .created_at = created_at(o, &job->data),
                               .producer = SV("qyq " QYQ_VERSION),
                               .number = job->data.header.contract_no,
                               .code = sv_from(o->code),
                               .verify_url = sv_from(o->url),
                               .blanks = o->blanks};
    if (!typeset_new(NULL, &t, &e)) {
        fail(o, "fonts", &e);
        return EXIT_IO;
    }
    if (!typeset_render(t, a, &in, &doc, &e))
        return fail(o, o->paths[1], &e);
    if (!file_write(o->paths[2], doc.pdf, 0644, &e)) {
        fail(o, o->paths[2], &e);
        return EXIT_IO;
    }
    return 0;
}

int cmd_render(int argc, char **argv)
{
    struct options o;
    struct job job = {0};
    struct err e = ERR_INIT;
    CLEANUP(arena_done) struct arena a = {0};
    arena_init(&a, ARENA_REQUEST_LIMIT);
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return fputs(usage, stdout) < 0 ? EXIT_IO : 0;
    if (!parse(argc, argv, &o))
        return usage_error("render", "wrong arguments");
    if (o.list)
        return list(&a);
    if (!template_load(&a, o.paths[0], &job.template, &e))
        return fail(&o, o.paths[0], &e);
    if (!load_data(&a, o.paths[1], &job, &e))
        return fail(&o, o.paths[1], &e);
    make_fields(&a, &o, &job);
    return o.missing ? print_missing(&a, &o, &job) : write_contract(&a, &o, &job);
}
