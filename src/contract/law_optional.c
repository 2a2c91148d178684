/* What is agreed besides: deposits, penalties, service period, non-compete, void terms, blanks, and words that betray a
 * void clause in free text. */
#include <stdio.h>

#include "contract/law_rules_priv.h"

/* Without this row a contract of 2007 would pass in silence. */
LAW_CHECK(law_check_before_the_law)
{
    law_find(c, "before", "/header/sign_date", {"day", law_say_date(c, c->at)});
}

LAW_CHECK(law_check_deposit)
{
    const struct contract_optional *o = &c->d->optional;
    if (o->deposit_fen)
        law_find(c, "deposit", "/optional/deposit_fen", {"amount", law_say_yuan(c, o->deposit_fen)});
    if (o->documents_held)
        law_find(c, "documents", "/optional/documents_held");
}

LAW_CHECK(law_check_penalties)
{
    const struct contract_optional *o = &c->d->optional;
    for (size_t i = 0; i < o->penalties_n; i++) {
        const struct contract_penalty *p = &o->penalties[i];
        char field[64];
        (void)snprintf(field, sizeof field, "/optional/penalties/%zu", i);
        if (p->ground == CONTRACT_PENALTY_NONE || p->ground == CONTRACT_PENALTY_OTHER)
            law_find(c, "ground", field, {"amount", law_say_yuan(c, p->amount_fen)}, {"text", p->text});
    }
}

LAW_CHECK(law_check_service_period)
{
    const struct contract_training *t = &c->d->optional.training;
    if ((t->service_months || t->penalty_fen) && !t->cost_fen)
        law_find(c, "no_cost", "/optional/training/cost_fen /optional/training/service_months");
    else if (t->penalty_fen > t->cost_fen)
        law_find(c, "penalty", "/optional/training/penalty_fen /optional/training/cost_fen",
                 {"penalty", law_say_yuan(c, t->penalty_fen)}, {"cost", law_say_yuan(c, t->cost_fen)});
}

/* ---- non-compete ---- */

static bool has_non_compete(const struct contract_data *d)
{
    const struct contract_non_compete *n = &d->optional.non_compete;
    return n->months || n->penalty_fen || n->compensation_fen || !law_is_blank(n->scope) || !law_is_blank(n->area);
}

LAW_CHECK(law_check_non_compete_person)
{
    enum contract_secret_role role = c->d->optional.non_compete.role;
    if (has_non_compete(c->d) && (role == CONTRACT_SECRET_ROLE_NONE || role == CONTRACT_SECRET_ROLE_OTHER))
        law_find(c, "role", "/optional/non_compete/role");
}

#define NON_COMPETE_PAY "/optional/non_compete/compensation_fen"

LAW_CHECK(law_check_non_compete_term)
{
    const struct contract_data *d = c->d;
    const struct contract_non_compete *n = &d->optional.non_compete;
    int64_t wage = law_month_fen(c, d->pay.amount_fen);
    if (!has_non_compete(d))
        return;
    if (n->months > 24)
        law_find(c, "long", "/optional/non_compete/months", {"months", law_say_int(c, n->months)});
    if (!n->months)
        law_find_as(c, LAW_WARN, "no_term", "/optional/non_compete/months");
    if (!n->compensation_fen) {
        law_find_as(c, LAW_WARN, "unpaid", NON_COMPETE_PAY);
        return;
    }
    if (n->compensation_fen * 10 < wage * 3)
        law_find_as(c, LAW_WARN, "share", NON_COMPETE_PAY " /pay/amount_fen",
                    {"pay", law_say_yuan(c, n->compensation_fen)}, {"least", law_say_yuan(c, (wage * 3 + 9) / 10)});
    if (c->has_minimum && n->compensation_fen < c->minimum.monthly_fen)
        law_find_as(c, LAW_WARN, "minimum", NON_COMPETE_PAY " /employer/performance_area",
                    {"pay", law_say_yuan(c, n->compensation_fen)}, {"least", law_say_yuan(c, c->minimum.monthly_fen)});
}

