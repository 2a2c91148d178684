/* Shared by the token reader and the two sides of the protocol. */
#ifndef CRYPTO_TSP_PRIV_H
#define CRYPTO_TSP_PRIV_H

#include "crypto/alg_priv.h"
#include "crypto/der_priv.h"
#include "crypto/tsp.h"

/* MessageImprint at the cursor. True with ALG_OK (digest filled) and with ALG_UNSUPPORTED. */
bool tsp_imprint_read(struct arena *a, struct der *d, enum digest_alg *ret_alg, struct digest *ret,
                      enum alg_status *ret_status);

#endif
