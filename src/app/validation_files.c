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

static bool read_crls(struct arena *a, const struct path_list *list, struct der_list *ret, struct err *e)
{
    for (size_t i = 0; i < list->n; i++) {
        struct sv bytes;
        struct crl_info crl;
        if (!file_read(a, list->v[i], MAX_BYTES, &bytes, e))
            return false;
        if (!crl_parse(a, bytes, &crl, e))
            return err_wrap(e, "%s", list->v[i]);
        der_list_add(a, ret, crl.der);
    }
    return true;
}

static bool read_ocsps(struct arena *a, const struct path_list *list, struct der_list *ret, struct err *e)
{
    for (size_t i = 0; i < list->n; i++) {
        struct sv bytes;
        int64_t produced_at;
        if (!file_read(a, list->v[i], MAX_BYTES, &bytes, e))
            return false;
        if (!ocsp_response_parse(a, bytes, &produced_at, NULL, e))
            return err_wrap(e, "%s", list->v[i]);
        der_list_add(a, ret, bytes);
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
