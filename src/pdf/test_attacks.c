/* Known attacks on signed PDFs, built by construction, and every byte flipped: none may ever be INTACT. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "pdf/test_make.h"
#include "pdf/test_pki.h"

static const struct pdf_appearance square = {
        .content = SV_INIT("1 0 0 RG 2 w 1 1 98 48 re S"), .width = 100, .height = 50};

/* want: PDF_BROKEN … PDF_INTACT of the whole file. */
static void expect(struct arena *a, const struct test_pki *p, const char *name, struct sv bytes,
                   enum pdf_integrity want)
{
    struct pdf_report r = test_verify(a, p, bytes);
    ck_assert_msg(r.integrity == want, "%s: want %s: %.*s", name, pdf_integrity_name(want), SV_ARG(test_report(a, &r)));
    int code = want <= PDF_TST_BAD ? 1 : want >= PDF_INTACT_EXTENDED ? 0 : 3;
    ck_assert_msg(pdf_report_exit(&r) == code, "%s: exit", name);
}

static struct sv certified(struct arena *a, const struct test_pki *p, int level)
{
    return test_sign(a, p, make_contract(a, MAKE_TABLE),
                     &(struct pdf_sign_options){.field = SV("Lock"), .certify = level, .signing_at = TEST_AT}, false);
}

struct part {
    uint32_t num;
    struct sv body;
};
struct update_case {
    const char *name;
    enum pdf_integrity want;
    struct part parts[4];
};

static struct sv updated(struct arena *a, struct sv base, const struct part *parts)
{
    uint32_t nums[4];
    struct sv bodies[4];
    size_t n = 0;
    for (; n < 4 && parts[n].num; n++) {
        nums[n] = parts[n].num;
        bodies[n] = parts[n].body;
    }
    return make_update(a, base, nums, bodies, n);
}

#define SIG_WIDGET "<</Type/Annot/Subtype/Widget/FT/Sig/F 132"
#define FORM       "/DA(/F1 0 Tf)/DR<</Font<</F1 8 0 R>>>>/SigFlags 3>>"
#define FIELDS     "10 0 R 11 0 R 12 0 R 13 0 R 14 0 R 15 0 R"
#define PAGE                                                                                                           \
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 6 0 R/Resources<</Font<</F1 8 0 R>>>>/Annots 9 0 R"
#define FAKE              "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 9 99 9]/Contents<00>>>"
#define EVIL_AP           "<</Type/XObject/Subtype/Form/BBox[0 0 100 50]/Length 9>>\nstream\n0 0 9 9 f\n\nendstream"
#define CATALOG           "<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R/Perms<</DocMDP 18 0 R>>"
#define ESIC              "/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 2>>>>"
#define CERTIFIED_CATALOG CATALOG ESIC

