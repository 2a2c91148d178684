/* Equality of objects, and the comparison of two dictionaries or arrays by the rules of their role. */
#include <string.h>

#include "pdf/diff_priv.h"

#define MAX_NESTING 40 /* of values that became objects of their own or the reverse */

uint32_t ref_num(const struct obj *o)
{
    return o->kind == O_REF ? o->ref.num : 0;
}

static const struct obj *get(const struct obj *d, struct sv key)
{
    for (size_t i = 0; obj_is_dict(d) && i < d->dict.n; i++) {
        if (sv_eq(d->dict.entries[i].key, key))
            return d->dict.entries[i].value;
    }
    return &obj_null;
}

static bool equal_scalars(const struct obj *x, const struct obj *y)
{
    double p, q;
    if (x->kind == O_INT && y->kind == O_INT)
        return x->integer == y->integer;
    if (obj_number(x, &p) && obj_number(y, &q))
        return p == q;
    if (x->kind != y->kind)
        return false;
    if (x->kind == O_STRING || x->kind == O_NAME)
        return sv_eq(x->text, y->text);
    return x->kind == O_NULL || (x->kind == O_BOOL && x->boolean == y->boolean);
}

/* How references compare: NULL by number alone. */
struct equal {
    struct diff *d;
    int nesting;
};
static bool equal(struct equal *e, const struct obj *x, const struct obj *y);

static bool equal_dicts(struct equal *e, const struct obj *x, const struct obj *y)
{
    if (x->dict.duplicates || y->dict.duplicates || x->dict.n > DIFF_MAX_KEYS || y->dict.n > DIFF_MAX_KEYS)
        return false;
    for (size_t i = 0; i < x->dict.n; i++) {
        bool length = x->kind == O_STREAM && sv_eq(x->dict.entries[i].key, SV("Length"));
        if (!length && !equal(e, x->dict.entries[i].value, get(y, x->dict.entries[i].key)))
            return false;
    }
    for (size_t i = 0; i < y->dict.n; i++) {
        struct sv key = y->dict.entries[i].key;
        bool length = y->kind == O_STREAM && sv_eq(key, SV("Length"));
        if (!length && y->dict.entries[i].value->kind != O_NULL && get(x, key)->kind == O_NULL)
            return false;
    }
    return true;
}

/* In an encrypted file the same bytes mean something else under another number. */
static bool equal_data(const struct equal *e, const struct obj *x, const struct obj *y)
{
    struct sv p, q;
    if (!e->d || !e->nesting || !(e->d->old->crypt || e->d->now->crypt))
        return sv_eq(x->data, y->data);
    return doc_stream(e->d->old, x, &p) && doc_stream(e->d->now, y, &q) && sv_eq(p, q);
}

static bool equal_refs(struct equal *e, const struct obj *x, const struct obj *y)
{
    if (x->kind == O_REF && y->kind == O_REF)
        return x->ref.num == y->ref.num && x->ref.gen == y->ref.gen;
    if (!e->d || e->nesting >= MAX_NESTING)
        return false;
    const struct obj *p = doc_value(e->d->old, x), *q = doc_value(e->d->now, y);
    e->nesting++;
    bool same = equal(e, p, q);
    e->nesting--;
    return same;
}

static bool equal(struct equal *e, const struct obj *x, const struct obj *y)
{
    if (x == y)
        return true;
    if (e->d && e->d->budget-- == 0) {
        e->d->budget = 0;
        return false;
    }
    if (x->kind == O_REF || y->kind == O_REF)
        return equal_refs(e, x, y);
    if (x->kind == O_STREAM || x->kind == O_DICT)
        return x->kind == y->kind && (x->kind == O_DICT || equal_data(e, x, y)) && equal_dicts(e, x, y);
    if (x->kind != O_ARRAY)
        return equal_scalars(x, y);
    bool same = y->kind == O_ARRAY && x->array.n == y->array.n;
    for (size_t i = 0; same && i < x->array.n; i++)
        same = equal(e, x->array.items[i], y->array.items[i]);
    return same;
}

bool obj_equal(const struct obj *x, const struct obj *y)
{
    struct equal e = {NULL, 0};
    return equal(&e, x, y);
}

bool diff_same(struct diff *d, const struct obj *old, const struct obj *now)
{
    struct equal e = {d, 0};
    return equal(&e, old, now);
}

/* ---- by rules ---- */

static const struct diff_key *rule_for(const struct diff_key *rules, struct sv key)
{
    for (; rules->key; rules++) {
        if (sv_eq(key, sv_from(rules->key)))
            return rules;
    }
    return NULL;
}

static bool refuse(struct diff *d, uint32_t num, struct sv key)
{
    diff_note(d, CHANGE_NEVER, "object_changed", num, NO_FIELD, "/%.*s of object %u is different",
              SV_ARG(sv_sub(key, 0, 60)), num);
    return false;
}

bool diff_dict(struct diff *d, uint32_t num, const struct obj *old, const struct obj *now, const struct diff_key *rules,
               void *ctx)
{
    if (old->kind != O_DICT || now->kind != O_DICT || now->dict.duplicates || old->dict.n > DIFF_MAX_KEYS ||
        now->dict.n > DIFF_MAX_KEYS) {
        bool same = old->kind == now->kind && diff_same(d, old, now);
        if (!same)
            diff_note(d, CHANGE_NEVER, "object_changed", num, NO_FIELD, "object %u is no longer a plain dictionary",
                      num);
        return same;
    }
    bool fine = true;
    for (size_t i = 0; i < old->dict.n; i++) {
        struct sv key = old->dict.entries[i].key;
        if (!rule_for(rules, key) && !diff_same(d, old->dict.entries[i].value, get(now, key)))
            fine = refuse(d, num, key);
    }
    for (size_t i = 0; i < now->dict.n; i++) {
        struct sv key = now->dict.entries[i].key;
        bool added = get(old, key)->kind == O_NULL && now->dict.entries[i].value->kind != O_NULL;
        if (added && !rule_for(rules, key))
            fine = refuse(d, num, key);
    }
    for (; rules->key; rules++) {
        if (rules->fn)
            rules->fn(d, ctx, dict_get(old, rules->key), dict_get(now, rules->key));
    }
    return fine;
}

static bool same_item(struct diff *d, const struct obj *x, const struct obj *y)
{
    if (x->kind == O_REF || y->kind == O_REF)
        return obj_equal(x, y);
    return diff_same(d, x, y);
}

bool diff_pairs(struct diff *d, const struct obj *old, const struct obj *now, pair_fn fn, void *ctx)
{
    size_t n = old->kind == O_ARRAY ? old->array.n : 0, m = now->kind == O_ARRAY ? now->array.n : 0, k = 0;
    bool kept = true;
    for (size_t i = 0; i < n; i++) {
        size_t found = k;
        while (found < m && d->budget && !same_item(d, old->array.items[i], now->array.items[found])) {
            d->budget--;
            found++;
        }
        if (found == m || !d->budget) {
            kept = false;
            fn(d, ctx, old->array.items[i], NULL);
            continue;
        }
        for (; k < found; k++)
            fn(d, ctx, NULL, now->array.items[k]);
        fn(d, ctx, old->array.items[i], now->array.items[k++]);
    }
    for (; k < m; k++)
        fn(d, ctx, NULL, now->array.items[k]);
    return kept;
}
