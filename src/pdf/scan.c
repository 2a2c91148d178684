/* Signature dictionaries that no field leads to: removed, replaced, freed, behind a turned-back startxref, or in an
 * object stream. Removing a signature is a change; it must not look like a document that was never signed. */
#include <stdlib.h>
#include <string.h>

#include "pdf/pieces_priv.h"
#include "pdf/verify_priv.h"

#define MAX_GUESSES 32                /* objects that are looked for because no cross reference lists them */
#define MAX_BACK    ((size_t)9 << 20) /* how far their beginning may lie in front: the longest Contents in hexadecimal */

struct scan {
    struct verifying *v;
    uint64_t *offsets; /* of all objects of all sections, ascending */
    size_t n;
    unsigned guesses;
};
/* An object in the body. */
struct place {
    uint64_t at, end;
    uint32_t num;
    const struct obj *o;
};

static int by_offset(const void *p, const void *q)
{
    uint64_t x = *(const uint64_t *)p, y = *(const uint64_t *)q;
    return x < y ? -1 : x > y;
}

static bool count_offset(void *ctx, const struct xref_row *row)
{
    struct scan *s = ctx;
    s->n += row->x.kind == X_PLAIN;
    return true;
}

static bool add_offset(void *ctx, const struct xref_row *row)
{
    struct scan *s = ctx;
    if (row->x.kind == X_PLAIN)
        s->offsets[s->n++] = row->x.at;
    return true;
}

static bool collect(struct scan *s)
{
    struct doc *d = &s->v->doc;
    for (size_t i = 0; i < d->sections_n; i++) {
        if (!section_each(d, &d->sections[i], count_offset, s))
            return false;
    }
    s->offsets = arena_try(&d->arena, (s->n + d->sections_n + 1) * sizeof(*s->offsets));
    if (!s->offsets)
        return false;
    s->n = 0;
    for (size_t i = 0; i < d->sections_n; i++) {
        if (!section_each(d, &d->sections[i], add_offset, s))
            return false;
        if (d->sections[i].is_stream)
            s->offsets[s->n++] = d->sections[i].at;
    }
    qsort(s->offsets, s->n, sizeof(*s->offsets), by_offset);
    return true;
}

/* A name with any spelling (#xx). */
static bool is_name_at(struct sv in, size_t at, const char *word)
{
    size_t i = at + 1;
    for (; *word; word++) {
        if (i >= in.n)
            return false;
        int c = (unsigned char)in.p[i++];
        if (c == '#' && i + 1 < in.n) {
            c = hex_digit(in.p[i]) * 16 + hex_digit(in.p[i + 1]);
            i += 2;
        }
        if (c != *word)
            return false;
    }
    return i >= in.n || pdf_is_blank(in.p[i]) || pdf_is_delimiter(in.p[i]);
}

/* ---- the object around a position ---- */

static bool parse_place(struct scan *s, uint64_t from, uint64_t at, struct place *ret)
{
    uint32_t gen;
    ret->at = from;
    return doc_parse_at(&s->v->doc, from, &ret->num, &gen, &ret->o, &ret->end) && at < ret->end;
}

static bool listed_place(struct scan *s, uint64_t at, struct place *ret)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->offsets[mid] <= at)
            low = mid + 1;
        else
            high = mid;
    }
    return low && parse_place(s, s->offsets[low - 1], at, ret);
}

/* Over blanks and the digits in front of them, backwards; false: there are no digits. */
static bool back_over_number(struct sv in, size_t *at)
{
    size_t i = *at;
    while (i && pdf_is_blank(in.p[i - 1]))
        i--;
    *at = i;
    while (i && in.p[i - 1] >= '0' && in.p[i - 1] <= '9')
        i--;
    bool some = i < *at;
    *at = i;
    return some;
}

/* Where "n g obj" begins in front of a position, no endobj between; SIZE_MAX: nowhere. */
static size_t header_before(struct sv in, size_t at)
{
    size_t low = at > MAX_BACK ? at - MAX_BACK : 0;
    for (size_t i = at; i-- > low;) {
        if (in.p[i] != 'o' || !sv_starts(sv_skip(in, i), SV("obj")))
            continue;
        if (i >= 3 && memcmp(in.p + i - 3, "end", 3) == 0)
            return SIZE_MAX;
        size_t start = i;
        if (back_over_number(in, &start) && back_over_number(in, &start))
            return start;
    }
    return SIZE_MAX;
}

static bool object_around(struct scan *s, uint64_t at, struct place *ret)
{
    if (listed_place(s, at, ret))
        return true;
    if (s->guesses == MAX_GUESSES)
        return false;
    s->guesses++;
    size_t from = header_before(s->v->bytes, at);
    return from != SIZE_MAX && parse_place(s, from, at, ret);
}

/* ---- what is a signature dictionary ---- */

