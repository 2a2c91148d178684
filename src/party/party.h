/* party: persons, enterprises, their members, sessions and one-time codes.
 *
 * Persons belong to the park, not to an employer: one row a human being, found by a keyed hash of the ID number. ID
 * numbers, phones and addresses are sealed in their columns (AES-256-GCM, bound to table, column and row) and leave
 * this room in the clear only through person_reveal, which the caller records.
 *
 * Reasons of errors: worker_name_mismatch, worker_exists, person_id_invalid, phone_invalid, uscc_invalid, uscc_exists,
 * password_weak, user_taken, member_unknown, login_failed, login_locked, session_missing, code_wrong, code_expired,
 * code_used_up, code_too_soon, registry_mismatch, registry_unavailable. */
#ifndef PARTY_PARTY_H
#define PARTY_PARTY_H

#include "db/db.h"
#include "party/actor.h"

/* What outside service says whether a name belongs to an ID number (and the phone to the person). A function table: the
 * simulator below is for development and demonstrations; party_open refuses it in production. */
struct registry_answer {
    bool match;
    struct sv reference; /* the service's own number of this query, kept as evidence */
    struct sv method;    /* "name+id" … */
};
struct registry {
    void *ctx;
    bool simulated;
    bool (*check)(void *ctx, struct arena *a, struct sv name, struct sv id_number, struct sv phone,
                  struct registry_answer *ret, struct err *e);
};
/* Knows exactly the fictional people: ID numbers of area 000000. Everybody else does not match. */
extern const struct registry registry_simulator;

struct party_setup {
    struct db *db;
    const struct clock *clock;
    const char *key_path; /* 32 bytes, mode 0600; made when missing, unless production */
    const struct registry *registry;
    bool production;
    int64_t session_idle_ms, session_max_ms; /* 0: 30 minutes, 12 hours */
};
struct party;
MUST_CHECK bool party_open(const struct party_setup *setup, struct party **ret, struct err *e);
void party_close(struct party *p);
DEFINE_CLEANUP(struct party *, party_closep, party_close)
const struct clock *party_clock(const struct party *p);

/* ---- the audit log (record/audit.h) ---- */
/* What somebody did, in the transaction of the act. action: "contract.sent", "session.begin" …; org: the tenant whose
 * data it concerns, or ""; object: "contract:<id>" …; detail: JSON text without personal data, "" for none. */
MUST_CHECK bool party_audit(struct tx *tx, struct arena *a, const struct actor *actor, const char *action,
                            struct sv org, struct sv object, struct sv detail, int64_t at, struct err *e);

/* ---- sealed columns, for rooms above that keep personal data of their own ---- */
/* where: "table.column"; row: the row's id. A sealed value opens only at the place it was made for. */
struct sv party_seal(const struct party *p, struct arena *a, const char *where, struct sv row, struct sv plain);
MUST_CHECK bool party_unseal(const struct party *p, struct arena *a, const char *where, struct sv row, struct sv sealed,
                             struct sv *ret, struct err *e);
/* Keyed hash for look-ups (32 bytes); purpose separates the spaces. */
struct sv party_lookup_hash(const struct party *p, struct arena *a, const char *purpose, struct sv value);

/* ---- persons ---- */
struct person_in {
    struct sv name, id_type, id_number, phone, address; /* id_type "resident_id" */
};
struct person {
    struct sv id, name, id_type;
    struct sv id_number_masked, phone_masked, address_masked;
    struct sv sex, birth_date; /* "male"/"female", ISO date, from the ID number */
    int64_t created_at;
};
struct person_clear {
    struct sv name, id_type, id_number, phone, address, sex, birth_date;
};
/* The person with that ID number, made if unknown, and known to the enterprise from now on. Same ID number with another
 * name is CONFLICT worker_name_mismatch; already known to the enterprise is fine (phone and address are brought up to
 * date for this enterprise only). */
MUST_CHECK bool person_add(struct party *p, struct tx *tx, struct arena *a, struct sv enterprise_id,
                           const struct person_in *in, struct person *ret, struct err *e);
/* As this enterprise knows the person; NOT_FOUND for one it does not know. */
MUST_CHECK bool person_get(struct party *p, struct tx *tx, struct arena *a, struct sv enterprise_id, struct sv id,
                           struct person *ret, struct err *e);
/* q: part of the name, or a whole ID number or phone; empty: all. Newest first; cursor "" or *ret_next of the page
 * before. */
MUST_CHECK bool person_list(struct party *p, struct tx *tx, struct arena *a, struct sv enterprise_id, struct sv q,
                            struct sv cursor, size_t limit, struct person **ret, size_t *ret_n, struct sv *ret_next,
                            struct err *e);
/* In the clear, for rendering a contract or checking an identity; the caller records why. */
MUST_CHECK bool person_reveal(struct party *p, struct tx *tx, struct arena *a, struct sv enterprise_id, struct sv id,
                              struct person_clear *ret, struct err *e);
/* Whether a stated name and ID number are this person's: first against our own row, then by the registry (which may be
 * asked over the network: no transaction may be open). REFUSED registry_mismatch if not. */
MUST_CHECK bool person_check_identity(struct party *p, struct arena *a, const struct person_clear *known,
                                      struct sv name, struct sv id_number, struct registry_answer *ret, struct err *e);

/* ---- enterprises ---- */
struct enterprise {
    struct sv id, name, uscc, legal_representative, domicile, area_code, contact_name, contact_phone;
    struct sv state;  /* "certified", "suspended" */
    struct sv key_id; /* trust's key for the seal, "" before it has one */
    struct sv seal_id, seal_name, seal_code, seal_state;
    int64_t created_at;
};
MUST_CHECK bool enterprise_add(struct party *p, struct tx *tx, struct arena *a, const struct enterprise *in,
                               struct sv *ret_id, struct err *e);
