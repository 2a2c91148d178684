/* The HTTP server. Routes are rows of tables; the same rows dispatch, check permission before the handler and before
 * the body is read, decode the input, label the metrics and write the OpenAPI document. Knows no domain: roles are bits
 * of a mask whose meaning is the caller's, authentication is a callback. Only server_mhd.c knows libmicrohttpd. One
 * thread a connection: handlers are plain blocking code of some tens of ms; longer work is a job.
 *
 *   static bool contract_create_h(struct request *r, struct reply *reply, struct err *e)
 *   {
 *       struct api *api = r->app;
 *       const struct create_in *in = r->in;
 *       struct contract c;
 *       if (!contract_create(api->contracts, r->a, r->actor.who, in, &c, e))
 *           return false;
 *       return http_reply_json(reply, 201, &contract_out, &c);
 *   }
 *   const struct http_route contract_routes[] = {
 *       {HTTP_POST, "/api/v1/contracts", "createContract", ROLE_HR, contract_create_h, .in = &create_in,
 *        .out = &contract_out, .status = 201, .tag = "contracts", .summary = "Create a draft"},
 *   };
 *   const size_t contract_routes_n = COUNT(contract_routes);
 *
 * Error replies: {"error":{"code","reason","message","field","request_id"}}, message in the language of ?lang= or
 * Accept-Language (zh-CN when neither helps). CSRF: a request with an unsafe method whose actor came by cookie must
 * carry "X-QYQ-CSRF: <the session's token>" (http_actor.csrf, handed to the page by the log-in reply); besides, any
 * unsafe request that a browser marks as coming from another site (Sec-Fetch-Site, Origin) is refused, log-in included.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/base.h"
#include "text/text.h"
#include "json/json.h"

struct request;
struct reply;
struct http_server;

/* ---- routes ---- */

enum http_method { HTTP_GET = 1, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE };

/* Role masks: bits 0..61 are the application's. */
#define HTTP_ANYONE    (UINT64_C(1) << 63) /* logged in or not */
#define HTTP_LOGGED_IN (UINT64_C(1) << 62) /* any authenticated actor */

enum http_rate {
    HTTP_RATE_NORMAL, /* 50 a second, bursts of 200 */
    HTTP_RATE_LOGIN,  /* log-in, codes: 20 a minute, bursts of 20 */
    HTTP_RATE_HEAVY,  /* uploads, verification, rendering: 2 a second, bursts of 20 */
    HTTP_RATE_FREE,   /* not limited */
    HTTP_RATE__N
};

typedef bool http_handler(struct request *r, struct reply *reply, struct err *e);

/* A query parameter. Parameters that no row names are refused (http_query), except lang. */
struct http_query {
    const char *name;    /* NULL ends the list */
    enum json_kind kind; /* TEXT, INT, BOOL, DATE or CHOICE */
    bool required;
    int64_t min, max; /* as in struct json_field */
    const char *const *names;
    size_t names_n;
    const char *about;
};

struct http_route {
    enum http_method method; /* GET rows answer HEAD too; OPTIONS is answered from the table */
    const char *path;        /* "/api/v1/contracts/{id}/send" */
    const char *id;          /* operationId: stable, camelCase, unique */
    uint64_t allow;          /* who may call; 0 refuses to start */
    http_handler *handle;
    const struct json_schema *in;  /* JSON body, decoded into r->in before the handler */
    const struct json_schema *out; /* JSON reply */
    const char
            *in_type; /* other body: "application/pdf" (r->body), "multipart/form-data" (http_part); several: "a|b" */
    const char *out_type;   /* reply without .out, for the documentation */
    const char *out_schema; /* of that reply (JSON text); NULL: bytes, or any object when out_type is JSON */
    const struct http_query *query;
    size_t body_limit; /* bytes; 0: 1 MiB; refused before the body is read when its length is declared */
    enum http_rate rate;
    bool from_elsewhere; /* no CSRF check: called by other servers, never with a cookie */
    int status;          /* of success, for the documentation; 0: 200 (204 without a reply) */
    const char *tag, *summary;
};

struct http_table {
    const struct http_route *routes;
    size_t n;
};

/* ---- inside a handler ---- */

struct http_actor {
    uint64_t roles;  /* 0: nobody */
    const void *who; /* the application's actor, lives in the request's arena */
    struct sv id;    /* for rate limits and the access log; no personal data */
    struct sv csrf;  /* token of the session, when by_cookie */
    bool by_cookie;
};

struct request {
    struct arena *a; /* lives until the reply is sent */
    void *app;       /* http_config.app */
    const struct http_route *route;
    struct http_actor actor;
    const void *in;   /* decoded JSON body, of route->in's struct */
    struct sv body;   /* raw body */
    struct sv path;   /* decoded path */
    struct sv client; /* address of the peer, or of X-Real-IP when the proxy is trusted */
    struct sv id;     /* request id; also in the reply's X-Request-Id and in the log */
    enum text_lang lang;
    int64_t now_ms;
    bool secure; /* the client speaks https (configured, or X-Forwarded-Proto of a trusted proxy) */
};

struct sv http_param(const struct request *r, const char *name); /* from the path; must exist in the pattern */
/* Query parameters, checked by the rows; absent: empty or fallback. */
struct sv http_query_text(const struct request *r, const char *name);
int64_t http_query_int(const struct request *r, const char *name, int64_t fallback);
bool http_query_bool(const struct request *r, const char *name, bool fallback);
struct date http_query_date(const struct request *r, const char *name);
/* First header of that name, without case; empty when missing. Cookies by exact name. */
struct sv http_header(const struct request *r, const char *name);
struct sv http_cookie(const struct request *r, const char *name);

