/* What pdf_report_put() of pdf/report.h writes, as schemas of OpenAPI 3.0 (JSON text): the names of the members and their
 * forms, so that a caller can put members of its own beside them. */
#ifndef PDF_REPORT_SCHEMA_H
#define PDF_REPORT_SCHEMA_H

/* clang-format off */
#define SCHEMA_TEXT          "{\"type\":\"string\"}"
#define SCHEMA_TIME          "{\"type\":\"string\",\"format\":\"date-time\"}"
#define SCHEMA_TIME_OR_NULL  "{\"type\":\"string\",\"format\":\"date-time\",\"nullable\":true}"
#define SCHEMA_CHOICE(names) "{\"type\":\"string\",\"enum\":[" names "]}"
#define SCHEMA_LIST(of)      "{\"type\":\"array\",\"items\":" of "}"
#define SCHEMA_OBJECT(required, properties) \
    "{\"type\":\"object\",\"required\":[" required "],\"properties\":{" properties "}}"
#define SCHEMA_OBJECT_OR_NULL(required, properties) \
    "{\"type\":\"object\",\"nullable\":true,\"required\":[" required "],\"properties\":{" properties "}}"

#define PDF_SCHEMA_TRUST SCHEMA_CHOICE("\"PASSED\",\"INDETERMINATE\",\"FAILED\"")
#define PDF_SCHEMA_INTEGRITIES \
    "\"BROKEN\",\"TAMPERED\",\"CHANGED\",\"TST_BAD\",\"UNSUPPORTED\",\"INTACT_EXTENDED\",\"INTACT\""
#define PDF_SCHEMA_REASONS SCHEMA_LIST(SCHEMA_OBJECT("\"code\",\"object\",\"text\"", \
    "\"code\":" SCHEMA_TEXT ",\"object\":{\"type\":\"integer\",\"nullable\":true},\"text\":" SCHEMA_TEXT))
#define PDF_SCHEMA_TIMESTAMP SCHEMA_OBJECT_OR_NULL("\"time\",\"tsa\",\"imprint_alg\",\"valid\"", \
    "\"time\":" SCHEMA_TIME ",\"tsa\":" SCHEMA_TEXT ",\"imprint_alg\":" SCHEMA_TEXT ",\"valid\":{\"type\":\"boolean\"}")
#define PDF_SCHEMA_SIGNATURE SCHEMA_OBJECT( \
    "\"field\",\"kind\",\"subfilter\",\"signer\",\"issuer\",\"digest\",\"algorithm\",\"signing_time\",\"timestamp\"," \
    "\"level\",\"coverage\",\"integrity\",\"trust\",\"reasons\"", \
    "\"field\":" SCHEMA_TEXT \
    ",\"kind\":" SCHEMA_CHOICE("\"certification\",\"approval\",\"doctimestamp\"") \
    ",\"subfilter\":" SCHEMA_TEXT ",\"signer\":" SCHEMA_TEXT ",\"issuer\":" SCHEMA_TEXT \
    ",\"digest\":" SCHEMA_TEXT ",\"algorithm\":" SCHEMA_TEXT \
    ",\"signing_time\":" SCHEMA_TIME_OR_NULL ",\"timestamp\":" PDF_SCHEMA_TIMESTAMP \
    ",\"level\":" SCHEMA_CHOICE("\"\",\"B-B\",\"B-T\",\"B-LT\",\"B-LTA\"") \
    ",\"coverage\":" SCHEMA_CHOICE("\"whole\",\"revision\",\"partial\"") \
    ",\"integrity\":" SCHEMA_CHOICE(PDF_SCHEMA_INTEGRITIES) \
    ",\"trust\":" PDF_SCHEMA_TRUST ",\"reasons\":" PDF_SCHEMA_REASONS)

#define PDF_REPORT_REQUIRED "\"integrity\",\"trust\",\"strength\",\"verdict\",\"reasons\",\"signatures\""
#define PDF_REPORT_PROPERTIES \
    "\"integrity\":" SCHEMA_CHOICE(PDF_SCHEMA_INTEGRITIES ",\"UNSIGNED\",\"UNREADABLE\"") \
    ",\"trust\":" PDF_SCHEMA_TRUST ",\"strength\":" SCHEMA_CHOICE("\"ok\",\"weak\"") \
    ",\"verdict\":" SCHEMA_CHOICE("\"valid\",\"invalid\",\"indeterminate\",\"unsigned\",\"unreadable\"") \
    ",\"reasons\":" PDF_SCHEMA_REASONS ",\"signatures\":" SCHEMA_LIST(PDF_SCHEMA_SIGNATURE)
/* clang-format on */

#endif
