/* Counters a route, in the Prometheus text format, and the small built-in pages. */
#include <inttypes.h>

#include "http/http_priv.h"

static const int64_t bounds_us[DURATIONS_N - 1] = {5000, 25000, 100000, 500000, 2500000};
static const char *const bounds_text[DURATIONS_N] = {"0.005", "0.025", "0.1", "0.5", "2.5", "+Inf"};

static void add(struct route_stats *st, int status, int64_t us)
{
    size_t bucket = 0;
    while (bucket < COUNT(bounds_us) && us > bounds_us[bucket])
        bucket++;
    st->by_class[status / 100 % 6]++;
    st->durations[bucket]++;
    st->total_us += (uint64_t)(us > 0 ? us : 0);
}

void metrics_count(struct exchange *x)
{
    struct http_server *s = x->server;
    pthread_mutex_lock(&s->lock);
    add(x->route ? &x->route->stats : &s->unmatched, x->reply.status, clock_monotonic_us() - x->started_us);
    pthread_mutex_unlock(&s->lock);
}

static void print_counts(struct buf *b, const char *operation, const char *method, const struct route_stats *st)
{
    for (int i = 1; i < 6; i++) {
        if (st->by_class[i])
            buf_printf(b, "qyq_http_requests_total{operation=\"%s\",method=\"%s\",status=\"%dxx\"} %" PRIu64 "\n",
                       operation, method, i, st->by_class[i]);
    }
}

static void print_durations(struct buf *b, const char *operation, const struct route_stats *st)
{
    uint64_t n = 0;
    for (size_t i = 0; i < DURATIONS_N; i++) {
        n += st->durations[i];
        buf_printf(b, "qyq_http_request_seconds_bucket{operation=\"%s\",le=\"%s\"} %" PRIu64 "\n", operation,
                   bounds_text[i], n);
    }
    buf_printf(b, "qyq_http_request_seconds_sum{operation=\"%s\"} %.6f\n", operation, (double)st->total_us / 1e6);
    buf_printf(b, "qyq_http_request_seconds_count{operation=\"%s\"} %" PRIu64 "\n", operation, n);
}

static void print(struct buf *b, struct http_server *s)
{
    buf_add(b, SV("# HELP qyq_http_requests_total Requests answered.\n# TYPE qyq_http_requests_total counter\n"));
    for (size_t i = 0; i < s->routes.n; i++) {
        const struct http_route *r = s->routes.all[i].route;
        print_counts(b, r->id, method_name(r->method), &s->routes.all[i].stats);
    }
    print_counts(b, "none", "any", &s->unmatched);
    buf_add(b, SV("# HELP qyq_http_request_seconds Time from request line to reply.\n"
                  "# TYPE qyq_http_request_seconds histogram\n"));
    for (size_t i = 0; i < s->routes.n; i++) {
        const struct compiled *c = &s->routes.all[i];
        if (c->stats.total_us)
            print_durations(b, c->route->id, &c->stats);
    }
    buf_printf(b,
               "# HELP qyq_http_running Requests being answered.\n# TYPE qyq_http_running gauge\n"
               "qyq_http_running %d\n# HELP qyq_http_streams Open event streams.\n# TYPE qyq_http_streams gauge\n"
               "qyq_http_streams %d\n# HELP qyq_http_body_bytes Memory of request bodies.\n"
               "# TYPE qyq_http_body_bytes gauge\nqyq_http_body_bytes %zu\n",
               s->running, s->streams, s->body_memory);
}

bool metrics_h(struct request *r, struct reply *reply, struct err *e)
{
    struct http_server *s = exchange_of(r)->server;
    struct buf b;
    (void)e;
    buf_init(&b, (size_t)16 << 20);
    pthread_mutex_lock(&s->lock);
    print(&b, s);
    pthread_mutex_unlock(&s->lock);
    if (s->config.metrics)
        s->config.metrics(s->config.app, &b);
    return http_reply_bytes(reply, 200, "text/plain; version=0.0.4; charset=utf-8", buf_to_arena(&b, r->a));
}

bool healthz_h(struct request *r, struct reply *reply, struct err *e)
{
    (void)r, (void)e;
    return http_reply_bytes(reply, 200, "text/plain; charset=utf-8", SV("ok\n"));
}

bool readyz_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct http_config *c = &exchange_of(r)->server->config;
    struct err why = ERR_INIT;
    if (c->ready &&
        !c->ready(c->app, &why)) /* 503 whatever the cause: a balancer asks only whether to send work here */
        return err_set(e, ERR_UNAVAILABLE, "not ready: %s", why.msg);
    return http_reply_bytes(reply, 200, "text/plain; charset=utf-8", SV("ok\n"));
}

bool openapi_h(struct request *r, struct reply *reply, struct err *e)
{
    (void)e;
    return http_reply_json_text(reply, 200, exchange_of(r)->server->openapi);
}