/* clang-format off */
static const struct update_case updates[] = {
        {"nothing new",               PDF_INTACT_EXTENDED, {{60, SV_INIT("(nobody points here)")}}                                   },
        {"content replaced",          PDF_CHANGED,         {{6, SV_INIT("<</Length 1>>\nstream\n \nendstream")}}                     },
        {"font replaced",             PDF_CHANGED,         {{8, SV_INIT("<</Type/Font/Subtype/Type1/BaseFont/Courier>>")}}           },
        {"same font written again",
         PDF_INTACT_EXTENDED,                              {{8, SV_INIT("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")}}         },
        {"page box",                  PDF_CHANGED,         {{4, SV_INIT(PAGE "/CropBox[0 0 9 9]>>")}}                                },
        {"page rotated",              PDF_CHANGED,         {{4, SV_INIT(PAGE "/Rotate 180>>")}}                                      },
        {"page added",                PDF_CHANGED,
         {{2, SV_INIT("<</Type/Pages/Kids[4 0 R 5 0 R 60 0 R]/Count 3>>")}, {60, SV_INIT("<</Type/Page/Parent 2 0 R>>")}}            },
        {"pages swapped",             PDF_CHANGED,         {{2, SV_INIT("<</Type/Pages/Kids[5 0 R 4 0 R]/Count 2>>")}}              },
        {"annotation added",          PDF_CHANGED,
         {{9, SV_INIT("[10 0 R 11 0 R 13 0 R 14 0 R 60 0 R]")},
          {60, SV_INIT("<</Type/Annot/Subtype/FreeText/Rect[9 9 99 99]/Contents(evil)>>")}}                                           },
        {"annotation removed",        PDF_CHANGED,         {{9, SV_INIT("[10 0 R 11 0 R 13 0 R]")}}                                  },
        {"open action",               PDF_CHANGED,
         {{1, SV_INIT(CERTIFIED_CATALOG "/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>")}}                                          },
        {"layers",                    PDF_CHANGED,         {{1, SV_INIT(CERTIFIED_CATALOG "/OCProperties<</OCGs[]>>>>")}}            },
        {"certification removed",     PDF_CHANGED,         {{1, SV_INIT("<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R" ESIC ">>")}}     },
        {"form removed",              PDF_CHANGED,         {{1, SV_INIT("<</Type/Catalog/Pages 2 0 R/Perms<</DocMDP 18 0 R>>" ESIC ">>")}}},
        {"field removed",             PDF_CHANGED,         {{3, SV_INIT("<</Fields[10 0 R 11 0 R 12 0 R 13 0 R 14 0 R]" FORM)}}      },
        {"signed field removed",      PDF_CHANGED,         {{3, SV_INIT("<</Fields[11 0 R 12 0 R 13 0 R 14 0 R 15 0 R]" FORM)}}      },
        {"signature taken out",       PDF_CHANGED,         {{10, SV_INIT(SIG_WIDGET "/T(Lock)/Rect[0 0 0 0]/P 4 0 R>>")}}            },
        {"signature replaced",        PDF_CHANGED,         {{18, SV_INIT(FAKE)}}                                                     },
        {"value points elsewhere",    PDF_BROKEN,
         {{10, SV_INIT(SIG_WIDGET "/T(Lock)/Rect[0 0 0 0]/P 4 0 R/V 60 0 R>>")}, {60, SV_INIT(FAKE)}}                                 },
        {"field moved",               PDF_CHANGED,         {{11, SV_INIT(SIG_WIDGET "/T(Worker)/Rect[72 500 242 585]/P 4 0 R>>")}}   },
        {"look of an empty field",    PDF_CHANGED,
         {{11, SV_INIT(SIG_WIDGET "/T(Worker)/Rect[72 100 242 185]/P 4 0 R/AP<</N 60 0 R>>>>")}, {60, SV_INIT(EVIL_AP)}}              },
        {"field filled with a fake",  PDF_BROKEN,
         {{11, SV_INIT(SIG_WIDGET "/T(Worker)/Rect[72 100 242 185]/P 4 0 R/V 60 0 R>>")}, {60, SV_INIT(FAKE)}}                        },
        {"field filled with nothing", PDF_BROKEN,
         {{11, SV_INIT(SIG_WIDGET "/T(Worker)/Rect[72 100 242 185]/P 4 0 R/V 61 0 R>>")}}                                             },
        {"visible field added",       PDF_BROKEN,
         {{3, SV_INIT("<</Fields[" FIELDS " 60 0 R]" FORM)},
          {9, SV_INIT("[10 0 R 11 0 R 13 0 R 14 0 R 60 0 R]")},
          {60, SV_INIT(SIG_WIDGET "/T(New)/Rect[72 500 242 585]/P 4 0 R/V 61 0 R>>")},
          {61, SV_INIT(FAKE)}}                                                                                                        },
        {"seam without a signature",  PDF_CHANGED,
         {{14, SV_INIT("<</Type/Annot/Subtype/Widget/FT/Btn/Ff 65537/T(Seam1)/Rect[575 300 595 420]/P 4 0 R/F 132"
                       "/AP<</N 60 0 R>>>>")},
          {60, SV_INIT(EVIL_AP)}}                                                                                                     },
        {"stream of a button",        PDF_CHANGED,         {{17, SV_INIT(EVIL_AP)}}                                                  },
        {"validation data",           PDF_INTACT_EXTENDED,
         {{1, SV_INIT(CERTIFIED_CATALOG "/DSS<</Certs[60 0 R]>>>>")}, {60, SV_INIT("<</Length 1>>\nstream\n0\nendstream")}}           },
        {"font under validation data", PDF_CHANGED,
         {{1, SV_INIT(CERTIFIED_CATALOG "/DSS<</Certs[8 0 R]>>>>")}, {8, SV_INIT("<</Length 1>>\nstream\n0\nendstream")}}             },
        {"more than validation data", PDF_CHANGED,         {{1, SV_INIT(CERTIFIED_CATALOG "/DSS<</Certs[]/XObject 60 0 R>>>>")},
                                        {60, SV_INIT(EVIL_AP)}}                                                                       },
        {"extension level lowered",   PDF_CHANGED,
         {{1, SV_INIT(CATALOG "/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>>>")}}                                        },
        {"extension level raised",    PDF_INTACT_EXTENDED,
         {{1, SV_INIT(CATALOG "/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 5>>>>>>")}}                                        },
        {"metadata",                  PDF_INTACT_EXTENDED,
         {{1, SV_INIT(CERTIFIED_CATALOG "/Metadata 60 0 R>>")}, {60, SV_INIT("<</Length 4>>\nstream\n<x/>\nendstream")}}              },
        {"metadata with entities",    PDF_CHANGED,
         {{1, SV_INIT(CERTIFIED_CATALOG "/Metadata 60 0 R>>")},
          {60, SV_INIT("<</Length 12>>\nstream\n<!DOCTYPE x>\nendstream")}}                                                           },
        {"key twice",                 PDF_CHANGED,         {{1, SV_INIT(CERTIFIED_CATALOG "/AcroForm 3 0 R>>")}}                      },
        {"form moved",                PDF_CHANGED,
         {{1, SV_INIT("<</Type/Catalog/Pages 2 0 R/AcroForm 60 0 R/Perms<</DocMDP 18 0 R>>" ESIC ">>")},
          {60, SV_INIT("<</Fields[" FIELDS "]" FORM)}}                                                                                },
        {"flags lowered",             PDF_CHANGED,
         {{3, SV_INIT("<</Fields[" FIELDS "]/DA(/F1 0 Tf)/DR<</Font<</F1 8 0 R>>>>/SigFlags 1>>")}}                                   },
        {"button that is no button",  PDF_CHANGED,         {{14, SV_INIT("<</Type/Annot/Subtype/Stamp/Rect[5 3 595 420]>>")}}        },
};
/* clang-format on */

