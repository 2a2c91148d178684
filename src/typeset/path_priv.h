/* Filled paths and the numbers of content streams. */
#ifndef TYPESET_PATH_PRIV_H
#define TYPESET_PATH_PRIV_H

#include "typeset/drawing.h"

/* At most two decimals (a hundredth of a point is 3.5 micrometres), whatever the locale says: "12", "-0.5", "3.14". */
void number_add(struct buf *out, double value);

enum path_kind { PATH_MOVE, PATH_LINE, PATH_CURVE, PATH_CLOSE };
struct path_step {
    enum path_kind kind;
    double x[3], y[3]; /* a curve's two control points, then its end; others use the first */
};
struct path {
    struct path_step *steps;
    size_t n, max;
    struct arena *a;
};
/* Shapes in the order of painting; the list hangs on the first one. y upwards. */
struct typeset_shape {
    struct typeset_shape *next;
    struct path path;
    double red, green, blue;
    bool even_odd;
    /* a clip and a shift, for strips: only x in clip_x .. clip_x + clip_w is painted, moved left by clip_x */
    bool clipped;
    double clip_x, clip_w;
};

void path_init(struct path *p, struct arena *a);
void path_add_step(struct path *p, const struct path_step *step);
void path_move(struct path *p, double x, double y);
void path_line(struct path *p, double x, double y);
void path_curve(struct path *p, double x1, double y1, double x2, double y2, double x3, double y3);
void path_close(struct path *p);
void path_circle(struct path *p, double cx, double cy, double r, bool backwards);
/* Turns by angle (radians, against the clock) about the origin, scales, then moves. */
void path_add_turned(struct path *p, const struct path *from, double scale, double angle, double dx, double dy);
/* x and y extents of the points; false for an empty path. */
bool path_bounds(const struct path *p, double *x0, double *y0, double *x1, double *y1);

/* Fills d->content from the shapes. */
void drawing_finish(struct arena *a, struct typeset_drawing *d);

/* Outlines of one line of text, its start at the origin, baseline on y = 0, y upwards. ret_width: its advance. */
struct text_style;
MUST_CHECK bool text_outline(struct typeset *t, struct arena *a, struct sv text, const struct text_style *style,
                             struct path *ret, double *ret_width, struct err *e);

#endif
