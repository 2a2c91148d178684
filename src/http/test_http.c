/* What routes promise, asked over a socket. */
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "http/test_server.h"

#define JSON_TYPE "Content-Type: application/json\r\n"
#define HR        "Cookie: session=hr\r\nX-QYQ-CSRF: token-hr\r\n"

struct fixture {
    struct http_server *s;
    struct arena a;
    int port;
};

static struct fixture begin(void)
{
    struct http_config c = test_config();
    struct fixture f = {.s = test_start(&c)};
    f.port = http_port(f.s);
    arena_init(&f.a, (size_t)64 << 20);
    return f;
}

static void end(struct fixture *f)
{
    http_stop(f->s, 1000);
    arena_done(&f->a);
}

static struct sv ask(struct fixture *f, const char *method, const char *target, const char *headers, const char *body)
{
    return test_ask(&f->a, f->port, method, target, headers, sv_from(body));
}

/* "status reason field" of a reply. */
static struct sv outcome(struct fixture *f, struct sv reply)
{
    struct err e = ERR_INIT;
    const struct json_value *v;
    if (!json_read(&f->a, test_body(reply), 1 << 20, &v, &e))
        return arena_printf(&f->a, "%d", test_status(reply));
    v = json_get(v, SV("error"));
    struct sv reason = json_get_text(v, SV("reason")), field = json_get_text(v, SV("field"));
    return arena_printf(&f->a, "%d %.*s %.*s", test_status(reply), SV_ARG(reason), SV_ARG(field));
}

TEST(a_good_request)
{
    struct fixture f = begin();
    struct sv got = ask(&f, "POST", "/api/v1/people", HR JSON_TYPE, "{\"name\":\"张三\",\"age\":30}");
    ck_assert_int_eq(test_status(got), 201);
    ASSERT_SV(test_body(got), SV("{\"name\":\"张三\",\"age\":30}"));
    ASSERT_SV(test_header(got, SV("Content-Type")), SV("application/json"));
    ASSERT_SV(test_header(got, SV("Cache-Control")), SV("no-store"));
    ASSERT_SV(test_header(got, SV("X-Content-Type-Options")), SV("nosniff"));
    ASSERT_HAS(test_header(got, SV("Content-Security-Policy")), "frame-ancestors 'none'");
    ck_assert_uint_eq(test_header(got, SV("X-Request-Id")).n, ID_LEN);
    ck_assert_int_eq(test_app.calls, 1);
    end(&f);
}

TEST(parameters_of_path_query_and_cookie)
{
    struct fixture f = begin();
    struct sv got = ask(&f, "GET", "/api/v1/people/a%2Fb%20c?q=%E5%BC%A0+x&page=7&lang=en",
                        "Cookie: a=1; session=hr; c=cookie\r\n", NULL);
    ASSERT_SV(test_body(got), SV("{\"id\":\"a/b c\",\"text\":\"张 x\",\"more\":\"cookie\",\"n\":7}"));
    got = ask(&f, "GET", "/api/v1/people/new", "", NULL);
    ASSERT_SV(test_body(got), SV("literal"));
    end(&f);
}

