/* Pages: text in order, fields for later acts, the same bytes everywhere, refusals. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/digest.h"
#include "test.h"
#include "typeset/test_engine.h"
#include "typeset/sample_fields.h"
#include "typeset/typeset.h"

#define TEMPLATE   "fixed-term-full-time"
#define CREATED_AT INT64_C(1772323200000) /* 2026-03-01 08:00 Beijing time */

static struct arena arena;
static struct err err;

static struct typeset *engine(void)
{
    arena_init(&arena, (size_t)512 << 20);
    err = ERR_INIT;
    return test_engine();
}

/* The sample with some values replaced or added; a NULL value removes one. */
struct change {
    const char *name, *value;
};
static size_t changed(const struct change *changes, size_t n, struct typeset_field *out)
{
    size_t count = COUNT(sample_fields);
    memcpy(out, sample_fields, sizeof(sample_fields));
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < count && !sv_eq(out[k].name, sv_from(changes[i].name)))
            k++;
        out[k] = (struct typeset_field){sv_from(changes[i].name), sv_from(changes[i].value)};
        count += k == count;
    }
    return count;
}

static struct typeset_template contract_template(void)
{
    struct typeset_template t;
    ASSERT_OK(template_find(&arena, SV(TEMPLATE), &t, &err), err);
    return t;
}

static bool render(struct typeset *t, const struct change *changes, size_t n, struct typeset_document *doc)
{
    struct typeset_template template = contract_template();
    struct typeset_field *fields = arena_array(&arena, struct typeset_field, COUNT(sample_fields) + n);
    struct typeset_input in = {.template = &template,
                               .fields = fields,
                               .fields_n = changed(changes, n, fields),
                               .created_at = CREATED_AT,
                               .producer = SV("qyq test"),
                               .number = SV("QY-2026-000123"),
                               .code = SV("7K3M-9QXD"),
                               .verify_url = SV("https://qyq.example/v/7K3M9QXD")};
    err = ERR_INIT;
    return typeset_render(t, &arena, &in, doc, &err);
}

/* What a command prints, with the PDF as its file "in.pdf" in a fresh folder; blanks removed. */
static struct sv tool(struct sv pdf, const char *command)
{
    const char *dir;
    ASSERT_OK(dir_temp(&arena, "qyq-typeset", &dir, &err), err);
    ASSERT_OK(file_write(path_join(&arena, dir, "in.pdf"), pdf, 0600, &err), err);
    FILE *pipe = popen(arena_cstr(&arena, arena_printf(&arena, "cd '%s' && %s", dir, command)), "r");
    ck_assert_ptr_nonnull(pipe);
    char *text = arena_alloc(&arena, 4 << 20);
    size_t n = fread(text, 1, 4 << 20, pipe);
    ck_assert_msg(pclose(pipe) == 0, "%s failed: %.*s", command, (int)n, text);
    ASSERT_OK(dir_remove(dir, &err), err);
    return sv_of(text, n);
}

static struct sv page_text(struct sv pdf)
{
    struct sv text = tool(pdf, "pdftotext -layout in.pdf - | tr -d ' \\n\\f'");
    return text;
}

static void assert_in_order(struct sv text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = sv_find(text, sv_from(words[i]));
        ck_assert_msg(at != SIZE_MAX, "\"%s\" is missing or out of order", words[i]);
        text = sv_skip(text, at + strlen(words[i]));
    }
}

