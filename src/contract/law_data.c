/* The dated data behind the rules; see law.h. Files of templates/law/ are compiled in; a folder may replace each of
 * them. */
#include <stdlib.h>
#include <string.h>

#include "contract/law.h"
#include "json/json.h"

#define LAW_FILE_LIMIT ((size_t)4 << 20)
#define LAW_MAX_DAYS   4000

extern const struct embed_set law_files;

struct wage_row {
    const struct json_value *areas;
    struct law_minimum_wage wage;
};
struct retirement_row {
    struct date base;
    int old_months, step, cap;
};
struct law {
    const struct wage_row *wages;
    size_t wages_n;
    struct retirement_row retirement[CONTRACT_RETIREMENT__COUNT];
    const struct json_value *areas;
    struct calendar calendar;
};

static bool broken(struct err *e, const char *file, const char *what)
{
    return err_user(e, ERR_CORRUPT, "law_data_broken", NULL, "%s: %s", file, what);
}

static bool read_file(struct arena *a, const char *dir, const char *name, const struct json_value **ret, struct err *e)
{
    struct sv text = embed_get(&law_files, sv_from(name));
    const char *path = dir ? path_join(a, dir, name) : NULL;
    if (path && file_exists(path) && !file_read(a, path, LAW_FILE_LIMIT, &text, e))
        return false;
    if (!text.p)
        return broken(e, name, "missing");
    if (!json_read(a, text, LAW_FILE_LIMIT, ret, e)) {
        char why[sizeof e->msg];
        memcpy(why, e->msg, sizeof why);
        return broken(e, name, why);
    }
    return true;
}

static bool read_date(const struct json_value *row, struct sv key, struct date *ret)
{
    return date_parse(json_get_text(row, key), ret);
}

static bool read_wage(const struct json_value *row, struct wage_row *ret)
{
    struct law_minimum_wage *w = &ret->wage;
    ret->areas = json_get(row, SV("areas"));
    w->source = json_get_text(row, SV("source"));
    w->confirmed = json_get_bool(row, SV("confirmed"), false);
    const struct json_value *to = json_get(row, SV("to"));
    if (to && to->type != JSON_IS_NULL && !read_date(row, SV("to"), &w->to))
        return false;
    return json_count(ret->areas) && w->source.n && read_date(row, SV("from"), &w->from) &&
           json_get_int(row, SV("monthly_fen"), &w->monthly_fen) && w->monthly_fen > 0 &&
           json_get_int(row, SV("hourly_fen"), &w->hourly_fen) && w->hourly_fen > 0;
}

static bool load_wages(struct arena *a, const char *dir, struct law *law, struct err *e)
{
    const struct json_value *doc;
    if (!read_file(a, dir, "minimum-wage.json", &doc, e))
        return false;
    const struct json_value *rows = json_get(doc, SV("rows"));
    struct wage_row *wages = arena_array(a, struct wage_row, json_count(rows) + 1);
    for (size_t i = 0; i < json_count(rows); i++) {
        if (!read_wage(json_at(rows, i), &wages[i]))
            return err_user(e, ERR_CORRUPT, "law_data_broken", NULL, "minimum-wage.json: row %zu", i);
    }
    law->wages = wages;
    law->wages_n = json_count(rows);
    return true;
}

static bool read_small(const struct json_value *row, const char *key, int *ret)
{
    int64_t n;
    if (!json_get_int(row, sv_from(key), &n) || n < 1 || n > 1200)
        return false;
    *ret = (int)n;
    return true;
}

static bool load_retirement(struct arena *a, const char *dir, struct law *law, struct err *e)
{
    const struct json_value *doc;
    if (!read_file(a, dir, "retirement.json", &doc, e))
        return false;
    const struct json_value *rows = json_get(doc, SV("rows"));
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_value *row = json_at(rows, i);
        for (size_t g = 1; g < contract_enum_retirement.n; g++) {
            struct retirement_row *r = &law->retirement[g];
            if (!sv_eq(json_get_text(row, SV("group")), sv_from(contract_enum_retirement.names[g])))
                continue;
            if (!read_date(row, SV("base"), &r->base) || !read_small(row, "old_months", &r->old_months) ||
                !read_small(row, "step", &r->step) || !read_small(row, "cap", &r->cap))
                return err_user(e, ERR_CORRUPT, "law_data_broken", NULL, "retirement.json: row %zu", i);
        }
    }
    for (size_t g = 1; g < COUNT(law->retirement); g++) {
        if (!law->retirement[g].old_months)
            return broken(e, "retirement.json", "a group is missing");
    }
    return true;
}

struct day_list {
    int32_t *days;
    size_t n;
};

