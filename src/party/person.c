/* Persons, and how enterprises know them; see party.h. */
#include "party/idnum.h"
#include "party/party_priv.h"

#define LIST_LIMIT 200

static struct sv upper_x(struct arena *a, struct sv number)
{
    if (number.n && number.p[number.n - 1] == 'x')
        return arena_concat(a, sv_sub(number, 0, number.n - 1), SV("X"));
    return number;
}

static struct sv id_hash(const struct party *p, struct arena *a, struct sv type, struct sv number)
{
    struct sv value = arena_printf(a, "%.*s|%.*s", SV_ARG(type), SV_ARG(number));
    return party_lookup_hash(p, a, "qyq person id v1", value);
}

struct sv party_phone_hash(const struct party *p, struct arena *a, struct sv phone)
{
    return party_lookup_hash(p, a, "qyq phone v1", phone);
}

static bool check_input(const struct party *p, const struct person_in *in, struct idnum_facts *facts, struct err *e)
{
    if (!sv_eq(in->id_type, SV("resident_id")))
        return err_user(e, ERR_UNSUPPORTED, "id_type_unsupported", "/id_type", "document type");
    enum idnum_fault fault = idnum_resident(in->id_number, facts);
    if (fault != IDNUM_OK) {
        const char *reason = fault == IDNUM_CHECK ? "person_id_check_digit" : "person_id_invalid";
        return err_user(e, ERR_BAD_INPUT, reason, "/id_number", "ID number: %s", idnum_fault_name(fault));
    }
    if (date_cmp(facts->birth, date_beijing(clock_now(p->clock))) > 0)
        return err_user(e, ERR_BAD_INPUT, "person_id_invalid", "/id_number", "ID number: born in the future");
    if (!idnum_is_mobile(in->phone))
        return err_user(e, ERR_BAD_INPUT, "phone_invalid", "/phone", "phone");
    if (sv_trim(in->name).n == 0)
        return err_user(e, ERR_BAD_INPUT, "name_empty", "/name", "name");
    return true;
}

DB_QUERY(q_person_by_hash, .in = "t", .out = "tt", .sql = "SELECT id, name FROM person WHERE id_number_hash = ?1");
DB_QUERY(q_person_insert, .in = "tttbttti",
         .sql = "INSERT INTO person (id, name, id_type, id_number, id_number_hash, sex, birth_date, created_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");

/* The row of that ID number; made if it is not there. */
static bool person_row(struct party *p, struct tx *tx, struct arena *a, const struct person_in *in,
                       const struct idnum_facts *facts, struct sv *ret_id, struct err *e)
{
    struct db_rows r;
    struct sv number = upper_x(a, in->id_number), hash = id_hash(p, a, in->id_type, number);
    if (!db_run(tx, a, &q_person_by_hash, DB_ARGS(DB_TEXT(hash)), &r, e))
        return false;
    if (r.n && !sv_eq(db_text(&r, 0, 1), sv_trim(in->name)))
        return err_user(e, ERR_CONFLICT, "worker_name_mismatch", "/name", "the ID number belongs to another name");
    if (r.n) {
        *ret_id = db_text(&r, 0, 0);
        return true;
    }
    int64_t now = clock_now(p->clock);
    struct sv id = id_new(a, now);
    struct sv sealed = party_seal(p, a, PARTY_WHERE_ID_NUMBER, id, number);
    *ret_id = id;
    return db_exec(tx, &q_person_insert,
                   DB_ARGS(DB_TEXT(id), DB_TEXT(sv_trim(in->name)), DB_TEXT(in->id_type), DB_BYTES(sealed),
                           DB_TEXT(hash), DB_TEXT(facts->sex == IDNUM_MALE ? SV("male") : SV("female")),
                           DB_TEXT(date_print(a, facts->birth)), DB_INT(now)),
                   e);
}

DB_QUERY(q_person_link, .in = "ttbtbi",
         .sql = "INSERT INTO enterprise_person (enterprise_id, person_id, phone, phone_hash, address, created_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (enterprise_id, person_id) DO UPDATE SET"
                " phone = excluded.phone, phone_hash = excluded.phone_hash, address = excluded.address");

