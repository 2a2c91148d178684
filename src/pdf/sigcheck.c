/* Cryptography and trust of one signature: crypto does the work, here it meets the bytes and words of a PDF (EN 319
 * 142-1, EN 319 102-1). Called from the newest signature to the oldest, so that a trusted document timestamp proves
 * when everything before it existed. */
#include <limits.h>
#include <string.h>

#include "crypto/ses.h"
#include "crypto/tsp.h"
#include "pdf/pieces_priv.h"
#include "pdf/verify_priv.h"

#define MAX_CERT_STRINGS 16

/* ---- results of crypto in our words ---- */

static enum pdf_integrity integrity_of(enum cms_status s)
{
    switch (s) {
    case CMS_OK:
        return PDF_INTACT;
    case CMS_UNSUPPORTED:
        return PDF_UNSUPPORTED;
    case CMS_TST_BAD:
        return PDF_TST_BAD;
    case CMS_TAMPERED:
        return PDF_TAMPERED;
    case CMS_BROKEN:
        break;
    }
    return PDF_BROKEN;
}

static void take_problem(struct verifying *v, struct sig *s, const struct cms_problem *p)
{
    if (p->status == CMS_OK)
        reasons_add(v->a, &s->out.reasons, false, p->code, s->out.object, "%.*s", SV_ARG(p->text));
    else
        sig_spoil(v, s, integrity_of(p->status), p->code, s->out.object, "%.*s", SV_ARG(p->text));
}

static void take_signer(struct sig *s, const struct cert *c)
{
    if (!c)
        return;
    s->out.signer = c->common_name.n ? c->common_name : c->subject;
    s->out.issuer = c->issuer_common_name.n ? c->issuer_common_name : c->issuer;
}

/* ---- trust ---- */

static struct chain_result check_chain(struct verifying *v, struct sig *s, const struct witness *w)
{
    struct chain_query q = witness_query(v, w);
    struct chain_result r = {0};
    chain_check(v->a, &q, &r);
    ltv_need(v, s, w);
    return r;
}

static enum pdf_trust trust_of(enum trust_verdict t)
{
    return t == TRUST_PASSED ? PDF_TRUST_PASSED : t == TRUST_FAILED ? PDF_TRUST_FAILED : PDF_TRUST_INDETERMINATE;
}

static void take_chain(struct verifying *v, struct sig *s, const struct chain_result *r)
{
    s->out.trust = trust_of(r->verdict);
    s->out.weak = s->out.weak || r->weak;
    if (r->verdict != TRUST_PASSED)
        reasons_add(v->a, &s->out.reasons, true, r->code, 0, "%.*s", SV_ARG(r->text));
    else if (!r->revocation_known)
        reasons_add(v->a, &s->out.reasons, false, "revocation_unknown", 0, "no revocation data for the whole chain");
    if (r->revoked && r->verdict == TRUST_PASSED)
        reasons_add(v->a, &s->out.reasons, false, "revoked_later", 0, "revoked after the proven time of signing");
}

/* ---- timestamps ---- */

/* Of several tokens the one that counts is shown: trusted before verified before others, then the earliest. Anybody can
 * add a token of an authority of his own later. */
static void describe_token(struct verifying *v, struct sig *s, const struct tsp_token *t, bool valid, bool trusted)
{
    int rank = trusted ? 3 : valid ? 2 : 1;
    if (rank < s->stamp_rank || (rank == s->stamp_rank && t->gen_at >= s->out.timestamp.at))
        return;
    s->stamp_rank = rank;
    s->out.has_timestamp = true;
    s->out.timestamp = (struct pdf_timestamp_info){.at = t->gen_at,
                                                   .tsa = t->tsa,
                                                   .imprint_alg = arena_sv(v->a, sv_from(digest_name(t->imprint_alg))),
                                                   .valid = valid};
}

/* A verified token of a trusted TSA proves a time; others prove nothing, and are reported. */
static int64_t proven_by(struct verifying *v, struct sig *s, const struct tsp_token *t,
                         const struct tsp_verdict *verdict)
{
    if (verdict->status != CMS_OK || !verdict->tsa)
        return 0;
    const struct witness tsa = {verdict->tsa, CHAIN_TIMESTAMP, &t->cms, v->proven_at, true};
    struct chain_result r = check_chain(v, s, &tsa);
    s->out.weak = s->out.weak || verdict->weak || r.weak;
    if (r.verdict == TRUST_PASSED)
        return t->gen_at;
    reasons_add(v->a, &s->out.reasons, false, "tsa_not_trusted", 0, "timestamp authority: %s %.*s", r.code,
                SV_ARG(r.text));
    return 0;
}

static int64_t earlier(int64_t x, int64_t y)
{
    return x == 0 ? y : y == 0 ? x : x < y ? x : y;
}

/* ---- kinds ---- */

