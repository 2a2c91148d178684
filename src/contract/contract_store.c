/* The SQL of contracts, their revisions and signatures, and the one function that moves a state. */
#include "contract/contract_priv.h"

#include "crypto/digest.h"
#include "record/record.h"
#include "json/json.h"

#define CONTRACT_COLUMNS                                                                                               \
    "id, number, state, worker_name, employer_name, post, term_start, term_end, enterprise_id, person_id, template,"   \
    " updated_at, sign_by, effective_at, data, link_hash, sent_at, created_at, created_by"
#define CONTRACT_TYPES "tttttttttttiiitTiit"

static bool from_row(const struct db_rows *r, size_t i, struct contract *ret, struct err *e)
{
    *ret = (struct contract){
            .row = {.id = db_text(r, i, 0),
                    .number = db_text(r, i, 1),
                    .worker_name = db_text(r, i, 3),
                    .employer_name = db_text(r, i, 4),
                    .post = db_text(r, i, 5),
                    .term_start = db_text(r, i, 6),
                    .term_end = db_text(r, i, 7),
                    .enterprise_id = db_text(r, i, 8),
                    .person_id = db_text(r, i, 9),
                    .template = db_text(r, i, 10),
                    .updated_at = db_int(r, i, 11),
                    .sign_by = db_int(r, i, 12),
                    .effective_at = db_int(r, i, 13),
                    .waiting = SV("")},
            .data_json = db_text(r, i, 14),
            .link_hash = db_text(r, i, 15),
            .sent_at = db_int(r, i, 16),
            .created_at = db_int(r, i, 17),
            .created_by = db_text(r, i, 18),
    };
    if (!contract_state_parse(db_text(r, i, 2), &ret->row.state))
        return err_set(e, ERR_CORRUPT, "state of contract %.*s", SV_ARG(ret->row.id));
    return true;
}

static bool may_see(const struct actor *actor, const struct contract *k)
{
    switch (actor->role) {
    case ROLE_SYSTEM:
        return true;
    case ROLE_VIEWER:
    case ROLE_HR:
    case ROLE_SEAL:
    case ROLE_OWNER:
        return sv_eq(actor->enterprise_id, k->row.enterprise_id);
    case ROLE_WORKER:
        /* a draft is the employer's own paper until it is sent */
        return sv_eq(actor->person_id, k->row.person_id) && k->sent_at != 0 &&
               sv_find(actor->employers, k->row.enterprise_id) != SIZE_MAX;
    case ROLE_SIGNER:
        return sv_eq(actor->contract_id, k->row.id) && k->sent_at != 0;
    case ROLE_NONE:
    case ROLE__COUNT:
        break;
    }
    return false;
}

DB_QUERY(q_contract_get, .in = "t", .out = CONTRACT_TYPES,
         .sql = "SELECT " CONTRACT_COLUMNS " FROM contract WHERE id = ?1");

bool contract_load(struct contracts *c, struct tx *tx, struct arena *a, const struct actor *actor, struct sv id,
                   struct contract *ret, struct err *e)
{
    struct db_rows r;
    (void)c;
    if (!db_run(tx, a, &q_contract_get, DB_ARGS(DB_TEXT(id)), &r, e))
        return err_wrap(e, "contract %.*s", SV_ARG(id));
    if (r.n && !from_row(&r, 0, ret, e))
        return false;
    if (!r.n || !may_see(actor, ret))
        return err_user(e, ERR_NOT_FOUND, "contract_unknown", NULL, "contract %.*s", SV_ARG(id));
    return true;
}

DB_QUERY(q_contract_by_link, .in = "t", .out = CONTRACT_TYPES,
         .sql = "SELECT " CONTRACT_COLUMNS " FROM contract WHERE link_hash = ?1");

bool contract_by_link(struct contracts *c, struct tx *tx, struct arena *a, struct sv link_hash, struct contract *ret,
                      struct err *e)
{
    struct db_rows r;
    (void)c;
    if (!db_run(tx, a, &q_contract_by_link, DB_ARGS(DB_TEXT(link_hash)), &r, e))
        return err_wrap(e, "contract of a link");
    if (!r.n)
        return err_user(e, ERR_NOT_FOUND, "link_unknown", NULL, "no contract has this link");
    return from_row(&r, 0, ret, e);
}

