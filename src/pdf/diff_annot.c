/* Pages: nothing of them may change but their annotations and the order in which these are visited. Widgets belong to
 * the form; other annotations may come, change and go where that is permitted. */
#include <string.h>

#include "pdf/diff_priv.h"

struct on_page {
    const struct page *page;
};

static struct sv kind_of(struct diff *d, struct doc *doc, const struct obj *annot)
{
    struct sv kind = sv_sub(obj_utf8(d->a, doc_get(doc, annot, "Subtype")), 0, 40);
    return kind.n ? kind : SV("unknown kind");
}

static bool is_widget(struct doc *doc, const struct obj *annot)
{
    return obj_is_name(doc_get(doc, annot, "Subtype"), "Widget");
}

static void refuse(struct diff *d, uint32_t num, const char *what)
{
    diff_note(d, CHANGE_NEVER, "annotations_changed", num, NO_FIELD, "%s", what);
}

/* ---- what an annotation may bring along ---- */

/* Leads to a place of this document or to a web address, and there it ends. */
static bool plain_action(struct diff *d, const struct obj *raw)
{
    const struct obj *a = doc_value(d->now, raw), *s = doc_get(d->now, a, "S");
    return a->kind == O_NULL || (a->kind == O_DICT && !a->dict.duplicates && dict_get(a, "Next")->kind == O_NULL &&
                                 (obj_is_name(s, "URI") || obj_is_name(s, "GoTo") || obj_is_name(s, "Named")));
}

static bool plain_annotation(struct diff *d, const struct obj *old, const struct obj *now)
{
    static const char *const active[] = {"Screen", "Movie", "Sound", "3D", "RichMedia"};
    if (now->kind != O_DICT || now->dict.duplicates)
        return false;
    for (size_t i = 0; i < COUNT(active); i++) {
        if (obj_is_name(doc_get(d->now, now, "Subtype"), active[i]))
            return false;
    }
    if (!diff_same(d, dict_get(old, "AA"), dict_get(now, "AA")))
        return false;
    return diff_same(d, dict_get(old, "A"), dict_get(now, "A")) || plain_action(d, dict_get(now, "A"));
}

/* ---- coming, changing, going ---- */

/* Kinds that can put other words over those of the page. Where somebody certified the document they must keep clear of
 * its text, whatever annotations were permitted. */
static bool covers_text(struct diff *d, const struct on_page *page, const struct obj *annot)
{
    static const char *const kinds[] = {"FreeText", "Stamp", "Redact"};
    struct pdf_rect rect;
    bool can = false;
    for (size_t i = 0; i < COUNT(kinds); i++)
        can = can || obj_is_name(doc_get(d->now, annot, "Subtype"), kinds[i]);
    return can && (!rect_read(d->now, annot, &rect) || page_text_meets(d->old, page->page->dict, &rect));
}

static void tell(struct diff *d, const struct on_page *page, uint32_t num, const char *code, const struct obj *annot)
{
    bool covers = covers_text(d, page, annot);
    diff_note(d, covers ? CHANGE_UNCERTIFIED : CHANGE_ANNOT, covers ? "annotation_over_text" : code, num, NO_FIELD,
              "annotation %.*s, %.*s", SV_ARG(kind_of(d, d->now, annot)),
              SV_ARG(diff_where(d, page->page->num, annot)));
}

static void added(struct diff *d, const struct on_page *page, const struct obj *raw)
{
    const struct obj *annot = doc_value(d->now, raw);
    uint32_t num = ref_num(raw);
    if (num && (diff_number_listed(d->widgets, d->widgets_n, num) || diff_number_listed(d->fresh, d->fresh_n, num)))
        return;
    if ((num && !diff_is_new(d, num)) || is_widget(d->now, annot))
        refuse(d, num, "an object that is no new annotation was put on a page");
    else if (!plain_annotation(d, &obj_null, annot))
        refuse(d, num, "an annotation with active content was added");
    else
        tell(d, page, num, "annotation_added", annot);
}

