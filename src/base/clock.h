/* Time: milliseconds since 1970, UTC, in int64 (fields are named …_at). The clock is a function table that app hands down, so
 * that tests own the time. Calendar days are plain dates without a zone; Beijing time (UTC+8, no summer time) decides on
 * which day something happens. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/arena.h"
#include "base/err.h"

struct clock {
    int64_t (*now_ms)(const struct clock *c);
};
extern const struct clock clock_system;
int64_t clock_now(const struct clock *c);
/* Monotonic, for durations only. */
int64_t clock_monotonic_us(void);

/* A clock that stands until it is moved. */
struct clock_manual {
    struct clock clock;
    int64_t at;
};
void clock_manual_init(struct clock_manual *c, int64_t at);

struct date {
    int16_t year;
    int8_t month, day; /* 1-based; all zero: no date */
};
bool date_is_set(struct date d);
MUST_CHECK bool date_parse(struct sv s, struct date *ret); /* YYYY-MM-DD, existing days of 1900..2999 only */
struct sv date_print(struct arena *a, struct date d);
struct sv date_print_zh(struct arena *a, struct date d); /* 2026年3月1日 */
int32_t date_to_days(struct date d);                     /* since 1970-01-01 */
struct date date_from_days(int32_t days);
int date_cmp(struct date x, struct date y);
struct date date_add_days(struct date d, int32_t days);
/* Periods by month end on the corresponding day, or on the month's last day if there is none (民法典 202). */
struct date date_add_months(struct date d, int months);
int date_weekday(struct date d); /* 1 = Monday .. 7 = Sunday */
/* Completed years from birth on the given day: the birthday itself counts (a person turns 16 on it). */
int date_full_years(struct date from, struct date on);
struct date date_beijing(int64_t at_ms);
int64_t date_start_beijing(struct date d); /* 00:00 Beijing time of that day, in ms */

struct sv time_rfc3339(struct arena *a, int64_t at_ms);         /* 2026-03-01T08:00:00Z */
struct sv time_rfc3339_beijing(struct arena *a, int64_t at_ms); /* 2026-03-01T16:00:00+08:00 */
struct sv time_beijing(struct arena *a, int64_t at_ms);         /* 2026-03-01 16:00:00, for people */
struct sv time_pdf(struct arena *a, int64_t at_ms);             /* D:20260301160000+08'00' */
MUST_CHECK bool time_parse_rfc3339(struct sv s, int64_t *ret_ms);

#endif
