/* The measurements; see bench.h. Times are of this machine at this moment: to be compared, not to be asserted. */
#include "app/bench.h"
#include "crypto/cms.h"
#include "crypto/key.h"
#include "pdf/verify.h"

#define US_PER_S 1000000.0

void bench_add(struct bench *b, const char *name, double value, const char *unit)
{
    must(b->figures_n < BENCH_FIGURES);
    b->figures[b->figures_n++] = (struct figure){name, unit, value};
}

double laps_a_second(const struct laps *l)
{
    return l->us > 0 ? (double)l->n * US_PER_S / (double)l->us : 0;
}

double laps_ms(const struct laps *l)
{
    return l->n > 0 ? (double)l->us / 1000.0 / (double)l->n : 0;
}

bool bench_run(struct bench *b, bench_lap_fn fn, void *arg, struct laps *ret, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    int64_t start = clock_monotonic_us(), now = start;
    *ret = (struct laps){0};
    while (ret->n == 0 || now - start < b->seconds * 1000000) {
        if (!fn(&a, arg, e))
            return false;
        arena_done(&a);
        ret->n++;
        now = clock_monotonic_us();
    }
    ret->us = now - start;
    return true;
}

/* ---- the bare cost of cryptography ---- */

struct bare {
    struct key *key;
    struct sv public_der, value;
    struct digest digest;
};

static bool lap_generate(struct arena *a, void *arg, struct err *e)
{
    CLEANUP(key_cleanup) struct key *k = NULL;
    (void)a;
    (void)arg;
    return key_generate(KEY_P256, &k, e);
}

static bool lap_ecdsa(struct arena *a, void *arg, struct err *e)
{
    struct bare *s = arg;
    struct sv value;
    return key_sign_digest(a, s->key, SIG_ECDSA, &s->digest, &value, e);
}

static bool lap_check(struct arena *a, void *arg, struct err *e)
{
    struct bare *s = arg;
    (void)a;
    return signature_verify(s->public_der, SIG_ECDSA, DIGEST_SHA256, SV("bench"), s->value) ||
           err_set(e, ERR_INTERNAL, "a good signature was refused");
}

struct bare_cost {
    struct laps generate, sign, verify;
};

static bool bare_cost(struct bench *b, struct bare_cost *ret, struct err *e)
{
    CLEANUP(key_cleanup) struct key *k = NULL;
    struct bench shorter = {.a = b->a, .seconds = 1};
    if (!key_generate(KEY_P256, &k, e))
        return false;
    struct bare s = {.key = k, .public_der = key_public_der(b->a, k), .digest = digest_of(DIGEST_SHA256, SV("bench"))};
    return key_sign(b->a, k, SIG_ECDSA, DIGEST_SHA256, SV("bench"), &s.value, e) &&
           bench_run(&shorter, lap_generate, &s, &ret->generate, e) &&
           bench_run(&shorter, lap_ecdsa, &s, &ret->sign, e) && bench_run(&shorter, lap_check, &s, &ret->verify, e);
}

static void add_bare(struct bench *b, const struct bare_cost *c)
{
    bench_add(b, "ECDSA P-256 key generation", laps_a_second(&c->generate), "/s");
    bench_add(b, "ECDSA P-256 signature", laps_a_second(&c->sign), "/s");
    bench_add(b, "ECDSA P-256 verification", laps_a_second(&c->verify), "/s");
}

/* ---- sign ---- */

struct signing {
    struct sv pdf;
    struct key *key;
    struct certs certs;
    int64_t prepare_us, cms_us, finish_us, check_us;
};

