/* Pages: blocks cut into pieces that are never broken, and pieces stacked on pages. All lengths in points; y from the
 * top of the page downwards, as Cairo draws. */
#ifndef TYPESET_PAGE_PRIV_H
#define TYPESET_PAGE_PRIV_H

#include "typeset/engine_priv.h"

#define MM          (72.0 / 25.4)
#define PAGE_LEFT   (28 * MM) /* the text is 156 mm wide, as in GB/T 9704 */
#define PAGE_WIDTH  (156 * MM)
#define PAGE_TOP    (30 * MM)
#define PAGE_BOTTOM (TYPESET_A4_HEIGHT - 27 * MM)
#define SEAL_BOX    (42 * MM)
#define INK_BOX_W   170.0
#define INK_BOX_H   85.0

enum piece_kind { PIECE_LINE, PIECE_ROW, PIECE_SIGNATURES, PIECE_VERIFY, PIECE_BREAK };

struct cell_box {
    PangoLayout *layout;
    double x, width; /* of the box, from the left edge of the text */
    double line, size;
    bool label;
};
struct row_box {
    struct cell_box *cells;
    size_t n;
    double height;
};
struct signature_box {
    struct row_box *rows; /* head and names */
    size_t rows_n;
};

struct piece {
    enum piece_kind kind;
    double before; /* white above it, not at the top of a page */
    double height;
    bool keep;  /* stays on the page of the next piece */
    int clause; /* number of the clause that begins here, or 0 */
    /* a line */
    PangoLayout *layout;
    int index;
    double baseline, x;
    /* others */
    struct row_box *row;
    struct signature_box *signatures;
    /* where it went */
    int page; /* from 1 */
    double top;
};

struct pages {
    struct piece *pieces;
    size_t n, max;
    int count;
    bool qr_in_last_footer;
    struct layouts layouts;
};
void pages_done(struct pages *p);

MUST_CHECK bool pages_build(struct typeset *t, struct arena *a, const struct typeset_input *in,
                            const struct blocks *blocks, struct pages *ret, struct err *e);

/* The pages as Cairo writes them, before finishing. */
MUST_CHECK bool pages_paint(struct typeset *t, struct arena *a, const struct typeset_input *in, struct pages *pages,
                            struct sv *ret, struct err *e);
void pages_places(struct arena *a, const struct pages *pages, struct typeset_document *ret);

/* Words printed around the text, by language. */
struct page_words {
    const char *number, *code, *verify;
    const char *page[3]; /* before, between and after the two numbers */
};

/* The QR code as rectangles in a square of size points at x, y. */
MUST_CHECK bool qr_draw(cairo_t *cr, struct arena *a, struct sv text, double x, double y, double size, struct err *e);

/* A bare CFF font without the subroutines it does not need. */
MUST_CHECK bool font_shrink(struct arena *a, struct sv cff, struct sv *ret, struct err *e);

/* Adds fields, Info and ID to what Cairo wrote. */
MUST_CHECK bool finish_pdf(struct arena *a, const struct typeset_input *in, struct sv raw,
                           const struct typeset_document *doc, struct sv *ret, struct err *e);

#endif
