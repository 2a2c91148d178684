/* One request from its head to its log line, without the library: the order of the checks is the order of this file. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "http/http_priv.h"

#define TARGET_MAX 8192
#define DISCARD    ((size_t)1 << 20) /* bytes past the limit we read to be able to answer 413 */

struct exchange *exchange_new(struct http_server *s, const char *target)
{
    struct exchange *x = calloc(1, sizeof(*x));
    must(x != NULL);
    x->server = s;
    x->started_us = clock_monotonic_us();
    arena_init(&x->arena, ARENA_REQUEST_LIMIT);
    x->r = (struct request){.a = &x->arena, .app = s->config.app};
    x->r.now_ms = clock_now(s->config.clock ? s->config.clock : &clock_system);
    x->r.id = id_new(&x->arena, x->r.now_ms);
    reply_reset(x);
    x->target = arena_sv(&x->arena, sv_sub(sv_from(target), 0, TARGET_MAX + 1));
    x->raw_query = x->target;
    x->raw_path = sv_cut(&x->raw_query, '?');
    return x;
}

void exchange_header(struct exchange *x, struct sv name, struct sv value)
{
    if (x->headers_n < HEADERS_MAX)
        x->headers[x->headers_n++] = (struct pair){arena_sv(&x->arena, name), arena_sv(&x->arena, value)};
}

static void choose_language(struct exchange *x)
{
    x->r.lang = text_lang_accept(http_header(&x->r, "Accept-Language"));
    for (size_t i = 0; i < x->query_n; i++) {
        enum text_lang asked;
        if (sv_eq(x->query[i].name, SV("lang")) && text_lang_parse(x->query[i].value, &asked))
            x->r.lang = asked;
    }
}

static void find_client(struct exchange *x, struct sv peer)
{
    struct sv told = http_header(&x->r, "X-Real-IP");
    bool trusted = x->server->config.trust_proxy;
    x->r.client = arena_sv(x->r.a, trusted && told.n && told.n < 64 ? told : peer);
    x->r.secure = x->server->config.secure_cookies ||
                  (trusted && sv_eq(http_header(&x->r, "X-Forwarded-Proto"), SV("https")));
}

static bool take_rate(struct exchange *x, enum http_rate class, struct sv key, struct err *e)
{
    if (rate_take(x->server->rate, class, key, x->started_us, &x->wait_s))
        return true;
    return err_user(e, ERR_LIMIT, "http_rate", NULL, "rate limit, again in %d s", x->wait_s);
}

static bool check_permission(struct exchange *x, struct err *e)
{
    const struct http_config *c = &x->server->config;
    uint64_t allow = x->r.route->allow;
    if (c->authenticate && !c->authenticate(c->app, &x->r, &x->r.actor, e))
        return err_wrap(e, "authentication");
    x->r.actor.roles &= ~(HTTP_ANYONE | HTTP_LOGGED_IN);
    bool somebody = x->r.actor.roles != 0;
    if ((allow & HTTP_ANYONE) || (somebody && (allow & HTTP_LOGGED_IN)) || (allow & x->r.actor.roles))
        return true;
    if (somebody)
        return err_user(e, ERR_FORBIDDEN, "http_forbidden", NULL, "%s is not for this role", x->r.route->id);
    return err_user(e, ERR_UNAUTHENTICATED, "http_login", NULL, "%s needs a log-in", x->r.route->id);
}

/* Time does not depend on where the first difference is. */
static bool same_token(struct sv x, struct sv y)
{
    unsigned char differ = x.n != y.n || x.n == 0;
    for (size_t i = 0; i < x.n && i < y.n; i++)
        differ |= (unsigned char)(x.p[i] ^ y.p[i]);
    return differ == 0;
}

static bool check_csrf(struct exchange *x, struct err *e)
{
    if (x->method == HTTP_GET || x->r.route->from_elsewhere)
        return true;
    if (guard_is_foreign(x))
        return err_user(e, ERR_FORBIDDEN, "http_csrf", NULL, "sent by another site");
    if (x->r.actor.by_cookie && !same_token(http_header(&x->r, "X-QYQ-CSRF"), x->r.actor.csrf))
        return err_user(e, ERR_FORBIDDEN, "http_csrf", NULL, "X-QYQ-CSRF missing or wrong");
    return true;
}

