/* What pdf_intake finds, file by file: each is built here with one thing in it, and beside it one that only looks
 * alike. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "crypto/digest.h"
#include "pdf/intake_priv.h"
#include "pdf/test_make.h"
#include "test.h"

static struct arena a;

/* A document of one page. */
struct parts {
    const char *catalog, *page, *resources, *content;
    const char *objects[8]; /* numbers 5, 6, … */
};

static struct sv build(const struct parts *p, enum make_kind kind)
{
    struct sv bodies[16];
    size_t n = 0;
    const char *content = p->content ? p->content : "0 0 m 100 100 l S";
    bodies[n++] = arena_printf(&a, "<</Type/Catalog/Pages 2 0 R%s>>", p->catalog ? p->catalog : "");
    bodies[n++] = SV("<</Type/Pages/Kids[3 0 R]/Count 1>>");
    bodies[n++] = arena_printf(&a, "<</Type/Page/Parent 2 0 R%s/Contents 4 0 R/Resources<<%s>>%s>>",
                               p->page && strstr(p->page, "MediaBox") ? "" : "/MediaBox[0 0 595 842]",
                               p->resources ? p->resources : "", p->page ? p->page : "");
    bodies[n++] = make_stream(&a, SV(""), sv_from(content));
    for (size_t i = 0; i < COUNT(p->objects) && p->objects[i]; i++)
        bodies[n++] = sv_from(p->objects[i]);
    return make_pdf(&a, kind, bodies, n);
}

static struct pdf_intake examined(struct sv bytes)
{
    struct err e = ERR_INIT;
    struct pdf_intake r;
    ASSERT_OK(pdf_intake(&a, bytes, NULL, &r, &e), e);
    return r;
}

static const struct pdf_intake_finding *find(const struct pdf_intake *r, enum pdf_intake_code code)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->findings[i].code == code)
            return &r->findings[i];
    }
    return NULL;
}

static const char *all_of(const struct pdf_intake *r)
{
    struct sv s = pdf_intake_text(&a, TEXT_EN, SV("file"), r);
    return arena_cstr(&a, s);
}

/* Good files have nothing worse than a remark. */
static void check_clean(const char *name, struct sv bytes)
{
    struct pdf_intake r = examined(bytes);
    for (size_t i = 0; i < r.n; i++)
        ck_assert_msg(pdf_intake_severity(r.findings[i].code) == PDF_INTAKE_INFO, "%s: %s", name, all_of(&r));
    ck_assert_msg(r.acceptable && r.pages == 1, "%s", name);
}

#define FILESPEC     "<</Type/Filespec/F(a.txt)/EF<</F 6 0 R>>>>"
#define EMBEDDED     "<</Type/EmbeddedFile/Length 2>>\nstream\nhi\nendstream"
#define FORM(more)   "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]" more "/Length 1>>\nstream\n \nendstream"
#define TEXT_CONTENT "BT /F1 12 Tf 100 700 Td (Wage 5000) Tj ET"
/* a font of its own drawings needs no file */
#define FONT                                                                                                           \
    "/Font<</F1<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[.001 0 0 .001 0 0]/CharProcs<<>>"         \
    "/Encoding<</Differences[]>>/FirstChar 32/LastChar 33/Widths[500 500]>>>>"

