/* The data of a contract in JSON; see contract_data.h. One row a field: the rows decode, encode and print the schema.
 * "about" holds the Chinese title and the English description, parted by " | ". */
#include "contract/contract_json.h"

#define NAME(enumerator, text) #text,
static const char *const kind_names[] = {NULL, CONTRACT_KIND_LIST(NAME)};
static const char *const form_names[] = {NULL, CONTRACT_FORM_LIST(NAME)};
static const char *const id_type_names[] = {NULL, CONTRACT_ID_TYPE_LIST(NAME)};
static const char *const sex_names[] = {NULL, CONTRACT_SEX_LIST(NAME)};
static const char *const retirement_names[] = {NULL, CONTRACT_RETIREMENT_LIST(NAME)};
static const char *const term_kind_names[] = {NULL, CONTRACT_TERM_KIND_LIST(NAME)};
static const char *const hours_system_names[] = {NULL, CONTRACT_HOURS_SYSTEM_LIST(NAME)};
static const char *const hours_cycle_names[] = {NULL, CONTRACT_HOURS_CYCLE_LIST(NAME)};
static const char *const pay_mode_names[] = {NULL, CONTRACT_PAY_MODE_LIST(NAME)};
static const char *const pay_unit_names[] = {NULL, CONTRACT_PAY_UNIT_LIST(NAME)};
static const char *const pay_cycle_names[] = {NULL, CONTRACT_PAY_CYCLE_LIST(NAME)};
static const char *const pay_day_month_names[] = {NULL, CONTRACT_PAY_DAY_MONTH_LIST(NAME)};
static const char *const pay_method_names[] = {NULL, CONTRACT_PAY_METHOD_LIST(NAME)};
static const char *const pay_item_names[] = {NULL, CONTRACT_PAY_ITEM_LIST(NAME)};
static const char *const scheme_names[] = {NULL, CONTRACT_SCHEME_LIST(NAME)};
static const char *const hazard_names[] = {NULL, CONTRACT_HAZARD_LIST(NAME)};
static const char *const secret_role_names[] = {NULL, CONTRACT_SECRET_ROLE_LIST(NAME)};
static const char *const penalty_ground_names[] = {NULL, CONTRACT_PENALTY_GROUND_LIST(NAME)};
static const char *const dispatch_post_names[] = {NULL, CONTRACT_DISPATCH_POST_LIST(NAME)};
#undef NAME

