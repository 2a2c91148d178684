/* Labour contracts: from HR's form to a PDF that both parties signed (design: HR form → law check → render → lock →
 * send → worker signs → employer seals → in force). This header is HR's side; ceremony.h is the worker's.
 *
 * Every operation takes an actor and shows it only what is its own: contracts of another enterprise or person are
 * NOT_FOUND. States change only through contract_states.h. The document is the contract: each revision is stored by its
 * SHA-256, never rewritten, and begins with the bytes of the one before. What needs a CA or a timestamp happens in jobs
 * ("contract.stamp"), outside any transaction; an act is durable as an intent before.
 *
 * Reasons of errors (besides those of party, law, typeset, trust): contract_state (CONFLICT: not possible in this
 * state), contract_blocked (REFUSED: findings that block), contract_warnings (REFUSED: warnings must be accepted),
 * contract_template_unsupported, contract_not_rendered, enterprise_not_certified, seal_not_usable,
 * contract_no_document. */
#ifndef CONTRACT_CONTRACT_H
#define CONTRACT_CONTRACT_H

#include "blob/blob.h"
#include "contract/contract_data.h"
#include "contract/contract_states.h"
#include "contract/law.h"
#include "job/job.h"
#include "job/outbox.h"
#include "party/party.h"
#include "trust/trust.h"
#include "typeset/drawing.h"
#include "typeset/typeset.h"

/* When an archive timestamp is renewed: this long before the first certificate ends on which it rests (0: 90 days), and
 * when it rests on an algorithm of this blank-separated list ("sha256 ecdsa-sha256"). */
struct contract_archive_rule {
    int64_t margin_ms;
    struct sv weak;
};

struct contracts;
struct contracts_setup {
    struct db *db;
    struct party *party;
    struct trust *trust;
    struct blob_store *blobs;
    struct typeset *typeset;
    const struct law *law;
    const struct clock *clock;
    struct sv public_url;    /* "http://127.0.0.1:8080", for links in messages and the QR code */
    struct sv platform_name; /* subject of the certifying key */
    struct sv producer;      /* "qyq 0.1.0" */
    struct contract_archive_rule archive;
};
/* The setup's pointers are borrowed until contracts_close. */
MUST_CHECK bool contracts_open(const struct contracts_setup *s, struct contracts **ret, struct err *e);
void contracts_close(struct contracts *c);
DEFINE_CLEANUP(struct contracts *, contracts_closep, contracts_close)

/* The job kinds of this room: "contract.stamp", "contract.archive", and the schedules "contract.lapse" and
 * "contract.archive_due". Rows live as long as c. */
void contract_job_kinds(struct contracts *c, const struct job_kind **ret, size_t *ret_n);
/* Words of outbox messages, for struct outbox_drivers. arg is the struct contracts. */
bool contract_render_message(struct arena *a, const struct outbox_item *item, void *arg, struct sv *ret_subject,
                             struct sv *ret_body, struct err *e);
/* The code with which a worker logs in, to their phone. */
MUST_CHECK bool contract_message_login_code(struct contracts *c, struct tx *tx, struct arena *a, struct sv person_id,
                                            struct sv phone, struct sv code, struct err *e);
/* The phone of a message, in the clear, for the gateway that sends it (and for the demo page). */
MUST_CHECK bool contract_message_phone(struct contracts *c, struct arena *a, const struct outbox_item *item,
                                       struct sv *ret, struct err *e);

/* ---- what HR fills in ---- */
struct contract_input {
    struct sv template; /* "fixed-term-full-time@1" or without the version */
    struct sv worker_id;
    struct contract_data data; /* header.contract_no, employer and worker identity are filled in by the platform */
};

/* The findings of the law as of today for this input. Writes nothing. */
MUST_CHECK bool contract_check(struct contracts *c, struct arena *a, const struct actor *actor,
                               const struct contract_input *in, enum text_lang lang, struct law_report *ret,
                               struct err *e);
MUST_CHECK bool contract_create(struct contracts *c, struct arena *a, const struct actor *actor,
                                const struct contract_input *in, struct sv *ret_id, struct err *e);
/* Drafts only. */
MUST_CHECK bool contract_update(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                                const struct contract_input *in, struct err *e);
MUST_CHECK bool contract_discard(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                                 struct err *e);
/* The draft as it would be printed, with blanks for what is missing. */
MUST_CHECK bool contract_preview(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                                 struct sv *ret_pdf, struct err *e);
/* Renders, locks with the platform's certifying signature, stores, and sends the link to the worker's phone. Blocking
 * findings are REFUSED contract_blocked, warnings too unless accepted. TSA away: UNAVAILABLE tsa_unavailable, the draft
 * stays. */
MUST_CHECK bool contract_send(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                              bool accept_warnings, int64_t sign_within_days, struct err *e);
/* A new link; the old one ends. */
MUST_CHECK bool contract_resend(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                                struct err *e);
MUST_CHECK bool contract_withdraw(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                                  struct sv why, struct err *e);
/* The employer's seal, approved by a member of role SEAL or above who just proved it (session_reauth, done by the
 * caller). Queued: the contract is employer_stamping until the timestamp is in. */
MUST_CHECK bool contract_seal(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                              struct err *e);

