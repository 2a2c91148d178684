/* Data to words; see contract_fields.h. Plain values are rows of a table; what needs more has a function below it. */
#include "contract/contract_fields.h"

#include <stdlib.h>

#include "text/text.h"

#define MAX_FIELDS 160

struct writer {
    struct arena *a;
    const struct contract_data *d;
    enum text_lang lang;
    struct typeset_field *fields;
    size_t n;
};

static void put(struct writer *w, const char *name, struct sv value)
{
    must(w->n < MAX_FIELDS);
    w->fields[w->n++] = (struct typeset_field){sv_from(name), value};
}

static void put_flag(struct writer *w, const char *name, bool on)
{
    put(w, name, on ? SV("1") : SV(""));
}

static struct sv word(const struct writer *w, const struct contract_enum *e, int value)
{
    if (!value)
        return SV("");
    return text_get(w->lang, arena_printf(w->a, "contract.%s.%s", e->key, contract_enum_name(e, value)));
}

static struct sv money(const struct writer *w, int64_t fen)
{
    return fen ? money_yuan(w->a, fen) : SV("");
}

static struct sv number(const struct writer *w, int64_t n)
{
    return n ? arena_printf(w->a, "%lld", (long long)n) : SV("");
}

static struct sv day(const struct writer *w, struct date d)
{
    if (!date_is_set(d))
        return SV("");
    return w->lang == TEXT_ZH_CN ? date_print_zh(w->a, d) : date_print(w->a, d);
}

static struct sv joined(const struct writer *w, struct sv x, struct sv y)
{
    if (!x.n || !y.n)
        return x.n ? x : y;
    struct sv mark = text_get(w->lang, SV("contract.join"));
    return arena_printf(w->a, "%.*s%.*s%s%.*s", SV_ARG(x), SV_ARG(mark), w->lang == TEXT_ZH_CN ? "" : " ", SV_ARG(y));
}

static struct sv lines(const struct writer *w, struct sv x, struct sv y)
{
    if (!x.n || !y.n)
        return x.n ? x : y;
    return arena_printf(w->a, "%.*s\n%.*s", SV_ARG(x), SV_ARG(y));
}

static struct sv join_texts(const struct writer *w, const struct sv *p, size_t n)
{
    struct sv out = SV("");
    for (size_t i = 0; i < n; i++)
        out = joined(w, out, p[i]);
    return out;
}

static struct sv join_lines(const struct writer *w, const struct sv *p, size_t n)
{
    struct sv out = SV("");
    for (size_t i = 0; i < n; i++)
        out = lines(w, out, p[i]);
    return out;
}

/* Names of an enumeration as words. */
static struct sv join_codes(const struct writer *w, const char *key, const struct sv *p, size_t n)
{
    struct sv out = SV("");
    for (size_t i = 0; i < n; i++)
        out = joined(w, out, text_get(w->lang, arena_printf(w->a, "contract.%s.%.*s", key, SV_ARG(p[i]))));
    return out;
}

/* One line of words with an amount in yuan, or nothing when there is none. */
static struct sv amount_line(const struct writer *w, const char *key, int64_t fen)
{
    return fen ? text_say(w->a, w->lang, sv_from(key), {"amount", money_yuan(w->a, fen)}) : SV("");
}

static struct sv months_line(const struct writer *w, const char *key, int64_t months)
{
    return months ? text_say(w->a, w->lang, sv_from(key), {"months", number(w, months)}) : SV("");
}

static struct sv text_line(const struct writer *w, const char *key, struct sv text)
{
    return text.n ? text_say(w->a, w->lang, sv_from(key), {"text", text}) : SV("");
}

static struct sv duration(const struct writer *w, struct date first, struct date last)
{
    struct contract_span s = contract_span(first, last);
    const struct {
        const char *key, *name;
        int n;
    } parts[] = {
            {"contract.span.years",  "years",  s.months / 12},
            {"contract.span.months", "months", s.months % 12},
            {"contract.span.days",   "days",   s.days       }
    };
    struct sv out = SV("");
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (!parts[i].n)
            continue;
        if (out.n && w->lang != TEXT_ZH_CN)
            out = arena_concat(w->a, out, SV(" "));
        out = arena_concat(w->a, out,
                           text_say(w->a, w->lang, sv_from(parts[i].key), {parts[i].name, number(w, parts[i].n)}));
    }
    return out;
}

