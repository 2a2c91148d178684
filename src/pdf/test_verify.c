/* The verifier on files as they should be, and on files that are none. */
#include "test.h"

#include <string.h>

#include "pdf/report.h"
#include "pdf/test_make.h"
#include "pdf/test_pki.h"

static const struct pdf_appearance square = {
        .content = SV_INIT("1 0 0 RG 2 w 1 1 98 48 re S 10 10 m 90 40 l S"), .width = 100, .height = 50};

static struct sv full_contract(struct arena *a, const struct test_pki *p, enum make_kind kind)
{
    const struct pdf_button_fill seams[] = {
            {SV("Seam1"), square},
            {SV("Seam2"), square}
    };
    struct sv pdf = make_contract(a, kind);
    pdf = test_sign(a, p, pdf, &(struct pdf_sign_options){.field = SV("Lock"), .certify = 2, .signing_at = TEST_AT},
                    true);
    pdf = test_sign(a, p, pdf,
                    &(struct pdf_sign_options){.field = SV("Worker"), .appearance = &square, .signing_at = TEST_AT},
                    true);
    pdf = test_sign(a, p, pdf,
                    &(struct pdf_sign_options){.field = SV("Employer"),
                                               .appearance = &square,
                                               .signing_at = TEST_AT,
                                               .buttons = seams,
                                               .buttons_n = 2},
                    true);
    return test_stamp(a, p, pdf, SV("Archive1"));
}

TEST(verify_a_contract_as_the_platform_makes_it)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    for (int kind = MAKE_TABLE; kind <= MAKE_HYBRID; kind++) {
        struct sv pdf = full_contract(&a, p, (enum make_kind)kind);
        struct pdf_report r = test_verify(&a, p, pdf);
        ck_assert_msg(r.integrity == PDF_INTACT && r.trust == PDF_TRUST_PASSED && r.verdict == PDF_VALID, "%.*s",
                      SV_ARG(test_report(&a, &r)));
        ck_assert_uint_eq(r.signatures_n, 4);
        ck_assert_int_eq(r.signatures[0].kind, PDF_CERTIFICATION);
        ck_assert_int_eq(r.signatures[0].docmdp, 2);
        ck_assert_int_eq(r.signatures[0].coverage, PDF_COVERS_REVISION);
        ck_assert_int_eq(r.signatures[3].kind, PDF_DOCTIMESTAMP);
        ck_assert_int_eq(r.signatures[3].coverage, PDF_COVERS_WHOLE);
        ASSERT_SV(r.signatures[1].field, SV("Worker"));
        ASSERT_SV(r.signatures[1].signer, SV("TEST signer"));
        ck_assert(r.signatures[1].has_timestamp && r.signatures[1].timestamp.valid);
        ck_assert_int_eq(r.signatures[1].level, PDF_LEVEL_T);
        ck_assert(!r.weak);
    }
    arena_done(&a);
}

TEST(verify_fields_signed_in_another_order_than_they_stand_in)
{
    static const char *const fields[] = {"Employer", "Worker"};
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv pdf = make_contract(&a, MAKE_TABLE);
    for (size_t i = 0; i < COUNT(fields); i++)
        pdf = test_sign(
                &a, p, pdf,
                &(struct pdf_sign_options){.field = sv_from(fields[i]), .appearance = &square, .signing_at = TEST_AT},
                true);
    struct pdf_report r = test_verify(&a, p, pdf);
    ck_assert_msg(r.integrity == PDF_INTACT && r.verdict == PDF_VALID, "%.*s", SV_ARG(test_report(&a, &r)));
    for (size_t i = 0; i < COUNT(fields); i++)
        ASSERT_SV(r.signatures[i].field, sv_from(fields[i]));
    arena_done(&a);
}

TEST(verify_two_signatures_in_new_fields)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    for (int kind = MAKE_TABLE; kind <= MAKE_STREAM; kind++) {
        struct sv pdf = make_plain(&a, (enum make_kind)kind);
        pdf = test_sign(&a, p, pdf, &(struct pdf_sign_options){.signing_at = TEST_AT}, false);
        pdf = test_sign(
                &a, p, pdf,
                &(struct pdf_sign_options){
                        .field = SV("乙方"), .rect = {100, 100, 90, 45},
                             .appearance = &square, .signing_at = TEST_AT
        },
                false);
        pdf = test_stamp(&a, p, pdf, SV(""));
        struct pdf_report r = test_verify(&a, p, pdf);
        ck_assert_msg(r.integrity == PDF_INTACT && r.verdict == PDF_VALID, "%.*s", SV_ARG(test_report(&a, &r)));
        ck_assert_uint_eq(r.signatures_n, 3);
        ck_assert_int_eq(r.signatures[0].level, PDF_LEVEL_T);
    }
    arena_done(&a);
}

