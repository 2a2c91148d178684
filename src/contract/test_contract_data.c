/* The data of a contract: JSON in and out, the schema, spans of time, and the values that templates print. */
#include <stdlib.h>
#include <string.h>

#include "contract/contract_fields.h"
#include "contract/contract_json.h"
#include "test.h"

static struct sv source_file(struct arena *a, const char *name)
{
    struct err e = ERR_INIT;
    struct sv text;
    ASSERT_OK(file_read(a, path_join(a, getenv("QYQ_SOURCE_ROOT"), name), CONTRACT_MAX_BYTES, &text, &e), e);
    return text;
}

static struct contract_data example(struct arena *a)
{
    struct err e = ERR_INIT;
    struct contract_data d;
    ASSERT_OK(contract_data_decode(a, source_file(a, "schemas/contract.example.json"), &d, &e), e);
    return d;
}

TEST(contract_data_round_trip)
{
    struct arena a;
    struct err e = ERR_INIT;
    struct contract_data again;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct contract_data d = example(&a);
    struct sv text = contract_data_encode(&a, &d);
    ASSERT_OK(contract_data_decode(&a, text, &again, &e), e);
    ASSERT_SV(contract_data_encode(&a, &again), text);
    ck_assert(sv_find(text, SV("false")) == SIZE_MAX && sv_find(text, SV(":0")) == SIZE_MAX &&
              sv_find(text, SV("{}")) == SIZE_MAX);
    ck_assert_uint_eq(again.pay.composition_n, 2);
    ASSERT_SV(again.pay.composition[1].name, SV("岗位工资"));
    ck_assert_int_eq(again.pay.amount_fen, 600000);
    ck_assert_int_eq(again.term.probation_end.month, 4);
    ck_assert_int_eq(again.worker.sex, CONTRACT_SEX_MALE);
    arena_done(&a);
}

TEST(contract_data_empty_is_readable)
{
    struct arena a;
    struct err e = ERR_INIT;
    struct contract_data d;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    ASSERT_OK(contract_data_decode(&a, SV("{}"), &d, &e), e);
    ASSERT_SV(contract_data_encode(&a, &d), SV("{}"));
    ck_assert_int_eq(d.header.contract_kind, CONTRACT_KIND_NONE);
    ck_assert(!date_is_set(d.term.start));
    arena_done(&a);
}

TEST(contract_data_refuses_with_the_place)
{
    static const struct {
        const char *json, *reason, *field;
    } rows[] = {
            {"",                                                    "json_syntax",        ""                             },
            {"[1]",                                                 "json_type",          ""                             },
            {"{\"header\":{\"contract_kind\":\"fixed\"}}",          "json_choice",        "/header/contract_kind"        },
            {"{\"pay\":{\"amount\":1}}",                            "json_unknown_field", "/pay/amount"                  },
            {"{\"pay\":{\"amount_fen\":\"5000\"}}",                 "json_type",          "/pay/amount_fen"              },
            {"{\"pay\":{\"amount_fen\":50.5}}",                     "json_type",          "/pay/amount_fen"              },
            {"{\"pay\":{\"amount_fen\":-1}}",                       "json_range",         "/pay/amount_fen"              },
            {"{\"pay\":{\"composition\":[{\"name\":\"x\"}]}}",      "json_missing",       "/pay/composition/0/amount_fen"},
            {"{\"term\":{\"start\":\"2026-02-30\"}}",               "json_bad_date",      "/term/start"                  },
            {"{\"term\":{\"start\":\"2026-2-3\"}}",                 "json_bad_date",      "/term/start"                  },
            {"{\"worker\":{\"name\":\"a\",\"name\":\"b\"}}",        "json_duplicate",     ""                             },
            {"{\"insurance\":{\"schemes\":[\"pension\",\"car\"]}}", "json_choice",        "/insurance/schemes/1"         },
            {"{\"protection\":{\"hazards\":[\"x\"]}}",              "json_choice",        "/protection/hazards/0"        },
            {"{\"employer\":{\"registered_area\":\"4418021\"}}",    "json_too_long",      "/employer/registered_area"    },
    };
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct err e = ERR_INIT;
        struct contract_data d;
        ck_assert_msg(!contract_data_decode(&a, sv_from(rows[i].json), &d, &e), "accepted: %s", rows[i].json);
        ck_assert_msg(strcmp(e.reason, rows[i].reason) == 0, "%s: %s", rows[i].json, e.reason);
        if (*rows[i].field)
            ck_assert_str_eq(e.field, rows[i].field);
    }
    arena_done(&a);
}