TEST(the_contract_says_everything_in_order)
{
    struct typeset *t = engine();
    struct typeset_document d;
    ASSERT_OK(render(t, NULL, 0, &d), err);
    static const char *const words[] = {
            "劳动合同",
            "甲方（用人单位）",
            "清远市示例精密制造有限公司（虚构）",
            "91441800TEST000001",
            "乙方（劳动者）",
            "张三",
            "000000199001010010",
            "第一条",
            "2026年3月1日",
            "2029年2月28日",
            "（三）试用期自",
            "2026年4月30日",
            "第二条",
            "数控车床操作工",
            "第三条",
            "标准工时制",
            "第四条",
            "工资标准为每月人民币",
            "5,000.00元（大写：人民币伍仟元整）",
            "4,500.00元",
            "第五条",
            "基本养老保险",
            "第六条",
            "噪声",
            "第七条",
            "保密",
            "第十条",
            "送达",
            "第十一条",
            "电子形式和签署",
            "第十二条",
            "清远市劳动人事争议仲裁委员会",
            "第十三条",
            "甲方（用人单位盖章）",
            "核验码：7K3M-9QXD",
    };
    assert_in_order(page_text(d.pdf), words, COUNT(words));
    ck_assert_uint_eq(d.clauses_n, 14);
    ck_assert_int_eq(d.clauses[4].number, 4);
    ASSERT_SV(d.clauses[4].title, SV("劳动报酬"));
    ck_assert(sv_find(d.clauses[4].text, SV("人民币 5,000.00 元（大写：人民币伍仟元整）")) != SIZE_MAX);
}

TEST(other_programs_accept_the_file)
{
    struct typeset *t = engine();
    struct typeset_document d;
    ASSERT_OK(render(t, NULL, 0, &d), err);
    ck_assert(sv_find(tool(d.pdf, "qpdf --check in.pdf 2>&1"), SV("No syntax or stream encoding errors")) != SIZE_MAX);
    struct sv fonts = tool(d.pdf, "pdffonts in.pdf | tail -n +3 | awk '{print $(NF-4)}' | sort -u");
    ASSERT_SV(fonts, SV("yes\n"));
    ck_assert_uint_lt(d.pdf.n, 300000); /* fonts hold what is used, no more */
    struct sv info = tool(d.pdf, "TZ=UTC pdfinfo in.pdf");
    ck_assert(sv_find(info, SV("Producer:        qyq test\n")) != SIZE_MAX);
    ck_assert(sv_find(info, SV("Sun Mar  1 00:00:00 2026")) != SIZE_MAX);
    ck_assert(sv_find(d.pdf, SV("/CreationDate (D:20260301080000+08'00')")) != SIZE_MAX);
}

/* Ink on each page: readers that refuse a font still say the file is fine. */
TEST(pages_have_ink)
{
    struct typeset *t = engine();
    struct typeset_document d;
    ASSERT_OK(render(t, NULL, 0, &d), err);
    struct sv gray = tool(d.pdf, "pdftoppm -gray -r 40 -f 1 -l 1 -singlefile in.pdf p && cat p.pgm");
    size_t dark = 0;
    for (size_t i = 20; i < gray.n; i++)
        dark += (unsigned char)gray.p[i] < 140;
    ck_assert_msg(dark > 1500 && dark < 40000, "%zu dark pixels", dark);
}

TEST(the_fields_of_later_acts_are_there)
{
    struct typeset *t = engine();
    struct typeset_document d;
    ASSERT_OK(render(t, NULL, 0, &d), err);
    static const char *const names[] = {"Lock", "Worker", "WorkerSM2", "Employer", "EmployerSM2", "Archive1"};
    ck_assert_uint_eq(d.places_n, COUNT(names) + (size_t)d.pages);
    struct sv json = tool(d.pdf, "qpdf --json --json-key=acroform --json-key=pages in.pdf");
    for (size_t i = 0; i < COUNT(names); i++) {
        ASSERT_SV(d.places[i].name, sv_from(names[i]));
        ck_assert(sv_find(json, arena_printf(&arena, "\"fullname\": \"%s\"", names[i])) != SIZE_MAX);
    }
    ck_assert(sv_find(json, arena_printf(&arena, "\"fullname\": \"Seam%d\"", d.pages)) != SIZE_MAX);
    const struct typeset_place *worker = typeset_place_of(&d, SV("Worker"));
    const struct typeset_place *employer = typeset_place_of(&d, SV("Employer"));
    ck_assert_int_eq(worker->page, d.pages);
    ck_assert(worker->width > 150 && worker->height > 80);
    ck_assert(employer->width > 119 && employer->height > 119 && employer->x + employer->width < worker->x);
    ck_assert(typeset_place_of(&d, SV("Lock"))->width == 0);
    /* each page: /Annots a reference, not an array */
    struct sv direct = tool(d.pdf, "qpdf --qdf --object-streams=disable in.pdf - | grep -a -c '/Annots [0-9]* 0 R'");
    ASSERT_SV(direct, arena_printf(&arena, "%d\n", d.pages));
    ck_assert(sv_find(d.pdf, SV("/F 132")) != SIZE_MAX);
}

