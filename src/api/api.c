/* Who is asking, and the list of tables; see api.h. */
#include "api/api_priv.h"

void api_tables(struct arena *a, const struct http_table **ret, size_t *ret_n)
{
    const struct http_table tables[] = {
            {session_routes,  session_routes_n },
            {party_routes,    party_routes_n   },
            {contract_routes, contract_routes_n},
            {signing_routes,  signing_routes_n },
            {public_routes,   public_routes_n  }
    };
    struct http_table *list = arena_array(a, struct http_table, COUNT(tables));
    for (size_t i = 0; i < COUNT(tables); i++)
        list[i] = tables[i];
    *ret = list;
    *ret_n = COUNT(tables);
}

const char *api_session_cookie(const struct request *r)
{
    return sv_eq(http_header(r, "X-QYQ-App"), SV("h5")) ? API_PHONE_COOKIE : API_SESSION_COOKIE;
}

bool api_authenticate(void *app, struct request *r, struct http_actor *ret, struct err *e)
{
    struct api *api = app;
    struct sv token = http_cookie(r, api_session_cookie(r));
    struct session *s = arena_new(r->a, struct session);
    if (!token.n)
        return true;
    if (!session_find(api->party, r->a, token, r->client, s, e)) {
        if (e->code != ERR_UNAUTHENTICATED)
            return err_wrap(e, "authenticate");
        err_clear(e);
        return true;
    }
    *ret = (struct http_actor){
            .roles = ROLE_BIT(s->actor.role), .who = s, .id = s->actor.session, .csrf = s->csrf, .by_cookie = true};
    return true;
}

bool api_ready(void *app, struct err *e)
{
    struct api *api = app;
    return db_ping(api->db, e);
}

const struct session *api_session(const struct request *r)
{
    must(r->actor.who != NULL);
    return r->actor.who;
}

const struct actor *api_actor(const struct request *r)
{
    return &api_session(r)->actor;
}

struct sv api_state_text(const struct request *r, enum contract_state s)
{
    return text_get(r->lang, arena_printf(r->a, "contract.state.%s", contract_state_name(s)));
}

struct sv api_waiting_text(const struct request *r, struct sv reason)
{
    if (!reason.n)
        return (struct sv){0};
    struct sv key = arena_printf(r->a, "waiting.%.*s", SV_ARG(reason));
    return text_get(r->lang, text_has(TEXT_ZH_CN, key) ? key : SV("waiting.other"));
}
