/* The rows behind contract_data.h, for the files that walk over them. */
#ifndef CONTRACT_CONTRACT_DATA_PRIV_H
#define CONTRACT_CONTRACT_DATA_PRIV_H

#include "contract/contract_data.h"
#include "json/json.h"

extern const struct json_schema contract_data_json;
/* The enumeration that the texts of a list row must come from, or NULL when they are free. */
const struct contract_enum *contract_list_enum(const struct json_field *f);

#endif