TEST(refusals_have_reasons)
{
    /* clang-format off */
    static const struct {
        const char *method, *target, *headers, *body, *want;
    } cases[] = {
            {"POST", "/api/v1/people", HR JSON_TYPE, "{\"name\":\"a\",\"x\":1}", "400 json_unknown_field /x"},
            {"POST", "/api/v1/people", HR JSON_TYPE, "{\"name\":1}", "400 json_type /name"},
            {"POST", "/api/v1/people", HR JSON_TYPE, "{\"name\":\"\"}", "400 json_too_short /name"},
            {"POST", "/api/v1/people", HR JSON_TYPE, "{\"name\":\"12345678901\"}", "400 json_too_long /name"},
            {"POST", "/api/v1/people", HR JSON_TYPE, "{\"name\":\"a\",\"age\":15}", "400 json_range /age"},
            {"POST", "/api/v1/people", HR JSON_TYPE, "{\"name\":\"a\",\"name\":\"b\"}", "400 json_duplicate "},
            {"POST", "/api/v1/people", HR JSON_TYPE, "{}", "400 json_missing /name"},
            {"POST", "/api/v1/people", HR JSON_TYPE, "", "400 json_syntax "},
            {"POST", "/api/v1/people", HR JSON_TYPE, "{\"name\":\"\xff\"}", "400 json_not_utf8 "},
            {"POST", "/api/v1/people", HR JSON_TYPE,
             "{\"name\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
             "400 json_too_deep "},
            {"POST", "/api/v1/people", HR JSON_TYPE, "{\"name\":\"taken\"}", "409 no_words_for_this /name"},
            {"POST", "/api/v1/people", HR, "{\"name\":\"a\"}", "415 http_media_type "},
            {"POST", "/api/v1/people", HR "Content-Type: text/plain\r\n", "{\"name\":\"a\"}", "415 http_media_type "},
            {"POST", "/api/v1/people", HR "Content-Type: application/json; charset=utf-8\r\n", "{\"name\":\"a\"}",
             "201  "},
            {"POST", "/api/v1/people", JSON_TYPE, "{\"name\":\"a\"}", "401 http_login "},
            {"POST", "/api/v1/people", JSON_TYPE "Cookie: session=stale\r\n", "{\"name\":\"a\"}", "401 http_login "},
            {"POST", "/api/v1/people", JSON_TYPE "Cookie: session=clerk\r\nX-QYQ-CSRF: token-c\r\n", "{\"name\":\"a\"}",
             "403 http_forbidden "},
            {"GET", "/api/v1/me", "", NULL, "401 http_login "},
            {"GET", "/api/v1/me", "Cookie: session=clerk\r\n", NULL, "200"},
            {"GET", "/api/v1/none", HR, NULL, "404 http_not_found "},
            {"GET", "/api/v1/people/", HR, NULL, "404 http_not_found "},
            {"GET", "/api/v1/people/%00", HR, NULL, "404 http_not_found "},
            {"GET", "/api/v1/people/%ff", HR, NULL, "404 http_not_found "},
            {"GET", "/api/v1/people/a/b", HR, NULL, "404 http_not_found "},
            {"PUT", "/api/v1/people", HR, "", "405 http_method "},
            {"TRACE", "/api/v1/people", HR, NULL, "405 http_method "},
            {"GET", "/api/v1/people/1?page=0", HR, NULL, "400 http_query ?page"},
            {"GET", "/api/v1/people/1?page=x", HR, NULL, "400 http_query ?page"},
            {"GET", "/api/v1/people/1?page=1&page=2", HR, NULL, "400 http_query ?page"},
            {"GET", "/api/v1/people/1?other=2", HR, NULL, "400 http_query ?other"},
            {"GET", "/api/v1/people/1?q=123456", HR, NULL, "400 http_query ?q"},
            {"GET", "/api/v1/people/1?from=2026-13-01", HR, NULL, "400 http_query ?from"},
            {"GET", "/api/v1/people/1?all=yes", HR, NULL, "400 http_query ?all"},
            {"GET", "/api/v1/people/1?order=size", HR, NULL, "400 http_query ?order"},
            {"GET", "/api/v1/people/1?order=age&all=true&from=2026-01-01&page=", HR, NULL, "200  "},
            {"GET", "/api/v1/people/1?q=%ff", HR, NULL, "400 http_query ?"},
            {"POST", "/api/v1/login", "", "{\"a\":1}", "400 http_bad_request "},
            {"POST", "/api/v1/login", "", "{}", "204"},
            {"POST", "/api/v1/login", "", "12345678901234567", "413 http_too_large "},
    };
    /* clang-format on */
    struct fixture f = begin();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sv got = ask(&f, cases[i].method, cases[i].target, cases[i].headers, cases[i].body);
        struct sv was = outcome(&f, got);
        ck_assert_msg(sv_eq(was, sv_from(cases[i].want)), "%zu: %s %s %s: got \"%.*s\", want \"%s\"", i,
                      cases[i].method, cases[i].target, cases[i].body, SV_ARG(was), cases[i].want);
        ASSERT_LACKS(got, "secret");
    }
    end(&f);
}

