/* What a record's hash covers, and whether it holds; see record.h. Needs no database. */
#include <inttypes.h>
#include <string.h>

#include "record/record_priv.h"

const unsigned char record_zeros[RECORD_HASH_SIZE];

bool record_name_ok(struct sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && (c == 0 || !strchr("_.:-", c)))
            return false;
    }
    return s.n >= 1 && s.n <= 100;
}

struct sv record_sha256(struct arena *a, struct sv bytes)
{
    struct digest d = digest_of(DIGEST_SHA256, bytes);
    return arena_sv(a, digest_sv(&d));
}

struct sv record_hashed_text(struct arena *a, const struct record_event *r)
{
    struct sv payload = hex_encode(a, r->payload_hash), prev = hex_encode(a, r->prev);
    return arena_printf(a, "qyq-event-v1 sha256\n%.*s %" PRId64 " %" PRId64 "\n%.*s\n%.*s\n%.*s\n", SV_ARG(r->chain),
                        r->seq, r->at, SV_ARG(r->kind), SV_ARG(payload), SV_ARG(prev));
}

const char *record_fault(struct arena *a, const struct record_event *r, int64_t seq, struct sv prev)
{
    if (r->seq != seq)
        return "missing";
    if (!sv_eq(r->prev, prev))
        return "order";
    if (r->payload.p && !sv_eq(record_sha256(a, r->payload), r->payload_hash))
        return "payload";
    if (!sv_eq(record_sha256(a, record_hashed_text(a, r)), r->hash))
        return "hash";
    return NULL;
}

bool record_verdict_add(struct record_verdict *v, int64_t seq, const char *fault, struct sv hash)
{
    if (fault) {
        v->ok = false;
        v->bad_seq = seq;
        v->why = fault;
        return false;
    }
    must(hash.n == RECORD_HASH_SIZE);
    memcpy(v->head, hash.p, hash.n);
    v->checked = seq;
    return true;
}

void record_verify_events(const struct record_event *events, size_t n, struct record_verdict *ret)
{
    *ret = (struct record_verdict){.ok = true};
    for (size_t i = 0; i < n; i++) {
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, ARENA_REQUEST_LIMIT);
        int64_t seq = (int64_t)i + 1;
        const char *fault = record_fault(&a, &events[i], seq, sv_of(ret->head, sizeof(ret->head)));
        if (!fault && !sv_eq(events[i].chain, events[0].chain))
            fault = "order";
        if (!record_verdict_add(ret, seq, fault, events[i].hash))
            return;
    }
}
