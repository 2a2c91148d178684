/* The rules: each variant of each rule with a contract on which it speaks, and at least one near miss on which it is
 * silent. Cases change the lawful contract of schemas/contract.example.json. */
#include <stdlib.h>
#include <string.h>

#include "contract/contract_json.h"
#include "contract/law.h"
#include "test.h"

struct fixture {
    struct arena a;
    struct law *law;
    struct contract_data d;
};

static void load(struct fixture *f)
{
    struct err e = ERR_INIT;
    struct sv text;
    arena_init(&f->a, ARENA_REQUEST_LIMIT);
    const char *path = path_join(&f->a, getenv("QYQ_SOURCE_ROOT"), "schemas/contract.example.json");
    ASSERT_OK(law_load(&f->a, NULL, &f->law, &e), e);
    ASSERT_OK(file_read(&f->a, path, CONTRACT_MAX_BYTES, &text, &e), e);
    ASSERT_OK(contract_data_decode(&f->a, text, &f->d, &e), e);
}

static struct law_report report(struct fixture *f, enum text_lang lang)
{
    struct law_report r;
    const struct date today = {2026, 3, 1};
    law_check(&f->a, f->law, &f->d, law_date_of(&f->d, (struct date){0}, today), lang, &r);
    return r;
}

/* The row of the schema that a pointer names; array positions are skipped. */
static bool pointer_exists(struct sv pointer)
{
    const struct json_schema *s = &contract_data_json;
    struct sv rest = sv_skip(pointer, 1);
    while (rest.n) {
        struct sv step = sv_cut(&rest, '/');
        uint64_t index;
        if (sv_u64(step, 1000, &index))
            continue;
        const struct json_field *f = s ? s->fields : NULL;
        while (f && f->kind != JSON_KIND_END && !sv_eq(step, sv_from(f->name)))
            f++;
        if (!f || f->kind == JSON_KIND_END)
            return false;
        s = f->of;
    }
    return pointer.n && pointer.p[0] == '/';
}

static void check_finding(const struct law_finding *x)
{
    ck_assert_msg(sv_find_char(x->message, '{') == SIZE_MAX, "%s: %.*s", x->rule, SV_ARG(x->message));
    ck_assert_msg(!sv_starts(x->message, SV("law.")), "no words: %.*s", SV_ARG(x->message));
    ck_assert(x->fields_n > 0);
    for (size_t i = 0; i < x->fields_n; i++)
        ck_assert_msg(pointer_exists(x->fields[i]), "%s: no field %.*s", x->rule, SV_ARG(x->fields[i]));
}

static void expect(void (*change)(struct contract_data *d), const char *rule, const char *variant, bool want)
{
    for (int lang = 0; lang < TEXT_LANG__N; lang++) {
        struct fixture f;
        bool found = false;
        load(&f);
        change(&f.d);
        struct law_report r = report(&f, (enum text_lang)lang);
        for (size_t i = 0; i < r.findings_n; i++) {
            const struct law_finding *x = &r.findings[i];
            check_finding(x);
            found = found || (strcmp(x->rule, rule) == 0 && (!*variant || sv_eq(x->variant, sv_from(variant))));
        }
        ck_assert_msg(found == want, "%s %s: %s", rule, variant, found ? "reported" : "not reported");
        arena_done(&f.a);
    }
}

struct law_case {
    const char *rule, *variant;
    bool fires;
};
static struct law_case cases[400];
static size_t cases_n;

