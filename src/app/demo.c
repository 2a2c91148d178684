/* The demonstration park: reads templates/demo/park.json and brings each contract to its state by the same operations
 * that users call, so that demo data cannot show what the program cannot do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server.h"
#include "json/json.h"

#define DEMO_PASSWORD "Demo-2026"
#define DEMO_LIMIT    ((size_t)1 << 20)
#define LAPSED_DAYS   20
#define DAY_MS        86400000LL

extern const struct embed_set demo_files;

struct seed {
    struct app *app;
    struct arena *a;
    const struct json_value *v; /* of the enterprise at hand */
    struct enterprise enterprise;
    struct actor hr, sealer;
    struct sv *workers; /* person ids */
    struct sv contract;
    struct contracts *contracts; /* the app's, or those with an older clock */
};

/* ---- enterprises, members, workers ---- */

static struct sv text(const struct json_value *v, const char *key)
{
    return json_get_text(v, sv_from(key));
}

static bool seed_member(struct seed *s, struct tx *tx, const struct json_value *v, struct err *e)
{
    struct member_in in = {.enterprise_id = s->enterprise.id,
                           .user = text(v, "user"),
                           .name = text(v, "name"),
                           .password = SV(DEMO_PASSWORD)};
    struct sv id;
    if (!role_parse(text(v, "role"), &in.role))
        return err_set(e, ERR_CORRUPT, "demo data: role");
    if (!member_add(s->app->party, tx, s->a, &in, &id, e))
        return false;
    const struct actor actor = {
            .role = in.role, .id = id, .name = in.name, .enterprise_id = s->enterprise.id, .address = SV("demo")};
    if (in.role == ROLE_HR)
        s->hr = actor;
    if (in.role == ROLE_SEAL)
        s->sealer = actor;
    return true;
}

static bool seed_worker(struct seed *s, struct tx *tx, const struct json_value *v, struct sv *ret, struct err *e)
{
    const struct person_in in = {text(v, "name"), SV("resident_id"), text(v, "id_number"), text(v, "phone"),
                                 text(v, "address")};
    struct person person;
    if (!person_add(s->app->party, tx, s->a, s->enterprise.id, &in, &person, e))
        return false;
    *ret = person.id;
    return true;
}

static bool seed_enterprise_tx(struct tx *tx, void *arg, struct err *e)
{
    struct seed *s = arg;
    const struct json_value *members = json_get(s->v, SV("members")), *workers = json_get(s->v, SV("workers"));
    s->enterprise = (struct enterprise){.name = text(s->v, "name"),
                                        .uscc = text(s->v, "uscc"),
                                        .legal_representative = text(s->v, "legal_representative"),
                                        .domicile = text(s->v, "domicile"),
                                        .area_code = text(s->v, "area_code"),
                                        .contact_name = text(s->v, "contact_name"),
                                        .contact_phone = text(s->v, "contact_phone"),
                                        .state = SV("certified"),
                                        .seal_name = SV("劳动合同专用章"),
                                        .seal_code = text(s->v, "seal_code"),
                                        .seal_state = SV("active")};
    if (!enterprise_add(s->app->party, tx, s->a, &s->enterprise, &s->enterprise.id, e))
        return false;
    for (size_t i = 0; i < json_count(members); i++) {
        if (!seed_member(s, tx, json_at(members, i), e))
            return false;
    }
    s->workers = arena_array(s->a, struct sv, json_count(workers) + 1);
    for (size_t i = 0; i < json_count(workers); i++) {
        if (!seed_worker(s, tx, json_at(workers, i), &s->workers[i], e))
            return false;
    }
    return true;
}

/* ---- contracts ---- */

