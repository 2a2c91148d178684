/* BER with indefinite lengths (X.690 8.1.3.6) into DER; see der_priv.h. A stack of open elements replaces recursion. */
#include "crypto/der_priv.h"

#define DEPTH 64

struct frame {
    uint8_t tag;
    bool joins; /* constructed OCTET STRING: its pieces are put together */
    struct buf body;
};
struct stack {
    struct frame f[DEPTH];
    size_t n;
};

static void stack_done(struct stack *s)
{
    while (s->n)
        buf_done(&s->f[--s->n].body);
}

static bool push(struct stack *s, uint8_t tag, size_t max)
{
    if (s->n == DEPTH)
        return false;
    struct frame *f = &s->f[s->n++];
    *f = (struct frame){.tag = tag, .joins = tag == (DER_OCTETS | 0x20)};
    buf_init(&f->body, max);
    return true;
}

/* Closes the innermost element: into its parent, or as the result. False when memory or shape forbid. */
static bool pop(struct arena *a, struct stack *s, struct sv *ret)
{
    struct frame *f = &s->f[--s->n];
    if (!buf_ok(&f->body) || a->limit - a->used < f->body.n + 16) {
        buf_done(&f->body);
        return false;
    }
    uint8_t tag = f->joins ? DER_OCTETS : f->tag;
    struct sv all = der_tlv(a, tag, buf_sv(&f->body));
    struct sv body = sv_skip(all, all.n - f->body.n);
    buf_done(&f->body);
    if (s->n == 0)
        *ret = all;
    else if (s->f[s->n - 1].joins)
        buf_add(&s->f[s->n - 1].body, body);
    else
        buf_add(&s->f[s->n - 1].body, all);
    return s->n == 0 || !s->f[s->n - 1].joins || tag == DER_OCTETS;
}

/* A definite element: copied as it stands. */
static bool definite(struct stack *s, struct sv *rest)
{
    struct der d = der_open(*rest);
    struct der_item item;
    if (!der_next(&d, &item))
        return false;
    struct frame *f = &s->f[s->n - 1];
    if (f->joins && item.tag != DER_OCTETS)
        return false;
    buf_add(&f->body, f->joins ? item.body : item.all);
    *rest = d.rest;
    return true;
}

bool ber_to_der(struct arena *a, struct sv s, struct sv *ret, size_t *ret_used)
{
    size_t n = der_size(s);
    if (n) {
        *ret = sv_sub(s, 0, n);
        *ret_used = n;
        return true;
    }
    CLEANUP(stack_done) struct stack st = {.n = 0};
    struct sv rest = s;
    do {
        if (rest.n < 2)
            return false;
        uint8_t tag = (uint8_t)rest.p[0], length = (uint8_t)rest.p[1];
        if (tag == 0 && length == 0) {
            rest = sv_skip(rest, 2);
            if (st.n == 0 || !pop(a, &st, ret))
                return false;
        } else if (length == 0x80) {
            rest = sv_skip(rest, 2);
            if (!(tag & 0x20) || (tag & 0x1f) == 0x1f || !push(&st, tag, s.n + 1024))
                return false;
        } else if (st.n == 0 || !definite(&st, &rest)) {
            return false;
        }
    } while (st.n);
    *ret_used = s.n - rest.n;
    return true;
}