/* "application/json; charset=utf-8" is one of "application/json|text/json". */
static bool type_is_one_of(struct sv type, struct sv wanted)
{
    type = sv_trim(sv_cut(&type, ';'));
    while (wanted.n) {
        if (sv_eq_ci(type, sv_cut(&wanted, '|')))
            return true;
    }
    return false;
}

static bool takes_body(const struct http_route *r)
{
    return r->in || r->in_type;
}

static bool check_type(struct exchange *x, struct err *e)
{
    const struct http_route *r = x->r.route;
    struct sv wanted = r->in ? SV("application/json") : sv_from(r->in_type);
    if (!takes_body(r) || type_is_one_of(http_header(&x->r, "Content-Type"), wanted))
        return true;
    return err_user(e, ERR_MEDIA_TYPE, "http_media_type", NULL, "%s takes %.*s", r->id, SV_ARG(wanted));
}

static bool too_large(struct exchange *x, struct err *e)
{
    return err_user(e, ERR_TOO_LARGE, "http_too_large", NULL, "body larger than %zu bytes", x->body_limit);
}

static bool reserve_body(struct exchange *x, struct err *e)
{
    struct http_server *s = x->server;
    const struct http_route *r = x->r.route;
    bool known;
    size_t length = guard_length(x, &known);
    x->body_limit = !takes_body(r) ? 16 : r->body_limit ? r->body_limit : BODY_DEFAULT;
    if (length > x->body_limit)
        return too_large(x, e);
    buf_init(&x->body, known ? length : x->body_limit);
    pthread_mutex_lock(&s->lock);
    bool room = x->body.max <= s->config.body_memory - s->body_memory;
    x->body_reserved = room ? x->body.max : 0;
    s->body_memory += x->body_reserved;
    pthread_mutex_unlock(&s->lock);
    return room || err_user(e, ERR_BUSY, "http_busy", NULL, "no memory left for bodies");
}

static bool check_route(struct exchange *x, bool known_method, struct err *e)
{
    if (!routes_match(&x->server->routes, x->r.a, known_method ? x->method : (enum http_method)0, x->raw_path,
                      &x->route, x->params, &x->allow, e))
        return false;
    x->r.route = x->route->route;
    return true;
}

/* A page, an OPTIONS reply or the error, for paths that no row takes. */
static void without_route(struct exchange *x, struct sv method, const struct err *e)
{
    bool page = e->code == ERR_NOT_FOUND && x->method == HTTP_GET && sv_is_utf8(x->r.path);
    if (sv_eq(method, SV("OPTIONS")) && x->allow.n) {
        http_reply_none(&x->reply);
        http_reply_header(&x->reply, "Allow", x->allow);
    } else if (page && static_serve(x)) {
        x->is_static = true;
    } else {
        reply_error(x, e);
    }
}

static bool check_request(struct exchange *x, struct err *e)
{
    struct sv key;
    const struct http_route *r = x->r.route;
    /* by address before anything costs, then by actor: many workers share the address of a factory's gate */
    if (r->rate == HTTP_RATE_LOGIN && !take_rate(x, r->rate, x->r.client, e))
        return false;
    if (!check_permission(x, e) || !check_csrf(x, e))
        return false;
    key = x->r.actor.id.n ? x->r.actor.id : x->r.client;
    if (r->rate != HTTP_RATE_LOGIN && !take_rate(x, r->rate, key, e))
        return false;
    return query_check(x, e) && check_type(x, e) && reserve_body(x, e);
}

