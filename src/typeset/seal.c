/* The round electronic seal: ring, name on the upper arc, five-pointed star, a line below it, code on the lower arc
 * (proportions after 国发〔1999〕25号: one ring of 1.2 mm, the name from left to right around the star). Millimetres
 * until the end; y upwards, the centre is the origin. */
#include <math.h>

#include "typeset/engine_priv.h"
#include "typeset/page_priv.h"
#include "typeset/path_priv.h"

#define PI 3.14159265358979323846
#define EM 100.0 /* size at which glyphs are outlined */

/* For a seal of 42 mm; others are scaled. */
#define RING_OUTER  20.8
#define RING_INNER  19.6
#define NAME_OUTER  18.5 /* top of the name's characters */
#define NAME_HEIGHT 5.4
#define NAME_STEP   (25.0 * PI / 180)
#define STAR_RADIUS 6.6
#define LINE_MIDDLE (-10.6)
#define LINE_HEIGHT 3.9
#define LINE_WIDTH  19.0
#define CODE_OUTER  18.7 /* feet of the code's digits */
#define CODE_HEIGHT 1.5
#define CODE_MAX    20

static const struct text_style style_name = {.family = FONT_SERIF, .size = EM, .line = EM, .bold = true};
static const struct text_style style_code = {.family = FONT_SANS, .size = EM, .line = EM};

struct seal {
    struct typeset *t;
    struct arena *a;
    double scale;  /* millimetres of the 42 mm seal to points */
    double middle; /* of the drawing, points */
    struct typeset_shape *first, *last;
};

static struct path *add_shape(struct seal *s)
{
    struct typeset_shape *shape = arena_new(s->a, struct typeset_shape);
    shape->red = 0.84;
    shape->green = 0.04;
    shape->blue = 0.08;
    path_init(&shape->path, s->a);
    if (s->last)
        s->last->next = shape;
    else
        s->first = shape;
    s->last = shape;
    return &shape->path;
}

/* Puts a path given in millimetres about the centre onto the drawing, turned. */
static void place(struct seal *s, const struct path *from, double angle)
{
    path_add_turned(add_shape(s), from, s->scale, angle, s->middle, s->middle);
}

static void add_ring(struct seal *s)
{
    struct path ring;
    path_init(&ring, s->a);
    path_circle(&ring, 0, 0, RING_OUTER, false);
    path_circle(&ring, 0, 0, RING_INNER, true);
    place(s, &ring, 0);
}

static void add_star(struct seal *s)
{
    struct path star;
    path_init(&star, s->a);
    for (int i = 0; i < 10; i++) {
        double r = i % 2 ? STAR_RADIUS * 0.381966 : STAR_RADIUS, angle = PI / 2 + i * PI / 5;
        if (i == 0)
            path_move(&star, r * cos(angle), r * sin(angle));
        else
            path_line(&star, r * cos(angle), r * sin(angle));
    }
    path_close(&star);
    place(s, &star, 0);
}

struct glyph {
    struct path outline;
    double advance; /* of EM */
};

static bool outline_all(struct seal *s, struct sv text, const struct text_style *style, struct glyph *glyphs, size_t *n,
                        double *total, struct err *e)
{
    *n = 0;
    *total = 0;
    while (text.n) {
        struct sv rest = text;
        sv_next_char(&rest);
        struct glyph *g = &glyphs[(*n)++];
        if (!text_outline(s->t, s->a, sv_sub(text, 0, text.n - rest.n), style, &g->outline, &g->advance, e))
            return false;
        *total += g->advance;
        text = rest;
    }
    return true;
}

/* The glyph with its middle on x = 0, its foot at y = foot, width times its advance, and height an em. */
static struct path upright(struct seal *s, const struct glyph *g, double width, double height, double foot,
                           double descent)
{
    struct path p;
    path_init(&p, s->a);
    for (size_t i = 0; i < g->outline.n; i++) {
        struct path_step step = g->outline.steps[i];
        for (int k = 0; k < 3; k++) {
            step.x[k] = (step.x[k] - g->advance / 2) * width / EM;
            step.y[k] = (step.y[k] + descent * EM) * height / EM + foot;
        }
        path_add_step(&p, &step);
    }
    return p;
}

