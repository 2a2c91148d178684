/* The findings of intake.h as JSON and in words. All words come from the message files (keys pdf.intake.…). */
#include "crypto/digest.h"
#include "pdf/intake.h"
#include "pdf/report.h"

#define REPORT_LIMIT ((size_t)16 << 20)

static struct sv words(struct arena *a, enum text_lang lang, const char *group, const char *name)
{
    return text_get(lang, arena_printf(a, "pdf.intake%s.%s", group, name));
}

static struct sv hash(struct arena *a, struct sv bytes)
{
    struct digest d = digest_of(DIGEST_SHA256, bytes);
    return digest_hex(a, &d);
}

/* ---- JSON ---- */

static void put_rect(struct json_out *o, const struct pdf_intake_finding *f)
{
    const double numbers[] = {f->rect.x, f->rect.y, f->rect.w, f->rect.h};
    json_key(o, SV("rect"));
    if (!f->has_rect) {
        json_put_null(o);
        return;
    }
    json_begin_array(o);
    for (size_t i = 0; i < COUNT(numbers); i++)
        json_put_real(o, numbers[i]);
    json_end_array(o);
}

static void put_number(struct json_out *o, const char *key, unsigned value)
{
    if (value)
        json_kv_int(o, key, value);
    else
        json_kv_null(o, key);
}

static void put_finding(struct json_out *o, struct arena *a, const struct pdf_intake_finding *f, enum text_lang lang)
{
    json_begin_object(o);
    json_kv_text(o, "code", sv_from(pdf_intake_code_name(f->code)));
    json_kv_text(o, "severity", sv_from(pdf_intake_severity_name(pdf_intake_severity(f->code))));
    put_number(o, "object", f->object);
    json_kv_bool(o, "original", f->in_original);
    put_number(o, "page", f->page);
    put_rect(o, f);
    json_kv_text(o, "text", words(a, lang, "", pdf_intake_code_name(f->code)));
    json_kv_text(o, "detail", f->detail);
    json_end_object(o);
}

struct sv pdf_intake_json(struct arena *a, struct sv file, struct sv bytes, const struct pdf_intake *in,
                          enum text_lang lang)
{
    CLEANUP(buf_done) struct buf b;
    struct json_out o;
    buf_init(&b, REPORT_LIMIT);
    json_out_init(&o, &b);
    json_begin_object(&o);
    json_kv_text(&o, "file", file);
    json_kv_bool(&o, "acceptable", in->acceptable);
    json_kv_int(&o, "pages", in->pages);
    json_kv_int(&o, "revisions", in->revisions);
    json_kv_text(&o, "sha256", hash(a, bytes));
    json_kv_int(&o, "size", (int64_t)bytes.n);
    json_key(&o, SV("normalised"));
    if (in->normalised.n) {
        json_begin_object(&o);
        json_kv_text(&o, "sha256", hash(a, in->normalised));
        json_kv_int(&o, "size", (int64_t)in->normalised.n);
        json_end_object(&o);
    } else {
        json_put_null(&o);
    }
    json_key(&o, SV("findings"));
    json_begin_array(&o);
    for (size_t i = 0; i < in->n; i++)
        put_finding(&o, a, &in->findings[i], lang);
    json_end_array(&o);
    json_end_object(&o);
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}

/* ---- words ---- */

static size_t count_of(const struct pdf_intake *in, enum pdf_intake_severity severity)
{
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++)
        n += pdf_intake_severity(in->findings[i].code) == severity;
    return n;
}

static struct sv where(struct arena *a, enum text_lang lang, const struct pdf_intake_finding *f)
{
    struct sv page = arena_printf(a, "%u", f->page);
    if (!f->has_rect || f->rect.w <= 0 || f->rect.h <= 0)
        return text_say(a, lang, SV("pdf.intake.report.page"), {"page", page});
    return text_say(a, lang, SV("pdf.intake.report.page_rect"), {"page", page},
                    {"x", arena_printf(a, "%.0f", f->rect.x)}, {"y", arena_printf(a, "%.0f", f->rect.y)},
                    {"w", arena_printf(a, "%.0f", f->rect.w)}, {"h", arena_printf(a, "%.0f", f->rect.h)});
}

static void one_finding(struct buf *b, struct arena *a, enum text_lang lang, const struct pdf_intake_finding *f)
{
    struct sv said = words(a, lang, "", pdf_intake_code_name(f->code));
    if (f->page)
        said = text_say(a, lang, SV("pdf.intake.report.at"), {"where", where(a, lang, f)}, {"words", said});
    buf_printf(b, "  - %.*s", SV_ARG(said));
    if (f->object || f->detail.n) {
        struct sv object = {0};
        if (f->object)
            object = arena_printf(a, "%s%u", f->in_original ? "original object " : "object ", f->object);
        struct sv detail = pdf_one_line(a, f->detail);
        buf_printf(b, " [%.*s%s%.*s]", SV_ARG(object), object.n && detail.n ? ": " : "", SV_ARG(detail));
    }
    buf_add_char(b, '\n');
}

static void group(struct buf *b, struct arena *a, enum text_lang lang, const struct pdf_intake *in,
                  enum pdf_intake_severity severity)
{
    size_t n = count_of(in, severity);
    if (!n)
        return;
    struct sv title = text_say(a, lang, arena_printf(a, "pdf.intake.report.%s", pdf_intake_severity_name(severity)),
                               {"n", arena_printf(a, "%zu", n)});
    buf_printf(b, "%.*s\n", SV_ARG(title));
    for (size_t i = 0; i < in->n; i++) {
        if (pdf_intake_severity(in->findings[i].code) == severity)
            one_finding(b, a, lang, &in->findings[i]);
    }
}

struct sv pdf_intake_text(struct arena *a, enum text_lang lang, struct sv file, const struct pdf_intake *in)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, REPORT_LIMIT);
    const char *conclusion = !in->acceptable                     ? "refused"
                             : count_of(in, PDF_INTAKE_WARN) > 0 ? "accepted_with_warnings"
                                                                 : "accepted";
    struct sv first = text_say(a, lang, SV("pdf.intake.report.file"), {"file", pdf_one_line(a, file)},
                               {"pages", arena_printf(a, "%u", in->pages)});
    struct sv said = words(a, lang, ".report", conclusion);
    buf_printf(&b, "%.*s\n%.*s\n", SV_ARG(first), SV_ARG(said));
    for (int s = PDF_INTAKE_REFUSE; s <= PDF_INTAKE_INFO; s++)
        group(&b, a, lang, in, (enum pdf_intake_severity)s);
    must(buf_ok(&b));
    return buf_to_arena(&b, a);
}
