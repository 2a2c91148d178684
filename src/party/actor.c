/* Actors and roles; see actor.h. */
#include "party/party.h"
#include "record/audit.h"

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

bool party_audit(struct tx *tx, struct arena *a, const struct actor *actor, const char *action, struct sv org,
                 struct sv object, struct sv detail, int64_t at, struct err *e)
{
    const struct audit_entry entry = {.at = at,
                                      .actor = actor->role == ROLE_NONE ? SV("") : actor_label(a, actor),
                                      .role = role_text(actor->role),
                                      .org = org,
                                      .action = sv_from(action),
                                      .object = object,
                                      .source = actor->address,
                                      .basis = SV(""),
                                      .detail = detail.n ? detail : SV("{}")};
    return audit_append(tx, &entry, e) ? true : err_wrap(e, "audit %s", action);
}
