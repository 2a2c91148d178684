/* Unit tests on Check: each TEST runs in a process of its own, registers itself, and belongs to the program it is linked into.
 *
 *   TEST(sv_cut_takes_the_first) { struct sv s = SV("a,b"); ck_assert(sv_eq(sv_cut(&s, ','), SV("a"))); }
 */
#ifndef TEST_H
#define TEST_H

#include <check.h>

#include "base/base.h"

void test_register(const TTest *test);
/* For what is dear to make and safe to share: fn runs once, before the tests' processes part from this one. Call it from a
 * constructor. */
void test_before(void (*fn)(void));

#define TEST(name)                                                                                 \
    static void name##_body(void);                                                                 \
    static void name##_run(int i UNUSED)                                                           \
    {                                                                                              \
        name##_body();                                                                             \
    }                                                                                              \
    static const TTest name##_test = {#name, name##_run, __FILE__, __LINE__};                      \
    __attribute__((constructor)) static void name##_register(void)                                 \
    {                                                                                              \
        test_register(&name##_test);                                                               \
    }                                                                                              \
    static void name##_body(void)

#define ASSERT_SV(got, want)                                                                       \
    do {                                                                                           \
        struct sv got_ = (got), want_ = (want);                                                    \
        ck_assert_msg(sv_eq(got_, want_), "got \"%.*s\", want \"%.*s\"", SV_ARG(got_),             \
                      SV_ARG(want_));                                                              \
    } while (0)
/* For calls that must succeed: prints the error. */
#define ASSERT_OK(call, e) ck_assert_msg((call), "%s: %s", #call, (e).msg)

#endif
