/* Looking at contracts: lists, counts, one with its timeline, its documents; what the public may know by a hash. */
#include "contract/contract_priv.h"
#include "party/idnum.h"
#include "record/record.h"
#include "json/json.h"

#define LIST_DEFAULT   50
#define LIST_MOST      200
#define TIMELINE_LIMIT 500

/* Discarded drafts are listed only when asked for. ?1 enterprise or '', ?2 person or '', ?3 state or '', ?4 pattern or
 * '', ?5/?6 cursor (0, ''), ?7 limit, ?8 the person's employers (actor.employers; ids hold no sign that LIKE takes as a
 * pattern). */
DB_QUERY(q_contract_list, .in = "ttttitit", .out = "tttttttttttiii",
         .sql = "SELECT id, number, state, worker_name, employer_name, post, term_start, term_end, enterprise_id, "
                "person_id, template,"
                " updated_at, sign_by, effective_at FROM contract"
                " WHERE (?1 = '' OR enterprise_id = ?1)"
                " AND (?2 = '' OR (person_id = ?2 AND sent_at > 0 AND ?8 LIKE '%' || enterprise_id || '%'))"
                " AND (state = ?3 OR (?3 = '' AND state <> 'void'))"
                " AND (?4 = '' OR worker_name LIKE ?4 OR number LIKE ?4 OR post LIKE ?4)"
                " AND (?6 = '' OR updated_at < ?5 OR (updated_at = ?5 AND id < ?6))"
                " ORDER BY updated_at DESC, id DESC LIMIT ?7");

static bool row_from(const struct db_rows *r, size_t i, struct contract_row *ret, struct err *e)
{
    struct sv *const texts[] = {&ret->id,          &ret->number,        NULL,
                                &ret->worker_name, &ret->employer_name, &ret->post,
                                &ret->term_start,  &ret->term_end,      &ret->enterprise_id,
                                &ret->person_id,   &ret->template};
    for (size_t k = 0; k < COUNT(texts); k++) {
        if (texts[k])
            *texts[k] = db_text(r, i, k);
    }
    ret->updated_at = db_int(r, i, 11);
    ret->sign_by = db_int(r, i, 12);
    ret->effective_at = db_int(r, i, 13);
    ret->waiting = SV("");
    if (!contract_state_parse(db_text(r, i, 2), &ret->state))
        return err_set(e, ERR_CORRUPT, "state of contract %.*s", SV_ARG(ret->id));
    return true;
}

static bool is_stamping(enum contract_state s)
{
    return s == CONTRACT_WORKER_STAMPING || s == CONTRACT_EMPLOYER_STAMPING;
}

/* "<updated_at>.<id>" */
static bool parse_cursor(struct sv cursor, int64_t *ret_at, struct sv *ret_id, struct err *e)
{
    *ret_at = 0;
    *ret_id = SV("");
    if (!cursor.n)
        return true;
    struct sv at = sv_cut(&cursor, '.');
    if (!sv_i64(at, 0, INT64_MAX, ret_at) || !id_is_valid(cursor))
        return err_user(e, ERR_BAD_INPUT, "cursor_invalid", "/cursor", "cursor");
    *ret_id = cursor;
    return true;
}

/* The tenant's filter of an actor; false when the actor sees no lists. */
static bool scope_of(const struct actor *actor, struct sv *ret_enterprise, struct sv *ret_person)
{
    *ret_enterprise = actor_is_member(actor, ROLE_VIEWER) ? actor->enterprise_id : SV("");
    *ret_person = actor->role == ROLE_WORKER ? actor->person_id : SV("");
    return ret_enterprise->n || ret_person->n;
}

bool contract_list(struct contracts *c, struct arena *a, const struct actor *actor, const struct contract_filter *f,
                   struct contract_row **ret, size_t *ret_n, struct sv *ret_next, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct db_rows r;
    struct sv enterprise, person, cursor_id, q = sv_trim(f->q);
    int64_t cursor_at;
    size_t limit = f->limit == 0 ? LIST_DEFAULT : f->limit > LIST_MOST ? LIST_MOST : f->limit;
    struct sv employers = actor->role == ROLE_WORKER ? actor->employers : SV("");
    struct sv pattern = q.n ? arena_printf(a, "%%%.*s%%", SV_ARG(q)) : SV("");
    if (!scope_of(actor, &enterprise, &person))
        return err_set(e, ERR_FORBIDDEN, "this role has no list");
    if (!parse_cursor(f->cursor, &cursor_at, &cursor_id, e) || !tx_begin(c->s.db, TX_READ, &tx, e) ||
        !db_run(tx, a, &q_contract_list,
                DB_ARGS(DB_TEXT(enterprise), DB_TEXT(person), DB_TEXT(f->state), DB_TEXT(pattern), DB_INT(cursor_at),
                        DB_TEXT(cursor_id), DB_INT((int64_t)limit + 1), DB_TEXT(employers)),
                &r, e))
        return err_wrap(e, "list contracts");
    size_t n = r.n > limit ? limit : r.n;
    struct contract_row *rows = arena_array(a, struct contract_row, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (!row_from(&r, i, &rows[i], e))
            return false;
        if (is_stamping(rows[i].state) && !contract_waiting(tx, a, rows[i].id, &rows[i].waiting, e))
            return false;
    }
    *ret = rows;
    *ret_n = n;
    *ret_next = r.n > limit ? arena_printf(a, "%lld.%.*s", (long long)rows[n - 1].updated_at, SV_ARG(rows[n - 1].id))
                            : SV("");
    return true;
}

