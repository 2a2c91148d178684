/* Expanded Markdown as a flat list of blocks with styled text: what layout and the HTML form both start from. */
#ifndef TYPESET_MARKUP_PRIV_H
#define TYPESET_MARKUP_PRIV_H

#include "typeset/template_priv.h"

enum span_flag {
    SPAN_STRONG = 1,
    SPAN_EMPHASIS = 2,
    SPAN_VALUE = 4,    /* filled in */
    SPAN_UNBROKEN = 8, /* stays on one line */
    SPAN_BLANK = 16,   /* a blank to fill in */
};

struct span {
    size_t from, to; /* bytes */
    unsigned flags;
};

struct styled {
    struct sv text;
    const struct span *spans; /* in order, not overlapping; only those with flags */
    size_t spans_n;
};

enum block_kind {
    BLOCK_CLAUSE,    /* text: the title without number */
    BLOCK_HEADING,   /* unnumbered */
    BLOCK_PARAGRAPH, /* level 0, or inside an item */
    BLOCK_ITEM,      /* text begins with its label */
    BLOCK_TABLE,
    BLOCK_SIGNATURES, /* table: head and name rows */
    BLOCK_PAGE,
};

struct cell {
    struct styled text;
    bool label; /* wholly strong: a caption, not a value */
};
struct row {
    struct cell *cells; /* the last one spans the columns that are left */
    size_t n;
};
struct table {
    struct row *rows;
    size_t rows_n;
    size_t columns;
    double *weights; /* share of the width, sum 1 */
    bool has_head;   /* the first row is a head */
};

struct block {
    enum block_kind kind;
    int number; /* of a clause, from 1 */
    int level;  /* of items: 1 or 2; 0 outside */
    struct styled text;
    struct table *table;
};

struct blocks {
    struct block *p;
    size_t n;
};

MUST_CHECK bool markup_blocks(struct arena *a, struct sv markdown, struct blocks *ret, struct err *e);

/* 一, 十二, 一百零五: 1 <= n <= 999. */
struct sv number_zh(struct arena *a, int n);
/* "第十二条" */
struct sv clause_name(struct arena *a, int n);

#endif
