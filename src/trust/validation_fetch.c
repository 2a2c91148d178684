/* Fetching what chains lack from the addresses in their certificates (RFC 5280 4.2.1.13, 4.2.2.1; RFC 6960 A.1). What
 * comes is put among the help; whether it is worth anything is found out by the next look at the document. */
#include "crypto/cms.h"
#include "crypto/revocation.h"
#include "net/net.h"
#include "trust/validation_priv.h"

#define FETCH_MS    10000
#define FETCH_BYTES ((size_t)8 << 20)
#define REDIRECTS   3

static bool tried_before(struct fetching *f, struct sv url, const struct cert *about)
{
    for (size_t i = 0; i < f->tried_n; i++) {
        if (sv_eq(f->tried[i].url, url) && (!about || cert_eq(f->tried[i].about, about)))
            return true;
    }
    int64_t now = clock_monotonic_us();
    f->begun_us = f->begun_us ? f->begun_us : now;
    if (f->tried_n == FETCH_MAX || now - f->begun_us > FETCH_ALL_US)
        return true;
    f->tried[f->tried_n++] = (struct tried){url, about};
    return false;
}

/* A body with status 200, or nothing: an address that does not answer is no error here. */
static bool fetch(struct fetching *f, struct sv url, struct sv body, struct sv *ret)
{
    const struct net_header type = {SV("Content-Type"), SV("application/ocsp-request")};
    int64_t ms = f->sources->fetch_ms ? f->sources->fetch_ms : FETCH_MS;
    const struct net_request r = {.url = url,
                                  .headers = &type,
                                  .headers_n = body.n ? 1 : 0,
                                  .body = body,
                                  .reply_limit = FETCH_BYTES,
                                  .connect_ms = ms,
                                  .total_ms = ms,
                                  .stop = f->sources->stop,
                                  .redirects = body.n ? 0 : REDIRECTS};
    struct net_reply reply;
    struct err ignored = ERR_INIT;
    if (!net_http(f->a, &r, &reply, &ignored) || reply.status != 200 || !reply.body.n)
        return false;
    *ret = reply.body;
    return true;
}

/* One certificate (DER, also PEM), or a bag of them without signature (.p7c). */
static bool take_certs(struct fetching *f, struct sv bytes)
{
    struct certs got = {0};
    struct err ignored = ERR_INIT;
    if (!certs_parse(f->a, bytes, &got, &ignored)) {
        struct cms bag;
        cms_read(f->a, bytes, CMS_ADBE, &bag);
        got = bag.certs;
    }
    for (size_t i = 0; i < got.n; i++)
        certs_add(f->a, &f->help->certs, got.v[i]);
    return got.n > 0;
}

bool fetch_issuer(struct fetching *f, const struct cert *c)
{
    struct sv body;
    return c->issuer_url.n && !tried_before(f, c->issuer_url, NULL) && fetch(f, c->issuer_url, (struct sv){0}, &body) &&
           take_certs(f, body);
}

static bool fetch_ocsp(struct fetching *f, const struct cert *c, const struct cert *issuer)
{
    struct sv request, body;
    int64_t produced_at;
    struct err ignored = ERR_INIT;
    if (!c->ocsp_url.n || tried_before(f, c->ocsp_url, c) || !ocsp_request_make(f->a, c, issuer, &request, &ignored) ||
        !fetch(f, c->ocsp_url, request, &body) || !ocsp_response_parse(f->a, body, &produced_at, NULL, &ignored))
        return false;
    der_list_add(f->a, &f->help->ocsps, body);
    return true;
}

static bool fetch_crl(struct fetching *f, const struct cert *c)
{
    struct sv body;
    struct crl_info crl;
    struct err ignored = ERR_INIT;
    if (!c->crl_url.n || tried_before(f, c->crl_url, NULL) || !fetch(f, c->crl_url, (struct sv){0}, &body) ||
        !crl_parse(f->a, body, &crl, &ignored))
        return false;
    der_list_add(f->a, &f->help->crls, crl.der);
    return true;
}

bool fetch_revocation(struct fetching *f, const struct cert *c, const struct cert *issuer)
{
    return fetch_ocsp(f, c, issuer) || fetch_crl(f, c);
}

bool validation_stamp_http(struct arena *a, struct sv url, const struct digest *imprint, struct sv *ret_token_der,
                           struct err *e)
{
    struct tsp_request request;
    struct net_reply reply;
    if (!tsp_request_make(a, imprint, (struct sv){0}, &request, e) ||
        !net_post(a, url, SV(TSP_REQUEST_TYPE), request.der, 30000, &reply, e) ||
        !tsp_response_check(a, &request, reply.body, ret_token_der, e))
        return err_wrap(e, "timestamp authority %.*s", SV_ARG(url));
    return true;
}
