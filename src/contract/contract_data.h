/* Everything a labour contract says, as plain data: what goes in and out of "qyq check" and "qyq render", what the form
 * of HR fills and what the store keeps beside the PDF. schemas/contract.schema.json describes the same for strangers.
 *
 * Groups follow the mandatory clauses of 劳动合同法 17. Nearly everything may be absent: an absent field means "not
 * agreed", and the law check says which of them must not be missing. In memory absent is the zero value: empty text,
 * unset date, 0, false, …_NONE. Money is int64 fen, lengths of time are whole minutes or months as the name says, areas
 * are six digits of GB/T 2260, countries three letters of GB/T 2659. All text is UTF-8 and lives as long as the arena
 * it was decoded into. */
#ifndef CONTRACT_CONTRACT_DATA_H
#define CONTRACT_CONTRACT_DATA_H

#include "base/base.h"

/* Enumerations: X(enumerator, text in JSON). The words for people stand in the message files under
 * "contract.<enumeration>.<text>", e.g. contract.hours_system.standard. */
#define CONTRACT_KIND_LIST(X)                                                                                          \
    X(CONTRACT_KIND_FIXED_TERM, fixed_term)                                                                            \
    X(CONTRACT_KIND_OPEN_ENDED, open_ended)                                                                            \
    X(CONTRACT_KIND_TASK_BASED, task_based)                                                                            \
    X(CONTRACT_KIND_PART_TIME, part_time)                                                                              \
    X(CONTRACT_KIND_DISPATCH, dispatch)
#define CONTRACT_FORM_LIST(X)                                                                                          \
    X(CONTRACT_FORM_ELECTRONIC, electronic)                                                                            \
    X(CONTRACT_FORM_PAPER, paper)
#define CONTRACT_ID_TYPE_LIST(X)                                                                                       \
    X(CONTRACT_ID_RESIDENT_ID, resident_id)                                                                            \
    X(CONTRACT_ID_HMT_RESIDENCE, hmt_residence) /* 港澳台居民居住证 */                                         \
    X(CONTRACT_ID_FOREIGN_PR, foreign_pr)       /* 外国人永久居留身份证 */                                   \
    X(CONTRACT_ID_PASSPORT, passport)                                                                                  \
    X(CONTRACT_ID_HM_PERMIT, hm_permit) /* 港澳居民来往内地通行证 */                                        \
    X(CONTRACT_ID_TW_PERMIT, tw_permit) /* 台湾居民来往大陆通行证 */                                        \
    X(CONTRACT_ID_OTHER, other)
#define CONTRACT_SEX_LIST(X)                                                                                           \
    X(CONTRACT_SEX_MALE, male)                                                                                         \
    X(CONTRACT_SEX_FEMALE, female)
/* Which statutory retirement age is meant: men 60, women 55 (cadres), women 50 (workers), before the gradual delay. */
#define CONTRACT_RETIREMENT_LIST(X)                                                                                    \
    X(CONTRACT_RETIREMENT_MEN_60, men_60)                                                                              \
    X(CONTRACT_RETIREMENT_WOMEN_55, women_55)                                                                          \
    X(CONTRACT_RETIREMENT_WOMEN_50, women_50)
#define CONTRACT_TERM_KIND_LIST(X)                                                                                     \
    X(CONTRACT_TERM_FIXED, fixed)                                                                                      \
    X(CONTRACT_TERM_OPEN_ENDED, open_ended)                                                                            \
    X(CONTRACT_TERM_TASK, task)
#define CONTRACT_HOURS_SYSTEM_LIST(X)                                                                                  \
    X(CONTRACT_HOURS_STANDARD, standard)                                                                               \
    X(CONTRACT_HOURS_COMPREHENSIVE, comprehensive)                                                                     \
    X(CONTRACT_HOURS_IRREGULAR, irregular)
