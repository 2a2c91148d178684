/* The signer: what it writes is looked at by other programs (qpdf, openssl, poppler's pdfsig). */
#include "test.h"

#include <string.h>

#include "pdf/info.h"
#include "pdf/sign.h"
#include "pdf/test_make.h"

#define AT 1772323200000 /* 2026-03-01T00:00:00Z */

/* A key and a certificate made by the openssl command. */
static void make_key(struct arena *a)
{
    struct sv out;
    const char *dir = test_folder(a);
    int code = test_run(a, &out,
                        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s/key.pem -out "
                        "%s/cert.pem -subj '/CN=TEST signer/O=TEST' -days 3650 -addext keyUsage=digitalSignature",
                        dir, dir);
    ck_assert_msg(code == 0, "%.*s", SV_ARG(out));
}

static struct sv openssl_cms(struct arena *a, const struct pdf_prepared *p)
{
    struct sv out;
    const char *dir = test_folder(a);
    struct sv before = arena_concat(a, pdf_prepared_part(p, 0), pdf_prepared_part(p, 1));
    const char *content = test_file(a, "content", arena_concat(a, before, pdf_prepared_part(p, 2)));
    int code =
            test_run(a, &out,
                     "openssl cms -sign -binary -in %s -signer %s/cert.pem -inkey %s/key.pem -md sha256 -outform DER "
                     "-out %s/cms -cades",
                     content, dir, dir, dir);
    ck_assert_msg(code == 0, "%.*s", SV_ARG(out));
    return test_read(a, path_join(a, dir, "cms"));
}

static struct sv sign(struct arena *a, struct sv in, const struct pdf_sign_options *o)
{
    struct err e = ERR_INIT;
    struct pdf_prepared p;
    ASSERT_OK(pdf_sign_prepare(a, in, o, &p, &e), e);
    ck_assert(sv_eq(p.input, in));
    ASSERT_OK(pdf_sign_finish(&p, openssl_cms(a, &p), &e), e);
    return pdf_prepared_bytes(a, &p);
}

static bool has(struct sv s, const char *what)
{
    return sv_find(s, sv_from(what)) != SIZE_MAX;
}

static void check_by_others(struct arena *a, struct sv pdf, const char *name, int signatures)
{
    struct sv out;
    const char *path = test_file(a, name, pdf);
    int code = test_run(a, &out, "qpdf --check %s", path);
    ck_assert_msg(code == 0 && !has(out, "WARNING"), "%s: %.*s", name, SV_ARG(out));
    code = test_run(a, &out, "pdfsig -nocert %s", path);
    ck_assert_msg(code == 0, "%s: %.*s", name, SV_ARG(out));
    int valid = 0;
    for (struct sv rest = out; rest.n;)
        valid += has(sv_cut(&rest, '\n'), "Signature is Valid");
    ck_assert_msg(valid == signatures && has(out, "Total document signed"), "%s: %.*s", name, SV_ARG(out));
}

static const struct pdf_appearance square = {
        .content = SV_INIT("1 0 0 RG 2 w 1 1 98 48 re S 10 10 m 90 40 l S"), .width = 100, .height = 50};

TEST(sign_existing_fields_in_all_kinds_of_files)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    make_key(&a);
    static const char *const names[] = {"table.pdf", "stream.pdf", "hybrid.pdf"};
    for (int kind = MAKE_TABLE; kind <= MAKE_HYBRID; kind++) {
        struct sv pdf = make_contract(&a, (enum make_kind)kind);
        pdf = sign(
                &a, pdf,
                &(struct pdf_sign_options){.field = SV("Lock"), .certify = 2, .signing_at = AT, .reason = SV("锁定")});
        pdf = sign(&a, pdf, &(struct pdf_sign_options){.field = SV("Worker"), .appearance = &square, .signing_at = AT});
        const struct pdf_button_fill seams[] = {
                {SV("Seam1"), square},
                {SV("Seam2"), square}
        };
        pdf = sign(&a, pdf,
                   &(struct pdf_sign_options){.field = SV("Employer"),
                                              .appearance = &square,
                                              .signing_at = AT,
                                              .buttons = seams,
                                              .buttons_n = 2});
        check_by_others(&a, pdf, names[kind], 3);
        struct pdf_info info;
        struct err e = ERR_INIT;
        ASSERT_OK(pdf_info_read(&a, pdf, SV(""), &info, &e), e);
        ck_assert_uint_eq(info.pages, 2);
        ck_assert_int_eq(info.docmdp, 2);
        ck_assert_uint_eq(info.fields_n, 6);
        ck_assert(info.fields[1].filled && info.fields[1].visible && !info.fields[3].filled && !info.fields[3].visible);
        ck_assert_uint_eq(info.fields[2].page, 2);
    }
    arena_done(&a);
}

