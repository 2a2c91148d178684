/* A seeded walk over mutations of good files: nothing may crash, hang or be taken for intact. PDF_FUZZ_ROUNDS and
 * PDF_FUZZ_SEED change it. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "pdf/fuzz_pdf.h"
#include "pdf/image.h"
#include "pdf/test_make.h"
#include "pdf/test_pki.h"
#include "replay.h"

static uint64_t state;

static size_t below(size_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(state >> 33) % n;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *s = getenv(name);
    return s ? strtoull(s, NULL, 10) : otherwise;
}

/* Bytes changed, pieces copied, cut or replaced by words that mean something in PDF. */
static size_t mutate(uint8_t *p, size_t n, size_t cap)
{
    static const char *const words[] = {
            "obj",     "endobj",  "stream",       "<<",        ">>",    "[",         "]",
            "(",       "/Prev 0", "/Kids[2 0 R]", "0 R",       "null",  "-1",        "99999999999",
            "/Length", "xref",    "trailer",      "startxref", "%%EOF", "/V 18 0 R", "/Parent 10 0 R",
            "#"};
    for (size_t times = 1 + below(4); times > 0; times--) {
        size_t at = below(n), len = 1 + below(40);
        len = len > n - at ? n - at : len;
        const char *w = words[below(COUNT(words))];
        switch (below(5)) {
        case 0:
            p[at] = (uint8_t)below(256);
            break;
        case 1:
            memmove(p + below(n - len + 1), p + at, len);
            break;
        case 2:
            if (n - len > 64) {
                memmove(p + at, p + at + len, n - at - len);
                n -= len;
            }
            break;
        case 3:
            memcpy(p + at, w, strlen(w) < n - at ? strlen(w) : n - at);
            break;
        default:
            if (n + strlen(w) < cap) {
                memmove(p + at + strlen(w), p + at, n - at);
                memcpy(p + at, w, strlen(w));
                n += strlen(w);
            }
        }
    }
    return n;
}

static void walk(struct sv seed, int (*fn)(const uint8_t *, size_t))
{
    size_t rounds = setting("PDF_FUZZ_ROUNDS", 250), cap = seed.n + 1024;
    uint8_t *p = malloc(cap);
    ck_assert_ptr_nonnull(p);
    for (size_t i = 0; i < rounds; i++) {
        memcpy(p, seed.p, seed.n);
        fn(p, mutate(p, seed.n, cap));
    }
    free(p);
}

TEST(fuzz_seeded)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    state = setting("PDF_FUZZ_SEED", 1);
    const struct test_pki *p = test_pki(KEY_P256);
    for (int kind = MAKE_TABLE; kind <= MAKE_HYBRID; kind++) {
        struct sv plain = make_contract(&a, (enum make_kind)kind);
        struct sv pdf = test_sign(
                &a, p, plain, &(struct pdf_sign_options){.field = SV("Lock"), .certify = 2, .reserve = 2500}, false);
        pdf = test_stamp(&a, p, pdf, SV(""));
        walk(plain, pdf_fuzz_sign);
        walk(pdf, pdf_fuzz_verify);
        walk(pdf, pdf_fuzz_repair);
    }
    arena_done(&a);
}

/* Encrypted files that open without a password. */
TEST(fuzz_seeded_encrypted)
{
    static const char *const ways[] = {"'' owner 40", "'' owner 128 --use-aes=y -- --object-streams=generate",
                                       "'' owner 256"};
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    state = setting("PDF_FUZZ_SEED", 2);
    struct sv out;
    const char *in = test_file(&a, "in.pdf", make_contract(&a, MAKE_TABLE)),
               *made = path_join(&a, test_folder(&a), "made.pdf");
    for (size_t i = 0; i < COUNT(ways); i++) {
        int code = test_run(&a, &out, "qpdf --allow-weak-crypto --encrypt %s -- %s %s", ways[i], in, made);
        ck_assert_msg(code == 0, "%.*s", SV_ARG(out));
        struct sv plain = test_read(&a, made);
        struct sv pdf =
                test_sign(&a, test_pki(KEY_P256), plain,
                          &(struct pdf_sign_options){.field = SV("Lock"), .certify = 2, .reserve = 2500}, false);
        walk(plain, pdf_fuzz_sign);
        walk(pdf, pdf_fuzz_verify);
    }
    arena_done(&a);
}