/* "2026-03" as words; other text as it stands. */
static struct sv month(const struct writer *w, struct sv text)
{
    struct date first;
    if (text.n != 7 || !date_parse(arena_printf(w->a, "%.*s-01", SV_ARG(text)), &first))
        return text;
    return text_say(w->a, w->lang, SV("contract.month"), {"year", number(w, first.year)},
                    {"month", number(w, first.month)});
}

static struct sv composition(const struct writer *w)
{
    const struct contract_pay *p = &w->d->pay;
    struct sv out = SV("");
    for (size_t i = 0; i < p->composition_n; i++)
        out = joined(w, out,
                     text_say(w->a, w->lang, SV("contract.pay_item_line"), {"name", p->composition[i].name},
                              {"amount", money_yuan(w->a, p->composition[i].amount_fen)}));
    return out;
}

static struct sv training(const struct writer *w)
{
    const struct contract_training *t = &w->d->optional.training;
    struct sv out = lines(w, t->content, amount_line(w, "contract.training_cost", t->cost_fen));
    out = lines(w, out, months_line(w, "contract.training_months", t->service_months));
    return lines(w, out, amount_line(w, "contract.training_penalty", t->penalty_fen));
}

static struct sv non_compete(const struct writer *w)
{
    const struct contract_non_compete *n = &w->d->optional.non_compete;
    struct sv out = months_line(w, "contract.non_compete_months", n->months);
    out = lines(w, out, text_line(w, "contract.non_compete_scope", n->scope));
    out = lines(w, out, text_line(w, "contract.non_compete_area", n->area));
    out = lines(w, out, amount_line(w, "contract.non_compete_pay", n->compensation_fen));
    return lines(w, out, amount_line(w, "contract.non_compete_penalty", n->penalty_fen));
}

static struct sv penalties(const struct writer *w)
{
    const struct contract_optional *o = &w->d->optional;
    struct sv out = SV("");
    for (size_t i = 0; i < o->penalties_n; i++)
        out = lines(w, out,
                    text_say(w->a, w->lang, SV("contract.penalty_line"),
                             {"ground", word(w, &contract_enum_penalty_ground, (int)o->penalties[i].ground)},
                             {"text", o->penalties[i].text}, {"amount", money_yuan(w->a, o->penalties[i].amount_fen)}));
    return out;
}

static struct sv housing_fund(const struct writer *w)
{
    const struct contract_insurance *s = &w->d->insurance;
    if (!s->housing_fund)
        return SV("");
    if (!s->housing_fund_percent)
        return text_get(w->lang, SV("contract.housing_fund"));
    return text_say(w->a, w->lang, SV("contract.housing_fund_percent"),
                    {"percent", number(w, s->housing_fund_percent)});
}

static struct sv hours(const struct writer *w, int64_t minutes)
{
    return minutes ? money_plain(w->a, minutes * 100 / 60) : SV("");
}

static struct sv capital(const struct writer *w, int64_t fen)
{
    return fen ? money_capital(w->a, fen) : SV("");
}

static void put_employer(struct writer *w)
{
    const struct contract_employer *m = &w->d->employer;
    put(w, "employer_name", m->name);
    put(w, "employer_uscc", m->uscc);
    put(w, "employer_domicile", m->domicile);
    put(w, "employer_representative", m->legal_representative);
    put(w, "employer_contact", m->contact_name);
    put(w, "employer_phone", m->contact_phone);
}

