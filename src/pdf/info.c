/* pdf_info_read; see info.h. */
#include "pdf/info.h"

#include "pdf/form_priv.h"

#define MAX_SEARCH 10000000 /* fields times pages; beyond it pages stay unknown */

static void read_field(struct arena *a, struct doc *d, const struct pages *pages, const struct field *f, bool search,
                       struct pdf_field_info *ret)
{
    *ret = (struct pdf_field_info){.name = arena_sv(a, f->name)};
    ret->kind = field_is_signature(f)       ? PDF_FIELD_SIGNATURE
                : obj_is_name(f->ft, "Btn") ? PDF_FIELD_BUTTON
                                            : PDF_FIELD_OTHER;
    ret->filled = doc_value(d, f->v)->kind != O_NULL;
    if (!f->widgets_n)
        return;
    size_t page = search ? pages_of_widget(d, pages, &f->widgets[0]) : SIZE_MAX;
    ret->page = page == SIZE_MAX ? 0 : (unsigned)page + 1;
    ret->visible = !widget_is_invisible(d, f->widgets[0].dict);
    if (!rect_read(d, f->widgets[0].dict, &ret->rect))
        ret->rect = (struct pdf_rect){0};
}

static bool read_info(struct arena *a, struct doc *d, struct pdf_info *ret)
{
    struct form form;
    struct pages pages;
    if (!form_read(d, &form) || !pages_read(d, &pages))
        return false;
    ret->pages = (unsigned)pages.n;
    ret->xfa = form.xfa;
    ret->fields = arena_array(a, struct pdf_field_info, form.fields_n);
    ret->fields_n = form.fields_n;
    bool search = (uint64_t)form.fields_n * pages.n < MAX_SEARCH;
    for (size_t i = 0; i < form.fields_n; i++)
        read_field(a, d, &pages, &form.fields[i], search, &ret->fields[i]);
    ret->docmdp = signature_docmdp(d, doc_get(d, doc_get(d, doc_root(d), "Perms"), "DocMDP"));
    return true;
}

bool pdf_info_read(struct arena *a, struct sv bytes, struct sv password, struct pdf_info *ret, struct err *e)
{
    *ret = (struct pdf_info){0};
    CLEANUP(doc_close) struct doc d = {0};
    if (!doc_open_with(&d, bytes, password))
        return err_user(e, ERR_BAD_INPUT, "pdf_unreadable", NULL, "%s", d.problem);
    ret->encrypted = d.encrypted;
    if (d.lock)
        return doc_locked(&d, e);
    if (!read_info(a, &d, ret))
        return err_user(e, ERR_BAD_INPUT, "pdf_unreadable", NULL, "%s", d.problem ? d.problem : "malformed");
    return true;
}
