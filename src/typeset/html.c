/* Template text for web pages: the same blocks as the printed pages, as plain HTML with classes. */
#include "typeset/markup_priv.h"

static void add_escaped(struct buf *out, struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        switch (text.p[i]) {
        case '&':
            buf_add(out, SV("&amp;"));
            break;
        case '<':
            buf_add(out, SV("&lt;"));
            break;
        case '>':
            buf_add(out, SV("&gt;"));
            break;
        case '"':
            buf_add(out, SV("&quot;"));
            break;
        case '\n':
            buf_add(out, SV("<br>"));
            break;
        default:
            buf_add_char(out, text.p[i]);
        }
    }
}

static void add_span(struct buf *out, struct sv text, unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *open, *close;
    } tags[] = {
            {SPAN_STRONG,   "<strong>",               "</strong>"},
            {SPAN_EMPHASIS, "<em>",                   "</em>"    },
            {SPAN_VALUE,    "<span class=\"value\">", "</span>"  },
            {SPAN_BLANK,    "<span class=\"blank\">", "</span>"  },
    };
    for (size_t i = 0; i < COUNT(tags); i++)
        buf_printf(out, "%s", flags & tags[i].flag ? tags[i].open : "");
    add_escaped(out, text);
    for (size_t i = COUNT(tags); i-- > 0;)
        buf_printf(out, "%s", flags & tags[i].flag ? tags[i].close : "");
}

static void add_styled(struct buf *out, const struct styled *s)
{
    size_t at = 0;
    for (size_t i = 0; i < s->spans_n; i++) {
        const struct span *span = &s->spans[i];
        add_escaped(out, sv_sub(s->text, at, span->from - at));
        add_span(out, sv_sub(s->text, span->from, span->to - span->from), span->flags);
        at = span->to;
    }
    add_escaped(out, sv_skip(s->text, at));
}

static void add_table(struct buf *out, const struct table *t)
{
    buf_add(out, SV("<table>"));
    for (size_t i = 0; i < t->rows_n; i++) {
        const struct row *row = &t->rows[i];
        buf_add(out, SV("<tr>"));
        for (size_t k = 0; k < row->n; k++) {
            const char *tag = row->cells[k].label || (t->has_head && i == 0) ? "th" : "td";
            size_t span = k + 1 == row->n ? t->columns - k : 1;
            buf_printf(out, "<%s", tag);
            if (span > 1)
                buf_printf(out, " colspan=\"%zu\"", span);
            buf_add_char(out, '>');
            add_styled(out, &row->cells[k].text);
            buf_printf(out, "</%s>", tag);
        }
        buf_add(out, SV("</tr>"));
    }
    buf_add(out, SV("</table>\n"));
}

static void add_block(struct buf *out, struct arena *a, const struct block *b)
{
    switch (b->kind) {
    case BLOCK_CLAUSE:
        buf_printf(out, "<h2 id=\"clause-%d\"><span class=\"number\">%.*s</span> ", b->number,
                   SV_ARG(clause_name(a, b->number)));
        add_styled(out, &b->text);
        buf_add(out, SV("</h2>\n"));
        return;
    case BLOCK_HEADING:
        buf_add(out, SV("<h3>"));
        add_styled(out, &b->text);
        buf_add(out, SV("</h3>\n"));
        return;
    case BLOCK_PARAGRAPH:
    case BLOCK_ITEM:
        buf_printf(out, "<p%s>", b->kind == BLOCK_ITEM ? " class=\"item\"" : "");
        add_styled(out, &b->text);
        buf_add(out, SV("</p>\n"));
        return;
    case BLOCK_TABLE:
        add_table(out, b->table);
        return;
    case BLOCK_SIGNATURES:
    case BLOCK_PAGE:
        return;
    }
}

bool template_html(struct arena *a, const struct typeset_template *t, const struct typeset_field *fields,
                   size_t fields_n, struct sv *ret, struct err *e)
{
    struct template_expansion x;
    struct blocks blocks;
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, (size_t)8 << 20);
    if (!template_expand(a, t, fields, fields_n, &x, e))
        return false;
    if (x.missing_n)
        return template_refuse_missing(a, &x, e);
    if (!markup_blocks(a, x.markdown, &blocks, e))
        return false;
    buf_add(&out, SV("<h1>"));
    add_escaped(&out, t->title);
    buf_add(&out, SV("</h1>\n"));
    if (t->subtitle.n) {
        buf_add(&out, SV("<p class=\"subtitle\">"));
        add_escaped(&out, t->subtitle);
        buf_add(&out, SV("</p>\n"));
    }
    for (size_t i = 0; i < blocks.n; i++)
        add_block(&out, a, &blocks.p[i]);
    if (!buf_ok(&out))
        return err_user(e, ERR_TOO_LARGE, "contract_text_too_long", NULL, "the HTML is too long");
    *ret = buf_to_arena(&out, a);
    return true;
}