static struct sv part(const struct verifying *v, const struct sig *s, int i)
{
    return i == 0 ? sv_sub(v->bytes, 0, s->out.range[1]) : sv_sub(v->bytes, s->out.range[2], s->out.range[3]);
}

static struct digest digest_parts(const struct verifying *v, const struct sig *s, enum digest_alg alg)
{
    CLEANUP(digest_stream_cleanup) struct digest_stream *h = digest_stream_new(alg);
    for (int i = 0; i < 2; i++)
        pieces_digest(h, part(v, s, i), v->o->reader);
    return digest_stream_finish(h);
}

static void check_timestamp(struct verifying *v, struct sig *s)
{
    struct tsp_token t = {0};
    sig_covered_read(v, s);
    tsp_token_read(v->a, s->contents, &t);
    s->out.cms = t.cms.der;
    if (t.cms.status != CMS_OK) {
        take_problem(v, s, &t.cms.problem);
        return;
    }
    struct digest covered = digest_parts(v, s, t.imprint_alg);
    struct tsp_verdict verdict = {.code = ""};
    tsp_token_check(v->a, &t, &covered, &v->pool, &verdict);
    s->out.digest = arena_sv(v->a, sv_from(digest_name(t.imprint_alg)));
    s->out.algorithm = cms_algorithm(v->a, &t.cms);
    take_signer(s, verdict.tsa);
    describe_token(v, s, &t, verdict.status == CMS_OK, false); /* the only one */
    s->out.signing_at = t.gen_at;
    if (verdict.status != CMS_OK) {
        sig_spoil(v, s, integrity_of(verdict.status), verdict.code, s->out.object, "%.*s", SV_ARG(verdict.text));
        return;
    }
    s->out.weak = verdict.weak;
    sig_check_embedded(v, s, &t.cms, verdict.tsa);
    struct witness tsa = {verdict.tsa, CHAIN_TIMESTAMP, &t.cms, v->proven_at, true};
    struct chain_result r = check_chain(v, s, &tsa);
    take_chain(v, s, &r);
    tsa.at = t.gen_at;
    sig_level_stamp(v, s, &tsa);
    if (r.verdict == TRUST_PASSED && s->out.integrity >= PDF_INTACT_EXTENDED)
        v->proven_at = earlier(v->proven_at, t.gen_at);
}

static void take_verdict(struct verifying *v, struct sig *s, const struct cms *c, const struct cms_verdict *verdict)
{
    for (size_t i = 0; i < verdict->problem_n; i++)
        take_problem(v, s, &verdict->problem[i]);
    if (integrity_of(verdict->status) < s->out.integrity) /* not said by a problem above */
        sig_spoil(v, s, integrity_of(verdict->status), "cms", s->out.object, "signature data: %s",
                  cms_status_name(verdict->status));
    s->out.weak = verdict->weak;
    s->out.algorithm = verdict->algorithm;
    take_signer(s, verdict->signer);
    struct witness *tokens = arena_array(v->a, struct witness, verdict->token_n + 1);
    size_t tokens_n = 0;
    int64_t proven_at = v->proven_at;
    for (size_t i = 0; i < verdict->token_n; i++) {
        const struct tsp_token *t = &verdict->token[i];
        const struct cert *tsa = verdict->token_verdict[i].tsa;
        bool valid = verdict->token_verdict[i].status == CMS_OK;
        int64_t proves = proven_by(v, s, t, &verdict->token_verdict[i]);
        describe_token(v, s, t, valid, proves != 0);
        proven_at = earlier(proven_at, proves);
        if (!valid || !tsa)
            continue;
        sig_check_embedded(v, s, &t->cms, tsa);
        tokens[tokens_n++] = (struct witness){tsa, CHAIN_TIMESTAMP, &t->cms, t->gen_at, true};
    }
    if (!verdict->signer)
        return;
    sig_check_embedded(v, s, c, verdict->signer);
    const struct witness signer = {verdict->signer, CHAIN_SIGN, c, proven_at, false};
    struct chain_result r = check_chain(v, s, &signer);
    take_chain(v, s, &r);
    sig_level(v, s, &signer, tokens, tokens_n);
}

static void check_cms(struct verifying *v, struct sig *s, enum cms_profile profile)
{
    struct cms c = {0};
    cms_read(v->a, s->contents, profile, &c);
    s->out.cms = c.der;
    take_signer(s, c.signer);
    if (c.status != CMS_OK) {
        take_problem(v, s, &c.problem);
        return;
    }
    for (size_t i = 0; i < c.note_n; i++)
        take_problem(v, s, &c.note[i]);
    s->out.digest = arena_sv(v->a, sv_from(digest_name(c.digest)));
    if (s->out.signing_at == INT64_MIN && c.signing_time_at)
        s->out.signing_at = c.signing_time_at;
    struct cms_hash *h = cms_hash_new(&c, &v->pool);
    for (int i = 0; i < 2; i++) {
        struct pieces p = {.rest = part(v, s, i), .reader = v->o->reader};
        for (struct sv piece; pieces_next(&p, &piece);)
            cms_hash_add(h, piece);
    }
    struct cms_verdict verdict = {0};
    cms_check(v->a, &c, h, &v->pool, &verdict);
    cms_hash_free(h);
    take_verdict(v, s, &c, &verdict);
}