/* A 2 x 1 RGBA picture. */
static const uint8_t png[] = {0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 'I',  'H',  'D',  'R', 0,
                              0,    0,   2,   0,   0,    0,    1,    8,    6, 0, 0, 0,  0xF4, 0x22, 0x7F, 0x8A};

TEST(image_kinds)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct err e = ERR_INIT;
    struct pdf_image image;
    ck_assert(!pdf_image_read(&a, SV("GIF89a"), &image, &e));
    ck_assert_str_eq(e.reason, "image_kind");
    ck_assert(!pdf_image_read(&a, sv_of(png, sizeof(png)), &image, &e));
    ck_assert_str_eq(e.reason, "image_damaged");
    /* What other programs write, and read again from the signed page. */
    struct sv out;
    const char *in = test_file(&a, "in.pdf", make_contract(&a, MAKE_TABLE)), *dir = test_folder(&a);
    const struct test_pki *p = test_pki(KEY_P256);
    static const char *const kinds[] = {"-png", "-jpeg", "-png -gray"};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        ck_assert_msg(test_run(&a, &out, "pdftoppm %s -r 20 -f 1 -singlefile %s %s/page", kinds[i], in, dir) == 0,
                      "%.*s", SV_ARG(out));
        struct sv file = test_read(&a, path_join(&a, dir, i == 1 ? "page.jpg" : "page.png"));
        ASSERT_OK(pdf_image_read(&a, file, &image, &e), e);
        ck_assert(image.jpeg == (i == 1) && image.width > 100 && image.height > 200);
        struct pdf_appearance ap = {.content = arena_printf(&a, "%u 0 0 %u 0 0 cm /Im0 Do", image.width, image.height),
                                    .width = image.width,
                                    .height = image.height,
                                    .image = &image};
        struct sv pdf = test_sign(&a, p, make_contract(&a, MAKE_TABLE),
                                  &(struct pdf_sign_options){.field = SV("Worker"), .appearance = &ap}, false);
        struct pdf_report r = test_verify(&a, p, pdf);
        ck_assert_int_eq(r.integrity, PDF_INTACT);
        const char *signed_path = test_file(&a, "signed.pdf", pdf);
        ck_assert_int_eq(test_run(&a, &out, "pdfimages -list %s", signed_path), 0);
        ck_assert_msg(test_run(&a, &out, "qpdf --check %s", signed_path) == 0, "%.*s", SV_ARG(out));
        state = 7;
        walk(file.n < 20000 ? file : sv_sub(file, 0, 20000), pdf_fuzz_image);
    }
    arena_done(&a);
}

static const struct target {
    const char *name;
    int (*entry)(const uint8_t *, size_t);
} targets[] = {
        {"pdf_fuzz_image",  pdf_fuzz_image },
        {"pdf_fuzz_object", pdf_fuzz_object},
        {"pdf_fuzz_repair", pdf_fuzz_repair},
        {"pdf_fuzz_sign",   pdf_fuzz_sign  },
        {"pdf_fuzz_update", pdf_fuzz_update},
        {"pdf_fuzz_verify", pdf_fuzz_verify},
        {"pdf_fuzz_xref",   pdf_fuzz_xref  },
};

TEST(corpora_come_back)
{
    for (size_t i = 0; i < COUNT(targets); i++)
        replay(targets[i].name, targets[i].entry);
}

