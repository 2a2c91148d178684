/* Whether metadata is well-formed XML without a document type (XMP, ISO 16684-1): tags nest, attributes are quoted,
 * entities are the five of XML and numbers. A reader of the metadata then sees what it seems to hold, and nothing is
 * fetched or expanded. UTF-8 only. */
#include <string.h>

#include "pdf/diff_priv.h"

#define MAX_TAGS 64 /* open at a time */

struct xml {
    struct sv in;
    struct sv open[MAX_TAGS];
    size_t depth;
    bool had_root;
};

static bool name_char(char c)
{
    unsigned char u = (unsigned char)c;
    return (u >= '0' && u <= '9') || (u >= 'A' && u <= 'Z') || (u >= 'a' && u <= 'z') || u >= 0x80 ||
           (c && strchr("_:-.", c));
}

static struct sv take_name(struct xml *x)
{
    size_t n = 0;
    while (n < x->in.n && name_char(x->in.p[n]))
        n++;
    struct sv name = sv_sub(x->in, 0, n);
    x->in = sv_skip(x->in, n);
    return name;
}

static void skip_blanks(struct xml *x)
{
    while (x->in.n && strchr(" \t\r\n", x->in.p[0]) && x->in.p[0])
        x->in = sv_skip(x->in, 1);
}

static bool take(struct xml *x, struct sv word)
{
    if (!sv_starts(x->in, word))
        return false;
    x->in = sv_skip(x->in, word.n);
    return true;
}

static bool skip_past(struct xml *x, struct sv word)
{
    size_t at = sv_find(x->in, word);
    if (at == SIZE_MAX)
        return false;
    x->in = sv_skip(x->in, at + word.n);
    return true;
}

/* Text or an attribute's value: no <, and only harmless entities. */
static bool plain_text(struct sv s)
{
    static const struct sv known[] = {SV_INIT("lt;"), SV_INIT("gt;"), SV_INIT("amp;"), SV_INIT("apos;"),
                                      SV_INIT("quot;")};
    if (sv_find_char(s, '<') != SIZE_MAX)
        return false;
    for (size_t at; (at = sv_find_char(s, '&')) != SIZE_MAX;) {
        s = sv_skip(s, at + 1);
        bool fine = false;
        for (size_t i = 0; i < COUNT(known); i++)
            fine = fine || sv_starts(s, known[i]);
        size_t end = sv_find_char(sv_sub(s, 0, 10), ';');
        fine = fine || (sv_starts(s, SV("#")) && end != SIZE_MAX && end > 1);
        if (!fine)
            return false;
    }
    return true;
}

static bool attributes(struct xml *x)
{
    for (;;) {
        skip_blanks(x);
        if (!x->in.n)
            return false;
        if (x->in.p[0] == '>' || x->in.p[0] == '/')
            return true;
        struct sv name = take_name(x);
        skip_blanks(x);
        if (!name.n || !take(x, SV("=")))
            return false;
        skip_blanks(x);
        char quote = x->in.n ? x->in.p[0] : 0;
        size_t end = quote == '"' || quote == '\'' ? sv_find_char(sv_skip(x->in, 1), quote) : SIZE_MAX;
        if (end == SIZE_MAX || !plain_text(sv_sub(x->in, 1, end)))
            return false;
        x->in = sv_skip(x->in, end + 2);
    }
}

static bool tag(struct xml *x)
{
    if (take(x, SV("/"))) {
        struct sv name = take_name(x);
        skip_blanks(x);
        return x->depth && sv_eq(name, x->open[--x->depth]) && take(x, SV(">"));
    }
    struct sv name = take_name(x);
    if (!name.n || !attributes(x) || (!x->depth && x->had_root))
        return false;
    x->had_root = true;
    if (take(x, SV("/")))
        return take(x, SV(">"));
    if (x->depth == MAX_TAGS)
        return false;
    x->open[x->depth++] = name;
    return take(x, SV(">"));
}

bool xml_is_plain(struct sv xml)
{
    struct xml x = {.in = sv_starts(xml, SV("\xEF\xBB\xBF")) ? sv_skip(xml, 3) : xml};
    if (!sv_is_utf8(x.in))
        return false;
    while (x.in.n) {
        size_t n = sv_find_char(x.in, '<');
        struct sv text = sv_sub(x.in, 0, n == SIZE_MAX ? x.in.n : n);
        if (!plain_text(text) || (!x.depth && sv_trim(text).n))
            return false;
        x.in = sv_skip(x.in, text.n);
        if (!take(&x, SV("<")))
            break;
        bool fine = take(&x, SV("?"))          ? skip_past(&x, SV("?>"))
                    : take(&x, SV("!--"))      ? skip_past(&x, SV("-->"))
                    : take(&x, SV("![CDATA[")) ? x.depth && skip_past(&x, SV("]]>"))
                    : sv_starts(x.in, SV("!")) ? false
                                               : tag(&x);
        if (!fine)
            return false;
    }
    return x.had_root && !x.depth;
}
