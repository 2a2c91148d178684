/* Characters of strings in content streams (ISO 32000-2 9.6.5, 9.10.2): by /ToUnicode where there is one, else by the
 * encoding of simple fonts and by the Unicode character maps of composite ones. What is not known for certain is said
 * to be unknown. */
#include <string.h>

#include "pdf/diff_priv.h"

#define MAX_MAP ((size_t)1 << 20)

/* ---- /ToUnicode ---- */

static uint32_t code_of(struct sv s)
{
    uint32_t v = 0;
    for (size_t i = 0; i < s.n && i < 4; i++)
        v = v << 8 | (unsigned char)s.p[i];
    return v;
}

static void add_utf16(struct buf *b, struct sv s, uint32_t plus)
{
    for (size_t i = 0; i + 1 < s.n; i += 2) {
        uint32_t c = code_of(sv_sub(s, i, 2));
        if (c >= 0xD800 && c < 0xDC00 && i + 3 < s.n) {
            uint32_t low = code_of(sv_sub(s, i + 2, 2));
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        if (i + 2 >= s.n)
            c += plus;
        buf_add_utf8(b, c == 0 || (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF ? 0xFFFD : c);
    }
}

/* One row of bfchar or bfrange that holds the code. */
static bool range_hit(const struct obj *lo, const struct obj *hi, const struct obj *to, uint32_t code, size_t width,
                      struct buf *ret)
{
    if (lo->kind != O_STRING || hi->kind != O_STRING || lo->text.n != width || code < code_of(lo->text) ||
        code > code_of(hi->text))
        return false;
    uint32_t plus = code - code_of(lo->text);
    if (to->kind == O_ARRAY) {
        if (plus >= to->array.n || to->array.items[plus]->kind != O_STRING)
            return false;
        to = to->array.items[plus];
        plus = 0;
    }
    if (to->kind != O_STRING || to->text.n < 2)
        return false;
    add_utf16(ret, to->text, plus);
    return true;
}

/* Looks one code up by reading the map; it is short, and so are the strings. */
static bool map_code(struct doc *d, struct sv cmap, uint32_t code, size_t width, struct buf *ret)
{
    struct lexer x = {.a = &d->arena, .in = cmap};
    const struct obj *row[3], *o;
    size_t n = 0, want = 0;
    struct sv word;
    while (content_token(&x, &o, &word) && (o || word.n)) {
        if (word.n) {
            want = sv_eq(word, SV("beginbfchar")) ? 2 : sv_eq(word, SV("beginbfrange")) ? 3 : 0;
            n = 0;
            continue;
        }
        if (!want)
            continue;
        row[n++] = o;
        if (n < want)
            continue;
        n = 0;
        if (range_hit(row[0], row[want - 2], row[want - 1], code, width, ret))
            return true;
    }
    return false;
}

/* ---- simple fonts ---- */

static const struct {
    const char *name;
    char c;
} glyphs[] = {
        {"space",        ' ' },
        {"exclam",       '!' },
        {"quotedbl",     '"' },
        {"numbersign",   '#' },
        {"dollar",       '$' },
        {"percent",      '%' },
        {"ampersand",    '&' },
        {"quotesingle",  '\''},
        {"parenleft",    '(' },
        {"parenright",   ')' },
        {"asterisk",     '*' },
        {"plus",         '+' },
        {"comma",        ',' },
        {"hyphen",       '-' },
        {"minus",        '-' },
        {"period",       '.' },
        {"slash",        '/' },
        {"zero",         '0' },
        {"one",          '1' },
        {"two",          '2' },
        {"three",        '3' },
        {"four",         '4' },
        {"five",         '5' },
        {"six",          '6' },
        {"seven",        '7' },
        {"eight",        '8' },
        {"nine",         '9' },
        {"colon",        ':' },
        {"semicolon",    ';' },
        {"less",         '<' },
        {"equal",        '=' },
        {"greater",      '>' },
        {"question",     '?' },
        {"at",           '@' },
        {"bracketleft",  '[' },
        {"backslash",    '\\'},
        {"bracketright", ']' },
        {"asciicircum",  '^' },
        {"underscore",   '_' },
        {"grave",        '`' },
        {"braceleft",    '{' },
        {"bar",          '|' },
        {"braceright",   '}' },
        {"asciitilde",   '~' },
};

/* 0: not known. */
static uint32_t glyph_char(struct sv name)
{
    uint32_t v = 0;
    bool hex = name.n == 7 && sv_starts(name, SV("uni"));
    for (size_t i = 3; hex && i < 7; i++) {
        int digit = hex_digit(name.p[i]);
        hex = digit >= 0;
        v = v << 4 | (uint32_t)(digit & 15);
    }
    if (hex)
        return v;
    if (name.n == 1 && name.p[0] >= 'A' && name.p[0] <= 'z')
        return (uint32_t)name.p[0];
    for (size_t i = 0; i < COUNT(glyphs); i++) {
        if (sv_eq(name, sv_from(glyphs[i].name)))
            return (uint32_t)glyphs[i].c;
    }
    return 0;
}

/* The glyph that /Differences name for a code; *ret_named: it names one. */
static uint32_t by_differences(struct doc *d, const struct obj *encoding, unsigned code, bool *ret_named)
{
    const struct obj *list = doc_get(d, encoding, "Differences");
    int64_t next = 0;
    *ret_named = false;
    for (size_t i = 0; list->kind == O_ARRAY && i < list->array.n; i++) {
        const struct obj *o = doc_value(d, list->array.items[i]);
        if (o->kind == O_INT)
            next = o->integer;
        else if (o->kind == O_NAME && next++ == (int64_t)code) {
            *ret_named = true;
            return glyph_char(o->text);
        }
    }
    return 0;
}

static const uint16_t win_upper[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                       0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

static uint32_t by_base(const struct obj *base, unsigned code)
{
    if (code >= 0x20 && code < 0x7F)
        return code;
    if (obj_is_name(base, "WinAnsiEncoding"))
        return code >= 0xA0 ? code : code >= 0x80 ? win_upper[code - 0x80] : 0;
    return obj_is_name(base, "PDFDocEncoding") && code > 0xA0 && code != 0xAD ? code : 0;
}

/* Fonts whose codes are pictures. */
static bool is_symbolic(struct doc *d, const struct obj *font)
{
    struct sv name = obj_utf8(&d->arena, doc_get(d, font, "BaseFont"));
    return sv_find(name, SV("Dingbats")) != SIZE_MAX || sv_find(name, SV("Symbol")) != SIZE_MAX ||
           obj_is_name(doc_get(d, font, "Subtype"), "Type3");
}

static bool simple_char(struct doc *d, const struct obj *font, unsigned code, struct buf *ret)
{
    const struct obj *encoding = doc_get(d, font, "Encoding");
    const struct obj *base = encoding->kind == O_DICT ? doc_get(d, encoding, "BaseEncoding") : encoding;
    bool named;
    uint32_t c = by_differences(d, encoding, code, &named);
    if (!named && !is_symbolic(d, font))
        c = by_base(base, code);
    /* Acrobat's form fonts differ from the standard encoding exactly as PDFDocEncoding does. */
    if (!c && named && code > 0xA0 && code != 0xAD && !is_symbolic(d, font))
        c = code;
    if (!c)
        return false;
    buf_add_utf8(ret, c);
    return true;
}

/* ---- both ---- */

static bool composite(struct doc *d, const struct obj *font, struct sv cmap, struct sv codes, struct buf *ret)
{
    struct sv encoding = obj_utf8(&d->arena, doc_get(d, font, "Encoding"));
    bool unicode = sv_starts(encoding, SV("Uni")) &&
                   (sv_find(encoding, SV("UCS2")) != SIZE_MAX || sv_find(encoding, SV("UTF16")) != SIZE_MAX);
    if (codes.n % 2)
        return false;
    if (unicode) {
        add_utf16(ret, codes, 0);
        return true;
    }
    bool fine = cmap.n && (sv_eq(encoding, SV("Identity-H")) || sv_eq(encoding, SV("Identity-V")));
    for (size_t i = 0; fine && i < codes.n; i += 2)
        fine = map_code(d, cmap, code_of(sv_sub(codes, i, 2)), 2, ret);
    return fine;
}

bool font_text(struct doc *d, const struct obj *font, struct sv codes, struct buf *ret)
{
    struct sv cmap = {0};
    const struct obj *to = doc_get(d, font, "ToUnicode");
    if (font->kind != O_DICT || (to->kind == O_STREAM && (!doc_stream(d, to, &cmap) || cmap.n > MAX_MAP)))
        return false;
    /* Reading the map for each code is fine for what a field shows, not for a novel. */
    if (cmap.n && codes.n > 4000)
        return false;
    if (obj_is_name(doc_get(d, font, "Subtype"), "Type0"))
        return composite(d, font, cmap, codes, ret);
    bool fine = true;
    for (size_t i = 0; i < codes.n; i++) {
        unsigned code = (unsigned char)codes.p[i];
        if (!(cmap.n && map_code(d, cmap, code, 1, ret)) && !simple_char(d, font, code, ret))
            fine = false;
    }
    return fine;
}
