/* Differences between two neighbouring revisions. Principle: every object number that the newer one defines, frees or
 * points elsewhere must be explained by a rule about the role that the old revision gave it; what is left over is a
 * change. Rules know the updates that this program writes; everything else is unexplained. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdf/verify_priv.h"

void step_add(struct arena *a, struct step *s, struct change c)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 8;
        struct change *p = arena_array(a, struct change, cap);
        if (s->n)
            memcpy(p, s->changes, s->n * sizeof(*p));
        s->changes = p;
        s->cap = cap;
    }
    s->changes[s->n++] = c;
}

void diff_note(struct diff *d, enum change_level level, const char *code, uint32_t object, struct sv field,
               const char *fmt, ...)
{
    if (d->step->n > 1000) /* a report of this length helps nobody; the verdict stands already */
        return;
    char text[300];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    step_add(d->a, d->step, (struct change){level, code, object, arena_sv(d->a, sv_from(text)), arena_sv(d->a, field)});
}

static bool same_xref(struct xref x, struct xref y)
{
    bool unused_x = x.kind <= X_FREE, unused_y = y.kind <= X_FREE;
    if (unused_x || unused_y)
        return unused_x == unused_y;
    return x.kind == y.kind && x.at == y.at && x.index == y.index && x.gen == y.gen;
}

static size_t place(const struct diff *d, uint32_t num)
{
    size_t low = 0, high = d->changed_n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (d->changed[mid] < num)
            low = mid + 1;
        else
            high = mid;
    }
    return low < d->changed_n && d->changed[low] == num ? low : SIZE_MAX;
}

bool diff_is_changed(const struct diff *d, uint32_t num)
{
    return place(d, num) != SIZE_MAX;
}

bool diff_is_new(const struct diff *d, uint32_t num)
{
    return diff_is_changed(d, num) && doc_xref(d->old, num).kind <= X_FREE;
}

void diff_explain(struct diff *d, uint32_t num)
{
    size_t i = place(d, num);
    if (i != SIZE_MAX)
        d->explained[i] = true;
}

static bool collect_changed(struct diff *d)
{
    uint32_t size = d->old->size > d->now->size ? d->old->size : d->now->size;
    for (int pass = 0; pass < 2; pass++) {
        size_t n = 0;
        for (uint32_t num = 0; num < size; num++) {
            if (same_xref(doc_xref(d->old, num), doc_xref(d->now, num)))
                continue;
            if (pass)
                d->changed[n] = num;
            n++;
        }
        d->changed_n = n;
        if (pass == 0) {
            d->changed = arena_try(&d->now->arena, (n + 1) * sizeof(*d->changed));
            d->explained = arena_try(&d->now->arena, (n + 1) * sizeof(*d->explained));
            d->new_fields = arena_try(&d->now->arena, (n + 1) * sizeof(*d->new_fields));
            if (!d->changed || !d->explained || !d->new_fields)
                return false;
        }
    }
    return true;
}

/* ---- who pointed where ---- */

static bool add_referrer(struct diff *d, struct referrer r)
{
    if (d->referrers_n == d->referrers_cap) {
        size_t cap = d->referrers_cap ? d->referrers_cap * 2 : 64;
        struct referrer *p = arena_try(&d->now->arena, cap * sizeof(*p));
        if (!p)
            return false;
        if (d->referrers_n)
            memcpy(p, d->referrers, d->referrers_n * sizeof(*p));
        d->referrers = p;
        d->referrers_cap = cap;
    }
    d->referrers[d->referrers_n++] = r;
    return true;
}

/* Recursion is bounded by the parser's depth. */
static bool look_for(struct diff *d, const struct obj *o, uint32_t holder, struct sv key, int depth)
{
    if (o->kind == O_REF && diff_is_changed(d, o->ref.num))
        return add_referrer(d, (struct referrer){o->ref.num, holder, key, depth == 1});
    for (size_t i = 0; o->kind == O_ARRAY && i < o->array.n; i++) {
        if (!look_for(d, o->array.items[i], holder, key, depth + 1))
            return false;
    }
    for (size_t i = 0; obj_is_dict(o) && i < o->dict.n; i++) {
        if (!look_for(d, o->dict.entries[i].value, holder, depth ? key : o->dict.entries[i].key, depth + 1))
            return false;
    }
    return true;
}

