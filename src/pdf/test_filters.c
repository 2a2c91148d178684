/* Stream filters: against what Ghostscript and Python wrote, and against damage. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "pdf/doc_priv.h"
#include "pdf/test_make.h"

static bool decode(struct arena *a, const char *name, int early, struct sv in, size_t limit, struct sv *ret)
{
    return text_decode(a, obj_name(a, name), early, in, limit, ret);
}

TEST(filters_of_text)
{
    static const struct {
        const char *name;
        struct sv in, out;
        bool fine;
    } rows[] = {
            {"ASCIIHexDecode",  SV_INIT("48 65\n6C6c6F>rest"),                   SV_INIT("Hello"),                true },
            {"AHx",             SV_INIT("417>"),                                 SV_INIT("Ap"),                   true },
            {"AHx",             SV_INIT("4x"),                                   SV_INIT(""),                     false},
            {"ASCII85Decode",   SV_INIT("87cURD]i,\"Ebo80~>"),                   SV_INIT("Hello World!"),         true },
            {"A85",             SV_INIT("z87cUR z~>"),                           SV_INIT("\0\0\0\0Hell\0\0\0\0"), true },
            {"A85",             SV_INIT("87cURDZ~>"),                            SV_INIT("Hello"),                true },
            {"A85",             SV_INIT("8~>"),                                  SV_INIT(""),                     false},
            {"A85",             SV_INIT("uuuuu~>"),                              SV_INIT(""),                     false},
            {"A85",             SV_INIT("87vUR~>"),                              SV_INIT(""),                     false},
            {"RunLengthDecode",
             SV_INIT("\x02"
                     "abc\xFE"
                     "x\x80tail"),
             SV_INIT("abcxxx"),                                                                                   true },
            {"RL",
             SV_INIT("\x05"
                     "abc"),
             SV_INIT(""),                                                                                         false},
 /* ISO 32000-2 7.4.4.2, example */
            {"LZWDecode",       SV_INIT("\x80\x0B\x60\x50\x22\x0C\x0C\x85\x01"), SV_INIT("-----A---B"),           true },
            {"LZW",             SV_INIT("\xFF\xFF\xFF"),                         SV_INIT(""),                     false},
            {"DCTDecode",       SV_INIT("x"),                                    SV_INIT(""),                     false},
    };
    struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sv out;
        bool fine = decode(&a, rows[i].name, 1, rows[i].in, 1000, &out);
        ck_assert_msg(fine == rows[i].fine, "row %zu", i);
        if (fine)
            ASSERT_SV(out, rows[i].out);
    }
    arena_done(&a);
}

/* A plain LZW encoder, to go through all widths and a full table. */
static struct sv lzw_encode(struct arena *a, struct sv in, int early)
{
    static unsigned next[4097][256];
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 22);
    unsigned count = 258, width = 9, bits = 0, pending = 0;
#define PUT(code)                                                                                                      \
    do {                                                                                                               \
        pending = pending << width | (code);                                                                           \
        for (bits += width; bits >= 8; bits -= 8)                                                                      \
            buf_add_char(&b, (char)(pending >> (bits - 8) & 0xFF));                                                    \
    } while (0)
    memset(next, 0, sizeof(next));
    PUT(256u);
    for (size_t i = 0; i < in.n;) {
        unsigned code = (unsigned char)in.p[i++];
        while (i < in.n && next[code][(unsigned char)in.p[i]])
            code = next[code][(unsigned char)in.p[i++]];
        PUT(code);
        if (i < in.n)
            next[code][(unsigned char)in.p[i]] = count++;
        if (count - 1 + (unsigned)early + 1 > 1u << width && width < 12)
            width++;
        if (count >= 4094) {
            PUT(256u);
            memset(next, 0, sizeof(next));
            count = 258;
            width = 9;
        }
    }
    PUT(257u);
    buf_add_char(&b, (char)(pending << (8 - bits) & 0xFF));
    return arena_sv(a, buf_sv(&b));
}