/* Fields are signed in any order, not only in that of the form. */
TEST(verify_signed_in_another_order)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    const struct sv order[] = {SV("Employer"), SV("Worker")};
    struct sv pdf = make_contract(&a, MAKE_TABLE);
    for (size_t i = 0; i < COUNT(order); i++)
        pdf = test_sign(&a, p, pdf, &(struct pdf_sign_options){.field = order[i], .signing_at = TEST_AT}, false);
    struct pdf_report r = test_verify(&a, p, pdf);
    ck_assert_msg(r.integrity == PDF_INTACT && r.signatures_n == 2, "%.*s", SV_ARG(test_report(&a, &r)));
    for (size_t i = 0; i < COUNT(order); i++)
        ASSERT_SV(r.signatures[i].field, order[i]);
    arena_done(&a);
}

TEST(verify_what_qpdf_made)
{
    static const char *const options[] = {"--object-streams=generate", "--linearize",
                                          "--linearize --object-streams=generate"};
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_RSA_2048);
    const char *in = test_file(&a, "in.pdf", make_contract(&a, MAKE_TABLE)),
               *made = path_join(&a, test_folder(&a), "made.pdf");
    for (size_t i = 0; i < COUNT(options); i++) {
        struct sv out;
        ck_assert_msg(test_run(&a, &out, "qpdf %s %s %s", options[i], in, made) == 0, "%.*s", SV_ARG(out));
        struct sv pdf = test_sign(&a, p, test_read(&a, made),
                                  &(struct pdf_sign_options){.field = SV("Lock"), .certify = 2}, false);
        pdf = test_sign(&a, p, pdf, &(struct pdf_sign_options){.field = SV("Worker"), .appearance = &square}, false);
        struct pdf_report r = test_verify(&a, p, pdf);
        ck_assert_msg(r.integrity == PDF_INTACT && r.signatures_n == 2, "%.*s", SV_ARG(test_report(&a, &r)));
    }
    arena_done(&a);
}

static void expect(struct arena *a, struct sv bytes, enum pdf_integrity want)
{
    struct pdf_report r = test_verify(a, NULL, bytes);
    ck_assert_msg(r.integrity == want, "want %s: %.*s", pdf_integrity_name(want), SV_ARG(test_report(a, &r)));
    ck_assert_int_eq(pdf_report_exit(&r), want == PDF_UNSUPPORTED ? 2 : 3);
}

/* MuPDF writes generation 65536 at the head of the free list, where ISO 32000-2 7.5.4 has 65535. */
TEST(verify_what_mupdf_made)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_RSA_2048);
    struct sv in = make_patched(&a, make_plain(&a, MAKE_TABLE), SV("0000000000 65535 f"), SV("0000000000 65536 f"));
    struct sv pdf = test_sign(&a, p, in, &(struct pdf_sign_options){.certify = 2}, false);
    struct pdf_report r = test_verify(&a, p, pdf);
    ck_assert_msg(r.integrity == PDF_INTACT && r.signatures_n == 1, "%.*s", SV_ARG(test_report(&a, &r)));
    expect(&a, make_patched(&a, in, SV(" 00000 n"), SV(" 65536 n")), PDF_UNREADABLE);
    arena_done(&a);
}

TEST(verify_by_other_programs)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv pdf = full_contract(&a, p, MAKE_TABLE), out;
    const char *path = test_file(&a, "full.pdf", pdf);
    ck_assert_int_eq(test_run(&a, &out, "qpdf --check %s", path), 0);
    ck_assert_int_eq(test_run(&a, &out, "pdfsig -nocert %s", path), 0);
    size_t valid = 0;
    for (struct sv rest = out; rest.n;)
        valid += sv_find(sv_cut(&rest, '\n'), SV("Signature is Valid")) != SIZE_MAX;
    ck_assert_msg(valid >= 3, "%.*s", SV_ARG(out));
    struct pdf_report r = test_verify(&a, p, pdf);
    const struct pdf_signature *s = &r.signatures[1];
    const char *cms = test_file(&a, "cms", s->cms), *root = test_file(&a, "root.pem", p->root_pem);
    const char *content = test_file(
            &a, "content", arena_concat(&a, sv_sub(pdf, 0, s->range[1]), sv_sub(pdf, s->range[2], s->range[3])));
    int code = test_run(
            &a, &out,
            "openssl cms -verify -binary -inform DER -in %s -content %s -CAfile %s -purpose any -attime 1772323200 "
            "-out /dev/null",
            cms, content, root);
    ck_assert_msg(code == 0, "%.*s", SV_ARG(out));
    arena_done(&a);
}

