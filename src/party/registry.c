/* The registry simulator: answers as an outside identity service would, for fictional people only. */
#include "party/idnum.h"
#include "party/party.h"

static bool simulate(void *ctx, struct arena *a, struct sv name, struct sv id_number, struct sv phone,
                     struct registry_answer *ret, struct err *e)
{
    (void)ctx;
    (void)phone;
    (void)e;
    unsigned char serial[8];
    random_bytes(serial, sizeof(serial));
    struct sv hex = hex_encode(a, sv_of(serial, sizeof(serial)));
    ret->match = name.n > 0 && idnum_resident(id_number, NULL) == IDNUM_OK && sv_starts(id_number, SV("000000"));
    ret->reference = arena_printf(a, "SIM-%.*s", SV_ARG(hex));
    ret->method = SV("name+id");
    return true;
}

const struct registry registry_simulator = {.simulated = true, .check = simulate};
