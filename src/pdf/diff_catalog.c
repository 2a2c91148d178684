/* Trailer and catalog: what may follow at every level of certification besides validation data: document information,
 * metadata, versions and extensions; and the permissions, which stay. */
#include <string.h>

#include "pdf/diff_priv.h"

static void never(struct diff *d, const char *code, uint32_t num, const char *what)
{
    diff_note(d, CHANGE_NEVER, code, num, NO_FIELD, "%s", what);
}

/* ---- versions (7.2.2, 7.12) ---- */

/* 1.7 → 17; missing or odd: 0. */
static int version_of(struct doc *d, const struct obj *raw)
{
    const struct obj *o = doc_value(d, raw);
    if (o->kind != O_NAME || o->text.n != 3 || o->text.p[1] != '.')
        return 0;
    return (o->text.p[0] - '0') * 10 + (o->text.p[2] - '0');
}

static void diff_version(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    if (diff_same(d, old, now) && !diff_is_changed(d, ref_num(old)))
        return;
    diff_old(d, old);
    int was = version_of(d->old, old), is = version_of(d->now, now);
    bool fine = is >= was && is >= 10 && is <= 29;
    diff_note(d, fine ? CHANGE_ALWAYS : CHANGE_NEVER, "version_changed", 0, NO_FIELD, "/Version %d.%d became %d.%d",
              was / 10, was % 10, is / 10, is % 10);
}

/* The highest level of a developer's extensions, which may be an array of dictionaries (PDF 2.0). */
static int64_t level_of(struct doc *doc, const struct obj *raw)
{
    const struct obj *o = doc_value(doc, raw);
    int64_t best = 0;
    for (size_t i = 0; i < (o->kind == O_ARRAY ? o->array.n : 1); i++) {
        const struct obj *one = o->kind == O_ARRAY ? doc_value(doc, o->array.items[i]) : o;
        const struct obj *level = doc_get(doc, one, "ExtensionLevel");
        if (level->kind == O_INT && level->integer > best)
            best = level->integer;
    }
    return best;
}

static const struct obj *entry(const struct obj *dict, struct sv key)
{
    for (size_t i = 0; obj_is_dict(dict) && i < dict->dict.n; i++) {
        if (sv_eq(dict->dict.entries[i].key, key))
            return dict->dict.entries[i].value;
    }
    return &obj_null;
}

static void diff_extensions(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    if (diff_same(d, x, y))
        return;
    bool fine = y->kind == O_DICT && !y->dict.duplicates && y->dict.n < 100;
    for (size_t i = 0; fine && obj_is_dict(x) && i < x->dict.n; i++) {
        struct sv key = x->dict.entries[i].key;
        const struct obj *was = x->dict.entries[i].value;
        diff_old(d, was);
        fine = diff_same(d, was, entry(y, key)) || level_of(d->now, entry(y, key)) >= level_of(d->old, was);
    }
    diff_note(d, fine ? CHANGE_ALWAYS : CHANGE_NEVER, "extensions_changed", ref_num(now), NO_FIELD, "%s",
              fine ? "extension level raised" : "an extension was removed or its level lowered");
}

/* ---- information and metadata (14.3) ---- */

/* Texts, dates, names: nothing that leads on. */
static bool plain_info(struct diff *d, const struct obj *info)
{
    for (size_t i = 0; i < info->dict.n; i++) {
        enum obj_kind kind = doc_value(d->now, info->dict.entries[i].value)->kind;
        if (kind == O_DICT || kind == O_STREAM || kind == O_ARRAY)
            return false;
    }
    return true;
}

static void diff_info(struct diff *d, const struct obj *old, const struct obj *now)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    for (size_t i = 0; obj_is_dict(x) && i < x->dict.n; i++)
        diff_old(d, x->dict.entries[i].value);
    if (diff_same(d, x, y))
        return;
    if (y->kind != O_NULL && (y->kind != O_DICT || !plain_info(d, y)))
        never(d, "info_changed", ref_num(now), "the document information is not plain");
    else
        diff_note(d, CHANGE_ALWAYS, "info_changed", ref_num(now), NO_FIELD,
                  "document information (title, dates) was changed");
}

static void diff_metadata(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    struct sv xml;
    if (diff_same(d, x, y))
        return;
    bool fine = y->kind == O_STREAM && !y->dict.duplicates && doc_stream(d->now, y, &xml) && xml_is_plain(xml);
    if (fine)
        diff_note(d, CHANGE_ALWAYS, "metadata_changed", ref_num(now), NO_FIELD, "metadata was changed");
    else
        never(d, "metadata_changed", ref_num(now), "metadata was removed or is not plain XMP");
}

/* ---- permissions (12.8.6) ---- */

/* A signature of this step may become the certification when there was none. */
static void diff_docmdp(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    if (diff_same(d, old, now))
        return;
    bool added = doc_value(d->old, old)->kind == O_NULL && d->certifies && ref_num(now) == d->certifies;
    if (!added)
        never(d, "perms_changed", ref_num(now), "the certification was removed or replaced");
}

static void diff_perms(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    static const struct diff_key rules[] = {
            {"DocMDP", diff_docmdp},
            {0       },
    };
    static const struct obj empty = {.kind = O_DICT};
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    if (y->kind == O_NULL && x->kind != O_NULL)
        never(d, "perms_changed", 0, "the permissions were removed");
    else if (y->kind != O_NULL)
        diff_dict(d, ref_num(now), x->kind == O_NULL ? &empty : x, y, rules, ctx);
}

/* ---- the roots ---- */

void diff_trailer(struct diff *d)
{
    static const struct diff_key rules[] = {
            {"Pages",       diff_page_tree},
            {"AcroForm",             diff_form},
            {"Perms",diff_perms},
            {"DSS",       diff_dss},
            {"Extensions",             diff_extensions},
            {"Version",diff_version},
            {"Metadata",  diff_metadata},
            {"StructTreeRoot",             NULL}, /* looked at when the new widgets are known */
            {0  },
    };
    const struct obj *x = dict_get(d->old->trailer, "Root"), *y = dict_get(d->now->trailer, "Root");
    const struct obj *before = dict_get(d->old->trailer, "Encrypt"), *after = dict_get(d->now->trailer, "Encrypt");
    if (!obj_equal(before, after))
        never(d, "trailer_changed", 0, "/Encrypt of the trailer is different");
    if (x->kind != O_REF || !obj_equal(x, y)) {
        never(d, "trailer_changed", 0, "/Root of the trailer is different");
        return;
    }
    diff_role(d, x->ref.num, ROLE_CATALOG);
    diff_dict(d, x->ref.num, diff_old(d, x), doc_value(d->now, y), rules, NULL);
    diff_info(d, dict_get(d->old->trailer, "Info"), dict_get(d->now->trailer, "Info"));
}
