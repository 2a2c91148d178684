/* What anyone may ask: is this PDF what was signed? And, in demonstrations, what a worker's phone would show. */
#include "api/api_priv.h"

#include "crypto/digest.h"
#include "party/idnum.h"
#include "pdf/report.h"
#include "pdf/report_schema.h"

#define VERIFY_LIMIT ((size_t)20 << 20)
#define REPLY_LIMIT  ((size_t)4 << 20)

/* ---- verification ---- */

static void put_known(struct request *r, struct json_out *o, const struct contract_known *k)
{
    json_begin_object(o);
    json_kv_text(o, "number", k->number);
    json_kv_text(o, "state", sv_from(contract_state_name(k->state)));
    json_kv_text(o, "state_text", api_state_text(r, k->state));
    if (k->effective_at)
        json_kv_text(o, "effective_at", time_rfc3339(r->a, k->effective_at));
    else
        json_kv_null(o, "effective_at");
    json_key(o, SV("parties_masked"));
    json_begin_array(o);
    json_put_text(o, k->employer_name);
    json_put_text(o, k->worker_masked);
    json_end_array(o);
    json_end_object(o);
}

/* false with e set only when it could not be found out; an unknown hash is *ret_found false. */
static bool find_known(struct request *r, struct contract_known *ret, bool *ret_found, struct err *e)
{
    const struct api *api = r->app;
    struct digest d = digest_of(DIGEST_SHA256, r->body);
    *ret_found = contract_known_by_hash(api->contracts, r->a, digest_hex(r->a, &d), ret, e);
    if (!*ret_found && e->code != ERR_NOT_FOUND)
        return false;
    err_clear(e);
    return true;
}

/* clang-format off */
static const char verify_schema[] = SCHEMA_OBJECT(PDF_REPORT_REQUIRED ",\"summary\",\"known\"", PDF_REPORT_PROPERTIES
    ",\"summary\":" SCHEMA_TEXT
    ",\"known\":" SCHEMA_OBJECT_OR_NULL("\"number\",\"state\",\"state_text\",\"effective_at\",\"parties_masked\"",
        "\"number\":" SCHEMA_TEXT ",\"state\":" SCHEMA_TEXT ",\"state_text\":" SCHEMA_TEXT
        ",\"effective_at\":" SCHEMA_TIME_OR_NULL ",\"parties_masked\":" SCHEMA_LIST(SCHEMA_TEXT)));
/* clang-format on */

static bool verify_h(struct request *r, struct reply *reply, struct err *e)
{
    CLEANUP(buf_done) struct buf b;
    const struct api *api = r->app;
    struct sv anchors = trust_anchors_pem(api->trust);
    const struct pdf_verify_options o = {.trust_pem = &anchors, .trust_n = anchors.n ? 1 : 0, .at = r->now_ms};
    struct pdf_report report;
    struct contract_known known;
    struct json_out out;
    bool found;
    buf_init(&b, REPLY_LIMIT);
    if (!pdf_verify(r->a, r->body, &o, &report, e) || !find_known(r, &known, &found, e))
        return err_wrap(e, "verify");
    json_out_init(&out, &b);
    json_begin_object(&out);
    pdf_report_put(&out, r->a, &report, r->lang);
    json_kv_text(&out, "summary",
                 text_get(r->lang, arena_printf(r->a, "verify.summary.%s", pdf_integrity_name(report.integrity))));
    json_key(&out, SV("known"));
    if (found)
        put_known(r, &out, &known);
    else
        json_put_null(&out);
    json_end_object(&out);
    return http_reply_json_text(reply, 200, buf_to_arena(&b, r->a));
}

/* ---- the demonstration's phone ---- */

struct message_out {
    struct sv id, phone_masked, title, text, link;
    int64_t sent_at;
};
static const struct json_field message_rows[] = {
        JSON_TEXT(struct message_out, id),
        JSON_TEXT(struct message_out, phone_masked),
        JSON_TEXT(struct message_out, title),
        JSON_TEXT(struct message_out, text),
        JSON_TEXT(struct message_out, link, .optional = true, .nullable = true),
        JSON_TIME(struct message_out, sent_at),
        JSON_END};
static const struct json_schema message_json = JSON_SCHEMA("DemoMessage", struct message_out, message_rows);
struct messages_out {
    struct message_out *items;
    size_t items_n;
};
static const struct json_field messages_rows[] = {JSON_ARRAY(struct messages_out, items, &message_json), JSON_END};
static const struct json_schema messages_json = JSON_SCHEMA("DemoMessages", struct messages_out, messages_rows);

/* The first http(s) address in the text. */
static struct sv link_in(struct sv text)
{
    size_t at = sv_find(text, SV("http"));
    if (at == SIZE_MAX)
        return (struct sv){0};
    struct sv link = sv_skip(text, at);
    size_t n = 0;
    while (n < link.n && (unsigned char)link.p[n] > ' ' && (unsigned char)link.p[n] < 0x80)
        n++;
    return sv_sub(link, 0, n);
}

static bool fetch(struct api *api, struct arena *a, struct outbox_item **ret, size_t *ret_n, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    return tx_begin(api->db, TX_READ, &tx, e) && outbox_list(tx, a, SV(""), SV(""), 200, ret, ret_n, e);
}

static bool demo_messages_h(struct request *r, struct reply *reply, struct err *e)
{
    struct api *api = r->app;
    struct sv wanted = http_query_text(r, "phone");
    struct outbox_item *items;
    struct messages_out out = {0};
    size_t n;
    if (!api->demo)
        return err_user(e, ERR_NOT_FOUND, "demo_only", NULL, "not in demo mode");
    if (!fetch(api, r->a, &items, &n, e))
        return false;
    out.items = arena_array(r->a, struct message_out, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct sv phone, title, text;
        if (items[i].channel != OUTBOX_SMS)
            continue;
        if (!contract_message_phone(api->contracts, r->a, &items[i], &phone, e) ||
            !contract_render_message(r->a, &items[i], api->contracts, &title, &text, e))
            return false;
        if (!wanted.n || sv_eq(wanted, phone))
            out.items[out.items_n++] = (struct message_out){
                    items[i].id, idnum_mask_phone(r->a, phone), title, text, link_in(text), items[i].created_at};
    }
    return http_reply_json(reply, 200, &messages_json, &out);
}

static const struct http_query phone_query[] = {
        {"phone",    JSON_KIND_TEXT, .max = 20},
        {0}
};

const struct http_route public_routes[] = {
        {HTTP_POST,                                                   "/api/v1/verify", "verifyPdf", HTTP_ANYONE, verify_h,                   .in_type = "application/pdf",
         .out_type = "application/json", .out_schema = verify_schema,                                                                                                                                                                .body_limit = VERIFY_LIMIT, .rate = HTTP_RATE_HEAVY, .tag = "public",
         .summary = "Check the signatures of a PDF; nothing is kept"},
        {HTTP_GET, "/api/v1/demo/messages",                 "listDemoMessages",                     HTTP_ANYONE,         demo_messages_h, .out = &messages_json,
         .query = phone_query, .tag = "public",      .summary = "Messages to phones, in demonstrations only"                                                                                                                                                                                                                              },
};
const size_t public_routes_n = COUNT(public_routes);
