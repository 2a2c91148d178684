/* The signature dictionary and its ByteRange (ISO 32000-2 12.8.1). Anything unusual is BROKEN even when the digest
 * would match: the attacks on PDF signatures live in these liberties. */
#include <string.h>

#include "pdf/verify_priv.h"

static bool broken(struct verifying *v, struct sig *s, const char *code, const char *why)
{
    sig_spoil(v, s, PDF_BROKEN, code, s->out.object, "%s", why);
    return false;
}

/* The dictionary must be an object of its own in the body: only there ByteRange can be about it. */
static bool locate(struct verifying *v, struct sig *s)
{
    struct xref x = doc_xref(&v->doc, s->out.object);
    uint32_t num, gen;
    const struct obj *o;
    if (!s->out.object || x.kind != X_PLAIN || !doc_parse_at(&v->doc, x.at, &num, &gen, &o, &s->dict_end))
        return broken(v, s, "sig_place", "the signature dictionary is not an object of its own");
    s->dict_at = x.at;
    if (o->kind != O_DICT || o->dict.duplicates)
        return broken(v, s, "sig_dictionary", "no dictionary, or one with a key twice");
    s->dict = o;
    return true;
}

static bool read_range(struct verifying *v, struct sig *s)
{
    const struct obj *arr = dict_get(s->dict, "ByteRange");
    if (arr->kind != O_ARRAY || arr->array.n != 4)
        return broken(v, s, "byterange", "ByteRange is not an array of four numbers");
    for (size_t i = 0; i < 4; i++) {
        const struct obj *o = arr->array.items[i];
        if (o->kind != O_INT || o->integer < 0 || (uint64_t)o->integer > v->bytes.n)
            return broken(v, s, "byterange", "ByteRange holds something else than positions in the file");
        s->out.range[i] = (uint64_t)o->integer;
    }
    const uint64_t *r = s->out.range;
    if (r[0] != 0 || r[2] < r[1] + 2 || r[3] > v->bytes.n - r[2])
        return broken(v, s, "byterange", "ByteRange does not begin at 0, is not in order, or leaves the file");
    return true;
}

/* Digits of one case only and in pairs: a changed digit must not be able to hide. */
static bool plain_hex(struct sv raw)
{
    size_t digits = 0;
    bool upper = false, lower = false;
    for (size_t i = 1; i + 1 < raw.n; i++) {
        char c = raw.p[i];
        if (pdf_is_blank(c) && c)
            continue;
        if (hex_digit(c) < 0)
            return false;
        upper = upper || (c >= 'A' && c <= 'F');
        lower = lower || (c >= 'a' && c <= 'f');
        digits++;
    }
    return digits % 2 == 0 && digits > 0 && !(upper && lower);
}

static bool read_contents(struct verifying *v, struct sig *s)
{
    const struct obj *c = dict_get(s->dict, "Contents");
    if (c->kind != O_STRING || c->raw.n < 2 || c->raw.p[0] != '<')
        return broken(v, s, "contents", "Contents is not a hexadecimal string in the dictionary");
    uint64_t at = (uint64_t)(c->raw.p - v->bytes.p);
    if (at != s->out.range[1] || at + c->raw.n != s->out.range[2])
        return broken(v, s, "gap", "what ByteRange leaves out is not exactly the value of Contents");
    if (!plain_hex(c->raw))
        return broken(v, s, "contents", "Contents has odd or mixed digits");
    s->contents = arena_sv(v->a, c->text);
    if (s->contents.n > (size_t)4 << 20)
        return broken(v, s, "contents", "Contents is larger than 4 MiB");
    return true;
}

void sig_check_range(struct verifying *v, struct sig *s)
{
    if (!locate(v, s) || !read_range(v, s) || !read_contents(v, s)) {
        memset(s->out.range, 0, sizeof(s->out.range));
        return;
    }
    s->end = s->out.range[2] + s->out.range[3];
    if (s->dict_at < s->out.range[2] && s->dict_end <= s->end)
        return;
    s->end = 0;
    broken(v, s, "byterange", "the signature dictionary lies outside what it signs");
}

/* Signed prefixes grow, gaps never meet, and no two signatures sign the same range. */
void sigs_check_nesting(struct verifying *v)
{
    for (size_t i = 0; i < v->n; i++) {
        for (size_t k = 0; k < i; k++) {
            struct sig *early = &v->sigs[k], *late = &v->sigs[i];
            if (!early->end || !late->end)
                continue;
            bool twice = memcmp(early->out.range, late->out.range, sizeof(early->out.range)) == 0;
            /* the order of the form's fields is not that of signing */
            bool apart = early->end <= late->out.range[1] || late->end <= early->out.range[1];
            if (!twice && apart)
                continue;
            broken(v, early, "nesting", "signed ranges of two signatures are the same or overlap");
            broken(v, late, "nesting", "signed ranges of two signatures are the same or overlap");
        }
    }
}
