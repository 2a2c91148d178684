/* qyq sign: signs a PDF with a key and certificate of the caller's, at a level of EN 319 142-1. Exit 0 signed; 1
 * refused by the document or the certificate; 3 the document cannot be read; 4 TSA or CA failed; 64 usage, 74
 * input/output. OUT appears whole or not at all. */
#include "app/cmd_sign.h"

#include <stdio.h>
#include <string.h>

#include "app/sign_file.h"
#include "crypto/cms.h"
#include "pdf/image.h"
#include "pdf/verify.h"
#include "text/text.h"

#define EXIT_REFUSED    1
#define EXIT_UNREADABLE 3
#define EXIT_OUTSIDE    4

static const char help[] =
        "usage: qyq sign IN OUT (--key K --cert C [--chain F] | --p12 F) [OPTION…]\n"
        "\n"
        "  --key K --cert C   private key and certificate, PEM or DER; --chain F: further certificates\n"
        "  --p12 F            both in a PKCS#12 file; --chain F: certificates that are not in it\n"
        "  --pass-file F      password of the key or PKCS#12 file, in the first line of F\n"
        "  --also-key K --also-cert C [--also-chain F]   the same signer's second key: one of them is SM2. Two\n"
        "                     signatures in one go: SM2 (invisible), then the other (in --field, visible)\n"
        "  --level b|t|lt|lta b: no timestamp; t (default with --tsa): with a timestamp of --tsa; lt: and the\n"
        "                     certificates and revocation data to check it for good; lta: and a document timestamp\n"
        "  --tsa URL          timestamp authority (RFC 3161 over HTTP)\n"
        "  --crl F --ocsp F   revocation lists, DER or PEM, and OCSP responses, DER (repeatable)\n"
        "  --online           fetch what is missing from the addresses in the certificates (http, https)\n"
        "  --trust PEM        roots that the certificates must lead to (repeatable; default: any)\n"
        "  --digest D         sha256, sha384, sha512 or sm3 (default: what suits the key)\n"
        "  --pss              RSA-PSS instead of PKCS#1\n"
        "  --oids gm          GB/T 35275 content types (SM2 keys)\n"
        "  --field NAME       an existing empty signature field, or the name of a new one (a second signature goes\n"
        "                     into NAMESM2)\n"
        "  --page N --rect x,y,w,h   place of a new visible field, points from the lower left corner\n"
        "  --image F          PNG or JPEG to show in it (without: a thin frame)\n"
        "  --certify 1|2|3    certify: 1 nothing, 2 filling and signing, 3 also annotations may follow\n"
        "  --lock all|include:A,B|exclude:A,B   form fields that may not change any more\n"
        "  --reason TEXT --location TEXT\n"
        "  --password-file F  password of an encrypted IN, in the first line of F\n"
        "Exit code: 0 signed; 1 refused by the document or the certificate; 3 unreadable; 4 TSA or CA failed.\n";

/* ---- timestamps ---- */

bool stamping_ask(void *ctx, struct arena *a, const struct digest *imprint, struct sv *ret_token_der, struct err *e)
{
    struct stamping *s = ctx;
    s->failed = !validation_stamp_http(a, s->url, imprint, ret_token_der, e);
    return !s->failed;
}

static bool refused_by_tsa(const struct err *e)
{
    return strcmp(e->reason, "tsa_refused") == 0 || strcmp(e->reason, "net_refused") == 0;
}

/* A timestamp over the signature value, into the CMS. Many TSAs know no SM3: refused, they are asked with SHA-256. */
static bool add_timestamp(struct arena *a, struct stamping *s, enum digest_alg alg, struct sv *cms, struct err *e)
{
    struct sv value, token;
    if (!cms_signature_value(a, *cms, &value, e))
        return false;
    struct digest imprint = digest_of(alg == DIGEST_SM3 ? DIGEST_SM3 : DIGEST_SHA256, value);
    bool got = stamping_ask(s, a, &imprint, &token, e);
    if (!got && imprint.alg == DIGEST_SM3 && refused_by_tsa(e)) {
        err_clear(e);
        imprint = digest_of(DIGEST_SHA256, value);
        got = stamping_ask(s, a, &imprint, &token, e);
    }
    return got && cms_add_timestamp(a, *cms, token, cms, e);
}

/* ---- one signature ---- */

struct act {
    const struct signer *signer;
    struct pdf_sign_options options;
    enum digest_alg digest;
    bool pss, gm;
    struct stamping *stamping; /* NULL: level B-B */
    struct sv field;           /* that was signed */
};

