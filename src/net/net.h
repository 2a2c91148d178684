/* Outgoing HTTP and mail. The only user of libcurl. Every call has a deadline and a size limit, follows no redirect and
 * takes no proxy from the environment unless told. Any thread may call; nothing is shared between calls.
 *
 * Errors: BAD_INPUT net_bad_url; UNAVAILABLE net_unavailable (no such host, connection refused or lost); TIMEOUT
 * net_timeout; UNAVAILABLE net_tls (certificate not accepted); TOO_LARGE net_too_large; UNAVAILABLE net_refused (mail
 * server said no). */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdatomic.h>

#include "base/base.h"

struct net_header {
    struct sv name, value;
};

struct net_request {
    struct sv method; /* empty: POST with a body, else GET */
    struct sv url;    /* http:// or https:// only */
    const struct net_header *headers;
    size_t headers_n;
    struct sv body;
    size_t reply_limit; /* bytes of the reply's body; 0: 1 MiB */
    int64_t connect_ms; /* 0: 10 s */
    int64_t total_ms;   /* 0: 30 s */
    /* Becomes true when the process is to end: the call then ends within about a second, UNAVAILABLE. NULL: never. */
    const atomic_bool *stop;
    int redirects;            /* how many to follow, same scheme set; 0: none, the 3xx is the reply */
    struct sv user, password; /* HTTP Basic, when user is not empty */
    struct sv proxy;          /* "http://host:port"; empty: none, whatever the environment says */
    struct sv ca_file;        /* PEM file of roots for https instead of the system's */
};

struct net_reply {
    int status;
    const struct net_header *headers; /* names as sent */
    size_t headers_n;
    struct sv body;
};

/* True when a reply came, whatever its status. */
MUST_CHECK bool net_http(struct arena *a, const struct net_request *r, struct net_reply *ret, struct err *e);
/* First header of that name without case, or the empty view. */
struct sv net_reply_header(const struct net_reply *r, struct sv name);
/* The usual case: POST body as content_type; anything but 2xx is UNAVAILABLE (408, 429, 5xx) or REFUSED, net_refused.
 */
MUST_CHECK bool net_post(struct arena *a, struct sv url, struct sv content_type, struct sv body, int64_t total_ms,
                         struct net_reply *ret, struct err *e);

struct net_mail {
    struct sv server; /* smtp://host:port, smtps://host:port */
    bool starttls;    /* demand STARTTLS on smtp:// */
    struct sv user, password, ca_file;
    struct sv from;      /* bare address: robot@example.com */
    struct sv from_name; /* any text, or empty */
    struct sv to;        /* one bare address */
    struct sv subject, text;
    struct sv message_id; /* stable over retries, so that a mail sent twice is seen once: "<id@host>" */
    int64_t date_ms;
    int64_t total_ms; /* 0: 30 s */
};
/* Plain text, UTF-8. BAD_INPUT when an address or header holds line breaks or controls. */
MUST_CHECK bool net_mail_send(const struct net_mail *m, struct err *e);

/* "libcurl/7.88.1 OpenSSL/3.0.x …", for the version command. */
const char *net_version(void);

#endif
