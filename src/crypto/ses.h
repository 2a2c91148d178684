/* Electronic seals in PDF (/SubFilter /GM.sm2seal): SES_Signature of GB/T 38540-2020 and of GM/T 0031-2014 before it.
 * Not CMS. Recognised and read for the report; whether the signed bytes are still those is checked; the seal itself
 * (its maker, its holders, its validity) is not judged: that is UNSUPPORTED, and never INTACT. */
#ifndef CRYPTO_SES_H
#define CRYPTO_SES_H

#include "crypto/cms.h"

enum ses_layout { SES_NONE, SES_GMT_0031, SES_GBT_38540 };
const char *ses_layout_name(enum ses_layout l); /* "GB/T 38540" */

struct ses {
    enum cms_status status; /* of reading: CMS_OK; CMS_BROKEN, no DER at all; CMS_UNSUPPORTED, another structure */
    struct cms_problem problem;
    enum ses_layout layout;
    struct sv der;        /* the SES_Signature without padding */
    int64_t version;      /* of TBS_Sign */
    struct sv seal_id;    /* esID; text, UTF-8 */
    struct sv seal_name;  /* as the seal says; text, UTF-8 */
    int64_t seal_from_at; /* validity of the seal, ms; 0: cannot be read */
    int64_t seal_until_at;
    int64_t signed_at;         /* claimed: timeInfo, ms; 0: not said or a timestamp */
    const struct cert *signer; /* who pressed the seal; NULL: cannot be read */
    const struct cert *maker;  /* who made the seal; NULL: cannot be read */
    struct digest data_hash;   /* SM3 of the bytes, as signed */
    struct sv tbs;             /* what the signature value is over */
    struct sv signature;       /* BIT STRING content */
    struct sv algorithm;       /* dotted OID */
    bool has_timestamp;
};
/* Never fails otherwise than through ret->status. Zeros behind are padding; anything else behind is BROKEN. */
void ses_read(struct arena *a, struct sv bytes, struct ses *ret);
/* sm3: of the bytes of the ByteRange. TAMPERED "digest_differs" when they do not have the signed digest; otherwise
 * UNSUPPORTED "seal_not_judged", with a note whether the signature value fits the signer's key ("seal_value_fits",
 * "seal_value_differs": programs differ in what they sign, so that this is only told). ret->signer is filled. */
void ses_check(struct arena *a, const struct ses *s, const struct digest *sm3, struct cms_verdict *ret);

#endif
