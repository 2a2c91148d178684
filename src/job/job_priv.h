/* Private to room job: claiming and ending, used by the runner. */
#ifndef JOB_JOB_PRIV_H
#define JOB_JOB_PRIV_H

#include "job/job.h"

/* Claims one due job of these kinds. *ret_found false: none is due. A job whose lease ran out on its last attempt is
 * buried here and not returned; the caller just asks again (*ret_buried). */
struct job_claim {
    bool found, buried;
    const struct job_kind *kind;
    struct job job; /* text in the arena */
};
MUST_CHECK bool job_claim_next(const struct job_config *c, struct arena *a, struct job_claim *ret, struct err *e);
/* Writes how an attempt ended: why NULL for success. */
MUST_CHECK bool job_end(const struct job_kind *kind, struct job *j, const struct err *why, struct err *e);
/* When the next queued job of these kinds is due; INT64_MAX for none. */
MUST_CHECK bool job_next_due(const struct job_config *c, int64_t *ret, struct err *e);
/* Ends all leases now: the processes that held them are known to be dead. */
MUST_CHECK bool job_end_leases(const struct job_config *c, struct err *e);
/* Makes sure that each schedule has its job. */
MUST_CHECK bool job_start_schedules(const struct job_config *c, struct err *e);

#endif
