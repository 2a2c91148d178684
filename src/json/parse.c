/* Text to tree through jansson. Size, UTF-8 and nesting are checked before jansson sees the text, since its parser
 * recurses; the number of values is limited because a value takes many times the two bytes that ask for it. */
#include <jansson.h>
#include <string.h>

#include "json/json_priv.h"

#define VALUES_MAX 1000000

DEFINE_CLEANUP(json_t *, tree_done, json_decref)

/* Deepest nesting of brackets outside strings; a text that is wrong in other ways fails later. */
static size_t nesting(struct sv s)
{
    size_t depth = 0, deepest = 0;
    bool in_string = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']') && depth > 0)
            depth--;
        if (depth > deepest)
            deepest = depth;
    }
    return deepest;
}

struct copier {
    struct arena *a;
    size_t left;
};

static bool copy(struct copier *c, json_t *from, struct json_value *to, struct err *e);

static bool copy_array(struct copier *c, json_t *from, struct json_value *to, struct err *e)
{
    size_t n = json_array_size(from);
    struct json_value *items = arena_array(c->a, struct json_value, n);
    for (size_t i = 0; i < n; i++) {
        if (!copy(c, json_array_get(from, i), &items[i], e))
            return false;
    }
    to->items = items;
    to->n = n;
    return true;
}

static bool copy_object(struct copier *c, json_t *from, struct json_value *to, struct err *e)
{
    size_t n = json_object_size(from), i = 0;
    struct json_value *items = arena_array(c->a, struct json_value, n);
    struct sv *keys = arena_array(c->a, struct sv, n);
    for (void *at = json_object_iter(from); at; at = json_object_iter_next(from, at), i++) {
        keys[i] = arena_sv(c->a, sv_from(json_object_iter_key(at)));
        if (!copy(c, json_object_iter_value(at), &items[i], e))
            return false;
    }
    to->items = items;
    to->keys = keys;
    to->n = n;
    return true;
}

/* Recursion is bounded by JSON_DEPTH_LIMIT. */
static bool copy(struct copier *c, json_t *from, struct json_value *to, struct err *e)
{
    static const enum json_type types[] = {
            [JSON_NULL] = JSON_IS_NULL,   [JSON_TRUE] = JSON_IS_BOOL,     [JSON_FALSE] = JSON_IS_BOOL,
            [JSON_INTEGER] = JSON_IS_INT, [JSON_REAL] = JSON_IS_REAL,     [JSON_STRING] = JSON_IS_TEXT,
            [JSON_ARRAY] = JSON_IS_ARRAY, [JSON_OBJECT] = JSON_IS_OBJECT,
    };
    if (c->left-- == 0)
        return err_user(e, ERR_TOO_LARGE, "json_too_large", NULL, "more than %d values", VALUES_MAX);
    to->type = types[json_typeof(from)];
    to->truth = json_is_true(from);
    to->integer = json_integer_value(from);
    to->real = json_number_value(from);
    if (json_is_string(from))
        to->text = arena_sv(c->a, sv_of(json_string_value(from), json_string_length(from)));
    if (json_is_array(from))
        return copy_array(c, from, to, e);
    return !json_is_object(from) || copy_object(c, from, to, e);
}

static bool refuse(const json_error_t *why, struct err *e)
{
    static const struct {
        enum json_error_code code;
        const char *reason;
    } reasons[] = {
            {json_error_duplicate_key,    "json_duplicate"},
            {json_error_numeric_overflow, "json_range"    },
    };
    const char *reason = "json_syntax";
    for (size_t i = 0; i < COUNT(reasons); i++) {
        if (json_error_code(why) == reasons[i].code)
            reason = reasons[i].reason;
    }
    /* jansson's own text quotes the input, which may hold personal data: only the place goes into the log */
    return err_user(e, ERR_BAD_INPUT, reason, "", "JSON line %d, column %d", why->line, why->column);
}

bool json_read(struct arena *a, struct sv text, size_t limit, const struct json_value **ret, struct err *e)
{
    json_error_t why;
    if (text.n > limit)
        return err_user(e, ERR_TOO_LARGE, "json_too_large", NULL, "JSON of %zu bytes, limit %zu", text.n, limit);
    if (!sv_is_utf8(text))
        return err_user(e, ERR_BAD_INPUT, "json_not_utf8", NULL, "JSON is not UTF-8");
    if (nesting(text) > JSON_DEPTH_LIMIT)
        return err_user(e, ERR_BAD_INPUT, "json_too_deep", NULL, "JSON nested deeper than %d", JSON_DEPTH_LIMIT);
    CLEANUP(tree_done)
    json_t *tree = json_loadb(text.n ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (!tree)
        return refuse(&why, e);
    struct copier c = {a, VALUES_MAX};
    struct json_value *v = arena_new(a, struct json_value);
    if (!copy(&c, tree, v, e))
        return false;
    *ret = v;
    return true;
}
