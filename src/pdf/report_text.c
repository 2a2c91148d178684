/* The verification report for people; see report.h. All words come from the message files (keys pdf.…). */
#include <string.h>

#include "crypto/digest.h"
#include "pdf/doc_priv.h"
#include "pdf/pieces_priv.h"
#include "pdf/report.h"

#define REPORT_LIMIT ((size_t)64 << 20)

static bool is_plain(uint32_t c)
{
    return c >= 0x20 && !(c >= 0x7F && c < 0xA0) && c != 0x061C && c != 0x200E && c != 0x200F &&
           !(c >= 0x2028 && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069) && c != 0xFEFF;
}

struct sv pdf_one_line(struct arena *a, struct sv text)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, REPORT_LIMIT);
    bool utf8 = sv_is_utf8(text);
    while (text.n) {
        uint32_t c = (unsigned char)text.p[0];
        if (utf8)
            c = sv_next_char(&text);
        else
            text = sv_skip(text, 1);
        buf_add_utf8(&b, is_plain(c) && (utf8 || c < 0x80) ? c : 0xFFFD);
    }
    return buf_to_arena(&b, a);
}

struct writing {
    struct arena *a;
    enum text_lang lang;
    const struct pdf_report_context *c;
    const struct pdf_report *r;
    uint64_t *ends; /* behind the cross-reference section of each revision, ascending */
    size_t revisions;
    struct buf b;
};

static struct sv words(struct writing *w, const char *group, const char *name)
{
    return text_get(w->lang, arena_printf(w->a, "pdf.%s.%s", group, name));
}

static struct sv number(struct writing *w, uint64_t n)
{
    return arena_printf(w->a, "%llu", (unsigned long long)n);
}

static void put(struct writing *w, const char *indent, struct sv said)
{
    said = pdf_one_line(w->a, said);
    buf_printf(&w->b, "%s%.*s\n", indent, SV_ARG(said));
}

/* "label: value" */
static void line(struct writing *w, const char *indent, const char *label, struct sv value)
{
    put(w, indent, text_say(w->a, w->lang, arena_printf(w->a, "pdf.report.%s", label), {"value", value}));
}

/* ---- revisions of the file ---- */

/* A linearised file has two sections in its first revision; the first section of such a file points forward. */
static void count_revisions(struct writing *w)
{
    CLEANUP(doc_close) struct doc d = {0};
    if (!doc_open(&d, w->c->bytes))
        return;
    w->ends = arena_array(w->a, uint64_t, d.sections_n + 1);
    for (size_t i = d.sections_n; i-- > 0;) {
        uint64_t end = d.sections[i].end;
        if (w->revisions && end < w->ends[w->revisions - 1])
            continue;
        w->ends[w->revisions++] = end;
    }
}

/* 1 = the first; 0: unknown */
static size_t revision_of(const struct writing *w, const struct pdf_signature *s)
{
    size_t k = 0;
    while (s->revision.n && k < w->revisions && w->ends[k] <= s->revision.n)
        k++;
    return k;
}

/* ---- findings, by the question they answer ---- */

enum question { ABOUT_INTEGRITY, ABOUT_CHANGES, ABOUT_TRUST, ABOUT_STRENGTH, ABOUT_LEVEL, ABOUT_NOTHING };

