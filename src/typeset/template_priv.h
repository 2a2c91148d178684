/* Between the reader of templates and their expansion. */
#ifndef TYPESET_TEMPLATE_PRIV_H
#define TYPESET_TEMPLATE_PRIV_H

#include "typeset/template.h"

/* Private-use characters that mark values inside the expanded Markdown; neither templates nor values may hold them. */
#define MARK_FIRST    0xE000u
#define MARK_VALUE    "\xEE\x80\x80" /* U+E000: a value begins */
#define MARK_UNBROKEN "\xEE\x80\x81" /* U+E001: a value begins that stays on one line */
#define MARK_END      "\xEE\x80\x82" /* U+E002: it ends */
#define MARK_BLANK    "\xEE\x80\x83" /* U+E003: stands in blanks mode for a missing value */
#define MARK_LAST     0xE003u

const struct template_field *template_field_of(const struct typeset_template *t, struct sv name);
/* Every {{…}} is known, every block closed. */
MUST_CHECK bool template_check(struct arena *a, const struct typeset_template *t, struct err *e);

struct template_expansion {
    struct sv markdown; /* values escaped, between marks; no {{…}} left but {{@…}} on lines of their own */
    const struct template_field **missing;
    size_t missing_n;
};
/* Missing fields are reported in ret and expanded to blanks. */
MUST_CHECK bool template_expand(struct arena *a, const struct typeset_template *t, const struct typeset_field *fields,
                                size_t fields_n, struct template_expansion *ret, struct err *e);
/* REFUSED with reason contract_field_missing; names the first ones. Returns false. */
bool template_refuse_missing(struct arena *a, const struct template_expansion *x, struct err *e);

#endif
