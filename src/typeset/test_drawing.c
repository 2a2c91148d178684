/* Seals, handwriting, strips: what they are made of, what is refused, and pictures of them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "test.h"
#include "typeset/test_engine.h"
#include "typeset/drawing.h"
#include "typeset/engine_priv.h"
#include "typeset/path_priv.h"
#include "typeset/typeset.h"

static struct arena arena;
static struct err err;

static struct typeset *engine(void)
{
    arena_init(&arena, (size_t)512 << 20);
    err = ERR_INIT;
    return test_engine();
}

static const struct typeset_seal seal = {.name = SV_INIT("清远市示例精密制造有限公司"),
                                         .line = SV_INIT("劳动合同专用章"),
                                         .code = SV_INIT("4418000012345")};

/* Only the operators that need no resources, each with its number of operands. */
static void assert_plain(struct sv content)
{
    static const struct {
        const char *name;
        int operands;
    } known[] = {
            {"q",  0},
            {"Q",  0},
            {"rg", 3},
            {"m",  2},
            {"l",  2},
            {"c",  6},
            {"h",  0},
            {"f",  0},
            {"f*", 0},
            {"cm", 6}
    };
    while (content.n) {
        struct sv line = sv_cut(&content, '\n'), last = {0};
        if (sv_ends(line, SV(" re W n")))
            continue;
        int words = 0;
        while (line.n) {
            last = sv_cut(&line, ' ');
            words++;
        }
        size_t i = 0;
        while (i < COUNT(known) && !sv_eq(last, sv_from(known[i].name)))
            i++;
        ck_assert_msg(i < COUNT(known), "operator %.*s", SV_ARG(last));
        ck_assert_int_eq(words, known[i].operands + 1);
    }
}

/* Dark pixels of a picture at 72 dpi. */
static double ink_area(const struct typeset_drawing *d)
{
    double area = 0;
    struct sv png;
    ASSERT_OK(typeset_drawing_png(&arena, d, 144, &png, &err), err);
    ck_assert(sv_starts(png, SV("\x89PNG")));
    cairo_surface_t *s =
            cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)(d->width * 2 + 1), (int)(d->height * 2 + 1));
    const char *dir;
    ASSERT_OK(dir_temp(&arena, "qyq-drawing", &dir, &err), err);
    const char *path = path_join(&arena, dir, "p.png");
    ASSERT_OK(file_write(path, png, 0600, &err), err);
    cairo_surface_destroy(s);
    s = cairo_image_surface_create_from_png(path);
    ck_assert_int_eq(cairo_surface_status(s), CAIRO_STATUS_SUCCESS);
    const unsigned char *p = cairo_image_surface_get_data(s);
    for (int y = 0; y < cairo_image_surface_get_height(s); y++) {
        for (int x = 0; x < cairo_image_surface_get_width(s); x++)
            area += p[y * cairo_image_surface_get_stride(s) + x * 4 + 3] / 255.0;
    }
    cairo_surface_destroy(s);
    ASSERT_OK(dir_remove(dir, &err), err);
    return area;
}

TEST(a_seal_is_plain_operators_and_always_the_same)
{
    struct typeset *t = engine(), *u = NULL;
    struct typeset_drawing d, again;
    ASSERT_OK(typeset_seal_draw(t, &arena, &seal, &d, &err), err);
    ck_assert_double_eq_tol(d.width, 42 * 72 / 25.4, 0.01);
    ck_assert_double_eq_tol(d.height, d.width, 0.001);
    assert_plain(d.content);
    ck_assert_uint_lt(d.content.n, 60000);
    ASSERT_OK(typeset_new(NULL, &u, &err), err);
    ASSERT_OK(typeset_seal_draw(u, &arena, &seal, &again, &err), err);
    ck_assert(sv_eq(d.content, again.content));
    double area = ink_area(&d);
    ck_assert_msg(area > 5000 && area < 25000, "area %f", area);
    typeset_free(u);
}

