/* What has to be rewritten between the dialects: numbered parameters, and type tokens in migrations. Both leave quoted
 * text, quoted names and comments alone. */
#include <string.h>

#include "db/db_priv.h"

/* Length of the quoted text or comment that starts at s, or 0. An end that is missing is the database's to complain
 * about. */
static size_t quiet_length(struct sv s)
{
    static const struct {
        struct sv start, end;
    } kinds[] = {
            {SV_INIT("'"),  SV_INIT("'") },
            {SV_INIT("\""), SV_INIT("\"")},
            {SV_INIT("--"), SV_INIT("\n")},
            {SV_INIT("/*"), SV_INIT("*/")},
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (!sv_starts(s, kinds[i].start))
            continue;
        size_t at = sv_find(sv_skip(s, kinds[i].start.n), kinds[i].end);
        return at == SIZE_MAX ? s.n : kinds[i].start.n + at + kinds[i].end.n;
    }
    return 0;
}

struct sv dialect_dollars(struct arena *a, struct sv sql)
{
    char *out = arena_alloc(a, sql.n + 1);
    memcpy(out, sql.p, sql.n);
    for (size_t i = 0; i < sql.n;) {
        size_t quiet = quiet_length(sv_skip(sql, i));
        if (!quiet && sql.p[i] == '?' && i + 1 < sql.n && sql.p[i + 1] >= '1' && sql.p[i + 1] <= '9')
            out[i] = '$';
        i += quiet ? quiet : 1;
    }
    return (struct sv){out, sql.n};
}

size_t dialect_parameters(struct sv sql)
{
    size_t most = 0;
    while (sql.n) {
        size_t n = quiet_length(sql);
        if (n == 0 && sql.p[0] == '?') {
            size_t number = 0;
            for (n = 1; n < sql.n && n < 4 && sql.p[n] >= '0' && sql.p[n] <= '9'; n++)
                number = number * 10 + (size_t)(sql.p[n] - '0');
            most = number > most ? number : most;
        }
        sql = sv_skip(sql, n ? n : 1);
    }
    return most;
}

static const char *token_text(const struct db_token *tokens, struct sv name)
{
    for (; tokens->name; tokens++) {
        if (sv_eq(sv_from(tokens->name), name))
            return tokens->text;
    }
    return NULL;
}

bool dialect_tokens(struct arena *a, const struct db_token *tokens, struct sv sql, struct sv *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, sql.n * 8 + 64);
    while (sql.n) {
        size_t n = quiet_length(sql);
        if (n == 0 && sql.p[0] == '{') {
            size_t end = sv_find_char(sql, '}');
            struct sv name = end == SIZE_MAX ? sql : sv_sub(sql, 1, end - 1);
            const char *text = token_text(tokens, name);
            if (!text)
                return err_set(e, ERR_INTERNAL, "no token {%.*s}", (int)(name.n < 40 ? name.n : 40), name.p);
            buf_add(&b, sv_from(text));
            sql = sv_skip(sql, end + 1);
            continue;
        }
        n = n ? n : 1;
        buf_add(&b, sv_sub(sql, 0, n));
        sql = sv_skip(sql, n);
    }
    must(buf_ok(&b));
    *ret = buf_to_arena(&b, a);
    return true;
}
