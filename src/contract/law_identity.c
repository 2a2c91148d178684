/* Who the parties are: identifiers, ages, foreigners, branches. */
#include <stdio.h>

#include "contract/law_rules_priv.h"

/* I01: a wrong digit here means a contract with nobody. */
LAW_CHECK(law_check_id_number)
{
    const struct contract_worker *w = &c->d->worker;
    enum idnum_fault fault = IDNUM_OK;
    if (law_is_blank(w->id_number))
        return; /* C12 says that it is missing */
    switch (w->id_type) {
    case CONTRACT_ID_NONE:
    case CONTRACT_ID_RESIDENT_ID:
        fault = idnum_resident(w->id_number, NULL);
        break;
    case CONTRACT_ID_HMT_RESIDENCE:
        fault = idnum_hmt_residence(w->id_number, NULL);
        break;
    case CONTRACT_ID_FOREIGN_PR:
        fault = idnum_foreign_pr(w->id_number, NULL);
        break;
    case CONTRACT_ID_PASSPORT:
        fault = idnum_passport(w->id_number);
        break;
    case CONTRACT_ID_HM_PERMIT:
        fault = idnum_hm_permit(w->id_number);
        break;
    case CONTRACT_ID_TW_PERMIT:
        fault = idnum_tw_permit(w->id_number);
        break;
    case CONTRACT_ID_OTHER:
    case CONTRACT_ID__COUNT:
        return;
    }
    if (fault != IDNUM_OK)
        law_find(c, idnum_fault_name(fault), "/worker/id_number");
}

LAW_CHECK(law_check_birth_date)
{
    const struct contract_worker *w = &c->d->worker;
    if (date_is_set(w->birth_date) && date_cmp(c->birth, w->birth_date) != 0)
        law_find(c, "differs", "/worker/birth_date /worker/id_number", {"number", law_say_date(c, c->birth)},
                 {"said", law_say_date(c, w->birth_date)});
}

LAW_CHECK(law_check_sex)
{
    const struct contract_worker *w = &c->d->worker;
    if (w->sex && c->sex != w->sex)
        law_find(c, "differs", "/worker/sex /worker/id_number",
                 {"number", law_say_word(c, &contract_enum_sex, (int)c->sex)},
                 {"said", law_say_word(c, &contract_enum_sex, (int)w->sex)});
}

static void check_uscc(struct law_ctx *c, struct sv code, const char *field)
{
    enum idnum_fault fault = law_is_blank(code) ? IDNUM_OK : idnum_uscc(code);
    if (fault != IDNUM_OK)
        law_find(c, idnum_fault_name(fault), field, {"code", code});
}

LAW_CHECK(law_check_uscc)
{
    check_uscc(c, c->d->employer.uscc, "/employer/uscc");
    check_uscc(c, c->d->dispatch.user_unit_uscc, "/dispatch/user_unit_uscc");
}

static void check_phone(struct law_ctx *c, struct sv phone, const char *field)
{
    if (!law_is_blank(phone) && !idnum_is_phone(phone))
        law_find(c, "form", field);
}

LAW_CHECK(law_check_phones)
{
    const struct contract_data *d = c->d;
    check_phone(c, d->employer.contact_phone, "/employer/contact_phone");
    check_phone(c, d->worker.emergency_phone, "/worker/emergency_phone");
    if (!law_is_blank(d->worker.phone) && !idnum_is_mobile(d->worker.phone))
        law_find(c, "mobile", "/worker/phone");
}

static void check_area(struct law_ctx *c, struct sv area, const char *field)
{
    uint64_t digits;
    if (!law_is_blank(area) && !(area.n == 6 && sv_u64(area, 999999, &digits)))
        law_find(c, "form", field, {"area", area});
}

LAW_CHECK(law_check_areas)
{
    check_area(c, c->d->employer.registered_area, "/employer/registered_area");
    check_area(c, c->d->employer.performance_area, "/employer/performance_area");
}

LAW_CHECK(law_check_bank_account)
{
    struct sv account = c->d->pay.bank_account;
    if (!law_is_blank(account) && !idnum_is_bank_card(account))
        law_find(c, "form", "/pay/bank_account");
}

/* ---- age ---- */

#define AGE_FIELDS "/worker/birth_date /worker/id_number /term/first_work_day"

static bool age_known(const struct law_ctx *c, int *ret)
{
    struct date on = date_is_set(c->first_day) ? c->first_day : c->at;
    if (!date_is_set(c->birth))
        return false;
    *ret = date_cmp(c->birth, on) > 0 ? -1 : date_full_years(c->birth, on);
    return true;
}

