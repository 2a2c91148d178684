/* Tree to struct after the rows of a schema. One function a kind; the path of the member being read becomes the JSON
 * pointer of an error. */
#include <stdio.h>
#include <string.h>

#include "json/json_priv.h"

struct decoder {
    struct arena *a;
    struct err *e;
    char path[96]; /* as long as err.field; longer paths are cut */
    size_t path_n;
};

static void path_push(struct decoder *d, struct sv token)
{
    struct sv slash = SV("/");
    for (size_t i = 0; i < token.n + 1; i++) {
        struct sv piece = i == 0 ? slash : sv_sub(token, i - 1, 1);
        if (i && piece.p[0] == '~')
            piece = SV("~0");
        else if (i && piece.p[0] == '/')
            piece = SV("~1");
        if (d->path_n + piece.n >= sizeof(d->path))
            break;
        memcpy(d->path + d->path_n, piece.p, piece.n);
        d->path_n += piece.n;
    }
    d->path[d->path_n] = 0;
}

static void path_cut(struct decoder *d, size_t n)
{
    d->path_n = n;
    d->path[n] = 0;
}

static bool refuse(struct decoder *d, const char *reason)
{
    return err_user(d->e, ERR_BAD_INPUT, reason, d->path, "%s at \"%s\"", reason, d->path);
}

static bool is(struct decoder *d, const struct json_value *v, enum json_type type)
{
    return v->type == type || refuse(d, "json_type");
}

static bool within(struct decoder *d, size_t n, int64_t min, int64_t max)
{
    if (n < (size_t)min)
        return refuse(d, "json_too_short");
    return n <= (size_t)max || refuse(d, "json_too_long");
}

typedef bool decode_fn(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base);

static bool decode_text(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    if (!is(d, v, JSON_IS_TEXT) || !within(d, sv_chars(v->text), f->min, json_max(f)))
        return false;
    *JSON_FIELD(struct sv, base, f->offset) = v->text;
    return true;
}

static bool int_within(struct decoder *d, const struct json_field *f, int64_t n)
{
    bool limited = f->min != 0 || f->max != 0;
    return !limited || (n >= f->min && n <= f->max) || refuse(d, "json_range");
}

static bool decode_int(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    if (!is(d, v, JSON_IS_INT) || !int_within(d, f, v->integer))
        return false;
    *JSON_FIELD(int64_t, base, f->offset) = v->integer;
    return true;
}

static bool decode_bool(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    if (!is(d, v, JSON_IS_BOOL))
        return false;
    *JSON_FIELD(bool, base, f->offset) = v->truth;
    return true;
}

static bool decode_real(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    if (v->type != JSON_IS_INT && !is(d, v, JSON_IS_REAL))
        return false;
    if ((f->min != 0 || f->max != 0) && (v->real < (double)f->min || v->real > (double)f->max))
        return refuse(d, "json_range");
    *JSON_FIELD(double, base, f->offset) = v->real;
    return true;
}

static bool decode_date(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    if (!is(d, v, JSON_IS_TEXT))
        return false;
    return date_parse(v->text, JSON_FIELD(struct date, base, f->offset)) || refuse(d, "json_bad_date");
}

static bool decode_time(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    if (!is(d, v, JSON_IS_TEXT))
        return false;
    return time_parse_rfc3339(v->text, JSON_FIELD(int64_t, base, f->offset)) || refuse(d, "json_bad_time");
}

static bool decode_bytes(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    struct sv bytes;
    if (!is(d, v, JSON_IS_TEXT))
        return false;
    if (!base64_decode(d->a, v->text, &bytes))
        return refuse(d, "json_bad_base64");
    *JSON_FIELD(struct sv, base, f->offset) = bytes;
    return within(d, bytes.n, f->min, json_max(f));
}

static bool find_name(struct decoder *d, const struct json_field *f, const struct json_value *v, size_t *ret)
{
    if (!is(d, v, JSON_IS_TEXT))
        return false;
    for (size_t i = 0; i < f->names_n; i++) {
        if (f->names[i] && sv_eq(v->text, sv_from(f->names[i]))) {
            *ret = i;
            return true;
        }
    }
    return refuse(d, "json_choice");
}

static bool decode_enum(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    size_t i;
    if (!find_name(d, f, v, &i))
        return false;
    *JSON_FIELD(unsigned, base, f->offset) = (unsigned)i;
    return true;
}

static bool decode_choice(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    size_t i;
    if (!find_name(d, f, v, &i))
        return false;
    *JSON_FIELD(struct sv, base, f->offset) = v->text;
    return true;
}

static bool decode_struct(struct decoder *d, const struct json_schema *s, const struct json_value *v, void *base);

static bool decode_object(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    must(f->size == f->of->size);
    return decode_struct(d, f->of, v, (char *)base + f->offset);
}

