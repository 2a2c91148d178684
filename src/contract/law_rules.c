/* The rule table. Ids C01 … are those of the rule catalogue; I identifiers, A age and persons, D contradictory data, W
 * minimum wage, P pay, S social insurance, H hours, N labour protection, T part-time, X dispatch, V void terms, R words
 * in free text. A rule whose article changed has a row for each time. */
#include "contract/law_rules_priv.h"

#include <stdio.h>

#define LCL                                                                                                            \
    {                                                                                                                  \
        2008, 1, 1                                                                                                     \
    } /* 劳动合同法 in force */
#define LCR                                                                                                            \
    {                                                                                                                  \
        2008, 9, 18                                                                                                    \
    } /* 实施条例 */
#define SIL                                                                                                            \
    {                                                                                                                  \
        2011, 7, 1                                                                                                     \
    } /* 社会保险法 */
#define SPC2                                                                                                           \
    {                                                                                                                  \
        2025, 9, 1                                                                                                     \
    } /* 法释〔2025〕12号 */
#define DAY_BEFORE_SPC2                                                                                                \
    {                                                                                                                  \
        2025, 8, 31                                                                                                    \
    }
#define GRADUAL                                                                                                        \
    {                                                                                                                  \
        2025, 1, 1                                                                                                     \
    } /* 渐进式延迟法定退休年龄 */
#define NO_END                                                                                                         \
    {                                                                                                                  \
        0                                                                                                              \
    }

