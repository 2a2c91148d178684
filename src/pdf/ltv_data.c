/* Validation data: the DSS of a document, and lists of it (EN 319 142-1 5.4.2). It helps to build chains and is never
 * trusted. */
#include "pdf/verify_priv.h"

bool certs_hold(const struct certs *list, const struct cert *c)
{
    for (size_t i = 0; i < list->n; i++) {
        if (cert_eq(list->v[i], c))
            return true;
    }
    return false;
}

bool ders_hold(const struct der_list *list, struct sv der)
{
    for (size_t i = 0; i < list->n; i++) {
        if (sv_eq(list->v[i], der))
            return true;
    }
    return false;
}

void ltv_data_add(struct arena *a, struct pdf_ltv_data *to, const struct pdf_ltv_data *from)
{
    for (size_t i = 0; i < from->certs.n; i++)
        certs_add(a, &to->certs, from->certs.v[i]);
    for (size_t i = 0; i < from->crls.n; i++)
        der_list_add(a, &to->crls, from->crls.v[i]);
    for (size_t i = 0; i < from->ocsps.n; i++)
        der_list_add(a, &to->ocsps, from->ocsps.v[i]);
}

/* The stream of an array's element; the bytes are the document's own. */
static bool element(struct doc *d, const struct obj *arr, size_t i, struct sv *ret)
{
    return doc_stream(d, doc_value(d, arr->array.items[i]), ret);
}

static void read_certs(struct arena *a, struct doc *d, const struct obj *arr, struct certs *ret)
{
    for (size_t i = 0; arr->kind == O_ARRAY && i < arr->array.n && i < CERTS_MAX; i++) {
        struct sv der;
        const struct cert *c;
        struct err e = ERR_INIT;
        if (element(d, arr, i, &der) && cert_parse(a, der, &c, &e)) /* a copy */
            certs_add(a, ret, c);
    }
}

static void read_ders(struct arena *a, struct doc *d, const struct obj *arr, struct der_list *ret)
{
    for (size_t i = 0; arr->kind == O_ARRAY && i < arr->array.n && i < DER_LIST_MAX; i++) {
        struct sv der;
        if (element(d, arr, i, &der) && (der.n > DER_LIST_COMPARED || !ders_hold(ret, der)))
            der_list_add(a, ret, arena_sv(a, der));
    }
}

bool dss_read(struct arena *a, struct doc *d, struct pdf_ltv_data *ret)
{
    const struct obj *dss = doc_get(d, doc_root(d), "DSS");
    if (dss->kind != O_DICT)
        return false;
    read_certs(a, d, doc_get(d, dss, "Certs"), &ret->certs);
    read_ders(a, d, doc_get(d, dss, "CRLs"), &ret->crls);
    read_ders(a, d, doc_get(d, dss, "OCSPs"), &ret->ocsps);
    return true;
}

void dss_more(struct verifying *v, const struct pdf_ltv_data *data)
{
    ltv_data_add(v->a, &v->dss, data);
    for (size_t i = 0; i < data->certs.n; i++)
        certs_add(v->a, &v->pool, data->certs.v[i]);
}

void dss_take(struct verifying *v)
{
    struct pdf_ltv_data data = {0};
    v->has_dss = dss_read(v->a, &v->doc, &data);
    dss_more(v, &data);
    for (size_t i = 0; i < v->given.certs.n; i++)
        certs_add(v->a, &v->pool, v->given.certs.v[i]);
}
