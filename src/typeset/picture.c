/* Drawings for screens: SVG and PNG from the same paths. */
#include <cairo.h>

#include "typeset/path_priv.h"

static void add_pair(struct buf *out, const char *command, double x, double y)
{
    buf_printf(out, "%s", command);
    number_add(out, x);
    buf_add_char(out, ' ');
    number_add(out, y);
}

/* SVG's y runs downwards. */
static void add_path(struct buf *out, const struct path *p, double height)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct path_step *s = &p->steps[i];
        switch (s->kind) {
        case PATH_MOVE:
            add_pair(out, "M", s->x[0], height - s->y[0]);
            break;
        case PATH_LINE:
            add_pair(out, "L", s->x[0], height - s->y[0]);
            break;
        case PATH_CURVE:
            add_pair(out, "C", s->x[0], height - s->y[0]);
            add_pair(out, " ", s->x[1], height - s->y[1]);
            add_pair(out, " ", s->x[2], height - s->y[2]);
            break;
        case PATH_CLOSE:
            buf_add_char(out, 'Z');
            break;
        }
    }
}

static int byte_of(double level)
{
    return (int)(level * 255 + 0.5);
}

struct sv typeset_drawing_svg(struct arena *a, const struct typeset_drawing *d)
{
    CLEANUP(buf_done) struct buf out;
    double from = d->shapes && d->shapes->clipped ? d->shapes->clip_x : 0;
    buf_init(&out, (size_t)16 << 20);
    buf_add(&out, SV("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\""));
    number_add(&out, d->width);
    buf_add(&out, SV("pt\" height=\""));
    number_add(&out, d->height);
    add_pair(&out, "pt\" viewBox=\"", from, 0);
    add_pair(&out, " ", d->width, d->height);
    buf_add(&out, SV("\">"));
    for (const struct typeset_shape *s = d->shapes; s; s = s->next) {
        buf_printf(&out, "<path fill=\"#%02x%02x%02x\"%s d=\"", byte_of(s->red), byte_of(s->green), byte_of(s->blue),
                   s->even_odd ? " fill-rule=\"evenodd\"" : "");
        add_path(&out, &s->path, d->height);
        buf_add(&out, SV("\"/>"));
    }
    buf_add(&out, SV("</svg>"));
    must(buf_ok(&out));
    return buf_to_arena(&out, a);
}

static void trace(cairo_t *cr, const struct path *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct path_step *s = &p->steps[i];
        switch (s->kind) {
        case PATH_MOVE:
            cairo_move_to(cr, s->x[0], s->y[0]);
            break;
        case PATH_LINE:
            cairo_line_to(cr, s->x[0], s->y[0]);
            break;
        case PATH_CURVE:
            cairo_curve_to(cr, s->x[0], s->y[0], s->x[1], s->y[1], s->x[2], s->y[2]);
            break;
        case PATH_CLOSE:
            cairo_close_path(cr);
            break;
        }
    }
}

static cairo_status_t write_bytes(void *to, const unsigned char *p, unsigned n)
{
    buf_add_bytes(to, p, n);
    return CAIRO_STATUS_SUCCESS;
}

DEFINE_CLEANUP(cairo_t *, cr_free, cairo_destroy)
DEFINE_CLEANUP(cairo_surface_t *, surface_free, cairo_surface_destroy)

bool typeset_drawing_png(struct arena *a, const struct typeset_drawing *d, double dpi, struct sv *ret, struct err *e)
{
    if (!(dpi >= 36 && dpi <= 600))
        return err_set(e, ERR_BAD_INPUT, "a picture of %d dpi", (int)dpi);
    double scale = dpi / 72;
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, (size_t)64 << 20);
    CLEANUP(surface_free)
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)(d->width * scale + 0.999),
                                                          (int)(d->height * scale + 0.999));
    CLEANUP(cr_free) cairo_t *cr = cairo_create(surface);
    double from = d->shapes && d->shapes->clipped ? d->shapes->clip_x : 0;
    cairo_scale(cr, scale, -scale);
    cairo_translate(cr, -from, -d->height);
    for (const struct typeset_shape *s = d->shapes; s; s = s->next) {
        cairo_set_fill_rule(cr, s->even_odd ? CAIRO_FILL_RULE_EVEN_ODD : CAIRO_FILL_RULE_WINDING);
        cairo_set_source_rgb(cr, s->red, s->green, s->blue);
        trace(cr, &s->path);
        cairo_fill(cr);
    }
    cairo_surface_flush(surface);
    if (cairo_surface_write_to_png_stream(surface, write_bytes, &out) != CAIRO_STATUS_SUCCESS || !buf_ok(&out))
        return err_set(e, ERR_INTERNAL, "the picture could not be written");
    *ret = buf_to_arena(&out, a);
    return true;
}