bool exchange_begin(struct exchange *x, struct sv method, struct sv peer)
{
    struct err e = ERR_INIT;
    struct http_server *s = x->server;
    pthread_mutex_lock(&s->lock);
    s->running++;
    pthread_mutex_unlock(&s->lock);
    x->counted = true;
    find_client(x, peer);
    x->head = sv_eq(method, SV("HEAD"));
    bool known = method_parse(x->head ? SV("GET") : method, &x->method);
    bool guarded = guard_check(x, &e);
    if (guarded && x->target.n > TARGET_MAX)
        guarded = err_user(&e, ERR_BAD_INPUT, "http_bad_request", NULL, "target too long");
    if (!guarded || !percent_decode(x->r.a, x->raw_path, false, &x->r.path) || !query_parse(x, &e)) {
        if (e.code == ERR_NONE)
            (void)err_user(&e, ERR_BAD_INPUT, "http_bad_request", NULL, "bad escape in the path");
        choose_language(x);
        reply_error(x, &e);
        x->reply.close = true;
        return false;
    }
    choose_language(x);
    if (!check_route(x, known, &e)) {
        without_route(x, method, &e);
        return false;
    }
    if (!check_request(x, &e)) {
        reply_error(x, &e);
        return false;
    }
    return true;
}

bool exchange_body(struct exchange *x, struct sv bytes)
{
    if (x->body.n + bytes.n > x->body.max)
        x->too_large = true;
    if (!x->too_large) {
        buf_add(&x->body, bytes);
        return true;
    }
    x->discarded += bytes.n;
    return x->discarded < DISCARD;
}

static bool decode_body(struct exchange *x, struct err *e)
{
    const struct http_route *r = x->r.route;
    x->r.body = buf_sv(&x->body);
    if (x->too_large)
        return err_user(e, ERR_TOO_LARGE, "http_too_large", NULL, "body larger than %zu bytes", x->body.max);
    if (r->in) {
        const struct json_value *tree;
        void *in = arena_alloc(x->r.a, r->in->size);
        x->r.in = in;
        return json_read(x->r.a, x->r.body, x->body.max, &tree, e) && json_decode_value(x->r.a, tree, r->in, in, e);
    }
    if (r->in_type && sv_eq(sv_from(r->in_type), SV("multipart/form-data")))
        return multipart_parse(x, http_header(&x->r, "Content-Type"), e);
    struct sv rest = sv_trim(x->r.body);
    if (!r->in_type && rest.n && !sv_eq(rest, SV("{}")))
        return err_user(e, ERR_BAD_INPUT, "http_bad_request", NULL, "%s takes no body", r->id);
    return true;
}

void exchange_finish(struct exchange *x)
{
    struct err e = ERR_INIT;
    if (!decode_body(x, &e) || !x->r.route->handle(&x->r, &x->reply, &e)) {
        if (e.code == ERR_NONE)
            err_set(&e, ERR_INTERNAL, "%s failed without saying why", x->r.route->id);
        reply_error(x, &e);
    } else if (!x->reply.set) {
        http_reply_none(&x->reply);
    }
}

static void log_access(const struct exchange *x)
{
    const struct err *e = &x->failure;
    int status = x->reply.status;
    enum log_level level = status >= 500 ? LOG_ERROR : LOG_INFO;
    struct log_field fields[] = {
            LOG_CSTR("op", x->route       ? x->route->route->id
                           : x->is_static ? "page"
                                          : "none"),
            LOG_INT("status", status),
            LOG_INT("us", clock_monotonic_us() - x->started_us),
            LOG_INT("bytes", (int64_t)x->reply.body.n),
            LOG_TEXT("client", x->r.client),
            LOG_TEXT("id", x->r.id),
            LOG_TEXT("actor", x->r.actor.id.n ? x->r.actor.id : SV("-")),
            LOG_CSTR("reason", e->reason[0] ? e->reason : err_code_name(e->code)),
            LOG_CSTR("error", e->msg),
    };
    log_fields(level, "http", fields, e->code == ERR_NONE ? COUNT(fields) - 2 : COUNT(fields));
}

void exchange_free(struct exchange *x)
{
    struct http_server *s = x->server;
    if (x->counted) {
        metrics_count(x);
        if (!s->config.quiet)
            log_access(x);
    }
    pthread_mutex_lock(&s->lock);
    s->running -= x->counted;
    s->streams -= x->holds_stream;
    s->body_memory -= x->body_reserved;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    buf_done(&x->body);
    arena_done(&x->arena);
    free(x);
}
