/* JSON in and out (RFC 8259). The only user of jansson.
 *
 * A schema is a static table of rows, one a member; the same rows decode, encode, and print themselves as JSON Schema:
 *
 *   struct signer_in { struct sv name, phone; };
 *   static const struct json_field signer_in_rows[] = {
 *       JSON_TEXT(struct signer_in, name, .min = 1, .max = 50),
 *       JSON_TEXT(struct signer_in, phone, .max = 20, .optional = true),
 *       JSON_END};
 *   static const struct json_schema signer_in = JSON_SCHEMA("SignerIn", struct signer_in, signer_in_rows);
 *
 *   struct create_in { struct sv title; struct date start; struct signer_in *signers; size_t signers_n; };
 *   static const struct json_field create_in_rows[] = {
 *       JSON_TEXT(struct create_in, title, .min = 1, .max = 200),
 *       JSON_DATE(struct create_in, start),
 *       JSON_ARRAY(struct create_in, signers, &signer_in, .min = 1, .max = 50),
 *       JSON_END};
 *   static const struct json_schema create_in = JSON_SCHEMA("CreateIn", struct create_in, create_in_rows);
 *
 *   struct create_in in;
 *   if (!json_decode(a, body, &create_in, &in, e)) return false;
 *
 * A field of the wrong C type does not compile. The member's JSON name is the field's name unless .as says otherwise.
 */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <stddef.h>

#include "base/base.h"

struct json_value;
struct json_schema;

enum json_kind {
    JSON_KIND_END,
    JSON_KIND_TEXT,    /* struct sv */
    JSON_KIND_INT,     /* int64_t */
    JSON_KIND_BOOL,    /* bool */
    JSON_KIND_REAL,    /* double; never for money */
    JSON_KIND_DATE,    /* struct date <-> "2026-03-01" */
    JSON_KIND_TIME,    /* int64_t ms UTC <-> "2026-03-01T08:00:00Z"; 0 is absent */
    JSON_KIND_BYTES,   /* struct sv of bytes <-> base64 (RFC 4648 §4) */
    JSON_KIND_ENUM,    /* int or an enum type: index into names */
    JSON_KIND_CHOICE,  /* struct sv: one of names */
    JSON_KIND_OBJECT,  /* a struct inside the struct */
    JSON_KIND_POINTER, /* a pointer to a struct, NULL = absent */
    JSON_KIND_ARRAY,   /* pointer and field "<name>_n" */
    JSON_KIND_TEXTS,   /* struct sv * and "<name>_n" */
    JSON_KIND_INTS,    /* int64_t * and "<name>_n" */
    JSON_KIND_VALUE,   /* const struct json_value *: anything, for map-like free objects */
    JSON_KIND__N
};

struct json_field {
    const char *name;
    const char *as; /* the JSON name when it differs */
    enum json_kind kind;
    bool optional; /* may be missing or null; the C field is then zero */
    bool nullable; /* encode an absent value as null rather than leaving the member out; implies nothing for decoding */
    bool any_size; /* TEXT/BYTES/ARRAY: max 0 means no limit of its own (only for what we write ourselves) */
    /* TEXT: characters; BYTES: bytes; ARRAY/TEXTS/INTS: elements; INT: the value. max 0 (INT: min and max 0) means the
     * default: 1000 characters, 1 MiB, 1000 elements, any int64. */
    int64_t min, max;
    int64_t item_max;         /* TEXTS: characters of each, 0 = 1000 */
    const char *const *names; /* ENUM, CHOICE, TEXTS (each one of them); a NULL in ENUM is a value without a name (absent) */
    size_t names_n;
    const struct json_schema *of; /* OBJECT, POINTER, ARRAY */
    const char *about;            /* one line for the documentation */
    bool has_set;                 /* a bool "<name>_set" says whether the member was there */
    size_t offset, n_offset, set_offset, size;
};

struct json_schema {
    const char *name; /* "CreateIn": component name in OpenAPI, type name in TypeScript */
    const struct json_field *fields;
    size_t size;
};
/* clang-format off */
#define JSON_SCHEMA(name_, type_, rows_) {.name = (name_), .fields = (rows_), .size = sizeof(type_)}
#define JSON_END {.kind = JSON_KIND_END}

