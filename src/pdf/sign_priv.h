/* The parts of pdf_sign_prepare. */
#ifndef PDF_SIGN_PRIV_H
#define PDF_SIGN_PRIV_H

#include "pdf/form_priv.h"
#include "pdf/update_priv.h"

struct signing {
    struct arena *a;
    const struct pdf_sign_options *o;
    struct doc doc;
    struct form form;
    struct pages pages;
    struct update update;
    struct permissions permissions;
    bool any_signature;
    const struct field *field; /* existing, or NULL */
    struct sv name;            /* of the field */
    uint32_t sig_num;
};

/* sign_state.c: everything of §"refuse to sign when", and which field it will be. */
MUST_CHECK bool sign_open(struct signing *s, struct sv input, struct err *e);
MUST_CHECK bool sign_choose_field(struct signing *s, struct err *e);
/* appearance.c: adds the form XObject (and images); *ret is the /AP dictionary. */
MUST_CHECK bool sign_appearance(struct signing *s, const struct pdf_appearance *ap, const struct pdf_rect *rect,
                                int rotate, const struct obj **ret, struct err *e);
/* sign_form.c */
MUST_CHECK bool sign_fill_field(struct signing *s, struct err *e);
MUST_CHECK bool sign_create_field(struct signing *s, struct err *e);
MUST_CHECK bool sign_fill_buttons(struct signing *s, struct err *e);
/* SigFlags, Perms, Extensions of the catalog. */
void sign_catalog(struct signing *s);
/* Only the latter. */
void sign_extensions(struct signing *s);

#endif
