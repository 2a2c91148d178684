/* Messages to the parties. What must not be read in the table (links, codes, phones) is sealed in the row and opened
 * when the message is delivered or shown. */
#include "contract/contract_priv.h"

#include "text/text.h"
#include "json/json.h"

#define WHERE_PHONE  "outbox.to"
#define WHERE_SECRET "outbox.secret"

struct message_params {
    struct sv number, employer, worker, sign_by;
    struct sv secret; /* sealed, base64; empty when there is none */
};
static const struct json_field params_rows[] = {JSON_TEXT(struct message_params, number, .max = 100),
                                                JSON_TEXT(struct message_params, employer, .max = 200),
                                                JSON_TEXT(struct message_params, worker, .max = 200),
                                                JSON_TEXT(struct message_params, sign_by, .max = 40),
                                                JSON_BYTES(struct message_params, secret, .optional = true),
                                                JSON_END};
static const struct json_schema params_schema = JSON_SCHEMA("MessageParams", struct message_params, params_rows);

struct sv contract_link(struct contracts *c, struct arena *a, struct sv token)
{
    return arena_printf(a, "%.*s/h5/s/%.*s", SV_ARG(c->s.public_url), SV_ARG(token));
}

static struct sv params_of(struct contracts *c, struct arena *a, const struct contract *k,
                           const struct contract_parties *p, struct sv secret)
{
    struct message_params params = {.number = k->row.number,
                                    .employer = p->enterprise.name,
                                    .worker = p->worker.name,
                                    .sign_by = k->row.sign_by ? time_beijing(a, k->row.sign_by) : SV("")};
    if (secret.n)
        params.secret = party_seal(c->s.party, a, WHERE_SECRET, k->row.id, secret);
    return json_encode(a, &params_schema, &params);
}

bool contract_message_worker(struct contracts *c, struct tx *tx, struct arena *a, const struct contract *k,
                             const struct contract_parties *p, const char *template, struct sv secret, struct err *e)
{
    struct sv phone = party_seal(c->s.party, a, WHERE_PHONE, k->row.id, p->worker.phone);
    struct outbox_new m = {.channel = OUTBOX_SMS,
                           .to = base64_encode(a, phone),
                           .person = k->row.person_id,
                           .topic = contract_chain(a, k->row.id),
                           .template = sv_from(template),
                           .params = params_of(c, a, k, p, secret)};
    return outbox_send(tx, a, &m, clock_now(c->s.clock), NULL, e);
}

bool contract_message_login_code(struct contracts *c, struct tx *tx, struct arena *a, struct sv person_id,
                                 struct sv phone, struct sv code, struct err *e)
{
    struct message_params params = {.number = SV(""), .employer = SV(""), .worker = SV(""), .sign_by = SV("")};
    params.secret = party_seal(c->s.party, a, WHERE_SECRET, person_id, code);
    struct outbox_new m = {.channel = OUTBOX_SMS,
                           .to = base64_encode(a, party_seal(c->s.party, a, WHERE_PHONE, person_id, phone)),
                           .person = person_id,
                           .topic = arena_printf(a, "person:%.*s", SV_ARG(person_id)),
                           .template = SV("sms.login_code"),
                           .params = json_encode(a, &params_schema, &params)};
    return outbox_send(tx, a, &m, clock_now(c->s.clock), NULL, e);
}

bool contract_message_employer(struct contracts *c, struct tx *tx, struct arena *a, const struct contract *k,
                               const struct contract_parties *p, const char *template, struct err *e)
{
    struct outbox_new m = {.channel = OUTBOX_INBOX,
                           .to = k->row.enterprise_id,
                           .person = SV(""),
                           .topic = contract_chain(a, k->row.id),
                           .template = sv_from(template),
                           .params = params_of(c, a, k, p, SV(""))};
    return outbox_send(tx, a, &m, clock_now(c->s.clock), NULL, e);
}

/* The row that seals were made for: the contract or person of the topic. */
static struct sv row_of(const struct outbox_item *item)
{
    struct sv topic = item->topic;
    sv_cut(&topic, ':');
    return topic;
}

bool contract_message_phone(struct contracts *c, struct arena *a, const struct outbox_item *item, struct sv *ret,
                            struct err *e)
{
    struct sv sealed;
    if (item->channel != OUTBOX_SMS || !base64_decode(a, item->to, &sealed))
        return err_set(e, ERR_NOT_FOUND, "message %.*s has no phone", SV_ARG(item->id));
    return party_unseal(c->s.party, a, WHERE_PHONE, row_of(item), sealed, ret, e);
}

bool contract_render_message(struct arena *a, const struct outbox_item *item, void *arg, struct sv *ret_subject,
                             struct sv *ret_body, struct err *e)
{
    struct contracts *c = arg;
    struct message_params p;
    struct sv secret = SV("");
    if (!json_decode(a, item->params, &params_schema, &p, e))
        return err_wrap(e, "message %.*s", SV_ARG(item->id));
    if (p.secret.n && !party_unseal(c->s.party, a, WHERE_SECRET, row_of(item), p.secret, &secret, e))
        return err_wrap(e, "message %.*s", SV_ARG(item->id));
    *ret_subject = text_get(TEXT_ZH_CN, arena_printf(a, "%.*s.title", SV_ARG(item->template)));
    *ret_body = text_say(a, TEXT_ZH_CN, arena_printf(a, "%.*s.body", SV_ARG(item->template)), {"number", p.number},
                         {"employer", p.employer}, {"worker", p.worker}, {"sign_by", p.sign_by}, {"secret", secret});
    return true;
}