TEST(cross_site_requests_are_refused)
{
    /* clang-format off */
    static const struct {
        const char *headers;
        int status;
    } cases[] = {
            {HR, 201},
            {"Authorization: Bearer hr\r\n", 201}, /* no cookie, nothing a page elsewhere could borrow */
            {"Cookie: session=hr\r\n", 403},
            {"Cookie: session=hr\r\nX-QYQ-CSRF:\r\n", 403},
            {"Cookie: session=hr\r\nX-QYQ-CSRF: token-h\r\n", 403},
            {"Cookie: session=hr\r\nX-QYQ-CSRF: token-hrx\r\n", 403},
            {"Cookie: session=hr\r\nX-QYQ-CSRF: token-c\r\n", 403},
            {HR "Sec-Fetch-Site: same-origin\r\n", 201},
            {HR "Sec-Fetch-Site: cross-site\r\n", 403},
            {HR "Sec-Fetch-Site: same-site\r\n", 403},
            {HR "Origin: https://evil.example\r\n", 403},
            {HR "Origin: null\r\n", 403},
    };
    /* clang-format on */
    struct fixture f = begin();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sv headers = arena_concat(&f.a, sv_from(cases[i].headers), SV(JSON_TYPE));
        int status = test_status(ask(&f, "POST", "/api/v1/people", arena_cstr(&f.a, headers), "{\"name\":\"a\"}"));
        ck_assert_msg(status == cases[i].status, "%s: %d", cases[i].headers, status);
    }
    struct sv same = arena_printf(&f.a, HR JSON_TYPE "Origin: http://localhost:%d\r\n", f.port);
    ck_assert_int_eq(test_status(ask(&f, "POST", "/api/v1/people", same.p, "{\"name\":\"a\"}")), 201);
    /* logging somebody in as the attacker is refused too; a hook of another server is not */
    ck_assert_int_eq(test_status(ask(&f, "POST", "/api/v1/login", "Sec-Fetch-Site: cross-site\r\n", "")), 403);
    ck_assert_int_eq(test_status(ask(&f, "POST", "/api/v1/hook", "Origin: https://ca.example\r\n", "")), 204);
    end(&f);
}

/* The body is announced but never sent: the refusal must come at once, and the handler must not run. */
TEST(refusal_comes_before_the_body)
{
    /* clang-format off */
    static const struct {
        const char *head;
        int status;
    } cases[] = {
            {"POST /api/v1/people HTTP/1.1\r\nHost: x\r\n" JSON_TYPE "Content-Length: 100\r\n\r\n", 401},
            {"POST /api/v1/people HTTP/1.1\r\nHost: x\r\n" JSON_TYPE "Cookie: session=hr\r\nContent-Length: 9\r\n\r\n",
             403},
            {"POST /api/v1/people HTTP/1.1\r\nHost: x\r\n" JSON_TYPE HR "Content-Length: 999999999\r\n\r\n", 413},
            {"POST /api/v1/pdf HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\nContent-Length: 300000000\r\n"
             "Expect: 100-continue\r\n\r\n",
             413},
            {"POST /api/v1/pdf HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 3\r\n\r\n", 415},
            {"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 300000000\r\n\r\n", 404},
    };
    /* clang-format on */
    struct fixture f = begin();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sv got = test_raw(&f.a, f.port, sv_from(cases[i].head));
        ck_assert_msg(test_status(got) == cases[i].status, "%s\n%.*s", cases[i].head, SV_ARG(got));
    }
    ck_assert_int_eq(test_app.calls, 0);
    end(&f);
}

