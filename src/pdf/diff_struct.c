/* The structure tree (ISO 32000-2 14.7): tagged documents name new widgets and annotations in it. Elements, numbers and
 * names may be added for these; what was there stays. */
#include <string.h>

#include "pdf/diff_priv.h"

#define MAX_NESTING  8
#define MAX_ELEMENTS 1000000

struct elements {
    const struct obj *(*stack)[2]; /* references in both revisions */
    size_t n, cap;
    uint8_t *seen;
};

static void refuse(struct diff *d, uint32_t num, const char *what)
{
    diff_note(d, CHANGE_NEVER, "structure_changed", num, NO_FIELD, "structure tree: %s", what);
}

static void grew(struct diff *d, uint32_t num)
{
    diff_note(d, CHANGE_FORM, "structure_added", num, NO_FIELD, "structure element for a new field or annotation");
}

/* ---- additions ---- */

/* An element whose content is nothing but new annotations. Recursion is bounded. */
static bool names_new(struct diff *d, const struct obj *raw, int depth)
{
    const struct obj *o = doc_value(d->now, raw), *k = doc_get(d->now, o, "K");
    if (o->kind != O_DICT || o->dict.duplicates || depth > MAX_NESTING ||
        (raw->kind == O_REF && !diff_is_new(d, raw->ref.num)))
        return false;
    if (obj_is_name(doc_get(d->now, o, "Type"), "OBJR"))
        return diff_is_new(d, ref_num(dict_get(o, "Obj")));
    if (obj_is_name(doc_get(d->now, o, "Type"), "MCR"))
        return false;
    if (k->kind != O_ARRAY)
        return k->kind == O_DICT && names_new(d, dict_get(o, "K"), depth + 1);
    bool fine = k->array.n > 0 && k->array.n < 100;
    for (size_t i = 0; fine && i < k->array.n; i++)
        fine = names_new(d, k->array.items[i], depth + 1);
    return fine;
}

/* ---- elements ---- */

static void push(struct diff *d, struct elements *e, const struct obj *old, const struct obj *now)
{
    if (e->n == e->cap) {
        size_t cap = e->cap ? e->cap * 2 : 256;
        const struct obj *(*p)[2] = cap <= MAX_ELEMENTS ? arena_try(&d->now->arena, cap * sizeof(*p)) : NULL;
        if (!p) {
            refuse(d, 0, "too large");
            return;
        }
        if (e->n)
            memcpy(p, e->stack, e->n * sizeof(*p));
        e->stack = p;
        e->cap = cap;
    }
    e->stack[e->n][0] = old;
    e->stack[e->n++][1] = now;
}

static void pair(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    if (!now)
        refuse(d, ref_num(old), "an element was removed");
    else if (old)
        push(d, ctx, old, now);
    else if (names_new(d, now, 0))
        grew(d, ref_num(now));
    else
        refuse(d, ref_num(now), "an element was added that does not belong to a new field");
}

/* One kid may stand without an array around it. */
static const struct obj *as_list(struct diff *d, const struct obj *raw, const struct obj *value)
{
    if (value->kind == O_ARRAY || value->kind == O_NULL)
        return value;
    struct obj *list = obj_array(&d->now->arena, 1);
    memcpy(&list->array.items[0], &raw, sizeof(raw));
    return list;
}

static void kids(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    const struct obj *x = doc_value(d->old, old), *y = doc_value(d->now, now);
    if (x->kind == O_ARRAY || x->kind == O_NULL)
        diff_old(d, old);
    diff_pairs(d, as_list(d, old, x), as_list(d, now, y), pair, ctx);
}

static bool first_visit(struct diff *d, struct elements *e, uint32_t num)
{
    if (!num || num >= d->old->size)
        return true;
    bool seen = e->seen[num / 8] >> (num % 8) & 1;
    e->seen[num / 8] |= (uint8_t)(1u << (num % 8));
    return !seen;
}

static void walk_elements(struct diff *d, struct elements *e)
{
    static const struct diff_key rules[] = {
            {"K", kids},
            {0  },
    };
    while (e->n) {
        e->n--;
        const struct obj *old = e->stack[e->n][0], *now = e->stack[e->n][1];
        const struct obj *x = doc_value(d->old, old), *y = doc_value(d->now, now);
        if (x->kind != O_DICT || y->kind != O_DICT) {
            if (!diff_same(d, x, y))
                refuse(d, ref_num(old), "an element was replaced");
            continue;
        }
        diff_old(d, old);
        if (!first_visit(d, e, ref_num(old)))
            continue;
        diff_role(d, ref_num(old), ROLE_STRUCT);
        diff_dict(d, ref_num(old), x, y, rules, e);
    }
}

