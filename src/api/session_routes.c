/* Logging in and out: members by password, workers by a code to their phone. */
#include "api/api_priv.h"

#include "party/idnum.h"

struct enterprise_out {
    struct sv id, name;
};
static const struct json_field enterprise_rows[] = {JSON_TEXT(struct enterprise_out, id),
                                                    JSON_TEXT(struct enterprise_out, name), JSON_END};
static const struct json_schema enterprise_json =
        JSON_SCHEMA("SessionEnterprise", struct enterprise_out, enterprise_rows);

static const char *const kinds[] = {"member", "worker", "signer"};
struct session_out {
    struct sv kind, name, role, contract_id, csrf;
    struct enterprise_out *enterprise;
    int64_t expires_at;
    bool demo;
};
static const struct json_field session_rows[] = {
        JSON_CHOICE(struct session_out, kind, kinds),
        JSON_TEXT(struct session_out, name),
        JSON_TEXT(struct session_out, role),
        JSON_POINTER(struct session_out, enterprise, &enterprise_json, .optional = true, .nullable = true),
        JSON_TEXT(struct session_out, contract_id, .optional = true, .nullable = true),
        JSON_TEXT(struct session_out, csrf),
        JSON_TIME(struct session_out, expires_at),
        JSON_BOOL(struct session_out, demo),
        JSON_END};
const struct json_schema api_session_json = JSON_SCHEMA("Session", struct session_out, session_rows);

static bool reply_session(struct request *r, struct reply *reply, const struct session *s)
{
    const struct api *api = r->app;
    const struct actor *actor = &s->actor;
    struct session_out out = {.kind = SV("member"),
                              .name = actor->name,
                              .role = role_text(actor->role),
                              .csrf = s->csrf,
                              .expires_at = s->expires_at,
                              .demo = api->demo};
    struct enterprise_out enterprise = {actor->enterprise_id, s->enterprise_name};
    if (actor_is_member(actor, ROLE_VIEWER))
        out.enterprise = &enterprise;
    else
        out.kind = actor->role == ROLE_SIGNER ? SV("signer") : SV("worker");
    if (actor->contract_id.n)
        out.contract_id = actor->contract_id;
    return http_reply_json(reply, 200, &api_session_json, &out);
}

bool api_reply_session(struct request *r, struct reply *reply, const struct session *s)
{
    http_reply_cookie(reply, api_session_cookie(r), s->token, -1);
    return reply_session(r, reply, s);
}

struct login_in {
    struct sv user, password;
};
static const struct json_field login_rows[] = {JSON_TEXT(struct login_in, user, .min = 1, .max = 100),
                                               JSON_TEXT(struct login_in, password, .min = 1, .max = 200), JSON_END};
static const struct json_schema login_json = JSON_SCHEMA("LoginIn", struct login_in, login_rows);

static bool login_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    const struct login_in *in = r->in;
    struct session s;
    return session_login(api->party, r->a, in->user, in->password, r->client, &s, e) && api_reply_session(r, reply, &s);
}

static bool get_session_h(struct request *r, struct reply *reply, struct err *e)
{
    (void)e;
    return reply_session(r, reply, api_session(r));
}

struct end {
    struct api *api;
    struct sv session;
};

static bool end_tx(struct tx *tx, void *arg, struct err *e)
{
    struct end *end = arg;
    return session_end(end->api->party, tx, end->session, e);
}

static bool logout_h(struct request *r, struct reply *reply, struct err *e)
{
    struct end end = {r->app, api_actor(r)->session};
    http_reply_cookie(reply, api_session_cookie(r), SV(""), 0);
    return tx_run(end.api->db, end_tx, &end, e) && http_reply_none(reply);
}

/* ---- workers ---- */

struct phone_in {
    struct sv phone, code;
};
static const struct json_field phone_rows[] = {JSON_TEXT(struct phone_in, phone, .min = 1, .max = 20), JSON_END};
static const struct json_schema phone_json = JSON_SCHEMA("PhoneIn", struct phone_in, phone_rows);
static const struct json_field worker_login_rows[] = {JSON_TEXT(struct phone_in, phone, .min = 1, .max = 20),
                                                      JSON_TEXT(struct phone_in, code, .min = 1, .max = 10), JSON_END};
static const struct json_schema worker_login_json = JSON_SCHEMA("WorkerLoginIn", struct phone_in, worker_login_rows);

