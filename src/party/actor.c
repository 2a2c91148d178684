/* Actors and roles; see actor.h. */
#include "party/actor.h"

static const char *const role_names[] = {
#define X(name, text) text,
        ROLES(X)
#undef X
};
_Static_assert(COUNT(role_names) == ROLE__COUNT, "one name a role");

struct sv role_text(enum role role)
{
    return sv_from(role_names[role]);
}

bool role_parse(struct sv text, enum role *ret)
{
    for (int i = 0; i < ROLE__COUNT; i++) {
        if (sv_eq(text, sv_from(role_names[i]))) {
            *ret = (enum role)i;
            return true;
        }
    }
    return false;
}

struct actor actor_system(const char *where)
{
    return (struct actor){.role = ROLE_SYSTEM, .id = SV(""), .name = SV("system"), .address = sv_from(where)};
}

struct sv actor_label(struct arena *a, const struct actor *actor)
{
    if (actor->role == ROLE_SYSTEM)
        return SV("system");
    bool person = actor->role == ROLE_WORKER || actor->role == ROLE_SIGNER;
    return arena_printf(a, "%s:%.*s", person ? "person" : "member", SV_ARG(actor->id));
}

bool actor_is_member(const struct actor *actor, enum role least)
{
    return actor->role >= ROLE_VIEWER && actor->role <= ROLE_OWNER && actor->role >= least;
}
