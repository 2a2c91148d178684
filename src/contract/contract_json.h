/* The contract data and the findings as declared schemas, for rooms above: a request that carries contract data has a
 * row JSON_OBJECT(struct x, data, &contract_data_json), an answer with findings JSON_OBJECT(struct x, findings,
 * &law_findings_json). */
#ifndef CONTRACT_CONTRACT_JSON_H
#define CONTRACT_CONTRACT_JSON_H

#include "contract/contract_data.h"
#include "contract/law.h"
#include "json/json.h"

extern const struct json_schema contract_data_json; /* struct contract_data; "ContractData" */

struct law_finding_out {
    struct sv rule, severity, article, message;
    struct sv *fields;
    size_t fields_n;
};
struct law_findings_out {
    struct date law_date;
    bool blocking;
    struct law_finding_out *findings;
    size_t findings_n;
};
extern const struct json_schema law_findings_json; /* struct law_findings_out; "Findings" */
/* Borrows the texts of the report. */
struct law_findings_out law_findings_out(struct arena *a, const struct law_report *r);

#endif