static const struct {
    const char *code;
    enum question question;
} answers[] = {
        {"weak",                  ABOUT_STRENGTH},
        {"ltv_incomplete",        ABOUT_LEVEL   },
        {"ltv_not_covered",       ABOUT_LEVEL   },
        {"revocation_unknown",    ABOUT_TRUST   },
        {"revoked_later",         ABOUT_TRUST   },
        {"tsa_not_trusted",       ABOUT_TRUST   },
        {"unexplained_bytes",     ABOUT_CHANGES },
        {"not_permitted",         ABOUT_CHANGES },
        {"locked_field",          ABOUT_CHANGES },
        {"object_changed",        ABOUT_CHANGES },
        {"object_removed",        ABOUT_CHANGES },
        {"prepared_object",       ABOUT_CHANGES },
        {"trailer_changed",       ABOUT_CHANGES },
        {"not_comparable",        ABOUT_CHANGES },
        {"value_changed",         ABOUT_CHANGES },
        {"visible_timestamp",     ABOUT_CHANGES },
        {"timestamp_added",       ABOUT_CHANGES },
        {"certified_later",       ABOUT_CHANGES },
        {"signature_added",       ABOUT_CHANGES },
        {"signature_replaced",    ABOUT_CHANGES },
        {"appearance_changed",    ABOUT_CHANGES },
        {"seam_filled",           ABOUT_CHANGES },
        {"field_added",           ABOUT_CHANGES },
        {"visible_field_added",   ABOUT_CHANGES },
        {"fields_changed",        ABOUT_CHANGES },
        {"form_changed",          ABOUT_CHANGES },
        {"annotations_changed",   ABOUT_CHANGES },
        {"dss_changed",           ABOUT_CHANGES },
        {"dss_added",             ABOUT_CHANGES },
        {"extensions_changed",    ABOUT_CHANGES },
        {"info_changed",          ABOUT_CHANGES },
        {"metadata_changed",      ABOUT_CHANGES },
        {"nothing_visible",       ABOUT_CHANGES },
        {"version_changed",       ABOUT_CHANGES },
        {"perms_changed",         ABOUT_CHANGES },
        {"field_filled",          ABOUT_CHANGES },
        {"form_defaults",         ABOUT_CHANGES },
        {"signature_field_added", ABOUT_CHANGES },
        {"annotation_added",      ABOUT_CHANGES },
        {"annotation_changed",    ABOUT_CHANGES },
        {"annotation_removed",    ABOUT_CHANGES },
        {"page_tabs",             ABOUT_CHANGES },
        {"structure_added",       ABOUT_CHANGES },
        {"structure_changed",     ABOUT_CHANGES },
        {"appearance_differs",    ABOUT_CHANGES },
        {"appearance_unverified", ABOUT_CHANGES },
        {"appearance_stale",      ABOUT_CHANGES },
};

static enum question question_of(const struct pdf_reason *r)
{
    for (size_t i = 0; i < COUNT(answers); i++) {
        if (strcmp(r->code, answers[i].code) == 0)
            return answers[i].question;
    }
    if (r->code[0] >= 'A' && r->code[0] <= 'Z') /* sub-indications of ETSI EN 319 102-1 */
        return ABOUT_TRUST;
    return r->bad ? ABOUT_INTEGRITY : ABOUT_NOTHING;
}

/* ---- places: what the findings say in English, in the reader's language ---- */

struct place_words {
    uint64_t page;
    int64_t rect[4];
    bool has_rect;
    struct sv name; /* in quotes */
};

static bool digits(struct sv *s, uint64_t *ret)
{
    size_t n = 0;
    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        n++;
    if (!sv_u64(sv_sub(*s, 0, n), UINT32_MAX, ret))
        return false;
    *s = sv_skip(*s, n);
    return true;
}

static bool number_then(struct sv *s, const char *next, int64_t *ret)
{
    uint64_t v;
    bool minus = s->n && s->p[0] == '-';
    *s = sv_skip(*s, minus);
    if (!digits(s, &v) || !sv_starts(*s, sv_from(next)))
        return false;
    *s = sv_skip(*s, strlen(next));
    *ret = minus ? -(int64_t)v : (int64_t)v;
    return true;
}

/* "… page 3, rectangle 10,20 30x40 …" and "… "name" …" */
static struct place_words place_in(struct sv detail)
{
    struct place_words p = {0};
    size_t page = sv_find(detail, SV("page ")), rect = sv_find(detail, SV("rectangle "));
    struct sv rest = page == SIZE_MAX ? (struct sv){0} : sv_skip(detail, page + 5);
    if (page != SIZE_MAX && !digits(&rest, &p.page))
        p.page = 0;
    rest = rect == SIZE_MAX ? (struct sv){0} : sv_skip(detail, rect + 10);
    p.has_rect = rect != SIZE_MAX && number_then(&rest, ",", &p.rect[0]) && number_then(&rest, " ", &p.rect[1]) &&
                 number_then(&rest, "x", &p.rect[2]) && number_then(&rest, "", &p.rect[3]);
    size_t open = sv_find_char(detail, '"');
    rest = open == SIZE_MAX ? (struct sv){0} : sv_skip(detail, open + 1);
    size_t close = sv_find_char(rest, '"');
    p.name = close == SIZE_MAX ? (struct sv){0} : sv_sub(rest, 0, close);
    return p;
}

