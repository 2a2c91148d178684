/* Later revisions by the rules of the comparison: each case is an update behind a signed file, judged after an approval
 * signature and after certifications of level 1, 2 and 3. Lines of a case replace a piece of an object's text, or
 * define a new object. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "pdf/diff_priv.h"
#include "pdf/test_make.h"
#include "pdf/test_pki.h"

#define FORM_STREAM "/Type/XObject/Subtype/Form/BBox[0 0 100 20]/Resources<</Font<</F1 8 0 R>>>>|"
#define SHOWS(text) "stream:" FORM_STREAM "/Tx BMC BT /F1 12 Tf 2 5 Td (" text ") Tj ET EMC"

/* A tagged form of two pages, with a link and a note on the second. */
static struct sv make_base(struct arena *a, enum make_kind kind)
{
    struct sv bodies[] = {
            SV("<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R/Metadata 20 0 R/StructTreeRoot 21 0 R/Outlines 29 0 R>>"),
            SV("<</Type/Pages/Kids[4 0 R 5 0 R]/Count 2>>"),
            SV("<</Fields[10 0 R 11 0 R 12 0 R 13 0 R 17 0 R 26 0 R 27 0 R 31 0 R]/DA(/F1 0 Tf)/DR<</Font<</F1 8 0 "
               "R>>>>>>"),
            SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 6 0 R/Resources<</Font<</F1 8 0 R>>>>"
               "/Annots 9 0 R/StructParents 0>>"),
            SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 7 0 R/Resources<</Font<</F1 8 0 R>>>>"
               "/Annots[18 0 R 19 0 R 28 0 R]>>"),
            make_stream(a, SV(""), SV("BT /F1 24 Tf 72 700 Td (Labour contract) Tj ET")),
            make_stream(a, SV(""), SV("BT /F1 24 Tf 72 700 Td (Page two) Tj ET")),
            SV("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"),
            SV("[10 0 R 11 0 R 12 0 R 16 0 R 17 0 R 26 0 R 30 0 R 31 0 R]"),
            SV("<</Type/Annot/Subtype/Widget/FT/Sig/T(Lock)/Rect[0 0 0 0]/P 4 0 R/F 132>>"),
            SV("<</Type/Annot/Subtype/Widget/FT/Tx/T(Name)/Rect[72 500 172 520]/P 4 0 R/F 4/AP<</N 14 0 R>>"
               "/StructParent 1>>"),
            SV("<</Type/Annot/Subtype/Widget/FT/Btn/T(Agree)/Rect[72 400 92 420]/P 4 0 R/F 4/AS/Off"
               "/AP<</N<</Yes 15 0 R>>>>>>"),
            SV("<</FT/Tx/T(Pay)/Kids[16 0 R]>>"),
            make_stream(a, SV("/Type/XObject/Subtype/Form/BBox[0 0 100 20]"), SV("/Tx BMC EMC")),
            make_stream(a, SV("/Type/XObject/Subtype/Form/BBox[0 0 20 20]"), SV("0 0 m 20 20 l S")),
            SV("<</Type/Annot/Subtype/Widget/Parent 13 0 R/Rect[72 300 172 320]/P 4 0 R/F 4>>"),
            SV("<</Type/Annot/Subtype/Widget/FT/Sig/T(Worker)/Rect[72 100 242 185]/P 4 0 R/F 132>>"),
            SV("<</Type/Annot/Subtype/Link/Rect[72 72 100 100]/Border[0 0 0]/Dest[4 0 R/Fit]>>"),
            SV("<</Type/Annot/Subtype/Text/Rect[300 72 320 92]/Contents(note)/P 5 0 R/Popup 28 0 R>>"),
            make_stream(a, SV("/Type/Metadata/Subtype/XML"),
                        SV("<x:xmpmeta xmlns:x='adobe:ns:meta/'><a/></x:xmpmeta>")),
            SV("<</Type/StructTreeRoot/K 22 0 R/ParentTree 23 0 R/ParentTreeNextKey 2>>"),
            SV("<</Type/StructElem/S/Document/P 21 0 R/K[24 0 R 25 0 R]>>"),
            SV("<</Nums[0[24 0 R]1 25 0 R]>>"),
            SV("<</Type/StructElem/S/P/P 22 0 R/Pg 4 0 R/K 0>>"),
            SV("<</Type/StructElem/S/Form/P 22 0 R/Pg 4 0 R/K<</Type/OBJR/Obj 11 0 R>>>>"),
            SV("<</Type/Annot/Subtype/Widget/FT/Ch/Ff 131072/T(City)/Opt[[(310000)(Shanghai)][(110000)(Beijing)]]"
               "/Rect[72 200 172 220]/P 4 0 R/F 4>>"),
            SV("<</FT/Sig/T(Stamp)/Kids[30 0 R]>>"),
            SV("<</Type/Annot/Subtype/Popup/Rect[330 72 430 122]/Parent 19 0 R>>"),
            SV("<</Type/Outlines/First 32 0 R/Last 32 0 R/Count 1>>"),
            SV("<</Type/Annot/Subtype/Widget/Parent 27 0 R/Rect[0 0 0 0]/P 4 0 R/F 132>>"),
            SV("<</Type/Annot/Subtype/Widget/FT/Btn/Ff 65537/T(Seam1)/Rect[575 300 595 420]/P 4 0 R/F 132>>"),
            SV("<</Title(One)/Parent 29 0 R/Dest[4 0 R/Fit]>>"),
            SV("(used by nobody)"),
    };
    return make_pdf(a, kind, bodies, COUNT(bodies));
}

