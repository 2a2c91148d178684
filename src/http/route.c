/* Route tables: checking, compiling, matching. */
#include <string.h>

#include "http/http_priv.h"

static const char *const methods[] = {NULL, "GET", "POST", "PUT", "PATCH", "DELETE"};

const char *method_name(enum http_method m)
{
    return methods[m];
}

bool method_parse(struct sv s, enum http_method *ret)
{
    for (size_t i = HTTP_GET; i < COUNT(methods); i++) {
        if (sv_eq(s, sv_from(methods[i]))) {
            *ret = (enum http_method)i;
            return true;
        }
    }
    return false;
}

/* clang-format off */
static const struct http_route builtin_rows[] = {
        {HTTP_GET, "/healthz", "healthz", HTTP_ANYONE, healthz_h, .out_type = "text/plain", .rate = HTTP_RATE_FREE,
         .tag = "system", .summary = "The process is alive"},
        {HTTP_GET, "/readyz", "readyz", HTTP_ANYONE, readyz_h, .out_type = "text/plain", .rate = HTTP_RATE_FREE,
         .tag = "system", .summary = "The process can do its work"},
        {HTTP_GET, "/metrics", "metrics", HTTP_ANYONE, metrics_h, .out_type = "text/plain", .rate = HTTP_RATE_FREE,
         .tag = "system", .summary = "Counters in the Prometheus text format"},
        {HTTP_GET, "/api/openapi.json", "openapi", HTTP_ANYONE, openapi_h, .out_type = "application/json",
         .tag = "system", .summary = "This document"},
};
/* clang-format on */
const struct http_table http_builtin = {builtin_rows, COUNT(builtin_rows)};

static bool name_ok(struct sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_')
            return false;
    }
    return s.n > 0;
}

static bool split(struct compiled *c, struct err *e)
{
    struct sv rest = sv_skip(sv_from(c->route->path), 1);
    size_t params = 0;
    for (bool more = true; more; c->segments_n++) {
        size_t end = sv_find_char(rest, '/');
        struct sv segment = sv_sub(rest, 0, end == SIZE_MAX ? rest.n : end);
        more = end != SIZE_MAX;
        rest = sv_skip(rest, segment.n + (more ? 1 : 0));
        if (c->segments_n == SEGMENTS_MAX)
            return err_set(e, ERR_BAD_INPUT, "too many segments");
        bool param = sv_starts(segment, SV("{")) && sv_ends(segment, SV("}"));
        if (param)
            segment = sv_sub(segment, 1, segment.n - 2);
        if (segment.n == 0 || (param && (!name_ok(segment) || ++params > PARAMS_MAX)))
            return err_set(e, ERR_BAD_INPUT, "bad segment \"%.*s\"", SV_ARG(segment));
        c->segments[c->segments_n] = segment;
        c->is_param[c->segments_n] = param;
    }
    return true;
}

static bool check_row(const struct http_route *r, struct err *e)
{
    if (r->method < HTTP_GET || r->method > HTTP_DELETE)
        return err_set(e, ERR_BAD_INPUT, "no method");
    if (!r->path || r->path[0] != '/' || !r->id || !name_ok(sv_from(r->id)))
        return err_set(e, ERR_BAD_INPUT, "no path or operation id");
    if (r->allow == 0)
        return err_set(e, ERR_BAD_INPUT, "says nobody may call it: write HTTP_ANYONE if everybody may");
    if (!r->handle)
        return err_set(e, ERR_BAD_INPUT, "no handler");
    if ((r->in || r->in_type) && (r->method == HTTP_GET || (r->in && r->in_type)))
        return err_set(e, ERR_BAD_INPUT, "a body that cannot be");
    if (r->rate < 0 || r->rate >= HTTP_RATE__N)
        return err_set(e, ERR_BAD_INPUT, "no such rate class");
    return true;
}

/* Two rows that answer the same paths. */
static bool same_shape(const struct compiled *x, const struct compiled *y)
{
    if (x->segments_n != y->segments_n)
        return false;
    for (size_t i = 0; i < x->segments_n; i++) {
        if (x->is_param[i] != y->is_param[i] || (!x->is_param[i] && !sv_eq(x->segments[i], y->segments[i])))
            return false;
    }
    return true;
}

static bool check_against(const struct compiled *x, const struct compiled *earlier, struct err *e)
{
    if (strcmp(x->route->id, earlier->route->id) == 0)
        return err_set(e, ERR_BAD_INPUT, "the operation id is used twice");
    if (!same_shape(x, earlier))
        return true;
    if (x->route->method == earlier->route->method)
        return err_set(e, ERR_BAD_INPUT, "same method and path as %s", earlier->route->id);
    if (strcmp(x->route->path, earlier->route->path) != 0)
        return err_set(e, ERR_BAD_INPUT, "names its parameters differently from %s", earlier->route->id);
    return true;
}

