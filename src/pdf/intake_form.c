/* Form fields, layers and fonts of the normalised document. */
#include "pdf/intake_priv.h"

/* ---- fields ---- */

static void look_at_field(struct intake *in, const struct field *f)
{
    struct doc *d = &in->doc;
    struct intake_place at = intake_place_of(in, f->num);
    if (field_is_signature(f)) {
        bool filled = obj_is_dict(doc_value(d, f->v));
        intake_found(in, filled ? PDF_INTAKE_signed_already : PDF_INTAKE_signature_field, at, "field \"%.*s\"",
                     SV_ARG(sv_sub(f->name, 0, 200)));
        return;
    }
    const struct obj *v = doc_value(d, f->v), *dv = doc_get(d, f->dict, "DV");
    bool off = v->kind == O_NULL || obj_is_name(v, "Off") || (v->kind == O_STRING && !v->text.n);
    bool plain = dv->kind == O_NULL || obj_is_name(dv, "Off") || (dv->kind == O_STRING && !dv->text.n);
    intake_found(in, PDF_INTAKE_form_fields, at, "field \"%.*s\"", SV_ARG(sv_sub(f->name, 0, 200)));
    if (!off || !plain)
        intake_found(in, PDF_INTAKE_form_value, at, "field \"%.*s\": %s", SV_ARG(sv_sub(f->name, 0, 200)),
                     off ? "default value" : "value");
}

/* ---- layers (ISO 32000-2 8.11) ---- */

static bool in_list(struct doc *d, const struct obj *list, const struct obj *ref)
{
    for (size_t i = 0; list->kind == O_ARRAY && i < list->array.n && i < 10000; i++) {
        const struct obj *o = list->array.items[i];
        if (o->kind == O_REF && ref->kind == O_REF && o->ref.num == ref->ref.num)
            return true;
    }
    (void)d;
    return false;
}

/* What a layer looks like depends on the medium. */
static const char *usage(struct doc *d, const struct obj *group)
{
    const struct obj *u = doc_get(d, group, "Usage");
    if (obj_is_name(doc_get(d, doc_get(d, u, "Print"), "PrintState"), "OFF"))
        return "not printed";
    if (obj_is_name(doc_get(d, doc_get(d, u, "View"), "ViewState"), "OFF"))
        return "not on the screen";
    return NULL;
}

static void look_at_layers(struct intake *in)
{
    struct doc *d = &in->doc;
    const struct obj *properties = doc_get(d, doc_root(d), "OCProperties"), *groups = doc_get(d, properties, "OCGs");
    const struct obj *config = doc_get(d, properties, "D"), *off = doc_get(d, config, "OFF");
    const struct obj *on = doc_get(d, config, "ON");
    bool base_off = obj_is_name(doc_get(d, config, "BaseState"), "OFF");
    size_t shown = 0, n = groups->kind == O_ARRAY ? groups->array.n : 0;
    for (size_t i = 0; i < n && i < 10000; i++) {
        const struct obj *ref = groups->array.items[i], *group = doc_value(d, ref);
        struct intake_place at = intake_place_of(in, ref->kind == O_REF ? ref->ref.num : 0);
        struct sv name = sv_sub(obj_utf8(in->a, doc_get(d, group, "Name")), 0, 200);
        bool hidden = in_list(d, off, ref) || (base_off && !in_list(d, on, ref));
        const char *how = hidden ? "hidden" : usage(d, group);
        if (how)
            intake_found(in, PDF_INTAKE_hidden_layer, at, "layer \"%.*s\": %s", SV_ARG(name), how);
        shown += !how;
    }
    if (shown)
        intake_found(in, PDF_INTAKE_layers, (struct intake_place){0}, "%zu layers", shown);
}

/* ---- fonts ---- */

static bool has_file(struct doc *d, const struct obj *descriptor)
{
    static const char *const files[] = {"FontFile", "FontFile2", "FontFile3"};
    for (size_t i = 0; i < COUNT(files); i++) {
        if (doc_get(d, descriptor, files[i])->kind == O_STREAM)
            return true;
    }
    return false;
}

static void look_at_font(void *context, uint32_t num, const struct obj *dict)
{
    struct intake *in = context;
    struct doc *d = &in->doc;
    const struct obj *kind = doc_get(d, dict, "Subtype");
    bool composite = obj_is_name(kind, "Type0");
    if (!composite && !obj_is_name(kind, "Type1") && !obj_is_name(kind, "MMType1") && !obj_is_name(kind, "TrueType"))
        return;
    const struct obj *below = doc_get(d, dict, "DescendantFonts"), *holder = dict;
    if (composite)
        holder = below->kind == O_ARRAY && below->array.n ? doc_value(d, below->array.items[0]) : &obj_null;
    if (has_file(d, doc_get(d, holder, "FontDescriptor")))
        return;
    const struct obj *name = doc_get(d, dict, "BaseFont");
    struct intake_place at = intake_place_of(in, num);
    at.has_rect = false;
    intake_found(in, PDF_INTAKE_font_not_embedded, at, "%.*s",
                 SV_ARG(name->kind == O_NAME ? sv_sub(name->text, 0, 200) : SV("?")));
}

bool intake_forms(struct intake *in)
{
    struct doc *d = &in->doc;
    struct form form;
    if (!form_read(d, &form))
        return false;
    for (size_t i = 0; i < form.fields_n; i++)
        look_at_field(in, &form.fields[i]);
    look_at_layers(in);
    for (uint32_t num = 1; num < d->size; num++) {
        if (!intake_each_dict(d, num, doc_object(d, num, 0), look_at_font, in))
            return false;
    }
    return true;
}