struct edit {
    uint32_t num;
    const char *from; /* "": the whole object */
    const char *to;   /* "stream:dictionary|data" for streams */
};
struct diff_case {
    const char *name;
    const char *want; /* approval, P 1, P 2, P 3: E = INTACT_EXTENDED, C = CHANGED, B = BROKEN or worse than CHANGED */
    struct edit edits[6];
};

static struct sv edited(struct arena *a, struct doc *d, const struct edit *e)
{
    struct sv to = sv_from(e->to);
    if (sv_starts(to, SV("stream:"))) {
        struct sv rest = sv_skip(to, 7), dict = sv_cut(&rest, '|');
        return make_stream(a, dict, rest);
    }
    if (!e->from[0])
        return to;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    obj_write(&b, doc_object(d, e->num, 0));
    struct sv was = buf_sv(&b), from = sv_from(e->from);
    size_t at = sv_find(was, from);
    ck_assert_msg(at != SIZE_MAX, "object %u has no %s: %.*s", e->num, e->from, SV_ARG(was));
    return arena_printf(a, "%.*s%.*s%.*s", (int)at, was.p, SV_ARG(to), SV_ARG(sv_skip(was, at + from.n)));
}

static struct sv updated(struct arena *a, struct sv base, const struct edit *edits)
{
    struct doc d;
    uint32_t nums[6];
    struct sv bodies[6];
    size_t n = 0;
    ck_assert(doc_open(&d, base));
    for (; n < 6 && edits[n].num; n++) {
        nums[n] = edits[n].num;
        bodies[n] = edited(a, &d, &edits[n]);
    }
    doc_close(&d);
    return make_update(a, base, nums, bodies, n);
}

static bool as_wanted(enum pdf_integrity is, char want)
{
    return want == 'E' ? is == PDF_INTACT_EXTENDED : want == 'C' ? is == PDF_CHANGED : is < PDF_CHANGED;
}

static void run_cases(const struct diff_case *cases, size_t n)
{
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    const struct test_pki *p = test_pki(KEY_P256);
    CLEANUP(buf_done) struct buf wrong;
    buf_init(&wrong, 1 << 20);
    for (int level = 0; level < 4; level++) {
        struct sv base = test_sign(
                &a, p, make_base(&a, MAKE_TABLE),
                &(struct pdf_sign_options){.field = SV("Lock"), .certify = level, .signing_at = TEST_AT}, false);
        for (size_t i = 0; i < n; i++) {
            struct pdf_report r = test_verify(&a, p, updated(&a, base, cases[i].edits));
            if (!as_wanted(r.integrity, cases[i].want[level]))
                buf_printf(&wrong, "\n%s, level %d: want %c: %.*s", cases[i].name, level, cases[i].want[level],
                           SV_ARG(test_report(&a, &r)));
        }
    }
    ck_assert_msg(wrong.n == 0, "%.*s", SV_ARG(buf_sv(&wrong)));
    arena_done(&a);
}

