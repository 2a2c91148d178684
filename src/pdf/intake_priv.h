/* The parts of pdf_intake: the child that normalises, what acts in the document, what its pages show, the file as it
 * came. */
#ifndef PDF_INTAKE_PRIV_H
#define PDF_INTAKE_PRIV_H

#include "pdf/form_priv.h"
#include "pdf/intake.h"

#define INTAKE_MEMORY ((size_t)160 << 20) /* parsed objects of one reading */

/* ---- intake_normal.c ---- */
struct intake_normal {
    struct sv bytes;   /* empty when encrypted */
    struct sv warning; /* the first thing qpdf had to guess; empty: nothing */
    bool encrypted;
};
MUST_CHECK bool intake_normalise(struct arena *a, struct sv bytes, const struct pdf_intake_options *o,
                                 struct intake_normal *ret, struct err *e);

/* ---- intake.c ---- */
struct intake_place {
    uint32_t object;
    bool in_original;
    unsigned page; /* 0: none */
    bool has_rect;
    struct pdf_rect rect;
};
struct intake {
    struct arena *a; /* of the result */
    struct doc doc;  /* the normalised document */
    struct pages pages;
    struct intake_place *places; /* where each object of doc is first used */
    size_t annotations;          /* looked at so far */
    size_t budget;               /* INTAKE_CONTENT, for looking whether streams are content */
    struct pdf_intake_finding *items;
    size_t n, cap;
    size_t counts[PDF_INTAKE__COUNT];
    size_t last[PDF_INTAKE__COUNT]; /* index of the last finding kept */
};
/* Shared lists of annotations are looked at for each page, so many times in all. */
#define INTAKE_ANNOTATIONS 400000
/* detail NULL: none */
void intake_found(struct intake *in, enum pdf_intake_code code, struct intake_place at, const char *detail, ...)
        PRINTF_LIKE(4, 5);
struct intake_place intake_place_of(const struct intake *in, uint32_t num);

/* Calls fn for each dictionary in an object, at any depth, the outermost first. False: out of memory. */
typedef void (*intake_dict_fn)(void *context, uint32_t num, const struct obj *dict);
MUST_CHECK bool intake_each_dict(struct doc *d, uint32_t num, const struct obj *o, intake_dict_fn fn, void *context);
/* The same for each reference. */
typedef void (*intake_ref_fn)(void *context, const struct obj *ref, struct sv key);
MUST_CHECK bool intake_each_ref(struct doc *d, const struct obj *o, intake_ref_fn fn, void *context);

/* Set of object numbers. */
struct intake_set {
    uint8_t *bits;
    uint32_t size;
};
MUST_CHECK bool intake_set_init(struct doc *d, struct intake_set *s);
bool intake_set_add(struct intake_set *s, uint32_t num); /* true the first time */
bool intake_set_has(const struct intake_set *s, uint32_t num);

/* Draws text, as the content of pages does. */
bool intake_looks_like_content(struct doc *d, const struct obj *stream, size_t *budget);

/* ---- intake_active.c: actions, attachments, references to the outside ---- */
MUST_CHECK bool intake_active(struct intake *in);
/* ---- intake_pages.c: boxes, text, annotations, unused pages ---- */
MUST_CHECK bool intake_pages(struct intake *in);
const struct obj *intake_inherited(struct doc *d, const struct obj *page, const char *key);
/* ---- intake_form.c: fields, layers, fonts ---- */
MUST_CHECK bool intake_forms(struct intake *in);
/* ---- intake_text.c: where text is painted ---- */
struct text_box {
    struct pdf_rect rect; /* in the page's user space, estimated */
    bool invisible, white;
};
struct text_boxes {
    struct text_box *items;
    size_t n, cap;
    bool incomplete; /* content that could not be read, or a limit */
};
/* Bytes of content that all pages together may make us read, and memory for those of one. */
#define INTAKE_CONTENT ((size_t)64 << 20)
#define INTAKE_SCRATCH ((size_t)128 << 20)
/* Flate or none, without predictor. False: another form, damaged, or more than the budget, which shrinks. */
MUST_CHECK bool intake_decode(struct doc *d, const struct obj *stream, struct arena *scratch, size_t *budget,
                              struct sv *ret);
void intake_text(struct doc *d, const struct obj *page, struct arena *scratch, size_t *budget, struct text_boxes *ret);
/* ---- intake_origin.c: the file as it came ---- */
MUST_CHECK bool intake_origin(struct intake *in, struct sv bytes, struct sv warning, unsigned *ret_revisions);
/* ---- intake_compare.c: the same pages and form in both readings? False: too large ---- */
MUST_CHECK bool intake_compare(struct intake *in, struct doc *old);

#endif
