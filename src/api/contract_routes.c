/* Contracts, as HR and their workers see them. */
#include <string.h>

#include "api/api_priv.h"
#include "contract/contract_json.h"

/* ---- what comes in ---- */

static const struct json_field input_rows[] = {
        JSON_TEXT(struct contract_input, template, .min = 1, .max = 100),
        JSON_TEXT(struct contract_input, worker_id, .min = ID_LEN, .max = ID_LEN),
        JSON_OBJECT(struct contract_input, data, &contract_data_json), JSON_END};
static const struct json_schema input_json = JSON_SCHEMA("ContractInput", struct contract_input, input_rows);

struct send_in {
    bool accept_warnings;
    int64_t sign_within_days;
};
static const struct json_field send_rows[] = {JSON_BOOL(struct send_in, accept_warnings),
                                              JSON_INT(struct send_in, sign_within_days, .min = 1, .max = 60),
                                              JSON_END};
static const struct json_schema send_json = JSON_SCHEMA("SendIn", struct send_in, send_rows);

struct reason_in {
    struct sv reason;
};
static const struct json_field reason_rows[] = {JSON_TEXT(struct reason_in, reason, .min = 1, .max = 500), JSON_END};
static const struct json_schema reason_json = JSON_SCHEMA("ReasonIn", struct reason_in, reason_rows);

struct password_in {
    struct sv password;
};
static const struct json_field password_rows[] = {JSON_TEXT(struct password_in, password, .min = 1, .max = 200),
                                                  JSON_END};
static const struct json_schema password_json = JSON_SCHEMA("PasswordIn", struct password_in, password_rows);

/* ---- what goes out ---- */

struct row_out {
    struct sv id, number, state, state_text, waiting, worker_name, employer_name, post, term_start, term_end;
    int64_t updated_at, sign_by, effective_at;
};
#define ROW_FIELDS(type)                                                                                               \
    JSON_TEXT(type, id), JSON_TEXT(type, number), JSON_TEXT(type, state), JSON_TEXT(type, state_text),                 \
            JSON_TEXT(type, waiting, .optional = true, .nullable = true), JSON_TEXT(type, worker_name),                \
            JSON_TEXT(type, employer_name), JSON_TEXT(type, post), JSON_TEXT(type, term_start),                        \
            JSON_TEXT(type, term_end), JSON_TIME(type, updated_at),                                                    \
            JSON_TIME(type, sign_by, .optional = true, .nullable = true),                                              \
            JSON_TIME(type, effective_at, .optional = true, .nullable = true)
static const struct json_field row_rows[] = {ROW_FIELDS(struct row_out), JSON_END};
static const struct json_schema row_json = JSON_SCHEMA("ContractRow", struct row_out, row_rows);
struct rows_out {
    struct row_out *items;
    size_t items_n;
    struct sv next;
};
static const struct json_field rows_rows[] = {JSON_ARRAY(struct rows_out, items, &row_json),
                                              JSON_TEXT(struct rows_out, next), JSON_END};
static const struct json_schema rows_json = JSON_SCHEMA("Contracts", struct rows_out, rows_rows);

struct event_out {
    int64_t at;
    struct sv kind, text, actor, note;
};
static const struct json_field event_rows[] = {JSON_TIME(struct event_out, at),   JSON_TEXT(struct event_out, kind),
                                               JSON_TEXT(struct event_out, text), JSON_TEXT(struct event_out, actor),
                                               JSON_TEXT(struct event_out, note), JSON_END};
static const struct json_schema event_json = JSON_SCHEMA("ContractEvent", struct event_out, event_rows);
static const struct json_field revision_rows[] = {
        JSON_TEXT(struct contract_revision, name), JSON_TEXT(struct contract_revision, sha256),
        JSON_INT(struct contract_revision, size),  JSON_INT(struct contract_revision, pages),
        JSON_TIME(struct contract_revision, at),   JSON_END};
static const struct json_schema revision_json =
        JSON_SCHEMA("ContractRevision", struct contract_revision, revision_rows);
static const struct json_field signature_rows[] = {
        JSON_TEXT(struct contract_signature, role),
        JSON_TEXT(struct contract_signature, name),
        JSON_TIME(struct contract_signature, at),
        JSON_TEXT(struct contract_signature, serial, .as = "certificate_serial"),
        JSON_TEXT(struct contract_signature, sm2_serial, .as = "sm2_certificate_serial"),
        JSON_END};
