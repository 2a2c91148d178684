/* Configuration: "key = value" lines, '#' comments, keys as "http.port". Environment variables override (QYQ_HTTP_PORT for
 * http.port). Unknown keys are refused at start by config_check, so that a typing error does not become a default. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/arena.h"
#include "base/err.h"

struct config;

/* path NULL: no file. The configuration lives in a. */
MUST_CHECK bool config_load(struct arena *a, const char *path, struct config **ret, struct err *e);
MUST_CHECK bool config_set(struct config *c, struct sv key, struct sv value, struct err *e);
/* What stands in the environment, the file, or fallback. */
struct sv config_text(const struct config *c, const char *key, const char *fallback);
MUST_CHECK bool config_int(const struct config *c, const char *key, int64_t min, int64_t max, int64_t fallback,
                           int64_t *ret, struct err *e);
MUST_CHECK bool config_bool(const struct config *c, const char *key, bool fallback, bool *ret, struct err *e);
/* known: keys, NULL at the end. */
MUST_CHECK bool config_check(const struct config *c, const char *const *known, struct err *e);

#endif