#define CONTRACT_HOURS_CYCLE_LIST(X)                                                                                   \
    X(CONTRACT_HOURS_CYCLE_WEEK, week)                                                                                 \
    X(CONTRACT_HOURS_CYCLE_MONTH, month)                                                                               \
    X(CONTRACT_HOURS_CYCLE_QUARTER, quarter)                                                                           \
    X(CONTRACT_HOURS_CYCLE_YEAR, year)
#define CONTRACT_PAY_MODE_LIST(X)                                                                                      \
    X(CONTRACT_PAY_MODE_TIME, time)                                                                                    \
    X(CONTRACT_PAY_MODE_PIECE, piece)                                                                                  \
    X(CONTRACT_PAY_MODE_OTHER, other)
#define CONTRACT_PAY_UNIT_LIST(X)                                                                                      \
    X(CONTRACT_PAY_PER_MONTH, month)                                                                                   \
    X(CONTRACT_PAY_PER_HOUR, hour)                                                                                     \
    X(CONTRACT_PAY_PER_DAY, day)                                                                                       \
    X(CONTRACT_PAY_PER_WEEK, week)
#define CONTRACT_PAY_CYCLE_LIST(X)                                                                                     \
    X(CONTRACT_PAY_CYCLE_MONTH, month)                                                                                 \
    X(CONTRACT_PAY_CYCLE_HALF_MONTH, half_month)                                                                       \
    X(CONTRACT_PAY_CYCLE_WEEK, week)                                                                                   \
    X(CONTRACT_PAY_CYCLE_DAY, day)                                                                                     \
    X(CONTRACT_PAY_CYCLE_QUARTER, quarter)                                                                             \
    X(CONTRACT_PAY_CYCLE_YEAR, year)
#define CONTRACT_PAY_DAY_MONTH_LIST(X)                                                                                 \
    X(CONTRACT_PAY_DAY_CURRENT, current)                                                                               \
    X(CONTRACT_PAY_DAY_NEXT, next)
#define CONTRACT_PAY_METHOD_LIST(X)                                                                                    \
    X(CONTRACT_PAY_BY_BANK, bank)                                                                                      \
    X(CONTRACT_PAY_BY_CASH, cash)                                                                                      \
    X(CONTRACT_PAY_BY_IN_KIND, in_kind)
/* The last three do not count towards the minimum wage (最低工资规定 12). */
#define CONTRACT_PAY_ITEM_LIST(X)                                                                                      \
    X(CONTRACT_PAY_ITEM_BASIC, basic)                                                                                  \
    X(CONTRACT_PAY_ITEM_POST, post)                                                                                    \
    X(CONTRACT_PAY_ITEM_PERFORMANCE, performance)                                                                      \
    X(CONTRACT_PAY_ITEM_BONUS, bonus)                                                                                  \
    X(CONTRACT_PAY_ITEM_ALLOWANCE, allowance)                                                                          \
    X(CONTRACT_PAY_ITEM_OTHER, other)                                                                                  \
    X(CONTRACT_PAY_ITEM_OVERTIME, overtime)                                                                            \
    X(CONTRACT_PAY_ITEM_SPECIAL_CONDITIONS, special_conditions)                                                        \
    X(CONTRACT_PAY_ITEM_BENEFIT, benefit)
#define CONTRACT_SCHEME_LIST(X)                                                                                        \
    X(CONTRACT_SCHEME_PENSION, pension)                                                                                \
    X(CONTRACT_SCHEME_MEDICAL, medical)                                                                                \
    X(CONTRACT_SCHEME_UNEMPLOYMENT, unemployment)                                                                      \
    X(CONTRACT_SCHEME_WORK_INJURY, work_injury)                                                                        \
    X(CONTRACT_SCHEME_MATERNITY, maternity)