static const struct json_schema signature_json =
        JSON_SCHEMA("ContractSignature", struct contract_signature, signature_rows);

struct archive_out {
    struct sv state, text, waiting;
    int64_t stamps, stamped_at, until_at;
};
static const struct json_field archive_rows[] = {
        JSON_TEXT(struct archive_out, state),
        JSON_TEXT(struct archive_out, text),
        JSON_TEXT(struct archive_out, waiting, .optional = true, .nullable = true),
        JSON_INT(struct archive_out, stamps),
        JSON_TIME(struct archive_out, stamped_at, .optional = true, .nullable = true),
        JSON_TIME(struct archive_out, until_at, .optional = true, .nullable = true),
        JSON_END};
static const struct json_schema archive_json = JSON_SCHEMA("ContractArchive", struct archive_out, archive_rows);

struct contract_out {
    struct sv id, number, state, state_text, waiting, worker_name, employer_name, post, term_start, term_end;
    int64_t updated_at, sign_by, effective_at;
    struct sv template, worker_id;
    struct contract_data data;
    struct law_findings_out *findings;
    struct archive_out *archive;
    struct event_out *timeline;
    struct contract_revision *revisions;
    struct contract_signature *signatures;
    struct sv *allowed;
    size_t timeline_n, revisions_n, signatures_n, allowed_n;
};
static const struct json_field contract_rows[] = {
        ROW_FIELDS(struct contract_out),
        JSON_TEXT(struct contract_out, template),
        JSON_TEXT(struct contract_out, worker_id),
        JSON_OBJECT(struct contract_out, data, &contract_data_json),
        JSON_POINTER(struct contract_out, findings, &law_findings_json, .optional = true, .nullable = true),
        JSON_POINTER(struct contract_out, archive, &archive_json, .optional = true, .nullable = true),
        JSON_ARRAY(struct contract_out, timeline, &event_json),
        JSON_ARRAY(struct contract_out, revisions, &revision_json),
        JSON_ARRAY(struct contract_out, signatures, &signature_json),
        JSON_TEXTS(struct contract_out, allowed),
        JSON_END};
const struct json_schema api_contract_json = JSON_SCHEMA("Contract", struct contract_out, contract_rows);

struct count_out {
    struct sv state;
    int64_t count;
};
static const struct json_field count_rows[] = {JSON_TEXT(struct count_out, state), JSON_INT(struct count_out, count),
                                               JSON_END};
static const struct json_schema count_json = JSON_SCHEMA("StateCount", struct count_out, count_rows);
struct counts_out {
    struct count_out *counts;
    size_t counts_n;
};
static const struct json_field counts_rows[] = {JSON_ARRAY(struct counts_out, counts, &count_json), JSON_END};
static const struct json_schema counts_json = JSON_SCHEMA("StateCounts", struct counts_out, counts_rows);

static struct row_out row_of(const struct request *r, const struct contract_row *w)
{
    return (struct row_out){.id = w->id,
                            .number = w->number,
                            .state = sv_from(contract_state_name(w->state)),
                            .state_text = api_state_text(r, w->state),
                            .waiting = api_waiting_text(r, w->waiting),
                            .worker_name = w->worker_name,
                            .employer_name = w->employer_name,
                            .post = w->post,
                            .term_start = w->term_start,
                            .term_end = w->term_end,
                            .updated_at = w->updated_at,
                            .sign_by = w->sign_by,
                            .effective_at = w->effective_at};
}

/* What the asker may do now: the operation's role and the state's event must both allow it. */
static const struct {
    const char *operation;
    enum role least;
    enum contract_event_kind event;
} acts[] = {
        {"updateContract",   ROLE_HR,   CONTRACT_EV_DISCARD     },
        {"discardContract",  ROLE_HR,   CONTRACT_EV_DISCARD     },
        {"previewContract",  ROLE_HR,   CONTRACT_EV_DISCARD     },
        {"sendContract",     ROLE_HR,   CONTRACT_EV_SEND        },
        {"resendLink",       ROLE_HR,   CONTRACT_EV_WORKER_ACT  },
        {"withdrawContract", ROLE_HR,   CONTRACT_EV_WITHDRAW    },
        {"sealContract",     ROLE_SEAL, CONTRACT_EV_EMPLOYER_ACT},
};