TEST(a_seal_stays_inside_its_square)
{
    struct typeset *t = engine();
    struct typeset_seal longest = seal;
    longest.name = SV("广东省清远市高新技术产业开发区示例智能装备制造（集团）股份有限公司第一分公司");
    struct typeset_drawing d;
    ASSERT_OK(typeset_seal_draw(t, &arena, &longest, &d, &err), err);
    for (const struct typeset_shape *s = d.shapes; s; s = s->next) {
        double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
        if (path_bounds(&s->path, &x0, &y0, &x1, &y1))
            ck_assert(x0 >= 0 && y0 >= 0 && x1 <= d.width && y1 <= d.height);
    }
}

TEST(seals_without_a_name_are_refused)
{
    struct typeset *t = engine();
    struct typeset_drawing d;
    struct typeset_seal bad = {.line = SV("劳动合同专用章")};
    ck_assert(!typeset_seal_draw(t, &arena, &bad, &d, &err));
    ck_assert_str_eq(err.reason, "seal_name_invalid");
    bad.name = SV("一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一");
    ck_assert(!typeset_seal_draw(t, &arena, &bad, &d, &err));
    ck_assert_str_eq(err.reason, "seal_name_invalid");
    bad.name = SV("清远😀公司");
    ck_assert(!typeset_seal_draw(t, &arena, &bad, &d, &err));
    ck_assert_str_eq(err.reason, "contract_character_unknown");
}

TEST(strips_put_together_are_the_seal)
{
    struct typeset *t = engine();
    struct typeset_drawing d;
    ASSERT_OK(typeset_seal_draw(t, &arena, &seal, &d, &err), err);
    double whole = ink_area(&d), sum = 0, width = 0;
    for (int i = 1; i <= 5; i++) {
        struct typeset_drawing strip = typeset_seam_strip(&arena, &d, i, 5);
        assert_plain(strip.content);
        ck_assert(sv_find(strip.content, SV(" re W n\n")) != SIZE_MAX);
        sum += ink_area(&strip);
        width += strip.width;
    }
    ck_assert_double_eq_tol(width, d.width, 0.001);
    ck_assert_msg(fabs(sum - whole) < whole * 0.04, "strips %f, seal %f", sum, whole);
}

static struct typeset_point points[4096];

/* A stroke along a curve, n points. */
static struct typeset_stroke curve(size_t n, double size, double pressure)
{
    for (size_t i = 0; i < n; i++) {
        double f = (double)i / (double)(n > 1 ? n - 1 : 1);
        points[i] = (struct typeset_point){size * f, 60 + size / 4 * sin(f * 9), f * 700, pressure};
    }
    return (struct typeset_stroke){points, n};
}

TEST(handwriting_is_drawn_into_its_box)
{
    struct typeset *t = engine();
    struct typeset_drawing d, again;
    struct typeset_stroke s = curve(80, 300, -1);
    const struct sv captions[] = {SV("张三　2026-03-01 16:00:05"), SV("证书 3F2A 91C0")};
    struct typeset_ink ink = {.strokes = &s, .n = 1, .captions = captions, .captions_n = 2};
    ASSERT_OK(typeset_ink_draw(t, &arena, &ink, &d, &err), err);
    assert_plain(d.content);
    ck_assert_double_eq_tol(d.width, TYPESET_INK_WIDTH, 0.001);
    for (const struct typeset_shape *shape = d.shapes; shape; shape = shape->next) {
        double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
        ck_assert(path_bounds(&shape->path, &x0, &y0, &x1, &y1));
        ck_assert(x0 >= 0 && y0 >= 0 && x1 <= d.width && y1 <= d.height);
    }
    ASSERT_OK(typeset_ink_draw(t, &arena, &ink, &again, &err), err);
    ck_assert(sv_eq(d.content, again.content));
    s = curve(80, 300, 0.9);
    struct typeset_drawing heavy;
    ASSERT_OK(typeset_ink_draw(t, &arena, &ink, &heavy, &err), err);
    s = curve(80, 300, 0.1);
    ASSERT_OK(typeset_ink_draw(t, &arena, &ink, &d, &err), err);
    ck_assert(ink_area(&heavy) > ink_area(&d) * 1.3);
}