bool contract_load_parties(struct contracts *c, struct tx *tx, struct arena *a, const struct contract *k,
                           struct contract_parties *ret, struct err *e)
{
    return enterprise_get(c->s.party, tx, a, k->row.enterprise_id, &ret->enterprise, e) &&
           person_reveal(c->s.party, tx, a, k->row.enterprise_id, k->row.person_id, &ret->worker, e);
}

DB_QUERY(q_contract_insert, .in = "tttttttttttti",
         .sql = "INSERT INTO contract (id, enterprise_id, person_id, number, template, state, data, worker_name, "
                "employer_name, post,"
                " term_start, term_end, sign_by, sent_at, effective_at, created_by, created_at, updated_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, 'draft', ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, 0, ?12, ?13, ?13)");

bool contract_insert(struct tx *tx, struct arena *a, const struct contract *k, struct err *e)
{
    (void)a;
    const struct contract_row *w = &k->row;
    return db_exec(tx, &q_contract_insert,
                   DB_ARGS(DB_TEXT(w->id), DB_TEXT(w->enterprise_id), DB_TEXT(w->person_id), DB_TEXT(w->number),
                           DB_TEXT(w->template), DB_TEXT(k->data_json), DB_TEXT(w->worker_name),
                           DB_TEXT(w->employer_name), DB_TEXT(w->post), DB_TEXT(w->term_start), DB_TEXT(w->term_end),
                           DB_TEXT(k->created_by), DB_INT(k->created_at)),
                   e);
}

DB_QUERY(q_contract_draft, .in = "ttttttti",
         .sql = "UPDATE contract SET person_id = ?2, template = ?3, data = ?4, worker_name = ?5, post = ?6, term_start "
                "= ?7,"
                " updated_at = ?8 WHERE id = ?1 AND state = 'draft'");
DB_QUERY(q_contract_draft_end, .in = "tt",
         .sql = "UPDATE contract SET term_end = ?2 WHERE id = ?1 AND state = 'draft'");

bool contract_store_draft(struct tx *tx, struct arena *a, const struct contract *k, struct err *e)
{
    (void)a;
    int64_t changed;
    const struct contract_row *w = &k->row;
    if (!db_exec_changed(tx, &q_contract_draft,
                         DB_ARGS(DB_TEXT(w->id), DB_TEXT(w->person_id), DB_TEXT(w->template), DB_TEXT(k->data_json),
                                 DB_TEXT(w->worker_name), DB_TEXT(w->post), DB_TEXT(w->term_start),
                                 DB_INT(w->updated_at)),
                         &changed, e))
        return err_wrap(e, "store draft");
    if (!changed)
        return err_user(e, ERR_CONFLICT, "contract_state", NULL, "not a draft any more");
    return db_exec(tx, &q_contract_draft_end, DB_ARGS(DB_TEXT(w->id), DB_TEXT(w->term_end)), e);
}

struct sv contract_chain(struct arena *a, struct sv id)
{
    return arena_printf(a, "contract:%.*s", SV_ARG(id));
}

/* Canonical text of an event: who, in which role, from where, then the notes in the order they are given. */
static struct sv event_payload(struct arena *a, const struct actor *actor, const struct contract_note *notes, size_t n)
{
    CLEANUP(buf_done) struct buf b;
    struct json_out o;
    buf_init(&b, (size_t)1 << 20);
    json_out_init(&o, &b);
    json_begin_object(&o);
    json_kv_text(&o, "actor", actor_label(a, actor));
    json_kv_text(&o, "role", role_text(actor->role));
    json_kv_text(&o, "name", actor->name);
    json_kv_text(&o, "address", actor->address);
    for (size_t i = 0; i < n; i++)
        json_kv_text(&o, notes[i].key, notes[i].value);
    json_end_object(&o);
    return buf_to_arena(&b, a);
}

bool contract_note_event(struct contracts *c, struct tx *tx, struct arena *a, struct sv id, const char *kind,
                         const struct actor *actor, const struct contract_note *notes, size_t notes_n, struct err *e)
{
    return record_append(tx, a, contract_chain(a, id), sv_from(kind), event_payload(a, actor, notes, notes_n),
                         clock_now(c->s.clock), NULL, e);
}

