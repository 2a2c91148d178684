/* Signing a PDF in two steps, so that keys, CA and TSA stay outside this room (ISO 32000-2 12.8, ETSI EN 319 142-1):
 *
 *   pdf_sign_prepare   makes one incremental update with the signature dictionary and a placeholder for its Contents
 *   the caller         takes pdf_prepared_digest, obtains the CMS (or, for a document timestamp, the RFC 3161 token),
 * DER pdf_sign_finish    writes the CMS into the placeholder; nothing moves pdf_sign_check     (pdf/verify.h) reads the
 * finished file back before it is handed out
 *
 * The finished file is the input, byte for byte as it was, and the update behind it. The two are kept apart, so that a
 * large file is neither copied nor held in memory; pdf_prepared_bytes joins them for those who want one piece.
 *
 * Errors (code, reason): BAD_INPUT pdf_unreadable, pdf_password (encrypted, and none or the wrong password);
 * UNSUPPORTED pdf_encrypted (for recipients' keys or in a way we do not know), pdf_xfa; REFUSED pdf_permission (the
 * file's author allows its readers neither to fill in nor to change it), pdf_damaged (cross
 * references that contradict the file: a repair would change what the reader sees), pdf_no_changes_allowed (certified
 * at level 1), pdf_already_certified, pdf_certify_first (a certification must be the first signature),
 * pdf_field_locked, pdf_visible_field_after_certification; CONFLICT pdf_field_signed; BAD_INPUT pdf_field_name,
 * pdf_field_kind (exists, but is no signature field), pdf_field_missing, pdf_page_missing, pdf_rect, pdf_appearance;
 * TOO_LARGE pdf_cms_too_large, pdf_too_large. */
#ifndef PDF_SIGN_H
#define PDF_SIGN_H

#include "base/base.h"
#include "crypto/digest.h"

#define PDF_RESERVE_SIGNATURE 16384
#define PDF_RESERVE_TIMESTAMP 8192

/* Who maps a large file may want to know which parts of it were gone through and will hardly be looked at again
 * (file_view_forget of base/io.h). They may be parts of other bytes, too. */
struct pdf_reader {
    void (*seen)(void *arg, struct sv part);
    void *arg;
};

/* In points of the page's user space (before /Rotate): lower left corner, width, height. All zero: invisible. */
struct pdf_rect {
    double x, y, w, h;
};

/* A picture: PDF content-stream operators that draw inside (0,0)..(width,height), without resources (text as outlines).
 * It is scaled into the field's rectangle, proportions kept, centred, upright also on rotated pages. With an image
 * (pdf/image.h) the operators may paint it with "/Im0 Do". */
struct pdf_image;
struct pdf_appearance {
    struct sv content;
    double width, height;          /* points, > 0 */
    const struct pdf_image *image; /* or NULL */
};

/* A read-only push-button of the document that gets a picture in the same revision: the 骑缝章 strips Seam1…SeamN. */
struct pdf_button_fill {
    struct sv field; /* full name of the existing field */
    struct pdf_appearance appearance;
};

enum pdf_subfilter {
    PDF_SUBFILTER_CADES,     /* ETSI.CAdES.detached */
    PDF_SUBFILTER_PKCS7,     /* adbe.pkcs7.detached */
    PDF_SUBFILTER_TIMESTAMP, /* ETSI.RFC3161: a document timestamp */
};

enum pdf_lock_action { PDF_LOCK_NONE, PDF_LOCK_ALL, PDF_LOCK_INCLUDE, PDF_LOCK_EXCLUDE };

/* Fields that may not change after this signature (FieldMDP). A /Lock that the field already carries is applied in any
 * case. */
struct pdf_lock {
    enum pdf_lock_action action;
    const struct sv *fields;
    size_t fields_n;
};

struct pdf_sign_options {
    const struct pdf_reader *reader; /* or NULL; also for pdf_prepared_digest and pdf_sign_check, until then */
    enum pdf_subfilter subfilter;
    /* An existing empty signature field, or the name of a new one (UTF-8, no full stop); empty: a fresh Signature<n>.
     */
    struct sv field;
    bool field_must_exist;                   /* never create one */
    unsigned page;                           /* for a new field; 1 = first, 0 = 1 */
    struct pdf_rect rect;                    /* for a new field */
    const struct pdf_appearance *appearance; /* NULL: none; refused for document timestamps and invisible fields */
    const struct pdf_button_fill *buttons;
    size_t buttons_n;
    int certify; /* 0: approval signature; 1, 2, 3: certification with that DocMDP level */
    struct pdf_lock lock;
    struct sv name, reason, location, contact; /* UTF-8, may be empty; not for document timestamps */
    int64_t signing_at;                        /* ms; /M, claimed time */
    size_t reserve;                            /* bytes of DER the placeholder can hold; 0: the defaults above */
    struct sv password;                        /* of an encrypted file, UTF-8: user's or owner's; the empty one is
                                                  tried in any case */
};

struct pdf_prepared {
    struct sv input;   /* as it was given; must outlive this */
    struct sv update;  /* what follows it; the arena's memory, written by pdf_sign_finish */
    uint64_t range[4]; /* ByteRange */
    size_t reserve;
    struct sv field;                 /* full name of the signed field */
    const struct pdf_reader *reader; /* as in the options */
    struct sv password;              /* as in the options */
};

MUST_CHECK bool pdf_sign_prepare(struct arena *a, struct sv input, const struct pdf_sign_options *o,
                                 struct pdf_prepared *ret, struct err *e);
/* The signed bytes in their order: the input, the update up to Contents, the update behind Contents. */
#define PDF_SIGNED_PARTS 3
struct sv pdf_prepared_part(const struct pdf_prepared *p, int part);
struct digest pdf_prepared_digest(const struct pdf_prepared *p, enum digest_alg alg);
/* The file in one piece, a copy. */
struct sv pdf_prepared_bytes(struct arena *a, const struct pdf_prepared *p);
/* May be called again with another CMS. */
MUST_CHECK bool pdf_sign_finish(struct pdf_prepared *p, struct sv cms_der, struct err *e);

#endif