static bool collect_referrers(struct diff *d)
{
    if (!look_for(d, d->old->trailer, 0, (struct sv){0}, 0))
        return false;
    for (uint32_t num = 1; num < d->old->size; num++) {
        struct xref x = doc_xref(d->old, num);
        if (x.kind > X_FREE && !look_for(d, doc_object(d->old, num, x.gen), num, (struct sv){0}, 0))
            return false;
    }
    return true;
}

bool diff_only_at(const struct diff *d, uint32_t num, uint32_t holder, const char *key)
{
    for (size_t i = 0; i < d->referrers_n; i++) {
        const struct referrer *r = &d->referrers[i];
        if (r->num == num && !(r->holder == holder && r->direct && sv_eq(r->key, sv_from(key))))
            return false;
    }
    return true;
}

/* ---- comparing ---- */

static bool equal_dicts(const struct obj *x, const struct obj *y)
{
    if (x->dict.n != y->dict.n || x->dict.duplicates || y->dict.duplicates || x->dict.n > DIFF_MAX_KEYS)
        return false;
    for (size_t i = 0; i < x->dict.n; i++) {
        const struct obj *other = NULL;
        for (size_t k = 0; k < y->dict.n && !other; k++) {
            if (sv_eq(x->dict.entries[i].key, y->dict.entries[k].key))
                other = y->dict.entries[k].value;
        }
        if (!other || !obj_equal(x->dict.entries[i].value, other))
            return false;
    }
    return true;
}

/* Structure, strings by bytes, 1 equal to 1.0, streams by raw bytes. */
bool obj_equal(const struct obj *x, const struct obj *y)
{
    double p, q;
    if (obj_number(x, &p) && obj_number(y, &q))
        return p == q;
    if (x->kind != y->kind)
        return false;
    if (x->kind == O_STREAM)
        return sv_eq(x->data, y->data) && equal_dicts(x, y);
    if (x->kind == O_DICT)
        return equal_dicts(x, y);
    if (x->kind == O_ARRAY) {
        bool same = x->array.n == y->array.n;
        for (size_t i = 0; same && i < x->array.n; i++)
            same = obj_equal(x->array.items[i], y->array.items[i]);
        return same;
    }
    if (x->kind == O_REF)
        return x->ref.num == y->ref.num && x->ref.gen == y->ref.gen;
    if (x->kind == O_STRING || x->kind == O_NAME)
        return sv_eq(x->text, y->text);
    return x->kind == O_NULL || (x->kind == O_BOOL && x->boolean == y->boolean);
}

static bool listed(const char *const *keys, struct sv key)
{
    for (; *keys; keys++) {
        if (sv_eq(sv_from(*keys), key))
            return true;
    }
    return false;
}

static const struct obj *get(const struct obj *d, struct sv key)
{
    for (size_t i = 0; obj_is_dict(d) && i < d->dict.n; i++) {
        if (sv_eq(d->dict.entries[i].key, key))
            return d->dict.entries[i].value;
    }
    return &obj_null;
}

static bool keys_of(struct diff *d, uint32_t num, const struct obj *x, const struct obj *y, const char *const *allowed,
                    bool both)
{
    bool fine = true;
    for (size_t i = 0; i < x->dict.n; i++) {
        struct sv key = x->dict.entries[i].key;
        const struct obj *other = get(y, key);
        if (listed(allowed, key) || (both && other->kind != O_NULL) || obj_equal(x->dict.entries[i].value, other))
            continue;
        diff_note(d, CHANGE_NEVER, "object_changed", num, (struct sv){0}, "/%.*s of object %u is different",
                  SV_ARG(key), num);
        fine = false;
    }
    return fine;
}

