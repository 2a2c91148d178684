/* Embedded files; see embed.h. */
#include "base/embed.h"

struct sv embed_data(const struct embed_file *f)
{
    return (struct sv){f->data, (size_t)(f->data_end - f->data)};
}

struct sv embed_get(const struct embed_set *set, struct sv path)
{
    size_t lo = 0, hi = set->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = sv_cmp(sv_from(set->files[mid].path), path);
        if (order == 0)
            return embed_data(&set->files[mid]);
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return (struct sv){0};
}
