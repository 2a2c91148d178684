/* Where the content of a page paints text (ISO 32000-2 9.4), as far as it takes to see whether something lies over it:
 * boxes from the size and the widths that the font dictionary states. Forms are followed; everything is
 * bounded by the operators, the depth of forms, and the bytes that all pages may make us read. */
#include <math.h>
#include <string.h>

#include "pdf/intake_priv.h"

#define MAX_OPERANDS 64
#define MAX_STATES   64
#define MAX_FORMS    12
#define MAX_BOXES    20000
#define MAX_FONTS    64
#define FORM_COST    500 /* bytes of the budget, however short the form: they can call each other */

struct matrix {
    double a, b, c, d, e, f;
};
static const struct matrix identity = {1, 0, 0, 1, 0, 0};

/* x, then y (row vectors, as in PDF). */
static struct matrix multiply(struct matrix x, struct matrix y)
{
    return (struct matrix){x.a * y.a + x.b * y.c, x.a * y.b + x.b * y.d,       x.c * y.a + x.d * y.c,
                           x.c * y.b + x.d * y.d, x.e * y.a + x.f * y.c + y.e, x.e * y.b + x.f * y.d + y.f};
}

/* Widths by character code, in thousandths of the size. */
struct widths {
    const struct obj *font;
    bool two_bytes;
    int16_t *of; /* 256 or 65536 of them */
};

struct state {
    struct matrix ctm;
    const struct widths *font;
    double size, leading, scale, rise;
    int mode;
    bool white, clear;
};

/* Content in work: the page's, or that of a form inside it. */
struct frame {
    struct lexer lexer;
    const struct obj *resources;
    size_t states_below;
};

struct reader {
    struct doc *d;
    struct arena *scratch;
    size_t *budget;
    struct text_boxes *out;
    struct frame frames[MAX_FORMS];
    size_t frames_n;
    struct state states[MAX_STATES];
    size_t states_n; /* the last one is in force */
    size_t lost;     /* q beyond MAX_STATES */
    struct widths fonts[MAX_FONTS];
    size_t fonts_n;
    struct matrix text, line;
    const struct obj *operands[MAX_OPERANDS];
    size_t operands_n;
};

static struct state *now(struct reader *r)
{
    return &r->states[r->states_n - 1];
}

static double number_at(const struct reader *r, size_t i)
{
    double v = 0;
    return i < r->operands_n && obj_number(r->operands[i], &v) ? v : 0;
}

static bool matrix_of(struct doc *d, const struct obj *arr, struct matrix *ret)
{
    double v[6];
    for (size_t i = 0; i < 6; i++) {
        if (arr->kind != O_ARRAY || arr->array.n != 6 || !obj_number(doc_value(d, arr->array.items[i]), &v[i]))
            return false;
    }
    *ret = (struct matrix){v[0], v[1], v[2], v[3], v[4], v[5]};
    return true;
}

/* Looking things up costs as reading does, so that no page can make us do it for ever. */
static bool spend(struct reader *r, size_t n)
{
    if (*r->budget < n) {
        *r->budget = 0;
        r->out->incomplete = true;
        return false;
    }
    *r->budget -= n;
    return true;
}

/* A resource of the content in work; obj_null when there is none. */
static const struct obj *resource(struct reader *r, const char *category)
{
    const struct obj *list = doc_get(r->d, r->frames[r->frames_n - 1].resources, category), *found = &obj_null;
    const struct obj *name = r->operands_n ? r->operands[0] : &obj_null;
    if (!obj_is_dict(list) || name->kind != O_NAME || !spend(r, 16 + list->dict.n / 4))
        return &obj_null;
    for (size_t i = 0; i < list->dict.n && found->kind == O_NULL; i++) {
        if (sv_eq(list->dict.entries[i].key, name->text))
            found = doc_value(r->d, list->dict.entries[i].value);
    }
    return found;
}

/* ---- fonts ---- */

static int16_t width_of(struct doc *d, const struct obj *o, int16_t otherwise)
{
    double v;
    return obj_number(doc_value(d, o), &v) && v > -30000 && v < 30000 ? (int16_t)v : otherwise;
}

