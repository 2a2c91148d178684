/* Bugs end the program: the supervisor starts it again, and durable work goes on from its last committed step. */
#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"

void must_failed(const char *expr, const char *file, int line)
{
    fprintf(stderr, "bug: %s:%d: %s\n", file, line, expr);
    abort();
}
