#include "typeset/test_engine.h"

#include "test.h"

static struct typeset *engine;

static void open_engine(void)
{
    struct err e;
    must(typeset_new(NULL, &engine, &e));
}

__attribute__((constructor)) static void ask_for_it(void)
{
    test_before(open_engine);
}

struct typeset *test_engine(void)
{
    return engine;
}
