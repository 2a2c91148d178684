/* The contract itself: mandatory clauses, kind and term, the written form and its deadlines, probation, earlier
 * contracts. */
#include <stdio.h>

#include "contract/law_rules_priv.h"

/* ---- C12: mandatory clauses ---- */

static void need(struct law_ctx *c, bool said, const char *variant, const char *fields)
{
    if (!said)
        law_find(c, variant, fields);
}

static bool says(struct sv s)
{
    return !law_is_blank(s);
}

LAW_CHECK(law_check_clauses_parties)
{
    const struct contract_data *d = c->d;
    need(c, says(d->employer.name), "employer_name", "/employer/name");
    need(c, says(d->employer.domicile), "employer_domicile", "/employer/domicile");
    need(c, says(d->employer.legal_representative), "employer_representative", "/employer/legal_representative");
    need(c, says(d->worker.name), "worker_name", "/worker/name");
    need(c, says(d->worker.current_address) || says(d->worker.household_address), "worker_address",
         "/worker/current_address /worker/household_address");
    need(c, says(d->worker.id_number), "worker_id", "/worker/id_number");
}

LAW_CHECK(law_check_clauses_term)
{
    const struct contract_term *t = &c->d->term;
    need(c, date_is_set(t->start), "term_start", "/term/start");
    if (t->kind == CONTRACT_TERM_FIXED)
        need(c, date_is_set(t->end), "term_end", "/term/end");
    if (t->kind == CONTRACT_TERM_TASK)
        need(c, says(t->task), "term_task", "/term/task");
}

LAW_CHECK(law_check_clauses_work)
{
    const struct contract_data *d = c->d;
    need(c, says(d->work.content), "work_content", "/work/content");
    need(c, says(d->work.place), "work_place", "/work/place");
    need(c, d->hours.system, "hours_system", "/hours/system");
    need(c, says(d->hours.rest_days) || d->hours.work_days_per_week, "rest",
         "/hours/rest_days /hours/work_days_per_week");
    bool pay = d->pay.amount_fen > 0 || (d->pay.mode == CONTRACT_PAY_MODE_PIECE && says(d->pay.piece_rate)) ||
               (d->pay.mode == CONTRACT_PAY_MODE_OTHER && says(d->pay.other));
    need(c, pay, "pay", "/pay/amount_fen /pay/piece_rate");
    need(c, d->insurance.schemes_n, "insurance", "/insurance/schemes");
    need(c,
         says(d->protection.conditions) || says(d->protection.equipment) || says(d->protection.health_checks) ||
                 d->protection.hazards_n,
         "protection", "/protection/conditions");
}

/* 劳动合同法 69 lets part-time work be agreed by word of mouth; what must not be unclear stays. */
LAW_CHECK(law_check_clauses_part_time)
{
    const struct contract_data *d = c->d;
    need(c, says(d->employer.name), "employer_name", "/employer/name");
    need(c, says(d->worker.name), "worker_name", "/worker/name");
    need(c, says(d->worker.id_number), "worker_id", "/worker/id_number");
    need(c, says(d->work.content), "work_content", "/work/content");
    need(c, d->pay.amount_fen > 0 || says(d->pay.piece_rate), "pay", "/pay/amount_fen");
}

LAW_CHECK(law_check_dispatch_clauses)
{
    const struct contract_dispatch *p = &c->d->dispatch;
    need(c, says(p->user_unit_name), "user_unit", "/dispatch/user_unit_name");
    need(c, date_is_set(p->period_start) && date_is_set(p->period_end), "period",
         "/dispatch/period_start /dispatch/period_end");
    need(c, says(p->post), "post", "/dispatch/post");
}

/* ---- kind and term ---- */

LAW_CHECK(law_check_term_kind)
{
    if (!c->d->term.kind && c->kind != CONTRACT_KIND_PART_TIME)
        law_find(c, "missing", "/term/kind");
}

