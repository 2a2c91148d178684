/* See fuzz_pdf.h. */
#include "pdf/fuzz_pdf.h"

#include "pdf/image.h"
#include "pdf/info.h"
#include "pdf/report.h"

#define ROOM ((size_t)1 << 30)
#define AT   1772323200000 /* 2026-03-01 */

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
