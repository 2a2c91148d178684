/* Pages on paper: Cairo draws what layout.c has placed, with header and footer. Metadata here is fixed; finish.c writes
 * the real one. */
#include "typeset/page_priv.h"

#include <cairo-pdf.h>
#include <string.h>

#define MAX_PDF ((size_t)64 << 20)

static const struct text_style style_small = {.family = FONT_SANS, .size = 8, .line = 12};
static const struct text_style style_verify = {.family = FONT_SANS, .size = 8.5, .line = 15};

static const struct page_words words_zh = {
        .number = "合同编号：",
        .code = "核验码：",
        .page = {"第 ", " 页　共 ", " 页"},
        .verify = "扫码或者打开下面的网址并输入核验码，可以查验由谁在何时签署、签署后是否被改动。",
};
static const struct page_words words_en = {
        .number = "No. ",
        .code = "Verification code: ",
        .page = {"Page ", " of ", ""},
        .verify = "Scan the code, or open the address below and enter the verification code, to see who signed and "
                  "whether anything changed since.",
};

struct painter {
    struct typeset *t;
    struct arena *a;
    const struct typeset_input *in;
    const struct page_words *words;
    struct pages *pages;
    cairo_t *cr;
};

static void gray(cairo_t *cr, double level)
{
    cairo_set_source_rgb(cr, level, level, level);
}

/* A hairline box, on the half point so that screens draw it sharp. */
static void box(cairo_t *cr, double x, double y, double w, double h)
{
    cairo_set_line_width(cr, 0.5);
    gray(cr, 0.45);
    cairo_rectangle(cr, x, y, w, h);
    cairo_stroke(cr);
}

static void paint_line(struct painter *p, PangoLayout *layout, int index, double x, double baseline)
{
    double shift;
    PangoLayoutLine *line = pango_layout_get_line(layout, index);
    line_justify(layout, index, &shift);
    double indent = line->is_paragraph_start ? (double)pango_layout_get_indent(layout) / PANGO_SCALE : 0;
    double width = (double)pango_layout_get_width(layout) / PANGO_SCALE;
    PangoAlignment align = pango_layout_get_alignment(layout);
    if (align == PANGO_ALIGN_CENTER)
        shift = (width - line_width(line)) / 2;
    else if (align == PANGO_ALIGN_RIGHT)
        shift = width - line_width(line);
    cairo_move_to(p->cr, x + shift + indent, baseline);
    pango_cairo_show_layout_line(p->cr, line);
}

static void paint_row(struct painter *p, const struct row_box *row, double top, bool head)
{
    for (size_t i = 0; i < row->n; i++) {
        const struct cell_box *c = &row->cells[i];
        double x = PAGE_LEFT + c->x;
        if (c->label || head) {
            gray(p->cr, 0.945);
            cairo_rectangle(p->cr, x, top, c->width, row->height);
            cairo_fill(p->cr);
        }
        box(p->cr, x, top, c->width, row->height);
        gray(p->cr, c->label ? 0.2 : 0);
        int n = layout_lines(c->layout);
        double y = top + (row->height - n * c->line) / 2;
        for (int k = 0; k < n; k++)
            paint_line(p, c->layout, k, x + 6, y + k * c->line + baseline_in(c->line, c->size));
    }
}

static void paint_signatures(struct painter *p, const struct signature_box *s, double top, double height)
{
    double y = top;
    for (size_t i = 0; i < s->rows_n; i++) {
        paint_row(p, &s->rows[i], y, i == 0);
        y += s->rows[i].height;
    }
    for (int side = 0; side < 2; side++)
        box(p->cr, PAGE_LEFT + side * PAGE_WIDTH / 2, y, PAGE_WIDTH / 2, top + height - y);
}

static bool paint_text(struct painter *p, struct sv text, const struct text_style *style, PangoAlignment align,
                       double x, double baseline, double width, struct err *e)
{
    struct text_style s = *style;
    struct styled styled = plain_text(text);
    PangoLayout *layout;
    s.align = align;
    if (!engine_layout(p->t, &p->pages->layouts, &styled, &s, width, &layout, e))
        return false;
    for (int i = 0; i < layout_lines(layout); i++)
        paint_line(p, layout, i, x, baseline + i * s.line);
    return true;
}

static bool paint_verify(struct painter *p, double top, struct err *e)
{
    double size = 60, x = PAGE_LEFT + size + 10, width = PAGE_WIDTH - size - 10;
    struct sv code = p->in->code.n ? arena_concat(p->a, sv_from(p->words->code), p->in->code) : (struct sv){0};
    gray(p->cr, 0);
    if (!qr_draw(p->cr, p->a, p->in->verify_url, PAGE_LEFT, top, size, e))
        return false;
    gray(p->cr, 0.3);
    return paint_text(p, sv_from(p->words->verify), &style_verify, PANGO_ALIGN_LEFT, x, top + 11, width, e) &&
           paint_text(p, p->in->verify_url, &style_verify, PANGO_ALIGN_LEFT, x, top + 41, width, e) &&
           paint_text(p, code, &style_verify, PANGO_ALIGN_LEFT, x, top + 56, width, e);
}

