/* What the measurements of "qyq bench" share: figures, laps, and a world with a TEST CA and TSA of its own in a folder
 * that is removed afterwards. */
#ifndef APP_BENCH_H
#define APP_BENCH_H

#include "contract/contract.h"
#include "db/db.h"
#include "trust/testca.h"
#include "trust/trust.h"
#include "typeset/typeset.h"

#define BENCH_FIGURES 40

/* "bench sign" with given files; alg NULL: the table over all algorithms. */
struct bench_files {
    const char *alg, *in, *p12, *pass_file, *out_dir;
    int64_t n; /* documents; 0: as many as fit into the time */
    bool self_check;
};

struct bench {
    struct arena *a;
    int64_t seconds;    /* how long each measurement goes on, at least one lap */
    int64_t started_us; /* of the command, monotonic */
    struct bench_files files;
    bool printed; /* the measurement wrote its own line */
    struct figure {
        const char *name, *unit;
        double value;
    } figures[BENCH_FIGURES];
    size_t figures_n;
};
void bench_add(struct bench *b, const char *name, double value, const char *unit);

/* Calls fn, each time with an emptied arena, until the time is over. */
struct laps {
    int64_t n, us;
};
typedef bool (*bench_lap_fn)(struct arena *a, void *arg, struct err *e);
MUST_CHECK bool bench_run(struct bench *b, bench_lap_fn fn, void *arg, struct laps *ret, struct err *e);
double laps_a_second(const struct laps *l);
double laps_ms(const struct laps *l); /* milliseconds a lap */

/* A fictional contract to render. */
struct bench_contract {
    struct typeset_template template;
    struct contract_data data;
    const struct typeset_field *fields;
    size_t fields_n;
};
MUST_CHECK bool bench_contract(struct arena *a, struct bench_contract *ret, struct err *e);
MUST_CHECK bool bench_render(struct typeset *t, struct arena *a, const struct bench_contract *c,
                             struct typeset_document *ret, struct err *e);

struct bench_world {
    const char *dir;
    struct db *db;
    struct testca *ca;
    struct trust *trust;
    struct typeset *typeset;
    struct bench_contract contract;
    struct trust_key platform, enterprise;
    struct typeset_drawing ink, seal;
    struct sv tsa_url;
};
MUST_CHECK bool bench_world_open(struct arena *a, struct bench_world *ret, struct err *e);
void bench_world_close(struct bench_world *w);

/* One contract through rendering, locking, the worker's and the employer's signature; times are added up in part. */
enum bench_part { BENCH_RENDER, BENCH_LOCK, BENCH_WORKER, BENCH_EMPLOYER, BENCH_PART__COUNT };
struct bench_pipeline {
    struct bench_world *w;
    int64_t part_us[BENCH_PART__COUNT];
    int64_t number; /* of acts so far */
    struct sv pdf;  /* the last result, in the arena of the lap */
};
MUST_CHECK bool bench_pipeline_lap(struct arena *a, void *pipeline, struct err *e);

MUST_CHECK bool bench_sign(struct bench *b, struct err *e);
MUST_CHECK bool bench_verify(struct bench *b, struct err *e);
MUST_CHECK bool bench_rendering(struct bench *b, struct err *e);
MUST_CHECK bool bench_whole(struct bench *b, struct err *e); /* "pipeline" */
MUST_CHECK bool bench_api(struct bench *b, struct err *e);

#endif
