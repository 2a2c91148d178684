/* The room's context: keys, sealed columns, look-up hashes; see party.h. */
#include <stdlib.h>

#include "crypto/digest.h"
#include "party/party_priv.h"

#define MASTER_KEY_SIZE   32
#define DEFAULT_IDLE_MS   (30 * 60000)
#define DEFAULT_MAX_MS    (12 * 3600000)
#define PARTY_ARENA_LIMIT ((size_t)1 << 16)

static bool load_keys(struct party *p, const struct party_setup *s, struct err *e)
{
    bool ok = s->production ? secret_load(s->key_path, MASTER_KEY_SIZE, MASTER_KEY_SIZE, &p->master, e)
                            : secret_load_or_make(s->key_path, MASTER_KEY_SIZE, &p->master, e);
    if (!ok)
        return err_wrap(e, "key of personal data");
    p->seal_key = secret_derive(p->master, "qyq party seal v1", SV(""), SEAL_KEY_SIZE);
    return password_hash(&p->arena, token_new(&p->arena), &p->dummy_password, e);
}

bool party_open(const struct party_setup *s, struct party **ret, struct err *e)
{
    if (s->production && (!s->registry || s->registry->simulated))
        return err_set(e, ERR_REFUSED, "the simulated registry is not for production: configure a real one");
    struct party *p = calloc(1, sizeof(*p));
    must(p != NULL);
    p->db = s->db;
    p->clock = s->clock;
    p->registry = s->registry;
    p->session_idle_ms = s->session_idle_ms ? s->session_idle_ms : DEFAULT_IDLE_MS;
    p->session_max_ms = s->session_max_ms ? s->session_max_ms : DEFAULT_MAX_MS;
    arena_init(&p->arena, PARTY_ARENA_LIMIT);
    if (!load_keys(p, s, e)) {
        party_close(p);
        return false;
    }
    *ret = p;
    return true;
}

void party_close(struct party *p)
{
    if (!p)
        return;
    secret_free(p->seal_key);
    secret_free(p->master);
    arena_done(&p->arena);
    free(p);
}

const struct clock *party_clock(const struct party *p)
{
    return p->clock;
}

static struct sv place(struct arena *a, const char *where, struct sv row)
{
    return arena_printf(a, "%s|%.*s", where, SV_ARG(row));
}

struct sv party_seal(const struct party *p, struct arena *a, const char *where, struct sv row, struct sv plain)
{
    return seal(a, p->seal_key, place(a, where, row), plain);
}

bool party_unseal(const struct party *p, struct arena *a, const char *where, struct sv row, struct sv sealed,
                  struct sv *ret, struct err *e)
{
    if (!seal_open(a, p->seal_key, place(a, where, row), sealed, ret, e))
        return err_wrap(e, "%s of %.*s", where, SV_ARG(row));
    return true;
}

struct sv party_lookup_hash(const struct party *p, struct arena *a, const char *purpose, struct sv value)
{
    CLEANUP(secret_cleanup) struct secret *key = secret_derive(p->master, purpose, SV(""), SEAL_KEY_SIZE);
    return lookup_hash(a, key, value);
}

struct sv party_token_hash(struct arena *a, struct sv token)
{
    struct digest d = digest_of(DIGEST_SHA256, token);
    return digest_hex(a, &d);
}
