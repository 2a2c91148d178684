/* Writes incremental updates; see update_priv.h. The section is of the same kind as the newest one of the file: some
 * readers fail on a table behind a stream or the reverse; after a hybrid section comes a plain table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdf/crypt_priv.h"
#include "pdf/update_priv.h"

/* "[0 a b c]" with ten places for each number. */
#define RANGE_FORMAT "[0 %-10llu %-10llu %-10llu]"
#define RANGE_WIDTH  36

void update_init(struct update *u, struct doc *d, struct arena *a)
{
    *u = (struct update){.d = d, .a = a, .next = d->size};
}

static struct update_item *item(struct update *u, uint32_t num)
{
    for (size_t i = 0; i < u->n; i++) {
        if (u->items[i].num == num)
            return &u->items[i];
    }
    if (u->n == u->cap) {
        u->cap = u->cap ? u->cap * 2 : 16;
        struct update_item *p = arena_array(u->a, struct update_item, u->cap);
        if (u->n)
            memcpy(p, u->items, u->n * sizeof(*p));
        u->items = p;
    }
    u->items[u->n] = (struct update_item){.num = num};
    return &u->items[u->n++];
}

void update_set(struct update *u, uint32_t num, uint32_t gen, const struct obj *o)
{
    struct update_item *i = item(u, num);
    i->gen = gen;
    i->object = o;
}

uint32_t update_add(struct update *u, const struct obj *o)
{
    update_set(u, u->next, 0, o);
    return u->next++;
}

uint32_t update_add_stream(struct update *u, const struct obj *dict, struct sv data)
{
    uint32_t num = update_add(u, dict);
    struct update_item *i = item(u, num);
    i->is_stream = true;
    i->data = data;
    return num;
}

uint32_t update_add_signature(struct update *u, const struct obj *dict, size_t reserve)
{
    uint32_t num = update_add(u, dict);
    item(u, num)->is_signature = true;
    u->reserve = reserve;
    return num;
}

const struct obj *update_object(struct update *u, uint32_t num, uint32_t gen)
{
    for (size_t i = 0; i < u->n; i++) {
        if (u->items[i].num == num)
            return u->items[i].object;
    }
    return doc_object(u->d, num, gen);
}

static int by_number(const void *p, const void *q)
{
    const struct update_item *x = p, *y = q;
    return x->num < y->num ? -1 : x->num > y->num;
}

/* Offsets of the placeholders in the file. */
struct places {
    uint64_t range_at, open, close; /* close: behind '>' */
};

static void write_signature(struct buf *b, const struct update *u, const struct update_item *i, uint64_t base,
                            struct places *places)
{
    CLEANUP(buf_done) struct buf dict;
    buf_init(&dict, (size_t)1 << 24);
    crypt_write(u->a, &dict, u->d->crypt, i->object, i->num, i->gen);
    must(dict.n > 4);
    buf_add_bytes(b, dict.p, dict.n - 2); /* without ">>" */
    buf_add(b, SV("/ByteRange "));
    places->range_at = base + b->n;
    buf_add_repeat(b, ' ', RANGE_WIDTH);
    buf_add(b, SV("/Contents "));
    places->open = base + b->n;
    buf_add_char(b, '<');
    buf_add_repeat(b, '0', 2 * u->reserve);
    buf_add_char(b, '>');
    places->close = base + b->n;
    buf_add(b, SV(">>"));
}

static void write_item(struct buf *b, struct update *u, struct update_item *i, uint64_t base, struct places *places)
{
    const struct crypt *c = u->d->crypt;
    i->at = base + b->n;
    buf_add_u64(b, i->num, 1);
    buf_add_char(b, ' ');
    buf_add_u64(b, i->gen, 1);
    buf_add(b, SV(" obj\n"));
    if (i->is_signature) {
        write_signature(b, u, i, base, places);
    } else if (i->is_stream) {
        struct sv data = crypt_stream_seal(u->a, c, i->object, i->num, i->gen, i->data);
        const struct obj *dict = dict_with(u->a, i->object, "Length", obj_int(u->a, (int64_t)data.n));
        crypt_write(u->a, b, c, dict, i->num, i->gen);
        buf_add(b, SV("\nstream\n"));
        buf_add(b, data);
        buf_add(b, SV("\nendstream"));
    } else {
        crypt_write(u->a, b, c, i->object, i->num, i->gen);
    }
    buf_add(b, SV("\nendobj\n"));
}

/* Element 0 stays, element 1 is new; a file without an ID gets one (7.5.5, 14.4). */
static const struct obj *new_id(struct update *u)
{
    char fresh[16];
    random_bytes(fresh, sizeof(fresh));
    const struct obj *old = doc_get(u->d, u->d->trailer, "ID"), *second = obj_bytes(u->a, sv_of(fresh, sizeof(fresh)));
    const struct obj *first = old->kind == O_ARRAY && old->array.n ? doc_value(u->d, old->array.items[0]) : &obj_null;
    struct obj *id = array_with(u->a, &obj_null, first->kind == O_STRING ? first : second);
    return array_with(u->a, id, second);
}

