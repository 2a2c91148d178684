/* The labour-law check: a contract's data goes in, findings come out. Plain structs, no database, no clock, no network,
 * so that it runs anywhere: before sending, on the command line, over old contracts with the law of their day.
 *
 * Every rule is a row of law_rules.c: an id (that of the rule catalogue where it has one, C01 …), the article, a
 * severity, the time in which it is law, and one small function that looks at the data and reports. A new rule is a
 * row, a function and its words in the message files ("law.<id>" is the title, "law.<id>.<variant>" a finding).
 * docs/law-rules.md is printed from the table.
 *
 * A finding never says that a contract is lawful: the check sees data, not people. What the data cannot decide (an area
 * without a minimum wage, a date outside the tables) is reported as a warning, never passed over. */
#ifndef CONTRACT_LAW_H
#define CONTRACT_LAW_H

#include "contract/contract_data.h"
#include "text/text.h"

enum law_severity {
    LAW_BLOCK, /* must not be signed like this */
    LAW_WARN,  /* may be signed for a reason; risk for one of the parties */
    LAW_INFO   /* good to know */
};
const char *law_severity_name(enum law_severity s); /* "block", "warn", "info" */

/* ---- the data behind the rules: templates/law/, dated rows with their sources ---- */

struct law;

/* dir: a folder whose files replace the embedded ones of the same name, or NULL. Lives in a; may be shared by threads.
 * Fails with CORRUPT, reason "law_data_broken", naming file and place. */
MUST_CHECK bool law_load(struct arena *a, const char *dir, struct law **ret, struct err *e);

struct law_minimum_wage {
    int64_t monthly_fen, hourly_fen; /* hourly: for part-time work */
    struct date from, to;            /* to unset: still in force as far as the data knows */
    struct sv source;
    bool confirmed; /* read in the notice itself */
};
/* The row of the longest matching area prefix in force on the day; false when there is none. */
bool law_minimum_wage(const struct law *law, struct sv area, struct date on, struct law_minimum_wage *ret);
/* "广东省清远市清城区", or an empty view. */
struct sv law_area_name(const struct law *law, struct sv area);
/* The working days of the State Council's arrangements; for deadlines. */
const struct calendar *law_calendar(const struct law *law);
/* The day on which the statutory retirement age is reached (渐进式延迟法定退休年龄办法); false for a birth date outside
 * the tables. */
bool law_retirement(const struct law *law, enum contract_retirement group, struct date birth, struct date *ret);

/* ---- the rules ---- */

struct law_rule_info {
    const char *id;
    const char *article;        /* "劳动合同法 第十九条" */
    enum law_severity severity; /* the gravest it reports */
    struct date from, to;       /* to unset: still law */
    struct sv title;
};
size_t law_rules_count(void);
struct law_rule_info law_rule_at(size_t i, enum text_lang lang);
/* docs/law-rules.md. */
struct sv law_rules_markdown(struct arena *a);

/* ---- the check ---- */

struct law_finding {
    const char *rule;
    enum law_severity severity;
    const char *article;
    struct sv variant; /* which of the rule's findings: the last part of the message key */
    struct sv message;
    const struct sv *fields; /* JSON pointers into the data */
    size_t fields_n;
};
struct law_report {
    struct date law_date;
    const struct law_finding *findings; /* block before warn before info, then in the order of the rules */
    size_t findings_n;
    bool blocking;
};

/* Which day's law is asked: at when it is set, else the day of signing in the data, else today. */
struct date law_date_of(const struct contract_data *d, struct date at, struct date today);
/* Everything in the report lives in a. */
void law_check(struct arena *a, const struct law *law, const struct contract_data *d, struct date law_date,
               enum text_lang lang, struct law_report *ret);
/* {"law_date","findings":[{"rule","severity","article","message","fields"}]} */
struct sv law_report_json(struct arena *a, const struct law_report *r);

#endif
