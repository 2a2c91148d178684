/* Working days. The State Council moves them every year, so the days are data (templates/law/holidays.json, read by a higher
 * room): a sorted list of days off and one of make-up working days; other Saturdays and Sundays are off. A year without data
 * is refused rather than guessed. Deadlines: the first day is not counted (民法典 201), a last day that is off moves to the
 * next working day (民法典 203). */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include "base/clock.h"

struct calendar {
    const int32_t *off; /* days since 1970-01-01, ascending */
    size_t off_n;
    const int32_t *makeup;
    size_t makeup_n;
    int16_t first_year, last_year; /* years the lists cover */
};

MUST_CHECK bool calendar_is_working(const struct calendar *c, struct date d, bool *ret, struct err *e);
MUST_CHECK bool calendar_add_working(const struct calendar *c, struct date d, int days, struct date *ret, struct err *e);
/* The day itself, or the next working day when it is off. */
MUST_CHECK bool calendar_roll(const struct calendar *c, struct date d, struct date *ret, struct err *e);

#endif