/* Empty when the detail names no place. */
static struct sv place_words(struct writing *w, struct sv detail)
{
    struct place_words p = place_in(detail);
    struct sv said = {0};
    struct sv name = text_say(w->a, w->lang, SV("pdf.report.at_field"), {"name", p.name});
    if (p.page && p.has_rect)
        said = text_say(w->a, w->lang, SV("pdf.report.at_rect"), {"page", number(w, p.page)},
                        {"x", arena_printf(w->a, "%lld", (long long)p.rect[0])},
                        {"y", arena_printf(w->a, "%lld", (long long)p.rect[1])},
                        {"w", arena_printf(w->a, "%lld", (long long)p.rect[2])},
                        {"h", arena_printf(w->a, "%lld", (long long)p.rect[3])});
    else if (p.page)
        said = text_say(w->a, w->lang, SV("pdf.report.at_page"), {"page", number(w, p.page)});
    if (!p.name.n)
        return said;
    return said.n ? text_say(w->a, w->lang, SV("pdf.report.at_both"), {"x", name}, {"y", said}) : name;
}

/* What the words do not say, for the expert. */
static void technical(struct writing *w, const char *indent, const struct pdf_reason *r)
{
    struct sv object = r->object ? arena_printf(w->a, "object %u", r->object) : (struct sv){0};
    if (!object.n && !r->detail.n)
        return;
    struct sv both = arena_printf(w->a, "%s%s%.*s%s%.*s", r->code, object.n || r->detail.n ? ": " : "", SV_ARG(object),
                                  object.n && r->detail.n ? ", " : "", SV_ARG(r->detail));
    line(w, indent, "technical", both);
}

static void reasons_about(struct writing *w, const struct pdf_reasons *list, enum question q)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct pdf_reason *r = &list->items[i];
        if (question_of(r) != q)
            continue;
        struct sv said = words(w, "reason", r->code);
        if (!text_has(w->lang, arena_printf(w->a, "pdf.reason.%s", r->code)))
            said = sv_from(r->code);
        line(w, "    ", r->bad ? "why" : "note", said);
        if (r->bad)
            technical(w, "      ", r);
    }
}

/* The next step for the first finding that has one, else for the state. */
static void advice(struct writing *w, const struct pdf_reasons *list, enum question q, const char *group,
                   const char *state)
{
    for (size_t i = 0; i < list->n; i++) {
        struct sv key = arena_printf(w->a, "pdf.advice.%s", list->items[i].code);
        if (question_of(&list->items[i]) == q && text_has(w->lang, key)) {
            line(w, "    ", "next", text_get(w->lang, key));
            return;
        }
    }
    struct sv key = arena_printf(w->a, "pdf.advice.%s.%s", group, state);
    if (text_has(w->lang, key))
        line(w, "    ", "next", text_get(w->lang, key));
}

/* ---- one signature ---- */

static void who(struct writing *w, const struct pdf_signature *s)
{
    const char *label = s->kind == PDF_DOCTIMESTAMP ? "authority" : "signer";
    if (!s->signer.n)
        line(w, "  ", label, words(w, "report", "signer_unknown"));
    else
        line(w, "  ", label,
             text_say(w->a, w->lang, SV("pdf.report.signer_by"), {"signer", s->signer}, {"issuer", s->issuer}));
}

/* The authority of a timestamp that is no one's to trust proves nothing, however well the token fits. */
static bool stamp_is_trusted(const struct pdf_signature *s)
{
    for (size_t i = 0; i < s->reasons.n; i++) {
        if (strcmp(s->reasons.items[i].code, "tsa_not_trusted") == 0)
            return false;
    }
    return s->kind != PDF_DOCTIMESTAMP || s->trust == PDF_TRUST_PASSED;
}

