/* What signatures forbid from then on: DocMDP, FieldMDP, locks (ISO 32000-2 12.8.2.2 and 12.8.2.4, 12.7.5.5). */
#include <string.h>

#include "pdf/form_priv.h"

#define MAX_LOCK_NAMES 1000 /* a longer list locks everything */
#define MAX_REFERENCES 64

/* P of DocMDP and of locks; missing and unknown values count as 2. */
static int level_of(const struct obj *p)
{
    return p->kind == O_INT && p->integer >= 1 && p->integer <= 3 ? (int)p->integer : 2;
}

int signature_docmdp(struct doc *d, const struct obj *sig)
{
    const struct obj *refs = doc_get(d, sig, "Reference");
    for (size_t i = 0; refs->kind == O_ARRAY && i < refs->array.n; i++) {
        const struct obj *ref = doc_value(d, refs->array.items[i]);
        if (obj_is_name(doc_get(d, ref, "TransformMethod"), "DocMDP"))
            return level_of(doc_get(d, doc_get(d, ref, "TransformParams"), "P"));
    }
    return 0;
}

static void keep_lock(struct arena *a, struct permissions *p, struct lock lock)
{
    if (p->locks_n == p->locks_cap) {
        size_t cap = p->locks_cap ? p->locks_cap * 2 : 8;
        struct lock *locks = arena_array(a, struct lock, cap);
        if (p->locks_n)
            memcpy(locks, p->locks, p->locks_n * sizeof(*locks));
        p->locks = locks;
        p->locks_cap = cap;
    }
    p->locks[p->locks_n++] = lock;
}

static void add_lock(struct doc *d, struct arena *a, const struct obj *params, struct permissions *p)
{
    const struct obj *action = doc_get(d, params, "Action"), *fields = doc_get(d, params, "Fields");
    struct lock lock = {.action = PDF_LOCK_ALL}; /* unknown actions too */
    if (obj_is_name(action, "Include"))
        lock.action = PDF_LOCK_INCLUDE;
    else if (obj_is_name(action, "Exclude"))
        lock.action = PDF_LOCK_EXCLUDE;
    size_t n = fields->kind == O_ARRAY ? fields->array.n : 0;
    if (n > MAX_LOCK_NAMES) {
        lock.action = PDF_LOCK_ALL;
        n = 0;
    }
    lock.names = arena_array(a, struct sv, n + 1);
    for (size_t i = 0; i < n; i++)
        lock.names[lock.n++] = arena_sv(a, obj_utf8(&d->arena, doc_value(d, fields->array.items[i])));
    keep_lock(a, p, lock);
}

static void lower(struct permissions *p, const struct obj *level)
{
    if (level->kind == O_NULL)
        return;
    p->asked = level_of(level) > p->asked ? level_of(level) : p->asked;
    p->p = level_of(level) < p->p ? level_of(level) : p->p;
}

void permissions_add(struct doc *d, struct arena *a, const struct field *f, const struct obj *sig,
                     struct permissions *p)
{
    int docmdp = signature_docmdp(d, sig);
    if (docmdp) {
        p->certified = true;
        p->p = docmdp < p->p ? docmdp : p->p;
    }
    const struct obj *refs = doc_get(d, sig, "Reference");
    if (refs->kind == O_ARRAY && refs->array.n > MAX_REFERENCES)
        p->p = 1;
    for (size_t i = 0; refs->kind == O_ARRAY && i < refs->array.n && i < MAX_REFERENCES; i++) {
        const struct obj *ref = doc_value(d, refs->array.items[i]);
        if (!obj_is_name(doc_get(d, ref, "TransformMethod"), "FieldMDP"))
            continue;
        const struct obj *params = doc_get(d, ref, "TransformParams");
        add_lock(d, a, params, p);
        lower(p, doc_get(d, params, "P"));
    }
    lower(p, doc_get(d, doc_get(d, f->dict, "Lock"), "P"));
}

void permissions_join(struct arena *a, struct permissions *p, const struct permissions *more)
{
    p->certified = p->certified || more->certified;
    p->p = more->p < p->p ? more->p : p->p;
    for (size_t i = 0; i < more->locks_n; i++)
        keep_lock(a, p, more->locks[i]);
}

/* The name itself or something below it. */
static bool covers(struct sv lock, struct sv name)
{
    return sv_starts(name, lock) && (name.n == lock.n || name.p[lock.n] == '.');
}

bool permissions_locked(const struct permissions *p, struct sv name)
{
    for (size_t i = 0; i < p->locks_n; i++) {
        const struct lock *lock = &p->locks[i];
        bool listed = false;
        for (size_t k = 0; k < lock->n; k++)
            listed = listed || covers(lock->names[k], name);
        if (lock->action == PDF_LOCK_ALL || (lock->action == PDF_LOCK_INCLUDE && listed) ||
            (lock->action == PDF_LOCK_EXCLUDE && !listed))
            return true;
    }
    return false;
}
