/* Workers, the enterprise, reference data. */
#include "api/api_priv.h"

#include "crypto/cert.h"

/* ---- the enterprise ---- */

struct certificate_out {
    struct sv subject, issuer, serial;
    int64_t not_before, not_after;
    bool test;
};
static const struct json_field certificate_rows[] = {JSON_TEXT(struct certificate_out, subject),
                                                     JSON_TEXT(struct certificate_out, issuer),
                                                     JSON_TEXT(struct certificate_out, serial),
                                                     JSON_TIME(struct certificate_out, not_before),
                                                     JSON_TIME(struct certificate_out, not_after),
                                                     JSON_BOOL(struct certificate_out, test),
                                                     JSON_END};
static const struct json_schema certificate_json = JSON_SCHEMA("Certificate", struct certificate_out, certificate_rows);

struct seal_out {
    struct sv id, name, code, state;
};
static const struct json_field seal_rows[] = {JSON_TEXT(struct seal_out, id), JSON_TEXT(struct seal_out, name),
                                              JSON_TEXT(struct seal_out, code), JSON_TEXT(struct seal_out, state),
                                              JSON_END};
static const struct json_schema seal_json = JSON_SCHEMA("Seal", struct seal_out, seal_rows);

struct enterprise_out {
    struct sv id, name, uscc, legal_representative, domicile, area_code, contact_name, contact_phone, state;
    struct certificate_out *certificate;
    struct seal_out seal;
};
static const struct json_field enterprise_rows[] = {
        JSON_TEXT(struct enterprise_out, id),
        JSON_TEXT(struct enterprise_out, name),
        JSON_TEXT(struct enterprise_out, uscc),
        JSON_TEXT(struct enterprise_out, legal_representative),
        JSON_TEXT(struct enterprise_out, domicile),
        JSON_TEXT(struct enterprise_out, area_code),
        JSON_TEXT(struct enterprise_out, contact_name),
        JSON_TEXT(struct enterprise_out, contact_phone),
        JSON_TEXT(struct enterprise_out, state),
        JSON_POINTER(struct enterprise_out, certificate, &certificate_json, .optional = true, .nullable = true),
        JSON_OBJECT(struct enterprise_out, seal, &seal_json),
        JSON_END};
static const struct json_schema enterprise_json = JSON_SCHEMA("Enterprise", struct enterprise_out, enterprise_rows);

static bool load_enterprise(struct request *r, struct enterprise *n, struct trust_key *key, bool *ret_has_key,
                            struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    const struct api *api = r->app;
    if (!tx_begin(api->db, TX_READ, &tx, e) || !enterprise_get(api->party, tx, r->a, api_actor(r)->enterprise_id, n, e))
        return false;
    *ret_has_key = n->key_id.n > 0;
    return !*ret_has_key || trust_key_get(tx, r->a, n->key_id, key, e);
}

static bool get_enterprise_h(struct request *r, struct reply *reply, struct err *e)
{
    struct enterprise n;
    struct trust_key key;
    bool has_key;
    if (!load_enterprise(r, &n, &key, &has_key, e))
        return false;
    struct certificate_out certificate = {0};
    struct enterprise_out out = {
            .id = n.id,
            .name = n.name,
            .uscc = n.uscc,
            .legal_representative = n.legal_representative,
            .domicile = n.domicile,
            .area_code = n.area_code,
            .contact_name = n.contact_name,
            .contact_phone = n.contact_phone,
            .state = n.state,
            .seal = {n.seal_id, n.seal_name, n.seal_code, n.seal_state}
    };
    if (has_key) {
        const struct cert *cert;
        if (!cert_parse(r->a, key.cert_der, &cert, e))
            return err_wrap(e, "certificate of the enterprise");
        certificate = (struct certificate_out){key.subject,      cert->issuer_common_name,
                                               key.serial_hex,   key.not_before_at,
                                               key.not_after_at, sv_find(cert->issuer, SV("TEST")) != SIZE_MAX};
        out.certificate = &certificate;
    }
    return http_reply_json(reply, 200, &enterprise_json, &out);
}

static bool seal_image_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    struct enterprise n;
    struct trust_key key;
    struct typeset_drawing drawing;
    bool has_key;
    if (!load_enterprise(r, &n, &key, &has_key, e) || !contract_seal_drawing(api->contracts, r->a, &n, &drawing, e))
        return false;
    return http_reply_bytes(reply, 200, "image/svg+xml", typeset_drawing_svg(r->a, &drawing));
}

/* ---- reference data ---- */

