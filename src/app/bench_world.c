/* The world of a measurement; see bench.h. */
#include <string.h>

#include "app/bench.h"
#include "contract/contract_fields.h"
#include "crypto/digest.h"
#include "json/json.h"

#define DEMO_LIMIT ((size_t)1 << 20)

extern const struct embed_set demo_files;

bool bench_contract(struct arena *a, struct bench_contract *ret, struct err *e)
{
    const struct json_value *v;
    if (!json_read(a, embed_get(&demo_files, SV("park.json")), DEMO_LIMIT, &v, e) ||
        !contract_data_decode(a, json_encode_value(a, json_find(v, SV("/enterprises/0/contracts/0/data"))), &ret->data,
                              e) ||
        !template_find(a, SV("fixed-term-full-time"), &ret->template, e))
        return err_wrap(e, "contract to measure with");
    ret->data.employer.name = SV("清远示例精密制造有限公司");
    ret->data.employer.uscc = SV("91000000MA0DEMA018");
    ret->data.employer.legal_representative = SV("赵示例");
    ret->data.employer.domicile = SV("广东省清远市清城区龙塘镇示例园区甲路1号");
    ret->data.worker.name = SV("李明");
    ret->data.worker.id_number = SV("000000199003070014");
    contract_fields(a, &ret->data, &ret->fields, &ret->fields_n);
    return true;
}

bool bench_render(struct typeset *t, struct arena *a, const struct bench_contract *c, struct typeset_document *ret,
                  struct err *e)
{
    /* blanks: what the sample leaves open is a line to write on */
    const struct typeset_input in = {.template = &c->template,
                                     .fields = c->fields,
                                     .fields_n = c->fields_n,
                                     .created_at = 1767225600000,
                                     .producer = SV("qyq bench"),
                                     .number = SV("TEST-BENCH-1"),
                                     .verify_url = SV("http://127.0.0.1/h5/verify?n=TEST-BENCH-1"),
                                     .blanks = true};
    return typeset_render(t, a, &in, ret, e);
}

static bool make_key(struct bench_world *w, struct arena *a, const char *owner, struct sv name, struct trust_key *ret,
                     struct err *e)
{
    const struct trust_key_in in = {
            .owner = sv_from(owner), .purpose = SV("seal"), .common_name = name, .organization = name};
    return trust_key_ensure(w->trust, a, &in, ret, e);
}

static bool draw(struct bench_world *w, struct arena *a, struct err *e)
{
    static const struct typeset_point points[] = {
            {40,  60,  0,   -1},
            {80,  20,  60,  -1},
            {120, 90,  120, -1},
            {160, 30,  180, -1},
            {220, 70,  240, -1},
            {280, 15,  300, -1},
            {320, 100, 360, -1}
    };
    static const struct typeset_stroke strokes[] = {
            {points, COUNT(points)}
    };
    static const struct typeset_ink ink = {.strokes = strokes, .n = COUNT(strokes)};
    const struct typeset_seal seal = {
            .name = SV("清远示例精密制造有限公司"), .line = SV("劳动合同专用章"), .code = SV("4418000000011")};
    return typeset_ink_draw(w->typeset, a, &ink, &w->ink, e) && typeset_seal_draw(w->typeset, a, &seal, &w->seal, e);
}

static bool open_trust(struct bench_world *w, struct arena *a, struct err *e)
{
    const struct testca_setup ca = {.dir = path_join(a, w->dir, "ca"), .clock = &clock_system};
    if (!testca_start(&ca, &w->ca, e))
        return false;
    w->tsa_url = testca_tsa_url(w->ca);
    const struct trust_setup s = {.db = w->db,
                                  .clock = &clock_system,
                                  .kek_path = path_join(a, w->dir, "kek"),
                                  .ca_url = testca_url(w->ca),
                                  .ca_token = testca_token(w->ca),
                                  .tsa_urls = &w->tsa_url,
                                  .tsa_n = 1,
                                  .anchors_pem = testca_root_pem(w->ca)};
    return trust_open(&s, &w->trust, e);
}

