/* Log events; see log.h. One write(2) a line, so that lines of threads do not mix. */
#include "base/log.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

static enum log_level least_level = LOG_INFO;

void log_set_level(enum log_level least)
{
    least_level = least;
}

static bool needs_quotes(struct sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '=' || s.p[i] == '\\' || s.p[i] == 0x7F)
            return true;
    }
    return s.n == 0;
}

/* Control characters are escaped: a log line never spans two lines, whatever a client sent. */
static void add_value(struct buf *b, struct sv s)
{
    if (!needs_quotes(s)) {
        buf_add(b, s);
        return;
    }
    buf_add_char(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_printf(b, "\\%c", s.p[i]);
        else if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7F)
            buf_printf(b, "\\x%02x", (unsigned char)s.p[i]);
        else
            buf_add_char(b, s.p[i]);
    }
    buf_add_char(b, '"');
}

void log_fields(enum log_level level, const char *name, const struct log_field *fields, size_t n)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    if (level < least_level)
        return;
    CLEANUP(arena_done) struct arena a;
    CLEANUP(buf_done) struct buf b;
    arena_init(&a, 4096);
    buf_init(&b, 16384);
    struct sv time = time_rfc3339(&a, clock_now(&clock_system));
    buf_printf(&b, "%.*s %s %s", SV_ARG(time), names[level], name);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&b, " %s=", fields[i].key);
        if (fields[i].text.p)
            add_value(&b, fields[i].text);
        else
            buf_printf(&b, "%" PRId64, fields[i].number);
    }
    buf_add_char(&b, '\n');
    if (write(STDERR_FILENO, b.p, b.n) < 0)
        return; /* nowhere to tell it */
}
