/* See test_world.h. */
#include "trust/test_world.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/digest.h"

/* --- a document
 * ---------------------------------------------------------------------------------------------------------- */

static const char *const objects[] = {
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R 6 0 R 7 0 R 8 0 R 11 0 R 12 0 R 13 0 R] /SigFlags "
        "3 >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents 4 0 R /Annots 9 0 R >>",
        "<< /Length 17 >>\nstream\n72 700 100 1 re f\nendstream",
        "<< /FT /Sig /T (Lock) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R /F 132 >>",
        "<< /FT /Sig /T (Worker) /Type /Annot /Subtype /Widget /Rect [72 100 232 160] /P 3 0 R /F 132 >>",
        "<< /FT /Sig /T (Employer) /Type /Annot /Subtype /Widget /Rect [300 80 420 200] /P 3 0 R /F 132 >>",
        "<< /FT /Btn /Ff 65537 /T (Seam1) /Type /Annot /Subtype /Widget /Rect [560 300 595 420] /P 3 0 R /F 4 /MK << "
        ">> "
        "/AP << /N 10 0 R >> >>",
        "[5 0 R 6 0 R 7 0 R 8 0 R 11 0 R 12 0 R 13 0 R]",
        "<< /Type /XObject /Subtype /Form /BBox [0 0 35 120] /Length 0 >>\nstream\n\nendstream",
        "<< /FT /Sig /T (WorkerSM2) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R /F 132 >>",
        "<< /FT /Sig /T (EmployerSM2) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R /F 132 >>",
        "<< /FT /Sig /T (Archive1) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R /F 132 >>",
};

struct sv small_pdf(struct arena *a)
{
    struct buf b;
    size_t offset[COUNT(objects)];
    buf_init(&b, 1 << 20);
    buf_printf(&b, "%%PDF-1.7\n%%\xc3\xa4\xc3\xbc\n");
    for (size_t i = 0; i < COUNT(objects); i++) {
        offset[i] = b.n;
        buf_printf(&b, "%zu 0 obj\n%s\nendobj\n", i + 1, objects[i]);
    }
    size_t xref = b.n;
    buf_printf(&b, "xref\n0 %zu\n0000000000 65535 f \n", COUNT(objects) + 1);
    for (size_t i = 0; i < COUNT(objects); i++)
        buf_printf(&b, "%010zu 00000 n \n", offset[i]);
    buf_printf(&b,
               "trailer\n<< /Size %zu /Root 1 0 R /ID [<00112233445566778899aabbccddeeff> "
               "<00112233445566778899aabbccddeeff>] "
               ">>\nstartxref\n%zu\n%%%%EOF\n",
               COUNT(objects) + 1, xref);
    ck_assert(buf_ok(&b));
    return buf_to_arena(&b, a);
}

/* --- the world
 * ----------------------------------------------------------------------------------------------------------- */

void world_reopen(struct world *w)
{
    trust_close(w->t);
    w->t = NULL;
    ASSERT_OK(trust_open(&w->setup, &w->t, &w->e), w->e);
}

void world_open_on(struct world *w, const char *db_url)
{
    world_open_at(w, db_url, &clock_system);
}

void world_serve(struct world *w)
{
    const struct testca_setup ca = {.dir = path_join(&w->a, w->dir, "ca"), .clock = w->setup.clock};
    ASSERT_OK(testca_start(&ca, &w->ca, &w->e), w->e);
    w->tsa_urls[0] = testca_tsa_url(w->ca);
    w->setup.ca_url = testca_url(w->ca);
    w->setup.crl_urls = testca_crl_urls(w->ca);
    w->setup.crl_urls_n = TESTCA_CRLS;
}

void world_open_at(struct world *w, const char *db_url, const struct clock *clock)
{
    *w = (struct world){0};
    arena_init(&w->a, (size_t)256 << 20);
    ASSERT_OK(dir_temp(&w->a, "trust", &w->dir, &w->e), w->e);
    w->kek = path_join(&w->a, w->dir, "kek");
    w->db_url = db_url ? db_url : arena_cstr(&w->a, arena_printf(&w->a, "sqlite:%s/db", w->dir));
    const struct db_config config = {.url = w->db_url};
    ASSERT_OK(db_open(&config, &w->db, &w->e), w->e);
    ASSERT_OK(db_migrate(w->db, &db_migrations, 1, NULL, &w->e), w->e);
    w->setup = (struct trust_setup){
            .db = w->db, .clock = clock, .kek_path = w->kek, .tsa_urls = w->tsa_urls, .tsa_n = 1, .timeout_ms = 5000};
    world_serve(w);
    w->setup.ca_token = arena_sv(&w->a, testca_token(w->ca));
    w->setup.anchors_pem = arena_sv(&w->a, testca_root_pem(w->ca));
    w->pdf = small_pdf(&w->a);
    world_reopen(w);
}

