/* Looking into objects, making them, and writing them; see object_priv.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pdf/object_priv.h"

const struct obj obj_null = {.kind = O_NULL};

/* Parsing of untrusted bytes: NULL at the arena's limit, and lex.c reports it. */
struct obj *obj_new(struct arena *a, enum obj_kind kind)
{
    struct obj *o = arena_try(a, sizeof(*o));
    if (o)
        o->kind = kind;
    return o;
}

static struct obj *made(struct arena *a, enum obj_kind kind)
{
    struct obj *o = arena_new(a, struct obj);
    o->kind = kind;
    return o;
}

bool obj_is_dict(const struct obj *o)
{
    return o->kind == O_DICT || o->kind == O_STREAM;
}

const struct obj *dict_get(const struct obj *d, const char *key)
{
    if (!obj_is_dict(d))
        return &obj_null;
    struct sv k = sv_from(key);
    for (size_t i = 0; i < d->dict.n; i++) {
        if (sv_eq(d->dict.entries[i].key, k))
            return d->dict.entries[i].value;
    }
    return &obj_null;
}

bool obj_is_name(const struct obj *o, const char *name)
{
    return o->kind == O_NAME && sv_eq(o->text, sv_from(name));
}

bool obj_number(const struct obj *o, double *ret)
{
    if (o->kind == O_INT)
        *ret = (double)o->integer;
    else if (o->kind == O_REAL)
        *ret = o->real;
    else
        return false;
    return isfinite(*ret);
}

struct obj *obj_ref(struct arena *a, uint32_t num, uint32_t gen)
{
    struct obj *o = made(a, O_REF);
    o->ref.num = num;
    o->ref.gen = gen;
    return o;
}

struct obj *obj_int(struct arena *a, int64_t v)
{
    struct obj *o = made(a, O_INT);
    o->integer = v;
    return o;
}

struct obj *obj_real(struct arena *a, double v)
{
    struct obj *o = made(a, O_REAL);
    o->real = v;
    return o;
}

struct obj *obj_name(struct arena *a, const char *name)
{
    struct obj *o = made(a, O_NAME);
    o->text = arena_sv(a, sv_from(name));
    return o;
}

struct obj *obj_bytes(struct arena *a, struct sv bytes)
{
    struct obj *o = made(a, O_STRING);
    o->text = arena_sv(a, bytes);
    return o;
}

struct obj *obj_raw(struct arena *a, struct sv raw)
{
    struct obj *o = made(a, O_NULL);
    o->raw = arena_sv(a, raw);
    return o;
}

struct obj *obj_dict(struct arena *a)
{
    return made(a, O_DICT);
}

struct obj *obj_array(struct arena *a, size_t n)
{
    struct obj *o = made(a, O_ARRAY);
    o->array.items = arena_array(a, struct obj *, n + 1);
    o->array.n = n;
    for (size_t i = 0; i < n; i++)
        o->array.items[i] = made(a, O_NULL);
    return o;
}

/* Objects are never changed once others may see them, so sharing them through a non-const pointer is fine. */
static struct obj *shared(const struct obj *o)
{
    struct obj *p;
    memcpy(&p, &o, sizeof(p));
    return p;
}

void dict_put(struct arena *a, struct obj *d, const char *key, const struct obj *value)
{
    for (size_t i = 0; i < d->dict.n; i++) {
        if (sv_eq(d->dict.entries[i].key, sv_from(key))) {
            d->dict.entries[i].value = shared(value);
            return;
        }
    }
    struct obj_entry *entries = arena_array(a, struct obj_entry, d->dict.n + 1);
    if (d->dict.n)
        memcpy(entries, d->dict.entries, d->dict.n * sizeof(*entries));
    entries[d->dict.n] = (struct obj_entry){arena_sv(a, sv_from(key)), shared(value)};
    d->dict.entries = entries;
    d->dict.n++;
}

struct obj *dict_with(struct arena *a, const struct obj *d, const char *key, const struct obj *value)
{
    struct obj *o = made(a, d->kind);
    *o = *d;
    o->raw = (struct sv){0};
    o->dict.entries = arena_array(a, struct obj_entry, d->dict.n + 1);
    if (d->dict.n)
        memcpy(o->dict.entries, d->dict.entries, d->dict.n * sizeof(*o->dict.entries));
    dict_put(a, o, key, value);
    return o;
}

