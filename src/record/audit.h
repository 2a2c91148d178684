/* The audit log: who did what to which thing, from where, on what basis. Rows are appended inside the transaction of
 * the act, unchained, so that nodes do not queue behind each other; one sequencer gives them numbers and chains their
 * hashes afterwards (audit_chain_step, run every few seconds as a job). A row is at most that much younger than the
 * chain.
 *
 * The hash of a row is SHA-256 over lines as in record.h: "qyq-audit-v1 sha256", seq, id, at, then actor, role, org,
 * action, object, source and basis one a line (%-encoded), then the SHA-256 of the detail and the hash before. */
#ifndef RECORD_AUDIT_H
#define RECORD_AUDIT_H

#include "record/record.h"

struct audit_entry {
    int64_t at;
    struct sv actor;  /* id of the person or service, "" for nobody */
    struct sv role;   /* in which role */
    struct sv org;    /* tenant whose data it concerns, "" for the park */
    struct sv action; /* "contract.send": [A-Za-z0-9_.:-], 1..100 */
    struct sv object; /* "contract:01J…" */
    struct sv source; /* address of the caller, "cli", "job" */
    struct sv basis;  /* stated reason where one is asked for (unmasking, disposal) */
    struct sv detail; /* JSON text, no personal data */
};
struct audit_row {
    struct sv id;
    int64_t seq; /* 0: not chained yet */
    struct audit_entry entry;
    struct sv hash; /* .p == NULL: not chained yet */
};

MUST_CHECK bool audit_append(struct tx *tx, const struct audit_entry *entry, struct err *e);
/* Chains up to limit rows; ret_n tells how many. Any node may call it: they take turns. */
MUST_CHECK bool audit_chain_step(struct db *db, size_t limit, size_t *ret_n, struct err *e);

/* What is asked for; an empty view means any. Newest first. */
struct audit_filter {
    struct sv org, actor, object, action;
    int64_t from, until; /* ms; until 0: no end */
    struct sv before_id; /* for the next page: the last id of this one */
};
MUST_CHECK bool audit_list(struct tx *tx, struct arena *a, const struct audit_filter *f, size_t limit,
                           struct audit_row **ret, size_t *ret_n, struct err *e);
/* Recomputes the chained rows, in windows, so that a long log needs little memory. */
MUST_CHECK bool audit_verify(struct tx *tx, struct record_verdict *ret, struct err *e);

#endif
