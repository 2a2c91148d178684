/* TSA adapter: RFC 3161 over HTTP (clause 3.4). Carries messages only; stamp.c checks what comes back. */
#include "net/net.h"
#include "trust/trust_priv.h"

#define REPLY_LIMIT ((size_t)64 << 10)

static bool query(void *ctx, struct arena *a, size_t i, struct sv request_der, struct sv *ret_response_der,
                  struct sv *ret_name, struct err *e)
{
    const struct tsa_http *tsa = ctx;
    const struct net_header headers[] = {
            {SV("Content-Type"), SV("application/timestamp-query")}
    };
    const struct net_request request = {
            .method = SV("POST"),
            .url = tsa->urls[i],
            .headers = headers,
            .headers_n = COUNT(headers),
            .body = request_der,
            .reply_limit = REPLY_LIMIT,
            .connect_ms = tsa->timeout_ms,
            .total_ms = tsa->timeout_ms,
            .stop = tsa->stop,
    };
    struct net_reply reply;
    if (!net_http(a, &request, &reply, e))
        return false;
    if (reply.status != 200)
        return err_set(e, ERR_UNAVAILABLE, "answered %d", reply.status);
    struct sv type = net_reply_header(&reply, SV("Content-Type"));
    if (!sv_eq_ci(sv_trim(sv_cut(&type, ';')), SV("application/timestamp-reply")))
        return err_set(e, ERR_UNAVAILABLE, "answered something that is no timestamp reply");
    *ret_response_der = reply.body;
    *ret_name = request.url;
    return true;
}

const struct trust_tsa tsa_http_table = {.query = query};