TEST(attack_by_update)
{
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv base = certified(&a, p, 2);
    for (size_t i = 0; i < COUNT(updates); i++)
        expect(&a, p, updates[i].name, updated(&a, base, updates[i].parts), updates[i].want);
    arena_done(&a);
}

TEST(attack_by_appending)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv base = certified(&a, p, 2), plain = make_contract(&a, MAKE_TABLE);
    size_t old = sv_find(plain, SV("xref\n"));
    /* clang-format off */
    const struct {
        const char *name;
        struct sv tail;
        enum pdf_integrity want;
    } rows[] = {
            {"line ends",               SV("\n\r\n"),                                          PDF_INTACT },
            {"five line ends",          SV("\n\n\n\n\n"),                                      PDF_CHANGED},
            {"text",                    SV("hello"),                                           PDF_CHANGED},
            {"end of file",             SV("%%EOF\n"),                                         PDF_CHANGED},
            {"object without xref",     SV("6 0 obj\n<</Length 1>>\nstream\n \nendstream\nendobj\n"), PDF_CHANGED},
            {"object and end",          SV("6 0 obj\n(x)\nendobj\n%%EOF\n"),                   PDF_CHANGED},
            {"back to the old startxref", arena_printf(&a, "startxref\n%zu\n%%%%EOF\n", old),  PDF_CHANGED},
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(rows); i++)
        expect(&a, p, rows[i].name, arena_concat(&a, base, rows[i].tail), rows[i].want);
    arena_done(&a);
}

