/* See test_make.h. */
#include "pdf/test_make.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "test.h"

static void add_entry(struct buf *b, unsigned type, size_t second, size_t third)
{
    const char row[8] = {(char)type,
                         (char)(second >> 24 & 0xFF),
                         (char)(second >> 16 & 0xFF),
                         (char)(second >> 8 & 0xFF),
                         (char)(second & 0xFF),
                         (char)(third >> 16 & 0xFF),
                         (char)(third >> 8 & 0xFF),
                         (char)(third & 0xFF)};
    buf_add_bytes(b, row, sizeof(row));
}

struct sv make_stream(struct arena *a, struct sv inside, struct sv data)
{
    return arena_printf(a, "<<%.*s/Length %zu>>\nstream\n%.*s\nendstream", SV_ARG(inside), data.n, SV_ARG(data));
}

static bool is_stream(struct sv body)
{
    return sv_find(body, SV("endstream")) != SIZE_MAX;
}

/* Objects that are no streams go into an object stream (number n + 1); the cross-reference stream is n + 2. */
static void packed_section(struct buf *b, struct arena *a, const struct sv *bodies, size_t n, bool hybrid)
{
    size_t *at = arena_array(a, size_t, n + 3), *index = arena_array(a, size_t, n + 3), count = 0;
    CLEANUP(buf_done) struct buf head, body;
    buf_init(&head, 1 << 20);
    buf_init(&body, 1 << 20);
    for (size_t i = 0; i < n; i++) {
        /* A hybrid file keeps what old readers need outside: everything but the form. */
        bool outside = is_stream(bodies[i]) || (hybrid && sv_find(bodies[i], SV("/FT")) == SIZE_MAX);
        if (outside) {
            at[i] = b->n;
            buf_printf(b, "%zu 0 obj\n%.*s\nendobj\n", i + 1, SV_ARG(bodies[i]));
        } else {
            index[i] = count++;
            buf_printf(&head, "%zu %zu ", i + 1, body.n);
            buf_printf(&body, "%.*s ", SV_ARG(bodies[i]));
        }
    }
    at[n] = b->n;
    struct sv both = arena_concat(a, buf_sv(&head), buf_sv(&body));
    struct sv packed = make_stream(a, arena_printf(a, "/Type/ObjStm/N %zu/First %zu", count, head.n), both);
    buf_printf(b, "%zu 0 obj\n%.*s\nendobj\n", n + 1, SV_ARG(packed));
    size_t xref_at = b->n;
    CLEANUP(buf_done) struct buf rows;
    buf_init(&rows, 1 << 20);
    add_entry(&rows, 0, 0, 65535);
    for (size_t i = 0; i < n; i++)
        at[i] ? add_entry(&rows, 1, at[i], 0) : add_entry(&rows, 2, n + 1, index[i]);
    add_entry(&rows, 1, at[n], 0);
    add_entry(&rows, 1, xref_at, 0);
    buf_printf(b, "%zu 0 obj\n<</Type/XRef/W[1 4 3]/Root 1 0 R/Size %zu/Length %zu>>\nstream\n", n + 2, n + 3, rows.n);
    buf_add(b, buf_sv(&rows)); /* holds NUL bytes, which printf would stop at */
    buf_add(b, SV("\nendstream\nendobj\n"));
    size_t start = xref_at;
    if (hybrid) {
        start = b->n;
        buf_printf(b, "xref\n0 %zu\n0000000000 65535 f \n", n + 2);
        for (size_t i = 0; i <= n; i++)
            at[i] ? buf_printf(b, "%010zu 00000 n \n", at[i]) : buf_printf(b, "0000000000 00000 f \n");
        buf_printf(b, "trailer\n<</Root 1 0 R/Size %zu/XRefStm %zu>>\n", n + 2, xref_at);
    }
    buf_printf(b, "startxref\n%zu\n%%%%EOF\n", start);
}

struct sv make_pdf(struct arena *a, enum make_kind kind, const struct sv *bodies, size_t n)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 24);
    buf_add(&b, SV("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"));
    if (kind != MAKE_TABLE) {
        packed_section(&b, a, bodies, n, kind == MAKE_HYBRID);
        return arena_sv(a, buf_sv(&b));
    }
    size_t *at = arena_array(a, size_t, n);
    for (size_t i = 0; i < n; i++) {
        at[i] = b.n;
        buf_printf(&b, "%zu 0 obj\n", i + 1);
        buf_add(&b, bodies[i]);
        buf_add(&b, SV("\nendobj\n"));
    }
    size_t start = b.n;
    buf_printf(&b, "xref\n0 %zu\n0000000000 65535 f \n", n + 1);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%010zu 00000 n \n", at[i]);
    buf_printf(&b, "trailer\n<</Root 1 0 R/Size %zu>>\nstartxref\n%zu\n%%%%EOF\n", n + 1, start);
    return arena_sv(a, buf_sv(&b));
}

