/* The commands: a row here and a file cmd_<name>.c with "int cmd_<name>(int argc, char **argv)" are all a command
 * needs. */
#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include "base/base.h"

#define EXIT_USAGE 64
#define EXIT_IO    74

#define APP_COMMANDS(X)                                                                                                \
    X(check, "what the labour law says to a contract's data")                                                          \
    X(render, "contract data and a template become the unsigned contract as PDF")                                      \
    X(renew, "add validation data and a new document timestamp to a signed PDF")                                       \
    X(intake, "examine a foreign PDF before it becomes a contract")                                                    \
    X(sign, "sign a PDF with a key and certificate")                                                                   \
    X(testca, "a certificate and timestamp authority for trials")                                                      \
    X(verify, "check the signatures of PDF files")                                                                     \
    X(migrate, "bring the schema of the database up to date")                                                          \
    X(admin, "enterprises, members, jobs, keys and records, for the operator")                                         \
    X(bench, "how fast this machine signs, verifies, renders and serves")                                              \
    X(serve, "serve the pages and the interface")                                                                      \
    X(version, "print the version of the program and of its libraries")

/* Says in one line what is wrong with the command line; returns EXIT_USAGE. */
int usage_error(const char *command, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same for an option that getopt_long() with the option string ":" did not take: ':' its value is missing, '?' not
 * known; otherwise the value in optarg is wrong. */
int usage_option(const char *command, int got, char **argv);

/* The first line of a file without its end; empty for NULL. */
MUST_CHECK bool password_file_read(struct arena *a, const char *path, struct sv *ret, struct err *e);

#define X(name, summary) int cmd_##name(int argc, char **argv);
APP_COMMANDS(X)
#undef X

#endif