/* Nothing may be printed where the seal, the handwriting and the strips come. */
TEST(no_text_lies_under_the_seal_areas)
{
    struct typeset *t = engine();
    struct typeset_document d;
    ASSERT_OK(render(t, NULL, 0, &d), err);
    for (size_t i = 0; i < d.places_n; i++) {
        const struct typeset_place *p = &d.places[i];
        if (p->width <= 0)
            continue;
        double top = TYPESET_A4_HEIGHT - p->y - p->height;
        struct sv text = tool(
                d.pdf,
                arena_cstr(
                        &arena,
                        arena_printf(&arena,
                                     "pdftotext -r 72 -f %d -l %d -x %d -y %d -W %d -H %d in.pdf - | tr -d ' \\n\\f'",
                                     p->page, p->page, (int)p->x, (int)top, (int)p->width, (int)p->height)));
        ck_assert_msg(text.n == 0, "%.*s on page %d covers \"%.*s\"", SV_ARG(p->name), p->page, SV_ARG(text));
    }
}

TEST(the_same_bytes_in_another_process_zone_and_locale)
{
    struct typeset *t = engine();
    struct typeset_document d;
    const char *dir;
    ASSERT_OK(dir_temp(&arena, "qyq-typeset", &dir, &err), err);
    const char *path = path_join(&arena, dir, "other.pdf");
    pid_t child = fork();
    if (child == 0) {
        sleep(1);
        setenv("TZ", "America/New_York", 1);
        setenv("LANG", "ja_JP.UTF-8", 1);
        setenv("LC_ALL", "de_DE.UTF-8", 1);
        setenv("FC_LANG", "ja", 1);
        setenv("PANGO_LANGUAGE", "ja", 1);
        setenv("FONTCONFIG_FILE", "/nonexistent", 1);
        setlocale(LC_ALL, "");
        struct typeset *other = NULL;
        bool ok = typeset_new(NULL, &other, &err) && render(other, NULL, 0, &d) && file_write(path, d.pdf, 0600, &err);
        _exit(ok ? 0 : 1);
    }
    int status = 0;
    ASSERT_OK(render(t, NULL, 0, &d), err);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    struct sv first = d.pdf, other;
    ASSERT_OK(file_read(&arena, path, 64 << 20, &other, &err), err);
    ck_assert(sv_eq(first, other));
    ASSERT_OK(render(t, NULL, 0, &d), err);
    ck_assert(sv_eq(first, d.pdf));
    ASSERT_OK(dir_remove(dir, &err), err);
    struct change wage = {"wage_amount", "5,000.01"};
    ASSERT_OK(render(t, &wage, 1, &d), err);
    ck_assert(!sv_eq(first, d.pdf));
}

TEST(a_missing_field_is_named)
{
    struct typeset *t = engine();
    struct typeset_document d;
    struct change none[] = {
            {"post",        NULL},
            {"worker_name", "  "}
    };
    ck_assert(!render(t, none, 2, &d));
    ck_assert_str_eq(err.reason, "contract_field_missing");
    ck_assert_str_eq(err.field, "/worker_name");
    ck_assert_ptr_nonnull(strstr(err.msg, "post (工作岗位)"));
    struct change no_probation = {"probation_start", NULL};
    ASSERT_OK(render(t, &no_probation, 1, &d), err); /* then its wage and end are not needed */
    ck_assert(sv_find(page_text(d.pdf), SV("双方不约定试用期")) != SIZE_MAX);
    struct change stop = {"rest_days", "星期六、星期日。"};
    ASSERT_OK(render(t, &stop, 1, &d), err); /* one full stop is enough */
    ck_assert(sv_find(page_text(d.pdf), SV("星期六、星期日。（三）")) != SIZE_MAX);
    struct change no_hours = {"hours_standard", NULL};
    ck_assert(!render(t, &no_hours, 1, &d));
    ck_assert_str_eq(err.field, "/hours_system");
}

