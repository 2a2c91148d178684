/* Money in fen; see money.h. The capital form follows 正确填写票据和结算凭证的基本规定 (中国人民银行). */
#include "base/money.h"

#include <inttypes.h>

static uint64_t magnitude(int64_t fen)
{
    return fen < 0 ? 0 - (uint64_t)fen : (uint64_t)fen;
}

struct sv money_yuan(struct arena *a, int64_t fen)
{
    char digits[32];
    size_t n = 0;
    uint64_t yuan = magnitude(fen) / 100;
    for (int i = 0; i == 0 || yuan; i++, yuan /= 10) {
        if (i && i % 3 == 0)
            digits[n++] = ',';
        digits[n++] = (char)('0' + yuan % 10);
    }
    for (size_t i = 0; i < n / 2; i++) {
        char c = digits[i];
        digits[i] = digits[n - 1 - i];
        digits[n - 1 - i] = c;
    }
    return arena_printf(a, "%s%.*s.%02d", fen < 0 ? "-" : "", (int)n, digits, (int)(magnitude(fen) % 100));
}

struct sv money_plain(struct arena *a, int64_t fen)
{
    const char *sign = fen < 0 ? "-" : "";
    uint64_t yuan = magnitude(fen) / 100;
    int rest = (int)(magnitude(fen) % 100);
    if (rest == 0)
        return arena_printf(a, "%s%" PRIu64, sign, yuan);
    if (rest % 10 == 0)
        return arena_printf(a, "%s%" PRIu64 ".%d", sign, yuan, rest / 10);
    return arena_printf(a, "%s%" PRIu64 ".%02d", sign, yuan, rest);
}

static const char *const capitals[] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};

/* Four digits; zeros between non-zero digits are read once. *gap: a zero is owed before the next non-zero digit. */
static struct sv capital_group(struct arena *a, struct sv out, int group, bool *gap)
{
    static const char *const units[] = {"仟", "佰", "拾", ""};
    int weight = 1000;
    for (int i = 0; i < 4; i++, weight /= 10) {
        int digit = group / weight % 10;
        if (digit == 0) {
            *gap = *gap || out.n;
            continue;
        }
        out = arena_printf(a, "%.*s%s%s%s", SV_ARG(out), *gap ? "零" : "", capitals[digit], units[i]);
        *gap = false;
    }
    return out;
}

static struct sv capital_yuan(struct arena *a, uint64_t yuan)
{
    static const char *const big[] = {"兆", "亿", "万", ""};
    static const uint64_t weight[] = {1000000000000u, 100000000u, 10000u, 1u};
    struct sv out = {0};
    bool gap = false;
    for (int i = 0; i < 4; i++) {
        int group = (int)(yuan / weight[i] % 10000);
        if (group == 0) {
            gap = gap || out.n;
            continue;
        }
        out = capital_group(a, out, group, &gap);
        out = arena_concat(a, out, sv_from(big[i]));
        gap = false;
    }
    return out;
}

struct sv money_capital(struct arena *a, int64_t fen)
{
    must(fen >= 0 && fen < 100000000000000);
    int jiao = (int)(fen / 10 % 10), cent = (int)(fen % 10);
    struct sv out = capital_yuan(a, (uint64_t)fen / 100);
    if (out.n)
        out = arena_concat(a, out, SV("元"));
    if (!jiao && !cent)
        return out.n ? arena_concat(a, out, SV("整")) : SV("零元整");
    if (jiao)
        out = arena_printf(a, "%.*s%s角", SV_ARG(out), capitals[jiao]);
    else if (out.n)
        out = arena_concat(a, out, SV("零"));
    if (cent)
        return arena_printf(a, "%.*s%s分", SV_ARG(out), capitals[cent]);
    return arena_concat(a, out, SV("整"));
}

/* Digits with or without a comma before each full group of three. */
static bool parse_yuan(struct sv s, uint64_t *ret)
{
    char digits[24];
    size_t n = 0;
    bool commas = sv_find_char(s, ',') != SIZE_MAX;
    for (size_t i = 0; i < s.n; i++) {
        bool comma_due = commas && i && (s.n - i) % 4 == 0;
        if ((s.p[i] == ',') != comma_due)
            return false;
        if (s.p[i] == ',')
            continue;
        if (n == sizeof(digits))
            return false;
        digits[n++] = s.p[i];
    }
    return sv_u64((struct sv){digits, n}, INT64_MAX / 100 - 1, ret);
}

bool money_parse(struct sv s, int64_t *ret_fen)
{
    bool has_point = sv_find_char(s, '.') != SIZE_MAX;
    struct sv yuan_text = sv_cut(&s, '.');
    uint64_t yuan, fraction = 0;
    if (!parse_yuan(yuan_text, &yuan))
        return false;
    if (has_point && (s.n > 2 || !sv_u64(s, 99, &fraction)))
        return false;
    *ret_fen = (int64_t)(yuan * 100 + (s.n == 1 ? fraction * 10 : fraction));
    return true;
}
