/* Shared by reader, checks and writer of SignedData. */
#ifndef CRYPTO_CMS_PRIV_H
#define CRYPTO_CMS_PRIV_H

#include "crypto/cms.h"
#include "crypto/der_priv.h"

#define OID_DATA            "1.2.840.113549.1.7.1"
#define OID_SIGNED_DATA     "1.2.840.113549.1.7.2"
#define OID_GM_DATA         "1.2.156.10197.6.1.4.2.1"
#define OID_GM_SIGNED_DATA  "1.2.156.10197.6.1.4.2.2"
#define OID_TST_INFO        "1.2.840.113549.1.9.16.1.4"

#define OID_CONTENT_TYPE    "1.2.840.113549.1.9.3"
#define OID_MESSAGE_DIGEST  "1.2.840.113549.1.9.4"
#define OID_SIGNING_TIME    "1.2.840.113549.1.9.5"
#define OID_SIGNING_CERT_V2 "1.2.840.113549.1.9.16.2.47"
#define OID_SIGNING_CERT    "1.2.840.113549.1.9.16.2.12"
#define OID_ALG_PROTECT     "1.2.840.113549.1.9.52"
#define OID_REVOCATION_INFO "1.2.840.113583.1.1.8"
#define OID_TIMESTAMP_TOKEN "1.2.840.113549.1.9.16.2.14"

struct cms_attribute {
    struct sv oid;    /* dotted */
    struct sv values; /* body of the SET */
};

/* Keeps the worst problem of reading. Returns false. */
bool cms_spoil(struct cms *c, enum cms_status status, const char *code, struct sv text);
void cms_note(struct cms *c, const char *code, struct sv text);
/* Signed attributes with their header [0]; unsigned attributes, what stands inside [1]. */
bool cms_read_signed(struct arena *a, struct cms *c, struct sv all);
void cms_read_unsigned(struct arena *a, struct cms *c, struct sv body);
/* Of SignedData.crls; true when there is more in it than CRLs. */
bool cms_read_revocation_info(struct arena *a, struct cms *c, struct sv body);
/* The single value of a signed attribute with its header; false when the attribute is absent. */
bool cms_attribute_get(const struct cms *c, const char *oid, struct sv *ret_value);
/* signingCertificate(V2) against the signer: CMS_OK also when absent (then *ret_present is false). */
enum cms_status cms_signing_cert_check(struct arena *a, const struct cms *c, const struct cert *signer,
                                       bool *ret_present, const char **ret_code);
/* Does the sid mean this certificate? */
bool cms_sid_matches(const struct cms *c, const struct cert *cert);

#endif