static const struct {
    const char *name;
    enum pdf_intake_code code;
    struct parts parts;
} cases[] = {
        {"script on opening",           PDF_INTAKE_javascript,     {.catalog = "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"}                                        },
        {"script in a stream",
         PDF_INTAKE_javascript,                                    {.catalog = "/OpenAction 5 0 R",
          .objects = {"<</S/JavaScript/JS 6 0 R>>", "<</Length 2>>\nstream\n1;\nendstream"}}                                                },
        {"script under names",
         PDF_INTAKE_javascript,                                    {.catalog = "/Names<</JavaScript<</Names[(a) 5 0 R]>>>>", .objects = {"<</S/JavaScript/JS(1)>>"}}       },
        {"script of a page",            PDF_INTAKE_javascript,     {.page = "/AA<</O<</S/JavaScript/JS(1)>>>>"}                                                            },
        {"script with an escaped name", PDF_INTAKE_javascript,     {.page = "/AA<</O<</S/Java#53cript>>>>"}                                                                },
        {"script behind a link",
         PDF_INTAKE_javascript,                                    {.page = "/Annots[5 0 R]",
          .objects =
                  {"<</Type/Annot/Subtype/Link/Rect[9 9 99 99]/A<</S/GoTo/D[3 0 R/Fit]/Next[<</S/Named/N/NextPage/Next "
                   "6 0 R>>]>>>>",
                   "<</S/JavaScript/JS(1)>>"}}                                                                                              },
        {"script of a field",
         PDF_INTAKE_javascript,                                    {.catalog = "/AcroForm<</Fields[5 0 R]>>",
          .page = "/Annots[5 0 R]",
          .objects =
                  {"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[9 9 99 99]/F 4/AA<</K<</S/JavaScript/JS(1)>>>>>>"}}                        },
        {"launch",
         PDF_INTAKE_launch,                                        {.page = "/Annots[<</Type/Annot/Subtype/Link/Rect[9 9 99 99]/A<</S/Launch/F(a.exe)>>>>]"}               },
        {"another file",                PDF_INTAKE_goto_file,      {.catalog = "/OpenAction<</S/GoToR/F(a.pdf)/D[0/Fit]>>"}                                                },
        {"embedded target",             PDF_INTAKE_goto_file,      {.catalog = "/OpenAction<</S/GoToE/D[0/Fit]>>"}                                                         },
        {"thread elsewhere",            PDF_INTAKE_goto_file,      {.catalog = "/OpenAction<</S/Thread/F(a.pdf)/D 0>>"}                                                    },
        {"sending",                     PDF_INTAKE_submit_form,    {.catalog = "/OpenAction<</S/SubmitForm/F(http://a.test/)>>"}                                           },
        {"importing",                   PDF_INTAKE_submit_form,    {.catalog = "/OpenAction<</S/ImportData/F(a.fdf)>>"}                                                    },
        {"film",                        PDF_INTAKE_media,          {.page = "/Annots[<</Type/Annot/Subtype/Movie/Rect[9 9 99 99]>>]"}                                      },
        {"screen",                      PDF_INTAKE_media,          {.page = "/Annots[<</Type/Annot/Subtype/Screen/Rect[9 9 99 99]>>]"}                                     },
        {"rich media",                  PDF_INTAKE_media,          {.page = "/Annots[<</Type/Annot/Subtype/RichMedia/Rect[9 9 99 99]>>]"}                                  },
        {"3D",                          PDF_INTAKE_media,          {.page = "/Annots[<</Type/Annot/Subtype/3D/Rect[9 9 99 99]>>]"}                                         },
        {"hiding",                      PDF_INTAKE_view_action,    {.catalog = "/OpenAction<</S/Hide/T(a)>>"}                                                              },
        {"switching layers",            PDF_INTAKE_view_action,    {.catalog = "/OpenAction<</S/SetOCGState/State[]>>"}                                                    },
        {"address on opening",
         PDF_INTAKE_automatic_link,                                {.catalog = "/OpenAction 5 0 R", .objects = {"<</S/URI/URI(http://a.test/)>>"}}                         },
        {"address in a chain",
         PDF_INTAKE_automatic_link,                                {.page = "/AA<</O<</S/GoTo/D[3 0 R/Fit]/Next 5 0 R>>>>",
          .objects = {"[6 0 R]", "<</S/URI/URI(http://a.test/)/Next 5 0 R>>"}}                                                          },
        {"unknown action",              PDF_INTAKE_unknown_action, {.catalog = "/OpenAction<</S/Frobnicate>>"}                                                             },
        {"menu item",                   PDF_INTAKE_unknown_action, {.catalog = "/OpenAction<</S/Named/N/SaveAs>>"}                                                         },
        {"XFA",
         PDF_INTAKE_xfa,                                           {.catalog = "/AcroForm<</Fields[]/XFA 5 0 R>>", .objects = {"<</Length 6>>\nstream\n<xdp/>\nendstream"}}},
        {"attachment",
         PDF_INTAKE_embedded_file,                                 {.catalog = "/Names<</EmbeddedFiles<</Names[(a) 5 0 R]>>>>", .objects = {FILESPEC, EMBEDDED}}           },
        {"attachment on the page",
         PDF_INTAKE_embedded_file,                                 {.page = "/Annots[<</Type/Annot/Subtype/FileAttachment/Rect[9 9 99 99]/FS 5 0 R>>]",
          .objects = {FILESPEC, EMBEDDED}}                                                                                               },
        {"associated file",             PDF_INTAKE_embedded_file,  {.page = "/AF[5 0 R]", .objects = {FILESPEC, EMBEDDED}}                                                 },
        {"portfolio",                   PDF_INTAKE_embedded_file,  {.catalog = "/Collection<</Type/Collection>>"}                                                          },
        {"data elsewhere",
         PDF_INTAKE_external_stream,                               {.resources = "/XObject<</X 5 0 R>>",
          .objects = {"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/F(a.bin)/Length 0>>\nstream\n\nendstream"}}                          },
        {"page of another file",
         PDF_INTAKE_reference_xobject,                             {.resources = "/XObject<</X 5 0 R>>", .objects = {FORM("/Ref<</F(a.pdf)/Page 0>>")}}                    },
        {"OPI",
         PDF_INTAKE_external_resource,                             {.resources = "/XObject<</X 5 0 R>>", .objects = {FORM("/OPI<</1.3<</F(a.tif)>>>>")}}                   },
        {"profile by address",
         PDF_INTAKE_external_resource,                             {.catalog = "/OutputIntents[<</S/GTS_PDFX/DestOutputProfileRef<</URLs[]>>>>]"}                          },
        {"PostScript",
         PDF_INTAKE_postscript,                                    {.resources = "/XObject<</X 5 0 R>>",
          .objects = {"<</Type/XObject/Subtype/PS/Length 1>>\nstream\n \nendstream"}}                                                       },
        {"PostScript in a form",
         PDF_INTAKE_postscript,                                    {.resources = "/XObject<</X 5 0 R>>", .objects = {FORM("/Subtype2/PS")}}                                },
        {"other picture for print",
         PDF_INTAKE_alternate_image,                               {.resources = "/XObject<</X 5 0 R>>",
          .objects = {"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
                      "/Alternates[<</Image 6 0 R/DefaultForPrinting true>>]/Length 1>>\nstream\nx\nendstream",
                      "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length "
                      "1>>\nstream\ny\nendstream"}}                                                                                    },
        {"signed",
         PDF_INTAKE_signed_already,                                {.catalog = "/AcroForm<</SigFlags 3/Fields[5 0 R]>>",
          .page = "/Annots[5 0 R]",
          .objects = {"<</Type/Annot/Subtype/Widget/FT/Sig/T(S)/Rect[0 0 0 0]/F 132/V 6 0 R>>",
                      "<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 1 2 3]/Contents<00>>>"}}                                            },
        {"usage rights",
         PDF_INTAKE_usage_rights,                                  {.catalog = "/Perms<</UR3 5 0 R>>", .objects = {"<</Type/Sig/Filter/Adobe.PPKLite>>"}}                  },
        {"page outside the tree",
         PDF_INTAKE_unused_page,                                   {.catalog = "/Spare 5 0 R", .objects = {"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"}}           },
        {"hidden pages",
         PDF_INTAKE_unused_page,                                   {.catalog = "/Names<</Templates<</Names[(a) 5 0 R]>>>>",
          .objects = {"<</Type/Template/MediaBox[0 0 595 842]>>"}}                                                                         },
        {"content outside the page",
         PDF_INTAKE_unused_content,                                {.catalog = "/Spare 5 0 R",
          .objects = {"<</Length 34>>\nstream\nBT /F1 12 Tf 9 9 Td (Wage 1) Tj ET\n\nendstream"}}                                       },
        {"hidden layer",
         PDF_INTAKE_hidden_layer,                                  {.catalog = "/OCProperties<</OCGs[5 0 R]/D<</OFF[5 0 R]>>>>", .objects = {"<</Type/OCG/Name(x)>>"}}     },
        {"layers off by default",
         PDF_INTAKE_hidden_layer,                                  {.catalog = "/OCProperties<</OCGs[5 0 R]/D<</BaseState/OFF>>>>", .objects = {"<</Type/OCG/Name(x)>>"}}  },
        {"layer for the screen",
         PDF_INTAKE_hidden_layer,                                  {.catalog = "/OCProperties<</OCGs[5 0 R]/D<<>>>>",
          .objects = {"<</Type/OCG/Name(x)/Usage<</Print<</PrintState/OFF>>>>>>"}}                                                        },
        {"comment",
         PDF_INTAKE_annotation,                                    {.page = "/Annots[<</Type/Annot/Subtype/FreeText/F 4/Rect[300 300 400 320]/Contents(x)>>]"}             },
        {"stamp over text",
         PDF_INTAKE_annotation_over_text,                          {.page = "/Annots[5 0 R]",
          .content = TEXT_CONTENT,
          .resources = FONT,
          .objects = {"<</Type/Annot/Subtype/Stamp/F 4/Rect[90 690 200 720]/AP<</N 6 0 R>>>>", FORM("")}}                         },
        {"hidden annotation",
         PDF_INTAKE_annotation_hidden,                             {.page = "/Annots[<</Type/Annot/Subtype/FreeText/F 2/Rect[300 300 400 320]>>]"}                         },
        {"field over text",
         PDF_INTAKE_widget_over_text,                              {.catalog = "/AcroForm<</Fields[5 0 R]>>",
          .page = "/Annots[5 0 R]",
          .content = "q 1 0 0 1 50 300 cm BT /F1 12 Tf 1 0 0 1 50 400 Tm (Wage 5000) Tj ET Q",
          .resources = FONT,
          .objects = {"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[90 690 200 720]/F 4>>"}}                                          },
        {"field over text in a form",
         PDF_INTAKE_widget_over_text,                              {.catalog = "/AcroForm<</Fields[5 0 R]>>",
          .page = "/Annots[5 0 R]",
          .content = "/X Do",
          .resources = "/XObject<</X 6 0 R>>",
          .objects = {"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[90 690 200 720]/F 4>>",
                      "<</Type/XObject/Subtype/Form/BBox[0 0 600 900]/Matrix[1 0 0 1 0 100]/Resources<<" FONT
                      ">>/Length 39>>\nstream\nBT /F1 12 Tf 100 600 Td (Wage) Tj ET   \nendstream"}}                                  },
        {"filled field",
         PDF_INTAKE_form_value,                                    {.catalog = "/AcroForm<</Fields[5 0 R]>>",
          .page = "/Annots[5 0 R]",
          .objects = {"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[90 690 200 720]/F 4/V(5000)>>"}}                                        },
        {"default value",
         PDF_INTAKE_form_value,                                    {.catalog = "/AcroForm<</Fields[5 0 R]>>",
          .page = "/Annots[5 0 R]",
          .objects = {"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[90 690 200 720]/F 4/DV(5000)>>"}}                                       },
        {"text outside",
         PDF_INTAKE_text_outside,                                  {.content = "BT /F1 12 Tf 700 700 Td (Wage 5000) Tj ET", .resources = FONT}                             },
        {"text cut off",
         PDF_INTAKE_text_outside,                                  {.page = "/CropBox[0 0 595 600]", .content = TEXT_CONTENT, .resources = FONT}                           },
        {"text not painted",
         PDF_INTAKE_text_invisible,                                {.content = "BT 3 Tr /F1 12 Tf 100 700 Td (Wage 5000) Tj ET", .resources = FONT}                        },
        {"text transparent",
         PDF_INTAKE_text_invisible,                                {.content = "/G gs " TEXT_CONTENT, .resources = FONT "/ExtGState<</G<</ca 0>>>>"}                       },
        {"white text",                  PDF_INTAKE_text_white,     {.content = "1 1 1 rg " TEXT_CONTENT, .resources = FONT}                                                },
        {"large page",                  PDF_INTAKE_page_size,      {.page = "/MediaBox[0 0 595 84200]"}                                                                    },
        {"page in larger units",        PDF_INTAKE_page_size,      {.page = "/UserUnit 100"}                                                                               },
        {"small page",                  PDF_INTAKE_page_size,      {.page = "/MediaBox[0 0 5 8]"}                                                                          },
        {"cropped page",                PDF_INTAKE_page_cropped,   {.page = "/CropBox[0 0 300 842]"}                                                                       },
        {"standard font",
         PDF_INTAKE_font_not_embedded,                             {.resources = "/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"}                            },
        {"composite font without file",
         PDF_INTAKE_font_not_embedded,                             {.resources = "/Font<</F1 5 0 R>>",
          .objects = {"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>",
                      "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/FontDescriptor 7 0 R>>",
                      "<</Type/FontDescriptor/FontName/STSong-Light/Flags 4>>"}}                                                     },
        {"web link",
         PDF_INTAKE_link,                                          {.page = "/Annots[<</Type/Annot/Subtype/Link/F 4/Rect[9 9 99 99]/A<</S/URI/URI(http://a.test/)>>>>]"}   },
        {"empty signature field",
         PDF_INTAKE_signature_field,                               {.catalog = "/AcroForm<</SigFlags 3/Fields[5 0 R]>>",
          .page = "/Annots[5 0 R]",
          .objects = {"<</Type/Annot/Subtype/Widget/FT/Sig/T(S)/Rect[9 9 99 99]/F 132>>"}}                                             },
};

