/* Requests a second over HTTP, measured by wrk against a server of this program in a folder of its own. Only what has
 * no rate limit can be asked so often. */
#include <stdio.h>
#include <string.h>

#include "app/bench.h"
#include "app/server.h"

#define WRK_OUTPUT 65536
#define API_PORT   18390

static const struct {
    const char *path, *name, *latency;
} targets[] = {
        {"/healthz", "GET /healthz",           "  half of them within"},
        {"/readyz",  "GET /readyz (database)", "  half of them within"},
};

/* "Requests/sec:  12345.67" and "     50%    0.85ms" of wrk --latency. */
static bool figure_after(struct sv text, const char *mark, double *ret, struct sv *ret_unit)
{
    size_t at = sv_find(text, sv_from(mark));
    uint64_t whole, part = 0;
    double scale = 1;
    if (at == SIZE_MAX)
        return false;
    struct sv rest = sv_skip(text, at + strlen(mark)), line = sv_trim(sv_cut(&rest, '\n')), digits = line;
    digits.n = 0;
    while (digits.n < line.n && ((line.p[digits.n] >= '0' && line.p[digits.n] <= '9') || line.p[digits.n] == '.'))
        digits.n++;
    *ret_unit = sv_skip(line, digits.n);
    if (!sv_u64(sv_cut(&digits, '.'), 1000000000, &whole) || (digits.n && !sv_u64(digits, 1000000, &part)))
        return false;
    for (size_t i = 0; i < digits.n; i++)
        scale *= 10;
    *ret = (double)whole + (double)part / scale;
    return true;
}

static double to_ms(double value, struct sv unit)
{
    return sv_eq(unit, SV("us")) ? value / 1000 : sv_eq(unit, SV("s")) ? value * 1000 : value;
}

static bool run_wrk(struct bench *b, struct app *app, const char *path, struct sv *ret, struct err *e)
{
    int64_t seconds = b->seconds > 0 ? b->seconds : 1;
    const char *command = arena_cstr(b->a, arena_printf(b->a, "wrk -t2 -c16 -d%llds --latency '%.*s%s' 2>&1",
                                                        (long long)seconds, SV_ARG(app->public_url), path));
    char *text = arena_alloc(b->a, WRK_OUTPUT);
    FILE *f = popen(command, "r");
    if (!f)
        return err_errno(e, "wrk");
    *ret = (struct sv){text, fread(text, 1, WRK_OUTPUT - 1, f)};
    return pclose(f) == 0 || err_set(e, ERR_UNAVAILABLE, "wrk: %.*s", (int)(ret->n < 200 ? ret->n : 200), ret->p);
}

static bool measure(struct bench *b, struct app *app, struct err *e)
{
    for (size_t i = 0; i < COUNT(targets); i++) {
        struct sv output, unit;
        double rate, half;
        if (!run_wrk(b, app, targets[i].path, &output, e))
            return false;
        if (sv_find(output, SV("Non-2xx")) != SIZE_MAX || !figure_after(output, "Requests/sec:", &rate, &unit) ||
            !figure_after(output, "50%", &half, &unit))
            return err_set(e, ERR_INTERNAL, "wrk on %s said: %.*s", targets[i].path, SV_ARG(output));
        bench_add(b, targets[i].name, rate, "/s");
        bench_add(b, targets[i].latency, to_ms(half, unit), "ms");
    }
    return true;
}

bool bench_api(struct bench *b, struct err *e)
{
    struct app app;
    struct err ignored;
    const char *dir;
    if (!file_exists("/usr/bin/wrk"))
        return err_set(e, ERR_UNAVAILABLE, "bench api needs wrk: apt-get install wrk");
    if (!dir_temp(b->a, "qyq-bench", &dir, e))
        return false;
    const struct app_options o = {.mode = APP_DEVELOPMENT, .data_dir = dir, .port = API_PORT};
    bool ok = false;
    log_set_level(LOG_WARN); /* a line a request would be measured as well */
    if (app_open(&o, &app, e)) {
        ok = app_start(&app, e) && measure(b, &app, e);
        app_close(&app);
    }
    (void)!dir_remove(dir, &ignored);
    return ok;
}
