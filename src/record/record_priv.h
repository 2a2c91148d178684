/* Shared by the files of room record. */
#ifndef RECORD_RECORD_PRIV_H
#define RECORD_RECORD_PRIV_H

#include "crypto/digest.h"
#include "record/record.h"

#define RECORD_WINDOW 500 /* rows read at once while verifying */

/* 1..100 of [A-Za-z0-9_.:-]: such names need no escape in the hashed text. */
bool record_name_ok(struct sv s);
extern const unsigned char record_zeros[RECORD_HASH_SIZE];
struct sv record_sha256(struct arena *a, struct sv bytes);

/* NULL when r holds as record seq behind prev; else what is wrong with it. */
const char *record_fault(struct arena *a, const struct record_event *r, int64_t seq, struct sv prev);
/* Enters one more record's finding; false once the verdict stands. */
bool record_verdict_add(struct record_verdict *v, int64_t seq, const char *fault, struct sv hash);

#endif
