/* The JSON Schema of the contract data (draft 2020-12), printed from the rows that decode it, so that the two cannot
 * part. "about" of a row is "中文 | English": the title, and the description. */
#include "contract/contract_json.h"

static void put_about(struct json_out *o, const char *about)
{
    struct sv rest = sv_from(about);
    size_t bar = sv_find(rest, SV(" | "));
    must(bar != SIZE_MAX);
    json_kv_text(o, "title", sv_sub(rest, 0, bar));
    json_kv_text(o, "description", sv_skip(rest, bar + 3));
}

static void put_names(struct json_out *o, const char *const *names, size_t n)
{
    json_key(o, SV("enum"));
    json_begin_array(o);
    for (size_t i = 0; i < n; i++) {
        if (names[i])
            json_put_text(o, sv_from(names[i]));
    }
    json_end_array(o);
}

static void put_object(struct json_out *o, const struct json_schema *s);

static void put_text_items(struct json_out *o, const struct json_field *f)
{
    json_key(o, SV("items"));
    json_begin_object(o);
    json_kv_text(o, "type", SV("string"));
    if (f->names)
        put_names(o, f->names, f->names_n);
    else
        json_kv_int(o, "maxLength", f->item_max);
    json_end_object(o);
}

/* What follows the title and description: the type and its limits. */
static void put_type(struct json_out *o, const struct json_field *f)
{
    switch ((int)f->kind) {
    case JSON_KIND_TEXT:
        json_kv_text(o, "type", SV("string"));
        if (f->min)
            json_kv_int(o, "minLength", f->min);
        json_kv_int(o, "maxLength", f->max);
        break;
    case JSON_KIND_INT:
        json_kv_text(o, "type", SV("integer"));
        json_kv_int(o, "minimum", f->min);
        json_kv_int(o, "maximum", f->max);
        break;
    case JSON_KIND_BOOL:
        json_kv_text(o, "type", SV("boolean"));
        break;
    case JSON_KIND_DATE:
        json_kv_text(o, "type", SV("string"));
        json_kv_text(o, "format", SV("date"));
        json_kv_text(o, "pattern", SV("^(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$"));
        break;
    case JSON_KIND_ENUM:
        json_kv_text(o, "type", SV("string"));
        put_names(o, f->names, f->names_n);
        break;
    case JSON_KIND_ARRAY:
    case JSON_KIND_TEXTS:
        json_kv_text(o, "type", SV("array"));
        json_kv_int(o, "maxItems", f->max);
        if (f->kind == JSON_KIND_TEXTS) {
            put_text_items(o, f);
            break;
        }
        json_key(o, SV("items"));
        json_begin_object(o);
        put_object(o, f->of);
        json_end_object(o);
        break;
    default:
        must(f->kind == JSON_KIND_OBJECT);
        put_object(o, f->of);
    }
}

/* The members of an object's schema, without its braces. The nesting is that of our own rows: three levels. */
static void put_object(struct json_out *o, const struct json_schema *s)
{
    bool required = false;
    json_kv_text(o, "type", SV("object"));
    json_kv_bool(o, "additionalProperties", false);
    for (const struct json_field *f = s->fields; f->kind != JSON_KIND_END; f++)
        required = required || !f->optional;
    if (required) {
        json_key(o, SV("required"));
        json_begin_array(o);
        for (const struct json_field *f = s->fields; f->kind != JSON_KIND_END; f++) {
            if (!f->optional)
                json_put_text(o, sv_from(f->name));
        }
        json_end_array(o);
    }
    json_key(o, SV("properties"));
    json_begin_object(o);
    for (const struct json_field *f = s->fields; f->kind != JSON_KIND_END; f++) {
        json_key(o, sv_from(f->name));
        json_begin_object(o);
        put_about(o, f->about);
        put_type(o, f);
        json_end_object(o);
    }
    json_end_object(o);
}

struct sv contract_data_schema(struct arena *a)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, (size_t)1 << 20);
    struct json_out o;
    json_out_init(&o, &b);
    json_begin_object(&o);
    json_kv_text(&o, "$schema", SV("https://json-schema.org/draft/2020-12/schema"));
    json_kv_text(&o, "$id", SV("urn:qyq:schema:contract-data"));
    json_kv_text(&o, "title", SV("劳动合同数据"));
    json_kv_text(
            &o, "description",
            SV("Everything a labour contract says: input of \"qyq check\" and \"qyq render\". Money is in fen (1/100 "
               "yuan), dates are YYYY-MM-DD, areas six digits of GB/T 2260. An absent field means that nothing was "
               "agreed; what the law demands is said by the findings of the check, not by this schema."));
    put_object(&o, &contract_data_json);
    json_end_object(&o);
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}
