#include "http/test_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct test_app test_app;

struct person {
    struct sv name;
    int64_t age;
};
static const struct json_field person_rows[] = {
        JSON_TEXT(struct person, name, .min = 1, .max = 10),
        JSON_INT(struct person, age, .min = 16, .max = 99, .optional = true),
        JSON_END,
};
static const struct json_schema person_schema = JSON_SCHEMA("Person", struct person, person_rows);

struct echo {
    struct sv id, text, more;
    int64_t n;
};
static const struct json_field echo_rows[] = {
        JSON_TEXT(struct echo, id),
        JSON_TEXT(struct echo, text),
        JSON_TEXT(struct echo, more),
        JSON_INT(struct echo, n),
        JSON_END,
};
static const struct json_schema echo_schema = JSON_SCHEMA("Echo", struct echo, echo_rows);

static bool create_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct person *p = r->in;
    ((struct test_app *)r->app)->calls++;
    if (sv_eq(p->name, SV("taken")))
        return err_user(e, ERR_CONFLICT, "no_words_for_this", "/name", "log only: %s", "secret");
    return http_reply_json(reply, 201, &person_schema, p);
}

static bool show_h(struct request *r, struct reply *reply, struct err *e)
{
    (void)e;
    struct echo out = {.id = http_param(r, "id"),
                       .text = http_query_text(r, "q"),
                       .more = http_cookie(r, "c"),
                       .n = http_query_int(r, "page", 1)};
    ((struct test_app *)r->app)->calls++;
    return http_reply_json(reply, 200, &echo_schema, &out);
}

static bool new_h(struct request *r, struct reply *reply, struct err *e)
{
    (void)r, (void)e;
    return http_reply_bytes(reply, 200, "text/plain", SV("literal"));
}

static bool pdf_h(struct request *r, struct reply *reply, struct err *e)
{
    (void)e;
    ((struct test_app *)r->app)->calls++;
    return http_reply_file(reply, "application/pdf", r->body, SV("劳动合同 \"1\".pdf"), SV("abc"), false);
}

static bool form_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct http_part *file = http_part(r, "file");
    if (!file)
        return err_user(e, ERR_BAD_INPUT, "json_missing", "/file", "no part named file");
    struct echo out = {.id = file->name, .text = file->filename, .more = file->type, .n = (int64_t)file->bytes.n};
    return http_reply_json(reply, 200, &echo_schema, &out);
}

static bool login_h(struct request *r, struct reply *reply, struct err *e)
{
    (void)r, (void)e;
    http_reply_cookie(reply, "session", SV("hr"), 3600);
    return http_reply_none(reply);
}

static bool slow_h(struct request *r, struct reply *reply, struct err *e)
{
    (void)r, (void)e, (void)reply;
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    return true;
}

static bool fail_h(struct request *r, struct reply *reply, struct err *e)
{
    (void)r;
    http_reply_header(reply, "X-Half", SV("done"));
    return err_set(e, ERR_CORRUPT, "the database password is hunter2");
}

static bool three_events(void *ctx, struct request *r, struct buf *out)
{
    int *n = ctx;
    (void)r;
    http_event(out, "tick", SV("7"), SV("line 1\nline 2"));
    return ++*n < 3;
}

static bool events_h(struct request *r, struct reply *reply, struct err *e)
{
    return http_reply_events(reply, three_events, arena_new(r->a, int), e);
}

static bool silent(void *ctx, struct request *r, struct buf *out)
{
    (void)ctx, (void)r, (void)out;
    return true;
}

static bool quiet_events_h(struct request *r, struct reply *reply, struct err *e)
{
    (void)r;
    return http_reply_events(reply, silent, NULL, e);
}

static const char *const orders[] = {"name", "age"};
static const struct http_query show_query[] = {
        {"q",            JSON_KIND_TEXT, .max = 5, .about = "What to look for"},
        {"page",      JSON_KIND_INT, .min = 1, .max = 100},
        {"from",              JSON_KIND_DATE},
        {"all",JSON_KIND_BOOL},
        {"order",    JSON_KIND_CHOICE, .names = orders, .names_n = COUNT(orders)},
        {NULL        },
};

/* clang-format off */
static const struct http_route rows[] = {
        {HTTP_POST, "/api/v1/people", "createPerson", ROLE_HR, create_h, .in = &person_schema, .out = &person_schema,
         .status = 201, .tag = "people", .summary = "Create a person"},
        {HTTP_GET, "/api/v1/people/{id}", "getPerson", ROLE_HR | ROLE_CLERK, show_h, .out = &echo_schema,
         .query = show_query, .tag = "people"},
        {HTTP_DELETE, "/api/v1/people/{id}", "deletePerson", ROLE_HR, show_h, .out = &echo_schema, .query = show_query},
        {HTTP_GET, "/api/v1/people/new", "newPerson", HTTP_ANYONE, new_h, .out_type = "text/plain"},
        {HTTP_GET, "/api/v1/me", "me", HTTP_LOGGED_IN, new_h, .out_type = "text/plain"},
        {HTTP_POST, "/api/v1/pdf", "sendPdf", HTTP_ANYONE, pdf_h, .in_type = "application/pdf",
         .out_type = "application/pdf", .body_limit = 100000, .rate = HTTP_RATE_FREE},
        {HTTP_POST, "/api/v1/form", "sendForm", HTTP_ANYONE, form_h, .in_type = "multipart/form-data",
         .out = &echo_schema, .body_limit = 100000},
        {HTTP_POST, "/api/v1/login", "login", HTTP_ANYONE, login_h, .rate = HTTP_RATE_LOGIN},
        {HTTP_POST, "/api/v1/hook", "hook", HTTP_ANYONE, login_h, .from_elsewhere = true},
        {HTTP_GET, "/api/v1/slow", "slow", HTTP_ANYONE, slow_h, .rate = HTTP_RATE_FREE},
        {HTTP_GET, "/api/v1/fail", "fail", HTTP_ANYONE, fail_h},
        {HTTP_GET, "/api/v1/events", "events", HTTP_ANYONE, events_h, .out_type = "text/event-stream"},
        {HTTP_GET, "/api/v1/silence", "silence", HTTP_ANYONE, quiet_events_h, .out_type = "text/event-stream"},
};
/* clang-format on */
const struct http_table test_tables[] = {
        {rows, COUNT(rows)}
};

