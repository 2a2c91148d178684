/* The one file that knows libmicrohttpd: connections, threads, and the library's callbacks around an exchange. Left
 * unused, and so out of reach: its TLS, digest authentication, form parser, upgrade, suspend and its own URL decoding.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http/http_priv.h"

#define STACK_BYTES      ((size_t)1 << 20)
#define CONNECTION_BYTES ((size_t)64 << 10)
#define STREAM_BLOCK     4096
#define STEP_MS          500
#define KEEP_ALIVE_STEPS 30 /* a comment after 15 s of silence, so that proxies keep the stream open */

const char *http_library_version(void)
{
    return MHD_get_version();
}

/* ---- event streams: the library asks for bytes in the connection's thread ---- */

struct stream {
    struct exchange *x;
    struct buf out;
    size_t sent;
    int silent_steps;
    bool ended;
};

/* Sleeps one step; true when the server stops. */
static bool wait_step(struct http_server *s)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += STEP_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping && pthread_cond_timedwait(&s->changed, &s->lock, &until) == 0)
        ;
    bool stopping = s->stopping;
    pthread_mutex_unlock(&s->lock);
    return stopping;
}

static void stream_fill(struct stream *st)
{
    struct exchange *x = st->x;
    buf_clear(&st->out);
    st->sent = 0;
    while (st->out.n == 0 && !st->ended) {
        st->ended = !x->reply.step(x->reply.step_ctx, &x->r, &st->out) || !buf_ok(&st->out);
        if (st->out.n || st->ended)
            break;
        st->ended = wait_step(x->server);
        if (++st->silent_steps >= KEEP_ALIVE_STEPS)
            buf_add(&st->out, SV(":\n\n"));
    }
    st->silent_steps = 0;
}

static ssize_t stream_read(void *ctx, uint64_t pos, char *to, size_t max)
{
    struct stream *st = ctx;
    (void)pos;
    if (st->sent == st->out.n) {
        if (st->ended)
            return MHD_CONTENT_READER_END_OF_STREAM;
        stream_fill(st);
    }
    size_t n = st->out.n - st->sent < max ? st->out.n - st->sent : max;
    if (n == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    memcpy(to, st->out.p + st->sent, n);
    st->sent += n;
    return (ssize_t)n;
}

static void stream_free(void *ctx)
{
    struct stream *st = ctx;
    buf_done(&st->out);
    free(st);
}

static struct MHD_Response *stream_response(struct exchange *x)
{
    struct stream *st = calloc(1, sizeof(*st)); /* freed by the library, after the exchange */
    must(st != NULL);
    st->x = x;
    buf_init(&st->out, (size_t)4 << 20);
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, st, stream_free);
}

/* ---- replies ---- */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    must(MHD_add_response_header(response, name, value) == MHD_YES);
}

static void add_headers(struct MHD_Response *response, struct exchange *x)
{
    const struct reply *reply = &x->reply;
    if (reply->type)
        add_header(response, "Content-Type", reply->type);
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "Referrer-Policy", "no-referrer");
    add_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    add_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    add_header(response, "Content-Security-Policy", reply->csp);
    add_header(response, "Cache-Control", reply->cache ? reply->cache : "no-store");
    add_header(response, "X-Request-Id", arena_cstr(x->r.a, x->r.id));
    if (x->r.secure)
        add_header(response, "Strict-Transport-Security", "max-age=31536000");
    if (x->reply.close)
        add_header(response, "Connection", "close");
    for (size_t i = 0; i < reply->headers_n; i++)
        add_header(response, arena_cstr(x->r.a, reply->headers[i].name), arena_cstr(x->r.a, reply->headers[i].value));
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct exchange *x)
{
    struct sv body = x->reply.body;
    union { /* the library does not write to persistent memory, but asks for a pointer that could */
        const void *from;
        void *to;
    } p = {.from = body.n ? body.p : ""};
    struct MHD_Response *response =
            x->reply.step ? stream_response(x) : MHD_create_response_from_buffer(body.n, p.to, MHD_RESPMEM_PERSISTENT);
    must(response != NULL);
    add_headers(response, x);
    enum MHD_Result ok = MHD_queue_response(connection, (unsigned)x->reply.status, response);
    MHD_destroy_response(response);
    return ok;
}

/* ---- requests ---- */

static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
    (void)connection;
    return exchange_new(ctx, target);
}

static enum MHD_Result on_header(void *ctx, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value,
                                 size_t value_n)
{
    (void)kind;
    exchange_header(ctx, sv_of(name, name_n), sv_of(value, value_n));
    return MHD_YES;
}

