/* "qyq verify --extract DIR": what each signature signed, as files of their own. */
#ifndef APP_EXTRACT_H
#define APP_EXTRACT_H

#include "pdf/report.h"

struct extracted {
    const char **paths;
    struct sv *what; /* words for each */
    size_t n;
};

/* Writes into DIR (made if missing) for the file a/b/NAME:
 *
 *   NAME.<k>.pdf   the revision that signature k signed, as it was
 *   NAME.<k>.p7s   its CMS; of a document timestamp NAME.<k>.tst, its token
 *   NAME.txt       the list of these with their SHA-256
 *
 * A file that is there already with other content is never replaced: then all names of this input begin with NAME-2,
 * NAME-3 and so on, so that inputs of one name from different folders stand side by side. The same input again gives
 * the same names. Long names are cut. Errors: those of files; IO when a thousand names are taken. */
MUST_CHECK bool extract_signatures(struct arena *a, enum text_lang lang, const char *dir, const char *file,
                                   struct sv bytes, const struct pdf_report *r, struct extracted *ret, struct err *e);

#endif