LAW_CHECK(law_check_kinds_agree)
{
    static const enum contract_term_kind fits[] = {
            [CONTRACT_KIND_FIXED_TERM] = CONTRACT_TERM_FIXED, [CONTRACT_KIND_OPEN_ENDED] = CONTRACT_TERM_OPEN_ENDED,
            [CONTRACT_KIND_TASK_BASED] = CONTRACT_TERM_TASK,  [CONTRACT_KIND_PART_TIME] = CONTRACT_TERM_NONE,
            [CONTRACT_KIND_DISPATCH] = CONTRACT_TERM_NONE,
    };
    const struct contract_term *t = &c->d->term;
    if (fits[c->kind] && t->kind && t->kind != fits[c->kind])
        law_find(c, "kind", "/header/contract_kind /term/kind",
                 {"kind", law_say_word(c, &contract_enum_kind, (int)c->kind)},
                 {"term", law_say_word(c, &contract_enum_term_kind, (int)t->kind)});
    if (t->kind == CONTRACT_TERM_OPEN_ENDED && date_is_set(t->end))
        law_find(c, "open_end", "/term/end /term/kind", {"end", law_say_date(c, t->end)});
}

static void check_order(struct law_ctx *c, struct date first, struct date last, const char *variant, const char *fields)
{
    if (date_is_set(first) && date_is_set(last) && date_cmp(last, first) < 0)
        law_find(c, variant, fields, {"first", law_say_date(c, first)}, {"last", law_say_date(c, last)});
}

LAW_CHECK(law_check_dates_ordered)
{
    const struct contract_data *d = c->d;
    check_order(c, d->term.start, d->term.end, "term", "/term/start /term/end");
    check_order(c, d->term.probation_start, d->term.probation_end, "probation",
                "/term/probation_start /term/probation_end");
    check_order(c, d->dispatch.period_start, d->dispatch.period_end, "dispatch",
                "/dispatch/period_start /dispatch/period_end");
    if (law_has_probation(d) && !(date_is_set(d->term.probation_start) && date_is_set(d->term.probation_end)))
        law_find(c, "probation_half", "/term/probation_start /term/probation_end");
}

/* ---- first day of work and the written form ---- */

static bool is_renewal(const struct law_ctx *c)
{
    return says(c->d->header.predecessor_no) || c->d->history.contracts_n;
}

LAW_CHECK(law_check_first_day)
{
    const struct contract_term *t = &c->d->term;
    if (!is_renewal(c) && date_is_set(t->first_work_day) && date_is_set(t->start) &&
        date_cmp(t->first_work_day, t->start) != 0)
        law_find(c, "differs", "/term/first_work_day /term/start", {"day", law_say_date(c, t->first_work_day)},
                 {"start", law_say_date(c, t->start)});
}

/* The clock of the written form runs from the first day of work; for a renewal from the first day of the new term. */
static struct date clock_start(const struct law_ctx *c)
{
    return is_renewal(c) ? c->d->term.start : c->first_day;
}

/* 实施条例 6, 7: the month ends on the day before the corresponding day. */
static struct date written_due(const struct law_ctx *c)
{
    return date_add_days(date_add_months(clock_start(c), 1), -1);
}

static bool written_late(const struct law_ctx *c)
{
    return date_is_set(clock_start(c)) && date_cmp(c->sign_date, written_due(c)) > 0;
}

#define SIGN_FIELDS "/header/sign_date /term/first_work_day"

LAW_CHECK(law_check_written_in_a_month)
{
    if (written_late(c))
        law_find(c, "late", SIGN_FIELDS, {"first", law_say_date(c, clock_start(c))},
                 {"due", law_say_date(c, written_due(c))}, {"sign", law_say_date(c, c->sign_date)});
}

LAW_CHECK(law_check_double_wage)
{
    if (!written_late(c))
        return;
    struct date from = date_add_months(clock_start(c), 1);
    struct date last = date_add_days(date_add_months(clock_start(c), 12), -1);
    struct date to = date_add_days(c->sign_date, -1);
    if (date_cmp(to, last) > 0)
        to = last;
    if (date_cmp(to, from) >= 0) /* signed on the first day of the clock: nothing has run yet */
        law_find(c, "clock", SIGN_FIELDS, {"from", law_say_date(c, from)}, {"to", law_say_date(c, to)},
                 {"span", law_say_span(c, contract_span(from, to))});
}