DB_QUERY(q_contract_counts, .in = "t", .out = "ti",
         .sql = "SELECT state, COUNT(*) FROM contract WHERE enterprise_id = ?1 GROUP BY state ORDER BY state");

bool contract_counts(struct contracts *c, struct arena *a, const struct actor *actor, struct contract_count **ret,
                     size_t *ret_n, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct db_rows r;
    if (!tx_begin(c->s.db, TX_READ, &tx, e) ||
        !db_run(tx, a, &q_contract_counts, DB_ARGS(DB_TEXT(actor->enterprise_id)), &r, e))
        return err_wrap(e, "count contracts");
    *ret = arena_array(a, struct contract_count, r.n + 1);
    *ret_n = r.n;
    for (size_t i = 0; i < r.n; i++) {
        (*ret)[i].count = db_int(&r, i, 1);
        if (!contract_state_parse(db_text(&r, i, 0), &(*ret)[i].state))
            return err_set(e, ERR_CORRUPT, "state in counts");
    }
    return true;
}

static bool read_timeline(struct tx *tx, struct arena *a, struct sv id, struct contract_view *ret, struct err *e)
{
    struct record_event *events;
    size_t n;
    if (!record_read(tx, a, contract_chain(a, id), 0, TIMELINE_LIMIT, &events, &n, e))
        return false;
    ret->timeline = arena_array(a, struct contract_event, n + 1);
    ret->timeline_n = n;
    for (size_t i = 0; i < n; i++) {
        const struct json_value *v;
        if (!json_read(a, events[i].payload, (size_t)1 << 20, &v, e))
            return err_wrap(e, "event %lld of contract %.*s", (long long)events[i].seq, SV_ARG(id));
        ret->timeline[i] = (struct contract_event){.at = events[i].at,
                                                   .kind = events[i].kind,
                                                   .actor = json_get_text(v, SV("name")),
                                                   .note = json_get_text(v, SV("note"))};
    }
    return true;
}

bool contract_get(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                  struct contract_view *ret, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct contract k;
    *ret = (struct contract_view){0};
    if (!tx_begin(c->s.db, TX_READ, &tx, e) || !contract_load(c, tx, a, actor, id, &k, e))
        return err_wrap(e, "get contract");
    if (is_stamping(k.row.state) && !contract_waiting(tx, a, id, &k.row.waiting, e))
        return false;
    ret->row = k.row;
    if (!contract_archive_of(c, tx, a, &k.row, &ret->archive, e))
        return false;
    return contract_data_decode(a, k.data_json, &ret->data, e) && read_timeline(tx, a, id, ret, e) &&
           contract_revisions(tx, a, id, &ret->revisions, &ret->revisions_n, e) &&
           contract_signatures(tx, a, id, &ret->signatures, &ret->signatures_n, e);
}

struct download {
    struct contracts *c;
    struct arena *a;
    const struct actor *actor;
    struct sv id, revision;
    struct contract k;
    struct contract_revision found;
};

static bool download_tx(struct tx *tx, void *arg, struct err *e)
{
    struct download *d = arg;
    if (!contract_load(d->c, tx, d->a, d->actor, d->id, &d->k, e) ||
        !contract_find_revision(tx, d->a, d->id, d->revision, &d->found, e))
        return false;
    const struct contract_note notes[] = {
            {"revision",        d->found.name  },
            {"document_sha256", d->found.sha256}
    };
    return contract_note_event(d->c, tx, d->a, d->id, "downloaded", d->actor, notes, COUNT(notes), e);
}

bool contract_document(struct contracts *c, struct arena *a, const struct actor *actor, struct sv id,
                       struct sv revision, struct sv *ret_pdf, struct sv *ret_sha256, struct sv *ret_name,
                       struct err *e)
{
    struct download d = {.c = c, .a = a, .actor = actor, .id = id, .revision = revision.n ? revision : SV("latest")};
    if (!tx_run(c->s.db, download_tx, &d, e) || !blob_get(c->s.blobs, a, d.found.sha256, ret_pdf, e))
        return err_wrap(e, "document of contract %.*s", SV_ARG(id));
    *ret_sha256 = d.found.sha256;
    *ret_name = arena_printf(a, "劳动合同-%.*s.pdf", SV_ARG(d.k.row.number));
    return true;
}

DB_QUERY(q_known, .in = "t", .out = "tttti",
         .sql = "SELECT k.number, k.state, k.worker_name, k.employer_name, k.effective_at FROM contract k WHERE k.id IN"
                " (SELECT contract_id FROM contract_revision WHERE sha256 = ?1 UNION"
                " SELECT contract_id FROM contract_archive WHERE sha256 = ?1) LIMIT 1");

bool contract_known_by_hash(struct contracts *c, struct arena *a, struct sv sha256, struct contract_known *ret,
                            struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct db_rows r;
    if (!tx_begin(c->s.db, TX_READ, &tx, e) || !db_one(tx, a, &q_known, DB_ARGS(DB_TEXT(sha256)), &r, e))
        return err_wrap(e, "document %.*s", SV_ARG(sha256));
    *ret = (struct contract_known){.number = db_text(&r, 0, 0),
                                   .worker_masked = idnum_mask_name(a, db_text(&r, 0, 2)),
                                   .employer_name = db_text(&r, 0, 3),
                                   .effective_at = db_int(&r, 0, 4)};
    if (!contract_state_parse(db_text(&r, 0, 1), &ret->state))
        return err_set(e, ERR_CORRUPT, "state of %.*s", SV_ARG(ret->number));
    return true;
}
