/* Fuzz entries behind signatures that hold; see fuzz_pdf.h. The key is made anew in each process: only the signature
 * value differs then, and no offset. */
#include <string.h>

#include "crypto/cms.h"
#include "pdf/fuzz_pdf.h"
#include "pdf/report.h"
#include "pdf/verify.h"

#define ROOM ((size_t)1 << 30)
#define AT   1772323200000 /* 2026-03-01 */
#define DAY  86400000LL

enum { BASES = 4, UPDATES_MAX = 8, OBJECTS_MAX = 64, RESERVE = 2048 };

/* Made once a process. */
static struct world {
    struct arena a;
    struct key *key;
    const struct cert *cert;
    struct sv pem;
    struct sv base[BASES]; /* not certified; certified at 1, 2, 3 */
} world;

static struct sv must_sign(struct arena *a, const struct digest *d)
{
    struct err e = ERR_INIT;
    struct sv der;
    const struct cms_order order = {.signer = world.cert};
    must(cms_sign(a, &order, world.key, d, &der, &e));
    return der;
}

/* One page with a text field, a signature field, a button and a note; resources that attacks would replace. */
static const char *const bodies[] = {
        "<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R/Metadata 12 0 R/Names 14 0 R>>",
        "<</Type/Pages/Kids[4 0 R]/Count 1>>",
        "<</Fields[5 0 R 6 0 R 7 0 R]/SigFlags 3/DA(/F 9 Tf)/DR<</Font<</F 9 0 R>>>>>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 8 0 R/Resources<</Font<</F 9 0 R>>>>/Annots 10 0 R>>",
        "<</FT/Sig/T(Lock)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/P 4 0 R/F 132>>",
        "<</FT/Tx/T(Text)/V(old)/Type/Annot/Subtype/Widget/Rect[10 10 90 30]/P 4 0 R/F 4/DA(/F 9 Tf)/AP<</N 11 0 R>>>>",
        "<</FT/Sig/T(Worker)/Type/Annot/Subtype/Widget/Rect[100 10 190 60]/P 4 0 R/F 132>>",
        "<</Length 31>>\nstream\nBT /F 12 Tf 20 150 Td (pay) Tj ET\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "[5 0 R 6 0 R 7 0 R 13 0 R]",
        "<</Type/XObject/Subtype/Form/BBox[0 0 80 20]/Length 20>>\nstream\nBT /F 9 Tf (old) ET \nendstream",
        "<</Type/Metadata/Subtype/XML/Length 4>>\nstream\n<x/>\nendstream",
        "<</Type/Annot/Subtype/Text/Rect[150 150 170 170]/P 4 0 R/Contents(note)>>",
        "<</EmbeddedFiles<</Names[]>>>>",
};

static struct sv unsigned_base(struct arena *a)
{
    size_t at[COUNT(bodies)];
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_printf(&b, "%%PDF-1.7\n");
    for (size_t i = 0; i < COUNT(bodies); i++) {
        at[i] = b.n;
        buf_printf(&b, "%zu 0 obj\n%s\nendobj\n", i + 1, bodies[i]);
    }
    size_t xref = b.n;
    buf_printf(&b, "xref\n0 %zu\n0000000000 65535 f \n", COUNT(bodies) + 1);
    for (size_t i = 0; i < COUNT(bodies); i++)
        buf_printf(&b, "%010zu 00000 n \n", at[i]);
    buf_printf(&b, "trailer\n<</Root 1 0 R/Size %zu>>\nstartxref\n%zu\n%%%%EOF\n", COUNT(bodies) + 1, xref);
    return buf_to_arena(&b, a);
}

static struct sv signed_base(struct arena *a, int certify)
{
    struct err e = ERR_INIT;
    struct pdf_prepared p;
    const struct pdf_sign_options o = {.field = SV("Lock"), .certify = certify, .signing_at = AT, .reserve = RESERVE};
    must(pdf_sign_prepare(a, unsigned_base(a), &o, &p, &e));
    struct digest d = pdf_prepared_digest(&p, DIGEST_SHA256);
    must(pdf_sign_finish(&p, must_sign(a, &d), &e));
    return pdf_prepared_bytes(a, &p);
}

static void build_world(void)
{
    struct err e = ERR_INIT;
    if (world.key)
        return;
    arena_init(&world.a, ROOM);
    must(key_generate(KEY_P256, &world.key, &e));
    const struct cert_order order = {
            .profile = CERT_SIGNER,
            .subject = {.common_name = SV("TEST fuzzer"), .country = SV("CN")},
            .public_der = key_public_der(&world.a, world.key),
            .serial = SV("\x01"),
            .not_before_at = AT - DAY,
            .not_after_at = AT + 365 * DAY
    };
    must(cert_issue(&world.a, &order, NULL, world.key, &world.cert, &e));
    world.pem = cert_pem(&world.a, world.cert);
    for (int i = 0; i < BASES; i++)
        world.base[i] = signed_base(&world.a, i);
}

static void judge(struct arena *a, struct sv file, bool extended)
{
    struct err e = ERR_INIT;
    struct pdf_report r;
    const struct pdf_verify_options o = {.at = AT, .trust_pem = &world.pem, .trust_n = 1};
    must(pdf_verify(a, file, &o, &r, &e));
    must(!extended || r.integrity != PDF_INTACT);
    must(r.integrity != PDF_INTACT || r.signatures_n > 0);
    (void)pdf_report_json(a, SV("x"), &r, TEXT_EN);
    (void)pdf_report_text(a, TEXT_ZH_CN, &(struct pdf_report_context){.file = SV("x"), .bytes = file, .at = o.at}, &r);
}

/* ---- updates ---- */

