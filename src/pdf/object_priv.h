/* PDF objects in an arena (ISO 32000-2 7.3) and the parser that makes them.
 *
 * Each scalar keeps the bytes it was written with (raw), so that a dictionary can be written again with its strings and
 * numbers as they were (spelling of numbers, escapes of strings). Names are compared decoded (#xx resolved). The parser
 * is bounded by depth and by the arena's limit; it never reads outside its input. */
#ifndef PDF_OBJECT_PRIV_H
#define PDF_OBJECT_PRIV_H

#include "base/base.h"

#define PDF_MAX_DEPTH   256
#define PDF_MAX_OBJECTS 8388608u
#define PDF_MAX_FILE    ((size_t)2 << 30)

enum obj_kind { O_NULL, O_BOOL, O_INT, O_REAL, O_STRING, O_NAME, O_ARRAY, O_DICT, O_REF, O_STREAM };

struct obj;
struct obj_entry {
    struct sv key; /* decoded, without the slash */
    struct obj *value;
};
struct obj {
    enum obj_kind kind;
    uint32_t home; /* encrypted O_STRING (raw is, text is not) and O_STREAM: the object they were encrypted for; else 0
                    */
    struct sv raw; /* as it stands in the file; empty for objects made by us */
    union {
        bool boolean;
        int64_t integer;
        double real;
        struct sv text; /* O_STRING, O_NAME: decoded bytes */
        struct {
            struct obj **items;
            size_t n;
        } array;
        struct { /* O_DICT, and the dictionary of O_STREAM */
            struct obj_entry *entries;
            size_t n;
            bool duplicates; /* a key occurs twice: the first one counts here, others may read the last */
            uint16_t gen;    /* that goes with home */
        } dict;
        struct {
            uint32_t num;
            uint32_t gen;
        } ref;
    };
    struct sv data; /* O_STREAM: bytes between stream and endstream, encoded */
};

extern const struct obj obj_null; /* what missing keys and dangling references are */

/* ---- reading ---- */
struct lexer {
    struct arena *a;
    struct sv in;
    size_t at;
    const char *problem; /* set on failure */
};

bool pdf_is_blank(char c);                                   /* NUL, TAB, LF, FF, CR, space */
bool pdf_is_delimiter(char c);                               /* ()<>[]{}/% */
void lex_skip(struct lexer *x);                              /* blanks and comments */
bool lex_word(struct lexer *x, struct sv word);              /* skips blanks, takes the keyword if it is next */
bool lex_uint(struct lexer *x, uint64_t max, uint64_t *ret); /* skips blanks, takes digits */
/* One object, references included; arrays and dictionaries to PDF_MAX_DEPTH. NULL on error. Does not read streams. */
MUST_CHECK struct obj *lex_object(struct lexer *x);

/* ---- looking; all accept any kind and give obj_null, an empty view or false when it does not fit ---- */
const struct obj *dict_get(const struct obj *d, const char *key); /* direct value, references not followed */
bool obj_is_dict(const struct obj *o);                            /* O_DICT or O_STREAM */
bool obj_is_name(const struct obj *o, const char *name);
bool obj_number(const struct obj *o, double *ret);

/* ---- making and writing ---- */
struct obj *obj_new(struct arena *a, enum obj_kind kind);
struct obj *obj_ref(struct arena *a, uint32_t num, uint32_t gen);
struct obj *obj_int(struct arena *a, int64_t v);
struct obj *obj_real(struct arena *a, double v);
struct obj *obj_name(struct arena *a, const char *name);
struct obj *obj_bytes(struct arena *a, struct sv bytes); /* a string of these bytes */
struct obj *obj_text(struct arena *a, struct sv utf8);   /* a text string: ASCII as it is, else UTF-16BE with BOM */
struct obj *obj_raw(struct arena *a, struct sv raw);     /* written as it stands */
struct obj *obj_dict(struct arena *a);
struct obj *obj_array(struct arena *a, size_t n); /* n nulls to be filled */
/* Copies with one change; the rest is shared. */
struct obj *dict_with(struct arena *a, const struct obj *d, const char *key, const struct obj *value);
struct obj *array_with(struct arena *a, const struct obj *arr, const struct obj *item);
void dict_put(struct arena *a, struct obj *d, const char *key, const struct obj *value); /* in place, on our own */
void obj_write(struct buf *b, const struct obj *o); /* everything but stream data */
/* The same for an encrypted file: seal gives what is to be written for a string, with *ret_raw as it stands, else as
 * the bytes of a string. /Contents of signatures is written as it is. how NULL: as obj_write. */
struct obj_strings {
    struct sv (*seal)(const struct obj_strings *how, const struct obj *o, bool *ret_raw);
};
void obj_write_with(struct buf *b, const struct obj *o, const struct obj_strings *how);
/* UTF-8 in PDFDocEncoding; false when a character is not in it. */
MUST_CHECK bool obj_pdfdoc(struct arena *a, struct sv utf8, struct sv *ret);
/* Text string (PDFDocEncoding, UTF-16 or UTF-8 with BOM) as UTF-8; bytes that are no text become U+FFFD. */
struct sv obj_utf8(struct arena *a, const struct obj *o);

#endif