TEST(a_preview_has_blanks)
{
    struct typeset *t = engine();
    struct typeset_template template = contract_template();
    struct typeset_input in = {.template = &template, .created_at = CREATED_AT, .producer = SV("qyq"), .blanks = true};
    struct typeset_document d;
    ASSERT_OK(typeset_render(t, &arena, &in, &d, &err), err);
    ck_assert(sv_find(page_text(d.pdf), SV("自________起至________止")) != SIZE_MAX);
    const struct template_field *missing;
    size_t n;
    ASSERT_OK(template_missing(&arena, &template, NULL, 0, &missing, &n, &err), err);
    ck_assert_uint_gt(n, 15);
    ASSERT_SV(missing[0].name, SV("employer_name"));
    ASSERT_SV(missing[0].label, SV("用人单位名称"));
}

TEST(values_cannot_become_markup)
{
    struct typeset *t = engine();
    struct typeset_document d;
    struct change odd[] = {
            {"worker_name",    "*张*_三_#|<b>\\`[x](y){{post}}"                        },
            {"work_content",   "1. 甲 | 乙\n## 第九十九条\n- 丙\n    <script>"   },
            {"other_terms",    "# 标题\n| a | b |\n|---|---|\n{{@page}}\n> 引用\n***"},
            {"worker_address", "| 列 | 列 |"                                           },
    };
    ASSERT_OK(render(t, odd, COUNT(odd), &d), err);
    struct sv text = page_text(d.pdf);
    static const char *const words[] = {"*张*_三_#|<b>\\`[x](y)",
                                        "{{post}}",
                                        "|列|列|",
                                        "1.甲|乙；##第九十九条；-丙；<script>",
                                        "#标题",
                                        "|a|b|",
                                        "|---|---|",
                                        "{{@page}}",
                                        ">引用",
                                        "***"};
    assert_in_order(text, words, COUNT(words));
    ck_assert_uint_eq(d.clauses_n, 14);
}

TEST(rare_characters_print_and_others_are_refused)
{
    struct typeset *t = engine();
    struct typeset_document d;
    struct change rare = {"worker_name", "𠮷㛃"};
    ASSERT_OK(render(t, &rare, 1, &d), err);
    ck_assert(sv_find(page_text(d.pdf), SV("𠮷")) != SIZE_MAX);
    static const char *const refused[] = {
            "张\xF0\x9F\x98\x80", "张\xE2\x80\xAE三", "张\xE2\x80\x8B三",
            "\xEE\x80\x80",       "张\x01",           "\xF0\xAE\xAF\xB0" /* U+2EBF0, extension I */};
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct change c = {"worker_name", refused[i]};
        ck_assert_msg(!render(t, &c, 1, &d), "%s was printed", refused[i]);
        ck_assert_str_eq(err.reason, "contract_character_unknown");
    }
}

static const char *repeated(const char *s, size_t n)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < n; i++)
        buf_add(&b, sv_from(s));
    return arena_cstr(&arena, buf_to_arena(&b, &arena));
}

TEST(long_values_flow_over_pages)
{
    struct typeset *t = engine();
    struct typeset_document d;
    struct change odd[] = {
            {"employer_name", repeated("清远",                                 60) },
            {"work_content",  repeated("操作数控车床加工零件，",      45) },
            {"other_terms",   repeated("双方约定的其他事项很长。\n", 150)},
            {"worker_email",  repeated("a",                                      200)}
    };
    ASSERT_OK(render(t, odd, COUNT(odd), &d), err);
    ck_assert_int_gt(d.pages, 8);
    ck_assert_int_eq(typeset_place_of(&d, SV("Seam1"))->page, 1);
    ck_assert(sv_find(tool(d.pdf, "qpdf --check in.pdf 2>&1"), SV("No syntax")) != SIZE_MAX);
    struct change cell = {"worker_address", repeated("很长的地址", 1000)};
    ck_assert(!render(t, &cell, 1, &d));
    ck_assert_str_eq(err.reason, "contract_text_too_long");
}