static bool make_cms(struct arena *a, const struct act *act, const struct pdf_prepared *p, struct sv *ret,
                     struct err *e)
{
    const struct signer *s = act->signer;
    struct cms_order order = {.signer = s->cert,
                              .chain = s->chain,
                              .scheme = act->pss ? SIG_RSA_PSS : SIG_NONE,
                              .digest = act->digest,
                              .gm_oids = act->gm};
    enum digest_alg alg = act->digest ? act->digest : key_kind_digest(key_kind(s->key));
    struct digest content = pdf_prepared_digest(p, alg);
    return cms_sign(a, &order, s->key, &content, ret, e) &&
           (!act->stamping || add_timestamp(a, act->stamping, alg, ret, e));
}

static bool sign_once(struct arena *a, struct act *act, struct sign_file *f, struct err *e)
{
    struct pdf_prepared p;
    struct sv cms;
    act->options.reader = &f->reader;
    for (int attempt = 0;; attempt++) {
        if (!pdf_sign_prepare(a, f->bytes, &act->options, &p, e) || !make_cms(a, act, &p, &cms, e))
            return false;
        if (cms.n <= p.reserve || attempt)
            break;
        act->options.reserve = cms.n + 2048; /* a long chain: once more with room for it */
    }
    if (!pdf_sign_finish(&p, cms, e))
        return false;
    act->field = p.field;
    return sign_file_append(f, p.update, e) && pdf_sign_check(a, &p, f->bytes, e);
}

/* A picture, or a thin frame of the field's size. */
static bool appearance(struct arena *a, struct sign_options *o, struct pdf_image *image, struct pdf_appearance *ap,
                       struct err *e)
{
    const struct pdf_rect *r = &o->sign.rect;
    struct sv file;
    if (!o->image && r->w <= 0)
        return true;
    o->sign.appearance = ap;
    if (!o->image) {
        ap->width = r->w;
        ap->height = r->h;
        ap->content = arena_printf(a, "0.5 G 1 w 0.5 0.5 %.2f %.2f re S", r->w - 1, r->h - 1);
        return true;
    }
    if (!file_read(a, o->image, (size_t)32 << 20, &file, e) || !pdf_image_read(a, file, image, e))
        return err_wrap(e, "%s", o->image);
    ap->image = image;
    ap->width = image->width;
    ap->height = image->height;
    ap->content = arena_printf(a, "%u 0 0 %u 0 0 cm /Im0 Do", image->width, image->height);
    return true;
}

/* ---- one or two ---- */

struct plan {
    struct act acts[2];
    size_t n;
};

/* SM2 first, then the visible one; but a certification must come first of all, and a lock last. */
static bool plan_two(struct arena *a, const struct sign_options *o, const struct signer *signers, struct plan *ret,
                     struct err *e)
{
    size_t sm2 = key_kind(signers[0].key) == KEY_SM2 ? 0 : 1;
    if ((key_kind(signers[0].key) == KEY_SM2) == (key_kind(signers[1].key) == KEY_SM2))
        return err_user(e, ERR_REFUSED, "sign_two_keys", NULL, "of two keys one is SM2 and the other is not");
    struct act shown = ret->acts[0], twin = ret->acts[0];
    shown.signer = &signers[1 - sm2];
    shown.gm = false;
    shown.digest = o->digest == DIGEST_SM3 ? DIGEST_NONE : o->digest;
    twin.signer = &signers[sm2];
    twin.pss = false;
    twin.digest = DIGEST_NONE;
    twin.options.field = o->sign.field.n ? arena_printf(a, "%.*sSM2", SV_ARG(o->sign.field)) : SV("");
    twin.options.appearance = NULL;
    twin.options.rect = (struct pdf_rect){0};
    twin.options.page = 0;
    twin.options.certify = 0;
    bool certified_first = o->sign.certify != 0;
    ret->acts[0] = certified_first ? shown : twin;
    ret->acts[1] = certified_first ? twin : shown;
    ret->acts[0].options.lock = (struct pdf_lock){0};
    ret->n = 2;
    return true;
}

static bool make_plan(struct arena *a, const struct sign_options *o, const struct signer *signers,
                      struct stamping *stamping, struct plan *ret, struct err *e)
{
    ret->acts[0] = (struct act){.signer = &signers[0],
                                .options = o->sign,
                                .digest = o->digest,
                                .pss = o->pss,
                                .gm = o->gm,
                                .stamping = o->level >= PDF_LEVEL_T ? stamping : NULL};
    ret->n = 1;
    return !o->also.key || plan_two(a, o, signers, ret, e);
}

