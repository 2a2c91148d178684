/* Arenas; see arena.h. Blocks double in size up to one MiB; a larger request gets a block of its own. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN alignof(max_align_t)
#define FIRST_BLOCK ((size_t)4096)
#define LARGEST_BLOCK ((size_t)1 << 20)


struct arena_block {
    struct arena_block *next;
    size_t used, size;
    max_align_t data[];
};

void arena_init(struct arena *a, size_t limit_bytes)
{
    *a = (struct arena){.limit = limit_bytes};
}

void arena_done(struct arena *a)
{
    while (a->blocks) {
        struct arena_block *next = a->blocks->next;
        free(a->blocks);
        a->blocks = next;
    }
    a->used = 0;
}

void arena_reset(struct arena *a)
{
    struct arena_block *keep = a->blocks;
#ifdef QYQ_ARENA_DEBUG
    keep = NULL;
#endif
    if (keep) {
        a->blocks = keep->next;
        keep->used = 0;
        keep->next = NULL;
    }
    arena_done(a);
    a->blocks = keep;
}

static struct arena_block *block_add(struct arena *a, size_t size)
{
    struct arena_block *b = malloc(sizeof(*b) + size);
    must(b != NULL);
    b->used = 0;
    b->size = size;
    b->next = a->blocks;
    a->blocks = b;
    return b;
}

static size_t next_size(const struct arena *a, size_t n)
{
#ifdef QYQ_ARENA_DEBUG
    (void)a;
    return n;
#else
    size_t size = a->blocks ? a->blocks->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    return size < n ? n : size;
#endif
}

void *arena_try(struct arena *a, size_t n)
{
    if (n > a->limit || a->used > a->limit - n)
        return NULL;
    a->used += n;
#ifdef QYQ_ARENA_DEBUG
    size_t rounded = n;
#else
    size_t rounded = (n + ALIGN - 1) / ALIGN * ALIGN;
#endif
    struct arena_block *b = a->blocks;
    if (!b || b->size - b->used < rounded || rounded == 0)
        b = block_add(a, next_size(a, rounded ? rounded : 1));
    void *p = (char *)b->data + b->used;
    b->used += rounded ? rounded : 1;
    return memset(p, 0, n);
}

void *arena_alloc(struct arena *a, size_t n)
{
    void *p = arena_try(a, n);
    must(p != NULL);
    return p;
}

void *arena_array_(struct arena *a, size_t n, size_t size)
{
    size_t bytes;
    must(!__builtin_mul_overflow(n, size, &bytes));
    return arena_alloc(a, bytes);
}

struct sv arena_sv(struct arena *a, struct sv s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return (struct sv){p, s.n};
}

char *arena_cstr(struct arena *a, struct sv s)
{
    must(s.n == 0 || memchr(s.p, 0, s.n) == NULL);
    char *p = arena_alloc(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return p;
}

struct sv arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    must(n >= 0);
    char *p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (struct sv){p, (size_t)n};
}

struct sv arena_concat(struct arena *a, struct sv x, struct sv y)
{
    char *p = arena_alloc(a, x.n + y.n + 1);
    if (x.n)
        memcpy(p, x.p, x.n);
    if (y.n)
        memcpy(p + x.n, y.p, y.n);
    return (struct sv){p, x.n + y.n};
}
