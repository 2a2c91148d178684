/* Encrypted files: made by qpdf with every cipher, signed twice, read by us, by qpdf and by poppler. */
#include "test.h"

#include <string.h>

#include "pdf/crypt_priv.h"
#include "pdf/info.h"
#include "pdf/test_make.h"
#include "pdf/test_pki.h"

static const struct pdf_appearance square = {
        .content = SV_INIT("1 0 0 RG 2 w 1 1 98 48 re S 10 10 m 90 40 l S"), .width = 100, .height = 50};

static struct sv encrypted(struct arena *a, struct sv plain, const char *how)
{
    struct sv out;
    const char *in = test_file(a, "plain.pdf", plain), *made = path_join(a, test_folder(a), "encrypted.pdf");
    int code = test_run(a, &out, "qpdf --allow-weak-crypto --encrypt %s -- %s %s", how, in, made);
    ck_assert_msg(code == 0, "%s: %.*s", how, SV_ARG(out));
    return test_read(a, made);
}

static struct pdf_report verify(struct arena *a, struct sv pdf, const char *password)
{
    struct err e = ERR_INIT;
    struct pdf_report r;
    const struct pdf_verify_options o = {.trust_pem = &test_pki(KEY_P256)->root_pem,
                                         .trust_n = 1,
                                         .at = TEST_AT + TEST_DAY,
                                         .password = sv_from(password)};
    ASSERT_OK(pdf_verify(a, pdf, &o, &r, &e), e);
    return r;
}

static struct sv sign(struct arena *a, struct sv in, const char *field, const char *password)
{
    const struct pdf_sign_options o = {.field = sv_from(field),
                                       .password = sv_from(password),
                                       .signing_at = TEST_AT,
                                       .reason = SV("同意"),
                                       .certify = strcmp(field, "Lock") == 0 ? 2 : 0,
                                       .appearance = strcmp(field, "Lock") == 0 ? NULL : &square};
    struct sv out = test_sign(a, test_pki(KEY_P256), in, &o, false);
    ck_assert(sv_starts(out, in));
    return out;
}

static void refused(struct arena *a, struct sv in, const char *field, const char *password, const char *reason)
{
    struct err e = ERR_INIT;
    struct pdf_prepared p;
    const struct pdf_sign_options o = {.field = sv_from(field), .password = sv_from(password), .signing_at = TEST_AT};
    ck_assert(!pdf_sign_prepare(a, in, &o, &p, &e));
    ck_assert_str_eq(e.reason, reason);
}

static const char *first_code(const struct pdf_report *r)
{
    return r->reasons.n ? r->reasons.items[0].code : "";
}

static void check_by_others(struct arena *a, struct sv pdf, const char *password, int signatures)
{
    struct sv out;
    const char *path = test_file(a, "signed.pdf", pdf);
    int code = test_run(a, &out, "qpdf --check --password=%s %s", password, path);
    ck_assert_msg(code == 0 && sv_find(out, SV("WARNING")) == SIZE_MAX, "%.*s", SV_ARG(out));
    code = test_run(a, &out, "pdfsig -nocert -%s %s %s", strcmp(password, "owner") == 0 ? "opw" : "upw", password,
                    path);
    int valid = 0;
    for (struct sv rest = out; rest.n;)
        valid += sv_find(sv_cut(&rest, '\n'), SV("Signature is Valid")) != SIZE_MAX;
    ck_assert_msg(code == 0 && valid == signatures, "%.*s", SV_ARG(out));
}

static void flip_and_verify(struct arena *a, struct sv pdf, size_t at)
{
    struct sv bent = arena_sv(a, pdf);
    char *p;
    memcpy(&p, &bent.p, sizeof(p));
    p[at] ^= 1;
    struct pdf_report r = verify(a, bent, "user");
    ck_assert_msg(r.integrity != PDF_INTACT && r.integrity != PDF_INTACT_EXTENDED, "byte %zu", at);
}

