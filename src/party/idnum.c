/* Identifiers; see idnum.h. Check digits are computed with the published weights, never looked up. */
#include "party/idnum.h"

#include <string.h>

const char *idnum_fault_name(enum idnum_fault fault)
{
    static const char *const names[] = {"ok", "length", "character", "area", "birth", "check"};
    _Static_assert(COUNT(names) == IDNUM__COUNT, "a name for each fault");
    must(fault < IDNUM__COUNT);
    return names[fault];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool all_digits(struct sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return false;
    }
    return true;
}

/* GB 11643 annex: weights 2^(18-i) mod 11, the remainder picks the character. */
char idnum_resident_check(struct sv s)
{
    static const int weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    must(s.n >= 17);
    int sum = 0;
    for (size_t i = 0; i < 17; i++) {
        must(is_digit(s.p[i]));
        sum += weight[i] * (s.p[i] - '0');
    }
    return "10X98765432"[sum % 11];
}

static bool read_birth(struct sv s, struct date *ret)
{
    char text[11];
    memcpy(text, s.p, 4);
    text[4] = '-';
    memcpy(text + 5, s.p + 4, 2);
    text[7] = '-';
    memcpy(text + 8, s.p + 6, 2);
    return date_parse(sv_of(text, 10), ret);
}

/* The 18-character form that the three documents share. */
static enum idnum_fault person_number(struct sv s, bool (*area_fits)(struct sv area), struct idnum_facts *ret)
{
    if (s.n != 18)
        return IDNUM_LENGTH;
    char last = s.p[17] == 'x' ? 'X' : s.p[17];
    if (!all_digits(sv_sub(s, 0, 17)) || !(is_digit(last) || last == 'X'))
        return IDNUM_CHARACTER;
    if (!area_fits(sv_sub(s, 0, 6)))
        return IDNUM_AREA;
    struct idnum_facts facts = {0};
    if (!read_birth(sv_sub(s, 6, 8), &facts.birth))
        return IDNUM_BIRTH;
    if (idnum_resident_check(s) != last)
        return IDNUM_CHECK;
    facts.sex = (s.p[16] - '0') % 2 ? IDNUM_MALE : IDNUM_FEMALE;
    memcpy(facts.area, s.p, 6);
    if (ret)
        *ret = facts;
    return IDNUM_OK;
}

static bool area_hmt(struct sv area)
{
    return sv_eq(area, SV("810000")) || sv_eq(area, SV("820000")) || sv_eq(area, SV("830000"));
}

/* 9 belongs to the card of foreigners, 81 to 83 to the permit of residents of Hong Kong, Macao and Taiwan. */
static bool area_resident(struct sv area)
{
    return area.p[0] != '9' && !area_hmt(area);
}

static bool area_foreign(struct sv area)
{
    return area.p[0] == '9';
}

enum idnum_fault idnum_resident(struct sv s, struct idnum_facts *ret)
{
    return person_number(s, area_resident, ret);
}

enum idnum_fault idnum_hmt_residence(struct sv s, struct idnum_facts *ret)
{
    return person_number(s, area_hmt, ret);
}

enum idnum_fault idnum_foreign_pr(struct sv s, struct idnum_facts *ret)
{
    return person_number(s, area_foreign, ret);
}

enum idnum_fault idnum_passport(struct sv s)
{
    if (s.n < 5 || s.n > 12)
        return IDNUM_LENGTH;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!is_digit(c) && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z'))
            return IDNUM_CHARACTER;
    }
    return IDNUM_OK;
}

enum idnum_fault idnum_hm_permit(struct sv s)
{
    if (s.n != 9 && s.n != 11)
        return IDNUM_LENGTH;
    return (s.p[0] == 'H' || s.p[0] == 'M') && all_digits(sv_skip(s, 1)) ? IDNUM_OK : IDNUM_CHARACTER;
}

enum idnum_fault idnum_tw_permit(struct sv s)
{
    if (s.n != 8)
        return IDNUM_LENGTH;
    return all_digits(s) ? IDNUM_OK : IDNUM_CHARACTER;
}

static const char uscc_set[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int uscc_value(char c)
{
    const char *at = c ? strchr(uscc_set, c) : NULL;
    return at ? (int)(at - uscc_set) : -1;
}

/* GB 32100-2015 5.2: weights 3^(i-1) mod 31, check = (31 - sum mod 31) mod 31. */
char idnum_uscc_check(struct sv s)
{
    must(s.n >= 17);
    int sum = 0, weight = 1;
    for (size_t i = 0; i < 17; i++) {
        int value = uscc_value(s.p[i]);
        if (value < 0)
            return 0;
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    return uscc_set[(31 - sum % 31) % 31];
}

enum idnum_fault idnum_uscc(struct sv s)
{
    if (s.n != 18)
        return IDNUM_LENGTH;
    char check = idnum_uscc_check(s);
    if (!check || uscc_value(s.p[17]) < 0 || !all_digits(sv_sub(s, 2, 6)))
        return IDNUM_CHARACTER;
    return check == s.p[17] ? IDNUM_OK : IDNUM_CHECK;
}

bool idnum_is_mobile(struct sv s)
{
    return s.n == 11 && all_digits(s) && s.p[0] == '1' && s.p[1] >= '3';
}

static bool is_fixed_line(struct sv s)
{
    if (s.n < 10 || s.p[0] != '0')
        return false;
    size_t hyphen = sv_find_char(s, '-');
    if (hyphen == SIZE_MAX)
        return all_digits(s) && s.n <= 12;
    struct sv rest = sv_skip(s, hyphen + 1);
    return (hyphen == 3 || hyphen == 4) && all_digits(sv_sub(s, 0, hyphen)) && all_digits(rest) &&
           (rest.n == 7 || rest.n == 8);
}

bool idnum_is_phone(struct sv s)
{
    return idnum_is_mobile(s) || is_fixed_line(s);
}

bool idnum_is_bank_card(struct sv s)
{
    if (s.n < 13 || s.n > 19 || !all_digits(s))
        return false;
    int sum = 0;
    for (size_t i = 0; i < s.n; i++) {
        int digit = s.p[s.n - 1 - i] - '0';
        if (i % 2)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

/* Counts characters, not bytes, so that text of people who type something else is never cut inside a character. */
static struct sv mask(struct arena *a, struct sv s, size_t head, size_t tail)
{
    size_t chars = sv_chars(s), at = 0;
    bool whole = chars < head + tail + 1;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, s.n + 1);
    for (struct sv rest = s; rest.n; at++) {
        struct sv before = rest;
        (void)sv_next_char(&rest);
        if (!whole && (at < head || at >= chars - tail))
            buf_add(&b, sv_sub(before, 0, before.n - rest.n));
        else
            buf_add_char(&b, '*');
    }
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}

struct sv idnum_mask_id(struct arena *a, struct sv s)
{
    return mask(a, s, 3, 4);
}

struct sv idnum_mask_phone(struct arena *a, struct sv s)
{
    return mask(a, s, 3, 4);
}

struct sv idnum_mask_bank(struct arena *a, struct sv s)
{
    return mask(a, s, 0, 4);
}

struct sv idnum_mask_name(struct arena *a, struct sv s)
{
    return mask(a, s, 1, 0);
}

struct sv idnum_mask_address(struct arena *a, struct sv s)
{
    return mask(a, s, 6, 0);
}
