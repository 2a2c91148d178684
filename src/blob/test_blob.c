#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blob/blob.h"
#include "test.h"

struct fixture {
    struct arena a;
    const char *root;
    struct secret *key;
    struct blob_store *s;
    struct err e;
};

static void open_store(struct fixture *f)
{
    ASSERT_OK(blob_open_folder(f->root, f->key, &f->s, &f->e), f->e);
}

static struct fixture begin(void)
{
    struct fixture f = {0};
    arena_init(&f.a, (size_t)256 << 20);
    ASSERT_OK(dir_temp(&f.a, "qyq-blob", &f.root, &f.e), f.e);
    f.key = secret_new(SV("0123456789abcdef0123456789abcdef"));
    open_store(&f);
    return f;
}

static void end(struct fixture *f)
{
    blob_close(f->s);
    secret_free(f->key);
    ASSERT_OK(dir_remove(f->root, &f->e), f->e);
    arena_done(&f->a);
}

static const char *path_of(struct fixture *f, const char *kind, struct sv id)
{
    return arena_printf(&f->a, "%s/%s/%.2s/%.*s", f->root, kind, id.p, SV_ARG(id)).p;
}

static struct sv put(struct fixture *f, struct sv bytes)
{
    struct sv id;
    ASSERT_OK(blob_put(f->s, &f->a, bytes, &id, &f->e), f->e);
    return id;
}

static void expect_get(struct fixture *f, struct sv id, enum err_code code, const char *reason)
{
    struct sv got;
    struct err e = ERR_INIT;
    bool ok = blob_get(f->s, &f->a, id, &got, &e);
    ck_assert_msg(ok == (code == ERR_NONE), "%s", e.msg);
    ck_assert_int_eq(e.code, code);
    ck_assert_str_eq(e.reason, reason);
}

#define ABC_ID "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* FIPS 180-4 example */

TEST(what_is_put_comes_back)
{
    struct fixture f = begin();
    struct sv got;
    struct blob_info info;
    bool exists;
    struct sv id = put(&f, SV("abc"));
    ASSERT_SV(id, SV(ABC_ID));
    ASSERT_SV(put(&f, SV("abc")), id);
    ASSERT_OK(blob_get(f.s, &f.a, id, &got, &f.e), f.e);
    ASSERT_SV(got, SV("abc"));
    ASSERT_OK(blob_stat(f.s, id, &info, &f.e), f.e);
    ck_assert_uint_eq(info.size, 3);
    ASSERT_OK(blob_exists(f.s, id, &exists, &f.e), f.e);
    ck_assert(exists);
    id = put(&f, SV(""));
    ASSERT_OK(blob_get(f.s, &f.a, id, &got, &f.e), f.e);
    ck_assert_uint_eq(got.n, 0);
    end(&f);
}