bool bench_world_open(struct arena *a, struct bench_world *w, struct err *e)
{
    *w = (struct bench_world){0};
    if (!dir_temp(a, "qyq-bench", &w->dir, e))
        return false;
    const struct db_config db = {.url = path_join(a, w->dir, "bench.db")};
    if (db_open(&db, &w->db, e) && db_migrate(w->db, &db_migrations, clock_now(&clock_system), NULL, e) &&
        open_trust(w, a, e) && typeset_new(NULL, &w->typeset, e) && bench_contract(a, &w->contract, e) &&
        draw(w, a, e) && make_key(w, a, "platform", SV("清易签 TEST 测试平台"), &w->platform, e) &&
        make_key(w, a, "enterprise", SV("清远示例精密制造有限公司"), &w->enterprise, e))
        return true;
    bench_world_close(w);
    return false;
}

void bench_world_close(struct bench_world *w)
{
    struct err ignored;
    typeset_free(w->typeset);
    trust_close(w->trust);
    testca_stop(w->ca);
    db_close(w->db);
    if (w->dir)
        (void)!dir_remove(w->dir, &ignored);
}

/* ---- one contract ---- */

struct commit {
    struct sv use_id;
};

static bool commit_tx(struct tx *tx, void *arg, struct err *e)
{
    const struct commit *c = arg;
    return trust_use_commit(tx, c->use_id, clock_now(&clock_system), e);
}

static bool sign(struct bench_pipeline *p, struct arena *a, struct trust_sign_request *r, struct err *e)
{
    struct trust_signed result;
    struct digest d = digest_of(DIGEST_SHA256, p->pdf);
    r->pdf = p->pdf;
    r->auth = (struct trust_auth){.act = arena_printf(a, "bench-%lld", (long long)++p->number),
                                  .approved_by = SV("bench"),
                                  .factor = SV("policy"),
                                  .approved_at = clock_now(&clock_system),
                                  .document_sha256 = digest_sv(&d)};
    if (!trust_sign_pdf(p->w->trust, a, r, &result, e))
        return false;
    p->pdf = result.pdf;
    return tx_run(p->w->db, commit_tx, &(struct commit){result.use_id}, e);
}

static struct pdf_appearance appearance(const struct typeset_drawing *d)
{
    return (struct pdf_appearance){.content = d->content, .width = d->width, .height = d->height};
}

static bool lock(struct bench_pipeline *p, struct arena *a, struct err *e)
{
    struct trust_sign_request r = {.signer = {.key_id = p->w->platform.id}, .field = SV("Lock"), .certify = 2};
    return sign(p, a, &r, e);
}

static bool worker(struct bench_pipeline *p, struct arena *a, struct err *e)
{
    static const char hash[] = "a5f3c2e1d4b60718293a4b5c6d7e8f90123456789012345678901234567890ab";
    struct pdf_appearance picture = appearance(&p->w->ink);
    struct trust_sign_request r = {
            .signer = {.common_name = SV("李明"), .subject_hash = sv_from(hash)},
            .field = SV("Worker"),
            .appearance = &picture
    };
    return sign(p, a, &r, e);
}

static bool employer(struct bench_pipeline *p, struct arena *a, int pages, struct err *e)
{
    struct pdf_appearance picture = appearance(&p->w->seal);
    struct pdf_button_fill *seams = arena_array(a, struct pdf_button_fill, (size_t)pages);
    for (int i = 0; i < pages; i++) {
        struct typeset_drawing strip = typeset_seam_strip(a, &p->w->seal, i + 1, pages);
        seams[i] = (struct pdf_button_fill){arena_printf(a, "Seam%d", i + 1), appearance(&strip)};
    }
    struct trust_sign_request r = {.signer = {.key_id = p->w->enterprise.id},
                                   .field = SV("Employer"),
                                   .appearance = &picture,
                                   .buttons = seams,
                                   .buttons_n = (size_t)pages};
    return sign(p, a, &r, e);
}

bool bench_pipeline_lap(struct arena *a, void *pipeline, struct err *e)
{
    struct bench_pipeline *p = pipeline;
    struct typeset_document doc;
    int64_t at[BENCH_PART__COUNT + 1] = {clock_monotonic_us()};
    if (!bench_render(p->w->typeset, a, &p->w->contract, &doc, e))
        return false;
    p->pdf = doc.pdf;
    at[1] = clock_monotonic_us();
    if (!lock(p, a, e))
        return false;
    at[2] = clock_monotonic_us();
    if (!worker(p, a, e))
        return false;
    at[3] = clock_monotonic_us();
    if (!employer(p, a, doc.pages, e))
        return false;
    at[4] = clock_monotonic_us();
    for (int i = 0; i < BENCH_PART__COUNT; i++)
        p->part_us[i] += at[i + 1] - at[i];
    return true;
}
