/* Intents and stamping. A party's act is durable first; then this job draws, asks CA and TSA, signs, stores the bytes,
 * and moves the state in one transaction. It may die anywhere: it is run again under the same intent, and trust revokes
 * what was orphaned. */
#include "contract/ceremony.h"
#include "contract/contract_priv.h"
#include "crypto/digest.h"

#define SEAM_MAX 200

DB_QUERY(q_intent_insert, .in = "tttttttitt",
         .sql = "INSERT INTO contract_intent (id, contract_id, party, state, document_sha256, approved_by, factor, "
                "approved_at,"
                " drawing, address) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");

bool contract_intend(struct contracts *c, struct tx *tx, struct arena *a, const struct contract_intent *in,
                     struct err *e)
{
    struct job_new job = {.kind = SV("contract.stamp"),
                          .payload = in->id,
                          .key = arena_printf(a, "stamp:%.*s", SV_ARG(in->contract_id))};
    if (!db_exec(tx, &q_intent_insert,
                 DB_ARGS(DB_TEXT(in->id), DB_TEXT(in->contract_id), DB_TEXT(sv_from(contract_party_name(in->party))),
                         DB_TEXT(SV("open")), DB_TEXT(in->document_sha256), DB_TEXT(in->approved_by),
                         DB_TEXT(in->factor), DB_INT(in->approved_at), DB_TEXT(in->drawing), DB_TEXT(in->address)),
                 e))
        return err_wrap(e, "intent");
    return job_enqueue(tx, a, &job, clock_now(c->s.clock), NULL, e);
}

DB_QUERY(q_intent_get, .in = "t", .out = "ttttttitt",
         .sql = "SELECT contract_id, party, state, document_sha256, approved_by, factor, approved_at, drawing, address"
                " FROM contract_intent WHERE id = ?1");

static bool load_intent(struct tx *tx, struct arena *a, struct sv id, struct contract_intent *ret, bool *ret_open,
                        struct err *e)
{
    struct db_rows r;
    if (!db_one(tx, a, &q_intent_get, DB_ARGS(DB_TEXT(id)), &r, e))
        return err_wrap(e, "intent %.*s", SV_ARG(id));
    *ret_open = sv_eq(db_text(&r, 0, 2), SV("open"));
    *ret = (struct contract_intent){.id = id,
                                    .contract_id = db_text(&r, 0, 0),
                                    .party = sv_eq(db_text(&r, 0, 1), SV("worker")) ? PARTY_WORKER : PARTY_EMPLOYER,
                                    .document_sha256 = db_text(&r, 0, 3),
                                    .approved_by = db_text(&r, 0, 4),
                                    .factor = db_text(&r, 0, 5),
                                    .approved_at = db_int(&r, 0, 6),
                                    .drawing = db_text(&r, 0, 7),
                                    .address = db_text(&r, 0, 8)};
    return true;
}

/* What one run works on. */
struct stamp {
    struct contracts *c;
    struct job *job;
    struct arena *a;
    bool open;
    struct contract_intent intent;
    struct contract k;
    struct contract_parties parties;
    struct contract_revision base;
    struct sv salt;
    struct trust_signed signature;
    struct contract_revision result;
};

static bool load(struct stamp *s, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct actor system = actor_system("job");
    if (!tx_begin(s->c->s.db, TX_READ, &tx, e) || !load_intent(tx, s->a, s->job->payload, &s->intent, &s->open, e))
        return false;
    if (!s->open)
        return true;
    if (!contract_load(s->c, tx, s->a, &system, s->intent.contract_id, &s->k, e) ||
        !contract_load_parties(s->c, tx, s->a, &s->k, &s->parties, e) ||
        !contract_find_revision(tx, s->a, s->intent.contract_id, SV("latest"), &s->base, e) ||
        !ceremony_salt(tx, s->a, s->intent.contract_id, &s->salt, e))
        return false;
    if (!sv_eq(s->base.sha256, s->intent.document_sha256))
        return err_set(e, ERR_CONFLICT, "contract %.*s: the revision is not the approved one", SV_ARG(s->k.row.id));
    return true;
}

static struct pdf_appearance appearance(const struct typeset_drawing *d)
{
    return (struct pdf_appearance){.content = d->content, .width = d->width, .height = d->height};
}

/* The drawn name, with the signer's name in print below. */
static bool draw_worker(struct stamp *s, struct pdf_appearance *ret, struct err *e)
{
    struct typeset_ink ink;
    struct typeset_drawing drawing;
    struct sv caption = s->parties.worker.name;
    if (!ceremony_decode_drawing(s->a, s->intent.drawing, &ink, e))
        return false;
    ink.captions = &caption;
    ink.captions_n = 1;
    if (!typeset_ink_draw(s->c->s.typeset, s->a, &ink, &drawing, e))
        return err_wrap(e, "drawing of %.*s", SV_ARG(s->intent.id));
    *ret = appearance(&drawing);
    return true;
}

