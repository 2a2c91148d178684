/* Markdown to blocks. cmark parses what CommonMark defines; tables, page breaks and the signature block are lines of
 * our own that are taken out before. Inline text becomes one string with spans. */
#include "typeset/markup_priv.h"

#include <cmark.h>
#include <string.h>

#define MAX_BLOCKS  4000
#define MAX_SPANS   500 /* of one paragraph; the text of later ones is plain */
#define MAX_COLUMNS 12
#define MAX_ROWS    300
#define MAX_CLAUSES 200

DEFINE_CLEANUP(cmark_node *, node_free, cmark_node_free)
DEFINE_CLEANUP(cmark_iter *, iter_free, cmark_iter_free)

static bool broken(struct err *e, const char *what)
{
    return err_user(e, ERR_BAD_INPUT, "template_broken", NULL, "template: %s", what);
}

/* One string under construction. */
struct builder {
    struct buf text;
    struct span *spans;
    size_t spans_n;
    unsigned flags;
    size_t from; /* where the run with these flags began */
};

static void builder_init(struct arena *a, struct builder *b)
{
    *b = (struct builder){.spans = arena_array(a, struct span, MAX_SPANS)};
    buf_init(&b->text, (size_t)1 << 20);
}

static void builder_done(struct builder *b)
{
    buf_done(&b->text);
}

static void set_flags(struct builder *b, unsigned flags)
{
    if (flags == b->flags)
        return;
    if (b->flags && b->text.n > b->from && b->spans_n < MAX_SPANS)
        b->spans[b->spans_n++] = (struct span){b->from, b->text.n, b->flags};
    b->flags = flags;
    b->from = b->text.n;
}

static void add_literal(struct builder *b, struct sv s)
{
    while (s.n) {
        size_t at = sv_find(s, SV("\xEE\x80"));
        if (at == SIZE_MAX || at + 3 > s.n) {
            buf_add(&b->text, s);
            return;
        }
        buf_add(&b->text, sv_sub(s, 0, at));
        struct sv mark = sv_sub(s, at, 3);
        s = sv_skip(s, at + 3);
        unsigned rest = b->flags & (SPAN_STRONG | SPAN_EMPHASIS);
        if (sv_eq(mark, SV(MARK_VALUE))) {
            set_flags(b, rest | SPAN_VALUE);
        } else if (sv_eq(mark, SV(MARK_UNBROKEN))) {
            set_flags(b, rest | SPAN_VALUE | SPAN_UNBROKEN);
        } else if (sv_eq(mark, SV(MARK_BLANK))) {
            set_flags(b, rest | SPAN_BLANK);
            buf_add(&b->text, SV("________"));
            set_flags(b, rest);
        } else if (sv_eq(mark, SV(MARK_END))) {
            set_flags(b, rest);
        }
    }
}

static struct styled builder_take(struct arena *a, struct builder *b)
{
    set_flags(b, 0);
    struct span *spans = arena_array(a, struct span, b->spans_n + 1);
    if (b->spans_n)
        memcpy(spans, b->spans, b->spans_n * sizeof(*spans));
    struct styled s = {.spans = spans, .spans_n = b->spans_n};
    s.text = buf_to_arena(&b->text, a);
    b->spans_n = 0;
    b->from = 0;
    return s;
}

/* Between ideographs a line break of the source is nothing. */
static void add_soft_break(struct builder *b)
{
    if (b->text.n && (unsigned char)b->text.p[b->text.n - 1] < 0x80)
        buf_add_char(&b->text, ' ');
}

static void inline_flag(struct builder *b, unsigned flag, bool enter)
{
    set_flags(b, enter ? b->flags | flag : b->flags & ~flag);
}

static bool add_inline(struct builder *b, cmark_node *node, bool enter, struct err *e)
{
    switch ((int)cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
    case CMARK_NODE_CODE:
        add_literal(b, sv_from(cmark_node_get_literal(node)));
        return true;
    case CMARK_NODE_SOFTBREAK:
        add_soft_break(b);
        return true;
    case CMARK_NODE_LINEBREAK:
        buf_add_char(&b->text, '\n');
        return true;
    case CMARK_NODE_STRONG:
        inline_flag(b, SPAN_STRONG, enter);
        return true;
    case CMARK_NODE_EMPH:
        inline_flag(b, SPAN_EMPHASIS, enter);
        return true;
    case CMARK_NODE_LINK:
        return true;
    default:
        return broken(e, "raw HTML and pictures are not for contracts");
    }
}

