/* Whether a rectangle of a page meets text (ISO 32000-2 8.3, 9.4): the places of its strings, with widths estimated.
 * Good enough to tell a comment in the margin from one that covers a clause; what cannot be followed counts as met. */
#include <math.h>
#include <string.h>

#include "pdf/diff_priv.h"

#define MAX_CONTENT  ((size_t)4 << 20)
#define MAX_OPERANDS 64
#define MAX_STATES   64
#define MAX_FORMS    4
#define MAX_STEPS    2000000

struct matrix {
    double a, b, c, d, e, f;
};
struct state {
    struct matrix ctm;
    double size, leading, scale;
    bool composite; /* two bytes a character */
};
struct reader {
    struct doc *d;
    const struct obj *resources;
    const struct pdf_rect *rect;
    const struct obj *operands[MAX_OPERANDS];
    size_t n;
    struct state states[MAX_STATES];
    size_t depth;
    struct matrix text, line;
    int forms;
    size_t steps;
    bool met;
};

static const struct matrix identity = {1, 0, 0, 1, 0, 0};

static struct matrix times(struct matrix x, struct matrix y)
{
    return (struct matrix){x.a * y.a + x.b * y.c, x.a * y.b + x.b * y.d,       x.c * y.a + x.d * y.c,
                           x.c * y.b + x.d * y.d, x.e * y.a + x.f * y.c + y.e, x.e * y.b + x.f * y.d + y.f};
}

static struct state *now(struct reader *r)
{
    return &r->states[r->depth];
}

static double number(const struct reader *r, size_t from_last)
{
    double v;
    return from_last < r->n && obj_number(r->operands[r->n - 1 - from_last], &v) ? v : 0;
}

static struct matrix six(const struct reader *r)
{
    return (struct matrix){number(r, 5), number(r, 4), number(r, 3), number(r, 2), number(r, 1), number(r, 0)};
}

/* ---- text ---- */

/* The box around a string w wide and h high at the text position. */
static void mark(struct reader *r, double w, double h)
{
    struct matrix m = times(r->text, now(r)->ctm);
    double low = -0.25 * h, high = 0.85 * h, x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    const double corners[4][2] = {
            {0, low },
            {w, low },
            {0, high},
            {w, high}
    };
    for (size_t i = 0; i < 4; i++) {
        double x = corners[i][0] * m.a + corners[i][1] * m.c + m.e, y = corners[i][0] * m.b + corners[i][1] * m.d + m.f;
        x0 = fmin(x0, x);
        x1 = fmax(x1, x);
        y0 = fmin(y0, y);
        y1 = fmax(y1, y);
    }
    const struct pdf_rect *q = r->rect;
    r->met = r->met || (x0 < q->x + q->w && x1 > q->x && y0 < q->y + q->h && y1 > q->y);
}

static void show(struct reader *r, const struct obj *string)
{
    if (string->kind != O_STRING)
        return;
    double size = now(r)->size;
    double w = (double)string->text.n * (now(r)->composite ? 0.5 : 0.55) * size * now(r)->scale;
    if (sv_trim(string->text).n)
        mark(r, w, size);
    r->text = times((struct matrix){1, 0, 0, 1, w, 0}, r->text);
}

static void show_array(struct reader *r, const struct obj *list)
{
    for (size_t i = 0; list->kind == O_ARRAY && i < list->array.n; i++) {
        double shift;
        if (obj_number(list->array.items[i], &shift))
            r->text = times((struct matrix){1, 0, 0, 1, -shift / 1000 * now(r)->size * now(r)->scale, 0}, r->text);
        else
            show(r, list->array.items[i]);
    }
}

static void move(struct reader *r, double x, double y)
{
    r->line = times((struct matrix){1, 0, 0, 1, x, y}, r->line);
    r->text = r->line;
}

/* ---- operators ---- */

static const struct obj *resource(struct reader *r, const char *category, const struct obj *name)
{
    const struct obj *list = doc_get(r->d, r->resources, category);
    for (size_t i = 0; name->kind == O_NAME && obj_is_dict(list) && i < list->dict.n; i++) {
        if (sv_eq(list->dict.entries[i].key, name->text))
            return doc_value(r->d, list->dict.entries[i].value);
    }
    return &obj_null;
}

static bool read_content(struct reader *r, struct sv content);

/* Recursion is bounded by MAX_FORMS. */
static bool draw(struct reader *r)
{
    const struct obj *form = r->n ? resource(r, "XObject", r->operands[r->n - 1]) : &obj_null, *outer = r->resources;
    struct sv content;
    if (!obj_is_name(doc_get(r->d, form, "Subtype"), "Form"))
        return true;
    if (r->forms >= MAX_FORMS || r->depth + 1 >= MAX_STATES || !doc_stream(r->d, form, &content))
        return false;
    const struct obj *list = doc_get(r->d, form, "Matrix"), *own = doc_get(r->d, form, "Resources");
    struct matrix m = identity;
    double v[6];
    bool given = list->kind == O_ARRAY && list->array.n == 6;
    for (size_t i = 0; given && i < 6; i++)
        given = obj_number(doc_value(r->d, list->array.items[i]), &v[i]);
    if (given)
        m = (struct matrix){v[0], v[1], v[2], v[3], v[4], v[5]};
    size_t depth = r->depth;
    r->states[depth + 1] = *now(r);
    r->depth++;
    now(r)->ctm = times(m, now(r)->ctm);
    r->resources = own->kind == O_DICT ? own : outer;
    r->forms++;
    bool fine = read_content(r, content);
    r->forms--;
    r->depth = depth;
    r->resources = outer;
    return fine;
}

