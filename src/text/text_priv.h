/* The tables that tools/messages.py writes. */
#ifndef TEXT_TEXT_PRIV_H
#define TEXT_TEXT_PRIV_H

#include "text/text.h"

struct text_row {
    struct sv key, words;
};
struct text_table {
    const struct text_row *rows; /* sorted by key, bytewise */
    size_t n;
};
extern const struct text_table text_tables[]; /* one a language, in the order of enum text_lang */

#endif
