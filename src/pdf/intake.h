/* A foreign PDF before it becomes a contract: is there anything in it that acts, reaches outside, or could show
 * something else later than it shows now? And the same document in a form that holds nothing but what is in use.
 *
 * Two readings are compared. qpdf reads the file as tolerantly as common readers do and writes it anew: one revision,
 * one cross-reference table, no object streams, unreferenced objects dropped, an identifier computed from the content.
 * That normalised document is what would become the contract, and what is examined for active content, external
 * references and fonts. The file as it came is examined for what the rewriting would hide: earlier revisions, objects
 * defined twice, unused copies of pages (the preparations of shadow attacks), signatures.
 *
 * qpdf runs in a child process: it recurses and decodes as deep and as far as the file says, and can neither be given a
 * limit of memory nor be interrupted from inside. The child may use so much memory and time and no more, opens nothing,
 * and hands back bytes alone. A process that holds secrets names a helper program, so that the child does not
 * inherit its memory; without one the child is a fork. Any input bytes are safe. The network is never touched. */
#ifndef PDF_INTAKE_H
#define PDF_INTAKE_H

#include "base/base.h"
#include "pdf/sign.h"
#include "text/text.h"
#include "json/json.h"

enum pdf_intake_severity { PDF_INTAKE_REFUSE, PDF_INTAKE_WARN, PDF_INTAKE_INFO };

/* code, severity. The words stand under "pdf.intake.<code>" in the message files. */
#define PDF_INTAKE_CODES(X)                                                                                            \
    /* what acts */                                                                                                    \
    X(javascript, REFUSE)                                                                                              \
    X(launch, REFUSE)         /* starts a program or opens a file */                                                   \
    X(goto_file, REFUSE)      /* GoToR, GoToE, Thread in another file */                                               \
    X(submit_form, REFUSE)    /* SubmitForm, ImportData */                                                             \
    X(media, REFUSE)          /* sound, film, RichMedia, 3D, Screen */                                                 \
    X(view_action, REFUSE)    /* Hide, SetOCGState, ResetForm, Trans: changes what is seen */                          \
    X(automatic_link, REFUSE) /* a web address that is opened without a click */                                       \
    X(unknown_action, REFUSE)                                                                                          \
    X(xfa, REFUSE)                                                                                                     \
    /* what lies inside or outside */                                                                                  \
    X(embedded_file, REFUSE)     /* attachments, associated files, portfolios */                                       \
    X(external_stream, REFUSE)   /* stream data in another file */                                                     \
    X(reference_xobject, REFUSE) /* a page of another file */                                                          \
    X(external_resource, REFUSE) /* OPI, profiles and images by address */                                             \
    X(postscript, REFUSE)                                                                                              \
    X(alternate_image, REFUSE) /* shows one picture and prints another */                                              \
    /* what it is */                                                                                                   \
    X(encrypted, REFUSE)                                                                                               \
    X(signed_already, REFUSE) /* a signature, also a removed one: rewriting would break it */                          \
    X(usage_rights, REFUSE)   /* UR3: readers complain once the file is rewritten */                                   \
    X(no_pages, REFUSE)                                                                                                \
    X(readers_differ, REFUSE) /* the strict and the tolerant reading show different pages */                           \
    X(duplicate_keys, REFUSE) /* a key twice in one dictionary: readers choose differently */                          \
    /* preparations of shadow attacks, and what may hide something */                                                  \
    X(repaired, WARN)        /* damaged: qpdf had to guess */                                                          \
    X(revisions, WARN)       /* saved incrementally; how often */                                                      \
    X(object_twice, WARN)    /* a number defined twice within one revision */                                          \
    X(object_unlisted, WARN) /* in the bytes, but in no cross-reference section */                                     \
    X(unused_page, WARN)     /* a page that no page tree shows */                                                      \
    X(unused_content, WARN)  /* page content that no page shows */                                                     \
    X(unused_objects, INFO)  /* other unreferenced objects; they are dropped */                                        \
    X(trailing_bytes, WARN)  /* bytes behind the end or before the header */                                           \
    X(hidden_layer, WARN)    /* optional content that is off, or only for screen or print */                           \
    X(layers, INFO)                                                                                                    \
    X(annotation, WARN) /* comments, stamps, drawings on the page */                                                   \
    X(annotation_over_text, WARN)                                                                                      \
    X(annotation_hidden, WARN) /* hidden, or seen only on paper or only on the screen */                               \
    X(widget_over_text, WARN)                                                                                          \
    X(form_fields, INFO)                                                                                               \
    X(form_value, WARN)      /* a field that is filled or has a default value */                                       \
    X(signature_field, INFO) /* empty ones */                                                                          \
    X(text_outside, WARN)    /* text beyond the edge of the page */                                                    \
    X(text_invisible, WARN)  /* text that is not painted */                                                            \
    X(text_white, INFO)                                                                                                \
    X(page_size, WARN) /* larger or smaller than paper */                                                              \
    X(page_cropped, INFO)                                                                                              \
    X(not_examined, WARN)      /* page content too large or in a form that is not read */                              \
    X(font_not_embedded, WARN) /* looks different on every machine */                                                  \
    X(link, INFO)              /* a web address behind a click */
