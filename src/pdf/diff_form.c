/* The interactive form (ISO 32000-2 12.7): fields filled, signatures given, defaults for new appearances. Both
 * revisions are walked side by side, each field with the one in its place. */
#include <string.h>

#include "pdf/diff_priv.h"

#define PUSH_BUTTON (1 << 16)

static void refuse(struct diff *d, const struct field_pair *f, const char *code, const char *what)
{
    diff_note(d, CHANGE_NEVER, code, f->num, f->name, "field \"%.*s\": %s", SV_ARG(sv_sub(f->name, 0, 100)), what);
}

/* Whether a value differs; answers for its use. */
static bool differs(struct diff *d, const struct obj *old, const struct obj *now)
{
    return !diff_same(d, diff_old(d, old), doc_value(d->now, now));
}

/* Some programs write down the page when they fill a field that did not name it. */
static void name_page(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    const struct field_pair *f = ctx;
    if (diff_same(d, old, now)) /* the same page, whatever became of it */
        return;
    const struct obj *annots = doc_get(d->old, doc_value(d->old, now), "Annots");
    bool listed = false;
    for (size_t i = 0; f->num && annots->kind == O_ARRAY && i < annots->array.n; i++)
        listed = listed || ref_num(annots->array.items[i]) == f->num;
    if (old->kind != O_NULL || !listed)
        refuse(d, f, "object_changed", "its page was changed");
}

/* ---- signature fields ---- */

static void sig_value(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    const struct field_pair *f = ctx;
    if (f->was_signed) {
        if (!diff_same(d, old, now))
            refuse(d, f, "signature_replaced", "the signature was replaced");
    } else if (differs(d, old, now)) {
        diff_signed_value(d, f->num, f->name, now);
    }
}

static void sig_look(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    const struct field_pair *f = ctx;
    if (diff_appearance(d, old, now) && !(f->signed_now && (now->kind == O_NULL || diff_fresh_appearance(d, now))))
        refuse(d, f, "appearance_changed", "its look was changed other than by signing");
}

/* Flags and texts that signing programs touch. */
static void sig_other(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    const struct field_pair *f = ctx;
    if (differs(d, old, now) && !f->signed_now)
        refuse(d, f, "value_changed", "its flags were changed other than by signing");
}

/* ---- other fields ---- */

static void fill(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    struct field_pair *f = ctx;
    f->filled = f->filled || differs(d, old, now);
}

static void fill_value(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    struct field_pair *f = ctx;
    if (!differs(d, old, now))
        return;
    enum obj_kind kind = doc_value(d->now, now)->kind;
    if (kind == O_DICT || f->ft->kind == O_NULL)
        refuse(d, f, "value_changed", "got a value that is none for its kind");
    if (obj_is_name(f->ft, "Btn") && (f->ff & PUSH_BUTTON))
        refuse(d, f, "value_changed", "a push-button has no value");
    f->filled = true;
}

static void fill_state(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    struct field_pair *f = ctx;
    if (!differs(d, old, now))
        return;
    f->filled = true;
    const struct obj *state = doc_value(d->now, now);
    const struct obj *n = doc_get(d->now, doc_get(d->now, f->now, "AP"), "N");
    bool known = state->kind == O_NULL || obj_is_name(state, "Off");
    for (size_t i = 0; n->kind == O_DICT && state->kind == O_NAME && i < n->dict.n; i++)
        known = known || sv_eq(n->dict.entries[i].key, state->text);
    if (!known)
        refuse(d, f, "appearance_changed", "shows a state that it has not");
}

static void fill_look(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    struct field_pair *f = ctx;
    f->look_changed = diff_appearance(d, old, now);
}

/* ---- the tree ---- */

static void *grown(struct diff *d, void *list, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return list;
    size_t more = *cap ? *cap * 2 : 64;
    void *p = more <= PDF_MAX_FIELDS * 2 ? arena_try(&d->now->arena, more * size) : NULL;
    if (p && n)
        memcpy(p, list, n * size);
    *cap = p ? more : *cap;
    return p;
}

