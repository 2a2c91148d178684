/* Changes a signed file in every way that one byte allows, and asks each time whether it is still intact. It must not
 * be.
 *
 *   flip TRUST.pem STRIDE FILE…    one line of TAP a file and kind of change
 *
 * Kinds: each bit flipped; text that stays plausible (another digit, the other case, another blank); a byte removed,
 * doubled, or a blank put in; the file cut behind each structural word. With STRIDE 1 at every byte, else at every
 * STRIDE-th and, denser, around the words that hold a signature together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdf/verify.h"

#define NEAR 60 /* bytes around a structural word that are looked at four times as densely */

struct file {
    struct sv trust, bytes;
    uint64_t ends[64]; /* of the signed prefixes */
    size_t ends_n;
    uint64_t last;  /* the largest of them */
    uint8_t *dense; /* a byte a position: near a structural word */
    char *scratch;
    size_t stride, tried, missed;
    char first[80]; /* the first one that was missed */
};

static bool verify(struct file *f, struct arena *a, struct sv bytes, struct pdf_report *ret)
{
    const struct pdf_verify_options o = {.trust_pem = &f->trust, .trust_n = 1, .at = clock_now(&clock_system)};
    struct err e = ERR_INIT;
    return pdf_verify(a, bytes, &o, ret, &e);
}

/* Behind the last signature nothing is protected: there the file may still be intact with an addition. */
static void try_one(struct file *f, size_t at, size_t n, const char *what)
{
    struct arena a;
    struct pdf_report r;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    must(verify(f, &a, sv_of(f->scratch, n), &r));
    f->tried++;
    if (r.integrity == PDF_INTACT || (r.integrity == PDF_INTACT_EXTENDED && at < f->last)) {
        if (f->missed++ == 0)
            snprintf(f->first, sizeof(f->first), "byte %zu: %s", at, what);
    }
    arena_done(&a);
}

static void changed_to(struct file *f, size_t at, char c, const char *what)
{
    memcpy(f->scratch, f->bytes.p, f->bytes.n);
    f->scratch[at] = c;
    try_one(f, at, f->bytes.n, what);
}

/* Padding is the same everywhere: each of its bytes loses one bit only. */
static bool is_padding(const struct file *f, size_t at)
{
    for (size_t i = 0; i < 40; i++) {
        if (at < i || f->bytes.p[at - i] != '0')
            return false;
    }
    return true;
}

static void bits(struct file *f, size_t at)
{
    bool all = !is_padding(f, at);
    for (unsigned bit = all ? 0 : at % 8; bit < (all ? 8 : at % 8 + 1); bit++)
        changed_to(f, at, (char)(f->bytes.p[at] ^ (1 << bit)), "a bit");
}

static void text(struct file *f, size_t at)
{
    char c = f->bytes.p[at];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c >= '0' && c <= '9') {
        changed_to(f, at, c == '9' ? '0' : (char)(c + 1), "the next digit");
        if (!is_padding(f, at))
            changed_to(f, at, c == '0' ? '9' : (char)(c - 1), "the digit before");
    } else if (letter) {
        changed_to(f, at, (char)(c ^ 0x20), "the other case");
        changed_to(f, at, c == 'z' || c == 'Z' ? (char)(c - 1) : (char)(c + 1), "the next letter");
    } else if (c == ' ' || c == '\n' || c == '\r') {
        changed_to(f, at, c == ' ' ? '\n' : ' ', "another blank");
        changed_to(f, at, c == '\r' ? '\n' : '\r', "another line end");
    }
}

static void moved(struct file *f, size_t at)
{
    size_t rest = f->bytes.n - at;
    if (is_padding(f, at) && at % 16)
        return;
    memcpy(f->scratch, f->bytes.p, at);
    memcpy(f->scratch + at, f->bytes.p + at + 1, rest - 1);
    try_one(f, at, f->bytes.n - 1, "removed");
    memcpy(f->scratch + at + 1, f->bytes.p + at, rest);
    f->scratch[at] = f->bytes.p[at];
    if (rest > 1 || (f->bytes.p[at] != '\n' && f->bytes.p[at] != '\r')) /* one more line end at the end is tolerated */
        try_one(f, at, f->bytes.n + 1, "doubled");
    f->scratch[at] = ' ';
    try_one(f, at, f->bytes.n + 1, "a blank put in");
}

/* Where an earlier revision ends, the rest of the file is another honest file. */
static bool ends_a_revision(const struct file *f, size_t n)
{
    for (size_t i = 0; i < f->ends_n; i++) {
        if (n >= f->ends[i] && n <= f->ends[i] + 4)
            return true;
    }
    return false;
}

static void cut(struct file *f, size_t n)
{
    if (n >= f->bytes.n || ends_a_revision(f, n))
        return;
    memcpy(f->scratch, f->bytes.p, n);
    try_one(f, n, n, "cut");
}

