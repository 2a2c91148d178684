/* The parts of qyq sign: what the command line asks for (cmd_sign_options.c), keys and certificates (cmd_sign_keys.c),
 * the act (cmd_sign.c). */
#ifndef APP_CMD_SIGN_H
#define APP_CMD_SIGN_H

#include "app/commands.h"
#include "app/validation_files.h"
#include "crypto/key.h"
#include "pdf/sign.h"

struct key_files {
    const char *key, *cert, *chain, *p12;
};
struct sign_options {
    const char *in, *out;
    const char *pass_file, *password_file, *tsa, *image;
    struct key_files main, also; /* also.key NULL: one signature */
    enum pdf_level level;
    bool pss, gm, help;
    enum digest_alg digest;
    struct pdf_sign_options sign;
    struct sv lock[64];
    struct validation_files data; /* data.certs: the chains, too */
};
/* 0 or EXIT_USAGE, told. */
int sign_options_parse(int argc, char **argv, struct sign_options *ret);

struct signer {
    struct key *key;
    const struct cert *cert;
    struct certs chain; /* issuers in their order, as far as they are at hand */
};
/* pass: of the key or PKCS#12 file. Errors: of the files; REFUSED cert_key_mismatch. */
MUST_CHECK bool signer_load(struct arena *a, const struct key_files *f, struct sv pass, struct signer *ret,
                            struct err *e);
void signer_done(struct signer *s);

/* Where timestamps come from, and whether that failed: exit code 4. */
struct stamping {
    struct sv url;
    bool failed;
};
/* validation_stamp_fn, ctx: struct stamping. Many TSAs know no SM3: refused, they are asked with SHA-256. */
bool stamping_ask(void *ctx, struct arena *a, const struct digest *imprint, struct sv *ret_token_der, struct err *e);

/* Exit codes of sign and renew for an error, after telling it in one line. */
int sign_failed(const char *command, const struct err *e, bool outside_failed);

#endif
