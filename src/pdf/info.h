/* What a PDF contains, as far as signing needs it: pages and form fields. */
#ifndef PDF_INFO_H
#define PDF_INFO_H

#include "base/base.h"
#include "pdf/sign.h"

enum pdf_field_kind { PDF_FIELD_OTHER, PDF_FIELD_SIGNATURE, PDF_FIELD_BUTTON };

struct pdf_field_info {
    struct sv name; /* full name, UTF-8 */
    enum pdf_field_kind kind;
    bool filled;   /* signature fields: signed */
    bool visible;  /* its rectangle is not empty */
    unsigned page; /* 1 = first; 0: on no page */
    struct pdf_rect rect;
};

struct pdf_info {
    unsigned pages;
    int docmdp; /* level of the certification, 0: not certified */
    bool encrypted, xfa;
    struct pdf_field_info *fields;
    size_t fields_n;
};

/* password: of an encrypted file; the empty one is tried in any case. Errors: BAD_INPUT pdf_unreadable, pdf_password,
 * UNSUPPORTED pdf_encrypted. */
MUST_CHECK bool pdf_info_read(struct arena *a, struct sv bytes, struct sv password, struct pdf_info *ret,
                              struct err *e);

#endif
