/* Shared helpers over OpenSSL; see ossl_priv.h. */
#include "crypto/ossl_priv.h"

#include <openssl/err.h>

void ossl_forget(void)
{
    ERR_clear_error();
}

bool ossl_fail(struct err *e, enum err_code code, const char *what)
{
    unsigned long n = ERR_peek_last_error();
    char text[160] = "no detail";
    if (n)
        ERR_error_string_n(n, text, sizeof(text));
    ERR_clear_error();
    return err_set(e, code, "%s: %s", what, text);
}

struct sv bio_to_arena(struct arena *a, BIO *b)
{
    char *p = NULL;
    long n = BIO_get_mem_data(b, &p);
    return arena_sv(a, sv_of(p, n > 0 ? (size_t)n : 0));
}