/* ---- looking ---- */
struct contract_row {
    struct sv id, number;
    enum contract_state state;
    struct sv worker_name, employer_name, post, term_start, term_end; /* ISO dates */
    struct sv enterprise_id, person_id, template;
    int64_t updated_at, sign_by, effective_at; /* 0: none */
    struct sv waiting; /* reason ("tsa_unavailable") that the stamping job waits for; empty: it does not wait */
};
struct contract_filter {
    struct sv state; /* empty: all */
    struct sv q;     /* part of name, number or post */
    struct sv cursor;
    size_t limit; /* 0: 50; most 200 */
};
MUST_CHECK bool contract_list(struct contracts *c, struct arena *a, const struct actor *actor,
                              const struct contract_filter *f, struct contract_row **ret, size_t *ret_n,
                              struct sv *ret_next, struct err *e);
struct contract_count {
    enum contract_state state;
    int64_t count;
};
MUST_CHECK bool contract_counts(struct contracts *c, struct arena *a, const struct actor *actor,
                                struct contract_count **ret, size_t *ret_n, struct err *e);

struct contract_event {
    int64_t at;
    struct sv kind;  /* "sent", "consented" … */
    struct sv actor; /* name for people */
    struct sv note;  /* reason of a refusal …, may be empty */
};
struct contract_revision {
    struct sv name, sha256;
    int64_t size, pages, at;
};
struct contract_signature {
    struct sv role, name, serial;
    int64_t at;
    struct sv sm2_serial; /* suite dual: of the certificate of the SM2 signature beside it; else empty */
};
/* Long-term data and archive timestamp of a contract that came into force. */
#define CONTRACT_ARCHIVE_STATES(X)                                                                                     \
    X(none)    /* not in force yet */                                                                                  \
    X(waiting) /* on its way, or for a service */                                                                      \
    X(done)                                                                                                            \
    X(failed) /* refused; tried again each day, an operator should look */
enum contract_archive_state {
#define X(name) CONTRACT_ARCHIVE_##name,
    CONTRACT_ARCHIVE_STATES(X)
#undef X
            CONTRACT_ARCHIVE__N
};
const char *contract_archive_state_name(enum contract_archive_state s);
struct contract_archive {
    enum contract_archive_state state;
    int64_t count;                /* of archive timestamps */
    int64_t stamped_at, until_at; /* of the newest one, 0: none; until_at: see trust/archive.h */
    struct sv reason;             /* waiting, failed, or a renewal that does not succeed: why, or empty */
};
struct contract_view {
    struct contract_row row;
    struct contract_archive archive;
    struct contract_data data;
    struct contract_event *timeline;
    size_t timeline_n;
    struct contract_revision *revisions;
    size_t revisions_n;
    struct contract_signature *signatures;
    size_t signatures_n;
};
MUST_CHECK bool contract_get(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                             struct contract_view *ret, struct err *e);
/* revision: "latest", "sent", "worker", "final" (signed by both) or "archive" (the newest one with long-term data).
 * Each download is an event of the contract. *ret_name: for the file.
 */
MUST_CHECK bool contract_document(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                                  struct sv revision, struct sv *ret_pdf, struct sv *ret_sha256, struct sv *ret_name,
                                  struct err *e);
/* What the platform knows of a document by its hash, for the public page: number, state, time, masked names. NOT_FOUND.
 */
struct contract_known {
    struct sv number;
    enum contract_state state;
    int64_t effective_at;
    struct sv worker_masked, employer_name;
};
MUST_CHECK bool contract_known_by_hash(struct contracts *c, struct arena *a, struct sv sha256,
                                       struct contract_known *ret, struct err *e);
/* ---- for the operator ---- */
/* Ids of all contracts after that one, in order, at most limit. */
MUST_CHECK bool contract_ids(struct tx *tx, struct arena *a, struct sv after, size_t limit, struct sv **ret,
                             size_t *ret_n, struct err *e);
/* Recomputes the contract's chain of events and replays it through the state table. *ret_fault: NULL when all is well,
 * else "missing", "payload", "hash", "order" (of the record *ret_records + 1), "state" (the row has another state than
 * the events lead to) or "empty". */
MUST_CHECK bool contract_verify_record(struct tx *tx, struct arena *a, struct sv id, int64_t *ret_records,
                                       const char **ret_fault, struct err *e);
/* Long-term data: contracts in force, in order of their ids, after that one; only those that are not well (waiting,
 * failed, or due for renewal) unless all. */
struct contract_archive_row {
    struct sv id, number, detail; /* detail: of a refusal, for operators */
    struct contract_archive archive;
    bool due;
};
MUST_CHECK bool contract_archive_list(struct tx *tx, struct arena *a, const struct contract_archive_rule *rule,
                                      int64_t now_ms, struct sv after, bool all, size_t limit,
                                      struct contract_archive_row **ret, size_t *ret_n, struct err *e);
/* Enqueues it now, also when nothing is due. NOT_FOUND; CONFLICT contract_state when it never came into force. */
MUST_CHECK bool contract_archive_force(struct tx *tx, struct arena *a, struct sv id, int64_t now_ms, struct err *e);
/* The enterprise's seal as a drawing. */
MUST_CHECK bool contract_seal_drawing(struct contracts *c, struct arena *a, const struct enterprise *enterprise,
                                      struct typeset_drawing *ret, struct err *e);

#endif