static const struct {
    const char *name;
    struct parts parts;
} good[] = {
        {"plain",             {0}                                                                                            },
        {"text",              {.content = TEXT_CONTENT, .resources = FONT}                                                   },
        {"a font called JS",
         {.resources = "/Font<</JS 5 0 R/AF 5 0 R/EF 5 0 R/XFA 5 0 R/UR3 5 0 R>>",
          .objects = {"<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/CharProcs<<>>"
                      "/Encoding<</Differences[]>>/FirstChar 0/LastChar 0/Widths[0]>>"}}                                     },
        {"a form called JS",  {.resources = "/XObject<</JS 5 0 R/XFA 5 0 R>>", .objects = {FORM("")}}                        },
        {"opening at a page", {.catalog = "/OpenAction[3 0 R/Fit]"}                                                          },
        {"link within",       {.page = "/Annots[<</Type/Annot/Subtype/Link/F 4/Rect[9 9 99 99]/Dest[3 0 R/Fit]>>]"}          },
        {"next page",         {.page = "/Annots[<</Type/Annot/Subtype/Link/F 4/Rect[9 9 99 99]/A<</S/Named/N/NextPage>>>>]"} },
        {"field beside text",
         {.catalog = "/AcroForm<</Fields[5 0 R]>>",
          .page = "/Annots[5 0 R]",
          .content = TEXT_CONTENT,
          .resources = FONT,
          .objects = {"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[300 690 400 720]/F 4>>"}}                                },
        {"structure",         {.catalog = "/StructTreeRoot<</K<</S/Document/A<</O/Layout>>/P 5 0 R>>>>", .objects = {"<<>>"}}},
};

