/* qyq: one binary, one thin file a command. Exit codes shared by all commands: 64 wrong usage, 74 input/output failure;
 * the others are said in each command's file. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
    const char *summary;
} commands[] = {
#define X(name, summary) {#name, cmd_##name, summary},
        APP_COMMANDS(X)
#undef X
};

static int usage(FILE *to, int code)
{
    fputs("usage: qyq COMMAND [OPTION…]\n\ncommands (qyq COMMAND --help says more):\n", to);
    for (size_t i = 0; i < COUNT(commands); i++)
        fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].summary);
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr, EXIT_USAGE);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return usage(stdout, 0);
    if (strcmp(argv[1], "--version") == 0)
        return printf("qyq %s\n", QYQ_VERSION) < 0;
    for (size_t i = 0; i < COUNT(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "qyq: no command \"%s\" (qyq --help lists them)\n", argv[1]);
    return EXIT_USAGE;
}
