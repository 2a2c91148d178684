/* One HTTP exchange; see net.h. */
#include <string.h>

#include "net/net_priv.h"

#define HEADERS_MAX        200
#define REPLY_LIMIT        ((size_t)1 << 20)
#define REPLY_HEADER_BYTES ((size_t)256 << 10)

struct exchange {
    struct arena *a;
    struct buf body;
    struct net_header *headers;
    size_t headers_n, header_bytes;
    bool too_large;
};

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct exchange *x = ctx;
    buf_add_bytes(&x->body, p, size * n);
    x->too_large = !buf_ok(&x->body);
    return x->too_large ? 0 : size * n;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
    struct exchange *x = ctx;
    struct sv line = {p, size * n};
    x->header_bytes += line.n;
    if (x->headers_n == HEADERS_MAX || x->header_bytes > REPLY_HEADER_BYTES) {
        x->too_large = true;
        return 0;
    }
    if (sv_starts(line, SV("HTTP/"))) { /* a new reply: after 100 Continue or a redirect */
        x->headers_n = 0;
        buf_clear(&x->body);
    } else if (sv_find_char(line, ':') != SIZE_MAX) {
        struct sv name = sv_cut(&line, ':');
        x->headers[x->headers_n++] = (struct net_header){arena_sv(x->a, sv_trim(name)), arena_sv(x->a, sv_trim(line))};
    }
    return size * n;
}

static bool set_headers(struct arena *a, const struct net_request *r, struct curl_slist **list, struct err *e)
{
    for (size_t i = 0; i < r->headers_n; i++) {
        const struct net_header *h = &r->headers[i];
        if (h->name.n == 0 || !net_line_ok(h->name) || !net_line_ok(h->value))
            return err_set(e, ERR_BAD_INPUT, "a header holds control characters");
        /* "Name;" is how curl sends an empty value */
        struct sv line = h->value.n ? arena_printf(a, "%.*s: %.*s", SV_ARG(h->name), SV_ARG(h->value))
                                    : arena_printf(a, "%.*s;", SV_ARG(h->name));
        if (!net_slist_add(list, arena_cstr(a, line), e))
            return false;
    }
    return net_slist_add(list, "Expect:", e); /* no 100-continue: it costs a second with servers that ignore it */
}

/* For the log: without query, which may hold tokens. */
static const char *url_short(struct arena *a, struct sv url)
{
    return arena_cstr(a, sv_sub(sv_cut(&url, '?'), 0, 160));
}

static bool url_ok(struct sv url)
{
    struct sv rest = url;
    if (!net_line_ok(url) || sv_find_char(url, ' ') != SIZE_MAX)
        return false;
    if (sv_starts(url, SV("http://")))
        rest = sv_skip(url, 7);
    else if (sv_starts(url, SV("https://")))
        rest = sv_skip(url, 8);
    else
        return false;
    struct sv host = sv_cut(&rest, '/');
    return host.n > 0 && sv_find_char(host, '@') == SIZE_MAX; /* secrets have fields of their own */
}

static void set_request(CURL *h, struct arena *a, const struct net_request *r)
{
    curl_easy_setopt(h, CURLOPT_URL, arena_cstr(a, r->url));
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_REDIR_PROTOCOLS_STR, sv_starts(r->url, SV("https:")) ? "https" : "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, r->redirects > 0 ? 1L : 0L);
    curl_easy_setopt(h, CURLOPT_MAXREDIRS, (long)r->redirects);
    if (r->body.p || sv_eq(r->method, SV("POST"))) {
        curl_easy_setopt(h, CURLOPT_POST, 1L);
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, r->body.p ? r->body.p : "");
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
    }
    if (sv_eq(r->method, SV("HEAD")))
        curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
    else if (r->method.n)
        curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, arena_cstr(a, r->method));
    if (r->proxy.n)
        curl_easy_setopt(h, CURLOPT_PROXY, arena_cstr(a, r->proxy));
    if (r->user.n) {
        curl_easy_setopt(h, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(h, CURLOPT_USERNAME, arena_cstr(a, r->user));
        curl_easy_setopt(h, CURLOPT_PASSWORD, arena_cstr(a, r->password));
    }
}

static int on_progress(void *arg, curl_off_t down_total UNUSED, curl_off_t down UNUSED, curl_off_t up_total UNUSED,
                       curl_off_t up UNUSED)
{
    const struct net_request *r = arg;
    return atomic_load(r->stop);
}

static void set_stop(CURL *h, const struct net_request *r)
{
    if (!r->stop)
        return;
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, r);
}

bool net_http(struct arena *a, const struct net_request *r, struct net_reply *ret, struct err *e)
{
    if (!url_ok(r->url))
        return err_user(e, ERR_BAD_INPUT, "net_bad_url", NULL, "not an http or https address: %s",
                        url_short(a, r->url));
    CLEANUP(slist_done) struct curl_slist *list = NULL;
    if (!set_headers(a, r, &list, e))
        return err_wrap(e, "%s", url_short(a, r->url));
    CLEANUP(curl_done) CURL *h = net_handle(r->connect_ms, r->total_ms, r->ca_file, a);
    struct exchange x = {.a = a, .headers = arena_array(a, struct net_header, HEADERS_MAX)};
    buf_init(&x.body, r->reply_limit ? r->reply_limit : REPLY_LIMIT);
    set_request(h, a, r);
    set_stop(h, r);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, &x);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, &x);
    CURLcode code = curl_easy_perform(h);
    struct sv body = buf_to_arena(&x.body, a);
    buf_done(&x.body);
    if (x.too_large)
        return err_user(e, ERR_TOO_LARGE, "net_too_large", NULL, "%s: the reply passes the limit",
                        url_short(a, r->url));
    if (code != CURLE_OK)
        return net_fail(h, code, url_short(a, r->url), e);
    long status = 0;
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    *ret = (struct net_reply){(int)status, x.headers, x.headers_n, body};
    return true;
}

struct sv net_reply_header(const struct net_reply *r, struct sv name)
{
    for (size_t i = 0; i < r->headers_n; i++) {
        if (sv_eq_ci(r->headers[i].name, name))
            return r->headers[i].value;
    }
    return (struct sv){0};
}

bool net_post(struct arena *a, struct sv url, struct sv content_type, struct sv body, int64_t total_ms,
              struct net_reply *ret, struct err *e)
{
    struct net_header type = {SV("Content-Type"), content_type};
    struct net_request r = {.method = SV("POST"),
                            .url = url,
                            .headers = &type,
                            .headers_n = 1,
                            .body = body,
                            .total_ms = total_ms,
                            .reply_limit = (size_t)8 << 20};
    if (!net_http(a, &r, ret, e))
        return false;
    if (ret->status / 100 == 2)
        return true;
    bool later = ret->status == 408 || ret->status == 429 || ret->status >= 500;
    return err_user(e, later ? ERR_UNAVAILABLE : ERR_REFUSED, "net_refused", NULL, "%s: HTTP status %d",
                    url_short(a, url), ret->status);
}
