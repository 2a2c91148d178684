/* The report of pdf/verify.h as JSON: one form for "qyq verify --json" and for the public page. */
#ifndef PDF_REPORT_H
#define PDF_REPORT_H

#include "json/json.h"
#include "pdf/verify.h"
#include "text/text.h"

/* The members of the report, into an object that the caller has begun: integrity, trust, strength, verdict, reasons, signatures.
 * Times are RFC 3339; the text of a reason is in lang, its detail for the expert stands behind it. */
void pdf_report_put(struct json_out *o, struct arena *a, const struct pdf_report *r, enum text_lang lang);
/* {"file":…, …} on one line, without a line end. */
struct sv pdf_report_json(struct arena *a, struct sv file, const struct pdf_report *r, enum text_lang lang);

#endif
