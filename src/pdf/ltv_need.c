/* What the file lacks for one chain, and what of the help belongs into it; see ltv.h. Asked at the time that trust is
 * judged for, so that what is added now speaks for that time. */
#include <string.h>

#include "crypto/revocation.h"
#include "pdf/verify_priv.h"

#define MAX_GAPS  200
#define MAX_CHAIN 10

static void gap_add(struct verifying *v, struct pdf_ltv_gap gap)
{
    struct pdf_ltv_state *st = v->ltv->ret;
    for (size_t i = 0; i < st->gaps_n; i++) {
        if (st->gaps[i].lack == gap.lack && cert_eq(st->gaps[i].cert, gap.cert) &&
            st->gaps[i].of_timestamp == gap.of_timestamp && sv_eq(st->gaps[i].field, gap.field))
            return;
    }
    if (!st->gaps)
        st->gaps = arena_array(v->a, struct pdf_ltv_gap, MAX_GAPS);
    if (st->gaps_n < MAX_GAPS)
        st->gaps[st->gaps_n++] = gap;
}

/* The last certificate that names lead to; the chain of data does not get further. */
static const struct cert *top_by_name(const struct certs *pool, const struct cert *leaf)
{
    const struct cert *c = leaf;
    for (size_t step = 0; step < MAX_CHAIN && !c->self_signed; step++) {
        const struct cert *up = NULL;
        for (size_t i = 0; i < pool->n && !up; i++) {
            const struct cert *x = pool->v[i];
            bool key = !c->authority_key_id.n || !x->key_id.n || sv_eq(c->authority_key_id, x->key_id);
            if (x != c && key && sv_eq(x->subject_der, c->issuer_der))
                up = x;
        }
        if (!up)
            break;
        c = up;
    }
    return c;
}

/* A list in the name of the missing issuer, the newest one: its signature cannot be checked here. */
static struct sv crl_by_name(struct verifying *v, const struct der_list *list, const struct cert *c)
{
    struct sv best = {0};
    int64_t newest = INT64_MIN;
    for (size_t i = 0; i < list->n; i++) {
        struct crl_info info;
        struct err e = ERR_INIT;
        if (crl_parse(v->a, list->v[i], &info, &e) && sv_eq(info.issuer_der, c->issuer_der) &&
            info.this_update_at > newest) {
            newest = info.this_update_at;
            best = list->v[i];
        }
    }
    return best;
}

static void open_end(struct verifying *v, struct sig *s, const struct witness *w, const struct cert *top)
{
    struct sv there = crl_by_name(v, &v->dss.crls, top), given = crl_by_name(v, &v->given.crls, top);
    if (!there.n && given.n)
        der_list_add(v->a, &v->ltv->ret->add.crls, given);
    gap_add(v, (struct pdf_ltv_gap){.lack = PDF_LTV_ISSUER,
                                    .cert = top,
                                    .field = s->out.field,
                                    .of_timestamp = w->of_timestamp,
                                    .by_name = there.n || given.n});
}

/* A chain with everything at hand. Where it reaches no root, its last certificate stands in for one: *ret_top. */
static void widest_chain(struct verifying *v, const struct witness *w, const struct pdf_ltv_data *all,
                         struct chain_result *ret, const struct cert **ret_top)
{
    chain_of_data(v, w, all, ret);
    *ret_top = NULL;
    if (ret->complete)
        return;
    struct certs pool = {0}, anchors = v->anchors;
    for (size_t i = 0; i < all->certs.n; i++)
        certs_add(v->a, &pool, all->certs.v[i]);
    for (size_t i = 0; i < w->cms->certs.n; i++)
        certs_add(v->a, &pool, w->cms->certs.v[i]);
    const struct cert *top = top_by_name(&pool, w->leaf);
    *ret_top = top->self_signed ? NULL : top;
    v->anchors = (struct certs){0};
    certs_add(v->a, &v->anchors, top);
    chain_of_data(v, w, all, ret);
    v->anchors = anchors;
}

/* What the file alone knows of the same chain: only its revocation data counts here. */
static struct chain_status *known_to_file(struct verifying *v, const struct witness *w, const struct chain_result *r)
{
    struct pdf_ltv_data file = {.certs = r->chain, .crls = v->dss.crls, .ocsps = v->dss.ocsps};
    struct certs anchors = v->anchors;
    v->anchors = (struct certs){0};
    certs_add(v->a, &v->anchors, r->chain.v[r->chain.n - 1]);
    struct chain_result own;
    chain_of_data(v, w, &file, &own);
    v->anchors = anchors;
    return own.complete && own.chain.n == r->chain.n ? own.status : NULL;
}

static void one_link(struct verifying *v, struct sig *s, const struct witness *w, const struct chain_result *r,
                     size_t i, bool in_file)
{
    const struct chain_status *st = &r->status[i];
    struct pdf_ltv_gap gap = {.cert = r->chain.v[i],
                              .issuer = r->chain.v[i + 1],
                              .field = s->out.field,
                              .of_timestamp = w->of_timestamp,
                              .revoked_at = st->revoked_at};
    struct pdf_ltv_data *add = &v->ltv->ret->add;
    if (st->revoked) {
        gap.lack = PDF_LTV_REVOKED;
        gap_add(v, gap);
    }
    if (!st->known) {
        gap.lack = PDF_LTV_REVOCATION;
        gap_add(v, gap);
    } else if (!in_file) {
        der_list_add(v->a, st->proof_is_ocsp ? &add->ocsps : &add->crls, st->proof);
    }
}

void ltv_need(struct verifying *v, struct sig *s, const struct witness *w)
{
    if (!v->ltv || v->ltv->o->report_only)
        return;
    struct pdf_ltv_data all = {0};
    struct chain_result r;
    const struct cert *top;
    ltv_data_add(v->a, &all, &v->dss);
    ltv_data_add(v->a, &all, &v->given);
    widest_chain(v, w, &all, &r, &top);
    for (size_t i = 0; i < r.chain.n; i++) {
        if (!certs_hold(&v->dss.certs, r.chain.v[i]))
            certs_add(v->a, &v->ltv->ret->add.certs, r.chain.v[i]);
    }
    if (top)
        open_end(v, s, w, top);
    if (!r.complete)
        return;
    const struct chain_status *file = known_to_file(v, w, &r);
    for (size_t i = 0; i + 1 < r.chain.n; i++)
        one_link(v, s, w, &r, i, file && file[i].known);
}

bool pdf_ltv_assess(struct arena *a, struct sv pdf, const struct pdf_ltv_options *o, struct pdf_ltv_state *ret,
                    struct err *e)
{
    *ret = (struct pdf_ltv_state){0};
    struct ltv_work work = {.o = o, .ret = ret};
    const struct pdf_verify_options options = {.at = o->at, .password = o->password, .reader = o->reader};
    return verify_run(a, pdf, &options, &work, &ret->report, e);
}