const struct law_rule law_rules[] = {
  /* who the parties are */
        {"I01", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第十七条第一款第二项；GB 11643",                                 law_check_id_number         },
        {"I02", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第八条、第十七条；GB 11643",                                       law_check_birth_date        },
        {"I03", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第八条、第十七条；GB 11643",                                       law_check_sex               },
        {"I04", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第十七条第一款第一项；GB 32100",                                 law_check_uscc              },
        {"I05", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "劳动合同法实施条例 第八条",                                                     law_check_phones            },
        {"I06", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "保障农民工工资支付条例 第十一条",                                            law_check_bank_account      },
        {"A01", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动法 第十五条；禁止使用童工规定 第二条",                               law_check_minimum_age       },
        {"A02", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "劳动法 第五十八条、第六十五条；未成年工特殊保护规定",              law_check_minor             },
        {"A03", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动法 第六十四条；未成年工特殊保护规定 第三条",
         law_check_minor_hazards                                                                                                                                                                  },
        {"A04", LAW_WARN,  LAW_ANY,       GRADUAL,      NO_END,
         "劳动合同法 第四十四条；实施条例 第二十一条；渐进式延迟法定退休年龄办法",                                                  law_check_retirement        },
        {"A05", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "外国人在中国就业管理规定 第五条；法释〔2020〕26号 第三十三条",
         law_check_foreigner                                                                                                                                                                      },
        {"C31", LAW_WARN,  LAW_ANY,       LCR,          NO_END,          "劳动合同法实施条例 第四条",                                                     law_check_branch            },
 /* the contract, its clauses and its term */
        {"C07", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第十二条至第十五条",                                               law_check_term_kind         },
        {"C12", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          "劳动合同法 第十七条第一款",                                                     law_check_clauses_parties   },
        {"C12", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          "劳动合同法 第十七条第一款第三项",                                            law_check_clauses_term      },
        {"C12", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          "劳动合同法 第十七条第一款第四项至第八项",
         law_check_clauses_work                                                                                                                                                                   },
        {"C12", LAW_BLOCK, LAW_PART_TIME, LCL,          NO_END,          "劳动合同法 第十七条、第六十九条",                                            law_check_clauses_part_time },
        {"C13", LAW_BLOCK, LAW_DISPATCH,  LCL,          NO_END,          "劳动合同法 第五十八条第一款",                                                  law_check_dispatch_clauses  },
        {"D01", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第三条、第十七条",                                                  law_check_dates_ordered     },
        {"D02", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第十二条至第十五条",                                               law_check_kinds_agree       },
        {"D03", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "劳动合同法 第三条、第十七条",                                                  law_check_blanks            },
        {"D04", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          "劳动合同法 第八条、第十七条第一款第四项",                                law_check_post_named        },
        {"D05", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "劳动合同法 第十七条第一款第六项",                                            law_check_composition       },
        {"C01", LAW_INFO,  LAW_ANY,       LCL,          NO_END,          "劳动合同法 第七条、第十条第三款",                                            law_check_first_day         },
        {"C02", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          "劳动合同法 第十条第二款",                                                        law_check_written_in_a_month},
        {"C04", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          "劳动合同法 第八十二条第一款；实施条例 第六条、第七条",
         law_check_double_wage                                                                                                                                                                    },
        {"C06", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          "劳动合同法 第十四条第三款；实施条例 第七条",
         law_check_deemed_open_ended                                                                                                                                                              },
        {"C08", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          "劳动合同法 第十四条第二款、第八十二条第二款",
         law_check_open_ended_due                                                                                                                                                                 },
        {"C09", LAW_WARN,  LAW_FULL_TIME, SPC2,         NO_END,          "法释〔2025〕12号 第十条；劳动合同法 第十四条第二款",
         law_check_group_terms                                                                                                                                                                    },
        {"C10", LAW_WARN,  LAW_FULL_TIME, LCL,          DAY_BEFORE_SPC2, "法释〔2020〕26号 第三十四条；劳动合同法 第十条",
         law_check_stayed_on                                                                                                                                                                      },
        {"C10", LAW_WARN,  LAW_FULL_TIME, SPC2,         NO_END,          "法释〔2025〕12号 第十一条；劳动合同法 第十条",
         law_check_stayed_on                                                                                                                                                                      },
        {"C14", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第十九条第一款、第三款，第七十条",
         law_check_probation_limit                                                                                                                                                                },
        {"C15", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第十九条第二款、第四款",                                         law_check_probation_once    },
 /* pay and insurance */
        {"C16", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          "劳动合同法 第二十条；实施条例 第十五条",
         law_check_probation_pay                                                                                                                                                                  },
        {"W01", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          "劳动法 第四十八条；最低工资规定 第十二条；实施条例 第十四条",
         law_check_minimum_wage                                                                                                                                                                   },
        {"W01", LAW_BLOCK, LAW_PART_TIME, LCL,          NO_END,          "劳动合同法 第七十二条第一款",                                                  law_check_minimum_hourly    },
        {"W02", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "劳动法 第四十八条；实施条例 第十四条",                                     law_check_wage_known        },
        {"W03", LAW_INFO,  LAW_ANY,       LCL,          NO_END,          "劳动法 第四十八条",                                                                 law_check_wage_confirmed    },
        {"C30", LAW_INFO,  LAW_FULL_TIME, LCR,          NO_END,          "劳动合同法实施条例 第十四条",                                                  law_check_place_standard    },
        {"P01", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          "劳动法 第五十条；工资支付暂行规定 第七条",                               law_check_pay_cycle         },
        {"P02", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动法 第五十条；工资支付暂行规定 第五条",                               law_check_pay_in_kind       },
        {"P03", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          "工资支付暂行规定 第七条",                                                        law_check_pay_day           },
        {"P04", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "劳动法 第四十四条；工资支付暂行规定 第十三条",                         law_check_overtime_pay      },
        {"P05", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "劳动法 第三十七条；劳动合同法 第十七条第一款第六项",
         law_check_piece_rate                                                                                                                                                                     },
        {"C28", LAW_BLOCK, LAW_ANY,       SIL,          DAY_BEFORE_SPC2, "社会保险法 第五十八条；劳动合同法 第二十六条",
         law_check_insurance_waiver                                                                                                                                                               },
        {"C28", LAW_BLOCK, LAW_ANY,       SPC2,         NO_END,
         "法释〔2025〕12号 第十九条；社会保险法 第五十八条；劳动合同法 第二十六条",                                                    law_check_insurance_waiver  },
        {"S01", LAW_WARN,  LAW_FULL_TIME, SIL,          NO_END,          "社会保险法 第十条、第二十三条、第三十三条、第四十四条",
         law_check_schemes                                                                                                                                                                        },
        {"S02", LAW_WARN,  LAW_FULL_TIME, SIL,          NO_END,          "社会保险法 第五十八条",                                                           law_check_insurance_start   },
        {"S03", LAW_INFO,  LAW_FULL_TIME, SIL,          NO_END,          "社会保险法 第十二条、第六十条",                                               law_check_insurance_base    },
 /* hours */
        {"H01", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          "劳动法 第三十六条；国务院关于职工工作时间的规定 第三条",
         law_check_standard_hours                                                                                                                                                                 },
        {"H02", LAW_WARN,  LAW_FULL_TIME, LCL,          NO_END,          "劳动合同法 第十七条第一款第五项",                                            law_check_hours_said        },
        {"H03", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          "劳动法 第三十八条",                                                                 law_check_rest_day          },
        {"H04", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          "劳动法 第四十一条；劳动合同法 第三十一条",
         law_check_overtime_hours                                                                                                                                                                 },
        {"H05", LAW_BLOCK, LAW_FULL_TIME, LCL,          NO_END,          "劳动法 第三十九条；劳部发〔1994〕503号",
         law_check_special_hours                                                                                                                                                                  },
 /* part-time, dispatch */
        {"T01", LAW_BLOCK, LAW_PART_TIME, LCL,          NO_END,          "劳动合同法 第六十八条",                                                           law_check_part_time_hours   },
        {"T02", LAW_BLOCK, LAW_PART_TIME, LCL,          NO_END,          "劳动合同法 第七十二条第二款",                                                  law_check_part_time_cycle   },
        {"X01", LAW_BLOCK, LAW_DISPATCH,  LCL,          NO_END,          "劳动合同法 第五十八条第二款",                                                  law_check_dispatch_term     },
        {"X02", LAW_BLOCK, LAW_DISPATCH,  {2013, 7, 1}, NO_END,          "劳动合同法 第六十六条",                                                           law_check_dispatch_post     },
        {"X03", LAW_BLOCK, LAW_DISPATCH,  LCL,          NO_END,          "劳动合同法 第五十七条、第六十七条",                                         law_check_dispatch_units    },
 /* what is agreed besides */
        {"C19", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第九条、第八十四条",                                               law_check_deposit           },
        {"C20", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第二十五条",                                                           law_check_penalties         },
        {"C21", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第二十二条；实施条例 第十六条",                               law_check_service_period    },
        {"C23", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "劳动合同法 第二十四条第一款",                                                  law_check_non_compete_person},
        {"C24", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第二十三条、第二十四条；法释〔2020〕26号 第三十六条",
         law_check_non_compete_term                                                                                                                                                               },
        {"C25", LAW_WARN,  LAW_ANY,       {2025, 9, 4}, NO_END,          "人社厅发〔2025〕40号",                                                               law_check_non_compete_guide },
        {"C27", LAW_BLOCK, LAW_ANY,       LCR,          NO_END,          "劳动合同法实施条例 第十三条；劳动合同法 第四十四条",
         law_check_termination_conditions                                                                                                                                                         },
        {"V01", LAW_BLOCK, LAW_ANY,       LCL,          NO_END,          "劳动合同法 第二十六条第一款第二项",                                         law_check_arbitration_waiver},
        {"N01", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "职业病防治法 第三十三条；劳动合同法 第八条",                            law_check_hazards_told      },
        {"R01", LAW_WARN,  LAW_ANY,       LCL,          NO_END,          "劳动合同法 第九条、第二十五条、第二十六条",                             law_check_free_text         },
};
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
