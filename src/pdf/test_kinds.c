/* Every kind of file, in and out: as many ways to write one document as the standard and common programs know. Each is
 * signed twice; the input stays a prefix, the new section is of the kind of the newest one, the verifier, qpdf and
 * poppler are content. What the signer refuses is signed by hand and verified. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "pdf/doc_priv.h"
#include "pdf/test_make.h"
#include "pdf/test_pki.h"

static const struct pdf_appearance square = {
        .content = SV_INIT("1 0 0 RG 2 w 1 1 98 48 re S 10 10 m 90 40 l S"), .width = 100, .height = 50};

/* ---- what must hold for each file ---- */

static void check_by_others(struct arena *a, struct sv pdf, const char *name, size_t signatures)
{
    struct sv out;
    const char *path = test_file(a, "kind.pdf", pdf);
    int code = test_run(a, &out, "qpdf --check %s", path);
    ck_assert_msg(code == 0 && sv_find(out, SV("WARNING")) == SIZE_MAX, "%s: %.*s", name, SV_ARG(out));
    code = test_run(a, &out, "pdfsig -nocert %s", path);
    size_t valid = 0;
    for (struct sv rest = out; rest.n;)
        valid += sv_find(sv_cut(&rest, '\n'), SV("Signature is Valid")) != SIZE_MAX;
    ck_assert_msg(code == 0 && valid == signatures && sv_find(out, SV("Total document signed")) != SIZE_MAX, "%s: %.*s",
                  name, SV_ARG(out));
}

static void check_intact(struct arena *a, struct sv pdf, const char *name, size_t signatures)
{
    struct pdf_report r = test_verify(a, test_pki(KEY_P256), pdf);
    ck_assert_msg(r.integrity == PDF_INTACT && r.verdict == PDF_VALID && r.signatures_n == signatures, "%s: %.*s", name,
                  SV_ARG(test_report(a, &r)));
}

static void same_kind(struct sv before, struct sv after, const char *name)
{
    struct doc x, y;
    ck_assert_msg(doc_open(&x, before) && doc_open(&y, after), "%s", name);
    ck_assert_msg(x.sections[0].is_stream == y.sections[0].is_stream && !y.sections[0].hybrid, "%s", name);
    ck_assert_msg(y.sections_n == x.sections_n + 1 && y.size >= x.size, "%s", name);
    doc_close(&x);
    doc_close(&y);
}

static struct sv add_signature(struct arena *a, struct sv in, const char *name, bool visible)
{
    const struct test_pki *p = test_pki(KEY_P256);
    struct pdf_sign_options o = {.signing_at = TEST_AT, .reason = SV("同意")};
    if (visible) {
        o.rect = (struct pdf_rect){100, 100, 90, 45};
        o.appearance = &square;
    }
    struct sv out = test_sign(a, p, in, &o, false);
    ck_assert_msg(sv_starts(out, in), "%s", name);
    same_kind(in, out, name);
    return out;
}

static void signed_twice(struct arena *a, struct sv base, const char *name)
{
    struct sv pdf = add_signature(a, add_signature(a, base, name, false), name, true);
    check_intact(a, pdf, name, 2);
    check_by_others(a, pdf, name, 2);
}

/* ---- tables, with every liberty ---- */

struct layout {
    const char *name;
    const char *eol, *entry_end; /* NULL: "\n" and " \n" */
    const char *junk;            /* before the header */
    bool from_header;            /* offsets count from there */
    unsigned first;              /* number of the table's first entry; 1 is a slip */
    int shift;                   /* of startxref */
    const char *before_xref;     /* stands there, and startxref points to it */
    const char *in_trailer, *tail, *behind_stream;
    const char *endobj;    /* NULL: the word */
    const char *start_eol; /* behind the word startxref */
    int size;              /* added to /Size */
};

static const char *or_else(const char *s, const char *otherwise)
{
    return s ? s : otherwise;
}