TEST(methods_and_options)
{
    struct fixture f = begin();
    struct sv got = ask(&f, "PATCH", "/api/v1/people/7", HR, "");
    ck_assert_int_eq(test_status(got), 405);
    ASSERT_SV(test_header(got, SV("Allow")), SV("OPTIONS, GET, HEAD, DELETE"));
    got = ask(&f, "OPTIONS", "/api/v1/people/7", "", NULL);
    ck_assert_int_eq(test_status(got), 204);
    ASSERT_SV(test_header(got, SV("Allow")), SV("OPTIONS, GET, HEAD, DELETE"));
    ck_assert_int_eq(test_status(ask(&f, "OPTIONS", "/nowhere", "", NULL)), 404);
    got = ask(&f, "HEAD", "/api/v1/people/new", "", NULL);
    ck_assert_int_eq(test_status(got), 200);
    ASSERT_SV(test_header(got, SV("Content-Length")), SV("7"));
    ASSERT_SV(test_body(got), SV(""));
    end(&f);
}

TEST(messages_follow_the_language)
{
    struct fixture f = begin();
    ASSERT_HAS(ask(&f, "GET", "/api/v1/me", "", NULL), "您还没有登录");
    ASSERT_HAS(ask(&f, "GET", "/api/v1/me", "Accept-Language: en-US,en;q=0.9\r\n", NULL), "You are not logged in");
    ASSERT_HAS(ask(&f, "GET", "/api/v1/me?lang=en", "Accept-Language: zh-CN\r\n", NULL), "You are not logged in");
    ASSERT_HAS(ask(&f, "GET", "/api/v1/me", "Accept-Language: fr\r\n", NULL), "您还没有登录");
    end(&f);
}

TEST(failures_tell_nothing_of_the_inside)
{
    struct fixture f = begin();
    struct sv got = ask(&f, "GET", "/api/v1/fail", "", NULL);
    ck_assert_int_eq(test_status(got), 500);
    ASSERT_LACKS(got, "hunter2");
    ASSERT_LACKS(got, "X-Half");
    ASSERT_HAS(got, "\"code\":\"CORRUPT\"");
    struct sv id = test_header(got, SV("X-Request-Id"));
    ck_assert(sv_find(test_body(got), id) != SIZE_MAX);
    test_app.broken = true;
    got = ask(&f, "GET", "/api/v1/me", "", NULL);
    ck_assert_int_eq(test_status(got), 503);
    ASSERT_SV(test_header(got, SV("Retry-After")), SV("5"));
    end(&f);
}

TEST(files_and_cookies)
{
    struct fixture f = begin();
    struct sv got = ask(&f, "POST", "/api/v1/pdf", "Content-Type: application/pdf\r\n", "%PDF-1.7");
    ASSERT_SV(test_body(got), SV("%PDF-1.7"));
    ASSERT_SV(test_header(got, SV("Content-Disposition")),
              SV("attachment; filename=\"____________ _1_.pdf\"; "
                 "filename*=UTF-8''%E5%8A%B3%E5%8A%A8%E5%90%88%E5%90%8C%20%221%22.pdf"));
    ASSERT_SV(test_header(got, SV("ETag")), SV("\"abc\""));
    got = ask(&f, "POST", "/api/v1/pdf", "Content-Type: application/pdf\r\nIf-None-Match: \"x\", W/\"abc\"\r\n",
              "%PDF");
    ck_assert_int_eq(test_status(got), 304);
    got = ask(&f, "POST", "/api/v1/login", "", "");
    ASSERT_SV(test_header(got, SV("Set-Cookie")), SV("session=hr; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600"));
    end(&f);
    struct http_config c = test_config();
    c.trust_proxy = true;
    f = (struct fixture){.s = test_start(&c)};
    f.port = http_port(f.s);
    arena_init(&f.a, 1 << 24);
    got = ask(&f, "POST", "/api/v1/login", "X-Forwarded-Proto: https\r\n", "");
    ck_assert(sv_ends(test_header(got, SV("Set-Cookie")), SV("; Secure")));
    ck_assert_uint_gt(test_header(got, SV("Strict-Transport-Security")).n, 0);
    end(&f);
}

#define FORM "Content-Type: multipart/form-data; boundary=\"b 1\"\r\n"
#define PART                                                                                                           \
    "--b 1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"合同%22.pdf\"\r\nContent-Type: a/b\r\n\r\n"

