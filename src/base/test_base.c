#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

TEST(sv_cut_walks_fields)
{
    struct sv s = SV("a,,b");
    ASSERT_SV(sv_cut(&s, ','), SV("a"));
    ASSERT_SV(sv_cut(&s, ','), SV(""));
    ASSERT_SV(sv_cut(&s, ','), SV("b"));
    ck_assert_uint_eq(s.n, 0);
}

TEST(sv_numbers_refuse_what_is_not_a_number)
{
    uint64_t u;
    int64_t i;
    ck_assert(sv_u64(SV("18446744073709551615"), UINT64_MAX, &u) && u == UINT64_MAX);
    ck_assert(!sv_u64(SV("18446744073709551616"), UINT64_MAX, &u));
    ck_assert(!sv_u64(SV(""), 10, &u) && !sv_u64(SV("+1"), 10, &u) && !sv_u64(SV(" 1"), 10, &u) &&
              !sv_u64(SV("11"), 10, &u));
    ck_assert(sv_i64(SV("-9223372036854775808"), INT64_MIN, INT64_MAX, &i) && i == INT64_MIN);
    ck_assert(!sv_i64(SV("-9223372036854775809"), INT64_MIN, INT64_MAX, &i) && !sv_i64(SV("-"), -1, 1, &i));
}

TEST(utf8_is_checked_strictly)
{
    static const char *const good[] = {"", "abc", "清易签", "\xF0\xA0\xAE\xB7"};
    static const struct sv bad[] = {SV_INIT("\x80"),         SV_INIT("\xC0\xAF"),
                                    SV_INIT("\xED\xA0\x80"), SV_INIT("\xF4\x90\x80\x80"),
                                    SV_INIT("\xE6\xB8"),     SV_INIT("a\0b")};
    for (size_t i = 0; i < COUNT(good); i++)
        ck_assert(sv_is_utf8(sv_from(good[i])));
    for (size_t i = 0; i + 1 < COUNT(bad); i++)
        ck_assert_msg(!sv_is_utf8(bad[i]), "case %zu", i);
    ck_assert_uint_eq(sv_chars(SV("清易签 qyq")), 7);
}

TEST(arena_keeps_its_limit)
{
    struct arena a;
    arena_init(&a, 100);
    ck_assert(arena_try(&a, 60) != NULL);
    ck_assert(arena_try(&a, 60) == NULL);
    ck_assert(arena_try(&a, 40) != NULL);
    arena_done(&a);
}

TEST(arena_is_zeroed_again_after_a_reset)
{
    struct arena a;
    arena_init(&a, 100000);
    for (int round = 0; round < 3; round++) {
        char *p = arena_alloc(&a, 3000), *q = arena_alloc(&a, 40000);
        for (size_t i = 0; i < 3000; i++)
            ck_assert_int_eq(p[i], 0);
        for (size_t i = 0; i < 40000; i++)
            ck_assert_int_eq(q[i], 0);
        memset(p, 7, 3000);
        memset(q, 7, 40000);
        arena_reset(&a);
        ck_assert_uint_eq(a.used, 0);
    }
    arena_done(&a);
}

TEST(buf_fails_once_and_for_all_at_its_maximum)
{
    struct buf b;
    buf_init(&b, 5);
    buf_add(&b, SV("abc"));
    buf_printf(&b, "%d", 12345);
    ck_assert(!buf_ok(&b));
    buf_add(&b, SV("d"));
    ASSERT_SV(buf_sv(&b), SV("abc"));
    buf_done(&b);
}