/* ---- number and name trees (7.9.6, 7.9.7) ---- */

struct tree {
    const char *list; /* "Nums", "Names" */
    int depth;
};

static bool new_value(struct diff *d, const struct obj *raw)
{
    const struct obj *o = doc_value(d->now, raw);
    if (o->kind != O_ARRAY)
        return diff_is_new(d, ref_num(raw)) && o->kind == O_DICT;
    bool fine = true;
    for (size_t i = 0; fine && i < o->array.n; i++)
        fine = diff_is_new(d, ref_num(o->array.items[i]));
    return fine;
}

/* Keys and values in turn. Old ones must still be there, with the same value. */
static void tree_list(struct diff *d, const struct obj *old, const struct obj *now)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    size_t n = x->kind == O_ARRAY ? x->array.n : 0, m = y->kind == O_ARRAY ? y->array.n : 0, k = 0;
    for (size_t i = 0; i + 1 < m; i += 2) {
        const struct obj *value = y->array.items[i + 1];
        if (k + 1 < n && diff_same(d, x->array.items[k], y->array.items[i])) {
            if (!diff_same(d, x->array.items[k + 1], value)) {
                refuse(d, 0, "an entry was replaced");
                return;
            }
            k += 2;
        } else if (new_value(d, value)) {
            grew(d, ref_num(value));
        } else {
            refuse(d, 0, "an entry was added that does not belong to a new field");
            return;
        }
    }
    if (k < n)
        refuse(d, 0, "an entry was removed");
}

static void tree_node(struct diff *d, const struct obj *old, const struct obj *now, struct tree t);

static void tree_pair(struct diff *d, void *ctx, const struct obj *old, const struct obj *now)
{
    struct tree t = *(const struct tree *)ctx;
    t.depth++;
    if (!now)
        refuse(d, ref_num(old), "a part of a tree was removed");
    else
        tree_node(d, old ? old : &obj_null, now, t);
}

static void tree_node(struct diff *d, const struct obj *old, const struct obj *now, struct tree t)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    if (t.depth > MAX_NESTING || (y->kind != O_DICT && x->kind != O_NULL)) {
        refuse(d, ref_num(now), "a tree was removed or is too deep");
        return;
    }
    if (x == y && !diff_is_changed(d, ref_num(old)) && dict_get(x, "Kids")->kind == O_NULL &&
        !diff_is_changed(d, ref_num(dict_get(x, t.list))))
        return;
    tree_list(d, dict_get(x, t.list), dict_get(y, t.list));
    diff_pairs(d, diff_old_get(d, x, "Kids"), doc_get(d->now, y, "Kids"), tree_pair, &t);
}

static void parent_tree(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    tree_node(d, old, now, (struct tree){"Nums", 0});
}

static void id_tree(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    tree_node(d, old, now, (struct tree){"Names", 0});
}

static void next_key(struct diff *d, void *ctx UNUSED, const struct obj *old, const struct obj *now)
{
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    if (!diff_same(d, x, y) && (y->kind != O_INT || (x->kind == O_INT && y->integer < x->integer)))
        refuse(d, 0, "/ParentTreeNextKey was lowered");
}

void diff_struct(struct diff *d)
{
    static const struct diff_key rules[] = {
            {"K",                 kids},
            {"ParentTree",                   parent_tree},
            {"ParentTreeNextKey",next_key},
            {"IDTree", id_tree},
            {0                  },
    };
    const struct obj *old = dict_get(doc_root(d->old), "StructTreeRoot");
    const struct obj *now = dict_get(doc_root(d->now), "StructTreeRoot");
    if (obj_equal(old, now) && !diff_open(d))
        return;
    const struct obj *x = diff_old(d, old), *y = doc_value(d->now, now);
    struct elements e = {.seen = arena_try(&d->now->arena, d->old->size / 8 + 1)};
    if (x->kind == O_NULL && y->kind == O_NULL)
        return;
    if (x->kind != O_DICT || y->kind != O_DICT || !e.seen) {
        refuse(d, ref_num(now), "added, removed or replaced");
        return;
    }
    diff_role(d, ref_num(old), ROLE_STRUCT);
    if (diff_dict(d, ref_num(old), x, y, rules, &e))
        walk_elements(d, &e);
}
