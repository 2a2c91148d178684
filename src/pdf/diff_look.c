/* A filled field must show its value: a document whose fields say one thing to a program and another to the eye is no
 * filled form (the appearance could even be a picture over the page). Where that cannot be decided it is reported. */
#include <math.h>
#include <string.h>

#include "pdf/diff_priv.h"

enum { FF_MULTILINE = 1 << 12, FF_PASSWORD = 1 << 13, FF_COMBO = 1 << 17, FF_RICH = 1 << 25 };
#define MAX_CHECK_CODES 4  /* strings of a check mark */
#define MAX_STROKES     80 /* borders and combs, not letters drawn as lines */

static void note(struct diff *d, const struct field_pair *f, const char *code, const char *what)
{
    diff_note(d, CHANGE_FORM, code, f->num, f->name, "field \"%.*s\": %s", SV_ARG(sv_sub(f->name, 0, 100)), what);
}

static void refuse(struct diff *d, const struct field_pair *f, const char *what)
{
    diff_note(d, CHANGE_NEVER, "appearance_differs", f->num, f->name, "field \"%.*s\": %s",
              SV_ARG(sv_sub(f->name, 0, 100)), what);
}

/* Without blanks, since lines are broken for display. */
static struct sv squeezed(struct arena *a, struct sv s)
{
    struct buf b;
    buf_init(&b, s.n * 2 + 1);
    while (s.n && sv_is_utf8(s)) {
        const char *from = s.p;
        uint32_t c = sv_next_char(&s);
        if (c > 0x20 && c != 0xA0 && c != 0x3000 && c != 0x200B && c != 0xFEFF)
            buf_add(&b, sv_of(from, (size_t)(s.p - from)));
    }
    return buf_to_arena(&b, a);
}

/* The value as text; a stream holds long ones (12.7.5.3). */
static struct sv value_text(struct diff *d, const struct obj *v)
{
    struct sv bytes;
    if (v->kind == O_STREAM && doc_stream(d->now, v, &bytes))
        return obj_utf8(d->a, obj_bytes(d->a, bytes));
    if (v->kind == O_ARRAY && v->array.n == 1)
        v = doc_value(d->now, v->array.items[0]);
    return v->kind == O_STRING ? obj_utf8(d->a, v) : (struct sv){0};
}

/* Choices may be shown by another text than their value (12.7.5.4). */
static struct sv shown_choice(struct diff *d, const struct field_pair *f, struct sv value)
{
    const struct obj *opt = doc_get(d->now, f->now, "Opt"), *above = doc_get(d->now, f->now, "Parent");
    if (opt->kind == O_NULL)
        opt = doc_get(d->now, above, "Opt");
    for (size_t i = 0; opt->kind == O_ARRAY && i < opt->array.n; i++) {
        const struct obj *pair = doc_value(d->now, opt->array.items[i]);
        if (pair->kind == O_ARRAY && pair->array.n == 2 &&
            sv_eq(obj_utf8(d->a, doc_value(d->now, pair->array.items[0])), value))
            return obj_utf8(d->a, doc_value(d->now, pair->array.items[1]));
    }
    return value;
}

static bool matches(struct diff *d, const struct field_pair *f, struct sv shown)
{
    struct sv value = value_text(d, doc_value(d->now, f->v_now)), want = squeezed(d->a, value);
    if (!obj_is_name(f->ft, "Ch"))
        return sv_eq(shown, want);
    struct sv choice = squeezed(d->a, shown_choice(d, f, value));
    if (f->ff & FF_COMBO)
        return sv_eq(shown, want) || sv_eq(shown, choice);
    return sv_find(shown, choice) != SIZE_MAX; /* a list shows all its items */
}

/* Much more paper than the place has: some viewers paint it as large as it is. */
static bool oversized(struct diff *d, const struct field_pair *f, const struct obj *form)
{
    const struct obj *box = doc_get(d->now, form, "BBox");
    struct pdf_rect r;
    double v[4];
    bool fine = box->kind == O_ARRAY && box->array.n == 4;
    for (size_t i = 0; fine && i < 4; i++)
        fine = obj_number(doc_value(d->now, box->array.items[i]), &v[i]);
    if (!fine || !rect_read(d->now, f->now, &r))
        return !fine;
    double w = fabs(v[2] - v[0]), h = fabs(v[3] - v[1]);
    return w > 3 * r.w && h > 3 * r.h && w > 200 && h > 200;
}