static void every_way(struct arena *a, const char *how, enum make_kind kind)
{
    struct sv base = encrypted(a, make_contract(a, kind), how);
    struct sv pdf = sign(a, sign(a, base, "Lock", "user"), "Worker", "owner");
    static const char *const right[] = {"user", "owner"}, *const wrong[] = {"", "User", "owner "};
    for (size_t i = 0; i < COUNT(right); i++) {
        struct pdf_report r = verify(a, pdf, right[i]);
        ck_assert_msg(r.integrity == PDF_INTACT && r.verdict == PDF_VALID && r.signatures_n == 2, "%s: %.*s", how,
                      SV_ARG(test_report(a, &r)));
        ASSERT_SV(r.signatures[0].field, SV("Lock"));
        ASSERT_SV(r.signatures[1].claimed_reason, SV("同意"));
        ck_assert_int_eq(r.signatures[1].signing_at, TEST_AT);
    }
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct pdf_report r = verify(a, pdf, wrong[i]);
        ck_assert_int_eq(r.integrity, PDF_UNSUPPORTED);
        ck_assert_str_eq(first_code(&r), "encrypted");
        refused(a, pdf, "Employer", wrong[i], "pdf_password");
    }
    check_by_others(a, pdf, "user", 2);
    check_by_others(a, pdf, "owner", 2);
    size_t stream = sv_find(pdf, SV("stream")) + 12; /* encrypted page content */
    flip_and_verify(a, pdf, stream);
    if (sv_find(base, SV("/ObjStm")) == SIZE_MAX) { /* else the document itself falls to pieces */
        struct sv bent = make_patched(a, pdf, sv_sub(pdf, stream, 2), SV("\x01\x02"));
        ck_assert_int_eq(verify(a, bent, "user").integrity, PDF_TAMPERED);
    }
    for (size_t at = 0; at < pdf.n; at += pdf.n / 7)
        flip_and_verify(a, pdf, at);
}

static const struct {
    const char *how;
    enum make_kind kind;
} ciphers[] = {
        {"user owner 40",                                                      MAKE_TABLE },
        {"user owner 128",                                                     MAKE_TABLE },
        {"user owner 128 --force-V4",                                          MAKE_TABLE },
        {"user owner 128 --use-aes=y",                                         MAKE_TABLE },
        {"user owner 128 --use-aes=y --cleartext-metadata",                    MAKE_STREAM},
        {"user owner 256",                                                     MAKE_TABLE },
        {"user owner 256 --cleartext-metadata",                                MAKE_STREAM},
        {"user owner 256 --force-R5",                                          MAKE_TABLE },
        {"user owner 128 --use-aes=y -- --object-streams=generate",            MAKE_TABLE },
        {"user owner 256 -- --object-streams=generate --stream-data=compress", MAKE_TABLE },
        {"user owner 128 -- --object-streams=generate",                        MAKE_STREAM},
        {"user owner 256 -- --linearize",                                      MAKE_TABLE },
};

static void some_ciphers(size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        struct arena a;
        arena_init(&a, (size_t)1 << 30);
        every_way(&a, ciphers[i].how, ciphers[i].kind);
        arena_done(&a);
    }
}

TEST(crypt_rc4_and_the_first_aes)
{
    some_ciphers(0, 5);
}

TEST(crypt_aes_256)
{
    some_ciphers(5, 8);
}

TEST(crypt_object_streams_and_linearised)
{
    some_ciphers(8, COUNT(ciphers));
}