#define CONTRACT_HAZARD_LIST(X)                                                                                        \
    X(CONTRACT_HAZARD_MINE, mine)                                                                                      \
    X(CONTRACT_HAZARD_TOXIC, toxic)                                                                                    \
    X(CONTRACT_HAZARD_LEVEL_4_LABOUR, level_4_labour)                                                                  \
    X(CONTRACT_HAZARD_HIGH_TEMPERATURE, high_temperature)                                                              \
    X(CONTRACT_HAZARD_DUST, dust)                                                                                      \
    X(CONTRACT_HAZARD_NOISE, noise)                                                                                    \
    X(CONTRACT_HAZARD_RADIATION, radiation)                                                                            \
    X(CONTRACT_HAZARD_HEIGHT, height)                                                                                  \
    X(CONTRACT_HAZARD_NIGHT, night)                                                                                    \
    X(CONTRACT_HAZARD_OTHER, other)
#define CONTRACT_SECRET_ROLE_LIST(X)                                                                                   \
    X(CONTRACT_SECRET_ROLE_SENIOR_MANAGER, senior_manager)                                                             \
    X(CONTRACT_SECRET_ROLE_SENIOR_TECHNICIAN, senior_technician)                                                       \
    X(CONTRACT_SECRET_ROLE_CONFIDENTIALITY_DUTY, confidentiality_duty)                                                 \
    X(CONTRACT_SECRET_ROLE_OTHER, other)
#define CONTRACT_PENALTY_GROUND_LIST(X)                                                                                \
    X(CONTRACT_PENALTY_TRAINING_SERVICE, training_service)                                                             \
    X(CONTRACT_PENALTY_NON_COMPETE, non_compete)                                                                       \
    X(CONTRACT_PENALTY_CONFIDENTIALITY, confidentiality)                                                               \
    X(CONTRACT_PENALTY_OTHER, other)
#define CONTRACT_DISPATCH_POST_LIST(X)                                                                                 \
    X(CONTRACT_DISPATCH_POST_TEMPORARY, temporary)                                                                     \
    X(CONTRACT_DISPATCH_POST_AUXILIARY, auxiliary)                                                                     \
    X(CONTRACT_DISPATCH_POST_SUBSTITUTE, substitute)

