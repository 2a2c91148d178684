/* What Cairo cannot write: fields, document information with proper dates, an identifier from the content. qpdf writes
 * a plain file with a cross-reference table, which any later revision can be appended to. */
#include <qpdf/qpdf-c.h>
#include <stdlib.h>
#include <string.h>

#include "typeset/page_priv.h"
#include "typeset/path_priv.h"

#define FLAGS_BUTTON "65537" /* push-button, read only (ISO 32000-1 12.7.3.1, 12.7.4.2.1) */

static void qpdf_free(qpdf_data *q)
{
    qpdf_cleanup(q);
}

static bool failed(qpdf_data q, struct err *e)
{
    return err_set(e, ERR_INTERNAL, "qpdf: %s",
                   qpdf_has_error(q) ? qpdf_get_error_full_text(q, qpdf_get_error(q)) : "unknown failure");
}

static qpdf_oh parse(qpdf_data q, const struct buf *text)
{
    must(buf_ok(text));
    return qpdf_oh_parse(q, text->p);
}

static void add_rect(struct buf *out, const struct typeset_place *p)
{
    buf_add(out, SV("/Rect ["));
    if (p->width > 0) {
        const double corners[] = {p->x, p->y, p->x + p->width, p->y + p->height};
        for (size_t i = 0; i < COUNT(corners); i++) {
            number_add(out, corners[i]);
            buf_add_char(out, ' ');
        }
    } else {
        buf_add(out, SV("0 0 0 0"));
    }
    buf_add(out, SV("]"));
}

static qpdf_oh empty_appearance(qpdf_data q, const struct typeset_place *p)
{
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, 1000);
    buf_add(&text, SV("<< /Type /XObject /Subtype /Form /BBox [0 0 "));
    number_add(&text, p->width);
    buf_add_char(&text, ' ');
    number_add(&text, p->height);
    buf_add(&text, SV("] /Resources << >> >>"));
    buf_add_char(&text, 0);
    qpdf_oh dict = parse(q, &text), stream = qpdf_oh_new_stream(q);
    /* a line break: qpdf "compresses" no bytes at all to no bytes, which is no Flate stream */
    qpdf_oh_replace_stream_data(q, stream, (const unsigned char *)"\n", 1, qpdf_oh_new_null(q), qpdf_oh_new_null(q));
    static const char *const keys[] = {"/Type", "/Subtype", "/BBox", "/Resources"};
    for (size_t i = 0; i < COUNT(keys); i++)
        qpdf_oh_replace_key(q, qpdf_oh_get_dict(q, stream), keys[i], qpdf_oh_get_key(q, dict, keys[i]));
    return stream;
}

/* A field merged with its one widget. */
static qpdf_oh make_field(qpdf_data q, const struct typeset_place *p, qpdf_oh page)
{
    CLEANUP(buf_done) struct buf text;
    bool seam = sv_starts(p->name, SV("Seam"));
    buf_init(&text, 1000);
    buf_printf(&text, "<< /Type /Annot /Subtype /Widget /FT /%s /T (%.*s) /F 132 ", seam ? "Btn" : "Sig",
               SV_ARG(p->name));
    if (seam)
        buf_add(&text, SV("/Ff " FLAGS_BUTTON " "));
    add_rect(&text, p);
    buf_add(&text, SV(" >>"));
    buf_add_char(&text, 0);
    qpdf_oh field = parse(q, &text);
    qpdf_oh_replace_key(q, field, "/P", page);
    if (seam) {
        qpdf_oh appearances = qpdf_oh_new_dictionary(q);
        qpdf_oh_replace_key(q, appearances, "/N", empty_appearance(q, p));
        qpdf_oh_replace_key(q, field, "/AP", appearances);
    }
    return qpdf_make_indirect_object(q, field);
}

static void add_fields(qpdf_data q, const struct typeset_document *doc)
{
    qpdf_oh fields = qpdf_oh_new_array(q);
    for (size_t i = 0; i < doc->places_n; i++) {
        const struct typeset_place *p = &doc->places[i];
        qpdf_oh page = qpdf_get_page_n(q, (size_t)p->page - 1);
        if (!qpdf_oh_has_key(q, page, "/Annots"))
            qpdf_oh_replace_key(q, page, "/Annots", qpdf_make_indirect_object(q, qpdf_oh_new_array(q)));
        qpdf_oh field = make_field(q, p, page);
        qpdf_oh_append_item(q, qpdf_oh_get_key(q, page, "/Annots"), field);
        qpdf_oh_append_item(q, fields, field);
    }
    /* SigFlags: the document has signature fields, and is changed by appending only (ISO 32000-1 table 219). */
    qpdf_oh form = qpdf_oh_parse(q, "<< /SigFlags 3 /DR << >> /DA (/Helv 0 Tf 0 g) >>");
    qpdf_oh_replace_key(q, form, "/Fields", fields);
    qpdf_oh_replace_key(q, qpdf_get_root(q), "/AcroForm", qpdf_make_indirect_object(q, form));
}

