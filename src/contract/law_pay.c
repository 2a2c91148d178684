/* Pay, minimum wage, probation pay, social insurance, hours and overtime. */
#include "contract/law_rules_priv.h"

/* ---- what counts towards the minimum wage ---- */

/* 21.75 paid days and 174 hours a month (劳社部发〔2008〕3号), 52 weeks a year. */
int64_t law_month_fen(const struct law_ctx *c, int64_t fen)
{
    switch (c->d->pay.unit) {
    case CONTRACT_PAY_PER_HOUR:
        return fen * 174;
    case CONTRACT_PAY_PER_DAY:
        return fen * 87 / 4;
    case CONTRACT_PAY_PER_WEEK:
        return fen * 13 / 3;
    case CONTRACT_PAY_PER_NONE:
    case CONTRACT_PAY_PER_MONTH:
    case CONTRACT_PAY_PER__COUNT:
        break;
    }
    return fen;
}

/* 最低工资规定 12: overtime pay, allowances for night, heat and hazards, and benefits stay out. */
static int64_t not_counted(const struct contract_pay *p)
{
    int64_t fen = 0;
    for (size_t i = 0; i < p->composition_n; i++) {
        if (p->composition[i].kind >= CONTRACT_PAY_ITEM_OVERTIME)
            fen += p->composition[i].amount_fen;
    }
    return fen;
}

static int64_t countable(const struct contract_pay *p)
{
    int64_t out = not_counted(p);
    return out > p->amount_fen ? 0 : p->amount_fen - out;
}

#define WAGE_FIELDS "/pay/amount_fen /pay/composition /employer/performance_area"

static struct sv place_of(struct law_ctx *c)
{
    struct sv area = c->d->employer.performance_area, name = law_area_name(c->law, area);
    return name.n ? name : area;
}

LAW_CHECK(law_check_minimum_wage)
{
    const struct contract_pay *p = &c->d->pay;
    int64_t fen = law_month_fen(c, countable(p));
    if (!c->has_minimum || p->amount_fen == 0)
        return; /* W02, C12 */
    struct sv least = law_say_yuan(c, c->minimum.monthly_fen);
    const char *variant = not_counted(p) ? "below_without_extras" : "below";
    if (fen < c->minimum.monthly_fen)
        law_find(c, variant, WAGE_FIELDS, {"wage", law_say_yuan(c, fen)}, {"least", least}, {"place", place_of(c)},
                 {"from", law_say_date(c, c->minimum.from)}, {"source", c->minimum.source});
}

/* Only the hour has a minimum of its own for part-time work. */
LAW_CHECK(law_check_minimum_hourly)
{
    const struct contract_pay *p = &c->d->pay;
    if (!c->has_minimum || p->amount_fen == 0)
        return;
    if (p->unit != CONTRACT_PAY_PER_HOUR) {
        law_find_as(c, LAW_WARN, "not_hourly", "/pay/unit");
        return;
    }
    if (countable(p) < c->minimum.hourly_fen)
        law_find(c, "below_hourly", WAGE_FIELDS, {"wage", law_say_yuan(c, countable(p))},
                 {"least", law_say_yuan(c, c->minimum.hourly_fen)}, {"place", place_of(c)},
                 {"from", law_say_date(c, c->minimum.from)}, {"source", c->minimum.source});
}

LAW_CHECK(law_check_wage_known)
{
    struct sv area = c->d->employer.performance_area;
    if (law_is_blank(area))
        law_find(c, "no_area", "/employer/performance_area");
    else if (!c->has_minimum)
        law_find(c, "unknown", "/employer/performance_area", {"area", place_of(c)}, {"day", law_say_date(c, c->at)});
}

/* Worth a word only where it could matter: within a fifth of a figure that nobody has read in the notice. */
LAW_CHECK(law_check_wage_confirmed)
{
    int64_t fen = law_month_fen(c, countable(&c->d->pay)), least = c->minimum.monthly_fen;
    if (c->kind == CONTRACT_KIND_PART_TIME) {
        fen = countable(&c->d->pay);
        least = c->minimum.hourly_fen;
    }
    if (c->has_minimum && !c->minimum.confirmed && fen >= least && fen * 5 < least * 6)
        law_find(c, "unconfirmed", "/employer/performance_area", {"least", law_say_yuan(c, least)},
                 {"source", c->minimum.source});
}

LAW_CHECK(law_check_place_standard)
{
    const struct contract_employer *m = &c->d->employer;
    struct law_minimum_wage home;
    if (!c->has_minimum || law_is_blank(m->registered_area) ||
        !law_minimum_wage(c->law, m->registered_area, c->at, &home))
        return;
    if (home.monthly_fen != c->minimum.monthly_fen)
        law_find(c, "differs", "/employer/performance_area /employer/registered_area", {"place", place_of(c)},
                 {"here", law_say_yuan(c, c->minimum.monthly_fen)}, {"home", law_say_yuan(c, home.monthly_fen)});
}

#define PROBATION_PAY "/pay/probation_amount_fen /pay/amount_fen"

