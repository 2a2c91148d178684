/* The wiring; see server.h. */
#include "app/server.h"

#include <stdlib.h>
#include <string.h>

#define APP_ARENA_LIMIT ((size_t)64 << 20)
#define STOP_WAIT_MS    5000
#define MOST_TSAS       8
#define MOST_CRLS       32
#define DAY_MS          86400000LL

static const char *const config_keys[] = {"mode",
                                          "data.dir",
                                          "http.address",
                                          "http.port",
                                          "http.public_url",
                                          "http.https",
                                          "http.proxy",
                                          "db.url",
                                          "db.connections",
                                          "ca.url",
                                          "ca.token_file",
                                          "tsa.urls",
                                          "tsa.policy",
                                          "trust.anchors",
                                          "trust.suite",
                                          "platform.name",
                                          "fonts.dir",
                                          "law.dir",
                                          "jobs.threads",
                                          "fault",
                                          "testca.port",
                                          "tsa.sm2_urls",
                                          "trust.crl_urls",
                                          "archive.margin_days",
                                          "archive.weak",
                                          NULL};

static const char *const mode_names[] = {"production", "development", "demo"};

static bool parse_mode(struct sv text, enum app_mode *ret, struct err *e)
{
    for (size_t i = 0; i < COUNT(mode_names); i++) {
        if (sv_eq(text, sv_from(mode_names[i]))) {
            *ret = (enum app_mode)i;
            return true;
        }
    }
    return err_set(e, ERR_BAD_INPUT, "mode must be production, development or demo");
}

static bool load_archive_rule(struct app *app, struct err *e)
{
    int64_t days;
    if (!config_int(app->config, "archive.margin_days", 1, 3650, 90, &days, e))
        return false;
    app->archive = (struct contract_archive_rule){days * DAY_MS, config_text(app->config, "archive.weak", "")};
    return true;
}

static bool load_config(struct app *app, const struct app_options *o, struct err *e)
{
    int64_t port;
    if (!config_load(&app->a, o->config_path, &app->config, e) || !config_check(app->config, config_keys, e))
        return false;
    if (!load_archive_rule(app, e) || !parse_mode(config_text(app->config, "mode", mode_names[o->mode]), &app->mode, e))
        return false;
    if (!config_int(app->config, "http.port", 0, 65535, 8080, &port, e))
        return false;
    app->port = o->port >= 0 ? o->port : (int)port;
    app->data_dir = o->data_dir ? o->data_dir : arena_cstr(&app->a, config_text(app->config, "data.dir", "data"));
    app->address = config_text(app->config, "http.address", "127.0.0.1");
    app->public_url = config_text(app->config, "http.public_url", NULL);
    if (!app->public_url.n)
        app->public_url = arena_printf(&app->a, "http://%.*s:%d", SV_ARG(app->address), app->port);
    return true;
}

static const char *key_file(struct app *app, const char *name)
{
    return path_join(&app->a, path_join(&app->a, app->data_dir, "keys"), name);
}

/* Of tests: "blob:…" goes to the documents, anything else to the database. */
static struct sv fault_of(struct app *app, bool blobs)
{
    struct sv fault = app->mode == APP_PRODUCTION ? SV("") : config_text(app->config, "fault", "");
    bool of_blobs = sv_starts(fault, SV("blob:"));
    if (blobs != of_blobs)
        return SV("");
    return of_blobs ? sv_skip(fault, strlen("blob:")) : fault;
}

static bool open_blobs(struct app *app, struct err *e)
{
    struct sv fault = fault_of(app, true);
    const char *key = key_file(app, "blob.key");
    bool ok = app->mode == APP_PRODUCTION ? secret_load(key, SEAL_KEY_SIZE, SEAL_KEY_SIZE, &app->blob_key, e)
                                          : secret_load_or_make(key, SEAL_KEY_SIZE, &app->blob_key, e);
    return ok && blob_open_folder(path_join(&app->a, app->data_dir, "blobs"), app->blob_key, &app->blobs, e) &&
           (!fault.n || blob_set_fault(app->blobs, fault, e));
}

