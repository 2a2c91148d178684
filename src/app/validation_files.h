/* The options --trust, --crl, --ocsp, --chain and --online of sign, renew and verify. */
#ifndef APP_VALIDATION_FILES_H
#define APP_VALIDATION_FILES_H

#include "trust/validation.h"

#define VALIDATION_FILES 64 /* of a kind */

struct path_list {
    const char *v[VALIDATION_FILES];
    size_t n;
};
struct validation_files {
    struct path_list trust, crls, ocsps, certs;
    bool online;
};
/* False when there are too many. */
bool path_list_add(struct path_list *list, const char *path);
/* Fills anchors, sources and clock of the order. Errors: those of files; BAD_INPUT cert_unreadable, crl_unreadable,
 * ocsp_unreadable. */
MUST_CHECK bool validation_files_read(struct arena *a, const struct validation_files *f, struct validation_order *ret,
                                      struct err *e);

#endif