static void add_body(struct buf *b, const struct layout *l, struct sv body)
{
    static const struct sv word = SV_INIT("stream\n");
    size_t at = l->behind_stream ? sv_find(body, word) : SIZE_MAX;
    if (at == SIZE_MAX) {
        buf_add(b, body);
        return;
    }
    buf_add(b, sv_sub(body, 0, at + word.n - 1));
    buf_add(b, sv_from(l->behind_stream));
    buf_add(b, sv_skip(body, at + word.n));
}

static struct sv lay_out(struct arena *a, const struct layout *l, const struct sv *bodies, size_t n)
{
    const char *eol = or_else(l->eol, "\n"), *end = or_else(l->entry_end, " \n");
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, (size_t)1 << 26);
    size_t *at = arena_array(a, size_t, n);
    buf_printf(&b, "%s", or_else(l->junk, ""));
    size_t base = l->from_header ? b.n : 0;
    buf_printf(&b, "%%PDF-1.7%s%%\xE2\xE3\xCF\xD3%s", eol, eol);
    for (size_t i = 0; i < n; i++) {
        at[i] = b.n - base;
        buf_printf(&b, "%zu 0 obj%s", i + 1, eol);
        add_body(&b, l, bodies[i]);
        buf_printf(&b, "%s%s%s", eol, or_else(l->endobj, "endobj"), eol);
    }
    size_t start = b.n - base;
    buf_printf(&b, "%sxref%s%u %zu%s0000000000 65535 f%s", or_else(l->before_xref, ""), eol, l->first, n + 1, eol, end);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%010zu 00000 n%s", at[i], end);
    buf_printf(&b, "trailer%s<</Root 1 0 R/Size %d%s>>%sstartxref%s%zu%s%%%%EOF%s", eol, (int)n + 1 + l->size,
               or_else(l->in_trailer, ""), eol, or_else(l->start_eol, eol), (size_t)((int64_t)start + l->shift), eol,
               or_else(l->tail, eol));
    return arena_sv(a, buf_sv(&b));
}

static struct sv one_page(struct arena *a, const struct layout *l)
{
    const struct sv bodies[] = {
            SV("<</Type/Catalog/Pages 2 0 R>>"),
            SV("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"),
            make_stream(a, SV(""), SV("BT /F1 24 Tf 72 700 Td (Wage 5000) Tj ET")),
            SV("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"),
    };
    return lay_out(a, l, bodies, COUNT(bodies));
}

static struct sv blanks(struct arena *a, size_t n, char c)
{
    char *p = arena_alloc(a, n + 1);
    memset(p, c, n);
    return sv_of(p, n);
}

TEST(kinds_tables_as_they_are_written)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct layout rows[] = {
            {.name = "LF"         },
            {                   .name = "CR",          .eol = "\r", .entry_end = " \r"},
            { .name = "CRLF",        .eol = "\r\n", .entry_end = "\r\n"},
            {     .name = "no end of line",                     .tail = ""},
            {           .name = "CR at the end",                     .tail = "\r"},
            {      .name = "blanks behind",                     .tail = "\n   \n\n"},
            {           .name = "zeros behind",                     .tail = blanks(&a, 900, ' ').p},
            {       .name = "text behind",                  .tail = "\n% some mailer was here\n"},
            {                              .name = "Prev 0", .in_trailer = "/Prev 0"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sv base = one_page(&a, &rows[i]);
        signed_twice(&a, base, rows[i].name);
    }
    arena_done(&a);
}

/* ---- cross-reference streams ---- */

struct stream_layout {
    const char *name;
    unsigned w[3];
    int predictor; /* 0: not compressed, 1: compressed without */
    bool gaps;     /* numbers with a hole between them, told by /Index */
};

static void add_number(struct buf *b, size_t v, unsigned width)
{
    for (unsigned i = width; i-- > 0;)
        buf_add_char(b, (char)(i < sizeof(v) ? v >> (8 * i) & 0xFF : 0));
}

