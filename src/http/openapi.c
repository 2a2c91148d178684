/* The OpenAPI 3.0.3 document of the route tables. */
#include <stdio.h>
#include <string.h>

#include "http/http_priv.h"

#define REF           "#/components/schemas/"
#define OPENAPI_LIMIT ((size_t)16 << 20)
#define SCHEMAS_MAX   1000

struct collector {
    const struct json_schema *all[SCHEMAS_MAX];
    size_t n;
    const char *clash;
};

static void collect(void *ctx, const struct json_schema *s)
{
    struct collector *c = ctx;
    for (size_t i = 0; i < c->n; i++) {
        if (c->all[i] == s)
            return;
        if (strcmp(c->all[i]->name, s->name) == 0)
            c->clash = s->name;
    }
    if (strcmp(s->name, "Error") == 0) /* ours */
        c->clash = s->name;
    must(c->n < SCHEMAS_MAX);
    c->all[c->n++] = s;
}

static void collect_all(struct collector *c, const struct routes *rs)
{
    for (size_t i = 0; i < rs->n; i++) {
        if (rs->all[i].route->in)
            json_walk_schema(rs->all[i].route->in, collect, c);
        if (rs->all[i].route->out)
            json_walk_schema(rs->all[i].route->out, collect, c);
    }
}

bool openapi_check(const struct routes *rs, struct err *e)
{
    struct collector c = {0};
    collect_all(&c, rs);
    if (c.clash)
        return err_set(e, ERR_BAD_INPUT, "two schemas are named %s", c.clash);
    return true;
}

static void put_ref(struct json_out *o, const char *name)
{
    char ref[128];
    snprintf(ref, sizeof(ref), REF "%s", name);
    json_begin_object(o);
    json_kv_text(o, "$ref", sv_from(ref));
    json_end_object(o);
}

static void put_content(struct json_out *o, const char *type, const char *schema, const char *plain)
{
    json_key(o, SV("content"));
    json_begin_object(o);
    for (struct sv rest = sv_from(type), one; rest.n;) {
        one = sv_cut(&rest, '|');
        json_key(o, one);
        json_begin_object(o);
        json_key(o, SV("schema"));
        if (schema)
            put_ref(o, schema);
        else
            json_put_raw(o, sv_from(plain));
        json_end_object(o);
    }
    json_end_object(o);
}

static void put_path_params(struct json_out *o, const struct compiled *c)
{
    for (size_t i = 0; i < c->segments_n; i++) {
        if (!c->is_param[i])
            continue;
        json_begin_object(o);
        json_kv_text(o, "name", c->segments[i]);
        json_kv_text(o, "in", SV("path"));
        json_kv_bool(o, "required", true);
        json_key(o, SV("schema"));
        json_put_raw(o, SV("{\"type\":\"string\"}"));
        json_end_object(o);
    }
}

static void put_query_schema(struct json_out *o, const struct http_query *q)
{
    static const struct {
        const char *type, *format;
    } types[JSON_KIND__N] = {
            [JSON_KIND_TEXT] = {"string",  NULL   },
              [JSON_KIND_INT] = {"integer", "int64"},
            [JSON_KIND_BOOL] = {"boolean", NULL   },
              [JSON_KIND_DATE] = {"string",  "date" },
            [JSON_KIND_CHOICE] = {"string",  NULL   },
    };
    must(types[q->kind].type != NULL);
    json_begin_object(o);
    json_kv_text(o, "type", sv_from(types[q->kind].type));
    if (types[q->kind].format)
        json_kv_text(o, "format", sv_from(types[q->kind].format));
    if (q->kind == JSON_KIND_INT && (q->min || q->max)) {
        json_kv_int(o, "minimum", q->min);
        json_kv_int(o, "maximum", q->max);
    }
    if (q->kind == JSON_KIND_TEXT)
        json_kv_int(o, "maxLength", q->max ? q->max : 200);
    if (q->names_n) {
        json_key(o, SV("enum"));
        json_begin_array(o);
        for (size_t i = 0; i < q->names_n; i++) {
            if (q->names[i])
                json_put_text(o, sv_from(q->names[i]));
        }
        json_end_array(o);
    }
    json_end_object(o);
}