/* Readers show a part of long values only, and stars instead of passwords. */
static bool shows_part(struct diff *d, const struct field_pair *f, struct sv shown)
{
    struct sv want = squeezed(d->a, value_text(d, doc_value(d->now, f->v_now)));
    size_t same = 1;
    while (same < shown.n && shown.p[same] == shown.p[0])
        same++;
    if (f->ff & FF_PASSWORD)
        return shown.n == same && shown.p[0] == '*';
    return (f->ff & (FF_MULTILINE | FF_RICH)) && shown.n >= want.n / 2 && sv_find(want, shown) != SIZE_MAX;
}

static void check_text(struct diff *d, const struct form_walk *w, const struct field_pair *f, const struct obj *form)
{
    struct look look;
    bool readable = look_read(d->now, d->a, form, w->dr, &look);
    struct sv shown = squeezed(d->a, look.text);
    bool drawing = look.image || look.hidden || look.strokes > MAX_STROKES;
    if (readable && !look.undecided && !drawing && matches(d, f, shown))
        return;
    if (!f->look_changed)
        note(d, f, "appearance_stale", "the value was changed, its look was not");
    else if (drawing)
        refuse(d, f, "its look holds a picture, a drawing or invisible text");
    else if (!readable || look.undecided || f->formatted || shows_part(d, f, shown))
        note(d, f, "appearance_unverified", "what it shows could not be compared with its value");
    else
        refuse(d, f, "shows another text than its value");
}

/* One of the looks that the widget had. */
static bool had(struct diff *d, const struct field_pair *f, const char *kind, const struct obj *raw)
{
    const struct obj *was = dict_get(doc_get(d->old, f->old, "AP"), kind), *states = doc_value(d->old, was);
    bool found = obj_equal(was, raw);
    for (size_t i = 0; states->kind == O_DICT && i < states->dict.n && !found; i++)
        found = obj_equal(states->dict.entries[i].value, raw);
    return found && raw->kind == O_REF && !diff_is_changed(d, raw->ref.num);
}

/* A mark is a sign or a few lines, not a text or a picture. */
static void check_mark(struct diff *d, const struct form_walk *w, const struct field_pair *f, const char *kind,
                       const struct obj *raw)
{
    struct look look;
    const struct obj *form = doc_value(d->now, raw);
    if (form->kind == O_NULL || had(d, f, kind, raw))
        return;
    if (form->kind != O_STREAM || !look_read(d->now, d->a, form, w->dr, &look) || look.image ||
        look.codes > MAX_CHECK_CODES || look.strokes > MAX_STROKES || oversized(d, f, form))
        refuse(d, f, "its mark is more than a mark");
}

static void check_marks(struct diff *d, const struct form_walk *w, const struct field_pair *f, const char *kind)
{
    const struct obj *raw = dict_get(doc_get(d->now, f->now, "AP"), kind), *states = doc_value(d->now, raw);
    if (states->kind != O_DICT)
        check_mark(d, w, f, kind, raw);
    for (size_t i = 0; states->kind == O_DICT && i < states->dict.n; i++)
        check_mark(d, w, f, kind, states->dict.entries[i].value);
}

void diff_look(struct diff *d, const struct form_walk *w, const struct field_pair *f)
{
    static const char *const kinds[] = {"N", "R", "D"};
    const struct obj *ap = doc_get(d->now, f->now, "AP"), *n = doc_get(d->now, ap, "N");
    if (obj_is_name(f->ft, "Btn")) {
        for (size_t i = 0; i < COUNT(kinds); i++)
            check_marks(d, w, f, kinds[i]);
        return;
    }
    /* Under the mouse a text shows itself, or what it showed. */
    for (size_t i = 1; i < COUNT(kinds); i++) {
        const struct obj *raw = dict_get(ap, kinds[i]);
        if (raw->kind != O_NULL && !had(d, f, kinds[i], raw))
            refuse(d, f, "got another look under the mouse");
    }
    if (n->kind == O_NULL)
        return;
    if (n->kind != O_STREAM)
        refuse(d, f, "its look is none for its kind");
    else if (f->look_changed && oversized(d, f, n))
        refuse(d, f, "its look is larger than its place");
    else
        check_text(d, w, f, n);
}
