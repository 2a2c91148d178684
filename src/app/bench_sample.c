/* What the measurements of bench_engine.h sign, and with what. */
#include <stdio.h>
#include <string.h>

#include "app/bench_engine.h"

#define PAGES      6
#define PAGE_LINES 50
#define PAGE_BYTES 16300 /* of page content: six of them make 97 KB */
#define MAX_FILE   ((size_t)16 << 20)

void bench_signer_done(struct bench_signer *s)
{
    key_free(s->key);
    *s = (struct bench_signer){0};
}

bool bench_signer_make(struct arena *a, enum key_kind kind, struct bench_signer *ret, struct err *e)
{
    const int64_t day = 86400000, now = clock_now(&clock_system);
    *ret = (struct bench_signer){0};
    if (!key_generate(kind, &ret->key, e))
        return false;
    const struct cert_order order = {
            .profile = CERT_SIGNER,
            .subject = {.common_name = SV("TEST bench signer"), .country = SV("CN")},
            .public_der = key_public_der(a, ret->key),
            .not_before_at = now - day,
            .not_after_at = now + day
    };
    return cert_issue(a, &order, NULL, ret->key, &ret->cert, e);
}

bool bench_signer_load(struct arena *a, const char *p12_path, const char *pass_path, struct bench_signer *ret,
                       struct err *e)
{
    struct sv p12, pass = SV("");
    *ret = (struct bench_signer){0};
    if (!file_read(a, p12_path, MAX_FILE, &p12, e) || (pass_path && !file_read(a, pass_path, MAX_FILE, &pass, e)))
        return false;
    struct sv line = sv_cut(&pass, '\n');
    if (sv_ends(line, SV("\r")))
        line.n--;
    return pkcs12_load(a, p12, line, &ret->key, &ret->cert, &ret->chain, e) || err_wrap(e, "%s", p12_path);
}

/* Lines of text, filled up to PAGE_BYTES with digits that look like nothing in particular. */
static struct sv page_content(struct arena *a, uint32_t page)
{
    struct buf b;
    uint32_t x = page * 2654435761u + 1;
    buf_init(&b, PAGE_BYTES + 1000);
    buf_add(&b, SV("BT /F1 9 Tf 72 770 Td 14 TL\n"));
    for (int line = 0; line < PAGE_LINES; line++) {
        buf_printf(&b, "(%u.%d ", page, line + 1);
        while (b.n < (size_t)PAGE_BYTES * (size_t)(line + 1) / PAGE_LINES - 5) {
            x = x * 1664525 + 1013904223;
            buf_add_char(&b, (char)('a' + (x >> 24) % 26));
        }
        buf_add(&b, SV(") '\n"));
    }
    buf_add(&b, SV("ET"));
    struct sv s = buf_to_arena(&b, a);
    buf_done(&b);
    return s;
}

struct sv bench_document(struct arena *a)
{
    enum { FIRST_PAGE = 4, OBJECTS = FIRST_PAGE + 2 * PAGES };
    size_t at[OBJECTS];
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add(&b, SV("%PDF-1.7\n%\xE6\xB8\x85\xE6\x98\x93\n"));
    at[1] = b.n;
    buf_add(&b, SV("1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"));
    at[2] = b.n;
    buf_printf(&b, "2 0 obj\n<</Type/Pages/Count %d/Kids[", PAGES);
    for (int i = 0; i < PAGES; i++)
        buf_printf(&b, "%d 0 R ", FIRST_PAGE + 2 * i);
    buf_add(&b, SV("]>>\nendobj\n"));
    at[3] = b.n;
    buf_add(&b, SV("3 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n"));
    for (int i = 0; i < PAGES; i++) {
        int page = FIRST_PAGE + 2 * i;
        struct sv content = page_content(a, (uint32_t)i + 1);
        at[page] = b.n;
        buf_printf(&b,
                   "%d 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
                   "/Contents %d 0 R>>\nendobj\n",
                   page, page + 1);
        at[page + 1] = b.n;
        buf_printf(&b, "%d 0 obj\n<</Length %zu>>\nstream\n", page + 1, content.n);
        buf_add(&b, content);
        buf_add(&b, SV("\nendstream\nendobj\n"));
    }
    size_t xref = b.n;
    buf_printf(&b, "xref\n0 %d\n0000000000 65535 f \n", OBJECTS);
    for (int i = 1; i < OBJECTS; i++)
        buf_printf(&b, "%010zu 00000 n \n", at[i]);
    buf_printf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", OBJECTS, xref);
    must(buf_ok(&b));
    struct sv s = buf_to_arena(&b, a);
    buf_done(&b);
    return s;
}