static bool open_db(struct app *app, struct err *e)
{
    struct db_config db = {.fault = arena_cstr(&app->a, fault_of(app, false))};
    int64_t connections;
    if (!dir_make(path_join(&app->a, app->data_dir, "keys"), 0700, e))
        return false;
    struct sv url = config_text(app->config, "db.url", NULL);
    db.url = url.n ? arena_cstr(&app->a, url) : path_join(&app->a, app->data_dir, "qyq.db");
    if (!config_int(app->config, "db.connections", 1, 100, 8, &connections, e))
        return false;
    db.connections = (size_t)connections;
    return db_open(&db, &app->db, e) ? true : err_wrap(e, "database");
}

static bool open_storage(struct app *app, struct err *e)
{
    if (!open_db(app, e))
        return false;
    if (!db_migrate(app->db, &db_migrations, clock_now(&clock_system), NULL, e))
        return err_wrap(e, "database");
    return open_blobs(app, e);
}

/* Blank-separated addresses. */
static size_t split(struct sv text, struct sv *ret, size_t most)
{
    size_t n = 0;
    while (text.n && n < most) {
        struct sv word = sv_trim(sv_cut(&text, ' '));
        if (word.n)
            ret[n++] = word;
    }
    return n;
}

static bool open_testca(struct app *app, struct err *e)
{
    int64_t port;
    if (!config_int(app->config, "testca.port", 0, 65535, 0, &port, e))
        return false;
    const struct testca_setup s = {
            .dir = path_join(&app->a, app->data_dir, "testca"), .port = (int)port, .clock = &clock_system};
    return testca_start(&s, &app->testca, e) ? true : err_wrap(e, "test CA");
}

/* The test CA's services, where nothing else is configured. In dual the SM2 signatures are stamped by its SM2 TSA. */
static void use_testca(struct app *app, struct trust_setup *s, struct sv *tsas, struct sv *sm2_tsas)
{
    bool gm = s->suite == TRUST_SUITE_GM;
    if (!s->crl_urls_n) { /* its certificates name the address it had when they were issued */
        s->crl_urls = testca_crl_urls(app->testca);
        s->crl_urls_n = TESTCA_CRLS;
    }
    if (s->tsa_n)
        return;
    tsas[0] = gm ? testca_tsa_sm2_url(app->testca) : testca_tsa_url(app->testca);
    s->tsa_n = 1;
    if (s->suite == TRUST_SUITE_DUAL && !s->tsa_sm2_n)
        sm2_tsas[s->tsa_sm2_n++] = testca_tsa_sm2_url(app->testca);
}

static bool open_trust(struct app *app, struct err *e)
{
    struct sv tsas[MOST_TSAS], sm2_tsas[MOST_TSAS], crls[MOST_CRLS],
            file = config_text(app->config, "ca.token_file", NULL);
    struct sv anchors_file = config_text(app->config, "trust.anchors", NULL);
    struct trust_setup s = {.db = app->db,
                            .clock = &clock_system,
                            .kek_path = key_file(app, "kek"),
                            .production = app->mode == APP_PRODUCTION,
                            .ca_url = config_text(app->config, "ca.url", NULL),
                            .tsa_urls = tsas,
                            .tsa_sm2_urls = sm2_tsas,
                            .crl_urls = crls,
                            .tsa_policy = config_text(app->config, "tsa.policy", ""),
                            .stop = &app->stopping};
    if (!trust_suite_parse(config_text(app->config, "trust.suite", "intl"), &s.suite, e))
        return err_wrap(e, "trust.suite");
    s.tsa_n = split(config_text(app->config, "tsa.urls", ""), tsas, COUNT(tsas));
    s.tsa_sm2_n = split(config_text(app->config, "tsa.sm2_urls", ""), sm2_tsas, COUNT(sm2_tsas));
    s.crl_urls_n = split(config_text(app->config, "trust.crl_urls", ""), crls, COUNT(crls));
    if (!s.ca_url.n && app->mode != APP_PRODUCTION) {
        if (!open_testca(app, e))
            return false;
        s.ca_url = testca_url(app->testca);
        s.ca_token = testca_token(app->testca);
        s.anchors_pem = testca_root_pem(app->testca);
        use_testca(app, &s, tsas, sm2_tsas);
    }
    if (file.n && !file_read(&app->a, arena_cstr(&app->a, file), 4096, &s.ca_token, e))
        return err_wrap(e, "ca.token_file");
    if (anchors_file.n && !file_read(&app->a, arena_cstr(&app->a, anchors_file), (size_t)4 << 20, &s.anchors_pem, e))
        return err_wrap(e, "trust.anchors");
    s.ca_token = sv_trim(s.ca_token);
    return trust_open(&s, &app->trust, e) ? true : err_wrap(e, "trust");
}

