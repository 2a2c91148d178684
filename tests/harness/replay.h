/* Replays the committed corpus of a fuzz target, so that what fuzzing found once stays found: in every build, and under
 * the sanitizers where there are some. Also the place where a target's seeds are written when QYQ_FUZZ_SEEDS names a
 * folder (tests/fuzz/make.sh). */
#ifndef TEST_REPLAY_H
#define TEST_REPLAY_H

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "test.h"

/* One input may take this long, under sanitizers too (libFuzzer is run with the same limit). */
#define REPLAY_MS 3000

UNUSED static void replay_one(int (*entry)(const uint8_t *, size_t), struct sv bytes, const char *name)
{
    uint8_t *exact = malloc(bytes.n ? bytes.n : 1); /* so that a sanitizer sees one byte too far */
    ck_assert_ptr_nonnull(exact);
    if (bytes.n)
        memcpy(exact, bytes.p, bytes.n);
    int64_t started = clock_monotonic_us();
    entry(exact, bytes.n);
    int64_t took = (clock_monotonic_us() - started) / 1000;
    ck_assert_msg(took < REPLAY_MS, "%s took %lld ms", name, (long long)took);
    free(exact);
}

/* Every file of tests/fuzz/<target>; there must be some. */
UNUSED static void replay(const char *target, int (*entry)(const uint8_t *, size_t))
{
    struct arena a;
    struct err e = ERR_INIT;
    arena_init(&a, (size_t)64 << 20);
    const char *root = getenv("QYQ_SOURCE_ROOT");
    const char *dir = path_join(&a, path_join(&a, root ? root : ".", "tests/fuzz"), target);
    DIR *d = opendir(dir);
    ck_assert_msg(d != NULL, "no corpus in %s", dir);
    size_t n = 0;
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        struct sv bytes;
        if (f->d_name[0] == '.')
            continue;
        ASSERT_OK(file_read(&a, path_join(&a, dir, f->d_name), (size_t)1 << 20, &bytes, &e), e);
        replay_one(entry, bytes, f->d_name);
        n++;
    }
    closedir(d);
    ck_assert_msg(n > 0, "no corpus in %s", dir);
    arena_done(&a);
}

/* Writes a seed of a target; false when nobody asked for seeds. */
UNUSED static bool replay_seed(struct arena *a, const char *target, const char *name, struct sv bytes)
{
    struct err e = ERR_INIT;
    const char *to = getenv("QYQ_FUZZ_SEEDS");
    if (!to)
        return false;
    const char *dir = path_join(a, to, target);
    mkdir(dir, 0777);
    ASSERT_OK(file_write(path_join(a, dir, name), bytes, 0666, &e), e);
    return true;
}

#endif
