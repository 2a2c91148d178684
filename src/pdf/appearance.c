/* Appearance streams (ISO 32000-2 12.5.5): the caller's picture, scaled into the rectangle with its proportions kept,
 * centred, and turned so that it stands upright on a rotated page. The viewer maps the transformed BBox onto Rect, so
 * BBox has the size that the rectangle has on the screen and Matrix turns it. */
#include <math.h>

#include "pdf/image.h"
#include "pdf/sign_priv.h"

static const struct obj *numbers(struct arena *a, const double *v, size_t n)
{
    struct obj *arr = obj_array(a, n);
    for (size_t i = 0; i < n; i++)
        arr->array.items[i] = obj_real(a, v[i]);
    return arr;
}

static struct obj *image_dict(struct arena *a, const struct pdf_image *im, const char *space, const char *filter)
{
    struct obj *d = obj_dict(a);
    dict_put(a, d, "Type", obj_name(a, "XObject"));
    dict_put(a, d, "Subtype", obj_name(a, "Image"));
    dict_put(a, d, "Width", obj_int(a, im->width));
    dict_put(a, d, "Height", obj_int(a, im->height));
    dict_put(a, d, "ColorSpace", obj_name(a, space));
    dict_put(a, d, "BitsPerComponent", obj_int(a, 8));
    dict_put(a, d, "Filter", obj_name(a, filter));
    return d;
}

static uint32_t add_image(struct signing *s, const struct pdf_image *im)
{
    struct arena *a = s->a;
    const char *space = im->components == 1 ? "DeviceGray" : im->components == 3 ? "DeviceRGB" : "DeviceCMYK";
    struct obj *d = image_dict(a, im, space, im->jpeg ? "DCTDecode" : "FlateDecode");
    if (im->inverted)
        dict_put(a, d, "Decode", obj_raw(a, SV("[1 0 1 0 1 0 1 0]")));
    if (im->mask.n) {
        uint32_t mask = update_add_stream(&s->update, image_dict(a, im, "DeviceGray", "FlateDecode"), im->mask);
        dict_put(a, d, "SMask", obj_ref(a, mask, 0));
    }
    return update_add_stream(&s->update, d, im->data);
}

static const struct obj *resources(struct signing *s, const struct pdf_appearance *ap)
{
    struct obj *res = obj_dict(s->a);
    if (ap->image) {
        struct obj *xobjects = obj_dict(s->a);
        dict_put(s->a, xobjects, "Im0", obj_ref(s->a, add_image(s, ap->image), 0));
        dict_put(s->a, res, "XObject", xobjects);
    }
    return res;
}

static bool good_size(double v)
{
    return isfinite(v) && v > 0 && v < 1e6;
}

bool sign_appearance(struct signing *s, const struct pdf_appearance *ap, const struct pdf_rect *rect, int rotate,
                     const struct obj **ret, struct err *e)
{
    static const double turns[4][6] = {
            {1,  0,  0,  1,  0, 0},
            {0,  1,  -1, 0,  0, 0},
            {-1, 0,  0,  -1, 0, 0},
            {0,  -1, 1,  0,  0, 0}
    };
    if (!good_size(ap->width) || !good_size(ap->height) || !good_size(rect->w) || !good_size(rect->h))
        return err_user(e, ERR_BAD_INPUT, "pdf_appearance", NULL, "appearance of %g x %g in a rectangle of %g x %g",
                        ap->width, ap->height, rect->w, rect->h);
    bool sideways = rotate == 90 || rotate == 270;
    double w = sideways ? rect->h : rect->w, h = sideways ? rect->w : rect->h;
    double scale = fmin(w / ap->width, h / ap->height);
    const double box[4] = {0, 0, w, h};
    const double place[6] = {scale, 0, 0, scale, (w - ap->width * scale) / 2, (h - ap->height * scale) / 2};
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, ap->content.n + 512);
    buf_add(&b, SV("q "));
    for (size_t i = 0; i < COUNT(place); i++) {
        obj_write(&b, obj_real(s->a, place[i]));
        buf_add_char(&b, ' ');
    }
    buf_add(&b, SV("cm\n"));
    buf_add(&b, ap->content);
    buf_add(&b, SV("\nQ\n"));
    struct obj *d = obj_dict(s->a);
    dict_put(s->a, d, "Type", obj_name(s->a, "XObject"));
    dict_put(s->a, d, "Subtype", obj_name(s->a, "Form"));
    dict_put(s->a, d, "FormType", obj_int(s->a, 1));
    dict_put(s->a, d, "BBox", numbers(s->a, box, 4));
    if (rotate)
        dict_put(s->a, d, "Matrix", numbers(s->a, turns[rotate / 90], 6));
    dict_put(s->a, d, "Resources", resources(s, ap));
    dict_put(s->a, d, "Filter", obj_name(s->a, "FlateDecode"));
    uint32_t num = update_add_stream(&s->update, d, flate_encode(s->a, buf_sv(&b)));
    struct obj *dict = obj_dict(s->a);
    dict_put(s->a, dict, "N", obj_ref(s->a, num, 0));
    *ret = dict;
    return true;
}