struct code_out {
    int64_t expires_at, resend_after;
};
static const struct json_field code_rows[] = {JSON_TIME(struct code_out, expires_at),
                                              JSON_TIME(struct code_out, resend_after), JSON_END};
static const struct json_schema code_json = JSON_SCHEMA("CodeSent", struct code_out, code_rows);

struct worker_login {
    struct request *r;
    struct api *api;
    struct sv phone, code, subject, person, name;
    struct code_issued issued;
    struct session session;
};

static struct sv login_subject(struct api *api, struct request *r, struct sv phone)
{
    struct sv hash = party_lookup_hash(api->party, r->a, "qyq login phone v1", phone);
    return arena_printf(r->a, "login:%.*s", SV_ARG(hash));
}

/* Issues a code for every phone, so that the answer does not tell whether it is known; only a known one gets the
 * message. */
static bool code_tx(struct tx *tx, void *arg, struct err *e)
{
    struct worker_login *w = arg;
    if (!worker_by_phone(w->api->party, tx, w->r->a, w->phone, &w->person, &w->name, e) ||
        !code_issue(w->api->party, tx, w->r->a, w->subject, &w->issued, e))
        return false;
    return !w->person.n ||
           contract_message_login_code(w->api->contracts, tx, w->r->a, w->person, w->phone, w->issued.code, e);
}

static bool request_code_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct phone_in *in = r->in;
    struct worker_login w = {.r = r, .api = r->app, .phone = sv_trim(in->phone)};
    if (!idnum_is_mobile(w.phone))
        return err_user(e, ERR_BAD_INPUT, "phone_invalid", "/phone", "phone");
    w.subject = login_subject(w.api, r, w.phone);
    if (!tx_run(w.api->db, code_tx, &w, e))
        return false;
    const struct code_out out = {w.issued.expires_at, w.issued.resend_after};
    return http_reply_json(reply, 200, &code_json, &out);
}

static bool worker_login_tx(struct tx *tx, void *arg, struct err *e)
{
    struct worker_login *w = arg;
    if (!worker_by_phone(w->api->party, tx, w->r->a, w->phone, &w->person, &w->name, e) ||
        !code_use(w->api->party, tx, w->r->a, w->subject, w->code, e))
        return false;
    if (!w->person.n)
        return err_user(e, ERR_REFUSED, "code_wrong", "/code", "nobody has this phone");
    return session_new_worker(w->api->party, tx, w->r->a, w->person, SV(""), w->phone, w->name, w->r->client, &w->session, e);
}

static bool worker_login_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct phone_in *in = r->in;
    struct worker_login w = {.r = r, .api = r->app, .phone = sv_trim(in->phone), .code = in->code};
    w.subject = login_subject(w.api, r, w.phone);
    return code_check(w.api->party, r->a, w.subject, w.code, e) && tx_run(w.api->db, worker_login_tx, &w, e) &&
           api_reply_session(r, reply, &w.session);
}

const struct http_route session_routes[] = {
        {HTTP_POST,                 "/api/v1/session", "login",      HTTP_ANYONE,      login_h,                .in = &login_json,        .out = &api_session_json,
         .rate = HTTP_RATE_LOGIN,                                                                                                                                                                .tag = "session",                               .summary = "Log in as a member of an enterprise"},
        {HTTP_GET,                  "/api/v1/session", "getSession", HTTP_LOGGED_IN,   get_session_h,          .out = &api_session_json,
         .tag = "session",                                                                                                                                         .summary = "Who am I"       },
        {HTTP_DELETE,                 "/api/v1/session",                    "logout",     HTTP_LOGGED_IN, logout_h,   .tag = "session",                         .summary = "Log out"                },
        {HTTP_POST,        "/api/v1/worker/code",                            "requestWorkerCode",                 HTTP_ANYONE,                 request_code_h,                                                  .in = &phone_json,
         .out = &code_json,                                                                                          .rate = HTTP_RATE_LOGIN, .tag = "session",
         .summary = "Send a log-in code to a worker's phone"                                                                                    },
        {HTTP_POST, "/api/v1/worker/session",                     "workerLogin",          HTTP_ANYONE,          worker_login_h, .in = &worker_login_json,
         .out = &api_session_json,                                            .rate = HTTP_RATE_LOGIN,                                                                                              .tag = "session", .summary = "Log in as a worker"                     },
};
const size_t session_routes_n = COUNT(session_routes);