/* Content prepared before signing and switched on by cross references alone. */
TEST(attack_by_shadow)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv evil =
            SV("4 0 obj\n<</Length 44>>\nstream\nBT /F1 24 Tf 72 700 Td (Wage 1 per month) Tj ET\nendstream\nendobj\n");
    /* The second version of object 4 lies in the stream of object 5; nothing points to it yet. */
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    struct sv bodies[] = {SV("<</Type/Catalog/Pages 2 0 R>>"), SV("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
                          SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 50 0 R]/Resources<<>>>>"),
                          make_stream(&a, SV(""), SV("BT (Wage 5000) Tj ET")), make_stream(&a, SV(""), evil)};
    struct sv signed_pdf = test_sign(&a, p, make_pdf(&a, MAKE_TABLE, bodies, COUNT(bodies)),
                                     &(struct pdf_sign_options){.signing_at = TEST_AT}, false);
    expect(&a, p, "prepared", signed_pdf, PDF_INTACT);
    size_t hidden = sv_find(signed_pdf, sv_sub(evil, 0, 20));
    size_t start = sv_find(sv_skip(signed_pdf, signed_pdf.n - 30), SV("startxref\n")) + signed_pdf.n - 20;
    struct sv prev = sv_sub(signed_pdf, start, sv_find_char(sv_skip(signed_pdf, start), '\n'));
    buf_add(&b, signed_pdf);
    size_t xref = b.n;
    buf_printf(&b, "xref\n4 1\n%010zu 00000 n \ntrailer\n<</Root 1 0 R/Size 20/Prev %.*s>>\nstartxref\n%zu\n%%%%EOF\n",
               hidden, SV_ARG(prev), xref);
    expect(&a, p, "cross references alone", arena_sv(&a, buf_sv(&b)), PDF_CHANGED);
    buf_clear(&b);
    buf_add(&b, signed_pdf);
    buf_printf(&b,
               "xref\n4 1\n0000000000 00001 f \ntrailer\n<</Root 1 0 R/Size 20/Prev %.*s>>\nstartxref\n%zu\n%%%%EOF\n",
               SV_ARG(prev), xref);
    expect(&a, p, "freed", arena_sv(&a, buf_sv(&b)), PDF_CHANGED);
    const struct part fill[4] = {
            {50, make_stream(&a, SV(""), SV("BT (evil) Tj ET"))}
    };
    expect(&a, p, "place kept free", updated(&a, signed_pdf, fill), PDF_CHANGED);
    arena_done(&a);
}

/* Liberties of the dictionary; each also destroys the digest, but must be BROKEN for its own sake. */
TEST(attack_on_the_dictionary)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv base = certified(&a, p, 2);
    size_t at = sv_find(base, SV("/ByteRange [")) + 11;
    struct sv range = sv_sub(base, at, 36);
    const char *const ranges[] = {"null",
                                  "[]",
                                  "[0 0 0 0]",
                                  "[0 -1 5 9]",
                                  "[0 10 20]",
                                  "[(0) 1 2 3]",
                                  "[0 99999999999999999999 1 2]",
                                  "[0 1 2 9223372036854775807]",
                                  "[1 10 20 30]",
                                  "3",
                                  "9 0 R",
                                  "[0 10 20 30 40 50]"};
    for (size_t i = 0; i < COUNT(ranges); i++) {
        struct sv to = arena_printf(&a, "%-36s", ranges[i]);
        struct pdf_report r = test_verify(&a, p, make_patched(&a, base, range, to));
        ck_assert_msg(r.integrity == PDF_BROKEN || r.integrity == PDF_UNREADABLE, "%s: %.*s", ranges[i],
                      SV_ARG(test_report(&a, &r)));
    }
    expect(&a, p, "no ByteRange", make_patched(&a, base, SV("/ByteRange ["), SV("/ByteRangX [")), PDF_BROKEN);
    expect(&a, p, "no Contents", make_patched(&a, base, SV("/Contents <"), SV("/ContentX <")), PDF_BROKEN);
    expect(&a, p, "no SubFilter", make_patched(&a, base, SV("/SubFilter /ETSI"), SV("/SubFilterX/ETSI")), PDF_BROKEN);
    arena_done(&a);
}