static const char *optional_path(struct app *app, const char *key)
{
    struct sv path = config_text(app->config, key, NULL);
    return path.n ? arena_cstr(&app->a, path) : NULL;
}

struct contracts_setup app_contracts_setup(struct app *app)
{
    const char *name = app->mode == APP_PRODUCTION ? "清易签" : "清易签 TEST 测试平台";
    return (struct contracts_setup){.db = app->db,
                                    .party = app->party,
                                    .trust = app->trust,
                                    .blobs = app->blobs,
                                    .typeset = app->typeset,
                                    .law = app->law,
                                    .clock = &clock_system,
                                    .public_url = app->public_url,
                                    .platform_name = config_text(app->config, "platform.name", name),
                                    .producer = SV("qyq " QYQ_VERSION),
                                    .archive = app->archive};
}

static bool open_party(struct app *app, struct err *e)
{
    const struct party_setup party = {.db = app->db,
                                      .clock = &clock_system,
                                      .key_path = key_file(app, "party.key"),
                                      .registry = &registry_simulator,
                                      .production = app->mode == APP_PRODUCTION};
    return party_open(&party, &app->party, e);
}

static bool open_domain(struct app *app, struct err *e)
{
    if (!open_party(app, e) || !typeset_new(optional_path(app, "fonts.dir"), &app->typeset, e) ||
        !law_load(&app->a, optional_path(app, "law.dir"), &app->law, e))
        return false;
    const struct contracts_setup contracts = app_contracts_setup(app);
    return contracts_open(&contracts, &app->contracts, e);
}

static void report_job(const struct job *j, const struct err *e, int64_t took_ms, void *arg)
{
    (void)arg;
    if (!j) /* the queue could not be read; the threads look again */
        log_event(LOG_ERROR, "jobs", LOG_CSTR("error", e->msg));
    else if (e)
        log_event(LOG_WARN, "job", LOG_TEXT("kind", j->kind), LOG_TEXT("id", j->id), LOG_INT("attempt", j->attempts),
                  LOG_CSTR("error", e->msg), LOG_INT("ms", took_ms));
    else
        log_event(LOG_DEBUG, "job", LOG_TEXT("kind", j->kind), LOG_TEXT("id", j->id), LOG_INT("ms", took_ms));
}

/* Until a gateway is configured messages stay in the table, where the demonstration's phone shows them; in production
 * they fail with a clear word rather than vanish. */
