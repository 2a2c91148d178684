/* What an appearance shows (ISO 32000-2 8.2, 9.4): its strings in the order of painting, and whether it paints images.
 * Positions, colours and clipping are not followed: this compares what a field shows with its value, it does not
 * render. */
#include <string.h>

#include "pdf/diff_priv.h"

#define MAX_CONTENT  ((size_t)1 << 20)
#define MAX_OPERANDS 64
#define MAX_STATES   32
#define MAX_FORMS    4 /* within each other */
#define MAX_DO       40

struct state {
    const struct obj *font;
    bool invisible; /* text rendering mode 3 or 7 */
    bool no_size;   /* size 0 */
};
struct reader {
    struct doc *d;
    const struct obj *resources;
    const struct obj *operands[MAX_OPERANDS];
    size_t n;
    struct state states[MAX_STATES];
    size_t depth;
    struct buf text;
    struct look *look;
    int forms, *drawn;
};

/* ---- tokens ---- */

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '*' || c == '\'' || c == '"' || c == '_';
}

bool content_token(struct lexer *x, const struct obj **ret_operand, struct sv *ret_word)
{
    *ret_operand = NULL;
    *ret_word = (struct sv){0};
    lex_skip(x);
    if (x->at >= x->in.n)
        return true;
    size_t n = 0;
    while (x->at + n < x->in.n &&
           (word_char(x->in.p[x->at + n]) || (n && x->in.p[x->at + n] >= '0' && x->in.p[x->at + n] <= '9')))
        n++;
    struct sv word = sv_sub(x->in, x->at, n);
    if (n && !sv_eq(word, SV("true")) && !sv_eq(word, SV("false")) && !sv_eq(word, SV("null"))) {
        x->at += n;
        *ret_word = word;
        return true;
    }
    *ret_operand = lex_object(x);
    return *ret_operand != NULL;
}

/* ---- operators ---- */

static const struct obj *operand(const struct reader *r, size_t from_last)
{
    return from_last < r->n ? r->operands[r->n - 1 - from_last] : &obj_null;
}

static const struct obj *resource(struct reader *r, const char *category, const struct obj *name)
{
    const struct obj *list = doc_get(r->d, r->resources, category);
    for (size_t i = 0; name->kind == O_NAME && obj_is_dict(list) && i < list->dict.n; i++) {
        if (sv_eq(list->dict.entries[i].key, name->text))
            return doc_value(r->d, list->dict.entries[i].value);
    }
    return &obj_null;
}

static struct state *now(struct reader *r)
{
    return &r->states[r->depth];
}

static void show(struct reader *r, const struct obj *string)
{
    if (string->kind != O_STRING || !string->text.n)
        return;
    r->look->codes += string->text.n;
    r->look->hidden = r->look->hidden || now(r)->invisible || now(r)->no_size;
    if (!font_text(r->d, now(r)->font, string->text, &r->text))
        r->look->undecided = true;
}

static void show_array(struct reader *r, const struct obj *list)
{
    for (size_t i = 0; list->kind == O_ARRAY && i < list->array.n; i++)
        show(r, list->array.items[i]);
}

static bool read_form(struct reader *r, const struct obj *form);

static bool draw(struct reader *r)
{
    const struct obj *x = resource(r, "XObject", operand(r, 0));
    if (obj_is_name(doc_get(r->d, x, "Subtype"), "Image"))
        r->look->image = true;
    if (!obj_is_name(doc_get(r->d, x, "Subtype"), "Form"))
        return true;
    if (r->forms >= MAX_FORMS || ++*r->drawn > MAX_DO)
        return false;
    return read_form(r, x);
}

/* Inline image: data between ID and EI. */
static bool skip_image(struct reader *r, struct lexer *x)
{
    r->look->image = true;
    while (x->at + 2 < x->in.n) {
        size_t at = sv_find(sv_skip(x->in, x->at), SV("EI"));
        if (at == SIZE_MAX)
            return false;
        x->at += at + 2;
        bool alone = pdf_is_blank(x->in.p[x->at - 3]) && (x->at >= x->in.n || pdf_is_blank(x->in.p[x->at]));
        if (alone)
            return true;
    }
    return false;
}

static bool run(struct reader *r, struct lexer *x, struct sv op)
{
    const struct obj *last = operand(r, 0);
    double size;
    if (sv_eq(op, SV("q")) && r->depth + 1 < MAX_STATES) {
        r->states[r->depth + 1] = *now(r);
        r->depth++;
    } else if (sv_eq(op, SV("Q")) && r->depth) {
        r->depth--;
    } else if (sv_eq(op, SV("Tf"))) {
        now(r)->font = resource(r, "Font", operand(r, 1));
        now(r)->no_size = !obj_number(last, &size) || size == 0;
    } else if (sv_eq(op, SV("Tr"))) {
        now(r)->invisible = last->kind == O_INT && (last->integer == 3 || last->integer == 7);
    } else if (sv_eq(op, SV("Tj")) || sv_eq(op, SV("'")) || sv_eq(op, SV("\""))) {
        show(r, last);
    } else if (sv_eq(op, SV("TJ"))) {
        show_array(r, last);
    } else if (sv_eq(op, SV("Do"))) {
        return draw(r);
    } else if (sv_eq(op, SV("c")) || sv_eq(op, SV("v")) || sv_eq(op, SV("y")) || sv_eq(op, SV("l"))) {
        r->look->strokes++;
    } else if (sv_eq(op, SV("sh"))) {
        r->look->image = true;
    } else if (sv_eq(op, SV("ID"))) {
        return skip_image(r, x);
    }
    return true;
}

static bool read_content(struct reader *r, struct sv content)
{
    struct lexer x = {.a = &r->d->arena, .in = content};
    for (;;) {
        const struct obj *o;
        struct sv word;
        if (!content_token(&x, &o, &word))
            return false;
        if (!o && !word.n)
            return true;
        if (o) {
            if (r->n == MAX_OPERANDS)
                return false;
            r->operands[r->n++] = o;
            continue;
        }
        if (!run(r, &x, word))
            return false;
        r->n = 0;
    }
}

/* Recursion is bounded by MAX_FORMS. */
static bool read_form(struct reader *r, const struct obj *form)
{
    struct sv content;
    if (!doc_stream(r->d, form, &content) || content.n > MAX_CONTENT)
        return false;
    const struct obj *own = doc_get(r->d, form, "Resources"), *outer = r->resources;
    struct state before = *now(r);
    size_t depth = r->depth;
    r->resources = own->kind == O_DICT ? own : outer;
    r->forms++;
    r->n = 0;
    bool fine = read_content(r, content);
    r->forms--;
    r->depth = depth;
    r->states[depth] = before;
    r->resources = outer;
    return fine;
}

bool look_read(struct doc *d, struct arena *a, const struct obj *form, const struct obj *dr, struct look *ret)
{
    int drawn = 0;
    *ret = (struct look){0};
    struct reader *r = arena_try(&d->arena, sizeof(*r));
    if (!r)
        return false;
    *r = (struct reader){.d = d, .resources = dr, .look = ret, .drawn = &drawn};
    r->states[0].font = &obj_null;
    buf_init(&r->text, MAX_CONTENT);
    bool fine = read_form(r, form) && buf_ok(&r->text);
    ret->text = arena_sv(a, buf_sv(&r->text));
    buf_done(&r->text);
    return fine;
}
