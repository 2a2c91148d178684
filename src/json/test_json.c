#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "json/json.h"

enum colour { COLOUR_NONE, COLOUR_RED, COLOUR_BLUE };
static const char *const colour_names[] = {NULL, "red", "blue"};
static const char *const kinds[] = {"fixed", "open"};

struct signer {
    struct sv name, phone;
};
static const struct json_field signer_rows[] = {
        JSON_TEXT(struct signer, name, .min = 1, .max = 3),
        JSON_TEXT(struct signer, phone, .max = 11, .optional = true),
        JSON_END,
};
static const struct json_schema signer_schema = JSON_SCHEMA("Signer", struct signer, signer_rows);

struct thing {
    struct sv title, kind, bytes;
    int64_t wage, count, at;
    bool count_set, yes;
    double rate;
    struct date start;
    enum colour colour;
    struct signer first, *second;
    struct signer *signers;
    size_t signers_n;
    struct sv *tags;
    size_t tags_n;
    int64_t *numbers;
    size_t numbers_n;
    const struct json_value *extra;
};
static const struct json_field thing_rows[] = {
        JSON_TEXT(struct thing, title, .min = 1, .max = 5, .about = "A name"),
        JSON_CHOICE(struct thing, kind, kinds, .optional = true),
        JSON_BYTES(struct thing, bytes, .max = 4, .optional = true),
        JSON_INT(struct thing, wage, .min = 1, .max = 100),
        JSON_INT(struct thing, count, JSON_SET(struct thing, count)),
        JSON_TIME(struct thing, at, .optional = true),
        JSON_BOOL(struct thing, yes, .optional = true),
        JSON_REAL(struct thing, rate, .optional = true),
        JSON_DATE(struct thing, start, .optional = true, .nullable = true),
        JSON_ENUM(struct thing, colour, colour_names, .optional = true),
        JSON_OBJECT(struct thing, first, &signer_schema, .optional = true),
        JSON_POINTER(struct thing, second, &signer_schema, .optional = true),
        JSON_ARRAY(struct thing, signers, &signer_schema, .max = 2, .optional = true),
        JSON_TEXTS(struct thing, tags, .max = 3, .item_max = 2, .optional = true),
        JSON_INTS(struct thing, numbers, .optional = true, .as = "nums"),
        JSON_VALUE(struct thing, extra, .optional = true),
        JSON_END,
};
static const struct json_schema thing_schema = JSON_SCHEMA("Thing", struct thing, thing_rows);

TEST(a_full_struct_comes_back_the_same)
{
    struct sv text = SV("{\"title\":\"劳动合同\",\"kind\":\"open\",\"bytes\":\"AAH/\",\"wage\":100,\"count\":0,"
                        "\"at\":\"2026-03-01T08:00:00Z\",\"yes\":true,\"rate\":0.1,\"start\":\"2026-03-01\","
                        "\"colour\":\"blue\",\"first\":{\"name\":\"\\\"\\\\\\n\"},"
                        "\"second\":{\"name\":\"李\",\"phone\":\"1\"},\"signers\":[{\"name\":\"a\"},{\"name\":\"b\"}],"
                        "\"tags\":[\"x\",\"yy\"],\"nums\":[-1,9223372036854775807],"
                        "\"extra\":{\"z\":[1,null,true,\"😀\",2.5],\"a\":{}}}");
    struct arena a;
    struct err e = ERR_INIT;
    struct thing t;
    arena_init(&a, 1 << 20);
    ASSERT_OK(json_decode(&a, text, &thing_schema, &t, &e), e);
    ASSERT_SV(t.title, SV("劳动合同"));
    ASSERT_SV(t.bytes, SV("\0\1\377"));
    ck_assert_int_eq(t.at, 1772352000000);
    ck_assert_int_eq(t.colour, COLOUR_BLUE);
    ck_assert(t.count_set && t.yes && t.second);
    ASSERT_SV(t.first.name, SV("\"\\\n"));
    ck_assert_uint_eq(t.signers_n, 2);
    ASSERT_SV(t.signers[1].name, SV("b"));
    ck_assert_int_eq(t.numbers[1], INT64_MAX);
    ASSERT_SV(json_text_of(json_find(t.extra, SV("/z/3"))), SV("😀"));
    ASSERT_SV(json_encode(&a, &thing_schema, &t), text);
    arena_done(&a);
}

