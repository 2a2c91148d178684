/* What the files of this room share. */
#ifndef JSON_JSON_PRIV_H
#define JSON_JSON_PRIV_H

#include "json/json.h"

/* Limits of a row with the defaults filled in. */
int64_t json_max(const struct json_field *f);
const char *json_name(const struct json_field *f);

/* One C field of a struct, for reading and for filling. */
#define JSON_FIELD(ctype, base, offset_)  ((ctype *)(void *)((char *)(base) + (offset_)))
#define JSON_CFIELD(ctype, base, offset_) ((ctype const *)(const void *)((const char *)(base) + (offset_)))

#endif