static void put_worker(struct writer *w)
{
    const struct contract_worker *p = &w->d->worker;
    int id_type = p->id_type ? (int)p->id_type : CONTRACT_ID_RESIDENT_ID;
    put(w, "worker_name", p->name);
    put(w, "worker_sex", word(w, &contract_enum_sex, (int)p->sex));
    put(w, "worker_birth_date", day(w, p->birth_date));
    put(w, "worker_id_type", word(w, &contract_enum_id_type, id_type));
    put(w, "worker_id_number", p->id_number);
    put(w, "worker_nationality", p->nationality);
    put(w, "worker_household_address", p->household_address);
    put(w, "worker_address", p->current_address.n ? p->current_address : p->household_address);
    put(w, "worker_phone", p->phone);
    put(w, "worker_email", p->email);
    put(w, "worker_service_address", p->service_address);
    bool both = p->emergency_contact.n && p->emergency_phone.n;
    put(w, "emergency_contact",
        arena_printf(w->a, "%.*s%s%.*s", SV_ARG(p->emergency_contact), both ? " " : "", SV_ARG(p->emergency_phone)));
    put(w, "work_permit_no", p->work_permit_no);
}

static void put_term(struct writer *w)
{
    const struct contract_term *t = &w->d->term;
    put_flag(w, "term_fixed", t->kind == CONTRACT_TERM_FIXED);
    put_flag(w, "term_open_ended", t->kind == CONTRACT_TERM_OPEN_ENDED);
    put_flag(w, "term_task", t->kind == CONTRACT_TERM_TASK);
    put(w, "term_start", day(w, t->start));
    put(w, "term_end", day(w, t->end));
    put(w, "term_duration", duration(w, t->start, t->end));
    put(w, "task", t->task);
    put(w, "first_day", day(w, date_is_set(t->first_work_day) ? t->first_work_day : t->start));
    put(w, "probation_start", day(w, t->probation_start));
    put(w, "probation_end", day(w, t->probation_end));
    put(w, "probation_duration", duration(w, t->probation_start, t->probation_end));
}

static void put_work(struct writer *w)
{
    const struct contract_work *k = &w->d->work;
    const struct contract_hours *h = &w->d->hours;
    put(w, "post", k->post);
    put(w, "work_content", k->content);
    put(w, "work_place", k->place);
    put(w, "reassignment", k->reassignment_scope);
    put(w, "hours_system", word(w, &contract_enum_hours_system, (int)h->system));
    put_flag(w, "hours_standard", h->system == CONTRACT_HOURS_STANDARD);
    put_flag(w, "hours_comprehensive", h->system == CONTRACT_HOURS_COMPREHENSIVE);
    put_flag(w, "hours_irregular", h->system == CONTRACT_HOURS_IRREGULAR);
    put(w, "hours_daily", hours(w, h->daily_minutes));
    put(w, "hours_weekly", hours(w, h->weekly_minutes));
    put(w, "work_days_per_week", number(w, h->work_days_per_week));
    put(w, "schedule", h->schedule);
    put(w, "rest_days", h->rest_days);
    put(w, "annual_leave", h->annual_leave);
    put(w, "hours_period", word(w, &contract_enum_hours_cycle, (int)h->cycle));
    put(w, "hours_approval", h->approval_no);
    put(w, "hours_approval_until", day(w, h->approval_until));
}

static void put_pay(struct writer *w)
{
    const struct contract_pay *p = &w->d->pay;
    put(w, "wage_mode", word(w, &contract_enum_pay_mode, p->mode ? (int)p->mode : CONTRACT_PAY_MODE_TIME));
    put_flag(w, "wage_time", p->mode == CONTRACT_PAY_MODE_TIME || p->mode == CONTRACT_PAY_MODE_NONE);
    put_flag(w, "wage_piece", p->mode == CONTRACT_PAY_MODE_PIECE);
    put_flag(w, "wage_other", p->mode == CONTRACT_PAY_MODE_OTHER);
    put(w, "wage_unit", word(w, &contract_enum_pay_unit, p->unit ? (int)p->unit : CONTRACT_PAY_PER_MONTH));
    put(w, "wage_amount", money(w, p->amount_fen));
    put(w, "wage_capital", capital(w, p->amount_fen));
    put(w, "wage_composition", composition(w));
    put(w, "wage_piece_rate", p->piece_rate);
    put(w, "wage_other_terms", p->other);
    put(w, "overtime_base", money(w, p->overtime_base_fen));
    put(w, "probation_wage", money(w, p->probation_amount_fen));
    put(w, "probation_wage_capital", capital(w, p->probation_amount_fen));
    put(w, "pay_day", number(w, p->pay_day));
    put(w, "pay_cycle",
        word(w, &contract_enum_pay_day_month, p->pay_day_month ? (int)p->pay_day_month : CONTRACT_PAY_DAY_NEXT));
    put(w, "pay_period", word(w, &contract_enum_pay_cycle, p->cycle ? (int)p->cycle : CONTRACT_PAY_CYCLE_MONTH));
    put(w, "pay_method", word(w, &contract_enum_pay_method, p->method ? (int)p->method : CONTRACT_PAY_BY_BANK));
    put(w, "bank_name", p->bank_name);
    put(w, "bank_account", p->bank_account);
}

