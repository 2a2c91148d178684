/* Tests against servers of our own on loopback: each answers from a script and keeps what it was told. */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/net.h"
#include "test.h"

struct server {
    pthread_t thread;
    int listener, port;
    const char *reply; /* NULL: say nothing, keep the connection open */
    bool smtp;
    int smtp_refuse; /* code answered to RCPT TO, 0 = accept */
    char heard[65536];
    size_t heard_n;
    int connections;
};

static void answer_http(struct server *s, int fd)
{
    size_t body = 0, head = 0;
    while (s->heard_n < sizeof(s->heard) - 1 && (head == 0 || s->heard_n < head + body)) {
        ssize_t n = read(fd, s->heard + s->heard_n, sizeof(s->heard) - 1 - s->heard_n);
        if (n <= 0)
            return;
        s->heard_n += (size_t)n;
        s->heard[s->heard_n] = 0;
        char *end = strstr(s->heard, "\r\n\r\n");
        const char *length = strstr(s->heard, "Content-Length: ");
        head = end ? (size_t)(end - s->heard) + 4 : 0;
        body = length ? strtoul(length + 16, NULL, 10) : 0;
    }
    if (s->reply)
        ck_assert_int_gt(write(fd, s->reply, strlen(s->reply)), 0);
    else
        poll(NULL, 0, 1500);
}

static void say(int fd, const char *line)
{
    ck_assert_int_gt(write(fd, line, strlen(line)), 0);
}

static void answer_smtp(struct server *s, int fd)
{
    FILE *in = fdopen(dup(fd), "r");
    char line[4096];
    bool data = false;
    say(fd, "220 test\r\n");
    while (fgets(line, sizeof(line), in)) {
        size_t n = strlen(line);
        ck_assert_uint_lt(s->heard_n + n, sizeof(s->heard) - 1);
        memcpy(s->heard + s->heard_n, line, n + 1);
        s->heard_n += n;
        if (data && strcmp(line, ".\r\n") != 0)
            continue;
        if (strncmp(line, "EHLO", 4) == 0)
            say(fd, "250 test\r\n");
        else if (strncmp(line, "RCPT", 4) == 0 && s->smtp_refuse)
            say(fd, s->smtp_refuse >= 500 ? "550 no\r\n" : "451 later\r\n");
        else if (strncmp(line, "DATA", 4) == 0)
            say(fd, "354 go\r\n"), data = true;
        else
            say(fd, "250 ok\r\n"), data = false;
    }
    fclose(in);
}

