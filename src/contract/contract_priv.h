/* Inside the room: the context and what its files share. */
#ifndef CONTRACT_CONTRACT_PRIV_H
#define CONTRACT_CONTRACT_PRIV_H

#include "contract/contract.h"
#include "pdf/sign.h"

struct contracts {
    struct contracts_setup s;
    struct sv platform_key; /* trust's id of the certifying key, made when first needed */
    struct job_kind kinds[4];
    struct arena arena; /* what lives as long as the room */
};

/* A row of the table. */
struct contract {
    struct contract_row row;
    struct sv data_json;
    struct sv link_hash;
    int64_t sent_at, created_at;
    struct sv created_by;
};

/* Everybody that a document names, in the clear. */
struct contract_parties {
    struct enterprise enterprise;
    struct person_clear worker;
};

enum contract_party { PARTY_WORKER, PARTY_EMPLOYER, PARTY__COUNT };
const char *contract_party_name(enum contract_party p);

/* ---- contract_store.c: the SQL of contracts, revisions, signatures ---- */

/* The one place that decides who may see a contract: members those of their enterprise, workers their own, signers
 * theirs, the system all. Everybody else: NOT_FOUND. */
MUST_CHECK bool contract_load(struct contracts *c, struct tx *tx, struct arena *a, const struct actor *actor,
                              struct sv id, struct contract *ret, struct err *e);
MUST_CHECK bool contract_load_parties(struct contracts *c, struct tx *tx, struct arena *a, const struct contract *k,
                                      struct contract_parties *ret, struct err *e);
MUST_CHECK bool contract_insert(struct tx *tx, struct arena *a, const struct contract *k, struct err *e);
MUST_CHECK bool contract_store_draft(struct tx *tx, struct arena *a, const struct contract *k, struct err *e);

struct contract_note {
    const char *key;
    struct sv value;
};
/* Moves the state by the table, writes the event into the chain and the act into the audit log, all in tx. CONFLICT
 * contract_state. */
MUST_CHECK bool contract_apply(struct contracts *c, struct tx *tx, struct arena *a, struct sv id,
                               enum contract_event_kind ev, const struct actor *actor,
                               const struct contract_note *notes, size_t notes_n, struct err *e);
/* An event that leaves the state as it is: "opened", "consented", "downloaded" … */
MUST_CHECK bool contract_note_event(struct contracts *c, struct tx *tx, struct arena *a, struct sv id, const char *kind,
                                    const struct actor *actor, const struct contract_note *notes, size_t notes_n,
                                    struct err *e);
struct sv contract_chain(struct arena *a, struct sv id); /* "contract:<id>" */

MUST_CHECK bool contract_add_revision(struct tx *tx, struct sv contract_id, const struct contract_revision *r,
                                      struct err *e);
/* The newest, or the named one; NOT_FOUND contract_no_document. */
MUST_CHECK bool contract_find_revision(struct tx *tx, struct arena *a, struct sv contract_id, struct sv name,
                                       struct contract_revision *ret, struct err *e);
MUST_CHECK bool contract_revisions(struct tx *tx, struct arena *a, struct sv contract_id,
                                   struct contract_revision **ret, size_t *ret_n, struct err *e);
MUST_CHECK bool contract_add_signature(struct tx *tx, struct sv contract_id, const char *role, struct sv name,
                                       const struct trust_signed *s, struct err *e);
MUST_CHECK bool contract_signatures(struct tx *tx, struct arena *a, struct sv contract_id,
                                    struct contract_signature **ret, size_t *ret_n, struct err *e);
/* After SEND: link, deadline. link_hash empty: leaves the link dead. */
MUST_CHECK bool contract_set_link(struct tx *tx, struct sv id, struct sv link_hash, int64_t sign_by, int64_t sent_at,
                                  struct err *e);
MUST_CHECK bool contract_set_effective(struct tx *tx, struct sv id, int64_t at, struct err *e);
/* The contract behind a link; NOT_FOUND link_unknown. */
MUST_CHECK bool contract_by_link(struct contracts *c, struct tx *tx, struct arena *a, struct sv link_hash,
                                 struct contract *ret, struct err *e);
struct sv contract_token_hash(struct arena *a, struct sv token);

/* ---- contract_render.c ---- */

/* Fills in what the platform knows: parties, number, template, date. */
void contract_complete(struct arena *a, const struct contract *k, const struct contract_parties *p, struct date today,
                       struct contract_data *data);
MUST_CHECK bool contract_render(struct contracts *c, struct arena *a, const struct contract *k,
                                const struct contract_data *data, bool blanks, int64_t created_at,
                                struct typeset_document *ret, struct err *e);

/* ---- contract_stamp.c ---- */

struct contract_intent {
    struct sv id, contract_id, document_sha256, approved_by, factor, drawing, address;
    enum contract_party party;
    int64_t approved_at;
};
/* Writes the intent and enqueues its job. CONFLICT contract_state if the party acted already. */
MUST_CHECK bool contract_intend(struct contracts *c, struct tx *tx, struct arena *a, const struct contract_intent *in,
                                struct err *e);
bool contract_stamp_job(struct job *j, void *arg, struct err *e);
bool contract_stamp_dead(struct tx *tx, const struct job *j, const struct err *why, void *arg, struct err *e);
/* The reason that the stamping job of this contract waits for, or an empty view. */
MUST_CHECK bool contract_waiting(struct tx *tx, struct arena *a, struct sv contract_id, struct sv *ret, struct err *e);
/* The certifying key's id. Network: no transaction may be open. */
MUST_CHECK bool contract_platform_key(struct contracts *c, struct arena *a, struct sv *ret, struct err *e);

/* ---- contract_archive.c ---- */

/* The job that brings a contract in force to the archive level, enqueued when it comes into force. */
MUST_CHECK bool contract_archive_enqueue(struct tx *tx, struct arena *a, struct sv id, bool force, int64_t now,
                                         struct err *e);
MUST_CHECK bool contract_archive_of(struct contracts *c, struct tx *tx, struct arena *a, const struct contract_row *row,
                                    struct contract_archive *ret, struct err *e);
bool contract_archive_job(struct job *j, void *arg, struct err *e);
bool contract_archive_dead(struct tx *tx, const struct job *j, const struct err *why, void *arg, struct err *e);
bool contract_archive_due_job(struct job *j, void *arg, struct err *e);

/* ---- contract_messages.c ---- */

/* secret: what must not stand in the table in the clear (a link, a code); sealed, and opened when the message is shown.
 */
MUST_CHECK bool contract_message_worker(struct contracts *c, struct tx *tx, struct arena *a, const struct contract *k,
                                        const struct contract_parties *p, const char *template, struct sv secret,
                                        struct err *e);
MUST_CHECK bool contract_message_employer(struct contracts *c, struct tx *tx, struct arena *a, const struct contract *k,
                                          const struct contract_parties *p, const char *template, struct err *e);
struct sv contract_link(struct contracts *c, struct arena *a, struct sv token);

/* ---- ceremony.c ---- */

/* A fresh ceremony for a contract that was just sent (or whose link was renewed: identity attempts start again). */
MUST_CHECK bool ceremony_start(struct tx *tx, struct arena *a, struct sv contract_id, struct err *e);
MUST_CHECK bool ceremony_renew(struct tx *tx, struct sv contract_id, struct err *e);
/* Salt of the hash that stands for the ID number in the certificate. */
MUST_CHECK bool ceremony_salt(struct tx *tx, struct arena *a, struct sv contract_id, struct sv *ret, struct err *e);

#endif
