/* Blocks become pieces, pieces are stacked on pages. A chain of pieces that keep together moves to the next page as
 * one, unless it is longer than a page. */
#include "typeset/page_priv.h"

#include <string.h>

#define MAX_PIECES 20000

static const struct text_style style_title = {
        .family = FONT_SERIF, .size = 24, .line = 40, .spacing = 0.35, .bold = true, .align = PANGO_ALIGN_CENTER};
static const struct text_style style_subtitle = {
        .family = FONT_SANS, .size = 11, .line = 20, .spacing = 0.1, .align = PANGO_ALIGN_CENTER};
static const struct text_style style_clause = {.family = FONT_SANS, .size = 11.5, .line = 20, .bold = true};
static const struct text_style style_heading = {.family = FONT_SANS, .size = 10.5, .line = 18, .bold = true};
static const struct text_style style_body = {
        .family = FONT_SERIF, .size = 10.5, .line = 18.5, .indent = 2, .underline_values = true};
static const struct text_style style_deep = {
        .family = FONT_SERIF, .size = 10.5, .line = 18.5, .indent = 2, .underline_values = true};
static const struct text_style style_cell = {.family = FONT_SERIF, .size = 10, .line = 16.5};
static const struct text_style style_label = {.family = FONT_SANS, .size = 9, .line = 16.5};
static const struct text_style style_party = {
        .family = FONT_SANS, .size = 10, .line = 16.5, .bold = true, .align = PANGO_ALIGN_CENTER};
static const struct text_style style_party_name = {
        .family = FONT_SERIF, .size = 10.5, .line = 17, .align = PANGO_ALIGN_CENTER};

#define CELL_PAD_X 6.0
#define CELL_PAD_Y 4.0

struct builder {
    struct typeset *t;
    struct arena *a;
    struct pages *pages;
};

void pages_done(struct pages *p)
{
    layouts_done(&p->layouts);
}

static bool add_piece(struct builder *b, struct piece piece, struct err *e)
{
    if (b->pages->n == b->pages->max)
        return err_user(e, ERR_TOO_LARGE, "contract_text_too_long", NULL, "more than %d lines", MAX_PIECES);
    b->pages->pieces[b->pages->n++] = piece;
    return true;
}

struct paragraph {
    const struct styled *text;
    const struct text_style *style;
    double before, left;
    bool keep; /* with what follows */
    int clause;
};

/* The first and the last two lines of a paragraph stay together. */
static bool add_paragraph(struct builder *b, const struct paragraph *p, struct err *e)
{
    PangoLayout *layout;
    if (!engine_layout(b->t, &b->pages->layouts, p->text, p->style, PAGE_WIDTH - p->left, &layout, e))
        return false;
    int n = layout_lines(layout);
    for (int i = 0; i < n; i++) {
        struct piece piece = {.kind = PIECE_LINE,
                              .before = i ? 0 : p->before,
                              .height = p->style->line,
                              .keep = i + 1 == n ? p->keep : (i == 0 || i + 2 == n),
                              .clause = i ? 0 : p->clause,
                              .layout = layout,
                              .index = i,
                              .x = p->left,
                              .baseline = baseline_in(p->style->line, p->style->size)};
        if (!add_piece(b, piece, e))
            return false;
    }
    return true;
}

static const struct text_style *cell_style(const struct cell *c)
{
    return c->label ? &style_label : &style_cell;
}

static struct styled without_spans(struct styled s)
{
    s.spans_n = 0;
    return s;
}

static bool lay_cell(struct builder *b, const struct cell *cell, const struct text_style *style, struct cell_box *box,
                     double *height, struct err *e)
{
    struct styled text = cell->label ? without_spans(cell->text) : cell->text;
    if (!engine_layout(b->t, &b->pages->layouts, &text, style, box->width - 2 * CELL_PAD_X, &box->layout, e))
        return false;
    box->line = style->line;
    box->size = style->size;
    box->label = cell->label;
    double h = layout_lines(box->layout) * style->line + 2 * CELL_PAD_Y;
    if (h > *height)
        *height = h;
    return true;
}

