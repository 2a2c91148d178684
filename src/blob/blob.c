/* Names, keys and checks of documents; see blob.h. The order of writing is key, then data: until both stand, the
 * document is not there. Disposal removes the key before the data, so that a crash between leaves nothing readable. */
#include "blob/blob.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blob/blob_priv.h"
#include "crypto/digest.h"

#define SCRATCH_LIMIT (BLOB_LIMIT + ((size_t)1 << 20))
#define WRAPPED_LIMIT 1024

bool blob_set_fault(struct blob_store *s, struct sv fault, struct err *e)
{
    struct sv how = fault, number = sv_cut(&how, ':');
    s->kill = sv_eq(how, SV("kill"));
    if (!sv_u64(number, UINT32_MAX, &s->fail_at) || s->fail_at == 0 || (how.n && !s->kill))
        return err_set(e, ERR_BAD_INPUT, "fault \"%.*s\" of the documents: want N or N:kill", SV_ARG(fault));
    return true;
}

struct blob_store *blob_store_new(const struct blob_driver *driver, void *ctx, const struct secret *key)
{
    struct blob_store *s = calloc(1, sizeof(*s));
    must(s != NULL);
    s->driver = driver;
    s->ctx = ctx;
    s->key = key;
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void blob_close(struct blob_store *s)
{
    if (!s)
        return;
    s->driver->close(s->ctx);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

bool blob_step(struct blob_store *s, struct err *e)
{
    if (!s->fail_at)
        return true;
    pthread_mutex_lock(&s->lock);
    bool now = ++s->steps == s->fail_at;
    pthread_mutex_unlock(&s->lock);
    if (now && s->kill)
        _exit(99);
    return !now || err_set(e, ERR_IO, "storing step %llu failed by the fault hook", (unsigned long long)s->fail_at);
}

struct sv blob_id_of(struct arena *a, struct sv bytes)
{
    struct digest d = digest_of(DIGEST_SHA256, bytes);
    return digest_hex(a, &d);
}

bool blob_id_is_valid(struct sv id)
{
    for (size_t i = 0; i < id.n; i++) {
        if (!(id.p[i] >= '0' && id.p[i] <= '9') && !(id.p[i] >= 'a' && id.p[i] <= 'f'))
            return false;
    }
    return id.n == BLOB_ID_LEN;
}

static bool not_found(struct sv id, struct err *e)
{
    return err_user(e, ERR_NOT_FOUND, "blob_not_found", NULL, "blob %.8s: not found", id.n >= 8 ? id.p : "?");
}

static bool corrupt(struct sv id, const char *what, struct err *e)
{
    return err_user(e, ERR_CORRUPT, "blob_corrupt", NULL, "blob %.*s: %s", SV_ARG(id), what);
}

static struct sv bound_to(struct arena *a, const char *what, struct sv id)
{
    return arena_printf(a, "%s v1 %.*s", what, SV_ARG(id));
}

/* NOT_FOUND from the driver becomes disposed or unknown. */
static bool explain_missing(struct blob_store *s, struct sv id, struct err *e)
{
    size_t size;
    struct err ignored = ERR_INIT;
    if (e->code != ERR_NOT_FOUND)
        return false;
    if (s->driver->size(s->ctx, BLOB_GONE, id, &size, &ignored))
        return err_user(e, ERR_GONE, "blob_disposed", NULL, "blob %.*s: disposed of", SV_ARG(id));
    return not_found(id, e);
}

static bool read_key(struct blob_store *s, struct arena *scratch, struct sv id, struct secret **ret, struct err *e)
{
    struct sv wrapped;
    if (!s->driver->read(s->ctx, scratch, BLOB_KEY, id, WRAPPED_LIMIT, &wrapped, e))
        return explain_missing(s, id, e);
    if (seal_open_secret(s->key, bound_to(scratch, "blob key", id), wrapped, ret, e))
        return true;
    return corrupt(id, "its key does not open", e);
}

static bool read_plain(struct blob_store *s, struct arena *a, struct sv id, struct sv *ret, struct err *e)
{
    CLEANUP(arena_done) struct arena scratch = {0};
    CLEANUP(secret_cleanup) struct secret *key = NULL;
    struct sv sealed, plain;
    arena_init(&scratch, SCRATCH_LIMIT);
    if (!read_key(s, &scratch, id, &key, e))
        return false;
    if (!s->driver->read(s->ctx, &scratch, BLOB_DATA, id, BLOB_LIMIT + SEAL_OVERHEAD, &sealed, e))
        return explain_missing(s, id, e);
    if (!seal_open(a, key, bound_to(&scratch, "blob", id), sealed, &plain, e))
        return corrupt(id, "the sealed bytes do not open", e);
    if (!sv_eq(blob_id_of(&scratch, plain), id))
        return corrupt(id, "the bytes do not have this hash", e);
    *ret = plain;
    return true;
}

bool blob_get(struct blob_store *s, struct arena *a, struct sv id, struct sv *ret, struct err *e)
{
    return blob_id_is_valid(id) ? read_plain(s, a, id, ret, e) : not_found(id, e);
}

/* The document's key: the stored one, or a new one. Of two puts at once the first to link its key wins for both. */
static bool key_for_put(struct blob_store *s, struct arena *scratch, struct sv id, struct secret **ret, struct err *e)
{
    if (read_key(s, scratch, id, ret, e))
        return true;
    bool damaged = e->code == ERR_CORRUPT;
    if (!damaged && e->code != ERR_NOT_FOUND && e->code != ERR_GONE)
        return false;
    CLEANUP(secret_cleanup) struct secret *fresh = secret_random(SEAL_KEY_SIZE);
    struct sv wrapped = seal_secret(scratch, s->key, bound_to(scratch, "blob key", id), fresh);
    if (!blob_step(s, e))
        return false;
    if (s->driver->write(s->ctx, BLOB_KEY, id, wrapped, !damaged, e)) {
        *ret = steal(&fresh);
        return true;
    }
    return e->code == ERR_CONFLICT && read_key(s, scratch, id, ret, e);
}

static bool put_locked(struct blob_store *s, struct sv id, struct sv bytes, struct err *e)
{
    CLEANUP(arena_done) struct arena scratch = {0};
    CLEANUP(secret_cleanup) struct secret *key = NULL;
    struct sv there;
    struct err why = ERR_INIT;
    arena_init(&scratch, 2 * SCRATCH_LIMIT);
    if (read_plain(s, &scratch, id, &there, &why))
        return true;
    if (!key_for_put(s, &scratch, id, &key, e))
        return false;
    struct sv sealed = seal(&scratch, key, bound_to(&scratch, "blob", id), bytes);
    return blob_step(s, e) && s->driver->write(s->ctx, BLOB_DATA, id, sealed, false, e) && blob_step(s, e) &&
           s->driver->remove(s->ctx, BLOB_GONE, id, e);
}

bool blob_put(struct blob_store *s, struct arena *a, struct sv bytes, struct sv *ret_id, struct err *e)
{
    int handle;
    if (bytes.n > BLOB_LIMIT)
        return err_user(e, ERR_TOO_LARGE, "blob_too_large", NULL, "blob of %zu bytes", bytes.n);
    struct sv id = blob_id_of(a, bytes);
    if (!s->driver->lock(s->ctx, false, &handle, e))
        return err_wrap(e, "blob %.*s", SV_ARG(id));
    bool ok = put_locked(s, id, bytes, e);
    s->driver->unlock(s->ctx, handle);
    if (!ok)
        return err_wrap(e, "store blob %.*s", SV_ARG(id));
    *ret_id = id;
    return true;
}

bool blob_stat(struct blob_store *s, struct sv id, struct blob_info *ret, struct err *e)
{
    size_t size;
    if (!blob_id_is_valid(id))
        return not_found(id, e);
    if (!s->driver->size(s->ctx, BLOB_KEY, id, &size, e) || !s->driver->size(s->ctx, BLOB_DATA, id, &size, e))
        return explain_missing(s, id, e);
    if (size < SEAL_OVERHEAD || size > BLOB_LIMIT + SEAL_OVERHEAD)
        return corrupt(id, "a file of impossible size", e);
    ret->size = size - SEAL_OVERHEAD;
    return true;
}

bool blob_exists(struct blob_store *s, struct sv id, bool *ret, struct err *e)
{
    struct blob_info info;
    *ret = blob_stat(s, id, &info, e);
    if (!*ret && e->code != ERR_NOT_FOUND && e->code != ERR_GONE)
        return false;
    err_clear(e);
    return true;
}

static bool dispose_locked(struct blob_store *s, struct sv id, struct err *e)
{
    size_t size;
    struct err none = ERR_INIT;
    bool key = s->driver->size(s->ctx, BLOB_KEY, id, &size, &none);
    bool data = s->driver->size(s->ctx, BLOB_DATA, id, &size, &none);
    bool gone = s->driver->size(s->ctx, BLOB_GONE, id, &size, &none);
    if (!key && !data)
        return gone || not_found(id, e);
    return blob_step(s, e) && s->driver->write(s->ctx, BLOB_GONE, id, SV("disposed of\n"), false, e) &&
           blob_step(s, e) && s->driver->remove(s->ctx, BLOB_KEY, id, e) && blob_step(s, e) &&
           s->driver->remove(s->ctx, BLOB_DATA, id, e);
}

bool blob_dispose(struct blob_store *s, struct sv id, struct err *e)
{
    int handle;
    if (!blob_id_is_valid(id))
        return not_found(id, e);
    if (!s->driver->lock(s->ctx, true, &handle, e))
        return err_wrap(e, "blob %.*s", SV_ARG(id));
    bool ok = dispose_locked(s, id, e);
    s->driver->unlock(s->ctx, handle);
    return ok || err_wrap(e, "dispose of blob %.*s", SV_ARG(id));
}
