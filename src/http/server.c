/* Starting and stopping; see http.h. */
#include <stdlib.h>

#include "http/http_priv.h"

static void fill_defaults(struct http_config *c)
{
    if (!c->address)
        c->address = "127.0.0.1";
    if (!c->connections)
        c->connections = 256;
    if (!c->timeout_s)
        c->timeout_s = 30;
    if (!c->streams)
        c->streams = 64;
    if (!c->body_memory)
        c->body_memory = (size_t)512 << 20;
}

static void server_free(struct http_server *s)
{
    rate_free(s->rate);
    arena_done(&s->arena);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

bool http_start(const struct http_config *c, struct http_server **ret, struct err *e)
{
    struct http_server *s = calloc(1, sizeof(*s));
    must(s != NULL);
    s->config = *c;
    fill_defaults(&s->config);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    arena_init(&s->arena, (size_t)64 << 20);
    s->rate = rate_new(s->config.rates);
    bool ok = routes_compile(&s->arena, &s->config, &s->routes, e);
    if (ok)
        s->openapi = openapi_print(&s->arena, &s->config, &s->routes);
    if (!ok || !engine_start(s, e)) {
        server_free(s);
        return err_wrap(e, "http");
    }
    *ret = s;
    return true;
}

int http_port(const struct http_server *s)
{
    return s->port;
}

void http_stop(struct http_server *s, int64_t wait_ms)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    engine_stop(s, wait_ms);
    server_free(s);
}