static bool extend(struct arena *a, const struct sign_options *o, const struct plan *plan,
                   struct validation_order *order, struct stamping *stamping, struct sign_file *f, struct err *e)
{
    struct sv pdf, fields[COUNT(plan->acts)];
    for (size_t i = 0; i < plan->n; i++) {
        const struct signer *s = plan->acts[i].signer;
        fields[i] = plan->acts[i].field;
        for (size_t k = 0; k < s->chain.n; k++)
            certs_add(a, &order->sources.given.certs, s->chain.v[k]);
    }
    order->must = fields;
    order->must_n = plan->n;
    order->password = o->sign.password;
    if (o->level == PDF_LEVEL_LTA) {
        order->stamp = stamping_ask;
        order->stamp_ctx = stamping;
        order->stamp_digest = plan->n == 1 && key_kind(plan->acts[0].signer->key) == KEY_SM2 ? DIGEST_SM3 : DIGEST_NONE;
    }
    if (validation_extend(a, f->bytes, order, &pdf, e))
        return sign_file_append(f, sv_skip(pdf, f->bytes.n), e);
    /* What nobody answered for is the CA's failure; what was not even asked for is the caller's. */
    if (order->sources.online && strcmp(e->reason, "validation_incomplete") == 0)
        stamping->failed = true;
    return false;
}

static bool may_sign(struct arena *a, const struct signer *s, const struct validation_order *order, struct err *e)
{
    return validation_may_sign(a, s->cert, &s->chain, order, e);
}

struct pair {
    struct signer of[2];
};

static void pair_done(struct pair *p)
{
    signer_done(&p->of[0]);
    signer_done(&p->of[1]);
}

static bool sign(struct arena *a, struct sign_options *o, struct stamping *stamping, struct err *e)
{
    CLEANUP(pair_done) struct pair signers = {0};
    struct pdf_image image;
    struct pdf_appearance ap = {0};
    struct validation_order order = {0};
    struct plan plan = {0};
    struct sv pass;
    CLEANUP(sign_file_done) struct sign_file f = SIGN_FILE_INIT;
    if (!sign_file_open(&f, o->in, o->out, e) || !password_file_read(a, o->password_file, &o->sign.password, e) ||
        !password_file_read(a, o->pass_file, &pass, e) || !validation_files_read(a, &o->data, &order, e) ||
        !signer_load(a, &o->main, pass, &signers.of[0], e) || !may_sign(a, &signers.of[0], &order, e))
        return false;
    if (o->also.key && (!signer_load(a, &o->also, pass, &signers.of[1], e) || !may_sign(a, &signers.of[1], &order, e)))
        return false;
    if (!appearance(a, o, &image, &ap, e) || !make_plan(a, o, signers.of, stamping, &plan, e))
        return false;
    for (size_t i = 0; i < plan.n; i++) {
        if (!sign_once(a, &plan.acts[i], &f, e))
            return false;
    }
    if (o->level >= PDF_LEVEL_LT && !extend(a, o, &plan, &order, stamping, &f, e))
        return false;
    return sign_file_commit(&f, e);
}

int sign_failed(const char *command, const struct err *e, bool outside_failed)
{
    struct sv words = text_err(TEXT_ZH_CN, e);
    if (e->reason[0])
        fprintf(stderr, "qyq %s: %.*s [%s]\n", command, SV_ARG(words), e->msg);
    else
        fprintf(stderr, "qyq %s: %s\n", command, e->msg);
    if (outside_failed)
        return EXIT_OUTSIDE;
    if (strcmp(e->reason, "pdf_unreadable") == 0)
        return EXIT_UNREADABLE;
    return e->code == ERR_IO || (e->code == ERR_NOT_FOUND && !e->reason[0]) ? EXIT_IO : EXIT_REFUSED;
}

int cmd_sign(int argc, char **argv)
{
    struct sign_options o;
    if (sign_options_parse(argc, argv, &o) != 0)
        return EXIT_USAGE;
    if (o.help)
        return fputs(help, stdout) < 0 ? EXIT_IO : 0;
    struct arena a;
    arena_init(&a, (size_t)6 << 30);
    struct err e = ERR_INIT;
    struct stamping stamping = {.url = o.tsa ? sv_from(o.tsa) : SV("")};
    int code = sign(&a, &o, &stamping, &e) ? 0 : sign_failed("sign", &e, stamping.failed);
    arena_done(&a);
    return code;
}