static bool open_jobs(struct app *app, struct err *e)
{
    const struct job_kind *kinds;
    size_t n;
    int64_t threads;
    /* one server to an SQLite file: what a killed process left running is taken over at once */
    bool sole = strcmp(db_driver_name(app->db), "sqlite") == 0;
    if (!config_int(app->config, "jobs.threads", 1, 64, 2, &threads, e))
        return false;
    app->drivers.render = contract_render_message;
    app->drivers.render_arg = app->contracts;
    app->drivers.channel[OUTBOX_INBOX].deliver = outbox_deliver_demo;
    if (app->mode != APP_PRODUCTION)
        app->drivers.channel[OUTBOX_SMS].deliver = outbox_deliver_demo;
    contract_job_kinds(app->contracts, &kinds, &n);
    struct job_kind *all = arena_array(&app->a, struct job_kind, n + 1 + APP_KEEPING_KINDS);
    memcpy(all, kinds, n * sizeof(*kinds));
    all[n++] = outbox_job_kind(&app->drivers);
    app_keeping_kinds(app, all + n);
    app->jobs = (struct job_config){.db = app->db,
                                    .clock = &clock_system,
                                    .kinds = all,
                                    .kinds_n = n + APP_KEEPING_KINDS,
                                    .threads = (size_t)threads,
                                    .sole = sole,
                                    .report = report_job};
    return true;
}

bool app_open(const struct app_options *o, struct app *app, struct err *e)
{
    *app = (struct app){0};
    arena_init(&app->a, APP_ARENA_LIMIT);
    if (!load_config(app, o, e) || !open_storage(app, e) || !open_trust(app, e) || !open_domain(app, e) ||
        !open_jobs(app, e)) {
        app_close(app);
        return false;
    }
    app->api = (struct api){.db = app->db,
                            .party = app->party,
                            .contracts = app->contracts,
                            .trust = app->trust,
                            .law = app->law,
                            .clock = &clock_system,
                            .demo = app->mode == APP_DEMO};
    return true;
}

bool app_open_db(const struct app_options *o, struct app *app, struct err *e)
{
    *app = (struct app){0};
    arena_init(&app->a, APP_ARENA_LIMIT);
    if (load_config(app, o, e) && open_db(app, e))
        return true;
    app_close(app);
    return false;
}

bool app_open_desk(const struct app_options *o, struct app *app, struct err *e)
{
    if (!app_open_db(o, app, e))
        return false;
    if (db_migrate_check(app->db, &db_migrations, e) && open_party(app, e))
        return true;
    app_close(app);
    return false;
}

void app_http_config(struct app *app, struct http_config *ret)
{
    struct sv *roles = arena_array(&app->a, struct sv, ROLE__COUNT);
    for (int i = 0; i < ROLE__COUNT; i++)
        roles[i] = role_text((enum role)i);
    *ret = (struct http_config){.address = arena_cstr(&app->a, app->address),
                                .port = app->port,
                                .app = &app->api,
                                .authenticate = api_authenticate,
                                .home = "/console/",
                                .own_frames = app->mode == APP_DEMO,
                                .title = "清易签 Qingyiqian",
                                .version = QYQ_VERSION,
                                .session_cookie = API_SESSION_COOKIE,
                                .role_names = roles,
                                .role_names_n = ROLE__COUNT,
                                .clock = &clock_system,
                                .ready = api_ready};
    api_tables(&app->a, &ret->tables, &ret->tables_n);
    api_statics(&ret->statics, &ret->statics_n);
}

bool app_start(struct app *app, struct err *e)
{
    struct http_config *http = arena_new(&app->a, struct http_config);
    app_http_config(app, http);
    if (!config_bool(app->config, "http.https", false, &http->secure_cookies, e) ||
        !config_bool(app->config, "http.proxy", false, &http->trust_proxy, e))
        return false;
    return job_runner_start(&app->jobs, &app->runner, e) && http_start(http, &app->http, e);
}

void app_close(struct app *app)
{
    atomic_store(&app->stopping, true);
    http_stop(app->http, STOP_WAIT_MS);
    job_runner_stop(app->runner);
    contracts_close(app->contracts);
    typeset_free(app->typeset);
    party_close(app->party);
    trust_close(app->trust);
    testca_stop(app->testca);
    blob_close(app->blobs);
    secret_free(app->blob_key);
    db_close(app->db);
    arena_done(&app->a);
    *app = (struct app){0};
}