static void simple_widths(struct doc *d, const struct obj *font, int16_t *of)
{
    const struct obj *list = doc_get(d, font, "Widths"), *first = doc_get(d, font, "FirstChar");
    int64_t from = first->kind == O_INT ? first->integer : 0;
    for (size_t i = 0; i < 256; i++)
        of[i] = 500;
    for (size_t i = 0; list->kind == O_ARRAY && from >= 0 && i < list->array.n && (size_t)from + i < 256; i++)
        of[(size_t)from + i] = width_of(d, list->array.items[i], 500);
}

/* /W: c [w1 w2 …] or c1 c2 w (ISO 32000-2 9.7.4.3). Codes are taken for CIDs, as with Identity-H. */
static void composite_widths(struct reader *r, const struct obj *font, int16_t *of)
{
    struct doc *d = r->d;
    const struct obj *below = doc_get(d, font, "DescendantFonts");
    const struct obj *cid = below->kind == O_ARRAY && below->array.n ? doc_value(d, below->array.items[0]) : &obj_null;
    const struct obj *w = doc_get(d, cid, "W");
    int16_t usual = width_of(d, dict_get(cid, "DW"), 1000);
    for (size_t i = 0; i < 65536; i++)
        of[i] = usual;
    for (size_t i = 0; w->kind == O_ARRAY && i + 1 < w->array.n;) {
        const struct obj *first = doc_value(d, w->array.items[i]), *second = doc_value(d, w->array.items[i + 1]);
        size_t code =
                first->kind == O_INT && first->integer >= 0 && first->integer < 65536 ? (size_t)first->integer : 65536;
        if (second->kind == O_ARRAY) {
            for (size_t k = 0; k < second->array.n && code + k < 65536; k++)
                of[code + k] = width_of(d, second->array.items[k], usual);
            i += 2;
            continue;
        }
        size_t last =
                second->kind == O_INT && second->integer >= 0 && second->integer < 65536 ? (size_t)second->integer : 0;
        if (last > code && !spend(r, (last - code) / 4))
            return;
        for (; i + 2 < w->array.n && code <= last && code < 65536; code++)
            of[code] = width_of(d, w->array.items[i + 2], usual);
        i += 3;
    }
}

static const struct widths *find_font(struct reader *r)
{
    const struct obj *font = resource(r, "Font");
    for (size_t i = 0; i < r->fonts_n; i++) {
        if (r->fonts[i].font == font)
            return &r->fonts[i];
    }
    bool two = obj_is_name(doc_get(r->d, font, "Subtype"), "Type0");
    int16_t *of = r->fonts_n < MAX_FONTS ? arena_try(r->scratch, (two ? 65536 : 256) * sizeof(*of)) : NULL;
    if (!of)
        return NULL;
    two ? composite_widths(r, font, of) : simple_widths(r->d, font, of);
    r->fonts[r->fonts_n] = (struct widths){font, two, of};
    return &r->fonts[r->fonts_n++];
}

/* ---- painting text ---- */

/* Of what is shown, in thousandths of the size. */
static double width_sum(const struct widths *w, struct sv bytes)
{
    double sum = 0;
    if (!w)
        return 500.0 * (double)bytes.n;
    for (size_t i = 0; i < bytes.n; i += w->two_bytes ? 2 : 1) {
        unsigned high = (unsigned char)bytes.p[i], low = i + 1 < bytes.n ? (unsigned char)bytes.p[i + 1] : 0;
        sum += w->of[w->two_bytes ? high << 8 | low : high];
    }
    return sum;
}

static void add_box(struct reader *r, struct text_box box)
{
    struct text_boxes *out = r->out;
    if (out->n == out->cap) {
        size_t cap = out->cap ? out->cap * 2 : 256;
        struct text_box *p = out->n < MAX_BOXES ? arena_try(r->scratch, cap * sizeof(*p)) : NULL;
        if (!p) {
            out->incomplete = true;
            return;
        }
        if (out->n)
            memcpy(p, out->items, out->n * sizeof(*p));
        out->items = p;
        out->cap = cap;
    }
    out->items[out->n++] = box;
}

