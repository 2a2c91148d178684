/* Enterprises; see party.h. */
#include "party/idnum.h"
#include "party/party_priv.h"

#define LIST_LIMIT 200

DB_QUERY(q_enterprise_insert, .in = "ttttttttttttti",
         .sql = "INSERT INTO enterprise (id, name, uscc, legal_representative, domicile, area_code, contact_name, "
                "contact_phone,"
                " state, key_id, seal_id, seal_name, seal_code, seal_state, created_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, '', ?10, ?11, ?12, ?13, ?14) ON CONFLICT DO NOTHING");

bool enterprise_add(struct party *p, struct tx *tx, struct arena *a, const struct enterprise *in, struct sv *ret_id,
                    struct err *e)
{
    if (idnum_uscc(in->uscc) != IDNUM_OK)
        return err_user(e, ERR_BAD_INPUT, "uscc_invalid", "/uscc", "unified social credit code");
    int64_t changed, now = clock_now(p->clock);
    struct sv id = in->id.n ? in->id : id_new(a, now);
    *ret_id = id;
    if (!db_exec_changed(tx, &q_enterprise_insert,
                         DB_ARGS(DB_TEXT(id), DB_TEXT(in->name), DB_TEXT(in->uscc), DB_TEXT(in->legal_representative),
                                 DB_TEXT(in->domicile), DB_TEXT(in->area_code), DB_TEXT(in->contact_name),
                                 DB_TEXT(in->contact_phone), DB_TEXT(in->state), DB_TEXT(id_new(a, now)),
                                 DB_TEXT(in->seal_name), DB_TEXT(in->seal_code), DB_TEXT(in->seal_state), DB_INT(now)),
                         &changed, e))
        return err_wrap(e, "add enterprise");
    if (!changed)
        return err_user(e, ERR_CONFLICT, "uscc_exists", "/uscc", "an enterprise with this code exists");
    return true;
}

#define ENTERPRISE_COLUMNS                                                                                             \
    "id, name, uscc, legal_representative, domicile, area_code, contact_name, contact_phone, state, key_id, seal_id,"  \
    " seal_name, seal_code, seal_state, created_at"
#define ENTERPRISE_TYPES "tttttttttttttti"

static struct enterprise from_row(const struct db_rows *r, size_t i)
{
    struct enterprise n;
    struct sv *const texts[] = {&n.id,        &n.name,      &n.uscc,         &n.legal_representative,
                                &n.domicile,  &n.area_code, &n.contact_name, &n.contact_phone,
                                &n.state,     &n.key_id,    &n.seal_id,      &n.seal_name,
                                &n.seal_code, &n.seal_state};
    for (size_t k = 0; k < COUNT(texts); k++)
        *texts[k] = db_text(r, i, k);
    n.created_at = db_int(r, i, COUNT(texts));
    return n;
}

DB_QUERY(q_enterprise_get, .in = "t", .out = ENTERPRISE_TYPES,
         .sql = "SELECT " ENTERPRISE_COLUMNS " FROM enterprise WHERE id = ?1");

bool enterprise_get(struct party *p, struct tx *tx, struct arena *a, struct sv id, struct enterprise *ret,
                    struct err *e)
{
    struct db_rows r;
    (void)p;
    if (!db_one(tx, a, &q_enterprise_get, DB_ARGS(DB_TEXT(id)), &r, e))
        return err_wrap(e, "enterprise %.*s", SV_ARG(id));
    *ret = from_row(&r, 0);
    return true;
}

DB_QUERY(q_enterprise_list, .in = "ti", .out = ENTERPRISE_TYPES,
         .sql = "SELECT " ENTERPRISE_COLUMNS " FROM enterprise WHERE id > ?1 ORDER BY id LIMIT ?2");

bool enterprise_list(struct party *p, struct tx *tx, struct arena *a, struct sv cursor, size_t limit,
                     struct enterprise **ret, size_t *ret_n, struct sv *ret_next, struct err *e)
{
    struct db_rows r;
    (void)p;
    limit = limit == 0 || limit > LIST_LIMIT ? LIST_LIMIT : limit;
    if (!db_run(tx, a, &q_enterprise_list, DB_ARGS(DB_TEXT(cursor), DB_INT((int64_t)limit + 1)), &r, e))
        return err_wrap(e, "list enterprises");
    *ret_n = r.n > limit ? limit : r.n;
    *ret = arena_array(a, struct enterprise, *ret_n + 1);
    for (size_t i = 0; i < *ret_n; i++)
        (*ret)[i] = from_row(&r, i);
    *ret_next = r.n > limit ? (*ret)[limit - 1].id : SV("");
    return true;
}

DB_QUERY(q_enterprise_set_key, .in = "tt", .sql = "UPDATE enterprise SET key_id = ?2 WHERE id = ?1");

bool enterprise_set_key(struct party *p, struct tx *tx, struct sv id, struct sv key_id, struct err *e)
{
    (void)p;
    return db_exec(tx, &q_enterprise_set_key, DB_ARGS(DB_TEXT(id), DB_TEXT(key_id)), e);
}
