/* Handles and error names for libcurl; see net_priv.h. */
#include <pthread.h>

#include "net/net_priv.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void init(void)
{
    must(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

CURL *net_handle(int64_t connect_ms, int64_t total_ms, struct sv ca_file, struct arena *a)
{
    pthread_once(&once, init);
    CURL *h = curl_easy_init();
    must(h != NULL);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)(connect_ms > 0 ? connect_ms : 10000));
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)(total_ms > 0 ? total_ms : 30000));
    curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (ca_file.n) {
        curl_easy_setopt(h, CURLOPT_CAINFO, arena_cstr(a, ca_file));
        curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
    }
    return h;
}

static const struct {
    CURLcode curl;
    enum err_code code;
    const char *reason;
} failures[] = {
        {CURLE_URL_MALFORMAT,            ERR_BAD_INPUT,   "net_bad_url"},
        {CURLE_UNSUPPORTED_PROTOCOL,     ERR_BAD_INPUT,   "net_bad_url"},
        {CURLE_OPERATION_TIMEDOUT,       ERR_TIMEOUT,     "net_timeout"},
        {CURLE_TOO_MANY_REDIRECTS,       ERR_REFUSED,     "net_refused"},
        {CURLE_LOGIN_DENIED,             ERR_REFUSED,     "net_refused"},
        {CURLE_SSL_CONNECT_ERROR,        ERR_UNAVAILABLE, "net_tls"    },
        {CURLE_PEER_FAILED_VERIFICATION, ERR_UNAVAILABLE, "net_tls"    },
        {CURLE_SSL_CERTPROBLEM,          ERR_UNAVAILABLE, "net_tls"    },
        {CURLE_SSL_CIPHER,               ERR_UNAVAILABLE, "net_tls"    },
        {CURLE_SSL_CACERT_BADFILE,       ERR_UNAVAILABLE, "net_tls"    },
        {CURLE_SSL_ISSUER_ERROR,         ERR_UNAVAILABLE, "net_tls"    },
        {CURLE_USE_SSL_FAILED,           ERR_UNAVAILABLE, "net_tls"    },
};

bool net_fail(CURL *h, CURLcode code, const char *what, struct err *e)
{
    long system_error = 0;
    curl_easy_getinfo(h, CURLINFO_OS_ERRNO, &system_error);
    for (size_t i = 0; i < COUNT(failures); i++) {
        if (failures[i].curl == code)
            return err_user(e, failures[i].code, failures[i].reason, NULL, "%s: %s", what, curl_easy_strerror(code));
    }
    return err_user(e, ERR_UNAVAILABLE, "net_unavailable", NULL, "%s: %s (errno %ld)", what, curl_easy_strerror(code),
                    system_error);
}

bool net_line_ok(struct sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < ' ' && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

bool net_slist_add(struct curl_slist **list, const char *line, struct err *e)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (!longer)
        return err_set(e, ERR_INTERNAL, "header list");
    *list = longer;
    return true;
}

const char *net_version(void)
{
    return curl_version();
}
