/* Drawings for signatures: the round electronic seal, handwriting, seam strips. A drawing is a list of filled paths;
 * text in it is glyph outlines, so it needs no fonts and no resources. Deterministic.
 *
 * content: PDF operators for a form XObject with BBox [0 0 width height] (origin at the lower left); wraps itself in q
 * … Q and uses only cm, re, W, n, rg, m, l, c, h, f, f*. The same drawing can be had as SVG (web pages) and PNG. */
#ifndef TYPESET_DRAWING_H
#define TYPESET_DRAWING_H

#include "base/base.h"

struct typeset;
struct typeset_shape; /* the paths behind a drawing */

struct typeset_drawing {
    struct sv content;
    double width, height;               /* points */
    const struct typeset_shape *shapes; /* for the SVG and PNG forms; borrowed from the same arena */
};

#define SEAL_MM                                                                                                        \
    42.0 /* diameter of an enterprise seal (国发〔1999〕25号: 42 mm for enterprises of ministries; 40 mm is usual \
            locally) */
#define SEAL_MAX_NAME 40

struct typeset_seal {
    struct sv name;     /* on the arc: 1..SEAL_MAX_NAME characters */
    struct sv line;     /* below the star: "劳动合同专用章"; may be empty */
    struct sv code;     /* digits along the lower arc, 13 as a rule; may be empty */
    double diameter_mm; /* 0: SEAL_MM; 30..60 */
};

/* Reasons: "seal_name_invalid" (empty or too long), "contract_character_unknown". */
MUST_CHECK bool typeset_seal_draw(struct typeset *t, struct arena *a, const struct typeset_seal *seal,
                                  struct typeset_drawing *ret, struct err *e);

#define INK_MAX_STROKES 400
#define INK_MAX_POINTS  20000

struct typeset_point {
    double x, y;     /* pixels of the screen (CSS), y downwards */
    double t_ms;     /* since the first point; 0 throughout when unknown: then all lines have the same width */
    double pressure; /* 0..1; negative: unknown, the speed decides */
};
struct typeset_stroke {
    const struct typeset_point *points;
    size_t n;
};
struct typeset_ink {
    const struct typeset_stroke *strokes;
    size_t n;
    double width, height;      /* box to fill, points; 0: TYPESET_INK_WIDTH x TYPESET_INK_HEIGHT */
    const struct sv *captions; /* small lines below the ink: name, time, certificate; may be none */
    size_t captions_n;         /* 0..4 */
};
#define TYPESET_INK_WIDTH  170.0
#define TYPESET_INK_HEIGHT 85.0

/* Reasons: "drawing_empty" (no ink, dots only, a scratch shorter than a letter), "drawing_too_large" (over the limits
 * above, or not finite numbers), "contract_character_unknown". */
MUST_CHECK bool typeset_ink_draw(struct typeset *t, struct arena *a, const struct typeset_ink *ink,
                                 struct typeset_drawing *ret, struct err *e);
/* The check alone, for the door. */
MUST_CHECK bool typeset_ink_check(const struct typeset_ink *ink, struct err *e);

/* Strip number index (from 1) of count of a seal for the page edge (骑缝章): equal vertical slices from left to right,
 * put together they are the seal again. */
struct typeset_drawing typeset_seam_strip(struct arena *a, const struct typeset_drawing *seal, int index, int count);

struct sv typeset_drawing_svg(struct arena *a, const struct typeset_drawing *d);
/* Transparent background. dpi 36..600. */
MUST_CHECK bool typeset_drawing_png(struct arena *a, const struct typeset_drawing *d, double dpi, struct sv *ret,
                                    struct err *e);

#endif
