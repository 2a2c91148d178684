/* From template and values to the finished document. */
#include <string.h>

#include "typeset/page_priv.h"

/* Where the signature block is, or NULL. */
static const struct piece *signature_piece(const struct pages *pages)
{
    for (size_t i = 0; i < pages->n; i++) {
        if (pages->pieces[i].kind == PIECE_SIGNATURES)
            return &pages->pieces[i];
    }
    return NULL;
}

/* A box centred in one half of the empty part of the signature block. */
static struct typeset_place in_block(const struct pages *pages, struct sv name, int side, double w, double h)
{
    const struct piece *piece = signature_piece(pages);
    struct typeset_place p = {.name = name, .page = pages->count};
    if (!piece)
        return p;
    double from = piece->top, half = PAGE_WIDTH / 2;
    for (size_t i = 0; i < piece->signatures->rows_n; i++)
        from += piece->signatures->rows[i].height;
    double middle = (from + piece->top + piece->height) / 2;
    return (struct typeset_place){.name = name,
                                  .page = piece->page,
                                  .x = PAGE_LEFT + side * half + (half - w) / 2,
                                  .y = TYPESET_A4_HEIGHT - middle - h / 2,
                                  .width = w,
                                  .height = h};
}

/* The strips of one seal at the right edge, at mid-height, no wider than the margin. */
static struct typeset_place seam_place(struct arena *a, int page, int pages)
{
    double height = pages > 1 ? SEAL_BOX : SEAL_BOX / 2, width = pages > 1 ? SEAL_BOX / pages : SEAL_BOX / 2;
    return (struct typeset_place){.name = arena_printf(a, "Seam%d", page),
                                  .page = page,
                                  .x = TYPESET_A4_WIDTH - width,
                                  .y = TYPESET_A4_HEIGHT / 2 - height / 2,
                                  .width = width,
                                  .height = height};
}

void pages_places(struct arena *a, const struct pages *pages, struct typeset_document *ret)
{
    struct typeset_place worker = in_block(pages, SV("Worker"), 1, INK_BOX_W, INK_BOX_H);
    struct typeset_place employer = in_block(pages, SV("Employer"), 0, SEAL_BOX, SEAL_BOX);
    struct typeset_place *places = arena_array(a, struct typeset_place, (size_t)pages->count + 6);
    size_t n = 0;
    places[n++] = (struct typeset_place){.name = SV("Lock"), .page = 1};
    places[n++] = worker;
    places[n++] = (struct typeset_place){.name = SV("WorkerSM2"), .page = worker.page};
    places[n++] = employer;
    places[n++] = (struct typeset_place){.name = SV("EmployerSM2"), .page = employer.page};
    places[n++] = (struct typeset_place){.name = SV("Archive1"), .page = 1};
    for (int i = 1; i <= pages->count; i++)
        places[n++] = seam_place(a, i, pages->count);
    ret->places = places;
    ret->places_n = n;
    ret->pages = pages->count;
}

static int clause_page(const struct pages *pages, int number)
{
    for (size_t i = 0; i < pages->n; i++) {
        if (pages->pieces[i].clause == number)
            return pages->pieces[i].page;
    }
    return 1;
}

static void add_block_text(struct buf *out, const struct block *b)
{
    if (b->text.text.n) {
        buf_add(out, b->text.text);
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; b->table && i < b->table->rows_n; i++) {
        const struct row *row = &b->table->rows[i];
        for (size_t k = 0; k < row->n; k++) {
            buf_add(out, row->cells[k].text.text);
            buf_add(out, k + 1 == row->n ? SV("\n") : SV("\t"));
        }
    }
}

static void collect_clauses(struct arena *a, const struct blocks *blocks, const struct pages *pages,
                            struct typeset_document *ret)
{
    struct typeset_clause *clauses = arena_array(a, struct typeset_clause, blocks->n + 1);
    size_t n = 0;
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, TYPESET_MAX_TEXT * 2);
    clauses[n++] = (struct typeset_clause){.page = 1};
    for (size_t i = 0; i < blocks->n; i++) {
        const struct block *b = &blocks->p[i];
        if (b->kind == BLOCK_CLAUSE) {
            clauses[n - 1].text = buf_to_arena(&text, a);
            clauses[n++] = (struct typeset_clause){
                    .number = b->number, .title = b->text.text, .page = clause_page(pages, b->number)};
        } else {
            add_block_text(&text, b);
        }
    }
    clauses[n - 1].text = buf_to_arena(&text, a);
    ret->clauses = clauses;
    ret->clauses_n = n;
}

static bool render_locked(struct typeset *t, struct arena *a, const struct typeset_input *in,
                          const struct blocks *blocks, struct pages *pages, struct typeset_document *doc, struct err *e)
{
    struct sv raw;
    if (!pages_build(t, a, in, blocks, pages, e) || !pages_paint(t, a, in, pages, &raw, e))
        return false;
    pages_places(a, pages, doc);
    collect_clauses(a, blocks, pages, doc);
    doc->fonts_hash = arena_sv(a, typeset_fonts_hash(t));
    return finish_pdf(a, in, raw, doc, &doc->pdf, e);
}

bool typeset_render(struct typeset *t, struct arena *a, const struct typeset_input *in, struct typeset_document *ret,
                    struct err *e)
{
    struct template_expansion x;
    struct blocks blocks;
    struct typeset_document doc = {0};
    if (!template_expand(a, in->template, in->fields, in->fields_n, &x, e))
        return false;
    if (x.missing_n && !in->blanks)
        return template_refuse_missing(a, &x, e);
    if (x.markdown.n > TYPESET_MAX_TEXT)
        return err_user(e, ERR_TOO_LARGE, "contract_text_too_long", NULL, "%zu bytes of text", x.markdown.n);
    if (!markup_blocks(a, x.markdown, &blocks, e))
        return false;
    must(pthread_mutex_lock(&t->lock) == 0);
    struct pages pages = {0};
    bool ok = render_locked(t, a, in, &blocks, &pages, &doc, e);
    pages_done(&pages);
    must(pthread_mutex_unlock(&t->lock) == 0);
    if (ok)
        *ret = doc;
    return ok;
}

const struct typeset_place *typeset_place_of(const struct typeset_document *d, struct sv name)
{
    for (size_t i = 0; i < d->places_n; i++) {
        if (sv_eq(d->places[i].name, name))
            return &d->places[i];
    }
    return NULL;
}
