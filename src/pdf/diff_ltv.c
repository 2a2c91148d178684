/* Rules for what may follow at every level of certification: validation data (DSS), extensions, document information,
 * metadata. */
#include <string.h>

#include "pdf/verify_priv.h"

#define NO_FIELD ((struct sv){0})

static void never(struct diff *d, const char *code, uint32_t num, const char *what)
{
    diff_note(d, CHANGE_NEVER, code, num, NO_FIELD, "%s", what);
}

/* ---- DSS (EN 319 142-1 5.4.2) ---- */

/* Every element is a stream that the old array had or that is new. */
static bool good_list(struct diff *d, const struct obj *old, const struct obj *now)
{
    const struct obj *x = doc_value(d->old, old), *y = doc_value(d->now, now);
    if (now->kind == O_REF && !diff_is_new(d, now->ref.num)) {
        if (!obj_equal(old, now))
            return false;
        diff_explain(d, now->ref.num);
    }
    if (y->kind != O_ARRAY || y->array.n > DIFF_MAX_KEYS)
        return false;
    for (size_t i = 0; i < y->array.n; i++) {
        const struct obj *item = y->array.items[i];
        bool fine = item->kind == O_REF && diff_is_new(d, item->ref.num) && doc_value(d->now, item)->kind == O_STREAM;
        for (size_t k = 0; !fine && x->kind == O_ARRAY && k < x->array.n; k++)
            fine = obj_equal(x->array.items[k], item);
        if (!fine)
            return false;
    }
    return true;
}

static bool new_dict(struct diff *d, const struct obj *ref, const struct obj *value)
{
    return value->kind == O_DICT && !value->dict.duplicates && (ref->kind != O_REF || diff_is_new(d, ref->ref.num));
}

static bool good_vri_entry(struct diff *d, const struct obj *ref)
{
    const struct obj *value = doc_value(d->now, ref);
    if (!new_dict(d, ref, value))
        return false;
    for (size_t i = 0; i < value->dict.n; i++) {
        const struct obj *v = value->dict.entries[i].value;
        struct sv key = value->dict.entries[i].key;
        bool list = sv_eq(key, SV("Cert")) || sv_eq(key, SV("CRL")) || sv_eq(key, SV("OCSP"));
        const struct obj *arr = doc_value(d->now, v);
        for (size_t k = 0; list && arr->kind == O_ARRAY && k < arr->array.n; k++) {
            if (arr->array.items[k]->kind != O_REF)
                return false;
        }
        if (!list && !sv_eq(key, SV("Type")) && !sv_eq(key, SV("TU")))
            return false;
    }
    return true;
}

/* Old entries as they were; new ones of the right shape. */
static bool good_vri(struct diff *d, const struct obj *old, const struct obj *now)
{
    const struct obj *x = doc_value(d->old, old), *y = doc_value(d->now, now);
    if (now->kind == O_NULL)
        return old->kind == O_NULL;
    if (now->kind == O_REF && !diff_is_new(d, now->ref.num)) {
        if (!obj_equal(old, now))
            return false;
        diff_explain(d, now->ref.num);
    }
    if (y->kind != O_DICT || y->dict.duplicates || y->dict.n > DIFF_MAX_KEYS)
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < y->dict.n; i++) {
        char key[64];
        struct sv k = y->dict.entries[i].key;
        if (k.n >= sizeof(key))
            return false;
        memcpy(key, k.p, k.n);
        key[k.n] = 0;
        const struct obj *was = dict_get(x, key), *is = y->dict.entries[i].value;
        if (was->kind != O_NULL ? !obj_equal(was, is) : !sv_eq(k, SV("Type")) && !good_vri_entry(d, is))
            return false;
        kept += was->kind != O_NULL;
    }
    return !obj_is_dict(x) || kept == x->dict.n;
}

static bool good_dss(struct diff *d, const struct obj *x, const struct obj *y)
{
    static const char *const lists[] = {"Certs", "CRLs", "OCSPs"};
    if (y->kind != O_DICT || y->dict.duplicates)
        return false;
    size_t known = 0;
    for (size_t i = 0; i < COUNT(lists); i++) {
        const struct obj *now = dict_get(y, lists[i]);
        if (now->kind == O_NULL)
            continue;
        known++;
        if (!good_list(d, dict_get(x, lists[i]), now))
            return false;
    }
    known += dict_get(y, "Type")->kind != O_NULL;
    known += dict_get(y, "VRI")->kind != O_NULL;
    return known == y->dict.n && good_vri(d, dict_get(x, "VRI"), dict_get(y, "VRI"));
}

/* Arrays and VRI may be objects of their own. */
static bool dss_part_changed(struct diff *d, const struct obj *dss)
{
    for (size_t i = 0; obj_is_dict(dss) && i < dss->dict.n; i++) {
        const struct obj *v = dss->dict.entries[i].value;
        if (v->kind == O_REF && diff_is_changed(d, v->ref.num))
            return true;
    }
    return false;
}