struct sv make_contract(struct arena *a, enum make_kind kind)
{
    struct sv text = SV("BT /F1 24 Tf 72 700 Td (Labour contract) Tj ET");
    struct sv bodies[] = {
            SV("<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>"),
            SV("<</Type/Pages/Kids[4 0 R 5 0 R]/Count 2>>"),
            SV("<</Fields[10 0 R 11 0 R 12 0 R 13 0 R 14 0 R 15 0 R]/DA(/F1 0 Tf)/DR<</Font<</F1 8 0 R>>>>>>"),
            SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 6 0 R/Resources<</Font<</F1 8 0 R>>>>"
               "/Annots 9 0 R>>"),
            SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Rotate 90/Contents 7 0 R/Resources<</Font<</F1 8 0 "
               "R>>>>"
               "/Annots 16 0 R>>"),
            make_stream(a, SV(""), text),
            make_stream(a, SV(""), text),
            SV("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"),
            SV("[10 0 R 11 0 R 13 0 R 14 0 R]"),
            SV("<</Type/Annot/Subtype/Widget/FT/Sig/T(Lock)/Rect[0 0 0 0]/P 4 0 R/F 132>>"),
            SV("<</Type/Annot/Subtype/Widget/FT/Sig/T(Worker)/Rect[72 100 242 185]/P 4 0 R/F 132>>"),
            SV("<</Type/Annot/Subtype/Widget/FT/Sig/T(Employer)/Rect[300 100 420 220]/P 5 0 R/F 132>>"),
            SV("<</Type/Annot/Subtype/Widget/FT/Sig/T(Archive1)/Rect[0 0 0 0]/P 4 0 R/F 132>>"),
            SV("<</Type/Annot/Subtype/Widget/FT/Btn/Ff 65537/T(Seam1)/Rect[575 300 595 420]/P 4 0 R/F 132>>"),
            SV("<</Type/Annot/Subtype/Widget/FT/Btn/Ff 65537/T(Seam2)/Rect[575 300 595 420]/P 5 0 R/F 132"
               "/AP<</N 17 0 R>>>>"),
            SV("[12 0 R 15 0 R]"),
            make_stream(a, SV("/Type/XObject/Subtype/Form/BBox[0 0 20 120]"), SV("")),
    };
    return make_pdf(a, kind, bodies, COUNT(bodies));
}

struct sv make_plain(struct arena *a, enum make_kind kind)
{
    struct sv bodies[] = {
            SV("<</Type/Catalog/Pages 2 0 R>>"),
            SV("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"),
            make_stream(a, SV(""), SV("BT /F1 24 Tf 72 700 Td (Wage 5000) Tj ET")),
            SV("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"),
    };
    return make_pdf(a, kind, bodies, COUNT(bodies));
}

/* The last startxref and /Root of the base, without the parser under test. */
static size_t last_startxref(struct sv base)
{
    size_t at = SIZE_MAX, from = 0;
    for (size_t i; (i = sv_find(sv_skip(base, from), SV("startxref"))) != SIZE_MAX;) {
        at = from + i;
        from = at + 1;
    }
    ck_assert(at != SIZE_MAX);
    size_t value = 0;
    for (size_t i = at + 10; i < base.n && base.p[i] >= '0' && base.p[i] <= '9'; i++)
        value = value * 10 + (size_t)(base.p[i] - '0');
    return value;
}

struct sv make_update(struct arena *a, struct sv base, const uint32_t *nums, const struct sv *bodies, size_t n)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 26);
    buf_add(&b, base);
    size_t *at = arena_array(a, size_t, n + 1);
    uint32_t size = 100;
    for (size_t i = 0; i < n; i++) {
        at[i] = b.n;
        buf_printf(&b, "%u 0 obj\n", nums[i]);
        buf_add(&b, bodies[i]);
        buf_add(&b, SV("\nendobj\n"));
        size = nums[i] >= size ? nums[i] + 1 : size;
    }
    size_t start = b.n;
    buf_add(&b, SV("xref\n"));
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%u 1\n%010zu 00000 n \n", nums[i], at[i]);
    buf_printf(&b, "trailer\n<</Root 1 0 R/Size %u/Prev %zu>>\nstartxref\n%zu\n%%%%EOF\n", size, last_startxref(base),
               start);
    return arena_sv(a, buf_sv(&b));
}

struct sv make_patched(struct arena *a, struct sv in, struct sv from, struct sv to)
{
    size_t at = sv_find(in, from);
    ck_assert_msg(at != SIZE_MAX && from.n == to.n, "cannot patch \"%.*s\"", SV_ARG(from));
    struct sv out = arena_sv(a, in);
    char *p;
    memcpy(&p, &out.p, sizeof(p));
    memcpy(p + at, to.p, to.n);
    return out;
}

/* ---- files and programs ---- */

static const char *folder;
static struct arena folder_arena = {.limit = 1 << 20};

static void folder_remove(void)
{
    struct err e = ERR_INIT;
    if (!dir_remove(folder, &e))
        fprintf(stderr, "%s\n", e.msg);
    arena_done(&folder_arena);
}

const char *test_folder(struct arena *a UNUSED)
{
    struct err e = ERR_INIT;
    if (!folder) {
        ASSERT_OK(dir_temp(&folder_arena, "qyq-pdf-test-", &folder, &e), e);
        atexit(folder_remove);
    }
    return folder;
}

const char *test_file(struct arena *a, const char *name, struct sv bytes)
{
    struct err e = ERR_INIT;
    const char *path = path_join(a, test_folder(a), name);
    ASSERT_OK(file_write(path, bytes, 0600, &e), e);
    return path;
}

int test_run(struct arena *a, struct sv *ret_output, const char *fmt, ...)
{
    char line[4096];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    ck_assert(n > 0 && (size_t)n < sizeof(line) - 8);
    memcpy(line + n, " 2>&1", 6);
    FILE *f = popen(line, "r");
    ck_assert_ptr_nonnull(f);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 24);
    char chunk[4096];
    for (size_t got; (got = fread(chunk, 1, sizeof(chunk), f)) > 0;)
        buf_add_bytes(&b, chunk, got);
    int status = pclose(f);
    *ret_output = arena_sv(a, buf_sv(&b));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct sv test_read(struct arena *a, const char *path)
{
    struct err e = ERR_INIT;
    struct sv s;
    ASSERT_OK(file_read(a, path, (size_t)64 << 20, &s, &e), e);
    return s;
}
