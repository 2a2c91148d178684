/* Handwriting: strokes of points become filled outlines whose width follows pressure or speed, as a pen's line does.
 * Each stroke is a smooth curve through its points (Catmull-Rom), sampled evenly, and outlined left and right; where
 * the curve turns sharper than the pen is wide, the outline is cut and joined by a disc. All contours run the same way
 * round, so overlaps stay filled. */
#include <math.h>
#include <string.h>

#include "typeset/engine_priv.h"
#include "typeset/path_priv.h"

#define MIN_LENGTH   60.0 /* of all strokes together, pixels of the screen */
#define MIN_EXTENT   16.0
#define MAX_COORD    100000.0
#define SAMPLE_STEP  0.9 /* points */
#define PEN_MIN      0.75
#define PEN_MAX      2.7
#define PEN_EVEN     1.7
#define MARGIN       4.0
#define CAPTION_SIZE 6.5
#define CAPTION_LINE 8.5
#define CAPTIONS_MAX 4
#define MAX_SAMPLES  60000

static bool too_large(struct err *e, const char *what)
{
    return err_user(e, ERR_BAD_INPUT, "drawing_too_large", NULL, "drawing: %s", what);
}

struct extent {
    double x0, y0, x1, y1, length;
};

static bool is_sane(const struct typeset_point *p)
{
    return isfinite(p->x) && isfinite(p->y) && isfinite(p->t_ms) && isfinite(p->pressure) && fabs(p->x) < MAX_COORD &&
           fabs(p->y) < MAX_COORD;
}

static bool measure(const struct typeset_ink *ink, struct extent *x, struct err *e)
{
    size_t total = 0;
    if (ink->n > INK_MAX_STROKES || ink->captions_n > CAPTIONS_MAX)
        return too_large(e, "too many strokes");
    *x = (struct extent){.x0 = MAX_COORD, .y0 = MAX_COORD, .x1 = -MAX_COORD, .y1 = -MAX_COORD};
    for (size_t i = 0; i < ink->n; i++) {
        const struct typeset_stroke *s = &ink->strokes[i];
        if (s->n > INK_MAX_POINTS - total)
            return too_large(e, "too many points");
        total += s->n;
        for (size_t k = 0; k < s->n; k++) {
            const struct typeset_point *p = &s->points[k];
            if (!is_sane(p))
                return too_large(e, "a point is not a sensible number");
            x->x0 = fmin(x->x0, p->x);
            x->x1 = fmax(x->x1, p->x);
            x->y0 = fmin(x->y0, p->y);
            x->y1 = fmax(x->y1, p->y);
            if (k)
                x->length += hypot(p->x - p[-1].x, p->y - p[-1].y);
        }
    }
    if (total < 4 || x->length < MIN_LENGTH || fmax(x->x1 - x->x0, x->y1 - x->y0) < MIN_EXTENT)
        return err_user(e, ERR_BAD_INPUT, "drawing_empty", NULL, "%zu points over %d pixels", total, (int)x->length);
    return true;
}

bool typeset_ink_check(const struct typeset_ink *ink, struct err *e)
{
    struct extent x;
    return measure(ink, &x, e);
}

struct sample {
    double x, y, w; /* w: half the width of the line */
};

struct pen {
    struct arena *a;
    double scale, dx, dy; /* from the screen to the box, y turned */
    double usual_speed;   /* pixels a millisecond */
    struct sample *knots; /* the points of one stroke */
    struct sample *samples;
    size_t samples_n;
    struct path *out;
};

static double speed_of(const struct typeset_point *p)
{
    double dt = p->t_ms - p[-1].t_ms;
    return hypot(p->x - p[-1].x, p->y - p[-1].y) / fmax(dt, 1);
}

static double mean_speed(const struct typeset_ink *ink)
{
    double length = 0, time = 0;
    for (size_t i = 0; i < ink->n; i++) {
        const struct typeset_stroke *s = &ink->strokes[i];
        for (size_t k = 1; k < s->n; k++) {
            length += hypot(s->points[k].x - s->points[k - 1].x, s->points[k].y - s->points[k - 1].y);
            time += fmax(s->points[k].t_ms - s->points[k - 1].t_ms, 0);
        }
    }
    return time > 0 ? length / time : 0;
}

