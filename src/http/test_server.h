/* A server for tests, and a client that sends exactly the bytes it is given. */
#ifndef HTTP_TEST_SERVER_H
#define HTTP_TEST_SERVER_H

#include "http/http.h"
#include "test.h"

#define ROLE_HR    1u
#define ROLE_CLERK 2u

struct test_app {
    int calls;   /* of handlers */
    int asked;   /* of authentication */
    bool broken; /* authentication cannot tell */
};

extern struct test_app test_app;
extern const struct http_table test_tables[];
struct http_config test_config(void);
/* Starts on a free port; stops at the end of the process when the test forgets. */
struct http_server *test_start(const struct http_config *c);

/* Sends request, reads until the peer closes or the reply is complete and quiet; all bytes that came. */
struct sv test_raw(struct arena *a, int port, struct sv request);
/* One request; Host, Connection: close and Content-Length are added. headers: lines with CRLF, or "". */
struct sv test_ask(struct arena *a, int port, const char *method, const char *target, const char *headers,
                   struct sv body);
int test_status(struct sv reply);
struct sv test_body(struct sv reply);
struct sv test_header(struct sv reply, struct sv name);
int test_connect(int port);

#define ASSERT_HAS(text, piece)                                                                                        \
    ck_assert_msg(sv_find((text), SV(piece)) != SIZE_MAX, "no \"%s\" in:\n%.*s", piece, SV_ARG(text))
#define ASSERT_LACKS(text, piece)                                                                                      \
    ck_assert_msg(sv_find((text), SV(piece)) == SIZE_MAX, "\"%s\" stands in:\n%.*s", piece, SV_ARG(text))

#endif