TEST(intake_finds_what_is_there)
{
    arena_init(&a, (size_t)1 << 30);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pdf_intake r = examined(build(&cases[i].parts, i % 2 ? MAKE_STREAM : MAKE_TABLE));
        ck_assert_msg(find(&r, cases[i].code) != NULL, "%s: no %s in: %s", cases[i].name,
                      pdf_intake_code_name(cases[i].code), all_of(&r));
        bool refuse = pdf_intake_severity(cases[i].code) == PDF_INTAKE_REFUSE;
        ck_assert_msg(r.acceptable == !refuse, "%s: %s", cases[i].name, all_of(&r));
    }
    arena_done(&a);
}

TEST(intake_leaves_ordinary_files_alone)
{
    arena_init(&a, (size_t)1 << 30);
    for (size_t i = 0; i < COUNT(good); i++) {
        for (int kind = MAKE_TABLE; kind <= MAKE_STREAM; kind++)
            check_clean(good[i].name, build(&good[i].parts, (enum make_kind)kind));
    }
    arena_done(&a);
}

TEST(intake_says_where)
{
    arena_init(&a, (size_t)1 << 30);
    const struct parts p = {
            .page = "/Annots[5 0 R]",
            .objects = {"<</Type/Annot/Subtype/Link/Rect[9 19 99 99]/A 6 0 R>>", "<</S/JavaScript/JS(1)>>"}
    };
    struct pdf_intake r = examined(build(&p, MAKE_TABLE));
    const struct pdf_intake_finding *f = find(&r, PDF_INTAKE_javascript);
    ck_assert(f && f->page == 1 && f->has_rect && f->object && !f->in_original);
    ck_assert(f->rect.x > 8.9 && f->rect.x < 9.1 && f->rect.h > 79.9 && f->rect.h < 80.1);
    arena_done(&a);
}