/* The dictionary with /ByteRange in an object, however deep (the parser bounds the depth); NULL: there is none. */
static const struct obj *with_range(const struct obj *o)
{
    const struct obj *found = NULL;
    if (obj_is_dict(o) && dict_get(o, "ByteRange")->kind != O_NULL)
        return o;
    for (size_t i = 0; o->kind == O_ARRAY && i < o->array.n && !found; i++)
        found = with_range(o->array.items[i]);
    for (size_t i = 0; obj_is_dict(o) && i < o->dict.n && !found; i++)
        found = with_range(o->dict.entries[i].value);
    return found;
}

/* End of the last part of ByteRange; 0: not four numbers. */
static uint64_t claimed_end(const struct obj *dict)
{
    const struct obj *arr = dict_get(dict, "ByteRange");
    if (arr->kind != O_ARRAY || arr->array.n != 4)
        return 0;
    const struct obj *from = arr->array.items[2], *n = arr->array.items[3];
    bool numbers = from->kind == O_INT && n->kind == O_INT && from->integer >= 0 && n->integer >= 0 &&
                   from->integer < INT64_MAX / 4 && n->integer < INT64_MAX / 4;
    return numbers ? (uint64_t)from->integer + (uint64_t)n->integer : 0;
}

/* A value that was there when the signature was made: direct, or an object in front of the end of what was signed. */
static const struct obj *value_then(struct verifying *v, const struct obj *o, uint64_t end)
{
    if (o->kind != O_REF)
        return o;
    struct xref x = doc_xref(&v->doc, o->ref.num);
    return x.kind == X_PLAIN && x.at < end ? doc_value(&v->doc, o) : &obj_null;
}

/* UR3 is about usage rights of a reader, not a signature of the document. The dictionary must say so itself: /Perms of
 * a later revision could be pointed at any signature. */
static bool is_usage_rights(struct verifying *v, const struct obj *dict)
{
    uint64_t end = claimed_end(dict);
    const struct obj *refs = value_then(v, dict_get(dict, "Reference"), end);
    bool only = refs->kind == O_ARRAY && refs->array.n > 0;
    for (size_t i = 0; only && i < refs->array.n; i++) {
        const struct obj *method = dict_get(value_then(v, refs->array.items[i], end), "TransformMethod");
        only = obj_is_name(method, "UR3") || obj_is_name(method, "UR");
    }
    return only;
}

/* Shown by a field, or an object that took the place of one that is (which is told already). */
static const struct sig *known(const struct verifying *v, uint64_t at, uint32_t num)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct sig *s = &v->sigs[i];
        if ((at >= s->dict_at && at < s->dict_end) || (num && s->replaced && s->out.object == num))
            return s;
    }
    return NULL;
}

/* ---- hidden ones ---- */

static void hidden(struct verifying *v, const struct obj *dict, uint64_t at, uint32_t num)
{
    bool cut = dict && claimed_end(dict) > v->bytes.n;
    v->hidden = cut ? PDF_BROKEN : PDF_CHANGED;
    reasons_add(v->a, &v->r->reasons, true, "hidden_signature", num,
                "a signature dictionary at byte %llu belongs to no signature field of the document%s",
                (unsigned long long)at, cut ? ", and what it signs goes on behind the end of the file" : "");
    for (size_t i = 0; i < v->n; i++)
        sig_spoil(v, &v->sigs[i], PDF_CHANGED, "hidden_signature", num, "another signature was removed or replaced");
}

static bool mentions_range(struct sv data)
{
    for (size_t i = 0; i < data.n; i++) {
        if (data.p[i] == '/' && is_name_at(data, i, "ByteRange"))
            return true;
    }
    return false;
}

/* A signature dictionary cannot be in an object stream (12.8.1); one that is there was hidden. */
static const struct obj *in_object_stream(struct doc *d, const struct obj *stream)
{
    struct sv data;
    const struct obj *first = doc_get(d, stream, "First"), *n = doc_get(d, stream, "N"), *found = NULL;
    if (!obj_is_name(doc_get(d, stream, "Type"), "ObjStm") || !doc_stream(d, stream, &data) || !mentions_range(data))
        return NULL;
    struct lexer head = {.a = &d->arena, .in = data};
    uint64_t budget = (uint64_t)data.n * 4, num, offset, from = first->kind == O_INT ? (uint64_t)first->integer : 0;
    for (int64_t i = 0; n->kind == O_INT && i < n->integer && !found; i++) {
        if (!lex_uint(&head, PDF_MAX_OBJECTS, &num) || !lex_uint(&head, data.n, &offset) || from > data.n - offset)
            break;
        struct lexer x = {.a = &d->arena, .in = data, .at = from + offset};
        const struct obj *o = lex_object(&x);
        found = o ? with_range(o) : NULL;
        if (x.at - from - offset > budget)
            break;
        budget -= x.at - from - offset;
    }
    return found;
}

/* A word that stands in no object that can be read counts when it looks like the key: a list follows. */
static bool list_follows(struct verifying *v, uint64_t at)
{
    struct lexer x = {.a = &v->doc.arena, .in = v->bytes, .at = at + 1};
    while (x.at < x.in.n && !pdf_is_blank(x.in.p[x.at]) && !pdf_is_delimiter(x.in.p[x.at]))
        x.at++;
    lex_skip(&x);
    return x.at < x.in.n && x.in.p[x.at] == '[';
}

