/* qyq check: the labour-law findings of a contract's data. Exit 0 none blocking, 1 blocking, 3 unreadable, 64 usage, 74
 * input/output. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "contract/law.h"
#include "json/json.h"

#define EXIT_BLOCKING   1
#define EXIT_UNREADABLE 3

static const char usage[] =
        "usage: qyq check [--at DATE] [--lang zh-CN|en] [--law FOLDER] DATA.json   findings as JSON\n"
        "       qyq check --rules [--json|--markdown] [--lang zh-CN|en]            the rules\n"
        "       qyq check --schema                                                 JSON Schema of the data\n"
        "DATA.json is described by schemas/contract.schema.json; - reads standard input.\n"
        "  --at DATE     the law of that day (YYYY-MM-DD); else header.sign_date, else today in Beijing\n"
        "  --law FOLDER  law data (minimum-wage.json …) that replaces the built-in files of the same name\n"
        "exit: 0 nothing blocks, 1 something blocks, 3 unreadable data, 64 wrong usage, 74 input/output failure\n";

struct options {
    const char *file, *law;
    struct date at;
    enum text_lang lang;
    bool rules, json, markdown, schema;
};

static bool take_value(int argc, char **argv, int *i, const char *name, const char **ret)
{
    if (strcmp(argv[*i], name) != 0)
        return false;
    *ret = *i + 1 < argc ? argv[++*i] : "";
    return true;
}

static bool take_flag(const char *arg, const char *name, bool *ret)
{
    if (strcmp(arg, name) != 0)
        return false;
    *ret = true;
    return true;
}

static bool parse(int argc, char **argv, struct options *o)
{
    *o = (struct options){.lang = TEXT_ZH_CN};
    for (int i = 1; i < argc; i++) {
        const char *value;
        if (take_value(argc, argv, &i, "--at", &value)) {
            if (!date_parse(sv_from(value), &o->at))
                return false;
        } else if (take_value(argc, argv, &i, "--lang", &value)) {
            if (!text_lang_parse(sv_from(value), &o->lang))
                return false;
        } else if (take_value(argc, argv, &i, "--law", &value)) {
            if (!*value)
                return false;
            o->law = value;
        } else if (!take_flag(argv[i], "--rules", &o->rules) && !take_flag(argv[i], "--json", &o->json) &&
                   !take_flag(argv[i], "--markdown", &o->markdown) && !take_flag(argv[i], "--schema", &o->schema)) {
            if (o->file || (argv[i][0] == '-' && argv[i][1]))
                return false;
            o->file = argv[i];
        }
    }
    if (o->rules || o->schema)
        return !o->file && !(o->rules && o->schema) && !(o->json && o->markdown);
    return o->file && !o->markdown; /* --json changes nothing here: findings are JSON */
}

static int print(struct sv s)
{
    if (fwrite(s.p, 1, s.n, stdout) != s.n || fflush(stdout) != 0) {
        fprintf(stderr, "qyq check: cannot write: %s\n", strerror(errno));
        return EXIT_IO;
    }
    return 0;
}

static struct sv rules_json(struct arena *a, enum text_lang lang)
{
    CLEANUP(buf_done) struct buf b = {0};
    buf_init(&b, (size_t)1 << 20);
    struct json_out o;
    json_out_init(&o, &b);
    json_begin_object(&o);
    json_key(&o, SV("rules"));
    json_begin_array(&o);
    for (size_t i = 0; i < law_rules_count(); i++) {
        struct law_rule_info r = law_rule_at(i, lang);
        json_begin_object(&o);
        json_kv_text(&o, "rule", sv_from(r.id));
        json_kv_text(&o, "severity", sv_from(law_severity_name(r.severity)));
        json_kv_text(&o, "article", sv_from(r.article));
        json_kv_text(&o, "title", r.title);
        json_kv_text(&o, "effective_from", date_print(a, r.from));
        if (date_is_set(r.to))
            json_kv_text(&o, "effective_to", date_print(a, r.to));
        else
            json_kv_null(&o, "effective_to");
        json_end_object(&o);
    }
    json_end_array(&o);
    json_end_object(&o);
    buf_add_char(&b, '\n');
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}

static struct sv rules_text(struct arena *a, enum text_lang lang)
{
    struct sv out = SV("");
    for (size_t i = 0; i < law_rules_count(); i++) {
        struct law_rule_info r = law_rule_at(i, lang);
        out = arena_printf(a, "%.*s%-4s %-5s %.*s  (%s)\n", SV_ARG(out), r.id, law_severity_name(r.severity),
                           SV_ARG(r.title), r.article);
    }
    return out;
}

/* One byte more than the decoder takes, so that it is the decoder that refuses. */
static bool read_input(struct arena *a, const char *file, struct sv *ret, struct err *e)
{
    if (strcmp(file, "-") != 0)
        return file_read(a, file, CONTRACT_MAX_BYTES, ret, e);
    char *p = arena_alloc(a, CONTRACT_MAX_BYTES + 1);
    size_t n = fread(p, 1, CONTRACT_MAX_BYTES + 1, stdin);
    if (ferror(stdin))
        return err_errno(e, "standard input");
    *ret = sv_of(p, n);
    return n <= CONTRACT_MAX_BYTES ||
           err_set(e, ERR_TOO_LARGE, "standard input: more than %zu bytes", CONTRACT_MAX_BYTES);
}

static int fail(const struct options *o, const struct err *e)
{
    bool unreadable = e->code == ERR_BAD_INPUT || e->code == ERR_TOO_LARGE;
    struct sv words = text_err(o->lang, e);
    if (e->reason[0])
        fprintf(stderr, "qyq check: %s: %s%s%.*s [%s: %s]\n", o->file, e->field, e->field[0] ? ": " : "", SV_ARG(words),
                e->reason, e->msg);
    else
        fprintf(stderr, "qyq check: %s\n", e->msg);
    return unreadable ? EXIT_UNREADABLE : EXIT_IO;
}

static int check(struct arena *a, const struct options *o)
{
    struct err e = ERR_INIT;
    struct contract_data d;
    struct law *law;
    struct law_report report;
    struct sv text;
    if (!law_load(a, o->law, &law, &e) || !read_input(a, o->file, &text, &e) || !contract_data_decode(a, text, &d, &e))
        return fail(o, &e);
    struct date today = date_beijing(clock_now(&clock_system));
    law_check(a, law, &d, law_date_of(&d, o->at, today), o->lang, &report);
    int code = print(arena_concat(a, law_report_json(a, &report), SV("\n")));
    return code ? code : report.blocking ? EXIT_BLOCKING : 0;
}

int cmd_check(int argc, char **argv)
{
    struct options o;
    CLEANUP(arena_done) struct arena a = {0};
    arena_init(&a, ARENA_REQUEST_LIMIT);
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return print(sv_from(usage));
    if (!parse(argc, argv, &o))
        return usage_error("check", "wrong arguments");
    if (o.schema)
        return print(arena_concat(&a, contract_data_schema(&a), SV("\n")));
    if (o.rules)
        return print(o.json ? rules_json(&a, o.lang) : o.markdown ? law_rules_markdown(&a) : rules_text(&a, o.lang));
    return check(&a, &o);
}