struct area_out {
    struct sv code, name, source;
    int64_t minimum_monthly_fen, minimum_hourly_fen;
    struct date valid_from;
};
static const struct json_field area_rows[] = {JSON_TEXT(struct area_out, code),
                                              JSON_TEXT(struct area_out, name),
                                              JSON_INT(struct area_out, minimum_monthly_fen),
                                              JSON_INT(struct area_out, minimum_hourly_fen),
                                              JSON_DATE(struct area_out, valid_from),
                                              JSON_TEXT(struct area_out, source),
                                              JSON_END};
static const struct json_schema area_json = JSON_SCHEMA("Area", struct area_out, area_rows);
struct reference_out {
    struct area_out *areas;
    size_t areas_n;
    struct date today;
};
static const struct json_field reference_rows[] = {JSON_ARRAY(struct reference_out, areas, &area_json),
                                                   JSON_DATE(struct reference_out, today), JSON_END};
static const struct json_schema reference_json = JSON_SCHEMA("Reference", struct reference_out, reference_rows);

/* The park's own city (GB/T 2260), for the form's choices; any other area of the law data may be typed in. */
static const char *const park_areas[] = {"441802", "441803", "441821", "441823",
                                         "441825", "441826", "441881", "441882"};

static bool get_reference_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct api *api = r->app;
    struct area_out areas[COUNT(park_areas)];
    struct reference_out out = {.areas = areas, .today = date_beijing(r->now_ms)};
    (void)e;
    for (size_t i = 0; i < COUNT(park_areas); i++) {
        struct law_minimum_wage w;
        struct sv code = sv_from(park_areas[i]);
        if (!law_minimum_wage(api->law, code, out.today, &w))
            continue;
        areas[out.areas_n++] = (struct area_out){.code = code,
                                                 .name = law_area_name(api->law, code),
                                                 .source = w.source,
                                                 .minimum_monthly_fen = w.monthly_fen,
                                                 .minimum_hourly_fen = w.hourly_fen,
                                                 .valid_from = w.from};
    }
    return http_reply_json(reply, 200, &reference_json, &out);
}

struct template_out {
    struct sv id, title, kind, summary;
    int64_t version;
};
static const struct json_field template_rows[] = {
        JSON_TEXT(struct template_out, id),      JSON_INT(struct template_out, version),
        JSON_TEXT(struct template_out, title),   JSON_TEXT(struct template_out, kind),
        JSON_TEXT(struct template_out, summary), JSON_END};
static const struct json_schema template_json = JSON_SCHEMA("Template", struct template_out, template_rows);
struct templates_out {
    struct template_out *items;
    size_t items_n;
};
static const struct json_field templates_rows[] = {JSON_ARRAY(struct templates_out, items, &template_json), JSON_END};
static const struct json_schema templates_json = JSON_SCHEMA("Templates", struct templates_out, templates_rows);

static bool list_templates_h(struct request *r, struct reply *reply, struct err *e)
{
    const struct sv *names;
    size_t n;
    template_list(r->a, &names, &n);
    struct templates_out out = {.items = arena_array(r->a, struct template_out, n + 1)};
    for (size_t i = 0; i < n; i++) {
        struct typeset_template t;
        if (!template_find(r->a, names[i], &t, e))
            return err_wrap(e, "template %.*s", SV_ARG(names[i]));
        if (!sv_eq(t.kind, SV("notice")))
            out.items[out.items_n++] = (struct template_out){t.id, t.title, t.kind, t.subtitle, t.version};
    }
    return http_reply_json(reply, 200, &templates_json, &out);
}

/* ---- workers ---- */

struct worker_out {
    struct sv id, name, id_number_masked, phone_masked, sex, birth_date, address;
    int64_t created_at;
};
static const struct json_field worker_rows[] = {JSON_TEXT(struct worker_out, id),
                                                JSON_TEXT(struct worker_out, name),
                                                JSON_TEXT(struct worker_out, id_number_masked),
                                                JSON_TEXT(struct worker_out, phone_masked),
                                                JSON_TEXT(struct worker_out, sex),
                                                JSON_TEXT(struct worker_out, birth_date),
                                                JSON_TEXT(struct worker_out, address),
                                                JSON_TIME(struct worker_out, created_at),
                                                JSON_END};
static const struct json_schema worker_json = JSON_SCHEMA("Worker", struct worker_out, worker_rows);
struct workers_out {
    struct worker_out *items;
    size_t items_n;
    struct sv next;
};
static const struct json_field workers_rows[] = {JSON_ARRAY(struct workers_out, items, &worker_json),
                                                 JSON_TEXT(struct workers_out, next), JSON_END};
static const struct json_schema workers_json = JSON_SCHEMA("Workers", struct workers_out, workers_rows);

static struct worker_out worker_of(const struct person *p)
{
    return (struct worker_out){p->id,  p->name,       p->id_number_masked, p->phone_masked,
                               p->sex, p->birth_date, p->address_masked,   p->created_at};
}