/* The committed file is laid out for reading, so that trees are compared. */
TEST(contract_schema_file_is_up_to_date)
{
    struct arena a;
    struct err e = ERR_INIT;
    const struct json_value *file, *ours;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    ASSERT_OK(json_read(&a, source_file(&a, "schemas/contract.schema.json"), CONTRACT_MAX_BYTES, &file, &e), e);
    ASSERT_OK(json_read(&a, contract_data_schema(&a), CONTRACT_MAX_BYTES, &ours, &e), e);
    ck_assert_msg(sv_eq(json_encode_value(&a, file), json_encode_value(&a, ours)),
                  "write it anew: qyq check --schema > schemas/contract.schema.json");
    arena_done(&a);
}

TEST(contract_span_counts_months_as_the_civil_code)
{
    static const struct {
        struct date first, last;
        int months, days;
    } rows[] = {
            {{2026, 3, 1},  {2026, 4, 30},  2,  0 },
            {{2026, 3, 1},  {2026, 5, 1},   2,  1 },
            {{2026, 3, 1},  {2029, 2, 28},  36, 0 },
            {{2026, 3, 1},  {2029, 2, 27},  35, 27},
            {{2025, 3, 1},  {2028, 2, 29},  36, 0 },
            {{2025, 3, 1},  {2028, 2, 28},  35, 28},
            {{2026, 1, 31}, {2026, 2, 28},  1,  0 },
            {{2026, 1, 31}, {2026, 2, 27},  0,  28},
            {{2026, 1, 31}, {2026, 3, 30},  2,  0 },
            {{2024, 2, 29}, {2025, 2, 28},  12, 0 },
            {{2024, 2, 29}, {2025, 2, 27},  11, 30},
            {{2026, 8, 31}, {2026, 11, 30}, 3,  0 },
            {{2026, 3, 15}, {2026, 3, 15},  0,  1 },
            {{2026, 3, 15}, {2026, 3, 14},  0,  0 },
            {{0},           {2026, 3, 14},  0,  0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct contract_span s = contract_span(rows[i].first, rows[i].last);
        ck_assert_msg(s.months == rows[i].months && s.days == rows[i].days, "row %zu: %d months %d days", i, s.months,
                      s.days);
    }
}

TEST(contract_fields_are_words)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
            {"worker_name",            "张示例"                                                                           },
            {"worker_id_type",         "居民身份证"                                                                     },
            {"term_start",             "2026年3月1日"                                                                     },
            {"term_duration",          "3年"                                                                                },
            {"probation_duration",     "2个月"                                                                             },
            {"hours_standard",         "1"                                                                                   },
            {"hours_irregular",        ""                                                                                    },
            {"hours_daily",            "8"                                                                                   },
            {"wage_amount",            "6,000.00"                                                                            },
            {"wage_capital",           "陆仟元整"                                                                        },
            {"wage_composition",       "基本工资 4,000.00 元、岗位工资 2,000.00 元"                               },
            {"probation_wage_capital", "伍仟元整"                                                                        },
            {"pay_cycle",              "上月"                                                                              },
            {"pay_method",             "银行转账"                                                                        },
            {"insurance_schemes",      "基本养老保险、基本医疗保险、失业保险、工伤保险、生育保险"},
            {"insurance_start",        "2026年3月"                                                                         },
            {"housing_fund",           "按照国家和本地规定的基数，单位和个人缴存比例各为 5%"         },
            {"hazards",                "噪声"                                                                              },
            {"rules_received",         "《员工手册》、《安全操作规程》"                                       },
            {"emergency_contact",      "张样本 13900000000"                                                               },
            {"training",               ""                                                                                    },
    };
    struct arena a;
    const struct typeset_field *fields;
    size_t n;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct contract_data d = example(&a);
    contract_fields(&a, &d, &fields, &n);
    for (size_t i = 1; i < n; i++)
        ck_assert(sv_cmp(fields[i - 1].name, fields[i].name) < 0);
    for (size_t i = 0; i < COUNT(rows); i++)
        ASSERT_SV(contract_field(fields, n, sv_from(rows[i].name)), sv_from(rows[i].value));
    arena_done(&a);
}