TEST(it_survives_a_restart_and_needs_the_key)
{
    struct fixture f = begin();
    struct sv id = put(&f, SV("abc"));
    blob_close(f.s);
    open_store(&f);
    expect_get(&f, id, ERR_NONE, "");
    blob_close(f.s);
    struct secret *right = f.key;
    f.key = secret_new(SV("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
    open_store(&f);
    expect_get(&f, id, ERR_CORRUPT, "blob_corrupt");
    secret_free(right);
    end(&f);
}

TEST(nothing_readable_lies_on_disk)
{
    struct fixture f = begin();
    struct sv sealed, text = SV("姓名 张三 110101");
    struct sv id = put(&f, text);
    ASSERT_OK(file_read(&f.a, path_of(&f, "data", id), 1 << 20, &sealed, &f.e), f.e);
    ck_assert_uint_eq(sealed.n, text.n + SEAL_OVERHEAD);
    ck_assert_uint_eq(sv_find(sealed, SV("张三")), SIZE_MAX);
    end(&f);
}

TEST(unknown_and_impossible_names)
{
    static const char *const names[] = {"",
                                        "abc",
                                        "../../../../etc/passwd",
                                        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a/",
                                        ABC_ID};
    struct fixture f = begin();
    bool exists;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct err e = ERR_INIT;
        expect_get(&f, sv_from(names[i]), ERR_NOT_FOUND, "blob_not_found");
        ck_assert(!blob_dispose(f.s, sv_from(names[i]), &e));
        ck_assert_int_eq(e.code, ERR_NOT_FOUND);
        ASSERT_OK(blob_exists(f.s, sv_from(names[i]), &exists, &f.e), f.e);
        ck_assert(!exists);
    }
    end(&f);
}

/* A flipped bit anywhere, a cut, an exchange of two documents: found; and the next put of the good bytes heals it. */
TEST(damage_is_found_and_healed)
{
    struct fixture f = begin();
    struct sv id = put(&f, SV("abc")), other = put(&f, SV("abd")), whole;
    static const char *const kinds[] = {"data", "keys"};
    for (size_t k = 0; k < COUNT(kinds); k++) {
        const char *path = path_of(&f, kinds[k], id);
        ASSERT_OK(file_read(&f.a, path, 1 << 20, &whole, &f.e), f.e);
        for (size_t at = 0; at <= whole.n; at++) {
            struct sv bad = arena_sv(&f.a, whole);
            if (at < whole.n)
                ((char *)(uintptr_t)bad.p)[at] ^= 1;
            else
                bad.n--;
            ASSERT_OK(file_write(path, bad, 0600, &f.e), f.e);
            expect_get(&f, id, ERR_CORRUPT, "blob_corrupt");
        }
        struct sv swapped;
        ASSERT_OK(file_read(&f.a, path_of(&f, kinds[k], other), 1 << 20, &swapped, &f.e), f.e);
        ASSERT_OK(file_write(path, swapped, 0600, &f.e), f.e);
        expect_get(&f, id, ERR_CORRUPT, "blob_corrupt");
        put(&f, SV("abc"));
        expect_get(&f, id, ERR_NONE, "");
    }
    end(&f);
}

TEST(disposed_is_gone_for_ever)
{
    struct fixture f = begin();
    bool exists;
    struct sv sealed, id = put(&f, SV("abc")), keep = put(&f, SV("abd"));
    ASSERT_OK(file_read(&f.a, path_of(&f, "data", id), 1 << 20, &sealed, &f.e), f.e);
    ASSERT_OK(blob_dispose(f.s, id, &f.e), f.e);
    expect_get(&f, id, ERR_GONE, "blob_disposed");
    ASSERT_OK(blob_exists(f.s, id, &exists, &f.e), f.e);
    ck_assert(!exists && !file_exists(path_of(&f, "keys", id)));
    ASSERT_OK(blob_dispose(f.s, id, &f.e), f.e);
    /* sealed bytes from a backup do not bring it back */
    ASSERT_OK(file_write(path_of(&f, "data", id), sealed, 0600, &f.e), f.e);
    expect_get(&f, id, ERR_GONE, "blob_disposed");
    expect_get(&f, keep, ERR_NONE, "");
    /* but the same bytes may be handed in anew */
    put(&f, SV("abc"));
    expect_get(&f, id, ERR_NONE, "");
    end(&f);
}

TEST(too_large_is_refused)
{
    struct fixture f = begin();
    struct err e = ERR_INIT;
    struct sv id;
    ck_assert(!blob_put(f.s, &f.a, (struct sv){"", BLOB_LIMIT + 1}, &id, &e));
    ck_assert_int_eq(e.code, ERR_TOO_LARGE);
    end(&f);
}

/* Each changing step fails, or the process dies there: afterwards the document is whole or not there, and the retry
 * works. */
TEST(every_step_may_fail)
{
    for (int kill = 0; kill < 2; kill++) {
        bool reached_end = false;
        for (int n = 1; !reached_end; n++) {
            struct fixture f = begin();
            struct err e = ERR_INIT;
            struct sv id, got;
            char fault[40];
            int status;
            snprintf(fault, sizeof(fault), "%d%s", n, kill ? ":kill" : "");
            pid_t child = fork();
            if (child == 0) {
                blob_close(f.s);
                open_store(&f);
                ASSERT_OK(blob_set_fault(f.s, sv_from(fault), &e), e);
                bool ok = blob_put(f.s, &f.a, SV("abc"), &id, &e);
                _exit(ok ? 0 : 1);
            }
            ck_assert_int_eq(waitpid(child, &status, 0), child);
            reached_end = WEXITSTATUS(status) == 0;
            ck_assert_int_eq(WEXITSTATUS(status), reached_end ? 0 : kill ? 99 : 1);
            if (blob_get(f.s, &f.a, SV(ABC_ID), &got, &e))
                ASSERT_SV(got, SV("abc"));
            else
                ck_assert_int_eq(e.code, ERR_NOT_FOUND);
            put(&f, SV("abc"));
            expect_get(&f, SV(ABC_ID), ERR_NONE, "");
            ck_assert_int_lt(n, 20);
            ck_assert(reached_end ? n > 2 : true);
            end(&f);
        }
    }
}

struct race {
    struct blob_store *s;
    int failures;
};

static void *put_many(void *ctx)
{
    struct race *r = ctx;
    for (int i = 0; i < 20; i++) {
        struct arena a;
        struct err e = ERR_INIT;
        struct sv id, got;
        arena_init(&a, 1 << 20);
        struct sv bytes = arena_printf(&a, "document %d", i);
        if (!blob_put(r->s, &a, bytes, &id, &e) || !blob_get(r->s, &a, id, &got, &e) || !sv_eq(got, bytes))
            r->failures++;
        arena_done(&a);
    }
    return NULL;
}

TEST(many_may_put_the_same_at_once)
{
    pthread_t threads[4];
    struct race races[4];
    struct fixture f = begin();
    for (size_t i = 0; i < COUNT(threads); i++) {
        races[i] = (struct race){f.s, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, put_many, &races[i]), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(races[i].failures, 0);
    }
    end(&f);
}