TEST(crypt_new_fields_and_timestamps)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv pdf = encrypted(&a, make_plain(&a, MAKE_STREAM), "'' owner 256"); /* the reader needs no password */
    const struct pdf_sign_options o = {
            .field = SV("乙方"), .rect = {100, 100, 90, 45},
                 .appearance = &square, .signing_at = TEST_AT
    };
    pdf = test_stamp(&a, p, test_sign(&a, p, pdf, &o, true), SV(""));
    struct pdf_report r = test_verify(&a, p, pdf);
    ck_assert_msg(r.integrity == PDF_INTACT && r.verdict == PDF_VALID && r.signatures_n == 2, "%.*s",
                  SV_ARG(test_report(&a, &r)));
    ASSERT_SV(r.signatures[0].field, SV("乙方"));
    ck_assert_int_eq(verify(&a, pdf, "anything").integrity, PDF_INTACT);
    struct err e = ERR_INIT;
    struct pdf_info info;
    ASSERT_OK(pdf_info_read(&a, pdf, SV(""), &info, &e), e);
    ck_assert(info.encrypted && info.pages == 1 && info.fields_n == 2 && info.fields[0].filled);
    ASSERT_SV(info.fields[0].name, SV("乙方"));
    arena_done(&a);
}

TEST(crypt_permissions)
{
    static const struct {
        const char *how, *user, *owner; /* reasons, NULL: signed */
    } rows[] = {
            {"user owner 256 --modify=none",                          "pdf_permission", NULL},
            {"user owner 256 --modify=assembly",                      "pdf_permission", NULL},
            {"user owner 256 --modify=form",                          NULL,             NULL},
            {"user owner 256 --modify=annotate",                      NULL,             NULL},
            {"user owner 128 --modify=none",                          "pdf_permission", NULL},
            {"user owner 128 --use-aes=y --modify=form",              NULL,             NULL},
            {"user owner 40 --modify=n --annotate=n",                 "pdf_permission", NULL},
            {"user owner 40 --modify=n --annotate=y",                 NULL,             NULL},
            {"user owner 256 --modify=none --extract=n --print=none", "pdf_permission", NULL},
    };
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sv pdf = encrypted(&a, make_contract(&a, MAKE_TABLE), rows[i].how);
        if (rows[i].user)
            refused(&a, pdf, "Worker", "user", rows[i].user);
        else
            sign(&a, pdf, "Worker", "user");
        struct pdf_report r = verify(&a, sign(&a, pdf, "Worker", "owner"), "user");
        ck_assert_int_eq(r.integrity, PDF_INTACT);
    }
    arena_done(&a);
}

TEST(crypt_passwords_that_are_not_ascii)
{
    static const struct {
        const char *how, *right, *wrong;
    } rows[] = {
            {"合同 甲方 256",                "合同",             "合"    },
            {"'合 同' 甲方 256",             "合\xE3\x80\x80同", "合同" }, /* an ideographic space is a space */
            {"合同 甲方 256",                "甲方",             "乙方" },
            {"café Größe€ 128 --use-aes=y", "café",              "cafe"   }, /* in PDFDocEncoding */
            {"café Größe€ 128",             "Größe€",         "Größe"},
    };
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sv how = arena_printf(&a, "%s --", rows[i].how);
        struct sv pdf = encrypted(&a, make_contract(&a, MAKE_TABLE),
                                  arena_cstr(&a, arena_printf(&a, "%.*s --password-mode=unicode", SV_ARG(how))));
        pdf = sign(&a, pdf, "Worker", rows[i].right);
        ck_assert_int_eq(verify(&a, pdf, rows[i].right).integrity, PDF_INTACT);
        ck_assert_int_eq(verify(&a, pdf, rows[i].wrong).integrity, PDF_UNSUPPORTED);
    }
    arena_done(&a);
}