static const char *const digits_zh[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};

struct sv number_zh(struct arena *a, int n)
{
    must(n >= 1 && n <= 999);
    int hundreds = n / 100, tens = n / 10 % 10, ones = n % 10;
    const char *middle = tens ? "十" : hundreds && ones ? "零" : "";
    bool says_ten = tens > 1 || (tens == 1 && hundreds);
    return arena_printf(a, "%s%s%s%s%s", hundreds ? digits_zh[hundreds] : "", hundreds ? "百" : "",
                        says_ten ? digits_zh[tens] : "", middle, ones ? digits_zh[ones] : "");
}

struct sv clause_name(struct arena *a, int n)
{
    return arena_printf(a, "第%.*s条", SV_ARG(number_zh(a, n)));
}

struct list {
    bool ordered;
    int index;
};

struct walker {
    struct arena *a;
    struct blocks *blocks;
    struct builder text;
    struct list lists[3];
    size_t depth;
    bool label_due; /* an item began and its first paragraph has not come yet */
    int *clauses;
};

static void walker_done(struct walker *w)
{
    builder_done(&w->text);
}

static bool add_block(struct blocks *blocks, struct block block, struct err *e)
{
    if (blocks->n == MAX_BLOCKS)
        return err_user(e, ERR_TOO_LARGE, "contract_text_too_long", NULL, "more than %d paragraphs", MAX_BLOCKS);
    blocks->p[blocks->n++] = block;
    return true;
}

static void add_label(struct walker *w)
{
    const struct list *l = &w->lists[w->depth - 1];
    if (!l->ordered)
        buf_add(&w->text.text, SV("· "));
    else if (w->depth == 1)
        buf_printf(&w->text.text, "（%.*s）", SV_ARG(number_zh(w->a, l->index)));
    else
        buf_printf(&w->text.text, "%d. ", l->index);
}

static bool end_paragraph(struct walker *w, struct err *e)
{
    bool item = w->depth && w->label_due;
    w->label_due = false;
    return add_block(w->blocks,
                     (struct block){.kind = item ? BLOCK_ITEM : BLOCK_PARAGRAPH,
                                    .level = (int)w->depth,
                                    .text = builder_take(w->a, &w->text)},
                     e);
}

static bool end_heading(struct walker *w, int level, struct err *e)
{
    struct block b = {.kind = level <= 2 ? BLOCK_CLAUSE : BLOCK_HEADING, .text = builder_take(w->a, &w->text)};
    if (b.kind == BLOCK_CLAUSE)
        b.number = ++*w->clauses;
    return add_block(w->blocks, b, e);
}

static bool walk_list(struct walker *w, cmark_node *node, bool enter, struct err *e)
{
    if (!enter) {
        w->depth--;
        return true;
    }
    if (w->depth == COUNT(w->lists))
        return broken(e, "lists are nested too deeply");
    w->lists[w->depth++] = (struct list){.ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST};
    return true;
}

static bool walk_node(struct walker *w, cmark_node *node, bool enter, struct err *e)
{
    switch ((int)cmark_node_get_type(node)) {
    case CMARK_NODE_DOCUMENT:
    case CMARK_NODE_BLOCK_QUOTE:
        return true;
    case CMARK_NODE_LIST:
        return walk_list(w, node, enter, e);
    case CMARK_NODE_ITEM:
        w->label_due = enter;
        w->lists[w->depth - 1].index += enter;
        return w->lists[w->depth - 1].index <= 999 || broken(e, "a list is too long");
    case CMARK_NODE_PARAGRAPH:
        if (enter && w->depth && w->label_due)
            add_label(w);
        return enter || end_paragraph(w, e);
    case CMARK_NODE_HEADING:
        return enter || end_heading(w, cmark_node_get_heading_level(node), e);
    case CMARK_NODE_CODE_BLOCK:
    case CMARK_NODE_HTML_BLOCK:
    case CMARK_NODE_THEMATIC_BREAK:
        return broken(e, "code, raw HTML and rules are not for contracts");
    default:
        return add_inline(&w->text, node, enter, e);
    }
}

