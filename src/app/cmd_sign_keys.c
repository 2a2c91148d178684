/* Keys and certificates of qyq sign. */
#include "app/cmd_sign.h"

#define MAX_FILE  ((size_t)16 << 20)
#define MAX_CHAIN 10

void signer_done(struct signer *s)
{
    key_free(s->key);
}

/* Everything of a file but the signer's own certificate. */
static bool load_certs(struct arena *a, const char *path, const struct cert **ret_first, struct certs *ret_more,
                       struct err *e)
{
    struct sv bytes;
    struct certs certs = {0};
    if (!file_read(a, path, MAX_FILE, &bytes, e))
        return false;
    if (!certs_parse(a, bytes, &certs, e))
        return err_wrap(e, "%s", path);
    *ret_first = certs.v[0];
    for (size_t i = 0; i < certs.n; i++)
        certs_add(a, ret_more, certs.v[i]);
    return true;
}

static bool load_pair(struct arena *a, const struct key_files *f, struct sv pass, struct signer *ret,
                      struct certs *ret_more, struct err *e)
{
    struct sv key;
    return file_read(a, f->key, MAX_FILE, &key, e) &&
           (key_load(key, pass, &ret->key, e) || err_wrap(e, "%s", f->key)) &&
           load_certs(a, f->cert, &ret->cert, ret_more, e);
}

static bool load_bundle(struct arena *a, const struct key_files *f, struct sv pass, struct signer *ret,
                        struct certs *ret_more, struct err *e)
{
    struct sv file;
    return file_read(a, f->p12, MAX_FILE, &file, e) &&
           (pkcs12_load(a, file, pass, &ret->key, &ret->cert, ret_more, e) || err_wrap(e, "%s", f->p12));
}

/* Only the issuers go into the signature: what has nothing to do with it would be taken for damage there. */
static void order_chain(struct arena *a, const struct certs *more, struct signer *s)
{
    const struct cert *c = s->cert;
    for (size_t step = 0; step < MAX_CHAIN && !c->self_signed; step++) {
        const struct cert *up = NULL;
        for (size_t i = 0; i < more->n && !up; i++) {
            const struct cert *x = more->v[i];
            bool key = !c->authority_key_id.n || !x->key_id.n || sv_eq(c->authority_key_id, x->key_id);
            if (key && sv_eq(x->subject_der, c->issuer_der))
                up = x;
        }
        if (!up)
            return;
        certs_add(a, &s->chain, up);
        c = up;
    }
}

bool signer_load(struct arena *a, const struct key_files *f, struct sv pass, struct signer *ret, struct err *e)
{
    struct certs more = {0};
    const struct cert *unused;
    if (!(f->p12 ? load_bundle(a, f, pass, ret, &more, e) : load_pair(a, f, pass, ret, &more, e)) ||
        (f->chain && !load_certs(a, f->chain, &unused, &more, e)))
        return false;
    order_chain(a, &more, ret);
    return key_matches(ret->key, ret->cert->public_der) ||
           err_user(e, ERR_REFUSED, "cert_key_mismatch", NULL, "the certificate does not belong to the key");
}
