/* QR codes as filled rectangles, one a run of dark modules (ISO/IEC 18004, level M, quiet zone left to the page). */
#include "typeset/page_priv.h"

#include <qrencode.h>

DEFINE_CLEANUP(QRcode *, qr_free, QRcode_free)

static void draw_row(cairo_t *cr, const unsigned char *row, int width, double x, double y, double module)
{
    for (int i = 0; i < width;) {
        int from = i;
        while (i < width && (row[i] & 1))
            i++;
        if (i > from)
            cairo_rectangle(cr, x + from * module, y, (i - from) * module, module);
        else
            i++;
    }
}

bool qr_draw(cairo_t *cr, struct arena *a, struct sv text, double x, double y, double size, struct err *e)
{
    CLEANUP(qr_free)
    QRcode *code = text.n <= 500 ? QRcode_encodeString8bit(arena_cstr(a, text), 0, QR_ECLEVEL_M) : NULL;
    if (!code)
        return err_set(e, ERR_BAD_INPUT, "no QR code for an address of %zu bytes", text.n);
    double module = size / code->width;
    for (int i = 0; i < code->width; i++)
        draw_row(cr, code->data + (ptrdiff_t)i * code->width, code->width, x, y + i * module, module);
    cairo_fill(cr);
    return true;
}