struct obj *array_with(struct arena *a, const struct obj *arr, const struct obj *item)
{
    struct obj *o = made(a, O_ARRAY);
    size_t n = arr->kind == O_ARRAY ? arr->array.n : 0;
    o->array.items = arena_array(a, struct obj *, n + 1);
    if (n)
        memcpy(o->array.items, arr->array.items, n * sizeof(*o->array.items));
    o->array.items[n] = shared(item);
    o->array.n = n + 1;
    return o;
}

/* ---- writing ---- */

static void write_name(struct buf *b, struct sv text)
{
    buf_add_char(b, '/');
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c <= 0x20 || c >= 0x7F || c == '#' || pdf_is_delimiter((char)c))
            buf_printf(b, "#%02X", c);
        else
            buf_add_char(b, (char)c);
    }
}

static void write_string(struct buf *b, struct sv text)
{
    bool plain = true;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        plain = plain && c >= 0x20 && c < 0x7F;
    }
    if (!plain) {
        buf_add_char(b, '<');
        buf_add_hex(b, text);
        buf_add_char(b, '>');
        return;
    }
    buf_add_char(b, '(');
    for (size_t i = 0; i < text.n; i++) {
        if (strchr("()\\", text.p[i]))
            buf_add_char(b, '\\');
        buf_add_char(b, text.p[i]);
    }
    buf_add_char(b, ')');
}

/* Up to five decimals, no exponent, no trailing zeros. */
static void write_real(struct buf *b, double v)
{
    if (v >= 0 && v <= 1e9 && v == (double)(uint64_t)v) {
        buf_add_u64(b, (uint64_t)v, 1);
        return;
    }
    char text[64];
    int n = snprintf(text, sizeof(text), "%.5f", v);
    while (n > 0 && text[n - 1] == '0')
        n--;
    if (n > 0 && text[n - 1] == '.')
        n--;
    buf_add(b, n > 0 ? sv_of(text, (size_t)n) : SV("0"));
}

static void write_sealed(struct buf *b, const struct obj *o, const struct obj_strings *how)
{
    bool raw = false;
    struct sv s = how->seal(how, o, &raw);
    if (raw)
        buf_add(b, s);
    else
        write_string(b, s);
}

static void write_dict(struct buf *b, const struct obj *o, const struct obj_strings *how)
{
    bool signature = how && dict_get(o, "ByteRange")->kind != O_NULL;
    buf_add(b, SV("<<"));
    for (size_t i = 0; i < o->dict.n; i++) {
        const struct obj_entry *entry = &o->dict.entries[i];
        write_name(b, entry->key);
        buf_add_char(b, ' ');
        obj_write_with(b, entry->value, signature && sv_eq(entry->key, SV("Contents")) ? NULL : how);
    }
    buf_add(b, SV(">>"));
}

void obj_write(struct buf *b, const struct obj *o)
{
    obj_write_with(b, o, NULL);
}

/* Recursion: parsed objects are at most PDF_MAX_DEPTH deep, ours a few more. */
void obj_write_with(struct buf *b, const struct obj *o, const struct obj_strings *how)
{
    if (o->kind == O_STRING && how) {
        write_sealed(b, o, how);
        return;
    }
    if (o->raw.n && o->kind != O_ARRAY && !obj_is_dict(o)) {
        buf_add(b, o->raw);
        return;
    }
    switch (o->kind) {
    case O_NULL:
        buf_add(b, SV("null"));
        break;
    case O_BOOL:
        buf_add(b, o->boolean ? SV("true") : SV("false"));
        break;
    case O_INT:
        if (o->integer < 0)
            buf_add_char(b, '-');
        buf_add_u64(b, o->integer < 0 ? 0 - (uint64_t)o->integer : (uint64_t)o->integer, 1);
        break;
    case O_REAL:
        write_real(b, o->real);
        break;
    case O_STRING:
        write_string(b, o->text);
        break;
    case O_NAME:
        write_name(b, o->text);
        break;
    case O_REF:
        buf_add_u64(b, o->ref.num, 1);
        buf_add_char(b, ' ');
        buf_add_u64(b, o->ref.gen, 1);
        buf_add(b, SV(" R"));
        break;
    case O_ARRAY:
        buf_add_char(b, '[');
        for (size_t i = 0; i < o->array.n; i++) {
            if (i)
                buf_add_char(b, ' ');
            obj_write_with(b, o->array.items[i], how);
        }
        buf_add_char(b, ']');
        break;
    case O_DICT:
    case O_STREAM:
        write_dict(b, o, how);
        break;
    }
}