static bool add_days(struct day_list *list, const struct json_value *texts)
{
    for (size_t i = 0; i < json_count(texts); i++) {
        struct date d;
        if (list->n == LAW_MAX_DAYS || !date_parse(json_text_of(json_at(texts, i)), &d))
            return false;
        list->days[list->n++] = date_to_days(d);
    }
    return true;
}

static int compare_days(const void *x, const void *y)
{
    const int32_t *p = x, *q = y;
    return *p < *q ? -1 : *p > *q;
}

static bool load_year(const struct json_value *years, size_t i, struct day_list *off, struct day_list *makeup,
                      struct calendar *c)
{
    uint64_t year;
    const struct json_value *entry = &years->items[i], *blocks = json_get(entry, SV("holidays"));
    if (!sv_u64(years->keys[i], 2999, &year) || year < 1900 || !json_count(blocks))
        return false;
    for (size_t b = 0; b < json_count(blocks); b++) {
        if (!add_days(off, &blocks->items[b]))
            return false;
    }
    if (i == 0 || (int16_t)year < c->first_year)
        c->first_year = (int16_t)year;
    if (i == 0 || (int16_t)year > c->last_year)
        c->last_year = (int16_t)year;
    return add_days(makeup, json_get(entry, SV("makeup_working_days")));
}

static bool load_calendar(struct arena *a, const char *dir, struct law *law, struct err *e)
{
    const struct json_value *doc;
    if (!read_file(a, dir, "holidays.json", &doc, e))
        return false;
    const struct json_value *years = json_get(doc, SV("years"));
    struct day_list off = {arena_array(a, int32_t, LAW_MAX_DAYS), 0};
    struct day_list makeup = {arena_array(a, int32_t, LAW_MAX_DAYS), 0};
    struct calendar *c = &law->calendar;
    for (size_t i = 0; i < json_count(years); i++) {
        if (!load_year(years, i, &off, &makeup, c))
            return err_user(e, ERR_CORRUPT, "law_data_broken", NULL, "holidays.json: year %zu", i);
    }
    if (!json_count(years) || c->last_year - c->first_year + 1 != (int)json_count(years))
        return broken(e, "holidays.json", "years are missing or not in a row");
    qsort(off.days, off.n, sizeof *off.days, compare_days);
    qsort(makeup.days, makeup.n, sizeof *makeup.days, compare_days);
    c->off = off.days;
    c->off_n = off.n;
    c->makeup = makeup.days;
    c->makeup_n = makeup.n;
    return true;
}

bool law_load(struct arena *a, const char *dir, struct law **ret, struct err *e)
{
    struct law *law = arena_new(a, struct law);
    const struct json_value *areas;
    if (!load_wages(a, dir, law, e) || !load_retirement(a, dir, law, e) || !load_calendar(a, dir, law, e) ||
        !read_file(a, dir, "areas.json", &areas, e))
        return false;
    law->areas = json_get(areas, SV("names"));
    *ret = law;
    return true;
}

bool law_minimum_wage(const struct law *law, struct sv area, struct date on, struct law_minimum_wage *ret)
{
    size_t best = 0;
    for (size_t i = 0; i < law->wages_n; i++) {
        const struct wage_row *row = &law->wages[i];
        if (date_cmp(on, row->wage.from) < 0 || (date_is_set(row->wage.to) && date_cmp(on, row->wage.to) > 0))
            continue;
        for (size_t k = 0; k < json_count(row->areas); k++) {
            struct sv prefix = json_text_of(json_at(row->areas, k));
            if (prefix.n > best && sv_starts(area, prefix)) {
                best = prefix.n;
                *ret = row->wage;
            }
        }
    }
    return best > 0;
}

struct sv law_area_name(const struct law *law, struct sv area)
{
    for (size_t n = area.n > 6 ? 6 : area.n; n >= 2; n--) {
        struct sv name = json_get_text(law->areas, sv_sub(area, 0, n));
        if (name.n)
            return name;
    }
    return SV("");
}

const struct calendar *law_calendar(const struct law *law)
{
    return &law->calendar;
}

bool law_retirement(const struct law *law, enum contract_retirement group, struct date birth, struct date *ret)
{
    if (group == CONTRACT_RETIREMENT_NONE || !date_is_set(birth) || birth.year > 2200)
        return false;
    const struct retirement_row *r = &law->retirement[group];
    int delay = 0, since = (birth.year - r->base.year) * 12 + birth.month - r->base.month;
    if (since >= 0)
        delay = since / r->step + 1;
    *ret = date_add_months(birth, r->old_months + (delay > r->cap ? r->cap : delay));
    return true;
}