TEST(no_drawing_is_no_signature)
{
    struct typeset_stroke s = {points, 0};
    struct typeset_ink ink = {.strokes = &s, .n = 0};
    err = ERR_INIT;
    ck_assert(!typeset_ink_check(&ink, &err));
    ck_assert_str_eq(err.reason, "drawing_empty");
    ink.n = 1; /* a stroke without points */
    ck_assert(!typeset_ink_check(&ink, &err));
    s = curve(1, 0, -1); /* a dot */
    ck_assert(!typeset_ink_check(&ink, &err));
    s = curve(50, 8, -1); /* a scratch */
    ck_assert(!typeset_ink_check(&ink, &err));
    ck_assert_str_eq(err.reason, "drawing_empty");
    for (size_t i = 0; i < 200; i++) /* long, but on one spot */
        points[i] = (struct typeset_point){(double)(i % 2) * 3, 0, (double)i, -1};
    s.n = 200;
    ck_assert(!typeset_ink_check(&ink, &err));
    ck_assert_str_eq(err.reason, "drawing_empty");
    s = curve(30, 200, -1);
    ASSERT_OK(typeset_ink_check(&ink, &err), err);
}

TEST(drawings_have_limits)
{
    static struct typeset_stroke many[INK_MAX_STROKES + 1];
    struct typeset_ink ink = {.strokes = many, .n = COUNT(many)};
    err = ERR_INIT;
    ck_assert(!typeset_ink_check(&ink, &err));
    ck_assert_str_eq(err.reason, "drawing_too_large");
    many[0] = curve(4000, 300, -1);
    for (size_t i = 1; i < 6; i++)
        many[i] = many[0];
    ink.n = 6;
    ck_assert(!typeset_ink_check(&ink, &err));
    ck_assert_str_eq(err.reason, "drawing_too_large");
    ink.n = 1;
    ASSERT_OK(typeset_ink_check(&ink, &err), err);
    points[7].x = NAN;
    ck_assert(!typeset_ink_check(&ink, &err));
    points[7].x = 1e300;
    ck_assert(!typeset_ink_check(&ink, &err));
    ck_assert_str_eq(err.reason, "drawing_too_large");
}

/* Wild input draws something, and ends. */
TEST(wild_strokes_are_drawn)
{
    struct typeset *t = engine();
    struct typeset_drawing d;
    unsigned seed = 7;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < 500; i++) {
            seed = seed * 1103515245u + 12345u;
            points[i] = (struct typeset_point){(double)(seed >> 16 & 1023), (double)(seed >> 8 & 511),
                                               (double)(seed & 7) * -3, round % 2 ? -1 : (double)(seed & 255) / 100};
        }
        struct typeset_stroke s = {points, 500};
        struct typeset_ink ink = {.strokes = &s, .n = 1};
        ASSERT_OK(typeset_ink_draw(t, &arena, &ink, &d, &err), err);
        ck_assert(sv_find(d.content, SV("nan")) == SIZE_MAX && sv_find(d.content, SV("-9223")) == SIZE_MAX);
        assert_plain(d.content);
    }
}

/* Every character of a long line must be there, however far to the right. */
TEST(outlines_reach_as_far_as_the_text)
{
    struct typeset *t = engine();
    static const struct text_style style = {.family = FONT_SANS, .size = 6.5, .line = 8};
    struct path p;
    double width, x0, y0, x1, y1;
    ASSERT_OK(text_outline(t, &arena, SV("张三　2026-03-01 16:00:05　广东省清远市高新技术产业开发区示例公司"), &style,
                           &p, &width, &err),
              err);
    ck_assert(path_bounds(&p, &x0, &y0, &x1, &y1));
    ck_assert_msg(x1 > width - 3 && x1 <= width, "outline to %f, advance %f", x1, width);
}

TEST(svg_is_one_element_of_paths)
{
    struct typeset *t = engine();
    struct typeset_drawing d;
    ASSERT_OK(typeset_seal_draw(t, &arena, &seal, &d, &err), err);
    struct sv svg = typeset_drawing_svg(&arena, &d);
    ck_assert(sv_starts(svg, SV("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"119.06pt\" height=\"119.06pt\" "
                                "viewBox=\"0 0 119.06 119.06\"><path fill=\"#d60a14\"")));
    ck_assert(sv_ends(svg, SV("\"/></svg>")));
    struct typeset_drawing strip = typeset_seam_strip(&arena, &d, 2, 4);
    ck_assert(sv_find(typeset_drawing_svg(&arena, &strip), SV("viewBox=\"29.76 0 29.76 119.06\"")) != SIZE_MAX);
}