TEST(codes_round_trip_and_refuse_rubbish)
{
    struct arena a;
    arena_init(&a, 1 << 24);
    for (size_t n = 0; n < 200; n++) {
        char bytes[200];
        struct sv back;
        random_bytes(bytes, n);
        struct sv s = {bytes, n};
        ck_assert(hex_decode(&a, hex_encode(&a, s), &back) && sv_eq(s, back));
        ck_assert(base64_decode(&a, base64_encode(&a, s), &back) && sv_eq(s, back));
        ck_assert(base64url_decode(&a, base64url_encode(&a, s), &back) && sv_eq(s, back));
        ck_assert(percent_decode(&a, percent_encode(&a, s), true, &back) && sv_eq(s, back));
    }
    struct sv out;
    ck_assert(!hex_decode(&a, SV("abc"), &out) && !hex_decode(&a, SV("xy"), &out));
    ck_assert(!base64_decode(&a, SV("QQ"), &out) && !base64_decode(&a, SV("QR=="), &out));
    ck_assert(!percent_decode(&a, SV("%4"), false, &out) && !percent_decode(&a, SV("%zz"), false, &out));
    ck_assert(percent_decode(&a, SV("%41"), false, &out) && sv_eq(out, SV("A")));
    arena_done(&a);
}

TEST(ids_sort_by_time_and_differ)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    struct sv x = id_new(&a, 1000), y = id_new(&a, 1001), z = id_new(&a, 1001);
    ck_assert(id_is_valid(x) && sv_cmp(x, y) < 0 && !sv_eq(y, z));
    ck_assert(!id_is_valid(SV("01ARZ3NDEKTSV4RRFFQ69G5FAI")));
    ck_assert_uint_eq(token_new(&a).n, 43);
    arena_done(&a);
}

TEST(files_are_written_whole_and_read_within_limits)
{
    struct arena a;
    struct err e;
    const char *dir;
    struct sv back;
    arena_init(&a, 1 << 20);
    ASSERT_OK(dir_temp(&a, "qyq-test", &dir, &e), e);
    const char *sub = path_join(&a, dir, "x/y");
    ASSERT_OK(dir_make(sub, 0700, &e), e);
    const char *file = path_join(&a, sub, "f");
    ASSERT_OK(file_write(file, SV("one"), 0600, &e), e);
    ASSERT_OK(file_write(file, SV("two"), 0600, &e), e);
    ASSERT_OK(file_read(&a, file, 10, &back, &e), e);
    ASSERT_SV(back, SV("two"));
    ck_assert(!file_read(&a, file, 2, &back, &e) && e.code == ERR_TOO_LARGE);
    ASSERT_OK(dir_remove(dir, &e), e);
    ck_assert(!file_exists(dir));
    ck_assert(!file_read(&a, file, 2, &back, &e) && e.code == ERR_NOT_FOUND);
    arena_done(&a);
}

TEST(files_are_seen_before_they_get_their_name)
{
    struct arena a;
    arena_init(&a, (size_t)1 << 26);
    struct err e = ERR_INIT;
    const char *dir, *path;
    ASSERT_OK(dir_temp(&a, "qyq-test", &dir, &e), e);
    path = path_join(&a, dir, "out");
    const size_t large = (size_t)5 << 20;
    char *bytes = arena_alloc(&a, large);
    memset(bytes, 'x', large);
    for (int commit = 0; commit < 2; commit++) {
        struct file_out o;
        ASSERT_OK(file_out_open(&o, path, 0644, &e), e);
        ASSERT_OK(file_out_add(&o, sv_of(bytes, large), &e) && file_out_add(&o, SV("end"), &e), e);
        struct file_view v = {0};
        ASSERT_OK(file_view_open(&v, file_out_path(&o), large * 2, &e), e);
        ck_assert(v.mapped && v.bytes.n == large + 3 && sv_ends(v.bytes, SV("xend")));
        file_view_forget(&v, v.bytes);
        ck_assert(sv_starts(v.bytes, sv_of(bytes, large)));
        ck_assert(!file_exists(path));
        ASSERT_OK(file_view_open(&v, file_out_path(&o), large * 2, &e), e);
        file_view_done(&v);
        if (commit)
            ASSERT_OK(file_out_commit(&o, &e), e);
        file_out_done(&o);
        ck_assert(file_exists(path) == (commit == 1));
    }
    struct file_view v = {0};
    for (size_t n = 1; n < 1000; n += 300) {
        ASSERT_OK(file_write(path, sv_of(bytes, n), 0600, &e), e);
        ASSERT_OK(file_view_open(&v, path, 10000, &e), e);
        ck_assert(!v.mapped && v.bytes.n == n);
        file_view_forget(&v, v.bytes);
        ck_assert(sv_eq(v.bytes, sv_of(bytes, n)));
    }
    ck_assert(!file_view_open(&v, path, 10, &e));
    file_view_done(&v);
    ASSERT_OK(dir_remove(dir, &e), e);
    arena_done(&a);
}

