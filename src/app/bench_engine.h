/* Signing and verifying whole documents, file to file, as fast as one thread can: what "qyq bench sign" and "verify"
 * measure, and what other engines are compared with. */
#ifndef APP_BENCH_ENGINE_H
#define APP_BENCH_ENGINE_H

#include "app/bench.h"
#include "crypto/cert.h"
#include "crypto/key.h"

#define BENCH_OUTPUTS 8 /* document i is written to <i mod 8>.pdf */

struct bench_signer {
    struct key *key;
    const struct cert *cert;
    struct certs chain;
};
void bench_signer_done(struct bench_signer *s);
/* A key with a self-signed certificate whose name says TEST. */
MUST_CHECK bool bench_signer_make(struct arena *a, enum key_kind kind, struct bench_signer *ret, struct err *e);
/* pass_path NULL: no password. */
MUST_CHECK bool bench_signer_load(struct arena *a, const char *p12_path, const char *pass_path,
                                  struct bench_signer *ret, struct err *e);
/* A document of six pages and 97 KB with cross-reference table, as an HR department might send. */
struct sv bench_document(struct arena *a);

struct bench_run {
    const struct bench_signer *signer;
    const char *in;      /* path of the document */
    const char *out_dir; /* existing */
    bool self_check;     /* sign: read the finished file back before it gets its name */
    int64_t n;           /* documents; 0: as many as fit into seconds */
    int64_t seconds;
    int64_t started_us; /* when the program began, monotonic: first_us is counted from here */
    /* results */
    int64_t done, wall_us, cpu_us, first_us;
    int64_t p50_us, p95_us, max_us;
    size_t in_bytes, out_bytes; /* of one document */
    double ceiling_us;          /* bare cryptography of one document */
};
/* Level B-B. The ceiling is the signature and the digest of the signed bytes, timed before and after the documents. */
MUST_CHECK bool bench_sign_files(struct arena *a, struct bench_run *r, struct err *e);
/* in: a file signed by signer, whose certificate is the trust anchor. The ceiling is the digest of the signed bytes and
 * one verification. */
MUST_CHECK bool bench_verify_files(struct arena *a, struct bench_run *r, struct err *e);
double bench_docs_a_second(const struct bench_run *r);
double bench_peak_mib(void); /* largest resident memory of this process so far */

#endif