static bool walk_markdown(struct arena *a, struct sv markdown, int *clauses, struct blocks *blocks, struct err *e)
{
    CLEANUP(node_free) cmark_node *root = cmark_parse_document(markdown.p, markdown.n, CMARK_OPT_DEFAULT);
    must(root);
    CLEANUP(iter_free) cmark_iter *iter = cmark_iter_new(root);
    CLEANUP(walker_done) struct walker w = {.a = a, .blocks = blocks, .clauses = clauses};
    builder_init(a, &w.text);
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        if (!walk_node(&w, cmark_iter_get_node(iter), event == CMARK_EVENT_ENTER, e))
            return false;
    }
    return true;
}

/* A table cell: one paragraph of inline text. */
static bool parse_cell(struct arena *a, struct sv text, struct cell *ret, struct err *e)
{
    struct block block[4];
    struct blocks blocks = {block, 0};
    int clauses = 0;
    text = sv_trim(text);
    *ret = (struct cell){0};
    if (text.n == 0)
        return true;
    /* A zero-width mark keeps "- x" or "1. x" from opening a list. */
    struct sv guarded = arena_concat(a, SV(MARK_END), text);
    if (!walk_markdown(a, guarded, &clauses, &blocks, e))
        return false;
    if (blocks.n != 1 || blocks.p[0].kind != BLOCK_PARAGRAPH)
        return broken(e, "a table cell holds one line of text");
    ret->text = blocks.p[0].text;
    ret->label = ret->text.spans_n == 1 && ret->text.spans[0].from == 0 && ret->text.spans[0].to == ret->text.text.n &&
                 ret->text.spans[0].flags == SPAN_STRONG;
    return true;
}

/* Cuts "| a | b |" at bars that are not escaped. */
static size_t cut_cells(struct sv line, struct sv *cells)
{
    size_t n = 0, from = 1;
    line = sv_trim(line);
    for (size_t i = 1; i < line.n; i++) {
        if (line.p[i] == '\\') {
            i++;
            continue;
        }
        if (line.p[i] != '|')
            continue;
        if (n < MAX_COLUMNS)
            cells[n++] = sv_sub(line, from, i - from);
        from = i + 1;
    }
    return n;
}

static bool parse_weights(struct arena *a, struct sv line, struct table *t, struct err *e)
{
    struct sv cells[MAX_COLUMNS];
    double sum = 0;
    t->columns = cut_cells(line, cells);
    t->weights = arena_array(a, double, t->columns + 1);
    for (size_t i = 0; i < t->columns; i++) {
        struct sv c = sv_trim(cells[i]);
        for (size_t k = 0; k < c.n; k++) {
            if (c.p[k] != '-' && c.p[k] != ':')
                return broken(e, "the second line of a table is dashes");
        }
        if (c.n == 0)
            return broken(e, "the second line of a table is dashes");
        t->weights[i] = (double)c.n;
        sum += t->weights[i];
    }
    for (size_t i = 0; i < t->columns; i++)
        t->weights[i] /= sum;
    return t->columns > 0 || broken(e, "a table has no columns");
}

static bool parse_row(struct arena *a, struct sv line, struct table *t, struct err *e)
{
    struct sv cells[MAX_COLUMNS];
    size_t n = cut_cells(line, cells);
    if (t->rows_n == MAX_ROWS || n == 0 || n > t->columns)
        return broken(e, "a table has too many rows or columns");
    struct row *row = &t->rows[t->rows_n++];
    *row = (struct row){.cells = arena_array(a, struct cell, n), .n = n};
    for (size_t i = 0; i < n; i++) {
        if (!parse_cell(a, cells[i], &row->cells[i], e))
            return false;
    }
    return true;
}

static bool is_empty_row(const struct row *r)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->cells[i].text.text.n)
            return false;
    }
    return true;
}

static bool is_table_line(struct sv line)
{
    return sv_starts(sv_trim(line), SV("|"));
}

/* text begins at the first line of a table and is moved behind the last. */
static bool parse_table(struct arena *a, struct sv *text, struct table **ret, struct err *e)
{
    struct table *t = arena_new(a, struct table);
    t->rows = arena_array(a, struct row, MAX_ROWS);
    struct sv head = sv_cut(text, '\n');
    if (!is_table_line(*text))
        return broken(e, "a table needs a line of dashes");
    if (!parse_weights(a, sv_cut(text, '\n'), t, e) || !parse_row(a, head, t, e))
        return false;
    t->has_head = !is_empty_row(&t->rows[0]);
    t->rows_n = t->has_head;
    while (text->n && is_table_line(*text)) {
        if (!parse_row(a, sv_cut(text, '\n'), t, e))
            return false;
    }
    *ret = t;
    return true;
}