TEST(files_are_not_put_in_place_of_links_and_pipes)
{
    struct arena a;
    struct err e;
    const char *dir;
    struct sv back;
    struct stat st;
    char got[8] = "";
    arena_init(&a, 1 << 20);
    ASSERT_OK(dir_temp(&a, "qyq-test", &dir, &e), e);
    const char *file = path_join(&a, dir, "file"), *link = path_join(&a, dir, "link"),
               *pipe = path_join(&a, dir, "pipe");
    ASSERT_OK(file_write(file, SV("one"), 0600, &e), e);
    ck_assert(symlink("file", link) == 0 && mkfifo(pipe, 0600) == 0);
    ASSERT_OK(file_write(link, SV("two"), 0600, &e), e);
    ASSERT_OK(file_read(&a, file, 10, &back, &e), e);
    ASSERT_SV(back, SV("two"));
    ck_assert(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));

    int fd = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ck_assert(fd >= 0);
    ASSERT_OK(file_write(pipe, SV("three"), 0600, &e), e);
    ck_assert(lstat(pipe, &st) == 0 && S_ISFIFO(st.st_mode));
    ck_assert(read(fd, got, sizeof(got)) == 5 && memcmp(got, "three", 5) == 0);
    close(fd);
    ck_assert(!file_write(dir, SV("x"), 0600, &e) && e.code == ERR_IO);
    ASSERT_OK(dir_remove(dir, &e), e);
    arena_done(&a);
}

TEST(configuration_refuses_what_it_does_not_know)
{
    struct arena a;
    struct err e;
    struct config *c;
    int64_t port;
    const char *dir;
    arena_init(&a, 1 << 20);
    ASSERT_OK(dir_temp(&a, "qyq-test", &dir, &e), e);
    const char *file = path_join(&a, dir, "q.conf");
    ASSERT_OK(file_write(file, SV("# comment\nhttp.port = 99\n\nmode= test\n"), 0600, &e), e);
    ASSERT_OK(config_load(&a, file, &c, &e), e);
    ASSERT_OK(config_int(c, "http.port", 1, 100, 5, &port, &e), e);
    ck_assert_int_eq(port, 99);
    ck_assert(!config_int(c, "http.port", 1, 50, 5, &port, &e));
    ASSERT_SV(config_text(c, "mode", "x"), SV("test"));
    ck_assert(!config_check(c, (const char *const[]){"http.port", NULL}, &e) && strstr(e.msg, "mode"));
    setenv("QYQ_HTTP_PORT", "7", 1);
    ASSERT_OK(config_int(c, "http.port", 1, 100, 5, &port, &e), e);
    ck_assert_int_eq(port, 7);
    ASSERT_OK(dir_remove(dir, &e), e);
    arena_done(&a);
}

TEST(errors_keep_the_code_and_put_causes_in_front)
{
    struct err e;
    ck_assert(!err_user(&e, ERR_GONE, "link_expired", "/token", "link %d", 3));
    ck_assert(!err_wrap(&e, "open contract %d", 7));
    ck_assert_str_eq(e.msg, "open contract 7: link 3");
    ck_assert_str_eq(e.reason, "link_expired");
    ck_assert_int_eq(err_http_status(e.code), 410);
}
