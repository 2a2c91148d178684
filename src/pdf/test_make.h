/* Input files for the tests of this room, made object by object; and running outside programs on files. */
#ifndef PDF_TEST_MAKE_H
#define PDF_TEST_MAKE_H

#include "base/base.h"

enum make_kind { MAKE_TABLE, MAKE_STREAM, MAKE_HYBRID };

/* A PDF from bodies of objects: bodies[i] is object i + 1 ("<<…>>" or "<<…>>\nstream\n…\nendstream"), object 1 the
 * catalog. */
struct sv make_pdf(struct arena *a, enum make_kind kind, const struct sv *bodies, size_t n);
/* A contract of two pages (the second rotated by 90), as the platform makes them: empty signature fields Lock, Worker,
 * Employer, Archive1, push-buttons Seam1, Seam2; indirect /Annots. */
struct sv make_contract(struct arena *a, enum make_kind kind);
/* One page, no form. */
struct sv make_plain(struct arena *a, enum make_kind kind);
/* An update behind base, in a table: bodies of the objects with these numbers. extra: more trailer entries. */
struct sv make_update(struct arena *a, struct sv base, const uint32_t *nums, const struct sv *bodies, size_t n);
struct sv make_stream(struct arena *a, struct sv dict_inside, struct sv data);
/* Replaces the first occurrence; from and to have the same length. */
struct sv make_patched(struct arena *a, struct sv in, struct sv from, struct sv to);

/* A private folder, removed at the end of the test. */
const char *test_folder(struct arena *a);
const char *test_file(struct arena *a, const char *name, struct sv bytes); /* written into it; the path */
/* Runs a shell command line; its output (both streams) and exit code. */
int test_run(struct arena *a, struct sv *ret_output, const char *fmt, ...) PRINTF_LIKE(3, 4);
struct sv test_read(struct arena *a, const char *path);

#endif
