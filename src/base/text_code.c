/* Hexadecimal, base64 and percent-encoding; see text_code.h. */
#include "base/text_code.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base64_std[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct sv hex_encode(struct arena *a, struct sv bytes)
{
    char *p = arena_alloc(a, bytes.n * 2 + 1);
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        p[2 * i] = hex_digits[c >> 4];
        p[2 * i + 1] = hex_digits[c & 15];
    }
    return (struct sv){p, bytes.n * 2};
}

bool hex_decode(struct arena *a, struct sv text, struct sv *ret)
{
    if (text.n % 2)
        return false;
    char *p = arena_alloc(a, text.n / 2 + 1);
    for (size_t i = 0; i < text.n / 2; i++) {
        int high = hex_digit(text.p[2 * i]), low = hex_digit(text.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        p[i] = (char)(high << 4 | low);
    }
    *ret = (struct sv){p, text.n / 2};
    return true;
}

static struct sv encode64(struct arena *a, struct sv s, const char *alphabet, bool pad)
{
    char *p = arena_alloc(a, (s.n + 2) / 3 * 4 + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i += 3) {
        size_t have = s.n - i < 3 ? s.n - i : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < have ? (unsigned char)s.p[i + k] : 0);
        for (size_t k = 0; k < 4; k++) {
            if (k <= have)
                p[n++] = alphabet[group >> (18 - 6 * k) & 63];
            else if (pad)
                p[n++] = '=';
        }
    }
    return (struct sv){p, n};
}

/* text without padding */
static bool decode64(struct arena *a, struct sv text, const char *alphabet, struct sv *ret)
{
    if (text.n % 4 == 1)
        return false;
    char *p = arena_alloc(a, text.n / 4 * 3 + 3);
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        const char *hit = text.p[i] ? strchr(alphabet, text.p[i]) : NULL;
        if (!hit)
            return false;
        bits = bits << 6 | (uint32_t)(hit - alphabet);
        have += 6;
        if (have >= 8) {
            have -= 8;
            p[n++] = (char)(bits >> have & 0xFF);
        }
    }
    if (bits & ((1u << have) - 1))
        return false;
    *ret = (struct sv){p, n};
    return true;
}

struct sv base64_encode(struct arena *a, struct sv bytes)
{
    return encode64(a, bytes, base64_std, true);
}

bool base64_decode(struct arena *a, struct sv text, struct sv *ret)
{
    if (text.n % 4)
        return false;
    for (int i = 0; i < 2 && text.n && text.p[text.n - 1] == '='; i++)
        text.n--;
    return decode64(a, text, base64_std, ret);
}

struct sv base64url_encode(struct arena *a, struct sv bytes)
{
    return encode64(a, bytes, base64_url, false);
}

bool base64url_decode(struct arena *a, struct sv text, struct sv *ret)
{
    return decode64(a, text, base64_url, ret);
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

struct sv percent_encode(struct arena *a, struct sv s)
{
    char *p = arena_alloc(a, s.n * 3 + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (is_unreserved(s.p[i])) {
            p[n++] = s.p[i];
        } else {
            p[n++] = '%';
            p[n++] = "0123456789ABCDEF"[c >> 4];
            p[n++] = "0123456789ABCDEF"[c & 15];
        }
    }
    return (struct sv){p, n};
}

bool percent_decode(struct arena *a, struct sv s, bool plus_is_blank, struct sv *ret)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '+' && plus_is_blank) {
            p[n++] = ' ';
        } else if (s.p[i] != '%') {
            p[n++] = s.p[i];
        } else {
            int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
            int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            p[n++] = (char)(high << 4 | low);
            i += 2;
        }
    }
    *ret = (struct sv){p, n};
    return true;
}