/* GB/T 38540: changed bytes are told, the seal itself is not judged. */
static void check_seal(struct verifying *v, struct sig *s)
{
    struct ses seal = {0};
    ses_read(v->a, s->contents, &seal);
    s->out.cms = seal.der;
    struct digest sm3 = digest_parts(v, s, DIGEST_SM3);
    struct cms_verdict verdict = {0};
    ses_check(v->a, &seal, &sm3, &verdict);
    if (s->out.signing_at == INT64_MIN && seal.signed_at)
        s->out.signing_at = seal.signed_at;
    s->out.digest = SV("sm3");
    struct cms none = {0};
    take_verdict(v, s, &none, &verdict);
    s->out.level = PDF_LEVEL_NONE;
}

/* Bytes of the SEQUENCE that s begins with, or of all when it begins with none. */
static size_t sequence_size(struct sv s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t head = 2, n = 0;
    if (s.n < 2 || p[0] != 0x30)
        return s.n;
    if (p[1] < 0x80)
        n = p[1];
    for (size_t i = 0; p[1] > 0x80 && i < (p[1] & 0x7fU); i++, head++) {
        if (head >= s.n || n > CERT_MAX_BYTES)
            return s.n;
        n = n << 8 | p[head];
    }
    return n && n <= s.n - head ? head + n : s.n;
}

/* One certificate a string is the standard; some programs write the whole chain into one. */
static void certs_in_string(struct verifying *v, struct sv rest, struct certs *ret)
{
    for (size_t i = 0; rest.n && i < MAX_CERT_STRINGS; i++) {
        size_t size = sequence_size(rest);
        const struct cert *c;
        struct err e = ERR_INIT;
        if (cert_parse(v->a, sv_sub(rest, 0, size), &c, &e))
            certs_add(v->a, ret, c);
        rest = sv_skip(rest, size);
    }
}

/* adbe.x509.rsa_sha1: a raw RSA signature, certificates in /Cert (read only, always weak). */
static void check_raw_rsa(struct verifying *v, struct sig *s)
{
    const struct obj *cert = doc_get(&v->doc, s->dict, "Cert");
    struct certs list = {0};
    size_t n = cert->kind == O_ARRAY ? cert->array.n : 1;
    for (size_t i = 0; i < n && i < MAX_CERT_STRINGS; i++) {
        const struct obj *o = cert->kind == O_ARRAY ? doc_value(&v->doc, cert->array.items[i]) : cert;
        if (o->kind == O_STRING)
            certs_in_string(v, arena_sv(v->a, o->text), &list);
    }
    if (!list.n) {
        sig_spoil(v, s, PDF_BROKEN, "cert_missing", s->out.object, "no readable certificate in /Cert");
        return;
    }
    struct digest sha1 = digest_parts(v, s, DIGEST_SHA1);
    struct cms_verdict verdict = {0};
    cms_check_x509_rsa_sha1(v->a, s->contents, list.v[0], &sha1, &verdict);
    struct cms none = {.certs = list};
    s->out.digest = SV("sha1");
    take_verdict(v, s, &none, &verdict);
}

void sig_check_crypto(struct verifying *v, struct sig *s)
{
    static const struct {
        const char *name;
        enum cms_profile profile;
    } profiles[] = {
            {"ETSI.CAdES.detached", CMS_CADES    },
            {"adbe.pkcs7.detached", CMS_ADBE     },
            {"adbe.pkcs7.sha1",     CMS_ADBE_SHA1}
    };
    if (s->out.kind == PDF_DOCTIMESTAMP) {
        check_timestamp(v, s);
        return;
    }
    for (size_t i = 0; i < COUNT(profiles); i++) {
        if (sv_eq(s->out.subfilter, sv_from(profiles[i].name))) {
            check_cms(v, s, profiles[i].profile);
            return;
        }
    }
    if (!s->out.subfilter.n)
        sig_spoil(v, s, PDF_BROKEN, "sig_dictionary", s->out.object, "no /SubFilter");
    else if (sv_eq(s->out.subfilter, SV("adbe.x509.rsa_sha1")))
        check_raw_rsa(v, s);
    else if (sv_eq(s->out.subfilter, SV("GM.sm2seal")))
        check_seal(v, s);
    else
        sig_spoil(v, s, PDF_UNSUPPORTED, "subfilter", s->out.object, "signature format \"%.*s\" is not supported",
                  SV_ARG(s->out.subfilter));
}
