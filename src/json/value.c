/* Looking into a tree; see json.h. */
#include "json/json_priv.h"

const struct json_value *json_get(const struct json_value *v, struct sv key)
{
    if (!v || v->type != JSON_IS_OBJECT)
        return NULL;
    for (size_t i = 0; i < v->n; i++) {
        if (sv_eq(v->keys[i], key))
            return &v->items[i];
    }
    return NULL;
}

const struct json_value *json_at(const struct json_value *v, size_t i)
{
    return json_count(v) > i ? &v->items[i] : NULL;
}

size_t json_count(const struct json_value *v)
{
    return v && (v->type == JSON_IS_ARRAY || v->type == JSON_IS_OBJECT) ? v->n : 0;
}

/* "~1" is '/', "~0" is '~' (RFC 6901 §4); compares without a copy. */
static bool token_eq(struct sv token, struct sv key)
{
    size_t k = 0;
    for (size_t i = 0; i < token.n; i++, k++) {
        char c = token.p[i];
        if (c == '~' && i + 1 < token.n)
            c = token.p[++i] == '1' ? '/' : '~';
        if (k == key.n || key.p[k] != c)
            return false;
    }
    return k == key.n;
}

static const struct json_value *step(const struct json_value *v, struct sv token)
{
    uint64_t index;
    if (v->type == JSON_IS_ARRAY)
        return v->n && sv_u64(token, v->n - 1, &index) ? &v->items[index] : NULL;
    for (size_t i = 0; v->type == JSON_IS_OBJECT && i < v->n; i++) {
        if (token_eq(token, v->keys[i]))
            return &v->items[i];
    }
    return NULL;
}

const struct json_value *json_find(const struct json_value *v, struct sv pointer)
{
    if (pointer.n && pointer.p[0] != '/')
        return NULL;
    while (v && pointer.n) {
        pointer = sv_skip(pointer, 1);
        size_t end = sv_find_char(pointer, '/');
        struct sv token = end == SIZE_MAX ? pointer : sv_sub(pointer, 0, end);
        pointer = sv_skip(pointer, token.n);
        v = step(v, token);
    }
    return v;
}

struct sv json_text_of(const struct json_value *v)
{
    return v && v->type == JSON_IS_TEXT ? v->text : (struct sv){0};
}

struct sv json_get_text(const struct json_value *v, struct sv key)
{
    return json_text_of(json_get(v, key));
}

bool json_int_of(const struct json_value *v, int64_t *ret)
{
    if (!v || v->type != JSON_IS_INT)
        return false;
    *ret = v->integer;
    return true;
}

bool json_get_int(const struct json_value *v, struct sv key, int64_t *ret)
{
    return json_int_of(json_get(v, key), ret);
}

bool json_get_bool(const struct json_value *v, struct sv key, bool fallback)
{
    const struct json_value *b = json_get(v, key);
    return b && b->type == JSON_IS_BOOL ? b->truth : fallback;
}