#define JSON_ROW_(type, field, kind_, ctype) \
    .name = #field, .offset = offsetof(type, field), .kind = _Generic(((type *)0)->field, ctype: kind_)
#define JSON_LIST_(type, field, kind_) \
    .name = #field, .offset = offsetof(type, field), .n_offset = offsetof(type, field##_n), \
    .size = sizeof(*((type *)0)->field), .kind = _Generic(((type *)0)->field##_n, size_t: (kind_))
#define JSON_NAMES_(names_) .names = (names_), .names_n = COUNT(names_)

#define JSON_TEXT(type, field, ...)  {JSON_ROW_(type, field, JSON_KIND_TEXT, struct sv), __VA_ARGS__}
#define JSON_INT(type, field, ...)   {JSON_ROW_(type, field, JSON_KIND_INT, int64_t), __VA_ARGS__}
#define JSON_BOOL(type, field, ...)  {JSON_ROW_(type, field, JSON_KIND_BOOL, bool), __VA_ARGS__}
#define JSON_REAL(type, field, ...)  {JSON_ROW_(type, field, JSON_KIND_REAL, double), __VA_ARGS__}
#define JSON_DATE(type, field, ...)  {JSON_ROW_(type, field, JSON_KIND_DATE, struct date), __VA_ARGS__}
#define JSON_TIME(type, field, ...)  {JSON_ROW_(type, field, JSON_KIND_TIME, int64_t), __VA_ARGS__}
#define JSON_BYTES(type, field, ...) {JSON_ROW_(type, field, JSON_KIND_BYTES, struct sv), __VA_ARGS__}
#define JSON_VALUE(type, field, ...) {JSON_ROW_(type, field, JSON_KIND_VALUE, const struct json_value *), __VA_ARGS__}
/* names: an array of const char *, indexed by the value. */
#define JSON_ENUM(type, field, names_, ...) \
    {.name = #field, .offset = offsetof(type, field), JSON_NAMES_(names_), \
     .kind = _Generic(((type *)0)->field, int: JSON_KIND_ENUM, unsigned: JSON_KIND_ENUM), __VA_ARGS__}
#define JSON_CHOICE(type, field, names_, ...) \
    {JSON_ROW_(type, field, JSON_KIND_CHOICE, struct sv), JSON_NAMES_(names_), __VA_ARGS__}
/* of: a pointer to the schema of the struct. */
#define JSON_OBJECT(type, field, of_, ...) \
    {.name = #field, .offset = offsetof(type, field), .kind = JSON_KIND_OBJECT, .of = (of_), \
     .size = sizeof(((type *)0)->field), __VA_ARGS__}
/* The field is a pointer to a struct; usually .optional = true. */
#define JSON_POINTER(type, field, of_, ...) \
    {.name = #field, .offset = offsetof(type, field), .kind = JSON_KIND_POINTER, .of = (of_), \
     .size = sizeof(*((type *)0)->field), __VA_ARGS__}
#define JSON_ARRAY(type, field, of_, ...) {JSON_LIST_(type, field, JSON_KIND_ARRAY), .of = (of_), __VA_ARGS__}
#define JSON_TEXTS(type, field, ...) \
    {JSON_LIST_(type, field, _Generic(((type *)0)->field, struct sv *: JSON_KIND_TEXTS)), __VA_ARGS__}
#define JSON_INTS(type, field, ...) \
    {JSON_LIST_(type, field, _Generic(((type *)0)->field, int64_t *: JSON_KIND_INTS)), __VA_ARGS__}
/* clang-format on */
/* As a further argument of a row: optional, and "bool <field>_set" tells missing from zero. */
#define JSON_SET(type, field) .optional = true, .has_set = true, .set_offset = offsetof(type, field##_set)

/* ---- decoding ---- */

#define JSON_TEXT_LIMIT  ((size_t)1 << 20) /* bytes json_decode takes; json_read has its own limit */
#define JSON_DEPTH_LIMIT 32

/* Fills *ret (schema->size bytes); what it points to lives in a. Errors are BAD_INPUT with the JSON pointer of the
 * place: json_syntax, json_unknown_field, json_duplicate, json_missing, json_type, json_range, json_choice,
 * json_too_short, json_too_long, json_not_utf8, json_too_deep, json_bad_date, json_bad_time, json_bad_base64; TOO_LARGE
 * json_too_large. */
MUST_CHECK bool json_decode(struct arena *a, struct sv text, const struct json_schema *schema, void *ret,
                            struct err *e);
/* The same from a tree. */
MUST_CHECK bool json_decode_value(struct arena *a, const struct json_value *v, const struct json_schema *schema,
                                  void *ret, struct err *e);

/* ---- a read-only tree, for data files and answers of other programs ---- */

enum json_type { JSON_IS_NULL, JSON_IS_BOOL, JSON_IS_INT, JSON_IS_REAL, JSON_IS_TEXT, JSON_IS_ARRAY, JSON_IS_OBJECT };

struct json_value {
    enum json_type type;
    bool truth;
    int64_t integer;
    double real; /* of INT too */
    struct sv text;
    const struct json_value *items; /* ARRAY, OBJECT: n of them in the order of the text */
    const struct sv *keys;          /* OBJECT: their n names */
    size_t n;
};

/* Any value at the top. Same errors as json_decode; depth at most JSON_DEPTH_LIMIT. */
MUST_CHECK bool json_read(struct arena *a, struct sv text, size_t limit_bytes, const struct json_value **ret,
                          struct err *e);
/* All take NULL and values of other types, and then give NULL, an empty view or false, so that look-ups chain. */
const struct json_value *json_get(const struct json_value *v, struct sv key);
const struct json_value *json_at(const struct json_value *v, size_t i);
const struct json_value *json_find(const struct json_value *v, struct sv pointer); /* RFC 6901: "/signers/2/phone" */
struct sv json_text_of(const struct json_value *v);
struct sv json_get_text(const struct json_value *v, struct sv key);
bool json_int_of(const struct json_value *v, int64_t *ret);
bool json_get_int(const struct json_value *v, struct sv key, int64_t *ret);
bool json_get_bool(const struct json_value *v, struct sv key, bool fallback);
size_t json_count(const struct json_value *v); /* elements or members, else 0 */

/* ---- writing ---- */

/* A streaming writer: puts commas and quotes, checks nesting (must). No blanks. Bytes that are not UTF-8 become U+FFFD.
 */
struct json_out {
    struct buf *b;
    unsigned depth;
    bool comma, after_key;
    char stack[JSON_DEPTH_LIMIT * 2];
};
void json_out_init(struct json_out *o, struct buf *b);
void json_begin_object(struct json_out *o);
void json_end_object(struct json_out *o);
void json_begin_array(struct json_out *o);
void json_end_array(struct json_out *o);
void json_key(struct json_out *o, struct sv key);
void json_put_text(struct json_out *o, struct sv s);
void json_put_int(struct json_out *o, int64_t n);
void json_put_real(struct json_out *o, double d); /* NaN and infinities: null */
void json_put_bool(struct json_out *o, bool b);
void json_put_null(struct json_out *o);
void json_put_value(struct json_out *o, const struct json_value *v);
void json_put_raw(struct json_out *o, struct sv json); /* one complete value, trusted */
/* A value after a schema. */
void json_put(struct json_out *o, const struct json_schema *schema, const void *value);
/* Member in one call. */
void json_kv_text(struct json_out *o, const char *key, struct sv s);
void json_kv_int(struct json_out *o, const char *key, int64_t n);
void json_kv_bool(struct json_out *o, const char *key, bool b);
void json_kv_null(struct json_out *o, const char *key);

/* Canonical text: members in the order of the rows, no blanks. At most 256 MiB. */
struct sv json_encode(struct arena *a, const struct json_schema *schema, const void *value);
struct sv json_encode_value(struct arena *a, const struct json_value *v);

/* ---- schemas as JSON Schema (the dialect of OpenAPI 3.0) ---- */

/* Nested schemas become {"$ref": ref_prefix + name}, or stand inline when ref_prefix is NULL. */
void json_put_schema(struct json_out *o, const struct json_schema *schema, const char *ref_prefix);
/* Calls fn for schema and all below it (each may come more than once). */
void json_walk_schema(const struct json_schema *schema, void (*fn)(void *ctx, const struct json_schema *s), void *ctx);

#endif