/* The newest message to the worker of this contract with that template, and what stands behind its mark. */
static bool read_message(struct seed *s, const char *template, struct sv *ret_body, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct outbox_item *items;
    struct sv subject;
    size_t n;
    struct sv topic = arena_printf(s->a, "contract:%.*s", SV_ARG(s->contract));
    if (!tx_begin(s->app->db, TX_READ, &tx, e) || !outbox_list(tx, s->a, SV(""), topic, 20, &items, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (sv_eq(items[i].template, sv_from(template)))
            return contract_render_message(s->a, &items[i], s->app->contracts, &subject, ret_body, e);
    }
    return err_set(e, ERR_NOT_FOUND, "demo data: no message %s", template);
}

static bool open_link(struct seed *s, struct session *ret, struct err *e)
{
    struct sv body, mark = SV("/h5/s/");
    if (!read_message(s, "sms.sign_link", &body, e))
        return false;
    size_t at = sv_find(body, mark);
    if (at == SIZE_MAX)
        return err_set(e, ERR_CORRUPT, "demo data: no link in the message");
    return ceremony_open(s->contracts, s->a, sv_sub(body, at + mark.n, 43), SV("demo"), ret, e);
}

/* A few waves, as a hand would draw a short name. */
static struct sv drawing(struct arena *a)
{
    CLEANUP(buf_done) struct buf b;
    static const int waves[3][8] = {
            {0,  60, 20, 10, 90, 30, 70, 15},
            {10, 40, 80, 30, 20, 70, 50, 40},
            {5,  30, 70, 20, 60, 10, 80, 35}
    };
    buf_init(&b, 65536);
    buf_add(&b, SV("{\"width\":360,\"height\":180,\"strokes\":["));
    for (int stroke = 0; stroke < 3; stroke++) {
        buf_printf(&b, "%s[", stroke ? "," : "");
        for (int i = 0; i < 8; i++)
            buf_printf(&b, "%s{\"x\":%d,\"y\":%d,\"t\":%d}", i ? "," : "", 40 + stroke * 90 + i * 11,
                       40 + waves[stroke][i], stroke * 400 + i * 40);
        buf_add(&b, SV("]"));
    }
    buf_add(&b, SV("]}"));
    return buf_to_arena(&b, a);
}

/* The digits of the code message: the first run of six. */
static struct sv six_digits(struct sv text)
{
    for (size_t i = 0; i + 6 <= text.n; i++) {
        uint64_t ignored;
        if (sv_u64(sv_sub(text, i, 6), 999999, &ignored))
            return sv_sub(text, i, 6);
    }
    return SV("");
}

static bool worker_signs(struct seed *s, const struct json_value *worker, struct err *e)
{
    struct session signer, after;
    struct ceremony c;
    struct typeset_ink ink;
    struct sv body, ink_json = drawing(s->a);
    const struct actor *actor = &signer.actor;
    return open_link(s, &signer, e) && ceremony_get(s->contracts, s->a, actor, TEXT_ZH_CN, &c, e) &&
           ceremony_consent(s->contracts, s->a, actor, c.notice_sha256, e) &&
           ceremony_read(s->contracts, s->a, actor, c.document_sha256, c.pages, e) &&
           ceremony_identity(s->contracts, s->a, actor, text(worker, "name"), text(worker, "id_number"), e) &&
           read_message(s, "sms.sign_code", &body, e) && ceremony_decode_drawing(s->a, ink_json, &ink, e) &&
           ceremony_sign(s->contracts, s->a, actor, six_digits(body), ink_json, &ink, &after, e) &&
           job_run_until_idle(&s->app->jobs, NULL, e);
}

/* A stamping job that was refused leaves the contract where it was: then the demonstration is not what it says. */
static bool expect_state(struct seed *s, struct sv state, struct err *e)
{
    struct contract_view v;
    if (!contract_get(s->contracts, s->a, &s->hr, s->contract, &v, e))
        return false;
    struct sv is = sv_from(contract_state_name(v.row.state));
    return sv_eq(is, state) ||
           err_set(e, ERR_INTERNAL, "demo contract is %.*s instead of %.*s", SV_ARG(is), SV_ARG(state));
}

static bool employer_seals(struct seed *s, struct err *e)
{
    return contract_seal(s->contracts, s->a, &s->sealer, s->contract, e) && job_run_until_idle(&s->app->jobs, NULL, e);
}

static bool send(struct seed *s, struct err *e)
{
    return contract_send(s->contracts, s->a, &s->hr, s->contract, true, 15, e);
}

static bool seed_contract(struct seed *s, const struct json_value *v, struct err *e)
{
    struct contract_input in = {.template = SV("fixed-term-full-time")};
    int64_t worker = 0;
    struct sv until = text(v, "until");
    struct session session;
    if (!json_get_int(v, SV("worker"), &worker) || (size_t)worker >= json_count(json_get(s->v, SV("workers"))))
        return err_set(e, ERR_CORRUPT, "demo data: worker");
    const struct json_value *person = json_at(json_get(s->v, SV("workers")), (size_t)worker);
    in.worker_id = s->workers[worker];
    if (!contract_data_decode(s->a, json_encode_value(s->a, json_get(v, SV("data"))), &in.data, e) ||
        !contract_create(s->contracts, s->a, &s->hr, &in, &s->contract, e))
        return err_wrap(e, "demo contract of %.*s", SV_ARG(text(person, "name")));
    if (sv_eq(until, SV("draft")))
        return true;
    if (sv_eq(until, SV("void")))
        return contract_discard(s->contracts, s->a, &s->hr, s->contract, e);
    if (!send(s, e))
        return err_wrap(e, "demo contract of %.*s", SV_ARG(text(person, "name")));
    if (sv_eq(until, SV("withdrawn")))
        return contract_withdraw(s->contracts, s->a, &s->hr, s->contract, text(v, "reason"), e);
    if (sv_eq(until, SV("declined")))
        return open_link(s, &session, e) && ceremony_decline(s->contracts, s->a, &session.actor, text(v, "reason"), e);
    if (sv_eq(until, SV("worker_signed")) || sv_eq(until, SV("effective"))) {
        if (!worker_signs(s, person, e))
            return err_wrap(e, "demo signature of %.*s", SV_ARG(text(person, "name")));
        return (sv_eq(until, SV("worker_signed")) || employer_seals(s, e)) && expect_state(s, until, e);
    }
    return true; /* "sent"; "lapsed": the schedule finds that its deadline has passed */
}

/* A house whose clock stands some weeks back, for contracts that were not signed in time. */
static bool seed_lapsed(struct seed *s, const struct json_value *v, struct err *e)
{
    CLEANUP(contracts_closep) struct contracts *past = NULL;
    struct clock_manual clock;
    clock_manual_init(&clock, clock_now(&clock_system) - LAPSED_DAYS * DAY_MS);
    struct contracts_setup setup = app_contracts_setup(s->app);
    setup.clock = &clock.clock;
    if (!contracts_open(&setup, &past, e))
        return false;
    s->contracts = past;
    bool ok = seed_contract(s, v, e);
    s->contracts = s->app->contracts;
    return ok;
}

static bool seed_enterprise(struct app *app, struct arena *a, const struct json_value *v, struct err *e)
{
    struct seed s = {.app = app, .a = a, .v = v, .contracts = app->contracts};
    const struct json_value *list = json_get(v, SV("contracts"));
    if (!tx_run(app->db, seed_enterprise_tx, &s, e) || !app_enterprise_key(app, a, s.enterprise.id, e))
        return err_wrap(e, "demo enterprise %.*s", SV_ARG(text(v, "name")));
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *c = json_at(list, i);
        if (!(sv_eq(text(c, "until"), SV("lapsed")) ? seed_lapsed(&s, c, e) : seed_contract(&s, c, e)))
            return false;
    }
    return true;
}

