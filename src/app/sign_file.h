/* The document that "qyq sign" works on: it grows, update by update, in the temporary file that becomes OUT, and is
 * looked at through a map, so that memory does not grow with it. */
#ifndef APP_SIGN_FILE_H
#define APP_SIGN_FILE_H

#include "base/base.h"
#include "pdf/sign.h"

struct sign_file {
    struct sv bytes; /* the document as it is now; the bytes before stay readable until the next append */
    struct file_out out;
    struct file_view views[2];
    unsigned at;
    struct pdf_reader reader; /* for the options of pdf */
};
#define SIGN_FILE_INIT ((struct sign_file){.out = FILE_OUT_INIT})
/* Copies in to the temporary file of out. */
MUST_CHECK bool sign_file_open(struct sign_file *f, const char *in, const char *out, struct err *e);
MUST_CHECK bool sign_file_append(struct sign_file *f, struct sv update, struct err *e);
MUST_CHECK bool sign_file_commit(struct sign_file *f, struct err *e);
void sign_file_done(struct sign_file *f); /* what was not committed is gone */

#endif
