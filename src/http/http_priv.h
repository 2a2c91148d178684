/* What the files of this room share. An exchange is one request with its reply; server_mhd.c feeds it, the rest does
 * not know the library: exchange_new → exchange_header… → exchange_begin → exchange_body… → exchange_finish →
 * exchange_free. */
#ifndef HTTP_HTTP_PRIV_H
#define HTTP_HTTP_PRIV_H

#include <pthread.h>

#include "http/http.h"

#define PARAMS_MAX   8
#define SEGMENTS_MAX 16
#define HEADERS_MAX  100
#define QUERY_MAX    50
#define PARTS_MAX    32
#define BODY_DEFAULT ((size_t)1 << 20)

struct pair {
    struct sv name, value;
};

struct reply {
    struct request *r;
    bool set;
    int status;
    const char *type;
    struct sv body;
    const char *csp;   /* NULL: that of data */
    const char *cache; /* NULL: no-store */
    struct pair *headers;
    size_t headers_n, headers_cap;
    bool close;
    http_step *step;
    void *step_ctx;
};

/* ---- routes ---- */

#define DURATIONS_N 6
struct route_stats {
    uint64_t by_class[6]; /* status / 100 */
    uint64_t durations[DURATIONS_N];
    uint64_t total_us;
};
struct compiled {
    const struct http_route *route;
    struct sv segments[SEGMENTS_MAX];
    bool is_param[SEGMENTS_MAX];
    size_t segments_n;
    struct route_stats stats;
};

struct routes {
    struct compiled *all;
    size_t n;
};
/* Checks and compiles all tables and the built-in rows. */
MUST_CHECK bool routes_compile(struct arena *a, const struct http_config *c, struct routes *ret, struct err *e);
/* The row for a method and raw path (segments still percent-encoded); params are decoded into a. NOT_FOUND
 * http_not_found; METHOD http_method; *ret_allow gets "GET, HEAD, …" whenever the path exists. */
MUST_CHECK bool routes_match(const struct routes *rs, struct arena *a, enum http_method method, struct sv path,
                             struct compiled **ret, struct sv params[PARAMS_MAX], struct sv *ret_allow, struct err *e);
extern const struct http_table http_builtin;
const char *method_name(enum http_method m);
bool method_parse(struct sv s, enum http_method *ret);

/* ---- rate limits ---- */

struct rate;
struct rate *rate_new(const struct http_rate_rule rules[HTTP_RATE__N]);
void rate_free(struct rate *r);
/* Takes one token; false: none left, *ret_wait_s says when there is one. */
bool rate_take(struct rate *r, enum http_rate class, struct sv key, int64_t now_us, int *ret_wait_s);

/* ---- server and exchange ---- */

struct http_server {
    struct http_config config;
    struct arena arena; /* compiled tables */
    struct routes routes;
    struct rate *rate;
    pthread_mutex_t lock; /* guards what follows, and the stats of the routes */
    pthread_cond_t changed;
    int running; /* exchanges between begin and free */
    int streams;
    bool stopping;
    size_t body_memory;
    struct route_stats unmatched;
    struct sv openapi;
    void *engine; /* server_mhd.c's */
    int port;
};

struct exchange {
    struct request r; /* first: handlers see only this */
    struct reply reply;
    struct http_server *server;
    struct arena arena;
    struct sv target, raw_path, raw_query;
    enum http_method method;
    bool head, counted, too_large, is_static;
    struct compiled *route;
    struct sv params[PARAMS_MAX];
    struct pair headers[HEADERS_MAX];
    size_t headers_n;
    struct pair query[QUERY_MAX];
    size_t query_n;
    struct http_part parts[PARTS_MAX];
    size_t parts_n;
    struct buf body;
    size_t body_reserved, body_limit, discarded;
    int64_t started_us;
    struct err failure;
    struct sv allow;
    int wait_s; /* of a rate limit: when to come again */
    bool holds_stream;
};

struct exchange *exchange_new(struct http_server *s, const char *target);
/* False when the head is not acceptable; exchange_begin then answers 400. */
void exchange_header(struct exchange *x, struct sv name, struct sv value);
/* All checks that need no body. False: x->reply stands already, and the body must not be read. */
bool exchange_begin(struct exchange *x, struct sv method, struct sv client);
/* False: the peer sends far more than allowed; drop the connection. */
bool exchange_body(struct exchange *x, struct sv bytes);
void exchange_finish(struct exchange *x);
void exchange_free(struct exchange *x); /* counts, logs, releases */

/* guard.c: RFC 9112 §2.2, §3.2, §5, §6.3 */
MUST_CHECK bool guard_check(const struct exchange *x, struct err *e);
/* *ret_known: a length was declared. */
size_t guard_length(const struct exchange *x, bool *ret_known);
/* An unsafe request that a browser marks as sent by another site. */
bool guard_is_foreign(const struct exchange *x);

/* query.c */
MUST_CHECK bool query_parse(struct exchange *x, struct err *e);
MUST_CHECK bool query_check(const struct exchange *x, struct err *e);

/* multipart.c: fills x->parts with views of x->r.body. */
MUST_CHECK bool multipart_parse(struct exchange *x, struct sv content_type, struct err *e);

/* static.c: true when the path belongs to a static prefix (the reply is set). */
bool static_serve(struct exchange *x);

/* reply.c */
void reply_error(struct exchange *x, const struct err *e);
void reply_reset(struct exchange *x);
bool etag_matches(const struct request *r, struct sv etag);

/* metrics.c */
void metrics_count(struct exchange *x);
http_handler metrics_h, healthz_h, readyz_h, openapi_h;

/* openapi.c */
struct sv openapi_print(struct arena *a, const struct http_config *c, const struct routes *rs);
MUST_CHECK bool openapi_check(const struct routes *rs, struct err *e);

/* server_mhd.c */
MUST_CHECK bool engine_start(struct http_server *s, struct err *e);
void engine_stop(struct http_server *s, int64_t wait_ms);

static inline struct exchange *exchange_of(const struct request *r)
{
    return (struct exchange *)(uintptr_t)r;
}

#endif
