/* Pictures for visible signatures: JPEG is passed through, PNG becomes deflated RGB with a soft mask. */
#ifndef PDF_IMAGE_H
#define PDF_IMAGE_H

#include "base/base.h"

struct pdf_image {
    unsigned width, height; /* pixels */
    unsigned components;    /* 1 grey, 3 RGB, 4 CMYK */
    bool jpeg;              /* data is the JPEG file; else Flate of 8-bit samples */
    bool inverted;          /* CMYK as Adobe writes it */
    struct sv data;
    struct sv mask; /* Flate of 8-bit alpha; empty: opaque */
};

/* Errors: MEDIA_TYPE image_kind (neither PNG nor JPEG), BAD_INPUT image_damaged, TOO_LARGE image_too_large, UNSUPPORTED
 * image_variant. */
MUST_CHECK bool pdf_image_read(struct arena *a, struct sv file, struct pdf_image *ret, struct err *e);

#endif
