/* The loops of bench_engine.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/bench_engine.h"
#include "crypto/cms.h"
#include "pdf/verify.h"

#define MAX_DOCUMENT ((size_t)2 << 30)
#define MAX_LAPS     ((size_t)1 << 20)
#define CEILING_US   150000 /* how long one measurement of the bare cryptography goes on */
#define MEMORY       ((size_t)6 << 30)
#define UPDATE_ROOM  ((size_t)256 << 10)
#define PIECE        ((size_t)4 << 20)

/* ---- output: two files a name that change places ----
 *
 * What stands under the name is always a whole document, and no pages are allocated and freed for each one: on tmpfs
 * that costs more than an ECDSA signature. A document of usual size is read straight into the mapped output, and its
 * update written behind it; a large one is mapped and copied. Nothing is synced: this measures signing, not disks. */

struct output {
    int fd;
    char *map;
    size_t room; /* of the map */
    size_t size; /* of the file */
};
struct slot {
    char *path, *spare;
    struct output out[2]; /* of path and spare at the beginning */
    int at;               /* which of them is the spare one now */
};

static const struct slot slot_none = {
        .out = {{.fd = -1}, {.fd = -1}},
          .at = 1
};

static void slot_close(struct slot *s)
{
    if (s->spare)
        unlink(s->spare);
    for (int i = 0; i < 2; i++) {
        if (s->out[i].map)
            munmap(s->out[i].map, s->out[i].room);
        fd_close(&s->out[i].fd);
    }
    free(s->path);
    free(s->spare);
}

