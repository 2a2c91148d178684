/* Inside the room: the context, and the small helpers its files share. */
#ifndef PARTY_PARTY_PRIV_H
#define PARTY_PARTY_PRIV_H

#include "crypto/secret.h"
#include "party/party.h"

struct party {
    struct db *db;
    const struct clock *clock;
    const struct registry *registry;
    int64_t session_idle_ms, session_max_ms;
    struct secret *master;
    struct secret *seal_key;
    struct sv dummy_password; /* a hash that nobody's password fits: log-in of unknown users takes as long */
    struct arena arena;       /* what lives as long as the room */
};

#define PARTY_WHERE_ID_NUMBER "person.id_number"
#define PARTY_WHERE_PHONE     "enterprise_person.phone"
#define PARTY_WHERE_ADDRESS   "enterprise_person.address"

/* Keyed: how a phone is found and compared. */
struct sv party_phone_hash(const struct party *p, struct arena *a, struct sv phone);
/* SHA-256 in hex: how tokens and codes are stored. */
struct sv party_token_hash(struct arena *a, struct sv token);

/* A new session of this actor, in a transaction of its own or in the caller's. */
MUST_CHECK bool party_session_store(struct party *p, struct arena *a, const struct actor *actor, struct session *ret,
                                    struct err *e);

#endif
