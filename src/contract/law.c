/* The engine of the law check: works out what the rules share, runs the rows that are law on the day, and collects what
 * they report. */
#include "contract/law.h"

#include <stdlib.h>
#include <string.h>

#include "contract/contract_json.h"
#include "contract/law_priv.h"

#define LAW_MAX_FINDINGS 400

const char *law_severity_name(enum law_severity s)
{
    static const char *const names[] = {"block", "warn", "info"};
    must(s <= LAW_INFO);
    return names[s];
}

/* ---- reporting ---- */

static const struct sv *split_pointers(struct arena *a, const char *fields, size_t *ret_n)
{
    struct sv rest = sv_from(fields);
    struct sv *out = arena_array(a, struct sv, rest.n / 2 + 1);
    size_t n = 0;
    while (rest.n)
        out[n++] = arena_sv(a, sv_cut(&rest, ' '));
    *ret_n = n;
    return out;
}

void law_add(struct law_ctx *c, enum law_severity severity, const char *variant, const char *fields,
             const struct text_param *params, size_t n)
{
    must(severity >= c->rule->severity);
    if (c->found_n == c->found_max)
        return; /* lists in the data are short; more findings than this help nobody */
    struct sv key = arena_printf(c->a, "law.%s.%s", c->rule->id, variant);
    struct law_finding *f = &c->found[c->found_n++];
    f->rule = c->rule->id;
    f->severity = severity;
    f->article = c->rule->article;
    f->variant = arena_sv(c->a, sv_from(variant));
    f->message = text_format(c->a, c->lang, key, params + 1, n - 1); /* [0] is the filler of law_find */
    f->fields = split_pointers(c->a, fields, &f->fields_n);
}

struct sv law_say_date(struct law_ctx *c, struct date d)
{
    return c->lang == TEXT_ZH_CN ? date_print_zh(c->a, d) : date_print(c->a, d);
}

struct sv law_say_yuan(struct law_ctx *c, int64_t fen)
{
    return money_yuan(c->a, fen);
}

struct sv law_say_int(struct law_ctx *c, int64_t n)
{
    return arena_printf(c->a, "%lld", (long long)n);
}

struct sv law_say_hours(struct law_ctx *c, int64_t minutes)
{
    return money_plain(c->a, minutes * 100 / 60);
}

struct sv law_say_span(struct law_ctx *c, struct contract_span span)
{
    struct sv months = law_say_int(c, span.months), days = law_say_int(c, span.days);
    const char *key = span.months && span.days ? "law.span.both" : span.days ? "law.span.days" : "law.span.months";
    return text_say(c->a, c->lang, sv_from(key), {"months", months}, {"days", days});
}

struct sv law_say_word(struct law_ctx *c, const struct contract_enum *e, int value)
{
    return text_get(c->lang, arena_printf(c->a, "contract.%s.%s", e->key, contract_enum_name(e, value)));
}

/* ---- what the rules share ---- */

bool law_has_probation(const struct contract_data *d)
{
    return date_is_set(d->term.probation_start) || date_is_set(d->term.probation_end);
}

bool law_list_has(const struct sv *p, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (sv_eq(p[i], sv_from(name)))
            return true;
    }
    return false;
}

bool law_is_blank(struct sv s)
{
    static const uint32_t empty[] = {' ', '\t', '\n',   '\r',   '_',    '-',    '/',
                                     '.', '*',  0x3000, 0x2014, 0x2026, 0xff3f, 0xff0f};
    while (s.n) {
        uint32_t ch = sv_next_char(&s);
        bool says_nothing = false;
        for (size_t i = 0; i < COUNT(empty); i++)
            says_nothing = says_nothing || ch == empty[i];
        if (!says_nothing)
            return false;
    }
    return true;
}

static enum contract_kind kind_of(const struct contract_data *d)
{
    if (d->header.contract_kind)
        return d->header.contract_kind;
    if (d->term.kind == CONTRACT_TERM_OPEN_ENDED)
        return CONTRACT_KIND_OPEN_ENDED;
    return d->term.kind == CONTRACT_TERM_TASK ? CONTRACT_KIND_TASK_BASED : CONTRACT_KIND_FIXED_TERM;
}

static void read_person(struct law_ctx *c)
{
    const struct contract_worker *w = &c->d->worker;
    struct idnum_facts facts = {0};
    enum idnum_fault fault = IDNUM_LENGTH;
    if (w->id_type == CONTRACT_ID_NONE || w->id_type == CONTRACT_ID_RESIDENT_ID)
        fault = idnum_resident(w->id_number, &facts);
    else if (w->id_type == CONTRACT_ID_HMT_RESIDENCE)
        fault = idnum_hmt_residence(w->id_number, &facts);
    else if (w->id_type == CONTRACT_ID_FOREIGN_PR)
        fault = idnum_foreign_pr(w->id_number, &facts);
    bool known = fault == IDNUM_OK;
    c->birth = known ? facts.birth : w->birth_date;
    c->sex = w->sex;
    if (known)
        c->sex = facts.sex == IDNUM_MALE ? CONTRACT_SEX_MALE : CONTRACT_SEX_FEMALE;
}