DB_QUERY(q_contract_state, .in = "t", .out = "tt", .sql = "SELECT state, enterprise_id FROM contract WHERE id = ?1",
         .pg = "SELECT state, enterprise_id FROM contract WHERE id = ?1 FOR UPDATE");
DB_QUERY(q_contract_move, .in = "ttti",
         .sql = "UPDATE contract SET state = ?3, updated_at = ?4 WHERE id = ?1 AND state = ?2");

bool contract_apply(struct contracts *c, struct tx *tx, struct arena *a, struct sv id, enum contract_event_kind ev,
                    const struct actor *actor, const struct contract_note *notes, size_t notes_n, struct err *e)
{
    struct db_rows r;
    enum contract_state from, to;
    if (!db_one(tx, a, &q_contract_state, DB_ARGS(DB_TEXT(id)), &r, e))
        return err_wrap(e, "contract %.*s", SV_ARG(id));
    if (!contract_state_parse(db_text(&r, 0, 0), &from) || !contract_next_state(from, ev, &to, e))
        return err_wrap(e, "contract %.*s", SV_ARG(id));
    if (!db_exec(tx, &q_contract_move,
                 DB_ARGS(DB_TEXT(id), DB_TEXT(db_text(&r, 0, 0)), DB_TEXT(sv_from(contract_state_name(to))),
                         DB_INT(clock_now(c->s.clock))),
                 e))
        return err_wrap(e, "contract %.*s", SV_ARG(id));
    const char *action = arena_printf(a, "contract.%s", contract_event_name(ev)).p;
    return contract_note_event(c, tx, a, id, contract_event_name(ev), actor, notes, notes_n, e) &&
           party_audit(tx, a, actor, action, db_text(&r, 0, 1), contract_chain(a, id), SV(""), clock_now(c->s.clock),
                       e);
}

DB_QUERY(q_revision_insert, .in = "tttiii",
         .sql = "INSERT INTO contract_revision (contract_id, name, sha256, size, pages, created_at) VALUES (?1, ?2, "
                "?3, ?4, ?5, ?6)");

bool contract_add_revision(struct tx *tx, struct sv contract_id, const struct contract_revision *r, struct err *e)
{
    return db_exec(tx, &q_revision_insert,
                   DB_ARGS(DB_TEXT(contract_id), DB_TEXT(r->name), DB_TEXT(r->sha256), DB_INT(r->size),
                           DB_INT(r->pages), DB_INT(r->at)),
                   e);
}

/* Of the archived ones the newest: it begins with all of them. */
DB_QUERY(q_revision_list, .in = "t", .out = "ttiii",
         .sql = "SELECT name, sha256, size, pages, created_at FROM contract_revision WHERE contract_id = ?1 UNION ALL "
                "SELECT 'archive', sha256, size, pages, created_at FROM contract_archive r WHERE contract_id = ?1 AND "
                "seq = (SELECT MAX(m.seq) FROM contract_archive m WHERE m.contract_id = r.contract_id) ORDER BY 3");

bool contract_revisions(struct tx *tx, struct arena *a, struct sv contract_id, struct contract_revision **ret,
                        size_t *ret_n, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_revision_list, DB_ARGS(DB_TEXT(contract_id)), &r, e))
        return err_wrap(e, "revisions");
    *ret = arena_array(a, struct contract_revision, r.n + 1);
    *ret_n = r.n;
    for (size_t i = 0; i < r.n; i++)
        (*ret)[i] = (struct contract_revision){db_text(&r, i, 0), db_text(&r, i, 1), db_int(&r, i, 2), db_int(&r, i, 3),
                                               db_int(&r, i, 4)};
    return true;
}

bool contract_find_revision(struct tx *tx, struct arena *a, struct sv contract_id, struct sv name,
                            struct contract_revision *ret, struct err *e)
{
    struct contract_revision *list;
    size_t n;
    if (!contract_revisions(tx, a, contract_id, &list, &n, e))
        return false;
    for (size_t i = n; i-- > 0;) {
        if (sv_eq(name, SV("latest")) || sv_eq(name, list[i].name)) {
            *ret = list[i];
            return true;
        }
    }
    return err_user(e, ERR_NOT_FOUND, "contract_no_document", NULL, "no revision %.*s", SV_ARG(name));
}