struct placed {
    uint32_t num, gen;
    size_t at;
};

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The number that ends before *at; moves *at in front of it. */
static bool number_before(struct sv s, size_t *at, uint32_t *ret)
{
    size_t end = *at, from;
    while (*at > 0 && digit(s.p[*at - 1]) && end - *at < 5)
        --*at;
    from = *at;
    uint64_t v = 0;
    for (size_t i = from; i < end; i++)
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    *ret = (uint32_t)v;
    return from < end;
}

/* "n g obj" wherever it stands. */
static size_t find_objects(struct sv s, struct placed *ret)
{
    size_t n = 0;
    for (size_t i = 4; i + 3 <= s.n && n < OBJECTS_MAX; i++) {
        if (memcmp(s.p + i, "obj", 3) != 0 || s.p[i - 1] != ' ')
            continue;
        size_t at = i - 1;
        struct placed o = {0};
        if (!number_before(s, &at, &o.gen) || at == 0 || s.p[--at] != ' ' || !number_before(s, &at, &o.num))
            continue;
        o.at = at;
        ret[n++] = o;
    }
    return n;
}

static size_t last_startxref(struct sv file)
{
    size_t at = file.n, v = 0;
    while (at > 10 && memcmp(file.p + at - 10, "startxref\n", 10) != 0)
        at--;
    for (size_t i = at; i < file.n && digit(file.p[i]); i++)
        v = v * 10 + (size_t)(file.p[i] - '0');
    return v;
}

static void append_update(struct buf *b, struct sv objects)
{
    struct placed at[OBJECTS_MAX];
    size_t n = find_objects(objects, at), start = b->n, prev = last_startxref(buf_sv(b));
    uint32_t size = COUNT(bodies) + 10;
    buf_add(b, objects);
    size_t xref = b->n + 1;
    buf_printf(b, "\nxref\n");
    for (size_t i = 0; i < n; i++) {
        buf_printf(b, "%u 1\n%010zu %05u n \n", at[i].num, start + at[i].at, at[i].gen);
        size = at[i].num >= size ? at[i].num + 1 : size;
    }
    buf_printf(b, "trailer\n<</Root 1 0 R/Size %u/Prev %zu>>\nstartxref\n%zu\n%%%%EOF\n", size, prev, xref);
}

int pdf_fuzz_update(const uint8_t *p, size_t n)
{
    build_world();
    if (n < 1 || n > 1 << 20)
        return 0;
    struct arena a;
    arena_init(&a, ROOM);
    struct sv rest = sv_of(p + 1, n - 1);
    struct buf b;
    buf_init(&b, (size_t)4 << 20);
    buf_add(&b, world.base[p[0] % BASES]);
    for (int i = 0; i < UPDATES_MAX && rest.n; i++) {
        size_t at = sv_find(rest, SV("%%EOF"));
        append_update(&b, sv_sub(rest, 0, at == SIZE_MAX ? rest.n : at));
        rest = at == SIZE_MAX ? SV("") : sv_skip(rest, at + 5);
    }
    if (buf_ok(&b))
        judge(&a, buf_sv(&b), n > 1);
    buf_done(&b);
    arena_done(&a);
    return 0;
}

/* ---- repair ---- */

static size_t find_from(struct sv s, size_t from, struct sv what)
{
    size_t at = sv_find(sv_skip(s, from), what);
    return at == SIZE_MAX ? SIZE_MAX : from + at;
}

/* The first hole for a signature: *ret_at of "<", *ret_end behind ">". */
static bool find_hole(struct sv s, size_t *ret_at, size_t *ret_end)
{
    for (size_t at = 0; (at = find_from(s, at, SV("/Contents"))) != SIZE_MAX; at++) {
        size_t from = at + 9;
        while (from < s.n && s.p[from] == ' ')
            from++;
        size_t end = from < s.n && s.p[from] == '<' ? find_from(s, from, SV(">")) : SIZE_MAX;
        if (end == SIZE_MAX || end - from < 256)
            continue;
        *ret_at = from;
        *ret_end = end + 1;
        return true;
    }
    return false;
}

static bool repair(struct arena *a, char *file, size_t n)
{
    struct sv s = {file, n};
    size_t at, end, range = sv_find(s, SV("/ByteRange[")), eof;
    if (range == SIZE_MAX || !find_hole(s, &at, &end))
        return false;
    range += 11;
    size_t close = find_from(s, range, SV("]"));
    eof = find_from(s, end, SV("%%EOF"));
    eof = eof == SIZE_MAX ? n : eof + 5 + (eof + 5 < n && s.p[eof + 5] == '\n');
    if (close == SIZE_MAX)
        return false;
    struct sv numbers = arena_printf(a, "0 %zu %zu %zu", at, end, eof - end);
    if (numbers.n > close - range)
        return false;
    memset(file + range, ' ', close - range);
    memcpy(file + range, numbers.p, numbers.n);
    CLEANUP(digest_stream_cleanup) struct digest_stream *h = digest_stream_new(DIGEST_SHA256);
    digest_stream_add(h, sv_sub(s, 0, at));
    digest_stream_add(h, sv_sub(s, end, eof - end));
    struct digest d = digest_stream_finish(h);
    struct sv hex = hex_encode(a, must_sign(a, &d));
    if (hex.n > end - at - 2)
        return false;
    memset(file + at + 1, '0', end - at - 2);
    memcpy(file + at + 1, hex.p, hex.n);
    return true;
}

int pdf_fuzz_repair(const uint8_t *p, size_t n)
{
    build_world();
    struct arena a;
    arena_init(&a, ROOM);
    char *file = arena_alloc(&a, n + 1);
    if (n)
        memcpy(file, p, n);
    if (n <= 1 << 20 && repair(&a, file, n))
        judge(&a, (struct sv){file, n}, false);
    arena_done(&a);
    return 0;
}