/* clang-format off */
static const struct diff_case form_cases[] = {
        {"text filled", "ECEE", {{11, "/AP <</N 14 0 R>>", "/AP<</N 60 0 R>>/V(Zhang)"}, {60, "", SHOWS("Zhang")}}},
        {"look in place", "ECEE", {{11, "/F 4", "/F 4/V(Zhang)"}, {14, "", SHOWS("Zhang")}}},
        {"look differs", "CCCC", {{11, "/AP <</N 14 0 R>>", "/AP<</N 60 0 R>>/V(Zhang)"}, {60, "", SHOWS("Wang")}}},
        {"look without value", "CCCC", {{11, "/AP <</N 14 0 R>>", "/AP<</N 60 0 R>>"}, {60, "", SHOWS("Wang")}}},
        {"value without look", "ECEE", {{11, "/F 4", "/F 4/V(Zhang)"}}},
        {"value is an action", "CCCC", {{11, "/F 4", "/F 4/V<</S/JavaScript/JS(x)>>"}}},
        {"field got an action", "CCCC", {{11, "/F 4", "/F 4/V(Z)/AA<</K<</S/JavaScript/JS(x)>>>>"}}},
        {"field moved", "CCCC", {{11, "[72 500 172 520]", "[72 700 172 720]"}}},
        {"field renamed", "CCCC", {{11, "(Name)", "(Nome)"}}},
        {"look is an image", "CCCC",
         {{11, "/AP <</N 14 0 R>>", "/AP<</N 60 0 R>>/V(Zhang)"},
          {60, "", "stream:/Subtype/Form/BBox[0 0 100 20]/Resources<</XObject<</I 61 0 R>>/Font<</F1 8 0 R>>>>"
                   "|/I Do BT /F1 12 Tf (Zhang) Tj ET"},
          {61, "", "stream:/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray|0"}}},
        {"look is a page", "CCCC",
         {{11, "/AP <</N 14 0 R>>", "/AP<</N 60 0 R>>/V(Z)"},
          {60, "", "stream:/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F1 8 0 R>>>>|BT /F1 12 Tf (Z) Tj ET"}}},
        {"look in unknown font", "ECEE",
         {{11, "/AP <</N 14 0 R>>", "/AP<</N 60 0 R>>/V(Z)"},
          {60, "", "stream:/Subtype/Form/BBox[0 0 100 20]/Resources<</Font<</F1<</Subtype/Type3>>>>>>|BT /F1 9 Tf (1) Tj ET"}}},
        {"kid filled", "ECEE",
         {{13, "/FT", "/V(5000)/FT"}, {16, "/F 4", "/F 4/AP<</N 60 0 R>>"}, {60, "", SHOWS("5000")}}},
        {"kid filled wrongly", "CCCC",
         {{13, "/FT", "/V(5000)/FT"}, {16, "/F 4", "/F 4/AP<</N 60 0 R>>"}, {60, "", SHOWS("1")}}},
        {"kid removed", "CCCC", {{13, "[16 0 R]", "[]"}}},
        {"kid added", "CCCC",
         {{13, "[16 0 R]", "[16 0 R 60 0 R]"}, {60, "", "<</Subtype/Widget/Parent 13 0 R/Rect[9 9 99 99]/P 4 0 R>>"}}},
        {"kids of null", "CCCC", {{11, "/F 4", "/F 4/Kids null"}}},
        {"no kids", "CCCC", {{11, "/F 4", "/F 4/Kids[]"}}},
        {"field became another kind", "CCCC", {{11, "/FT /Tx", "/FT/Sig"}}},
        {"signature field below another", "CCCC",
         {{13, "[16 0 R]", "[16 0 R 60 0 R]"},
          {60, "", "<</Subtype/Widget/FT/Sig/T(New)/Parent 13 0 R/Rect[0 0 0 0]/P 4 0 R>>"}}},
        {"signature that is a list", "BBBB", {{27, "/FT", "/V 60 0 R/FT"}, {60, "", "[1 2]"}}},
        {"checked", "ECEE", {{12, "/AS /Off", "/AS/Yes/V/Yes"}}},
        {"checked to nothing", "CCCC", {{12, "/AS /Off", "/AS/Evil/V/Evil"}}},
        {"check mark is a text", "CCCC",
         {{12, "/AS /Off", "/AS/Yes/V/Yes"}, {15, "", SHOWS("the pay is 1")}}},
        {"choice", "ECEE",
         {{26, "/F 4", "/F 4/V(310000)/AP<</N 60 0 R>>"}, {60, "", SHOWS("Shanghai")}}},
        {"choice shows another", "CCCC",
         {{26, "/F 4", "/F 4/V(310000)/AP<</N 60 0 R>>"}, {60, "", SHOWS("Beijing")}}},
        {"field removed", "CCCC", {{3, "10 0 R 11 0 R", "10 0 R"}}},
        {"text field added", "CCCC",
         {{3, "27 0 R", "27 0 R 60 0 R"}, {9, "17 0 R", "17 0 R 60 0 R"},
          {60, "", "<</Subtype/Widget/FT/Tx/T(New)/Rect[9 9 99 99]/P 4 0 R/F 4>>"}}},
        {"empty signature field added", "ECEE",
         {{3, "27 0 R", "27 0 R 60 0 R"}, {9, "17 0 R", "17 0 R 60 0 R"},
          {60, "", "<</Subtype/Widget/FT/Sig/T(New)/Rect[0 0 0 0]/P 4 0 R/F 132>>"}}},
        {"visible signature field added", "ECCC",
         {{3, "27 0 R", "27 0 R 60 0 R"}, {9, "17 0 R", "17 0 R 60 0 R"},
          {60, "", "<</Subtype/Widget/FT/Sig/T(New)/Rect[9 9 99 99]/P 4 0 R/F 132>>"}}},
        {"field with a taken name", "CCCC",
         {{3, "27 0 R", "27 0 R 60 0 R"}, {60, "", "<</Subtype/Widget/FT/Sig/T(Worker)/Rect[0 0 0 0]/P 4 0 R/F 132>>"}}},
        {"font replaced for a field", "CCCC", {{8, "Helvetica", "Courier"}}},
        {"default font added", "ECEE",
         {{3, "/F1 8 0 R", "/F1 8 0 R/F2 60 0 R"}, {60, "", "<</Type/Font/Subtype/Type1/BaseFont/Courier>>"}}},
        {"needs appearances", "ECEE", {{3, "/DA", "/NeedAppearances true/DA"}}},
        {"XFA added", "CCCC", {{3, "/DA", "/XFA(x)/DA"}}},
        {"picture on a button", "ECCC", {{31, "/F 132", "/F 132/AP<</N 60 0 R>>"}, {60, "", SHOWS("x")}}},
        {"signature field filled by hand", "BBBB", {{17, "/F 132", "/F 132/V 60 0 R"}, {60, "", "<</Type/Sig>>"}}},
        {"look of an empty signature field", "CCCC", {{17, "/F 132", "/F 132/AP<</N 60 0 R>>"}, {60, "", SHOWS("x")}}},
        {"flags of an empty signature field", "CCCC", {{17, "/F 132", "/F 2"}}},
};

