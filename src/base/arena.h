/* Arenas: all memory of one request, job or command, freed at once.
 *
 * "struct arena *a" in a signature means that the result lives as long as a. Each arena has a limit: parsers of untrusted
 * bytes use arena_try (NULL at the limit); everywhere else passing the limit is a bug or a limit somebody forgot, and aborts.
 * With QYQ_ARENA_DEBUG each allocation is its own malloc, so that sanitizers see one-byte overflows. Not for threads. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/sv.h"

struct arena_block;
struct arena {
    struct arena_block *blocks;
    size_t used;
    size_t limit;
};

#define ARENA_REQUEST_LIMIT ((size_t)256 << 20)

void arena_init(struct arena *a, size_t limit_bytes);
void arena_done(struct arena *a); /* frees everything; the arena may be used again */
/* Forgets everything, but keeps the newest block for the next round: for loops that fill an arena again and again. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_try(struct arena *a, size_t n);
#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
/* Array of n; overflow of n * sizeof aborts. */
void *arena_array_(struct arena *a, size_t n, size_t size);
#define arena_array(a, type, n) ((type *)arena_array_((a), (n), sizeof(type)))

struct sv arena_sv(struct arena *a, struct sv s); /* a copy, with a NUL behind it that n does not count */
char *arena_cstr(struct arena *a, struct sv s);   /* inner NULs abort: check text at the door */
struct sv arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct sv arena_concat(struct arena *a, struct sv x, struct sv y);

#endif