/* The bytes that ByteRange leaves out hold more than Contents. */
TEST(attack_in_the_gap)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv base = certified(&a, p, 2);
    size_t gap_end = sv_find(base, SV("00000000>")) + 8;
    static const char *const stuffing[] = {
            ">/Reason(I agree)/X<00", ">/ByteRange[0 1 2 3]/X<00", ">%evil\n/X<00", "a0A0", "f", " 00", "00Z"};
    for (size_t i = 0; i < COUNT(stuffing); i++) {
        struct sv s = sv_from(stuffing[i]), from = sv_sub(base, gap_end - s.n, s.n);
        struct sv out = arena_sv(&a, base);
        char *w;
        memcpy(&w, &out.p, sizeof(w));
        memcpy(w + (size_t)(from.p - base.p), s.p, s.n);
        struct pdf_report r = test_verify(&a, p, out);
        ck_assert_msg(r.integrity == PDF_BROKEN, "%s: %.*s", stuffing[i], SV_ARG(test_report(&a, &r)));
    }
    arena_done(&a);
}

TEST(attack_on_permissions)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    /* The update that fills Worker, taken from a file certified at level 2, behind one certified at level 1. */
    struct sv open = certified(&a, p, 2), closed = certified(&a, p, 1);
    ck_assert_uint_eq(open.n, closed.n);
    struct sv filled =
            test_sign(&a, p, open, &(struct pdf_sign_options){.field = SV("Worker"), .appearance = &square}, false);
    expect(&a, p, "level 2, then signed", filled, PDF_INTACT);
    struct sv grafted = arena_concat(&a, closed, sv_skip(filled, open.n));
    struct pdf_report r = test_verify(&a, p, grafted);
    ck_assert_int_eq(r.signatures[0].integrity, PDF_CHANGED);
    ck_assert_int_eq(r.signatures[1].integrity, PDF_TAMPERED);
    /* A document timestamp is permitted even then. */
    expect(&a, p, "level 1, then stamped", test_stamp(&a, p, closed, SV("Archive1")), PDF_INTACT);
    const struct pdf_sign_options lock = {
            .field = SV("Worker"), .signing_at = TEST_AT, .lock = {.action = PDF_LOCK_ALL}};
    const struct pdf_sign_options none = {.field = SV("Worker"), .signing_at = TEST_AT, .contact = SV("1234567890123")};
    struct sv locked = test_sign(&a, p, make_contract(&a, MAKE_TABLE), &lock, false);
    struct sv unlocked = test_sign(&a, p, make_contract(&a, MAKE_TABLE), &none, false);
    struct sv next = test_sign(&a, p, unlocked, &(struct pdf_sign_options){.field = SV("Employer")}, false);
    expect(&a, p, "not locked", next, PDF_INTACT);
    const struct part fill[4] = {
            {12, SV(SIG_WIDGET "/T(Employer)/Rect[300 100 420 220]/P 5 0 R/V 60 0 R>>")},
            {60, SV(FAKE)                                                              }
    };
    r = test_verify(&a, p, updated(&a, locked, fill));
    ck_assert_msg(r.signatures[0].integrity == PDF_CHANGED, "%.*s", SV_ARG(test_report(&a, &r)));
    arena_done(&a);
}