static double wanted_width(const struct pen *pen, const struct typeset_stroke *s, size_t k)
{
    const struct typeset_point *p = &s->points[k];
    if (p->pressure >= 0)
        return PEN_MIN + (PEN_MAX - PEN_MIN) * fmin(p->pressure, 1);
    if (pen->usual_speed <= 0)
        return PEN_EVEN;
    double speed = speed_of(k ? p : p + (s->n > 1)) / pen->usual_speed;
    return s->n > 1 ? PEN_MIN + (PEN_MAX - PEN_MIN) / (1 + speed * speed * 0.8) : PEN_EVEN;
}

/* Points nearer than a third of a point to the last one say nothing; widths are smoothed, and thin out towards the end.
 */
static size_t take_knots(struct pen *pen, const struct typeset_stroke *s)
{
    size_t n = 0;
    double width = 0;
    for (size_t k = 0; k < s->n; k++) {
        double x = s->points[k].x * pen->scale + pen->dx, y = pen->dy - s->points[k].y * pen->scale;
        double wanted = wanted_width(pen, s, k);
        width = k ? width * 0.7 + wanted * 0.3 : wanted;
        if (n && hypot(x - pen->knots[n - 1].x, y - pen->knots[n - 1].y) < 0.35)
            continue;
        pen->knots[n++] = (struct sample){x, y, width / 2};
    }
    for (size_t k = 0; k < 3 && n > 6; k++)
        pen->knots[n - 1 - k].w *= 0.55 + 0.15 * (double)k;
    return n;
}

static double spline(double p0, double p1, double p2, double p3, double t)
{
    return 0.5 *
           (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t * t + (3 * p1 - p0 - 3 * p2 + p3) * t * t * t);
}

static void sample_curve(struct pen *pen, size_t n)
{
    pen->samples_n = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        const struct sample *p1 = &pen->knots[i], *p2 = p1 + 1, *p0 = i ? p1 - 1 : p1, *p3 = i + 2 < n ? p2 + 1 : p2;
        int parts = (int)ceil(hypot(p2->x - p1->x, p2->y - p1->y) / SAMPLE_STEP);
        for (int k = 0; k < parts && pen->samples_n < MAX_SAMPLES - 1; k++) {
            double t = (double)k / parts;
            pen->samples[pen->samples_n++] =
                    (struct sample){spline(p0->x, p1->x, p2->x, p3->x, t), spline(p0->y, p1->y, p2->y, p3->y, t),
                                    p1->w + (p2->w - p1->w) * t};
        }
    }
    pen->samples[pen->samples_n++] = pen->knots[n - 1];
}

/* The unit vector to the left of the way from sample i. */
static void left_of(const struct sample *from, const struct sample *to, double *nx, double *ny)
{
    double dx = to->x - from->x, dy = to->y - from->y, length = hypot(dx, dy);
    *nx = length > 0 ? -dy / length : 0;
    *ny = length > 0 ? dx / length : 0;
}

static void side_point(struct path *out, const struct sample *s, size_t i, size_t first, size_t last, double side,
                       bool move)
{
    double nx, ny;
    left_of(&s[i > first ? i - 1 : i], &s[i < last ? i + 1 : i], &nx, &ny);
    double x = s[i].x + side * nx * s[i].w, y = s[i].y + side * ny * s[i].w;
    if (move)
        path_move(out, x, y);
    else
        path_line(out, x, y);
}

static void outline_run(struct path *out, const struct sample *s, size_t first, size_t last)
{
    if (last == first)
        return;
    for (size_t i = first; i <= last; i++)
        side_point(out, s, i, first, last, 1, i == first);
    for (size_t i = last + 1; i-- > first;)
        side_point(out, s, i, first, last, -1, false);
    path_close(out);
}

static bool is_sharp(const struct sample *s, size_t i)
{
    double ax = s[i].x - s[i - 1].x, ay = s[i].y - s[i - 1].y, bx = s[i + 1].x - s[i].x, by = s[i + 1].y - s[i].y;
    double turn = fabs(atan2(ax * by - ay * bx, ax * bx + ay * by));
    double step = fmin(hypot(ax, ay), hypot(bx, by));
    return turn > 0.7 || turn * s[i].w > step * 0.95;
}