TEST(absent_members_stay_absent)
{
    struct arena a;
    struct err e = ERR_INIT;
    struct thing t;
    arena_init(&a, 1 << 20);
    ASSERT_OK(json_decode(&a, SV(" { \"wage\" : 1, \"title\":\"t\", \"tags\":null } "), &thing_schema, &t, &e), e);
    ck_assert(!t.count_set && !t.second && !t.tags && t.tags_n == 0);
    ASSERT_SV(json_encode(&a, &thing_schema, &t),
              SV("{\"title\":\"t\",\"wage\":1,\"yes\":false,\"rate\":0.0,\"start\":null,\"first\":{\"name\":\"\"}}"));
    arena_done(&a);
}

TEST(every_error_has_its_reason_and_place)
{
    /* clang-format off */
    static const struct {
        const char *text, *reason, *field;
    } cases[] = {
            {"", "json_syntax", ""},
            {"{", "json_syntax", ""},
            {"{}x", "json_syntax", ""},
            {"{'a':1}", "json_syntax", ""},
            {"{\"title\":\"\\u0000\",\"wage\":1}", "json_syntax", ""},
            {"{\"title\":\"\\ud800\",\"wage\":1}", "json_syntax", ""},
            {"{\"title\":\"a\"\"b\",\"wage\":01}", "json_syntax", ""},
            {"{\"title\":\"t\",\"wage\":1,\"title\":\"t\"}", "json_duplicate", ""},
            {"{\"title\":\"t\",\"wage\":1,\"first\":{\"name\":\"a\",\"name\":\"b\"}}", "json_duplicate", ""},
            {"{\"title\":\"t\",\"wage\":99999999999999999999}", "json_range", ""},
            {"[]", "json_type", ""},
            {"\"x\"", "json_type", ""},
            {"{\"title\":\"t\"}", "json_missing", "/wage"},
            {"{\"title\":null,\"wage\":1}", "json_type", "/title"},
            {"{\"title\":\"t\",\"wage\":1,\"x/~y\":1}", "json_unknown_field", "/x~1~0y"},
            {"{\"title\":\"t\",\"wage\":\"1\"}", "json_type", "/wage"},
            {"{\"title\":\"t\",\"wage\":1.0}", "json_type", "/wage"},
            {"{\"title\":\"t\",\"wage\":0}", "json_range", "/wage"},
            {"{\"title\":\"t\",\"wage\":101}", "json_range", "/wage"},
            {"{\"title\":\"\",\"wage\":1}", "json_too_short", "/title"},
            {"{\"title\":\"一二三四五六\",\"wage\":1}", "json_too_long", "/title"},
            {"{\"title\":\"t\",\"wage\":1,\"kind\":\"other\"}", "json_choice", "/kind"},
            {"{\"title\":\"t\",\"wage\":1,\"colour\":\"green\"}", "json_choice", "/colour"},
            {"{\"title\":\"t\",\"wage\":1,\"start\":\"2026-02-29\"}", "json_bad_date", "/start"},
            {"{\"title\":\"t\",\"wage\":1,\"at\":\"yesterday\"}", "json_bad_time", "/at"},
            {"{\"title\":\"t\",\"wage\":1,\"bytes\":\"?\"}", "json_bad_base64", "/bytes"},
            {"{\"title\":\"t\",\"wage\":1,\"bytes\":\"AAAAAAA=\"}", "json_too_long", "/bytes"},
            {"{\"title\":\"t\",\"wage\":1,\"yes\":1}", "json_type", "/yes"},
            {"{\"title\":\"t\",\"wage\":1,\"rate\":\"1\"}", "json_type", "/rate"},
            {"{\"title\":\"t\",\"wage\":1,\"first\":[]}", "json_type", "/first"},
            {"{\"title\":\"t\",\"wage\":1,\"second\":{}}", "json_missing", "/second/name"},
            {"{\"title\":\"t\",\"wage\":1,\"signers\":[{\"name\":\"a\"},{\"name\":\"abcd\"}]}", "json_too_long",
             "/signers/1/name"},
            {"{\"title\":\"t\",\"wage\":1,\"signers\":[{\"name\":\"a\"},{\"name\":\"a\"},{\"name\":\"a\"}]}",
             "json_too_long", "/signers"},
            {"{\"title\":\"t\",\"wage\":1,\"tags\":[\"a\",2]}", "json_type", "/tags/1"},
            {"{\"title\":\"t\",\"wage\":1,\"tags\":[\"abc\"]}", "json_too_long", "/tags/0"},
            {"{\"title\":\"t\",\"wage\":1,\"nums\":[true]}", "json_type", "/nums/0"},
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena a;
        struct err e = ERR_INIT;
        struct thing t;
        arena_init(&a, 1 << 20);
        ck_assert_msg(!json_decode(&a, sv_from(cases[i].text), &thing_schema, &t, &e), "%s", cases[i].text);
        ck_assert_int_eq(e.code, ERR_BAD_INPUT);
        ck_assert_msg(strcmp(e.reason, cases[i].reason) == 0, "%s: %s", cases[i].text, e.reason);
        ck_assert_msg(strcmp(e.field, cases[i].field) == 0, "%s: %s", cases[i].text, e.field);
        arena_done(&a);
    }
}

