/* The rule table. Ids C01 … are those of the rule catalogue; L the law itself, I identifiers, A age and persons, D
 * contradictory data, W minimum wage, P pay, S social insurance, H hours, N labour protection, T part-time, X dispatch,
 * V void terms, R words in free text. A rule whose article changed has a row for each time. */
#include "contract/law_rules_priv.h"

#include <stdio.h>

/* clang-format off */
#define LCL             {2008, 1, 1}  /* 劳动合同法 in force */
#define LCR             {2008, 9, 18} /* 实施条例 */
#define SIL             {2011, 7, 1}  /* 社会保险法 */
#define GRADUAL         {2025, 1, 1}  /* 渐进式延迟法定退休年龄办法 */
#define SPC2            {2025, 9, 1}  /* 法释〔2025〕12号 */
#define DAY_BEFORE_SPC2 {2025, 8, 31}
#define NO_END          {0}

const struct law_rule law_rules[] = {
    {"L01", LAW_WARN,  LAW_ANY,       {1900, 1, 1}, {2007, 12, 31},  law_check_before_the_law,
     "劳动合同法 第九十七条、第九十八条"},
    /* who the parties are */
    {"I01", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_id_number,
     "劳动合同法 第十七条第一款第二项；GB 11643"},
    {"I02", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_birth_date,
     "劳动合同法 第八条、第十七条；GB 11643"},
    {"I03", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_sex,
     "劳动合同法 第八条、第十七条；GB 11643"},
    {"I04", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_uscc,
     "劳动合同法 第十七条第一款第一项；GB 32100"},
    {"I05", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_phones,
     "劳动合同法实施条例 第八条"},
    {"I06", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_bank_account,
     "保障农民工工资支付条例 第十一条"},
    {"I07", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_areas,
     "劳动合同法实施条例 第十四条；GB/T 2260"},
    {"A01", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_minimum_age,
     "劳动法 第十五条；禁止使用童工规定 第二条"},
    {"A02", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_minor,
     "劳动法 第五十八条、第六十五条；未成年工特殊保护规定"},
    {"A03", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_minor_hazards,
     "劳动法 第六十四条；未成年工特殊保护规定 第三条"},
    {"A04", LAW_WARN,  LAW_ANY,       GRADUAL,      NO_END,          law_check_retirement,
     "劳动合同法 第四十四条；实施条例 第二十一条；渐进式延迟法定退休年龄办法"},
    {"A05", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_foreigner,
     "外国人在中国就业管理规定 第五条；法释〔2020〕26号 第三十三条"},
    {"C31", LAW_WARN,  LAW_ANY,       LCR,          NO_END,          law_check_branch,
     "劳动合同法实施条例 第四条"},
    /* the contract, its clauses and its term */
    {"C07", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_term_kind,
     "劳动合同法 第十二条至第十五条"},
    {"C12", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          law_check_clauses_parties,
     "劳动合同法 第十七条第一款"},
    {"C12", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          law_check_clauses_term,
     "劳动合同法 第十七条第一款第三项"},
    {"C12", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          law_check_clauses_work,
     "劳动合同法 第十七条第一款第四项至第八项"},
    {"C12", LAW_BLOCK, LAW_PART_TIME, LCL,          NO_END,          law_check_clauses_part_time,
     "劳动合同法 第十七条、第六十九条"},
    {"C13", LAW_BLOCK, LAW_DISPATCH,  LCL,          NO_END,          law_check_dispatch_clauses,
     "劳动合同法 第五十八条第一款"},
    {"D01", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_dates_ordered,
     "劳动合同法 第三条、第十七条"},
    {"D02", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_kinds_agree,
     "劳动合同法 第十二条至第十五条"},
    {"D03", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_blanks,
     "劳动合同法 第三条、第十七条"},
    {"D04", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          law_check_post_named,
     "劳动合同法 第八条、第十七条第一款第四项"},
    {"D05", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_composition,
     "劳动合同法 第十七条第一款第六项"},
    {"C01", LAW_INFO,  LAW_ANY,       LCL,          NO_END,          law_check_first_day,
     "劳动合同法 第七条、第十条第三款"},
    {"C02", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          law_check_written_in_a_month,
     "劳动合同法 第十条第二款"},
    {"C04", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          law_check_double_wage,
     "劳动合同法 第八十二条第一款；实施条例 第六条、第七条"},
    {"C06", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          law_check_deemed_open_ended,
     "劳动合同法 第十四条第三款；实施条例 第七条"},
    {"C08", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          law_check_open_ended_due,
     "劳动合同法 第十四条第二款、第八十二条第二款"},
    {"C09", LAW_WARN,  LAW_FULL_TIME, SPC2,         NO_END,          law_check_group_terms,
     "法释〔2025〕12号 第十条；劳动合同法 第十四条第二款"},
    {"C10", LAW_WARN,  LAW_FULL_TIME, LCL,          DAY_BEFORE_SPC2, law_check_stayed_on,
     "法释〔2020〕26号 第三十四条；劳动合同法 第十条"},
    {"C10", LAW_WARN,  LAW_FULL_TIME, SPC2,         NO_END,          law_check_stayed_on,
     "法释〔2025〕12号 第十一条；劳动合同法 第十条"},
    {"C14", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_probation_limit,
     "劳动合同法 第十九条第一款、第三款，第七十条"},
    {"C15", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_probation_once,
     "劳动合同法 第十九条第二款、第四款"},
    /* pay and insurance */
    {"C16", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          law_check_probation_pay,
     "劳动合同法 第二十条；实施条例 第十五条"},
    {"W01", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          law_check_minimum_wage,
     "劳动法 第四十八条；最低工资规定 第十二条；实施条例 第十四条"},
    {"W01", LAW_BLOCK, LAW_PART_TIME, LCL,          NO_END,          law_check_minimum_hourly,
     "劳动合同法 第七十二条第一款"},
    {"W02", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_wage_known,
     "劳动法 第四十八条；实施条例 第十四条"},
    {"W03", LAW_INFO,  LAW_ANY,       LCL,          NO_END,          law_check_wage_confirmed,
     "劳动法 第四十八条"},
    {"C30", LAW_INFO,  LAW_FULL_TIME, LCR,          NO_END,          law_check_place_standard,
     "劳动合同法实施条例 第十四条"},
    {"P01", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          law_check_pay_cycle,
     "劳动法 第五十条；工资支付暂行规定 第七条"},
    {"P02", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_pay_in_kind,
     "劳动法 第五十条；工资支付暂行规定 第五条"},
    {"P03", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          law_check_pay_day,
     "工资支付暂行规定 第七条"},
    {"P04", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_overtime_pay,
     "劳动法 第四十四条；工资支付暂行规定 第十三条"},
    {"P05", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_piece_rate,
     "劳动法 第三十七条；劳动合同法 第十七条第一款第六项"},
    {"C28", LAW_BLOCK, LAW_ANY,       SIL,          DAY_BEFORE_SPC2, law_check_insurance_waiver,
     "社会保险法 第五十八条；劳动合同法 第二十六条"},
    {"C28", LAW_BLOCK, LAW_ANY,       SPC2,         NO_END,          law_check_insurance_waiver,
     "法释〔2025〕12号 第十九条；社会保险法 第五十八条；劳动合同法 第二十六条"},
    {"S01", LAW_WARN,  LAW_FULL_TIME, SIL,          NO_END,          law_check_schemes,
     "社会保险法 第十条、第二十三条、第三十三条、第四十四条"},
    {"S02", LAW_WARN,  LAW_FULL_TIME, SIL,          NO_END,          law_check_insurance_start,
     "社会保险法 第五十八条"},
    {"S03", LAW_INFO,  LAW_FULL_TIME, SIL,          NO_END,          law_check_insurance_base,
     "社会保险法 第十二条、第六十条"},
    /* hours */
    {"H01", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          law_check_standard_hours,
     "劳动法 第三十六条；国务院关于职工工作时间的规定 第三条"},
    {"H02", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          law_check_hours_said,
     "劳动合同法 第十七条第一款第五项"},
    {"H03", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          law_check_rest_day,
     "劳动法 第三十八条"},
    {"H04", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          law_check_overtime_hours,
     "劳动法 第四十一条；劳动合同法 第三十一条"},
    {"H05", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          law_check_special_hours,
     "劳动法 第三十九条；劳部发〔1994〕503号"},
    /* part-time, dispatch */
    {"T01", LAW_BLOCK, LAW_PART_TIME, LCL,          NO_END,          law_check_part_time_hours,
     "劳动合同法 第六十八条"},
    {"T02", LAW_BLOCK, LAW_PART_TIME, LCL,          NO_END,          law_check_part_time_cycle,
     "劳动合同法 第七十二条第二款"},
    {"X01", LAW_BLOCK, LAW_DISPATCH,  LCL,          NO_END,          law_check_dispatch_term,
     "劳动合同法 第五十八条第二款"},
    {"X02", LAW_BLOCK, LAW_DISPATCH,  {2013, 7, 1}, NO_END,          law_check_dispatch_post,
     "劳动合同法 第六十六条"},
    {"X03", LAW_BLOCK, LAW_DISPATCH,  LCL,          NO_END,          law_check_dispatch_units,
     "劳动合同法 第五十七条、第六十七条"},
    /* what is agreed besides */
    {"C19", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_deposit,
     "劳动合同法 第九条、第八十四条"},
    {"C20", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_penalties,
     "劳动合同法 第二十五条"},
    {"C21", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_service_period,
     "劳动合同法 第二十二条；实施条例 第十六条"},
    {"C23", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_non_compete_person,
     "劳动合同法 第二十四条第一款"},
    {"C24", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_non_compete_term,
     "劳动合同法 第二十三条、第二十四条；法释〔2020〕26号 第三十六条"},
    {"C25", LAW_WARN,  LAW_ANY,       {2025, 9, 12}, NO_END,          law_check_non_compete_guide,
     "人社厅发〔2025〕40号"},
    {"C27", LAW_BLOCK, LAW_ANY,       LCR,          NO_END,          law_check_termination_conditions,
     "劳动合同法实施条例 第十三条；劳动合同法 第四十四条"},
    {"V01", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          law_check_arbitration_waiver,
     "劳动合同法 第二十六条第一款第二项"},
    {"N01", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_hazards_told,
     "职业病防治法 第三十三条；劳动合同法 第八条"},
    {"R01", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          law_check_free_text,
     "劳动合同法 第九条、第二十五条、第二十六条"},
};
/* clang-format on */
const size_t law_rules_n = COUNT(law_rules);

