/* qyq version: what is running, for a bug report. */
#include <stdio.h>

#include "app/commands.h"

int cmd_version(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        fputs("usage: qyq version\n", stderr);
        return EXIT_USAGE;
    }
    printf("qyq %s\ncompiler %s\n", QYQ_VERSION, __VERSION__);
    return 0;
}