/* qpdf reads what the encoder above wrote: the two halves of this test are not wrong in the same way. */
static void by_qpdf(struct arena *a, struct sv packed, int early, struct sv want)
{
    struct sv said;
    struct sv bodies[] = {
            SV("<</Type/Catalog/Pages 2 0 R>>"),
            SV("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"),
            arena_concat(
                    a,
                    arena_concat(
                            a,
                            arena_printf(a, "<</Filter/LZWDecode/DecodeParms<</EarlyChange %d>>/Length %zu>>\nstream\n",
                                         early, packed.n),
                            packed),
                    SV("\nendstream")),
    };
    const char *in = test_file(a, "lzw.pdf", make_pdf(a, MAKE_TABLE, bodies, COUNT(bodies)));
    const char *out = path_join(a, test_folder(a), "plain.pdf");
    ck_assert_int_eq(test_run(a, &said, "qpdf --stream-data=uncompress %s %s", in, out), 0);
    ck_assert(sv_find(test_read(a, out), want) != SIZE_MAX);
}

TEST(filters_lzw_of_all_widths)
{
    struct arena a;
    arena_init(&a, (size_t)1 << 26);
    static char text[60000];
    uint32_t seed = 7;
    for (size_t i = 0; i < sizeof(text); i++) {
        seed = seed * 1664525 + 1013904223;
        text[i] = (char)(i < 20000 ? 'a' : i < 40000 ? 'a' + (seed >> 24) % 5 : seed >> 24);
    }
    for (int early = 0; early < 2; early++) {
        struct sv in = sv_of(text, sizeof(text)), out, packed = lzw_encode(&a, in, early);
        ck_assert(decode(&a, "LZWDecode", early, packed, 1 << 20, &out));
        ck_assert(sv_eq(in, out));
        ck_assert(!decode(&a, "LZWDecode", early, packed, sizeof(text) - 1, &out));
        by_qpdf(&a, packed, early, in);
    }
    arena_done(&a);
}

/* Two filters, one behind the other, in a document; and a chain without end. */
TEST(filters_in_a_row)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    struct sv text = SV("87cURD]i,\"Ebo80~>"), data;
    struct sv bodies[] = {
            SV("<</Type/Catalog/Pages 2 0 R>>"),
            SV("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            SV("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"),
            make_stream(&a, SV("/Filter[/ASCII85Decode]"), text),
            make_stream(&a, SV("/Filter[/AHx/A85]/DecodeParms[null null]"), hex_encode(&a, text)),
            make_stream(&a, SV("/Filter[/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx/AHx]"), text),
            make_stream(&a, SV("/Filter/DCTDecode"), text),
            make_stream(&a, SV("/Filter[3 0 R]"), text),
    };
    struct doc d;
    ck_assert(doc_open(&d, make_pdf(&a, MAKE_TABLE, bodies, COUNT(bodies))));
    for (uint32_t num = 4; num <= 8; num++) {
        bool fine = doc_stream(&d, doc_object(&d, num, 0), &data);
        ck_assert_msg(fine == (num < 6), "object %u", num);
        if (fine)
            ASSERT_SV(data, SV("Hello World!"));
    }
    doc_close(&d);
    arena_done(&a);
}

/* What inflates to more than its limit leaves nothing behind. */
TEST(filters_flate_is_bounded)
{
    struct arena a;
    arena_init(&a, (size_t)64 << 20);
    char *zeros = arena_alloc(&a, (size_t)8 << 20);
    struct sv packed = flate_encode(&a, sv_of(zeros, (size_t)8 << 20)), out;
    size_t used = a.used;
    ck_assert(!flate_decode(&a, packed, ((size_t)8 << 20) - 1, &out) && a.used == used);
    ck_assert(!flate_decode(&a, sv_sub(packed, 0, packed.n - 5), (size_t)9 << 20, &out) && a.used == used);
    ck_assert(flate_decode(&a, packed, (size_t)8 << 20, &out) && out.n == (size_t)8 << 20);
    ck_assert(sv_eq(out, sv_of(zeros, out.n)));
    arena_done(&a);
}