/* enum contract_kind { CONTRACT_KIND_NONE, CONTRACT_KIND_FIXED_TERM, …, CONTRACT_KIND__COUNT }; and so on. */
#define CONTRACT_ENUMERATOR(name, text) name,
enum contract_kind { CONTRACT_KIND_NONE, CONTRACT_KIND_LIST(CONTRACT_ENUMERATOR) CONTRACT_KIND__COUNT };
enum contract_form { CONTRACT_FORM_NONE, CONTRACT_FORM_LIST(CONTRACT_ENUMERATOR) CONTRACT_FORM__COUNT };
enum contract_id_type { CONTRACT_ID_NONE, CONTRACT_ID_TYPE_LIST(CONTRACT_ENUMERATOR) CONTRACT_ID__COUNT };
enum contract_sex { CONTRACT_SEX_NONE, CONTRACT_SEX_LIST(CONTRACT_ENUMERATOR) CONTRACT_SEX__COUNT };
enum contract_retirement {
    CONTRACT_RETIREMENT_NONE,
    CONTRACT_RETIREMENT_LIST(CONTRACT_ENUMERATOR) CONTRACT_RETIREMENT__COUNT
};
enum contract_term_kind { CONTRACT_TERM_NONE, CONTRACT_TERM_KIND_LIST(CONTRACT_ENUMERATOR) CONTRACT_TERM__COUNT };
enum contract_hours_system {
    CONTRACT_HOURS_NONE,
    CONTRACT_HOURS_SYSTEM_LIST(CONTRACT_ENUMERATOR) CONTRACT_HOURS__COUNT
};
enum contract_hours_cycle {
    CONTRACT_HOURS_CYCLE_NONE,
    CONTRACT_HOURS_CYCLE_LIST(CONTRACT_ENUMERATOR) CONTRACT_HOURS_CYCLE__COUNT
};
enum contract_pay_mode { CONTRACT_PAY_MODE_NONE, CONTRACT_PAY_MODE_LIST(CONTRACT_ENUMERATOR) CONTRACT_PAY_MODE__COUNT };
enum contract_pay_unit { CONTRACT_PAY_PER_NONE, CONTRACT_PAY_UNIT_LIST(CONTRACT_ENUMERATOR) CONTRACT_PAY_PER__COUNT };
enum contract_pay_cycle {
    CONTRACT_PAY_CYCLE_NONE,
    CONTRACT_PAY_CYCLE_LIST(CONTRACT_ENUMERATOR) CONTRACT_PAY_CYCLE__COUNT
};
enum contract_pay_day_month {
    CONTRACT_PAY_DAY_NONE,
    CONTRACT_PAY_DAY_MONTH_LIST(CONTRACT_ENUMERATOR) CONTRACT_PAY_DAY__COUNT
};
enum contract_pay_method { CONTRACT_PAY_BY_NONE, CONTRACT_PAY_METHOD_LIST(CONTRACT_ENUMERATOR) CONTRACT_PAY_BY__COUNT };
enum contract_pay_item_kind {
    CONTRACT_PAY_ITEM_NONE,
    CONTRACT_PAY_ITEM_LIST(CONTRACT_ENUMERATOR) CONTRACT_PAY_ITEM__COUNT
};
enum contract_scheme { CONTRACT_SCHEME_NONE, CONTRACT_SCHEME_LIST(CONTRACT_ENUMERATOR) CONTRACT_SCHEME__COUNT };
enum contract_hazard { CONTRACT_HAZARD_NONE, CONTRACT_HAZARD_LIST(CONTRACT_ENUMERATOR) CONTRACT_HAZARD__COUNT };
enum contract_secret_role {
    CONTRACT_SECRET_ROLE_NONE,
    CONTRACT_SECRET_ROLE_LIST(CONTRACT_ENUMERATOR) CONTRACT_SECRET_ROLE__COUNT
};
enum contract_penalty_ground {
    CONTRACT_PENALTY_NONE,
    CONTRACT_PENALTY_GROUND_LIST(CONTRACT_ENUMERATOR) CONTRACT_PENALTY__COUNT
};
enum contract_dispatch_post {
    CONTRACT_DISPATCH_POST_NONE,
    CONTRACT_DISPATCH_POST_LIST(CONTRACT_ENUMERATOR) CONTRACT_DISPATCH_POST__COUNT
};

/* One list of the enumerators of one enumeration: names[v] for v = 1 … n-1; [0] is NULL, for absent. */
struct contract_enum {
    const char *key; /* in message keys: "kind", "hours_system" */
    const char *const *names;
    size_t n;
};
extern const struct contract_enum contract_enum_kind;
extern const struct contract_enum contract_enum_form;
extern const struct contract_enum contract_enum_id_type;
extern const struct contract_enum contract_enum_sex;
extern const struct contract_enum contract_enum_retirement;
extern const struct contract_enum contract_enum_term_kind;
extern const struct contract_enum contract_enum_hours_system;
extern const struct contract_enum contract_enum_hours_cycle;
extern const struct contract_enum contract_enum_pay_mode;
extern const struct contract_enum contract_enum_pay_unit;
extern const struct contract_enum contract_enum_pay_cycle;
extern const struct contract_enum contract_enum_pay_day_month;
extern const struct contract_enum contract_enum_pay_method;
extern const struct contract_enum contract_enum_pay_item;
extern const struct contract_enum contract_enum_scheme;
extern const struct contract_enum contract_enum_hazard;
extern const struct contract_enum contract_enum_secret_role;
extern const struct contract_enum contract_enum_penalty_ground;
extern const struct contract_enum contract_enum_dispatch_post;
/* "standard"; "" for NONE. */
const char *contract_enum_name(const struct contract_enum *e, int value);

#define CONTRACT_MAX_BYTES ((size_t)1 << 20) /* of the JSON text */
#define CONTRACT_MAX_PRIOR 100
#define CONTRACT_MAX_ITEMS 50
#define CONTRACT_MAX_LIST  50

