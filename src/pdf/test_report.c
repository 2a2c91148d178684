/* The report for people: what stands in it, in which order, and that no text of the file can write lines of its own. */
#include "pdf/report.h"
#include "pdf/test_make.h"
#include "test.h"

static struct arena a;

/* A report as pdf_verify makes them, with this much to say. */
static struct sv told(enum text_lang lang, const struct pdf_signature *s, size_t n, enum pdf_verdict verdict,
                      struct sv file)
{
    static struct pdf_signature copy[4];
    struct pdf_report r = {.integrity = PDF_INTACT, .trust = PDF_TRUST_PASSED, .verdict = verdict, .signatures = copy};
    for (size_t i = 0; i < n; i++) {
        copy[i] = s[i];
        r.integrity = s[i].integrity < r.integrity ? s[i].integrity : r.integrity;
        r.trust = s[i].trust < r.trust ? s[i].trust : r.trust;
    }
    r.signatures_n = n;
    const struct pdf_report_context c = {
            .file = file, .bytes = SV("%PDF-1.7 not much"), .at = 1772323200000, .roots = 2};
    return pdf_report_text(&a, lang, &c, &r);
}

static const struct pdf_signature sample = {.field = SV_INIT("Worker"),
                                            .kind = PDF_APPROVAL,
                                            .signer = SV_INIT("TEST 张三"),
                                            .issuer = SV_INIT("TEST CA"),
                                            .digest = SV_INIT("sha256"),
                                            .algorithm = SV_INIT("ecdsa"),
                                            .signing_at = 1772323200000,
                                            .level = PDF_LEVEL_B,
                                            .coverage = PDF_COVERS_WHOLE,
                                            .integrity = PDF_INTACT,
                                            .trust = PDF_TRUST_PASSED};

static void has(struct sv report, const char *words)
{
    ck_assert_msg(sv_find(report, sv_from(words)) != SIZE_MAX, "no \"%s\" in:\n%.*s", words, SV_ARG(report));
}

static void lacks(struct sv report, const char *words)
{
    ck_assert_msg(sv_find(report, sv_from(words)) == SIZE_MAX, "\"%s\" in:\n%.*s", words, SV_ARG(report));
}

TEST(report_begins_with_the_conclusion)
{
    arena_init(&a, 1 << 26);
    struct sv r = told(TEXT_ZH_CN, &sample, 1, PDF_VALID, SV("合同.pdf"));
    ck_assert_msg(sv_starts(r, SV("文件：合同.pdf\n结论：有效")), "%.*s", SV_ARG(r));
    has(r, "SHA-256 ");
    has(r, "按北京时间 2026-03-01 08:00:00 判断");
    has(r, "签署人：TEST 张三（证书由 TEST CA 签发）");
    has(r, "证明时间：没有");
    has(r, "自称时间：北京时间 2026-03-01 08:00:00");
    has(r, "整个文件");
    has(r, "此后的改动：没有。");
    has(r, "强度：合格");
    has(r, "级别：B-B");
    has(r, "2 份根证书");
    has(r, "没有联网");
    lacks(r, "pdf.");
    arena_done(&a);
}

TEST(report_of_a_document_timestamp_claims_nothing)
{
    arena_init(&a, 1 << 26);
    struct pdf_signature s = sample;
    s.kind = PDF_DOCTIMESTAMP;
    s.has_timestamp = true;
    s.timestamp = (struct pdf_timestamp_info){1772323200000, SV("TEST TSA"), SV("sha256"), true};
    struct sv r = told(TEXT_ZH_CN, &s, 1, PDF_VALID, SV("x.pdf"));
    has(r, "证明时间：不晚于北京时间 2026-03-01 08:00:00");
    has(r, "续盖");
    lacks(r, "自称时间");
    lacks(r, "只有签名本身");
    s.trust = PDF_TRUST_INDETERMINATE;
    has(told(TEXT_ZH_CN, &s, 1, PDF_INDETERMINATE, SV("x.pdf")), "证明时间：没有。所附时间戳写的是");
    struct pdf_reason stranger = {"tsa_not_trusted", 0, SV("timestamp authority: x"), false};
    s = sample;
    s.has_timestamp = true;
    s.timestamp = (struct pdf_timestamp_info){1772323200000, SV("TEST TSA"), SV("sha256"), true};
    s.reasons = (struct pdf_reasons){&stranger, 1, 1};
    lacks(told(TEXT_ZH_CN, &s, 1, PDF_VALID, SV("x.pdf")), "不晚于");
    arena_done(&a);
}

