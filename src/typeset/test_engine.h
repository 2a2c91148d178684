/* One layout engine for all tests of the room: opening it reads the fonts, which takes half a second each time. */
#ifndef TYPESET_TEST_ENGINE_H
#define TYPESET_TEST_ENGINE_H

#include "typeset/typeset.h"

/* Never to be freed. */
struct typeset *test_engine(void);

#endif
