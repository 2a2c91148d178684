/* Files compiled into the binary: migrations, messages, templates, web pages. tools/embed.py writes the tables. */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include "base/sv.h"

struct embed_file {
    const char *path; /* relative, '/' between folders */
    const char *data;
    const char *data_end;
};
struct embed_set {
    const struct embed_file *files; /* sorted by path, bytewise */
    size_t n;
};

/* The bytes of a file, or .p == NULL. */
struct sv embed_get(const struct embed_set *set, struct sv path);
struct sv embed_data(const struct embed_file *f);

#endif
