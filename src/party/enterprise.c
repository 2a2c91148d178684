/* Enterprises; see party.h. */
#include "party/idnum.h"
#include "party/party_priv.h"

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

DB_QUERY(q_enterprise_get, .in = "t", .out = "tttttttttttttti",
         .sql = "SELECT id, name, uscc, legal_representative, domicile, area_code, contact_name, contact_phone, state, "
                "key_id,"
                " seal_id, seal_name, seal_code, seal_state, created_at FROM enterprise WHERE id = ?1");

bool enterprise_get(struct party *p, struct tx *tx, struct arena *a, struct sv id, struct enterprise *ret,
                    struct err *e)
{
    struct db_rows r;
    (void)p;
    if (!db_one(tx, a, &q_enterprise_get, DB_ARGS(DB_TEXT(id)), &r, e))
        return err_wrap(e, "enterprise %.*s", SV_ARG(id));
    struct sv *const texts[] = {&ret->id,        &ret->name,      &ret->uscc,         &ret->legal_representative,
                                &ret->domicile,  &ret->area_code, &ret->contact_name, &ret->contact_phone,
                                &ret->state,     &ret->key_id,    &ret->seal_id,      &ret->seal_name,
                                &ret->seal_code, &ret->seal_state};
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = db_text(&r, 0, i);
    ret->created_at = db_int(&r, 0, COUNT(texts));
    return true;
}

DB_QUERY(q_enterprise_set_key, .in = "tt", .sql = "UPDATE enterprise SET key_id = ?2 WHERE id = ?1");

bool enterprise_set_key(struct party *p, struct tx *tx, struct sv id, struct sv key_id, struct err *e)
{
    (void)p;
    return db_exec(tx, &q_enterprise_set_key, DB_ARGS(DB_TEXT(id), DB_TEXT(key_id)), e);
}
