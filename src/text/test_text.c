/* Words: both languages say the same things, and every reason an error may carry has words. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "test.h"
#include "text/text.h"

TEST(both_languages_have_the_same_keys)
{
    for (size_t i = 0; i < text_count(TEXT_ZH_CN); i++)
        ck_assert_msg(text_has(TEXT_EN, text_key_at(TEXT_ZH_CN, i)), "messages.en.txt lacks %.*s",
                      SV_ARG(text_key_at(TEXT_ZH_CN, i)));
    for (size_t i = 0; i < text_count(TEXT_EN); i++)
        ck_assert_msg(text_has(TEXT_ZH_CN, text_key_at(TEXT_EN, i)), "messages.zh-CN.txt lacks %.*s",
                      SV_ARG(text_key_at(TEXT_EN, i)));
    ck_assert_uint_gt(text_count(TEXT_EN), 30);
}

TEST(no_key_stands_twice)
{
    for (int lang = 0; lang < TEXT_LANG__N; lang++) {
        struct arena a;
        struct err e = ERR_INIT;
        struct sv text;
        size_t keys = 0;
        const char *root = getenv("QYQ_SOURCE_ROOT");
        ck_assert_msg(root != NULL, "QYQ_SOURCE_ROOT is not set");
        arena_init(&a, 1 << 24);
        struct sv path = arena_printf(&a, "%s/src/text/messages.%s.txt", root, text_lang_name((enum text_lang)lang));
        ASSERT_OK(file_read(&a, path.p, 1 << 22, &text, &e), e);
        while (text.n) {
            struct sv line = sv_trim(sv_cut(&text, '\n'));
            keys += line.n && line.p[0] != '#';
        }
        ck_assert_msg(keys == text_count((enum text_lang)lang), "%.*s: %zu lines with words, but %zu keys",
                      SV_ARG(path), keys, text_count((enum text_lang)lang));
        arena_done(&a);
    }
}

/* Counts {name} in words. */
static size_t placeholder_count(struct sv words, struct sv name)
{
    size_t n = 0;
    while (words.n) {
        sv_cut(&words, '{');
        struct sv found = words;
        n += words.n && sv_eq(sv_cut(&found, '}'), name);
    }
    return n;
}

TEST(both_languages_have_the_same_placeholders)
{
    for (size_t i = 0; i < text_count(TEXT_ZH_CN); i++) {
        struct sv key = text_key_at(TEXT_ZH_CN, i), both[] = {text_words_at(TEXT_ZH_CN, i), text_get(TEXT_EN, key)};
        for (int from = 0; from < 2; from++) {
            struct sv rest = both[from];
            for (sv_cut(&rest, '{'); rest.n; sv_cut(&rest, '{')) {
                struct sv at = rest, name = sv_cut(&at, '}');
                ck_assert_msg(placeholder_count(both[0], name) > 0 && placeholder_count(both[1], name) > 0,
                              "%.*s: {%.*s} stands in one language only", SV_ARG(key), SV_ARG(name));
            }
        }
    }
}

TEST(every_code_has_words)
{
    for (int code = 0; code < ERR__COUNT; code++) {
        char key[64];
        snprintf(key, sizeof(key), "err.code.%s", err_code_name((enum err_code)code));
        ck_assert_msg(text_has(TEXT_ZH_CN, sv_from(key)) && text_has(TEXT_EN, sv_from(key)), "%s", key);
    }
}

static bool is_reason(struct sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '_')
            return false;
    }
    return s.n > 0;
}

/* The reasons of err_user(e, CODE, "reason", …): the literals of the third argument (a ?: may hold two). */
static size_t check_file(struct arena *a, const char *path, size_t *missing)
{
    struct sv text;
    struct err e = ERR_INIT;
    size_t seen = 0;
    ASSERT_OK(file_read(a, path, 4 << 20, &text, &e), e);
    for (size_t at = sv_find(text, SV("err_user(")); at != SIZE_MAX; at = sv_find(text, SV("err_user("))) {
        text = sv_skip(text, at + 9);
        struct sv args = sv_sub(text, 0, 400);
        int depth = 0, comma = 0;
        for (size_t i = 0; i < args.n && depth >= 0 && comma < 3; i++) {
            depth += args.p[i] == '(' ? 1 : args.p[i] == ')' ? -1 : 0;
            comma += args.p[i] == ',' && depth == 0;
            if (args.p[i] != '"')
                continue;
            struct sv rest = sv_skip(args, i + 1), word = sv_cut(&rest, '"');
            i += word.n + 1;
            if (comma != 2 || !is_reason(word))
                continue;
            struct sv key = arena_concat(a, SV("err."), word);
            seen++;
            if (text_has(TEXT_ZH_CN, key) && text_has(TEXT_EN, key))
                continue;
            fprintf(stderr, "# %s: no words for %.*s\n", path, SV_ARG(key));
            ++*missing;
        }
    }
    return seen;
}

