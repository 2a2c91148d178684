/* Log events: one line an event on stderr, "time level name key=value …", values quoted where needed. Only the top (request
 * loop, job runner, command) logs, once. Never log secrets, ID numbers, phones or document text. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/sv.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *key;
    struct sv text; /* used when text.p is not NULL */
    int64_t number;
};
#define LOG_TEXT(k, v) ((struct log_field){.key = (k), .text = (v)})
#define LOG_CSTR(k, v) ((struct log_field){.key = (k), .text = sv_from(v)})
#define LOG_INT(k, v) ((struct log_field){.key = (k), .number = (v)})

void log_set_level(enum log_level least);
void log_fields(enum log_level level, const char *name, const struct log_field *fields, size_t n);
#define log_event(level, name, ...)                                                                \
    log_fields((level), (name), (const struct log_field[]){__VA_ARGS__},                           \
               sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

#endif