static void show(struct reader *r, struct sv bytes)
{
    struct state *s = now(r);
    size_t letters = 0;
    for (size_t i = 0; i < bytes.n; i++)
        letters += (s->font && s->font->two_bytes) || !pdf_is_blank(bytes.p[i]);
    double width = width_sum(s->font, bytes) / 1000 * s->size * s->scale;
    if (letters) {
        struct matrix m = multiply(r->text, s->ctm);
        double low = s->rise - 0.2 * s->size, high = s->rise + 0.75 * s->size;
        const double px[] = {0, width, 0, width}, py[] = {low, low, high, high};
        double x0 = INFINITY, x1 = -INFINITY, y0 = INFINITY, y1 = -INFINITY;
        for (size_t i = 0; i < 4; i++) {
            double x = px[i] * m.a + py[i] * m.c + m.e, y = px[i] * m.b + py[i] * m.d + m.f;
            x0 = fmin(x0, x), x1 = fmax(x1, x), y0 = fmin(y0, y), y1 = fmax(y1, y);
        }
        if (isfinite(x0 + x1 + y0 + y1))
            add_box(r, (struct text_box){
                               .rect = {x0, y0, x1 - x0, y1 - y0},
                               .invisible = s->mode == 3 || s->mode == 7 || s->clear,
                               .white = s->white && (s->mode == 0 || s->mode == 4)
            });
    }
    r->text = multiply((struct matrix){1, 0, 0, 1, width, 0}, r->text);
}

static void show_array(struct reader *r, const struct obj *arr)
{
    struct state *s = now(r);
    for (size_t i = 0; arr->kind == O_ARRAY && i < arr->array.n; i++) {
        const struct obj *o = arr->array.items[i];
        double v;
        if (o->kind == O_STRING)
            show(r, o->text);
        else if (obj_number(o, &v))
            r->text = multiply((struct matrix){1, 0, 0, 1, -v / 1000 * s->size * s->scale, 0}, r->text);
    }
}

static void move_line(struct reader *r, double x, double y)
{
    r->line = multiply((struct matrix){1, 0, 0, 1, x, y}, r->line);
    r->text = r->line;
}

/* ---- operators ---- */

static void op_state(struct reader *r, char op)
{
    if (op == 'q') {
        if (r->states_n == MAX_STATES) {
            r->lost++;
            return;
        }
        r->states[r->states_n] = *now(r);
        r->states_n++;
    } else if (r->lost) {
        r->lost--;
    } else if (r->states_n > r->frames[r->frames_n - 1].states_below + 1) {
        r->states_n--;
    }
}

static void op_color(struct reader *r, size_t n)
{
    bool white = r->operands_n >= n && n > 0;
    for (size_t i = 0; i < n && white; i++)
        white = n == 4 ? number_at(r, i) <= 0.02 : number_at(r, i) >= 0.98;
    now(r)->white = white;
}

static void op_gs(struct reader *r)
{
    double ca;
    if (obj_number(doc_get(r->d, resource(r, "ExtGState"), "ca"), &ca))
        now(r)->clear = ca < 0.05;
}

static bool push_frame(struct reader *r, struct sv content, const struct obj *resources)
{
    if (r->frames_n == MAX_FORMS) {
        r->out->incomplete = true;
        return false;
    }
    r->frames[r->frames_n++] = (struct frame){
            .lexer = {.a = r->scratch, .in = content},
              .resources = resources, .states_below = r->states_n
    };
    return true;
}

static void op_do(struct reader *r)
{
    const struct obj *x = resource(r, "XObject");
    struct sv content;
    struct matrix m;
    if (x->kind != O_STREAM || !obj_is_name(doc_get(r->d, x, "Subtype"), "Form") || r->states_n == MAX_STATES)
        return;
    if (!spend(r, FORM_COST) || !intake_decode(r->d, x, r->scratch, r->budget, &content)) {
        r->out->incomplete = true;
        return;
    }
    const struct obj *own = doc_get(r->d, x, "Resources");
    if (!push_frame(r, content, obj_is_dict(own) ? own : r->frames[r->frames_n - 1].resources))
        return;
    r->states[r->states_n] = *now(r);
    r->states_n++;
    if (matrix_of(r->d, doc_get(r->d, x, "Matrix"), &m))
        now(r)->ctm = multiply(m, now(r)->ctm);
}

/* BI … ID data EI: the data ends at EI between blanks. */
static void op_inline_image(struct reader *r)
{
    struct lexer *x = &r->frames[r->frames_n - 1].lexer;
    for (size_t i = x->at; i + 3 < x->in.n; i++) {
        if (pdf_is_blank(x->in.p[i]) && x->in.p[i + 1] == 'E' && x->in.p[i + 2] == 'I' &&
            (pdf_is_blank(x->in.p[i + 3]) || pdf_is_delimiter(x->in.p[i + 3]))) {
            x->at = i + 3;
            return;
        }
    }
    x->at = x->in.n;
}

