/* What HTTP and mail share. */
#ifndef NET_NET_PRIV_H
#define NET_NET_PRIV_H

#include <curl/curl.h>

#include "net/net.h"

DEFINE_CLEANUP(CURL *, curl_done, curl_easy_cleanup)
DEFINE_CLEANUP(struct curl_slist *, slist_done, curl_slist_free_all)

/* A handle with what every call shares: no signals, no environment, deadlines, certificate checks. */
CURL *net_handle(int64_t connect_ms, int64_t total_ms, struct sv ca_file, struct arena *a);
/* what: for the log, without secrets. */
bool net_fail(CURL *h, CURLcode code, const char *what, struct err *e);
/* Text that may stand in one header line: no control characters. */
bool net_line_ok(struct sv s);
MUST_CHECK bool net_slist_add(struct curl_slist **list, const char *line, struct err *e);

#endif