static void put_query_params(struct json_out *o, const struct http_query *q)
{
    for (; q && q->name; q++) {
        json_begin_object(o);
        json_kv_text(o, "name", sv_from(q->name));
        json_kv_text(o, "in", SV("query"));
        json_kv_bool(o, "required", q->required);
        if (q->about)
            json_kv_text(o, "description", sv_from(q->about));
        json_key(o, SV("schema"));
        put_query_schema(o, q);
        json_end_object(o);
    }
}

static void put_body(struct json_out *o, const struct http_route *r)
{
    static const char binary[] = "{\"type\":\"string\",\"format\":\"binary\"}";
    static const char form[] = "{\"type\":\"object\",\"additionalProperties\":true}";
    if (!r->in && !r->in_type)
        return;
    json_key(o, SV("requestBody"));
    json_begin_object(o);
    json_kv_bool(o, "required", true);
    if (r->in)
        put_content(o, "application/json", r->in->name, NULL);
    else
        put_content(o, r->in_type, NULL, strcmp(r->in_type, "multipart/form-data") == 0 ? form : binary);
    json_end_object(o);
}

static const char *reply_schema(const struct http_route *r)
{
    if (r->out_schema)
        return r->out_schema;
    return strcmp(r->out_type, "application/json") == 0 ? "{\"type\":\"object\",\"additionalProperties\":true}"
           : strncmp(r->out_type, "text/", 5) == 0      ? "{\"type\":\"string\"}"
                                                        : "{\"type\":\"string\",\"format\":\"binary\"}";
}

static void put_replies(struct json_out *o, const struct http_route *r)
{
    char status[16];
    snprintf(status, sizeof(status), "%d", r->status ? r->status : r->out || r->out_type ? 200 : 204);
    json_key(o, SV("responses"));
    json_begin_object(o);
    json_key(o, sv_from(status));
    json_begin_object(o);
    json_kv_text(o, "description", r->out || r->out_type ? SV("Done") : SV("Done, nothing to say"));
    if (r->out)
        put_content(o, "application/json", r->out->name, NULL);
    else if (r->out_type)
        put_content(o, r->out_type, NULL, reply_schema(r));
    json_end_object(o);
    json_key(o, SV("default"));
    json_begin_object(o);
    json_kv_text(o, "description", SV("Refused or failed"));
    put_content(o, "application/json", "Error", NULL);
    json_end_object(o);
    json_end_object(o);
}

/* Who may call, by the application's names: so that a check from outside can walk all operations with all roles. */
static void put_allow(struct json_out *o, const struct http_config *config, uint64_t allow)
{
    if (!config->role_names_n)
        return;
    json_key(o, SV("x-qyq-allow"));
    json_begin_array(o);
    if (allow & HTTP_ANYONE)
        json_put_text(o, SV("anyone"));
    if (allow & HTTP_LOGGED_IN)
        json_put_text(o, SV("logged-in"));
    for (size_t i = 0; i < config->role_names_n; i++) {
        if (allow & UINT64_C(1) << i)
            json_put_text(o, config->role_names[i]);
    }
    json_end_array(o);
}

static void put_operation(struct json_out *o, const struct http_config *config, const struct compiled *c)
{
    static const char *const keys[] = {NULL, "get", "post", "put", "patch", "delete"};
    const struct http_route *r = c->route;
    json_key(o, sv_from(keys[r->method]));
    json_begin_object(o);
    json_kv_text(o, "operationId", sv_from(r->id));
    if (r->summary)
        json_kv_text(o, "summary", sv_from(r->summary));
    if (r->tag) {
        json_key(o, SV("tags"));
        json_begin_array(o);
        json_put_text(o, sv_from(r->tag));
        json_end_array(o);
    }
    json_key(o, SV("security"));
    bool anyone = r->allow & HTTP_ANYONE, token = r->method != HTTP_GET && !r->from_elsewhere;
    json_put_raw(o, anyone ? SV("[]") : token ? SV("[{\"session\":[],\"csrf\":[]}]") : SV("[{\"session\":[]}]"));
    put_allow(o, config, r->allow);
    json_key(o, SV("parameters"));
    json_begin_array(o);
    put_path_params(o, c);
    put_query_params(o, r->query);
    json_end_array(o);
    put_body(o, r);
    put_replies(o, r);
    json_end_object(o);
}