static void check_dss(struct diff *d, const struct obj *old_ref, const struct obj *now_ref, uint32_t root)
{
    const struct obj *x = doc_value(d->old, old_ref), *y = doc_value(d->now, now_ref);
    bool same_object = old_ref->kind == O_REF && obj_equal(old_ref, now_ref);
    if (obj_equal(old_ref, now_ref) && obj_equal(x, y) && !dss_part_changed(d, y))
        return;
    uint32_t num = now_ref->kind == O_REF ? now_ref->ref.num : root;
    bool fine = now_ref->kind != O_NULL && (x->kind == O_DICT || x->kind == O_NULL);
    if (fine && same_object)
        fine = diff_only_at(d, num, root, "DSS");
    else if (fine && now_ref->kind == O_REF)
        fine = diff_is_new(d, num);
    if (!fine || !good_dss(d, x, y)) {
        never(d, "dss_changed", num, "the store of validation data was removed or is not as it should be");
        return;
    }
    diff_explain(d, num);
    diff_note(d, CHANGE_ALWAYS, "dss_added", num, NO_FIELD, "validation data was added");
}

/* ---- the rest ---- */

static int64_t level_of(struct doc *doc, const struct obj *ext)
{
    const struct obj *level = doc_get(doc, doc_get(doc, ext, "ESIC"), "ExtensionLevel");
    return level->kind == O_INT ? level->integer : 0;
}

static void check_extensions(struct diff *d, const struct obj *old_ref, const struct obj *now_ref, uint32_t root)
{
    static const char *const esic[] = {"ESIC", NULL};
    const struct obj *x = doc_value(d->old, old_ref), *y = doc_value(d->now, now_ref);
    bool moved = !obj_equal(old_ref, now_ref);
    if (!moved && !(old_ref->kind == O_REF && diff_is_changed(d, old_ref->ref.num)))
        return;
    uint32_t num = now_ref->kind == O_REF ? now_ref->ref.num : root;
    bool place = now_ref->kind != O_REF || diff_is_new(d, num) || (!moved && diff_only_at(d, num, root, "Extensions"));
    if (!place || y->kind != O_DICT || level_of(d->now, y) < level_of(d->old, x) ||
        !diff_keys(d, num, x->kind == O_DICT ? x : obj_dict(d->a), y, esic)) {
        never(d, "extensions_changed", num,
              "the list of extensions was changed in another way than by raising a level");
        return;
    }
    if (now_ref->kind == O_REF)
        diff_explain(d, num);
    diff_note(d, CHANGE_ALWAYS, "extensions_changed", num, NO_FIELD, "extension level raised");
}

static void check_info(struct diff *d)
{
    const struct obj *x = dict_get(d->old->trailer, "Info"), *y = dict_get(d->now->trailer, "Info");
    bool same = obj_equal(x, y);
    if (same && !(x->kind == O_REF && diff_is_changed(d, x->ref.num)))
        return;
    bool fine = y->kind == O_REF && doc_value(d->now, y)->kind == O_DICT &&
                (diff_is_new(d, y->ref.num) || (same && diff_only_at(d, y->ref.num, 0, "Info")));
    if (!fine) {
        never(d, "info_changed", y->kind == O_REF ? y->ref.num : 0,
              "the document information was removed or is used elsewhere");
        return;
    }
    diff_explain(d, y->ref.num);
    diff_note(d, CHANGE_ALWAYS, "info_changed", y->ref.num, NO_FIELD,
              "document information (title, dates) was changed");
}

/* XMP: a stream without document type or entities. */
static void check_metadata(struct diff *d, const struct obj *x, const struct obj *y, uint32_t root)
{
    bool same = obj_equal(x, y);
    if (same && !(x->kind == O_REF && diff_is_changed(d, x->ref.num)))
        return;
    struct sv xml;
    bool fine = y->kind == O_REF &&
                (diff_is_new(d, y->ref.num) || (same && diff_only_at(d, y->ref.num, root, "Metadata"))) &&
                doc_stream(d->now, doc_value(d->now, y), &xml) && sv_find(xml, SV("<!")) == SIZE_MAX;
    if (!fine) {
        never(d, "metadata_changed", y->kind == O_REF ? y->ref.num : root, "metadata was removed or is not plain XMP");
        return;
    }
    diff_explain(d, y->ref.num);
    diff_note(d, CHANGE_ALWAYS, "metadata_changed", y->ref.num, NO_FIELD, "metadata was changed");
}

void diff_catalog_extras(struct diff *d)
{
    static const char *const allowed[] = {"AcroForm", "DSS", "Extensions", "Metadata", NULL};
    const struct obj *ref = dict_get(d->old->trailer, "Root"), *x = doc_root(d->old), *y = doc_root(d->now);
    uint32_t root = ref->kind == O_REF ? ref->ref.num : 0;
    if (diff_is_changed(d, root)) {
        diff_explain(d, root);
        if (!diff_keys(d, root, x, y, allowed))
            return;
    }
    /* A direct form is compared key by key in diff_form; an indirect one must stay where it is. */
    check_dss(d, dict_get(x, "DSS"), dict_get(y, "DSS"), root);
    check_extensions(d, dict_get(x, "Extensions"), dict_get(y, "Extensions"), root);
    check_metadata(d, dict_get(x, "Metadata"), dict_get(y, "Metadata"), root);
    check_info(d);
}
