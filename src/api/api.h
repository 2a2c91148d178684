/* The HTTP interface: route tables and thin handlers (decode → domain call → encode), one file a domain room.
 * docs/api.md says what the operations mean; GET /api/openapi.json is printed from these tables. */
#ifndef API_API_H
#define API_API_H

#include "contract/ceremony.h"
#include "contract/contract.h"
#include "http/http.h"
#include "party/party.h"

/* What app hands down; lives as long as the server. */
struct api {
    struct db *db;
    struct party *party;
    struct contracts *contracts;
    struct trust *trust;
    const struct law *law;
    const struct clock *clock;
    bool demo; /* shows the outbox to anybody: never in production */
};

#define API_SESSION_COOKIE "qyq_session"
/* Of the phone pages, which say "X-QYQ-App: h5": in one browser somebody of the enterprise at the desk and a signer or
 * worker may be logged in side by side, and neither ends the other. */
#define API_PHONE_COOKIE "qyq_phone"

/* All tables, for http_config, in a. */
void api_tables(struct arena *a, const struct http_table **ret, size_t *ret_n);

/* The embedded pages, for http_config; none in a build without them. */
void api_statics(const struct http_static **ret, size_t *ret_n);

/* For http_config: the session of the cookie, as struct session in actor.who. app is the struct api. */
bool api_authenticate(void *app, struct request *r, struct http_actor *ret, struct err *e);
/* /readyz: the database answers. */
bool api_ready(void *app, struct err *e);

#endif
