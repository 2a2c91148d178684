/* Paths, and drawings made of them as PDF operators. */
#include "typeset/path_priv.h"

#include <math.h>
#include <string.h>

#define CIRCLE_ARM 0.5522847498 /* of a quarter circle as a Bézier curve */

void number_add(struct buf *out, double value)
{
    long long hundredths = llround(value * 100);
    if (hundredths < 0) {
        buf_add_char(out, '-');
        hundredths = -hundredths;
    }
    buf_printf(out, "%lld", hundredths / 100);
    int rest = (int)(hundredths % 100);
    if (rest % 10)
        buf_printf(out, ".%02d", rest);
    else if (rest)
        buf_printf(out, ".%d", rest / 10);
}

void path_init(struct path *p, struct arena *a)
{
    *p = (struct path){.a = a};
}

static struct path_step *add_step(struct path *p, enum path_kind kind)
{
    if (p->n == p->max) {
        size_t max = p->max ? p->max * 2 : 64;
        struct path_step *steps = arena_array(p->a, struct path_step, max);
        if (p->n)
            memcpy(steps, p->steps, p->n * sizeof(*steps));
        p->steps = steps;
        p->max = max;
    }
    p->steps[p->n].kind = kind;
    return &p->steps[p->n++];
}

void path_add_step(struct path *p, const struct path_step *step)
{
    *add_step(p, step->kind) = *step;
}

void path_move(struct path *p, double x, double y)
{
    struct path_step *s = add_step(p, PATH_MOVE);
    s->x[0] = x;
    s->y[0] = y;
}

void path_line(struct path *p, double x, double y)
{
    struct path_step *s = add_step(p, PATH_LINE);
    s->x[0] = x;
    s->y[0] = y;
}

void path_curve(struct path *p, double x1, double y1, double x2, double y2, double x3, double y3)
{
    struct path_step *s = add_step(p, PATH_CURVE);
    s->x[0] = x1;
    s->y[0] = y1;
    s->x[1] = x2;
    s->y[1] = y2;
    s->x[2] = x3;
    s->y[2] = y3;
}

void path_close(struct path *p)
{
    add_step(p, PATH_CLOSE);
}

void path_circle(struct path *p, double cx, double cy, double r, bool backwards)
{
    double k = CIRCLE_ARM * r, s = backwards ? -1 : 1;
    path_move(p, cx + r, cy);
    path_curve(p, cx + r, cy + s * k, cx + k, cy + s * r, cx, cy + s * r);
    path_curve(p, cx - k, cy + s * r, cx - r, cy + s * k, cx - r, cy);
    path_curve(p, cx - r, cy - s * k, cx - k, cy - s * r, cx, cy - s * r);
    path_curve(p, cx + k, cy - s * r, cx + r, cy - s * k, cx + r, cy);
    path_close(p);
}

static int step_points(const struct path_step *s)
{
    return s->kind == PATH_CURVE ? 3 : s->kind == PATH_CLOSE ? 0 : 1;
}

void path_add_turned(struct path *p, const struct path *from, double scale, double angle, double dx, double dy)
{
    double c = cos(angle) * scale, s = sin(angle) * scale;
    for (size_t i = 0; i < from->n; i++) {
        const struct path_step *old = &from->steps[i];
        struct path_step *new = add_step(p, old->kind);
        for (int k = 0; k < step_points(old); k++) {
            new->x[k] = c * old->x[k] - s * old->y[k] + dx;
            new->y[k] = s * old->x[k] + c * old->y[k] + dy;
        }
    }
}

bool path_bounds(const struct path *p, double *x0, double *y0, double *x1, double *y1)
{
    bool any = false;
    for (size_t i = 0; i < p->n; i++) {
        for (int k = 0; k < step_points(&p->steps[i]); k++) {
            double x = p->steps[i].x[k], y = p->steps[i].y[k];
            *x0 = any ? fmin(*x0, x) : x;
            *x1 = any ? fmax(*x1, x) : x;
            *y0 = any ? fmin(*y0, y) : y;
            *y1 = any ? fmax(*y1, y) : y;
            any = true;
        }
    }
    return any;
}

static void add_numbers(struct buf *out, const double *v, size_t n, const char *operator)
{
    for (size_t i = 0; i < n; i++) {
        number_add(out, v[i]);
        buf_add_char(out, ' ');
    }
    buf_printf(out, "%s\n", operator);
}

static void add_steps(struct buf *out, const struct path *p)
{
    static const char *const operators[] = {"m", "l", "c", "h"};
    for (size_t i = 0; i < p->n; i++) {
        const struct path_step *s = &p->steps[i];
        const double v[] = {s->x[0], s->y[0], s->x[1], s->y[1], s->x[2], s->y[2]};
        add_numbers(out, v, (size_t)step_points(s) * 2, operators[s->kind]);
    }
}

void drawing_finish(struct arena *a, struct typeset_drawing *d)
{
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, (size_t)16 << 20);
    buf_add(&out, SV("q\n"));
    const struct typeset_shape *first = d->shapes;
    if (first && first->clipped) {
        const double shift[] = {1, 0, 0, 1, -first->clip_x, 0};
        const double clip[] = {0, 0, first->clip_w, d->height};
        add_numbers(&out, clip, 4, "re W n");
        add_numbers(&out, shift, 6, "cm");
    }
    const struct typeset_shape *before = NULL;
    for (const struct typeset_shape *s = first; s; before = s, s = s->next) {
        const double colour[] = {s->red, s->green, s->blue};
        if (!before || before->red < s->red || before->red > s->red || before->green < s->green ||
            before->green > s->green || before->blue < s->blue || before->blue > s->blue)
            add_numbers(&out, colour, 3, "rg");
        add_steps(&out, &s->path);
        buf_add(&out, s->even_odd ? SV("f*\n") : SV("f\n"));
    }
    buf_add(&out, SV("Q\n"));
    must(buf_ok(&out));
    d->content = buf_to_arena(&out, a);
}
