/* DER (X.690): a strict cursor for reading, arena builders for writing, and a converter for foreign BER with indefinite
 * lengths.
 *
 * Reading: every function moves the cursor; the first misfit sets .bad, after which nothing more is given out, so that
 * a reader asks once at the end (der_done). Only short tags (number < 31) and definite lengths are read. A length
 * written longer than need be (foreign BER) is read, too: what it encloses is hashed as it stands. No recursion. */
#ifndef CRYPTO_DER_PRIV_H
#define CRYPTO_DER_PRIV_H

#include "base/base.h"

enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BITS = 0x03,
    DER_OCTETS = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUM = 0x0a,
    DER_UTF8 = 0x0c,
    DER_PRINTABLE = 0x13,
    DER_IA5 = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERAL_TIME = 0x18,
    DER_SEQ = 0x30,
    DER_SET = 0x31
};
#define DER_CTX(n)  (uint8_t)(0xa0 | (n)) /* [n], constructed */
#define DER_CTXP(n) (uint8_t)(0x80 | (n)) /* [n], primitive */

struct der {
    struct sv rest;
    bool bad;
};
struct der_item {
    uint8_t tag;
    struct sv body, all; /* without and with the header */
};

struct der der_open(struct sv s);
bool der_next(struct der *d, struct der_item *ret); /* false at the end, too; see .bad */
bool der_is_next(const struct der *d, uint8_t tag);
struct sv der_take(struct der *d, uint8_t tag);     /* the body */
struct sv der_take_all(struct der *d, uint8_t tag); /* with the header */
struct der der_enter(struct der *d, uint8_t tag);
bool der_optional(struct der *d, uint8_t tag, struct sv *ret_body); /* false when absent: ret untouched */
bool der_done(const struct der *d);                                 /* nothing bad, nothing left */
/* Number of bytes of the first element, header included; 0 when there is none. */
size_t der_size(struct sv s);
/* The header of the first element alone, BER: indefinite lengths, too (body is 0 then). False when it does not fit. */
struct der_head {
    uint8_t tag;
    size_t size, body; /* bytes of the header, of the content */
    bool indefinite, minimal;
};
bool der_head(struct sv s, struct der_head *ret);
size_t der_head_put(uint8_t out[6], uint8_t tag, size_t body); /* as der_tlv does; returns its length */

bool der_int_small(struct sv body, int64_t *ret); /* INTEGER or ENUMERATED that fits */
bool der_time(uint8_t tag, struct sv body, int64_t *ret_ms);
bool der_bits_whole(struct sv body, struct sv *ret); /* BIT STRING without unused bits */
/* Positive INTEGER as upper-case hexadecimal digits of whole bytes, without leading zero bytes. */
struct sv der_serial_hex(struct arena *a, struct sv body);
struct sv hex_upper(struct arena *a, struct sv bytes);
struct sv der_oid_text(struct arena *a, struct sv body); /* dotted; "" when malformed */
bool der_set_is_sorted(struct sv set_body);              /* X.690 11.6 */

struct sv der_tlv(struct arena *a, uint8_t tag, struct sv body);
struct sv der_join_(struct arena *a, uint8_t tag, const struct sv *parts, size_t n);
#define der_make(a, tag, ...)                                                                                          \
    der_join_((a), (tag), (const struct sv[]){__VA_ARGS__},                                                            \
              sizeof((const struct sv[]){__VA_ARGS__}) / sizeof(struct sv))
#define der_seq(a, ...) der_make((a), DER_SEQ, __VA_ARGS__)
struct sv der_set_of(struct arena *a, uint8_t tag, struct sv *items, size_t n); /* sorts items */
struct sv der_oid(struct arena *a, const char *dotted);
struct sv der_oid_sv(struct arena *a, struct sv dotted); /* empty when malformed */
struct sv der_int(struct arena *a, int64_t v);
struct sv der_uint(struct arena *a, struct sv big_endian); /* non-negative */
struct sv der_bits(struct arena *a, struct sv bytes);
struct sv der_named_bits(struct arena *a, unsigned bits); /* bit 0 first, at most 8 */
struct sv der_null(void);
struct sv der_true(void);
struct sv der_time_x509(struct arena *a, int64_t ms); /* UTCTime until 2049 (RFC 5280 4.1.2.5) */
struct sv der_time_general(struct arena *a, int64_t ms, bool with_ms);

/* Indefinite lengths made definite, constructed OCTET STRINGs joined, wherever they stand; everything else byte for
 * byte as it was. *ret_used: bytes read. Nothing to change: the result is a view of s. False when malformed, deeper
 * than 64, or the arena's limit is passed. */
bool ber_to_der(struct arena *a, struct sv s, struct sv *ret, size_t *ret_used);
/* Some length in it is written longer than DER allows. */
bool ber_has_long_lengths(struct sv s);

#endif
