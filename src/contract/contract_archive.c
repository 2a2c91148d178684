/* Long-term data of contracts in force: a job adds validation data and an archive timestamp as soon as a contract is
 * effective, a schedule renews the timestamps in time. The document that both signed stays as the revision "final";
 * each archived one begins with the bytes of the one before. Nothing is lost by dying in between: bytes that no row
 * names are bytes that nobody asked for. */
#include <string.h>

#include "contract/contract_priv.h"
#include "trust/archive.h"

#define DAY_MS         86400000LL
#define DEFAULT_MARGIN (90 * DAY_MS)
#define RETRY_DEAD_MS  DAY_MS
#define WINDOW         200
#define FORCE          " force"

static const char *const state_names[] = {
#define X(name) #name,
        CONTRACT_ARCHIVE_STATES(X)
#undef X
};
_Static_assert(COUNT(state_names) == CONTRACT_ARCHIVE__N, "a name for each state");

const char *contract_archive_state_name(enum contract_archive_state s)
{
    must(s < CONTRACT_ARCHIVE__N);
    return state_names[s];
}

static struct sv job_key(struct arena *a, struct sv id)
{
    return arena_printf(a, "archive:%.*s", SV_ARG(id));
}

bool contract_archive_enqueue(struct tx *tx, struct arena *a, struct sv id, bool force, int64_t now, struct err *e)
{
    const struct job_new job = {.kind = SV("contract.archive"),
                                .payload = arena_printf(a, "%.*s%s", SV_ARG(id), force ? FORCE : ""),
                                .key = job_key(a, id)};
    return job_enqueue(tx, a, &job, now, NULL, e);
}

/* ---- how things stand ---- */

/* What is due: no archive timestamp yet, one that ends before ?2, or one that rests on an algorithm of the list ?3. */
#define DUE                                                                                                            \
    "(r.seq IS NULL OR r.until_at <= ?2 OR ?3 LIKE '% ' || r.signature || ' %' OR ?3 LIKE '% ' || r.imprint || ' %')"
#define ROWS                                                                                                           \
    "SELECT k.id, k.number, k.effective_at, COALESCE(r.seq, 0), COALESCE(r.stamped_at, 0), COALESCE(r.until_at, 0), "  \
    "COALESCE(f.reason, ''), COALESCE(f.detail, ''), COALESCE(f.last_at, 0), CASE WHEN " DUE                           \
    " THEN 'due' ELSE '' END FROM contract k "                                                                         \
    "LEFT JOIN contract_archive r ON r.contract_id = k.id AND r.seq = (SELECT MAX(m.seq) FROM contract_archive m "     \
    "WHERE m.contract_id = k.id) LEFT JOIN contract_archive_fault f ON f.contract_id = k.id "
#define ROWS_OUT "ttiiiittit"

struct standing {
    struct sv id, number;
    int64_t effective_at, seq, stamped_at, until_at;
    struct sv fault, detail;
    int64_t fault_at;
    bool due;
};

static struct standing standing_of(const struct db_rows *r, size_t i)
{
    return (struct standing){.id = db_text(r, i, 0),
                             .number = db_text(r, i, 1),
                             .effective_at = db_int(r, i, 2),
                             .seq = db_int(r, i, 3),
                             .stamped_at = db_int(r, i, 4),
                             .until_at = db_int(r, i, 5),
                             .fault = db_text(r, i, 6),
                             .detail = db_text(r, i, 7),
                             .fault_at = db_int(r, i, 8),
                             .due = db_text(r, i, 9).n > 0};
}

static int64_t margin_of(const struct contract_archive_rule *rule)
{
    return rule->margin_ms ? rule->margin_ms : DEFAULT_MARGIN;
}

static struct sv weak_of(struct arena *a, const struct contract_archive_rule *rule)
{
    return arena_printf(a, " %.*s ", SV_ARG(rule->weak));
}

DB_QUERY(q_archive_get, .in = "tit", .out = ROWS_OUT, .sql = ROWS "WHERE k.id = ?1");