DB_QUERY(q_enterprise_count, .out = "i", .sql = "SELECT COUNT(*) FROM enterprise");

static bool is_empty(struct app *app, struct arena *a, bool *ret, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct db_rows r;
    if (!tx_begin(app->db, TX_READ, &tx, e) || !db_one(tx, a, &q_enterprise_count, DB_NO_ARGS, &r, e))
        return false;
    *ret = db_int(&r, 0, 0) == 0;
    return true;
}

bool demo_seed(struct app *app, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    const struct json_value *v;
    bool empty;
    arena_init(&a, (size_t)512 << 20);
    if (!is_empty(app, &a, &empty, e))
        return err_wrap(e, "demo data");
    if (!empty)
        return true;
    if (!json_read(&a, embed_get(&demo_files, SV("park.json")), DEMO_LIMIT, &v, e))
        return err_wrap(e, "demo data");
    log_event(LOG_INFO, "seeding", LOG_TEXT("park", text(v, "park")));
    const struct json_value *enterprises = json_get(v, SV("enterprises"));
    for (size_t i = 0; i < json_count(enterprises); i++) {
        if (!seed_enterprise(app, &a, json_at(enterprises, i), e))
            return false;
    }
    return true;
}

/* ---- telling about it ---- */

static void put_accounts(struct json_out *o, const struct json_value *v)
{
    const struct json_value *enterprises = json_get(v, SV("enterprises"));
    json_key(o, SV("accounts"));
    json_begin_array(o);
    for (size_t i = 0; i < json_count(enterprises); i++) {
        const struct json_value *members = json_get(json_at(enterprises, i), SV("members"));
        for (size_t k = 0; k < json_count(members); k++) {
            struct sv role = text(json_at(members, k), "role"), user = text(json_at(members, k), "user");
            json_begin_object(o);
            json_kv_text(o, "role", role);
            json_kv_text(o, "user", user);
            json_kv_text(o, "password", SV(DEMO_PASSWORD));
            json_kv_text(o, "enterprise", text(json_at(enterprises, i), "name"));
            json_end_object(o);
            printf("  %-8.*s %-8.*s %s  %.*s\n", SV_ARG(user), SV_ARG(role), DEMO_PASSWORD,
                   SV_ARG(text(json_at(enterprises, i), "name")));
        }
    }
    json_end_array(o);
}