static void put_protection(struct writer *w)
{
    const struct contract_insurance *s = &w->d->insurance;
    const struct contract_protection *p = &w->d->protection;
    put(w, "insurance_schemes", join_codes(w, "scheme", s->schemes, s->schemes_n));
    put(w, "insurance_start", month(w, s->start_month));
    put(w, "housing_fund", housing_fund(w));
    put(w, "welfare", joined(w, w->d->optional.supplementary_insurance, w->d->optional.welfare));
    put(w, "labour_protection", p->conditions);
    put(w, "hazards", join_codes(w, "hazard", p->hazards, p->hazards_n));
    put(w, "protective_equipment", p->equipment);
    put(w, "health_checks", p->health_checks);
    put(w, "special_protection", p->special_groups);
}

static void put_optional(struct writer *w)
{
    const struct contract_optional *o = &w->d->optional;
    const struct contract_dispatch *p = &w->d->dispatch;
    put(w, "training", training(w));
    put(w, "confidentiality", o->confidentiality);
    put(w, "non_compete", non_compete(w));
    put(w, "penalties", penalties(w));
    put(w, "termination_conditions", join_lines(w, o->termination_conditions, o->termination_conditions_n));
    put(w, "rules_received", join_texts(w, o->rules_received, o->rules_received_n));
    put(w, "other_terms", o->other_terms);
    put(w, "annexes", join_lines(w, o->annexes, o->annexes_n));
    put(w, "user_unit_name", p->user_unit_name);
    put(w, "user_unit_uscc", p->user_unit_uscc);
    put(w, "dispatch_start", day(w, p->period_start));
    put(w, "dispatch_end", day(w, p->period_end));
    put(w, "dispatch_post", p->post);
    put(w, "dispatch_post_kind", word(w, &contract_enum_dispatch_post, (int)p->post_kind));
    put(w, "dispatch_agreement_no", p->agreement_no);
    put(w, "mediation_body", w->d->disputes.mediation_body);
    put(w, "arbitration_committee", w->d->disputes.arbitration_committee);
}

static int by_name(const void *x, const void *y)
{
    const struct typeset_field *p = x, *q = y;
    return sv_cmp(p->name, q->name);
}

void contract_fields(struct arena *a, const struct contract_data *d, const struct typeset_field **ret, size_t *ret_n)
{
    struct writer w = {.a = a, .d = d, .lang = TEXT_ZH_CN, .fields = arena_array(a, struct typeset_field, MAX_FIELDS)};
    if (d->header.language.n && !text_lang_parse(d->header.language, &w.lang))
        w.lang = TEXT_ZH_CN;
    put(&w, "contract_no", d->header.contract_no);
    put(&w, "contract_kind", word(&w, &contract_enum_kind, (int)d->header.contract_kind));
    put(&w, "sign_date", day(&w, d->header.sign_date));
    put_employer(&w);
    put_worker(&w);
    put_term(&w);
    put_work(&w);
    put_pay(&w);
    put_protection(&w);
    put_optional(&w);
    qsort(w.fields, w.n, sizeof *w.fields, by_name);
    *ret = w.fields;
    *ret_n = w.n;
}

struct sv contract_field(const struct typeset_field *fields, size_t n, struct sv name)
{
    for (size_t i = 0; i < n; i++) {
        if (sv_eq(fields[i].name, name))
            return fields[i].value;
    }
    return SV("");
}