static struct sv link_row(struct arena *a, struct sv enterprise_id, struct sv person_id)
{
    return arena_printf(a, "%.*s/%.*s", SV_ARG(enterprise_id), SV_ARG(person_id));
}

bool person_add(struct party *p, struct tx *tx, struct arena *a, struct sv enterprise_id, const struct person_in *in,
                struct person *ret, struct err *e)
{
    struct idnum_facts facts;
    struct sv id;
    if (!check_input(p, in, &facts, e) || !person_row(p, tx, a, in, &facts, &id, e))
        return err_wrap(e, "add worker");
    struct sv row = link_row(a, enterprise_id, id);
    if (!db_exec(tx, &q_person_link,
                 DB_ARGS(DB_TEXT(enterprise_id), DB_TEXT(id),
                         DB_BYTES(party_seal(p, a, PARTY_WHERE_PHONE, row, in->phone)),
                         DB_TEXT(party_phone_hash(p, a, in->phone)),
                         DB_BYTES(party_seal(p, a, PARTY_WHERE_ADDRESS, row, in->address)),
                         DB_INT(clock_now(p->clock))),
                 e))
        return err_wrap(e, "add worker");
    return person_get(p, tx, a, enterprise_id, id, ret, e);
}

#define PERSON_COLUMNS "p.id, p.name, p.id_type, p.id_number, p.sex, p.birth_date, l.phone, l.address, l.created_at"
#define PERSON_TYPES   "tttbttbbi"

DB_QUERY(q_person_get, .in = "tt", .out = PERSON_TYPES,
         .sql = "SELECT " PERSON_COLUMNS " FROM enterprise_person l JOIN person p ON p.id = l.person_id"
                " WHERE l.enterprise_id = ?1 AND l.person_id = ?2");

static bool clear_from_row(const struct party *p, struct arena *a, struct sv enterprise_id, const struct db_rows *r,
                           size_t i, struct person_clear *ret, struct err *e)
{
    struct sv id = db_text(r, i, 0), row = link_row(a, enterprise_id, id);
    *ret = (struct person_clear){.name = db_text(r, i, 1),
                                 .id_type = db_text(r, i, 2),
                                 .sex = db_text(r, i, 4),
                                 .birth_date = db_text(r, i, 5)};
    return party_unseal(p, a, PARTY_WHERE_ID_NUMBER, id, db_bytes(r, i, 3), &ret->id_number, e) &&
           party_unseal(p, a, PARTY_WHERE_PHONE, row, db_bytes(r, i, 6), &ret->phone, e) &&
           party_unseal(p, a, PARTY_WHERE_ADDRESS, row, db_bytes(r, i, 7), &ret->address, e);
}

static bool person_from_row(const struct party *p, struct arena *a, struct sv enterprise_id, const struct db_rows *r,
                            size_t i, struct person *ret, struct err *e)
{
    struct person_clear c;
    if (!clear_from_row(p, a, enterprise_id, r, i, &c, e))
        return false;
    *ret = (struct person){.id = db_text(r, i, 0),
                           .name = c.name,
                           .id_type = c.id_type,
                           .id_number_masked = idnum_mask_id(a, c.id_number),
                           .phone_masked = idnum_mask_phone(a, c.phone),
                           .address_masked = idnum_mask_address(a, c.address),
                           .sex = c.sex,
                           .birth_date = c.birth_date,
                           .created_at = db_int(r, i, 8)};
    return true;
}

/* As NOT_FOUND, but with a name for those who asked. */
static bool not_known(struct sv id, struct err *e)
{
    if (e->code == ERR_NOT_FOUND)
        return err_user(e, ERR_NOT_FOUND, "worker_unknown", NULL, "worker %.*s", SV_ARG(id));
    return err_wrap(e, "worker %.*s", SV_ARG(id));
}

bool person_get(struct party *p, struct tx *tx, struct arena *a, struct sv enterprise_id, struct sv id,
                struct person *ret, struct err *e)
{
    struct db_rows r;
    if (!db_one(tx, a, &q_person_get, DB_ARGS(DB_TEXT(enterprise_id), DB_TEXT(id)), &r, e))
        return not_known(id, e);
    return person_from_row(p, a, enterprise_id, &r, 0, ret, e);
}

