/* The verification report as JSON; see report.h. All words come from the message files (keys pdf.…). */
#include "pdf/report.h"

#define REPORT_LIMIT ((size_t)64 << 20)

struct sv pdf_reason_text(struct arena *a, enum text_lang lang, const struct pdf_reason *r)
{
    struct sv key = arena_printf(a, "pdf.reason.%s", r->code);
    if (!text_has(lang, key))
        return r->detail.n ? r->detail : sv_from(r->code);
    struct sv said = text_get(lang, key);
    if (!r->detail.n)
        return said;
    return text_say(a, lang, SV("pdf.report.with_detail"), {"words", said}, {"detail", r->detail});
}

/* ---- JSON ---- */

static void put_reasons(struct json_out *o, struct arena *a, const struct pdf_reasons *list, enum text_lang lang)
{
    json_begin_array(o);
    for (size_t i = 0; i < list->n; i++) {
        const struct pdf_reason *r = &list->items[i];
        json_begin_object(o);
        json_kv_text(o, "code", sv_from(r->code));
        if (r->object)
            json_kv_int(o, "object", r->object);
        else
            json_kv_null(o, "object");
        json_kv_text(o, "text", pdf_reason_text(a, lang, r));
        json_end_object(o);
    }
    json_end_array(o);
}

static void put_timestamp(struct json_out *o, struct arena *a, const struct pdf_signature *s)
{
    json_key(o, SV("timestamp"));
    if (!s->has_timestamp) {
        json_put_null(o);
        return;
    }
    json_begin_object(o);
    json_kv_text(o, "time", time_rfc3339(a, s->timestamp.at));
    json_kv_text(o, "tsa", s->timestamp.tsa);
    json_kv_text(o, "imprint_alg", s->timestamp.imprint_alg);
    json_kv_bool(o, "valid", s->timestamp.valid);
    json_end_object(o);
}

static void put_signature(struct json_out *o, struct arena *a, const struct pdf_signature *s, enum text_lang lang)
{
    json_begin_object(o);
    json_kv_text(o, "field", s->field);
    json_kv_text(o, "kind", sv_from(pdf_sig_kind_name(s->kind)));
    json_kv_text(o, "subfilter", s->subfilter);
    json_kv_text(o, "signer", s->signer);
    json_kv_text(o, "issuer", s->issuer);
    json_kv_text(o, "digest", s->digest);
    json_kv_text(o, "algorithm", s->algorithm);
    if (s->signing_at == INT64_MIN)
        json_kv_null(o, "signing_time");
    else
        json_kv_text(o, "signing_time", time_rfc3339(a, s->signing_at));
    put_timestamp(o, a, s);
    json_kv_text(o, "level", sv_from(pdf_level_name(s->level)));
    json_kv_text(o, "coverage", sv_from(pdf_coverage_name(s->coverage)));
    json_kv_text(o, "integrity", sv_from(pdf_integrity_name(s->integrity)));
    json_kv_text(o, "trust", sv_from(pdf_trust_name(s->trust)));
    json_key(o, SV("reasons"));
    put_reasons(o, a, &s->reasons, lang);
    json_end_object(o);
}

void pdf_report_put(struct json_out *o, struct arena *a, const struct pdf_report *r, enum text_lang lang)
{
    json_kv_text(o, "integrity", sv_from(pdf_integrity_name(r->integrity)));
    json_kv_text(o, "trust", sv_from(pdf_trust_name(r->trust)));
    json_kv_text(o, "strength", r->weak ? SV("weak") : SV("ok"));
    json_kv_text(o, "verdict", sv_from(pdf_verdict_name(r->verdict)));
    json_key(o, SV("reasons"));
    put_reasons(o, a, &r->reasons, lang);
    json_key(o, SV("signatures"));
    json_begin_array(o);
    for (size_t i = 0; i < r->signatures_n; i++)
        put_signature(o, a, &r->signatures[i], lang);
    json_end_array(o);
}

struct sv pdf_report_json(struct arena *a, struct sv file, const struct pdf_report *r, enum text_lang lang)
{
    CLEANUP(buf_done) struct buf b;
    struct json_out o;
    buf_init(&b, REPORT_LIMIT);
    json_out_init(&o, &b);
    json_begin_object(&o);
    json_kv_text(&o, "file", file);
    pdf_report_put(&o, a, r, lang);
    json_end_object(&o);
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}