static struct sv repeat(struct arena *a, const char *piece, size_t n)
{
    struct buf b;
    buf_init(&b, 1 << 24);
    for (size_t i = 0; i < n; i++)
        buf_add(&b, sv_from(piece));
    return buf_to_arena(&b, a);
}

TEST(limits_hold)
{
    struct arena a;
    struct err e = ERR_INIT;
    const struct json_value *v;
    arena_init(&a, (size_t)256 << 20);
    ck_assert(!json_read(&a, SV("\"\xff\""), 100, &v, &e));
    ck_assert_str_eq(e.reason, "json_not_utf8");
    ck_assert(!json_read(&a, SV("[1,2]"), 4, &v, &e));
    ck_assert_str_eq(e.reason, "json_too_large");
    ck_assert_int_eq(e.code, ERR_TOO_LARGE);
    ck_assert(!json_read(&a, repeat(&a, "[", 200000), 1 << 20, &v, &e));
    ck_assert_str_eq(e.reason, "json_too_deep");
    struct sv deep = arena_concat(&a, repeat(&a, "[", JSON_DEPTH_LIMIT), repeat(&a, "]", JSON_DEPTH_LIMIT));
    ASSERT_OK(json_read(&a, deep, 1 << 20, &v, &e), e);
    ASSERT_OK(json_read(&a, SV("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\""), 1 << 20, &v, &e), e);
    struct sv many = arena_concat(&a, arena_concat(&a, SV("["), repeat(&a, "0,", 1000001)), SV("0]"));
    ck_assert(!json_read(&a, many, 1 << 24, &v, &e));
    ck_assert_str_eq(e.reason, "json_too_large");
    arena_done(&a);
}

TEST(a_long_unknown_key_is_cut_but_named)
{
    struct arena a;
    struct err e = ERR_INIT;
    struct thing t;
    arena_init(&a, 1 << 20);
    struct sv text = arena_printf(&a, "{\"%.*s\":1}", SV_ARG(repeat(&a, "键", 200)));
    ck_assert(!json_decode(&a, text, &thing_schema, &t, &e));
    ck_assert_str_eq(e.reason, "json_unknown_field");
    ck_assert(strncmp(e.field, "/键键", 7) == 0);
    arena_done(&a);
}

