/* CA adapter over plain HTTP+JSON; the contract stands in docs/ca-adapter.md. Carries messages only: what it returns is
 * inspected by inspect.c. */
#include "net/net.h"
#include "trust/ca_json.h"
#include "trust/trust_priv.h"
#include "json/json.h"

#define REPLY_LIMIT ((size_t)256 << 10)

static bool unavailable(struct err *e, struct err *cause)
{
    return err_user(e, ERR_UNAVAILABLE, "ca_unavailable", NULL, "certificate authority: %s", cause->msg);
}

/* Posts and reads an object. A status other than 200 is sorted into "no" and "not now". */
static bool call(const struct ca_http *ca, struct arena *a, const char *path, struct sv body,
                 const struct json_value **ret, struct err *e)
{
    const struct net_header headers[] = {
            {SV("Content-Type"), SV("application/json")},
            { SV("Authorization"), arena_printf(a,         "Bearer %.*s", SV_ARG(ca->token))},
    };
    const struct net_request request = {
            .method = SV("POST"),
            .url = arena_printf(a, "%.*s%s", SV_ARG(ca->url), path),
            .headers = headers,
            .headers_n = COUNT(headers),
            .body = body,
            .reply_limit = REPLY_LIMIT,
            .connect_ms = ca->timeout_ms,
            .total_ms = ca->timeout_ms,
            .stop = ca->stop,
    };
    struct net_reply reply;
    struct err why = ERR_INIT;
    if (!net_http(a, &request, &reply, &why))
        return unavailable(e, &why);
    const struct json_value *v = NULL;
    bool is_json = json_read(a, reply.body, REPLY_LIMIT, &v, &why);
    if (reply.status == 200 && is_json && v->type == JSON_IS_OBJECT) {
        *ret = v;
        return true;
    }
    struct sv code = json_text_of(json_find(v, SV("/error/code")));
    struct sv message = json_text_of(json_find(v, SV("/error/message")));
    if (reply.status >= 400 && reply.status < 500 && reply.status != 408 && reply.status != 429)
        return err_user(e, ERR_REFUSED, "ca_refused", NULL, "certificate authority said %d %.*s: %.*s", reply.status,
                        SV_ARG(sv_sub(code, 0, 60)), SV_ARG(sv_sub(message, 0, 200)));
    return err_user(e, ERR_UNAVAILABLE, "ca_unavailable", NULL, "certificate authority answered %d%s", reply.status,
                    reply.status == 200 ? " without a JSON object" : "");
}

static bool issue(void *ctx, struct arena *a, const struct trust_ca_request *r, struct sv *ret_cert_pem,
                  struct sv *ret_chain_pem, struct err *e)
{
    const struct ca_issue out = {
            .request = r->request_id,
            .csr = r->csr_pem,
            .subject = {r->common_name, r->subject_serial, r->organization, r->organization_id},
            .act = r->act_uri,
            .validity_seconds = r->validity_seconds,
    };
    const struct json_value *v = NULL;
    if (!call(ctx, a, "/ca/issue", json_encode(a, &ca_issue_schema, &out), &v, e))
        return false;
    *ret_cert_pem = json_get_text(v, SV("certificate"));
    *ret_chain_pem = json_get_text(v, SV("chain"));
    if (ret_cert_pem->n == 0)
        return err_user(e, ERR_REFUSED, "cert_refused", NULL,
                        "the certificate authority answered without a certificate");
    return true;
}

static bool revoke(void *ctx, struct sv request_id, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)4 << 20);
    const struct ca_revoke out = {.request = request_id, .reason = SV("superseded")};
    const struct json_value *v = NULL;
    return call(ctx, &a, "/ca/revoke", json_encode(&a, &ca_revoke_schema, &out), &v, e);
}

const struct trust_ca ca_http_table = {.issue = issue, .revoke = revoke};