size_t law_rules_count(void)
{
    return law_rules_n;
}

struct law_rule_info law_rule_at(size_t i, enum text_lang lang)
{
    must(i < law_rules_n);
    const struct law_rule *r = &law_rules[i];
    char key[16];
    (void)snprintf(key, sizeof key, "law.%s", r->id);
    return (struct law_rule_info){r->id, r->article, r->severity, r->from, r->to, text_get(lang, sv_from(key))};
}

struct sv law_rules_markdown(struct arena *a)
{
    CLEANUP(buf_done) struct buf b = {0};
    buf_init(&b, (size_t)1 << 20);
    buf_add(&b, SV("# Rules of the labour-law check\n\n"
                   "Printed from the rule table (`qyq check --rules --markdown`); a test compares. Severity is the "
                   "gravest the rule "
                   "reports: `block` must not be signed, `warn` needs a reason, `info` is good to know. A rule that "
                   "changed has a "
                   "row for each time.\n\n"
                   "| Rule | Severity | In force | Article | 内容 | What it checks |\n|---|---|---|---|---|---|\n"));
    for (size_t i = 0; i < law_rules_n; i++) {
        struct law_rule_info zh = law_rule_at(i, TEXT_ZH_CN), en = law_rule_at(i, TEXT_EN);
        struct sv to = date_is_set(zh.to) ? date_print(a, zh.to) : SV("");
        buf_printf(&b, "| %s | %s | %.*s – %.*s | %s | %.*s | %.*s |\n", zh.id, law_severity_name(zh.severity),
                   SV_ARG(date_print(a, zh.from)), SV_ARG(to), zh.article, SV_ARG(zh.title), SV_ARG(en.title));
    }
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}
