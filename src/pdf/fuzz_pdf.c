/* See fuzz_pdf.h. */
#include "pdf/fuzz_pdf.h"

#include "pdf/image.h"
#include "pdf/info.h"
#include "pdf/report.h"
#include "pdf/doc_priv.h"

#define ROOM ((size_t)1 << 30)
#define AT   1772323200000 /* 2026-03-01 */

int pdf_fuzz_object(const uint8_t *p, size_t n)
{
    struct arena a;
    arena_init(&a, ROOM);
    struct lexer x = {.a = &a, .in = sv_of(p, n)};
    struct obj *o = lex_object(&x);
    if (o) {
        struct buf b, c;
        buf_init(&b, n * 8 + 4096);
        buf_init(&c, n * 8 + 4096);
        obj_write(&b, o);
        struct lexer y = {.a = &a, .in = buf_sv(&b)};
        struct obj *again = lex_object(&y);
        must(buf_ok(&b) && again);
        obj_write(&c, again);
        must(sv_eq(buf_sv(&b), buf_sv(&c)));
        (void)obj_utf8(&a, o);
        buf_done(&b);
        buf_done(&c);
    }
    arena_done(&a);
    return 0;
}

/* A small file whose newest section is the input. */
int pdf_fuzz_xref(const uint8_t *p, size_t n)
{
    static const char head[] =
            "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>"
            "\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n";
    struct buf b;
    buf_init(&b, n + 4096);
    buf_add(&b, sv_of(head, sizeof(head) - 1));
    size_t at = b.n;
    buf_add_bytes(&b, p, n);
    buf_printf(&b, "\nstartxref\n%zu\n%%%%EOF\n", at);
    struct doc d;
    if (doc_open(&d, buf_sv(&b)))
        for (uint32_t i = 0; i < d.size && i < 200; i++)
            must(doc_object(&d, i, doc_xref(&d, i).gen) != NULL);
    doc_close(&d);
    buf_done(&b);
    return 0;
}

int pdf_fuzz_verify(const uint8_t *p, size_t n)
{
    struct arena a;
    arena_init(&a, ROOM);
    struct err e = ERR_INIT;
    struct pdf_report r;
    const struct pdf_verify_options o = {.at = AT};
    if (pdf_verify(&a, sv_of(p, n), &o, &r, &e)) {
        must(r.integrity != PDF_INTACT || r.signatures_n > 0);
        (void)pdf_report_json(&a, SV("x"), &r, TEXT_EN);
        const struct pdf_report_context c = {.file = SV("x"), .bytes = sv_of(p, n), .at = AT};
        (void)pdf_report_text(&a, TEXT_ZH_CN, &c, &r);
    }
    arena_done(&a);
    return 0;
}

int pdf_fuzz_sign(const uint8_t *p, size_t n)
{
    struct arena a;
    arena_init(&a, ROOM);
    struct err e = ERR_INIT;
    struct pdf_prepared prepared;
    struct pdf_info info;
    const struct pdf_appearance ap = {.content = SV("0 0 9 9 f"), .width = 9, .height = 9};
    const struct pdf_sign_options o[] = {
            {.signing_at = AT,          .certify = 2,  .reserve = 16    },
            {                    .signing_at = AT,     .rect = {1, 1, 9, 9}, .reserve = 16, .appearance = &ap},
            {                    .subfilter = PDF_SUBFILTER_TIMESTAMP,            .reserve = 16             },
            { .signing_at = AT, .field = SV("Worker"),              .reserve = 16,   .field_must_exist = true},
    };
    for (size_t i = 0; i < COUNT(o); i++) {
        if (pdf_sign_prepare(&a, sv_of(p, n), &o[i], &prepared, &e))
            must(pdf_info_read(&a, pdf_prepared_bytes(&a, &prepared), SV(""), &info, &e));
    }
    arena_done(&a);
    return 0;
}

int pdf_fuzz_image(const uint8_t *p, size_t n)
{
    struct arena a;
    arena_init(&a, ROOM);
    struct err e = ERR_INIT;
    struct pdf_image image;
    if (pdf_image_read(&a, sv_of(p, n), &image, &e))
        must(image.width > 0 && image.height > 0 && image.data.n > 0);
    arena_done(&a);
    return 0;
}