static void removed(struct diff *d, const struct on_page *page, const struct obj *raw)
{
    const struct obj *annot = doc_value(d->old, raw);
    if (is_widget(d->old, annot))
        refuse(d, ref_num(raw), "a form field was taken off its page");
    else
        diff_note(d, CHANGE_ANNOT, "annotation_removed", ref_num(raw), NO_FIELD, "annotation %.*s, %.*s",
                  SV_ARG(kind_of(d, d->old, annot)), SV_ARG(diff_where(d, page->page->num, annot)));
    diff_old(d, raw);
    diff_role(d, ref_num(raw), ROLE_ANNOT);
}

static void changed(struct diff *d, const struct on_page *page, const struct obj *raw)
{
    const struct obj *was = doc_value(d->old, raw), *is = doc_value(d->now, raw);
    const struct obj *ap = dict_get(was, "AP");
    bool touched = diff_is_changed(d, ref_num(raw));
    if (is_widget(d->old, was)) {
        if (diff_role_of(d, ref_num(raw)) == ROLE_FIELD)
            diff_old(d, raw); /* the form answers for it */
        return;
    }
    touched = diff_appearance(d, ap, dict_get(is, "AP")) || touched;
    if (!touched)
        return;
    diff_old(d, raw);
    diff_role(d, ref_num(raw), ROLE_ANNOT);
    if (is_widget(d->now, is) || !plain_annotation(d, was, is))
        refuse(d, ref_num(raw), "an annotation became something else or got active content");
    else
        tell(d, page, ref_num(raw), "annotation_changed", is);
}

static void pair(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    if (!old)
        added(d, ctx, now);
    else if (!now)
        removed(d, ctx, old);
    else
        changed(d, ctx, old);
}

static void annots(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    if (y->kind != O_ARRAY && y->kind != O_NULL)
        refuse(d, ref_num(now), "/Annots of a page is no array");
    else
        diff_pairs(d, x, y, pair, ctx);
}

static void tabs(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    const struct on_page *page = ctx;
    if (diff_same(d, diff_old(d, old), doc_value(d->now, now)))
        return;
    /* Programs that tag a new signature field set the order as well. */
    bool with_field = d->widgets_n || d->fresh_n;
    diff_note(d, with_field ? CHANGE_FORM : CHANGE_ANNOT, "page_tabs", page->page->num, NO_FIELD,
              "order of the fields on a page");
}

/* iText 2 signs the root of the page tree with its version. */
static void private_key(struct diff *d, void *ctx UNUSED, const struct obj *old UNUSED, const struct obj *now)
{
    if (doc_value(d->now, now)->kind != O_STRING)
        refuse(d, 0, "a private key of the page tree is no text");
}

void diff_page_tree(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    static const struct diff_key rules[] = {
            {"ITXT", private_key},
            {0     },
    };
    if (!diff_same(d, old, now)) {
        refuse(d, ref_num(now), "the page tree was replaced");
        return;
    }
    if (!diff_is_changed(d, ref_num(old)))
        return;
    diff_role(d, ref_num(old), ROLE_TREE);
    diff_dict(d, ref_num(old), diff_old(d, old), doc_value(d->now, now), rules, ctx);
}

void diff_pages(struct diff *d)
{
    static const struct diff_key rules[] = {
            {"Annots", annots},
            {"Tabs",        tabs},
            {0},
    };
    for (size_t i = 0; i < d->pages.n; i++) {
        const struct page *p = &d->pages.items[i];
        struct on_page ctx = {p};
        if (diff_is_changed(d, p->num)) {
            diff_role(d, p->num, ROLE_PAGE);
            diff_dict(d, p->num, p->dict, doc_object(d->now, p->num, p->gen), rules, &ctx);
        } else if (dict_get(p->dict, "Annots")->kind != O_NULL) {
            annots(d, &ctx, dict_get(p->dict, "Annots"), dict_get(p->dict, "Annots"));
        }
    }
}
