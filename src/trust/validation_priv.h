/* What the files of validation share. */
#ifndef TRUST_VALIDATION_PRIV_H
#define TRUST_VALIDATION_PRIV_H

#include "crypto/tsp.h"
#include "trust/validation.h"

#define FETCH_MAX    32                      /* fetches for one document, */
#define FETCH_ALL_US ((int64_t)60 * 1000000) /* and after this time no more are begun */

struct tried {
    struct sv url;
    const struct cert *about;
};
struct fetching {
    struct arena *a;
    const struct validation_sources *sources;
    struct pdf_ltv_data *help;
    struct tried tried[FETCH_MAX];
    size_t tried_n;
    int64_t begun_us; /* clock_monotonic_us; 0: nothing was asked for yet */
};
/* True when something new came; each address is asked once (a responder once for each certificate). */
bool fetch_issuer(struct fetching *f, const struct cert *c);
bool fetch_revocation(struct fetching *f, const struct cert *c, const struct cert *issuer);

#endif
