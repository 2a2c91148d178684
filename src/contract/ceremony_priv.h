/* What the ceremony's files share. */
#ifndef CONTRACT_CEREMONY_PRIV_H
#define CONTRACT_CEREMONY_PRIV_H

#include "contract/ceremony.h"
#include "contract/contract_priv.h"

struct ceremony_row {
    int64_t opened_at, consent_at, read_at, identity_at; /* 0: not yet */
    int64_t identity_failures;
    struct sv salt;
};
MUST_CHECK bool ceremony_load(struct tx *tx, struct arena *a, struct sv contract_id, struct ceremony_row *ret,
                              struct err *e);
enum ceremony_step ceremony_step_of(enum contract_state state, const struct ceremony_row *row);
struct sv ceremony_code_subject(struct arena *a, struct sv contract_id);

/* The notice on electronic form (指引 6) as it is shown to this worker; sha256 is of html. */
struct ceremony_notice {
    struct sv version, title, html, sha256;
};
MUST_CHECK bool ceremony_notice_make(struct contracts *c, struct arena *a, const struct contract_parties *p,
                                     struct ceremony_notice *ret, struct err *e);

#endif
