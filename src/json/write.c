/* The streaming writer; see json.h. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "json/json_priv.h"

void json_out_init(struct json_out *o, struct buf *b)
{
    *o = (struct json_out){.b = b};
}

/* What stands before a value: a comma, unless it is the first of its array or follows a key. */
static void before_value(struct json_out *o)
{
    must(o->depth == 0 || o->stack[o->depth - 1] == '[' || o->after_key);
    if (o->comma && !o->after_key)
        buf_add_char(o->b, ',');
    o->comma = true;
    o->after_key = false;
}

static void begin(struct json_out *o, char bracket)
{
    before_value(o);
    must(o->depth < sizeof(o->stack));
    o->stack[o->depth++] = bracket;
    o->comma = false;
    buf_add_char(o->b, bracket);
}

static void end(struct json_out *o, char open, char close)
{
    must(o->depth > 0 && o->stack[o->depth - 1] == open && !o->after_key);
    o->depth--;
    o->comma = true;
    buf_add_char(o->b, close);
}

void json_begin_object(struct json_out *o)
{
    begin(o, '{');
}

void json_end_object(struct json_out *o)
{
    end(o, '{', '}');
}

void json_begin_array(struct json_out *o)
{
    begin(o, '[');
}

void json_end_array(struct json_out *o)
{
    end(o, '[', ']');
}

/* Length of the first character if it is whole and valid UTF-8, else 0. */
static size_t char_length(struct sv s)
{
    for (size_t n = 1; n <= 4 && n <= s.n; n++) {
        if (sv_is_utf8(sv_sub(s, 0, n)))
            return n;
    }
    return 0;
}

static void add_escaped(struct buf *b, unsigned char c)
{
    static const char short_from[] = "\"\\\b\f\n\r\t", short_to[] = "\"\\bfnrt";
    size_t at = sv_find_char(SV("\"\\\b\f\n\r\t"), (char)c);
    _Static_assert(sizeof(short_from) == sizeof(short_to), "one short form each");
    if (at != SIZE_MAX)
        buf_printf(b, "\\%c", short_to[at]);
    else
        buf_printf(b, "\\u%04x", c);
}

static void add_string(struct buf *b, struct sv s)
{
    size_t plain = 0; /* bytes that need nothing, copied in one go */
    bool valid = sv_is_utf8(s);
    buf_add_char(b, '"');
    while (plain < s.n) {
        unsigned char c = (unsigned char)s.p[plain];
        size_t n = valid || c < 0x80 ? 1 : char_length(sv_skip(s, plain));
        if (c >= ' ' && c != '"' && c != '\\' && c != 0x7F && n > 0) {
            plain += n;
            continue;
        }
        buf_add(b, sv_sub(s, 0, plain));
        if (n > 0)
            add_escaped(b, c);
        else
            buf_add_utf8(b, 0xFFFD);
        s = sv_skip(s, plain + 1);
        plain = 0;
    }
    buf_add(b, s);
    buf_add_char(b, '"');
}

void json_key(struct json_out *o, struct sv key)
{
    must(o->depth > 0 && o->stack[o->depth - 1] == '{' && !o->after_key);
    if (o->comma)
        buf_add_char(o->b, ',');
    add_string(o->b, key);
    buf_add_char(o->b, ':');
    o->after_key = true;
}

void json_put_text(struct json_out *o, struct sv s)
{
    before_value(o);
    add_string(o->b, s);
}

void json_put_int(struct json_out *o, int64_t n)
{
    before_value(o);
    buf_printf(o->b, "%" PRId64, n);
}

/* The shortest of 15 to 17 digits that reads back the same. */
void json_put_real(struct json_out *o, double d)
{
    char text[40];
    if (!isfinite(d)) {
        json_put_null(o);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, d);
        double back = strtod(text, NULL);
        if (!(back < d) && !(back > d))
            break;
    }
    before_value(o);
    buf_add(o->b, sv_from(text));
    if (sv_find_char(sv_from(text), '.') == SIZE_MAX && sv_find_char(sv_from(text), 'e') == SIZE_MAX)
        buf_add(o->b, SV(".0"));
}

void json_put_bool(struct json_out *o, bool b)
{
    json_put_raw(o, b ? SV("true") : SV("false"));
}

void json_put_null(struct json_out *o)
{
    json_put_raw(o, SV("null"));
}

void json_put_raw(struct json_out *o, struct sv json)
{
    before_value(o);
    buf_add(o->b, json);
}

static void put_members(struct json_out *o, const struct json_value *v)
{
    json_begin_object(o);
    for (size_t i = 0; i < v->n; i++) {
        json_key(o, v->keys[i]);
        json_put_value(o, &v->items[i]);
    }
    json_end_object(o);
}

static void put_items(struct json_out *o, const struct json_value *v)
{
    json_begin_array(o);
    for (size_t i = 0; i < v->n; i++)
        json_put_value(o, &v->items[i]);
    json_end_array(o);
}

void json_put_value(struct json_out *o, const struct json_value *v)
{
    switch (v ? v->type : JSON_IS_NULL) {
    case JSON_IS_NULL:
        json_put_null(o);
        return;
    case JSON_IS_BOOL:
        json_put_bool(o, v->truth);
        return;
    case JSON_IS_INT:
        json_put_int(o, v->integer);
        return;
    case JSON_IS_REAL:
        json_put_real(o, v->real);
        return;
    case JSON_IS_TEXT:
        json_put_text(o, v->text);
        return;
    case JSON_IS_ARRAY:
        put_items(o, v);
        return;
    case JSON_IS_OBJECT:
        put_members(o, v);
        return;
    }
}

void json_kv_text(struct json_out *o, const char *key, struct sv s)
{
    json_key(o, sv_from(key));
    json_put_text(o, s);
}

void json_kv_int(struct json_out *o, const char *key, int64_t n)
{
    json_key(o, sv_from(key));
    json_put_int(o, n);
}

void json_kv_bool(struct json_out *o, const char *key, bool b)
{
    json_key(o, sv_from(key));
    json_put_bool(o, b);
}

void json_kv_null(struct json_out *o, const char *key)
{
    json_key(o, sv_from(key));
    json_put_null(o);
}