static struct matrix six(const struct reader *r)
{
    return (struct matrix){number_at(r, 0), number_at(r, 1), number_at(r, 2),
                           number_at(r, 3), number_at(r, 4), number_at(r, 5)};
}

static const struct obj *last_operand(const struct reader *r)
{
    return r->operands_n ? r->operands[r->operands_n - 1] : &obj_null;
}

static struct sv string_operand(const struct reader *r)
{
    const struct obj *o = last_operand(r);
    return o->kind == O_STRING ? o->text : (struct sv){0};
}

enum op {
    OP_q,
    OP_Q,
    OP_cm,
    OP_BT,
    OP_Tm,
    OP_Td,
    OP_TD,
    OP_next,
    OP_TL,
    OP_Tf,
    OP_Tz,
    OP_Ts,
    OP_Tr,
    OP_Tj,
    OP_TJ,
    OP_quote,
    OP_quotes,
    OP_g,
    OP_rg,
    OP_k,
    OP_sc,
    OP_cs,
    OP_gs,
    OP_Do,
    OP_ID
};
static const struct {
    struct sv word;
    enum op op;
} operators[] = {
        {SV_INIT("q"),   OP_q     },
        {SV_INIT("Q"),   OP_Q     },
        {SV_INIT("cm"),  OP_cm    },
        {SV_INIT("BT"),  OP_BT    },
        {SV_INIT("Tm"),  OP_Tm    },
        {SV_INIT("Td"),  OP_Td    },
        {SV_INIT("TD"),  OP_TD    },
        {SV_INIT("T*"),  OP_next  },
        {SV_INIT("TL"),  OP_TL    },
        {SV_INIT("Tf"),  OP_Tf    },
        {SV_INIT("Tz"),  OP_Tz    },
        {SV_INIT("Ts"),  OP_Ts    },
        {SV_INIT("Tr"),  OP_Tr    },
        {SV_INIT("Tj"),  OP_Tj    },
        {SV_INIT("TJ"),  OP_TJ    },
        {SV_INIT("'"),   OP_quote },
        {SV_INIT("\""),  OP_quotes},
        {SV_INIT("g"),   OP_g     },
        {SV_INIT("rg"),  OP_rg    },
        {SV_INIT("k"),   OP_k     },
        {SV_INIT("sc"),  OP_sc    },
        {SV_INIT("scn"), OP_sc    },
        {SV_INIT("cs"),  OP_cs    },
        {SV_INIT("gs"),  OP_gs    },
        {SV_INIT("Do"),  OP_Do    },
        {SV_INIT("ID"),  OP_ID    },
};

static void op_text(struct reader *r, enum op op)
{
    struct state *s = now(r);
    if (op == OP_BT)
        r->text = r->line = identity;
    else if (op == OP_Tm)
        r->text = r->line = six(r);
    else if (op == OP_Td || op == OP_TD)
        move_line(r, number_at(r, 0), number_at(r, 1));
    else if (op == OP_next || op == OP_quote || op == OP_quotes)
        move_line(r, 0, -s->leading);
    if (op == OP_TD)
        s->leading = -number_at(r, 1);
    if (op == OP_TJ)
        show_array(r, last_operand(r));
    if (op == OP_Tj || op == OP_quote || op == OP_quotes)
        show(r, string_operand(r));
}

static void execute(struct reader *r, enum op op)
{
    struct state *s = now(r);
    switch ((int)op) {
    case OP_q:
    case OP_Q:
        op_state(r, op == OP_q ? 'q' : 'Q');
        break;
    case OP_cm:
        s->ctm = multiply(six(r), s->ctm);
        break;
    case OP_TL:
        s->leading = number_at(r, 0);
        break;
    case OP_Tf:
        s->size = number_at(r, 1);
        s->font = find_font(r);
        break;
    case OP_Tz:
        s->scale = number_at(r, 0) / 100;
        break;
    case OP_Ts:
        s->rise = number_at(r, 0);
        break;
    case OP_Tr:
        s->mode = (int)fmax(0, fmin(7, number_at(r, 0)));
        break;
    case OP_g:
        op_color(r, 1);
        break;
    case OP_rg:
        op_color(r, 3);
        break;
    case OP_k:
        op_color(r, 4);
        break;
    case OP_sc:
        op_color(r, last_operand(r)->kind == O_NAME ? 0 : r->operands_n);
        break;
    case OP_cs:
        s->white = false;
        break;
    case OP_gs:
        op_gs(r);
        break;
    case OP_Do:
        op_do(r);
        break;
    case OP_ID:
        op_inline_image(r);
        break;
    default:
        op_text(r, op);
    }
}