void world_suite(struct world *w, enum trust_suite suite)
{
    w->setup.suite = suite;
    w->setup.tsa_sm2_urls = &w->tsa_sm2_url;
    w->setup.tsa_sm2_n = suite == TRUST_SUITE_DUAL;
    w->tsa_sm2_url = testca_tsa_sm2_url(w->ca);
    w->tsa_urls[0] = suite == TRUST_SUITE_GM ? w->tsa_sm2_url : testca_tsa_url(w->ca);
    world_reopen(w);
}

void world_open(struct world *w)
{
    world_open_on(w, NULL);
}

void world_close(struct world *w)
{
    struct err e = ERR_INIT;
    trust_close(w->t);
    testca_stop(w->ca);
    db_close(w->db);
    ASSERT_OK(dir_remove(w->dir, &e), e);
    arena_done(&w->a);
}

/* --- shorthand
 * ----------------------------------------------------------------------------------------------------------- */

struct trust_sign_request request(struct world *w, struct sv pdf, const char *act, const char *field)
{
    struct digest d = digest_of(DIGEST_SHA256, pdf);
    return (struct trust_sign_request){
            .pdf = pdf,
            .signer = {.common_name = SV("测试工人甲"),
                       .subject_hash = SV("a5f3c2e1d4b60718293a4b5c6d7e8f90123456789012345678901234567890ab")},
            .auth = { .act = sv_from(act),
                       .approved_by = SV("person:1"),
                       .factor = SV("otp"),
                       .approved_at = clock_now(&clock_system),
                       .document_sha256 = arena_sv(&w->a, digest_sv(&d))},
            .field = sv_from(field),
    };
}

bool sign(struct world *w, const struct trust_sign_request *r, struct trust_signed *ret, struct err *e)
{
    return trust_sign_pdf(w->t, &w->a, r, ret, e);
}

bool commit(struct world *w, struct sv use_id, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    return tx_begin(w->db, TX_WRITE, &tx, e) && trust_use_commit(tx, use_id, clock_now(&clock_system), e) &&
           tx_commit(&tx, e);
}

struct trust_key key_of(struct world *w, const char *owner, const char *purpose)
{
    const struct trust_key_in in = {.owner = sv_from(owner),
                                    .purpose = sv_from(purpose),
                                    .common_name = SV("清远测试有限公司"),
                                    .organization = SV("清远测试有限公司"),
                                    .organization_id = SV("914418020000000000")};
    struct trust_key key;
    ASSERT_OK(trust_key_ensure(w->t, &w->a, &in, &key, &w->e), w->e);
    return key;
}

DB_QUERY(q_trust_test_tally, .in = "", .out = "iiiiiiiii",
         .sql = "SELECT (SELECT COUNT(*) FROM trust_key), "
                "(SELECT COUNT(*) FROM trust_use WHERE state = 'begun'), (SELECT COUNT(*) FROM trust_use WHERE state = "
                "'used'), "
                "(SELECT COUNT(*) FROM trust_use WHERE state = 'signed'), "
                "(SELECT COUNT(*) FROM trust_use WHERE state = 'committed'), "
                "(SELECT COUNT(*) FROM trust_use WHERE state = 'abandoned'), "
                "(SELECT COUNT(*) FROM trust_cert WHERE state IN ('asked', 'revoking')), "
                "(SELECT COUNT(*) FROM trust_cert WHERE state = 'issued'), "
                "(SELECT COUNT(*) FROM trust_cert WHERE state = 'revoked')");

struct tally tally(struct world *w)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct db_rows r;
    ASSERT_OK(tx_begin(w->db, TX_READ, &tx, &w->e), w->e);
    ASSERT_OK(db_one(tx, &w->a, &q_trust_test_tally, DB_NO_ARGS, &r, &w->e), w->e);
    return (struct tally){db_int(&r, 0, 0), db_int(&r, 0, 1), db_int(&r, 0, 2), db_int(&r, 0, 3), db_int(&r, 0, 4),
                          db_int(&r, 0, 5), db_int(&r, 0, 6), db_int(&r, 0, 7), db_int(&r, 0, 8)};
}

int run_program(struct arena *a, const char *const *argv, struct sv *ret_output)
{
    int fd[2];
    ck_assert(pipe2(fd, O_CLOEXEC) == 0);
    pid_t pid = fork();
    ck_assert(pid >= 0);
    if (pid == 0) {
        dup2(fd[1], 1);
        dup2(fd[1], 2);
        union {
            const char *const *in;
            char *const *out;
        } args = {argv};
        execvp(argv[0], args.out);
        _exit(127);
    }
    close(fd[1]);
    char *text = arena_alloc(a, 1 << 16);
    size_t n = 0;
    for (ssize_t got; n < 65000 && (got = read(fd[0], text + n, 65000 - n)) > 0;)
        n += (size_t)got;
    close(fd[0]);
    int status = 0;
    ck_assert(waitpid(pid, &status, 0) == pid);
    *ret_output = (struct sv){text, n};
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
