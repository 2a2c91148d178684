/* Contract text becomes pages: a template (template.h) and its field values go in, the unsigned base revision of the
 * contract comes out as a PDF that already holds every field later acts need.
 *
 * Determinism: the same template, values, times and fonts give the same bytes in any process, time zone and locale.
 * Fonts are named files and nothing else of the host (no fontconfig file or environment is read); their SHA-256 is part
 * of the result.
 *
 * Fields of the document (ISO 32000-1 12.7, 12.5): signature fields Lock, Worker, WorkerSM2, Employer, EmployerSM2,
 * Archive1, and one read-only push-button SeamN a page (N from 1). Worker and Employer have a visible rectangle where
 * the template's signature block stands and no text is under it; the other signature fields have none. /Annots are
 * indirect arrays. */
#ifndef TYPESET_TYPESET_H
#define TYPESET_TYPESET_H

#include "base/base.h"
#include "typeset/template.h"

#define TYPESET_A4_WIDTH  595.276 /* points, 1/72 inch, as all lengths here */
#define TYPESET_A4_HEIGHT 841.890
#define TYPESET_MAX_PAGES 200
/* Roughly 150 printed pages; more is refused with reason "contract_text_too_long". */
#define TYPESET_MAX_TEXT ((size_t)512 << 10)

/* The fonts and the layout engine. Safe to use from several threads: calls take turns. */
struct typeset;

/* font_dir: folder of the Noto CJK files, NULL for where Debian's fonts-noto-cjk puts them. Takes about half a second.
 * Fails with NOT_FOUND naming the missing file. */
MUST_CHECK bool typeset_new(const char *font_dir, struct typeset **ret, struct err *e);
void typeset_free(struct typeset *t);
DEFINE_CLEANUP(struct typeset *, typeset_cleanup, typeset_free)
/* SHA-256 in hex over the list "hash  name\n" of the font files. Lives as long as t. */
struct sv typeset_fonts_hash(const struct typeset *t);

struct typeset_input {
    const struct typeset_template *template;
    const struct typeset_field *fields; /* unknown names are ignored, so that one set of values serves many templates */
    size_t fields_n;
    int64_t created_at;   /* becomes CreationDate and ModDate, in Beijing time */
    struct sv producer;   /* Info /Producer, "qyq 0.1.0" */
    struct sv number;     /* contract number, in the header of each page; may be empty */
    struct sv code;       /* short verification code, in the footer; may be empty */
    struct sv verify_url; /* as QR code at the end; empty: none */
    bool qr_on_each_page; /* in the footer of each page instead */
    bool blanks;          /* a preview: missing fields become blanks to fill in, nothing is refused for them */
};

/* A rectangle on a page: origin at the lower left of the page, y upwards. */
struct typeset_place {
    struct sv name;
    int page; /* from 1 */
    double x, y, width, height;
};

/* One numbered clause (or the unnumbered text before the first): for plain-word views, search and comparison. */
struct typeset_clause {
    int number;      /* 1 for 第一条; 0: before the first clause */
    struct sv title; /* without the number */
    struct sv text;  /* lines, markup removed */
    int page;        /* where it begins */
};

struct typeset_document {
    struct sv pdf;
    int pages;
    const struct typeset_place *places; /* every field, in the order of AcroForm /Fields */
    size_t places_n;
    const struct typeset_clause *clauses;
    size_t clauses_n;
    struct sv fonts_hash;
};

/* Reasons: "contract_field_missing" (field = "/<name>"), "contract_character_unknown" (a character no font has; the
 * message names it and its code point), "contract_text_too_long", "template_broken" (an error of the template, names
 * the line). */
MUST_CHECK bool typeset_render(struct typeset *t, struct arena *a, const struct typeset_input *in,
                               struct typeset_document *ret, struct err *e);

/* The place of a field, or NULL. */
const struct typeset_place *typeset_place_of(const struct typeset_document *d, struct sv name);

#endif
