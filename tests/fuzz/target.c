/* libFuzzer's door to one entry of a room, FUZZ_ENTRY; built with -Dfuzz=true (meson.build). */
#include <stddef.h>
#include <stdint.h>

int FUZZ_ENTRY(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    return FUZZ_ENTRY(p, n);
}