/* Rows of one path stand together, where its first row stands. */
static void put_paths(struct json_out *o, const struct http_config *config, const struct routes *rs)
{
    json_key(o, SV("paths"));
    json_begin_object(o);
    for (size_t i = 0; i < rs->n; i++) {
        const char *path = rs->all[i].route->path;
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = strcmp(rs->all[j].route->path, path) == 0;
        if (seen)
            continue;
        json_key(o, sv_from(path));
        json_begin_object(o);
        for (size_t j = i; j < rs->n; j++) {
            if (strcmp(rs->all[j].route->path, path) == 0)
                put_operation(o, config, &rs->all[j]);
        }
        json_end_object(o);
    }
    json_end_object(o);
}

static const char error_schema[] =
        "{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{\"error\":{\"type\":\"object\",\"required\":["
        "\"code\",\"reason\",\"message\",\"field\",\"request_id\"],\"properties\":{\"code\":{\"type\":\"string\"},"
        "\"reason\":{\"type\":\"string\"},\"message\":{\"type\":\"string\",\"description\":\"Words for the user\"},"
        "\"field\":{\"type\":\"string\",\"description\":\"JSON pointer into the request, or empty\"},"
        "\"request_id\":{\"type\":\"string\"}}}}}";

static void put_components(struct json_out *o, const struct http_config *c, const struct routes *rs)
{
    struct collector found = {0};
    collect_all(&found, rs);
    json_key(o, SV("components"));
    json_begin_object(o);
    json_key(o, SV("schemas"));
    json_begin_object(o);
    json_key(o, SV("Error"));
    json_put_raw(o, sv_from(error_schema));
    for (size_t i = 0; i < found.n; i++) {
        json_key(o, sv_from(found.all[i]->name));
        json_put_schema(o, found.all[i], REF);
    }
    json_end_object(o);
    json_key(o, SV("securitySchemes"));
    json_begin_object(o);
    json_key(o, SV("session"));
    json_begin_object(o);
    json_kv_text(o, "type", SV("apiKey"));
    json_kv_text(o, "in", SV("cookie"));
    json_kv_text(o, "name", sv_from(c->session_cookie ? c->session_cookie : "session"));
    json_end_object(o);
    json_key(o, SV("csrf"));
    json_put_raw(o, SV("{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-QYQ-CSRF\",\"description\":"
                       "\"The member csrf of the session\"}"));
    json_end_object(o);
    json_end_object(o);
}

struct sv openapi_print(struct arena *a, const struct http_config *c, const struct routes *rs)
{
    struct buf b;
    struct json_out o;
    buf_init(&b, OPENAPI_LIMIT);
    json_out_init(&o, &b);
    json_begin_object(&o);
    json_kv_text(&o, "openapi", SV("3.0.3"));
    json_key(&o, SV("info"));
    json_begin_object(&o);
    json_kv_text(&o, "title", sv_from(c->title ? c->title : "qyq"));
    json_kv_text(&o, "version", sv_from(c->version ? c->version : "0"));
    json_end_object(&o);
    json_key(&o, SV("servers"));
    json_put_raw(&o, SV("[{\"url\":\"/\"}]"));
    put_paths(&o, c, rs);
    put_components(&o, c, rs);
    json_end_object(&o);
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}

bool http_openapi(struct arena *a, const struct http_config *c, struct sv *ret, struct err *e)
{
    struct routes rs;
    if (!routes_compile(a, c, &rs, e))
        return false;
    *ret = openapi_print(a, c, &rs);
    return true;
}