static const struct diff_case page_cases[] = {
        {"note added", "ECCE",
         {{9, "17 0 R", "17 0 R 60 0 R"}, {60, "", "<</Type/Annot/Subtype/Text/Rect[9 9 29 29]/Contents(x)/P 4 0 R>>"}}},
        {"note added on a page with direct list", "ECCE",
         {{5, "19 0 R", "19 0 R 60 0 R"}, {60, "", "<</Type/Annot/Subtype/Text/Rect[9 9 29 29]/Contents(x)/P 5 0 R>>"}}},
        {"list of annotations moved", "EEEE", {{5, "[18 0 R 19 0 R 28 0 R]", "60 0 R"}, {60, "", "[18 0 R 19 0 R 28 0 R]"}}},
        {"note changed", "ECCE", {{19, "(note)", "(other note)"}}},
        {"note removed", "ECCE", {{5, "18 0 R 19 0 R 28 0 R", "18 0 R"}}},
        {"free text beside the text", "ECCE",
         {{9, "17 0 R", "17 0 R 60 0 R"}, {60, "", "<</Subtype/FreeText/Rect[9 600 60 640]/Contents(x)/P 4 0 R>>"}}},
        {"free text over the text", "ECCC",
         {{9, "17 0 R", "17 0 R 60 0 R"}, {60, "", "<</Subtype/FreeText/Rect[150 690 200 720]/Contents(x)/P 4 0 R>>"}}},
        {"stamp over the text", "ECCC",
         {{9, "17 0 R", "17 0 R 60 0 R"}, {60, "", "<</Subtype/Stamp/Rect[0 0 595 842]/P 4 0 R>>"}}},
        {"link got a script", "CCCC", {{18, "/Dest [4 0 R /Fit]", "/A<</S/JavaScript/JS(x)>>"}}},
        {"link leads elsewhere", "ECCE", {{18, "/Dest [4 0 R /Fit]", "/Dest[5 0 R/Fit]"}}},
        {"launching annotation", "CCCC",
         {{9, "17 0 R", "17 0 R 60 0 R"}, {60, "", "<</Subtype/Link/Rect[9 9 29 29]/A<</S/Launch/F(x)>>>>"}}},
        {"old object as annotation", "CCCC", {{9, "17 0 R", "17 0 R 24 0 R"}}},
        {"widget without a field", "CCCC",
         {{9, "17 0 R", "17 0 R 60 0 R"}, {60, "", "<</Subtype/Widget/FT/Tx/T(x)/Rect[9 9 99 99]>>"}}},
        {"widget taken off its page", "CCCC", {{9, "11 0 R 12 0 R", "12 0 R"}}},
        {"order of fields", "ECCE", {{4, "/Parent", "/Tabs/S/Parent"}}},
        {"contents", "CCCC", {{4, "6 0 R", "60 0 R"}, {60, "", "stream:|BT ET"}}},
        {"contents in place", "CCCC", {{6, "", "stream:|BT ET"}}},
        {"resources", "CCCC", {{4, "8 0 R", "60 0 R"}, {60, "", "<</Type/Font/Subtype/Type1/BaseFont/Courier>>"}}},
        {"crop box", "CCCC", {{4, "/Parent", "/CropBox[0 0 9 9]/Parent"}}},
        {"page gone", "CCCC", {{2, "4 0 R 5 0 R", "4 0 R"}}},
        {"outline target", "CCCC", {{32, "4 0 R", "5 0 R"}}},
        {"open action", "CCCC", {{1, "/Pages", "/OpenAction[5 0 R/Fit]/Pages"}}},
        {"names", "CCCC", {{1, "/Pages", "/Names<</EmbeddedFiles<</Names[]>>>>/Pages"}}},
        {"layers", "CCCC", {{1, "/Pages", "/OCProperties<</OCGs[]>>/Pages"}}},
        {"version raised", "EEEE", {{1, "/Pages", "/Version/2.0/Pages"}}},
        {"version of nonsense", "CCCC", {{1, "/Pages", "/Version/x/Pages"}}},
        {"metadata", "EEEE", {{20, "", "stream:/Type/Metadata/Subtype/XML|<?xpacket begin=''?><a b='1'>x &amp; &#65;<c/></a>"}}},
        {"metadata broken", "CCCC", {{20, "", "stream:/Type/Metadata/Subtype/XML|<a><b></a></b>"}}},
        {"metadata with entity", "CCCC", {{20, "", "stream:/Type/Metadata/Subtype/XML|<!DOCTYPE a><a/>"}}},
        {"metadata removed", "CCCC", {{1, "/Metadata 20 0 R", ""}}},
        {"metadata of nonsense", "CCCC", {{20, "", "stream:/Type/Metadata/Subtype/XML|This is nothing"}}},
        {"metadata null", "CCCC", {{1, "/Metadata 20 0 R", "/Metadata 60 0 R"}, {60, "", "null"}}},
        {"unused number used again", "CCCC", {{33, "", "(other)"}}},
        {"unused number as information", "CCCC", {{1, "/Pages", "/DSS 33 0 R/Pages"}, {33, "", "<</Certs[]>>"}}},
        {"extensions", "EEEE", {{1, "<</ESIC", "<</ADBE<</BaseVersion/1.7/ExtensionLevel 8>>/ESIC"}}},
        {"nothing", "EEEE", {{60, "", "(nobody points here)"}}},
        {"page written again", "EEEE", {{4, "/StructParents 0", "/StructParents 0.0"}}},
        {"font moved", "CCCC",
         {{4, "8 0 R", "60 0 R"}, {60, "", "<</Encoding/WinAnsiEncoding/Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}}},
        {"font written directly", "EEEE",
         {{4, "8 0 R", "<</Encoding/WinAnsiEncoding/Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}}},
        {"private key of iText", "EEEE", {{2, "/Count", "/ITXT(2.1.7)/Count"}}},
        {"font moved but not the same", "CCCC",
         {{4, "8 0 R", "60 0 R"}, {60, "", "<</Encoding/MacRomanEncoding/Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}}},
};

static const struct diff_case struct_cases[] = {
        {"element for a new field", "ECEE",
         {{3, "27 0 R", "27 0 R 60 0 R"},
          {60, "", "<</Subtype/Widget/FT/Sig/T(New)/Rect[0 0 0 0]/P 4 0 R/F 132/StructParent 2>>"},
          {61, "", "<</Type/StructElem/S/Form/P 22 0 R/Pg 4 0 R/K<</Type/OBJR/Obj 60 0 R>>>>"},
          {22, "25 0 R", "25 0 R 61 0 R"}, {23, "1 25 0 R", "1 25 0 R 2 61 0 R"},
          {21, "/ParentTreeNextKey 2", "/ParentTreeNextKey 3"}}},
        {"element for old content", "CCCC",
         {{61, "", "<</Type/StructElem/S/P/P 22 0 R/Pg 4 0 R/K 0>>"}, {22, "25 0 R", "25 0 R 61 0 R"}}},
        {"element removed", "CCCC", {{22, "24 0 R 25 0 R", "25 0 R"}}},
        {"element replaced", "CCCC", {{24, "/S /P", "/S/H1/Alt(evil)"}}},
        {"parent tree entry replaced", "CCCC", {{23, "1 25 0 R", "1 24 0 R"}}},
        {"next key lowered", "CCCC", {{21, "/ParentTreeNextKey 2", "/ParentTreeNextKey 1"}}},
        {"structure tree removed", "CCCC", {{1, "/StructTreeRoot 21 0 R", ""}}},
};

static const struct diff_case dss_cases[] = {
        {"store added", "EEEE",
         {{1, "/Pages", "/DSS 60 0 R/Pages"}, {60, "", "<</Type/DSS/Certs[61 0 R]/CRLs[62 0 R]/VRI<</AB<</Cert[61 0 R]/TU(D:2026)>>>>>>"},
          {61, "", "stream:|0"}, {62, "", "stream:|1"}}},
        {"store with something else", "CCCC", {{1, "/Pages", "/DSS<</Certs[]/Fonts[8 0 R]>>/Pages"}}},
        {"old stream in the store", "CCCC", {{1, "/Pages", "/DSS<</Certs[6 0 R]>>/Pages"}}},
        {"font changed in the store", "CCCC", {{1, "/Pages", "/DSS<</Certs[8 0 R]>>/Pages"}, {8, "", "stream:|0"}}},
        {"image in the store", "CCCC", {{1, "/Pages", "/DSS<</Certs[60 0 R]>>/Pages"}, {60, "", "stream:/Type/XObject/Subtype/Image|0"}}},
        {"nothing but null in it", "CCCC", {{1, "/Pages", "/DSS<</Blah null>>/Pages"}}},
        {"entry that is none", "CCCC", {{1, "/Pages", "/DSS<</VRI<</AB(x)>>>>/Pages"}}},
        {"entry with more in it", "CCCC", {{1, "/Pages", "/DSS<</VRI<</AB<</Cert[]/AP 8 0 R>>>>>>/Pages"}}},
};
/* clang-format on */

TEST(diff_form_fields)
{
    run_cases(form_cases, COUNT(form_cases));
}

TEST(diff_pages_and_catalog)
{
    run_cases(page_cases, COUNT(page_cases));
}

TEST(diff_structure_tree)
{
    run_cases(struct_cases, COUNT(struct_cases));
}

TEST(diff_validation_data)
{
    run_cases(dss_cases, COUNT(dss_cases));
}

/* ---- locks and certifications ---- */

struct lock_case {
    const char *name;
    enum pdf_lock_action action;
    const char *field; /* of the lock */
    char want;         /* after filling the field Name */
};

TEST(diff_locked_fields)
{
    static const struct lock_case cases[] = {
            {"all",                       PDF_LOCK_ALL,     NULL,   'C'},
            {"this one",                  PDF_LOCK_INCLUDE, "Name", 'C'},
            {"another one",               PDF_LOCK_INCLUDE, "City", 'E'},
            {"another that begins alike", PDF_LOCK_INCLUDE, "Nam",  'E'},
            {"all but this one",          PDF_LOCK_EXCLUDE, "Name", 'E'},
            {"all but another one",       PDF_LOCK_EXCLUDE, "City", 'C'},
    };
    static const struct edit fill[6] = {
            {11, "/AP <</N 14 0 R>>", "/AP<</N 60 0 R>>/V(Zhang)"},
            {60, "",                  SHOWS("Zhang")             }
    };
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    const struct test_pki *p = test_pki(KEY_P256);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct sv name = sv_from(cases[i].field);
        const struct pdf_sign_options o = {
                .field = SV("Lock"),
                .signing_at = TEST_AT,
                .lock = {.action = cases[i].action, .fields = &name, .fields_n = cases[i].field ? 1 : 0}
        };
        struct sv base = test_sign(&a, p, make_base(&a, MAKE_TABLE), &o, false);
        struct pdf_report r = test_verify(&a, p, updated(&a, base, fill));
        ck_assert_msg(as_wanted(r.integrity, cases[i].want), "%s: %.*s", cases[i].name, SV_ARG(test_report(&a, &r)));
    }
    arena_done(&a);
}

/* ---- the bytes of updates by other programs ---- */

/* An update that replaces the information, with something between its parts. */
static struct sv update_around(struct arena *a, struct sv base, const char *before, const char *between,
                               const char *rows, const char *behind)
{
    size_t at = sv_find(sv_skip(base, base.n - 40), SV("startxref\n")) + base.n - 40 + 10;
    struct sv prev = sv_sub(base, at, sv_find_char(sv_skip(base, at), '\n'));
    struct sv head = arena_printf(a, "%.*s%s", SV_ARG(base), before);
    struct sv body = arena_printf(a, "%.*s80 0 obj\n<</Title(x)>>\nendobj\n%s", SV_ARG(head), between);
    return arena_printf(a,
                        "%.*sxref\n%s80 1\n%010zu 00000 n \ntrailer\n<</Root 1 0 R/Info 80 0 R/Size 90/Prev %.*s>>\n"
                        "%sstartxref\n%zu\n%%%%EOF\n",
                        SV_ARG(body), rows, head.n, SV_ARG(prev), behind, body.n);
}

TEST(diff_bytes_of_updates)
{
    static const struct {
        const char *name;
        enum pdf_integrity want;
        const char *before, *between, *rows, *behind;
    } cases[] = {
            {"plain",                         PDF_INTACT_EXTENDED, "",              "",                        "",                            ""                 },
            {"blank lines",                   PDF_INTACT_EXTENDED, "\r\n\n \n",     "\n\n",                    "",                            "\n"               },
            {"comment of a program",          PDF_INTACT_EXTENDED, "",              "",                        "",                            "%iText-5.5.13.3\n"},
            {"comment before objects",        PDF_INTACT_EXTENDED, "% made by x\n", "",                        "",                            ""                 },
            {"end of file twice",             PDF_INTACT_EXTENDED, "%%EOF\n",       "",                        "",                            ""                 },
            {"head of the free list",         PDF_INTACT_EXTENDED, "",              "",                        "0 1\n0000000000 65535 f \n",  ""                 },
            {"free row for an unused number", PDF_INTACT_EXTENDED, "",              "",                        "70 1\n0000000000 00001 f \n", ""                 },
            {"free row for a used number",    PDF_CHANGED,         "",              "",                        "8 1\n0000000000 00001 f \n",  ""                 },
            {"comment with an object",        PDF_CHANGED,         "",              "% 6 0 obj (x) endobj\n",  "",                            ""                 },
            {"end of file in the middle",     PDF_CHANGED,         "",              "%%EOF\n",                 "",                            ""                 },
            {"text",                          PDF_CHANGED,         "",              "hello\n",                 "",                            ""                 },
            {"object that is not listed",     PDF_CHANGED,         "",              "81 0 obj\n(x)\nendobj\n", "",                            ""                 },
            {"row twice",                     PDF_CHANGED,         "",              "",                        "80 1\n0000000009 00000 n \n", ""                 },
            {"row into the signed part",      PDF_CHANGED,         "",              "",                        "70 1\n0000000015 00000 n \n", ""                 },
    };
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv base =
            test_sign(&a, p, make_base(&a, MAKE_TABLE),
                      &(struct pdf_sign_options){.field = SV("Lock"), .certify = 1, .signing_at = TEST_AT}, false);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sv pdf = update_around(&a, base, cases[i].before, cases[i].between, cases[i].rows, cases[i].behind);
        struct pdf_report r = test_verify(&a, p, pdf);
        ck_assert_msg(r.integrity == cases[i].want, "%s: %.*s", cases[i].name, SV_ARG(test_report(&a, &r)));
    }
    arena_done(&a);
}

/* A hundred revisions behind a signature are compared one by one: a replaced font among them does not get lost, even
 * when a later revision puts it back. */
TEST(diff_hundred_revisions)
{
    static const struct edit replace[6] = {
            {8, "Helvetica", "Courier"}
    };
    static const struct edit put_back[6] = {
            {8, "Courier", "Helvetica"}
    };
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    const struct test_pki *p = test_pki(KEY_P256);
    struct sv pdf = test_sign(&a, p, make_base(&a, MAKE_TABLE),
                              &(struct pdf_sign_options){.field = SV("Lock"), .signing_at = TEST_AT}, false);
    for (uint32_t i = 0; i < 100; i++) {
        const struct edit add[6] = {
                {60 + i, "", "(new)"}
        };
        pdf = updated(&a, pdf, add);
    }
    struct pdf_report r = test_verify(&a, p, pdf);
    ck_assert_msg(r.integrity == PDF_INTACT_EXTENDED, "%.*s", SV_ARG(test_report(&a, &r)));
    pdf = updated(&a, updated(&a, pdf, replace), put_back);
    r = test_verify(&a, p, pdf);
    ck_assert_msg(r.integrity == PDF_CHANGED, "%.*s", SV_ARG(test_report(&a, &r)));
    arena_done(&a);
}

TEST(diff_metadata_is_checked)
{
    static const struct {
        const char *xml;
        bool want;
    } cases[] = {
            {"<a/>", true                          },
            {"\xEF\xBB\xBF<?xpacket begin='x'?>\n<a b=\"1\" c='2'><!-- no --><d>x &lt; "
             "&#x41;</d><![CDATA[<]]></a>\n<?x?>  ",       true},
            {"",      false                                  },
            {"text",      false},
            {"<a>",      false                                   },
            {"<a></b>",      false},
            {"<a/><b/>",      false                                  },
            {"<a b=1/>",      false},
            {"<a b='<'/>",      false                                },
            {"<a>&evil;</a>",      false},
            {"<!DOCTYPE a><a/>",      false                             },
            {"<a><!ENTITY x 'y'></a>",      false},
            {"<a>\xFF</a>",      false                                        },
            {"<a/>tail",      false},
            {"<a",      false                                              },
            {"<a b='",      false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(xml_is_plain(sv_from(cases[i].xml)) == cases[i].want, "%s", cases[i].xml);
}
