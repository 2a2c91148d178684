/* The worker's way through signing, step by step. */
#include "api/api_priv.h"

struct token_in {
    struct sv token;
};
static const struct json_field token_rows[] = {JSON_TEXT(struct token_in, token, .min = 1, .max = 100), JSON_END};
static const struct json_schema token_json = JSON_SCHEMA("LinkIn", struct token_in, token_rows);

struct consent_in {
    struct sv notice_sha256;
    bool agree;
};
static const struct json_field consent_rows[] = {JSON_TEXT(struct consent_in, notice_sha256, .min = 64, .max = 64),
                                                 JSON_BOOL(struct consent_in, agree), JSON_END};
static const struct json_schema consent_json = JSON_SCHEMA("ConsentIn", struct consent_in, consent_rows);

struct read_in {
    struct sv document_sha256;
    int64_t pages;
};
static const struct json_field read_rows[] = {JSON_TEXT(struct read_in, document_sha256, .min = 64, .max = 64),
                                              JSON_INT(struct read_in, pages, .min = 1, .max = 1000), JSON_END};
static const struct json_schema read_json = JSON_SCHEMA("ReadIn", struct read_in, read_rows);

struct identity_in {
    struct sv name, id_number;
};
static const struct json_field identity_rows[] = {JSON_TEXT(struct identity_in, name, .min = 1, .max = 50),
                                                  JSON_TEXT(struct identity_in, id_number, .min = 1, .max = 30),
                                                  JSON_END};
static const struct json_schema identity_json = JSON_SCHEMA("IdentityIn", struct identity_in, identity_rows);

struct sign_in {
    struct sv code;
    const struct json_value *drawing;
};
static const struct json_field sign_rows[] = {
        JSON_TEXT(struct sign_in, code, .min = 1, .max = 10),
        JSON_VALUE(struct sign_in, drawing, .about = "{width, height, strokes: [[{x, y, t, p}]]}"), JSON_END};
static const struct json_schema sign_json = JSON_SCHEMA("SignIn", struct sign_in, sign_rows);

struct decline_in {
    struct sv reason;
};
static const struct json_field decline_rows[] = {JSON_TEXT(struct decline_in, reason, .min = 1, .max = 500), JSON_END};
static const struct json_schema decline_json = JSON_SCHEMA("DeclineIn", struct decline_in, decline_rows);

static const struct json_field term_rows[] = {JSON_TEXT(struct ceremony_term, label),
                                              JSON_TEXT(struct ceremony_term, value),
                                              JSON_TEXT(struct ceremony_term, note), JSON_END};
static const struct json_schema term_json = JSON_SCHEMA("Term", struct ceremony_term, term_rows);

struct notice_out {
    struct sv version, title, html, sha256;
};
static const struct json_field notice_rows[] = {
        JSON_TEXT(struct notice_out, version), JSON_TEXT(struct notice_out, title),
        JSON_TEXT(struct notice_out, html, .any_size = true), JSON_TEXT(struct notice_out, sha256), JSON_END};
static const struct json_schema notice_json = JSON_SCHEMA("Notice", struct notice_out, notice_rows);

struct code_out {
    int64_t expires_at, resend_after;
};
static const struct json_field code_rows[] = {JSON_TIME(struct code_out, expires_at),
                                              JSON_TIME(struct code_out, resend_after), JSON_END};
static const struct json_schema code_json = JSON_SCHEMA("SigningCode", struct code_out, code_rows);

struct signing_out {
    struct sv step, state, state_text, waiting, contract_id, number, employer_name, worker_name_masked, phone_masked;
    struct sv document_sha256;
    int64_t sign_by, pages, signed_at, effective_at;
    struct ceremony_term *terms;
    size_t terms_n;
    struct notice_out notice;
    struct code_out *code;
};
static const struct json_field signing_rows[] = {
        JSON_TEXT(struct signing_out, step),
        JSON_TEXT(struct signing_out, state),
        JSON_TEXT(struct signing_out, state_text),
        JSON_TEXT(struct signing_out, waiting, .optional = true, .nullable = true),
        JSON_TEXT(struct signing_out, contract_id),
        JSON_TEXT(struct signing_out, number),
        JSON_TEXT(struct signing_out, employer_name),
        JSON_TEXT(struct signing_out, worker_name_masked),
        JSON_TEXT(struct signing_out, phone_masked),
        JSON_TIME(struct signing_out, sign_by),
        JSON_TEXT(struct signing_out, document_sha256),
        JSON_INT(struct signing_out, pages),
        JSON_ARRAY(struct signing_out, terms, &term_json),
        JSON_OBJECT(struct signing_out, notice, &notice_json),
        JSON_POINTER(struct signing_out, code, &code_json, .optional = true, .nullable = true),
        JSON_TIME(struct signing_out, signed_at, .optional = true, .nullable = true),
        JSON_TIME(struct signing_out, effective_at, .optional = true, .nullable = true),
        JSON_END};
static const struct json_schema signing_json = JSON_SCHEMA("Signing", struct signing_out, signing_rows);