TEST(sign_creates_fields_where_there_is_no_form)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    make_key(&a);
    for (int kind = MAKE_TABLE; kind <= MAKE_STREAM; kind++) {
        struct sv pdf = make_plain(&a, (enum make_kind)kind);
        pdf = sign(&a, pdf, &(struct pdf_sign_options){.signing_at = AT});
        pdf = sign(&a, pdf,
                   &(struct pdf_sign_options){
                           .field = SV("乙方"),
                           .signing_at = AT,
                           .page = 1,
                           .rect = {100, 100, 200, 100},
                           .appearance = &square
        });
        check_by_others(&a, pdf, "plain.pdf", 2);
    }
    arena_done(&a);
}

TEST(sign_what_qpdf_made)
{
    static const char *const options[] = {"--object-streams=generate", "--object-streams=disable", "--linearize",
                                          "--linearize --object-streams=generate", "--qdf"};
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    make_key(&a);
    const char *in = test_file(&a, "in.pdf", make_contract(&a, MAKE_TABLE));
    for (size_t i = 0; i < COUNT(options); i++) {
        struct sv out;
        const char *made = path_join(&a, test_folder(&a), "made.pdf");
        ck_assert_msg(test_run(&a, &out, "qpdf %s %s %s", options[i], in, made) == 0, "%.*s", SV_ARG(out));
        struct sv pdf =
                sign(&a, test_read(&a, made), &(struct pdf_sign_options){.field = SV("Worker"), .signing_at = AT});
        check_by_others(&a, pdf, "signed.pdf", 1);
    }
    arena_done(&a);
}

static void refused(struct arena *a, struct sv in, const struct pdf_sign_options *o, const char *reason)
{
    struct err e = ERR_INIT;
    struct pdf_prepared p;
    ck_assert(!pdf_sign_prepare(a, in, o, &p, &e));
    ck_assert_str_eq(e.reason, reason);
}

TEST(sign_refuses)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    make_key(&a);
    struct sv plain = make_contract(&a, MAKE_TABLE);
    struct sv closed = sign(&a, plain, &(struct pdf_sign_options){.field = SV("Lock"), .certify = 1, .signing_at = AT});
    struct sv open = sign(&a, plain, &(struct pdf_sign_options){.field = SV("Lock"), .certify = 2, .signing_at = AT});
    struct sv locked =
            sign(&a, plain,
                 &(struct pdf_sign_options){.field = SV("Worker"), .signing_at = AT, .lock = {.action = PDF_LOCK_ALL}});
    const struct pdf_sign_options worker = {.field = SV("Worker"), .signing_at = AT};
    refused(&a, closed, &worker, "pdf_no_changes_allowed");
    refused(&a, open, &(struct pdf_sign_options){.field = SV("Lock")}, "pdf_field_signed");
    refused(&a, open, &(struct pdf_sign_options){.field = SV("Worker"), .certify = 2}, "pdf_already_certified");
    refused(&a, locked, &(struct pdf_sign_options){.field = SV("Lock"), .certify = 2}, "pdf_certify_first");
    refused(&a, locked, &(struct pdf_sign_options){.field = SV("Employer")}, "pdf_field_locked");
    refused(&a, open,
            &(struct pdf_sign_options){
                    .field = SV("New"), .rect = {1, 1, 9, 9},
                         .appearance = &square
    },
            "pdf_visible_field_after_certification");
    refused(&a, plain, &(struct pdf_sign_options){.field = SV("Seam1")}, "pdf_field_kind");
    refused(&a, plain, &(struct pdf_sign_options){.field = SV("No"), .field_must_exist = true}, "pdf_field_missing");
    refused(&a, plain, &(struct pdf_sign_options){.field = SV("a.b")}, "pdf_field_name");
    refused(&a, plain, &(struct pdf_sign_options){.field = SV("New"), .page = 3}, "pdf_page_missing");
    refused(&a, plain,
            &(struct pdf_sign_options){
                    .field = SV("New"), .rect = {1, 1, -9, 9},
                         .appearance = &square
    },
            "pdf_rect");
    refused(&a, plain, &(struct pdf_sign_options){.field = SV("Lock"), .appearance = &square}, "pdf_appearance");
    refused(&a, SV("hello"), &worker, "pdf_unreadable");
    refused(&a, SV(""), &worker, "pdf_unreadable");
    refused(&a, sv_sub(plain, 0, plain.n - 20), &worker, "pdf_unreadable");
    refused(&a, sv_sub(plain, 0, plain.n - 6), &worker, "pdf_damaged");
    refused(&a, arena_concat(&a, SV("junk\n"), plain), &worker, "pdf_damaged");
    struct sv out;
    const char *in = test_file(&a, "in.pdf", plain), *made = path_join(&a, test_folder(&a), "made.pdf");
    ck_assert_int_eq(test_run(&a, &out, "qpdf --encrypt u o 256 -- %s %s", in, made), 0);
    refused(&a, test_read(&a, made), &worker, "pdf_password");
    struct err e = ERR_INIT;
    struct pdf_prepared p;
    ASSERT_OK(pdf_sign_prepare(&a, plain, &(struct pdf_sign_options){.field = SV("Worker"), .reserve = 10}, &p, &e), e);
    ck_assert(!pdf_sign_finish(&p, SV("12345678901"), &e));
    ck_assert_str_eq(e.reason, "pdf_cms_too_large");
    arena_done(&a);
}