static size_t check_folder(struct arena *a, const char *path, size_t *missing)
{
    size_t seen = 0;
    DIR *d = opendir(path);
    ck_assert_msg(d != NULL, "%s", path);
    for (struct dirent *entry = readdir(d); entry; entry = readdir(d)) {
        const char *full = path_join(a, path, entry->d_name);
        struct stat st;
        if (entry->d_name[0] == '.' || stat(full, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            seen += check_folder(a, full, missing);
        else if (sv_ends(sv_from(full), SV(".c")) && !sv_starts(sv_from(entry->d_name), SV("test_")))
            seen += check_file(a, full, missing);
    }
    closedir(d);
    return seen;
}

TEST(every_reason_has_words)
{
    const char *root = getenv("QYQ_SOURCE_ROOT");
    struct arena a;
    size_t missing = 0;
    ck_assert_msg(root != NULL, "QYQ_SOURCE_ROOT is not set");
    arena_init(&a, (size_t)256 << 20);
    ck_assert_uint_gt(check_folder(&a, path_join(&a, root, "src"), &missing), 5);
    ck_assert_uint_eq(missing, 0);
    arena_done(&a);
}

TEST(errors_become_words)
{
    struct err e = ERR_INIT;
    err_user(&e, ERR_BAD_INPUT, "json_missing", "/x", "secret detail");
    ASSERT_SV(text_err(TEXT_EN, &e), text_get(TEXT_EN, SV("err.json_missing")));
    err_user(&e, ERR_CONFLICT, "no_such_reason", NULL, "secret detail");
    ASSERT_SV(text_err(TEXT_ZH_CN, &e), text_get(TEXT_ZH_CN, SV("err.code.CONFLICT")));
    err_set(&e, ERR_IO, "secret detail");
    ASSERT_SV(text_err(TEXT_EN, &e), text_get(TEXT_EN, SV("err.code.IO")));
    ASSERT_SV(text_get(TEXT_EN, SV("no.such.key")), SV("no.such.key"));
}

/* text_format takes unknown keys as words, which lets us test it without words of its own. */
TEST(parameters_are_filled_in)
{
    static const struct {
        const char *words, *want;
    } cases[] = {
            {"{a}-{b}-{a}", "1-{a}-1"},
            {"x",           "x"      },
            {"",            ""       },
            {"{c}",         "{c}"    },
            {"{",           "{"      },
            {"}",           "}"      },
            {"{a",          "{a"     },
            {"a}{a}",       "a}1"    },
            {"{}",          "{}"     },
            {"{{a}}",       "{{a}}"  },
    };
    struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < COUNT(cases); i++)
        ASSERT_SV(text_say(&a, TEXT_EN, sv_from(cases[i].words), {"a", SV("1")}, {"b", SV("{a}")}),
                  sv_from(cases[i].want));
    arena_done(&a);
}

TEST(the_wanted_language_is_found)
{
    static const struct {
        const char *header;
        enum text_lang want;
    } cases[] = {
            {"",                        TEXT_ZH_CN},
            {"fr",                      TEXT_ZH_CN},
            {"en",                      TEXT_EN   },
            {"en-GB,zh;q=0.9",          TEXT_EN   },
            {"zh-CN,zh;q=0.9,en;q=0.8", TEXT_ZH_CN},
            {"zh;q=0.1, en;q=0.2",      TEXT_EN   },
            {"en;q=0, zh;q=0.001",      TEXT_ZH_CN},
            {"fr, EN;q=0.5",            TEXT_EN   },
            {"en;q=0.99999;x=y",        TEXT_EN   },
            {",,;q=;;=,",               TEXT_ZH_CN},
    };
    enum text_lang lang;
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(text_lang_accept(sv_from(cases[i].header)) == cases[i].want, "%s", cases[i].header);
    ck_assert(text_lang_parse(SV("zh-Hans-CN"), &lang) && lang == TEXT_ZH_CN);
    ck_assert(!text_lang_parse(SV("enx"), &lang));
    ck_assert_str_eq(text_lang_name(TEXT_ZH_CN), "zh-CN");
}