static void outline_stroke(struct pen *pen)
{
    const struct sample *s = pen->samples;
    size_t first = 0, last = pen->samples_n - 1;
    path_circle(pen->out, s[0].x, s[0].y, s[0].w, true);
    for (size_t i = 1; i < last; i++) {
        if (!is_sharp(s, i))
            continue;
        outline_run(pen->out, s, first, i);
        path_circle(pen->out, s[i].x, s[i].y, s[i].w, true);
        first = i;
    }
    outline_run(pen->out, s, first, last);
    if (last)
        path_circle(pen->out, s[last].x, s[last].y, s[last].w, true);
}

static const struct text_style style_caption = {.family = FONT_SANS, .size = CAPTION_SIZE, .line = CAPTION_LINE};

static bool add_caption(struct typeset *t, struct arena *a, struct sv text, double width, double y, struct path *out,
                        struct err *e)
{
    struct path line;
    double advance;
    if (!text_outline(t, a, text, &style_caption, &line, &advance, e))
        return false;
    double scale = fmin(1, (width - 2 * MARGIN) / fmax(advance, 1));
    path_add_turned(out, &line, scale, 0, (width - advance * scale) / 2, y);
    return true;
}

static struct typeset_shape *new_shape(struct arena *a, double red, double green, double blue)
{
    struct typeset_shape *s = arena_new(a, struct typeset_shape);
    s->red = red;
    s->green = green;
    s->blue = blue;
    path_init(&s->path, a);
    return s;
}

/* Fits the ink into width x height above y = bottom, never blown up beyond three quarters of a point a pixel. */
static void fit(struct pen *pen, const struct extent *x, double width, double height, double bottom)
{
    double w = fmax(x->x1 - x->x0, 1), h = fmax(x->y1 - x->y0, 1);
    pen->scale = fmin(0.75, fmin((width - 2 * MARGIN) / w, (height - 2 * MARGIN) / h));
    pen->dx = width / 2 - (x->x0 + x->x1) / 2 * pen->scale;
    pen->dy = bottom + height / 2 + (x->y0 + x->y1) / 2 * pen->scale;
}

bool typeset_ink_draw(struct typeset *t, struct arena *a, const struct typeset_ink *ink, struct typeset_drawing *ret,
                      struct err *e)
{
    struct extent extent;
    struct typeset_drawing d = {.width = ink->width > 0 ? ink->width : TYPESET_INK_WIDTH,
                                .height = ink->height > 0 ? ink->height : TYPESET_INK_HEIGHT};
    struct typeset_shape *line = new_shape(a, 0.05, 0.08, 0.25), *words = new_shape(a, 0.38, 0.38, 0.38);
    double foot = (double)ink->captions_n * CAPTION_LINE;
    if (!measure(ink, &extent, e))
        return false;
    if (d.height - foot < 4 * MARGIN || d.width < 8 * MARGIN)
        return err_set(e, ERR_BAD_INPUT, "no room for a drawing in %d x %d points", (int)d.width, (int)d.height);
    struct pen pen = {.a = a,
                      .usual_speed = mean_speed(ink),
                      .knots = arena_array(a, struct sample, INK_MAX_POINTS),
                      .samples = arena_array(a, struct sample, MAX_SAMPLES),
                      .out = &line->path};
    fit(&pen, &extent, d.width, d.height - foot, foot);
    for (size_t i = 0; i < ink->n; i++) {
        if (ink->strokes[i].n == 0)
            continue;
        sample_curve(&pen, take_knots(&pen, &ink->strokes[i]));
        outline_stroke(&pen);
    }
    for (size_t i = 0; i < ink->captions_n; i++) {
        double y = foot - (double)(i + 1) * CAPTION_LINE + 2.2;
        if (!add_caption(t, a, ink->captions[i], d.width, y, &words->path, e))
            return false;
    }
    line->next = words;
    d.shapes = line;
    drawing_finish(a, &d);
    *ret = d;
    return true;
}