static bool authenticate(void *app, struct request *r, struct http_actor *ret, struct err *e)
{
    struct test_app *t = app;
    struct sv session = http_cookie(r, "session");
    t->asked++;
    if (t->broken)
        return err_set(e, ERR_BUSY, "database is busy");
    if (sv_eq(session, SV("hr")))
        *ret = (struct http_actor){.roles = ROLE_HR, .id = SV("hr1"), .csrf = SV("token-hr"), .by_cookie = true};
    if (sv_eq(session, SV("clerk")))
        *ret = (struct http_actor){.roles = ROLE_CLERK, .id = SV("c1"), .csrf = SV("token-c"), .by_cookie = true};
    if (sv_eq(http_header(r, "Authorization"), SV("Bearer hr")))
        *ret = (struct http_actor){.roles = ROLE_HR, .id = SV("robot")};
    return true;
}

static const char index_page[] = "<html>index</html>", script[] = "let x";
static const struct embed_file page_files[] = {
        {"assets/app-BgX3k_9-.js",       script,     script + sizeof(script) - 1        },
        {"assets/pdfjs/GBK-EUC-H.bcmap", script,     script + sizeof(script) - 1        },
        {"console/index.html",           index_page, index_page + sizeof(index_page) - 1},
};
static const struct embed_set pages = {page_files, COUNT(page_files)};
static const struct http_static statics[] = {
        {"/console/", &pages, "console/", "console/index.html"},
        {"/assets/",  &pages, "assets/",  NULL                },
};

struct http_config test_config(void)
{
    static const struct sv roles[] = {SV_INIT("hr"), SV_INIT("clerk")};
    return (struct http_config){.tables = test_tables,
                                .tables_n = 1,
                                .app = &test_app,
                                .authenticate = authenticate,
                                .statics = statics,
                                .statics_n = COUNT(statics),
                                .home = "/console/",
                                .title = "Test",
                                .version = "1",
                                .session_cookie = "session",
                                .role_names = roles,
                                .role_names_n = COUNT(roles),
                                .quiet = true};
}

struct http_server *test_start(const struct http_config *c)
{
    struct http_server *s = NULL;
    struct err e = ERR_INIT;
    ASSERT_OK(http_start(c, &s, &e), e);
    ck_assert_int_gt(http_port(s), 0);
    return s;
}

int test_connect(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_port = htons((uint16_t)port);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    return fd;
}

struct sv test_raw(struct arena *a, int port, struct sv request)
{
    int fd = test_connect(port);
    struct buf b;
    buf_init(&b, 1 << 24);
    for (size_t at = 0; at < request.n;) {
        ssize_t n = send(fd, request.p + at, request.n - at, MSG_NOSIGNAL);
        if (n <= 0)
            break; /* refused early: what it said is still to be read */
        at += (size_t)n;
    }
    for (;;) {
        char piece[4096];
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, b.n ? 150 : 5000) <= 0)
            break;
        ssize_t n = read(fd, piece, sizeof(piece));
        if (n <= 0)
            break;
        buf_add_bytes(&b, piece, (size_t)n);
    }
    close(fd);
    return buf_to_arena(&b, a);
}

struct sv test_ask(struct arena *a, int port, const char *method, const char *target, const char *headers,
                   struct sv body)
{
    struct sv head = arena_printf(a, "%s %s HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n%s", method, target,
                                  port, headers);
    if (body.p)
        head = arena_printf(a, "%.*sContent-Length: %zu\r\n", SV_ARG(head), body.n);
    return test_raw(a, port, arena_concat(a, arena_concat(a, head, SV("\r\n")), body));
}

int test_status(struct sv reply)
{
    uint64_t status;
    return sv_starts(reply, SV("HTTP/1.1 ")) && sv_u64(sv_sub(reply, 9, 3), 999, &status) ? (int)status : 0;
}

struct sv test_body(struct sv reply)
{
    size_t at = sv_find(reply, SV("\r\n\r\n"));
    return at == SIZE_MAX ? (struct sv){0} : sv_skip(reply, at + 4);
}

struct sv test_header(struct sv reply, struct sv name)
{
    while (reply.n) {
        struct sv value = sv_trim(sv_cut(&reply, '\n'));
        if (value.n == 0)
            break;
        if (sv_eq_ci(sv_cut(&value, ':'), name))
            return sv_trim(value);
    }
    return (struct sv){0};
}