TEST(attack_with_foreign_timestamps)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct test_pki *p = test_pki(KEY_P256);
    struct err e = ERR_INIT;
    struct pdf_prepared doc;
    ASSERT_OK(pdf_sign_prepare(&a, make_contract(&a, MAKE_TABLE), &(struct pdf_sign_options){.field = SV("Worker")},
                               &doc, &e),
              e);
    struct digest content = pdf_prepared_digest(&doc, DIGEST_SHA256);
    struct digest other = digest_of(DIGEST_SHA256, SV("something else"));
    struct sv cms = test_cms(&a, p, &content, false);
    ASSERT_OK(cms_add_timestamp(&a, cms, test_token(&a, p, &other), &cms, &e), e);
    ASSERT_OK(pdf_sign_finish(&doc, cms, &e), e);
    expect(&a, p, "copied signature timestamp", pdf_prepared_bytes(&a, &doc), PDF_TST_BAD);
    const struct pdf_sign_options stamp = {.field = SV("Archive1"), .subfilter = PDF_SUBFILTER_TIMESTAMP};
    ASSERT_OK(pdf_sign_prepare(&a, make_contract(&a, MAKE_TABLE), &stamp, &doc, &e), e);
    ASSERT_OK(pdf_sign_finish(&doc, test_token(&a, p, &other), &e), e);
    expect(&a, p, "copied document timestamp", pdf_prepared_bytes(&a, &doc), PDF_TST_BAD);
    ASSERT_OK(pdf_sign_prepare(&a, make_contract(&a, MAKE_TABLE), &(struct pdf_sign_options){.field = SV("Worker")},
                               &doc, &e),
              e);
    ASSERT_OK(pdf_sign_finish(&doc, test_cms(&a, p, &other, false), &e), e);
    expect(&a, p, "signature of another document", pdf_prepared_bytes(&a, &doc), PDF_TAMPERED);
    ck_assert(!pdf_sign_check(&a, &doc, pdf_prepared_bytes(&a, &doc), &e));
    ck_assert_str_eq(e.reason, "pdf_selfcheck");
    arena_done(&a);
}

/* Every byte with PDF_FLIP_ALL in the environment, else one of each 37; two masks. */
TEST(attack_by_flipping_bytes)
{
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv base = test_sign(&a, p, make_plain(&a, MAKE_TABLE),
                               &(struct pdf_sign_options){.signing_at = TEST_AT, .reserve = 4096}, true);
    expect(&a, p, "as it is", base, PDF_INTACT);
    struct buf missed;
    buf_init(&missed, 1 << 20);
    char *bytes = malloc(base.n);
    ck_assert_ptr_nonnull(bytes);
    size_t step = getenv("PDF_FLIP_ALL") ? 1 : 37;
    for (size_t i = 0; i < base.n; i += step) {
        static const unsigned char masks[] = {0x01, 0x20, 0x10, 0x80};
        for (size_t k = 0; k < COUNT(masks); k++) {
            struct arena one;
            arena_init(&one, ARENA_REQUEST_LIMIT);
            memcpy(bytes, base.p, base.n);
            bytes[i] = (char)(bytes[i] ^ masks[k]);
            struct pdf_report r = test_verify(&one, p, sv_of(bytes, base.n));
            bool intact = r.integrity == PDF_INTACT || r.integrity == PDF_INTACT_EXTENDED;
            if (intact)
                buf_printf(&missed, " %zu^%02x", i, masks[k]);
            arena_done(&one);
        }
    }
    free(bytes);
    ck_assert_msg(missed.n == 0, "not noticed:%.*s", SV_ARG(buf_sv(&missed)));
    buf_done(&missed);
    arena_done(&a);
}

TEST(attack_by_truncation)
{
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv base = certified(&a, p, 2);
    for (size_t n = 0; n + 1 < base.n; n += n + 600 < base.n ? 211 : 1) {
        struct pdf_report r = test_verify(&a, p, sv_sub(base, 0, n));
        ck_assert_msg(r.integrity != PDF_INTACT && r.integrity != PDF_INTACT_EXTENDED, "%zu of %zu", n, base.n);
    }
    arena_done(&a);
}
