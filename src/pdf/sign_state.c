/* May this document be signed, in this way, in this field? */
#include <math.h>
#include <string.h>

#include "pdf/crypt_priv.h"
#include "pdf/sign_priv.h"

static bool refuse(struct err *e, const char *reason, const char *why)
{
    return err_user(e, ERR_REFUSED, reason, NULL, "%s", why);
}

static bool read_signatures(struct signing *s)
{
    for (size_t i = 0; i < s->form.fields_n; i++) {
        const struct field *f = &s->form.fields[i];
        uint32_t num;
        const struct obj *sig = field_is_signature(f) ? field_signature(&s->doc, f, &num) : &obj_null;
        if (sig->kind == O_NULL)
            continue;
        s->any_signature = true;
        permissions_add(&s->doc, s->a, f, sig, &s->permissions);
    }
    const struct obj *docmdp = doc_get(&s->doc, doc_get(&s->doc, doc_root(&s->doc), "Perms"), "DocMDP");
    return docmdp->kind != O_NULL;
}

static bool may_sign(struct signing *s, bool perms, struct err *e)
{
    const struct pdf_sign_options *o = s->o;
    bool timestamp = o->subfilter == PDF_SUBFILTER_TIMESTAMP;
    if (s->form.xfa)
        return err_user(e, ERR_UNSUPPORTED, "pdf_xfa", NULL, "an XFA form");
    if (o->certify && (perms || s->permissions.certified))
        return refuse(e, "pdf_already_certified", "the document is certified already");
    if (o->certify && s->any_signature)
        return refuse(e, "pdf_certify_first", "a certification must be the first signature");
    if (s->permissions.p == 1 && !timestamp)
        return refuse(e, "pdf_no_changes_allowed", "the certification or a lock forbids every change");
    return true;
}

bool sign_open(struct signing *s, struct sv input, struct err *e)
{
    struct doc *d = &s->doc;
    if (!doc_open_with(d, input, s->o->password))
        return err_user(e, ERR_BAD_INPUT, "pdf_unreadable", NULL, "%s", d->problem);
    if (d->lock)
        return doc_locked(d, e);
    if (!form_read(d, &s->form) || !pages_read(d, &s->pages))
        return refuse(e, "pdf_damaged", d->problem ? d->problem : "form or page tree is damaged");
    s->permissions = PERMISSIONS_INIT;
    bool perms = read_signatures(s);
    if (d->repaired || d->header_at || !d->end || d->problem || s->pages.n == 0)
        return refuse(e, "pdf_damaged",
                      d->problem  ? d->problem
                      : d->repair ? d->repair
                                  : "header, end or page tree not as they should be");
    update_init(&s->update, d, s->a);
    return may_sign(s, perms, e);
}

static bool fresh_name(struct signing *s)
{
    const char *base = s->o->subfilter == PDF_SUBFILTER_TIMESTAMP ? "DocTimeStamp" : "Signature";
    for (size_t i = 1; i <= s->form.fields_n + 1; i++) {
        s->name = arena_printf(s->a, "%s%zu", base, i);
        if (!form_find(&s->form, s->name))
            return true;
    }
    return false;
}

static bool is_zero(const struct pdf_rect *r)
{
    return r->x == 0 && r->y == 0 && r->w == 0 && r->h == 0;
}

static bool may_create(struct signing *s, struct err *e)
{
    const struct pdf_sign_options *o = s->o;
    if (o->field_must_exist)
        return err_user(e, ERR_BAD_INPUT, "pdf_field_missing", NULL, "no field \"%.*s\"", SV_ARG(s->name));
    if (!sv_is_utf8(s->name) || sv_find_char(s->name, '.') != SIZE_MAX || s->name.n > 200)
        return err_user(e, ERR_BAD_INPUT, "pdf_field_name", NULL, "no name for a field: \"%.*s\"", SV_ARG(s->name));
    if (o->page > s->pages.n)
        return err_user(e, ERR_BAD_INPUT, "pdf_page_missing", NULL, "page %u of %zu", o->page, s->pages.n);
    const struct pdf_rect *r = &o->rect;
    bool finite = isfinite(r->x) && isfinite(r->y) && isfinite(r->w) && isfinite(r->h);
    if (!finite || (!is_zero(r) && (r->w <= 0 || r->h <= 0 || fabs(r->x) > 1e6 || fabs(r->y) > 1e6)))
        return err_user(e, ERR_BAD_INPUT, "pdf_rect", NULL, "rectangle %g,%g,%g,%g", r->x, r->y, r->w, r->h);
    if (is_zero(r) != (o->appearance == NULL))
        return err_user(e, ERR_BAD_INPUT, "pdf_appearance", NULL, "a visible field needs rectangle and appearance");
    if (!is_zero(r) && s->permissions.certified && s->permissions.p < 3)
        return refuse(e, "pdf_visible_field_after_certification",
                      "certified: only existing fields may be filled visibly");
    return true;
}

static bool may_fill(struct signing *s, struct err *e)
{
    const struct field *f = s->field;
    if (!field_is_signature(f))
        return err_user(e, ERR_BAD_INPUT, "pdf_field_kind", NULL, "\"%.*s\" is no signature field", SV_ARG(f->name));
    if (f->v->kind != O_NULL && !(f->v->kind == O_REF && doc_value(&s->doc, f->v)->kind == O_NULL))
        return err_user(e, ERR_CONFLICT, "pdf_field_signed", NULL, "\"%.*s\" is signed", SV_ARG(f->name));
    if (!f->num || f->widgets_n != 1)
        return refuse(e, "pdf_damaged", "the field is no object of its own with exactly one place");
    if (!is_zero(&s->o->rect) || s->o->page)
        return err_user(e, ERR_BAD_INPUT, "pdf_rect", NULL, "field \"%.*s\" has its place already", SV_ARG(f->name));
    bool invisible = widget_is_invisible(&s->doc, f->widgets[0].dict);
    if (s->o->appearance && invisible)
        return err_user(e, ERR_BAD_INPUT, "pdf_appearance", NULL, "field \"%.*s\" is invisible", SV_ARG(f->name));
    if (s->o->subfilter == PDF_SUBFILTER_TIMESTAMP && !invisible)
        return err_user(e, ERR_BAD_INPUT, "pdf_field_kind", NULL, "a timestamp needs an invisible field");
    return true;
}

/* What the author of an encrypted file lets its readers do: a new visible field also counts as an annotation. */
static bool permitted(struct signing *s, struct err *e)
{
    bool draws = !s->field && s->o->appearance;
    if (crypt_allows(&s->doc, CRYPT_MODIFY | CRYPT_ANNOTATE | (draws ? 0 : CRYPT_FILL)))
        return true;
    return refuse(e, "pdf_permission", "the permissions of the encrypted file do not allow it");
}

bool sign_choose_field(struct signing *s, struct err *e)
{
    s->name = s->o->field;
    if (!s->name.n && !fresh_name(s))
        return err_set(e, ERR_INTERNAL, "no free field name");
    if (s->o->subfilter == PDF_SUBFILTER_TIMESTAMP && s->o->appearance)
        return err_user(e, ERR_BAD_INPUT, "pdf_appearance", NULL, "a document timestamp is invisible");
    if (s->o->subfilter != PDF_SUBFILTER_TIMESTAMP && permissions_locked(&s->permissions, s->name))
        return refuse(e, "pdf_field_locked", "an earlier signature locked this field");
    s->field = form_find(&s->form, s->name);
    if (!permitted(s, e))
        return false;
    return s->field ? may_fill(s, e) : may_create(s, e);
}
