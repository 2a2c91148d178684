/* Text as outlines: Pango shapes it, Cairo gives the glyphs' contours, which become paths with y upwards. */
#include "typeset/engine_priv.h"
#include "typeset/path_priv.h"

/* Cairo keeps paths in 1/256 of a unit; drawing large and scaling down keeps the curves exact. */
#define OUTLINE_SCALE 64.0

DEFINE_CLEANUP(cairo_t *, cr_free, cairo_destroy)
DEFINE_CLEANUP(cairo_surface_t *, surface_free, cairo_surface_destroy)
DEFINE_CLEANUP(cairo_path_t *, cairo_path_free, cairo_path_destroy)

static void take_contours(const cairo_path_t *from, struct path *to)
{
    bool open = false;
    for (int i = 0; i < from->num_data; i += from->data[i].header.length) {
        const cairo_path_data_t *d = &from->data[i];
        switch (d->header.type) {
        case CAIRO_PATH_MOVE_TO:
            open = false;
            path_move(to, d[1].point.x, -d[1].point.y);
            break;
        case CAIRO_PATH_LINE_TO:
            open = true;
            path_line(to, d[1].point.x, -d[1].point.y);
            break;
        case CAIRO_PATH_CURVE_TO:
            open = true;
            path_curve(to, d[1].point.x, -d[1].point.y, d[2].point.x, -d[2].point.y, d[3].point.x, -d[3].point.y);
            break;
        case CAIRO_PATH_CLOSE_PATH:
            if (open)
                path_close(to);
            open = false;
            break;
        }
    }
    /* Cairo ends with a move that belongs to nothing. */
    if (to->n && to->steps[to->n - 1].kind == PATH_MOVE)
        to->n--;
}

static bool outline_locked(struct typeset *t, struct arena *a, struct sv text, const struct text_style *style,
                           struct path *ret, double *ret_width, struct err *e)
{
    CLEANUP(layouts_done) struct layouts layouts = {0};
    struct styled styled = plain_text(text);
    PangoLayout *layout;
    if (!engine_layout(t, &layouts, &styled, style, 0, &layout, e))
        return false;
    /* Without bounds: Cairo leaves out glyphs that lie beyond those of a surface. */
    CLEANUP(surface_free) cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
    CLEANUP(cr_free) cairo_t *cr = cairo_create(surface);
    PangoLayoutLine *line = pango_layout_get_line_readonly(layout, 0);
    cairo_scale(cr, OUTLINE_SCALE, OUTLINE_SCALE);
    cairo_move_to(cr, 0, 0);
    pango_cairo_layout_line_path(cr, line);
    CLEANUP(cairo_path_free) cairo_path_t *contours = cairo_copy_path(cr);
    if (contours->status != CAIRO_STATUS_SUCCESS)
        return err_set(e, ERR_INTERNAL, "cairo: %s", cairo_status_to_string(contours->status));
    path_init(ret, a);
    take_contours(contours, ret);
    *ret_width = line_width(line);
    return true;
}

bool text_outline(struct typeset *t, struct arena *a, struct sv text, const struct text_style *style, struct path *ret,
                  double *ret_width, struct err *e)
{
    must(pthread_mutex_lock(&t->lock) == 0);
    bool ok = outline_locked(t, a, text, style, ret, ret_width, e);
    must(pthread_mutex_unlock(&t->lock) == 0);
    return ok;
}