static struct sv peer_of(struct arena *a, struct MHD_Connection *connection)
{
    char text[INET6_ADDRSTRLEN] = "";
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *at = info ? info->client_addr : NULL;
    if (at && at->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)at)->sin_addr, text, sizeof(text));
    else if (at && at->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr, text, sizeof(text));
    return arena_sv(a, sv_from(text[0] ? text : "local"));
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_n, void **state)
{
    struct exchange *x = *state;
    (void)ctx, (void)url, (void)version;
    must(x != NULL); /* on_target came first */
    if (!x->counted) {
        MHD_get_connection_values_n(connection, MHD_HEADER_KIND, on_header, x);
        if (exchange_begin(x, sv_from(method), peer_of(&x->arena, connection)))
            return MHD_YES;
        return send_reply(connection, x);
    }
    if (*upload_n) {
        bool more = exchange_body(x, sv_of(upload, *upload_n));
        *upload_n = 0;
        return more ? MHD_YES : MHD_NO;
    }
    exchange_finish(x);
    return send_reply(connection, x);
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)ctx, (void)connection, (void)code;
    if (*state)
        exchange_free(*state);
    *state = NULL;
}

/* Paths and queries stay as they were sent; route.c and query.c decode them strictly. */
static size_t no_unescape(void *ctx, struct MHD_Connection *connection, char *s)
{
    (void)ctx, (void)connection;
    return strlen(s);
}

static PRINTF_LIKE(2, 0) void no_log(void *ctx, const char *fmt, va_list args)
{
    (void)ctx, (void)fmt, (void)args;
}

/* ---- listening ---- */

static bool listen_on(const struct addrinfo *ai, int *ret_fd, struct err *e)
{
    CLEANUP(fd_close) int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    if (fd < 0)
        return err_errno(e, "socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(fd, 256) != 0) {
        bool taken = errno == EADDRINUSE;
        (void)err_errno(e, "listen");
        e->code = taken ? ERR_UNAVAILABLE : ERR_IO;
        return false;
    }
    *ret_fd = fd;
    fd = -1;
    return true;
}

static bool open_socket(const struct http_config *c, int *ret_fd, int *ret_port, struct err *e)
{
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found = NULL;
    struct sockaddr_storage at;
    socklen_t n = sizeof(at);
    snprintf(port, sizeof(port), "%d", c->port);
    if (c->port < 0 || c->port > 65535 || getaddrinfo(c->address, port, &hints, &found) != 0)
        return err_set(e, ERR_BAD_INPUT, "bad address %s, port %d", c->address, c->port);
    bool ok = listen_on(found, ret_fd, e);
    freeaddrinfo(found);
    if (!ok)
        return err_wrap(e, "%s, port %d", c->address, c->port);
    must(getsockname(*ret_fd, (struct sockaddr *)&at, &n) == 0);
    *ret_port = ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
                                               : ((struct sockaddr_in *)&at)->sin_port);
    return true;
}

bool engine_start(struct http_server *s, struct err *e)
{
    int fd = -1;
    if (!open_socket(&s->config, &fd, &s->port, e))
        return false;
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ITC |
                     MHD_USE_ERROR_LOG;
    struct MHD_Daemon *d = MHD_start_daemon(
            flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
            MHD_OPTION_CONNECTION_LIMIT, (unsigned)s->config.connections, MHD_OPTION_CONNECTION_TIMEOUT,
            (unsigned)s->config.timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES,
            MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK,
            on_target, s, MHD_OPTION_UNESCAPE_CALLBACK, no_unescape, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
            MHD_OPTION_END);
    if (!d) {
        close(fd);
        return err_set(e, ERR_INTERNAL, "the HTTP library did not start");
    }
    s->engine = d;
    return true;
}

static bool wait_idle(struct http_server *s, int64_t wait_ms)
{
    int64_t until = clock_monotonic_us() + wait_ms * 1000;
    for (;;) {
        pthread_mutex_lock(&s->lock);
        bool idle = s->running == 0;
        pthread_mutex_unlock(&s->lock);
        if (idle || clock_monotonic_us() >= until)
            return idle;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
}

void engine_stop(struct http_server *s, int64_t wait_ms)
{
    int fd = MHD_quiesce_daemon(s->engine);
    wait_idle(s, wait_ms);
    MHD_stop_daemon(s->engine);
    if (fd >= 0)
        close(fd);
}
