/* Errors: one type for all rooms. Functions that can fail return bool and take "struct err *e" last; false means e is set.
 *
 *   code    what a caller may branch on; carries the HTTP status and whether trying again can help
 *   reason  stable lower-case name of what the user did or met ("link_expired"); the message files hold the words under
 *           "err.<reason>"; empty: the words of the code are shown
 *   field   JSON pointer of the offending input, or empty
 *   msg     for the log, causes in front: "seal contract 7: blob 3f…: not found". Never shown to users.
 *
 * err_set and err_wrap return false, so that failing is one line. Library code does not log. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/sv.h"

/* name, HTTP status, trying again may help */
#define ERR_CODES(X)                                                                               \
    X(NONE, 200, false)                                                                            \
    X(BAD_INPUT, 400, false)                                                                       \
    X(UNAUTHENTICATED, 401, false)                                                                 \
    X(FORBIDDEN, 403, false)                                                                       \
    X(NOT_FOUND, 404, false)                                                                       \
    X(METHOD, 405, false)                                                                          \
    X(CONFLICT, 409, false)                                                                        \
    X(GONE, 410, false)                                                                            \
    X(TOO_LARGE, 413, false)                                                                       \
    X(MEDIA_TYPE, 415, false)                                                                      \
    X(REFUSED, 422, false) /* understood, and refused by a rule of the domain */                   \
    X(LIMIT, 429, true)                                                                            \
    X(INTERNAL, 500, false)                                                                        \
    X(IO, 500, true)                                                                               \
    X(CORRUPT, 500, false)     /* stored or foreign bytes that contradict themselves */            \
    X(UNSUPPORTED, 501, false) /* well-formed, but not implemented */                              \
    X(BUSY, 503, true)                                                                             \
    X(UNAVAILABLE, 503, true) /* a service we need does not answer */                              \
    X(TIMEOUT, 504, true)

enum err_code {
#define X(name, http, retry) ERR_##name,
    ERR_CODES(X)
#undef X
        ERR__COUNT
};

struct err {
    enum err_code code;
    char reason[48];
    char field[96];
    char msg[512];
};

#define ERR_INIT ((struct err){0})

/* Each returns false. Messages that do not fit are cut. */
bool err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* For what a user did or met: reason as above, field may be NULL. */
bool err_user(struct err *e, enum err_code code, const char *reason, const char *field, const char *fmt, ...)
        PRINTF_LIKE(5, 6);
/* Puts "text: " in front of the message; the code, reason and field stay. */
bool err_wrap(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* From errno: ENOENT is NOT_FOUND, the rest IO. */
bool err_errno(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
void err_clear(struct err *e);

const char *err_code_name(enum err_code code); /* "BAD_INPUT" */
int err_http_status(enum err_code code);
bool err_may_retry(enum err_code code);

#endif
