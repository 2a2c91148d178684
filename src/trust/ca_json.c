/* See ca_json.h. */
#include "trust/ca_json.h"

#define PEM_LIMIT (64 << 10)

static const struct json_field subject_rows[] = {
        JSON_TEXT(struct ca_subject, common_name, .max = 200),
        JSON_TEXT(struct ca_subject, serial_number, .max = 200, .optional = true),
        JSON_TEXT(struct ca_subject, organization, .max = 200, .optional = true),
        JSON_TEXT(struct ca_subject, organization_id, .max = 200, .optional = true),
        JSON_END,
};
static const struct json_schema subject_schema = JSON_SCHEMA("CaSubject", struct ca_subject, subject_rows);

static const struct json_field issue_rows[] = {
        JSON_TEXT(struct ca_issue, request, .max = 64),
        JSON_TEXT(struct ca_issue, csr, .max = PEM_LIMIT),
        JSON_OBJECT(struct ca_issue, subject, &subject_schema),
        JSON_TEXT(struct ca_issue, act, .max = 200, .optional = true),
        JSON_INT(struct ca_issue, validity_seconds),
        JSON_END,
};
const struct json_schema ca_issue_schema = JSON_SCHEMA("CaIssue", struct ca_issue, issue_rows);

static const struct json_field revoke_rows[] = {
        JSON_TEXT(struct ca_revoke, request, .max = 64),
        JSON_TEXT(struct ca_revoke, reason, .max = 40),
        JSON_END,
};
const struct json_schema ca_revoke_schema = JSON_SCHEMA("CaRevoke", struct ca_revoke, revoke_rows);