static bool list_workers_h(struct request *r, struct reply *reply, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    const struct api *api = r->app;
    struct person *list;
    size_t n;
    struct workers_out out = {0};
    if (!tx_begin(api->db, TX_READ, &tx, e) ||
        !person_list(api->party, tx, r->a, api_actor(r)->enterprise_id, http_query_text(r, "q"),
                     http_query_text(r, "cursor"), (size_t)http_query_int(r, "limit", 50), &list, &n, &out.next, e))
        return false;
    out.items = arena_array(r->a, struct worker_out, n + 1);
    out.items_n = n;
    for (size_t i = 0; i < n; i++)
        out.items[i] = worker_of(&list[i]);
    return http_reply_json(reply, 200, &workers_json, &out);
}

static const char *const id_types[] = {"resident_id"};
static const struct json_field worker_in_rows[] = {JSON_TEXT(struct person_in, name, .min = 1, .max = 50),
                                                   JSON_CHOICE(struct person_in, id_type, id_types),
                                                   JSON_TEXT(struct person_in, id_number, .min = 1, .max = 30),
                                                   JSON_TEXT(struct person_in, phone, .min = 1, .max = 20),
                                                   JSON_TEXT(struct person_in, address, .min = 1, .max = 200),
                                                   JSON_END};
static const struct json_schema worker_in_json = JSON_SCHEMA("WorkerIn", struct person_in, worker_in_rows);

struct add {
    struct request *r;
    struct api *api;
    struct person person;
};

static bool add_tx(struct tx *tx, void *arg, struct err *e)
{
    struct add *add = arg;
    return person_add(add->api->party, tx, add->r->a, api_actor(add->r)->enterprise_id, add->r->in, &add->person, e);
}

static bool create_worker_h(struct request *r, struct reply *reply, struct err *e)
{
    struct add add = {.r = r, .api = r->app};
    if (!tx_run(add.api->db, add_tx, &add, e))
        return false;
    const struct worker_out out = worker_of(&add.person);
    return http_reply_json(reply, 201, &worker_json, &out);
}

static bool get_worker_h(struct request *r, struct reply *reply, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    const struct api *api = r->app;
    struct person person;
    if (!tx_begin(api->db, TX_READ, &tx, e) ||
        !person_get(api->party, tx, r->a, api_actor(r)->enterprise_id, http_param(r, "id"), &person, e))
        return false;
    const struct worker_out out = worker_of(&person);
    return http_reply_json(reply, 200, &worker_json, &out);
}

static const struct http_query list_query[] = {
        {"q",             JSON_KIND_TEXT, .max = 50, .about = "part of the name, a whole ID number or phone"},
        {"cursor",      JSON_KIND_TEXT, .max = 60},
        {"limit",               JSON_KIND_INT, .min = 1, .max = 200},
        {0}
};

const struct http_route party_routes[] = {
        {HTTP_GET,          "/api/v1/enterprise",          "getEnterprise", VIEWER_UP,                        get_enterprise_h,         .out = &enterprise_json,
         .tag = "enterprise",                                                                                                                                                   .summary = "My enterprise, its certificate and seal"},
        {HTTP_GET,          "/api/v1/enterprise/seal.svg", "getSealImage",  VIEWER_UP,                        seal_image_h,             .out_type = "image/svg+xml",
         .tag = "enterprise",                                                                                                                                                   .summary = "The seal as a picture"                  },
        {HTTP_GET,          "/api/v1/reference",           "getReference",  VIEWER_UP,                        get_reference_h,          .out = &reference_json,
         .tag = "enterprise",                                                                                                                                                   .summary = "Areas and their minimum wages today"    },
        {HTTP_GET,          "/api/v1/templates",           "listTemplates", VIEWER_UP,                        list_templates_h,         .out = &templates_json,
         .tag = "contracts",                                                                                                                                                    .summary = "Contract templates"                     },
        {HTTP_GET,          "/api/v1/workers",             "listWorkers",   VIEWER_UP,                        list_workers_h,           .out = &workers_json,
         .query = list_query,                                                                                                                                                   .tag = "workers",                                     .summary = "Workers that my enterprise knows"},
        {HTTP_POST,                 "/api/v1/workers",                                      "createWorker",                    HR_UP, create_worker_h, .in = &worker_in_json,
         .out = &worker_json, .status = 201,                                                                                                                                                                                                         .tag = "workers", .summary = "Add a worker"},
        {HTTP_GET, "/api/v1/workers/{id}",     "getWorker",                    VIEWER_UP,                                             get_worker_h,                                               .out = &worker_json,                                                           .tag = "workers",
         .summary = "One worker"},
};
const size_t party_routes_n = COUNT(party_routes);