struct http_part {
    struct sv name, filename, type, bytes;
};
/* Parts of a multipart/form-data body (RFC 7578), at most 32; bytes are views of the body, names valid UTF-8. NULL: no
 * such part. */
const struct http_part *http_part(const struct request *r, const char *name);
size_t http_part_count(const struct request *r);
const struct http_part *http_part_at(const struct request *r, size_t i);

/* Replies. All return true, so that a handler can end with them. Bytes must live as long as the request's arena or
 * longer. A handler that sets none answers 204. */
bool http_reply_json(struct reply *reply, int status, const struct json_schema *schema, const void *value);
bool http_reply_json_text(struct reply *reply, int status, struct sv json); /* written with json_out */
bool http_reply_bytes(struct reply *reply, int status, const char *type, struct sv bytes);
/* A download: Content-Disposition with the name in UTF-8 (RFC 6266, RFC 8187), private, revalidated by ETag when etag
 * is not empty (a content hash); shown_in_page: inline instead of attachment. */
bool http_reply_file(struct reply *reply, const char *type, struct sv bytes, struct sv name, struct sv etag,
                     bool shown_in_page);
bool http_reply_redirect(struct reply *reply, int status, struct sv location); /* 302, 303, 307; own paths only */
bool http_reply_none(struct reply *reply);                                     /* 204 */
void http_reply_header(struct reply *reply, const char *name, struct sv value);
/* HttpOnly, SameSite=Lax, Path=/, Secure when r->secure or configured. max_age_s < 0: until the browser closes; 0:
 * delete. */
void http_reply_cookie(struct reply *reply, const char *name, struct sv value, int64_t max_age_s);

/* Server-sent events. step is called again and again in the connection's thread, at most every 500 ms; it adds events
 * with http_event and returns false to end the stream. ctx lives in r->a. Too many streams: BUSY http_busy. */
typedef bool http_step(void *ctx, struct request *r, struct buf *out);
MUST_CHECK bool http_reply_events(struct reply *reply, http_step *step, void *ctx, struct err *e);
void http_event(struct buf *out, const char *name, struct sv id, struct sv data);

/* ---- the server ---- */

/* Who is it? Reads cookies and headers of r. Nobody: leave *ret zero and return true. False: it cannot be told
 * (database). */
typedef bool http_authenticate(void *app, struct request *r, struct http_actor *ret, struct err *e);

/* Embedded pages. prefix "/console/" shows files of folder "console/" in set; a path without a file gives fallback (for
 * pages that route by themselves). Files below a folder "assets" whose names end in a hash ("app-BgX3k_9a.js") are
 * cached for ever. */
struct http_static {
    const char *prefix;
    const struct embed_set *set;
    const char *folder;   /* within set, with '/' at the end, or "" */
    const char *fallback; /* within set: "console/index.html"; NULL: 404 */
};

struct http_rate_rule {
    double per_second;
    int burst; /* 0: the default of the class; < 0: not limited */
};

struct http_config {
    const char *address; /* NULL: 127.0.0.1 */
    int port;            /* 0: any free one, see http_port */
    const struct http_table *tables;
    size_t tables_n;
    void *app;
    http_authenticate *authenticate; /* NULL: nobody is ever logged in */
    const struct http_static *statics;
    size_t statics_n;
    const char *home;    /* "/" redirects there; NULL: 404 */
    bool secure_cookies; /* the outside is https */
    bool trust_proxy;    /* take X-Real-IP and X-Forwarded-Proto: only behind our own nginx */
    struct http_rate_rule rates[HTTP_RATE__N];
    int connections;             /* 0: 256 */
    int timeout_s;               /* idle connection; 0: 30 */
    int streams;                 /* event streams at once; 0: 64 */
    size_t body_memory;          /* bodies of all requests together; 0: 512 MiB */
    const char *csp;             /* Content-Security-Policy of pages; NULL: the strict default */
    bool own_frames;             /* our pages may stand in frames of our pages: the phone of the demonstration */
    const char *title, *version; /* of the OpenAPI document */
    const char *session_cookie;  /* the cookie that authenticate reads, for the OpenAPI document */
    const struct sv *role_names; /* names of the bits of a role mask, from bit 0, for its "x-qyq-allow" */
    size_t role_names_n;
    const struct clock *clock;                    /* NULL: the system's */
    bool (*ready)(void *app, struct err *e);      /* /readyz; NULL: always */
    void (*metrics)(void *app, struct buf *text); /* more lines for /metrics (Prometheus text) */
    bool quiet;                                   /* no access log: tests, benches */
};

/* Checks the tables (BAD_INPUT names the row: no allow, no handler, same id or same path twice …) and listens. Also
 * served: GET /healthz, /readyz, /metrics, /api/openapi.json. UNAVAILABLE when the address is taken. The config's
 * pointers must live until http_stop. */
MUST_CHECK bool http_start(const struct http_config *c, struct http_server **ret, struct err *e);
int http_port(const struct http_server *s);
/* Takes no new connection, lets running requests end (up to wait_ms), then closes. NULL is fine. */
void http_stop(struct http_server *s, int64_t wait_ms);

/* The OpenAPI 3.0.3 document of the tables, without a server. Same checks as http_start. */
MUST_CHECK bool http_openapi(struct arena *a, const struct http_config *c, struct sv *ret, struct err *e);
const char *http_library_version(void); /* of libmicrohttpd, as "0.9.75" */

#endif
