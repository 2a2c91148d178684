/* Building replies; see http.h. */
#include <string.h>

#include "http/http_priv.h"

#define CSP_DATA "default-src 'none'; frame-ancestors 'none'"
#define CSP_FILE "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"

static bool header_value_ok(struct sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < ' ' || c == 0x7F)
            return false;
    }
    return true;
}

void http_reply_header(struct reply *reply, const char *name, struct sv value)
{
    must(header_value_ok(value)); /* a line break here would let a caller write headers of its own */
    if (reply->headers_n == reply->headers_cap) {
        size_t cap = reply->headers_cap ? reply->headers_cap * 2 : 16;
        struct pair *more = arena_array(reply->r->a, struct pair, cap);
        if (reply->headers_n)
            memcpy(more, reply->headers, reply->headers_n * sizeof(*more));
        reply->headers = more;
        reply->headers_cap = cap;
    }
    reply->headers[reply->headers_n++] = (struct pair){sv_from(name), arena_sv(reply->r->a, value)};
}

static bool set(struct reply *reply, int status, const char *type, struct sv body)
{
    reply->set = true;
    reply->status = status;
    reply->type = type;
    reply->body = body;
    reply->csp = CSP_DATA;
    return true;
}

bool http_reply_json(struct reply *reply, int status, const struct json_schema *schema, const void *value)
{
    return http_reply_json_text(reply, status, json_encode(reply->r->a, schema, value));
}

bool http_reply_json_text(struct reply *reply, int status, struct sv json)
{
    return set(reply, status, "application/json", json);
}

bool http_reply_bytes(struct reply *reply, int status, const char *type, struct sv bytes)
{
    return set(reply, status, type, bytes);
}

bool http_reply_none(struct reply *reply)
{
    return set(reply, 204, NULL, (struct sv){0});
}

bool http_reply_redirect(struct reply *reply, int status, struct sv location)
{
    must(sv_starts(location, SV("/")) && !sv_starts(location, SV("//")));
    set(reply, status, NULL, (struct sv){0});
    http_reply_header(reply, "Location", location);
    return true;
}

/* RFC 9110 §8.8.3, §13.1.2: a list of tags, weak comparison. */
bool etag_matches(const struct request *r, struct sv etag)
{
    struct sv wanted = http_header(r, "If-None-Match");
    while (wanted.n) {
        struct sv one = sv_trim(sv_cut(&wanted, ','));
        if (sv_starts(one, SV("W/")))
            one = sv_skip(one, 2);
        if (sv_eq(one, SV("*")) || sv_eq(one, etag))
            return true;
    }
    return false;
}

/* An ASCII stand-in for old clients: what is not plain becomes '_'. */
static struct sv ascii_name(struct arena *a, struct sv name)
{
    struct sv plain = arena_sv(a, name);
    char *p = arena_cstr(a, plain);
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c < ' ' || c >= 0x7F || c == '"' || c == '\\' || c == '/' || c == '%')
            p[i] = '_';
    }
    return sv_from(p);
}

bool http_reply_file(struct reply *reply, const char *type, struct sv bytes, struct sv name, struct sv etag,
                     bool shown_in_page)
{
    struct arena *a = reply->r->a;
    set(reply, 200, type, bytes);
    reply->csp = CSP_FILE;
    struct sv coded = percent_encode(a, name), plain = ascii_name(a, name);
    http_reply_header(reply, "Content-Disposition",
                      arena_printf(a, "%s; filename=\"%.*s\"; filename*=UTF-8''%.*s",
                                   shown_in_page ? "inline" : "attachment", SV_ARG(plain), SV_ARG(coded)));
    if (etag.n == 0)
        return true;
    etag = arena_printf(a, "\"%.*s\"", SV_ARG(etag));
    http_reply_header(reply, "ETag", etag);
    reply->cache = "private, no-cache";
    if (etag_matches(reply->r, etag)) {
        reply->status = 304;
        reply->body = (struct sv){0};
    }
    return true;
}

static bool cookie_value_ok(struct sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c >= 0x7F || c == '"' || c == ',' || c == ';' || c == '\\')
            return false;
    }
    return true;
}

void http_reply_cookie(struct reply *reply, const char *name, struct sv value, int64_t max_age_s)
{
    struct arena *a = reply->r->a;
    bool secure = reply->r->secure || exchange_of(reply->r)->server->config.secure_cookies;
    must(cookie_value_ok(value));
    struct sv age = max_age_s < 0 ? SV("") : arena_printf(a, "; Max-Age=%lld", (long long)max_age_s);
    http_reply_header(reply, "Set-Cookie",
                      arena_printf(a, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%.*s%s", name, SV_ARG(value), SV_ARG(age),
                                   secure ? "; Secure" : ""));
}

bool http_reply_events(struct reply *reply, http_step *step, void *ctx, struct err *e)
{
    struct exchange *x = exchange_of(reply->r);
    struct http_server *s = x->server;
    pthread_mutex_lock(&s->lock);
    bool room = s->streams < s->config.streams && !s->stopping;
    s->streams += room;
    pthread_mutex_unlock(&s->lock);
    if (!room)
        return err_user(e, ERR_BUSY, "http_busy", NULL, "%d event streams are open", s->config.streams);
    x->holds_stream = true;
    set(reply, 200, "text/event-stream", (struct sv){0});
    reply->step = step;
    reply->step_ctx = ctx;
    http_reply_header(reply, "X-Accel-Buffering", SV("no")); /* nginx passes each event on at once */
    return true;
}

/* WHATWG HTML 9.2.5: one "data:" a line. */
void http_event(struct buf *out, const char *name, struct sv id, struct sv data)
{
    if (name)
        buf_printf(out, "event: %s\n", name);
    if (id.n)
        buf_printf(out, "id: %.*s\n", SV_ARG(id));
    do {
        struct sv line = sv_cut(&data, '\n');
        buf_printf(out, "data: %.*s\n", SV_ARG(line));
    } while (data.n);
    buf_add_char(out, '\n');
}

void reply_reset(struct exchange *x)
{
    x->reply = (struct reply){.r = &x->r};
}

static struct sv error_json(struct exchange *x, const struct err *e)
{
    struct buf b;
    struct json_out o;
    buf_init(&b, 65536);
    json_out_init(&o, &b);
    json_begin_object(&o);
    json_key(&o, SV("error"));
    json_begin_object(&o);
    json_kv_text(&o, "code", sv_from(err_code_name(e->code)));
    json_kv_text(&o, "reason", sv_from(e->reason));
    json_kv_text(&o, "message", text_err(x->r.lang, e));
    json_kv_text(&o, "field", sv_from(e->field));
    json_kv_text(&o, "request_id", x->r.id);
    json_end_object(&o);
    json_end_object(&o);
    return buf_to_arena(&b, x->r.a);
}

void reply_error(struct exchange *x, const struct err *e)
{
    reply_reset(x);
    x->failure = *e;
    http_reply_json_text(&x->reply, err_http_status(e->code), error_json(x, e));
    if (e->code == ERR_METHOD)
        http_reply_header(&x->reply, "Allow", x->allow);
    if (e->code == ERR_BUSY || e->code == ERR_UNAVAILABLE)
        http_reply_header(&x->reply, "Retry-After", SV("5"));
    if (x->wait_s)
        http_reply_header(&x->reply, "Retry-After", arena_printf(x->r.a, "%d", x->wait_s)); /* RFC 6585 §4 */
    if (e->code == ERR_UNAUTHENTICATED)
        http_reply_header(&x->reply, "WWW-Authenticate", SV("Session realm=\"qyq\""));
}