struct contract_header {
    struct sv contract_no; /* unique at the employer; the platform gives one when there is none */
    enum contract_kind contract_kind;
    struct sv template_id;
    int64_t template_version;
    struct sv language; /* "zh-CN" */
    enum contract_form form;
    struct sv predecessor_no;    /* the contract that this one renews or replaces */
    int64_t fixed_term_sequence; /* 1: the first fixed term with this group of employers, 2: the second in a row … */
    struct date sign_date;       /* the day on which it is (to be) concluded; the law of that day is asked */
};

struct contract_employer {
    struct sv name, uscc, domicile, legal_representative;
    struct sv contact_name, contact_phone;
    struct sv registered_area;  /* where it is registered */
    struct sv performance_area; /* where the work is done: its minimum wage counts (实施条例 14) */
    struct sv industry_code;    /* GB/T 4754 */
    bool branch;                /* 分支机构 */
    bool branch_licensed;       /* has a business licence of its own (实施条例 4) */
    struct sv parent_name;
    struct sv parent_authorization; /* number or description of the authorisation when there is no licence */
};

struct contract_worker {
    struct sv name;
    enum contract_id_type id_type;
    struct sv id_number;
    enum contract_sex sex;
    struct date birth_date;
    struct sv nationality; /* GB/T 2659: "CHN" */
    struct sv household_address, current_address;
    struct sv phone, email;
    struct sv emergency_contact, emergency_phone;
    struct sv service_address; /* 送达地址, confirmed by the worker */
    enum contract_retirement retirement;
    bool receives_pension;    /* 已依法享受基本养老保险待遇 */
    struct sv work_permit_no; /* foreigners */
    bool minor_registered;    /* 未成年工登记证 held */
};

struct contract_term {
    enum contract_term_kind kind;
    struct date start, end;     /* end: the last day; fixed terms only */
    struct sv task;             /* which task ends the contract */
    struct date first_work_day; /* 用工之日; the relationship begins on it, whatever else is written */
    struct date probation_start, probation_end;
    struct sv extension_reason;
};

struct contract_work {
    struct sv post, occupation_code, content, place, reassignment_scope;
};

struct contract_hours {
    enum contract_hours_system system;
    int64_t daily_minutes, weekly_minutes;
    int64_t work_days_per_week;      /* 1 … 7 */
    struct sv schedule;              /* shifts, as agreed */
    struct sv rest_days;             /* as agreed: 星期六、星期日 */
    struct sv annual_leave;          /* as agreed */
    enum contract_hours_cycle cycle; /* comprehensive hours: settled over */
    struct sv approval_no;           /* comprehensive and irregular hours */
    struct date approval_until;
    int64_t overtime_daily_minutes, overtime_monthly_minutes; /* when agreed beforehand */
};

struct contract_pay_item {
    struct sv name;
    enum contract_pay_item_kind kind;
    int64_t amount_fen;
};

struct contract_pay {
    enum contract_pay_mode mode;
    enum contract_pay_unit unit; /* what amount_fen is paid for; a month when not said */
    int64_t amount_fen;          /* before deductions, for normal hours */
    struct contract_pay_item *composition;
    size_t composition_n;
    struct sv piece_rate; /* quota and price */
    int64_t overtime_base_fen;
    int64_t probation_amount_fen; /* per unit, as amount_fen */
    int64_t pay_day;              /* 1 … 31 */
    enum contract_pay_day_month pay_day_month;
    enum contract_pay_cycle cycle;
    enum contract_pay_method method;
    struct sv bank_name, bank_account;
    bool includes_overtime; /* the agreed wage is said to hold the overtime pay already */
    struct sv other;        /* bonus, allowances, raises, in words */
};

struct contract_insurance {
    struct sv *schemes; /* names of enum contract_scheme */
    size_t schemes_n;
    struct sv start_month; /* YYYY-MM */
    int64_t base_fen;
    bool housing_fund;
    int64_t housing_fund_percent;
    bool waived; /* the text says that the worker or the employer need not pay */
};