static struct obj *new_trailer(struct update *u, uint32_t size)
{
    static const char *const kept[] = {"Root", "Info", "Encrypt"};
    struct obj *t = obj_dict(u->a);
    dict_put(u->a, t, "Size", obj_int(u->a, size));
    for (size_t i = 0; i < COUNT(kept); i++) {
        const struct obj *o = dict_get(u->d->trailer, kept[i]);
        if (o->kind != O_NULL)
            dict_put(u->a, t, kept[i], o);
    }
    dict_put(u->a, t, "ID", new_id(u));
    dict_put(u->a, t, "Prev", obj_int(u->a, (int64_t)u->d->startxref_value));
    return t;
}

/* Length of the run of consecutive numbers that begins at i. */
static size_t run(const struct update *u, size_t i)
{
    size_t n = 1;
    while (i + n < u->n && u->items[i + n].num == u->items[i].num + n)
        n++;
    return n;
}

/* Exactly 20 bytes (7.5.4). */
static void write_row(struct buf *b, const struct update_item *i)
{
    buf_add_u64(b, i->at, 10);
    buf_add_char(b, ' ');
    buf_add_u64(b, i->gen, 5);
    buf_add(b, SV(" n \n"));
}

static void write_table(struct buf *b, struct update *u)
{
    buf_add(b, SV("xref\n"));
    for (size_t i = 0; i < u->n;) {
        size_t n = run(u, i);
        buf_printf(b, "%u %zu\n", u->items[i].num, n);
        for (; n; n--, i++)
            write_row(b, &u->items[i]);
    }
    buf_add(b, SV("trailer\n"));
    obj_write(b, new_trailer(u, u->next));
    buf_add_char(b, '\n');
}

static void write_stream(struct buf *b, struct update *u, uint64_t at)
{
    struct update_item *self = item(u, u->next++);
    self->at = at;
    qsort(u->items, u->n, sizeof(*u->items), by_number);
    struct obj *dict = new_trailer(u, u->next), *index = obj_array(u->a, 0), *w = obj_array(u->a, 0);
    CLEANUP(buf_done) struct buf rows;
    buf_init(&rows, u->n * 7 + 16);
    for (size_t i = 0; i < u->n;) {
        size_t n = run(u, i);
        index = array_with(u->a, index, obj_int(u->a, u->items[i].num));
        index = array_with(u->a, index, obj_int(u->a, (int64_t)n));
        for (; n; n--, i++) {
            uint64_t offset = u->items[i].at;
            uint32_t gen = u->items[i].gen;
            const char row[7] = {1,
                                 (char)(offset >> 24 & 0xFF),
                                 (char)(offset >> 16 & 0xFF),
                                 (char)(offset >> 8 & 0xFF),
                                 (char)(offset & 0xFF),
                                 (char)(gen >> 8 & 0xFF),
                                 (char)(gen & 0xFF)};
            buf_add_bytes(&rows, row, sizeof(row));
        }
    }
    static const int widths[] = {1, 4, 2};
    for (size_t i = 0; i < COUNT(widths); i++)
        w = array_with(u->a, w, obj_int(u->a, widths[i]));
    dict_put(u->a, dict, "Type", obj_name(u->a, "XRef"));
    dict_put(u->a, dict, "Index", index);
    dict_put(u->a, dict, "W", w);
    dict_put(u->a, dict, "Length", obj_int(u->a, (int64_t)rows.n));
    buf_printf(b, "%u 0 obj\n", u->next - 1);
    obj_write(b, dict);
    buf_add(b, SV("\nstream\n"));
    buf_add(b, buf_sv(&rows));
    buf_add(b, SV("\nendstream\nendobj\n"));
}

static bool ends_in_eol(struct sv s)
{
    return s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r');
}

bool update_write(struct update *u, struct sv *ret, uint64_t ret_range[4], struct err *e)
{
    struct sv old = u->d->bytes;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, (size_t)512 << 20);
    buf_reserve(&b, 2 * u->reserve + 8192);
    qsort(u->items, u->n, sizeof(*u->items), by_number);
    if (!ends_in_eol(old))
        buf_add_char(&b, '\n');
    struct places places = {0};
    for (size_t i = 0; i < u->n; i++)
        write_item(&b, u, &u->items[i], old.n, &places);
    uint64_t at = old.n + b.n;
    if (u->d->sections[0].is_stream)
        write_stream(&b, u, at);
    else
        write_table(&b, u);
    buf_printf(&b, "startxref\n%llu\n%%%%EOF\n", (unsigned long long)at);
    size_t total = old.n + b.n;
    char *out = buf_ok(&b) && total <= PDF_MAX_FILE ? arena_try(u->a, b.n + 1) : NULL;
    if (!out)
        return err_user(e, ERR_TOO_LARGE, "pdf_too_large", NULL, "signed file would have %zu bytes", total);
    memcpy(out, b.p, b.n);
    if (places.open) {
        char text[RANGE_WIDTH + 1];
        int n = snprintf(text, sizeof(text), RANGE_FORMAT, (unsigned long long)places.open,
                         (unsigned long long)places.close, (unsigned long long)(total - places.close));
        must(n == RANGE_WIDTH);
        memcpy(out + (places.range_at - old.n), text, RANGE_WIDTH);
        ret_range[0] = 0;
        ret_range[1] = places.open;
        ret_range[2] = places.close;
        ret_range[3] = total - places.close;
    }
    *ret = sv_of(out, b.n);
    return true;
}