static void set_text(qpdf_data q, struct arena *a, qpdf_oh dict, const char *key, struct sv text)
{
    if (text.n)
        qpdf_oh_replace_key(q, dict, key, qpdf_oh_new_unicode_string(q, arena_cstr(a, text)));
}

static void set_information(qpdf_data q, struct arena *a, const struct typeset_input *in)
{
    qpdf_oh info = qpdf_oh_new_dictionary(q), root = qpdf_get_root(q);
    const char *date = arena_cstr(a, time_pdf(a, in->created_at));
    struct sv title = in->template->title;
    if (in->number.n)
        title = arena_printf(a, "%.*s %.*s", SV_ARG(title), SV_ARG(in->number));
    set_text(q, a, info, "/Title", title);
    set_text(q, a, info, "/Subject", in->template->name);
    set_text(q, a, info, "/Producer", in->producer);
    qpdf_oh_replace_key(q, info, "/CreationDate", qpdf_oh_new_string(q, date));
    qpdf_oh_replace_key(q, info, "/ModDate", qpdf_oh_new_string(q, date));
    qpdf_oh_replace_key(q, qpdf_get_trailer(q), "/Info", qpdf_make_indirect_object(q, info));
    qpdf_oh_replace_key(q, root, "/Lang", qpdf_oh_new_string(q, arena_cstr(a, in->template->language)));
    qpdf_oh_replace_key(q, root, "/ViewerPreferences", qpdf_oh_parse(q, "<< /DisplayDocTitle true >>"));
}

static bool shrink_font(qpdf_data q, struct arena *a, qpdf_oh font, struct err *e)
{
    qpdf_oh below = qpdf_oh_get_array_item(q, qpdf_oh_get_key(q, font, "/DescendantFonts"), 0);
    qpdf_oh file = qpdf_oh_get_key(q, qpdf_oh_get_key(q, below, "/FontDescriptor"), "/FontFile3");
    unsigned char *bytes = NULL;
    size_t n = 0;
    struct sv small;
    if (!qpdf_oh_is_stream(q, file))
        return true; /* a font format that is small already */
    if (qpdf_oh_get_stream_data(q, file, qpdf_dl_generalized, NULL, &bytes, &n) & QPDF_ERRORS)
        return failed(q, e);
    struct sv copy = arena_sv(a, sv_of(bytes, n));
    free(bytes);
    if (!font_shrink(a, copy, &small, e))
        return false;
    qpdf_oh_replace_stream_data(q, file, (const unsigned char *)small.p, small.n, qpdf_oh_new_null(q),
                                qpdf_oh_new_null(q));
    return true;
}

static bool shrink_fonts(qpdf_data q, struct arena *a, int pages, struct err *e)
{
    CLEANUP(buf_done) struct buf done; /* a byte for each object that has been met */
    buf_init(&done, (size_t)1 << 20);
    for (int i = 0; i < pages; i++) {
        qpdf_oh resources = qpdf_oh_get_key(q, qpdf_get_page_n(q, (size_t)i), "/Resources");
        qpdf_oh fonts = qpdf_oh_get_key(q, resources, "/Font");
        if (!qpdf_oh_is_dictionary(q, fonts))
            continue;
        qpdf_oh_begin_dict_key_iter(q, fonts);
        while (qpdf_oh_dict_more_keys(q)) {
            qpdf_oh font = qpdf_oh_get_key(q, fonts, qpdf_oh_dict_next_key(q));
            int id = qpdf_oh_get_object_id(q, font);
            while (done.n <= (size_t)id)
                buf_add_char(&done, 0);
            must(buf_ok(&done));
            if (!done.p[id] && !shrink_font(q, a, font, e))
                return false;
            done.p[id] = 1;
        }
    }
    return true;
}

static bool write_out(qpdf_data q, struct arena *a, struct sv *ret, struct err *e)
{
    if (qpdf_init_write_memory(q) & QPDF_ERRORS)
        return failed(q, e);
    qpdf_set_object_stream_mode(q, qpdf_o_disable);
    qpdf_set_stream_data_mode(q, qpdf_s_compress);
    qpdf_set_deterministic_ID(q, QPDF_TRUE);
    qpdf_set_minimum_pdf_version(q, "1.7");
    if (qpdf_write(q) & QPDF_ERRORS)
        return failed(q, e);
    *ret = arena_sv(a, sv_of(qpdf_get_buffer(q), qpdf_get_buffer_length(q)));
    return true;
}

bool finish_pdf(struct arena *a, const struct typeset_input *in, struct sv raw, const struct typeset_document *doc,
                struct sv *ret, struct err *e)
{
    CLEANUP(qpdf_free) qpdf_data q = qpdf_init();
    must(q);
    qpdf_silence_errors(q);
    if (qpdf_read_memory(q, "pages", raw.p, raw.n, NULL) & QPDF_ERRORS || qpdf_get_num_pages(q) != doc->pages)
        return failed(q, e);
    if (!shrink_fonts(q, a, doc->pages, e))
        return false;
    add_fields(q, doc);
    set_information(q, a, in);
    return qpdf_has_error(q) ? failed(q, e) : write_out(q, a, ret, e);
}