TEST(crypt_what_we_do_not_know_is_said)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct sv pdf = encrypted(&a, make_contract(&a, MAKE_TABLE), "user owner 256");
    struct sv handler = make_patched(&a, pdf, SV("/Filter /Standard"), SV("/Filter /Foo.Bars"));
    struct pdf_report r = verify(&a, handler, "user");
    ck_assert_int_eq(r.integrity, PDF_UNSUPPORTED);
    ck_assert_str_eq(first_code(&r), "encryption_unknown");
    refused(&a, handler, "Worker", "user", "pdf_encrypted");
    refused(&a, make_patched(&a, pdf, SV("/CFM /AESV3"), SV("/CFM /AESV9")), "Worker", "user", "pdf_encrypted");
    refused(&a, make_patched(&a, pdf, SV("/R 6"), SV("/R 7")), "Worker", "user", "pdf_encrypted");
    refused(&a, make_patched(&a, pdf, SV("/UE <"), SV("/XE <")), "Worker", "user", "pdf_encrypted");
    struct sv no_owner = make_patched(&a, pdf, SV("/OE <"), SV("/XE <"));
    ck_assert_int_eq(verify(&a, sign(&a, no_owner, "Worker", "user"), "user").integrity, PDF_INTACT);
    refused(&a, no_owner, "Worker", "owner", "pdf_password");
    refused(&a, make_patched(&a, pdf, SV("/Perms <"), SV("/XXXXX <")), "Worker", "user", "pdf_permission");
    /* /P that promises more than the encrypted /Perms */
    pdf = encrypted(&a, make_contract(&a, MAKE_TABLE), "user owner 256 --modify=none");
    size_t at = sv_find(pdf, SV("/P -"));
    struct sv digits = sv_sub(pdf, at, sv_find(sv_skip(pdf, at), SV(" /Perms")));
    struct sv all = arena_printf(&a, "/P -%0*d", (int)digits.n - 4, 4);
    refused(&a, make_patched(&a, pdf, digits, all), "Worker", "user", "pdf_permission");
    arena_done(&a);
}

static struct sv update(struct arena *a, struct sv base, uint32_t num, struct sv body, struct sv trailer)
{
    const struct sv bodies[] = {body};
    struct sv out = make_update(a, base, &num, bodies, 1);
    size_t at = sv_find(sv_skip(out, base.n), SV("trailer\n<<")) + base.n + 10;
    return arena_concat(a, arena_concat(a, sv_sub(out, 0, at), trailer), sv_skip(out, at));
}

static struct sv between(struct sv s, const char *from, const char *to)
{
    size_t at = sv_find(s, sv_from(from));
    ck_assert(at != SIZE_MAX);
    return sv_sub(s, at, sv_find(sv_skip(s, at), sv_from(to)));
}

TEST(crypt_encryption_changed_after_signing)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct sv made = encrypted(&a, make_contract(&a, MAKE_TABLE), "user owner 256");
    struct sv pdf = sign(&a, made, "Worker", "user");
    struct doc d;
    ck_assert(doc_open_with(&d, pdf, SV("user")) && d.crypt);
    uint32_t num = d.crypt->num;
    struct sv id = between(sv_skip(pdf, made.n), "/ID", "]"), dict = between(pdf, "<< /CF", "endobj");
    struct sv trailer = arena_printf(&a, "/Encrypt %u 0 R%.*s]", num, SV_ARG(id));
    struct sv same = update(&a, pdf, num, dict, trailer);
    ck_assert_int_eq(verify(&a, same, "user").integrity, PDF_INTACT_EXTENDED);
    struct sv other = make_patched(&a, dict, SV("/AuthEvent /DocOpen"), SV("/AuthEvent /EFOpen "));
    struct pdf_report r = verify(&a, update(&a, pdf, num, other, trailer), "user");
    ck_assert_msg(r.integrity == PDF_CHANGED, "%.*s", SV_ARG(test_report(&a, &r)));
    /* without /Encrypt, and with a new one */
    r = verify(&a, update(&a, pdf, num, dict, SV("")), "user");
    ck_assert_msg(r.integrity == PDF_CHANGED || r.integrity == PDF_BROKEN, "%.*s", SV_ARG(test_report(&a, &r)));
    trailer = arena_printf(&a, "/Encrypt %u 0 R%.*s]", 90u, SV_ARG(id));
    r = verify(&a, update(&a, pdf, 90, dict, trailer), "user");
    ck_assert_msg(r.integrity == PDF_CHANGED, "%.*s", SV_ARG(test_report(&a, &r)));
    doc_close(&d);
    arena_done(&a);
}

