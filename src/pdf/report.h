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
/* What the reader of the report has to know about how it came about. */
struct pdf_report_context {
    struct sv file;                  /* as it is called */
    struct sv bytes;                 /* its content: for size, SHA-256 and the count of revisions */
    const struct pdf_reader *reader; /* of them; or NULL */
    int64_t at;                      /* the time that was asked about */
    size_t roots;                    /* how many trusted root certificates (or files of them) were given */
    bool online;                     /* revocation data was asked for over the network */
};
/* What a lawyer reads: the conclusion first; the file's fingerprint; for each signature who, when (claimed and proven),
 * what it covers, what came later and whether that is permitted, and integrity, identity and strength as answers of
 * their own, each with its reasons and the next step; at the end what the report does not say. Lines end in LF. */
struct sv pdf_report_text(struct arena *a, enum text_lang lang, const struct pdf_report_context *c,
                          const struct pdf_report *r);
/* The words for one finding, with the expert's line in brackets. */
struct sv pdf_reason_text(struct arena *a, enum text_lang lang, const struct pdf_reason *r);
/* Text from a file, fit for one line on a screen: line ends, control characters and characters that turn the direction
 * of writing become U+FFFD, and so do bytes that are no UTF-8. A name in a certificate must not write the report. */
struct sv pdf_one_line(struct arena *a, struct sv text);

#endif
