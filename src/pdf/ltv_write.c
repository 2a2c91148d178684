/* pdf_ltv_append: the DSS as one incremental update; see ltv.h. Old entries keep their places and objects, new streams
 * go behind them: what an older document timestamp covers stays as it was (EN 319 142-1 5.4.2.2). */
#include "pdf/sign_priv.h"
#include "pdf/verify_priv.h"

struct dss_list {
    const char *key;
    struct sv *items;
    size_t n;
};

/* Adds the streams to the array under key of the DSS; where the array is an object of its own, that one is written
 * again. */
static const struct obj *with_list(struct signing *s, const struct obj *dss, const struct dss_list *list)
{
    if (!list->n)
        return dss;
    const struct obj *at = dict_get(dss, list->key), *arr = doc_value(&s->doc, at);
    arr = arr->kind == O_ARRAY ? arr : &obj_null;
    for (size_t i = 0; i < list->n; i++) {
        uint32_t num = update_add_stream(&s->update, obj_dict(s->a), list->items[i]);
        arr = array_with(s->a, arr, obj_ref(s->a, num, 0));
    }
    if (at->kind != O_REF || doc_value(&s->doc, at)->kind != O_ARRAY)
        return dict_with(s->a, dss, list->key, arr);
    update_set(&s->update, at->ref.num, at->ref.gen, arr);
    return dss;
}

static void put_dss(struct signing *s, const struct dss_list *lists, size_t n)
{
    const struct obj *root = dict_get(s->doc.trailer, "Root");
    const struct obj *at = dict_get(doc_root(&s->doc), "DSS"), *dss = doc_value(&s->doc, at);
    bool own_object = at->kind == O_REF && dss->kind == O_DICT;
    if (dss->kind != O_DICT) {
        struct obj *fresh = obj_dict(s->a);
        dict_put(s->a, fresh, "Type", obj_name(s->a, "DSS"));
        dss = fresh;
        own_object = false;
        at = &obj_null;
    }
    for (size_t i = 0; i < n; i++)
        dss = with_list(s, dss, &lists[i]);
    const struct obj *catalog = update_object(&s->update, root->ref.num, root->ref.gen);
    if (own_object)
        update_set(&s->update, at->ref.num, at->ref.gen, dss);
    else if (at->kind == O_DICT)
        update_set(&s->update, root->ref.num, root->ref.gen, dict_with(s->a, catalog, "DSS", dss));
    else
        update_set(&s->update, root->ref.num, root->ref.gen,
                   dict_with(s->a, catalog, "DSS", obj_ref(s->a, update_add(&s->update, dss), 0)));
}

static struct dss_list new_ders(struct arena *a, const char *key, const struct der_list *want,
                                const struct der_list *have)
{
    struct dss_list list = {.key = key, .items = arena_array(a, struct sv, want->n + 1)};
    for (size_t i = 0; i < want->n; i++) {
        if (!ders_hold(have, want->v[i]))
            list.items[list.n++] = want->v[i];
    }
    return list;
}

static struct dss_list new_certs(struct arena *a, const struct certs *want, const struct certs *have)
{
    struct dss_list list = {.key = "Certs", .items = arena_array(a, struct sv, want->n + 1)};
    for (size_t i = 0; i < want->n; i++) {
        if (!certs_hold(have, want->v[i]))
            list.items[list.n++] = want->v[i]->der;
    }
    return list;
}

static bool append(struct signing *s, struct sv input, const struct pdf_ltv_data *add, struct sv *ret, struct err *e)
{
    if (!sign_open(s, input, e))
        return false;
    if (!s->any_signature)
        return err_user(e, ERR_REFUSED, "pdf_not_signed", NULL, "the document has no signature");
    struct pdf_ltv_data have = {0};
    (void)dss_read(s->a, &s->doc, &have);
    const struct dss_list lists[] = {
            new_certs(s->a, &add->certs, &have.certs),
            new_ders(s->a, "CRLs", &add->crls, &have.crls),
            new_ders(s->a, "OCSPs", &add->ocsps, &have.ocsps),
    };
    *ret = (struct sv){0};
    if (lists[0].n + lists[1].n + lists[2].n == 0)
        return true;
    put_dss(s, lists, COUNT(lists));
    sign_extensions(s);
    uint64_t no_signature[4];
    return update_write(&s->update, ret, no_signature, e);
}

static void signing_done(struct signing *s)
{
    doc_close(&s->doc);
}

bool pdf_ltv_append(struct arena *a, struct sv input, struct sv password, const struct pdf_ltv_data *add,
                    struct sv *ret_update, struct err *e)
{
    /* Validation data is permitted wherever a document timestamp is. */
    const struct pdf_sign_options o = {.subfilter = PDF_SUBFILTER_TIMESTAMP, .password = password};
    CLEANUP(signing_done) struct signing s = {.a = a, .o = &o};
    return append(&s, input, add, ret_update, e);
}