static void run_operator(struct reader *r, struct sv word)
{
    for (size_t i = 0; i < COUNT(operators); i++) {
        if (sv_eq(word, operators[i].word)) {
            execute(r, operators[i].op);
            break;
        }
    }
    r->operands_n = 0;
}

/* ---- the content, token by token ---- */

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\'' || c == '"';
}

/* Takes one operand or runs one operator. False: this content is at its end, or not readable on. */
static bool step(struct reader *r)
{
    struct lexer *x = &r->frames[r->frames_n - 1].lexer;
    lex_skip(x);
    if (x->at >= x->in.n)
        return false;
    if (letter(x->in.p[x->at])) {
        size_t from = x->at;
        while (x->at < x->in.n && !pdf_is_blank(x->in.p[x->at]) && !pdf_is_delimiter(x->in.p[x->at]))
            x->at++;
        run_operator(r, sv_sub(x->in, from, x->at - from));
        return true;
    }
    const struct obj *o = lex_object(x);
    if (!o) {
        r->out->incomplete = true;
        return false;
    }
    if (r->operands_n < MAX_OPERANDS)
        r->operands[r->operands_n++] = o;
    return true;
}

bool intake_decode(struct doc *d, const struct obj *stream, struct arena *scratch, size_t *budget, struct sv *ret)
{
    const struct obj *filter = doc_get(d, stream, "Filter");
    if (stream->kind != O_STREAM || doc_get(d, stream, "DecodeParms")->kind != O_NULL)
        return false;
    if (filter->kind == O_ARRAY && filter->array.n == 1)
        filter = doc_value(d, filter->array.items[0]);
    size_t most = filter->kind == O_NULL ? stream->data.n : stream->data.n * 1100 + 1024;
    if (most > *budget)
        most = *budget;
    bool ok = filter->kind == O_NULL
                      ? stream->data.n <= most
                      : obj_is_name(filter, "FlateDecode") && flate_decode(scratch, stream->data, most, ret);
    if (ok && filter->kind == O_NULL)
        *ret = stream->data;
    *budget -= ok ? ret->n : most;
    return ok;
}

/* /Contents: one stream, or several read as one. */
static bool page_content(struct doc *d, const struct obj *page, struct arena *a, size_t *budget, struct sv *ret)
{
    const struct obj *o = doc_get(d, page, "Contents");
    *ret = (struct sv){0};
    if (o->kind == O_STREAM)
        return intake_decode(d, o, a, budget, ret);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, *budget + (1 << 20));
    for (size_t i = 0; o->kind == O_ARRAY && i < o->array.n; i++) {
        struct sv part;
        if (!intake_decode(d, doc_value(d, o->array.items[i]), a, budget, &part))
            return false;
        buf_add(&b, part);
        buf_add_char(&b, '\n');
    }
    char *p = buf_ok(&b) ? arena_try(a, b.n + 1) : NULL;
    if (!p)
        return false;
    if (b.n)
        memcpy(p, b.p, b.n);
    *ret = sv_of(p, b.n);
    return true;
}

void intake_text(struct doc *d, const struct obj *page, struct arena *scratch, size_t *budget, struct text_boxes *ret)
{
    *ret = (struct text_boxes){0};
    struct reader r = {.d = d, .scratch = scratch, .budget = budget, .out = ret, .states_n = 1};
    r.text = r.line = identity;
    r.states[0] = (struct state){.ctm = identity, .scale = 1};
    struct sv content;
    if (!page_content(d, page, scratch, budget, &content) ||
        !push_frame(&r, content, intake_inherited(d, page, "Resources"))) {
        ret->incomplete = true;
        return;
    }
    r.frames[0].states_below = 0;
    while (r.frames_n) {
        if (step(&r))
            continue;
        struct frame *f = &r.frames[--r.frames_n];
        r.states_n = r.frames_n ? f->states_below : 1;
        r.operands_n = 0;
    }
}