TEST(intake_of_each_code_has_words)
{
    arena_init(&a, (size_t)1 << 24);
    for (int code = 0; code < PDF_INTAKE__COUNT; code++) {
        struct sv key = arena_printf(&a, "pdf.intake.%s", pdf_intake_code_name((enum pdf_intake_code)code));
        ck_assert_msg(text_has(TEXT_ZH_CN, key) && text_has(TEXT_EN, key), "%.*s", SV_ARG(key));
    }
    arena_done(&a);
}

/* ---- the file as it came ---- */

static void check_original(const char *name, struct sv bytes, enum pdf_intake_code code)
{
    struct pdf_intake r = examined(bytes);
    const struct pdf_intake_finding *f = find(&r, code);
    ck_assert_msg(f != NULL, "%s: no %s in: %s", name, pdf_intake_code_name(code), all_of(&r));
    ck_assert_msg(f->in_original, "%s", name);
}

/* text right before the last cross-reference table of a MAKE_TABLE file, whose offset moves. */
static struct sv inserted(struct sv file, const char *text)
{
    size_t at = sv_find(file, SV("\nxref\n")) + 1, start = sv_find(file, SV("startxref"));
    return arena_printf(&a, "%.*s%s%.*sstartxref\n%zu\n%%%%EOF\n", (int)at, file.p, text, (int)(start - at),
                        file.p + at, at + strlen(text));
}

