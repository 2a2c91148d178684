/* Time of day and calendar dates; see clock.h. Dates use the day count of the proleptic Gregorian calendar, computed with
 * years that begin in March, so that the leap day is the last of its year. */
#include "base/clock.h"

#include <time.h>

#define MS_PER_DAY 86400000LL
#define BEIJING_OFFSET_MS (8 * 3600000LL)

static int64_t system_now(const struct clock *c)
{
    (void)c;
    struct timespec t;
    must(clock_gettime(CLOCK_REALTIME, &t) == 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const struct clock clock_system = {system_now};

int64_t clock_now(const struct clock *c)
{
    return c->now_ms(c);
}

int64_t clock_monotonic_us(void)
{
    struct timespec t;
    must(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t manual_now(const struct clock *c)
{
    const struct clock_manual *m = (const struct clock_manual *)(const void *)c;
    return m->at;
}

void clock_manual_init(struct clock_manual *c, int64_t at)
{
    *c = (struct clock_manual){{manual_now}, at};
}

bool date_is_set(struct date d)
{
    return d.year != 0;
}

static int64_t floor_div(int64_t x, int64_t by)
{
    return x / by - (x % by < 0);
}

int32_t date_to_days(struct date d)
{
    int32_t y = d.month <= 2 ? d.year - 1 : d.year;
    int32_t era = (int32_t)floor_div(y, 400);
    int32_t year_of_era = y - era * 400;
    int32_t day_of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct date date_from_days(int32_t days)
{
    int32_t z = days + 719468;
    int32_t era = (int32_t)floor_div(z, 146097);
    int32_t day_of_era = z - era * 146097;
    int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month_from_march = (5 * day_of_year + 2) / 153;
    int32_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (struct date){
            .year = (int16_t)(year_of_era + era * 400 + (month <= 2)),
            .month = (int8_t)month,
            .day = (int8_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

static int days_in_month(int year, int month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool date_parse(struct sv s, struct date *ret)
{
    uint64_t year, month, day;
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-')
        return false;
    if (!sv_u64(sv_sub(s, 0, 4), 2999, &year) || !sv_u64(sv_sub(s, 5, 2), 12, &month) ||
        !sv_u64(sv_sub(s, 8, 2), 31, &day))
        return false;
    if (year < 1900 || month < 1 || day < 1 || (int)day > days_in_month((int)year, (int)month))
        return false;
    *ret = (struct date){(int16_t)year, (int8_t)month, (int8_t)day};
    return true;
}

struct sv date_print(struct arena *a, struct date d)
{
    return arena_printf(a, "%04d-%02d-%02d", d.year, d.month, d.day);
}

struct sv date_print_zh(struct arena *a, struct date d)
{
    return arena_printf(a, "%d年%d月%d日", d.year, d.month, d.day);
}

int date_cmp(struct date x, struct date y)
{
    int32_t dx = date_to_days(x), dy = date_to_days(y);
    return (dx > dy) - (dx < dy);
}

struct date date_add_days(struct date d, int32_t days)
{
    return date_from_days(date_to_days(d) + days);
}

struct date date_add_months(struct date d, int months)
{
    int64_t count = (int64_t)d.year * 12 + (d.month - 1) + months;
    int year = (int)floor_div(count, 12);
    int month = (int)(count - (int64_t)year * 12) + 1;
    int last = days_in_month(year, month);
    return (struct date){(int16_t)year, (int8_t)month, (int8_t)(d.day < last ? d.day : last)};
}

int date_weekday(struct date d)
{
    return (int)(((date_to_days(d) + 3) % 7 + 7) % 7) + 1;
}

int date_full_years(struct date from, struct date on)
{
    int years = on.year - from.year;
    bool before_day = on.month < from.month || (on.month == from.month && on.day < from.day);
    return years - before_day;
}

struct date date_beijing(int64_t at_ms)
{
    return date_from_days((int32_t)floor_div(at_ms + BEIJING_OFFSET_MS, MS_PER_DAY));
}

int64_t date_start_beijing(struct date d)
{
    return date_to_days(d) * MS_PER_DAY - BEIJING_OFFSET_MS;
}

struct moment {
    struct date d;
    int h, m, s;
};

static struct moment moment_at(int64_t at_ms, int64_t offset_ms)
{
    int64_t local = at_ms + offset_ms;
    int64_t day = floor_div(local, MS_PER_DAY);
    int seconds = (int)((local - day * MS_PER_DAY) / 1000);
    return (struct moment){date_from_days((int32_t)day), seconds / 3600, seconds / 60 % 60, seconds % 60};
}

static struct sv print_moment(struct arena *a, struct moment t, const char *fmt)
{
    char text[64];
    struct tm tm = {.tm_year = t.d.year - 1900,
                    .tm_mon = t.d.month - 1,
                    .tm_mday = t.d.day,
                    .tm_hour = t.h,
                    .tm_min = t.m,
                    .tm_sec = t.s};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    size_t n = strftime(text, sizeof(text), fmt, &tm);
#pragma GCC diagnostic pop
    return arena_sv(a, (struct sv){text, n});
}

struct sv time_rfc3339(struct arena *a, int64_t at_ms)
{
    return print_moment(a, moment_at(at_ms, 0), "%Y-%m-%dT%H:%M:%SZ");
}

struct sv time_rfc3339_beijing(struct arena *a, int64_t at_ms)
{
    return print_moment(a, moment_at(at_ms, BEIJING_OFFSET_MS), "%Y-%m-%dT%H:%M:%S+08:00");
}

struct sv time_beijing(struct arena *a, int64_t at_ms)
{
    return print_moment(a, moment_at(at_ms, BEIJING_OFFSET_MS), "%Y-%m-%d %H:%M:%S");
}

struct sv time_pdf(struct arena *a, int64_t at_ms)
{
    return print_moment(a, moment_at(at_ms, BEIJING_OFFSET_MS), "D:%Y%m%d%H%M%S+08'00'");
}

/* "Z" or "+hh:mm" / "-hh:mm", in minutes. */
static bool parse_zone(struct sv s, int64_t *ret_minutes)
{
    uint64_t h, m;
    if (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')) {
        *ret_minutes = 0;
        return true;
    }
    if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':')
        return false;
    if (!sv_u64(sv_sub(s, 1, 2), 23, &h) || !sv_u64(sv_sub(s, 4, 2), 59, &m))
        return false;
    *ret_minutes = (int64_t)(h * 60 + m) * (s.p[0] == '-' ? -1 : 1);
    return true;
}

/* ".123…" in ms; what is finer is cut off. */
static bool parse_fraction(struct sv *s, int64_t *ret_ms)
{
    static const int64_t weight[] = {100, 10, 1};
    *ret_ms = 0;
    if (s->n == 0 || s->p[0] != '.')
        return true;
    size_t i = 1;
    for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++)
        *ret_ms += i <= 3 ? (s->p[i] - '0') * weight[i - 1] : 0;
    *s = sv_skip(*s, i);
    return i > 1;
}

bool time_parse_rfc3339(struct sv s, int64_t *ret_ms)
{
    struct date d;
    uint64_t h, m, sec;
    int64_t ms, zone;
    if (s.n < 20 || !date_parse(sv_sub(s, 0, 10), &d) || (s.p[10] != 'T' && s.p[10] != 't'))
        return false;
    if (s.p[13] != ':' || s.p[16] != ':' || !sv_u64(sv_sub(s, 11, 2), 23, &h) ||
        !sv_u64(sv_sub(s, 14, 2), 59, &m) || !sv_u64(sv_sub(s, 17, 2), 60, &sec))
        return false;
    struct sv rest = sv_skip(s, 19);
    if (!parse_fraction(&rest, &ms) || !parse_zone(rest, &zone))
        return false;
    *ret_ms = date_to_days(d) * MS_PER_DAY + ((int64_t)(h * 3600 + m * 60 + sec) - zone * 60) * 1000 + ms;
    return true;
}
