/* Validation data may follow at every level of certification (DSS, EN 319 142-1 5.4.2): streams with certificates,
 * revocation lists and answers. Single items may be left out again, the store as a whole may not, and what was said
 * about an earlier signature (VRI) stays. */
#include <string.h>

#include "pdf/diff_priv.h"

#define MAX_ITEMS 4000

static const char *const dss_lists[] = {"Certs", "CRLs", "OCSPs"};
static const char *const vri_lists[] = {"Cert", "CRL", "OCSP"};

static bool kept(struct diff *d, const struct obj *list, const struct obj *item)
{
    for (size_t i = 0; list->kind == O_ARRAY && i < list->array.n; i++) {
        if (obj_equal(list->array.items[i], item))
            return true;
        if (!d->budget)
            return false;
        d->budget--;
    }
    return false;
}

/* A stream of data, not one that is something else as well. */
static bool data_stream(struct diff *d, const struct obj *ref)
{
    const struct obj *o = doc_value(d->now, ref);
    return ref->kind == O_REF && o->kind == O_STREAM && !o->dict.duplicates && diff_is_new(d, ref->ref.num) &&
           dict_get(o, "Type")->kind == O_NULL && dict_get(o, "Subtype")->kind == O_NULL;
}

/* Every element is a stream that the old list had, that another list of the old store had, or that is new. */
static bool good_list(struct diff *d, const struct obj *store, const struct obj *old, const struct obj *now)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    if (y->kind == O_NULL)
        return true;
    if (y->kind != O_ARRAY || y->array.n > MAX_ITEMS)
        return false;
    for (size_t i = 0; i < y->array.n; i++) {
        const struct obj *item = y->array.items[i];
        bool fine = kept(d, x, item) || data_stream(d, item);
        for (size_t k = 0; !fine && k < COUNT(dss_lists); k++)
            fine = kept(d, doc_get(d->old, store, dss_lists[k]), item);
        if (!fine)
            return false;
    }
    return true;
}

static bool named(const char *const *names, size_t n, struct sv key)
{
    for (size_t i = 0; i < n; i++) {
        if (sv_eq(key, sv_from(names[i])))
            return true;
    }
    return false;
}

static const struct obj *entry(const struct obj *dict, struct sv key)
{
    for (size_t i = 0; obj_is_dict(dict) && i < dict->dict.n; i++) {
        if (sv_eq(dict->dict.entries[i].key, key))
            return dict->dict.entries[i].value;
    }
    return &obj_null;
}

/* An entry for one signature: lists of streams, a date, a timestamp. What an old one listed it lists still. */
static bool good_vri_entry(struct diff *d, const struct obj *store, const struct obj *old, const struct obj *now)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    if (y->kind != O_DICT || y->dict.duplicates)
        return false;
    for (size_t i = 0; i < y->dict.n; i++) {
        const struct obj *v = y->dict.entries[i].value;
        struct sv key = y->dict.entries[i].key;
        bool fine = sv_eq(key, SV("Type")) || (sv_eq(key, SV("TU")) && doc_value(d->now, v)->kind == O_STRING) ||
                    (sv_eq(key, SV("TS")) && (data_stream(d, v) || diff_same(d, entry(x, key), v))) ||
                    (named(vri_lists, COUNT(vri_lists), key) && good_list(d, store, entry(x, key), v));
        if (!fine)
            return false;
    }
    for (size_t i = 0; i < COUNT(vri_lists); i++) {
        const struct obj *was = doc_get(d->old, x, vri_lists[i]), *is = doc_get(d->now, y, vri_lists[i]);
        for (size_t k = 0; was->kind == O_ARRAY && k < was->array.n; k++) {
            if (!kept(d, is, was->array.items[k]))
                return false;
        }
    }
    return true;
}

static bool good_vri(struct diff *d, const struct obj *store, const struct obj *old, const struct obj *now)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    if (y->kind == O_NULL)
        return x->kind == O_NULL;
    if (y->kind != O_DICT || y->dict.duplicates || y->dict.n > MAX_ITEMS)
        return false;
    for (size_t i = 0; obj_is_dict(x) && i < x->dict.n; i++) {
        if (entry(y, x->dict.entries[i].key)->kind == O_NULL)
            return false;
    }
    for (size_t i = 0; i < y->dict.n; i++) {
        struct sv key = y->dict.entries[i].key;
        if (!sv_eq(key, SV("Type")) && !good_vri_entry(d, store, entry(x, key), y->dict.entries[i].value))
            return false;
    }
    return true;
}

static bool good_dss(struct diff *d, const struct obj *x, const struct obj *y)
{
    if (y->kind != O_DICT || y->dict.duplicates || (x->kind != O_DICT && x->kind != O_NULL))
        return false;
    for (size_t i = 0; i < y->dict.n; i++) {
        struct sv key = y->dict.entries[i].key;
        if (!sv_eq(key, SV("Type")) && !sv_eq(key, SV("VRI")) && !named(dss_lists, COUNT(dss_lists), key))
            return false;
    }
    const struct obj *type = doc_get(d->now, y, "Type");
    if (type->kind != O_NULL && !obj_is_name(type, "DSS"))
        return false;
    for (size_t i = 0; i < COUNT(dss_lists); i++) {
        if (!good_list(d, x, dict_get(x, dss_lists[i]), dict_get(y, dss_lists[i])))
            return false;
    }
    return good_vri(d, x, dict_get(x, "VRI"), dict_get(y, "VRI"));
}

/* Whether a part of the store that is an object of its own was written again. */
static bool part_changed(struct diff *d, const struct obj *dict)
{
    for (size_t i = 0; obj_is_dict(dict) && i < dict->dict.n; i++) {
        if (diff_is_changed(d, ref_num(dict->dict.entries[i].value)))
            return true;
    }
    return false;
}

static bool store_changed(struct diff *d, const struct obj *dss)
{
    const struct obj *vri = doc_get(d->old, dss, "VRI");
    bool changed = part_changed(d, dss) || part_changed(d, vri);
    for (size_t i = 0; obj_is_dict(vri) && i < vri->dict.n && !changed; i++)
        changed = part_changed(d, doc_value(d->old, vri->dict.entries[i].value));
    return changed;
}

void diff_dss(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    const struct obj *x = doc_value(d->old, old), *y = doc_value(d->now, now);
    if (diff_same(d, x, y) && !store_changed(d, x)) {
        diff_old(d, old);
        return;
    }
    bool place = now->kind != O_REF || obj_equal(old, now) || diff_is_new(d, now->ref.num);
    diff_old(d, old);
    if (!place || !good_dss(d, x, y))
        diff_note(d, CHANGE_NEVER, "dss_changed", ref_num(now), NO_FIELD,
                  "the store of validation data was removed or is not as it should be");
    else
        diff_note(d, CHANGE_ALWAYS, "dss_added", ref_num(now), NO_FIELD, "validation data was added");
}