static void when(struct writing *w, const struct pdf_signature *s)
{
    struct sv proven = words(w, "report", "time_not_proven");
    if (s->has_timestamp) {
        const char *key = !s->timestamp.valid    ? "time_stamp_bad"
                          : !stamp_is_trusted(s) ? "time_stamp_untrusted"
                                                 : "time_stamped";
        proven = text_say(w->a, w->lang, arena_printf(w->a, "pdf.report.%s", key),
                          {"time", time_beijing(w->a, s->timestamp.at)}, {"tsa", s->timestamp.tsa});
    } else if (s->level >= PDF_LEVEL_T) {
        proven = words(w, "report", "time_by_document");
    }
    line(w, "  ", "time_proven", proven);
    if (s->signing_at != INT64_MIN && s->kind != PDF_DOCTIMESTAMP)
        line(w, "  ", "time_claimed", time_beijing(w->a, s->signing_at));
}

static void nature(struct writing *w, const struct pdf_signature *s)
{
    const char *name = s->kind == PDF_DOCTIMESTAMP ? "doctimestamp"
                       : s->kind == PDF_APPROVAL   ? "approval"
                       : s->docmdp == 1            ? "certification1"
                       : s->docmdp == 3            ? "certification3"
                                                   : "certification2";
    line(w, "  ", "nature", words(w, "nature", name));
    if (s->claimed_reason.n)
        line(w, "  ", "claimed_reason", s->claimed_reason);
    if (s->claimed_location.n)
        line(w, "  ", "claimed_location", s->claimed_location);
}

static void scope(struct writing *w, const struct pdf_signature *s)
{
    size_t k = revision_of(w, s);
    struct sv bytes = number(w, s->revision.n), all = number(w, w->c->bytes.n);
    if (s->coverage == PDF_COVERS_WHOLE)
        line(w, "  ", "coverage", text_say(w->a, w->lang, SV("pdf.report.covers_whole"), {"all", all}));
    else if (s->coverage == PDF_COVERS_REVISION && k)
        line(w, "  ", "coverage",
             text_say(w->a, w->lang, SV("pdf.report.covers_revision"), {"k", number(w, k)},
                      {"n", number(w, w->revisions)}, {"bytes", bytes}, {"all", all}));
    else
        line(w, "  ", "coverage", words(w, "coverage", pdf_coverage_name(s->coverage)));
}

static size_t count_about(const struct pdf_reasons *list, enum question q)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        n += question_of(&list->items[i]) == q;
    return n;
}

static void one_change(struct writing *w, const struct pdf_reason *r)
{
    struct sv said = words(w, "reason", r->code), at = place_words(w, r->detail);
    if (at.n)
        said = text_say(w->a, w->lang, SV("pdf.report.change_at"), {"at", at}, {"words", said});
    line(w, "    ", r->bad ? "change_forbidden" : "change_permitted", said);
    if (r->bad)
        technical(w, "      ", r);
}

static void changes(struct writing *w, const struct pdf_signature *s)
{
    if (!count_about(&s->reasons, ABOUT_CHANGES)) {
        if (s->coverage != PDF_COVERS_PARTIAL)
            put(w, "  ", words(w, "report", s->coverage == PDF_COVERS_WHOLE ? "changes_none" : "changes_unlisted"));
        return;
    }
    put(w, "  ", words(w, "report", "changes"));
    for (size_t i = 0; i < s->reasons.n; i++) {
        if (question_of(&s->reasons.items[i]) == ABOUT_CHANGES)
            one_change(w, &s->reasons.items[i]);
    }
}

