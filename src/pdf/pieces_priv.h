/* Going through the bytes of a file in pieces, and saying so to whoever mapped it. */
#ifndef PDF_PIECES_PRIV_H
#define PDF_PIECES_PRIV_H

#include "pdf/sign.h"

#define PDF_PIECE ((size_t)4 << 20)

void reader_seen(const struct pdf_reader *r, struct sv part); /* r may be NULL */

struct pieces {
    struct sv rest, now;
    const struct pdf_reader *reader; /* or NULL */
};
/* False at the end. The piece before is told as seen. */
bool pieces_next(struct pieces *p, struct sv *ret);

/* All of it, piece by piece. */
void pieces_digest(struct digest_stream *h, struct sv bytes, const struct pdf_reader *reader);

#endif