TEST(multipart_bodies)
{
    /* clang-format off */
    static const struct {
        const char *body, *want;
    } cases[] = {
            {PART "12\r\n--b 2\r\n\r\n--b 1--\r\n", "200"},
            {PART "\r\n--b 1--", "200"},
            {PART "x\r\n--b 1 \t\r\ncontent-disposition: form-data; name=other\r\n\r\ny\r\n--b 1--", "200"},
            {"--b 1\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n--b 1--", "400 json_missing /file"},
            {"", "400 http_multipart "},
            {"--b 1--", "400 json_missing /file"},
            {"--b 1", "400 http_multipart "},
            {"--b 1\r\n", "400 http_multipart "},
            {"--b 1\r\n\r\n", "400 http_multipart "},
            {"--b 1x\r\n", "400 http_multipart "},
            {PART "no end", "400 http_multipart "},
            {PART "x\r\n--b 1", "400 http_multipart "},
            {"--b 1\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b 1--", "400 http_multipart "},
            {"--b 1\r\nContent-Disposition: form-data; name=\"x\r\n\r\nx\r\n--b 1--", "400 http_multipart "},
            {"--b 1\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\nx\r\n--b 1--", "400 http_multipart "},
    };
    /* clang-format on */
    struct fixture f = begin();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sv got = ask(&f, "POST", "/api/v1/form", FORM, cases[i].body);
        struct sv was = outcome(&f, got);
        ck_assert_msg(sv_starts(was, sv_from(cases[i].want)), "%zu: %.*s", i, SV_ARG(was));
    }
    struct sv got = ask(&f, "POST", "/api/v1/form", FORM, cases[0].body);
    ASSERT_SV(test_body(got), SV("{\"id\":\"file\",\"text\":\"合同\\\".pdf\",\"more\":\"a/b\",\"n\":11}"));
    got = ask(&f, "POST", "/api/v1/form", "Content-Type: multipart/form-data\r\n", cases[0].body);
    ck_assert_int_eq(test_status(got), 400);
    struct buf many;
    buf_init(&many, 99000);
    for (int i = 0; i < 40; i++)
        buf_add(&many, SV("--b 1\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n"));
    buf_add(&many, SV("--b 1--"));
    ck_assert_int_eq(test_status(test_ask(&f.a, f.port, "POST", "/api/v1/form", FORM, buf_sv(&many))), 400);
    buf_done(&many);
    end(&f);
}

/* Every prefix and a broken byte at each place: no crash, no 5xx. */
TEST(multipart_damage)
{
    static const char whole[] = PART "12\r\n--b 1\r\nContent-Disposition: form-data; name=b\r\n\r\n\r\n--b 1--\r\n";
    struct fixture f = begin();
    for (size_t n = 0; n < sizeof(whole); n += 3) {
        struct sv cut = {whole, n};
        int status = test_status(test_ask(&f.a, f.port, "POST", "/api/v1/form", FORM, cut));
        ck_assert_msg(status == 200 || status == 400 || status == 429, "%zu: %d", n, status);
    }
    end(&f);
}

