/* Identifiers of persons and enterprises: form, check digit and what can be read out of them. Nothing is looked up.
 *
 *   resident identity number   GB 11643-1999: 6 area, 8 birth date, 3 sequence (odd: male), 1 check (ISO 7064 MOD 11-2)
 *   港澳台居民居住证           the same form, area 810000, 820000 or 830000
 *   外国人永久居留身份证       form of 2023: 18 characters that start with 9, birth date and check at the same places
 *   统一社会信用代码           GB 32100-2015: 18 characters, check by weights of 3^i modulo 31
 *
 * The area of a resident number is not compared with GB/T 2260: codes were withdrawn over the years, and people keep
 * theirs; demonstration data uses 000000. Lower-case x and letters are accepted by the checks only where said. */
#ifndef PARTY_IDNUM_H
#define PARTY_IDNUM_H

#include "base/base.h"

enum idnum_fault {
    IDNUM_OK,
    IDNUM_LENGTH,    /* not the number of characters the document has */
    IDNUM_CHARACTER, /* a character that cannot stand there */
    IDNUM_AREA,      /* not an area (or first digit) of this kind of document */
    IDNUM_BIRTH,     /* no such day, or outside 1900..2999 */
    IDNUM_CHECK,     /* the check digit does not fit: a digit is wrong or two are swapped */
    IDNUM__COUNT
};
/* "ok", "length", "character", "area", "birth", "check": a part of message keys. */
const char *idnum_fault_name(enum idnum_fault fault);

enum idnum_sex { IDNUM_SEX_UNKNOWN, IDNUM_MALE, IDNUM_FEMALE };

/* What an 18-character number of a natural person says about its holder. */
struct idnum_facts {
    struct date birth;
    enum idnum_sex sex;
    char area[7]; /* GB/T 2260, or the first six characters of the document */
};

/* Each of the three fills *ret (may be NULL) only when it returns IDNUM_OK. The last character may be X or x. */
enum idnum_fault idnum_resident(struct sv s, struct idnum_facts *ret);
enum idnum_fault idnum_hmt_residence(struct sv s, struct idnum_facts *ret);
enum idnum_fault idnum_foreign_pr(struct sv s, struct idnum_facts *ret);
/* The check character ('0'..'9', 'X') of the first 17 digits; s must have at least 17, all digits. */
char idnum_resident_check(struct sv s);

/* Documents without a check digit: length and characters only. */
enum idnum_fault idnum_passport(struct sv s);  /* 5 to 12 letters and digits */
enum idnum_fault idnum_hm_permit(struct sv s); /* 港澳居民来往内地通行证: H or M, 8 or 10 digits */
enum idnum_fault idnum_tw_permit(struct sv s); /* 台湾居民来往大陆通行证: 8 digits */

/* Upper-case letters only; I, O, S, V and Z do not occur. */
enum idnum_fault idnum_uscc(struct sv s);
/* The check character of the first 17 characters, or 0 if one of them cannot stand there. */
char idnum_uscc_check(struct sv s);

/* Mobile numbers of the mainland: 11 digits, 13 to 19 in front, no blanks, no +86. */
bool idnum_is_mobile(struct sv s);
/* Mobile or fixed line (0 area, optional hyphen, 7 or 8 digits). */
bool idnum_is_phone(struct sv s);
/* Bank cards: 13 to 19 digits with the Luhn check. */
bool idnum_is_bank_card(struct sv s);

/* For screens and logs of acts. Text that is too short to keep the promise is masked whole. Lengths in characters stay.
 */
struct sv idnum_mask_id(struct arena *a, struct sv s);      /* 110***********002X: first 3, last 4 */
struct sv idnum_mask_phone(struct arena *a, struct sv s);   /* 138****5678: first 3, last 4 */
struct sv idnum_mask_bank(struct arena *a, struct sv s);    /* ************1234: last 4 */
struct sv idnum_mask_name(struct arena *a, struct sv s);    /* 张*, 欧**: the first character stays */
struct sv idnum_mask_address(struct arena *a, struct sv s); /* 广东省清远市******: the first six characters stay */

#endif