static bool lap_sign(struct arena *a, void *arg, struct err *e)
{
    struct signing *s = arg;
    struct sv cms;
    struct pdf_prepared p;
    const struct pdf_sign_options o = {.field = SV("Worker"), .signing_at = clock_now(&clock_system)};
    const struct cms_order order = {.signer = s->certs.v[0], .chain = s->certs};
    int64_t t0 = clock_monotonic_us();
    if (!pdf_sign_prepare(a, s->pdf, &o, &p, e))
        return false;
    int64_t t1 = clock_monotonic_us();
    struct digest content = pdf_prepared_digest(&p, DIGEST_SHA256);
    if (!cms_sign(a, &order, s->key, &content, &cms, e))
        return false;
    int64_t t2 = clock_monotonic_us();
    if (!pdf_sign_finish(&p, cms, e))
        return false;
    int64_t t3 = clock_monotonic_us();
    if (!pdf_sign_check(a, &p, pdf_prepared_bytes(a, &p), e))
        return false;
    s->prepare_us += t1 - t0;
    s->cms_us += t2 - t1;
    s->finish_us += t3 - t2;
    s->check_us += clock_monotonic_us() - t3;
    return true;
}

static double part_ms(int64_t us, const struct laps *l)
{
    return (double)us / 1000.0 / (double)l->n;
}

static bool measure_sign(struct bench *b, struct bench_world *w, struct signing *s, struct err *e)
{
    struct laps l;
    struct bare_cost bare;
    struct typeset_document doc;
    struct sv key, cert, chain;
    if (!bench_render(w->typeset, b->a, &w->contract, &doc, e) ||
        !testca_issue_local(b->a, path_join(b->a, w->dir, "ca"), &clock_system, TESTCA_P256, SV("TEST bench"), &key, &cert, &chain,
                            e) ||
        !key_load(key, SV(""), &s->key, e) || !certs_parse(b->a, cert, &s->certs, e))
        return false;
    s->pdf = doc.pdf;
    if (!bare_cost(b, &bare, e) || !bench_run(b, lap_sign, s, &l, e))
        return false;
    bench_add(b, "signatures (PDF, level B-B, self-checked)", laps_a_second(&l), "/s");
    bench_add(b, "one signature", laps_ms(&l), "ms");
    bench_add(b, "  preparing the update", part_ms(s->prepare_us, &l), "ms");
    bench_add(b, "  digest and CMS", part_ms(s->cms_us, &l), "ms");
    bench_add(b, "  finishing", part_ms(s->finish_us, &l), "ms");
    bench_add(b, "  checking it again", part_ms(s->check_us, &l), "ms");
    bench_add(b, "document", (double)doc.pdf.n / 1024.0, "KiB");
    add_bare(b, &bare);
    bench_add(b, "ratio to one bare signature and verification",
              laps_ms(&l) / (laps_ms(&bare.sign) + laps_ms(&bare.verify)), "x");
    return true;
}

bool bench_sign(struct bench *b, struct err *e)
{
    struct bench_world w;
    struct signing s = {0};
    if (!bench_world_open(b->a, &w, e))
        return false;
    bool ok = measure_sign(b, &w, &s, e);
    key_free(s.key);
    bench_world_close(&w);
    return ok;
}

/* ---- verify ---- */

struct verifying {
    struct sv pdf, anchors;
};

static bool lap_verify(struct arena *a, void *arg, struct err *e)
{
    struct verifying *v = arg;
    struct pdf_report report;
    const struct pdf_verify_options o = {.trust_pem = &v->anchors, .trust_n = 1, .at = clock_now(&clock_system)};
    if (!pdf_verify(a, v->pdf, &o, &report, e))
        return false;
    return report.verdict == PDF_VALID ||
           err_set(e, ERR_INTERNAL, "the contract verifies as %s", pdf_verdict_name(report.verdict));
}

