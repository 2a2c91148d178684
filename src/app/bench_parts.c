/* The measurements; see bench.h. Times are of this machine at this moment: to be compared, not to be asserted. */
#include "app/bench.h"
#include "crypto/key.h"

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

static double part_ms(int64_t us, const struct laps *l)
{
    return (double)us / 1000.0 / (double)l->n;
}

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
