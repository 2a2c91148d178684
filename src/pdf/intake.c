/* pdf_intake: the order of the examination, and the list of findings; see intake.h. */
#include "pdf/intake_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_BYTES   ((size_t)100 << 20)
#define DEFAULT_MEMORY  ((size_t)448 << 20)
#define DEFAULT_TIMEOUT 20000u
#define MAX_OF_A_KIND   30

static const struct {
    const char *name;
    enum pdf_intake_severity severity;
} codes[] = {
#define X(name, severity) {#name, PDF_INTAKE_##severity},
        PDF_INTAKE_CODES(X)
#undef X
};
_Static_assert(COUNT(codes) == PDF_INTAKE__COUNT, "one row a code");

const char *pdf_intake_code_name(enum pdf_intake_code c)
{
    return codes[c].name;
}

enum pdf_intake_severity pdf_intake_severity(enum pdf_intake_code c)
{
    return codes[c].severity;
}

const char *pdf_intake_severity_name(enum pdf_intake_severity s)
{
    static const char *const names[] = {"refuse", "warn", "info"};
    return names[s];
}

/* ---- findings ---- */

static struct sv utf8_of(struct arena *a, const char *text)
{
    struct sv s = sv_from(text);
    if (sv_is_utf8(s))
        return arena_sv(a, s);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 8192);
    for (size_t i = 0; i < s.n; i++)
        buf_add_char(&b, s.p[i] >= ' ' && s.p[i] < 127 ? s.p[i] : '?');
    return buf_to_arena(&b, a);
}

static struct pdf_intake_finding *append(struct intake *in)
{
    if (in->n == in->cap) {
        size_t cap = in->cap ? in->cap * 2 : 32;
        struct pdf_intake_finding *p = arena_array(in->a, struct pdf_intake_finding, cap);
        if (in->n)
            memcpy(p, in->items, in->n * sizeof(*p));
        in->items = p;
        in->cap = cap;
    }
    return &in->items[in->n++];
}

void intake_found(struct intake *in, enum pdf_intake_code code, struct intake_place at, const char *detail, ...)
{
    if (in->counts[code]++ >= MAX_OF_A_KIND)
        return;
    char text[400] = "";
    if (detail) {
        va_list args;
        va_start(args, detail);
        if (vsnprintf(text, sizeof(text), detail, args) < 0)
            text[0] = 0;
        va_end(args);
    }
    in->last[code] = in->n;
    *append(in) = (struct pdf_intake_finding){.code = code,
                                              .object = at.object,
                                              .in_original = at.in_original,
                                              .page = at.page,
                                              .has_rect = at.has_rect,
                                              .rect = at.rect,
                                              .detail = utf8_of(in->a, text)};
}

/* The last finding kept of a kind tells how many were not. */
static void tell_the_rest(struct intake *in)
{
    for (int code = 0; code < PDF_INTAKE__COUNT; code++) {
        if (in->counts[code] <= MAX_OF_A_KIND)
            continue;
        struct sv *detail = &in->items[in->last[code]].detail;
        *detail = arena_printf(in->a, "%.*s%sand %zu more of this kind", SV_ARG(*detail), detail->n ? "; " : "",
                               in->counts[code] - MAX_OF_A_KIND);
    }
}

static void finish(struct intake *in, struct pdf_intake *ret)
{
    tell_the_rest(in);
    ret->findings = arena_array(in->a, struct pdf_intake_finding, in->n + 1);
    ret->acceptable = true;
    for (int severity = PDF_INTAKE_REFUSE; severity <= PDF_INTAKE_INFO; severity++) {
        for (size_t i = 0; i < in->n; i++) {
            if (pdf_intake_severity(in->items[i].code) == (enum pdf_intake_severity)severity)
                ret->findings[ret->n++] = in->items[i];
        }
        if (severity == PDF_INTAKE_REFUSE)
            ret->acceptable = ret->n == 0;
    }
}

/* ---- walking ---- */

bool intake_set_init(struct doc *d, struct intake_set *s)
{
    s->size = d->size;
    s->bits = arena_try(&d->arena, d->size / 8 + 1);
    return s->bits != NULL;
}

bool intake_set_has(const struct intake_set *s, uint32_t num)
{
    return num < s->size && s->bits[num / 8] >> (num % 8) & 1;
}

bool intake_set_add(struct intake_set *s, uint32_t num)
{
    if (num >= s->size || intake_set_has(s, num))
        return false;
    s->bits[num / 8] |= (uint8_t)(1u << (num % 8));
    return true;
}

