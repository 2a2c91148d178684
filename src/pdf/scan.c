/* Signature dictionaries that no field leads to: removed, replaced, freed, or behind a turned-back startxref. Removing
 * a signature is a change; it must not look like a document that was never signed. */
#include <stdlib.h>
#include <string.h>

#include "pdf/verify_priv.h"

struct scan {
    struct verifying *v;
    uint64_t *offsets; /* of all objects of all sections, ascending */
    size_t n;
};

static int by_offset(const void *p, const void *q)
{
    uint64_t x = *(const uint64_t *)p, y = *(const uint64_t *)q;
    return x < y ? -1 : x > y;
}

static bool collect(struct scan *s)
{
    struct doc *d = &s->v->doc;
    size_t n = 0;
    for (size_t i = 0; i < d->sections_n; i++)
        n += d->sections[i].rows_n + 1;
    s->offsets = arena_try(&d->arena, (n + 1) * sizeof(*s->offsets));
    if (!s->offsets)
        return false;
    for (size_t i = 0; i < d->sections_n; i++) {
        const struct section *sec = &d->sections[i];
        for (size_t k = 0; k < sec->rows_n; k++) {
            if (sec->rows[k].x.kind == X_PLAIN)
                s->offsets[s->n++] = sec->rows[k].x.at;
        }
        if (sec->is_stream)
            s->offsets[s->n++] = sec->at;
    }
    qsort(s->offsets, s->n, sizeof(*s->offsets), by_offset);
    return true;
}

/* "/ByteRange" with any spelling (#xx). */
static bool is_byterange(struct sv in, size_t at)
{
    static const char word[] = "ByteRange";
    size_t i = at + 1;
    for (size_t k = 0; k < sizeof(word) - 1; k++) {
        if (i >= in.n)
            return false;
        int c = (unsigned char)in.p[i++];
        if (c == '#' && i + 1 < in.n) {
            c = hex_digit(in.p[i]) * 16 + hex_digit(in.p[i + 1]);
            i += 2;
        }
        if (c != word[k])
            return false;
    }
    return i >= in.n || pdf_is_blank(in.p[i]) || pdf_is_delimiter(in.p[i]);
}

/* The object around a position; false when the position is in none. ret_stream_end: of the stream data around it, or
 * NULL. */
static bool object_around(struct scan *s, uint64_t at, uint32_t *ret_num, const char **ret_stream_end)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->offsets[mid] <= at)
            low = mid + 1;
        else
            high = mid;
    }
    uint32_t gen;
    uint64_t end;
    const struct obj *o;
    if (!low || !doc_parse_at(&s->v->doc, s->offsets[low - 1], ret_num, &gen, &o, &end) || at >= end)
        return false;
    const char *p = s->v->bytes.p + at;
    *ret_stream_end = o->kind == O_STREAM && p >= o->data.p && p < o->data.p + o->data.n ? o->data.p + o->data.n : NULL;
    return true;
}

static bool known(const struct verifying *v, uint64_t at, const uint64_t usage[2])
{
    for (size_t i = 0; i < v->n; i++) {
        if (at >= v->sigs[i].dict_at && at < v->sigs[i].dict_end)
            return true;
    }
    return at >= usage[0] && at < usage[1];
}

/* Perms/UR3 is about usage rights of a reader, not a signature of the document. */
static void usage_rights(struct verifying *v, uint64_t ret[2])
{
    ret[0] = ret[1] = 0;
    const struct obj *ref = dict_get(doc_get(&v->doc, doc_root(&v->doc), "Perms"), "UR3");
    struct xref x = ref->kind == O_REF ? doc_xref(&v->doc, ref->ref.num) : (struct xref){0};
    uint32_t num, gen;
    const struct obj *o;
    if (x.kind == X_PLAIN && doc_parse_at(&v->doc, x.at, &num, &gen, &o, &ret[1]))
        ret[0] = x.at;
    else
        ret[1] = 0;
}

static void hidden(struct verifying *v, uint64_t at, uint32_t num)
{
    reasons_add(v->a, &v->r->reasons, true, "hidden_signature", num,
                "a signature dictionary at byte %llu belongs to no signature field of the document",
                (unsigned long long)at);
    for (size_t i = 0; i < v->n; i++)
        sig_spoil(v, &v->sigs[i], PDF_CHANGED, "hidden_signature", num, "another signature was removed or replaced");
    v->r->integrity = PDF_CHANGED;
}

void scan_hidden(struct verifying *v)
{
    struct scan s = {.v = v};
    uint64_t usage[2];
    usage_rights(v, usage);
    if (!collect(&s))
        return;
    struct sv in = v->bytes;
    for (const char *p = in.p; (p = memchr(p, '/', in.n - (size_t)(p - in.p))) != NULL; p++) {
        uint64_t at = (uint64_t)(p - in.p);
        if (!is_byterange(in, at) || known(v, at, usage))
            continue;
        uint32_t num = 0;
        const char *stream_end = NULL;
        if (object_around(&s, at, &num, &stream_end) && stream_end) {
            p = stream_end - 1;
            continue;
        }
        hidden(v, at, num);
        return;
    }
}
