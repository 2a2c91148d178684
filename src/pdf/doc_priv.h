/* A PDF file opened for reading: its chain of cross-reference sections and objects on demand (ISO 32000-2 7.5).
 *
 * Strict on purpose: what a section says must be there, and files that need guessing are unreadable. A few slips that
 * every reader takes the same way, with one possible meaning each, are read and marked "repaired": a stream length that
 * is wrong, a cross-reference offset that misses its place by a few bytes, a table that counts from 1, offsets that
 * count from a header which does not stand at the start. The verifier tells them, and signing refuses such files. A
 * prefix of a file that ends with a revision opens as a document of its own: that is how the verifier sees what was
 * signed. */
#ifndef PDF_DOC_PRIV_H
#define PDF_DOC_PRIV_H

#include "pdf/object_priv.h"

#define PDF_MAX_REVISIONS 1000
#define PDF_MAX_DECODED   ((size_t)256 << 20) /* of one stream, and of all that a document had inflated */
/* Memory of an opened document, which grows with the file to a limit. A verification has three open at most. */
#define PDF_DOC_MEMORY_LEAST    ((size_t)96 << 20)
#define PDF_DOC_MEMORY_PER_BYTE 32
#define PDF_DOC_MEMORY_MOST     ((size_t)400 << 20)

enum xref_kind { X_ABSENT, X_FREE, X_PLAIN, X_PACKED };
struct xref {
    uint64_t at;    /* X_PLAIN: offset of "n g obj"; X_PACKED: number of the object stream */
    uint32_t index; /* X_PACKED: place in it */
    uint16_t gen;
    uint8_t kind;
};
_Static_assert(sizeof(struct xref) + sizeof(void *) <= 24, "memory an object: its entry and its place in the cache");
struct xref_row {
    uint32_t num;
    struct xref x;
};

struct section {
    bool is_stream;     /* cross-reference stream, else table */
    bool hybrid;        /* a table with /XRefStm */
    uint64_t at;        /* of the word xref or of the stream's object */
    uint64_t end;       /* behind the trailer dictionary or endobj */
    uint64_t hybrid_at; /* of the stream of a hybrid section */
    uint32_t stream_num;
    const struct obj *trailer;  /* of a stream: its dictionary */
    const struct obj *inner;    /* the stream of a hybrid section */
    uint64_t rows_at, rows_end; /* of a table: behind the word xref, behind the word trailer */
    struct sv data;             /* of a stream or a hybrid section: decoded */
    struct xref_row *rows;      /* only after section_rows */
    size_t rows_n;
};

enum doc_lock {
    DOC_UNLOCKED,
    DOC_PASSWORD,          /* neither the password given nor the empty one is right */
    DOC_ENCRYPTION_UNKNOWN /* for recipients' keys, or a way of encrypting that we do not know */
};

struct packed; /* a decoded object stream */

struct doc {
    struct arena arena; /* everything of this document */
    struct sv bytes;
    uint64_t header_at;         /* of %PDF- */
    uint64_t base;              /* what offsets count from: 0, or header_at where they only fit so */
    uint64_t startxref;         /* where the newest section is */
    uint64_t startxref_value;   /* as it is written */
    uint64_t startxref_at, end; /* of the keyword; behind %%EOF without its end-of-line (0: there is no %%EOF) */
    struct section *sections;   /* newest first */
    size_t sections_n;
    struct xref *table;        /* merged view, size entries */
    uint32_t size;             /* largest number + 1 of all sections and of all /Size */
    const struct obj *trailer; /* of the newest section */
    bool encrypted;
    enum doc_lock lock;  /* encrypted, and not opened: strings and streams cannot be read */
    struct crypt *crypt; /* encrypted and opened, or NULL (crypt_priv.h) */
    bool repaired;       /* something was read otherwise than it is written; signing refuses such files */
    const char *repair;  /* the first thing that was */
    const char *problem; /* why opening failed, or the first object that could not be read */
    uint32_t problem_object;
    const struct obj **cache;
    struct packed *packed;
    size_t inflated;
    unsigned loading; /* depth of loads in progress */
    uint64_t work,
            work_limit; /* bytes looked at so far; a file that makes us read everything again and again is given up */
};

/* False: not readable, d->problem says why. d must be closed in any case. An encrypted file is opened with the password
 * (UTF-8; user's or owner's) or the empty one; when neither does it, this is true and d->lock says so. */
MUST_CHECK bool doc_open_with(struct doc *d, struct sv bytes, struct sv password);
MUST_CHECK bool doc_open(struct doc *d, struct sv bytes); /* with the empty password */
/* The revision that follows an open one, with what that one knows already; false: open it with the above instead. Plain
 * files only. old must be closed after d. */
MUST_CHECK bool doc_open_next(struct doc *d, const struct doc *old, struct sv bytes);
/* The error for d->lock: BAD_INPUT pdf_password, UNSUPPORTED pdf_encrypted. Always false. */
MUST_CHECK bool doc_locked(const struct doc *d, struct err *e);
void doc_close(struct doc *d);

/* Never NULL. Missing, freed, wrong generation, unreadable: obj_null. */
const struct obj *doc_object(struct doc *d, uint32_t num, uint32_t gen);
/* Follows references (at most 32). */
const struct obj *doc_value(struct doc *d, const struct obj *o);
const struct obj *doc_get(struct doc *d, const struct obj *dict, const char *key); /* value of a key, resolved */
const struct obj *doc_root(struct doc *d);
/* The object that stands at an offset, parsed on its own; *ret_end behind endobj. False when "n g obj" is not there. */
MUST_CHECK bool doc_parse_at(struct doc *d, uint64_t at, uint32_t *ret_num, uint32_t *ret_gen, const struct obj **ret,
                             uint64_t *ret_end);
/* Decoded stream data; every filter but those of pictures. False: those, damage, too large. */
MUST_CHECK bool doc_stream(struct doc *d, const struct obj *stream, struct sv *ret);
/* Whether an offset written in the file is that of the section at. */
bool doc_leads_to(const struct doc *d, uint64_t value, uint64_t at);
struct xref doc_xref(const struct doc *d, uint32_t num);

/* filter.c */
MUST_CHECK bool flate_decode(struct arena *a, struct sv in, size_t limit, struct sv *ret);
/* filter_text.c: ASCIIHexDecode, ASCII85Decode, RunLengthDecode, LZWDecode (early: its EarlyChange). */
MUST_CHECK bool text_decode(struct arena *a, const struct obj *filter, int64_t early, struct sv in, size_t limit,
                            struct sv *ret);
struct sv flate_encode(struct arena *a, struct sv in);
struct predictor {
    int64_t kind, colors, bits, columns;
};
MUST_CHECK bool predictor_undo(struct arena *a, const struct predictor *p, struct sv in, struct sv *ret);

/* Marks the document as repaired. */
void doc_repaired(struct doc *d, const char *what);

/* xref_rows.c: in the order in which the section is looked up; rows earlier in the list win. fn returning false ends
 * the walk, which is then false. Each walk reads the rows again. */
typedef bool row_fn(void *ctx, const struct xref_row *row);
MUST_CHECK bool section_each(struct doc *d, struct section *s, row_fn *fn, void *ctx);
/* Fills s->rows, for those who need them all at once. */
MUST_CHECK bool section_rows(struct doc *d, struct section *s);
/* xref.c */
MUST_CHECK bool xref_load(struct doc *d);
/* load.c, for xref.c */
MUST_CHECK bool doc_stream_at(struct doc *d, uint64_t at, uint32_t *ret_num, const struct obj **ret, uint64_t *ret_end);

#endif