LAW_CHECK(law_check_deemed_open_ended)
{
    if (!date_is_set(clock_start(c)) || c->d->term.kind == CONTRACT_TERM_OPEN_ENDED)
        return;
    struct date year = date_add_months(clock_start(c), 12);
    if (date_cmp(c->sign_date, year) >= 0)
        law_find(c, "year", SIGN_FIELDS " /term/kind", {"day", law_say_date(c, year)});
}

/* ---- probation ---- */

/* 劳动合同法 19 and 70: how many months, by the term. */
static int probation_limit(const struct law_ctx *c, const char **ret_variant)
{
    const struct contract_term *t = &c->d->term;
    *ret_variant = "none_part_time";
    if (c->kind == CONTRACT_KIND_PART_TIME)
        return 0;
    *ret_variant = "none_task";
    if (t->kind == CONTRACT_TERM_TASK || c->kind == CONTRACT_KIND_TASK_BASED)
        return 0;
    *ret_variant = "open_ended";
    if (t->kind == CONTRACT_TERM_OPEN_ENDED || c->kind == CONTRACT_KIND_OPEN_ENDED)
        return 6;
    int months = contract_span(t->start, t->end).months;
    *ret_variant = "none_short";
    if (months < 3)
        return 0;
    *ret_variant = "limit";
    return months < 12 ? 1 : months < 36 ? 2 : 6;
}

static bool exceeds(struct contract_span span, int months)
{
    return span.months > months || (span.months == months && span.days > 0);
}

LAW_CHECK(law_check_probation_limit)
{
    const struct contract_term *t = &c->d->term;
    const char *variant;
    struct contract_span agreed = contract_span(t->probation_start, t->probation_end);
    bool fixed = t->kind != CONTRACT_TERM_OPEN_ENDED && t->kind != CONTRACT_TERM_TASK;
    if (!law_has_probation(c->d) ||
        (fixed && c->kind != CONTRACT_KIND_PART_TIME && (!date_is_set(t->start) || !date_is_set(t->end))))
        return;
    int limit = probation_limit(c, &variant);
    if (exceeds(agreed, limit))
        law_find(c, variant, "/term/probation_start /term/probation_end /term/start /term/end",
                 {"agreed", law_say_span(c, agreed)}, {"limit", law_say_int(c, limit)},
                 {"term", law_say_span(c, contract_span(t->start, t->end))});
}

static bool same_employer(const struct law_ctx *c, const struct contract_prior *p)
{
    return law_is_blank(p->employer_name) || sv_eq(p->employer_name, c->d->employer.name);
}

LAW_CHECK(law_check_probation_once)
{
    const struct contract_term *t = &c->d->term;
    const struct contract_history *h = &c->d->history;
    if (!law_has_probation(c->d))
        return;
    for (size_t i = 0; i < h->contracts_n; i++) {
        if (h->contracts[i].had_probation && same_employer(c, &h->contracts[i])) {
            char field[96];
            (void)snprintf(field, sizeof field, "/term/probation_start /history/contracts/%zu/had_probation", i);
            law_find(c, "again", field, {"start", law_say_date(c, h->contracts[i].start)});
            break;
        }
    }
    if ((date_is_set(t->start) && date_is_set(t->probation_start) && date_cmp(t->probation_start, t->start) < 0) ||
        (date_is_set(t->end) && date_is_set(t->probation_end) && date_cmp(t->probation_end, t->end) > 0))
        law_find(c, "outside", "/term/probation_start /term/probation_end /term/start /term/end");
    else if (date_is_set(t->end) && date_cmp(t->probation_start, t->start) == 0 &&
             date_cmp(t->probation_end, t->end) == 0)
        law_find(c, "only", "/term/probation_end /term/end");
}

/* ---- what went before ---- */

/* 劳动合同法 97: terms are counted from those concluded after 2008-01-01. What lies before a break of service does not
 * count. */
static bool counts(const struct law_ctx *c, const struct contract_prior *p)
{
    const struct date law = {2008, 1, 1}, since = c->d->history.service_since;
    return p->kind == CONTRACT_TERM_FIXED && (!date_is_set(p->start) || date_cmp(p->start, law) >= 0) &&
           (!date_is_set(since) || !date_is_set(p->end) || date_cmp(p->end, since) >= 0);
}

