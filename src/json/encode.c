/* Struct to text after the rows of a schema; see json.h. */
#include "json/json_priv.h"

#define ENCODE_LIMIT ((size_t)256 << 20)

const char *json_name(const struct json_field *f)
{
    return f->as ? f->as : f->name;
}

int64_t json_max(const struct json_field *f)
{
    if (f->max > 0)
        return f->max;
    if (f->any_size)
        return INT64_MAX;
    return f->kind == JSON_KIND_BYTES ? (int64_t)1 << 20 : 1000;
}

/* The name of an enum's value, or NULL. */
static const char *enum_name(const struct json_field *f, const void *base)
{
    unsigned value = *JSON_CFIELD(unsigned, base, f->offset);
    return value < f->names_n ? f->names[value] : NULL;
}

/* Absent is what decoding leaves when a member was missing. */
static bool is_absent(const struct json_field *f, const void *base)
{
    if (f->has_set)
        return !*JSON_CFIELD(bool, base, f->set_offset);
    switch (f->kind) {
    case JSON_KIND_TEXT:
    case JSON_KIND_BYTES:
    case JSON_KIND_CHOICE:
        return JSON_CFIELD(struct sv, base, f->offset)->p == NULL;
    case JSON_KIND_DATE:
        return !date_is_set(*JSON_CFIELD(struct date, base, f->offset));
    case JSON_KIND_TIME:
        return *JSON_CFIELD(int64_t, base, f->offset) == 0;
    case JSON_KIND_ENUM:
        return enum_name(f, base) == NULL;
    case JSON_KIND_POINTER:
    case JSON_KIND_ARRAY:
    case JSON_KIND_TEXTS:
    case JSON_KIND_INTS:
    case JSON_KIND_VALUE:
        return *JSON_CFIELD(void *, base, f->offset) == NULL;
    case JSON_KIND_END:
    case JSON_KIND_INT:
    case JSON_KIND_BOOL:
    case JSON_KIND_REAL:
    case JSON_KIND_OBJECT:
    case JSON_KIND__N:
        break;
    }
    return false;
}

static void put_list(struct json_out *o, const struct json_field *f, const void *base)
{
    const char *p = *JSON_CFIELD(void *, base, f->offset);
    size_t n = *JSON_CFIELD(size_t, base, f->n_offset);
    json_begin_array(o);
    for (size_t i = 0; i < n; i++, p += f->size) {
        if (f->kind == JSON_KIND_ARRAY)
            json_put(o, f->of, p);
        else if (f->kind == JSON_KIND_TEXTS)
            json_put_text(o, *JSON_CFIELD(struct sv, p, 0));
        else
            json_put_int(o, *JSON_CFIELD(int64_t, p, 0));
    }
    json_end_array(o);
}

static void put_coded(struct json_out *o, const struct json_field *f, const void *base)
{
    CLEANUP(arena_done) struct arena a = {0};
    arena_init(&a, ENCODE_LIMIT);
    if (f->kind == JSON_KIND_BYTES)
        json_put_text(o, base64_encode(&a, *JSON_CFIELD(struct sv, base, f->offset)));
    else if (f->kind == JSON_KIND_DATE)
        json_put_text(o, date_print(&a, *JSON_CFIELD(struct date, base, f->offset)));
    else
        json_put_text(o, time_rfc3339(&a, *JSON_CFIELD(int64_t, base, f->offset)));
}

static void put_present(struct json_out *o, const struct json_field *f, const void *base)
{
    switch (f->kind) {
    case JSON_KIND_TEXT:
    case JSON_KIND_CHOICE:
        json_put_text(o, *JSON_CFIELD(struct sv, base, f->offset));
        return;
    case JSON_KIND_INT:
        json_put_int(o, *JSON_CFIELD(int64_t, base, f->offset));
        return;
    case JSON_KIND_BOOL:
        json_put_bool(o, *JSON_CFIELD(bool, base, f->offset));
        return;
    case JSON_KIND_REAL:
        json_put_real(o, *JSON_CFIELD(double, base, f->offset));
        return;
    case JSON_KIND_BYTES:
    case JSON_KIND_DATE:
    case JSON_KIND_TIME:
        put_coded(o, f, base);
        return;
    case JSON_KIND_ENUM:
        json_put_text(o, sv_from(enum_name(f, base)));
        return;
    case JSON_KIND_OBJECT:
        json_put(o, f->of, (const char *)base + f->offset);
        return;
    case JSON_KIND_POINTER:
        json_put(o, f->of, *JSON_CFIELD(void *, base, f->offset));
        return;
    case JSON_KIND_ARRAY:
    case JSON_KIND_TEXTS:
    case JSON_KIND_INTS:
        put_list(o, f, base);
        return;
    case JSON_KIND_VALUE:
        json_put_value(o, *JSON_CFIELD(void *, base, f->offset));
        return;
    case JSON_KIND_END:
    case JSON_KIND__N:
        return;
    }
}

static void put_absent(struct json_out *o, const struct json_field *f)
{
    bool list = f->kind == JSON_KIND_ARRAY || f->kind == JSON_KIND_TEXTS || f->kind == JSON_KIND_INTS;
    json_key(o, sv_from(json_name(f)));
    if (f->nullable)
        json_put_null(o);
    else if (list)
        json_put_raw(o, SV("[]"));
    else if (f->kind == JSON_KIND_TEXT || f->kind == JSON_KIND_BYTES)
        json_put_text(o, SV(""));
    else
        json_put_null(o); /* a required member without a value: the reader sees that, not a guess */
}

void json_put(struct json_out *o, const struct json_schema *schema, const void *value)
{
    json_begin_object(o);
    for (const struct json_field *f = schema->fields; f->kind != JSON_KIND_END; f++) {
        bool absent = is_absent(f, value);
        if (absent && f->optional && !f->nullable)
            continue;
        if (absent) {
            put_absent(o, f);
            continue;
        }
        json_key(o, sv_from(json_name(f)));
        put_present(o, f, value);
    }
    json_end_object(o);
}

struct sv json_encode(struct arena *a, const struct json_schema *schema, const void *value)
{
    struct buf b;
    struct json_out o;
    buf_init(&b, ENCODE_LIMIT);
    json_out_init(&o, &b);
    json_put(&o, schema, value);
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}

struct sv json_encode_value(struct arena *a, const struct json_value *v)
{
    struct buf b;
    struct json_out o;
    buf_init(&b, ENCODE_LIMIT);
    json_out_init(&o, &b);
    json_put_value(&o, v);
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}