LAW_CHECK(law_check_non_compete_guide)
{
    const struct contract_data *d = c->d;
    const struct contract_non_compete *n = &d->optional.non_compete;
    int64_t wage = law_month_fen(c, d->pay.amount_fen), total = n->compensation_fen * n->months;
    if (n->months > 12 && n->compensation_fen && n->compensation_fen * 2 < wage)
        law_find(c, "half", NON_COMPETE_PAY " /optional/non_compete/months", {"months", law_say_int(c, n->months)},
                 {"pay", law_say_yuan(c, n->compensation_fen)}, {"half", law_say_yuan(c, (wage + 1) / 2)});
    if (total && n->penalty_fen > total * 5)
        law_find(c, "penalty", "/optional/non_compete/penalty_fen " NON_COMPETE_PAY,
                 {"penalty", law_say_yuan(c, n->penalty_fen)}, {"total", law_say_yuan(c, total)});
}

/* ---- void terms ---- */

LAW_CHECK(law_check_termination_conditions)
{
    const struct contract_optional *o = &c->d->optional;
    for (size_t i = 0; i < o->termination_conditions_n; i++) {
        char field[64];
        (void)snprintf(field, sizeof field, "/optional/termination_conditions/%zu", i);
        if (!law_is_blank(o->termination_conditions[i]))
            law_find(c, "extra", field, {"text", o->termination_conditions[i]});
    }
}

LAW_CHECK(law_check_arbitration_waiver)
{
    if (c->d->disputes.arbitration_waived)
        law_find(c, "waived", "/disputes/arbitration_waived");
}

/* 职业病防治法 33: hazards that cause occupational disease are told in writing when the contract is made. */
LAW_CHECK(law_check_hazards_told)
{
    static const char *const diseases[] = {"mine", "toxic", "high_temperature", "dust", "noise", "radiation"};
    const struct contract_protection *p = &c->d->protection;
    bool hazardous = false;
    for (size_t i = 0; i < COUNT(diseases); i++)
        hazardous = hazardous || law_list_has(p->hazards, p->hazards_n, diseases[i]);
    if (hazardous && !p->hazards_disclosed)
        law_find(c, "untold", "/protection/hazards_disclosed /protection/hazards");
}

/* ---- free text ---- */

struct free_text {
    const char *field;
    struct sv text;
};
#define MAX_TEXTS (16 + CONTRACT_MAX_LIST)

/* The fields in which clauses can hide. */
static size_t free_texts(struct law_ctx *c, struct free_text *out)
{
    const struct contract_data *d = c->d;
    const struct free_text fixed[] = {
            {"/work/content",                     d->work.content                    },
            {"/work/reassignment_scope",          d->work.reassignment_scope         },
            {"/hours/schedule",                   d->hours.schedule                  },
            {"/hours/rest_days",                  d->hours.rest_days                 },
            {"/hours/annual_leave",               d->hours.annual_leave              },
            {"/pay/piece_rate",                   d->pay.piece_rate                  },
            {"/pay/other",                        d->pay.other                       },
            {"/protection/conditions",            d->protection.conditions           },
            {"/protection/special_groups",        d->protection.special_groups       },
            {"/optional/confidentiality",         d->optional.confidentiality        },
            {"/optional/training/content",        d->optional.training.content       },
            {"/optional/welfare",                 d->optional.welfare                },
            {"/optional/supplementary_insurance", d->optional.supplementary_insurance},
            {"/optional/other_terms",             d->optional.other_terms            },
    };
    _Static_assert(COUNT(fixed) <= 16, "room for all of them");
    size_t n = 0;
    for (; n < COUNT(fixed); n++)
        out[n] = fixed[n];
    for (size_t i = 0; i < d->optional.annexes_n && n < MAX_TEXTS; i++, n++)
        out[n] = (struct free_text){arena_cstr(c->a, arena_printf(c->a, "/optional/annexes/%zu", i)),
                                    d->optional.annexes[i]};
    return n;
}

/* Words as they stand in clauses that courts hold void. Words can be meant otherwise ("不收取押金"), so that the
 * finding is a warning that asks for a look; a negation right in front of them silences it. */
