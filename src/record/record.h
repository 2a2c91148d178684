/* Hash-chained event lists: what happened to one thing (a contract), in order, so that a change afterwards shows.
 *
 * A chain is named by an id of its owner ("contract:01J…"). Its records count from 1; payloads are opaque bytes, by
 * convention the canonical JSON text that the owner made. The hash of a record is SHA-256 over these lines, each ended
 * by \n, so that a stranger can recompute it with sha256sum:
 *
 *   qyq-event-v1 sha256
 *   <chain> <seq> <at in ms>
 *   <kind>
 *   <SHA-256 of the payload, hex>
 *   <hash of the record before, hex; 64 zeros for the first>
 *
 * The suite ("sha256") stands in the first line and in the row; others may follow. Chain names and kinds are 1..100
 * characters of [A-Za-z0-9_.:-]. The chain proves order and wholeness up to its head; that the head itself is the true
 * one is proved elsewhere (timestamped documents, the transparency log). */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include "base/base.h"
#include "db/db.h"

#define RECORD_HASH_SIZE 32

struct record_event {
    struct sv chain;
    int64_t seq; /* from 1 */
    int64_t at;
    struct sv kind;
    struct sv payload;      /* .p == NULL: disposed of; its hash stays */
    struct sv payload_hash; /* RECORD_HASH_SIZE bytes */
    struct sv prev;         /* likewise; zeros for the first */
    struct sv hash;         /* likewise */
};

/* Appends behind the head, inside the caller's writing transaction. ret (may be NULL) lives in a. BAD_INPUT for a wrong
 * name. */
MUST_CHECK bool record_append(struct tx *tx, struct arena *a, struct sv chain, struct sv kind, struct sv payload,
                              int64_t at, struct record_event *ret, struct err *e);
/* Records after seq (0: from the first), at most limit, in order. */
MUST_CHECK bool record_read(struct tx *tx, struct arena *a, struct sv chain, int64_t after, size_t limit,
                            struct record_event **ret, size_t *ret_n, struct err *e);
/* The last record; NOT_FOUND for an empty chain. */
MUST_CHECK bool record_head(struct tx *tx, struct arena *a, struct sv chain, struct record_event *ret, struct err *e);

struct record_verdict {
    bool ok;
    int64_t checked; /* records that hold, from the first on */
    int64_t bad_seq; /* the first that does not, 0 when ok */
    const char *why; /* "missing", "payload", "hash" or "order"; NULL when ok */
    unsigned char head[RECORD_HASH_SIZE];
};
/* Recomputes the whole chain. False only when it could not be read; what was found stands in ret. */
MUST_CHECK bool record_verify(struct tx *tx, struct sv chain, struct record_verdict *ret, struct err *e);
/* The same for records in memory, without a database (an evidence bundle): events[0] must be seq 1. */
void record_verify_events(const struct record_event *events, size_t n, struct record_verdict *ret);
/* The text that is hashed, for people who want to do it themselves. */
struct sv record_hashed_text(struct arena *a, const struct record_event *r);

#endif