TEST(intake_reports_preparations_in_the_original)
{
    arena_init(&a, (size_t)1 << 30);
    const struct parts plain = {.content = TEXT_CONTENT, .resources = FONT};
    struct sv base = build(&plain, MAKE_TABLE);
    const uint32_t content = 4;
    struct sv other = make_stream(&a, SV(""), SV("BT /F1 12 Tf 100 700 Td (Wage 1) Tj ET"));
    struct sv listed = arena_printf(&a, "%.*s\n", SV_ARG(other));
    struct sv twice = inserted(base, arena_printf(&a, "4 0 obj\n%.*sendobj\n", SV_ARG(listed)).p);
    check_original("object twice", twice, PDF_INTAKE_object_twice);
    struct sv hidden = inserted(base, arena_printf(&a, "77 0 obj\n%.*sendobj\n", SV_ARG(listed)).p);
    check_original("object unlisted", hidden, PDF_INTAKE_object_unlisted);
    check_original("revisions", make_update(&a, base, &content, &other, 1), PDF_INTAKE_revisions);
    check_original("bytes behind", arena_printf(&a, "%.*smore", SV_ARG(base)), PDF_INTAKE_trailing_bytes);
    const struct parts unused = {
            .objects = {"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
                        "<</Length 34>>\nstream\nBT /F1 12 Tf 9 9 Td (Wage 1) Tj ET\n\nendstream", "<</Nothing true>>"}
    };
    for (int kind = MAKE_TABLE; kind <= MAKE_STREAM; kind++) {
        struct sv file = build(&unused, (enum make_kind)kind);
        check_original("unused page", file, PDF_INTAKE_unused_page);
        check_original("unused content", file, PDF_INTAKE_unused_content);
        check_original("unused object", file, PDF_INTAKE_unused_objects);
        struct pdf_intake r = examined(file);
        ck_assert(sv_find(r.normalised, SV("Nothing")) == SIZE_MAX); /* dropped */
    }
    arena_done(&a);
}

TEST(intake_refuses_a_removed_signature)
{
    arena_init(&a, (size_t)1 << 30);
    const struct parts whole = {.objects = {"<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 1 2 3]/Contents<00>>>"}};
    const struct parts odd = {.objects = {"<</Byte#52ange 77>>"}};
    struct sv plain = build(&(struct parts){0}, MAKE_TABLE);
    for (int kind = MAKE_TABLE; kind <= MAKE_STREAM; kind++) {
        check_original("removed signature", build(&whole, (enum make_kind)kind), PDF_INTAKE_signed_already);
        if (kind == MAKE_TABLE)
            check_original("part of a signature", build(&odd, (enum make_kind)kind), PDF_INTAKE_signed_already);
    }
    check_original("remains of a signature", inserted(plain, "9 0 obj\n<</ByteRange[0 1 2 3]/Contents<00"),
                   PDF_INTAKE_signed_already);
    check_original("remains in a damaged file",
                   make_patched(&a, inserted(plain, "9 0 obj\n<</ByteRange[0 1 2 3]/Contents<00"), SV("startxref"),
                                SV("startxxxx")),
                   PDF_INTAKE_signed_already);
    arena_done(&a);
}

