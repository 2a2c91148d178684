/* The signature dictionary and its ByteRange (ISO 32000-2 12.8.1). Anything unusual is BROKEN even when the digest
 * would match: the attacks on PDF signatures live in these liberties. */
#include <string.h>

#include "pdf/verify_priv.h"

/* Why a dictionary is no signature dictionary. */
struct refusal {
    const char *code, *why;
};

static bool refuse(struct refusal *r, const char *code, const char *why)
{
    *r = (struct refusal){code, why};
    return false;
}

static bool read_range(struct verifying *v, struct sig *s, struct refusal *no)
{
    const struct obj *arr = dict_get(s->dict, "ByteRange");
    if (arr->kind != O_ARRAY || arr->array.n != 4)
        return refuse(no, "byterange", "ByteRange is not an array of four numbers");
    for (size_t i = 0; i < 4; i++) {
        const struct obj *o = arr->array.items[i];
        if (o->kind != O_INT || o->integer < 0 || (uint64_t)o->integer > v->bytes.n)
            return refuse(no, "byterange", "ByteRange holds something else than positions in the file");
        s->out.range[i] = (uint64_t)o->integer;
    }
    const uint64_t *r = s->out.range;
    if (r[0] != 0 || r[2] < r[1] + 2 || r[3] > v->bytes.n - r[2])
        return refuse(no, "byterange", "ByteRange does not begin at 0, is not in order, or leaves the file");
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

static bool read_contents(struct verifying *v, struct sig *s, struct refusal *no)
{
    const struct obj *c = dict_get(s->dict, "Contents");
    if (c->kind != O_STRING || c->raw.n < 2 || c->raw.p[0] != '<')
        return refuse(no, "contents", "Contents is not a hexadecimal string in the dictionary");
    uint64_t at = (uint64_t)(c->raw.p - v->bytes.p);
    if (at != s->out.range[1] || at + c->raw.n != s->out.range[2])
        return refuse(no, "gap", "what ByteRange leaves out is not exactly the value of Contents");
    if (!plain_hex(c->raw))
        return refuse(no, "contents", "Contents has odd or mixed digits");
    s->contents = arena_sv(v->a, c->text);
    if (s->contents.n > (size_t)4 << 20)
        return refuse(no, "contents", "Contents is larger than 4 MiB");
    return true;
}

/* The object that stands there, as a signature dictionary over its own ByteRange. When it is none, s only learns its
 * place. */
static bool read_at(struct verifying *v, struct sig *s, uint64_t at, struct refusal *no)
{
    struct sig t = *s;
    uint32_t num, gen;
    const struct obj *o;
    if (!doc_parse_at(&v->doc, at, &num, &gen, &o, &t.dict_end) || num != s->out.object)
        return refuse(no, "sig_place", "the signature dictionary is not an object of its own");
    if (!s->dict_end) { /* signature or not, this is where the field leads */
        s->dict_at = at;
        s->dict_end = t.dict_end;
    }
    if (s->field->v->kind == O_REF && gen != s->field->v->ref.gen)
        return refuse(no, "sig_place", "the field names another generation of the signature dictionary");
    if (o->kind != O_DICT || o->dict.duplicates)
        return refuse(no, "sig_dictionary", "no dictionary, or one with a key twice");
    t.dict = o;
    t.dict_at = at;
    if (!read_range(v, &t, no) || !read_contents(v, &t, no))
        return false;
    t.end = t.out.range[2] + t.out.range[3];
    if (t.dict_at >= t.out.range[2] || t.dict_end > t.end)
        return refuse(no, "byterange", "the signature dictionary lies outside what it signs");
    *s = t;
    return true;
}

/* An older version of the object that signs the revision it belongs to: a later one put another in its place, to show
 * another name, reason or time, or to pass a copy off as the signature. */
struct older {
    struct verifying *v;
    struct sig *s;
    uint64_t newest;
    bool found;
};

static bool try_older(void *ctx, const struct xref_row *r)
{
    struct older *o = ctx;
    struct refusal ignored;
    if (r->num == o->s->out.object && r->x.kind == X_PLAIN && r->x.at != o->newest)
        o->found = read_at(o->v, o->s, r->x.at, &ignored);
    return !o->found;
}

static bool read_older(struct verifying *v, struct sig *s, uint64_t newest)
{
    struct older o = {v, s, newest, false};
    for (size_t i = 0; i < v->doc.sections_n && section_each(&v->doc, &v->doc.sections[i], try_older, &o);)
        i++;
    return o.found;
}

void sig_check_range(struct verifying *v, struct sig *s)
{
    struct refusal no = {"sig_place", "the signature dictionary is not an object of its own"};
    struct xref x = doc_xref(&v->doc, s->out.object);
    if (s->out.object && x.kind == X_PLAIN && read_at(v, s, x.at, &no))
        return;
    s->replaced = s->out.object && read_older(v, s, x.kind == X_PLAIN ? x.at : 0);
    if (s->replaced)
        sig_spoil(v, s, PDF_CHANGED, "signature_replaced", s->out.object,
                  "a later revision put another dictionary in the place of the signed one");
    else
        sig_spoil(v, s, PDF_BROKEN, no.code, s->out.object, "%s", no.why);
}

bool sig_check_range_at(struct verifying *v, struct sig *s, uint64_t at)
{
    struct refusal no;
    bool fine = read_at(v, s, at, &no);
    if (!fine)
        sig_spoil(v, s, PDF_BROKEN, no.code, s->out.object, "%s", no.why);
    return fine;
}

static void overlap(struct verifying *v, struct sig *s)
{
    sig_spoil(v, s, PDF_BROKEN, "nesting", s->out.object, "signed ranges of two signatures are the same or overlap");
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
            overlap(v, early);
            overlap(v, late);
        }
    }
}