/* The rows as PNG predictors want them: the type in front of each row, differences to the left, above, both. */
static struct sv predicted(struct arena *a, struct sv rows, size_t n, int predictor)
{
    size_t count = rows.n / n;
    if (predictor < 2)
        return flate_encode(a, rows);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    for (size_t r = 0; r < count; r++) {
        const unsigned char *row = (const unsigned char *)rows.p + r * n, *prior = r ? row - n : NULL;
        int type = predictor == 15 ? (int)(r % 5) : predictor - 10;
        if (predictor >= 10)
            buf_add_char(&b, (char)type);
        for (size_t i = 0; i < n; i++) {
            int left = i ? row[i - 1] : 0, up = prior ? prior[i] : 0, corner = i && prior ? prior[i - 1] : 0;
            int p = left + up - corner, pa = abs(p - left), pb = abs(p - up), pc = abs(p - corner);
            int paeth = pa <= pb && pa <= pc ? left : pb <= pc ? up : corner;
            int of[] = {0, left, up, (left + up) / 2, paeth};
            buf_add_char(&b, (char)((row[i] - (predictor == 2 ? left : of[type])) & 0xFF));
        }
    }
    return flate_encode(a, arena_sv(a, buf_sv(&b)));
}

static struct sv stream_file(struct arena *a, const struct stream_layout *l)
{
    struct sv bodies[] = {
            SV("<</Type/Catalog/Pages 2 0 R>>"),
            SV("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>"),
    };
    CLEANUP(buf_done) struct buf b, rows;
    buf_init(&b, 1 << 20);
    buf_init(&rows, 1 << 20);
    size_t gap = l->gaps ? 100 : 0, self = COUNT(bodies) + 1 + gap, width = l->w[0] + l->w[1] + l->w[2];
    buf_printf(&b, "%%PDF-1.7\n%%\xE2\xE3\xCF\xD3\n");
    for (size_t i = 0; i < COUNT(bodies); i++) {
        add_number(&rows, 1, l->w[0]);
        add_number(&rows, b.n, l->w[1]);
        add_number(&rows, 0, l->w[2]);
        buf_printf(&b, "%zu 0 obj\n%.*s\nendobj\n", i + 1, SV_ARG(bodies[i]));
    }
    size_t start = b.n;
    add_number(&rows, 1, l->w[0]);
    add_number(&rows, start, l->w[1]);
    add_number(&rows, 0, l->w[2]);
    struct sv data = l->predictor ? predicted(a, buf_sv(&rows), width, l->predictor) : buf_sv(&rows);
    buf_printf(&b, "%zu 0 obj\n<</Type/XRef/Root 1 0 R/Size %zu/W[%u %u %u]/Index[1 %zu %zu 1]/Length %zu", self,
               self + 1, l->w[0], l->w[1], l->w[2], COUNT(bodies), self, data.n);
    if (l->predictor)
        buf_printf(&b, "/Filter/FlateDecode");
    if (l->predictor > 1)
        buf_printf(&b, "/DecodeParms<</Predictor %d/Columns %zu>>", l->predictor, width);
    buf_printf(&b, ">>\nstream\n");
    buf_add(&b, data);
    buf_printf(&b, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", start);
    return arena_sv(a, buf_sv(&b));
}

TEST(kinds_cross_reference_streams)
{
    static const struct stream_layout rows[] = {
            {"plain",            {1, 4, 2}, 0,  false},
            {"gaps",             {1, 4, 2}, 0,  true },
            {"flate",            {1, 4, 2}, 1,  true },
            {"no generations",   {1, 2, 0}, 1,  false},
            {"no types",         {0, 3, 0}, 0,  true },
            {"no types, wide",   {0, 8, 2}, 12, true },
            {"PNG none",         {1, 4, 2}, 10, false},
            {"PNG sub",          {1, 4, 2}, 11, true },
            {"PNG up",           {1, 4, 2}, 12, true },
            {"PNG average",      {1, 3, 1}, 13, false},
            {"PNG Paeth",        {1, 4, 2}, 14, true },
            {"PNG, all of them", {1, 4, 2}, 15, true },
    };
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    for (size_t i = 0; i < COUNT(rows); i++)
        signed_twice(&a, stream_file(&a, &rows[i]), rows[i].name);
    const struct stream_layout tiff = {
            "TIFF", {1, 4, 2},
             2, true
    }; /* poppler does not care for it here */
    struct sv pdf = stream_file(&a, &tiff);
    check_intact(&a, add_signature(&a, pdf, "TIFF", true), "TIFF", 1);
    for (int miss = -9; miss <= 9; miss += 6) { /* an offset that leads nearly there */
        struct sv file = stream_file(&a, &rows[0]);
        size_t at = sv_find(file, SV("startxref\n")) + 10, start = 0;
        ck_assert(sv_u64(sv_sub(file, at, 3), 999, &start));
        struct sv digits = arena_printf(&a, "%zu", (size_t)((int)start + miss));
        file = arena_concat(&a, arena_concat(&a, sv_sub(file, 0, at), digits), sv_skip(file, at + 3));
        struct doc d;
        ck_assert_msg(doc_open(&d, file) && d.repaired && d.startxref == start, "%d: %s", miss, d.problem);
        doc_close(&d);
    }
    arena_done(&a);
}

/* Two object streams, one extending the other, and a hybrid file. */
TEST(kinds_object_streams)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    static const struct sv packed[2][2] = {
            {SV_INIT("<</Type/Catalog/Pages 2 0 R>>"),                                                  SV_INIT("<</Type/Pages/Kids[3 0 R]/Count 1>>")},
            {SV_INIT("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<<>>>>"),
             SV_INIT("<</Producer(TEST)>>")                                                                                                           },
    };
    CLEANUP(buf_done) struct buf b, rows;
    buf_init(&b, 1 << 20);
    buf_init(&rows, 1 << 20);
    size_t at[9] = {0};
    buf_printf(&b, "%%PDF-1.5\n");
    for (size_t s = 0; s < 2; s++) {
        struct sv head = arena_printf(&a, "%zu 0 %zu %zu ", 2 * s + 1, 2 * s + 2, packed[s][0].n + 1);
        struct sv data = arena_printf(&a, "%.*s%.*s %.*s", SV_ARG(head), SV_ARG(packed[s][0]), SV_ARG(packed[s][1]));
        struct sv inside = arena_printf(&a, "/Type/ObjStm/N 2/First %zu%s", head.n, s ? "/Extends 6 0 R" : "");
        at[6 + s] = b.n;
        buf_printf(&b, "%zu 0 obj\n%.*s\nendobj\n", 6 + s, SV_ARG(make_stream(&a, inside, data)));
    }
    at[5] = b.n;
    buf_printf(&b, "5 0 obj\n%.*s\nendobj\n", SV_ARG(make_stream(&a, SV(""), SV("0 0 m"))));
    at[8] = b.n;
    for (size_t i = 0; i < 9; i++) {
        bool in = i >= 1 && i <= 4;
        add_number(&rows, i == 0 ? 0 : in ? 2 : 1, 1);
        add_number(&rows, in ? 6 + (i - 1) / 2 : at[i], 4);
        add_number(&rows, in ? (i - 1) % 2 : i == 0 ? 65535 : 0, 2);
    }
    buf_printf(&b, "8 0 obj\n<</Type/XRef/Root 1 0 R/Info 4 0 R/Size 9/W[1 4 2]/Length %zu>>\nstream\n", rows.n);
    buf_add(&b, buf_sv(&rows));
    buf_printf(&b, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", at[8]);
    signed_twice(&a, arena_sv(&a, buf_sv(&b)), "Extends");
    signed_twice(&a, make_contract(&a, MAKE_HYBRID), "hybrid");
    arena_done(&a);
}

/* ---- what programs write ---- */

static struct sv made_by(struct arena *a, struct sv in, const char *line)
{
    struct sv out;
    const char *from = test_file(a, "from.pdf", in), *to = path_join(a, test_folder(a), "to.pdf");
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    for (const char *p = line; *p; p++) {
        if (*p == '<' || *p == '>')
            buf_add(&b, sv_from(*p == '<' ? from : to));
        else
            buf_add_char(&b, *p);
    }
    int code = test_run(a, &out, "%s", arena_cstr(a, buf_sv(&b)));
    ck_assert_msg(code == 0, "%s: %.*s", line, SV_ARG(out));
    return test_read(a, to);
}

TEST(kinds_files_by_other_programs)
{
    static const char *const lines[] = {
            "qpdf --linearize < >",
            "qpdf --linearize --object-streams=generate < >",
            "qpdf --object-streams=generate < >",
            "qpdf --qdf --object-streams=disable < >",
            "qpdf --newline-before-endstream --min-version=2.0 < >",
            "pdftocairo -pdf < >",
            "pdfunite < < >",
            "mutool clean -ggg -z < >",
            "gs -q -dNOPAUSE -dBATCH -sDEVICE=pdfwrite -o > <",
            "gs -q -dNOPAUSE -dBATCH -sDEVICE=pdfwrite -dFastWebView -o > <",
    };
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct layout plain = {.name = "plain"};
    for (size_t i = 0; i < COUNT(lines); i++) {
        bool gs = sv_starts(sv_from(lines[i]), SV("gs"));
        struct sv out;
        if (gs && test_run(&a, &out, "gs --version") != 0)
            continue;
        signed_twice(&a, made_by(&a, one_page(&a, &plain), lines[i]), lines[i]);
    }
    arena_done(&a);
}

/* A linearised file that was changed since: the first sections stand in the middle, the newest at the end. */
TEST(kinds_linearised_with_updates)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct layout plain = {.name = "plain"};
    struct sv pdf = made_by(&a, one_page(&a, &plain), "qpdf --linearize < >");
    pdf = add_signature(&a, pdf, "linearised", false);
    pdf = add_signature(&a, pdf, "linearised again", true);
    check_intact(&a, pdf, "linearised", 2);
    arena_done(&a);
}

