/* Between the files of the law check: the table, what a rule sees, and how it reports. */
#ifndef CONTRACT_LAW_PRIV_H
#define CONTRACT_LAW_PRIV_H

#include "contract/law.h"
#include "party/idnum.h"

struct law_ctx;

/* Which contracts a rule looks at; a bit a kind. */
#define LAW_FULL_TIME                                                                                                  \
    (1u << CONTRACT_KIND_FIXED_TERM | 1u << CONTRACT_KIND_OPEN_ENDED | 1u << CONTRACT_KIND_TASK_BASED |                \
     1u << CONTRACT_KIND_DISPATCH)
#define LAW_PART_TIME (1u << CONTRACT_KIND_PART_TIME)
#define LAW_DISPATCH  (1u << CONTRACT_KIND_DISPATCH)
#define LAW_ANY       (LAW_FULL_TIME | LAW_PART_TIME)

struct law_rule {
    const char *id;
    enum law_severity severity;
    unsigned kinds;
    struct date from, to;
    void (*check)(struct law_ctx *c);
    const char *article;
};
extern const struct law_rule law_rules[];
extern const size_t law_rules_n;

struct law_ctx {
    struct arena *a;
    const struct law *law;
    const struct contract_data *d;
    struct date at; /* the law date */
    enum text_lang lang;
    const struct law_rule *rule;
    /* worked out once */
    enum contract_kind kind; /* as said, else as the term's kind implies, else fixed_term */
    struct date first_day;   /* of work: as said, else the contract's first */
    struct date sign_date;   /* as said, else the law date */
    struct date birth;       /* of the number when it is a good one, else as said */
    enum contract_sex sex;   /* likewise */
    bool has_minimum;        /* the minimum wage at the place of performance is known */
    struct law_minimum_wage minimum;
    struct law_finding *found;
    size_t found_n, found_max;
};

/* Reports a finding of the rule that runs: the words under "law.<id>.<variant>", with parameters; fields: JSON pointers
 * parted by blanks. law_find_as has a milder severity than the row. */
/* clang-format off */
#define LAW_PARAMS_(...) (const struct text_param[]){{NULL, {NULL, 0}}, ##__VA_ARGS__}
#define law_find_as(c, severity, variant, fields, ...)                                                                 \
    law_add((c), (severity), (variant), (fields), LAW_PARAMS_(__VA_ARGS__),                                            \
            sizeof(LAW_PARAMS_(__VA_ARGS__)) / sizeof(struct text_param))
#define law_find(c, variant, fields, ...)                                                                              \
    law_find_as((c), (c)->rule->severity, (variant), (fields), ##__VA_ARGS__)
/* clang-format on */
void law_add(struct law_ctx *c, enum law_severity severity, const char *variant, const char *fields,
             const struct text_param *params, size_t n);

/* Values for messages, in the language of the report. */
struct sv law_say_date(struct law_ctx *c, struct date d);
struct sv law_say_yuan(struct law_ctx *c, int64_t fen);
struct sv law_say_int(struct law_ctx *c, int64_t n);
struct sv law_say_hours(struct law_ctx *c, int64_t minutes);
struct sv law_say_span(struct law_ctx *c, struct contract_span span);
struct sv law_say_word(struct law_ctx *c, const struct contract_enum *e, int value);

/* Pay for a month of full-time work, or for the unit of pay.amount_fen when it is part-time by the hour; only what
 * counts towards the minimum wage. */
int64_t law_month_fen(const struct law_ctx *c, int64_t amount_fen);
bool law_has_probation(const struct contract_data *d);
bool law_list_has(const struct sv *p, size_t n, const char *name);
/* Text that says nothing: empty, blanks, only underscores, dashes, dots or slashes. */
bool law_is_blank(struct sv s);

#define LAW_CHECK(name) void name(struct law_ctx *c)

#endif
