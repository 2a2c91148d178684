/* One mail by SMTP (RFC 5321, RFC 5322); see net.h. */
#include <string.h>

#include "net/net_priv.h"

#define WORD_BYTES 42 /* 56 characters of base64; with "=?UTF-8?B?" and "?=" below the 75 of RFC 2047 §2 */
#define LINE_BYTES 57 /* 76 characters of base64, RFC 2045 §6.8 */
#define MAIL_LIMIT ((size_t)1 << 20)

/* A bare address with exactly one '@' and none of the characters that end it in a header or in RCPT TO. */
static bool address_ok(struct sv s)
{
    size_t at = sv_find_char(s, '@');
    if (at == 0 || at == SIZE_MAX || at + 1 == s.n || s.n > 254)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c >= 0x7F || strchr("<>()[]\\,;:\"", c) || (c == '@' && i != at))
            return false;
    }
    return true;
}

static bool is_ascii(struct sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] >= 0x7F)
            return false;
    }
    return true;
}

/* Encoded words, split between characters (RFC 2047 §5 (3)). */
static void add_words(struct buf *b, struct arena *a, struct sv s)
{
    if (is_ascii(s) && s.n < 60 && sv_find(s, SV("=?")) == SIZE_MAX && sv_find_char(s, '"') == SIZE_MAX) {
        buf_add(b, s);
        return;
    }
    for (bool first = true; s.n; first = false) {
        struct sv rest = s;
        while (rest.n && (size_t)(rest.p - s.p) < WORD_BYTES - 4)
            sv_next_char(&rest);
        struct sv word = base64_encode(a, (struct sv){s.p, s.n - rest.n});
        buf_printf(b, "%s=?UTF-8?B?%.*s?=", first ? "" : "\r\n ", SV_ARG(word));
        s = rest;
    }
}

/* Sun, 01 Mar 2026 08:00:00 +0000 */
static void add_date(struct buf *b, int64_t at_ms)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t seconds = at_ms / 1000;
    struct date d = date_from_days((int32_t)(seconds / 86400));
    int in_day = (int)(seconds % 86400);
    buf_printf(b, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[date_weekday(d) - 1], d.day,
               months[d.month - 1], d.year, in_day / 3600, in_day / 60 % 60, in_day % 60);
}

static void compose(struct buf *b, struct arena *a, const struct net_mail *m)
{
    add_date(b, m->date_ms);
    buf_add(b, SV("From: "));
    if (m->from_name.n) {
        bool plain = is_ascii(m->from_name);
        buf_add(b, plain ? SV("\"") : SV(""));
        add_words(b, a, m->from_name);
        buf_add(b, plain ? SV("\" ") : SV(" "));
    }
    buf_printf(b, "<%.*s>\r\nTo: <%.*s>\r\nSubject: ", SV_ARG(m->from), SV_ARG(m->to));
    add_words(b, a, m->subject);
    if (m->message_id.n)
        buf_printf(b, "\r\nMessage-ID: %.*s", SV_ARG(m->message_id));
    buf_add(b, SV("\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
                  "Content-Transfer-Encoding: base64\r\n\r\n"));
    for (size_t at = 0; at < m->text.n; at += LINE_BYTES) {
        buf_add(b, base64_encode(a, sv_sub(m->text, at, LINE_BYTES)));
        buf_add(b, SV("\r\n"));
    }
}

static size_t on_read(char *p, size_t size, size_t n, void *ctx)
{
    struct sv *rest = ctx;
    size_t take = size * n < rest->n ? size * n : rest->n;
    if (take)
        memcpy(p, rest->p, take);
    *rest = sv_skip(*rest, take);
    return take;
}

static bool mail_ok(const struct net_mail *m, struct err *e)
{
    if (!address_ok(m->from) || !address_ok(m->to))
        return err_set(e, ERR_BAD_INPUT, "mail: not a bare address");
    if (!net_line_ok(m->subject) || !net_line_ok(m->from_name) || !net_line_ok(m->message_id) ||
        sv_find_char(m->from_name, '"') != SIZE_MAX || !sv_is_utf8(m->subject) || !sv_is_utf8(m->from_name) ||
        !sv_is_utf8(m->text))
        return err_set(e, ERR_BAD_INPUT, "mail: a header holds characters that may not stand in it");
    if (!sv_starts(m->server, SV("smtp://")) && !sv_starts(m->server, SV("smtps://")))
        return err_user(e, ERR_BAD_INPUT, "net_bad_url", NULL, "mail: the server must be smtp://… or smtps://…");
    return true;
}

static bool send_composed(struct arena *a, const struct net_mail *m, struct sv mail, struct err *e)
{
    CLEANUP(curl_done) CURL *h = net_handle(0, m->total_ms, m->ca_file, a);
    CLEANUP(slist_done) struct curl_slist *to = NULL;
    if (!net_slist_add(&to, arena_cstr(a, m->to), e))
        return false;
    curl_easy_setopt(h, CURLOPT_URL, arena_cstr(a, m->server));
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(h, CURLOPT_USE_SSL, m->starttls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
    if (m->user.n) {
        curl_easy_setopt(h, CURLOPT_USERNAME, arena_cstr(a, m->user));
        curl_easy_setopt(h, CURLOPT_PASSWORD, arena_cstr(a, m->password));
    }
    curl_easy_setopt(h, CURLOPT_MAIL_FROM, arena_cstr(a, m->from));
    curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(h, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(h, CURLOPT_READDATA, &mail);
    CURLcode code = curl_easy_perform(h);
    if (code == CURLE_OK)
        return true;
    long status = 0;
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 400)
        return err_user(e, status >= 500 ? ERR_REFUSED : ERR_UNAVAILABLE, "net_refused", NULL,
                        "mail: the server answered %ld", status);
    return net_fail(h, code, "mail", e);
}

bool net_mail_send(const struct net_mail *m, struct err *e)
{
    if (!mail_ok(m, e))
        return false;
    CLEANUP(buf_done) struct buf b = {0};
    CLEANUP(arena_done) struct arena a = {0};
    buf_init(&b, MAIL_LIMIT);
    arena_init(&a, 8 * MAIL_LIMIT);
    compose(&b, &a, m);
    if (!buf_ok(&b))
        return err_set(e, ERR_TOO_LARGE, "mail: longer than %zu bytes", MAIL_LIMIT);
    return send_composed(&a, m, buf_sv(&b), e);
}