struct date law_date_of(const struct contract_data *d, struct date at, struct date today)
{
    if (date_is_set(at))
        return at;
    return date_is_set(d->header.sign_date) ? d->header.sign_date : today;
}

static bool in_force(const struct law_rule *r, struct date on)
{
    return date_cmp(r->from, on) <= 0 && (!date_is_set(r->to) || date_cmp(on, r->to) <= 0);
}

/* Stable: the order of the table stays within one severity. */
static void sort_findings(struct law_finding *f, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct law_finding x = f[i];
        size_t k = i;
        for (; k > 0 && f[k - 1].severity > x.severity; k--)
            f[k] = f[k - 1];
        f[k] = x;
    }
}

void law_check(struct arena *a, const struct law *law, const struct contract_data *d, struct date law_date,
               enum text_lang lang, struct law_report *ret)
{
    must(date_is_set(law_date));
    struct law_ctx c = {.a = a, .law = law, .d = d, .at = law_date, .lang = lang, .kind = kind_of(d)};
    c.first_day = date_is_set(d->term.first_work_day) ? d->term.first_work_day : d->term.start;
    c.sign_date = date_is_set(d->header.sign_date) ? d->header.sign_date : law_date;
    read_person(&c);
    c.has_minimum = law_minimum_wage(law, d->employer.performance_area, law_date, &c.minimum);
    c.found_max = LAW_MAX_FINDINGS;
    c.found = arena_array(a, struct law_finding, c.found_max);
    for (size_t i = 0; i < law_rules_n; i++) {
        c.rule = &law_rules[i];
        if ((c.rule->kinds & 1u << c.kind) && in_force(c.rule, law_date))
            c.rule->check(&c);
    }
    sort_findings(c.found, c.found_n);
    *ret = (struct law_report){law_date, c.found, c.found_n, c.found_n && c.found[0].severity == LAW_BLOCK};
}

struct sv law_report_json(struct arena *a, const struct law_report *r)
{
    CLEANUP(buf_done) struct buf b = {0};
    buf_init(&b, (size_t)16 << 20);
    struct json_out o;
    json_out_init(&o, &b);
    json_begin_object(&o);
    json_kv_text(&o, "law_date", date_print(a, r->law_date));
    json_key(&o, SV("findings"));
    json_begin_array(&o);
    for (size_t i = 0; i < r->findings_n; i++) {
        const struct law_finding *f = &r->findings[i];
        json_begin_object(&o);
        json_kv_text(&o, "rule", sv_from(f->rule));
        json_kv_text(&o, "severity", sv_from(law_severity_name(f->severity)));
        json_kv_text(&o, "article", sv_from(f->article));
        json_kv_text(&o, "message", f->message);
        json_key(&o, SV("fields"));
        json_begin_array(&o);
        for (size_t k = 0; k < f->fields_n; k++)
            json_put_text(&o, f->fields[k]);
        json_end_array(&o);
        json_end_object(&o);
    }
    json_end_array(&o);
    json_end_object(&o);
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}

static const struct json_field finding_rows[] = {
        JSON_TEXT(struct law_finding_out, rule, .max = 8, .about = "id of the rule"),
        JSON_TEXT(struct law_finding_out, severity, .max = 8, .about = "block, warn or info"),
        JSON_TEXT(struct law_finding_out, article, .about = "the article it rests on"),
        JSON_TEXT(struct law_finding_out, message, .max = 30000, .about = "in plain words"),
        JSON_TEXTS(struct law_finding_out, fields, .about = "JSON pointers into the data"),
        JSON_END,
};
static const struct json_schema finding_json = JSON_SCHEMA("Finding", struct law_finding_out, finding_rows);

static const struct json_field findings_rows[] = {
        JSON_DATE(struct law_findings_out, law_date, .about = "the day whose law was asked"),
        JSON_BOOL(struct law_findings_out, blocking, .about = "one of them blocks"),
        JSON_ARRAY(struct law_findings_out, findings, &finding_json),
        JSON_END,
};
const struct json_schema law_findings_json = JSON_SCHEMA("Findings", struct law_findings_out, findings_rows);

struct law_findings_out law_findings_out(struct arena *a, const struct law_report *r)
{
    struct law_findings_out out = {.law_date = r->law_date, .blocking = r->blocking, .findings_n = r->findings_n};
    out.findings = arena_array(a, struct law_finding_out, r->findings_n);
    for (size_t i = 0; i < r->findings_n; i++) {
        const struct law_finding *f = &r->findings[i];
        struct law_finding_out *to = &out.findings[i];
        *to = (struct law_finding_out){.rule = sv_from(f->rule),
                                       .severity = sv_from(law_severity_name(f->severity)),
                                       .article = sv_from(f->article),
                                       .message = f->message,
                                       .fields_n = f->fields_n};
        to->fields = arena_array(a, struct sv, f->fields_n);
        memcpy(to->fields, f->fields, f->fields_n * sizeof *f->fields);
    }
    return out;
}
