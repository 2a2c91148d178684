/* An incremental update in the making (ISO 32000-2 7.5.6): changed and new objects, then written behind the original
 * bytes. */
#ifndef PDF_UPDATE_PRIV_H
#define PDF_UPDATE_PRIV_H

#include "pdf/doc_priv.h"

struct update_item {
    uint32_t num, gen;
    const struct obj *object; /* for a stream: its dictionary, /Length comes from data */
    bool is_stream;
    struct sv data;
    bool is_signature; /* ByteRange and Contents are written in front, as placeholders */
    uint64_t at;
};
struct update {
    struct doc *d;
    struct arena *a;
    struct update_item *items;
    size_t n, cap;
    uint32_t next; /* first number that no revision knows */
    size_t reserve;
};

void update_init(struct update *u, struct doc *d, struct arena *a);
uint32_t update_add(struct update *u, const struct obj *o); /* a new object; its number */
uint32_t update_add_stream(struct update *u, const struct obj *dict, struct sv data);
/* A dictionary that gets ByteRange and Contents; one an update. */
uint32_t update_add_signature(struct update *u, const struct obj *dict, size_t reserve);
void update_set(struct update *u, uint32_t num, uint32_t gen, const struct obj *o);
/* The newest version: from this update, else from the document. */
const struct obj *update_object(struct update *u, uint32_t num, uint32_t gen);
/* What is to follow the original bytes. ByteRange is filled in, Contents is zeros. Errors: TOO_LARGE pdf_too_large. */
MUST_CHECK bool update_write(struct update *u, struct sv *ret, uint64_t ret_range[4], struct err *e);

#endif
