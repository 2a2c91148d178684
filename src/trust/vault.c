/* Sealed keys, and the one place where a private key signs. What this file needs to know for signing comes in one
 * struct of plain values, so that a separate key process or a device can stand behind vault_sign. */
#include <string.h>

#include "crypto/cms.h"
#include "crypto/key.h"
#include "trust/trust_priv.h"

/* Each key is sealed under its own key derived from the KEK, and bound to its row: a sealed text moved to another row,
 * or into another table, does not open. */
static struct secret *row_key(const struct trust *t, struct sv id)
{
    return secret_derive(t->kek, "trust_key seal v1", id, SEAL_KEY_SIZE);
}

void vault_seal(const struct trust *t, struct arena *a, const struct key *key, struct sv id, struct sv *ret_kek,
                struct sv *ret_sealed)
{
    CLEANUP(secret_cleanup) struct secret *plain = key_to_pkcs8(key);
    CLEANUP(secret_cleanup) struct secret *seal_key = row_key(t, id);
    *ret_sealed = seal_secret(a, seal_key, arena_printf(a, "trust_key %.*s", SV_ARG(id)), plain);
    *ret_kek = t->kek_name;
}

static bool unseal(const struct trust *t, struct arena *a, const struct sealed_key *row, struct key **ret,
                   struct err *e)
{
    struct sv id = row->key.id;
    if (!sv_eq(row->kek, t->kek_name))
        return err_user(e, ERR_CONFLICT, "kek_wrong", NULL, "key %.*s was sealed with KEK %.*s, here is %.*s",
                        SV_ARG(id), SV_ARG(row->kek), SV_ARG(t->kek_name));
    CLEANUP(secret_cleanup) struct secret *seal_key = row_key(t, id);
    CLEANUP(secret_cleanup) struct secret *plain = NULL;
    if (!seal_open_secret(seal_key, arena_printf(a, "trust_key %.*s", SV_ARG(id)), row->sealed, &plain, e))
        return err_wrap(e, "key %.*s", SV_ARG(id));
    return key_load(secret_view(plain), SV(""), ret, e) || err_wrap(e, "key %.*s", SV_ARG(id));
}

struct take {
    struct trust *t;
    struct arena *a;
    const struct vault_job *job;
    struct sv base_sha256;
    struct sealed_key row;
};

/* The approval is spent and the key's state read in one transaction: a key that was suspended before it cannot sign
 * after it. */
static bool take_approval(struct tx *tx, void *arg, struct err *e)
{
    struct take *k = arg;
    const struct vault_job *job = k->job;
    int64_t now = clock_now(k->t->clock);
    const struct take_row take = {job->use_id, job->key_id, job->auth->document_sha256, k->base_sha256};
    if (!(job->twin ? store_twin_take(tx, &take, now, e) : store_use_take(tx, &take, now, e)))
        return false;
    if (job->key_id.n == 0)
        return true;
    if (!store_key_get(tx, k->a, job->key_id, &k->row, e))
        return false;
    const struct trust_key *key = &k->row.key;
    if (key->state != TRUST_KEY_active || now < key->not_before_at || now >= key->not_after_at)
        return err_user(e, ERR_CONFLICT, "key_not_usable", NULL, "key %.*s is not active or not valid now",
                        SV_ARG(key->id));
    return true;
}

/* The signed bytes are everything but the Contents token, and begin with the whole approved document. Whether what
 * stands between the two is the twin's signature says the recorded approval (take_approval). */
static bool check_document(const struct vault_job *job, struct digest *ret, struct digest *ret_base, struct err *e)
{
    struct digest whole = digest_of(DIGEST_SHA256, job->approved);
    if (!sv_eq(digest_sv(&whole), job->auth->document_sha256) || !sv_starts(job->document, job->approved))
        return err_user(e, ERR_CONFLICT, "document_changed", NULL, "the document is not the approved one");
    if (!sv_eq(job->prepared->input, job->document))
        return err_user(e, ERR_CONFLICT, "document_changed", NULL,
                        "what is to be signed does not begin with the document");
    *ret_base = job->document.n == job->approved.n ? whole : digest_of(DIGEST_SHA256, job->document);
    *ret = pdf_prepared_digest(job->prepared, key_kind_digest(job->signer->key_kind));
    return true;
}

bool vault_sign(struct trust *t, struct arena *a, const struct vault_job *job, struct sv *ret_cms,
                struct digest *ret_digest, struct err *e)
{
    must((job->key_id.n > 0) != (job->act_key != NULL));
    struct digest base;
    if (!check_document(job, ret_digest, &base, e))
        return false;
    struct take take = {.t = t, .a = a, .job = job, .base_sha256 = digest_sv(&base)};
    if (!tx_run(t->db, take_approval, &take, e))
        return err_wrap(e, "take approval");
    CLEANUP(key_cleanup) struct key *own = NULL;
    if (job->key_id.n > 0 && !unseal(t, a, &take.row, &own, e))
        return false;
    const struct key *key = own ? own : job->act_key;
    if (!key_matches(key, job->signer->public_der))
        return err_set(e, ERR_CORRUPT, "the key does not fit its certificate");
    const struct cms_order order = {.signer = job->signer, .chain = job->chain};
    return cms_sign(a, &order, key, ret_digest, ret_cms, e) || err_wrap(e, "sign");
}
