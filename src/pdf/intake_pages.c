/* What the pages of the normalised document show, and what lies over it: boxes, text, annotations, pages and content
 * that no page tree shows. */
#include <math.h>
#include <stdio.h>

#include "pdf/intake_priv.h"

#define MAX_PARENTS     512
#define PAPER_MIN       72.0    /* points: an inch */
#define PAPER_MAX       14400.0 /* the limit of readers (ISO 32000-1 annex C) */
#define MAX_COMPARISONS ((size_t)20 << 20)
#define FLAG_HIDDEN     2
#define FLAG_PRINT      4
#define FLAG_NO_VIEW    32

const struct obj *intake_inherited(struct doc *d, const struct obj *page, const char *key)
{
    for (int i = 0; i < MAX_PARENTS && obj_is_dict(page); i++) {
        const struct obj *o = doc_get(d, page, key);
        if (o->kind != O_NULL)
            return o;
        page = doc_get(d, page, "Parent");
    }
    return &obj_null;
}

struct looking {
    struct intake *in;
    const struct page *page;
    struct intake_place at;
    struct pdf_rect visible; /* what a reader shows */
    struct text_boxes text;
    size_t compared;
};

static bool box_of(struct doc *d, const struct obj *arr, struct pdf_rect *ret)
{
    double v[4];
    for (size_t i = 0; i < 4; i++) {
        if (arr->kind != O_ARRAY || arr->array.n != 4 || !obj_number(doc_value(d, arr->array.items[i]), &v[i]))
            return false;
    }
    *ret = (struct pdf_rect){fmin(v[0], v[2]), fmin(v[1], v[3]), fabs(v[2] - v[0]), fabs(v[3] - v[1])};
    return true;
}

static struct pdf_rect common(struct pdf_rect x, struct pdf_rect y)
{
    double left = fmax(x.x, y.x), low = fmax(x.y, y.y);
    double w = fmin(x.x + x.w, y.x + y.w) - left, h = fmin(x.y + x.h, y.y + y.h) - low;
    return (struct pdf_rect){left, low, fmax(w, 0), fmax(h, 0)};
}

/* ---- boxes ---- */

static void look_at_boxes(struct looking *l)
{
    struct doc *d = &l->in->doc;
    struct pdf_rect media = {0, 0, 612, 792}, crop;
    bool has_media = box_of(d, intake_inherited(d, l->page->dict, "MediaBox"), &media);
    bool has_crop = box_of(d, intake_inherited(d, l->page->dict, "CropBox"), &crop);
    double unit = 1;
    if (!obj_number(doc_get(d, l->page->dict, "UserUnit"), &unit))
        unit = 1;
    l->visible = has_crop ? common(media, crop) : media;
    double w = l->visible.w * unit, h = l->visible.h * unit;
    if (!has_media || !(fmin(w, h) >= PAPER_MIN) || !(fmax(w, h) <= PAPER_MAX))
        intake_found(l->in, PDF_INTAKE_page_size, l->at, "%.0f x %.0f pt", w, h);
    if (has_crop && (l->visible.w < media.w - 1 || l->visible.h < media.h - 1))
        intake_found(l->in, PDF_INTAKE_page_cropped, l->at, "shows %.0f x %.0f of %.0f x %.0f pt", l->visible.w,
                     l->visible.h, media.w, media.h);
}

/* ---- text ---- */

static bool mostly_outside(const struct looking *l, const struct pdf_rect *r)
{
    double x = r->x + r->w / 2, y = r->y + r->h / 2;
    return x < l->visible.x || x > l->visible.x + l->visible.w || y < l->visible.y || y > l->visible.y + l->visible.h;
}

static void tell_texts(struct looking *l, enum pdf_intake_code code, size_t n, struct pdf_rect first)
{
    struct intake_place at = l->at;
    if (!n)
        return;
    at.has_rect = true;
    at.rect = first;
    intake_found(l->in, code, at, "%zu piece%s of text", n, n == 1 ? "" : "s");
}

static void look_at_text(struct looking *l)
{
    size_t outside = 0, invisible = 0, white = 0;
    struct pdf_rect first_outside = {0}, first_invisible = {0}, first_white = {0};
    for (size_t i = 0; i < l->text.n; i++) {
        const struct text_box *b = &l->text.items[i];
        if (mostly_outside(l, &b->rect) && !outside++)
            first_outside = b->rect;
        if (b->invisible && !invisible++)
            first_invisible = b->rect;
        if (b->white && !b->invisible && !white++)
            first_white = b->rect;
    }
    tell_texts(l, PDF_INTAKE_text_outside, outside, first_outside);
    tell_texts(l, PDF_INTAKE_text_invisible, invisible, first_invisible);
    tell_texts(l, PDF_INTAKE_text_white, white, first_white);
    if (l->text.incomplete)
        intake_found(l->in, PDF_INTAKE_not_examined, l->at, "page content");
}

/* ---- annotations ---- */

static bool over_text(struct looking *l, const struct pdf_rect *r)
{
    for (size_t i = 0; i < l->text.n && l->compared < MAX_COMPARISONS; i++, l->compared++) {
        const struct text_box *b = &l->text.items[i];
        struct pdf_rect both = common(*r, b->rect);
        if (!b->invisible && both.w > fmin(2, b->rect.w / 2) && both.h > 0.4 * b->rect.h && both.h > 0)
            return true;
    }
    return false;
}