static bool add(struct routes *rs, const struct http_route *r, struct err *e)
{
    struct compiled *c = &rs->all[rs->n];
    c->route = r;
    bool ok = check_row(r, e) && split(c, e);
    for (size_t i = 0; ok && i < rs->n; i++)
        ok = check_against(c, &rs->all[i], e);
    rs->n += ok;
    return ok || err_wrap(e, "route %s %s", r->id ? r->id : "?", r->path ? r->path : "?");
}

bool routes_compile(struct arena *a, const struct http_config *c, struct routes *ret, struct err *e)
{
    struct routes rs = {0};
    size_t n = http_builtin.n;
    for (size_t t = 0; t < c->tables_n; t++)
        n += c->tables[t].n;
    rs.all = arena_array(a, struct compiled, n);
    for (size_t t = 0; t <= c->tables_n; t++) {
        const struct http_table *table = t < c->tables_n ? &c->tables[t] : &http_builtin;
        for (size_t i = 0; i < table->n; i++) {
            if (!add(&rs, &table->routes[i], e))
                return false;
        }
    }
    if (!openapi_check(&rs, e))
        return false;
    *ret = rs;
    return true;
}

/* Bit 63 - i is set for a literal segment i, so that of two matches the one with the earlier literal is larger. */
static bool match_one(const struct compiled *c, const struct sv *segments, size_t n, uint64_t *ret_rank)
{
    uint64_t rank = 0;
    if (c->segments_n != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (c->is_param[i] ? segments[i].n == 0 : !sv_eq(c->segments[i], segments[i]))
            return false;
        if (!c->is_param[i])
            rank |= UINT64_C(1) << (63 - i);
    }
    *ret_rank = rank;
    return true;
}

/* Decoded segments of a raw path; false for what no path of ours looks like. */
static bool decode_segments(struct arena *a, struct sv path, struct sv segments[SEGMENTS_MAX], size_t *ret_n)
{
    size_t n = 0;
    if (!sv_starts(path, SV("/")))
        return false;
    path = sv_skip(path, 1);
    for (bool more = true; more; n++) {
        size_t end = sv_find_char(path, '/');
        struct sv raw = sv_sub(path, 0, end == SIZE_MAX ? path.n : end);
        more = end != SIZE_MAX;
        path = sv_skip(path, raw.n + (more ? 1 : 0));
        if (n == SEGMENTS_MAX || !percent_decode(a, raw, false, &segments[n]) || !sv_is_utf8(segments[n]))
            return false;
    }
    *ret_n = n;
    return true;
}

static struct sv allow_text(const struct routes *rs, struct arena *a, const struct compiled *shape)
{
    struct sv text = SV("OPTIONS");
    for (size_t i = 0; i < rs->n; i++) {
        if (!same_shape(&rs->all[i], shape))
            continue;
        enum http_method m = rs->all[i].route->method;
        text = arena_printf(a, "%.*s, %s%s", SV_ARG(text), methods[m], m == HTTP_GET ? ", HEAD" : "");
    }
    return text;
}

bool routes_match(const struct routes *rs, struct arena *a, enum http_method method, struct sv path,
                  struct compiled **ret, struct sv params[PARAMS_MAX], struct sv *ret_allow, struct err *e)
{
    struct sv segments[SEGMENTS_MAX];
    size_t n = 0;
    struct compiled *shape = NULL, *best = NULL;
    uint64_t shape_rank = 0, rank;
    if (!decode_segments(a, path, segments, &n))
        return err_user(e, ERR_NOT_FOUND, "http_not_found", NULL, "no such path");
    for (size_t i = 0; i < rs->n; i++) {
        struct compiled *c = &rs->all[i];
        if (!match_one(c, segments, n, &rank) || rank < shape_rank)
            continue;
        if (rank > shape_rank)
            best = NULL;
        shape = c;
        shape_rank = rank;
        if (c->route->method == method)
            best = c;
    }
    if (!shape)
        return err_user(e, ERR_NOT_FOUND, "http_not_found", NULL, "no such path");
    *ret_allow = allow_text(rs, a, shape);
    if (!best)
        return err_user(e, ERR_METHOD, "http_method", NULL, "%s does not take this method", shape->route->path);
    for (size_t i = 0, at = 0; i < n; i++) {
        if (best->is_param[i])
            params[at++] = segments[i];
    }
    *ret = best;
    return true;
}
