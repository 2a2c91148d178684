/* Errors; see err.h. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int http;
    bool retry;
} codes[] = {
#define X(name, http, retry) {#name, http, retry},
        ERR_CODES(X)
#undef X
};
_Static_assert(COUNT(codes) == ERR__COUNT, "one row a code");

static PRINTF_LIKE(3, 0) void print_cut(char *to, size_t size, const char *fmt, va_list args)
{
    if (vsnprintf(to, size, fmt, args) < 0)
        to[0] = 0;
}

static void copy_cut(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

bool err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    va_list args;
    *e = (struct err){.code = code};
    va_start(args, fmt);
    print_cut(e->msg, sizeof(e->msg), fmt, args);
    va_end(args);
    return false;
}

bool err_user(struct err *e, enum err_code code, const char *reason, const char *field, const char *fmt, ...)
{
    va_list args;
    *e = (struct err){.code = code};
    copy_cut(e->reason, sizeof(e->reason), reason);
    copy_cut(e->field, sizeof(e->field), field);
    va_start(args, fmt);
    print_cut(e->msg, sizeof(e->msg), fmt, args);
    va_end(args);
    return false;
}

bool err_wrap(struct err *e, const char *fmt, ...)
{
    char front[sizeof(e->msg)];
    char all[2 * sizeof(e->msg) + 3];
    va_list args;
    va_start(args, fmt);
    print_cut(front, sizeof(front), fmt, args);
    va_end(args);
    snprintf(all, sizeof(all), "%s: %s", front, e->msg);
    memcpy(e->msg, all, sizeof(e->msg) - 1);
    e->msg[sizeof(e->msg) - 1] = 0;
    return false;
}

bool err_errno(struct err *e, const char *fmt, ...)
{
    int cause = errno;
    char what[256];
    va_list args;
    va_start(args, fmt);
    print_cut(what, sizeof(what), fmt, args);
    va_end(args);
    return err_set(e, cause == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", what, strerrordesc_np(cause));
}

void err_clear(struct err *e)
{
    *e = (struct err){0};
}

const char *err_code_name(enum err_code code)
{
    return codes[code].name;
}

int err_http_status(enum err_code code)
{
    return codes[code].http;
}

bool err_may_retry(enum err_code code)
{
    return codes[code].retry;
}