static bool lay_row(struct builder *b, const struct table *t, const struct row *row,
                    const struct text_style *fixed_style, struct row_box *ret, struct err *e)
{
    double x = 0;
    *ret = (struct row_box){.cells = arena_array(b->a, struct cell_box, row->n), .n = row->n};
    for (size_t i = 0; i < row->n; i++) {
        struct cell_box *box = &ret->cells[i];
        box->x = x;
        box->width = i + 1 == row->n ? PAGE_WIDTH - x : t->weights[i] * PAGE_WIDTH;
        x += box->width;
        const struct text_style *style = fixed_style ? fixed_style : cell_style(&row->cells[i]);
        if (!lay_cell(b, &row->cells[i], style, box, &ret->height, e))
            return false;
    }
    return ret->height < PAGE_BOTTOM - PAGE_TOP ||
           err_user(e, ERR_TOO_LARGE, "contract_text_too_long", NULL, "a table row is higher than a page");
}

static bool add_table(struct builder *b, const struct table *t, struct err *e)
{
    for (size_t i = 0; i < t->rows_n; i++) {
        struct row_box *row = arena_new(b->a, struct row_box);
        if (!lay_row(b, t, &t->rows[i], NULL, row, e))
            return false;
        bool keep = (i == 0 && t->rows_n > 1) || i + 2 == t->rows_n;
        struct piece piece = {.kind = PIECE_ROW, .before = i ? 0 : 3, .height = row->height, .keep = keep, .row = row};
        if (!add_piece(b, piece, e))
            return false;
    }
    return true;
}

static bool add_signatures(struct builder *b, const struct table *t, struct err *e)
{
    struct signature_box *box = arena_new(b->a, struct signature_box);
    box->rows = arena_array(b->a, struct row_box, t->rows_n);
    box->rows_n = t->rows_n;
    double height = SEAL_BOX + 16;
    for (size_t i = 0; i < t->rows_n; i++) {
        if (!lay_row(b, t, &t->rows[i], i ? &style_party_name : &style_party, &box->rows[i], e))
            return false;
        height += box->rows[i].height;
    }
    if (height > PAGE_BOTTOM - PAGE_TOP)
        return err_user(e, ERR_TOO_LARGE, "contract_text_too_long", NULL, "the signature block is higher than a page");
    return add_piece(b, (struct piece){.kind = PIECE_SIGNATURES, .before = 14, .height = height, .signatures = box}, e);
}

/* "第三条　title" */
static struct styled clause_text(struct arena *a, const struct block *block)
{
    struct sv name = arena_concat(a, clause_name(a, block->number), SV("　"));
    struct span *spans = arena_array(a, struct span, block->text.spans_n + 1);
    struct styled s = {.text = arena_concat(a, name, block->text.text), .spans = spans, .spans_n = block->text.spans_n};
    for (size_t i = 0; i < s.spans_n; i++) {
        spans[i] = block->text.spans[i];
        spans[i].from += name.n;
        spans[i].to += name.n;
    }
    return s;
}

static bool ends_with_colon(struct styled s)
{
    return sv_ends(sv_trim(s.text), SV("："));
}

static bool add_block(struct builder *b, const struct block *before, const struct block *block,
                      const struct block *next, struct err *e)
{
    struct styled text = block->text;
    bool lead = next && (next->kind == BLOCK_SIGNATURES || ends_with_colon(text));
    struct paragraph p = {.text = &text, .style = &style_body, .before = 2, .keep = lead};
    switch (block->kind) {
    case BLOCK_CLAUSE:
        text = clause_text(b->a, block);
        p = (struct paragraph){
                .text = &text, .style = &style_clause, .before = 11, .keep = true, .clause = block->number};
        return add_paragraph(b, &p, e);
    case BLOCK_HEADING:
        p = (struct paragraph){.text = &text, .style = &style_heading, .before = 9, .keep = true};
        return add_paragraph(b, &p, e);
    case BLOCK_PARAGRAPH:
    case BLOCK_ITEM:
        if (block->level > 1) {
            p.style = &style_deep;
            p.left = 2 * style_body.size;
        }
        if (block->kind == BLOCK_PARAGRAPH && !block->level)
            p.before = before && before->kind == BLOCK_TABLE ? 10 : 4;
        return add_paragraph(b, &p, e);
    case BLOCK_TABLE:
        return add_table(b, block->table, e);
    case BLOCK_SIGNATURES:
        return add_signatures(b, block->table, e);
    case BLOCK_PAGE:
        break;
    }
    return add_piece(b, (struct piece){.kind = PIECE_BREAK}, e);
}