TEST(pages)
{
    struct fixture f = begin();
    struct sv got = ask(&f, "GET", "/", "", NULL);
    ck_assert_int_eq(test_status(got), 302);
    ASSERT_SV(test_header(got, SV("Location")), SV("/console/"));
    ASSERT_SV(test_header(ask(&f, "GET", "/console", "", NULL), SV("Location")), SV("/console/"));
    static const char *const index[] = {"/console/", "/console/index.html", "/console/contracts/7", "/console/a/"};
    for (size_t i = 0; i < COUNT(index); i++) {
        got = ask(&f, "GET", index[i], "", NULL);
        ASSERT_SV(test_body(got), SV("<html>index</html>"));
        ASSERT_SV(test_header(got, SV("Content-Type")), SV("text/html; charset=utf-8"));
        ASSERT_SV(test_header(got, SV("Cache-Control")), SV("no-cache"));
        ASSERT_HAS(test_header(got, SV("Content-Security-Policy")), "script-src 'self';");
        ASSERT_HAS(test_header(got, SV("Content-Security-Policy")), "frame-ancestors 'none'");
    }
    struct sv etag = test_header(got, SV("ETag"));
    struct sv again = arena_printf(&f.a, "If-None-Match: %.*s\r\n", SV_ARG(etag));
    ck_assert_int_eq(test_status(ask(&f, "GET", "/console/", again.p, NULL)), 304);
    got = ask(&f, "GET", "/assets/app-BgX3k_9-.js", "", NULL);
    ASSERT_SV(test_body(got), SV("let x"));
    ASSERT_SV(test_header(got, SV("Cache-Control")), SV("public, max-age=31536000, immutable"));
    got = ask(&f, "GET", "/assets/pdfjs/GBK-EUC-H.bcmap", "", NULL);
    ASSERT_SV(test_header(got, SV("Cache-Control")), SV("no-cache"));
    ck_assert_int_eq(test_status(ask(&f, "GET", "/assets/gone", "", NULL)), 404);
    ck_assert_int_eq(test_status(ask(&f, "GET", "/console/gone.js", "", NULL)), 404);
    ck_assert_int_eq(test_status(ask(&f, "GET", "/console/../h5/index.html", "", NULL)), 404);
    ck_assert_int_eq(test_status(ask(&f, "GET", "/elsewhere", "", NULL)), 404);
    ck_assert_int_eq(test_status(ask(&f, "POST", "/console/", "", "")), 404);
    end(&f);
}

TEST(the_interface_describes_itself)
{
    struct fixture f = begin();
    struct err e = ERR_INIT;
    const struct json_value *v, *paths;
    struct sv got = ask(&f, "GET", "/api/openapi.json", "", NULL);
    ck_assert_int_eq(test_status(got), 200);
    ASSERT_OK(json_read(&f.a, test_body(got), 1 << 22, &v, &e), e);
    ASSERT_SV(json_get_text(v, SV("openapi")), SV("3.0.3"));
    paths = json_get(v, SV("paths"));
    size_t operations = 0;
    for (size_t i = 0; i < json_count(paths); i++) {
        for (size_t j = 0; j < json_count(json_at(paths, i)); j++) {
            const struct json_value *op = json_at(json_at(paths, i), j);
            ck_assert_uint_gt(json_get_text(op, SV("operationId")).n, 0);
            ck_assert_uint_gt(json_count(json_get(op, SV("responses"))), 1);
            operations++;
        }
    }
    ck_assert_uint_eq(operations, test_tables[0].n + 4);
    const struct json_value *get = json_find(v, SV("/paths/~1api~1v1~1people~1{id}/get"));
    ASSERT_SV(json_get_text(get, SV("operationId")), SV("getPerson"));
    ck_assert_uint_eq(json_count(json_get(get, SV("parameters"))), 6);
    ck_assert_ptr_nonnull(json_find(v, SV("/paths/~1api~1v1~1people~1{id}/delete")));
    const struct json_value *allow = json_get(get, SV("x-qyq-allow"));
    ck_assert_uint_eq(json_count(allow), 2);
    ASSERT_SV(json_text_of(json_at(allow, 0)), SV("hr"));
    ASSERT_SV(json_text_of(json_at(allow, 1)), SV("clerk"));
    ASSERT_SV(json_text_of(json_find(v, SV("/paths/~1api~1v1~1people/post/requestBody/content/application~1json/schema/"
                                           "$ref"))),
              SV("#/components/schemas/Person"));
    ck_assert_ptr_nonnull(json_find(v, SV("/paths/~1api~1v1~1people/post/responses/201")));
    ck_assert_ptr_nonnull(json_find(v, SV("/components/schemas/Person/properties/age")));
    ck_assert_ptr_nonnull(json_find(v, SV("/components/schemas/Error")));
    end(&f);
}

static bool nothing_h(struct request *r, struct reply *reply, struct err *e)
{
    (void)r, (void)reply, (void)e;
    return true;
}