TEST(intake_refuses_keys_written_twice)
{
    arena_init(&a, (size_t)1 << 30);
    const struct parts p = {.page = "/Rotate 0/Rotate 180"};
    check_original("key twice", build(&p, MAKE_TABLE), PDF_INTAKE_duplicate_keys);
    arena_done(&a);
}

TEST(intake_repairs_and_says_so)
{
    arena_init(&a, (size_t)1 << 30);
    struct sv base = build(&(struct parts){0}, MAKE_TABLE);
    struct pdf_intake r = examined(make_patched(&a, base, SV("startxref"), SV("startxxxx")));
    ck_assert(find(&r, PDF_INTAKE_repaired) && r.pages == 1 && r.acceptable);
    arena_done(&a);
}

/* ---- the normalised document ---- */

TEST(intake_normalises)
{
    arena_init(&a, (size_t)1 << 30);
    const struct parts p = {.content = TEXT_CONTENT, .resources = FONT};
    const uint32_t content = 4;
    struct sv other = make_stream(&a, SV(""), SV(TEXT_CONTENT " 0 0 m 9 9 l S"));
    struct sv file = make_update(&a, build(&p, MAKE_TABLE), &content, &other, 1);
    struct pdf_intake r = examined(file), again = examined(file);
    ASSERT_SV(again.normalised, r.normalised);
    struct pdf_intake twice = examined(r.normalised);
    ck_assert_msg(twice.revisions == 1 && twice.n == 0, "%s", all_of(&twice));
    CLEANUP(doc_close) struct doc d = {0};
    ck_assert(doc_open(&d, r.normalised) && d.sections_n == 1 && !d.sections[0].is_stream);
    struct sv output;
    const char *path = test_file(&a, "n.pdf", r.normalised);
    ck_assert_int_eq(test_run(&a, &output, "qpdf --check %s", path), 0);
    arena_done(&a);
}

TEST(intake_refuses_encryption)
{
    arena_init(&a, (size_t)1 << 30);
    struct sv output;
    const char *in = test_file(&a, "plain.pdf", make_plain(&a, MAKE_TABLE));
    for (int user = 0; user < 2; user++) {
        const char *out = path_join(&a, test_folder(&a), "e.pdf");
        ck_assert_int_eq(test_run(&a, &output, "qpdf --encrypt '%s' owner 256 -- %s %s", user ? "u" : "", in, out), 0);
        struct pdf_intake r = examined(test_read(&a, out));
        ck_assert(!r.acceptable && find(&r, PDF_INTAKE_encrypted) && !r.normalised.n);
    }
    arena_done(&a);
}

/* ---- hostile files ---- */

static struct sv deflated(size_t n)
{
    char *zeros = arena_alloc(&a, n);
    uLongf size = compressBound(n);
    unsigned char *out = arena_alloc(&a, size);
    ck_assert_int_eq(compress2(out, &size, (const unsigned char *)zeros, n, 9), Z_OK);
    return sv_of(out, size);
}

static struct sv bomb(const char *dict, size_t n)
{
    struct sv data = deflated(n);
    struct sv head = arena_printf(&a, "<<%s/Filter/FlateDecode/Length %zu>>\nstream\n", dict, data.n);
    return arena_concat(&a, arena_concat(&a, head, data), SV("\nendstream"));
}

static struct sv with_bodies(const struct sv *more, size_t n, const char *catalog)
{
    struct sv bodies[16];
    const struct parts p = {0};
    (void)p;
    bodies[0] = arena_printf(&a, "<</Type/Catalog/Pages 2 0 R%s>>", catalog);
    bodies[1] = SV("<</Type/Pages/Kids[3 0 R]/Count 1>>");
    bodies[2] = SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 4 0 R 4 0 R 4 0 R]/Resources<<>>>>");
    memcpy(bodies + 3, more, n * sizeof(*more));
    return make_pdf(&a, MAKE_TABLE, bodies, n + 3);
}