/* Characters are spaced evenly by their advance; the whole span stays clear of what is at the bottom. */
static bool add_name(struct seal *s, struct sv name, bool crowded, struct err *e)
{
    struct glyph glyphs[SEAL_MAX_NAME];
    size_t n;
    double total;
    if (!outline_all(s, name, &style_name, glyphs, &n, &total, e))
        return false;
    double ems = total / EM, span = (crowded ? 232 : 260) * PI / 180;
    double step = fmin(NAME_STEP, span / ems);
    double foot = NAME_OUTER - NAME_HEIGHT;
    double width = fmin(NAME_HEIGHT * 0.82, foot * step * 0.96);
    double height = fmin(NAME_HEIGHT, fmax(width * 2.0, 2.6));
    foot = NAME_OUTER - height;
    double at = -step * ems / 2; /* clockwise from the top */
    for (size_t i = 0; i < n; i++) {
        double angle = at + step * glyphs[i].advance / EM / 2;
        struct path p = upright(s, &glyphs[i], width, height, foot, 0.12);
        place(s, &p, -angle);
        at += step * glyphs[i].advance / EM;
    }
    return true;
}

static bool add_line(struct seal *s, struct sv line, struct err *e)
{
    struct glyph glyphs[SEAL_MAX_NAME];
    size_t n;
    double total;
    if (!outline_all(s, line, &style_name, glyphs, &n, &total, e))
        return false;
    double em = fmin(LINE_HEIGHT * 0.85, LINE_WIDTH / (total / EM)), x = -em * total / EM / 2;
    double height = fmin(LINE_HEIGHT, em * 1.7);
    for (size_t i = 0; i < n; i++) {
        struct path p = upright(s, &glyphs[i], em * 0.96, height, LINE_MIDDLE - height / 2, 0.12), moved;
        path_init(&moved, s->a);
        path_add_turned(&moved, &p, 1, 0, x + em * glyphs[i].advance / EM / 2, 0);
        place(s, &moved, 0);
        x += em * glyphs[i].advance / EM;
    }
    return true;
}

static bool add_code(struct seal *s, struct sv code, struct err *e)
{
    struct glyph glyphs[CODE_MAX];
    size_t n;
    double total;
    if (!outline_all(s, code, &style_code, glyphs, &n, &total, e))
        return false;
    double step = 4.6 * PI / 180;
    for (size_t i = 0; i < n; i++) {
        double angle = ((double)i - (double)(n - 1) / 2) * step;
        struct path p = upright(s, &glyphs[i], CODE_HEIGHT * 1.3, CODE_HEIGHT * 1.3, -CODE_OUTER, 0);
        place(s, &p, angle);
    }
    return true;
}

bool typeset_seal_draw(struct typeset *t, struct arena *a, const struct typeset_seal *seal, struct typeset_drawing *ret,
                       struct err *e)
{
    double mm = seal->diameter_mm > 0 ? seal->diameter_mm : SEAL_MM;
    size_t name = sv_chars(seal->name), line = sv_chars(seal->line);
    if (name == 0 || name > SEAL_MAX_NAME || line > SEAL_MAX_NAME / 2 || sv_chars(seal->code) > CODE_MAX)
        return err_user(e, ERR_BAD_INPUT, "seal_name_invalid", NULL, "a seal with %zu and %zu characters", name, line);
    if (mm < 30 || mm > 60)
        return err_set(e, ERR_BAD_INPUT, "a seal of %d mm", (int)mm);
    struct seal s = {.t = t, .a = a, .scale = mm / 42.0 * MM, .middle = mm * MM / 2};
    add_ring(&s);
    add_star(&s);
    if (!add_name(&s, seal->name, line > 0 || seal->code.n > 0, e) || (line && !add_line(&s, seal->line, e)) ||
        (seal->code.n && !add_code(&s, seal->code, e)))
        return false;
    struct typeset_drawing d = {.width = mm * MM, .height = mm * MM, .shapes = s.first};
    drawing_finish(a, &d);
    *ret = d;
    return true;
}

static bool overlaps(const struct typeset_shape *s, double from, double to)
{
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    return path_bounds(&s->path, &x0, &y0, &x1, &y1) && x1 >= from && x0 <= to;
}

struct typeset_drawing typeset_seam_strip(struct arena *a, const struct typeset_drawing *seal, int index, int count)
{
    must(index >= 1 && index <= count);
    double width = seal->width / count, from = width * (index - 1);
    struct typeset_shape *first = NULL, **tail = &first;
    for (const struct typeset_shape *s = seal->shapes; s; s = s->next) {
        if (!overlaps(s, from, from + width))
            continue;
        struct typeset_shape *copy = arena_new(a, struct typeset_shape);
        *copy = *s;
        copy->next = NULL;
        copy->clipped = true;
        copy->clip_x = from;
        copy->clip_w = width;
        *tail = copy;
        tail = &copy->next;
    }
    struct typeset_drawing d = {.width = width, .height = seal->height, .shapes = first};
    drawing_finish(a, &d);
    return d;
}