static void *serve(void *ctx)
{
    struct server *s = ctx;
    for (;;) {
        int fd = accept(s->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        s->connections++;
        if (s->smtp)
            answer_smtp(s, fd);
        else
            answer_http(s, fd);
        close(fd);
    }
}

static void server_start(struct server *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(s->listener, (struct sockaddr *)&at, n), 0);
    ck_assert_int_eq(listen(s->listener, 5), 0);
    ck_assert_int_eq(getsockname(s->listener, (struct sockaddr *)&at, &n), 0);
    s->port = ntohs(at.sin_port);
    ck_assert_int_eq(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_stop(struct server *s)
{
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->listener);
}

TEST(post_sends_and_receives)
{
    static struct server s = {.reply = "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n"
                                       "X-Empty:\r\nContent-Length: 5\r\n\r\nhello"};
    struct arena a;
    struct err e = ERR_INIT;
    struct net_reply reply;
    arena_init(&a, 1 << 22);
    server_start(&s);
    struct sv url = arena_printf(&a, "http://127.0.0.1:%d/tsa?k=v", s.port);
    ASSERT_OK(net_post(&a, url, SV("application/timestamp-query"), SV("a\0b"), 5000, &reply, &e), e);
    server_stop(&s);
    ck_assert_int_eq(reply.status, 200);
    ASSERT_SV(reply.body, SV("hello"));
    ASSERT_SV(net_reply_header(&reply, SV("content-type")), SV("application/timestamp-reply"));
    struct sv heard = sv_of(s.heard, s.heard_n);
    ck_assert(sv_starts(heard, SV("POST /tsa?k=v HTTP/1.1\r\n")));
    ck_assert(sv_find(heard, SV("Content-Type: application/timestamp-query\r\n")) != SIZE_MAX);
    ck_assert(sv_ends(heard, SV("\r\n\r\na\0b")));
    ck_assert(sv_find(heard, SV("Expect")) == SIZE_MAX);
    arena_done(&a);
}

static void expect(const char *reply, struct net_request r, enum err_code code, const char *reason)
{
    static struct server s;
    struct arena a;
    struct err e = ERR_INIT;
    struct net_reply got;
    arena_init(&a, 1 << 22);
    s = (struct server){.reply = reply};
    server_start(&s);
    r.url = arena_printf(&a, "http://127.0.0.1:%d/x?secret=1", s.port);
    bool ok = net_http(&a, &r, &got, &e);
    server_stop(&s);
    ck_assert_msg(ok == (code == ERR_NONE), "%s", e.msg);
    ck_assert_int_eq(e.code, code);
    ck_assert_str_eq(e.reason, reason);
    ck_assert_ptr_null(strstr(e.msg, "secret"));
    arena_done(&a);
}

TEST(failures_have_names)
{
    expect(NULL, (struct net_request){.total_ms = 300}, ERR_TIMEOUT, "net_timeout");
    expect("HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\nshort", (struct net_request){0}, ERR_UNAVAILABLE,
           "net_unavailable");
    expect("HTTP/1.1 200 OK\r\n\r\n0123456789", (struct net_request){.reply_limit = 9}, ERR_TOO_LARGE, "net_too_large");
    expect("HTTP/1.1 200 OK\r\n\r\n0123456789", (struct net_request){.reply_limit = 10}, ERR_NONE, "");
    expect("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", (struct net_request){0}, ERR_NONE, "");
    expect("HTTP/1.1 302 Found\r\nLocation: /x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
           (struct net_request){.redirects = 2}, ERR_REFUSED, "net_refused");
    expect("HTTP/1.1 302 Found\r\nLocation: file:///etc/hosts\r\nContent-Length: 0\r\n\r\n",
           (struct net_request){.redirects = 2}, ERR_BAD_INPUT, "net_bad_url");
}

/* The process is to end: a service that does not answer must not hold it up. */
TEST(a_call_can_be_broken_off)
{
    static struct server s; /* never answers */
    struct arena a;
    struct err e = ERR_INIT;
    struct net_reply reply;
    atomic_bool stop = true;
    arena_init(&a, 1 << 22);
    server_start(&s);
    struct net_request r = {.url = arena_printf(&a, "http://127.0.0.1:%d/", s.port), .total_ms = 60000, .stop = &stop};
    int64_t since = clock_monotonic_us();
    ck_assert(!net_http(&a, &r, &reply, &e));
    ck_assert_int_eq(e.code, ERR_UNAVAILABLE);
    ck_assert_int_lt(clock_monotonic_us() - since, 20 * 1000000);
    server_stop(&s);
    arena_done(&a);
}

TEST(nobody_listens)
{
    struct arena a;
    struct err e = ERR_INIT;
    struct net_reply reply;
    arena_init(&a, 1 << 22);
    ck_assert(!net_http(&a, &(struct net_request){.url = SV("http://127.0.0.1:1/")}, &reply, &e));
    ck_assert_int_eq(e.code, ERR_UNAVAILABLE);
    ck_assert_str_eq(e.reason, "net_unavailable");
    arena_done(&a);
}

TEST(addresses_that_are_refused)
{
    static const char *const bad[] = {"",          "ftp://x/",    "file:///etc/passwd", "http://",
                                      "http:///x", "http://a b/", "http://a/\r\nX: y",  "http://u:p@a/"};
    struct arena a;
    struct net_reply reply;
    arena_init(&a, 1 << 22);
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct err e = ERR_INIT;
        ck_assert(!net_http(&a, &(struct net_request){.url = sv_from(bad[i])}, &reply, &e));
        ck_assert_str_eq(e.reason, "net_bad_url");
    }
    struct err e = ERR_INIT;
    struct net_header evil = {SV("X"), SV("a\r\nY: b")};
    struct net_request r = {.url = SV("http://127.0.0.1:1/"), .headers = &evil, .headers_n = 1};
    ck_assert(!net_http(&a, &r, &reply, &e));
    ck_assert_int_eq(e.code, ERR_BAD_INPUT);
    arena_done(&a);
}