bool diff_keys(struct diff *d, uint32_t num, const struct obj *old, const struct obj *now, const char *const *allowed)
{
    if (old->kind != O_DICT || now->kind != O_DICT || now->dict.duplicates || old->dict.n > DIFF_MAX_KEYS ||
        now->dict.n > DIFF_MAX_KEYS) {
        diff_note(d, CHANGE_NEVER, "object_changed", num, (struct sv){0}, "object %u is no longer a plain dictionary",
                  num);
        return false;
    }
    bool fine = keys_of(d, num, old, now, allowed, false);
    return keys_of(d, num, now, old, allowed, true) && fine;
}

/* ---- the whole ---- */

/* New numbers that the old revision already pointed to: content prepared before signing, switched on afterwards. */
static void check_dangling(struct diff *d)
{
    for (size_t i = 0; i < d->referrers_n; i++) {
        const struct referrer *r = &d->referrers[i];
        if (diff_is_new(d, r->num))
            diff_note(d, CHANGE_NEVER, "prepared_object", r->num, (struct sv){0},
                      "object %u, to which object %u of the signed revision points, came into being later", r->num,
                      r->holder);
    }
}

static struct sv describe(struct diff *d, uint32_t num)
{
    struct xref x = doc_xref(d->old, num);
    const struct obj *o = doc_object(d->old, num, x.gen);
    const struct obj *type = doc_get(d->old, o, "Type"), *sub = doc_get(d->old, o, "Subtype");
    if (type->kind == O_NAME && sub->kind == O_NAME)
        return arena_printf(d->a, "%.*s %.*s", SV_ARG(obj_utf8(d->a, type)), SV_ARG(obj_utf8(d->a, sub)));
    if (type->kind == O_NAME)
        return obj_utf8(d->a, type);
    return o->kind == O_STREAM ? SV("stream") : o->kind == O_DICT ? SV("dictionary") : SV("object");
}

static void check_leftovers(struct diff *d)
{
    for (size_t i = 0; i < d->changed_n; i++) {
        uint32_t num = d->changed[i];
        if (d->explained[i] || diff_is_new(d, num))
            continue;
        struct xref x = doc_xref(d->old, num), y = doc_xref(d->now, num);
        if (y.kind <= X_FREE) {
            diff_note(d, CHANGE_NEVER, "object_removed", num, (struct sv){0}, "object %u (%.*s) was removed", num,
                      SV_ARG(describe(d, num)));
            continue;
        }
        const struct obj *was = doc_object(d->old, num, x.gen), *is = doc_object(d->now, num, y.gen);
        if (x.gen == y.gen && was->kind != O_NULL && obj_equal(was, is))
            continue;
        diff_note(d, CHANGE_NEVER, "object_changed", num, (struct sv){0}, "object %u (%.*s) was replaced", num,
                  SV_ARG(describe(d, num)));
    }
}

static void check_trailer(struct diff *d)
{
    static const char *const fixed[] = {"Root", "Encrypt"};
    for (size_t i = 0; i < COUNT(fixed); i++) {
        if (!obj_equal(dict_get(d->old->trailer, fixed[i]), dict_get(d->now->trailer, fixed[i])))
            diff_note(d, CHANGE_NEVER, "trailer_changed", 0, (struct sv){0}, "/%s of the trailer is different",
                      fixed[i]);
    }
}

void diff_revisions(struct arena *a, struct doc *old, struct doc *now, struct step *ret)
{
    struct diff d = {.a = a, .old = old, .now = now, .step = ret};
    bool read = form_read(old, &d.old_form) && form_read(now, &d.now_form) && pages_read(old, &d.old_pages);
    if (!read || !collect_changed(&d) || !collect_referrers(&d)) {
        diff_note(&d, CHANGE_NEVER, "not_comparable", 0, (struct sv){0}, "form or pages cannot be read");
        return;
    }
    check_trailer(&d);
    check_dangling(&d);
    diff_catalog_extras(&d);
    diff_form(&d);
    diff_pages(&d);
    check_leftovers(&d);
}