enum pdf_intake_code {
#define X(name, severity) PDF_INTAKE_##name,
    PDF_INTAKE_CODES(X)
#undef X
            PDF_INTAKE__COUNT
};

struct pdf_intake_finding {
    enum pdf_intake_code code;
    uint32_t object; /* number in the normalised document (in_original: in the file as it came); 0: none */
    bool in_original;
    unsigned page; /* 1 = first; 0: none */
    bool has_rect;
    struct pdf_rect rect;
    struct sv detail; /* plain English for the expert, UTF-8 */
};

struct pdf_intake {
    struct pdf_intake_finding *findings; /* worst first; at most 30 of one code, the last of them says how many more */
    size_t n;
    bool acceptable; /* no finding refuses */
    unsigned pages;
    unsigned revisions;   /* of the file as it came; 0: unknown, since it is damaged */
    struct sv normalised; /* empty when there is none (encrypted) */
};

struct pdf_intake_options {
    size_t max_bytes;    /* of input and of output; 0: 100 MiB */
    size_t max_memory;   /* of the child; 0: 448 MiB */
    unsigned timeout_ms; /* of the child; 0: 20 000 */
    /* Started as "HELPER intake --normalise"; it must call pdf_intake_child(). NULL: a fork of this process. */
    const char *helper;
};

const char *pdf_intake_code_name(enum pdf_intake_code c); /* "goto_file" */
enum pdf_intake_severity pdf_intake_severity(enum pdf_intake_code c);
const char *pdf_intake_severity_name(enum pdf_intake_severity s); /* "refuse" */

/* False, without a result: BAD_INPUT pdf_unreadable; TOO_LARGE pdf_intake_too_large (larger than max_bytes) or
 * pdf_intake_limits (time or memory); IO when there is no child to be had. What is wrong with a readable file is a
 * finding. The bytes must outlive the result. */
MUST_CHECK bool pdf_intake(struct arena *a, struct sv bytes, const struct pdf_intake_options *o, struct pdf_intake *ret,
                           struct err *e);

/* The helper's work: normalises what descriptor 0 holds (a file) into descriptor 1 and returns the exit code for the
 * process. Not for callers of pdf_intake. */
int pdf_intake_child(void);

/* {"file","acceptable","pages","revisions","sha256","size","normalised":{"sha256","size"}|null,"findings":[{"code",
 * "severity","object","original","page","rect":[x,y,w,h]|null,"text","detail"}]} on one line, without a line end. */
struct sv pdf_intake_json(struct arena *a, struct sv file, struct sv bytes, const struct pdf_intake *in,
                          enum text_lang lang);
/* For people: the conclusion first, then each finding. Lines end in LF. */
struct sv pdf_intake_text(struct arena *a, enum text_lang lang, struct sv file, const struct pdf_intake *in);

#endif