static const char *const words[] = {"obj",      "endobj", "stream",     "endstream", "xref",  "trailer", "startxref",
                                    "%%EOF",    "/Prev",  "/ByteRange", "/Contents", "/Root", "/Size",   "/Fields",
                                    "/DocMDP",  "/V ",    "/SubFilter", "/Type",     "/ID",   "/Index",  "/W",
                                    "/Encrypt", "/DSS",   "/Annots",    "/Kids",     "<</",   ">>"};

static void cuts(struct file *f)
{
    for (size_t w = 0; w < COUNT(words); w++) {
        struct sv word = sv_from(words[w]);
        size_t met = 0;
        for (size_t at = 0; at + word.n <= f->bytes.n; at++) {
            if (!sv_starts(sv_skip(f->bytes, at), word) || (f->stride > 1 && met++ % (f->stride / 8 + 1)))
                continue;
            cut(f, at);
            cut(f, at + word.n);
            cut(f, at + word.n + 1);
        }
    }
}

static void mark_dense(struct file *f)
{
    for (size_t w = 4; w < 15; w++) {
        struct sv word = sv_from(words[w]);
        for (size_t at = 0; at + word.n <= f->bytes.n; at++) {
            if (sv_starts(sv_skip(f->bytes, at), word))
                memset(f->dense + at, 1, at + NEAR < f->bytes.n ? NEAR : f->bytes.n - at);
        }
    }
}

static void everywhere(struct file *f, void (*change)(struct file *f, size_t at))
{
    size_t near = f->stride / 4 ? f->stride / 4 : 1;
    for (size_t at = 0; at < f->bytes.n; at++) {
        if (at % f->stride == 0 || (f->dense[at] && at % near == 0))
            change(f, at);
    }
}

static bool said(struct file *f, unsigned *n, const char *path, const char *kind)
{
    bool fine = f->missed == 0;
    printf("%s %u - %s: %s, %zu changes\n", fine ? "ok" : "not ok", ++*n, path, kind, f->tried);
    if (!fine)
        printf("# %zu still intact, the first: %s\n", f->missed, f->first);
    f->tried = f->missed = 0;
    return fine;
}

/* The file as it is must be intact; learns where its signatures end. */
static bool learn(struct file *f, struct arena *a)
{
    struct pdf_report r;
    if (!verify(f, a, f->bytes, &r) || (r.integrity != PDF_INTACT && r.integrity != PDF_INTACT_EXTENDED))
        return false;
    for (size_t i = 0; i < r.signatures_n && f->ends_n < COUNT(f->ends); i++) {
        f->ends[f->ends_n] = r.signatures[i].range[2] + r.signatures[i].range[3];
        f->last = f->ends[f->ends_n] > f->last ? f->ends[f->ends_n] : f->last;
        f->ends_n++;
    }
    f->dense = arena_alloc(a, f->bytes.n);
    f->scratch = arena_alloc(a, f->bytes.n + 1);
    memset(f->dense, 0, f->bytes.n);
    mark_dense(f);
    return f->ends_n > 0;
}

static bool one_file(struct sv trust, size_t stride, const char *path, unsigned *n)
{
    static const struct {
        const char *name;
        void (*change)(struct file *f, size_t at);
    } kinds[] = {
            {"bits",                    bits },
            {"plausible text",          text },
            {"bytes removed and added", moved}
    };
    struct arena a;
    struct err e = ERR_INIT;
    struct file f = {.trust = trust, .stride = stride};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    arena_init(&a, (size_t)1 << 30);
    bool fine = file_read(&a, path, (size_t)16 << 20, &f.bytes, &e) && learn(&f, &a);
    printf("%s %u - %s: intact as it is\n", fine ? "ok" : "not ok", ++*n, name);
    for (size_t i = 0; fine && i < COUNT(kinds); i++) {
        everywhere(&f, kinds[i].change);
        fine = said(&f, n, name, kinds[i].name);
    }
    if (fine) {
        cuts(&f);
        fine = said(&f, n, name, "cut");
    }
    fflush(stdout);
    arena_done(&a);
    return fine;
}

int main(int argc, char **argv)
{
    struct arena a;
    struct err e = ERR_INIT;
    struct sv trust;
    unsigned n = 0;
    bool fine = true;
    if (argc < 4 || strtoul(argv[2], NULL, 10) == 0) {
        fputs("usage: flip TRUST.pem STRIDE FILE…\n", stderr);
        return 64;
    }
    arena_init(&a, (size_t)1 << 24);
    if (!file_read(&a, argv[1], (size_t)1 << 20, &trust, &e)) {
        fprintf(stderr, "flip: %s\n", e.msg);
        return 74;
    }
    for (int i = 3; i < argc; i++)
        fine = one_file(trust, strtoul(argv[2], NULL, 10), argv[i], &n) && fine;
    printf("1..%u\n", n);
    arena_done(&a);
    return fine ? 0 : 1;
}
