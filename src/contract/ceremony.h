/* The worker's side: what happens between the link on the phone and the drawn name. The steps are taken in order, each
 * is an event of the contract's hash chain, and taking one again where one stands is safe (电子劳动合同订立指引 6, 7).
 *
 *   open → terms in plain words → consent to the electronic form → read the whole text → identity → code and drawing
 *
 * Reasons of errors: link_unknown, link_expired, ceremony_order (a step before it is missing), ceremony_notice (not the
 * text that was shown), ceremony_document (not the revision to be signed), identity_locked, and those of party and
 * typeset. */
#ifndef CONTRACT_CEREMONY_H
#define CONTRACT_CEREMONY_H

#include "contract/contract.h"

#define CEREMONY_IDENTITY_ATTEMPTS 5
#define CEREMONY_DRAWING_LIMIT     ((size_t)1 << 20) /* bytes of JSON */

#define CEREMONY_STEPS(X)          X(terms) X(read) X(identity) X(sign) X(stamping) X(done) X(closed)
enum ceremony_step {
#define X(name) CEREMONY_##name,
    CEREMONY_STEPS(X)
#undef X
            CEREMONY_STEP__COUNT
};
const char *ceremony_step_name(enum ceremony_step s);

struct ceremony_term {
    struct sv label, value, note; /* in plain words; note may be empty */
};
struct ceremony {
    enum ceremony_step step; /* the next one to take */
    struct contract_row row;
    struct sv worker_name_masked, phone_masked;
    struct sv document_sha256;
    int64_t pages;
    struct ceremony_term *terms;
    size_t terms_n;
    struct sv notice_version, notice_title, notice_html, notice_sha256;
    int64_t code_expires_at, code_resend_after; /* 0: no code was sent */
    int64_t signed_at;                          /* genTime of the worker's token; 0: not yet */
};

/* Exchanges the token of a link for a signer's session. NOT_FOUND link_unknown; GONE link_expired. */
MUST_CHECK bool ceremony_open(struct contracts *c, struct arena *a, struct sv token, struct sv address,
                              struct session *ret, struct err *e);
/* actor: a signer, or the worker after signing (contract_id set). */
MUST_CHECK bool ceremony_get(struct contracts *c, struct arena *a, const struct actor *actor, enum text_lang lang,
                             struct ceremony *ret, struct err *e);
MUST_CHECK bool ceremony_consent(struct contracts *c, struct arena *a, const struct actor *actor,
                                 struct sv notice_sha256, struct err *e);
/* Exactly the bytes that will be signed. */
MUST_CHECK bool ceremony_document(struct contracts *c, struct arena *a, const struct actor *actor, struct sv *ret_pdf,
                                  struct sv *ret_sha256, struct err *e);
MUST_CHECK bool ceremony_read(struct contracts *c, struct arena *a, const struct actor *actor,
                              struct sv document_sha256, int64_t pages, struct err *e);
/* Name and ID number against our row and the registry; after CEREMONY_IDENTITY_ATTEMPTS wrong ones LIMIT
 * identity_locked until HR sends a new link. When right, a code goes to the phone. */
MUST_CHECK bool ceremony_identity(struct contracts *c, struct arena *a, const struct actor *actor, struct sv name,
                                  struct sv id_number, struct err *e);
MUST_CHECK bool ceremony_send_code(struct contracts *c, struct arena *a, const struct actor *actor, struct err *e);
/* The act: the code proves the phone, the drawing the will. Durable as an intent when it returns; ret is a worker's
 * session that replaces the signer's. drawing: JSON text {width,height,strokes}, kept as evidence; ink: the same,
 * decoded. A second act is CONFLICT contract_state. */
MUST_CHECK bool ceremony_sign(struct contracts *c, struct arena *a, const struct actor *actor, struct sv code,
                              struct sv drawing, const struct typeset_ink *ink, struct session *ret, struct err *e);
/* The JSON text of a drawing as ink, in a: drawing_malformed, drawing_too_large. */
MUST_CHECK bool ceremony_decode_drawing(struct arena *a, struct sv json, struct typeset_ink *ret, struct err *e);
MUST_CHECK bool ceremony_decline(struct contracts *c, struct arena *a, const struct actor *actor, struct sv why,
                                 struct err *e);

#endif
