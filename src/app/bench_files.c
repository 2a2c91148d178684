/* "qyq bench sign" and "qyq bench verify": the loops of bench_engine.h over the algorithms, against the bare
 * cryptography in the same run; or one algorithm with given files, for side-by-side runs with other engines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/bench_engine.h"
#include "json/json.h"

static const struct alg {
    const char *name;  /* of --alg */
    const char *title; /* in the table */
    enum key_kind kind;
} algs[] = {
        {"rsa",  "RSA-2048",    KEY_RSA_2048},
        {"p256", "ECDSA P-256", KEY_P256    },
        {"sm2",  "SM2/SM3",     KEY_SM2     },
};

static const struct alg *alg_find(const char *name)
{
    for (size_t i = 0; i < COUNT(algs); i++) {
        if (strcmp(name, algs[i].name) == 0)
            return &algs[i];
    }
    return NULL;
}

/* A folder in memory where there is one. */
static bool folder(struct arena *a, const char **ret, struct err *e)
{
    static const char shm[] = "/dev/shm";
    if (access(shm, W_OK) != 0)
        return dir_temp(a, "qyq-bench", ret, e);
    char *path = arena_cstr(a, arena_printf(a, "%s/qyq-bench.XXXXXX", shm));
    *ret = path;
    return mkdtemp(path) || err_errno(e, "create %s", path);
}

static void folder_remove(const char **dir)
{
    struct err e = ERR_INIT;
    if (*dir && !dir_remove(*dir, &e))
        fprintf(stderr, "qyq bench: %s\n", e.msg);
}

/* ---- the table ---- */

static void add(struct bench *b, const struct alg *alg, const char *what, double value, const char *unit)
{
    bench_add(b, arena_printf(b->a, "%-12s %s", alg->title, what).p, value, unit);
}

static bool sign_row(struct bench *b, const struct alg *alg, const char *dir, struct err *e)
{
    CLEANUP(bench_signer_done) struct bench_signer s = {0};
    const char *in = path_join(b->a, dir, "in.pdf");
    if (!bench_signer_make(b->a, alg->kind, &s, e))
        return false;
    struct bench_run plain = {.signer = &s, .in = in, .out_dir = dir, .seconds = b->seconds};
    struct bench_run checked = plain;
    checked.self_check = true;
    if (!bench_sign_files(b->a, &plain, e) || !bench_sign_files(b->a, &checked, e))
        return false;
    double ours = bench_docs_a_second(&plain), ceiling = 1e6 / plain.ceiling_us;
    add(b, alg, "documents signed", ours, "/s");
    add(b, alg, "ceiling: signature and digest alone", ceiling, "/s");
    add(b, alg, "ratio to the ceiling", 100 * ours / ceiling, "%");
    add(b, alg, "with self-check", bench_docs_a_second(&checked), "/s");
    return true;
}

static bool verify_row(struct bench *b, const struct alg *alg, const char *dir, struct err *e)
{
    CLEANUP(bench_signer_done) struct bench_signer s = {0};
    if (!bench_signer_make(b->a, alg->kind, &s, e))
        return false;
    struct bench_run sign = {.signer = &s, .in = path_join(b->a, dir, "in.pdf"), .out_dir = dir, .n = 1};
    struct bench_run verify = {.signer = &s, .in = path_join(b->a, dir, "0.pdf"), .seconds = b->seconds};
    if (!bench_sign_files(b->a, &sign, e) || !bench_verify_files(b->a, &verify, e))
        return false;
    double ours = bench_docs_a_second(&verify), ceiling = 1e6 / verify.ceiling_us;
    add(b, alg, "documents verified", ours, "/s");
    add(b, alg, "ceiling: verification and digest alone", ceiling, "/s");
    add(b, alg, "ratio to the ceiling", 100 * ours / ceiling, "%");
    return true;
}