static size_t fixed_terms(const struct law_ctx *c, bool with_group)
{
    const struct contract_history *h = &c->d->history;
    size_t n = 0;
    for (size_t i = 0; i < h->contracts_n; i++)
        n += counts(c, &h->contracts[i]) && (with_group || same_employer(c, &h->contracts[i]));
    return n;
}

static bool fixed_although_asked(const struct law_ctx *c)
{
    return c->d->term.kind == CONTRACT_TERM_FIXED && !c->d->history.worker_asked_fixed_term;
}

LAW_CHECK(law_check_open_ended_due)
{
    const struct contract_history *h = &c->d->history;
    size_t before = fixed_terms(c, false);
    if (!fixed_although_asked(c))
        return;
    if (c->d->header.fixed_term_sequence > 2 && before < 2)
        before = (size_t)c->d->header.fixed_term_sequence - 1;
    if (before >= 2)
        law_find(c, "two_terms", "/term/kind /history/contracts /header/fixed_term_sequence",
                 {"n", law_say_int(c, (int64_t)before)});
    if (date_is_set(h->service_since) && date_cmp(date_add_months(h->service_since, 120), c->sign_date) <= 0)
        law_find(c, "ten_years", "/term/kind /history/service_since", {"since", law_say_date(c, h->service_since)});
}

LAW_CHECK(law_check_group_terms)
{
    if (fixed_although_asked(c) && fixed_terms(c, false) < 2 && c->d->header.fixed_term_sequence <= 2 &&
        fixed_terms(c, true) >= 2)
        law_find(c, "group", "/term/kind /history/contracts", {"n", law_say_int(c, (int64_t)fixed_terms(c, true))});
}

LAW_CHECK(law_check_stayed_on)
{
    const struct contract_history *h = &c->d->history;
    struct date last = {0};
    for (size_t i = 0; i < h->contracts_n; i++) {
        struct date end = h->contracts[i].end;
        if (same_employer(c, &h->contracts[i]) && date_is_set(end) && (!date_is_set(last) || date_cmp(end, last) > 0))
            last = end;
    }
    if (!date_is_set(last) || !date_is_set(h->service_since) || date_cmp(h->service_since, last) > 0)
        return; /* not known to have stayed without a break */
    if (date_cmp(c->sign_date, date_add_months(last, 1)) > 0)
        law_find(c, "late", "/history/contracts /header/sign_date", {"last", law_say_date(c, last)},
                 {"sign", law_say_date(c, c->sign_date)});
}

/* ---- dispatch ---- */

LAW_CHECK(law_check_dispatch_term)
{
    const struct contract_term *t = &c->d->term;
    if (t->kind && t->kind != CONTRACT_TERM_FIXED)
        law_find(c, "kind", "/term/kind");
    else if (date_is_set(t->start) && date_is_set(t->end) && contract_span(t->start, t->end).months < 24)
        law_find(c, "short", "/term/start /term/end", {"term", law_say_span(c, contract_span(t->start, t->end))});
}

LAW_CHECK(law_check_dispatch_post)
{
    const struct contract_dispatch *p = &c->d->dispatch;
    struct contract_span span = contract_span(p->period_start, p->period_end);
    if (!p->post_kind)
        law_find_as(c, LAW_WARN, "unsaid", "/dispatch/post_kind");
    else if (p->post_kind == CONTRACT_DISPATCH_POST_TEMPORARY && exceeds(span, 6))
        law_find(c, "temporary", "/dispatch/post_kind /dispatch/period_start /dispatch/period_end",
                 {"span", law_say_span(c, span)});
}

LAW_CHECK(law_check_dispatch_units)
{
    const struct contract_data *d = c->d;
    bool same = says(d->dispatch.user_unit_name) && sv_eq(d->dispatch.user_unit_name, d->employer.name);
    if (same || (says(d->dispatch.user_unit_uscc) && sv_eq(d->dispatch.user_unit_uscc, d->employer.uscc)))
        law_find(c, "self", "/dispatch/user_unit_name /employer/name");
    if (!says(d->dispatch.permit_no))
        law_find_as(c, LAW_WARN, "permit", "/dispatch/permit_no");
}