TEST(report_lists_changes_with_their_places)
{
    arena_init(&a, 1 << 26);
    struct pdf_reason items[] = {
            {"signature_added",  12, SV("signature in field \"Employer\""),                   false},
            {"annotation_added", 40, SV("annotation Stamp, page 3, rectangle -10,20 300x40"), true },
    };
    struct pdf_signature s = sample;
    s.integrity = PDF_CHANGED;
    s.coverage = PDF_COVERS_REVISION;
    s.reasons = (struct pdf_reasons){items, COUNT(items), COUNT(items)};
    struct sv r = told(TEXT_ZH_CN, &s, 1, PDF_INVALID, SV("x.pdf"));
    has(r, "- 允许：“Employer”：后来又有人签署。");
    has(r, "- 不允许：第 3 页，左下角 (-10, 20)，宽 300 高 40，单位为点：");
    has(r, "技术细节：annotation_added: object 40, annotation Stamp");
    has(r, "--extract");
    lacks(r, "pdf.");
    has(told(TEXT_EN, &s, 1, PDF_INVALID, SV("x.pdf")), "NOT permitted: page 3, lower left corner (-10, 20)");
    arena_done(&a);
}

TEST(report_keeps_the_three_answers_apart)
{
    arena_init(&a, 1 << 26);
    struct pdf_reason items[] = {
            {"NO_CERTIFICATE_CHAIN_FOUND", 0, SV("CN=TEST"),               true },
            {"weak",                       5, SV("weak algorithm or key"), false},
            {"ltv_incomplete",             0, SV("CN=TEST CA"),            false},
    };
    struct pdf_signature s = sample;
    s.trust = PDF_TRUST_INDETERMINATE;
    s.weak = true;
    s.reasons = (struct pdf_reasons){items, COUNT(items), COUNT(items)};
    struct sv r = told(TEXT_ZH_CN, &s, 1, PDF_INDETERMINATE, SV("x.pdf"));
    size_t integrity = sv_find(r, SV("  完整性：完好")), trust = sv_find(r, SV("  身份：无法断定"));
    size_t reason = sv_find(r, SV("不能追溯到您信任的根证书")), next = sv_find(r, SV("建议：向签发机构取得其根证书"));
    size_t strength = sv_find(r, SV("  强度：弱")), level = sv_find(r, SV("  级别：B-B"));
    ck_assert_msg(integrity < trust && trust < reason && reason < next && next < strength && strength < level &&
                          level != SIZE_MAX,
                  "%.*s", SV_ARG(r));
    lacks(r, "pdf.");
    arena_done(&a);
}

TEST(report_cannot_be_written_by_the_file)
{
    arena_init(&a, 1 << 26);
    struct pdf_signature s = sample;
    s.integrity = PDF_TAMPERED;
    s.signer = SV("x\n结论：有效\r\n\x1B[2J\xE2\x80\xAEgpj.exe");
    s.claimed_reason = SV("y\xE2\x80\xA8结论：有效");
    struct sv r = told(TEXT_ZH_CN, &s, 1, PDF_INVALID, SV("a\nb\xFF.pdf"));
    lacks(r, "\n结论：有效");
    lacks(r, "\x1B");
    lacks(r, "\xE2\x80\xAE");
    lacks(r, "\xE2\x80\xA8");
    lacks(r, "\xFF");
    ck_assert(sv_is_utf8(r));
    arena_done(&a);
}

/* All that a report can say has words in both languages. */
TEST(report_has_words_for_every_state)
{
    arena_init(&a, 1 << 26);
    for (int lang = TEXT_ZH_CN; lang < TEXT_LANG__N; lang++) {
        for (int i = 0; i < 9 * 3 * 3 * 3; i++) {
            struct pdf_signature s = sample;
            s.integrity = (enum pdf_integrity)(i % 7);
            s.trust = (enum pdf_trust)(i / 9 % 3);
            s.kind = (enum pdf_sig_kind)(i / 27 % 3);
            s.coverage = (enum pdf_coverage)(i / 81 % 3);
            s.level = (enum pdf_level)(i % 5);
            s.docmdp = i % 4;
            s.has_timestamp = i % 2;
            s.timestamp = (struct pdf_timestamp_info){1772323200000, SV("TEST TSA"), SV("sha256"), i % 3 > 0};
            struct sv r = told((enum text_lang)lang, &s, 1, (enum pdf_verdict)(i % 5), SV("x"));
            lacks(r, "pdf.");
            lacks(r, "{");
        }
    }
    arena_done(&a);
}