static const struct phrase {
    const char *variant, *words;
} phrases[] = {
        {"insurance", "放弃社保"         },
        {"insurance", "放弃社会保险"   },
        {"insurance", "放弃缴纳"         },
        {"insurance", "自愿不参加社会"},
        {"insurance", "自愿不缴"         },
        {"insurance", "不购买社保"      },
        {"insurance", "社保补贴代替"   },
        {"insurance", "不参加社会保险"},
        {"deposit",   "押金"               },
        {"deposit",   "保证金"            },
        {"deposit",   "扣押身份证"      },
        {"deposit",   "服装费"            },
        {"penalty",   "违约金"            },
        {"penalty",   "罚款"               },
        {"injury",    "工伤自负"         },
        {"injury",    "伤亡自负"         },
        {"injury",    "概不负责"         },
        {"injury",    "后果自负"         },
        {"marriage",  "不得结婚"         },
        {"marriage",  "不得怀孕"         },
        {"marriage",  "不得生育"         },
        {"marriage",  "禁止怀孕"         },
        {"overtime",  "自愿加班"         },
        {"overtime",  "放弃加班"         },
        {"overtime",  "不支付加班"      },
        {"overtime",  "无加班费"         },
        {"dispute",   "放弃仲裁"         },
        {"dispute",   "不得申请仲裁"   },
        {"dispute",   "放弃诉讼"         },
        {"dispute",   "不得起诉"         },
        {"change",    "服从公司安排"   },
        {"change",    "单方调整"         },
        {"change",    "无条件服从"      },
        {"leave",     "放弃年休假"      },
        {"leave",     "视为自动放弃"   },
        {"last",      "末位淘汰"         },
        {"deemed",    "视为自动离职"   },
        {"deemed",    "视为送达"         },
};

static bool negated(struct sv text, size_t at)
{
    static const char *const before[] = {"不得要求", "不得收取", "不收取",   "不得约定",
                                         "不约定",   "禁止",     "无需缴纳", "免收"};
    struct sv head = sv_sub(text, 0, at);
    for (size_t i = 0; i < COUNT(before); i++) {
        if (sv_ends(head, sv_from(before[i])))
            return true;
    }
    return false;
}

LAW_CHECK(law_check_free_text)
{
    struct free_text texts[MAX_TEXTS];
    size_t n = free_texts(c, texts);
    for (size_t i = 0; i < n; i++) {
        const char *last = "";
        for (size_t k = 0; k < COUNT(phrases); k++) {
            struct sv words = sv_from(phrases[k].words);
            size_t at = sv_find(texts[i].text, words);
            if (at == SIZE_MAX || negated(texts[i].text, at) || sv_eq(sv_from(last), sv_from(phrases[k].variant)))
                continue; /* once a field for each kind of clause */
            law_find(c, phrases[k].variant, texts[i].field, {"words", words});
            last = phrases[k].variant;
        }
    }
}

/* A blank that nobody filled lets one side fill it later. */
LAW_CHECK(law_check_blanks)
{
    static const char *const marks[] = {"____", "＿＿", "……", "待定", "待填", "XXX", "×××"};
    struct free_text texts[MAX_TEXTS + 8];
    size_t n = free_texts(c, texts);
    texts[n++] = (struct free_text){"/work/post", c->d->work.post};
    texts[n++] = (struct free_text){"/work/place", c->d->work.place};
    texts[n++] = (struct free_text){"/term/task", c->d->term.task};
    texts[n++] = (struct free_text){"/employer/domicile", c->d->employer.domicile};
    texts[n++] = (struct free_text){"/worker/current_address", c->d->worker.current_address};
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < COUNT(marks); k++) {
            if (sv_find(texts[i].text, sv_from(marks[k])) != SIZE_MAX) {
                law_find(c, "mark", texts[i].field, {"mark", sv_from(marks[k])});
                break;
            }
        }
    }
}

LAW_CHECK(law_check_post_named)
{
    if (law_is_blank(c->d->work.post))
        law_find(c, "post", "/work/post");
}
