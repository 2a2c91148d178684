/* What the route files share. */
#ifndef API_API_PRIV_H
#define API_API_PRIV_H

#include "api/api.h"
#include "json/json.h"

#define VIEWER_UP (ROLE_BIT(ROLE_VIEWER) | HR_UP)
#define HR_UP     (ROLE_BIT(ROLE_HR) | SEAL_UP)
#define SEAL_UP   (ROLE_BIT(ROLE_SEAL) | ROLE_BIT(ROLE_OWNER))
#define SIGNER    ROLE_BIT(ROLE_SIGNER)
#define WORKER    ROLE_BIT(ROLE_WORKER)

extern const struct http_route session_routes[], party_routes[], contract_routes[], signing_routes[], public_routes[];
extern const size_t session_routes_n, party_routes_n, contract_routes_n, signing_routes_n, public_routes_n;

/* The session behind a request of a route that is not for anyone. */
const struct session *api_session(const struct request *r);
const struct actor *api_actor(const struct request *r);
/* Sets the cookie and answers with the session. */
/* The cookie of the pages that ask. */
const char *api_session_cookie(const struct request *r);
bool api_reply_session(struct request *r, struct reply *reply, const struct session *s);

/* One contract, whole, as most contract operations answer it. */
bool api_reply_contract(struct request *r, struct reply *reply, int status, struct sv id, struct err *e);

/* "contract.state.<name>" in the request's language. */
struct sv api_state_text(const struct request *r, enum contract_state s);
/* Words for what a stamping contract waits for, .p == NULL when it does not wait. */
struct sv api_waiting_text(const struct request *r, struct sv reason);

extern const struct json_schema api_session_json, api_contract_json;

#endif