struct contract_protection {
    struct sv conditions; /* labour protection and working conditions */
    struct sv *hazards;   /* names of enum contract_hazard */
    size_t hazards_n;
    bool hazards_disclosed; /* the worker was told in writing (职业病防治法 33) */
    struct sv equipment;    /* PPE */
    struct sv health_checks;
    struct sv special_groups; /* restrictions for women and minors */
};

struct contract_training {
    struct sv content;
    int64_t cost_fen;       /* of special technical training, as vouchers show */
    int64_t service_months; /* service period */
    int64_t penalty_fen;
};

struct contract_non_compete {
    int64_t months;
    struct sv scope, area;
    enum contract_secret_role role;
    int64_t compensation_fen; /* a month, after the end of the contract */
    int64_t penalty_fen;
};

struct contract_penalty {
    enum contract_penalty_ground ground;
    struct sv text;
    int64_t amount_fen;
};

struct contract_optional {
    struct contract_training training;
    struct sv confidentiality;
    struct contract_non_compete non_compete;
    int64_t deposit_fen;                /* taken from the worker in whatever form */
    bool documents_held;                /* identity card or other documents kept by the employer */
    struct contract_penalty *penalties; /* 违约金 beyond those of training and non_compete */
    size_t penalties_n;
    struct sv *termination_conditions; /* agreed conditions on which the contract ends */
    size_t termination_conditions_n;
    struct sv supplementary_insurance, welfare;
    struct sv *annexes;
    size_t annexes_n;
    struct sv *rules_received; /* 规章制度 that the worker has received */
    size_t rules_received_n;
    struct sv other_terms;
};

struct contract_dispatch {
    struct sv user_unit_name, user_unit_uscc; /* 用工单位 */
    struct date period_start, period_end;
    struct sv post;
    enum contract_dispatch_post post_kind;
    struct sv agreement_no, permit_no;
};

struct contract_disputes {
    struct sv mediation_body, arbitration_committee;
    bool arbitration_waived; /* the text gives up arbitration or a suit */
};

/* What went before between this worker and this employer (or its group); not printed, but the law asks. */
struct contract_prior {
    struct sv employer_name;
    enum contract_term_kind kind;
    struct date start, end;
    bool had_probation;
};
struct contract_history {
    struct contract_prior *contracts; /* in any order */
    size_t contracts_n;
    struct date service_since; /* continuous service at this employer began */
    bool worker_asked_fixed_term;
    struct date insured_since; /* first insured month's first day, when known */
};

struct contract_data {
    struct contract_header header;
    struct contract_employer employer;
    struct contract_worker worker;
    struct contract_term term;
    struct contract_work work;
    struct contract_hours hours;
    struct contract_pay pay;
    struct contract_insurance insurance;
    struct contract_protection protection;
    struct contract_optional optional;
    struct contract_dispatch dispatch;
    struct contract_disputes disputes;
    struct contract_history history;
};

/* Decodes and checks the form: JSON, known fields, types, lengths, dates that exist. Wrong digits and whether the
 * contract is lawful are law.h's question. Fails with BAD_INPUT (TOO_LARGE above CONTRACT_MAX_BYTES); field is the JSON
 * pointer. */
MUST_CHECK bool contract_data_decode(struct arena *a, struct sv json, struct contract_data *ret, struct err *e);
/* The canonical form: absent fields left out, groups and fields in the order above, no blanks. decode(encode(d)) = d.
 */
struct sv contract_data_encode(struct arena *a, const struct contract_data *d);
/* The JSON Schema (draft 2020-12) of the data, as schemas/contract.schema.json holds it. */
struct sv contract_data_schema(struct arena *a);

/* A time from its first to its last day, both included, in whole months by 民法典 202 and the days beyond them:
 * 2026-03-01 to 2026-04-30 is 2 months, to 2026-05-01 2 months and a day; in a month without the corresponding day it
 * runs to the last: 2026-01-31 to 2026-02-28 is a month. Zero when a day is missing or the last comes before the first.
 */
struct contract_span {
    int months;
    int days;
};
struct contract_span contract_span(struct date first, struct date last);

#endif