LAW_CHECK(law_check_minimum_age)
{
    int age;
    if (!age_known(c, &age)) {
        if (!law_is_blank(c->d->worker.id_number) && c->d->worker.id_type >= CONTRACT_ID_PASSPORT)
            law_find_as(c, LAW_WARN, "unknown", "/worker/birth_date"); /* other documents: I01 has spoken */
        return;
    }
    if (age < 0)
        law_find(c, "unborn", AGE_FIELDS, {"birth", law_say_date(c, c->birth)});
    else if (age < 16)
        law_find(c, "child", AGE_FIELDS, {"age", law_say_int(c, age)},
                 {"day", law_say_date(c, date_add_months(c->birth, 16 * 12))});
}

static bool is_minor(const struct law_ctx *c)
{
    int age;
    return age_known(c, &age) && age >= 16 && age < 18;
}

LAW_CHECK(law_check_minor)
{
    if (!is_minor(c))
        return;
    struct sv day = law_say_date(c, date_add_months(c->birth, 18 * 12));
    law_find(c, "care", AGE_FIELDS, {"day", day});
    if (!c->d->worker.minor_registered)
        law_find(c, "unregistered", "/worker/minor_registered");
}

/* 劳动法 64: mines, toxic work, fourth-degree physical labour and other forbidden work. */
LAW_CHECK(law_check_minor_hazards)
{
    static const char *const forbidden[] = {"mine", "toxic", "level_4_labour", "radiation", "height"};
    const struct contract_protection *p = &c->d->protection;
    if (!is_minor(c))
        return;
    for (size_t i = 0; i < COUNT(forbidden); i++) {
        if (law_list_has(p->hazards, p->hazards_n, forbidden[i])) {
            struct sv key = arena_printf(c->a, "contract.hazard.%s", forbidden[i]);
            law_find(c, "forbidden", "/protection/hazards /worker/birth_date", {"hazard", text_get(c->lang, key)});
        }
    }
}

/* The end of the term, or the first day when it has none. */
static void report_retirement(struct law_ctx *c, enum contract_retirement group, enum law_severity reached)
{
    struct date day;
    const char *fields = "/worker/birth_date /worker/retirement /term/end";
    if (!date_is_set(c->first_day) || !law_retirement(c->law, group, c->birth, &day))
        return;
    struct sv who = law_say_word(c, &contract_enum_retirement, (int)group);
    if (date_cmp(day, c->first_day) <= 0)
        law_find_as(c, reached, "reached", fields, {"who", who}, {"day", law_say_date(c, day)});
    else if (date_is_set(c->d->term.end) && date_cmp(day, c->d->term.end) <= 0)
        law_find_as(c, LAW_INFO, "within", fields, {"who", who}, {"day", law_say_date(c, day)});
}

LAW_CHECK(law_check_retirement)
{
    enum contract_retirement group = c->d->worker.retirement;
    struct date day;
    if (!date_is_set(c->birth))
        return;
    if (c->d->worker.receives_pension)
        law_find(c, "pension", "/worker/receives_pension");
    if (group == CONTRACT_RETIREMENT_NONE && c->sex == CONTRACT_SEX_MALE)
        group = CONTRACT_RETIREMENT_MEN_60;
    if (group) {
        report_retirement(c, group, LAW_WARN);
        return;
    }
    if (c->sex != CONTRACT_SEX_FEMALE || !date_is_set(c->first_day))
        return;
    /* Whether 50 or 55 counts is not said: the later day decides when it has passed, else the earlier is worth a word.
     */
    if (law_retirement(c->law, CONTRACT_RETIREMENT_WOMEN_55, c->birth, &day) && date_cmp(day, c->first_day) <= 0)
        report_retirement(c, CONTRACT_RETIREMENT_WOMEN_55, LAW_WARN);
    else
        report_retirement(c, CONTRACT_RETIREMENT_WOMEN_50, LAW_INFO);
}

/* ---- foreigners, branches ---- */

LAW_CHECK(law_check_foreigner)
{
    const struct contract_worker *w = &c->d->worker;
    bool foreign = !law_is_blank(w->nationality) && !sv_eq_ci(w->nationality, SV("CHN"));
    bool exempt = w->id_type == CONTRACT_ID_FOREIGN_PR || w->id_type == CONTRACT_ID_HMT_RESIDENCE ||
                  w->id_type == CONTRACT_ID_HM_PERMIT || w->id_type == CONTRACT_ID_TW_PERMIT;
    if (foreign && !exempt && law_is_blank(w->work_permit_no))
        law_find(c, "permit", "/worker/work_permit_no /worker/nationality");
}

LAW_CHECK(law_check_branch)
{
    const struct contract_employer *m = &c->d->employer;
    if (m->branch && !m->branch_licensed && law_is_blank(m->parent_authorization))
        law_find(c, "unauthorised", "/employer/branch_licensed /employer/parent_authorization");
}
