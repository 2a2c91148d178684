/* Pages and form fields of an opened document (ISO 32000-2 7.7.3, 12.7), and what signatures permit (12.8.2). Walks are
 * iterative and keep a visited set. Everything lives in the document's arena. */
#ifndef PDF_FORM_PRIV_H
#define PDF_FORM_PRIV_H

#include "pdf/doc_priv.h"
#include "pdf/sign.h"

#define PDF_MAX_FIELDS     100000
#define PDF_MAX_PAGES      1000000
#define PDF_MAX_SIGNATURES 256

struct widget {
    uint32_t num, gen;
    const struct obj *dict;
};
/* A terminal field. */
struct field {
    struct sv name;         /* full, UTF-8 */
    uint32_t num, gen;      /* 0: a direct object, which we do not touch */
    const struct obj *dict; /* as it stands */
    const struct obj *ft;   /* inherited, resolved */
    const struct obj *v;    /* inherited, not resolved */
    int64_t ff;             /* inherited */
    struct widget *widgets; /* merged: the field itself */
    size_t widgets_n;
};
struct form {
    const struct obj *dict; /* AcroForm, obj_null if there is none */
    uint32_t num, gen;      /* 0: direct in the catalog */
    bool xfa;
    struct field *fields;
    size_t fields_n;
};
MUST_CHECK bool form_read(struct doc *d, struct form *ret); /* false: limits, cycles; d->problem */
const struct field *form_find(const struct form *f, struct sv name);
bool field_is_signature(const struct field *f);
/* Read-only push-button (Ff bits 1 and 17). */
bool field_is_sealed_button(const struct field *f);
/* The signature dictionary, or obj_null; *ret_num its number, 0 when it is direct. */
const struct obj *field_signature(struct doc *d, const struct field *f, uint32_t *ret_num);

struct page {
    uint32_t num, gen;
    const struct obj *dict;
    int rotate; /* inherited; 0, 90, 180, 270 */
};
struct pages {
    struct page *items;
    size_t n;
};
MUST_CHECK bool pages_read(struct doc *d, struct pages *ret);
/* Index of the page that a widget is on (its /P, else by looking through the /Annots), or SIZE_MAX. */
size_t pages_of_widget(struct doc *d, const struct pages *p, const struct widget *w);

/* Rectangle of a widget in the right order of corners. False: none, or no numbers. */
MUST_CHECK bool rect_read(struct doc *d, const struct obj *dict, struct pdf_rect *ret);
/* Zero width or height, or flags that keep it off the screen and off paper. */
bool widget_is_invisible(struct doc *d, const struct obj *dict);

/* ---- permissions ---- */
struct lock {
    enum pdf_lock_action action;
    struct sv *names;
    size_t n;
};
struct permissions {
    bool certified;
    int p;     /* 1..3; 3 when nobody restricted it */
    int asked; /* the highest level asked for, 0: none; more than there was is ignored */
    struct lock *locks;
    size_t locks_n, locks_cap;
};
#define PERMISSIONS_INIT ((struct permissions){.p = 3})
/* Adds what a signature demands: DocMDP and FieldMDP of its /Reference, /P of the lock. */
void permissions_add(struct doc *d, struct arena *a, const struct field *f, const struct obj *sig,
                     struct permissions *p);
/* p, and from now on more as well. */
void permissions_join(struct arena *a, struct permissions *p, const struct permissions *more);
bool permissions_locked(const struct permissions *p, struct sv name);
/* DocMDP level in the /Reference of a signature, 0: none; unknown values and a missing one are 2. */
int signature_docmdp(struct doc *d, const struct obj *sig);

#endif