static bool stands(struct tx *tx, struct arena *a, const struct contract_archive_rule *rule, int64_t now, struct sv id,
                   struct standing *ret, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_archive_get, DB_ARGS(DB_TEXT(id), DB_INT(now + margin_of(rule)), DB_TEXT(weak_of(a, rule))),
                &r, e))
        return err_wrap(e, "archive of contract %.*s", SV_ARG(id));
    if (!r.n)
        return err_user(e, ERR_NOT_FOUND, "contract_unknown", NULL, "contract %.*s", SV_ARG(id));
    *ret = standing_of(&r, 0);
    return true;
}

/* ?4 1: all that came into force; 0: those that need something. */
DB_QUERY(q_archive_rows, .in = "titii", .out = ROWS_OUT,
         .sql = ROWS "WHERE k.effective_at > 0 AND k.id > ?1 AND (?4 = 1 OR f.contract_id IS NOT NULL OR " DUE
                     ") ORDER BY k.id LIMIT ?5");

static bool rows_after(struct tx *tx, struct arena *a, const struct contract_archive_rule *rule, int64_t now,
                       struct sv after, bool all, size_t limit, struct db_rows *ret, struct err *e)
{
    return db_run(tx, a, &q_archive_rows,
                  DB_ARGS(DB_TEXT(after), DB_INT(now + margin_of(rule)), DB_TEXT(weak_of(a, rule)), DB_INT(all ? 1 : 0),
                          DB_INT((int64_t)limit)),
                  ret, e);
}

/* Adds what the job says. */
static bool view_of(struct tx *tx, struct arena *a, const struct standing *s, struct contract_archive *ret,
                    struct err *e)
{
    struct job_view v;
    bool live = false;
    *ret = (struct contract_archive){
            .count = s->seq, .stamped_at = s->stamped_at, .until_at = s->until_at, .reason = s->fault};
    if (!s->effective_at)
        return true;
    if (job_by_key(tx, a, job_key(a, s->id), &v, e))
        live = v.state == JOB_QUEUED || v.state == JOB_RUNNING;
    else if (e->code == ERR_NOT_FOUND)
        err_clear(e);
    else
        return false;
    if (live)
        ret->reason = v.waiting;
    ret->state = s->seq       ? CONTRACT_ARCHIVE_done
                 : live       ? CONTRACT_ARCHIVE_waiting
                 : s->fault.n ? CONTRACT_ARCHIVE_failed
                              : CONTRACT_ARCHIVE_waiting;
    return true;
}

bool contract_archive_of(struct contracts *c, struct tx *tx, struct arena *a, const struct contract_row *row,
                         struct contract_archive *ret, struct err *e)
{
    struct standing s;
    *ret = (struct contract_archive){.reason = SV("")};
    return !row->effective_at ||
           (stands(tx, a, &c->s.archive, clock_now(c->s.clock), row->id, &s, e) && view_of(tx, a, &s, ret, e));
}

bool contract_archive_list(struct tx *tx, struct arena *a, const struct contract_archive_rule *rule, int64_t now_ms,
                           struct sv after, bool all, size_t limit, struct contract_archive_row **ret, size_t *ret_n,
                           struct err *e)
{
    struct db_rows r;
    if (!rows_after(tx, a, rule, now_ms, after, all, limit, &r, e))
        return err_wrap(e, "archive");
    *ret = arena_array(a, struct contract_archive_row, r.n + 1);
    *ret_n = r.n;
    for (size_t i = 0; i < r.n; i++) {
        const struct standing s = standing_of(&r, i);
        (*ret)[i] = (struct contract_archive_row){.id = s.id, .number = s.number, .detail = s.detail, .due = s.due};
        if (!view_of(tx, a, &s, &(*ret)[i].archive, e))
            return false;
    }
    return true;
}

bool contract_archive_force(struct tx *tx, struct arena *a, struct sv id, int64_t now_ms, struct err *e)
{
    struct standing s;
    const struct contract_archive_rule any = {0};
    if (!stands(tx, a, &any, now_ms, id, &s, e))
        return false;
    return s.effective_at ? contract_archive_enqueue(tx, a, id, true, now_ms, e)
                          : err_user(e, ERR_CONFLICT, "contract_state", NULL, "never came into force");
}