TEST(verify_without_trust)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv pdf =
            test_sign(&a, p, make_plain(&a, MAKE_TABLE), &(struct pdf_sign_options){.signing_at = TEST_AT}, false);
    struct pdf_report r = test_verify(&a, NULL, pdf);
    ck_assert_int_eq(r.integrity, PDF_INTACT);
    ck_assert_int_eq(r.trust, PDF_TRUST_INDETERMINATE);
    ck_assert_int_eq(pdf_report_exit(&r), 2);
    const struct pdf_report_context c = {.file = SV("x.pdf"), .bytes = pdf, .at = TEST_AT};
    struct sv json = pdf_report_json(&a, SV("x.pdf"), &r, TEXT_EN), words = pdf_report_text(&a, TEXT_ZH_CN, &c, &r);
    ck_assert(sv_starts(json, SV("{\"file\":\"x.pdf\",\"integrity\":\"INTACT\",\"trust\":\"INDETERMINATE\"")));
    ck_assert_msg(sv_find(words, SV("TEST signer")) != SIZE_MAX && sv_find(words, SV("pdf.")) == SIZE_MAX, "%.*s",
                  SV_ARG(words));
    arena_done(&a);
}

TEST(verify_gm)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_SM2);
    struct sv pdf = full_contract(&a, p, MAKE_TABLE);
    struct pdf_report r = test_verify(&a, p, pdf);
    ck_assert_msg(r.integrity == PDF_INTACT && r.verdict == PDF_VALID, "%.*s", SV_ARG(test_report(&a, &r)));
    ASSERT_SV(r.signatures[0].digest, SV("sm3"));
    arena_done(&a);
}

TEST(verify_what_is_not_signed)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct sv plain = make_contract(&a, MAKE_TABLE);
    expect(&a, plain, PDF_UNSIGNED);
    expect(&a, make_plain(&a, MAKE_STREAM), PDF_UNSIGNED);
    expect(&a, SV(""), PDF_UNREADABLE);
    expect(&a, SV("%PDF-1.7\nstartxref\n0\n%%EOF\n"), PDF_UNREADABLE);
    expect(&a, sv_sub(plain, 0, plain.n / 2), PDF_UNREADABLE);
    /* /Prev that leads back to itself, a page tree in a circle, fields in a circle */
    const uint32_t two[] = {2}, three[] = {3};
    struct sv update = make_update(&a, plain, two, (struct sv[]){SV("<</Type/Pages/Kids[2 0 R]/Count 1>>")}, 1);
    expect(&a, update, PDF_UNSIGNED);
    update = make_update(&a, plain, three, (struct sv[]){SV("<</Fields[3 0 R 3 0 R]/Kids[3 0 R]/T(x)>>")}, 1);
    expect(&a, update, PDF_UNSIGNED);
    size_t at = sv_find(sv_skip(plain, 0), SV("startxref")) + 10;
    struct sv start = sv_sub(plain, at, plain.n - at - 7);
    struct sv loop = arena_printf(&a, "%.*s<</Prev %.*s/Root 1 0 R/Size 18>>\nstartxref\n%.*s\n%%%%EOF\n",
                                  (int)sv_find(plain, SV("<</Root 1 0 R/Size")), plain.p, SV_ARG(start), SV_ARG(start));
    expect(&a, loop, PDF_UNREADABLE);
    struct sv out;
    const char *in = test_file(&a, "in.pdf", plain), *made = path_join(&a, test_folder(&a), "made.pdf");
    ck_assert_int_eq(test_run(&a, &out, "qpdf --encrypt u o 256 -- %s %s", in, made), 0);
    expect(&a, test_read(&a, made), PDF_UNSUPPORTED);
    arena_done(&a);
}

static size_t shadows(const struct pdf_report *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->reasons.n; i++)
        n += strcmp(r->reasons.items[i].code, "shadow_prepared") == 0;
    return n;
}

TEST(verify_tells_of_replacements_that_were_prepared)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    const struct sv bodies[] = {SV("<</Type/Catalog/Pages 2 0 R>>"), SV("<</Type/Pages/Count 1/Kids[3 0 R]>>"),
                                /* a second page 3 that no cross reference leads to */
                                SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>\nendobj\n3 0 "
                                   "obj\n<</Type/Page/Parent 2 0 R/Rotate 90>>"),
                                make_stream(&a, SV(""), SV("1 0 obj is only text here"))};
    const struct pdf_sign_options o = {.signing_at = TEST_AT};
    struct pdf_report r = test_verify(&a, p, test_sign(&a, p, make_pdf(&a, MAKE_TABLE, bodies, 4), &o, false));
    ck_assert_int_eq(r.integrity, PDF_INTACT);
    ck_assert_uint_eq(shadows(&r), 1);
    r = test_verify(&a, p, full_contract(&a, p, MAKE_HYBRID));
    ck_assert_uint_eq(shadows(&r), 0);
    arena_done(&a);
}