/* With QYQ_FUZZ_SEEDS: good files as seeds (tests/fuzz/make.sh). */
TEST(seeds_for_fuzzing)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    static const char *const names[] = {"table", "stream", "hybrid"};
    for (int kind = MAKE_TABLE; kind <= MAKE_HYBRID; kind++) {
        const char *name = names[kind];
        struct sv plain = make_contract(&a, (enum make_kind)kind);
        struct sv pdf = test_sign(
                &a, p, plain, &(struct pdf_sign_options){.field = SV("Lock"), .certify = 2, .reserve = 1500}, false);
        struct sv twice = test_stamp(&a, p, pdf, SV(""));
        (void)replay_seed(&a, "pdf_fuzz_sign", name, plain);
        (void)replay_seed(&a, "pdf_fuzz_repair", name, pdf);
        (void)replay_seed(&a, "pdf_fuzz_repair", arena_printf(&a, "%s-stamped", name).p, twice);
        (void)replay_seed(&a, "pdf_fuzz_verify", name, pdf);
        (void)replay_seed(&a, "pdf_fuzz_verify", arena_printf(&a, "%s-stamped", name).p, twice);
    }
    /* What updates may do, and may not: the first byte chooses the base. */
    static const char *const updates[] = {
            "2",
            "26 0 obj\n<</FT/Tx/T(Text)/V(new)/Type/Annot/Subtype/Widget/Rect[10 10 90 30]/P 4 0 R/F 4/DA(/F 9 "
            "Tf)/AP<</N 20 0 "
            "R>>>>\nendobj\n20 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 80 20]/Length 19>>\nstream\nBT /F 9 Tf "
            "(new) "
            "ET\nendstream\nendobj\n",
            "08 0 obj\n<</Length 3>>\nstream\nq Q\nendstream\nendobj\n",
            "31 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R/Metadata 12 0 R/Names 14 0 R/DSS 20 0 "
            "R>>\nendobj\n20 0 "
            "obj\n<</Type/DSS/Certs[21 0 R]/CRLs[21 0 R]/OCSPs[21 0 "
            "R]/VRI<</0123456789ABCDEF0123456789ABCDEF01234567<</Cert[21 "
            "0 R]>>>>>>\nendobj\n21 0 obj\n<</Length 2>>\nstream\n0\0\nendstream\nendobj\n",
            "310 0 obj\n[5 0 R 6 0 R 7 0 R 13 0 R 20 0 R]\nendobj\n20 0 obj\n<</Type/Annot/Subtype/FreeText/Rect[0 0 "
            "200 "
            "200]/Contents(x)/AP<</N 11 0 R>>/P 4 0 R>>\nendobj\n%%EOF13 0 obj\nnull\nendobj\n",
            "03 0 obj\n<</Fields[5 0 R 6 0 R 7 0 R 20 0 R]/SigFlags 3>>\nendobj\n20 0 obj\n<</FT/Sig/T(More)/V 21 0 "
            "R/Kids[22 0 R]>>\nendobj\n21 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange[0 1 "
            "2 "
            "3]/Contents<00>>>\nendobj\n22 0 obj\n<</Type/Annot/Subtype/Widget/Parent 20 0 R/Rect[0 0 0 0]/P 4 0 "
            "R>>\nendobj\n",
            "012 0 obj\n<</Type/Metadata/Subtype/XML/Length 9>>\nstream\n<a><b/>x</\nendstream\nendobj\n%%EOF1 0 "
            "obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel "
            "2>>>>/OpenAction 8 0 R/Perms<</DocMDP 15 0 R>>>>\nendobj\n",
    };
    for (size_t i = 0; i < COUNT(updates); i++)
        (void)replay_seed(&a, "pdf_fuzz_update", arena_printf(&a, "update-%zu", i).p, sv_from(updates[i]));
    static const char *const objects[] = {
            "<</A[1 -2 3.5 +.5 true false null 4 0 R (a\\(b\\053\\\n) <00FFa> /N#20x]/B<</C()>>/D 12 0 R>>",
            "[[[[]]]] % comment\n",
            "(un(bal)anced",
            "<feff4e2d6587>",
            "/Name#41",
            "99999999999999999999 0 R",
    };
    for (size_t i = 0; i < COUNT(objects); i++)
        (void)replay_seed(&a, "pdf_fuzz_object", arena_printf(&a, "object-%zu", i).p, sv_from(objects[i]));
    static const char *const sections[] = {
            "xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n0000000115 00000 n "
            "\ntrailer\n<</Root "
            "1 0 R/Size 4>>",
            "4 0 obj\n<</Type/XRef/Size 5/W[1 2 1]/Root 1 0 R/Index[0 5]/Filter/ASCIIHexDecode/Length 41>>\nstream\n"
            "0000000001000900010039000100720001000000>\nendstream\nendobj",
            "4 0 obj\n<</Type/XRef/Size 5/W[1 1 1]/Root 1 0 R/Length 15>>\nstream\n000\x01\t0\x01:0\x01s0\x01\xaf"
            "0\nendstream\nendobj",
            "xref\n0 1\n0000000000 65535 f \n1 3\n0000000009 00000 n\r\n0000000058 00000 n\r\n0000000115 00000 "
            "n\r\ntrailer\n<</Root 1 0 R/Size 4/Prev 0/XRefStm 9>>",
    };
    for (size_t i = 0; i < COUNT(sections); i++)
        (void)replay_seed(&a, "pdf_fuzz_xref", arena_printf(&a, "section-%zu", i).p, sv_from(sections[i]));
    (void)replay_seed(&a, "pdf_fuzz_image", "png", sv_of(png, sizeof(png)));
    arena_done(&a);
}