TEST(pointers_find_their_value)
{
    struct arena a;
    struct err e = ERR_INIT;
    const struct json_value *v;
    int64_t n = 0;
    arena_init(&a, 1 << 20);
    ASSERT_OK(json_read(&a, SV("{\"a/b\":{\"~\":[10,20]},\"\":7,\"s\":\"t\",\"y\":true}"), 1000, &v, &e), e);
    ck_assert(json_int_of(json_find(v, SV("/a~1b/~0/1")), &n) && n == 20);
    ck_assert(json_int_of(json_find(v, SV("/")), &n) && n == 7);
    ck_assert_ptr_eq(json_find(v, SV("")), v);
    ck_assert_ptr_null(json_find(v, SV("/a~1b/~0/2")));
    ck_assert_ptr_null(json_find(v, SV("/a~1b/~0/x/y")));
    ck_assert_ptr_null(json_find(v, SV("a")));
    ck_assert_ptr_null(json_get(json_get(v, SV("none")), SV("x")));
    ASSERT_SV(json_get_text(v, SV("s")), SV("t"));
    ck_assert(json_get_bool(v, SV("y"), false) && json_get_bool(v, SV("n"), true));
    ck_assert_uint_eq(json_count(v), 4);
    ck_assert_ptr_null(json_at(NULL, 0));
    ck_assert(!json_get_int(v, SV("s"), &n));
    arena_done(&a);
}

TEST(the_writer_escapes_and_repairs)
{
    struct buf b;
    struct json_out o;
    buf_init(&b, 1000);
    json_out_init(&o, &b);
    json_begin_object(&o);
    json_kv_text(&o, "t", SV("a\x01\"\\\n\t\x7f/"));
    json_kv_text(&o, "bad",
                 SV("x\xff\xe4\xbd"
                    "y你"));
    json_key(&o, SV("list"));
    json_begin_array(&o);
    json_put_int(&o, INT64_MIN);
    json_put_bool(&o, false);
    json_put_null(&o);
    json_put_real(&o, 0.1);
    json_put_real(&o, 1e300 * 1e300);
    json_put_text(&o, (struct sv){0});
    json_end_array(&o);
    json_kv_null(&o, "n");
    json_end_object(&o);
    ASSERT_SV(buf_sv(&b),
              SV("{\"t\":\"a\\u0001\\\"\\\\\\n\\t\\u007f/\",\"bad\":\"x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy你\","
                 "\"list\":[-9223372036854775808,false,null,0.1,null,\"\"],\"n\":null}"));
    buf_done(&b);
}

/* print(parse(x)) = x for canonical x made at random. */
static void make_value(struct json_out *o, unsigned *seed, int depth)
{
    int pick = rand_r(seed) % (depth > 4 ? 5 : 7);
    if (pick == 0)
        json_put_null(o);
    else if (pick == 1)
        json_put_bool(o, rand_r(seed) % 2);
    else if (pick == 2)
        json_put_int(o, (int64_t)rand_r(seed) * rand_r(seed) - rand_r(seed));
    else if (pick == 3)
        json_put_real(o, (double)rand_r(seed) / 7);
    else if (pick == 4)
        json_put_text(o, rand_r(seed) % 2 ? SV("合同\r\n\"x\"") : SV(""));
    else if (pick == 5) {
        json_begin_array(o);
        for (int n = rand_r(seed) % 4; n > 0; n--)
            make_value(o, seed, depth + 1);
        json_end_array(o);
    } else {
        json_begin_object(o);
        for (int n = rand_r(seed) % 4; n > 0; n--) {
            char key[] = {(char)('a' + n), 0};
            json_key(o, sv_from(key));
            make_value(o, seed, depth + 1);
        }
        json_end_object(o);
    }
}

