#include "test.h"

TEST(money_prints_for_people_and_machines)
{
    struct arena a;
    arena_init(&a, 1 << 16);
    ASSERT_SV(money_yuan(&a, 123456789), SV("1,234,567.89"));
    ASSERT_SV(money_yuan(&a, -5), SV("-0.05"));
    ASSERT_SV(money_plain(&a, 500000), SV("5000"));
    ASSERT_SV(money_plain(&a, 1740), SV("17.4"));
    arena_done(&a);
}

TEST(money_in_capitals)
{
    static const struct {
        int64_t fen;
        const char *want;
    } cases[] = {
            {0, "零元整"}, {500000, "伍仟元整"}, {100530, "壹仟零伍元叁角整"}, {100503, "壹仟零伍元零叁分"}, {32, "叁角贰分"},
            {10000000, "壹拾万元整"}, {1000000100, "壹仟万零壹元整"}, {100100000000, "壹拾亿零壹佰万元整"}, {650000, "陆仟伍佰元整"},
            {12000000, "壹拾贰万元整"}, {10200500, "壹拾万贰仟零伍元整"},
    };
    struct arena a;
    arena_init(&a, 1 << 16);
    for (size_t i = 0; i < COUNT(cases); i++)
        ASSERT_SV(money_capital(&a, cases[i].fen), sv_from(cases[i].want));
    arena_done(&a);
}

TEST(money_parses_what_people_write)
{
    int64_t fen;
    ck_assert(money_parse(SV("5,000.50"), &fen) && fen == 500050);
    ck_assert(money_parse(SV("17.4"), &fen) && fen == 1740);
    ck_assert(!money_parse(SV("5,00"), &fen) && !money_parse(SV("1.234"), &fen) && !money_parse(SV("1."), &fen) && !money_parse(SV("-1"), &fen));
}