/* Any answer will do, but soon. */
static void survives(const char *name, struct sv bytes, bool must_fail)
{
    struct err e = ERR_INIT;
    struct pdf_intake r;
    const struct pdf_intake_options o = {.timeout_ms = 4000};
    int64_t from = clock_monotonic_us();
    bool ok = pdf_intake(&a, bytes, &o, &r, &e);
    int64_t took = (clock_monotonic_us() - from) / 1000;
    ck_assert_msg(took < 15000, "%s took %lld ms", name, (long long)took);
    ck_assert_msg(!must_fail || !ok, "%s was accepted: %s", name, ok ? all_of(&r) : "");
    ck_assert_msg(ok || e.code == ERR_BAD_INPUT || e.code == ERR_TOO_LARGE, "%s: %s", name, e.msg);
}

static struct sv nested(const char *open, const char *close, size_t n)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 26);
    for (size_t i = 0; i < n; i++)
        buf_add(&b, sv_from(open));
    for (size_t i = 0; i < n; i++)
        buf_add(&b, sv_from(close));
    return arena_sv(&a, buf_sv(&b));
}

/* A page tree as deep as the file is long: readers that recurse run out of stack. */
static struct sv deep_tree(size_t depth)
{
    struct sv *bodies = arena_array(&a, struct sv, depth + 2);
    bodies[0] = SV("<</Type/Catalog/Pages 2 0 R>>");
    for (size_t i = 1; i <= depth; i++)
        bodies[i] = arena_printf(&a, "<</Type/Pages/Count 1/Kids[%zu 0 R]>>", i + 2);
    bodies[depth + 1] = SV("<</Type/Page/MediaBox[0 0 595 842]>>");
    return make_pdf(&a, MAKE_TABLE, bodies, depth + 2);
}

TEST(intake_stands_hostile_files)
{
    arena_init(&a, (size_t)3 << 30);
    survives("empty", SV(""), true);
    survives("no PDF", SV("hello"), true);
    survives("header alone", SV("%PDF-1.7\n"), true);
    struct sv content = bomb("", (size_t)200 << 20);
    survives("content that swells", with_bodies(&content, 1, ""), false);
    struct sv packed[] = {SV("null"), bomb("/Type/ObjStm/N 1/First 4", (size_t)200 << 20)};
    survives("object stream that swells", with_bodies(packed, 2, ""), false);
    struct sv arrays[] = {SV("null"), nested("[", "]", 200000)};
    survives("deep arrays", with_bodies(arrays, 2, "/X 5 0 R"), false);
    struct sv dicts[] = {SV("null"), nested("<</A", " 1>>", 400)};
    survives("deep dictionaries", with_bodies(dicts, 2, "/X 5 0 R"), false);
    survives("deep page tree", deep_tree(150000), true);
    const struct parts cycle = {
            .catalog = "/OpenAction 5 0 R", .objects = {"<</S/GoTo/D[3 0 R/Fit]/Next 6 0 R>>", "[5 0 R 6 0 R 6 0 R]"}
    };
    survives("cycle of actions", build(&cycle, MAKE_TABLE), false);
    const struct parts laughs = {
            .content = "/A Do /A Do /A Do /A Do /A Do /A Do /A Do /A Do",
            .resources = "/XObject<</A 5 0 R>>",
            .objects = {"<</Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A 5 0 R>>>>/Length 47>>"
                        "\nstream\n/A Do /A Do /A Do /A Do /A Do /A Do /A Do /A Do\nendstream"}};
    survives("forms within forms", build(&laughs, MAKE_TABLE), false);
    const struct parts self = {.catalog = "/Names<</JavaScript 5 0 R>>", .objects = {"<</Kids[5 0 R 5 0 R]>>"}};
    survives("tree that contains itself", build(&self, MAKE_TABLE), false);
    arena_done(&a);
}

TEST(intake_refuses_what_is_too_large)
{
    arena_init(&a, (size_t)1 << 26);
    struct err e = ERR_INIT;
    struct pdf_intake r;
    const struct pdf_intake_options o = {.max_bytes = 500};
    ck_assert(!pdf_intake(&a, build(&(struct parts){0}, MAKE_TABLE), &o, &r, &e));
    ASSERT_SV(sv_from(e.reason), SV("pdf_intake_too_large"));
    arena_done(&a);
}