static bool decode_pointer(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    must(f->size == f->of->size);
    void *p = arena_alloc(d->a, f->size);
    if (!decode_struct(d, f->of, v, p))
        return false;
    *JSON_FIELD(void *, base, f->offset) = p;
    return true;
}

/* Fills an array of n elements of f->size bytes, each by one. */
static bool decode_list(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base,
                        const struct json_field *item, decode_fn *one)
{
    if (!is(d, v, JSON_IS_ARRAY) || !within(d, v->n, f->min, json_max(f)))
        return false;
    char *p = arena_array_(d->a, v->n, f->size);
    size_t here = d->path_n;
    for (size_t i = 0; i < v->n; i++) {
        char index[24];
        snprintf(index, sizeof(index), "%zu", i);
        path_push(d, sv_from(index));
        if (!one(d, item, &v->items[i], p + i * f->size))
            return false;
        path_cut(d, here);
    }
    *JSON_FIELD(void *, base, f->offset) = p;
    *JSON_FIELD(size_t, base, f->n_offset) = v->n;
    return true;
}

static bool decode_array(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    struct json_field item = {.kind = JSON_KIND_OBJECT, .of = f->of, .size = f->size};
    return decode_list(d, f, v, base, &item, decode_object);
}

static bool decode_texts(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    struct json_field item = {.kind = JSON_KIND_TEXT, .max = f->item_max, .names = f->names, .names_n = f->names_n};
    return decode_list(d, f, v, base, &item, f->names ? decode_choice : decode_text);
}

static bool decode_ints(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    struct json_field item = {.kind = JSON_KIND_INT};
    return decode_list(d, f, v, base, &item, decode_int);
}

static bool decode_any(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    (void)d;
    *JSON_FIELD(const void *, base, f->offset) = v;
    return true;
}

static decode_fn *const decoders[] = {
        [JSON_KIND_TEXT] = decode_text,     [JSON_KIND_INT] = decode_int,         [JSON_KIND_BOOL] = decode_bool,
        [JSON_KIND_REAL] = decode_real,     [JSON_KIND_DATE] = decode_date,       [JSON_KIND_TIME] = decode_time,
        [JSON_KIND_BYTES] = decode_bytes,   [JSON_KIND_ENUM] = decode_enum,       [JSON_KIND_CHOICE] = decode_choice,
        [JSON_KIND_OBJECT] = decode_object, [JSON_KIND_POINTER] = decode_pointer, [JSON_KIND_ARRAY] = decode_array,
        [JSON_KIND_TEXTS] = decode_texts,   [JSON_KIND_INTS] = decode_ints,       [JSON_KIND_VALUE] = decode_any,
};
_Static_assert(COUNT(decoders) == JSON_KIND__N, "one decoder a kind");

static bool refuse_unknown(struct decoder *d, const struct json_schema *s, const struct json_value *v)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct json_field *f = s->fields;
        while (f->kind != JSON_KIND_END && !sv_eq(v->keys[i], sv_from(json_name(f))))
            f++;
        if (f->kind == JSON_KIND_END) {
            path_push(d, v->keys[i]);
            return refuse(d, "json_unknown_field");
        }
    }
    return true;
}

static bool decode_member(struct decoder *d, const struct json_field *f, const struct json_value *v, void *base)
{
    bool free_null = f->kind == JSON_KIND_VALUE && v; /* null is a value there */
    bool there = v && (v->type != JSON_IS_NULL || free_null);
    if (f->has_set)
        *JSON_FIELD(bool, base, f->set_offset) = there;
    if (there)
        return decoders[f->kind](d, f, v, base);
    return f->optional || refuse(d, v ? "json_type" : "json_missing");
}

/* Recursion follows the schema, whose depth is ours, and the tree, whose depth is limited. */
static bool decode_struct(struct decoder *d, const struct json_schema *s, const struct json_value *v, void *base)
{
    size_t here = d->path_n;
    memset(base, 0, s->size);
    if (!is(d, v, JSON_IS_OBJECT) || !refuse_unknown(d, s, v))
        return false;
    for (const struct json_field *f = s->fields; f->kind != JSON_KIND_END; f++) {
        path_push(d, sv_from(json_name(f)));
        if (!decode_member(d, f, json_get(v, sv_from(json_name(f))), base))
            return false;
        path_cut(d, here);
    }
    return true;
}

bool json_decode_value(struct arena *a, const struct json_value *v, const struct json_schema *schema, void *ret,
                       struct err *e)
{
    struct decoder d = {.a = a, .e = e};
    return decode_struct(&d, schema, v, ret);
}

bool json_decode(struct arena *a, struct sv text, const struct json_schema *schema, void *ret, struct err *e)
{
    const struct json_value *v;
    return json_read(a, text, JSON_TEXT_LIMIT, &v, e) && json_decode_value(a, v, schema, ret, e);
}
