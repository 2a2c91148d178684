/* Jobs of the house itself; see server.h. */
#include "app/server.h"
#include "record/audit.h"

#define CHAIN_EVERY_MS 5000
#define CHAIN_ROWS     500

/* The audit log's sequencer. Several nodes take turns. */
static bool chain_job(struct job *j, void *arg, struct err *e)
{
    size_t n = CHAIN_ROWS;
    (void)arg;
    while (n == CHAIN_ROWS) {
        if (!audit_chain_step(j->db, CHAIN_ROWS, &n, e))
            return false;
    }
    return true;
}

struct key_step {
    struct app *app;
    struct arena *a;
    struct sv enterprise_id, key_id;
    struct enterprise enterprise;
};

static bool load_tx(struct tx *tx, void *arg, struct err *e)
{
    struct key_step *s = arg;
    return enterprise_get(s->app->party, tx, s->a, s->enterprise_id, &s->enterprise, e);
}

static bool set_key_tx(struct tx *tx, void *arg, struct err *e)
{
    struct key_step *s = arg;
    return enterprise_set_key(s->app->party, tx, s->enterprise_id, s->key_id, e);
}

bool app_enterprise_key(struct app *app, struct arena *a, struct sv enterprise_id, struct err *e)
{
    struct key_step s = {.app = app, .a = a, .enterprise_id = enterprise_id};
    struct trust_key key;
    if (!tx_run(app->db, load_tx, &s, e))
        return false;
    const struct trust_key_in in = {.owner = arena_printf(a, "enterprise:%.*s", SV_ARG(enterprise_id)),
                                    .purpose = SV("seal"),
                                    .common_name = s.enterprise.name,
                                    .organization = s.enterprise.name,
                                    .organization_id = s.enterprise.uscc};
    if (!trust_key_ensure(app->trust, a, &in, &key, e))
        return err_wrap(e, "key of enterprise %.*s", SV_ARG(enterprise_id));
    s.key_id = key.id;
    return tx_run(app->db, set_key_tx, &s, e);
}

static bool key_job(struct job *j, void *arg, struct err *e)
{
    return app_enterprise_key(arg, j->a, j->payload, e);
}

void app_keeping_kinds(struct app *app, struct job_kind *ret)
{
    ret[0] = (struct job_kind){.kind = "audit.chain", .run = chain_job, .every_ms = CHAIN_EVERY_MS};
    ret[1] = (struct job_kind){.kind = "enterprise.key", .run = key_job, .arg = app};
}