TEST(bad_tables_do_not_start)
{
    static const struct json_field none[] = {JSON_END};
    static const struct json_schema a1 = {.name = "A", .fields = none}, a2 = {.name = "A", .fields = none};
    /* clang-format off */
    static const struct {
        struct http_route rows[2];
        const char *why;
    } cases[] = {
            {{{HTTP_GET, "/a", "a", 0, nothing_h}, {HTTP_GET, "/b", "b", 1, nothing_h}}, "nobody"},
            {{{HTTP_GET, "/a", "a", 1, NULL}, {HTTP_GET, "/b", "b", 1, nothing_h}}, "no handler"},
            {{{HTTP_GET, "/a", "a", 1, nothing_h}, {HTTP_GET, "/b", "a", 1, nothing_h}}, "used twice"},
            {{{HTTP_GET, "/a/{x}", "a", 1, nothing_h}, {HTTP_GET, "/a/{x}", "b", 1, nothing_h}}, "same method"},
            {{{HTTP_GET, "/a/{x}", "a", 1, nothing_h}, {HTTP_PUT, "/a/{y}", "b", 1, nothing_h}}, "differently"},
            {{{HTTP_GET, "a", "a", 1, nothing_h}, {HTTP_GET, "/b", "b", 1, nothing_h}}, "no path"},
            {{{HTTP_GET, "/a//b", "a", 1, nothing_h}, {HTTP_GET, "/b", "b", 1, nothing_h}}, "segment"},
            {{{HTTP_GET, "/a", "a", 1, nothing_h, .in = &a1}, {HTTP_GET, "/b", "b", 1, nothing_h}}, "body"},
            {{{HTTP_PUT, "/a", "a", 1, nothing_h, .in = &a1}, {HTTP_PUT, "/b", "b", 1, nothing_h, .in = &a2}},
             "two schemas"},
            {{{HTTP_GET, "/healthz", "a", 1, nothing_h}, {HTTP_GET, "/b", "b", 1, nothing_h}}, "same method"},
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct http_table table = {cases[i].rows, 2};
        struct http_config c = {.tables = &table, .tables_n = 1};
        struct http_server *s = NULL;
        struct err e = ERR_INIT;
        ck_assert_msg(!http_start(&c, &s, &e), "case %zu started", i);
        ck_assert_msg(strstr(e.msg, cases[i].why) != NULL, "case %zu: %s", i, e.msg);
    }
}

TEST(an_address_in_use_is_named)
{
    struct fixture f = begin();
    struct http_config c = test_config();
    struct http_server *s = NULL;
    struct err e = ERR_INIT;
    c.port = f.port;
    ck_assert(!http_start(&c, &s, &e));
    ck_assert_int_eq(e.code, ERR_UNAVAILABLE);
    c.address = "not an address";
    ck_assert(!http_start(&c, &s, &e));
    ck_assert_int_eq(e.code, ERR_BAD_INPUT);
    end(&f);
}

static bool not_ready(void *app, struct err *e)
{
    (void)app;
    return err_set(e, ERR_IO, "disk is gone");
}

static void more_metrics(void *app, struct buf *b)
{
    (void)app;
    buf_add(b, SV("qyq_more 1\n"));
}

TEST(health_and_metrics)
{
    struct http_config c = test_config();
    c.ready = not_ready;
    c.metrics = more_metrics;
    struct fixture f = {.s = test_start(&c)};
    f.port = http_port(f.s);
    arena_init(&f.a, 1 << 24);
    ck_assert_int_eq(test_status(ask(&f, "GET", "/healthz", "", NULL)), 200);
    struct sv got = ask(&f, "GET", "/readyz", "", NULL);
    ck_assert_int_eq(test_status(got), 503);
    ASSERT_LACKS(got, "disk");
    ask(&f, "GET", "/api/v1/me", "", NULL);
    ask(&f, "GET", "/nowhere", "", NULL);
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    got = ask(&f, "GET", "/metrics", "", NULL);
    ASSERT_HAS(got, "qyq_http_requests_total{operation=\"me\",method=\"GET\",status=\"4xx\"} 1\n");
    ASSERT_HAS(got, "qyq_http_requests_total{operation=\"none\",method=\"any\",status=\"4xx\"} 1\n");
    ASSERT_HAS(got, "qyq_http_request_seconds_bucket{operation=\"me\",le=\"+Inf\"} 1\n");
    ASSERT_HAS(got, "qyq_http_running 1\n");
    ASSERT_HAS(got, "qyq_more 1\n");
    end(&f);
}