TEST(contract_fields_speak_english_when_asked)
{
    struct arena a;
    const struct typeset_field *fields;
    size_t n;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct contract_data d = example(&a);
    d.header.language = SV("en");
    d.term.end = (struct date){2027, 9, 1};
    d.optional.training = (struct contract_training){SV("welding"), 1000000, 24, 500000};
    contract_fields(&a, &d, &fields, &n);
    ASSERT_SV(contract_field(fields, n, SV("insurance_schemes")),
              SV("pension insurance, medical insurance, unemployment insurance, work-injury insurance, maternity "
                 "insurance"));
    ASSERT_SV(contract_field(fields, n, SV("term_start")), SV("2026-03-01"));
    ASSERT_SV(contract_field(fields, n, SV("term_duration")), SV("1 year(s) 6 month(s) 1 day(s)"));
    ASSERT_SV(contract_field(fields, n, SV("training")),
              SV("welding\nCost of the training: 10,000.00 yuan.\nService period: 24 months.\n"
                 "Penalty for leaving within it: 5,000.00 yuan."));
    arena_done(&a);
}

/* What every shipped template asks for is a value this file gives, or one that the operator adds. */
TEST(contract_fields_serve_every_template)
{
    static const char *const operator_fields[] = {"platform_name", "help_phone"};
    struct arena a;
    struct err e = ERR_INIT;
    const struct typeset_field *fields;
    const struct sv *names;
    size_t n, names_n;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct contract_data d = example(&a);
    contract_fields(&a, &d, &fields, &n);
    template_list(&a, &names, &names_n);
    ck_assert(names_n > 0);
    for (size_t i = 0; i < names_n; i++) {
        struct typeset_template t;
        ASSERT_OK(template_find(&a, names[i], &t, &e), e);
        for (size_t k = 0; k < t.fields_n; k++) {
            bool known = false;
            for (size_t m = 0; m < n; m++)
                known = known || sv_eq(fields[m].name, t.fields[k].name);
            for (size_t m = 0; m < COUNT(operator_fields); m++)
                known = known || sv_eq(sv_from(operator_fields[m]), t.fields[k].name);
            ck_assert_msg(known, "%.*s asks for %.*s", SV_ARG(names[i]), SV_ARG(t.fields[k].name));
        }
    }
    arena_done(&a);
}

/* Texts that no contract prints: references, codes, and what only the law check asks for. */
static const char *const unprinted[] = {
        "header_template_id",       "header_language",        "header_predecessor_no",
        "employer_registered_area", "employer_industry_code", "employer_performance_area",
        "employer_parent_name",     "term_extension_reason",  "employer_parent_authorization",
        "work_occupation_code",     "dispatch_permit_no",
};

static bool is_unprinted(struct sv name)
{
    for (size_t i = 0; i < COUNT(unprinted); i++) {
        if (sv_eq(name, sv_from(unprinted[i])))
            return true;
    }
    return false;
}

static bool some_value_holds(const struct typeset_field *fields, size_t n, struct sv token)
{
    for (size_t i = 0; i < n; i++) {
        if (sv_find(fields[i].value, token) != SIZE_MAX)
            return true;
    }
    return false;
}

/* A text that is agreed and not printed would be lost without a word: each gets a token of its own, and is looked for.
 */
TEST(contract_fields_lose_no_text)
{
    struct arena a;
    const struct typeset_field *fields;
    struct contract_data d = {0};
    size_t n, number = 0;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    for (int pass = 0; pass < 2; pass++) {
        number = 0;
        if (pass)
            contract_fields(&a, &d, &fields, &n);
        for (const struct json_field *g = contract_data_json.fields; g->kind != JSON_KIND_END; g++) {
            for (const struct json_field *f = g->of->fields; f->kind != JSON_KIND_END; f++) {
                struct sv name = arena_printf(&a, "%s_%s", g->name, f->name);
                struct sv token = arena_printf(&a, "#%02zu#", number);
                if (f->kind != JSON_KIND_TEXT || is_unprinted(name))
                    continue;
                number++;
                if (!pass)
                    memcpy((char *)&d + g->offset + f->offset, &token, sizeof token);
                else
                    ck_assert_msg(some_value_holds(fields, n, token), "%.*s is lost", SV_ARG(name));
            }
        }
    }
    ck_assert_uint_gt(number, 40);
    arena_done(&a);
}
