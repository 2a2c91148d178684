/* Passwords come from files, never from the command line, where every process of the machine reads them. */
#include "app/commands.h"

#define MAX_PASSWORD_FILE ((size_t)64 << 10)

bool password_file_read(struct arena *a, const char *path, struct sv *ret, struct err *e)
{
    struct sv all;
    *ret = (struct sv){0};
    if (!path)
        return true;
    if (!file_read(a, path, MAX_PASSWORD_FILE, &all, e))
        return false;
    *ret = sv_cut(&all, '\n');
    if (sv_ends(*ret, SV("\r")))
        ret->n--;
    return true;
}