static void list_allowed(const struct request *r, const struct contract_view *v, struct contract_out *out)
{
    out->allowed = arena_array(r->a, struct sv, COUNT(acts) + 1);
    for (size_t i = 0; i < COUNT(acts); i++) {
        if (actor_is_member(api_actor(r), acts[i].least) && contract_event_allowed(v->row.state, acts[i].event))
            out->allowed[out->allowed_n++] = sv_from(acts[i].operation);
    }
    if (v->revisions_n)
        out->allowed[out->allowed_n++] = SV("downloadContract");
}

static void list_timeline(const struct request *r, const struct contract_view *v, struct contract_out *out)
{
    out->timeline = arena_array(r->a, struct event_out, v->timeline_n + 1);
    out->timeline_n = v->timeline_n;
    for (size_t i = 0; i < v->timeline_n; i++) {
        const struct contract_event *ev = &v->timeline[i];
        struct sv key = arena_printf(r->a, "contract.event.%.*s", SV_ARG(ev->kind));
        out->timeline[i] = (struct event_out){ev->at, ev->kind, text_get(r->lang, key), ev->actor, ev->note};
    }
}

/* Words for what the long-term data waits for, or why it was refused. */
static struct sv archive_reason(const struct request *r, struct sv reason)
{
    if (!reason.n)
        return (struct sv){0};
    struct sv key = arena_printf(r->a, "archive.reason.%.*s", SV_ARG(reason));
    return text_get(r->lang, text_has(TEXT_ZH_CN, key) ? key : SV("archive.reason.other"));
}

static void tell_archive(const struct request *r, const struct contract_view *v, struct contract_out *out)
{
    const struct contract_archive *k = &v->archive;
    if (k->state == CONTRACT_ARCHIVE_none)
        return;
    struct sv state = sv_from(contract_archive_state_name(k->state));
    out->archive = arena_new(r->a, struct archive_out);
    *out->archive = (struct archive_out){.state = state,
                                         .text = text_get(r->lang, arena_printf(r->a, "archive.%.*s", SV_ARG(state))),
                                         .waiting = archive_reason(r, k->reason),
                                         .stamps = k->count,
                                         .stamped_at = k->stamped_at,
                                         .until_at = k->until_at};
}

bool api_reply_contract(struct request *r, struct reply *reply, int status, struct sv id, struct err *e)
{
    const struct api *api = r->app;
    struct contract_view v;
    if (!contract_get(api->contracts, r->a, api_actor(r), id, &v, e))
        return false;
    struct contract_out *out = arena_new(r->a, struct contract_out);
    struct row_out row = row_of(r, &v.row);
    _Static_assert(offsetof(struct contract_out, template) == sizeof(struct row_out),
                   "a contract begins as a row does");
    memcpy(out, &row, sizeof(row));
    out->template = v.row.template;
    out->worker_id = v.row.person_id;
    out->data = v.data;
    out->revisions = v.revisions;
    out->revisions_n = v.revisions_n;
    out->signatures = v.signatures;
    out->signatures_n = v.signatures_n;
    tell_archive(r, &v, out);
    list_timeline(r, &v, out);
    list_allowed(r, &v, out);
    if (v.row.state == CONTRACT_DRAFT) {
        const struct contract_input in = {v.row.template, v.row.person_id, v.data};
        struct law_report report;
        if (!contract_check(api->contracts, r->a, api_actor(r), &in, r->lang, &report, e))
            return false;
        out->findings = arena_new(r->a, struct law_findings_out);
        *out->findings = law_findings_out(r->a, &report);
    }
    return http_reply_json(reply, status, &api_contract_json, out);
}

/* ---- handlers ---- */

static bool check_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    struct law_report report;
    if (!contract_check(api->contracts, r->a, api_actor(r), r->in, r->lang, &report, e))
        return false;
    struct law_findings_out out = law_findings_out(r->a, &report);
    return http_reply_json(reply, 200, &law_findings_json, &out);
}

