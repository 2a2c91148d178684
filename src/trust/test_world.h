/* What the tests of this room stand on: a database, the test CA in this process, and trust talking to it over HTTP. */
#ifndef TRUST_TEST_WORLD_H
#define TRUST_TEST_WORLD_H

#include "test.h"

#include "trust/testca.h"
#include "trust/trust_priv.h"

struct world {
    struct arena a;
    const char *dir, *kek, *db_url;
    struct testca *ca;
    struct db *db;
    struct trust *t;
    struct sv tsa_urls[2], tsa_sm2_url;
    struct trust_setup setup;
    struct sv pdf; /* one page; empty fields Lock, Worker, WorkerSM2, Employer, EmployerSM2, Archive1, Seam1 */
    struct err e;
};

void world_open(struct world *w); /* on SQLite */
void world_open_on(struct world *w, const char *db_url);
void world_open_at(struct world *w, const char *db_url, const struct clock *clock); /* db_url NULL: SQLite */
/* Starts the test CA on its folder (again, once it was stopped), and points the setup to it. */
void world_serve(struct world *w);
/* Opens trust once more after w->setup was changed. */
void world_reopen(struct world *w);
/* The same with that suite: in gm the TSA signs with SM2, in dual there is one of each. */
void world_suite(struct world *w, enum trust_suite suite);
void world_close(struct world *w);

struct sv small_pdf(struct arena *a);
/* A request for a document, with an approval of exactly it. */
struct trust_sign_request request(struct world *w, struct sv pdf, const char *act, const char *field);
bool sign(struct world *w, const struct trust_sign_request *r, struct trust_signed *ret, struct err *e);
bool commit(struct world *w, struct sv use_id, struct err *e);
struct trust_key key_of(struct world *w, const char *owner, const char *purpose);

/* What the tables hold, for "nothing half-done". */
struct tally {
    int64_t keys, uses_begun, uses_used, uses_signed, uses_committed, uses_abandoned, certs_open, certs_issued,
            certs_revoked;
};
struct tally tally(struct world *w);

/* Runs a program with arguments (NULL at the end) and gives its exit code and output. */
int run_program(struct arena *a, const char *const *argv, struct sv *ret_output);

#define ASSERT_REFUSED(call, err_code_, reason_, e)                                                                    \
    do {                                                                                                               \
        (e) = ERR_INIT;                                                                                                \
        ck_assert_msg(!(call), "%s succeeded", #call);                                                                 \
        ck_assert_msg((e).code == (err_code_), "%s: %s: %s", #call, err_code_name((e).code), (e).msg);                 \
        ck_assert_msg(sv_eq(sv_from((e).reason), sv_from(reason_)), "%s: reason %s: %s", #call, (e).reason, (e).msg);  \
    } while (0)

#endif
