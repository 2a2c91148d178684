/* Looking words up and filling them in; see text.h. */
#include "text/text.h"

#include <stdio.h>

#include "text/text_priv.h"

#define FORMAT_LIMIT ((size_t)1 << 20)

static const struct {
    const char *name, *primary;
} langs[] = {
        [TEXT_ZH_CN] = {"zh-CN", "zh"},
        [TEXT_EN] = {"en",    "en"},
};
_Static_assert(COUNT(langs) == TEXT_LANG__N, "one row a language");

static const struct text_row *find(enum text_lang lang, struct sv key)
{
    const struct text_table *t = &text_tables[lang];
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sv_cmp(key, t->rows[middle].key);
        if (order == 0)
            return &t->rows[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool text_has(enum text_lang lang, struct sv key)
{
    return find(lang, key) != NULL;
}

struct sv text_get(enum text_lang lang, struct sv key)
{
    const struct text_row *row = find(lang, key);
    if (!row)
        row = find(TEXT_ZH_CN, key);
    return row ? row->words : key;
}

/* The parameter named inside braces, or NULL. */
static const struct text_param *param(struct sv name, const struct text_param *params, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (sv_eq(name, sv_from(params[i].name)))
            return &params[i];
    }
    return NULL;
}

struct sv text_format(struct arena *a, enum text_lang lang, struct sv key, const struct text_param *params, size_t n)
{
    struct sv rest = text_get(lang, key);
    struct buf b;
    buf_init(&b, FORMAT_LIMIT);
    while (rest.n) {
        size_t open = sv_find_char(rest, '{');
        size_t close = open == SIZE_MAX ? SIZE_MAX : sv_find_char(sv_skip(rest, open), '}');
        if (close == SIZE_MAX)
            break;
        const struct text_param *p = param(sv_sub(rest, open + 1, close - 1), params, n);
        buf_add(&b, sv_sub(rest, 0, open));
        buf_add(&b, p ? p->value : sv_sub(rest, open, close + 1));
        rest = sv_skip(rest, open + close + 1);
    }
    buf_add(&b, rest);
    return buf_to_arena(&b, a); /* words past the limit are cut; a caller's parameters are limited long before */
}

struct sv text_err(enum text_lang lang, const struct err *e)
{
    char key[80];
    snprintf(key, sizeof(key), "err.%s", e->reason);
    if (e->reason[0] && (text_has(lang, sv_from(key)) || text_has(TEXT_ZH_CN, sv_from(key))))
        return text_get(lang, sv_from(key));
    snprintf(key, sizeof(key), "err.code.%s", err_code_name(e->code));
    return text_get(lang, sv_from(key));
}

const char *text_lang_name(enum text_lang lang)
{
    return langs[lang].name;
}

bool text_lang_parse(struct sv tag, enum text_lang *ret)
{
    struct sv primary = sv_cut(&tag, '-');
    for (size_t i = 0; i < COUNT(langs); i++) {
        if (sv_eq_ci(primary, sv_from(langs[i].primary))) {
            *ret = (enum text_lang)i;
            return true;
        }
    }
    return false;
}

/* Weight of one range in thousandths; what is not a weight counts as 1 (RFC 9110 §12.4.2). */
static int64_t weight(struct sv params)
{
    while (params.n) {
        struct sv p = sv_trim(sv_cut(&params, ';'));
        if (!sv_starts(p, SV("q=")) && !sv_starts(p, SV("Q=")))
            continue;
        struct sv decimals = sv_skip(p, 2);
        struct sv whole = sv_cut(&decimals, '.');
        int64_t value = sv_eq(whole, SV("1")) ? 1000 : 0, place = 100;
        for (size_t i = 0; value < 1000 && i < decimals.n && i < 3; i++, place /= 10) {
            if (decimals.p[i] >= '0' && decimals.p[i] <= '9')
                value += place * (decimals.p[i] - '0');
        }
        return value;
    }
    return 1000;
}

enum text_lang text_lang_accept(struct sv header)
{
    enum text_lang best = TEXT_ZH_CN, lang;
    int64_t best_weight = 0;
    while (header.n) {
        struct sv range = sv_cut(&header, ',');
        struct sv tag = sv_trim(sv_cut(&range, ';'));
        int64_t w = weight(range);
        if (w > best_weight && text_lang_parse(tag, &lang)) {
            best = lang;
            best_weight = w;
        }
    }
    return best;
}

size_t text_count(enum text_lang lang)
{
    return text_tables[lang].n;
}

struct sv text_key_at(enum text_lang lang, size_t i)
{
    must(i < text_tables[lang].n);
    return text_tables[lang].rows[i].key;
}

struct sv text_words_at(enum text_lang lang, size_t i)
{
    must(i < text_tables[lang].n);
    return text_tables[lang].rows[i].words;
}