static bool push(struct diff *d, struct field_pair **list, size_t *n, size_t *cap, const struct field_pair *f)
{
    struct field_pair *p = grown(d, *list, *n, cap, sizeof(*p));
    if (!p || f->depth > PDF_MAX_DEPTH) {
        diff_note(d, CHANGE_NEVER, "not_comparable", 0, NO_FIELD, "too many form fields");
        return false;
    }
    *list = p;
    p[(*n)++] = *f;
    return true;
}

/* An item of /Fields or /Kids. */
static void pair(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    struct form_walk *w = ctx;
    struct field_pair f = *w->at;
    f.depth++;
    f.old_raw = old;
    f.now_raw = now;
    if (!now)
        refuse(d, w->at, "fields_changed", "a field or a place of it was removed or put in another order");
    else if (!old && w->at->depth)
        refuse(d, w->at, "field_added", "got another place or a field below it");
    else if (!old)
        push(d, &w->added, &w->added_n, &w->added_cap, &f);
    else
        push(d, &w->stack, &w->n, &w->cap, &f);
}

static bool first_visit(struct diff *d, struct form_walk *w, uint32_t num)
{
    if (!num || num >= d->old->size)
        return true;
    bool seen = w->seen[num / 8] >> (num % 8) & 1;
    w->seen[num / 8] |= (uint8_t)(1u << (num % 8));
    return !seen;
}

static void inherit(struct diff *d, struct form_walk *w, struct field_pair *f)
{
    const struct obj *ft = doc_get(d->old, f->old, "FT"), *ff = doc_get(d->old, f->old, "Ff");
    const struct obj *x = dict_get(f->old, "V"), *y = dict_get(f->now, "V");
    struct sv own = obj_utf8(&d->now->arena, doc_get(d->old, f->old, "T"));
    if (own.n) {
        f->name = f->name.n ? arena_printf(&d->now->arena, "%.*s.%.*s", SV_ARG(f->name), SV_ARG(own)) : own;
        struct sv *names = grown(d, w->names, w->names_n, &w->names_cap, sizeof(*names));
        if (names) {
            w->names = names;
            names[w->names_n++] = f->name;
        }
    }
    f->ft = ft->kind == O_NULL ? f->ft : ft;
    f->ff = ff->kind == O_INT ? ff->integer : f->ff;
    f->v_old = x->kind == O_NULL ? f->v_old : x;
    f->v_now = y->kind == O_NULL ? f->v_now : y;
    f->was_signed = doc_value(d->old, f->v_old)->kind != O_NULL;
    f->signed_now = !f->was_signed && doc_value(d->now, f->v_now)->kind != O_NULL;
    f->formatted = f->formatted || doc_get(d->old, doc_get(d->old, f->old, "AA"), "F")->kind != O_NULL;
}

static const struct diff_key sig_keys[] = {
        {"V",        sig_value},
        {"AP",          sig_look},
        {"F",sig_other},
        {"Ff",        sig_other},
        {"MK",          sig_other},
        {"M",sig_other},
        {"Q",       sig_other},
        {"DA",          sig_other},
        {"P",        name_page},
        {"Kids",        NULL},
        {0         },
};
static const struct diff_key fill_keys[] = {
        {"V",        fill_value},
        {"AP",          fill_look}, /* before the states, which must be among these */
        {"AS",fill_state},
        {"Ff",       fill},
        {"F",          fill},
        {"DA",fill},
        {"Q",        fill},
        {"I",          fill}, /* selected items, 12.7.5.4 */
        {"TI",       fill},
        {"RV",        fill},
        {"M",          fill},
        {"P",name_page},
        {"Kids",       NULL},
        {0         },
};