bool person_reveal(struct party *p, struct tx *tx, struct arena *a, struct sv enterprise_id, struct sv id,
                   struct person_clear *ret, struct err *e)
{
    struct db_rows r;
    if (!db_one(tx, a, &q_person_get, DB_ARGS(DB_TEXT(enterprise_id), DB_TEXT(id)), &r, e))
        return not_known(id, e);
    return clear_from_row(p, a, enterprise_id, &r, 0, ret, e);
}

/* ?2: part of the name ("%…%"); ?3, ?4: hashes of a whole ID number or phone; ?5: cursor, the id to go on below. */
DB_QUERY(q_person_list, .in = "tttttti", .out = PERSON_TYPES,
         .sql = "SELECT " PERSON_COLUMNS " FROM enterprise_person l JOIN person p ON p.id = l.person_id"
                " WHERE l.enterprise_id = ?1 AND (?6 = '' OR p.name LIKE ?2 OR p.id_number_hash = ?3 OR l.phone_hash = "
                "?4)"
                " AND (?5 = '' OR p.id < ?5) ORDER BY p.id DESC LIMIT ?7");

bool person_list(struct party *p, struct tx *tx, struct arena *a, struct sv enterprise_id, struct sv q,
                 struct sv cursor, size_t limit, struct person **ret, size_t *ret_n, struct sv *ret_next, struct err *e)
{
    struct db_rows r;
    q = sv_trim(q);
    limit = limit == 0 || limit > LIST_LIMIT ? LIST_LIMIT : limit;
    struct sv part = arena_printf(a, "%%%.*s%%", SV_ARG(q));
    struct sv number_hash = id_hash(p, a, SV("resident_id"), upper_x(a, q));
    if (!db_run(tx, a, &q_person_list,
                DB_ARGS(DB_TEXT(enterprise_id), DB_TEXT(part), DB_TEXT(number_hash), DB_TEXT(party_phone_hash(p, a, q)),
                        DB_TEXT(cursor), DB_TEXT(q), DB_INT((int64_t)limit + 1)),
                &r, e))
        return err_wrap(e, "list workers");
    size_t n = r.n > limit ? limit : r.n;
    struct person *list = arena_array(a, struct person, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (!person_from_row(p, a, enterprise_id, &r, i, &list[i], e))
            return false;
    }
    *ret = list;
    *ret_n = n;
    *ret_next = r.n > limit ? list[n - 1].id : SV("");
    return true;
}

bool person_check_identity(struct party *p, struct arena *a, const struct person_clear *known, struct sv name,
                           struct sv id_number, struct registry_answer *ret, struct err *e)
{
    struct sv number = upper_x(a, sv_trim(id_number));
    if (idnum_resident(number, NULL) == IDNUM_CHECK)
        return err_user(e, ERR_BAD_INPUT, "person_id_check_digit", "/id_number", "check digit");
    if (!sv_eq(sv_trim(name), known->name) || !sv_eq(number, known->id_number))
        return err_user(e, ERR_REFUSED, "registry_mismatch", NULL, "not the person of the contract");
    if (!p->registry->check(p->registry->ctx, a, known->name, known->id_number, known->phone, ret, e))
        return err_wrap(e, "registry");
    if (!ret->match)
        return err_user(e, ERR_REFUSED, "registry_mismatch", NULL, "the registry says no (%.*s)",
                        SV_ARG(ret->reference));
    return true;
}

DB_QUERY(q_person_by_phone, .in = "t", .out = "tt",
         .sql = "SELECT p.id, p.name FROM enterprise_person l JOIN person p ON p.id = l.person_id"
                " WHERE l.phone_hash = ?1 ORDER BY l.created_at DESC LIMIT 1");

bool worker_by_phone(struct party *p, struct tx *tx, struct arena *a, struct sv phone, struct sv *ret_person_id,
                     struct sv *ret_name, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_person_by_phone, DB_ARGS(DB_TEXT(party_phone_hash(p, a, phone))), &r, e))
        return err_wrap(e, "find worker by phone");
    *ret_person_id = r.n ? db_text(&r, 0, 0) : SV("");
    *ret_name = r.n ? db_text(&r, 0, 1) : SV("");
    return true;
}