DB_QUERY(q_signature_insert, .in = "tttittttb",
         .sql = "INSERT INTO contract_signature (contract_id, role, name, signed_at, serial, cert_sha256, use_id, tsa, "
                "token)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");

DB_QUERY(q_signature_twin_insert, .in = "ttitttb",
         .sql = "INSERT INTO contract_signature_twin (contract_id, role, signed_at, serial, cert_sha256, tsa, token)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");

bool contract_add_signature(struct tx *tx, struct sv contract_id, const char *role, struct sv name,
                            const struct trust_signed *s, struct err *e)
{
    const struct trust_twin *twin = &s->twin;
    if (!db_exec(tx, &q_signature_insert,
                 DB_ARGS(DB_TEXT(contract_id), DB_TEXT(sv_from(role)), DB_TEXT(name), DB_INT(s->gen_time_ms),
                         DB_TEXT(s->serial_hex), DB_TEXT(s->cert_sha256_hex), DB_TEXT(s->use_id), DB_TEXT(s->tsa_url),
                         DB_BYTES(s->token_der)),
                 e))
        return err_wrap(e, "signature");
    return !s->has_twin || db_exec(tx, &q_signature_twin_insert,
                                   DB_ARGS(DB_TEXT(contract_id), DB_TEXT(sv_from(role)), DB_INT(twin->gen_time_ms),
                                           DB_TEXT(twin->serial_hex), DB_TEXT(twin->cert_sha256_hex),
                                           DB_TEXT(twin->tsa_url), DB_BYTES(twin->token_der)),
                                   e);
}

DB_QUERY(q_signature_list, .in = "t", .out = "tttiT",
         .sql = "SELECT s.role, s.name, s.serial, s.signed_at, w.serial FROM contract_signature s LEFT JOIN "
                "contract_signature_twin w ON w.contract_id = s.contract_id AND w.role = s.role "
                "WHERE s.contract_id = ?1 ORDER BY s.signed_at, s.role DESC");

bool contract_signatures(struct tx *tx, struct arena *a, struct sv contract_id, struct contract_signature **ret,
                         size_t *ret_n, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_signature_list, DB_ARGS(DB_TEXT(contract_id)), &r, e))
        return err_wrap(e, "signatures");
    *ret = arena_array(a, struct contract_signature, r.n + 1);
    *ret_n = r.n;
    for (size_t i = 0; i < r.n; i++)
        (*ret)[i] = (struct contract_signature){.role = db_text(&r, i, 0),
                                                .name = db_text(&r, i, 1),
                                                .serial = db_text(&r, i, 2),
                                                .at = db_int(&r, i, 3),
                                                .sm2_serial = db_text(&r, i, 4)};
    return true;
}

DB_QUERY(q_contract_link, .in = "tTii",
         .sql = "UPDATE contract SET link_hash = ?2, sign_by = ?3, sent_at = ?4 WHERE id = ?1");

bool contract_set_link(struct tx *tx, struct sv id, struct sv link_hash, int64_t sign_by, int64_t sent_at,
                       struct err *e)
{
    struct db_value hash = link_hash.n ? DB_TEXT(link_hash) : DB_NULL;
    return db_exec(tx, &q_contract_link, DB_ARGS(DB_TEXT(id), hash, DB_INT(sign_by), DB_INT(sent_at)), e);
}

DB_QUERY(q_contract_effective, .in = "ti", .sql = "UPDATE contract SET effective_at = ?2 WHERE id = ?1");

bool contract_set_effective(struct tx *tx, struct sv id, int64_t at, struct err *e)
{
    return db_exec(tx, &q_contract_effective, DB_ARGS(DB_TEXT(id), DB_INT(at)), e);
}

struct sv contract_token_hash(struct arena *a, struct sv token)
{
    struct digest d = digest_of(DIGEST_SHA256, token);
    return digest_hex(a, &d);
}

const char *contract_party_name(enum contract_party p)
{
    static const char *const names[] = {"worker", "employer"};
    return names[p];
}