/* ---- the job ---- */

struct archiving {
    struct contracts *c;
    struct job *job;
    struct arena *a;
    struct sv id;
    bool force;
    struct standing before;
    struct contract_revision base;
    struct trust_archived made;
    struct sv blob;
};

static bool load(struct archiving *s, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    return tx_begin(s->c->s.db, TX_READ, &tx, e) &&
           stands(tx, s->a, &s->c->s.archive, clock_now(s->c->s.clock), s->id, &s->before, e) &&
           contract_find_revision(tx, s->a, s->id, SV("latest"), &s->base, e);
}

static bool is_weak(struct archiving *s, struct sv alg)
{
    return sv_find(weak_of(s->a, &s->c->s.archive), arena_printf(s->a, " %.*s ", SV_ARG(alg))) != SIZE_MAX;
}

/* As long as the TSA has neither a younger certificate nor better algorithms, renewing would add a timestamp each hour
 * and prove nothing more. */
static bool is_gain(struct archiving *s, struct err *e)
{
    const struct trust_archived *m = &s->made;
    bool first = s->before.seq == 0 || s->force;
    bool fit = m->until_at > clock_now(s->c->s.clock) + margin_of(&s->c->s.archive) && !is_weak(s, m->signature_alg) &&
               !is_weak(s, m->imprint_alg);
    if (first || fit || m->until_at >= s->before.until_at + DAY_MS)
        return true;
    return err_user(e, ERR_REFUSED, "archive_no_gain", NULL, "%.*s stamps by %.*s and %.*s until %.*s: no better",
                    SV_ARG(m->tsa_url), SV_ARG(m->signature_alg), SV_ARG(m->imprint_alg),
                    SV_ARG(time_rfc3339(s->a, m->until_at)));
}

static bool make(struct archiving *s, struct err *e)
{
    int64_t left = s->before.until_at - clock_now(s->c->s.clock);
    struct trust_archive_request r = {.field = SV("Archive1"),
                                      /* half of the time for getting everything is over: what can be had must do */
                                      .lenient = s->before.seq > 0 && left < margin_of(&s->c->s.archive) / 2};
    return blob_get(s->c->s.blobs, s->a, s->base.sha256, &r.pdf, e) &&
           trust_archive_pdf(s->c->s.trust, s->a, &r, &s->made, e) && is_gain(s, e) &&
           blob_put(s->c->s.blobs, s->a, s->made.pdf, &s->blob, e);
}