/* False: go on behind *at. */
static bool is_hidden(struct scan *s, uint64_t *at, bool range)
{
    struct verifying *v = s->v;
    const struct sig *sig = known(v, *at, 0);
    struct place p = {0};
    if (sig) {
        *at = sig->dict_end - 1;
        return false;
    }
    if (!object_around(s, *at, &p)) {
        if (range && list_follows(v, *at))
            hidden(v, NULL, *at, 0);
        return v->hidden != PDF_INTACT;
    }
    const struct obj *dict = p.o->kind == O_STREAM ? in_object_stream(&v->doc, p.o) : NULL;
    dict = dict ? dict : with_range(p.o);
    *at = p.end - 1;
    if (!dict || known(v, p.at, p.num) || is_usage_rights(v, dict))
        return false;
    hidden(v, dict, p.at, p.num);
    return true;
}

void scan_hidden(struct verifying *v)
{
    struct scan s = {.v = v};
    struct sv in = v->bytes;
    uint64_t told = 0;
    if (!collect(&s)) /* then each object is looked for */
        s.n = 0;
    for (const char *p = in.p; in.n && (p = memchr(p, '/', in.n - (size_t)(p - in.p))) != NULL; p++) {
        uint64_t at = (uint64_t)(p - in.p);
        if (at - told > PDF_PIECE) {
            reader_seen(v->o->reader, sv_sub(in, told, at - told));
            told = at;
        }
        bool range = is_name_at(in, at, "ByteRange");
        if (!range && !is_name_at(in, at, "ObjStm"))
            continue;
        if (is_hidden(&s, &at, range))
            return;
        p = in.p + at;
    }
}

/* ---- prepared replacements ---- */

/* An object that no cross reference leads to, under a number that is in use: a later revision needs only a cross
 * reference to show it instead (shadow attacks). at: of the word obj. */
static bool is_shadow(struct scan *s, size_t at, struct place *ret)
{
    struct place around;
    size_t start = at;
    if (!back_over_number(s->v->bytes, &start) || !back_over_number(s->v->bytes, &start))
        return false;
    uint64_t key = start;
    if (bsearch(&key, s->offsets, s->n, sizeof(key), by_offset) || listed_place(s, start, &around))
        return false;
    return s->guesses++ < MAX_GUESSES && parse_place(s, start, at, ret) && doc_xref(&s->v->doc, ret->num).kind > X_FREE;
}

static void shadows_in(struct scan *s, struct sv in, size_t from, size_t to)
{
    static const struct sv word = SV_INIT("obj");
    size_t found;
    for (size_t at = from; (found = sv_find(sv_sub(in, at, to - at), word)) != SIZE_MAX; at += found + word.n) {
        struct place p;
        if (at + found >= 4 && pdf_is_blank(in.p[at + found - 1]) && is_shadow(s, at + found, &p))
            reasons_add(
                    s->v->a, &s->v->r->reasons, false, "shadow_prepared", p.num,
                    "object %u stands once more at byte %llu of what was signed first, where no cross reference leads",
                    p.num, (unsigned long long)p.at);
    }
}

void scan_shadows(struct verifying *v)
{
    struct scan s = {.v = v};
    struct sv in = v->n ? sv_sub(v->bytes, 0, v->sigs[0].end) : (struct sv){0};
    if (!in.n || !collect(&s))
        return;
    for (size_t at = 0; at < in.n; at += PDF_PIECE) {
        size_t end = in.n - at > PDF_PIECE ? at + PDF_PIECE : in.n;
        shadows_in(&s, in, at, in.n - end > 2 ? end + 2 : in.n); /* a word may stand across the border */
        reader_seen(v->o->reader, sv_sub(in, at, end - at));
    }
}

/* ---- a file that cannot be read ---- */

void scan_signatures(struct verifying *v)
{
    static const struct field nobody = {.dict = &obj_null, .ft = &obj_null, .v = &obj_null};
    struct scan s = {.v = v};
    struct sv in = v->bytes;
    v->sigs = arena_array(v->a, struct sig, MAX_GUESSES);
    for (const char *p = in.p; in.n && (p = memchr(p, '/', in.n - (size_t)(p - in.p))) != NULL; p++) {
        uint64_t at = (uint64_t)(p - in.p);
        struct place place;
        if (!is_name_at(in, at, "ByteRange") || !object_around(&s, at, &place) || v->n == MAX_GUESSES)
            continue;
        p = in.p + place.end - 1;
        if (place.o->kind != O_DICT || dict_get(place.o, "ByteRange")->kind == O_NULL || is_usage_rights(v, place.o))
            continue;
        struct sig *sig = &v->sigs[v->n++];
        *sig = (struct sig){.field = &nobody, .dict = place.o};
        sig->out.object = place.num;
        sig->out.integrity = PDF_INTACT;
        sig->out.trust = PDF_TRUST_INDETERMINATE;
        (void)sig_check_range_at(v, sig, place.at);
    }
}
