/* Query parameters, headers, cookies, path parameters. */
#include <stdio.h>

#include "http/http_priv.h"

static bool refuse(struct err *e, struct sv name, const char *why)
{
    char field[80];
    snprintf(field, sizeof(field), "?%.*s", SV_ARG(sv_sub(name, 0, 60)));
    return err_user(e, ERR_BAD_INPUT, "http_query", field, "query parameter: %s", why);
}

bool query_parse(struct exchange *x, struct err *e)
{
    struct sv rest = x->raw_query;
    while (rest.n) {
        struct sv value = sv_cut(&rest, '&');
        struct sv name = sv_cut(&value, '=');
        if (name.n == 0 && value.n == 0)
            continue;
        if (x->query_n == QUERY_MAX)
            return refuse(e, SV(""), "too many");
        struct pair *q = &x->query[x->query_n];
        if (!percent_decode(x->r.a, name, true, &q->name) || !percent_decode(x->r.a, value, true, &q->value) ||
            !sv_is_utf8(q->name) || !sv_is_utf8(q->value))
            return refuse(e, SV(""), "not UTF-8 or badly escaped");
        for (size_t i = 0; i < x->query_n; i++) {
            if (sv_eq(x->query[i].name, q->name))
                return refuse(e, q->name, "given twice");
        }
        x->query_n++;
    }
    return true;
}

static const struct pair *find(const struct exchange *x, struct sv name)
{
    for (size_t i = 0; i < x->query_n; i++) {
        if (sv_eq(x->query[i].name, name))
            return &x->query[i];
    }
    return NULL;
}

static bool value_ok(const struct http_query *row, struct sv v)
{
    struct date d;
    int64_t n;
    bool limited = row->min != 0 || row->max != 0;
    if (row->kind == JSON_KIND_INT)
        return sv_i64(v, limited ? row->min : INT64_MIN, limited ? row->max : INT64_MAX, &n);
    if (row->kind == JSON_KIND_DATE)
        return date_parse(v, &d);
    if (row->kind == JSON_KIND_BOOL)
        return sv_eq(v, SV("true")) || sv_eq(v, SV("false"));
    if (row->kind == JSON_KIND_TEXT)
        return sv_chars(v) >= (size_t)row->min && sv_chars(v) <= (row->max ? (size_t)row->max : 200);
    for (size_t i = 0; i < row->names_n; i++) {
        if (row->names[i] && sv_eq(v, sv_from(row->names[i])))
            return true;
    }
    return false;
}

static const struct http_query *row_of(const struct http_query *rows, struct sv name)
{
    for (; rows && rows->name; rows++) {
        if (sv_eq(sv_from(rows->name), name))
            return rows;
    }
    return NULL;
}

bool query_check(const struct exchange *x, struct err *e)
{
    const struct http_query *rows = x->r.route->query;
    for (size_t i = 0; i < x->query_n; i++) {
        const struct pair *q = &x->query[i];
        const struct http_query *row = row_of(rows, q->name);
        if (!row && sv_eq(q->name, SV("lang")))
            continue;
        if (!row)
            return refuse(e, q->name, "unknown");
        /* "?page=" is a form field left empty */
        if (q->value.n && !value_ok(row, q->value))
            return refuse(e, q->name, "bad value");
    }
    for (const struct http_query *row = rows; row && row->name; row++) {
        const struct pair *q = find(x, sv_from(row->name));
        if (row->required && (!q || !q->value.n))
            return refuse(e, sv_from(row->name), "missing");
    }
    return true;
}

struct sv http_query_text(const struct request *r, const char *name)
{
    const struct pair *q = find(exchange_of(r), sv_from(name));
    must(row_of(r->route->query, sv_from(name)) != NULL);
    return q ? q->value : (struct sv){0};
}

int64_t http_query_int(const struct request *r, const char *name, int64_t fallback)
{
    int64_t n;
    return sv_i64(http_query_text(r, name), INT64_MIN, INT64_MAX, &n) ? n : fallback;
}

bool http_query_bool(const struct request *r, const char *name, bool fallback)
{
    struct sv v = http_query_text(r, name);
    return v.n ? sv_eq(v, SV("true")) : fallback;
}

struct date http_query_date(const struct request *r, const char *name)
{
    struct date d;
    return date_parse(http_query_text(r, name), &d) ? d : (struct date){0};
}

struct sv http_param(const struct request *r, const char *name)
{
    const struct exchange *x = exchange_of(r);
    for (size_t i = 0, at = 0; i < x->route->segments_n; i++) {
        if (!x->route->is_param[i])
            continue;
        if (sv_eq(x->route->segments[i], sv_from(name)))
            return x->params[at];
        at++;
    }
    must_failed("the pattern has this parameter", __FILE__, __LINE__);
}

struct sv http_header(const struct request *r, const char *name)
{
    const struct exchange *x = exchange_of(r);
    for (size_t i = 0; i < x->headers_n; i++) {
        if (sv_eq_ci(x->headers[i].name, sv_from(name)))
            return x->headers[i].value;
    }
    return (struct sv){0};
}

/* RFC 6265 §4.2.1; a browser may send several Cookie headers over HTTP/2 front ends. */
struct sv http_cookie(const struct request *r, const char *name)
{
    const struct exchange *x = exchange_of(r);
    for (size_t i = 0; i < x->headers_n; i++) {
        struct sv rest = x->headers[i].value;
        if (!sv_eq_ci(x->headers[i].name, SV("Cookie")))
            continue;
        while (rest.n) {
            struct sv value = sv_trim(sv_cut(&rest, ';'));
            if (sv_eq(sv_cut(&value, '='), sv_from(name)))
                return value;
        }
    }
    return (struct sv){0};
}
