/* The checks behind the rows of law_rules.c. Each looks at c->d and reports through law_find. */
#ifndef CONTRACT_LAW_RULES_PRIV_H
#define CONTRACT_LAW_RULES_PRIV_H

#include "contract/law_priv.h"

/* law_identity.c */
LAW_CHECK(law_check_id_number);
LAW_CHECK(law_check_birth_date);
LAW_CHECK(law_check_sex);
LAW_CHECK(law_check_uscc);
LAW_CHECK(law_check_phones);
LAW_CHECK(law_check_areas);
LAW_CHECK(law_check_bank_account);
LAW_CHECK(law_check_minimum_age);
LAW_CHECK(law_check_minor);
LAW_CHECK(law_check_minor_hazards);
LAW_CHECK(law_check_retirement);
LAW_CHECK(law_check_foreigner);
LAW_CHECK(law_check_branch);

/* law_term.c */
LAW_CHECK(law_check_clauses_parties);
LAW_CHECK(law_check_clauses_term);
LAW_CHECK(law_check_clauses_work);
LAW_CHECK(law_check_clauses_part_time);
LAW_CHECK(law_check_dispatch_clauses);
LAW_CHECK(law_check_term_kind);
LAW_CHECK(law_check_kinds_agree);
LAW_CHECK(law_check_dates_ordered);
LAW_CHECK(law_check_first_day);
LAW_CHECK(law_check_written_in_a_month);
LAW_CHECK(law_check_double_wage);
LAW_CHECK(law_check_deemed_open_ended);
LAW_CHECK(law_check_probation_limit);
LAW_CHECK(law_check_probation_once);
LAW_CHECK(law_check_open_ended_due);
LAW_CHECK(law_check_group_terms);
LAW_CHECK(law_check_stayed_on);
LAW_CHECK(law_check_dispatch_term);
LAW_CHECK(law_check_dispatch_post);
LAW_CHECK(law_check_dispatch_units);

/* law_pay.c */
LAW_CHECK(law_check_minimum_wage);
LAW_CHECK(law_check_minimum_hourly);
LAW_CHECK(law_check_wage_known);
LAW_CHECK(law_check_wage_confirmed);
LAW_CHECK(law_check_place_standard);
LAW_CHECK(law_check_probation_pay);
LAW_CHECK(law_check_pay_cycle);
LAW_CHECK(law_check_part_time_cycle);
LAW_CHECK(law_check_pay_in_kind);
LAW_CHECK(law_check_pay_day);
LAW_CHECK(law_check_overtime_pay);
LAW_CHECK(law_check_composition);
LAW_CHECK(law_check_piece_rate);
LAW_CHECK(law_check_insurance_waiver);
LAW_CHECK(law_check_schemes);
LAW_CHECK(law_check_insurance_start);
LAW_CHECK(law_check_insurance_base);
LAW_CHECK(law_check_standard_hours);
LAW_CHECK(law_check_hours_said);
LAW_CHECK(law_check_rest_day);
LAW_CHECK(law_check_overtime_hours);
LAW_CHECK(law_check_special_hours);
LAW_CHECK(law_check_part_time_hours);

/* law_optional.c */
LAW_CHECK(law_check_before_the_law);
LAW_CHECK(law_check_deposit);
LAW_CHECK(law_check_penalties);
LAW_CHECK(law_check_service_period);
LAW_CHECK(law_check_non_compete_person);
LAW_CHECK(law_check_non_compete_term);
LAW_CHECK(law_check_non_compete_guide);
LAW_CHECK(law_check_termination_conditions);
LAW_CHECK(law_check_arbitration_waiver);
LAW_CHECK(law_check_hazards_told);
LAW_CHECK(law_check_free_text);
LAW_CHECK(law_check_blanks);
LAW_CHECK(law_check_post_named);

#endif
