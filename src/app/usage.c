/* What is wrong with a command line, in one line. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

#include "app/commands.h"

int usage_error(const char *command, const char *fmt, ...)
{
    va_list args;
    fprintf(stderr, "qyq %s: ", command);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fprintf(stderr, " (qyq %s --help says more)\n", command);
    return EXIT_USAGE;
}

int usage_option(const char *command, int got, char **argv)
{
    const char *option = argv[optind - 1];
    if (got == ':')
        return usage_error(command, "%s needs a value", option);
    if (got == '?')
        return usage_error(command, "%s is no option, or not a clear one", option);
    if (optarg != option) /* --name=value */
        return usage_error(command, "wrong value: %s", option);
    return usage_error(command, "wrong value: %s %s", argv[optind - 2], optarg);
}