#define ENUM(key_)                                                                                                     \
    const struct contract_enum contract_enum_##key_ = {#key_, key_##_names, COUNT(key_##_names)};                      \
    _Static_assert(COUNT(key_##_names) > 1, "an enumeration has names")
ENUM(kind);
ENUM(form);
ENUM(id_type);
ENUM(sex);
ENUM(retirement);
ENUM(term_kind);
ENUM(hours_system);
ENUM(hours_cycle);
ENUM(pay_mode);
ENUM(pay_unit);
ENUM(pay_cycle);
ENUM(pay_day_month);
ENUM(pay_method);
ENUM(pay_item);
ENUM(scheme);
ENUM(hazard);
ENUM(secret_role);
ENUM(penalty_ground);
ENUM(dispatch_post);

const char *contract_enum_name(const struct contract_enum *e, int value)
{
    must(value >= 0 && (size_t)value < e->n);
    return value ? e->names[value] : "";
}

#define MONEY_MAX      100000000000 /* 1 000 million yuan, in fen */
#define NAME_MAX_      100
#define LINE_MAX_      500
#define CLAUSE_MAX     5000
#define TEXT(f, n, w)  JSON_TEXT(ROW, f, .max = (n), .optional = true, .about = (w))
#define DATE(f, w)     JSON_DATE(ROW, f, .optional = true, .about = (w))
#define BOOL(f, w)     JSON_BOOL(ROW, f, .optional = true, .about = (w))
#define INT(f, n, w)   JSON_INT(ROW, f, .min = 0, .max = (n), .optional = true, .about = (w))
#define MONEY(f, w)    INT(f, MONEY_MAX, w)
#define CODE(f, e, w)  JSON_ENUM(ROW, f, e##_names, .optional = true, .about = (w))
#define TEXTS(f, n, w) JSON_TEXTS(ROW, f, .max = CONTRACT_MAX_LIST, .item_max = (n), .optional = true, .about = (w))
#define CODES(f, e, w)                                                                                                 \
    JSON_TEXTS(ROW, f, .max = CONTRACT_MAX_LIST, .names = e##_names + 1, .names_n = COUNT(e##_names) - 1,              \
               .optional = true, .about = (w))
#define GROUP(f, of, w)   JSON_OBJECT(ROW, f, &of, .optional = true, .about = (w))
#define LIST(f, of, n, w) JSON_ARRAY(ROW, f, &of, .max = (n), .optional = true, .about = (w))

#define ROW               struct contract_header
static const struct json_field header_rows[] = {
        TEXT(contract_no, 64, "合同编号 | Number of the contract, unique at the employer"),
        CODE(contract_kind, kind,
             "合同种类 | Kind of contract: fixed_term 固定期限, open_ended 无固定期限, task_based "
             "以完成一定工作任务为期限, part_time 非全日制用工, dispatch 劳务派遣"),
        TEXT(template_id, 64, "范本编号 | Template the text is made from"),
        INT(template_version, 1000000, "范本版本 | Version of the template"),
        TEXT(language, 16, "语言 | Language of the text: zh-CN (when absent) or en"),
        CODE(form, form, "订立形式 | electronic 电子, paper 纸质"),
        TEXT(predecessor_no, 64, "前一份合同编号 | Number of the contract that this one renews or replaces"),
        INT(fixed_term_sequence, 1000,
            "连续第几次固定期限合同 | Which fixed term in a row with this employer or its group: "
            "1, 2, 3 …"),
        DATE(sign_date, "订立日期 | Day on which the contract is (to be) concluded, YYYY-MM-DD; the law of that day "
                        "is asked"),
        JSON_END};
#undef ROW

#define ROW struct contract_employer
static const struct json_field employer_rows[] = {
        TEXT(name, NAME_MAX_, "用人单位名称 | Name of the employer (劳动合同法 17)"),
        TEXT(uscc, 18, "统一社会信用代码 | Unified social credit code, 18 characters (GB 32100)"),
        TEXT(domicile, LINE_MAX_, "住所 | Registered address (劳动合同法 17)"),
        TEXT(legal_representative, NAME_MAX_,
             "法定代表人或主要负责人 | Legal representative or principal (劳动合同法 17)"),
        TEXT(contact_name, NAME_MAX_, "联系人 | Contact person"),
        TEXT(contact_phone, 32, "联系电话 | Contact phone"),
        TEXT(registered_area, 6, "注册地区划代码 | Area of registration, six digits of GB/T 2260, e.g. 441802"),
        TEXT(performance_area, 6,
             "劳动合同履行地区划代码 | Area where the work is done, six digits of GB/T 2260; its "
             "minimum wage counts"),
        TEXT(industry_code, 8, "行业代码 | Industry, GB/T 4754"),
        BOOL(branch, "是否分支机构 | The employer is a branch"),
        BOOL(branch_licensed, "分支机构是否领有营业执照 | The branch holds a licence of its own"),
        TEXT(parent_name, NAME_MAX_, "所属法人名称 | Parent of the branch"),
        TEXT(parent_authorization, LINE_MAX_,
             "委托授权书 | Authorisation of the parent, when the branch has no licence"),
        JSON_END};
#undef ROW

#define ROW struct contract_worker
static const struct json_field worker_rows[] = {
        TEXT(name, NAME_MAX_, "劳动者姓名 | Name of the worker (劳动合同法 17)"),
        CODE(id_type, id_type,
             "证件类型 | resident_id 居民身份证 (when absent), hmt_residence 港澳台居民居住证, foreign_pr "
             "外国人永久居留身份证, passport 护照, hm_permit 港澳居民来往内地通行证, tw_permit "
             "台湾居民来往大陆通行证, other 其他"),
        TEXT(id_number, 32, "证件号码 | Number of the document (劳动合同法 17); its check digit is verified"),
        CODE(sex, sex, "性别 | male 男, female 女; must agree with the resident ID number"),
        DATE(birth_date, "出生日期 | Date of birth; must agree with the resident ID number"),
        TEXT(nationality, 3, "国籍 | Nationality, three letters of GB/T 2659; CHN when absent"),
        TEXT(household_address, LINE_MAX_, "户籍地址 | Address of household registration"),
        TEXT(current_address, LINE_MAX_, "现住址 | Current address (劳动合同法 17)"),
        TEXT(phone, 32, "手机号码 | Mobile phone"),
        TEXT(email, 254, "电子邮箱 | E-mail"),
        TEXT(emergency_contact, NAME_MAX_, "紧急联系人 | Person to call in an emergency"),
        TEXT(emergency_phone, 32, "紧急联系人电话 | Phone of that person"),
        TEXT(service_address, LINE_MAX_, "送达地址 | Address for service confirmed by the worker"),
        CODE(retirement, retirement,
             "法定退休年龄类别 | Statutory retirement age before the gradual delay: men_60 男职工 60, "
             "women_55 女职工 55, women_50 女职工 50"),
        BOOL(receives_pension, "已享受基本养老保险待遇 | Already receives a basic pension"),
        TEXT(work_permit_no, 64, "外国人工作许可证号 | Work permit of a foreigner"),
        BOOL(minor_registered, "已办理未成年工登记 | Registered as a worker of 16 or 17"),
        JSON_END};
#undef ROW

#define ROW struct contract_term
static const struct json_field term_rows[] = {
        CODE(kind, term_kind,
             "期限类型 | fixed 固定期限, open_ended 无固定期限, task 以完成一定工作任务为期限 (劳动合同法 17)"),
        DATE(start, "合同起始日 | First day of the contract"),
        DATE(end, "合同终止日 | Last day of the contract; fixed terms only"),
        TEXT(task, CLAUSE_MAX, "工作任务 | The task whose completion ends the contract"),
        DATE(first_work_day, "用工之日 | First day of work; the labour relationship begins on it"),
        DATE(probation_start, "试用期起始日 | First day of the probation; absent: no probation"),
        DATE(probation_end, "试用期终止日 | Last day of the probation"),
        TEXT(extension_reason, LINE_MAX_, "延续原因 | Why an earlier term is extended"),
        JSON_END};
#undef ROW

#define ROW struct contract_work
static const struct json_field work_rows[] = {
        TEXT(post, NAME_MAX_, "岗位 | Post (劳动合同法 17)"),
        TEXT(occupation_code, 16, "职业代码 | Occupation, 职业分类大典 2022"),
        TEXT(content, CLAUSE_MAX, "工作内容 | What the work is (劳动合同法 17)"),
        TEXT(place, LINE_MAX_, "工作地点 | Place of work (劳动合同法 17)"),
        TEXT(reassignment_scope, CLAUSE_MAX, "调岗范围 | Within what posts and places the work may be changed"),
        JSON_END};
#undef ROW

#define ROW struct contract_hours
static const struct json_field hours_rows[] = {
        CODE(system, hours_system,
             "工时制度 | standard 标准工时制, comprehensive 综合计算工时制, irregular 不定时工作制 "
             "(劳动合同法 17)"),
        INT(daily_minutes, 1440, "每日工作时间（分钟） | Minutes of work a day: 480 is 8 hours"),
        INT(weekly_minutes, 10080, "每周工作时间（分钟） | Minutes of work a week: 2400 is 40 hours"),
        INT(work_days_per_week, 7, "每周工作天数 | Working days a week; 7 means no rest day"),
        TEXT(schedule, LINE_MAX_, "班次安排 | Shifts as agreed"),
        TEXT(rest_days, LINE_MAX_, "休息日安排 | Rest days as agreed (劳动合同法 17)"),
        TEXT(annual_leave, LINE_MAX_, "休假 | Annual and other leave as agreed (劳动合同法 17)"),
        CODE(cycle, hours_cycle,
             "综合计算周期 | Period over which comprehensive hours are settled: week, month, quarter, "
             "year"),
        TEXT(approval_no, NAME_MAX_, "特殊工时批准文号 | Approval of comprehensive or irregular hours"),
        DATE(approval_until, "特殊工时批准有效期至 | Last day of that approval"),
        INT(overtime_daily_minutes, 1440, "约定的每日加班（分钟） | Overtime a day agreed beforehand"),
        INT(overtime_monthly_minutes, 44640, "约定的每月加班（分钟） | Overtime a month agreed beforehand"),
        JSON_END};
#undef ROW

#define ROW struct contract_pay_item
static const struct json_field pay_item_rows[] = {
        JSON_TEXT(ROW, name, .min = 1, .max = NAME_MAX_, .about = "项目名称 | Name of the item"),
        CODE(kind, pay_item,
             "项目种类 | overtime 加班工资, special_conditions 特殊条件津贴 and benefit 福利 do not count "
             "towards the minimum wage"),
        JSON_INT(ROW, amount_fen, .min = 0, .max = MONEY_MAX, .about = "金额（分） | Amount in fen"), JSON_END};
static const struct json_schema pay_item_schema = JSON_SCHEMA("ContractPayItem", ROW, pay_item_rows);
#undef ROW

#define ROW struct contract_pay
static const struct json_field pay_rows[] = {
        CODE(mode, pay_mode, "工资形式 | time 计时, piece 计件, other 其他"),
        CODE(unit, pay_unit, "计薪单位 | What amount_fen is paid for: month (when absent), hour, day, week"),
        MONEY(amount_fen, "劳动报酬（分） | Pay for normal hours before deductions, in fen (劳动合同法 17)"),
        LIST(composition, pay_item_schema, CONTRACT_MAX_ITEMS, "工资构成 | The items that make up amount_fen"),
        TEXT(piece_rate, CLAUSE_MAX, "计件定额和单价 | Quota and price of piece work"),
        MONEY(overtime_base_fen, "加班工资计算基数（分） | Base for overtime pay, in fen"),
        MONEY(probation_amount_fen, "试用期工资（分） | Pay during the probation, in fen, for the same unit"),
        INT(pay_day, 31, "发薪日 | Day of the month on which wages are paid, 1 to 31"),
        CODE(pay_day_month, pay_day_month,
             "发薪月份 | current 当月 (wages of the same month), next 次月 (of the month before)"),
        CODE(cycle, pay_cycle, "工资支付周期 | month 月, half_month 半月, week 周, day 日, quarter 季, year 年"),
        CODE(method, pay_method, "支付方式 | bank 银行转账, cash 现金, in_kind 实物"),
        TEXT(bank_name, NAME_MAX_, "开户银行 | Bank of the worker"),
        TEXT(bank_account, 32, "银行账号 | Account of the worker"),
        BOOL(includes_overtime, "约定工资已含加班费 | The agreed wage is said to contain the overtime pay"),
        TEXT(other, CLAUSE_MAX, "其他报酬约定 | Bonus, allowances, raises"),
        JSON_END};
#undef ROW

#define ROW struct contract_insurance
static const struct json_field insurance_rows[] = {
        CODES(schemes, scheme,
              "社会保险险种 | pension 养老, medical 医疗, unemployment 失业, work_injury 工伤, maternity 生育 "
              "(劳动合同法 17)"),
        TEXT(start_month, 7, "参保起始月 | First insured month, YYYY-MM"),
        MONEY(base_fen, "缴费基数（分） | Contribution base, in fen"),
        BOOL(housing_fund, "缴存住房公积金 | Housing fund is paid"),
        INT(housing_fund_percent, 100, "住房公积金比例（%） | Percentage of the housing fund"),
        BOOL(waived, "约定不缴社会保险 | The text says that insurance need not be paid"),
        JSON_END};
#undef ROW

#define ROW struct contract_protection
static const struct json_field protection_rows[] = {
        TEXT(conditions, CLAUSE_MAX, "劳动保护和劳动条件 | Protection and working conditions (劳动合同法 17)"),
        CODES(hazards, hazard,
              "职业病危害及特殊作业 | mine 矿山井下, toxic 有毒有害, level_4_labour 四级体力劳动强度, "
              "high_temperature 高温, dust 粉尘, noise 噪声, radiation 放射, height 高处, night 夜班, other 其他"),
        BOOL(hazards_disclosed, "职业病危害已书面告知 | The worker was told of the hazards in writing"),
        TEXT(equipment, CLAUSE_MAX, "劳动防护用品 | Protective equipment"),
        TEXT(health_checks, CLAUSE_MAX, "职业健康检查 | Health checks"),
        TEXT(special_groups, CLAUSE_MAX, "女职工和未成年工保护 | Protection of women and minors"),
        JSON_END};
#undef ROW

#define ROW struct contract_training
static const struct json_field training_rows[] = {
        TEXT(content, CLAUSE_MAX, "培训内容 | Special technical training paid by the employer"),
        MONEY(cost_fen, "培训费用（分） | Cost of the training, in fen"),
        INT(service_months, 600, "服务期（月） | Service period in months"),
        MONEY(penalty_fen, "违反服务期违约金（分） | Penalty for leaving within it, in fen"), JSON_END};
static const struct json_schema training_schema = JSON_SCHEMA("ContractTraining", ROW, training_rows);
#undef ROW

#define ROW struct contract_non_compete
static const struct json_field non_compete_rows[] = {
        INT(months, 600, "竞业限制期限（月） | Months after the end of the contract"),
        TEXT(scope, CLAUSE_MAX, "竞业限制范围 | Scope"),
        TEXT(area, LINE_MAX_, "竞业限制地域 | Territory"),
        CODE(role, secret_role,
             "人员类别 | senior_manager 高级管理人员, senior_technician 高级技术人员, confidentiality_duty "
             "其他负有保密义务的人员, other 其他"),
        MONEY(compensation_fen, "每月经济补偿（分） | Compensation a month, in fen"),
        MONEY(penalty_fen, "违反竞业限制违约金（分） | Penalty for a breach, in fen"),
        JSON_END};
static const struct json_schema non_compete_schema = JSON_SCHEMA("ContractNonCompete", ROW, non_compete_rows);
#undef ROW

#define ROW struct contract_penalty
static const struct json_field penalty_rows[] = {
        CODE(ground, penalty_ground,
             "违约金事由 | training_service 服务期, non_compete 竞业限制, confidentiality 保密, other "
             "其他"),
        TEXT(text, CLAUSE_MAX, "违约金条款 | The clause"), MONEY(amount_fen, "违约金（分） | Amount, in fen"),
        JSON_END};
static const struct json_schema penalty_schema = JSON_SCHEMA("ContractPenalty", ROW, penalty_rows);
#undef ROW

#define ROW struct contract_optional
static const struct json_field optional_rows[] = {
        GROUP(training, training_schema, "专项培训和服务期 | Training and service period (劳动合同法 22)"),
        TEXT(confidentiality, CLAUSE_MAX, "保密 | Confidentiality (劳动合同法 23)"),
        GROUP(non_compete, non_compete_schema, "竞业限制 | Non-compete (劳动合同法 23, 24)"),
        MONEY(deposit_fen, "押金（分） | Deposit or security taken from the worker, in fen"),
        BOOL(documents_held, "扣押证件 | Identity card or other documents kept by the employer"),
        LIST(penalties, penalty_schema, CONTRACT_MAX_ITEMS, "其他违约金 | Further penalties the worker would pay"),
        TEXTS(termination_conditions, CLAUSE_MAX,
              "法定以外的终止条件 | Agreed conditions on which the contract ends, beyond those of 劳动合同法 44"),
        TEXT(supplementary_insurance, CLAUSE_MAX, "补充保险 | Supplementary insurance"),
        TEXT(welfare, CLAUSE_MAX, "福利待遇 | Welfare"),
        TEXTS(annexes, LINE_MAX_, "附件 | Annexes"),
        TEXTS(rules_received, LINE_MAX_, "已签收的规章制度 | Rules of the employer that the worker received"),
        TEXT(other_terms, 20000, "其他约定 | Other terms"),
        JSON_END};
#undef ROW

#define ROW struct contract_dispatch
static const struct json_field dispatch_rows[] = {
        TEXT(user_unit_name, NAME_MAX_, "用工单位名称 | User unit (劳动合同法 58)"),
        TEXT(user_unit_uscc, 18, "用工单位统一社会信用代码 | Its unified social credit code"),
        DATE(period_start, "派遣期限起 | First day of the dispatch (劳动合同法 58)"),
        DATE(period_end, "派遣期限止 | Last day of the dispatch"),
        TEXT(post, NAME_MAX_, "派遣岗位 | Post at the user unit (劳动合同法 58)"),
        CODE(post_kind, dispatch_post,
             "岗位性质 | temporary 临时性, auxiliary 辅助性, substitute 替代性 (劳动合同法 66)"),
        TEXT(agreement_no, 64, "劳务派遣协议编号 | Dispatch agreement"),
        TEXT(permit_no, 64, "劳务派遣经营许可证号 | Dispatch permit of the employer (劳动合同法 57)"),
        JSON_END};
#undef ROW

#define ROW struct contract_disputes
static const struct json_field disputes_rows[] = {
        TEXT(mediation_body, LINE_MAX_, "调解组织 | Mediation body"),
        TEXT(arbitration_committee, LINE_MAX_, "劳动人事争议仲裁委员会 | Arbitration committee of the place of work"),
        BOOL(arbitration_waived, "约定放弃仲裁或诉讼 | The text gives up arbitration or a suit"), JSON_END};
#undef ROW

#define ROW struct contract_prior
static const struct json_field prior_rows[] = {
        TEXT(employer_name, NAME_MAX_, "用人单位 | Employer, when another one of the same group"),
        CODE(kind, term_kind, "期限类型 | fixed, open_ended or task"),
        DATE(start, "起始日 | First day"),
        DATE(end, "终止日 | Last day"),
        BOOL(had_probation, "曾约定试用期 | A probation was agreed"),
        JSON_END};
static const struct json_schema prior_schema = JSON_SCHEMA("ContractPrior", ROW, prior_rows);
#undef ROW

#define ROW struct contract_history
static const struct json_field history_rows[] = {
        LIST(contracts, prior_schema, CONTRACT_MAX_PRIOR, "以往劳动合同 | Earlier contracts of the two, in any order"),
        DATE(service_since, "连续工作起始日 | Continuous service at this employer since"),
        BOOL(worker_asked_fixed_term, "劳动者提出订立固定期限 | The worker asked for a fixed term"),
        DATE(insured_since, "已参保起始日 | Insured by this employer since"), JSON_END};
#undef ROW

#define ROW struct contract_data
#define GROUP_SCHEMA(group, title)                                                                                     \
    static const struct json_schema group##_schema =                                                                   \
            JSON_SCHEMA("Contract" title, struct contract_##group, group##_rows)
GROUP_SCHEMA(header, "Header");
GROUP_SCHEMA(employer, "Employer");
GROUP_SCHEMA(worker, "Worker");
GROUP_SCHEMA(term, "Term");
GROUP_SCHEMA(work, "Work");
GROUP_SCHEMA(hours, "Hours");
GROUP_SCHEMA(pay, "Pay");
GROUP_SCHEMA(insurance, "Insurance");
GROUP_SCHEMA(protection, "Protection");
GROUP_SCHEMA(optional, "Optional");
GROUP_SCHEMA(dispatch, "Dispatch");
GROUP_SCHEMA(disputes, "Disputes");
GROUP_SCHEMA(history, "History");

static const struct json_field data_rows[] = {
        GROUP(header, header_schema, "合同信息 | The contract itself"),
        GROUP(employer, employer_schema, "用人单位 | Employer"),
        GROUP(worker, worker_schema, "劳动者 | Worker"),
        GROUP(term, term_schema, "期限 | Term and probation"),
        GROUP(work, work_schema, "工作内容和地点 | Work and place"),
        GROUP(hours, hours_schema, "工作时间和休息休假 | Hours, rest, leave"),
        GROUP(pay, pay_schema, "劳动报酬 | Pay"),
        GROUP(insurance, insurance_schema, "社会保险 | Social insurance"),
        GROUP(protection, protection_schema, "劳动保护 | Protection against hazards"),
        GROUP(optional, optional_schema, "其他约定 | What may be agreed besides"),
        GROUP(dispatch, dispatch_schema, "劳务派遣 | Dispatch; only for contract_kind dispatch"),
        GROUP(disputes, disputes_schema, "争议处理 | Disputes"),
        GROUP(history, history_schema, "以往用工情况 | What went before between the two; not printed"),
        JSON_END};
#undef ROW
const struct json_schema contract_data_json = JSON_SCHEMA("ContractData", struct contract_data, data_rows);

bool contract_data_decode(struct arena *a, struct sv json, struct contract_data *ret, struct err *e)
{
    return json_decode(a, json, &contract_data_json, ret, e);
}

/* Zero, false and groups without content say nothing; items of lists stay as they are. */
static bool says_something(const struct json_value *v)
{
    if (v->type == JSON_IS_BOOL)
        return v->truth;
    if (v->type == JSON_IS_INT)
        return v->integer != 0;
    for (size_t i = 0; v->type == JSON_IS_OBJECT && i < v->n; i++) {
        if (says_something(&v->items[i]))
            return true;
    }
    return v->type != JSON_IS_OBJECT;
}

static void put_said(struct json_out *o, const struct json_value *v)
{
    if (v->type != JSON_IS_OBJECT) {
        json_put_value(o, v);
        return;
    }
    json_begin_object(o);
    for (size_t i = 0; i < v->n; i++) {
        if (!says_something(&v->items[i]))
            continue;
        json_key(o, v->keys[i]);
        put_said(o, &v->items[i]);
    }
    json_end_object(o);
}

struct sv contract_data_encode(struct arena *a, const struct contract_data *d)
{
    struct err e = ERR_INIT;
    const struct json_value *tree;
    CLEANUP(buf_done) struct buf b = {0};
    buf_init(&b, 4 * CONTRACT_MAX_BYTES);
    struct json_out o;
    json_out_init(&o, &b);
    must(json_read(a, json_encode(a, &contract_data_json, d), 4 * CONTRACT_MAX_BYTES, &tree, &e));
    put_said(&o, tree);
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}

/* The day on which the next period begins after so many months from first: the corresponding day, or, in a month that
 * has no such day, the first of the following month, for the period then runs to the month's last day (民法典 202). */
static struct date after_months(struct date first, int months)
{
    struct date d = date_add_months(first, months);
    return d.day == first.day ? d : date_add_days(d, 1);
}

struct contract_span contract_span(struct date first, struct date last)
{
    struct contract_span span = {0};
    if (!date_is_set(first) || !date_is_set(last) || date_cmp(last, first) < 0)
        return span;
    struct date after = date_add_days(last, 1);
    span.months = (after.year - first.year) * 12 + after.month - first.month;
    while (span.months > 0 && date_cmp(after_months(first, span.months), after) > 0)
        span.months--;
    span.days = date_to_days(after) - date_to_days(span.months ? after_months(first, span.months) : first);
    return span;
}