/* ---- many ---- */

TEST(kinds_hundred_revisions)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct sv pdf = make_contract(&a, MAKE_TABLE);
    for (unsigned i = 0; i < 100; i++) {
        uint32_t num = 40 + i % 7;
        struct sv body = arena_printf(&a, "<</Revision %u>>", i);
        pdf = make_update(&a, pdf, &num, &body, 1);
    }
    signed_twice(&a, pdf, "100 revisions");
    arena_done(&a);
}

TEST(kinds_fifty_one_signatures)
{
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    for (int kind = MAKE_TABLE; kind <= MAKE_STREAM; kind++) {
        struct sv pdf = make_contract(&a, (enum make_kind)kind);
        for (int i = 0; i < 51; i++) {
            const struct pdf_sign_options o = {.signing_at = TEST_AT, .reserve = 3000};
            pdf = test_sign(&a, test_pki(KEY_P256), pdf, &o, false);
        }
        check_intact(&a, pdf, "51 signatures", 51);
        check_by_others(&a, pdf, "51 signatures", 51);
    }
    arena_done(&a);
}

#define PAGES 20000

/* A page tree of so many inner nodes, each with an equal share of the pages and the next node: flat with one, as deep
 * as may be with 500. */
static struct sv many_pages(struct arena *a, size_t nodes)
{
    size_t share = PAGES / nodes, page = nodes + 2;
    struct sv *bodies = arena_array(a, struct sv, nodes + PAGES + 1);
    bodies[0] = SV("<</Type/Catalog/Pages 2 0 R>>");
    for (size_t i = 0; i < nodes; i++) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 1 << 20);
        for (size_t k = 0; k < share; k++, page++) {
            buf_printf(&b, "%zu 0 R ", page);
            bodies[page - 1] =
                    arena_printf(a, "<</Type/Page/Parent %zu 0 R/MediaBox[0 0 99 99]/Resources<<>>>>", i + 2);
        }
        if (i + 1 < nodes)
            buf_printf(&b, "%zu 0 R", i + 3);
        struct sv up = i ? arena_printf(a, "/Parent %zu 0 R", i + 1) : SV("");
        bodies[i + 1] = arena_printf(a, "<</Type/Pages%.*s/Count %zu/Kids[%.*s]>>", SV_ARG(up), PAGES - i * share,
                                     SV_ARG(buf_sv(&b)));
    }
    return make_pdf(a, MAKE_TABLE, bodies, nodes + PAGES + 1);
}