TEST(printed_trees_read_back)
{
    for (unsigned start = 1; start <= 300; start++) {
        struct arena a;
        struct err e = ERR_INIT;
        struct buf b;
        struct json_out o;
        const struct json_value *v;
        unsigned seed = start;
        arena_init(&a, 1 << 24);
        buf_init(&b, 1 << 20);
        json_out_init(&o, &b);
        make_value(&o, &seed, 0);
        ck_assert_msg(json_read(&a, buf_sv(&b), 1 << 20, &v, &e), "seed %u: %s", start, e.msg);
        ASSERT_SV(json_encode_value(&a, v), buf_sv(&b));
        buf_done(&b);
        arena_done(&a);
    }
}

static void count(void *ctx, const struct json_schema *s)
{
    *(int *)ctx += s == &signer_schema ? 10 : 1;
}

TEST(the_schema_prints_itself)
{
    struct arena a;
    struct err e = ERR_INIT;
    struct buf b;
    struct json_out o;
    const struct json_value *v;
    int64_t n = 0;
    int seen = 0;
    arena_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    json_out_init(&o, &b);
    json_put_schema(&o, &thing_schema, "#/components/schemas/");
    ASSERT_OK(json_read(&a, buf_sv(&b), 1 << 20, &v, &e), e);
    ASSERT_SV(json_get_text(v, SV("type")), SV("object"));
    ck_assert_uint_eq(json_count(json_get(v, SV("required"))), 2);
    ck_assert_uint_eq(json_count(json_get(v, SV("properties"))), COUNT(thing_rows) - 1);
    ASSERT_SV(json_text_of(json_find(v, SV("/properties/first/$ref"))), SV("#/components/schemas/Signer"));
    ASSERT_SV(json_text_of(json_find(v, SV("/properties/signers/items/$ref"))), SV("#/components/schemas/Signer"));
    ck_assert(json_int_of(json_find(v, SV("/properties/title/maxLength")), &n) && n == 5);
    ck_assert_uint_eq(json_count(json_find(v, SV("/properties/colour/enum"))), 2);
    ck_assert(json_get_bool(json_find(v, SV("/properties/start")), SV("nullable"), false));
    ck_assert_ptr_nonnull(json_find(v, SV("/properties/nums")));
    json_walk_schema(&thing_schema, count, &seen);
    ck_assert_int_eq(seen, 31);
    buf_done(&b);
    arena_done(&a);
}

struct coats {
    struct sv *list;
    size_t list_n;
};

TEST(texts_may_be_limited_to_names)
{
    static const struct json_field rows[] = {
            JSON_TEXTS(struct coats, list, .max = 3, .names = kinds, .names_n = COUNT(kinds)),
            JSON_END,
    };
    static const struct json_schema schema = JSON_SCHEMA("Coats", struct coats, rows);
    struct arena a;
    struct coats c;
    struct err e = ERR_INIT;
    CLEANUP(buf_done) struct buf b = {0};
    struct json_out o;
    arena_init(&a, 1 << 20);
    struct sv good = arena_printf(&a, "{\"list\":[\"%s\"]}", kinds[0]);
    ASSERT_OK(json_decode(&a, good, &schema, &c, &e), e);
    ck_assert_uint_eq(c.list_n, 1);
    ASSERT_SV(c.list[0], sv_from(kinds[0]));
    ASSERT_SV(json_encode(&a, &schema, &c), good);
    ck_assert(!json_decode(&a, arena_printf(&a, "{\"list\":[\"%s\",\"none\"]}", kinds[0]), &schema, &c, &e));
    ck_assert_str_eq(e.reason, "json_choice");
    ck_assert_str_eq(e.field, "/list/1");
    buf_init(&b, 1 << 16);
    json_out_init(&o, &b);
    json_put_schema(&o, &schema, NULL);
    ck_assert(sv_find(buf_sv(&b), SV("\"items\":{\"type\":\"string\",\"enum\":[")) != SIZE_MAX);
    arena_done(&a);
}