static void finish_signature(struct diff *d, const struct field_pair *f)
{
    if (!f->signed_now)
        return;
    if (f->num)
        diff_number_add(d, &d->fresh, &d->fresh_n, &d->fresh_cap, f->num);
    if (sig_is_timestamp(d, doc_value(d->now, f->v_now)) && !widget_is_invisible(d->now, f->now))
        refuse(d, f, "visible_timestamp", "a document timestamp that shows something");
}

static void finish_field(struct diff *d, struct form_walk *w, const struct field_pair *f)
{
    if (!f->filled && !f->look_changed && diff_same(d, f->v_old, f->v_now))
        return;
    if (obj_is_name(f->ft, "Btn") && (f->ff & PUSH_BUTTON)) {
        push(d, &w->later, &w->later_n, &w->later_cap, f);
        return;
    }
    if (f->filled || f->look_changed)
        diff_note(d, CHANGE_FORM, "field_filled", f->num, f->name, "field \"%.*s\" was filled, %.*s",
                  SV_ARG(sv_sub(f->name, 0, 100)), SV_ARG(diff_where(d, 0, f->now)));
    diff_look(d, w, f);
}

/* Even with null: programs do not agree what that says about a field. */
static bool dict_has(const struct obj *dict, const char *key)
{
    for (size_t i = 0; i < dict->dict.n; i++) {
        if (sv_eq(dict->dict.entries[i].key, sv_from(key)))
            return true;
    }
    return false;
}

static void visit(struct diff *d, struct form_walk *w, struct field_pair *f)
{
    f->num = ref_num(f->old_raw);
    f->old = diff_old(d, f->old_raw);
    f->now = doc_value(d->now, f->now_raw);
    f->filled = f->look_changed = false;
    if (!first_visit(d, w, f->num))
        return;
    if (f->old->kind != O_DICT) {
        if (!diff_same(d, f->old, f->now))
            refuse(d, f, "fields_changed", "something that was no field became one");
        return;
    }
    diff_role(d, f->num, ROLE_FIELD);
    inherit(d, w, f);
    bool sig = obj_is_name(f->ft, "Sig");
    if (!diff_dict(d, f->num, f->old, f->now, sig ? sig_keys : fill_keys, f))
        return;
    if (dict_has(f->old, "Kids") != dict_has(f->now, "Kids"))
        refuse(d, f, "fields_changed", "got or lost its places");
    w->at = f;
    diff_pairs(d, diff_old_get(d, f->old, "Kids"), doc_get(d->now, f->now, "Kids"), pair, w);
    if (sig)
        finish_signature(d, f);
    else
        finish_field(d, w, f);
}

/* A picture on a read-only push-button that was empty, in the same step as a signature: the seal over page edges. */
static void button(struct diff *d, const struct field_pair *f)
{
    bool sealed = (f->ff & 1) && d->signed_here && !f->filled && appearance_is_blank(d->old, f->old) &&
                  diff_fresh_appearance(d, dict_get(f->now, "AP"));
    diff_note(d, sealed ? CHANGE_FORM : CHANGE_UNCERTIFIED, sealed ? "seam_filled" : "appearance_changed", f->num,
              f->name, "picture on button \"%.*s\", %.*s", SV_ARG(sv_sub(f->name, 0, 100)),
              SV_ARG(diff_where(d, 0, f->now)));
}

static void diff_fields(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    struct form_walk *w = ctx;
    static const struct field_pair top = {
            .old = &obj_null, .now = &obj_null, .ft = &obj_null, .v_old = &obj_null, .v_now = &obj_null};
    w->at = &top;
    diff_pairs(d, diff_old(d, old), doc_value(d->now, now), pair, w);
    while (w->n) {
        struct field_pair f = w->stack[--w->n];
        visit(d, w, &f);
    }
    for (size_t i = 0; i < w->added_n; i++)
        diff_new_field(d, w, &w->added[i]);
    for (size_t i = 0; i < w->later_n; i++)
        button(d, &w->later[i]);
}