static bool table(struct bench *b, bool (*row)(struct bench *, const struct alg *, const char *, struct err *),
                  struct err *e)
{
    CLEANUP(folder_remove) const char *dir = NULL;
    struct sv document = bench_document(b->a);
    if (!folder(b->a, &dir, e) || !file_write(path_join(b->a, dir, "in.pdf"), document, 0600, e))
        return false;
    for (size_t i = 0; i < COUNT(algs); i++) {
        if (!row(b, &algs[i], dir, e))
            return false;
    }
    bench_add(b, "document of six pages", (double)document.n / 1024.0, "KiB");
    bench_add(b, "largest memory so far", bench_peak_mib(), "MiB");
    return true;
}

/* ---- one algorithm, given files ---- */

static void put_seconds(struct json_out *o, const char *key, double us, double unit)
{
    json_key(o, sv_from(key));
    json_put_real(o, us / unit);
}

static void print_line(const struct alg *alg, const struct bench_run *r)
{
    CLEANUP(buf_done) struct buf out;
    struct json_out o;
    buf_init(&out, 1 << 16);
    json_out_init(&o, &out);
    json_begin_object(&o);
    json_kv_text(&o, "alg", sv_from(alg->name));
    json_kv_int(&o, "n", r->n ? r->n : r->done);
    json_kv_int(&o, "ok", r->done);
    put_seconds(&o, "wall_s", (double)r->wall_us, 1e6);
    put_seconds(&o, "docs_per_s", bench_docs_a_second(r), 1);
    put_seconds(&o, "cpu_s", (double)r->cpu_us, 1e6);
    put_seconds(&o, "docs_per_cpu_s", r->cpu_us ? (double)r->done * 1e6 / (double)r->cpu_us : 0, 1);
    put_seconds(&o, "p50_ms", (double)r->p50_us, 1e3);
    put_seconds(&o, "p95_ms", (double)r->p95_us, 1e3);
    put_seconds(&o, "max_ms", (double)r->max_us, 1e3);
    put_seconds(&o, "first_doc_s", (double)r->first_us, 1e6);
    put_seconds(&o, "peak_rss_mib", bench_peak_mib(), 1);
    json_kv_int(&o, "out_bytes", (int64_t)r->out_bytes);
    put_seconds(&o, "ceiling_per_s", r->ceiling_us > 0 ? 1e6 / r->ceiling_us : 0, 1);
    json_kv_bool(&o, "self_check", r->self_check);
    json_end_object(&o);
    printf("%.*s\n", SV_ARG(buf_sv(&out)));
}

static bool one(struct bench *b, const struct bench_files *f, struct err *e)
{
    CLEANUP(bench_signer_done) struct bench_signer s = {0};
    CLEANUP(folder_remove) const char *own = NULL;
    const struct alg *alg = alg_find(f->alg);
    if (!alg || !f->p12 || !f->in)
        return err_set(e, ERR_BAD_INPUT, "--alg rsa|p256|sm2 goes with --in PDF and --p12 FILE");
    if (!bench_signer_load(b->a, f->p12, f->pass_file, &s, e) || (!f->out_dir && !folder(b->a, &own, e)))
        return false;
    if (key_kind_scheme(key_kind(s.key)) != key_kind_scheme(alg->kind))
        return err_set(e, ERR_BAD_INPUT, "%s: a key of kind %s, not %s", f->p12, key_kind_name(key_kind(s.key)),
                       alg->name);
    struct bench_run r = {.signer = &s,
                          .in = f->in,
                          .out_dir = f->out_dir ? f->out_dir : own,
                          .self_check = f->self_check,
                          .n = f->n,
                          .seconds = b->seconds,
                          .started_us = b->started_us};
    if ((f->out_dir && !dir_make(f->out_dir, 0755, e)) || !bench_sign_files(b->a, &r, e))
        return false;
    print_line(alg, &r);
    b->printed = true;
    return true;
}

bool bench_sign(struct bench *b, struct err *e)
{
    return b->files.alg ? one(b, &b->files, e) : table(b, sign_row, e);
}

bool bench_verify(struct bench *b, struct err *e)
{
    return table(b, verify_row, e);
}
