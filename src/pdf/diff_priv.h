/* Comparing two neighbouring revisions of a document.
 *
 * Principle: every object number that the newer revision defines, frees or points elsewhere must be explained by a rule
 * about the role of the object, as reached from the trailer in the old and the new revision, and in *every* place from
 * which the old revision used it. So:
 *
 *   1. collect the changed numbers (same content written again is no change) and all uses of them: each reference to a
 *      changed number in an object that the old revision reaches;
 *   2. walk both revisions side by side from the trailer through the few places where something may change (catalog,
 *      form, pages' annotations, validation data, structure tree). A rule that follows a reference of the old revision
 *      with diff_old() has thereby answered for this one use;
 *   3. what is left over is a change: a use nobody answered for, an object removed, a generation changed.
 *
 * Keys without a rule must be the same. Rules never look for a key name somewhere: they stand in the table of the role
 * whose dictionary is being compared. */
#ifndef PDF_DIFF_PRIV_H
#define PDF_DIFF_PRIV_H

#include "pdf/verify_priv.h"

#define NO_FIELD ((struct sv){0})

/* What a changed number was found to be. References that only name the object, rather than show what is in it, need no
 * rule of their own then; see diff.c. */
enum diff_role { ROLE_NONE, ROLE_PAGE, ROLE_TREE, ROLE_CATALOG, ROLE_FIELD, ROLE_FONTS, ROLE_ANNOT, ROLE_STRUCT };

/* A reference of the old revision to a changed number. */
struct edge {
    const struct obj *ref; /* the reference itself, which is how a rule names it */
    uint32_t num;          /* the changed one */
    uint32_t holder;       /* the object that it stands in; 0: the trailer */
    struct sv key;         /* of the innermost dictionary around it */
    bool answered;
};

struct diff {
    struct arena *a;
    struct doc *old, *now;
    struct pages pages; /* of the old revision; the tree never changes */
    struct step *step;
    uint32_t *changed; /* ascending */
    uint8_t *roles;    /* of the changed numbers, enum diff_role */
    uint32_t *uses;    /* of the changed numbers, in the old revision */
    size_t changed_n;
    struct edge *edges; /* ascending by ref */
    size_t edges_n, edges_cap;
    uint32_t *widgets; /* numbers of the widgets of new fields */
    size_t widgets_n, widgets_cap;
    uint32_t *fresh; /* widgets of existing signature fields that are signed in this step */
    size_t fresh_n, fresh_cap;
    uint64_t budget;    /* comparisons left */
    bool signed_here;   /* a signature (not a timestamp) appeared */
    uint32_t certifies; /* number of a signature of this step that asks for DocMDP; 0: none */
};

/* ---- diff.c ---- */
bool diff_is_changed(const struct diff *d, uint32_t num);
bool diff_is_new(const struct diff *d, uint32_t num); /* in use now, not in the old revision */
void diff_role(struct diff *d, uint32_t num, enum diff_role role);
enum diff_role diff_role_of(const struct diff *d, uint32_t num);
/* Follows a reference of the old revision for a rule that goes on to compare what is there with the newer revision. */
const struct obj *diff_old(struct diff *d, const struct obj *o);
const struct obj *diff_old_get(struct diff *d, const struct obj *dict, const char *key);
bool diff_open(const struct diff *d); /* some use has no answer yet */
/* How many places of the old revision used a changed number. */
size_t diff_uses(const struct diff *d, uint32_t num);
void diff_note(struct diff *d, enum change_level level, const char *code, uint32_t object, struct sv field,
               const char *fmt, ...) PRINTF_LIKE(6, 7);
bool diff_number_add(struct diff *d, uint32_t **list, size_t *n, size_t *cap, uint32_t num);
bool diff_number_listed(const uint32_t *list, size_t n, uint32_t num);

/* ---- diff_same.c ---- */
/* Structure, strings by bytes, 1 equal to 1.0, streams by raw bytes; references by number. */
bool obj_equal(const struct obj *x, const struct obj *y);
/* The same content: like obj_equal, but a value may have become an object of its own, or the reverse. Null entries of
 * dictionaries do not count. */
bool diff_same(struct diff *d, const struct obj *old, const struct obj *now);

/* One row of a role: what may happen to a key. fn is called always, also when nothing changed at the top. */
struct diff_key {
    const char *key;
    void (*fn)(struct diff *d, void *ctx, const struct obj *old, const struct obj *now);
};
/* Both are the values behind references already followed. Keys without a row must be the same. rules ends with {0}.
 * False when something was refused here. */
bool diff_dict(struct diff *d, uint32_t num, const struct obj *old, const struct obj *now, const struct diff_key *rules,
               void *ctx);
