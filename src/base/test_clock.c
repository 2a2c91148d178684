#include "test.h"

static struct date day(const char *text)
{
    struct date d;
    ck_assert_msg(date_parse(sv_from(text), &d), "%s", text);
    return d;
}

TEST(every_day_of_a_century_round_trips)
{
    struct date d = day("1950-01-01");
    for (int32_t days = date_to_days(d); days < date_to_days(day("2051-01-01")); days++) {
        struct date back = date_from_days(days);
        ck_assert_int_eq(date_to_days(back), days);
        ck_assert_int_eq(date_cmp(d, back), 0);
        d = date_add_days(d, 1);
    }
    ck_assert_int_eq(date_to_days(day("1970-01-01")), 0);
}

TEST(days_that_do_not_exist_are_refused)
{
    static const char *const bad[] = {"2025-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "26-01-01", "2026-1-01", "2026/01/01", "1899-12-31"};
    struct date d;
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!date_parse(sv_from(bad[i]), &d), "%s", bad[i]);
    ck_assert(date_parse(SV("2024-02-29"), &d));
}

TEST(months_end_on_the_corresponding_or_last_day)
{
    ck_assert_int_eq(date_cmp(date_add_months(day("2026-01-31"), 1), day("2026-02-28")), 0);
    ck_assert_int_eq(date_cmp(date_add_months(day("2024-02-29"), 12), day("2025-02-28")), 0);
    ck_assert_int_eq(date_cmp(date_add_months(day("2026-03-15"), -3), day("2025-12-15")), 0);
    ck_assert_int_eq(date_full_years(day("2010-11-23"), day("2026-11-22")), 15);
    ck_assert_int_eq(date_full_years(day("2010-11-23"), day("2026-11-23")), 16);
    ck_assert_int_eq(date_weekday(day("2026-11-23")), 1);
}

TEST(times_print_and_parse)
{
    struct arena a;
    int64_t at;
    arena_init(&a, 1 << 16);
    ck_assert(time_parse_rfc3339(SV("2026-03-01T16:00:00.250+08:00"), &at));
    ASSERT_SV(time_rfc3339(&a, at), SV("2026-03-01T08:00:00Z"));
    ASSERT_SV(time_beijing(&a, at), SV("2026-03-01 16:00:00"));
    ASSERT_SV(time_pdf(&a, at), SV("D:20260301160000+08'00'"));
    ck_assert_int_eq(at % 1000, 250);
    ck_assert_int_eq(date_cmp(date_beijing(at + 8 * 3600000), day("2026-03-02")), 0);
    ck_assert(!time_parse_rfc3339(SV("2026-03-01 16:00:00Z"), &at) && !time_parse_rfc3339(SV("2026-03-01T16:00:00"), &at));
    arena_done(&a);
}

TEST(working_days_follow_the_list_and_refuse_unknown_years)
{
    int32_t off[] = {date_to_days(day("2026-10-01")), date_to_days(day("2026-10-02"))};
    int32_t makeup[] = {date_to_days(day("2026-10-10"))};
    struct calendar c = {off, COUNT(off), makeup, COUNT(makeup), 2026, 2026};
    struct err e;
    struct date d;
    bool working;
    ck_assert(calendar_is_working(&c, day("2026-10-10"), &working, &e) && working);
    ck_assert(calendar_is_working(&c, day("2026-10-01"), &working, &e) && !working);
    ck_assert(calendar_add_working(&c, day("2026-09-30"), 1, &d, &e));
    ck_assert_int_eq(date_cmp(d, day("2026-10-05")), 0);
    ck_assert(calendar_roll(&c, day("2026-10-03"), &d, &e));
    ck_assert_int_eq(date_cmp(d, day("2026-10-05")), 0);
    ck_assert(!calendar_is_working(&c, day("2027-01-04"), &working, &e));
    ck_assert_str_eq(e.reason, "calendar_missing");
}