static bool state_operator(struct reader *r, struct sv op)
{
    if (sv_eq(op, SV("q")) && r->depth + 1 < MAX_STATES) {
        r->states[r->depth + 1] = *now(r);
        r->depth++;
    } else if (sv_eq(op, SV("Q")) && r->depth) {
        r->depth--;
    } else if (sv_eq(op, SV("cm"))) {
        now(r)->ctm = times(six(r), now(r)->ctm);
    } else if (sv_eq(op, SV("Tf"))) {
        const struct obj *font = r->n > 1 ? resource(r, "Font", r->operands[r->n - 2]) : &obj_null;
        now(r)->size = number(r, 0);
        now(r)->composite = obj_is_name(doc_get(r->d, font, "Subtype"), "Type0");
    } else if (sv_eq(op, SV("TL"))) {
        now(r)->leading = number(r, 0);
    } else if (sv_eq(op, SV("Tz"))) {
        now(r)->scale = number(r, 0) / 100;
    } else {
        return false;
    }
    return true;
}

static void text_operator(struct reader *r, struct sv op)
{
    const struct obj *last = r->n ? r->operands[r->n - 1] : &obj_null;
    if (sv_eq(op, SV("BT"))) {
        r->text = r->line = identity;
    } else if (sv_eq(op, SV("Td"))) {
        move(r, number(r, 1), number(r, 0));
    } else if (sv_eq(op, SV("TD"))) {
        now(r)->leading = -number(r, 0);
        move(r, number(r, 1), number(r, 0));
    } else if (sv_eq(op, SV("Tm"))) {
        r->text = r->line = six(r);
    } else if (sv_eq(op, SV("T*"))) {
        move(r, 0, -now(r)->leading);
    } else if (sv_eq(op, SV("Tj"))) {
        show(r, last);
    } else if (sv_eq(op, SV("TJ"))) {
        show_array(r, last);
    } else if (sv_eq(op, SV("'")) || sv_eq(op, SV("\""))) {
        move(r, 0, -now(r)->leading);
        show(r, last);
    }
}

static bool read_content(struct reader *r, struct sv content)
{
    struct lexer x = {.a = &r->d->arena, .in = content};
    r->n = 0;
    while (!r->met) {
        const struct obj *o;
        struct sv word;
        if (++r->steps > MAX_STEPS || !content_token(&x, &o, &word))
            return false;
        if (!o && !word.n)
            return true;
        if (o) {
            if (r->n == MAX_OPERANDS)
                return false;
            r->operands[r->n++] = o;
            continue;
        }
        if (sv_eq(word, SV("ID"))) /* inline images are not followed */
            return false;
        if (sv_eq(word, SV("Do"))) {
            if (!draw(r))
                return false;
        } else if (!state_operator(r, word)) {
            text_operator(r, word);
        }
        r->n = 0;
    }
    return true;
}

/* All streams of a page in one piece, and its resources, perhaps of a node above. */
static bool page_content(struct doc *d, const struct obj *page, struct sv *ret)
{
    const struct obj *contents = doc_get(d, page, "Contents");
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, MAX_CONTENT);
    for (size_t i = 0; i < (contents->kind == O_ARRAY ? contents->array.n : 1); i++) {
        const struct obj *one = contents->kind == O_ARRAY ? doc_value(d, contents->array.items[i]) : contents;
        struct sv part;
        if (one->kind == O_NULL)
            continue;
        if (!doc_stream(d, one, &part))
            return false;
        buf_add(&b, part);
        buf_add_char(&b, '\n');
    }
    if (!buf_ok(&b))
        return false;
    *ret = arena_sv(&d->arena, buf_sv(&b));
    return true;
}

static const struct obj *page_resources(struct doc *d, const struct obj *page)
{
    for (int hops = 0; hops < 64 && page->kind == O_DICT; hops++) {
        const struct obj *own = doc_get(d, page, "Resources");
        if (own->kind == O_DICT)
            return own;
        page = doc_get(d, page, "Parent");
    }
    return &obj_null;
}

bool page_text_meets(struct doc *d, const struct obj *page, const struct pdf_rect *rect)
{
    struct sv content;
    struct reader *r = arena_try(&d->arena, sizeof(*r));
    if (!r || !page_content(d, page, &content))
        return true;
    *r = (struct reader){
            .d = d, .resources = page_resources(d, page), .rect = rect, .text = identity, .line = identity};
    r->states[0] = (struct state){.ctm = identity, .scale = 1};
    return !read_content(r, content) || r->met;
}