MUST_CHECK bool enterprise_get(struct party *p, struct tx *tx, struct arena *a, struct sv id, struct enterprise *ret,
                               struct err *e);
/* All, oldest first; cursor "" or *ret_next of the page before; limit 0: 200. */
MUST_CHECK bool enterprise_list(struct party *p, struct tx *tx, struct arena *a, struct sv cursor, size_t limit,
                                struct enterprise **ret, size_t *ret_n, struct sv *ret_next, struct err *e);
MUST_CHECK bool enterprise_set_key(struct party *p, struct tx *tx, struct sv id, struct sv key_id, struct err *e);

/* ---- members and their sessions ---- */
struct member_in {
    struct sv enterprise_id, user, name, password;
    enum role role; /* VIEWER … OWNER */
};
/* password: at least 8 characters of 3 kinds (password_weak). */
MUST_CHECK bool member_add(struct party *p, struct tx *tx, struct arena *a, const struct member_in *in,
                           struct sv *ret_id, struct err *e);
struct member {
    struct sv id, enterprise_id, user, name;
    enum role role;
    int64_t failed;       /* wrong passwords in a row */
    int64_t locked_until; /* 0: not locked */
    int64_t created_at;
};
/* By user name; enterprise_id "" for all; cursor "" or *ret_next of the page before; limit 0: 200. */
MUST_CHECK bool member_list(struct party *p, struct tx *tx, struct arena *a, struct sv enterprise_id, struct sv cursor,
                            size_t limit, struct member **ret, size_t *ret_n, struct sv *ret_next, struct err *e);
/* Lets a locked member try again at once. NOT_FOUND member_unknown. */
MUST_CHECK bool member_unlock(struct party *p, struct tx *tx, struct arena *a, struct sv user, struct member *ret,
                              struct err *e);

struct session {
    struct actor actor;
    struct sv token; /* for the cookie; set only when the session is new */
    struct sv csrf;
    struct sv enterprise_name;
    int64_t expires_at;
};
/* Log-ins, right and wrong ones, stand in the audit log (session.begin, session.login_failed).
 * Wrong user, wrong password: UNAUTHENTICATED login_failed, alike in words and time. Five in a row lock the account for
 * growing times (LIMIT login_locked). Writes in transactions of its own. */
MUST_CHECK bool session_login(struct party *p, struct arena *a, struct sv user, struct sv password, struct sv address,
                              struct session *ret, struct err *e);
/* Asks a member for the password again before an act (UNAUTHENTICATED login_failed, same lock). */
MUST_CHECK bool session_reauth(struct party *p, struct arena *a, const struct actor *member, struct sv password,
                               struct err *e);
/* A session for whoever opened a signing link, or proved to be a worker. */
MUST_CHECK bool session_new_signer(struct party *p, struct tx *tx, struct arena *a, struct sv contract_id,
                                   struct sv person_id, struct sv name, struct sv address, struct session *ret,
                                   struct err *e);
/* contract_id: the contract that was just signed, "" for a plain log-in. phone: the one that a code came back from; the
 * session reaches what was agreed with employers that know the worker by it (actor.employers), and no other. */
MUST_CHECK bool session_new_worker(struct party *p, struct tx *tx, struct arena *a, struct sv person_id,
                                   struct sv contract_id, struct sv phone, struct sv name, struct sv address,
                                   struct session *ret, struct err *e);
MUST_CHECK bool session_end(struct party *p, struct tx *tx, struct sv session_id, struct err *e);
/* Ends what was opened with a contract's link, when another link takes its place. */
MUST_CHECK bool session_end_signers(struct party *p, struct tx *tx, struct sv contract_id, struct err *e);
/* UNAUTHENTICATED session_missing when the token is unknown, ended, idle too long or too old. Moves the idle clock. */
MUST_CHECK bool session_find(struct party *p, struct arena *a, struct sv token, struct sv address, struct session *ret,
                             struct err *e);

/* ---- one-time codes ---- */
struct code_issued {
    struct sv code; /* six digits: goes into the message to the phone, and nowhere else */
    int64_t expires_at, resend_after;
};
/* subject: whom and what the code is for ("sign:<contract>", "login:<phone hash hex>"). A new code ends the one before;
 * at most one a minute (LIMIT code_too_soon) and ten a day (LIMIT code_used_up) a subject. */
MUST_CHECK bool code_issue(struct party *p, struct tx *tx, struct arena *a, struct sv subject, struct code_issued *ret,
                           struct err *e);
/* When the newest code was issued; NOT_FOUND without one. For showing the clock. */
MUST_CHECK bool code_status(struct party *p, struct tx *tx, struct arena *a, struct sv subject, int64_t *ret_expires_at,
                            int64_t *ret_resend_after, struct err *e);
/* Counts a wrong attempt, in a transaction of its own: five of them end the code. A right code stays good until
 * code_use. Reasons code_wrong, code_expired, code_used_up. */
MUST_CHECK bool code_check(struct party *p, struct arena *a, struct sv subject, struct sv code, struct err *e);
/* Uses the code up in the transaction of the act that it allows, so that a replay finds it used (code_used_up). Call
 * code_check before. */
MUST_CHECK bool code_use(struct party *p, struct tx *tx, struct arena *a, struct sv subject, struct sv code,
                         struct err *e);

/* The worker's login: the code goes to the phone if a person with it exists; the caller says the same words in both
 * cases. *ret_person_id empty: nobody. */
MUST_CHECK bool worker_by_phone(struct party *p, struct tx *tx, struct arena *a, struct sv phone,
                                struct sv *ret_person_id, struct sv *ret_name, struct err *e);

#endif
