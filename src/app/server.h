/* The wiring: opens every room in the order of the floors and closes them in reverse. Commands that need the whole
 * house (serve, admin, migrate) go through here, so that there is one place that knows how the house is put together.
 */
#ifndef APP_SERVER_H
#define APP_SERVER_H

#include "api/api.h"
#include "trust/testca.h"

enum app_mode { APP_PRODUCTION, APP_DEVELOPMENT, APP_DEMO };

struct app_options {
    enum app_mode mode;
    const char *config_path; /* NULL: none */
    const char *data_dir;    /* overrides data.dir */
    int port;                /* overrides http.port when >= 0 */
};

struct app {
    struct arena a;
    enum app_mode mode;
    const char *data_dir;
    struct sv address, public_url;
    int port;
    struct config *config;
    struct db *db;
    struct secret *blob_key;
    struct blob_store *blobs;
    struct testca *testca; /* demonstrations and development without a configured CA */
    struct trust *trust;
    struct party *party;
    struct typeset *typeset;
    struct law *law;
    struct contract_archive_rule archive;
    struct contracts *contracts;
    struct outbox_drivers drivers;
    struct job_config jobs;
    struct job_runner *runner;
    struct api api;
    atomic_bool stopping; /* breaks off requests to CA and TSA */
    struct http_server *http;
};

/* Opens everything but the job runner and the HTTP server. The database is migrated. */
MUST_CHECK bool app_open(const struct app_options *o, struct app *ret, struct err *e);
/* Configuration and database only, as it is found: nothing is migrated. For "qyq migrate". */
MUST_CHECK bool app_open_db(const struct app_options *o, struct app *ret, struct err *e);
/* Those and the rooms that an operator's commands need; no CA, no fonts. CONFLICT when the schema is not this
 * program's. May run beside a serving process. */
MUST_CHECK bool app_open_desk(const struct app_options *o, struct app *ret, struct err *e);
/* Starts the job runner, then listens. */
MUST_CHECK bool app_start(struct app *app, struct err *e);
void app_close(struct app *app);
/* Fills in the configuration of the HTTP server; also for printing OpenAPI without one. */
void app_http_config(struct app *app, struct http_config *ret);

/* How the contracts room is opened; the demonstration opens it a second time with an older clock. */
struct contracts_setup app_contracts_setup(struct app *app);

/* keeping.c: jobs of the house itself. "audit.chain" numbers and chains the audit log every few seconds;
 * "enterprise.key" (payload: an enterprise's id) gives an enterprise its key for sealing. */
#define APP_KEEPING_KINDS 2
void app_keeping_kinds(struct app *app, struct job_kind *ret);
/* The enterprise's key: made and certified if there is none. Network; no transaction may be open. */
MUST_CHECK bool app_enterprise_key(struct app *app, struct arena *a, struct sv enterprise_id, struct err *e);

/* demo.c: seeds an empty database with the fictional park, and writes demo.json. */
MUST_CHECK bool demo_seed(struct app *app, struct err *e);
MUST_CHECK bool demo_announce(struct app *app, struct err *e);

#endif