LAW_CHECK(law_check_probation_pay)
{
    const struct contract_pay *p = &c->d->pay;
    int64_t pay = p->probation_amount_fen, month = law_month_fen(c, pay);
    if (!law_has_probation(c->d))
        return;
    if (pay == 0) {
        law_find_as(c, LAW_WARN, "unsaid", PROBATION_PAY);
        return;
    }
    /* Rounded up to the fen: four fifths of 3333.33 is 2666.67. */
    int64_t least = (p->amount_fen * 4 + 4) / 5;
    if (pay < least)
        law_find(c, "share", PROBATION_PAY, {"pay", law_say_yuan(c, pay)}, {"wage", law_say_yuan(c, p->amount_fen)},
                 {"least", law_say_yuan(c, least)});
    if (c->has_minimum && month < c->minimum.monthly_fen)
        law_find(c, "minimum", PROBATION_PAY " /employer/performance_area", {"pay", law_say_yuan(c, month)},
                 {"least", law_say_yuan(c, c->minimum.monthly_fen)}, {"place", place_of(c)},
                 {"from", law_say_date(c, c->minimum.from)}, {"source", c->minimum.source});
}

/* ---- how wages are paid ---- */

LAW_CHECK(law_check_pay_cycle)
{
    enum contract_pay_cycle cycle = c->d->pay.cycle;
    if (cycle == CONTRACT_PAY_CYCLE_QUARTER || cycle == CONTRACT_PAY_CYCLE_YEAR)
        law_find(c, "long", "/pay/cycle", {"cycle", law_say_word(c, &contract_enum_pay_cycle, (int)cycle)});
}

LAW_CHECK(law_check_part_time_cycle)
{
    enum contract_pay_cycle cycle = c->d->pay.cycle;
    if (cycle == CONTRACT_PAY_CYCLE_MONTH || cycle == CONTRACT_PAY_CYCLE_QUARTER || cycle == CONTRACT_PAY_CYCLE_YEAR)
        law_find(c, "long", "/pay/cycle", {"cycle", law_say_word(c, &contract_enum_pay_cycle, (int)cycle)});
}

LAW_CHECK(law_check_pay_in_kind)
{
    if (c->d->pay.method == CONTRACT_PAY_BY_IN_KIND)
        law_find(c, "in_kind", "/pay/method");
}

LAW_CHECK(law_check_pay_day)
{
    if (c->d->pay.pay_day == 0)
        law_find(c, "unsaid", "/pay/pay_day");
}

LAW_CHECK(law_check_overtime_pay)
{
    const struct contract_pay *p = &c->d->pay;
    if (p->includes_overtime)
        law_find(c, "included", "/pay/includes_overtime");
    if (p->overtime_base_fen && p->overtime_base_fen < p->amount_fen)
        law_find(c, "base", "/pay/overtime_base_fen /pay/amount_fen", {"base", law_say_yuan(c, p->overtime_base_fen)},
                 {"wage", law_say_yuan(c, p->amount_fen)});
}

LAW_CHECK(law_check_composition)
{
    const struct contract_pay *p = &c->d->pay;
    int64_t sum = 0;
    for (size_t i = 0; i < p->composition_n; i++)
        sum += p->composition[i].amount_fen;
    if (p->composition_n && p->amount_fen && sum != p->amount_fen)
        law_find(c, "sum", "/pay/composition /pay/amount_fen", {"sum", law_say_yuan(c, sum)},
                 {"wage", law_say_yuan(c, p->amount_fen)});
}

LAW_CHECK(law_check_piece_rate)
{
    const struct contract_pay *p = &c->d->pay;
    if (p->mode == CONTRACT_PAY_MODE_PIECE && law_is_blank(p->piece_rate))
        law_find(c, "unsaid", "/pay/piece_rate");
}

/* ---- social insurance ---- */

LAW_CHECK(law_check_insurance_waiver)
{
    if (c->d->insurance.waived)
        law_find(c, "waived", "/insurance/waived");
}

LAW_CHECK(law_check_schemes)
{
    static const char *const needed[] = {"pension", "medical", "unemployment", "work_injury"};
    const struct contract_insurance *s = &c->d->insurance;
    if (s->schemes_n == 0 || c->d->worker.receives_pension)
        return;
    for (size_t i = 0; i < COUNT(needed); i++) {
        struct sv key = arena_printf(c->a, "contract.scheme.%s", needed[i]);
        if (!law_list_has(s->schemes, s->schemes_n, needed[i]))
            law_find(c, "missing", "/insurance/schemes", {"scheme", text_get(c->lang, key)});
    }
}

LAW_CHECK(law_check_insurance_start)
{
    struct sv month = c->d->insurance.start_month;
    struct date first;
    if (law_is_blank(month))
        return;
    if (month.n != 7 || !date_parse(arena_printf(c->a, "%.*s-01", SV_ARG(month)), &first))
        law_find(c, "form", "/insurance/start_month");
    else if (date_is_set(c->first_day) && date_cmp(first, date_add_days(c->first_day, 30)) > 0)
        law_find(c, "late", "/insurance/start_month /term/first_work_day", {"month", month},
                 {"due", law_say_date(c, date_add_days(c->first_day, 30))});
}