/* The seal, and its slices over the edges of all pages (骑缝章). */
static bool draw_employer(struct stamp *s, struct pdf_appearance *ret, struct trust_sign_request *r, struct err *e)
{
    struct typeset_drawing seal;
    int pages = (int)s->base.pages;
    if (!contract_seal_drawing(s->c, s->a, &s->parties.enterprise, &seal, e))
        return false;
    *ret = appearance(&seal);
    if (pages < 1 || pages > SEAM_MAX)
        return err_set(e, ERR_CORRUPT, "contract of %d pages", pages);
    struct pdf_button_fill *seams = arena_array(s->a, struct pdf_button_fill, (size_t)pages);
    for (int i = 0; i < pages; i++) {
        struct typeset_drawing strip = typeset_seam_strip(s->a, &seal, i + 1, pages);
        seams[i].field = arena_printf(s->a, "Seam%d", i + 1);
        seams[i].appearance = appearance(&strip);
    }
    r->buttons = seams;
    r->buttons_n = (size_t)pages;
    return true;
}

/* SHA-256 over salt and identity: stands in the certificate instead of the ID number; the salt is the opening. */
static struct sv subject_hash(struct stamp *s)
{
    const struct person_clear *w = &s->parties.worker;
    struct sv salt = hex_encode(s->a, s->salt);
    struct sv text = arena_printf(s->a, "%.*s|%.*s|%.*s", SV_ARG(salt), SV_ARG(w->id_type), SV_ARG(w->id_number));
    struct digest d = digest_of(DIGEST_SHA256, text);
    return digest_hex(s->a, &d);
}

static bool sign(struct stamp *s, struct err *e)
{
    bool worker = s->intent.party == PARTY_WORKER;
    struct sv sha256;
    struct pdf_appearance picture;
    if (!hex_decode(s->a, s->intent.document_sha256, &sha256))
        return err_set(e, ERR_CORRUPT, "hash of an intent");
    struct trust_sign_request r = {
            .field = worker ? SV("Worker") : SV("Employer"),
            .sm2_field = worker ? SV("WorkerSM2") : SV("EmployerSM2"),
            .appearance = &picture,
            .auth = {.act = s->intent.id,
                     .approved_by = s->intent.approved_by,
                     .factor = s->intent.factor,
                     .approved_at = s->intent.approved_at,
                     .document_sha256 = sha256,
                     .detail = s->intent.address},
            .reason = worker ? SV("签署劳动合同") : SV("劳动合同用印")
    };
    if (worker) {
        r.signer.common_name = s->parties.worker.name;
        r.signer.subject_hash = subject_hash(s);
    } else {
        r.signer.key_id = s->parties.enterprise.key_id;
    }
    if (!blob_get(s->c->s.blobs, s->a, s->base.sha256, &r.pdf, e))
        return false;
    if (!(worker ? draw_worker(s, &picture, e) : draw_employer(s, &picture, &r, e)))
        return false;
    return trust_sign_pdf(s->c->s.trust, s->a, &r, &s->signature, e);
}

static bool store(struct stamp *s, struct err *e)
{
    struct sv id;
    if (!blob_put(s->c->s.blobs, s->a, s->signature.pdf, &id, e))
        return false;
    s->result = (struct contract_revision){.name = s->intent.party == PARTY_WORKER ? SV("worker") : SV("final"),
                                           .sha256 = id,
                                           .size = (int64_t)s->signature.pdf.n,
                                           .pages = s->base.pages,
                                           .at = clock_now(s->c->s.clock)};
    return true;
}

DB_QUERY(q_intent_state, .in = "tt", .sql = "UPDATE contract_intent SET state = ?2 WHERE id = ?1 AND state = 'open'");

/* The later of both parties' tokens: only now is the contract in force (指引 9). */
static bool set_effective(struct stamp *s, struct tx *tx, struct err *e)
{
    struct contract_signature *list;
    size_t n;
    int64_t at = s->signature.gen_time_ms;
    if (!contract_signatures(tx, s->a, s->k.row.id, &list, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!sv_eq(list[i].role, SV("platform")) && list[i].at > at)
            at = list[i].at;
    }
    return contract_set_effective(tx, s->k.row.id, at, e);
}

static bool archive_later(struct stamp *s, struct tx *tx, struct err *e)
{
    return contract_archive_enqueue(tx, s->a, s->k.row.id, false, clock_now(s->c->s.clock), e);
}

