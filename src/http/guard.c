/* Request hygiene: what a strict parser in front would refuse, so that no two readers of the same bytes disagree on
 * where a request ends (RFC 9112 §11.2). */
#include "http/http_priv.h"

static bool token_char(unsigned char c)
{
    static const char extra[] = "!#$%&'*+-.^_`|~"; /* RFC 9110 §5.6.2 */
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || (c && sv_find_char(sv_from(extra), (char)c) != SIZE_MAX);
}

static bool header_ok(const struct pair *h)
{
    for (size_t i = 0; i < h->name.n; i++) {
        if (!token_char((unsigned char)h->name.p[i]))
            return false;
    }
    for (size_t i = 0; i < h->value.n; i++) {
        unsigned char c = (unsigned char)h->value.p[i];
        if ((c < ' ' && c != '\t') || c == 0x7F)
            return false;
    }
    return h->name.n > 0;
}

static size_t count(const struct exchange *x, struct sv name, struct sv *ret_value)
{
    size_t n = 0;
    for (size_t i = 0; i < x->headers_n; i++) {
        if (sv_eq_ci(x->headers[i].name, name)) {
            *ret_value = x->headers[i].value;
            n++;
        }
    }
    return n;
}

static bool refuse(struct err *e, const char *why)
{
    return err_user(e, ERR_BAD_INPUT, "http_bad_request", NULL, "%s", why);
}

static bool host_ok(struct sv host)
{
    for (size_t i = 0; i < host.n; i++) {
        unsigned char c = (unsigned char)host.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '.' && c != '-' &&
            c != ':' && c != '[' && c != ']' && c != '_')
            return false;
    }
    return host.n > 0 && host.n <= 255;
}

bool guard_check(const struct exchange *x, struct err *e)
{
    struct sv length = {0}, coding = {0}, host = {0};
    uint64_t n;
    if (x->headers_n >= HEADERS_MAX)
        return refuse(e, "too many headers");
    for (size_t i = 0; i < x->headers_n; i++) {
        if (!header_ok(&x->headers[i]))
            return refuse(e, "a header name or value holds a character that may not stand there");
    }
    size_t lengths = count(x, SV("Content-Length"), &length);
    size_t codings = count(x, SV("Transfer-Encoding"), &coding);
    if (lengths > 1 || (lengths && (length.n > 18 || !sv_u64(length, UINT64_MAX, &n))))
        return refuse(e, "Content-Length is not one number");
    if (codings > 1 || (codings && !sv_eq_ci(coding, SV("chunked"))))
        return refuse(e, "Transfer-Encoding is not one \"chunked\"");
    if (lengths && codings)
        return refuse(e, "both Content-Length and Transfer-Encoding");
    if (count(x, SV("Host"), &host) != 1 || !host_ok(host))
        return refuse(e, "not exactly one good Host");
    if (!sv_starts(x->target, SV("/")) || sv_find_char(x->target, '#') != SIZE_MAX)
        return refuse(e, "the target is not an absolute path");
    return true;
}

size_t guard_length(const struct exchange *x, bool *ret_known)
{
    struct sv length = {0}, coding = {0};
    uint64_t n = 0;
    *ret_known = count(x, SV("Transfer-Encoding"), &coding) == 0;
    if (count(x, SV("Content-Length"), &length) && !sv_u64(length, SIZE_MAX, &n))
        return SIZE_MAX;
    return (size_t)n;
}

bool guard_is_foreign(const struct exchange *x)
{
    struct sv site = http_header(&x->r, "Sec-Fetch-Site"), origin = http_header(&x->r, "Origin");
    if (site.n)
        return !sv_eq(site, SV("same-origin")) && !sv_eq(site, SV("none"));
    if (!origin.n)
        return false; /* not a browser, or one that sends neither; the token decides */
    size_t at = sv_find(origin, SV("://"));
    return at == SIZE_MAX || !sv_eq_ci(sv_skip(origin, at + 3), http_header(&x->r, "Host"));
}