/* Recipients' keys instead of a password; and only the attachments encrypted, which leaves the document open to all. */
TEST(crypt_other_handlers)
{
    static const struct {
        const char *encrypt;
        const char *code; /* of the verifier; NULL: opens without a password */
    } rows[] = {
            {"/Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s5/V 4/CF<</DefaultCryptFilter<</CFM/AESV2/Recipients[(x)]>>>>"
             "/StmF/DefaultCryptFilter/StrF/DefaultCryptFilter",                            "encryption_unknown"},
            {"/Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s4/V 2/Length 128/Recipients[(x)]",              "encryption_unknown"},
            {"/Filter/Standard/V 4/R 4/StmF/StdCF/StrF/StdCF/O(x)/U(x)/P -4",                            "encryption_unknown"}, /* no /CF */
            {"/Filter/Standard/V 4/R 4/CF<</StdCF<</CFM/AESV2>>>>/StmF/StdCF/StrF/StdCF/O(x)/U(x)/P -4",
             "encryption_unknown"                                                                                            },
            {"/Filter/Standard/V 9/R 9/O(x)/U(x)/P -4",                                                  "encryption_unknown"},
            {"/Filter/Standard",                                                                         "encryption_unknown"},
            {"",                                                                                         "encryption_unknown"},
            {"/Filter/Standard/V 4/R 4/CF<</StdCF<</AuthEvent/EFOpen/CFM/AESV2>>>>/StmF/Identity/StrF/Identity"
             "/EFF/StdCF/P -4/O<0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef>"
             "/U<0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef>",        NULL                },
            {"/Filter/Adobe.PubSec/V 5/CF<</F<</AuthEvent/EFOpen/CFM/AESV3>>>>/EFF/F/P -4",              NULL                },
    };
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct sv base = make_contract(&a, MAKE_TABLE);
    size_t at = sv_find(base, SV("<</Root")) + 2;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sv more = arena_printf(&a, "/Encrypt<<%s>>/ID[(0123456789abcdef)(0123456789abcdef)]", rows[i].encrypt);
        struct sv pdf = arena_concat(&a, arena_concat(&a, sv_sub(base, 0, at), more), sv_skip(base, at));
        struct pdf_report r = verify(&a, pdf, "user");
        if (rows[i].code) {
            ck_assert_msg(r.integrity == PDF_UNSUPPORTED, "%s: %.*s", rows[i].encrypt, SV_ARG(test_report(&a, &r)));
            ck_assert_str_eq(first_code(&r), rows[i].code);
            refused(&a, pdf, "Worker", "user", "pdf_encrypted");
        } else {
            ck_assert_int_eq(r.integrity, PDF_UNSIGNED);
            r = verify(&a, sign(&a, pdf, "Worker", ""), "");
            ck_assert_msg(r.integrity == PDF_INTACT, "%s: %.*s", rows[i].encrypt, SV_ARG(test_report(&a, &r)));
            ASSERT_SV(r.signatures[0].claimed_reason, SV("同意"));
        }
    }
    arena_done(&a);
}

