/* Values of a complete, fictional contract, for tests. */
#ifndef TYPESET_SAMPLE_FIELDS_H
#define TYPESET_SAMPLE_FIELDS_H

#include "typeset/template.h"

#define SAMPLE(n, v)                                                                                                   \
    {                                                                                                                  \
        SV_INIT(n), SV_INIT(v)                                                                                         \
    }
static const struct typeset_field sample_fields[] = {
        SAMPLE("employer_name", "清远市示例精密制造有限公司（虚构）"),
        SAMPLE("employer_uscc", "91441800TEST000001"),
        SAMPLE("employer_domicile", "广东省清远市清城区高新技术产业开发区示例大道1号"),
        SAMPLE("employer_representative", "陈示例"),
        SAMPLE("employer_contact", "林小姐"),
        SAMPLE("employer_phone", "0763-0000000"),
        SAMPLE("worker_name", "张三"),
        SAMPLE("worker_id_type", "居民身份证"),
        SAMPLE("worker_id_number", "000000199001010010"),
        SAMPLE("worker_household_address", "广东省清远市清新区示例镇示例村8号"),
        SAMPLE("worker_address", "广东省清远市清城区示例路18号3栋502房"),
        SAMPLE("worker_phone", "13000000000"),
        SAMPLE("worker_service_address", "同现住址"),
        SAMPLE("emergency_contact", "李四 13000000001"),
        SAMPLE("term_start", "2026年3月1日"),
        SAMPLE("term_end", "2029年2月28日"),
        SAMPLE("first_day", "2026年3月1日"),
        SAMPLE("probation_start", "2026年3月1日"),
        SAMPLE("probation_end", "2026年4月30日"),
        SAMPLE("post", "数控车床操作工"),
        SAMPLE("work_content", "操作数控车床加工零件，按图纸检验首件，填写生产记录，维护设备和工位"),
        SAMPLE("work_place", "广东省清远市清城区高新技术产业开发区示例大道1号甲方厂区"),
        SAMPLE("hours_standard", "1"),
        SAMPLE("hours_daily", "8"),
        SAMPLE("hours_weekly", "40"),
        SAMPLE("rest_days", "星期六、星期日"),
        SAMPLE("wage_time", "1"),
        SAMPLE("wage_unit", "月"),
        SAMPLE("wage_amount", "5,000.00"),
        SAMPLE("wage_capital", "伍仟元整"),
        SAMPLE("wage_composition", "基本工资：3,000.00 元\n岗位工资：2,000.00 元"),
        SAMPLE("overtime_base", "5,000.00"),
        SAMPLE("probation_wage", "4,500.00"),
        SAMPLE("probation_wage_capital", "肆仟伍佰元整"),
        SAMPLE("pay_day", "15"),
        SAMPLE("pay_cycle", "上月"),
        SAMPLE("pay_method", "银行转账"),
        SAMPLE("insurance_schemes", "基本养老保险、基本医疗保险、失业保险、工伤保险、生育保险"),
        SAMPLE("insurance_start", "2026年3月"),
        SAMPLE("housing_fund", "缴存比例为单位和个人各 5%"),
        SAMPLE("hazards", "噪声"),
        SAMPLE("protective_equipment", "防噪耳塞、防护眼镜、工作服"),
        SAMPLE("health_checks", "上岗前、在岗期间每年一次、离岗时"),
        SAMPLE("confidentiality", "乙方对在工作中知悉的甲方技术资料、工艺参数和客户信息负有保密义务。\n保密义务在本合同"
                                  "解除或者终止以后继续有效，直至有关信息公开为止。"),
        SAMPLE("rules_received", "《员工手册》《安全操作规程》"),
        SAMPLE("other_terms", "甲方为乙方免费提供工作餐。\n乙方自愿参加工会组织的活动。"),
        SAMPLE("arbitration_committee", "清远市劳动人事争议仲裁委员会"),
};

#endif
