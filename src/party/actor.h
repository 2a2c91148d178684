/* Who acts: every domain operation takes an actor, whether it comes from the web, the command line or a job, so that
 * all go through the same permission check and stand in the same record. */
#ifndef PARTY_ACTOR_H
#define PARTY_ACTOR_H

#include "base/base.h"

/* Members of an enterprise are ordered: each may do what those before it may (viewer < hr < seal < owner). */
#define ROLES(X)                                                                                                       \
    X(NONE, "none")                                                                                                    \
    X(SIGNER, "signer") /* holds a signing link: one contract, identity not proven yet */                              \
    X(WORKER, "worker") /* proven identity and phone: all own contracts */                                             \
    X(VIEWER, "viewer")                                                                                                \
    X(HR, "hr")                                                                                                        \
    X(SEAL, "seal")                                                                                                    \
    X(OWNER, "owner")                                                                                                  \
    X(SYSTEM, "system") /* jobs and the operator's commands; never a session */

enum role {
#define X(name, text) ROLE_##name,
    ROLES(X)
#undef X
            ROLE__COUNT
};
#define ROLE_BIT(role) (1u << (role))

struct sv role_text(enum role role);
MUST_CHECK bool role_parse(struct sv text, enum role *ret);

struct actor {
    enum role role;
    struct sv id;            /* member id, person id, or "" */
    struct sv name;          /* for the timeline */
    struct sv enterprise_id; /* members only */
    struct sv person_id;     /* worker, and signer of a known contract */
    struct sv contract_id;   /* signer only */
    struct sv employers; /* worker: ids, blank-separated, of the enterprises that know the worker by the proven phone */
    struct sv address;   /* where from: IP address, "cli", "job" */
    struct sv session;   /* opaque id of the session, not its token */
};
/* The platform itself, acting by a job or command. */
struct actor actor_system(const char *where);
/* "member:<id>", "person:<id>", "system": how an actor stands in records. */
struct sv actor_label(struct arena *a, const struct actor *actor);
bool actor_is_member(const struct actor *actor, enum role least);

#endif
