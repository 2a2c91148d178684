/* Runs the registered tests and prints TAP. Arguments: names of tests to run (all, when none is given). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#define MOST_TESTS   1000
#define TEST_SECONDS 60

static const TTest *tests[MOST_TESTS];
static size_t tests_n;
static void (*before)(void);

void test_register(const TTest *test)
{
    must(tests_n < MOST_TESTS);
    tests[tests_n++] = test;
}

void test_before(void (*fn)(void))
{
    must(before == NULL);
    before = fn;
}

static bool wanted(const TTest *test, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], test->name) == 0)
            return true;
    }
    return argc == 1;
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("tests");
    if (before)
        before();
    for (size_t i = 0; i < tests_n; i++) {
        if (!wanted(tests[i], argc, argv))
            continue;
        TCase *tcase = tcase_create(tests[i]->name);
        tcase_set_timeout(tcase, TEST_SECONDS);
        tcase_add_test(tcase, tests[i]);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