static bool create_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    struct sv id;
    return contract_create(api->contracts, r->a, api_actor(r), r->in, &id, e) &&
           api_reply_contract(r, reply, 201, id, e);
}

static bool update_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    struct sv id = http_param(r, "id");
    return contract_update(api->contracts, r->a, api_actor(r), id, r->in, e) &&
           api_reply_contract(r, reply, 200, id, e);
}

static bool discard_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    return contract_discard(api->contracts, r->a, api_actor(r), http_param(r, "id"), e) && http_reply_none(reply);
}

static bool list_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    const struct contract_filter f = {.state = http_query_text(r, "state"),
                                      .q = http_query_text(r, "q"),
                                      .cursor = http_query_text(r, "cursor"),
                                      .limit = (size_t)http_query_int(r, "limit", 0)};
    struct contract_row *rows;
    size_t n;
    struct rows_out out = {0};
    if (!contract_list(api->contracts, r->a, api_actor(r), &f, &rows, &n, &out.next, e))
        return false;
    out.items = arena_array(r->a, struct row_out, n + 1);
    out.items_n = n;
    for (size_t i = 0; i < n; i++)
        out.items[i] = row_of(r, &rows[i]);
    return http_reply_json(reply, 200, &rows_json, &out);
}

static bool counts_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    struct contract_count *list;
    size_t n;
    if (!contract_counts(api->contracts, r->a, api_actor(r), &list, &n, e))
        return false;
    struct counts_out out = {arena_array(r->a, struct count_out, n + 1), n};
    for (size_t i = 0; i < n; i++)
        out.counts[i] = (struct count_out){sv_from(contract_state_name(list[i].state)), list[i].count};
    return http_reply_json(reply, 200, &counts_json, &out);
}

static bool get_h(struct request *r, struct reply *reply, struct err *e)
{
    return api_reply_contract(r, reply, 200, http_param(r, "id"), e);
}

static bool preview_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    struct sv pdf;
    return contract_preview(api->contracts, r->a, api_actor(r), http_param(r, "id"), &pdf, e) &&
           http_reply_file(reply, "application/pdf", pdf, SV("preview.pdf"), SV(""), true);
}

static bool send_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    const struct send_in *in = r->in;
    struct sv id = http_param(r, "id");
    return contract_send(api->contracts, r->a, api_actor(r), id, in->accept_warnings, in->sign_within_days, e) &&
           api_reply_contract(r, reply, 200, id, e);
}

static bool resend_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    struct sv id = http_param(r, "id");
    return contract_resend(api->contracts, r->a, api_actor(r), id, e) && api_reply_contract(r, reply, 200, id, e);
}

static bool withdraw_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    const struct reason_in *in = r->in;
    struct sv id = http_param(r, "id");
    return contract_withdraw(api->contracts, r->a, api_actor(r), id, in->reason, e) &&
           api_reply_contract(r, reply, 200, id, e);
}

static bool seal_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    const struct password_in *in = r->in;
    struct sv id = http_param(r, "id");
    return session_reauth(api->party, r->a, api_actor(r), in->password, e) &&
           contract_seal(api->contracts, r->a, api_actor(r), id, e) && api_reply_contract(r, reply, 200, id, e);
}

static bool download_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    struct sv pdf, sha256, name;
    return contract_document(api->contracts, r->a, api_actor(r), http_param(r, "id"), http_query_text(r, "revision"),
                             &pdf, &sha256, &name, e) &&
           http_reply_file(reply, "application/pdf", pdf, name, sha256, false);
}

static const char *const revision_names[] = {"latest", "sent", "worker", "final", "archive"};
static const char *const state_names[] = {
#define X(name, text) #text,
        CONTRACT_STATES(X)
#undef X
};
static const struct http_query list_query[] = {
        {"state",                                                       JSON_KIND_CHOICE, .names = state_names, .names_n = COUNT(state_names)},
        {"q",                                         JSON_KIND_TEXT, .max = 50, .about = "part of the worker's name, the number or the post"},
        {"cursor",                                                             JSON_KIND_TEXT, .max = 60},
        {"limit",       JSON_KIND_INT, .min = 1, .max = 200},
        {0}
};
static const struct http_query download_query[] = {
        {"revision",               JSON_KIND_CHOICE, .names = revision_names, .names_n = COUNT(revision_names)},
        {0}
};

