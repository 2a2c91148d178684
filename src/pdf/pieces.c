/* See pieces_priv.h. */
#include "pdf/pieces_priv.h"

void reader_seen(const struct pdf_reader *r, struct sv part)
{
    if (r && part.n)
        r->seen(r->arg, part);
}

bool pieces_next(struct pieces *p, struct sv *ret)
{
    reader_seen(p->reader, p->now);
    p->now = sv_sub(p->rest, 0, PDF_PIECE);
    p->rest = sv_skip(p->rest, p->now.n);
    *ret = p->now;
    return p->now.n > 0;
}

void pieces_digest(struct digest_stream *h, struct sv bytes, const struct pdf_reader *reader)
{
    struct pieces p = {.rest = bytes, .reader = reader};
    for (struct sv piece; pieces_next(&p, &piece);)
        digest_stream_add(h, piece);
}