/* An array or dictionary whose children are being visited. */
struct level {
    const struct obj *o;
    size_t next;
    struct sv key; /* under which it stands, for the items of an array */
};

static size_t child_count(const struct obj *o)
{
    return o->kind == O_ARRAY ? o->array.n : obj_is_dict(o) ? o->dict.n : 0;
}

static const struct obj *next_child(struct level *l, struct sv *ret_key)
{
    size_t i = l->next++;
    *ret_key = l->o->kind == O_ARRAY ? l->key : l->o->dict.entries[i].key;
    return l->o->kind == O_ARRAY ? l->o->array.items[i] : l->o->dict.entries[i].value;
}

/* Calls one of the two functions; the parser bounds the depth. */
static bool each(struct doc *d, uint32_t num, const struct obj *o, intake_dict_fn on_dict, intake_ref_fn on_ref,
                 void *context)
{
    struct level stack[PDF_MAX_DEPTH + 2];
    size_t n = 0;
    struct sv key = {0};
    for (const struct obj *next = o;;) {
        if (next->kind == O_REF && on_ref)
            on_ref(context, next, key);
        if (obj_is_dict(next) && on_dict)
            on_dict(context, num, next);
        if (child_count(next)) {
            if (n == COUNT(stack)) {
                d->problem = d->problem ? d->problem : "nested too deeply";
                return false;
            }
            stack[n++] = (struct level){next, 0, key};
        }
        while (n && stack[n - 1].next == child_count(stack[n - 1].o))
            n--;
        if (!n)
            return true;
        next = next_child(&stack[n - 1], &key);
    }
}

bool intake_each_dict(struct doc *d, uint32_t num, const struct obj *o, intake_dict_fn fn, void *context)
{
    return each(d, num, o, fn, NULL, context);
}

bool intake_each_ref(struct doc *d, const struct obj *o, intake_ref_fn fn, void *context)
{
    return each(d, 0, o, NULL, fn, context);
}

bool intake_looks_like_content(struct doc *d, const struct obj *stream, size_t *budget)
{
    if (stream->kind != O_STREAM || dict_get(stream, "Type")->kind != O_NULL || stream->data.n > (4u << 20))
        return false;
    /* Forms, images and fonts say what they are; functions, profiles and the like have keys of their own. */
    static const char *const others[] = {"Subtype", "FunctionType", "N", "Length1", "PatternType", "ShadingType"};
    for (size_t i = 0; i < COUNT(others); i++) {
        if (dict_get(stream, others[i])->kind != O_NULL)
            return false;
    }
    CLEANUP(arena_done) struct arena scratch;
    struct sv plain;
    arena_init(&scratch, INTAKE_SCRATCH);
    if (!intake_decode(d, stream, &scratch, budget, &plain))
        return false;
    size_t begin = sv_find(plain, SV("BT"));
    struct sv rest = begin == SIZE_MAX ? (struct sv){0} : sv_skip(plain, begin);
    return sv_find(rest, SV("Tj")) != SIZE_MAX || sv_find(rest, SV("TJ")) != SIZE_MAX;
}

/* ---- where each object is used ---- */

struct intake_place intake_place_of(const struct intake *in, uint32_t num)
{
    struct intake_place at = num < in->doc.size ? in->places[num] : (struct intake_place){0};
    at.object = num;
    return at;
}

struct spreading {
    struct intake *in;
    struct intake_place place;
    uint32_t *queue;
    size_t n;
    struct intake_set seen;
};

/* References that lead back or elsewhere do not make their target part of this page. */
static bool leads_away(struct sv key)
{
    static const char *const keys[] = {"Parent", "P", "Popup", "Dest", "Pg", "IRT", "B", "StructParent"};
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (sv_eq(key, sv_from(keys[i])))
            return true;
    }
    return false;
}

static void spread_to(void *context, const struct obj *ref, struct sv key)
{
    struct spreading *s = context;
    if (leads_away(key) || !intake_set_add(&s->seen, ref->ref.num))
        return;
    s->in->places[ref->ref.num] = s->place;
    s->queue[s->n++] = ref->ref.num;
}

static bool spread(struct spreading *s, const struct obj *from, struct intake_place place)
{
    s->place = place;
    s->n = 0;
    if (!intake_each_ref(&s->in->doc, from, spread_to, s))
        return false;
    for (size_t i = 0; i < s->n; i++) {
        if (!intake_each_ref(&s->in->doc, doc_object(&s->in->doc, s->queue[i], 0), spread_to, s))
            return false;
    }
    return true;
}

