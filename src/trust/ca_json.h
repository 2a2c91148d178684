/* The messages of docs/ca-adapter.md as declared schemas: the adapter encodes them, the test CA decodes them. */
#ifndef TRUST_CA_JSON_H
#define TRUST_CA_JSON_H

#include "json/json.h"

struct ca_subject {
    struct sv common_name, serial_number, organization, organization_id;
};

struct ca_issue {
    struct sv request, csr;
    struct ca_subject subject;
    struct sv act;
    int64_t validity_seconds;
};

struct ca_revoke {
    struct sv request, reason;
};

extern const struct json_schema ca_issue_schema;  /* struct ca_issue */
extern const struct json_schema ca_revoke_schema; /* struct ca_revoke */

#endif