static bool reply_signing(struct request *r, struct reply *reply, const struct actor *actor, struct err *e)
{
    const struct api *api = r->app;
    struct ceremony c;
    if (!ceremony_get(api->contracts, r->a, actor, r->lang, &c, e))
        return false;
    struct code_out code = {c.code_expires_at, c.code_resend_after};
    const struct signing_out out = {
            .step = sv_from(ceremony_step_name(c.step)),
            .state = sv_from(contract_state_name(c.row.state)),
            .state_text = api_state_text(r, c.row.state),
            .waiting = api_waiting_text(r, c.row.waiting),
            .contract_id = c.row.id,
            .number = c.row.number,
            .employer_name = c.row.employer_name,
            .worker_name_masked = c.worker_name_masked,
            .phone_masked = c.phone_masked,
            .document_sha256 = c.document_sha256,
            .sign_by = c.row.sign_by,
            .pages = c.pages,
            .signed_at = c.signed_at,
            .effective_at = c.row.effective_at,
            .terms = c.terms,
            .terms_n = c.terms_n,
            .notice = {c.notice_version, c.notice_title, c.notice_html, c.notice_sha256},
            .code = c.code_expires_at ? &code : NULL
    };
    return http_reply_json(reply, 200, &signing_json, &out);
}

static bool open_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    const struct token_in *in = r->in;
    struct session s;
    return ceremony_open(api->contracts, r->a, in->token, r->client, &s, e) && api_reply_session(r, reply, &s);
}

static bool get_h(struct request *r, struct reply *reply, struct err *e)
{
    return reply_signing(r, reply, api_actor(r), e);
}

static bool consent_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    const struct consent_in *in = r->in;
    if (!in->agree)
        return err_user(e, ERR_BAD_INPUT, "consent_needed", "/agree", "consent was not given");
    return ceremony_consent(api->contracts, r->a, api_actor(r), in->notice_sha256, e) &&
           reply_signing(r, reply, api_actor(r), e);
}

static bool document_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    struct sv pdf, sha256;
    return ceremony_document(api->contracts, r->a, api_actor(r), &pdf, &sha256, e) &&
           http_reply_file(reply, "application/pdf", pdf, SV("contract.pdf"), sha256, true);
}

static bool read_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    const struct read_in *in = r->in;
    return ceremony_read(api->contracts, r->a, api_actor(r), in->document_sha256, in->pages, e) &&
           reply_signing(r, reply, api_actor(r), e);
}

static bool identity_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    const struct identity_in *in = r->in;
    return ceremony_identity(api->contracts, r->a, api_actor(r), in->name, in->id_number, e) &&
           reply_signing(r, reply, api_actor(r), e);
}

static bool code_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    return ceremony_send_code(api->contracts, r->a, api_actor(r), e) && reply_signing(r, reply, api_actor(r), e);
}

static bool sign_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    const struct sign_in *in = r->in;
    struct sv drawing = json_encode_value(r->a, in->drawing);
    struct typeset_ink ink;
    struct session s;
    if (!ceremony_decode_drawing(r->a, drawing, &ink, e) ||
        !ceremony_sign(api->contracts, r->a, api_actor(r), in->code, drawing, &ink, &s, e))
        return false;
    http_reply_cookie(reply, api_session_cookie(r), s.token, -1);
    return reply_signing(r, reply, &s.actor, e);
}

static bool decline_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    const struct decline_in *in = r->in;
    return ceremony_decline(api->contracts, r->a, api_actor(r), in->reason, e) &&
           reply_signing(r, reply, api_actor(r), e);
}

const struct http_route signing_routes[] = {
        {HTTP_POST,                   "/api/v1/signing/open",     "openLink",           HTTP_ANYONE,                                      open_h,                   .in = &token_json,
         .out = &api_session_json,                                                                                                                                                                                       .rate = HTTP_RATE_LOGIN,                     .tag = "signing",
         .summary = "Exchange the token of a link for a session"},
        {HTTP_GET,                           "/api/v1/signing",                                              "getSigning",                       SIGNER | WORKER,              get_h, .out = &signing_json,            .tag = "signing",
         .summary = "Where I stand, and what is to be signed"                           },
        {HTTP_POST,                   "/api/v1/signing/consent",  "giveConsent",        SIGNER,                                           consent_h,                .in = &consent_json,
         .out = &signing_json,                                                                                                                                                                                           .tag = "signing",                            .summary = "Agree to the electronic form"                                                                                                                                                                                                                                                  },
        {HTTP_GET,                    "/api/v1/signing/document", "getSigningDocument", SIGNER,                                           document_h,               .out_type = "application/pdf",
         .tag = "signing",                                                                                                                                                                                               .summary = "Exactly the bytes to be signed"},
        {HTTP_POST,     "/api/v1/signing/read",              "confirmRead",               SIGNER,                                           read_h,         .in = &read_json,          .out = &signing_json,
         .tag = "signing",                                                                                                                                                                                                   .summary = "I have read the whole text"},
        {HTTP_POST, "/api/v1/signing/identity",            "proveIdentity",               SIGNER,                                       identity_h,     .in = &identity_json,
         .out = &signing_json,                                                                                                                                                                  .rate = HTTP_RATE_LOGIN,                            .tag = "signing",
         .summary = "Name and ID number; then a code goes to the phone"},
        {HTTP_POST,                   "/api/v1/signing/code",     "sendSigningCode",    SIGNER,                                           code_h,                   .out = &signing_json,
         .rate = HTTP_RATE_LOGIN,                                                                                                                                                                                        .tag = "signing",                            .summary = "Another code"                                         },
        {HTTP_POST,                   "/api/v1/signing/sign",     "signContract",       SIGNER,                                           sign_h,                   .in = &sign_json,              .out = &signing_json,
         .rate = HTTP_RATE_LOGIN,                                                                                                                                                                                                                                     .tag = "signing",                                                                                                                                                                                                                                         .summary = "Sign: the code and the drawn name"},
        {HTTP_POST,                           "/api/v1/signing/decline",                                             "declineContract",              SIGNER, decline_h,      .in = &decline_json,
         .out = &signing_json,                      .tag = "signing",                                                                                                                                                                                                                                        .summary = "Decline, with a reason"                },
};
const size_t signing_routes_n = COUNT(signing_routes);
