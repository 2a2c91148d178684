/* Random bytes and identifiers; see id.h. */
#include "base/id.h"

#include <errno.h>
#include <sys/random.h>

#include "base/text_code.h"

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void random_bytes(void *p, size_t n)
{
    char *at = p;
    while (n) {
        ssize_t got = getrandom(at, n, 0);
        must(got > 0 || errno == EINTR);
        if (got > 0) {
            at += got;
            n -= (size_t)got;
        }
    }
}

uint64_t random_below(uint64_t bound)
{
    must(bound > 0);
    uint64_t value, unbiased = UINT64_MAX - UINT64_MAX % bound;
    do {
        random_bytes(&value, sizeof(value));
    } while (value >= unbiased);
    return value % bound;
}

struct sv id_new(struct arena *a, int64_t now_ms)
{
    unsigned char random[10];
    char *p = arena_alloc(a, ID_LEN + 1);
    random_bytes(random, sizeof(random));
    for (int i = 0; i < 10; i++)
        p[i] = crockford[(uint64_t)now_ms >> (45 - 5 * i) & 31];
    for (int i = 0; i < 16; i++) {
        int bit = i * 5;
        unsigned pair = (unsigned)random[bit / 8] << 8 | (bit / 8 + 1 < 10 ? random[bit / 8 + 1] : 0);
        p[10 + i] = crockford[pair >> (11 - bit % 8) & 31];
    }
    return (struct sv){p, ID_LEN};
}

bool id_is_valid(struct sv s)
{
    if (s.n != ID_LEN || s.p[0] > '7')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (sv_find_char((struct sv){crockford, 32}, s.p[i]) == SIZE_MAX)
            return false;
    }
    return true;
}

struct sv token_new(struct arena *a)
{
    char random[32];
    random_bytes(random, sizeof(random));
    return base64url_encode(a, (struct sv){random, sizeof(random)});
}

struct sv random_digits(struct arena *a, size_t n)
{
    char *p = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)('0' + random_below(10));
    return (struct sv){p, n};
}
