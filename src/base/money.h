/* Money is int64 fen (1/100 yuan); floating point never touches it. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "base/arena.h"

struct sv money_yuan(struct arena *a, int64_t fen);  /* "5,000.00" */
struct sv money_plain(struct arena *a, int64_t fen); /* "5000", "17.4", "0.05" */
/* The capital form of contracts and cheques: 伍仟元整, 壹仟零伍元叁角. 0 <= fen < 10^14. */
struct sv money_capital(struct arena *a, int64_t fen);
/* "5000", "5000.5", "5,000.50" -> fen; more than two decimals fail. */
MUST_CHECK bool money_parse(struct sv s, int64_t *ret_fen);

#endif