static void twenty_thousand_pages(size_t nodes, const char *line)
{
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    struct sv pdf = many_pages(&a, nodes);
    signed_twice(&a, line ? made_by(&a, pdf, line) : pdf, "20 000 pages");
    arena_done(&a);
}

TEST(kinds_twenty_thousand_pages_flat)
{
    twenty_thousand_pages(1, NULL);
}

TEST(kinds_twenty_thousand_pages_deep)
{
    twenty_thousand_pages(500, NULL);
}

TEST(kinds_twenty_thousand_pages_packed)
{
    twenty_thousand_pages(1, "qpdf --object-streams=generate < >");
}

/* ---- direct and indirect ---- */

TEST(kinds_direct_and_indirect)
{
    struct arena a;
    arena_init(&a, (size_t)1 << 30);
    for (unsigned bits = 0; bits < 16; bits++) {
        bool form = bits & 1, fields = bits & 2, annots = bits & 4, extensions = bits & 8;
        struct sv form_body = arena_printf(&a, "<</Fields%s/DA(/F1 0 Tf)>>", fields ? " 5 0 R" : "[4 0 R]");
        struct sv ext = SV("<</ADBE<</BaseVersion/1.7/ExtensionLevel 8>>>>");
        const struct sv bodies[] = {
                arena_printf(&a, "<</Type/Catalog/Pages 2 0 R/AcroForm %.*s/Extensions %.*s>>",
                             SV_ARG(form ? SV("6 0 R") : form_body), SV_ARG(extensions ? SV("8 0 R") : ext)),
                SV("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
                arena_printf(&a, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots %s>>",
                             annots ? "7 0 R" : "[4 0 R]"),
                SV("<</Type/Annot/Subtype/Widget/FT/Sig/T(Empty)/Rect[0 0 0 0]/P 3 0 R/F 132>>"),
                fields ? SV("[4 0 R]") : SV("null"),
                form ? form_body : SV("null"),
                annots ? SV("[4 0 R]") : SV("null"),
                extensions ? ext : SV("null"),
        };
        for (int kind = MAKE_TABLE; kind <= MAKE_STREAM; kind++) {
            struct sv name = arena_printf(&a, "direct %u, kind %d", bits, kind);
            struct sv pdf = make_pdf(&a, (enum make_kind)kind, bodies, COUNT(bodies));
            pdf = add_signature(&a, add_signature(&a, pdf, name.p, false), name.p, true);
            check_intact(&a, pdf, name.p, 2);
            if (kind == MAKE_TABLE)
                check_by_others(&a, pdf, name.p, 2);
        }
    }
    arena_done(&a);
}

/* ---- files that others signed, with slips ---- */

#define ROOM 4000 /* bytes of DER */

/* Fills the placeholders of a signature in a file of one revision. */
static struct sv sign_by_hand(struct arena *a, struct sv pdf)
{
    struct sv out = arena_sv(a, pdf);
    char *p;
    memcpy(&p, &out.p, sizeof(p));
    size_t open = sv_find(out, SV("/Contents<")) + 9, close = open + 2 + 2 * (size_t)ROOM,
           range = sv_find(out, SV("/ByteRange")) + 10;
    struct sv text = arena_printf(a, "[0 %-10zu %-10zu %-10zu]", open, close, out.n - close);
    memcpy(p + range, text.p, text.n);
    CLEANUP(digest_stream_cleanup) struct digest_stream *s = digest_stream_new(DIGEST_SHA256);
    digest_stream_add(s, sv_sub(out, 0, open));
    digest_stream_add(s, sv_skip(out, close));
    struct digest d = digest_stream_finish(s);
    struct sv hex = hex_encode(a, test_cms(a, test_pki(KEY_P256), &d, false));
    ck_assert(hex.n <= 2 * (size_t)ROOM);
    memcpy(p + open + 1, hex.p, hex.n);
    return out;
}

static struct sv signed_page(struct arena *a, const struct layout *l)
{
    struct sv zeros = blanks(a, (size_t)ROOM * 2, '0'), range = blanks(a, 36, ' ');
    const struct sv bodies[] = {
            SV("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]/SigFlags 3>>>>"),
            SV("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[5 0 R]>>"),
            make_stream(a, SV(""), SV("0 0 m 9 9 l S")),
            SV("<</Type/Annot/Subtype/Widget/FT/Sig/T(Hand)/Rect[0 0 0 0]/P 3 0 R/F 132/V 6 0 R>>"),
            arena_printf(a,
                         "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20260301000000Z)"
                         "/ByteRange%.*s/Contents<%.*s>>>",
                         SV_ARG(arena_concat(a, SV("[0 "), sv_skip(range, 3))), SV_ARG(zeros)),
    };
    return sign_by_hand(a, lay_out(a, l, bodies, COUNT(bodies)));
}

static bool notes(const struct pdf_report *r, const char *code)
{
    for (size_t i = 0; i < r->reasons.n; i++) {
        if (strcmp(r->reasons.items[i].code, code) == 0)
            return true;
    }
    return false;
}

TEST(kinds_slips_are_read_and_told)
{
    static const struct {
        struct layout l;
        bool slip; /* told, and not signed again */
    } rows[] = {
            {{.name = "none"},                                                               false},
            {{.name = "CR", .eol = "\r", .entry_end = " \r", .behind_stream = "\n"},         false},
            {{.name = "short entries", .entry_end = "\n"},                                   false},
            {{.name = "no end of line", .tail = ""},                                         false},
            {{.name = "blank before xref", .before_xref = " \n"},                            false},
            {{.name = "Prev 0", .in_trailer = "/Prev 0"},                                    false},
            {{.name = "bytes before the header", .junk = "HTTP/1.1 200 OK\r\n\r\n"},         true },
            {{.name = "counted from the header", .junk = "junk\n", .from_header = true},     true },
            {{.name = "far header", .junk = "\n\n%!PS\n% a comment\n", .from_header = true}, true },
            {{.name = "counts from 1", .first = 1},                                          true },
            {{.name = "startxref too early", .shift = -7},                                   true },
            {{.name = "startxref too late", .shift = 2},                                     true },
            {{.name = "CR behind stream", .behind_stream = "\r"},                            false},
            {{.name = "blank behind stream", .behind_stream = " \n"},                        false},
            {{.name = "padded entries", .entry_end = "   \n"},                               false},
            {{.name = "startxref on one line", .start_eol = " "},                            false},
            {{.name = "small Size", .size = -3},                                             false},
            {{.name = "large Size", .size = 500},                                            false},
            {{.name = "huge Size", .size = 99000000},                                        true },
            {{.name = "without endobj", .endobj = "% that was all"},                         true },
    };
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sv pdf = signed_page(&a, &rows[i].l);
        struct pdf_report r = test_verify(&a, test_pki(KEY_P256), pdf);
        ck_assert_msg(r.integrity == PDF_INTACT && r.signatures_n == 1, "%s: %.*s", rows[i].l.name,
                      SV_ARG(test_report(&a, &r)));
        ck_assert_msg(notes(&r, "repaired") == rows[i].slip, "%s", rows[i].l.name);
        struct err e = ERR_INIT;
        struct pdf_prepared p;
        const struct pdf_sign_options o = {.signing_at = TEST_AT};
        ck_assert_msg(pdf_sign_prepare(&a, pdf, &o, &p, &e) == !rows[i].slip, "%s: %s", rows[i].l.name, e.msg);
        if (rows[i].slip)
            ck_assert_str_eq(e.reason, "pdf_damaged");
        else
            check_intact(&a, add_signature(&a, pdf, rows[i].l.name, true), rows[i].l.name, 2);
    }
    arena_done(&a);
}