/* The Encrypt dictionary in the trailer itself: its strings stay as they are in every section. */
TEST(crypt_dictionary_in_the_trailer)
{
    static const char *const ways[] = {"user owner 128 --use-aes=y", "user owner 256", "user owner 40"};
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct sv pdf = encrypted(&a, make_contract(&a, MAKE_TABLE), ways[i]);
        size_t trailer = sv_find(pdf, SV("trailer <<")),
               ref = sv_find(sv_skip(pdf, trailer), SV("/Encrypt ")) + trailer;
        struct sv head = sv_sub(pdf, 0, ref + 9), tail = sv_skip(pdf, ref + 9);
        size_t number = sv_find(tail, SV(" 0 R")), object = 0;
        ck_assert(sv_u64(sv_sub(tail, 0, number), 1000, &object));
        struct sv body = between(pdf, arena_cstr(&a, arena_printf(&a, "\n%zu 0 obj\n", object)), "\nendobj");
        body = sv_skip(body, sv_find(body, SV("<<")));
        pdf = arena_concat(&a, arena_concat(&a, head, body), sv_skip(tail, number + 4));
        pdf = sign(&a, sign(&a, pdf, "Lock", "user"), "Worker", "owner");
        struct pdf_report r = verify(&a, pdf, "user");
        ck_assert_msg(r.integrity == PDF_INTACT && r.signatures_n == 2, "%.*s", SV_ARG(test_report(&a, &r)));
        check_by_others(&a, pdf, "user", 2);
    }
    arena_done(&a);
}

/* Every revision opens the file anew: the key is worth a look at the clock when there are many. */
TEST(crypt_many_signatures)
{
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    struct sv pdf = encrypted(&a, make_plain(&a, MAKE_STREAM), "user owner 256");
    const struct pdf_sign_options o = {.signing_at = TEST_AT, .password = SV("user"), .reserve = 3000};
    for (int i = 0; i < 21; i++)
        pdf = test_sign(&a, test_pki(KEY_P256), pdf, &o, false);
    struct pdf_report r = verify(&a, pdf, "user");
    ck_assert_msg(r.integrity == PDF_INTACT && r.signatures_n == 21, "%.*s", SV_ARG(test_report(&a, &r)));
    arena_done(&a);
}

/* A stream with the Identity crypt filter and metadata in clear text come out as they are. */
TEST(crypt_streams_that_are_not_encrypted)
{
    static const struct sv note = SV_INIT("<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x/><?xpacket end='w'?>");
    static const char *const ways[] = {"user owner 128 --use-aes=y --cleartext-metadata",
                                       "user owner 256 --cleartext-metadata", "user owner 256"};
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct sv bodies[] = {SV("<</Type/Catalog/Pages 2 0 R/Metadata 4 0 R>>"),
                              SV("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
                              SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"),
                              make_stream(&a, SV("/Type/Metadata/Subtype/XML"), note)};
        struct sv pdf = encrypted(&a, make_pdf(&a, MAKE_TABLE, bodies, COUNT(bodies)), ways[i]), data;
        ck_assert_int_eq(sv_find(pdf, note) != SIZE_MAX, i < 2);
        struct doc d;
        ck_assert(doc_open_with(&d, pdf, SV("user")) && d.crypt);
        ck_assert(doc_stream(&d, doc_get(&d, doc_root(&d), "Metadata"), &data));
        ASSERT_SV(data, note);
        doc_close(&d);
        if (i)
            continue;
        /* the same by name */
        static const char *const filters[] = {"/Filter/Crypt", "/Filter[/Crypt]/DecodeParms[<</Name/Identity>>]",
                                              "/Filter[/Crypt]/DecodeParms[<</Name/Unknown>>]"};
        for (size_t k = 0; k < COUNT(filters); k++) {
            uint32_t num = 50;
            struct sv body = make_stream(&a, sv_from(filters[k]), note);
            struct sv more = update(&a, pdf, num, body,
                                    arena_printf(&a, "%.*s0 R%.*s]", SV_ARG(between(pdf, "/Encrypt ", "0 R")),
                                                 SV_ARG(between(pdf, "/ID", "]"))));
            ck_assert_msg(doc_open_with(&d, more, SV("user")) && d.crypt, "%s", d.problem);
            ck_assert_int_eq(doc_stream(&d, doc_object(&d, num, 0), &data), k < 2);
            doc_close(&d);
        }
    }
    arena_done(&a);
}