static bool paints(struct doc *d, const struct obj *annot)
{
    const struct obj *normal = doc_get(d, doc_get(d, annot, "AP"), "N");
    return normal->kind == O_STREAM ? normal->data.n > 0 : obj_is_dict(normal) && normal->dict.n > 0;
}

static bool one_of(const struct obj *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (obj_is_name(name, list[i]))
            return true;
    }
    return false;
}

static void look_at_annotation(struct looking *l, const struct obj *dict, struct intake_place at)
{
    /* These mark text by lying over it; what they look like is reported as an annotation all the same. */
    static const char *const markers[] = {"Highlight", "Underline", "Squiggly", "StrikeOut"};
    struct doc *d = &l->in->doc;
    const struct obj *kind = doc_get(d, dict, "Subtype"), *flags = doc_get(d, dict, "F");
    int64_t f = flags->kind == O_INT ? flags->integer : 0;
    struct sv word = kind->kind == O_NAME ? sv_sub(kind->text, 0, 60) : SV("?");
    bool widget = obj_is_name(kind, "Widget"), link = obj_is_name(kind, "Link");
    bool shown = at.has_rect && at.rect.w > 0 && at.rect.h > 0;
    bool popup = obj_is_name(kind, "Popup");
    if (shown && !popup && ((f & (FLAG_HIDDEN | FLAG_NO_VIEW)) || (paints(d, dict) && !(f & FLAG_PRINT))))
        intake_found(l->in, PDF_INTAKE_annotation_hidden, at, "/%.*s, flags %lld", SV_ARG(word), (long long)f);
    if (shown && widget && over_text(l, &at.rect))
        intake_found(l->in, PDF_INTAKE_widget_over_text, at, NULL);
    if (widget || popup || (link && !paints(d, dict)))
        return;
    bool over = shown && !one_of(kind, markers, COUNT(markers)) && paints(d, dict) && over_text(l, &at.rect);
    intake_found(l->in, over ? PDF_INTAKE_annotation_over_text : PDF_INTAKE_annotation, at, "/%.*s", SV_ARG(word));
}

static void look_at_annotations(struct looking *l)
{
    struct doc *d = &l->in->doc;
    const struct obj *annots = doc_get(d, l->page->dict, "Annots");
    for (size_t i = 0; annots->kind == O_ARRAY && i < annots->array.n; i++) {
        if (l->in->annotations++ == INTAKE_ANNOTATIONS)
            intake_found(l->in, PDF_INTAKE_not_examined, l->at, "too many annotations");
        if (l->in->annotations > INTAKE_ANNOTATIONS)
            return;
        const struct obj *ref = annots->array.items[i], *dict = doc_value(d, ref);
        struct intake_place at = {.page = l->at.page};
        at.object = ref->kind == O_REF ? ref->ref.num : l->page->num;
        at.has_rect = rect_read(d, dict, &at.rect);
        if (obj_is_dict(dict))
            look_at_annotation(l, dict, at);
    }
}

/* ---- pages that are not shown ---- */

static void note_content(void *context, const struct obj *ref, struct sv key)
{
    (void)key;
    intake_set_add(context, ref->ref.num);
}

static bool look_at_unused(struct intake *in)
{
    struct doc *d = &in->doc;
    struct intake_set used, pages;
    if (!intake_set_init(d, &used) || !intake_set_init(d, &pages))
        return false;
    for (size_t i = 0; i < in->pages.n; i++) {
        const struct obj *contents = dict_get(in->pages.items[i].dict, "Contents"), *list = doc_value(d, contents);
        intake_set_add(&pages, in->pages.items[i].num);
        if (!intake_each_ref(d, contents, note_content, &used) ||
            (list->kind == O_ARRAY && !intake_each_ref(d, list, note_content, &used)))
            return false;
    }
    for (uint32_t num = 1; num < d->size; num++) {
        const struct obj *o = doc_object(d, num, 0), *procs = doc_get(d, o, "CharProcs");
        if (obj_is_dict(procs) && !intake_each_ref(d, procs, note_content, &used))
            return false;
    }
    for (uint32_t num = 1; num < d->size; num++) {
        const struct obj *o = doc_object(d, num, 0);
        if (obj_is_name(doc_get(d, o, "Type"), "Page") && !intake_set_has(&pages, num))
            intake_found(in, PDF_INTAKE_unused_page, intake_place_of(in, num), NULL);
        else if (!intake_set_has(&used, num) && intake_looks_like_content(d, o, &in->budget))
            intake_found(in, PDF_INTAKE_unused_content, intake_place_of(in, num), NULL);
    }
    return true;
}

/* ---- all of it ---- */

bool intake_pages(struct intake *in)
{
    struct looking l = {.in = in};
    size_t budget = INTAKE_CONTENT;
    in->annotations = 0;
    for (size_t i = 0; i < in->pages.n; i++) {
        CLEANUP(arena_done) struct arena scratch;
        arena_init(&scratch, INTAKE_SCRATCH);
        l.page = &in->pages.items[i];
        l.at = intake_place_of(in, l.page->num);
        look_at_boxes(&l);
        intake_text(&in->doc, l.page->dict, &scratch, &budget, &l.text);
        look_at_text(&l);
        look_at_annotations(&l);
    }
    return look_at_unused(in);
}