static bool spread_annotations(struct spreading *s, const struct page *page, unsigned number)
{
    struct doc *d = &s->in->doc;
    const struct obj *annots = doc_get(d, page->dict, "Annots");
    for (size_t i = 0; annots->kind == O_ARRAY && i < annots->array.n; i++) {
        if (s->in->annotations++ >= INTAKE_ANNOTATIONS)
            return true;
        const struct obj *ref = annots->array.items[i], *dict = doc_value(d, ref);
        struct intake_place at = {.page = number};
        at.has_rect = rect_read(d, dict, &at.rect);
        if (ref->kind == O_REF) {
            if (!intake_set_add(&s->seen, ref->ref.num))
                continue;
            s->in->places[ref->ref.num] = at;
        }
        if (!spread(s, dict, at))
            return false;
    }
    return true;
}

/* Annotations first: what they lead to has their rectangle. */
static bool place_objects(struct intake *in)
{
    struct doc *d = &in->doc;
    struct spreading s = {.in = in};
    in->places = arena_try(&d->arena, ((size_t)d->size + 1) * sizeof(*in->places));
    s.queue = arena_try(&d->arena, ((size_t)d->size + 1) * sizeof(*s.queue));
    if (!in->places || !s.queue || !intake_set_init(d, &s.seen))
        return false;
    for (size_t i = 0; i < in->pages.n; i++) {
        in->places[in->pages.items[i].num].page = (unsigned)i + 1;
        if (!intake_set_add(&s.seen, in->pages.items[i].num))
            return false;
    }
    for (size_t i = 0; i < in->pages.n; i++) {
        const struct page *p = &in->pages.items[i];
        if (!spread_annotations(&s, p, (unsigned)i + 1) ||
            !spread(&s, p->dict, (struct intake_place){.page = (unsigned)i + 1}))
            return false;
    }
    return true;
}

/* ---- the whole ---- */

static bool limits(const struct doc *d, struct err *e)
{
    return err_user(e, ERR_TOO_LARGE, "pdf_intake_limits", NULL, "object %u: %s", d->problem_object,
                    d->problem ? d->problem : "needs too much memory");
}

/* What qpdf wrote is read strictly; what cannot be read in full has not been examined. */
static bool examine(struct intake *in, struct sv normalised, struct err *e)
{
    struct doc *d = &in->doc;
    if (!doc_open(d, normalised))
        return limits(d, e);
    d->arena.limit = INTAKE_MEMORY + normalised.n / 2;
    if (!pages_read(d, &in->pages) || !place_objects(in))
        return limits(d, e);
    if (!in->pages.n)
        intake_found(in, PDF_INTAKE_no_pages, (struct intake_place){0}, NULL);
    return (intake_active(in) && intake_pages(in) && intake_forms(in) && !d->problem) || limits(d, e);
}

static void intake_done(struct intake *in)
{
    doc_close(&in->doc);
}

static void defaults(struct pdf_intake_options *o)
{
    o->max_bytes = o->max_bytes ? o->max_bytes : DEFAULT_BYTES;
    o->max_memory = o->max_memory ? o->max_memory : DEFAULT_MEMORY;
    o->timeout_ms = o->timeout_ms ? o->timeout_ms : DEFAULT_TIMEOUT;
}

bool pdf_intake(struct arena *a, struct sv bytes, const struct pdf_intake_options *options, struct pdf_intake *ret,
                struct err *e)
{
    struct pdf_intake_options o = options ? *options : (struct pdf_intake_options){0};
    struct intake_normal normal;
    *ret = (struct pdf_intake){0};
    defaults(&o);
    if (bytes.n > o.max_bytes)
        return err_user(e, ERR_TOO_LARGE, "pdf_intake_too_large", NULL, "larger than %zu bytes", o.max_bytes);
    if (!bytes.n)
        return err_user(e, ERR_BAD_INPUT, "pdf_unreadable", NULL, "empty");
    if (!intake_normalise(a, bytes, &o, &normal, e))
        return false;
    CLEANUP(intake_done) struct intake in = {.a = a, .budget = INTAKE_CONTENT};
    if (normal.encrypted) {
        intake_found(&in, PDF_INTAKE_encrypted, (struct intake_place){.in_original = true}, NULL);
    } else {
        if (!examine(&in, normal.bytes, e))
            return false;
        if (!intake_origin(&in, bytes, normal.warning, &ret->revisions))
            return limits(&in.doc, e);
        ret->pages = (unsigned)in.pages.n;
        ret->normalised = normal.bytes;
    }
    finish(&in, ret);
    return true;
}
