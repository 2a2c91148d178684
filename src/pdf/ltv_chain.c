/* The questions put to crypto about chains: as trust asks, and as completeness of data asks. */
#include "pdf/verify_priv.h"

static void add_certs(struct verifying *v, struct certs *to, const struct certs *from)
{
    for (size_t i = 0; i < from->n; i++)
        certs_add(v->a, to, from->v[i]);
}

static void add_ders(struct verifying *v, struct der_list *to, const struct der_list *from)
{
    for (size_t i = 0; i < from->n; i++)
        der_list_add(v->a, to, from->v[i]);
}

static struct chain_query bare(struct verifying *v, const struct witness *w)
{
    struct chain_query q = {.cache = v->chains,
                            .leaf = w->leaf,
                            .purpose = w->purpose,
                            .anchors = v->anchors,
                            .now_at = v->o->at,
                            .proven_at = w->at};
    add_certs(v, &q.pool, &w->cms->certs);
    add_ders(v, &q.crls, &w->cms->crls);
    add_ders(v, &q.ocsps, &w->cms->ocsps);
    return q;
}

static void with_data(struct verifying *v, struct chain_query *q, const struct pdf_ltv_data *data)
{
    add_certs(v, &q->pool, &data->certs);
    add_ders(v, &q->crls, &data->crls);
    add_ders(v, &q->ocsps, &data->ocsps);
}

struct chain_query witness_query(struct verifying *v, const struct witness *w)
{
    struct chain_query q = bare(v, w);
    with_data(v, &q, &v->dss);
    with_data(v, &q, &v->given);
    return q;
}

void chain_of_data(struct verifying *v, const struct witness *w, const struct pdf_ltv_data *data,
                   struct chain_result *ret)
{
    struct chain_query q = bare(v, w);
    with_data(v, &q, data);
    q.anchors = (struct certs){0};
    add_certs(v, &q.anchors, &v->anchors);
    for (size_t i = 0; i < q.pool.n; i++) {
        if (q.pool.v[i]->self_signed)
            certs_add(v->a, &q.anchors, q.pool.v[i]);
    }
    *ret = (struct chain_result){0};
    chain_check(v->a, &q, ret);
}