static bool add_title(struct builder *b, const struct typeset_template *t, struct err *e)
{
    struct styled title = plain_text(t->title), subtitle = plain_text(t->subtitle);
    struct paragraph p = {.text = &title, .style = &style_title, .keep = true};
    struct paragraph q = {.text = &subtitle, .style = &style_subtitle, .before = 2, .keep = true};
    return add_paragraph(b, &p, e) && (t->subtitle.n == 0 || add_paragraph(b, &q, e));
}

/* -- stacking ------------------------------------------------------------------------------------------------------ */

static size_t chain_end(const struct pages *p, size_t from)
{
    while (from + 1 < p->n && p->pieces[from].keep && p->pieces[from + 1].kind != PIECE_BREAK)
        from++;
    return from + 1;
}

static double chain_height(const struct pages *p, size_t from, size_t to)
{
    double height = 0;
    for (size_t i = from; i < to; i++)
        height += p->pieces[i].height + (i > from ? p->pieces[i].before : 0);
    return height;
}

static void stack(struct pages *p)
{
    double y = PAGE_TOP;
    p->count = 1;
    for (size_t i = 0; i < p->n;) {
        if (p->pieces[i].kind == PIECE_BREAK) {
            p->pieces[i].page = p->count;
            p->count += y > PAGE_TOP;
            y = PAGE_TOP;
            i++;
            continue;
        }
        size_t end = chain_end(p, i);
        double height = chain_height(p, i, end);
        bool fits_a_page = height <= PAGE_BOTTOM - PAGE_TOP;
        for (size_t k = i; k < end; k++) {
            struct piece *piece = &p->pieces[k];
            double before = y > PAGE_TOP ? piece->before : 0;
            double needed = before + (k == i && fits_a_page ? height : piece->height);
            if (y > PAGE_TOP && y + needed > PAGE_BOTTOM + 0.01) {
                p->count++;
                y = PAGE_TOP;
                before = 0;
            }
            piece->page = p->count;
            piece->top = y + before;
            y = piece->top + piece->height;
        }
        i = end;
    }
}

/* The words on verification are not worth a page of their own: then the code goes into the footer. */
static void spare_a_page(struct pages *p)
{
    const struct piece *last = &p->pieces[p->n - 1];
    if (last->kind != PIECE_VERIFY || p->n < 2 || last[-1].page == last->page)
        return;
    p->n--;
    p->count--;
    p->qr_in_last_footer = true;
}

bool pages_build(struct typeset *t, struct arena *a, const struct typeset_input *in, const struct blocks *blocks,
                 struct pages *ret, struct err *e)
{
    *ret = (struct pages){.pieces = arena_array(a, struct piece, MAX_PIECES), .max = MAX_PIECES};
    struct builder b = {.t = t, .a = a, .pages = ret};
    if (!add_title(&b, in->template, e))
        return false;
    for (size_t i = 0; i < blocks->n; i++) {
        const struct block *next = i + 1 < blocks->n ? &blocks->p[i + 1] : NULL;
        if (!add_block(&b, i ? &blocks->p[i - 1] : NULL, &blocks->p[i], next, e))
            return false;
    }
    if (in->verify_url.n && !in->qr_on_each_page &&
        !add_piece(&b, (struct piece){.kind = PIECE_VERIFY, .before = 14, .height = 62}, e))
        return false;
    stack(ret);
    spare_a_page(ret);
    return ret->count <= TYPESET_MAX_PAGES ||
           err_user(e, ERR_TOO_LARGE, "contract_text_too_long", NULL, "%d pages", ret->count);
}