bool bench_verify(struct bench *b, struct err *e)
{
    struct laps l;
    struct bench_world w;
    struct bare_cost bare;
    if (!bench_world_open(b->a, &w, e))
        return false;
    struct bench_pipeline p = {.w = &w};
    bool ok = bench_pipeline_lap(b->a, &p, e);
    struct verifying v = {p.pdf, ok ? trust_anchors_pem(w.trust) : SV("")};
    ok = ok && bare_cost(b, &bare, e) && bench_run(b, lap_verify, &v, &l, e);
    if (ok) {
        bench_add(b, "contracts verified (3 signatures, level B-T)", laps_a_second(&l), "/s");
        bench_add(b, "one contract", laps_ms(&l), "ms");
        bench_add(b, "document", (double)v.pdf.n / 1024.0, "KiB");
        add_bare(b, &bare);
        bench_add(b, "ratio to 6 bare verifications", laps_ms(&l) / (6 * laps_ms(&bare.verify)), "x");
    }
    bench_world_close(&w);
    return ok;
}

/* ---- render ---- */

struct rendering {
    struct typeset *t;
    struct bench_contract c;
    int pages;
};

static bool lap_render(struct arena *a, void *arg, struct err *e)
{
    struct rendering *r = arg;
    struct typeset_document doc;
    if (!bench_render(r->t, a, &r->c, &doc, e))
        return false;
    r->pages = doc.pages;
    return true;
}

bool bench_rendering(struct bench *b, struct err *e)
{
    CLEANUP(typeset_cleanup) struct typeset *t = NULL;
    struct rendering r;
    struct laps l;
    int64_t start = clock_monotonic_us();
    if (!typeset_new(NULL, &t, e))
        return false;
    bench_add(b, "loading the fonts, once", (double)(clock_monotonic_us() - start) / 1000.0, "ms");
    r.t = t;
    if (!bench_contract(b->a, &r.c, e) || !bench_run(b, lap_render, &r, &l, e))
        return false;
    bench_add(b, "contracts rendered", laps_a_second(&l), "/s");
    bench_add(b, "one contract", laps_ms(&l), "ms");
    bench_add(b, "pages of it", r.pages, "pages");
    return true;
}

/* ---- pipeline ---- */

static bool measure_pipeline(struct bench *b, struct bench_world *w, struct err *e)
{
    struct laps l;
    struct bare_cost bare;
    struct bench_pipeline p = {.w = w};
    CLEANUP(arena_done) struct arena first;
    arena_init(&first, ARENA_REQUEST_LIMIT);
    /* the first one opens connections and fills caches: not counted */
    if (!bench_pipeline_lap(&first, &p, e) || !bare_cost(b, &bare, e))
        return false;
    double size = (double)p.pdf.n / 1024.0;
    p = (struct bench_pipeline){.w = w, .number = p.number};
    if (!bench_run(b, bench_pipeline_lap, &p, &l, e))
        return false;
    bench_add(b, "contracts, rendered to sealed", laps_a_second(&l), "/s");
    bench_add(b, "one contract", laps_ms(&l), "ms");
    bench_add(b, "  render", part_ms(p.part_us[BENCH_RENDER], &l), "ms");
    bench_add(b, "  lock (certify, token, check)", part_ms(p.part_us[BENCH_LOCK], &l), "ms");
    bench_add(b, "  worker (key, certificate, signature, token, check)", part_ms(p.part_us[BENCH_WORKER], &l), "ms");
    bench_add(b, "  employer (seal, seam strips, signature, token, check)", part_ms(p.part_us[BENCH_EMPLOYER], &l),
              "ms");
    bench_add(b, "document", size, "KiB");
    add_bare(b, &bare);
    /* 3 signatures, 3 tokens, 1 certificate; 1 key; each of the 6 read back once */
    double crypto = 7 * laps_ms(&bare.sign) + laps_ms(&bare.generate) + 6 * laps_ms(&bare.verify);
    bench_add(b, "bare cryptography (7 signatures, 1 key, 6 verifications)", crypto, "ms");
    bench_add(b, "ratio to the bare cryptography", laps_ms(&l) / crypto, "x");
    return true;
}

bool bench_whole(struct bench *b, struct err *e)
{
    struct bench_world w;
    if (!bench_world_open(b->a, &w, e))
        return false;
    bool ok = measure_pipeline(b, &w, e);
    bench_world_close(&w);
    return ok;
}