TEST(log_in_is_limited_by_address)
{
    struct http_config c = test_config();
    c.rates[HTTP_RATE_LOGIN] = (struct http_rate_rule){0.001, 3};
    c.trust_proxy = true;
    struct fixture f = {.s = test_start(&c)};
    f.port = http_port(f.s);
    arena_init(&f.a, 1 << 24);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(test_status(ask(&f, "POST", "/api/v1/login", "X-Real-IP: 10.0.0.1\r\n", "")), 204);
    struct sv got = ask(&f, "POST", "/api/v1/login", "X-Real-IP: 10.0.0.1\r\n", "");
    ASSERT_SV(outcome(&f, got), SV("429 http_rate "));
    ck_assert_int_eq(test_status(ask(&f, "POST", "/api/v1/login", "X-Real-IP: 10.0.0.2\r\n", "")), 204);
    end(&f);
}

TEST(event_streams)
{
    struct http_config c = test_config();
    c.streams = 1;
    struct fixture f = {.s = test_start(&c)};
    f.port = http_port(f.s);
    arena_init(&f.a, 1 << 24);
    struct sv got = ask(&f, "GET", "/api/v1/events", "", NULL);
    ASSERT_SV(test_header(got, SV("Content-Type")), SV("text/event-stream"));
    ASSERT_HAS(got, "event: tick\nid: 7\ndata: line 1\ndata: line 2\n\n");
    /* a silent stream holds the only place until the server stops */
    int fd = test_connect(f.port);
    struct sv request = SV("GET /api/v1/silence HTTP/1.1\r\nHost: x\r\n\r\n");
    ck_assert_int_eq(write(fd, request.p, request.n), (ssize_t)request.n);
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    ASSERT_SV(outcome(&f, ask(&f, "GET", "/api/v1/events", "", NULL)), SV("503 http_busy "));
    int64_t before = clock_monotonic_us();
    end(&f);
    ck_assert_int_lt(clock_monotonic_us() - before, 900000);
    close(fd);
}

static void *ask_slow(void *ctx)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    int status = test_status(test_ask(&a, *(int *)ctx, "GET", "/api/v1/slow", "", (struct sv){0}));
    arena_done(&a);
    return (void *)(intptr_t)status;
}

TEST(slow_handlers_do_not_hold_up_quick_ones)
{
    pthread_t threads[8];
    struct fixture f = begin();
    for (size_t i = 0; i < COUNT(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_slow, &f.port), 0);
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    int64_t before = clock_monotonic_us();
    struct sv got = ask(&f, "GET", "/healthz", "", NULL);
    int64_t took = clock_monotonic_us() - before;
    ck_assert_int_eq(test_status(got), 200);
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *status;
        pthread_join(threads[i], &status);
        ck_assert_int_eq((intptr_t)status, 204);
    }
    ck_assert_msg(took < 200000, "a quick request took %lld us beside slow ones", (long long)took);
    end(&f);
}

static void *stop(void *ctx)
{
    http_stop(ctx, 5000);
    return NULL;
}

TEST(stopping_lets_running_requests_end)
{
    pthread_t asker, stopper;
    void *status;
    struct fixture f = begin();
    pthread_create(&asker, NULL, ask_slow, &f.port);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    pthread_create(&stopper, NULL, stop, f.s);
    pthread_join(asker, &status);
    pthread_join(stopper, NULL);
    ck_assert_int_eq((intptr_t)status, 204);
    arena_done(&f.a);
}
