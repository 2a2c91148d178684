/* clang-format off */
/* The data of a contract as the values that templates print: a flat list of names and finished words. The names are the
 * vocabulary of templates/contract/; one set of values serves every template.
 *
 *   dates    2026年3月1日                      money    5,000.00; the same with _capital: 伍仟元整
 *   hours    8, 37.5                           flags    "1" or empty
 *   lists    joined by 、 (text) or a line each (lines)
 *
 *   header      contract_no contract_kind sign_date
 *   employer    employer_name employer_uscc employer_domicile employer_representative employer_contact employer_phone
 *   worker      worker_name worker_sex worker_birth_date worker_id_type worker_id_number worker_nationality
 *               worker_household_address worker_address worker_phone worker_email worker_service_address
 *               emergency_contact work_permit_no
 *   term        term_fixed* term_open_ended* term_task* term_start term_end term_duration task first_day
 *               probation_start probation_end probation_duration
 *   work        post work_content work_place reassignment
 *   hours       hours_system hours_standard* hours_comprehensive* hours_irregular* hours_daily hours_weekly
 *               work_days_per_week schedule rest_days annual_leave hours_period hours_approval hours_approval_until
 *   pay         wage_mode wage_time* wage_piece* wage_other* wage_unit wage_amount wage_capital wage_composition
 *               wage_piece_rate wage_other_terms overtime_base probation_wage probation_wage_capital pay_day
 *               pay_cycle (当月, 上月) pay_period (月, 半月 …) pay_method bank_name bank_account
 *   insurance   insurance_schemes insurance_start housing_fund (words) welfare
 *   protection  labour_protection hazards protective_equipment health_checks special_protection
 *   optional    training confidentiality non_compete penalties termination_conditions other_terms annexes (lines)
 *               rules_received
 *   dispatch    user_unit_name user_unit_uscc dispatch_start dispatch_end dispatch_post dispatch_post_kind
 *               dispatch_agreement_no
 *   disputes    mediation_body arbitration_committee
 * (* flags: the one that holds is "1".) platform_name, help_phone and what else belongs to the operator is added by the
 * caller. An absent value is an empty value; no name is ever left out. */
/* clang-format on */
#ifndef CONTRACT_CONTRACT_FIELDS_H
#define CONTRACT_CONTRACT_FIELDS_H

#include "contract/contract_data.h"
#include "typeset/template.h"

/* Sorted by name; lives in a. The words are those of the data's language (header.language; zh-CN when absent). */
void contract_fields(struct arena *a, const struct contract_data *d, const struct typeset_field **ret, size_t *ret_n);
/* The value of one field, or an empty view. */
struct sv contract_field(const struct typeset_field *fields, size_t n, struct sv name);

#endif
