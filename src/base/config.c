/* Configuration; see config.h. */
#include "base/config.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"

#define CONFIG_FILE_LIMIT ((size_t)1 << 20)

struct entry {
    struct entry *next;
    struct sv key, value;
};
struct config {
    struct arena *a;
    struct entry *entries;
};

static struct entry *find(const struct config *c, struct sv key)
{
    for (struct entry *at = c->entries; at; at = at->next) {
        if (sv_eq(at->key, key))
            return at;
    }
    return NULL;
}

bool config_set(struct config *c, struct sv key, struct sv value, struct err *e)
{
    if (!sv_is_utf8(key) || !sv_is_utf8(value) || key.n == 0)
        return err_set(e, ERR_BAD_INPUT, "configuration: a key or value is not UTF-8 text");
    struct entry *at = find(c, key);
    if (!at) {
        at = arena_new(c->a, struct entry);
        at->key = arena_sv(c->a, key);
        at->next = c->entries;
        c->entries = at;
    }
    at->value = arena_sv(c->a, value);
    return true;
}

static bool load_line(struct config *c, struct sv line, struct err *e)
{
    line = sv_trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return true;
    if (sv_find_char(line, '=') == SIZE_MAX)
        return err_set(e, ERR_BAD_INPUT, "no '=' in \"%.*s\"", SV_ARG(line));
    struct sv key = sv_trim(sv_cut(&line, '='));
    if (find(c, key))
        return err_set(e, ERR_BAD_INPUT, "%.*s is set twice", SV_ARG(key));
    return config_set(c, key, sv_trim(line), e);
}

bool config_load(struct arena *a, const char *path, struct config **ret, struct err *e)
{
    struct config *c = arena_new(a, struct config);
    struct sv text = {0};
    c->a = a;
    if (path && !file_read(a, path, CONFIG_FILE_LIMIT, &text, e))
        return err_wrap(e, "configuration");
    for (int number = 1; text.n; number++) {
        if (!load_line(c, sv_cut(&text, '\n'), e))
            return err_wrap(e, "%s:%d", path, number);
    }
    *ret = c;
    return true;
}

/* http.port -> QYQ_HTTP_PORT */
static const char *from_environment(const char *key)
{
    char name[80] = "QYQ_";
    size_t n = strlen(key);
    must(n < sizeof(name) - 4);
    for (size_t i = 0; i <= n; i++)
        name[4 + i] = key[i] == '.' || key[i] == '-' ? '_' : (char)toupper((unsigned char)key[i]);
    return getenv(name);
}

struct sv config_text(const struct config *c, const char *key, const char *fallback)
{
    const char *env = from_environment(key);
    if (env)
        return sv_from(env);
    const struct entry *at = find(c, sv_from(key));
    return at ? at->value : sv_from(fallback);
}

bool config_int(const struct config *c, const char *key, int64_t min, int64_t max, int64_t fallback, int64_t *ret,
                struct err *e)
{
    struct sv s = config_text(c, key, NULL);
    if (s.n == 0) {
        *ret = fallback;
        return true;
    }
    if (!sv_i64(s, min, max, ret))
        return err_set(e, ERR_BAD_INPUT, "%s must be a whole number from %" PRId64 " to %" PRId64, key, min, max);
    return true;
}

bool config_bool(const struct config *c, const char *key, bool fallback, bool *ret, struct err *e)
{
    struct sv s = config_text(c, key, fallback ? "true" : "false");
    *ret = sv_eq(s, SV("true"));
    if (!*ret && !sv_eq(s, SV("false")))
        return err_set(e, ERR_BAD_INPUT, "%s must be true or false", key);
    return true;
}

bool config_check(const struct config *c, const char *const *known, struct err *e)
{
    for (const struct entry *at = c->entries; at; at = at->next) {
        const char *const *name = known;
        while (*name && !sv_eq(at->key, sv_from(*name)))
            name++;
        if (!*name)
            return err_set(e, ERR_BAD_INPUT, "unknown configuration key %.*s", SV_ARG(at->key));
    }
    return true;
}