static bool tell(struct stamp *s, struct tx *tx, struct err *e)
{
    if (s->intent.party == PARTY_WORKER)
        return contract_message_employer(s->c, tx, s->a, &s->k, &s->parties, "mail.worker_signed", e);
    return contract_message_worker(s->c, tx, s->a, &s->k, &s->parties, "sms.effective", SV(""), e) &&
           contract_message_employer(s->c, tx, s->a, &s->k, &s->parties, "mail.effective", e);
}

static bool commit_tx(struct tx *tx, void *arg, struct err *e)
{
    struct stamp *s = arg;
    bool worker = s->intent.party == PARTY_WORKER;
    struct sv name = worker ? s->parties.worker.name : s->parties.enterprise.name;
    struct actor actor = actor_system("job");
    const struct trust_signed *by = &s->signature;
    const struct contract_note notes[] = {
            {"intent",               s->intent.id       },
            {"signer",               name               },
            {"document_sha256",      s->result.sha256   },
            {"certificate_serial",   by->serial_hex     },
            {"certificate_sha256",   by->cert_sha256_hex},
            {"timestamp",            time_rfc3339(s->a,   by->gen_time_ms)},
            {"tsa",                      by->tsa_url                                    },
 /* suite dual: of the SM2 signature; the time above is the later one */
            {"sm2_certificate_serial",                      by->twin.serial_hex},
            {"sm2_certificate_sha256",                      by->twin.cert_sha256_hex                                    },
            {"sm2_timestamp",                      time_rfc3339(s->a,by->twin.gen_time_ms)},
            {"sm2_tsa", by->twin.tsa_url                             },
    };
    size_t notes_n = COUNT(notes) - (by->has_twin ? 0 : 4);
    actor.name = name;
    s->job->finished = false;
    return job_finish(tx, s->job, e) && trust_use_commit(tx, s->signature.use_id, clock_now(s->c->s.clock), e) &&
           contract_apply(s->c, tx, s->a, s->k.row.id,
                          worker ? CONTRACT_EV_WORKER_STAMPED : CONTRACT_EV_EMPLOYER_STAMPED, &actor, notes, notes_n,
                          e) &&
           contract_add_revision(tx, s->k.row.id, &s->result, e) &&
           contract_add_signature(tx, s->k.row.id, contract_party_name(s->intent.party), name, &s->signature, e) &&
           (worker || (set_effective(s, tx, e) && archive_later(s, tx, e))) &&
           db_exec(tx, &q_intent_state, DB_ARGS(DB_TEXT(s->intent.id), DB_TEXT(SV("done"))), e) && tell(s, tx, e);
}

bool contract_stamp_job(struct job *j, void *arg, struct err *e)
{
    struct stamp s = {.c = arg, .job = j, .a = j->a};
    if (!load(&s, e))
        return err_wrap(e, "stamp");
    if (!s.open)
        return true;
    if (!sign(&s, e) || !store(&s, e) || !tx_run(s.c->s.db, commit_tx, &s, e))
        return err_wrap(e, "stamp contract %.*s", SV_ARG(s.k.row.id));
    return true;
}

/* Refused for good (a certificate refused, a damaged document): the act is given up, its party may act again. */
bool contract_stamp_dead(struct tx *tx, const struct job *j, const struct err *why, void *arg, struct err *e)
{
    struct contracts *c = arg;
    struct contract_intent intent;
    struct actor actor = actor_system("job");
    bool open;
    if (!load_intent(tx, j->a, j->payload, &intent, &open, e))
        return false;
    if (!open)
        return true;
    const struct contract_note notes[] = {
            {"intent", intent.id           },
            {"note",   sv_from(why->reason)}
    };
    return contract_apply(c, tx, j->a, intent.contract_id,
                          intent.party == PARTY_WORKER ? CONTRACT_EV_WORKER_FAILED : CONTRACT_EV_EMPLOYER_FAILED,
                          &actor, notes, COUNT(notes), e) &&
           db_exec(tx, &q_intent_state, DB_ARGS(DB_TEXT(intent.id), DB_TEXT(SV("given_up"))), e);
}

bool contract_waiting(struct tx *tx, struct arena *a, struct sv contract_id, struct sv *ret, struct err *e)
{
    struct job_view v;
    *ret = SV("");
    if (!job_by_key(tx, a, arena_printf(a, "stamp:%.*s", SV_ARG(contract_id)), &v, e))
        return e->code == ERR_NOT_FOUND ? (err_clear(e), true) : false;
    if (v.state == JOB_QUEUED || v.state == JOB_RUNNING)
        *ret = v.waiting;
    return true;
}

bool contract_platform_key(struct contracts *c, struct arena *a, struct sv *ret, struct err *e)
{
    struct trust_key key;
    struct trust_key_in in = {.owner = SV("platform"), .purpose = SV("certify"), .common_name = c->s.platform_name};
    if (!trust_key_ensure(c->s.trust, a, &in, &key, e))
        return err_wrap(e, "platform key");
    *ret = key.id;
    return true;
}