static bool paint_frame(struct painter *p, int page, struct err *e)
{
    const struct typeset_template *t = p->in->template;
    double top = PAGE_TOP - 24, bottom = PAGE_BOTTOM + 22;
    double left = PAGE_LEFT;
    struct sv number = p->in->number.n ? arena_concat(p->a, sv_from(p->words->number), p->in->number) : (struct sv){0};
    struct sv code = p->in->code.n ? arena_concat(p->a, sv_from(p->words->code), p->in->code) : (struct sv){0};
    struct sv heading =
            t->subtitle.n ? arena_printf(p->a, "%.*s　%.*s", SV_ARG(t->title), SV_ARG(t->subtitle)) : t->title;
    char text[64];
    snprintf(text, sizeof(text), "%s%d%s%d%s", p->words->page[0], page, p->words->page[1], p->pages->count,
             p->words->page[2]);
    cairo_set_line_width(p->cr, 0.4);
    gray(p->cr, 0.6);
    cairo_move_to(p->cr, PAGE_LEFT, top + 5.5);
    cairo_line_to(p->cr, PAGE_LEFT + PAGE_WIDTH, top + 5.5);
    cairo_stroke(p->cr);
    if (p->in->verify_url.n && (p->in->qr_on_each_page || (p->pages->qr_in_last_footer && page == p->pages->count))) {
        gray(p->cr, 0);
        if (!qr_draw(p->cr, p->a, p->in->verify_url, PAGE_LEFT, PAGE_BOTTOM + 8, 42, e))
            return false;
        left += 50;
    }
    gray(p->cr, 0.35);
    if (page > 1 && !paint_text(p, heading, &style_small, PANGO_ALIGN_LEFT, PAGE_LEFT, top, PAGE_WIDTH, e))
        return false;
    return paint_text(p, number, &style_small, PANGO_ALIGN_RIGHT, PAGE_LEFT, top, PAGE_WIDTH, e) &&
           paint_text(p, code, &style_small, PANGO_ALIGN_LEFT, left, bottom, PAGE_WIDTH, e) &&
           paint_text(p, sv_from(text), &style_small, PANGO_ALIGN_CENTER, PAGE_LEFT, bottom, PAGE_WIDTH, e);
}

static bool paint_piece(struct painter *p, const struct piece *piece, struct err *e)
{
    gray(p->cr, 0);
    switch (piece->kind) {
    case PIECE_LINE:
        paint_line(p, piece->layout, piece->index, PAGE_LEFT + piece->x, piece->top + piece->baseline);
        return true;
    case PIECE_ROW:
        paint_row(p, piece->row, piece->top, false);
        return true;
    case PIECE_SIGNATURES:
        paint_signatures(p, piece->signatures, piece->top, piece->height);
        return true;
    case PIECE_VERIFY:
        return paint_verify(p, piece->top, e);
    case PIECE_BREAK:
        break;
    }
    return true;
}

static cairo_status_t write_bytes(void *to, const unsigned char *p, unsigned n)
{
    buf_add_bytes(to, p, n);
    return CAIRO_STATUS_SUCCESS;
}

static bool paint_all(struct painter *p, struct err *e)
{
    size_t at = 0;
    for (int page = 1; page <= p->pages->count; page++) {
        if (!paint_frame(p, page, e))
            return false;
        for (; at < p->pages->n && p->pages->pieces[at].page == page; at++) {
            if (!paint_piece(p, &p->pages->pieces[at], e))
                return false;
        }
        cairo_show_page(p->cr);
    }
    return true;
}

DEFINE_CLEANUP(cairo_t *, cr_free, cairo_destroy)
DEFINE_CLEANUP(cairo_surface_t *, surface_free, cairo_surface_destroy)

bool pages_paint(struct typeset *t, struct arena *a, const struct typeset_input *in, struct pages *pages,
                 struct sv *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, MAX_PDF);
    CLEANUP(surface_free)
    cairo_surface_t *surface =
            cairo_pdf_surface_create_for_stream(write_bytes, &out, TYPESET_A4_WIDTH, TYPESET_A4_HEIGHT);
    CLEANUP(cr_free) cairo_t *cr = cairo_create(surface);
    bool english = sv_starts(in->template->language, SV("en"));
    struct painter p = {.t = t, .a = a, .in = in, .pages = pages, .cr = cr, .words = english ? &words_en : &words_zh};
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5);
    /* Without them the clock would get into the bytes. */
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, "2000-01-01T00:00:00Z");
    bool ok = paint_all(&p, e);
    cairo_surface_finish(surface);
    if (!ok)
        return false;
    if (cairo_status(cr) != CAIRO_STATUS_SUCCESS || !buf_ok(&out))
        return err_set(e, ERR_INTERNAL, "cairo: %s", cairo_status_to_string(cairo_status(cr)));
    *ret = buf_to_arena(&out, a);
    return true;
}