LAW_CHECK(law_check_insurance_base)
{
    const struct contract_data *d = c->d;
    int64_t wage = law_month_fen(c, d->pay.amount_fen);
    if (d->insurance.base_fen && d->insurance.base_fen < wage)
        law_find(c, "low", "/insurance/base_fen /pay/amount_fen", {"base", law_say_yuan(c, d->insurance.base_fen)},
                 {"wage", law_say_yuan(c, wage)});
}

/* ---- hours ---- */

LAW_CHECK(law_check_standard_hours)
{
    const struct contract_hours *h = &c->d->hours;
    if (h->system != CONTRACT_HOURS_STANDARD)
        return;
    if (h->daily_minutes > 8 * 60)
        law_find(c, "day", "/hours/daily_minutes", {"hours", law_say_hours(c, h->daily_minutes)});
    if (h->weekly_minutes > 44 * 60)
        law_find(c, "week", "/hours/weekly_minutes", {"hours", law_say_hours(c, h->weekly_minutes)});
    else if (h->weekly_minutes > 40 * 60)
        law_find_as(c, LAW_WARN, "forty", "/hours/weekly_minutes", {"hours", law_say_hours(c, h->weekly_minutes)});
}

LAW_CHECK(law_check_hours_said)
{
    const struct contract_hours *h = &c->d->hours;
    int64_t week = h->daily_minutes * h->work_days_per_week;
    if (h->system == CONTRACT_HOURS_STANDARD && !h->daily_minutes && !h->weekly_minutes)
        law_find(c, "unsaid", "/hours/daily_minutes /hours/weekly_minutes");
    if (h->weekly_minutes && week && h->system == CONTRACT_HOURS_STANDARD && week != h->weekly_minutes)
        law_find(c, "differ", "/hours/daily_minutes /hours/work_days_per_week /hours/weekly_minutes",
                 {"day", law_say_hours(c, h->daily_minutes)}, {"days", law_say_int(c, h->work_days_per_week)},
                 {"product", law_say_hours(c, week)}, {"week", law_say_hours(c, h->weekly_minutes)});
}

LAW_CHECK(law_check_rest_day)
{
    if (c->d->hours.work_days_per_week == 7 && c->d->hours.system != CONTRACT_HOURS_IRREGULAR)
        law_find(c, "none", "/hours/work_days_per_week");
}

LAW_CHECK(law_check_overtime_hours)
{
    const struct contract_hours *h = &c->d->hours;
    if (h->overtime_daily_minutes > 3 * 60)
        law_find(c, "day", "/hours/overtime_daily_minutes", {"hours", law_say_hours(c, h->overtime_daily_minutes)});
    else if (h->overtime_daily_minutes > 60)
        law_find_as(c, LAW_WARN, "special", "/hours/overtime_daily_minutes",
                    {"hours", law_say_hours(c, h->overtime_daily_minutes)});
    if (h->overtime_monthly_minutes > 36 * 60)
        law_find(c, "month", "/hours/overtime_monthly_minutes",
                 {"hours", law_say_hours(c, h->overtime_monthly_minutes)});
}

LAW_CHECK(law_check_special_hours)
{
    const struct contract_hours *h = &c->d->hours;
    if (h->system != CONTRACT_HOURS_COMPREHENSIVE && h->system != CONTRACT_HOURS_IRREGULAR)
        return;
    struct sv system = law_say_word(c, &contract_enum_hours_system, (int)h->system);
    if (law_is_blank(h->approval_no))
        law_find(c, "approval", "/hours/approval_no /hours/system", {"system", system});
    if (date_is_set(h->approval_until) && date_is_set(c->first_day) && date_cmp(h->approval_until, c->first_day) < 0)
        law_find(c, "expired", "/hours/approval_until", {"until", law_say_date(c, h->approval_until)});
    else if (date_is_set(h->approval_until) && date_is_set(c->d->term.end) &&
             date_cmp(h->approval_until, c->d->term.end) < 0)
        law_find_as(c, LAW_INFO, "ends_before", "/hours/approval_until /term/end",
                    {"until", law_say_date(c, h->approval_until)});
    if (h->system == CONTRACT_HOURS_COMPREHENSIVE && !h->cycle)
        law_find_as(c, LAW_WARN, "cycle", "/hours/cycle");
    if (h->system == CONTRACT_HOURS_COMPREHENSIVE && h->weekly_minutes > 40 * 60)
        law_find_as(c, LAW_WARN, "average", "/hours/weekly_minutes", {"hours", law_say_hours(c, h->weekly_minutes)});
}

LAW_CHECK(law_check_part_time_hours)
{
    const struct contract_hours *h = &c->d->hours;
    if (h->daily_minutes > 4 * 60)
        law_find(c, "day", "/hours/daily_minutes", {"hours", law_say_hours(c, h->daily_minutes)});
    if (h->weekly_minutes > 24 * 60)
        law_find(c, "week", "/hours/weekly_minutes", {"hours", law_say_hours(c, h->weekly_minutes)});
}
