/* See validation_files.h. */
#include "app/validation_files.h"

#include "crypto/revocation.h"

#define MAX_BYTES ((size_t)64 << 20)

bool path_list_add(struct path_list *list, const char *path)
{
    if (list->n == COUNT(list->v))
        return false;
    list->v[list->n++] = path;
    return true;
}

static bool read_certs(struct arena *a, const struct path_list *list, struct certs *ret, struct err *e)
{
    for (size_t i = 0; i < list->n; i++) {
        struct sv bytes;
        struct certs some = {0};
        if (!file_read(a, list->v[i], MAX_BYTES, &bytes, e))
            return false;
        if (!certs_parse(a, bytes, &some, e))
            return err_wrap(e, "%s", list->v[i]);
        for (size_t k = 0; k < some.n; k++)
            certs_add(a, ret, some.v[k]);
    }
    return true;
}

/* One list in DER, or any number in PEM, one behind the other. */
static bool take_crls(struct arena *a, struct sv bytes, struct der_list *ret, struct err *e)
{
    static const struct sv begin = SV_INIT("-----BEGIN X509 CRL-----");
    struct crl_info crl;
    size_t at = sv_find(bytes, begin);
    do {
        struct sv rest = at == SIZE_MAX ? bytes : sv_skip(bytes, at);
        if (!crl_parse(a, rest, &crl, e))
            return false;
        der_list_add(a, ret, crl.der);
        bytes = at == SIZE_MAX ? SV("") : sv_skip(rest, begin.n);
        at = sv_find(bytes, begin);
    } while (at != SIZE_MAX);
    return true;
}

static bool read_crls(struct arena *a, const struct path_list *list, struct der_list *ret, struct err *e)
{
    for (size_t i = 0; i < list->n; i++) {
        struct sv bytes;
        if (!file_read(a, list->v[i], MAX_BYTES, &bytes, e))
            return false;
        if (!take_crls(a, bytes, ret, e))
            return err_wrap(e, "%s", list->v[i]);
    }
    return true;
}

static bool read_ocsps(struct arena *a, const struct path_list *list, struct der_list *ret, struct err *e)
{
    for (size_t i = 0; i < list->n; i++) {
        struct sv bytes, der;
        int64_t produced_at;
        if (!file_read(a, list->v[i], MAX_BYTES, &bytes, e))
            return false;
        if (!pem_decode(a, "OCSP RESPONSE", bytes, &der, e) || !ocsp_response_parse(a, der, &produced_at, NULL, e))
            return err_wrap(e, "%s", list->v[i]);
        der_list_add(a, ret, der);
    }
    return true;
}

bool validation_files_read(struct arena *a, const struct validation_files *f, struct validation_order *ret,
                           struct err *e)
{
    struct pdf_ltv_data *given = &ret->sources.given;
    ret->sources.online = f->online;
    ret->clock = &clock_system;
    return read_certs(a, &f->trust, &ret->anchors, e) && read_certs(a, &f->certs, &given->certs, e) &&
           read_crls(a, &f->crls, &given->crls, e) && read_ocsps(a, &f->ocsps, &given->ocsps, e);
}