#define PDF_TYPE "application/pdf"
const struct http_route contract_routes[] = {
        {HTTP_POST,                   "/api/v1/contracts/check", "checkContract",    HR_UP,                                             check_h,             .in = &input_json,
         .out = &law_findings_json,                                                                                                                                                         .tag = "contracts",
         .summary = "What the labour law says to this, before it is sent"                                                                                                                                                                                                                                                                                                                                                                                                                                  },
        {HTTP_POST,                   "/api/v1/contracts",       "createContract",   HR_UP,                                             create_h,            .in = &input_json,
         .out = &api_contract_json,                                                                                                                                                         .status = 201,                                     .tag = "contracts",                                                                                                                                                                                                                                           .summary = "Create a draft"},
        {HTTP_PUT,                           "/api/v1/contracts/{id}",                                             "updateContract",             HR_UP,  update_h,    .in = &input_json,
         .out = &api_contract_json,  .tag = "contracts",                                                                                                                                                                                                            .summary = "Change a draft"                                                                                                                                                                                                                                                                                                                                                                                                                                                    },
        {HTTP_DELETE,                           "/api/v1/contracts/{id}",                                          "discardContract",          HR_UP, discard_h,      .tag = "contracts",
         .summary = "Throw a draft away"},
        {HTTP_GET,        "/api/v1/contracts",           "listContracts", VIEWER_UP | WORKER,                                            list_h,   .out = &rows_json,
         .query = list_query,                                                                                                                                           .tag = "contracts",                                                                                                                                                                                                      .summary = "My contracts, last changed first"                                                                                                                                                                                                                                                                                                                                                                                                                                                                 },
        {HTTP_GET, "/api/v1/contracts/counts",          "countContracts",          VIEWER_UP,                                          counts_h, .out = &counts_json,
         .tag = "contracts",                                                                                                                          .summary = "How many in which state"},
        {HTTP_GET,              "/api/v1/contracts/{id}",                     "getContract",              VIEWER_UP | WORKER,                         get_h,                                                                                                                                 .out = &api_contract_json,
         .tag = "contracts",                                                                                                                 .summary = "One contract with its timeline"                                                                                                                                                                                                                                                  },
        {HTTP_GET,                  "/api/v1/contracts/{id}/preview",                                  "previewContract",                                VIEWER_UP,                                                                                                       preview_h,                                                                                                        .out_type = PDF_TYPE,
         .rate = HTTP_RATE_HEAVY,                                                                                      .tag = "contracts",.summary = "The draft as it would be printed"},
        {HTTP_POST,                      "/api/v1/contracts/{id}/send",                                         "sendContract",                                           HR_UP,                                                                                                     send_h,                                                                                                      .in = &send_json,
         .out = &api_contract_json,                                                                         .tag = "contracts",                                                                                                                                                                                                                                                  .summary = "Lock the document and send it to the worker"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       },
        {HTTP_POST,                      "/api/v1/contracts/{id}/resend",                                       "resendLink",                                HR_UP,                                                                                                            resend_h,                                                                                      .out = &api_contract_json,
         .tag = "contracts",                                                                                                         .summary = "A new link; the old one ends"},
        {HTTP_POST,                 "/api/v1/contracts/{id}/withdraw",                        "withdrawContract",                                                  HR_UP,                                                                                 withdraw_h,                                              .in = &reason_json,
         .out = &api_contract_json,                                                                 .tag = "contracts",                                                                                                                                                                                                         .summary = "Take a contract back that is not in force"   },
        {HTTP_POST,                     "/api/v1/contracts/{id}/seal",                          "sealContract",                                                  SEAL_UP,                                                                            seal_h,                                                                             .in = &password_json,
         .out = &api_contract_json,                                                                                                                                        .rate = HTTP_RATE_LOGIN,.tag = "contracts",
         .summary = "Apply the enterprise's seal"},
        {HTTP_GET,         "/api/v1/contracts/{id}/document",                        "downloadContract",                                                    VIEWER_UP | WORKER,                                                                                 download_h,
         .query = download_query,                                                                   .out_type = PDF_TYPE,           .tag = "contracts",                                                                                                                                                                                  .summary = "The document itself"},
};
const size_t contract_routes_n = COUNT(contract_routes);