/* ---- the form's own dictionary ---- */

/* May only gain bits. */
static void diff_sigflags(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    int64_t was = x->kind == O_INT ? x->integer : 0, is = y->kind == O_INT ? y->integer : 0;
    if ((was & is) != was || (is & ~was & ~(int64_t)3) != 0)
        diff_note(d, CHANGE_NEVER, "form_changed", 0, NO_FIELD, "/SigFlags lost a bit");
}

/* First defaults come along with a first signature field of any kind. */
static void defaults_changed(struct diff *d, const struct obj *old)
{
    bool added = doc_value(d->old, old)->kind == O_NULL;
    diff_note(d, added ? CHANGE_ALWAYS : CHANGE_FORM, "form_defaults", 0, NO_FIELD,
              "defaults for the look of form fields were changed");
}

static void diff_default(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    if (differs(d, old, now))
        defaults_changed(d, old);
}

/* Viewers make the look of all fields themselves then. */
static void diff_need(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    if (differs(d, old, now))
        diff_note(d, CHANGE_FORM, "form_defaults", 0, NO_FIELD, "/NeedAppearances was changed");
}

static const struct obj *entry(const struct obj *dict, struct sv key)
{
    for (size_t i = 0; i < dict->dict.n; i++) {
        if (sv_eq(dict->dict.entries[i].key, key))
            return dict->dict.entries[i].value;
    }
    return &obj_null;
}

/* All that was there is there still. */
static bool only_added(struct diff *d, const struct obj *old, const struct obj *now)
{
    bool fine = old->kind == O_DICT && now->kind == O_DICT && !now->dict.duplicates;
    for (size_t i = 0; fine && i < old->dict.n; i++)
        fine = diff_same(d, old->dict.entries[i].value, entry(now, old->dict.entries[i].key));
    return fine;
}

/* Resources by category and name, each perhaps an object of its own, and shared with those of pages. */
static void diff_resources(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    bool changed = !diff_same(d, x, y);
    for (size_t i = 0; obj_is_dict(x) && i < x->dict.n; i++) {
        const struct obj *raw = x->dict.entries[i].value, *category = diff_old(d, raw);
        if (diff_is_changed(d, ref_num(raw))) {
            changed = true;
            if (only_added(d, category, doc_value(d->now, raw)))
                diff_role(d, ref_num(raw), ROLE_FONTS);
        }
        for (size_t k = 0; obj_is_dict(category) && k < category->dict.n; k++) {
            changed = changed || diff_is_changed(d, ref_num(category->dict.entries[k].value));
            diff_old(d, category->dict.entries[k].value);
        }
    }
    if (changed)
        defaults_changed(d, old);
}

void diff_form(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    static const struct diff_key rules[] = {
            {"SigFlags",      diff_sigflags},
            {"DR",               diff_resources},
            {"DA",diff_default},
            {"NeedAppearances",            diff_need},
            {"Fields",               diff_fields},
            {0},
    };
    static const struct obj empty = {.kind = O_DICT};
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    if (x->kind == O_NULL && y->kind == O_NULL)
        return;
    if (y->kind != O_DICT || (x->kind != O_NULL && ref_num(old) && !obj_equal(old, now))) {
        diff_note(d, CHANGE_NEVER, "form_changed", ref_num(now), NO_FIELD, "the form was removed or replaced");
        return;
    }
    struct form_walk w = {.seen = arena_try(&d->now->arena, d->old->size / 8 + 1), .dr = doc_get(d->now, y, "DR")};
    if (!w.seen) {
        diff_note(d, CHANGE_NEVER, "not_comparable", 0, NO_FIELD, "too many form fields");
        return;
    }
    diff_dict(d, ref_num(now), x->kind == O_NULL ? &empty : x, y, rules, &w);
}