TEST(kinds_startxref_that_misses)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    for (int miss = -20; miss <= 20; miss++) {
        const struct layout l = {.name = "misses", .shift = miss};
        struct pdf_report r = test_verify(&a, test_pki(KEY_P256), signed_page(&a, &l));
        ck_assert_msg(r.integrity == PDF_INTACT, "%d: %.*s", miss, SV_ARG(test_report(&a, &r)));
        ck_assert_msg(notes(&r, "repaired") == (miss != 0 && miss != -1), "%d",
                      miss); /* -1: the end of the line before */
    }
    const struct layout far = {.name = "hopeless", .shift = 77};
    struct pdf_report r = test_verify(&a, test_pki(KEY_P256), signed_page(&a, &far));
    ck_assert_msg(r.integrity != PDF_INTACT && r.integrity != PDF_INTACT_EXTENDED, "%.*s", SV_ARG(test_report(&a, &r)));
    arena_done(&a);
}

/* Two ways to read a file are none. */
TEST(kinds_no_two_readings)
{
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct layout plain = {.name = "plain"};
    struct sv pdf = signed_page(&a, &plain);
    struct doc d;
    /* cross references both where the offset leads from the start and from the header */
    size_t start = sv_find(pdf, SV("\nxref\n")) + 1;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    buf_add(&b, SV("junk\n"));
    buf_add(&b, pdf); /* offsets count from the header now */
    ck_assert(doc_open(&d, buf_sv(&b)) && d.base == 5 && d.repaired);
    doc_close(&d);
    char *p = b.p + start; /* "…ndobj" five bytes before xref becomes another one */
    memcpy(p, "xref\n", 5);
    ck_assert(!doc_open(&d, buf_sv(&b)));
    ck_assert_str_eq(d.problem, "bytes before the header, and cross references in two places");
    doc_close(&d);
    /* an offset that misses two tables by a few bytes each */
    struct sv two = make_patched(&a, pdf, SV("endobj\nxref\n"), SV("ob\nxref\nxref"));
    two = make_patched(&a, two, arena_printf(&a, "startxref\n%zu", start),
                       arena_printf(&a, "startxref\n%zu", start - 2));
    ck_assert(!doc_open(&d, two));
    doc_close(&d);
    arena_done(&a);
}

/* Every prefix and every damaged table ends in an answer. */
TEST(kinds_damaged_cross_references)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
            {"/Size 7",   "/Size a"  },
            {"0 7\n",     "0 9\n"    },
            {"0 7\n",     "9 7\n"    },
            {"65535 f",   "65535 g"  },
            {"/Root 1 0", "/Root 9 0"},
            {"trailer",   "trailex"  },
            {"startxref", "startxreg"},
            {"00000 n",   "99999 n"  },
    };
    struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    const struct layout plain = {.name = "plain"};
    struct sv pdf = signed_page(&a, &plain);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pdf_report r = test_verify(&a, NULL, make_patched(&a, pdf, sv_from(rows[i].from), sv_from(rows[i].to)));
        ck_assert_msg(r.integrity != PDF_INTACT && r.integrity != PDF_INTACT_EXTENDED, "%s: %.*s", rows[i].to,
                      SV_ARG(test_report(&a, &r)));
    }
    arena_done(&a);
}
