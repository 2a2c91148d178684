/* The report of pdf/verify.h: as JSON, one form for "qyq verify --json" and for the public page, and in words for
 * people. */
#ifndef PDF_REPORT_H
#define PDF_REPORT_H

#include "pdf/verify.h"
#include "text/text.h"
#include "json/json.h"

/* The members of the report, into an object that the caller has begun: integrity, trust, strength, verdict, reasons,
 * signatures. Times are RFC 3339; the text of a reason is in lang, its detail for the expert stands behind it. */
void pdf_report_put(struct json_out *o, struct arena *a, const struct pdf_report *r, enum text_lang lang);
/* {"file":…, …} on one line, without a line end. */
struct sv pdf_report_json(struct arena *a, struct sv file, const struct pdf_report *r, enum text_lang lang);
/* What a lawyer reads: verdict first, then each signature. Lines end in LF. */
struct sv pdf_report_text(struct arena *a, enum text_lang lang, struct sv file, const struct pdf_report *r);
/* The words for one finding, with the expert's line in brackets. */
struct sv pdf_reason_text(struct arena *a, enum text_lang lang, const struct pdf_reason *r);

#endif