TEST(the_environment_gives_no_proxy)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    expect("HTTP/1.1 204 No Content\r\n\r\n", (struct net_request){0}, ERR_NONE, "");
}

static struct net_mail mail_to(struct arena *a, const struct server *s)
{
    return (struct net_mail){.server = arena_printf(a, "smtp://127.0.0.1:%d", s->port),
                             .from = SV("robot@example.com"),
                             .from_name = SV("清易签"),
                             .to = SV("zhang@example.com"),
                             .subject = SV("您有一份劳动合同待签署,请在三日内通过手机打开链接阅读并签署"),
                             .text = SV(".\r\n您好"),
                             .message_id = SV("<1@example.com>"),
                             .date_ms = 1772352000000,
                             .total_ms = 5000};
}

TEST(mail_is_sent)
{
    static struct server s = {.smtp = true};
    struct arena a;
    struct err e = ERR_INIT;
    arena_init(&a, 1 << 22);
    server_start(&s);
    struct net_mail m = mail_to(&a, &s);
    ASSERT_OK(net_mail_send(&m, &e), e);
    server_stop(&s);
    struct sv heard = sv_of(s.heard, s.heard_n);
    ck_assert(sv_find(heard, SV("MAIL FROM:<robot@example.com>\r\n")) != SIZE_MAX);
    ck_assert(sv_find(heard, SV("RCPT TO:<zhang@example.com>\r\n")) != SIZE_MAX);
    ck_assert(sv_find(heard, SV("Date: Sun, 01 Mar 2026 08:00:00 +0000\r\n")) != SIZE_MAX);
    ck_assert(sv_find(heard, SV("From: =?UTF-8?B?5riF5piT562+?= <robot@example.com>\r\n")) != SIZE_MAX);
    ck_assert(sv_find(heard, SV("?=\r\n =?UTF-8?B?")) != SIZE_MAX);
    ck_assert(sv_find(heard, SV("\r\n\r\nLg0K5oKo5aW9\r\n.\r\n")) != SIZE_MAX);
    for (struct sv rest = heard; rest.n;)
        ck_assert_uint_le(sv_cut(&rest, '\n').n, 78);
    arena_done(&a);
}

TEST(mail_refused_for_good_or_for_now)
{
    static const struct {
        int answer;
        enum err_code code;
    } cases[] = {
            {550, ERR_REFUSED    },
            {451, ERR_UNAVAILABLE}
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        static struct server s;
        struct arena a;
        struct err e = ERR_INIT;
        arena_init(&a, 1 << 22);
        s = (struct server){.smtp = true, .smtp_refuse = cases[i].answer};
        server_start(&s);
        struct net_mail m = mail_to(&a, &s);
        ck_assert(!net_mail_send(&m, &e));
        server_stop(&s);
        ck_assert_int_eq(e.code, cases[i].code);
        arena_done(&a);
    }
}

TEST(mail_addresses_are_checked)
{
    static const char *const bad[] = {"", "a", "@b", "a@", "a@b>\r\nRCPT TO:<c@d", "a b@c", "a@b@c", "<a@b>"};
    struct net_mail m = {.server = SV("smtp://127.0.0.1:1"), .from = SV("a@b"), .subject = SV("s"), .text = SV("t")};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct err e = ERR_INIT;
        m.to = sv_from(bad[i]);
        ck_assert(!net_mail_send(&m, &e));
        ck_assert_int_eq(e.code, ERR_BAD_INPUT);
    }
    struct err e = ERR_INIT;
    m.to = SV("c@d");
    m.subject = SV("x\r\nBcc: y@z");
    ck_assert(!net_mail_send(&m, &e));
    ck_assert_int_eq(e.code, ERR_BAD_INPUT);
}
