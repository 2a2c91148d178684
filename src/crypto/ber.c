/* BER (X.690 8.1.3.6 and 8.7.3) into DER; see der_priv.h. Two walks over the same bytes: the first learns how long the
 * content of each constructed element becomes, the second writes. A stack of open elements replaces recursion. */
#include <string.h>

#include "crypto/der_priv.h"

enum { DEPTH = 64, JOINED = DER_OCTETS | 0x20 };

struct open_element {
    size_t index;         /* which constructed element this is, in the order of their headers */
    size_t end, limit;    /* where it ends (SIZE_MAX: at its end mark), and where it must end */
    size_t before;        /* bytes written before its content */
    struct der_head head; /* as it stands */
};
struct walk {
    struct sv in;
    size_t at;
    struct open_element open[DEPTH];
    size_t n;
    uint32_t *sizes; /* content of each constructed element after the change */
    size_t next;
    char *out; /* NULL: counting */
    size_t out_n;
};

static void put(struct walk *w, struct sv bytes)
{
    if (w->out && bytes.n)
        memcpy(w->out + w->out_n, bytes.p, bytes.n);
    w->out_n += bytes.n;
}

static bool joins(const struct walk *w)
{
    return w->n && w->open[w->n - 1].head.tag == JOINED;
}

/* The size of a header is known only with its content: while counting, it is added when the element ends. */
static size_t head_size(const struct der_head *h, size_t body)
{
    uint8_t made[6];
    return h->tag != JOINED && !h->indefinite && body == h->body ? h->size : der_head_put(made, h->tag, body);
}

static bool enter(struct walk *w, const struct der_head *h)
{
    if (w->n == DEPTH || (joins(w) && h->tag != JOINED))
        return false;
    bool joined = joins(w);
    size_t limit = w->n ? w->open[w->n - 1].limit : w->in.n;
    struct open_element *o = &w->open[w->n++];
    *o = (struct open_element){.index = w->next++, .head = *h, .end = SIZE_MAX, .limit = limit};
    if (!h->indefinite)
        o->end = o->limit = w->at + h->size + h->body;
    if (w->out && !joined) {
        uint8_t made[6];
        size_t body = w->sizes[o->index], n = der_head_put(made, h->tag == JOINED ? DER_OCTETS : h->tag, body);
        bool as_it_was = h->tag != JOINED && !h->indefinite && body == h->body;
        put(w, as_it_was ? sv_sub(w->in, w->at, h->size) : sv_of(made, n));
    }
    o->before = w->out_n;
    w->at += h->size;
    return true;
}

static void leave(struct walk *w)
{
    struct open_element *o = &w->open[--w->n];
    if (w->out)
        return;
    size_t body = w->out_n - o->before;
    w->sizes[o->index] = (uint32_t)body;
    if (!joins(w))
        w->out_n += head_size(&o->head, body);
}

/* Closes what ends here. False when an end mark is missing. */
static bool close_ended(struct walk *w)
{
    while (w->n) {
        struct open_element *o = &w->open[w->n - 1];
        struct sv rest = sv_sub(w->in, w->at, o->limit - w->at);
        if (o->end == SIZE_MAX) {
            if (rest.n < 2)
                return false;
            if (rest.p[0] != 0 || rest.p[1] != 0)
                return true;
            w->at += 2;
        } else if (w->at < o->end) {
            return true;
        }
        leave(w);
    }
    return true;
}

static bool walk(struct walk *w)
{
    do {
        size_t limit = w->n ? w->open[w->n - 1].limit : w->in.n;
        struct sv rest = sv_sub(w->in, w->at, limit - w->at);
        struct der_head h;
        if (!der_head(rest, &h))
            return false;
        if (h.tag & 0x20) {
            if (!enter(w, &h))
                return false;
        } else {
            if (h.indefinite || (joins(w) && h.tag != DER_OCTETS))
                return false;
            put(w, joins(w) ? sv_sub(rest, h.size, h.body) : sv_sub(rest, 0, h.size + h.body));
            w->at += h.size + h.body;
        }
        if (!close_ended(w))
            return false;
    } while (w->n);
    return true;
}

/* Headers in the order in which they stand: content of constructed elements is not jumped over. */
static bool find(struct sv s, bool (*wanted)(const struct der_head *h))
{
    struct der_head h;
    for (size_t at = 0; at < s.n;) {
        if (!der_head(sv_skip(s, at), &h))
            return false; /* malformed: whoever reads it will see */
        if (wanted(&h))
            return true;
        at += h.size + (h.tag & 0x20 ? 0 : h.body);
    }
    return false;
}

static bool is_not_plain(const struct der_head *h)
{
    return h->indefinite || h->tag == JOINED;
}

static bool is_long(const struct der_head *h)
{
    return !h->minimal;
}

bool ber_has_long_lengths(struct sv s)
{
    return find(sv_sub(s, 0, der_size(s)), is_long);
}

bool ber_to_der(struct arena *a, struct sv s, struct sv *ret, size_t *ret_used)
{
    size_t n = der_size(s);
    if (n && !find(sv_sub(s, 0, n), is_not_plain)) {
        *ret = sv_sub(s, 0, n);
        *ret_used = n;
        return true;
    }
    struct walk *w = arena_try(a, sizeof(*w));
    if (!w || s.n > UINT32_MAX / 2 || !(w->sizes = arena_try(a, (s.n / 2 + 1) * sizeof(*w->sizes))))
        return false;
    w->in = s;
    if (!walk(w))
        return false;
    *ret_used = w->at;
    char *out = arena_try(a, w->out_n + 1);
    if (!out)
        return false;
    *ret = (struct sv){out, w->out_n};
    w->at = w->out_n = w->next = 0;
    w->out = out;
    return walk(w);
}