static bool slot_open(struct slot *s, const char *dir, size_t number, struct err *e)
{
    *s = (struct slot){
            .out = {{.fd = -1}, {.fd = -1}},
              .at = 1
    };
    must(asprintf(&s->path, "%s/%zu.pdf", dir, number) > 0 && asprintf(&s->spare, "%s/.%zu.pdf", dir, number) > 0);
    const char *const paths[] = {s->path, s->spare};
    for (int i = 0; i < 2; i++) {
        s->out[i].fd = open(paths[i], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (s->out[i].fd < 0)
            return err_errno(e, "create %s", paths[i]);
    }
    return true;
}

/* Makes the spare file this large; its blocks are there before they are written to. */
static bool slot_resize(struct slot *s, size_t size, struct err *e)
{
    struct output *o = &s->out[s->at];
    if (o->size == size)
        return true;
    if (ftruncate(o->fd, (off_t)size) < 0 || (size > o->size && (errno = posix_fallocate(o->fd, 0, (off_t)size)) != 0))
        return err_errno(e, "write %s", s->spare);
    o->size = size;
    return true;
}

/* Room for a document of n bytes and its update. */
static bool slot_map(struct slot *s, size_t n, struct err *e)
{
    struct output *o = &s->out[s->at];
    if (o->map)
        munmap(o->map, o->room);
    o->map = NULL;
    o->room = n + UPDATE_ROOM;
    if (!slot_resize(s, o->room, e))
        return false;
    void *p = mmap(NULL, o->room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, o->fd, 0);
    if (p == MAP_FAILED)
        return err_errno(e, "map %s", s->spare);
    o->map = p;
    return true;
}

/* The document, in the output already unless it is large. */
static bool slot_read(struct slot *s, struct file_view *large, const char *path, struct sv *ret, struct err *e)
{
    struct output *o = &s->out[s->at];
    size_t n;
    if (!file_read_into(path, o->map, o->size, &n, e))
        return false;
    if (n >= FILE_VIEW_MAPS) {
        bool opened = file_view_open(large, path, MAX_DOCUMENT, e);
        *ret = large->bytes;
        return opened;
    }
    if (n > o->size && (!slot_map(s, n, e) || !file_read_into(path, o->map, o->size, &n, e)))
        return false;
    *ret = sv_of(o->map, n);
    return true;
}

static bool write_at(struct slot *s, struct sv bytes, size_t at, struct err *e)
{
    while (bytes.n) {
        ssize_t put = pwrite(s->out[s->at].fd, bytes.p, bytes.n, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return err_errno(e, "write %s", s->spare);
        bytes = sv_skip(bytes, (size_t)put);
        at += (size_t)put;
    }
    return true;
}

/* The piece of the input that was copied is not needed in memory any more. */
static bool copy_large(struct slot *s, const struct file_view *large, const struct pdf_prepared *p, struct err *e)
{
    for (size_t at = 0; at < p->input.n; at += PIECE) {
        struct sv piece = sv_sub(p->input, at, PIECE);
        if (!write_at(s, piece, at, e))
            return false;
        file_view_forget(large, piece);
    }
    return write_at(s, p->update, p->input.n, e) &&
           (ftruncate(s->out[s->at].fd, (off_t)(p->input.n + p->update.n)) == 0 || err_errno(e, "cut %s", s->spare));
}

static bool slot_write(struct slot *s, const struct file_view *large, const struct pdf_prepared *p, struct err *e)
{
    struct output *o = &s->out[s->at];
    if (p->input.p != o->map) {
        if (!copy_large(s, large, p, e))
            return false;
    } else {
        if (p->update.n > o->room - p->input.n)
            return err_set(e, ERR_TOO_LARGE, "an update of %zu bytes", p->update.n);
        if (!slot_resize(s, p->input.n + p->update.n, e))
            return false;
        memcpy(o->map + p->input.n, p->update.p, p->update.n);
    }
    return true;
}

/* The spare file gets the name, and what had it becomes the spare one. */
static bool slot_swap(struct slot *s, struct err *e)
{
    if (renameat2(AT_FDCWD, s->spare, AT_FDCWD, s->path, RENAME_EXCHANGE) < 0)
        return err_errno(e, "rename to %s", s->path);
    s->at = 1 - s->at;
    return true;
}

/* ---- measuring ---- */

struct engine {
    struct bench_run *r;
    struct arena a;           /* of one document */
    struct file_view in, out; /* large documents, and what is verified */
    struct pdf_reader reader; /* of both */
    struct slot slots[BENCH_OUTPUTS];
    uint32_t *laps;
    size_t laps_n;
    struct certs anchors;
};
typedef bool (*document_fn)(struct engine *g, struct err *e);

static void engine_done(struct engine *g)
{
    for (size_t i = 0; i < BENCH_OUTPUTS; i++)
        slot_close(&g->slots[i]);
    file_view_done(&g->in);
    file_view_done(&g->out);
    arena_done(&g->a);
    free(g->laps);
}

static int64_t cpu_us(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

double bench_peak_mib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024.0;
}

double bench_docs_a_second(const struct bench_run *r)
{
    return r->wall_us > 0 ? (double)r->done * 1e6 / (double)r->wall_us : 0;
}

static int by_value(const void *p, const void *q)
{
    const uint32_t *x = p, *y = q;
    return *x < *y ? -1 : *x > *y;
}

static void percentiles(struct engine *g)
{
    struct bench_run *r = g->r;
    if (!g->laps_n)
        return;
    qsort(g->laps, g->laps_n, sizeof(*g->laps), by_value);
    r->p50_us = g->laps[(g->laps_n * 50 + 99) / 100 - 1]; /* nearest rank */
    r->p95_us = g->laps[(g->laps_n * 95 + 99) / 100 - 1];
    r->max_us = g->laps[g->laps_n - 1];
}

static bool run_documents(struct engine *g, document_fn fn, struct err *e)
{
    struct bench_run *r = g->r;
    int64_t start = clock_monotonic_us(), cpu = cpu_us(), now = start;
    while (r->n ? r->done < r->n : r->done == 0 || now - start < r->seconds * 1000000) {
        int64_t before = now;
        if (!fn(g, e))
            return err_wrap(e, "document %lld", (long long)r->done);
        now = clock_monotonic_us();
        if (r->done == 0)
            r->first_us = now - r->started_us;
        if (g->laps_n < MAX_LAPS)
            g->laps[g->laps_n++] = (uint32_t)(now - before);
        r->done++;
    }
    r->wall_us = now - start;
    r->cpu_us = cpu_us() - cpu;
    percentiles(g);
    return true;
}

static void seen(void *engine, struct sv part)
{
    const struct engine *g = engine;
    file_view_forget(&g->in, part);
    file_view_forget(&g->out, part);
}

static bool engine_open(struct engine *g, struct bench_run *r, struct err *e)
{
    g->r = r;
    g->reader = (struct pdf_reader){seen, g};
    for (size_t i = 0; i < BENCH_OUTPUTS; i++)
        g->slots[i] = slot_none;
    arena_init(&g->a, MEMORY);
    size_t laps = r->n && (size_t)r->n < MAX_LAPS ? (size_t)r->n : MAX_LAPS;
    g->laps = malloc(laps * sizeof(*g->laps));
    must(g->laps != NULL);
    for (size_t i = 0; r->out_dir && i < BENCH_OUTPUTS; i++) {
        if (!slot_open(&g->slots[i], r->out_dir, i, e))
            return false;
    }
    return true;
}

/* ---- sign ---- */

static struct slot *slot_now(struct engine *g)
{
    return &g->slots[g->r->done % BENCH_OUTPUTS];
}

static bool prepare(struct engine *g, struct pdf_prepared *p, struct err *e)
{
    const struct pdf_sign_options o = {.signing_at = clock_now(&clock_system), .reader = &g->reader};
    struct sv in;
    return slot_read(slot_now(g), &g->in, g->r->in, &in, e) && pdf_sign_prepare(&g->a, in, &o, p, e);
}

static bool check_written(struct engine *g, const struct pdf_prepared *p, struct err *e)
{
    const struct slot *s = slot_now(g);
    const struct output *o = &s->out[s->at];
    if (o->map)
        return pdf_sign_check(&g->a, p, sv_of(o->map, o->size), e);
    return file_view_open(&g->out, s->spare, MAX_DOCUMENT, e) && pdf_sign_check(&g->a, p, g->out.bytes, e);
}

static bool sign_document(struct engine *g, struct err *e)
{
    const struct bench_signer *s = g->r->signer;
    const struct cms_order order = {.signer = s->cert, .chain = s->chain};
    struct pdf_prepared p;
    struct sv cms;
    arena_reset(&g->a);
    if (!prepare(g, &p, e))
        return false;
    struct digest content = pdf_prepared_digest(&p, key_kind_digest(key_kind(s->key)));
    g->r->in_bytes = p.input.n;
    g->r->out_bytes = p.input.n + p.update.n;
    return cms_sign(&g->a, &order, s->key, &content, &cms, e) && pdf_sign_finish(&p, cms, e) &&
           slot_write(slot_now(g), &g->in, &p, e) && (!g->r->self_check || check_written(g, &p, e)) &&
           slot_swap(slot_now(g), e);
}

/* Microseconds of one signature and the digest of the signed bytes; the better of what was measured so far, since
 * other work on the machine only makes it slower. */
static bool sign_ceiling(struct engine *g, struct err *e)
{
    const struct key *k = g->r->signer->key;
    struct pdf_prepared p;
    struct sv value;
    arena_reset(&g->a);
    if (!prepare(g, &p, e))
        return false;
    enum sig_scheme scheme = key_kind_scheme(key_kind(k));
    int64_t n = 0, start = clock_monotonic_us(), now = start;
    for (; now - start < CEILING_US; n++, now = clock_monotonic_us()) {
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, 1 << 20);
        struct digest d = pdf_prepared_digest(&p, key_kind_digest(key_kind(k)));
        if (!key_sign_digest(&a, k, scheme, &d, &value, e))
            return false;
    }
    double us = (double)(now - start) / (double)n;
    if (g->r->ceiling_us == 0 || us < g->r->ceiling_us)
        g->r->ceiling_us = us;
    return true;
}

bool bench_sign_files(struct arena *a, struct bench_run *r, struct err *e)
{
    (void)a;
    CLEANUP(engine_done) struct engine g = {0};
    return engine_open(&g, r, e) && run_documents(&g, sign_document, e) && sign_ceiling(&g, e) && sign_ceiling(&g, e);
}

/* ---- verify ---- */

static bool read_report(struct engine *g, struct pdf_report *report, struct err *e)
{
    const struct pdf_verify_options o = {.anchors = &g->anchors, .reader = &g->reader, .at = clock_now(&clock_system)};
    arena_reset(&g->a);
    if (!file_view_open(&g->in, g->r->in, MAX_DOCUMENT, e) || !pdf_verify(&g->a, g->in.bytes, &o, report, e))
        return false;
    g->r->in_bytes = g->in.bytes.n;
    return report->verdict == PDF_VALID && report->signatures_n == 1
                   ? true
                   : err_set(e, ERR_INTERNAL, "%s is %s with %zu signatures", g->r->in,
                             pdf_verdict_name(report->verdict), report->signatures_n);
}

static bool verify_document(struct engine *g, struct err *e)
{
    struct pdf_report report;
    return read_report(g, &report, e);
}

static bool verify_ceiling(struct engine *g, struct err *e)
{
    const struct key *k = g->r->signer->key;
    enum digest_alg alg = key_kind_digest(key_kind(k));
    enum sig_scheme scheme = key_kind_scheme(key_kind(k));
    struct pdf_report report;
    struct sv value;
    if (!read_report(g, &report, e) || !key_sign(&g->a, k, scheme, alg, SV("TEST"), &value, e))
        return false;
    struct sv public_der = g->r->signer->cert->public_der;
    const uint64_t *range = report.signatures[0].range;
    struct sv signed_part = sv_sub(g->in.bytes, 0, range[1]);
    int64_t n = 0, start = clock_monotonic_us(), now = start;
    for (; now - start < CEILING_US; n++, now = clock_monotonic_us()) {
        (void)digest_of(alg, signed_part);
        if (!signature_verify(public_der, scheme, alg, SV("TEST"), value))
            return err_set(e, ERR_INTERNAL, "a good signature was refused");
    }
    double us = (double)(now - start) / (double)n;
    if (g->r->ceiling_us == 0 || us < g->r->ceiling_us)
        g->r->ceiling_us = us;
    return true;
}

bool bench_verify_files(struct arena *a, struct bench_run *r, struct err *e)
{
    CLEANUP(engine_done) struct engine g = {0};
    certs_add(a, &g.anchors, r->signer->cert);
    return engine_open(&g, r, e) && run_documents(&g, verify_document, e) && verify_ceiling(&g, e) &&
           verify_ceiling(&g, e);
}
