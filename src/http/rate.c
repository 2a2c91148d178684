/* Token buckets in a table of fixed size: sets of four, the stalest of a set makes room. A key that is pushed out
 * starts full again, so a flood of addresses weakens the limit for others but never takes memory. */
#include <pthread.h>
#include <stdlib.h>

#include "http/http_priv.h"

#define SETS 2048
#define WAYS 4

struct bucket {
    uint64_t key; /* 0: free */
    double tokens;
    int64_t at_us;
};
struct rate {
    pthread_mutex_t lock;
    uint64_t salt; /* so that nobody can aim at a set */
    struct http_rate_rule rules[HTTP_RATE__N];
    struct bucket sets[SETS][WAYS];
};

static const struct http_rate_rule defaults[] = {
        [HTTP_RATE_NORMAL] = {50,        200},
        [HTTP_RATE_LOGIN] = {20.0 / 60, 20 },
        [HTTP_RATE_HEAVY] = {2,         20 },
        [HTTP_RATE_FREE] = {0,         -1 },
};
_Static_assert(COUNT(defaults) == HTTP_RATE__N, "one row a class");

struct rate *rate_new(const struct http_rate_rule rules[HTTP_RATE__N])
{
    struct rate *r = calloc(1, sizeof(*r));
    must(r != NULL);
    pthread_mutex_init(&r->lock, NULL);
    random_bytes(&r->salt, sizeof(r->salt));
    for (size_t i = 0; i < HTTP_RATE__N; i++)
        r->rules[i] = rules[i].burst == 0 ? defaults[i] : rules[i];
    return r;
}

void rate_free(struct rate *r)
{
    if (r)
        pthread_mutex_destroy(&r->lock);
    free(r);
}

static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdu;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 33;
}

static struct bucket *find(struct rate *r, uint64_t key, int burst, int64_t now_us)
{
    struct bucket *set = r->sets[key % SETS], *stalest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (set[i].at_us < stalest->at_us)
            stalest = &set[i];
    }
    *stalest = (struct bucket){key, burst, now_us};
    return stalest;
}

bool rate_take(struct rate *r, enum http_rate class, struct sv key, int64_t now_us, int *ret_wait_s)
{
    const struct http_rate_rule *rule = &r->rules[class];
    if (rule->burst < 0)
        return true;
    pthread_mutex_lock(&r->lock);
    uint64_t hash = mix(sv_hash(key) ^ r->salt ^ (uint64_t) class) | 1;
    struct bucket *b = find(r, hash, rule->burst, now_us);
    double passed = (double)(now_us - b->at_us) / 1e6;
    b->tokens += (passed > 0 ? passed : 0) * rule->per_second;
    if (b->tokens > rule->burst)
        b->tokens = rule->burst;
    b->at_us = now_us;
    bool ok = b->tokens >= 1;
    if (ok)
        b->tokens -= 1;
    else
        *ret_wait_s = rule->per_second > 0 ? (int)((1 - b->tokens) / rule->per_second) + 1 : 3600;
    pthread_mutex_unlock(&r->lock);
    return ok;
}
