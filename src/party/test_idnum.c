/* Identifiers: published examples, every flipped digit, every swapped pair, and masks. */
#include <string.h>

#include "party/idnum.h"
#include "test.h"

static const char *const residents[] = {"11010519491231002X", "440524188001010014", "11010519491231002x"};
static const char *const usccs[] = {"9144030071526726XG", "91440300708461136T", "91330100799655058B",
                                    "91110000802100433B"};

TEST(idnum_published_numbers)
{
    struct idnum_facts f;
    ck_assert_int_eq(idnum_resident(sv_from(residents[0]), &f), IDNUM_OK);
    ck_assert_int_eq(date_cmp(f.birth, (struct date){1949, 12, 31}), 0);
    ck_assert_int_eq(f.sex, IDNUM_FEMALE);
    ck_assert_str_eq(f.area, "110105");
    ck_assert_int_eq(idnum_resident(sv_from(residents[2]), &f), IDNUM_OK);
    /* 1880: published, but nobody of that age works; the calendar begins in 1900 */
    ck_assert_int_eq(idnum_resident_check(sv_from(residents[1])), '4');
    for (size_t i = 0; i < COUNT(usccs); i++)
        ck_assert_int_eq(idnum_uscc(sv_from(usccs[i])), IDNUM_OK);
}

TEST(idnum_a_wrong_digit_is_found)
{
    char s[19];
    strcpy(s, residents[0]);
    for (size_t i = 0; i < 18; i++) {
        for (char c = '0'; c <= '9'; c++) {
            if (residents[0][i] == c)
                continue;
            s[i] = c;
            ck_assert_msg(idnum_resident(sv_from(s), NULL) != IDNUM_OK, "%s", s);
        }
        s[i] = residents[0][i];
    }
}

TEST(idnum_swapped_neighbours_are_found)
{
    for (size_t i = 0; i + 1 < 18; i++) {
        char s[19];
        strcpy(s, residents[0]);
        if (s[i] == s[i + 1])
            continue;
        char c = s[i];
        s[i] = s[i + 1];
        s[i + 1] = c;
        ck_assert_msg(idnum_resident(sv_from(s), NULL) != IDNUM_OK, "%s", s);
    }
}

TEST(idnum_uscc_wrong_characters_are_found)
{
    static const char set[] = "0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZa";
    for (size_t k = 0; k < COUNT(usccs); k++) {
        char s[19];
        strcpy(s, usccs[k]);
        for (size_t i = 0; i < 18; i++) {
            for (const char *c = set; *c; c++) {
                if (*c == usccs[k][i])
                    continue;
                s[i] = *c;
                ck_assert_msg(idnum_uscc(sv_from(s)) != IDNUM_OK, "%s", s);
            }
            s[i] = usccs[k][i];
        }
    }
}

TEST(idnum_faults_are_named)
{
    ck_assert_int_eq(idnum_resident(SV(""), NULL), IDNUM_LENGTH);
    ck_assert_int_eq(idnum_resident(SV("110105491231002"), NULL), IDNUM_LENGTH);
    ck_assert_int_eq(idnum_resident(SV("1101051949123100２"), NULL), IDNUM_LENGTH);
    ck_assert_int_eq(idnum_resident(SV("X1010519491231002X"), NULL), IDNUM_CHARACTER);
    ck_assert_int_eq(idnum_resident(SV("11010519490231002X"), NULL), IDNUM_BIRTH);
    ck_assert_int_eq(idnum_resident(SV("110105194912310021"), NULL), IDNUM_CHECK);
    ck_assert_int_eq(idnum_uscc(SV("9144030071526726X")), IDNUM_LENGTH);
    ck_assert_int_eq(idnum_uscc(SV("9144030071526726xG")), IDNUM_CHARACTER);
    ck_assert_int_eq(idnum_uscc(SV("9144030071526726XH")), IDNUM_CHECK);
    for (int i = 0; i < IDNUM__COUNT; i++)
        ck_assert(*idnum_fault_name((enum idnum_fault)i));
}

static void with_check(char *s)
{
    s[17] = idnum_resident_check(sv_from(s));
}

TEST(idnum_documents_are_told_apart)
{
    char hmt[] = "810000199408230020", foreign[] = "932682199408230020";
    with_check(hmt);
    with_check(foreign);
    struct idnum_facts f;
    ck_assert_int_eq(idnum_hmt_residence(sv_from(hmt), &f), IDNUM_OK);
    ck_assert_int_eq(f.sex, IDNUM_FEMALE);
    ck_assert_int_eq(idnum_resident(sv_from(hmt), NULL), IDNUM_AREA);
    ck_assert_int_eq(idnum_foreign_pr(sv_from(foreign), &f), IDNUM_OK);
    ck_assert_int_eq(date_cmp(f.birth, (struct date){1994, 8, 23}), 0);
    ck_assert_int_eq(idnum_resident(sv_from(foreign), NULL), IDNUM_AREA);
    ck_assert_int_eq(idnum_foreign_pr(sv_from(residents[0]), NULL), IDNUM_AREA);
    ck_assert_int_eq(idnum_hm_permit(SV("H12345678")), IDNUM_OK);
    ck_assert_int_eq(idnum_hm_permit(SV("X12345678")), IDNUM_CHARACTER);
    ck_assert_int_eq(idnum_tw_permit(SV("12345678")), IDNUM_OK);
    ck_assert_int_eq(idnum_passport(SV("E1234-678")), IDNUM_CHARACTER);
}

TEST(idnum_phones_and_cards)
{
    ck_assert(idnum_is_mobile(SV("13800000000")) && idnum_is_mobile(SV("19900000000")));
    ck_assert(!idnum_is_mobile(SV("12800000000")) && !idnum_is_mobile(SV("1380000000")) &&
              !idnum_is_mobile(SV("+8613800000000")));
    ck_assert(idnum_is_phone(SV("0763-0000000")) && idnum_is_phone(SV("020-00000000")) &&
              idnum_is_phone(SV("07630000000")));
    ck_assert(!idnum_is_phone(SV("0763-")) && !idnum_is_phone(SV("763-0000000")) && !idnum_is_phone(SV("")));
    ck_assert(idnum_is_bank_card(SV("4111111111111111")) && !idnum_is_bank_card(SV("4111111111111112")));
    ck_assert(!idnum_is_bank_card(SV("0")));
}

TEST(idnum_masks_hide_the_middle)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    ASSERT_SV(idnum_mask_id(&a, SV("11010519491231002X")), SV("110***********002X"));
    ASSERT_SV(idnum_mask_id(&a, SV("1101")), SV("****"));
    ASSERT_SV(idnum_mask_phone(&a, SV("13812345678")), SV("138****5678"));
    ASSERT_SV(idnum_mask_bank(&a, SV("6222021234")), SV("******1234"));
    ASSERT_SV(idnum_mask_name(&a, SV("张三")), SV("张*"));
    ASSERT_SV(idnum_mask_name(&a, SV("欧阳娜娜")), SV("欧***"));
    ASSERT_SV(idnum_mask_name(&a, SV("张")), SV("*"));
    ASSERT_SV(idnum_mask_name(&a, SV("")), SV(""));
    ASSERT_SV(idnum_mask_address(&a, SV("广东省清远市清城区甲路1号")), SV("广东省清远市*******"));
    ASSERT_SV(idnum_mask_address(&a, SV("甲路1号")), SV("****"));
    arena_done(&a);
}