/* ---- text strings (7.9.2.2) ---- */

/* PDFDocEncoding where it differs from Latin-1 (Annex D.2). */
static uint32_t pdfdoc(unsigned char c)
{
    static const uint16_t low[] = {0x02D8, 0x02C7, 0x02C6, 0x02D9, 0x02DD, 0x02DB, 0x02DA, 0x02DC};
    static const uint16_t high[] = {0x2022, 0x2020, 0x2021, 0x2026, 0x2014, 0x2013, 0x0192, 0x2044, 0x2039,
                                    0x203A, 0x2212, 0x2030, 0x201E, 0x201C, 0x201D, 0x2018, 0x2019, 0x201A,
                                    0x2122, 0xFB01, 0xFB02, 0x0141, 0x0152, 0x0160, 0x0178, 0x017D, 0x0131,
                                    0x0142, 0x0153, 0x0161, 0x017E, 0xFFFD, 0x20AC};
    if (c >= 0x18 && c < 0x20)
        return low[c - 0x18];
    if (c >= 0x80 && c <= 0xA0)
        return high[c - 0x80];
    return c ? c : 0xFFFD;
}

bool obj_pdfdoc(struct arena *a, struct sv utf8, struct sv *ret)
{
    char *out = arena_alloc(a, utf8.n + 1);
    size_t n = 0;
    while (utf8.n) {
        uint32_t c = sv_next_char(&utf8), code = 1;
        while (code < 256 && (pdfdoc((unsigned char)code) != c || c == 0xFFFD))
            code++;
        if (code == 256)
            return false;
        out[n++] = (char)code;
    }
    *ret = sv_of(out, n);
    return true;
}

static uint32_t utf16_unit(struct sv s, size_t i)
{
    return (uint32_t)(unsigned char)s.p[i] << 8 | (unsigned char)s.p[i + 1];
}

static void add_utf16(struct buf *b, struct sv s)
{
    for (size_t i = 0; i + 1 < s.n; i += 2) {
        uint32_t c = utf16_unit(s, i);
        if (c >= 0xD800 && c < 0xDC00 && i + 3 < s.n) {
            uint32_t low = utf16_unit(s, i + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        bool bad = c == 0 || (c >= 0xD800 && c < 0xE000);
        buf_add_utf8(b, bad ? 0xFFFD : c);
    }
}

struct sv obj_utf8(struct arena *a, const struct obj *o)
{
    if (o->kind != O_STRING && o->kind != O_NAME)
        return (struct sv){0};
    struct sv s = o->text;
    if (sv_starts(s, SV("\xEF\xBB\xBF")) && sv_is_utf8(sv_skip(s, 3)))
        return sv_skip(s, 3);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, s.n * 3 + 16);
    if (sv_starts(s, SV("\xFE\xFF"))) {
        add_utf16(&b, sv_skip(s, 2));
    } else if (o->kind == O_NAME && sv_is_utf8(s)) {
        buf_add(&b, s);
    } else {
        for (size_t i = 0; i < s.n; i++)
            buf_add_utf8(&b, pdfdoc((unsigned char)s.p[i]));
    }
    return arena_sv(a, buf_sv(&b));
}

static void add_utf16be(struct buf *b, uint32_t unit)
{
    buf_add_char(b, (char)(unit >> 8 & 0xFF));
    buf_add_char(b, (char)(unit & 0xFF));
}

struct obj *obj_text(struct arena *a, struct sv utf8)
{
    bool ascii = true;
    for (size_t i = 0; i < utf8.n; i++)
        ascii = ascii && utf8.p[i] >= 0x20 && utf8.p[i] < 0x7F;
    if (ascii)
        return obj_bytes(a, utf8);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, utf8.n * 4 + 2);
    add_utf16be(&b, 0xFEFF);
    while (utf8.n) {
        uint32_t c = sv_next_char(&utf8);
        if (c >= 0x10000) {
            add_utf16be(&b, 0xD800 + ((c - 0x10000) >> 10));
            add_utf16be(&b, 0xDC00 + ((c - 0x10000) & 0x3FF));
        } else {
            add_utf16be(&b, c);
        }
    }
    return obj_bytes(a, buf_sv(&b));
}