#define CASE(line, rule_, variant_, want, ...) CASE_(line, rule_, variant_, want, __VA_ARGS__)
#define CASE_(line, rule_, variant_, want, ...)                                                                        \
    static void change_##line(struct contract_data *d)                                                                 \
    {                                                                                                                  \
        __VA_ARGS__;                                                                                                   \
    }                                                                                                                  \
    __attribute__((constructor)) static void note_##line(void)                                                         \
    {                                                                                                                  \
        must(cases_n < COUNT(cases));                                                                                  \
        cases[cases_n++] = (struct law_case){#rule_, #variant_, want};                                                 \
    }                                                                                                                  \
    TEST(law_##rule_##_##variant_##_##line)                                                                            \
    {                                                                                                                  \
        expect(change_##line, #rule_, #variant_, want);                                                                \
    }
#define FIRES(rule, variant, ...) CASE(__LINE__, rule, variant, true, __VA_ARGS__)
/* Silent: the rule as a whole when the variant is left empty. */
#define SILENT(rule, variant, ...) CASE(__LINE__, rule, variant, false, __VA_ARGS__)
#define DAY(y, m, d_)              ((struct date){(y), (m), (d_)})
#define TERM(y1, m1, d1, y2, m2, d2)                                                                                   \
    (d->term.start = d->term.first_work_day = DAY(y1, m1, d1), d->term.end = DAY(y2, m2, d2))
#define PROBATION(y1, m1, d1, y2, m2, d2)                                                                              \
    (d->term.probation_start = DAY(y1, m1, d1), d->term.probation_end = DAY(y2, m2, d2))
#define TEXTS(field, ...)                                                                                              \
    static struct sv list[] = {__VA_ARGS__};                                                                           \
    field = list;                                                                                                      \
    field##_n = COUNT(list)

/* clang-format off */
/* ---- identifiers ---- */
SILENT(I01, , (void)d)
SILENT(I01, , d->worker.id_number = SV("00000019950520001"), d->worker.id_type = CONTRACT_ID_OTHER)
SILENT(I01, , d->worker.id_number = SV("11010519491231002x"), d->worker.birth_date = DAY(1949, 12, 31))
SILENT(I01, , d->worker.id_type = CONTRACT_ID_PASSPORT, d->worker.id_number = SV("E12345678"))
FIRES(I01, check, d->worker.id_number = SV("000000199505200017"))
FIRES(I01, check, d->worker.id_number = SV("110105194912310021"))
FIRES(I01, length, d->worker.id_number = SV("00000019950520001"))
FIRES(I01, character, d->worker.id_number = SV("00000019950520A018"))
FIRES(I01, birth, d->worker.id_number = SV("000000199502300018"))
FIRES(I01, area, d->worker.id_type = CONTRACT_ID_HMT_RESIDENCE)
FIRES(I01, character, d->worker.id_type = CONTRACT_ID_TW_PERMIT, d->worker.id_number = SV("1234567A"))
FIRES(I01, length, d->worker.id_type = CONTRACT_ID_HM_PERMIT, d->worker.id_number = SV("H1234567"))
FIRES(I02, differs, d->worker.birth_date = DAY(1995, 5, 21))
SILENT(I02, , d->worker.birth_date = DAY(0, 0, 0))
FIRES(I03, differs, d->worker.sex = CONTRACT_SEX_FEMALE)
SILENT(I03, , d->worker.sex = CONTRACT_SEX_NONE)
FIRES(I04, check, d->employer.uscc = SV("91000000MA0000001P"))
FIRES(I04, length, d->employer.uscc = SV("91000000MA0000001"))
FIRES(I04, character, d->employer.uscc = SV("91000000MA000000IR"))
FIRES(I04, check, d->dispatch.user_unit_uscc = SV("91440300708461136U"))
SILENT(I04, , d->employer.uscc = SV("9144030071526726XG"))
FIRES(I05, mobile, d->worker.phone = SV("12800000000"))
FIRES(I05, form, d->employer.contact_phone = SV("763-000"))
SILENT(I05, , d->employer.contact_phone = SV("020-00000000"))
FIRES(I06, form, d->pay.bank_account = SV("6222020000000000001"))
SILENT(I06, , d->pay.bank_account = SV("4111111111111111"))

FIRES(I07, form, d->employer.performance_area = SV("4418"))
FIRES(I07, form, d->employer.registered_area = SV("44180x"))
SILENT(I07, , d->employer.registered_area = SV(""))
FIRES(L01, before, d->header.sign_date = DAY(2007, 12, 31))
SILENT(L01, , d->header.sign_date = DAY(2008, 1, 1))

/* ---- age and persons ---- */
FIRES(A01, child, d->worker.id_number = SV("000000201003020015"), d->worker.birth_date = DAY(2010, 3, 2))
SILENT(A01, , d->worker.id_number = SV(""), d->worker.birth_date = DAY(2010, 3, 1)) /* 16 on the first day */
FIRES(A01, child, d->worker.id_number = SV(""), d->worker.birth_date = DAY(2010, 3, 2)) /* a day short */
FIRES(A01, unborn, d->worker.id_number = SV(""), d->worker.birth_date = DAY(2026, 3, 2))
FIRES(A01, unknown, d->worker.id_type = CONTRACT_ID_PASSPORT, d->worker.id_number = SV("E12345678"), d->worker.birth_date = DAY(0, 0, 0))
FIRES(A02, care, d->worker.id_number = SV(""), d->worker.birth_date = DAY(2009, 1, 1))
FIRES(A02, unregistered, d->worker.id_number = SV(""), d->worker.birth_date = DAY(2009, 1, 1))
SILENT(A02, unregistered, d->worker.id_number = SV(""), d->worker.birth_date = DAY(2009, 1, 1), d->worker.minor_registered = true)
SILENT(A02, , d->worker.id_number = SV(""), d->worker.birth_date = DAY(2008, 3, 1)) /* 18 on the first day */
FIRES(A03, forbidden, d->worker.id_number = SV(""); d->worker.birth_date = DAY(2009, 1, 1); TEXTS(d->protection.hazards, SV_INIT("toxic")))
SILENT(A03, , TEXTS(d->protection.hazards, SV_INIT("toxic")))
/* men born 1965-01: 60 and a month, 2025-02; born 1966-03: 15 months later than base, 4 months */
FIRES(A04, reached, d->worker.id_number = SV(""), d->worker.birth_date = DAY(1965, 1, 15))
FIRES(A04, within, d->worker.id_number = SV(""), d->worker.birth_date = DAY(1966, 3, 15))
FIRES(A04, reached, d->worker.id_number = SV(""), d->worker.sex = CONTRACT_SEX_FEMALE, d->worker.birth_date = DAY(1965, 1, 15))
FIRES(A04, within, d->worker.id_number = SV(""), d->worker.sex = CONTRACT_SEX_FEMALE, d->worker.birth_date = DAY(1976, 1, 15))
FIRES(A04, pension, d->worker.receives_pension = true)
SILENT(A04, , d->header.sign_date = DAY(2024, 12, 31), d->worker.id_number = SV(""), d->worker.birth_date = DAY(1950, 1, 1))
SILENT(A04, , (void)d)
FIRES(A05, permit, d->worker.nationality = SV("VNM"), d->worker.id_type = CONTRACT_ID_PASSPORT, d->worker.id_number = SV("C1234567"))
SILENT(A05, , d->worker.nationality = SV("VNM"), d->worker.id_type = CONTRACT_ID_PASSPORT, d->worker.work_permit_no = SV("TEST-1"))
FIRES(C31, unauthorised, d->employer.branch = true)
SILENT(C31, , d->employer.branch = d->employer.branch_licensed = true)
SILENT(C31, , d->employer.branch = true, d->employer.parent_authorization = SV("授权 1 号"))

/* ---- clauses ---- */
FIRES(C07, missing, d->term.kind = CONTRACT_TERM_NONE)
SILENT(C07, , d->header.contract_kind = CONTRACT_KIND_PART_TIME, d->term.kind = CONTRACT_TERM_NONE)
SILENT(C12, , (void)d)
FIRES(C12, employer_name, d->employer.name = SV("  "))
FIRES(C12, employer_domicile, d->employer.domicile = SV("____"))
FIRES(C12, employer_representative, d->employer.legal_representative = SV(""))
FIRES(C12, worker_name, d->worker.name = SV("／"))
FIRES(C12, worker_address, d->worker.current_address = d->worker.household_address = SV(""))
SILENT(C12, worker_address, d->worker.current_address = SV(""))
FIRES(C12, worker_id, d->worker.id_number = SV(""))
FIRES(C12, term_start, d->term.start = DAY(0, 0, 0))
FIRES(C12, term_end, d->term.end = DAY(0, 0, 0))
FIRES(C12, term_task, d->term.kind = CONTRACT_TERM_TASK)
FIRES(C12, work_content, d->work.content = SV(""))
FIRES(C12, work_place, d->work.place = SV("　"))
FIRES(C12, hours_system, d->hours.system = CONTRACT_HOURS_NONE)
FIRES(C12, rest, d->hours.rest_days = SV(""), d->hours.work_days_per_week = 0)
SILENT(C12, rest, d->hours.rest_days = SV(""))
FIRES(C12, pay, d->pay.amount_fen = 0)
SILENT(C12, pay, d->pay.amount_fen = 0, d->pay.mode = CONTRACT_PAY_MODE_PIECE, d->pay.piece_rate = SV("每件 2 元"))
FIRES(C12, insurance, d->insurance.schemes_n = 0)
FIRES(C12, protection, d->protection = (struct contract_protection){0})
FIRES(C12, work_content, d->header.contract_kind = CONTRACT_KIND_PART_TIME, d->work.content = SV(""))
SILENT(C12, , d->header.contract_kind = CONTRACT_KIND_PART_TIME, d->employer.domicile = SV(""))
FIRES(D01, term, d->term.end = DAY(2026, 2, 28))
SILENT(D01, , d->term.end = DAY(2026, 3, 1))
FIRES(D01, probation, PROBATION(2026, 3, 2, 2026, 3, 1))
FIRES(D01, probation_half, d->term.probation_end = DAY(0, 0, 0))
FIRES(D01, dispatch, d->dispatch.period_start = DAY(2026, 3, 2), d->dispatch.period_end = DAY(2026, 3, 1))
FIRES(D02, kind, d->term.kind = CONTRACT_TERM_OPEN_ENDED)
FIRES(D02, open_end, d->header.contract_kind = CONTRACT_KIND_OPEN_ENDED, d->term.kind = CONTRACT_TERM_OPEN_ENDED)
SILENT(D02, , d->header.contract_kind = CONTRACT_KIND_OPEN_ENDED, d->term.kind = CONTRACT_TERM_OPEN_ENDED, d->term.end = DAY(0, 0, 0))
FIRES(D03, mark, d->work.place = SV("清远市____区"))
SILENT(D03, , d->work.place = SV("清远市清城区"))
FIRES(D04, post, d->work.post = SV(""))
SILENT(D04, , (void)d)
FIRES(D05, sum, d->pay.amount_fen = 600001)
SILENT(D05, , d->pay.composition_n = 0)

/* ---- the written form ---- */
FIRES(C01, differs, d->term.first_work_day = DAY(2026, 3, 2))
SILENT(C01, , (void)d)
SILENT(C02, , TERM(2025, 3, 10, 2028, 3, 9), d->header.sign_date = DAY(2025, 4, 9))
FIRES(C02, late, TERM(2025, 3, 10, 2028, 3, 9), d->header.sign_date = DAY(2025, 4, 10))
SILENT(C02, , d->header.predecessor_no = SV("DEMO-1"), d->term.first_work_day = DAY(2020, 3, 1)) /* a renewal in time */
SILENT(C04, , TERM(2025, 3, 10, 2028, 3, 9), d->header.sign_date = DAY(2025, 4, 10))
FIRES(C04, clock, TERM(2025, 3, 10, 2028, 3, 9), d->header.sign_date = DAY(2025, 4, 11))
SILENT(C06, , TERM(2025, 3, 10, 2028, 3, 9), d->header.sign_date = DAY(2026, 3, 9))
FIRES(C06, year, TERM(2025, 3, 10, 2028, 3, 9), d->header.sign_date = DAY(2026, 3, 10))

/* ---- what went before ---- */
static struct contract_prior prior[] = {
        {{0}, CONTRACT_TERM_FIXED, {2020, 3, 1}, {2023, 2, 28}, true},
        {{0}, CONTRACT_TERM_FIXED, {2023, 3, 1}, {2026, 2, 28}, false},
};
static struct contract_prior group[] = {
        {SV_INIT("清远示例集团有限公司"), CONTRACT_TERM_FIXED, {2020, 3, 1}, {2023, 2, 28}, false},
        {{0}, CONTRACT_TERM_FIXED, {2023, 3, 1}, {2026, 2, 28}, false},
};
#define HISTORY(list, count) (d->history.contracts = (list), d->history.contracts_n = (count))
FIRES(C08, two_terms, HISTORY(prior, 2))
SILENT(C08, , HISTORY(prior, 1))
SILENT(C08, , HISTORY(prior, 2), d->history.worker_asked_fixed_term = true)
FIRES(C08, two_terms, d->header.fixed_term_sequence = 3)
SILENT(C08, , d->header.fixed_term_sequence = 2)
SILENT(C08, , HISTORY(prior, 2), d->history.service_since = DAY(2023, 3, 1)) /* a break before the second */
FIRES(C08, ten_years, d->history.service_since = DAY(2016, 2, 24))
SILENT(C08, , d->history.service_since = DAY(2016, 2, 25))
FIRES(C09, group, HISTORY(group, 2))
SILENT(C09, , HISTORY(prior, 2))
SILENT(C09, , HISTORY(group, 2), d->header.sign_date = DAY(2025, 8, 31))
FIRES(C10, late, HISTORY(prior, 1), d->history.service_since = DAY(2020, 3, 1))
SILENT(C10, , HISTORY(prior, 2), d->history.service_since = DAY(2020, 3, 1), d->header.sign_date = DAY(2026, 3, 28))

/* ---- probation: the limits of each term, a day more and a day less ---- */
SILENT(C14, , (void)d)
SILENT(C14, , TERM(2026, 3, 1, 2029, 2, 28), PROBATION(2026, 3, 1, 2026, 8, 31)) /* 3 years: 6 months */
FIRES(C14, limit, TERM(2026, 3, 1, 2029, 2, 28), PROBATION(2026, 3, 1, 2026, 9, 1))
FIRES(C14, limit, TERM(2026, 3, 1, 2029, 2, 27), PROBATION(2026, 3, 1, 2026, 8, 31)) /* a day short of 3 years */
SILENT(C14, , TERM(2026, 3, 1, 2029, 2, 27), PROBATION(2026, 3, 1, 2026, 4, 30))
FIRES(C14, limit, TERM(2026, 3, 1, 2029, 2, 27), PROBATION(2026, 3, 1, 2026, 5, 1))
SILENT(C14, , TERM(2026, 3, 1, 2027, 2, 28), PROBATION(2026, 3, 1, 2026, 4, 30)) /* a year: 2 months */
FIRES(C14, limit, TERM(2026, 3, 1, 2027, 2, 27), PROBATION(2026, 3, 1, 2026, 4, 30)) /* less: 1 month */
SILENT(C14, , TERM(2026, 3, 1, 2027, 2, 27), PROBATION(2026, 3, 1, 2026, 3, 31))
SILENT(C14, , TERM(2026, 3, 1, 2026, 5, 31), PROBATION(2026, 3, 1, 2026, 3, 31)) /* 3 months: 1 month */
FIRES(C14, none_short, TERM(2026, 3, 1, 2026, 5, 30), PROBATION(2026, 3, 1, 2026, 3, 7))
SILENT(C14, , TERM(2024, 2, 29, 2027, 2, 28), PROBATION(2024, 2, 29, 2024, 8, 28)) /* leap day */
FIRES(C14, limit, TERM(2024, 2, 29, 2027, 2, 27), PROBATION(2024, 2, 29, 2024, 8, 28))
SILENT(C14, , TERM(2026, 1, 31, 2026, 12, 30), PROBATION(2026, 1, 31, 2026, 2, 28)) /* a month without a 31st */
FIRES(C14, limit, TERM(2026, 1, 31, 2026, 12, 30), PROBATION(2026, 1, 31, 2026, 3, 1))
FIRES(C14, none_task, d->term.kind = CONTRACT_TERM_TASK)
FIRES(C14, none_part_time, d->header.contract_kind = CONTRACT_KIND_PART_TIME)
FIRES(C14, open_ended, d->term.kind = CONTRACT_TERM_OPEN_ENDED, d->term.probation_end = DAY(2026, 9, 1))
SILENT(C14, , d->term.kind = CONTRACT_TERM_OPEN_ENDED, d->term.probation_end = DAY(2026, 8, 31))
FIRES(C15, again, HISTORY(prior, 1))
SILENT(C15, , HISTORY(group, 1))
SILENT(C15, , HISTORY(prior, 1), d->term.probation_start = d->term.probation_end = DAY(0, 0, 0))
FIRES(C15, outside, d->term.probation_start = DAY(2026, 2, 28))
FIRES(C15, outside, TERM(2026, 3, 1, 2026, 4, 29))
FIRES(C15, only, TERM(2026, 3, 1, 2026, 4, 30))
SILENT(C15, , (void)d)
SILENT(C16, , d->pay.probation_amount_fen = 480000)
FIRES(C16, share, d->pay.probation_amount_fen = 479999)
FIRES(C16, unsaid, d->pay.probation_amount_fen = 0)
FIRES(C16, minimum, d->pay.amount_fen = 200000, d->pay.probation_amount_fen = 174999)
SILENT(C16, , d->pay.amount_fen = 200000, d->pay.probation_amount_fen = 175000)

/* ---- minimum wage ---- */
FIRES(W01, below, d->pay.amount_fen = 174999, d->pay.composition_n = 0)
SILENT(W01, , d->pay.amount_fen = 175000, d->pay.composition_n = 0)
SILENT(W01, , d->pay.amount_fen = 162000, d->pay.composition_n = 0, d->header.sign_date = DAY(2025, 2, 28))
FIRES(W01, below, d->pay.amount_fen = 162000, d->pay.composition_n = 0, d->header.sign_date = DAY(2025, 3, 1))
FIRES(W01, below, d->pay.amount_fen = 249999, d->pay.composition_n = 0, d->employer.performance_area = SV("440106"))
SILENT(W01, , d->pay.amount_fen = 250000, d->pay.composition_n = 0, d->employer.performance_area = SV("440106"))
FIRES(W01, below, d->pay.amount_fen = 251999, d->pay.composition_n = 0, d->employer.performance_area = SV("440305"))
FIRES(W01, below_without_extras, static struct contract_pay_item items[] = {{SV_INIT("加班费"), CONTRACT_PAY_ITEM_OVERTIME, 100000}};
      d->pay.amount_fen = 270000; d->pay.composition = items; d->pay.composition_n = 1)
FIRES(W01, below, d->pay.amount_fen = 1000, d->pay.unit = CONTRACT_PAY_PER_HOUR, d->pay.composition_n = 0)
FIRES(W01, below_hourly, d->header.contract_kind = CONTRACT_KIND_PART_TIME, d->pay.unit = CONTRACT_PAY_PER_HOUR, d->pay.amount_fen = 1739, d->pay.composition_n = 0)
SILENT(W01, , d->header.contract_kind = CONTRACT_KIND_PART_TIME, d->pay.unit = CONTRACT_PAY_PER_HOUR, d->pay.amount_fen = 1740, d->pay.composition_n = 0)
FIRES(W01, not_hourly, d->header.contract_kind = CONTRACT_KIND_PART_TIME)
FIRES(W02, no_area, d->employer.performance_area = SV(""))
FIRES(W02, unknown, d->employer.performance_area = SV("110105"))
FIRES(W02, unknown, d->header.sign_date = DAY(2018, 6, 30))
SILENT(W02, , (void)d)
FIRES(W03, unconfirmed, d->pay.amount_fen = 209999, d->pay.composition_n = 0)
SILENT(W03, , d->pay.amount_fen = 210000, d->pay.composition_n = 0)
FIRES(C30, differs, d->employer.registered_area = SV("440106"))
SILENT(C30, , d->employer.registered_area = SV("441881"))

/* ---- pay, insurance ---- */
FIRES(P01, long, d->pay.cycle = CONTRACT_PAY_CYCLE_QUARTER)
SILENT(P01, , d->pay.cycle = CONTRACT_PAY_CYCLE_WEEK)
FIRES(P02, in_kind, d->pay.method = CONTRACT_PAY_BY_IN_KIND)
SILENT(P02, , d->pay.method = CONTRACT_PAY_BY_CASH)
FIRES(P03, unsaid, d->pay.pay_day = 0)
SILENT(P03, , (void)d)
FIRES(P04, included, d->pay.includes_overtime = true)
FIRES(P04, base, d->pay.overtime_base_fen = 599999)
SILENT(P04, , (void)d)
FIRES(P05, unsaid, d->pay.mode = CONTRACT_PAY_MODE_PIECE)
SILENT(P05, , d->pay.mode = CONTRACT_PAY_MODE_PIECE, d->pay.piece_rate = SV("每件 2 元"))
FIRES(C28, waived, d->insurance.waived = true)
FIRES(C28, waived, d->insurance.waived = true, d->header.sign_date = DAY(2025, 8, 31))
SILENT(C28, , (void)d)
FIRES(S01, missing, TEXTS(d->insurance.schemes, SV_INIT("pension"), SV_INIT("medical"), SV_INIT("unemployment")))
SILENT(S01, , TEXTS(d->insurance.schemes, SV_INIT("pension"), SV_INIT("medical"), SV_INIT("unemployment"), SV_INIT("work_injury")))
FIRES(S02, late, d->insurance.start_month = SV("2026-04"))
FIRES(S02, form, d->insurance.start_month = SV("2026-13"))
SILENT(S02, , (void)d)
FIRES(S03, low, d->insurance.base_fen = 599999)
SILENT(S03, , (void)d)

/* ---- hours ---- */
FIRES(H01, day, d->hours.daily_minutes = 481)
SILENT(H01, , (void)d)
FIRES(H01, week, d->hours.weekly_minutes = 2641)
FIRES(H01, forty, d->hours.weekly_minutes = 2640)
SILENT(H01, , d->hours.weekly_minutes = 2401, d->hours.system = CONTRACT_HOURS_IRREGULAR)
FIRES(H02, unsaid, d->hours.daily_minutes = d->hours.weekly_minutes = 0)
FIRES(H02, differ, d->hours.work_days_per_week = 6)
SILENT(H02, , (void)d)
FIRES(H03, none, d->hours.work_days_per_week = 7)
SILENT(H03, , d->hours.work_days_per_week = 6)
FIRES(H04, day, d->hours.overtime_daily_minutes = 181)
FIRES(H04, special, d->hours.overtime_daily_minutes = 180)
SILENT(H04, , d->hours.overtime_daily_minutes = 60)
FIRES(H04, month, d->hours.overtime_monthly_minutes = 36 * 60 + 1)
SILENT(H04, , d->hours.overtime_monthly_minutes = 36 * 60)
FIRES(H05, approval, d->hours.system = CONTRACT_HOURS_IRREGULAR)
SILENT(H05, , d->hours.system = CONTRACT_HOURS_IRREGULAR, d->hours.approval_no = SV("清人社特〔2026〕1 号（示例）"))
FIRES(H05, expired, d->hours.system = CONTRACT_HOURS_IRREGULAR, d->hours.approval_until = DAY(2026, 2, 28))
FIRES(H05, ends_before, d->hours.system = CONTRACT_HOURS_IRREGULAR, d->hours.approval_until = DAY(2027, 2, 28))
FIRES(H05, cycle, d->hours.system = CONTRACT_HOURS_COMPREHENSIVE)
FIRES(H05, average, d->hours.system = CONTRACT_HOURS_COMPREHENSIVE, d->hours.weekly_minutes = 2401)

/* ---- part-time, dispatch ---- */
#define PART_TIME d->header.contract_kind = CONTRACT_KIND_PART_TIME
FIRES(T01, day, PART_TIME, d->hours.daily_minutes = 241)
FIRES(T01, week, PART_TIME, d->hours.weekly_minutes = 1441)
SILENT(T01, , PART_TIME, d->hours.daily_minutes = 240, d->hours.weekly_minutes = 1440)
FIRES(T02, long, PART_TIME)
SILENT(T02, , PART_TIME, d->pay.cycle = CONTRACT_PAY_CYCLE_HALF_MONTH)
#define DISPATCH                                                                                                       \
    d->header.contract_kind = CONTRACT_KIND_DISPATCH,                                                                  \
    d->dispatch = (struct contract_dispatch){.user_unit_name = SV("清远示例用工有限公司"), .period_start = {2026, 3, 1}, \
                                             .period_end = {2026, 8, 31}, .post = SV("操作工"),                          \
                                             .post_kind = CONTRACT_DISPATCH_POST_TEMPORARY, .permit_no = SV("TEST-1")}
SILENT(C13, , DISPATCH)
FIRES(C13, user_unit, DISPATCH, d->dispatch.user_unit_name = SV(""))
FIRES(C13, period, DISPATCH, d->dispatch.period_end = DAY(0, 0, 0))
FIRES(C13, post, DISPATCH, d->dispatch.post = SV(""))
SILENT(X01, , DISPATCH, TERM(2026, 3, 1, 2028, 2, 29))
FIRES(X01, short, DISPATCH, TERM(2026, 3, 1, 2028, 2, 28))
FIRES(X01, kind, DISPATCH, d->term.kind = CONTRACT_TERM_OPEN_ENDED)
SILENT(X02, , DISPATCH)
FIRES(X02, temporary, DISPATCH, d->dispatch.period_end = DAY(2026, 9, 1))
FIRES(X02, unsaid, DISPATCH, d->dispatch.post_kind = CONTRACT_DISPATCH_POST_NONE)
SILENT(X03, , DISPATCH)
FIRES(X03, self, DISPATCH, d->dispatch.user_unit_name = d->employer.name)
FIRES(X03, permit, DISPATCH, d->dispatch.permit_no = SV(""))

/* ---- what is agreed besides ---- */
FIRES(C19, deposit, d->optional.deposit_fen = 1)
FIRES(C19, documents, d->optional.documents_held = true)
SILENT(C19, , (void)d)
#define PENALTY(ground_)                                                                                               \
    static struct contract_penalty list[] = {{.ground = (ground_), .text = SV_INIT("示例"), .amount_fen = 100000}};    \
    d->optional.penalties = list;                                                                                      \
    d->optional.penalties_n = 1
FIRES(C20, ground, PENALTY(CONTRACT_PENALTY_OTHER))
SILENT(C20, , PENALTY(CONTRACT_PENALTY_CONFIDENTIALITY))
#define TRAINING(cost, penalty) d->optional.training = (struct contract_training){{0}, (cost), 24, (penalty)}
FIRES(C21, no_cost, TRAINING(0, 0))
FIRES(C21, penalty, TRAINING(1000000, 1000001))
SILENT(C21, , TRAINING(1000000, 1000000))
#define NON_COMPETE(months_, pay, penalty)                                                                             \
    d->optional.non_compete = (struct contract_non_compete){.months = (months_), .compensation_fen = (pay),            \
                                                            .penalty_fen = (penalty),                                  \
                                                            .role = CONTRACT_SECRET_ROLE_SENIOR_TECHNICIAN}
FIRES(C23, role, NON_COMPETE(24, 300000, 0), d->optional.non_compete.role = CONTRACT_SECRET_ROLE_OTHER)
SILENT(C23, , NON_COMPETE(24, 300000, 0))
SILENT(C24, , NON_COMPETE(24, 300000, 0))
FIRES(C24, long, NON_COMPETE(25, 300000, 0))
FIRES(C24, no_term, NON_COMPETE(0, 300000, 0))
FIRES(C24, unpaid, NON_COMPETE(24, 0, 0))
FIRES(C24, share, NON_COMPETE(12, 179999, 0))
SILENT(C24, , NON_COMPETE(12, 180000, 0))
FIRES(C24, minimum, NON_COMPETE(12, 174999, 0))
FIRES(C25, half, NON_COMPETE(13, 299999, 0))
SILENT(C25, , NON_COMPETE(12, 299999, 0))
FIRES(C25, penalty, NON_COMPETE(10, 300000, 15000001))
SILENT(C25, , NON_COMPETE(10, 300000, 15000000))
SILENT(C25, , NON_COMPETE(13, 299999, 0), d->header.sign_date = DAY(2025, 9, 11))
FIRES(C27, extra, TEXTS(d->optional.termination_conditions, SV_INIT("连续两月未完成销售任务")))
SILENT(C27, , (void)d)
FIRES(V01, waived, d->disputes.arbitration_waived = true)
SILENT(V01, , (void)d)
FIRES(N01, untold, d->protection.hazards_disclosed = false)
SILENT(N01, , TEXTS(d->protection.hazards, SV_INIT("night")); d->protection.hazards_disclosed = false)
#define OTHER(words) d->optional.other_terms = SV(words)
FIRES(R01, insurance, OTHER("乙方自愿放弃社保"))
FIRES(R01, deposit, OTHER("入职交纳押金 500 元"))
SILENT(R01, , OTHER("甲方不收取押金"))
FIRES(R01, penalty, OTHER("迟到一次罚款 50 元"))
FIRES(R01, injury, OTHER("发生工伤自负"))
FIRES(R01, marriage, OTHER("三年内不得怀孕"))
FIRES(R01, overtime, OTHER("乙方自愿加班"))
FIRES(R01, dispute, OTHER("乙方放弃仲裁"))
FIRES(R01, change, OTHER("乙方无条件服从调岗"))
FIRES(R01, leave, OTHER("乙方放弃年休假"))
FIRES(R01, last, OTHER("实行末位淘汰"))
FIRES(R01, deemed, OTHER("旷工三日视为自动离职"))
SILENT(R01, , (void)d)
/* clang-format on */

/* ---- the whole ---- */

TEST(law_lawful_contract_has_no_findings)
{
    struct fixture f;
    load(&f);
    struct law_report r = report(&f, TEXT_ZH_CN);
    ck_assert_msg(r.findings_n == 0, "%s: %.*s", r.findings[0].rule, SV_ARG(r.findings[0].message));
    ck_assert(!r.blocking);
    ASSERT_SV(law_report_json(&f.a, &r), SV("{\"law_date\":\"2026-02-24\",\"findings\":[]}"));
    arena_done(&f.a);
}

TEST(law_blocking_findings_come_first)
{
    struct fixture f;
    load(&f);
    f.d.worker.phone = SV("1");
    f.d.optional.deposit_fen = 50000;
    f.d.pay.amount_fen = 100000;
    struct law_report r = report(&f, TEXT_ZH_CN);
    ck_assert(r.blocking && r.findings_n > 3);
    for (size_t i = 1; i < r.findings_n; i++)
        ck_assert(r.findings[i - 1].severity <= r.findings[i].severity);
    ASSERT_SV(r.findings[0].message,
              SV("工资折合每月 1,000.00 元，低于广东省清远市清城区最低工资标准 1,750.00 元/月（2025年3月1日起，"
                 "粤府函〔2025〕23号（2025-03-01 起执行））。"));
    arena_done(&f.a);
}

TEST(law_findings_as_a_declared_schema)
{
    struct fixture f;
    load(&f);
    f.d.disputes.arbitration_waived = true;
    struct law_report r = report(&f, TEXT_ZH_CN);
    struct law_findings_out out = law_findings_out(&f.a, &r);
    ASSERT_SV(
            json_encode(&f.a, &law_findings_json, &out),
            SV("{\"law_date\":\"2026-02-24\",\"blocking\":true,\"findings\":[{\"rule\":\"V01\",\"severity\":\"block\","
               "\"article\":\"劳动合同法 "
               "第二十六条第一款第二项\",\"message\":\"约定放弃仲裁或者诉讼，排除了劳动者的权利，无效。\","
               "\"fields\":[\"/disputes/arbitration_waived\"]}]}"));
    arena_done(&f.a);
}

TEST(law_messages_name_the_numbers)
{
    struct fixture f;
    load(&f);
    f.d.term.end = (struct date){2029, 2, 27};
    f.d.term.probation_end = (struct date){2026, 5, 31};
    struct law_report zh = report(&f, TEXT_ZH_CN), en = report(&f, TEXT_EN);
    ck_assert_str_eq(zh.findings[0].rule, "C14");
    ASSERT_SV(zh.findings[0].message, SV("合同期限 35 个月零 27 天，试用期 3 个月超过上限 2 个月。"));
    ASSERT_SV(en.findings[0].message,
              SV("For a term of 35 months and 27 days a probation of 3 months exceeds the limit of 2 months."));
    arena_done(&f.a);
}

/* domain example: work since 2025-03-10 without a contract: the clock runs from 04-10 to 2026-03-09 at most. */
TEST(law_double_wage_clock_ends_with_the_year)
{
    struct fixture f;
    load(&f);
    f.d.term.start = f.d.term.first_work_day = (struct date){2025, 3, 10};
    f.d.header.sign_date = (struct date){2026, 6, 1};
    struct law_report r = report(&f, TEXT_ZH_CN);
    bool found = false;
    for (size_t i = 0; i < r.findings_n; i++) {
        if (strcmp(r.findings[i].rule, "C04") == 0) {
            ASSERT_SV(
                    r.findings[i].message,
                    SV("未订立书面劳动合同的 2025年4月10日 至 2026年3月9日（11 个月），劳动者可以要求支付二倍工资。"));
            found = true;
        }
    }
    ck_assert(found);
    arena_done(&f.a);
}

TEST(law_date_is_asked_then_said_then_today)
{
    struct contract_data d = {0};
    const struct date at = {2020, 1, 1}, sign = {2021, 1, 1}, today = {2022, 1, 1}, none = {0};
    ck_assert_int_eq(date_cmp(law_date_of(&d, none, today), today), 0);
    d.header.sign_date = sign;
    ck_assert_int_eq(date_cmp(law_date_of(&d, none, today), sign), 0);
    ck_assert_int_eq(date_cmp(law_date_of(&d, at, today), at), 0);
}

/* Dates at which tables end, every kind, empty data: no rule may stumble. */
TEST(law_empty_data_of_every_kind)
{
    struct fixture f;
    const struct date days[] = {
            {1900, 1,  1 },
            {2008, 1,  1 },
            {2024, 2,  29},
            {2026, 11, 23},
            {2999, 12, 31}
    };
    load(&f);
    for (int kind = 0; kind < CONTRACT_KIND__COUNT; kind++) {
        for (size_t i = 0; i < COUNT(days); i++) {
            struct law_report r;
            f.d = (struct contract_data){.header.contract_kind = (enum contract_kind)kind};
            law_check(&f.a, f.law, &f.d, days[i], TEXT_ZH_CN, &r);
            ck_assert(days[i].year < 2008 || r.blocking);
            f.d.term.start = f.d.term.end = f.d.term.first_work_day = f.d.worker.birth_date = f.d.term.probation_start =
                    f.d.term.probation_end = f.d.history.service_since = days[i];
            law_check(&f.a, f.law, &f.d, days[i], TEXT_ZH_CN, &r);
        }
    }
    arena_done(&f.a);
}

static bool has_case(const char *rule, struct sv variant, bool fires)
{
    for (size_t i = 0; i < cases_n; i++) {
        if (strcmp(cases[i].rule, rule) == 0 && cases[i].fires == fires &&
            (!variant.p || sv_eq(variant, sv_from(cases[i].variant))))
            return true;
    }
    return false;
}

TEST(law_every_rule_has_cases)
{
    for (size_t i = 0; i < law_rules_count(); i++) {
        struct law_rule_info r = law_rule_at(i, TEXT_ZH_CN);
        ck_assert_msg(has_case(r.id, (struct sv){0}, true), "%s never fires", r.id);
        ck_assert_msg(has_case(r.id, (struct sv){0}, false), "%s is never silent", r.id);
        ck_assert_msg(!sv_starts(r.title, SV("law.")), "%s has no title", r.id);
    }
}

/* Words that no case ever brings out are words nobody has read. The faults of identifiers that a USCC cannot have are
 * the only exception: one message a fault keeps the key complete. */
TEST(law_every_message_has_a_case)
{
    for (size_t i = 0; i < text_count(TEXT_ZH_CN); i++) {
        struct sv key = text_key_at(TEXT_ZH_CN, i), rest = key;
        if (!sv_starts(key, SV("law.")) || sv_starts(key, SV("law.span.")))
            continue;
        (void)sv_cut(&rest, '.');
        struct sv id = sv_cut(&rest, '.');
        char rule[8] = "";
        memcpy(rule, id.p, id.n < sizeof rule ? id.n : sizeof rule - 1);
        bool never = sv_eq(key, SV("law.I04.area")) || sv_eq(key, SV("law.I04.birth"));
        ck_assert_msg(rest.n == 0 || never || has_case(rule, rest, true), "no case for %.*s", SV_ARG(key));
        ck_assert_msg(text_has(TEXT_EN, key), "no English for %.*s", SV_ARG(key));
    }
}

TEST(law_rules_document_is_up_to_date)
{
    struct arena a;
    struct err e = ERR_INIT;
    struct sv text;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    ASSERT_OK(file_read(&a, path_join(&a, getenv("QYQ_SOURCE_ROOT"), "docs/law-rules.md"), 1 << 20, &text, &e), e);
    ck_assert_msg(sv_eq(text, law_rules_markdown(&a)),
                  "write it anew: qyq check --rules --markdown > docs/law-rules.md");
    arena_done(&a);
}

/* ---- the data behind the rules ---- */

TEST(law_minimum_wage_by_area_and_day)
{
    struct fixture f;
    struct law_minimum_wage w;
    load(&f);
    ck_assert(law_minimum_wage(f.law, SV("441800"), (struct date){2026, 1, 1}, &w));
    ck_assert_int_eq(w.monthly_fen, 175000);
    ck_assert_int_eq(w.hourly_fen, 1740);
    ck_assert(law_minimum_wage(f.law, SV("441882"), (struct date){2021, 11, 30}, &w));
    ck_assert_int_eq(w.monthly_fen, 141000);
    ck_assert(law_minimum_wage(f.law, SV("440300"), (struct date){2026, 1, 1}, &w) && w.monthly_fen == 252000 &&
              w.confirmed);
    ck_assert(!law_minimum_wage(f.law, SV("44"), (struct date){2026, 1, 1}, &w));
    ck_assert(!law_minimum_wage(f.law, SV(""), (struct date){2026, 1, 1}, &w));
    ASSERT_SV(law_area_name(f.law, SV("441802")), SV("广东省清远市清城区"));
    ASSERT_SV(law_area_name(f.law, SV("441899")), SV("广东省清远市"));
    ASSERT_SV(law_area_name(f.law, SV("x")), SV(""));
    arena_done(&f.a);
}

/* 渐进式延迟法定退休年龄对照表: birth month, month of retirement. */
TEST(law_retirement_follows_the_official_table)
{
    static const struct {
        enum contract_retirement group;
        struct date birth, day;
    } rows[] = {
            {CONTRACT_RETIREMENT_MEN_60,   {1964, 12, 10}, {2024, 12, 10}},
            {CONTRACT_RETIREMENT_MEN_60,   {1965, 1, 10},  {2025, 2, 10} },
            {CONTRACT_RETIREMENT_MEN_60,   {1965, 4, 10},  {2025, 5, 10} },
            {CONTRACT_RETIREMENT_MEN_60,   {1965, 5, 10},  {2025, 7, 10} },
            {CONTRACT_RETIREMENT_MEN_60,   {1976, 9, 10},  {2039, 9, 10} },
            {CONTRACT_RETIREMENT_MEN_60,   {1990, 1, 31},  {2053, 1, 31} },
            {CONTRACT_RETIREMENT_WOMEN_55, {1970, 1, 10},  {2025, 2, 10} },
            {CONTRACT_RETIREMENT_WOMEN_55, {1981, 9, 10},  {2039, 9, 10} },
            {CONTRACT_RETIREMENT_WOMEN_50, {1975, 1, 10},  {2025, 2, 10} },
            {CONTRACT_RETIREMENT_WOMEN_50, {1975, 3, 10},  {2025, 5, 10} },
            {CONTRACT_RETIREMENT_WOMEN_50, {1984, 11, 10}, {2039, 11, 10}},
    };
    struct fixture f;
    load(&f);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct date day;
        ck_assert(law_retirement(f.law, rows[i].group, rows[i].birth, &day));
        ck_assert_msg(date_cmp(day, rows[i].day) == 0, "row %zu: %.*s", i, SV_ARG(date_print(&f.a, day)));
    }
    arena_done(&f.a);
}

TEST(law_calendar_knows_the_holidays)
{
    struct fixture f;
    struct err e = ERR_INIT;
    bool working;
    load(&f);
    ASSERT_OK(calendar_is_working(law_calendar(f.law), (struct date){2026, 2, 14}, &working, &e), e);
    ck_assert(working); /* a Saturday made up for the Spring Festival */
    ASSERT_OK(calendar_is_working(law_calendar(f.law), (struct date){2026, 2, 23}, &working, &e), e);
    ck_assert(!working);
    ck_assert(!calendar_is_working(law_calendar(f.law), (struct date){2031, 1, 1}, &working, &e));
    arena_done(&f.a);
}

TEST(law_folder_replaces_a_file_and_breaks_clearly)
{
    struct arena a;
    struct err e = ERR_INIT;
    struct law *law;
    struct law_minimum_wage w;
    const char *dir;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    ASSERT_OK(dir_temp(&a, "law", &dir, &e), e);
    const char *path = path_join(&a, dir, "minimum-wage.json");
    ASSERT_OK(file_write(path,
                         SV("{\"rows\":[{\"areas\":[\"11\"],\"from\":\"2025-09-01\",\"to\":null,\"monthly_fen\":254000,"
                            "\"hourly_fen\":2770,\"source\":\"test\",\"confirmed\":true}]}"),
                         0600, &e),
              e);
    ASSERT_OK(law_load(&a, dir, &law, &e), e);
    ck_assert(law_minimum_wage(law, SV("110105"), (struct date){2026, 1, 1}, &w) && w.monthly_fen == 254000);
    ck_assert(!law_minimum_wage(law, SV("441802"), (struct date){2026, 1, 1}, &w));
    static const char *const broken[] = {"{", "{\"rows\":[{}]}",
                                         "{\"rows\":[{\"areas\":[\"11\"],\"from\":\"2025-02-30\"}]}"};
    for (size_t i = 0; i < COUNT(broken); i++) {
        ASSERT_OK(file_write(path, sv_from(broken[i]), 0600, &e), e);
        ck_assert(!law_load(&a, dir, &law, &e));
        ck_assert_str_eq(e.reason, "law_data_broken");
    }
    ASSERT_OK(dir_remove(dir, &e), e);
    arena_done(&a);
}