static void answers_of(struct writing *w, const struct pdf_signature *s)
{
    line(w, "  ", "integrity", words(w, "integrity", pdf_integrity_name(s->integrity)));
    reasons_about(w, &s->reasons, ABOUT_INTEGRITY);
    advice(w, &s->reasons, ABOUT_INTEGRITY, "integrity", pdf_integrity_name(s->integrity));
    line(w, "  ", "trust", words(w, "trust", pdf_trust_name(s->trust)));
    reasons_about(w, &s->reasons, ABOUT_TRUST);
    advice(w, &s->reasons, ABOUT_TRUST, "trust", pdf_trust_name(s->trust));
    struct sv algorithm = arena_printf(w->a, "%.*s / %.*s", SV_ARG(s->algorithm), SV_ARG(s->digest));
    if (s->algorithm.n)
        put(w, "  ",
            text_say(w->a, w->lang, s->weak ? SV("pdf.report.strength_weak") : SV("pdf.report.strength_ok"),
                     {"algorithm", algorithm}));
    reasons_about(w, &s->reasons, ABOUT_STRENGTH);
    if (s->level != PDF_LEVEL_NONE)
        line(w, "  ", "level",
             words(w, s->kind == PDF_DOCTIMESTAMP ? "level_stamp" : "level", pdf_level_name(s->level)));
    reasons_about(w, &s->reasons, ABOUT_LEVEL);
    if (count_about(&s->reasons, ABOUT_NOTHING))
        put(w, "  ", words(w, "report", "notes"));
    reasons_about(w, &s->reasons, ABOUT_NOTHING);
}

static void one_signature(struct writing *w, size_t i)
{
    const struct pdf_signature *s = &w->r->signatures[i];
    buf_add_char(&w->b, '\n');
    put(w, "",
        text_say(w->a, w->lang, SV("pdf.report.signature"), {"n", number(w, i + 1)},
                 {"all", number(w, w->r->signatures_n)}, {"kind", words(w, "kind", pdf_sig_kind_name(s->kind))},
                 {"field", s->field}));
    who(w, s);
    when(w, s);
    nature(w, s);
    scope(w, s);
    changes(w, s);
    answers_of(w, s);
}

/* ---- the whole ---- */

static void head(struct writing *w)
{
    CLEANUP(digest_stream_cleanup) struct digest_stream *h = digest_stream_new(DIGEST_SHA256);
    pieces_digest(h, w->c->bytes, w->c->reader);
    struct digest d = digest_stream_finish(h);
    const struct pdf_report *r = w->r;
    line(w, "", "file", w->c->file);
    line(w, "", "verdict", words(w, "verdict", pdf_verdict_name(r->verdict)));
    bool spoilt = r->integrity <= PDF_UNSUPPORTED;
    if (r->verdict == PDF_INVALID)
        line(w, "", "decisive",
             spoilt ? words(w, "integrity", pdf_integrity_name(r->integrity))
                    : words(w, "trust", pdf_trust_name(r->trust)));
    put(w, "",
        text_say(w->a, w->lang, SV("pdf.report.fingerprint"), {"sha256", digest_hex(w->a, &d)},
                 {"bytes", number(w, w->c->bytes.n)}, {"n", number(w, w->revisions)}));
    line(w, "", "checked_at", time_beijing(w->a, w->c->at));
    if (r->weak)
        line(w, "", "strength", words(w, "report", "weak"));
    for (size_t i = 0; i < r->reasons.n; i++) {
        line(w, "", r->reasons.items[i].bad ? "bad" : "note", words(w, "reason", r->reasons.items[i].code));
        technical(w, "  ", &r->reasons.items[i]);
    }
}

static void foot(struct writing *w)
{
    buf_add_char(&w->b, '\n');
    put(w, "", words(w, "report", "limits"));
    if (w->c->roots)
        put(w, "  ", text_say(w->a, w->lang, SV("pdf.report.limit_roots"), {"n", number(w, w->c->roots)}));
    else
        put(w, "  ", words(w, "report", "limit_no_roots"));
    put(w, "  ", words(w, "report", w->c->online ? "limit_online" : "limit_offline"));
    put(w, "  ", words(w, "report", "limit_content"));
}

struct sv pdf_report_text(struct arena *a, enum text_lang lang, const struct pdf_report_context *c,
                          const struct pdf_report *r)
{
    struct writing w = {.a = a, .lang = lang, .c = c, .r = r};
    buf_init(&w.b, REPORT_LIMIT);
    count_revisions(&w);
    head(&w);
    for (size_t i = 0; i < r->signatures_n; i++)
        one_signature(&w, i);
    if (r->signatures_n)
        foot(&w);
    return buf_to_arena(&w.b, a);
}