static bool take_signatures(struct arena *a, struct sv *text, struct blocks *blocks, struct err *e)
{
    struct block b = {.kind = BLOCK_SIGNATURES};
    if (!text->n || !is_table_line(*text))
        return broken(e, "{{@signatures}} is followed by a table of the two parties");
    if (!parse_table(a, text, &b.table, e))
        return false;
    return (b.table->columns == 2 && b.table->has_head) ? add_block(blocks, b, e)
                                                        : broken(e, "the signature block has two columns and a head");
}

struct anchor {
    struct sv id;
    int number;
};

/* Cuts "{#id}" off the end of a heading. */
static struct sv cut_anchor(struct sv *line)
{
    size_t at = sv_find(*line, SV("{#"));
    struct sv id = {0};
    if (at == SIZE_MAX || !sv_ends(sv_trim(*line), SV("}")))
        return id;
    id = sv_trim(sv_skip(*line, at + 2));
    id.n--;
    *line = sv_sub(*line, 0, at);
    return id;
}

static bool replace_references(struct sv line, struct arena *a, const struct anchor *anchors, size_t n, struct buf *out,
                               struct err *e)
{
    for (size_t at; (at = sv_find(line, SV("{{@clause "))) != SIZE_MAX;) {
        size_t close = sv_find(line, SV("}}"));
        if (close == SIZE_MAX || close < at)
            break;
        struct sv id = sv_trim(sv_sub(line, at + 10, close - at - 10));
        size_t i = 0;
        while (i < n && !sv_eq(anchors[i].id, id))
            i++;
        if (i == n)
            return broken(e, "{{@clause …}} names no clause");
        buf_add(out, sv_sub(line, 0, at));
        buf_add(out, clause_name(a, anchors[i].number));
        line = sv_skip(line, close + 2);
    }
    buf_add(out, line);
    buf_add_char(out, '\n');
    return true;
}

/* Numbers the clauses and puts the numbers where other clauses refer to them. */
static bool resolve(struct arena *a, struct sv text, struct sv *ret, struct err *e)
{
    struct anchor *anchors = arena_array(a, struct anchor, MAX_CLAUSES);
    size_t n = 0;
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, (size_t)2 << 20);
    for (struct sv rest = text; rest.n;) {
        struct sv line = sv_cut(&rest, '\n');
        if (!sv_starts(line, SV("## ")))
            continue;
        if (n == MAX_CLAUSES)
            return broken(e, "too many clauses");
        anchors[n] = (struct anchor){cut_anchor(&line), (int)n + 1};
        n++;
    }
    while (text.n) {
        struct sv line = sv_cut(&text, '\n');
        if (sv_starts(line, SV("#")))
            cut_anchor(&line);
        if (!replace_references(line, a, anchors, n, &out, e))
            return false;
    }
    *ret = buf_to_arena(&out, a);
    return true;
}

/* The length of the lines before the next table or directive. */
static size_t plain_length(struct sv text)
{
    struct sv rest = text;
    while (rest.n) {
        struct sv line = rest;
        line = sv_cut(&rest, '\n');
        if (is_table_line(line) || sv_starts(line, SV("{{@")))
            return (size_t)(line.p - text.p);
    }
    return text.n;
}

bool markup_blocks(struct arena *a, struct sv markdown, struct blocks *ret, struct err *e)
{
    struct blocks blocks = {.p = arena_array(a, struct block, MAX_BLOCKS)};
    struct sv text;
    int clauses = 0;
    if (!resolve(a, markdown, &text, e))
        return false;
    while (text.n) {
        size_t n = plain_length(text);
        if (n) {
            if (!walk_markdown(a, sv_sub(text, 0, n), &clauses, &blocks, e))
                return false;
            text = sv_skip(text, n);
            continue;
        }
        struct block table = {.kind = BLOCK_TABLE};
        if (is_table_line(text)) {
            if (!parse_table(a, &text, &table.table, e) || !add_block(&blocks, table, e))
                return false;
            continue;
        }
        struct sv line = sv_trim(sv_cut(&text, '\n'));
        if (sv_eq(line, SV("{{@page}}"))) {
            if (!add_block(&blocks, (struct block){.kind = BLOCK_PAGE}, e))
                return false;
        } else if (!sv_eq(line, SV("{{@signatures}}"))) {
            return broken(e, "a directive stands on a line of its own");
        } else if (!take_signatures(a, &text, &blocks, e)) {
            return false;
        }
    }
    *ret = blocks;
    return true;
}
