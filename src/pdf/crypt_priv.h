/* Encrypted documents: the standard security handler (ISO 32000-2 7.6), for reading and for continuing a file.
 *
 *   V 1, 2   RC4, 40 to 128 bits (R 2, 3)
 *   V 4      crypt filters: RC4, AES-128, Identity (R 4)
 *   V 5      AES-256 (R 5 as Adobe extension level 3 had it, R 6)
 *
 * Opened with the user's or the owner's password, or the empty one. Passwords are UTF-8. For R 5 and 6 they should pass
 * through SASLprep (RFC 4013); of it the mapping of blanks and invisible characters is done, the normalisation NFKC and
 * the refusal of forbidden characters are not: a password is tried as it was typed and as mapped. For R 2 to 4 it is
 * tried in PDFDocEncoding and as it was typed. Handlers for recipients' keys (7.6.5) are not known.
 *
 * Not encrypted, by the standard: the Encrypt dictionary, cross-reference streams, /Contents of signatures, strings in
 * object streams (their stream is), metadata when the file says so. */
#ifndef PDF_CRYPT_PRIV_H
#define PDF_CRYPT_PRIV_H

#include "pdf/doc_priv.h"

enum crypt_method { CRYPT_IDENTITY, CRYPT_RC4, CRYPT_AES128, CRYPT_AES256 };

struct crypt {
    int v, r;
    uint8_t key[32];
    size_t key_n;
    enum crypt_method strings, streams, files; /* files: embedded ones */
    const struct obj *filters;                 /* /CF */
    bool metadata;                             /* encrypted too */
    bool keyless;                              /* no password fits, and only embedded files need one */
    bool owner;                                /* the owner's password: every permission */
    uint32_t permissions;                      /* /P */
    uint32_t num;                              /* object number of the Encrypt dictionary, 0: in the trailer */
};

/* Sets d->crypt or d->lock. False: malformed, d->problem. */
MUST_CHECK bool crypt_open(struct doc *d, struct sv password);
void crypt_close(struct doc *d); /* wipes the key */

/* What was parsed as object num gen, in place: strings get their plain text, the stream its home. */
void crypt_object(struct doc *d, struct obj *o, uint32_t num, uint32_t gen);
/* Data of a stream as its filters want it. named: name of the crypt filter it asks for, or NULL. False: damaged, or an
 * unknown crypt filter. */
MUST_CHECK bool crypt_stream(struct doc *d, const struct obj *stream, const struct obj *named, struct sv *ret);

/* Writing as object num gen of the file; with crypt NULL as it is. */
void crypt_write(struct arena *a, struct buf *b, const struct crypt *c, const struct obj *o, uint32_t num,
                 uint32_t gen);
struct sv crypt_stream_seal(struct arena *a, const struct crypt *c, const struct obj *dict, uint32_t num, uint32_t gen,
                            struct sv data);

/* /P (7.6.4.2, table 22): bits by their numbers there. Always true for plain files and owners. */
#define CRYPT_MODIFY   (1u << 3)                       /* 4 */
#define CRYPT_ANNOTATE (1u << 5)                       /* 6: annotations, and filling in */
#define CRYPT_FILL     (1u << 8)                       /* 9: filling in, signature fields among it */
bool crypt_allows(const struct doc *d, uint32_t bits); /* at least one of them */

/* crypt_key.c: tries a password as owner's and as user's; true when it fits, and key, owner are set. */
struct crypt_secrets {
    struct sv o, u, oe, ue, perms, id;
};
MUST_CHECK bool crypt_try(struct arena *a, struct crypt *c, const struct crypt_secrets *s, struct sv password);

#endif
