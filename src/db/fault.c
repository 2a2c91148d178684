/* The fault hook of tests: fail or die at a counted point. Nothing is set outside tests (see struct db_config). */
#include <signal.h>
#include <unistd.h>

#include "db/db_priv.h"

bool db_fault_parse(const char *text, struct fault *ret, struct err *e)
{
    struct sv rest = sv_from(text);
    struct fault f = {0};
    if (rest.n) {
        struct sv what = sv_cut(&rest, ':');
        int64_t *counter = sv_eq(what, SV("call"))                 ? &f.calls
                           : sv_eq(what, SV("kill-before-commit")) ? &f.before_commit
                           : sv_eq(what, SV("kill-after-commit"))  ? &f.after_commit
                                                                   : NULL;
        if (!counter || !sv_i64(rest, 1, INT64_MAX, counter))
            return err_set(e, ERR_BAD_INPUT, "fault \"%s\": want call:N, kill-before-commit:N or kill-after-commit:N",
                           text);
    }
    *ret = f;
    return true;
}

static bool reached(struct db *db, int64_t *left)
{
    if (!db->faulty)
        return false;
    pthread_mutex_lock(&db->lock);
    bool now = *left > 0 && --*left == 0; /* once */
    pthread_mutex_unlock(&db->lock);
    return now;
}

bool db_fault_call(struct db *db, struct err *e)
{
    return reached(db, &db->fault.calls) ? err_set(e, ERR_UNAVAILABLE, "database call failed by the fault hook") : true;
}

void db_fault_commit(struct db *db, bool before)
{
    if (reached(db, before ? &db->fault.before_commit : &db->fault.after_commit)) {
        kill(getpid(), SIGKILL);
        _exit(137);
    }
}
