/* Schemas as JSON Schema in the dialect of OpenAPI 3.0 (which is draft-05 with nullable); see json.h. */
#include "json/json_priv.h"

static const struct {
    const char *type, *format;
} types[] = {
        [JSON_KIND_TEXT] = {"string",  NULL       },
          [JSON_KIND_INT] = {"integer", "int64"    },
        [JSON_KIND_BOOL] = {"boolean", NULL       },
          [JSON_KIND_REAL] = {"number",  "double"   },
        [JSON_KIND_DATE] = {"string",  "date"     },
          [JSON_KIND_TIME] = {"string",  "date-time"},
        [JSON_KIND_BYTES] = {"string",  "byte"     },
          [JSON_KIND_ENUM] = {"string",  NULL       },
        [JSON_KIND_CHOICE] = {"string",  NULL       },
          [JSON_KIND_OBJECT] = {NULL,      NULL       },
        [JSON_KIND_POINTER] = {NULL,      NULL       },
          [JSON_KIND_ARRAY] = {"array",   NULL       },
        [JSON_KIND_TEXTS] = {"array",   NULL       },
          [JSON_KIND_INTS] = {"array",   NULL       },
        [JSON_KIND_VALUE] = {NULL,      NULL       },
};
_Static_assert(COUNT(types) == JSON_KIND__N, "one row a kind");

static void put_limits(struct json_out *o, const struct json_field *f, const char *min, const char *max)
{
    if (f->min > 0)
        json_kv_int(o, min, f->min);
    if (json_max(f) < INT64_MAX)
        json_kv_int(o, max, json_max(f));
}

static void put_names(struct json_out *o, const struct json_field *f)
{
    json_key(o, SV("enum"));
    json_begin_array(o);
    for (size_t i = 0; i < f->names_n; i++) {
        if (f->names[i])
            json_put_text(o, sv_from(f->names[i]));
    }
    json_end_array(o);
}

static void put_ref_or_inline(struct json_out *o, const struct json_schema *s, const char *ref_prefix)
{
    CLEANUP(arena_done) struct arena a = {0};
    if (!ref_prefix) {
        json_put_schema(o, s, NULL);
        return;
    }
    arena_init(&a, 4096);
    json_begin_object(o);
    json_kv_text(o, "$ref", arena_concat(&a, sv_from(ref_prefix), sv_from(s->name)));
    json_end_object(o);
}

static void put_items(struct json_out *o, const struct json_field *f, const char *ref_prefix)
{
    put_limits(o, f, "minItems", "maxItems");
    json_key(o, SV("items"));
    if (f->kind == JSON_KIND_ARRAY) {
        put_ref_or_inline(o, f->of, ref_prefix);
        return;
    }
    json_begin_object(o);
    json_kv_text(o, "type", f->kind == JSON_KIND_TEXTS ? SV("string") : SV("integer"));
    if (f->kind == JSON_KIND_TEXTS && f->names)
        put_names(o, f);
    else if (f->kind == JSON_KIND_TEXTS)
        json_kv_int(o, "maxLength", f->item_max > 0 ? f->item_max : 1000);
    else
        json_kv_text(o, "format", SV("int64"));
    json_end_object(o);
}

static void put_kind(struct json_out *o, const struct json_field *f, const char *ref_prefix)
{
    bool limited = f->min != 0 || f->max != 0;
    if (f->kind == JSON_KIND_TEXT)
        put_limits(o, f, "minLength", "maxLength");
    else if ((f->kind == JSON_KIND_INT || f->kind == JSON_KIND_REAL) && limited) {
        json_kv_int(o, "minimum", f->min);
        json_kv_int(o, "maximum", f->max);
    } else if (f->kind == JSON_KIND_ENUM || f->kind == JSON_KIND_CHOICE)
        put_names(o, f);
    else if (f->kind == JSON_KIND_ARRAY || f->kind == JSON_KIND_TEXTS || f->kind == JSON_KIND_INTS)
        put_items(o, f, ref_prefix);
}

static void put_field(struct json_out *o, const struct json_field *f, const char *ref_prefix)
{
    bool nested = f->kind == JSON_KIND_OBJECT || f->kind == JSON_KIND_POINTER;
    if (nested && !f->nullable && !f->about) { /* OpenAPI 3.0 ignores what stands beside a $ref */
        put_ref_or_inline(o, f->of, ref_prefix);
        return;
    }
    json_begin_object(o);
    if (nested) {
        json_key(o, SV("allOf"));
        json_begin_array(o);
        put_ref_or_inline(o, f->of, ref_prefix);
        json_end_array(o);
    }
    if (types[f->kind].type)
        json_kv_text(o, "type", sv_from(types[f->kind].type));
    if (types[f->kind].format)
        json_kv_text(o, "format", sv_from(types[f->kind].format));
    put_kind(o, f, ref_prefix);
    if (f->nullable)
        json_kv_bool(o, "nullable", true);
    if (f->about)
        json_kv_text(o, "description", sv_from(f->about));
    json_end_object(o);
}

static void put_required(struct json_out *o, const struct json_schema *s)
{
    size_t n = 0;
    for (const struct json_field *f = s->fields; f->kind != JSON_KIND_END; f++)
        n += !f->optional;
    if (n == 0)
        return; /* an empty list is not allowed */
    json_key(o, SV("required"));
    json_begin_array(o);
    for (const struct json_field *f = s->fields; f->kind != JSON_KIND_END; f++) {
        if (!f->optional)
            json_put_text(o, sv_from(json_name(f)));
    }
    json_end_array(o);
}

void json_put_schema(struct json_out *o, const struct json_schema *schema, const char *ref_prefix)
{
    json_begin_object(o);
    json_kv_text(o, "type", SV("object"));
    json_kv_bool(o, "additionalProperties", false);
    put_required(o, schema);
    json_key(o, SV("properties"));
    json_begin_object(o);
    for (const struct json_field *f = schema->fields; f->kind != JSON_KIND_END; f++) {
        json_key(o, sv_from(json_name(f)));
        put_field(o, f, ref_prefix);
    }
    json_end_object(o);
    json_end_object(o);
}

void json_walk_schema(const struct json_schema *schema, void (*fn)(void *ctx, const struct json_schema *s), void *ctx)
{
    fn(ctx, schema);
    for (const struct json_field *f = schema->fields; f->kind != JSON_KIND_END; f++) {
        if (f->of)
            json_walk_schema(f->of, fn, ctx);
    }
}
