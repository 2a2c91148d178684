/* libFuzzer target, built with -Dfuzz=true. */
#include "pdf/fuzz_pdf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    return pdf_fuzz_image(data, n);
}
