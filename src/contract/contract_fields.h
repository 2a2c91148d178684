/* The data of a contract as the values that templates print: a flat list of names and finished words.
 *
 * Every field of contract_data.h becomes "<group>_<field>", except those that no contract prints (header_template_*,
 * history_*). What it looks like:
 *   text          as it stands                       worker_name            张三
 *   date          Chinese date                       term_start             2026年3月1日
 *   money (_fen)  two fields, without "_fen"         pay_amount             5,000.00
 *                                                    pay_amount_capital     伍仟元整
 *   minutes       hours, without "_minutes"          hours_daily            8        hours_weekly 37.5
 *   enumeration   words, and the name for conditions hours_system           标准工时制
 *                                                    hours_system_standard  1   (flag of the value that holds; the
 *                                                                               others are empty)
 *   bool          flag, "1" or empty                 insurance_housing_fund 1
 *   list          joined by 、                       insurance_schemes      基本养老保险、基本医疗保险
 *                 texts of sentences: a line each    optional_annexes
 *   nested        one more step                      optional_training_cost, optional_non_compete_months
 *   area          name when the law data knows it    employer_performance_area 广东省清远市清城区; …_area_code 441802
 * Further:
 *   term_duration 3年, 1年6个月, 90天 · term_probation_duration 2个月 · term_has_probation flag
 *   pay_composition lines "基本工资：3,000.00 元" · pay_day_text 每月15日（发放上月工资）
 *   pay_unit_text 元/月 · optional_penalties lines · worker_id_type, employer_legal_representative … as above
 *   insurance_start_month 2026年3月
 * An absent value is an empty value, so {{#if}} can ask for it; no name is ever left out. */
#ifndef CONTRACT_CONTRACT_FIELDS_H
#define CONTRACT_CONTRACT_FIELDS_H

#include "contract/contract_data.h"
#include "typeset/template.h"

/* Sorted by name; lives in a. The words are those of the data's language (header.language, zh-CN when absent). */
void contract_fields(struct arena *a, const struct contract_data *d, const struct typeset_field **ret, size_t *ret_n);
/* The value of one field, or an empty view. */
struct sv contract_field(const struct typeset_field *fields, size_t n, struct sv name);

#endif