/* Fails on a second one of the same number: two at once cannot both be the next. */
DB_QUERY(q_archive_insert, .in = "titiiiittti",
         .sql = "INSERT INTO contract_archive (contract_id, seq, sha256, size, pages, stamped_at, until_at, signature, "
                "imprint, tsa, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
DB_QUERY(q_archive_good, .in = "t", .sql = "DELETE FROM contract_archive_fault WHERE contract_id = ?1");

static bool commit_tx(struct tx *tx, void *arg, struct err *e)
{
    struct archiving *s = arg;
    const struct trust_archived *m = &s->made;
    const struct actor actor = actor_system("job");
    int64_t now = clock_now(s->c->s.clock);
    /* clang-format off */ /* version 14 dies of this table */
    const struct contract_note notes[] = {
            {"document_sha256", s->blob},
            {"field", m->field},
            {"timestamp", time_rfc3339(s->a, m->gen_time_ms)},
            {"tsa", m->tsa_url},
            {"until", time_rfc3339(s->a, m->until_at)},
            {"missing", m->missing} /* a lenient renewal's */
    };
    /* clang-format on */
    s->job->finished = false;
    return job_finish(tx, s->job, e) &&
           db_exec(tx, &q_archive_insert,
                   DB_ARGS(DB_TEXT(s->id), DB_INT(s->before.seq + 1), DB_TEXT(s->blob), DB_INT((int64_t)m->pdf.n),
                           DB_INT(s->base.pages), DB_INT(m->gen_time_ms), DB_INT(m->until_at),
                           DB_TEXT(m->signature_alg), DB_TEXT(m->imprint_alg), DB_TEXT(m->tsa_url), DB_INT(now)),
                   e) &&
           db_exec(tx, &q_archive_good, DB_ARGS(DB_TEXT(s->id)), e) &&
           contract_note_event(s->c, tx, s->a, s->id, s->before.seq ? "archive_renewed" : "archive_added", &actor,
                               notes, COUNT(notes) - (m->missing.n ? 0 : 1), e);
}

static struct sv payload_id(struct sv payload, bool *ret_force)
{
    *ret_force = sv_ends(payload, SV(FORCE));
    return *ret_force ? sv_sub(payload, 0, payload.n - strlen(FORCE)) : payload;
}

bool contract_archive_job(struct job *j, void *arg, struct err *e)
{
    struct archiving s = {.c = arg, .job = j, .a = j->a};
    s.id = payload_id(j->payload, &s.force);
    if (!load(&s, e))
        return err_wrap(e, "archive contract %.*s", SV_ARG(s.id));
    if (!s.before.effective_at || (!s.before.due && !s.force))
        return true; /* done meanwhile */
    return (make(&s, e) && tx_run(s.c->s.db, commit_tx, &s, e)) || err_wrap(e, "archive contract %.*s", SV_ARG(s.id));
}

DB_QUERY(q_archive_fault, .in = "ttti",
         .sql = "INSERT INTO contract_archive_fault (contract_id, reason, detail, since_at, last_at) VALUES (?1, ?2, "
                "?3, "
                "?4, ?4) ON CONFLICT (contract_id) DO UPDATE SET reason = ?2, detail = ?3, last_at = ?4");

/* Refused: nothing of the contract changes. It is written down where operators look, told in the timeline once, and
 * tried again by the schedule. */
bool contract_archive_dead(struct tx *tx, const struct job *j, const struct err *why, void *arg, struct err *e)
{
    struct contracts *c = arg;
    struct standing s;
    bool force;
    const struct actor actor = actor_system("job");
    struct sv id = payload_id(j->payload, &force);
    int64_t now = clock_now(c->s.clock);
    struct sv reason = why->reason[0] ? sv_from(why->reason) : sv_from(err_code_name(why->code));
    const struct contract_note note = {"note", reason};
    if (!stands(tx, j->a, &c->s.archive, now, id, &s, e))
        return false;
    return db_exec(tx, &q_archive_fault, DB_ARGS(DB_TEXT(id), DB_TEXT(reason), DB_TEXT(sv_from(why->msg)), DB_INT(now)),
                   e) &&
           (sv_eq(s.fault, reason) || contract_note_event(c, tx, j->a, id, "archive_failed", &actor, &note, 1, e));
}

/* ---- the schedule ---- */

struct sweep {
    struct contracts *c;
    struct arena *a;
    struct sv after;
    size_t seen;
};

/* One window of contracts; those refused within the last day wait for the next. */
static bool sweep_tx(struct tx *tx, void *arg, struct err *e)
{
    struct sweep *w = arg;
    struct db_rows r;
    int64_t now = clock_now(w->c->s.clock);
    if (!rows_after(tx, w->a, &w->c->s.archive, now, w->after, false, WINDOW, &r, e))
        return false;
    for (size_t i = 0; i < r.n; i++) {
        const struct standing s = standing_of(&r, i);
        bool waits = s.fault.n && s.fault_at > now - RETRY_DEAD_MS;
        if (s.due && !waits && !contract_archive_enqueue(tx, w->a, s.id, false, now, e))
            return false;
        if (!s.due && !db_exec(tx, &q_archive_good, DB_ARGS(DB_TEXT(s.id)), e)) /* well again: the rule was changed */
            return false;
    }
    w->seen = r.n;
    if (r.n)
        w->after = standing_of(&r, r.n - 1).id;
    return true;
}

bool contract_archive_due_job(struct job *j, void *arg, struct err *e)
{
    struct sweep w = {.c = arg, .a = j->a, .after = SV(""), .seen = WINDOW};
    while (w.seen == WINDOW) {
        if (!tx_run(w.c->s.db, sweep_tx, &w, e))
            return err_wrap(e, "archive timestamps that are due");
    }
    return true;
}
