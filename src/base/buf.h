/* Growing byte buffers. Each is created with its maximum; passing it sets a sticky failure that the owner asks for once
 * at the end (buf_ok), so that writers need no check a line. Memory is the heap's: buf_done frees it, or buf_to_arena
 * moves the text. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"

struct buf {
    char *p;
    size_t n, cap, max;
    bool failed;
};

void buf_init(struct buf *b, size_t max);
void buf_reserve(struct buf *b, size_t n); /* room for n more bytes at once; saves growing step by step */
void buf_done(struct buf *b);
bool buf_ok(const struct buf *b);
struct sv buf_sv(const struct buf *b);                  /* borrowed, until the next change */
struct sv buf_to_arena(struct buf *b, struct arena *a); /* copies, then empties b */
void buf_clear(struct buf *b);                          /* keeps the memory */

void buf_add(struct buf *b, struct sv s);
void buf_add_bytes(struct buf *b, const void *p, size_t n);
void buf_add_char(struct buf *b, char c);
void buf_add_repeat(struct buf *b, char c, size_t n);
void buf_add_hex(struct buf *b, struct sv bytes); /* upper case */
/* Decimal, with leading zeros to at least width digits. */
void buf_add_u64(struct buf *b, uint64_t v, size_t width);
void buf_add_utf8(struct buf *b, uint32_t code_point);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