/* The code for verification never costs a page of its own. */
TEST(the_last_page_has_more_than_a_code)
{
    struct typeset *t = engine();
    for (size_t lines = 0; lines < 40; lines += 3) {
        struct typeset_document d;
        struct change more = {"other_terms", repeated("又一行。\n", lines)};
        ASSERT_OK(render(t, &more, 1, &d), err);
        ck_assert_int_eq(typeset_place_of(&d, SV("Worker"))->page, d.pages);
        ck_assert(sv_find(page_text(d.pdf), SV("核验码：7K3M-9QXD")) != SIZE_MAX);
    }
}

TEST(broken_templates_name_the_line)
{
    static const struct {
        const char *body, *words;
    } cases[] = {
            {"a {{b}}\n",       "line 10: no such field"   },
            {"\n{{#if x}}\n",   "not closed"               },
            {"{{/if}}\n",       "line 10: {{/if}}"         },
            {"{{x\n",           "line 10: {{ is not closed"},
            {"{{f}}\n",         "a flag cannot be printed" },
            {"{{@nonsense}}\n", "unknown directive"        },
    };
    arena_init(&arena, (size_t)64 << 20);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct typeset_template t;
        struct sv text = arena_printf(
                &arena, "---\nid: x\nversion: 1\ntitle: T\nkind: k\nfields:\n  x: text, X\n  f: flag, F\n---\n%s",
                cases[i].body);
        err = ERR_INIT;
        ck_assert(!template_parse(&arena, text, &t, &err));
        ck_assert_str_eq(err.reason, "template_broken");
        ck_assert_msg(strstr(err.msg, cases[i].words) != NULL, "%s", err.msg);
    }
    arena_done(&arena);
}

TEST(templates_are_found_by_name_and_version)
{
    struct typeset_template t;
    const struct sv *names;
    size_t n;
    arena_init(&arena, (size_t)64 << 20);
    err = ERR_INIT;
    ASSERT_OK(template_find(&arena, SV(TEMPLATE "@1"), &t, &err), err);
    ASSERT_SV(t.name, SV(TEMPLATE "@1"));
    ASSERT_SV(t.kind, SV("fixed_term"));
    ck_assert(!template_find(&arena, SV(TEMPLATE "@2"), &t, &err));
    ck_assert_str_eq(err.reason, "template_unknown");
    template_list(&arena, &names, &n);
    ck_assert_uint_ge(n, 2);
    ASSERT_OK(template_find(&arena, SV("electronic-form"), &t, &err), err);
    arena_done(&arena);
}

TEST(the_notice_as_html)
{
    struct typeset_template t;
    struct sv html;
    arena_init(&arena, (size_t)64 << 20);
    err = ERR_INIT;
    ASSERT_OK(template_find(&arena, SV("electronic-form"), &t, &err), err);
    struct typeset_field fields[] = {
            {SV("employer_name"), SV("清远<b>示例</b>公司")},
            {SV("worker_name"),   SV("张三")                   },
            {SV("platform_name"), SV("清易签")                },
            {SV("help_phone"),    SV("0763-0000000")             }
    };
    ck_assert(!template_html(&arena, &t, fields, 3, &html, &err));
    ck_assert_str_eq(err.field, "/help_phone");
    ASSERT_OK(template_html(&arena, &t, fields, 4, &html, &err), err);
    ck_assert(sv_find(html, SV("<span class=\"value\">清远&lt;b&gt;示例&lt;/b&gt;公司</span>准备")) != SIZE_MAX);
    ck_assert(sv_find(html, SV("<h3>不收费</h3>")) != SIZE_MAX);
    arena_done(&arena);
}