static void put_url(struct json_out *o, struct app *app, const char *key, const char *path)
{
    struct sv url = arena_printf(&app->a, "%.*s%s", SV_ARG(app->public_url), path);
    json_kv_text(o, key, url);
    printf("  %-8s %.*s\n", key, SV_ARG(url));
}

/* The configured roots, or the built-in test CA's (both where SM2 signs too); whole, so that the path is of use from
 * any folder. */
static bool put_root(struct json_out *o, struct app *app, struct err *e)
{
    struct sv anchors = config_text(app->config, "trust.anchors", NULL);
    bool intl = sv_eq(config_text(app->config, "trust.suite", "intl"), SV("intl"));
    const char *path = anchors.n ? arena_cstr(&app->a, anchors)
                                 : path_join(&app->a, path_join(&app->a, app->data_dir, "testca"),
                                             intl ? "root.pem" : "roots.pem");
    char *whole = realpath(path, NULL);
    if (!whole)
        return err_errno(e, "%s", path);
    json_kv_text(o, "ca_pem", sv_from(whole));
    free(whole);
    return true;
}

bool demo_announce(struct app *app, struct err *e)
{
    CLEANUP(buf_done) struct buf b;
    const struct json_value *v;
    struct json_out o;
    buf_init(&b, DEMO_LIMIT);
    if (!json_read(&app->a, embed_get(&demo_files, SV("park.json")), DEMO_LIMIT, &v, e))
        return err_wrap(e, "demo data");
    json_out_init(&o, &b);
    json_begin_object(&o);
    json_key(&o, SV("urls"));
    json_begin_object(&o);
    printf("\n清易签演示：\n");
    put_url(&o, app, "console", "/console/");
    put_url(&o, app, "h5", "/h5/");
    put_url(&o, app, "verify", "/h5/verify");
    put_url(&o, app, "phone", "/h5/demo/phone");
    put_url(&o, app, "api", "/api/openapi.json");
    json_end_object(&o);
    printf("\n演示账号（仅供演示）：\n");
    put_accounts(&o, v);
    if (!put_root(&o, app, e))
        return false;
    json_kv_text(&o, "outbox", arena_printf(&app->a, "%.*s/api/v1/demo/messages", SV_ARG(app->public_url)));
    json_end_object(&o);
    printf("\n");
    fflush(stdout);
    return file_write(path_join(&app->a, app->data_dir, "demo.json"), buf_sv(&b), 0600, e);
}
