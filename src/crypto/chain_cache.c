/* Which signatures of certificates, lists and responses are right: each is checked once a document, and a document that
 * asks for more than honest ones do gets no answer instead of our time. */
#include <string.h>

#include "crypto/revocation_priv.h"

/* A unit is some 30 microseconds; all together about a second. */
enum { CHECKS_MAX = 40000 };
#define BYTES_MAX ((size_t)512 << 20)

struct entry {
    uint8_t what[32], signer[32];
    uint8_t state; /* 0: free, 1: wrong, 2: right */
};
struct chain_cache {
    struct arena *a;
    struct entry *entries; /* open addressing; cap is a power of two */
    size_t n, cap;
    size_t checks, bytes; /* spent so far */
};

struct chain_cache *chain_cache_new(struct arena *a)
{
    struct chain_cache *c = arena_new(a, struct chain_cache);
    c->a = a;
    return c;
}

bool chain_cache_spend_bytes(struct chain_cache *cache, size_t n)
{
    cache->bytes += n + 256;
    return cache->bytes <= BYTES_MAX;
}

bool chain_cache_is_spent(const struct chain_cache *cache)
{
    return cache->checks > CHECKS_MAX || cache->bytes > BYTES_MAX;
}

/* Rough, from measurements of the library. */
static size_t cost(const struct cert *signer)
{
    size_t bits = signer->key_bits > 0 ? (size_t)signer->key_bits : 1;
    switch (signer->key_kind) {
    case KEY_P256:
        return 4;
    case KEY_P384:
    case KEY_P521:
    case KEY_SM2:
        return 25;
    case KEY_EC_OTHER:
        return 50;
    case KEY_RSA_2048:
    case KEY_RSA_3072:
    case KEY_RSA_4096:
    case KEY_RSA_OTHER:
        return 1 + bits * bits / ((size_t)2048 * 2048);
    case KEY_NONE:
    case KEY_OTHER:
        break;
    }
    return 1;
}

bool chain_cache_spend_checks(struct chain_cache *cache, const struct cert *signer, size_t n)
{
    cache->checks += n * cost(signer);
    return cache->checks <= CHECKS_MAX;
}

/* Digests are spread evenly already. */
static struct entry *find(const struct chain_cache *c, const struct entry *want)
{
    size_t at;
    memcpy(&at, want->what, sizeof(at));
    for (;; at++) {
        struct entry *e = &c->entries[at & (c->cap - 1)];
        if (!e->state || (memcmp(e->what, want->what, 32) == 0 && memcmp(e->signer, want->signer, 32) == 0))
            return e;
    }
}

static void make_room(struct chain_cache *c)
{
    if (c->n * 2 < c->cap)
        return;
    struct chain_cache old = *c;
    c->cap = old.cap ? old.cap * 2 : 32;
    c->entries = arena_array(c->a, struct entry, c->cap);
    for (size_t i = 0; i < old.cap; i++)
        if (old.entries[i].state)
            *find(c, &old.entries[i]) = old.entries[i];
}

/* key: what names the signed bytes. */
static bool remembered(struct arena *a, struct chain_cache *cache, struct entry key, const struct signed_parts *p,
                       const struct cert *signer)
{
    must(signer->sha256.n == sizeof(key.signer));
    memcpy(key.signer, signer->sha256.bytes, sizeof(key.signer));
    make_room(cache);
    struct entry *e = find(cache, &key);
    if (!e->state) {
        if (!chain_cache_spend_checks(cache, signer, 1))
            return false;
        key.state = signed_parts_verify(a, p, signer->public_der) ? 2 : 1;
        *e = key;
        cache->n++;
    }
    return e->state == 2;
}

bool chain_cache_verify(struct arena *a, struct chain_cache *cache, struct sv whole, const struct signed_parts *p,
                        const struct cert *signer)
{
    /* Lists can be large: they are known by their place, under a digest that no certificate has. */
    struct {
        const char *p;
        size_t n;
    } place = {whole.p, whole.n};
    struct entry key = {0};
    struct digest d = digest_of(DIGEST_SHA256, sv_of(&place, sizeof(place)));
    memcpy(key.what, d.bytes, sizeof(key.what));
    return remembered(a, cache, key, p, signer);
}

bool cert_issued_by(struct arena *a, struct chain_cache *cache, const struct cert *c, const struct cert *issuer)
{
    struct signed_parts p;
    struct der outer = der_open(c->der), d = der_enter(&outer, DER_SEQ);
    struct entry key = {0};
    if (!sv_eq(c->issuer_der, issuer->subject_der) || !signed_parts_read(&d, &p))
        return false;
    memcpy(key.what, c->sha256.bytes, sizeof(key.what));
    return remembered(a, cache, key, &p, issuer);
}
