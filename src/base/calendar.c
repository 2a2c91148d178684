/* Working days; see calendar.h. */
#include "base/calendar.h"

static bool contains(const int32_t *days, size_t n, int32_t day)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (days[mid] == day)
            return true;
        if (days[mid] < day)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

bool calendar_is_working(const struct calendar *c, struct date d, bool *ret, struct err *e)
{
    if (d.year < c->first_year || d.year > c->last_year)
        return err_user(e, ERR_UNAVAILABLE, "calendar_missing", NULL, "no holiday calendar for %d", d.year);
    int32_t day = date_to_days(d);
    if (contains(c->makeup, c->makeup_n, day))
        *ret = true;
    else
        *ret = !contains(c->off, c->off_n, day) && date_weekday(d) <= 5;
    return true;
}

bool calendar_add_working(const struct calendar *c, struct date d, int days, struct date *ret, struct err *e)
{
    must(days >= 0);
    while (days > 0) {
        bool working;
        d = date_add_days(d, 1);
        if (!calendar_is_working(c, d, &working, e))
            return false;
        days -= working;
    }
    *ret = d;
    return true;
}

bool calendar_roll(const struct calendar *c, struct date d, struct date *ret, struct err *e)
{
    for (;; d = date_add_days(d, 1)) {
        bool working;
        if (!calendar_is_working(c, d, &working, e))
            return false;
        if (working)
            break;
    }
    *ret = d;
    return true;
}