uint32_t ref_num(const struct obj *o); /* 0: no reference */
/* Matches each item of the old array with one of the new array, in order. Calls with now = NULL: removed; old = NULL:
 * added. By reference number; direct items by content. */
typedef void (*pair_fn)(struct diff *d, void *ctx, const struct obj *old, const struct obj *now);
bool diff_pairs(struct diff *d, const struct obj *old, const struct obj *now, pair_fn fn, void *ctx);

/* ---- the places where something may change ---- */
void diff_trailer(struct diff *d);                                                       /* diff_catalog.c */
void diff_dss(struct diff *d, void *ctx, const struct obj *old, const struct obj *now);  /* diff_ltv.c */
void diff_form(struct diff *d, void *ctx, const struct obj *old, const struct obj *now); /* diff_form.c */
void diff_page_tree(struct diff *d, void *ctx, const struct obj *old, const struct obj *now);
void diff_pages(struct diff *d);  /* diff_annot.c */
void diff_struct(struct diff *d); /* diff_struct.c */
bool xml_is_plain(struct sv xml); /* xml.c: well-formed, no document type, no entities but the five */

/* ---- form ---- */
/* A field or widget on its way through the form, in both revisions. */
struct field_pair {
    const struct obj *old_raw, *now_raw; /* as it stands in /Fields or /Kids */
    uint32_t num;                        /* 0: direct */
    struct sv name;                      /* full */
    const struct obj *old, *now;
    const struct obj *ft;            /* inherited, resolved */
    const struct obj *v_old, *v_now; /* inherited, not resolved */
    int64_t ff;                      /* inherited, old */
    bool was_signed, signed_now;     /* signature fields: in the old revision; only in the newer one */
    bool filled, look_changed;       /* a value or state; an appearance */
    bool formatted;                  /* an action formats the value: what is shown may differ from it */
    int depth;
};
struct form_walk {
    struct field_pair *stack, *later; /* later: push-buttons, which depend on signatures of the same step */
    size_t n, cap, later_n, later_cap;
    uint8_t *seen;
    struct sv *names; /* full names of what there was */
    size_t names_n, names_cap;
    struct field_pair *added; /* now_raw: new; the rest: from above */
    size_t added_n, added_cap;
    const struct field_pair *at; /* whose /Kids are being paired */
    const struct obj *dr;        /* resources for appearances without their own, now */
};
bool sig_is_timestamp(struct diff *d, const struct obj *sig);
/* The value of a signature field that appeared in this step. */
void diff_signed_value(struct diff *d, uint32_t num, struct sv name, const struct obj *v);
/* diff_new.c: a field that the newer revision added. */
void diff_new_field(struct diff *d, const struct form_walk *w, const struct field_pair *f);
/* "page 3, rectangle 10,20 100x50, covers page content". page: its number, 0: what /P says. */
struct sv diff_where(struct diff *d, uint32_t page, const struct obj *annot);
/* Only streams that are new; the normal one is a form XObject. */
bool diff_fresh_appearance(struct diff *d, const struct obj *ap);
bool appearance_is_blank(struct doc *d, const struct obj *widget); /* none, or one that paints nothing */
/* Answers for the appearances of a widget in the old revision: for a stream written again in place only when nothing
 * else used it. True when something differs. */
bool diff_appearance(struct diff *d, const struct obj *old, const struct obj *now);
/* diff_look.c: what a filled field shows, against its value. */
void diff_look(struct diff *d, const struct form_walk *w, const struct field_pair *f);

/* ---- look.c: what an appearance shows ---- */
struct look {
    struct sv text; /* UTF-8, in the order of painting */
    size_t codes;   /* bytes of all strings shown */
    size_t strokes; /* lines and curves of paths */
    bool undecided; /* some text could not be read */
    bool image;     /* paints an image */
    bool hidden;    /* some text is drawn invisibly */
};
/* False: the content cannot be read. dr: resources when the form has none. */
MUST_CHECK bool look_read(struct doc *d, struct arena *a, const struct obj *form, const struct obj *dr,
                          struct look *ret);

/* font_text.c: the characters of a string shown in a font. False: not known for all of them. */
MUST_CHECK bool font_text(struct doc *d, const struct obj *font, struct sv codes, struct buf *ret);
/* Next operand or operator of a content stream or character map; at the end both are empty. False: damaged. */
MUST_CHECK bool content_token(struct lexer *x, const struct obj **ret_operand, struct sv *ret_word);

/* page_text.c: whether a rectangle of a page meets text of its content. True as well when that cannot be told. */
bool page_text_meets(struct doc *d, const struct obj *page, const struct pdf_rect *rect);

#endif
