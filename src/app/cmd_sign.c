/* qyq sign: signs a PDF with a key and certificate of the caller's. Exit 0 signed; 1 refused by the document or the
 * certificate; 3 the document cannot be read; 4 the timestamp authority failed; 64 usage, 74 input/output. OUT appears
 * whole or not at all. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "crypto/chain.h"
#include "crypto/cms.h"
#include "crypto/tsp.h"
#include "net/net.h"
#include "pdf/image.h"
#include "pdf/sign.h"
#include "pdf/verify.h"
#include "text/text.h"

#define EXIT_REFUSED    1
#define EXIT_UNREADABLE 3
#define EXIT_TSA        4
#define MAX_FILE        ((size_t)2 << 30)

static const char help[] =
        "usage: qyq sign IN OUT (--key K --cert C [--chain F] | --p12 F) [OPTION…]\n"
        "\n"
        "  --key K --cert C   private key and certificate, PEM or DER; --chain F: further certificates\n"
        "  --p12 F            both in a PKCS#12 file; --chain F: certificates that are not in it\n"
        "  --pass-file F      password of the key or PKCS#12 file, in the first line of F\n"
        "  --level b|t        b: no timestamp; t (default with --tsa): with a timestamp of --tsa\n"
        "  --tsa URL          timestamp authority (RFC 3161 over HTTP)\n"
        "  --digest D         sha256, sha384, sha512 or sm3 (default: what suits the key)\n"
        "  --pss              RSA-PSS instead of PKCS#1\n"
        "  --oids gm          GB/T 35275 content types (SM2 keys)\n"
        "  --field NAME       an existing empty signature field, or the name of a new one\n"
        "  --page N --rect x,y,w,h   place of a new visible field, points from the lower left corner\n"
        "  --image F          PNG or JPEG to show in it (without: a thin frame)\n"
        "  --certify 1|2|3    certify: 1 nothing, 2 filling and signing, 3 also annotations may follow\n"
        "  --lock all|include:A,B|exclude:A,B   form fields that may not change any more\n"
        "  --reason TEXT --location TEXT\n"
        "  --password-file F  password of an encrypted IN, in the first line of F\n"
        "Not supported yet: --level lt and lta with --crl, --ocsp, --online; --also-key, --also-cert.\n";

struct options {
    const char *in, *out;
    const char *key, *cert, *chain, *p12, *pass_file, *password_file, *tsa, *image, *unsupported;
    bool level_t, level_given, pss, gm;
    bool help;
    enum digest_alg digest;
    struct pdf_sign_options sign;
    struct sv lock[64];
};

static bool number(const char **p, double *ret)
{
    char *end;
    *ret = strtod(*p, &end);
    if (end == *p)
        return false;
    *p = end;
    return true;
}

static bool parse_rect(const char *s, struct pdf_rect *ret)
{
    double *const parts[] = {&ret->x, &ret->y, &ret->w, &ret->h};
    for (size_t i = 0; i < COUNT(parts); i++) {
        if ((i && *s++ != ',') || !number(&s, parts[i]))
            return false;
    }
    return *s == 0 && ret->w > 0 && ret->h > 0 && isfinite(ret->x + ret->y + ret->w + ret->h);
}

static bool parse_lock(struct sv s, struct options *ret)
{
    struct pdf_lock *lock = &ret->sign.lock;
    struct sv kind = sv_cut(&s, ':');
    if (sv_eq(kind, SV("all")))
        lock->action = PDF_LOCK_ALL;
    else if (sv_eq(kind, SV("include")))
        lock->action = PDF_LOCK_INCLUDE;
    else if (sv_eq(kind, SV("exclude")))
        lock->action = PDF_LOCK_EXCLUDE;
    else
        return false;
    while (s.n && lock->fields_n < COUNT(ret->lock))
        ret->lock[lock->fields_n++] = sv_cut(&s, ',');
    return (lock->action == PDF_LOCK_ALL) == (lock->fields_n == 0) && s.n == 0;
}

static bool parse_level(const char *s, struct options *ret)
{
    ret->level_given = true;
    ret->level_t = strcmp(s, "t") == 0;
    if (strcmp(s, "lt") == 0 || strcmp(s, "lta") == 0)
        ret->unsupported = "level lt and lta";
    return ret->level_t || strcmp(s, "b") == 0 || ret->unsupported;
}

enum {
    KEY = 256,
    CERT,
    CHAIN,
    P12,
    PASS,
    LEVEL,
    TSA,
    DIGEST,
    PSS,
    OIDS,
    FIELD,
    PAGE,
    RECT,
    IMAGE,
    CERTIFY,
    LOCK,
    REASON,
    LOCATION,
    HELP,
    PASSWORD,
    LATER
};

static const struct option rows[] = {
        {"key",           required_argument, NULL, KEY     },
        {"cert",          required_argument, NULL, CERT    },
        {"chain",         required_argument, NULL, CHAIN   },
        {"p12",           required_argument, NULL, P12     },
        {"pass-file",     required_argument, NULL, PASS    },
        {"level",         required_argument, NULL, LEVEL   },
        {"tsa",           required_argument, NULL, TSA     },
        {"digest",        required_argument, NULL, DIGEST  },
        {"pss",           no_argument,       NULL, PSS     },
        {"oids",          required_argument, NULL, OIDS    },
        {"field",         required_argument, NULL, FIELD   },
        {"page",          required_argument, NULL, PAGE    },
        {"rect",          required_argument, NULL, RECT    },
        {"image",         required_argument, NULL, IMAGE   },
        {"certify",       required_argument, NULL, CERTIFY },
        {"lock",          required_argument, NULL, LOCK    },
        {"reason",        required_argument, NULL, REASON  },
        {"location",      required_argument, NULL, LOCATION},
        {"help",          no_argument,       NULL, HELP    },
        {"crl",           required_argument, NULL, LATER   },
        {"ocsp",          required_argument, NULL, LATER   },
        {"online",        no_argument,       NULL, LATER   },
        {"also-key",      required_argument, NULL, LATER   },
        {"also-cert",     required_argument, NULL, LATER   },
        {"password-file", required_argument, NULL, PASSWORD},
        {NULL,            0,                 NULL, 0       },
};

static bool take(int option, const char *name, struct options *ret)
{
    struct sv value = sv_from(optarg);
    uint64_t n = 0;
    switch (option) {
    case KEY:
        ret->key = optarg;
        return true;
    case CERT:
        ret->cert = optarg;
        return true;
    case CHAIN:
        ret->chain = optarg;
        return true;
    case P12:
        ret->p12 = optarg;
        return true;
    case PASS:
        ret->pass_file = optarg;
        return true;
    case LEVEL:
        return parse_level(optarg, ret);
    case TSA:
        ret->tsa = optarg;
        return sv_starts(value, SV("http://")) || sv_starts(value, SV("https://"));
    case DIGEST:
        return digest_by_name(value, &ret->digest) && ret->digest != DIGEST_SHA1;
    case PSS:
        ret->pss = true;
        return true;
    case OIDS:
        ret->gm = true;
        return sv_eq(value, SV("gm"));
    case FIELD:
        ret->sign.field = value;
        return value.n > 0;
    case PAGE:
        ret->sign.page = sv_u64(value, 1000000, &n) ? (unsigned)n : 0;
        return ret->sign.page > 0;
    case RECT:
        return parse_rect(optarg, &ret->sign.rect);
    case IMAGE:
        ret->image = optarg;
        return true;
    case CERTIFY:
        ret->sign.certify = sv_u64(value, 3, &n) ? (int)n : 0;
        return ret->sign.certify > 0;
    case LOCK:
        return parse_lock(value, ret);
    case REASON:
        ret->sign.reason = value;
        return sv_is_utf8(value);
    case LOCATION:
        ret->sign.location = value;
        return sv_is_utf8(value);
    case HELP:
        ret->help = true;
        return true;
    case PASSWORD:
        ret->password_file = optarg;
        return true;
    case LATER:
        ret->unsupported = name;
        return true;
    default:
        return false;
    }
}

/* 0 or EXIT_USAGE, told. */
static int parse(int argc, char **argv, struct options *ret)
{
    *ret = (struct options){.sign = {.signing_at = clock_now(&clock_system)}};
    optind = 1;
    int row = 0;
    for (int o; (o = getopt_long(argc, argv, ":", rows, &row)) != -1;) {
        if (!take(o, rows[row].name, ret))
            return usage_option("sign", o, argv);
        if (ret->help)
            return 0;
    }
    ret->sign.lock.fields = ret->lock;
    ret->level_t = ret->level_given ? ret->level_t : ret->tsa != NULL;
    bool pair = ret->key && ret->cert && !ret->p12, bundle = ret->p12 && !ret->key && !ret->cert;
    if (optind + 2 != argc)
        return usage_error("sign", "IN and OUT are needed, and nothing else");
    if (!pair && !bundle)
        return usage_error("sign", "either --key and --cert or --p12 is needed");
    if (ret->level_t != (ret->tsa != NULL) && !ret->unsupported)
        return usage_error("sign", "--level t needs --tsa, and --level b has no use for it");
    ret->in = argv[optind];
    ret->out = argv[optind + 1];
    return 0;
}

/* ---- key and certificate ---- */

struct signer {
    struct key *key;
    const struct cert *cert;
    struct certs chain;
};

static void signer_done(struct signer *s)
{
    key_free(s->key);
}

static bool read_file(struct arena *a, const char *path, struct sv *ret, struct err *e)
{
    return file_read(a, path, (size_t)16 << 20, ret, e);
}

static bool load_pair(struct arena *a, const struct options *o, struct sv password, struct signer *ret, struct err *e)
{
    struct sv key, cert;
    struct certs certs = {0};
    if (!read_file(a, o->key, &key, e) || !read_file(a, o->cert, &cert, e))
        return false;
    if (!key_load(key, password, &ret->key, e))
        return err_wrap(e, "%s", o->key);
    if (!certs_parse(a, cert, &certs, e))
        return err_wrap(e, "%s", o->cert);
    ret->cert = certs.v[0];
    for (size_t i = 1; i < certs.n; i++)
        certs_add(a, &ret->chain, certs.v[i]);
    return true;
}

static bool load_bundle(struct arena *a, const struct options *o, struct sv password, struct signer *ret, struct err *e)
{
    struct sv file;
    return read_file(a, o->p12, &file, e) &&
           (pkcs12_load(a, file, password, &ret->key, &ret->cert, &ret->chain, e) || err_wrap(e, "%s", o->p12));
}

static bool load_chain(struct arena *a, const struct options *o, struct signer *ret, struct err *e)
{
    struct sv chain;
    struct certs more = {0};
    if (!o->chain)
        return true;
    if (!read_file(a, o->chain, &chain, e))
        return false;
    if (!certs_parse(a, chain, &more, e))
        return err_wrap(e, "%s", o->chain);
    for (size_t i = 0; i < more.n; i++) {
        if (!cert_eq(more.v[i], ret->cert))
            certs_add(a, &ret->chain, more.v[i]);
    }
    return true;
}

static bool usable(const struct signer *s, int64_t now, struct err *e)
{
    if (!key_matches(s->key, s->cert->public_der))
        return err_set(e, ERR_REFUSED, "the certificate does not belong to the key");
    if (now < s->cert->not_before_at || now > s->cert->not_after_at)
        return err_set(e, ERR_REFUSED, "the certificate is not valid today");
    if (!cert_signs_documents(s->cert))
        return err_user(e, ERR_REFUSED, "sign_certificate", NULL, "%.*s: its key usage is not for documents",
                        SV_ARG(s->cert->subject));
    if (cert_is_weak(s->cert))
        return err_set(e, ERR_REFUSED, "the certificate or its key is too weak");
    return true;
}

static bool load_signer(struct arena *a, const struct options *o, struct signer *ret, struct err *e)
{
    struct sv password;
    return password_file_read(a, o->pass_file, &password, e) &&
           (o->p12 ? load_bundle(a, o, password, ret, e) : load_pair(a, o, password, ret, e)) &&
           load_chain(a, o, ret, e) && usable(ret, o->sign.signing_at, e);
}

/* ---- signing ---- */

/* Asks for a timestamp over the signature value and puts it into the CMS. */
static bool add_timestamp(struct arena *a, const char *url, enum digest_alg alg, struct sv *cms, struct err *e)
{
    struct sv value, token;
    struct tsp_request request;
    struct net_reply reply;
    if (!cms_signature_value(a, *cms, &value, e))
        return false;
    struct digest imprint = digest_of(alg, value);
    return tsp_request_make(a, &imprint, (struct sv){0}, &request, e) &&
           net_post(a, sv_from(url), SV(TSP_REQUEST_TYPE), request.der, 30000, &reply, e) &&
           tsp_response_check(a, &request, reply.body, &token, e) && cms_add_timestamp(a, *cms, token, cms, e);
}

static bool make_cms(struct arena *a, const struct options *o, const struct signer *s, const struct pdf_prepared *p,
                     struct sv *ret, bool *ret_tsa_failed, struct err *e)
{
    struct cms_order order = {.signer = s->cert,
                              .chain = s->chain,
                              .scheme = o->pss ? SIG_RSA_PSS : SIG_NONE,
                              .digest = o->digest,
                              .gm_oids = o->gm};
    enum digest_alg alg = o->digest ? o->digest : key_kind_digest(key_kind(s->key));
    struct digest content = pdf_prepared_digest(p, alg);
    if (!cms_sign(a, &order, s->key, &content, ret, e))
        return false;
    if (!o->level_t)
        return true;
    *ret_tsa_failed = true;
    if (!add_timestamp(a, o->tsa, alg == DIGEST_SM3 ? DIGEST_SM3 : DIGEST_SHA256, ret, e))
        return err_wrap(e, "timestamp authority %s", o->tsa);
    *ret_tsa_failed = false;
    return true;
}

/* A picture, or a thin frame of the field's size. */
static bool appearance(struct arena *a, struct options *o, struct pdf_image *image, struct pdf_appearance *ap,
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

static bool sign(struct arena *a, struct options *o, bool *ret_tsa_failed, struct err *e)
{
    CLEANUP(signer_done) struct signer signer = {0};
    struct pdf_image image;
    struct pdf_appearance ap = {0};
    struct pdf_prepared p;
    struct sv in, cms;
    if (!file_read(a, o->in, MAX_FILE, &in, e) || !password_file_read(a, o->password_file, &o->sign.password, e) ||
        !load_signer(a, o, &signer, e) || !appearance(a, o, &image, &ap, e))
        return false;
    for (int attempt = 0;; attempt++) {
        if (!pdf_sign_prepare(a, in, &o->sign, &p, e) || !make_cms(a, o, &signer, &p, &cms, ret_tsa_failed, e))
            return false;
        if (cms.n <= p.reserve || attempt)
            break;
        o->sign.reserve = cms.n + 2048; /* a long chain: once more with room for it */
    }
    if (!pdf_sign_finish(&p, cms, e))
        return false;
    struct sv finished = pdf_prepared_bytes(a, &p);
    return pdf_sign_check(a, &p, finished, e) && file_write(o->out, finished, 0644, e);
}

static int exit_code(const struct err *e, bool tsa_failed)
{
    if (tsa_failed)
        return EXIT_TSA;
    if (strcmp(e->reason, "pdf_unreadable") == 0)
        return EXIT_UNREADABLE;
    return e->code == ERR_IO || (e->code == ERR_NOT_FOUND && !e->reason[0]) ? EXIT_IO : EXIT_REFUSED;
}

int cmd_sign(int argc, char **argv)
{
    struct options o;
    if (parse(argc, argv, &o) != 0)
        return EXIT_USAGE;
    if (o.help)
        return fputs(help, stdout) < 0 ? EXIT_IO : 0;
    if (o.unsupported) {
        fprintf(stderr, "qyq sign: --%s is not supported yet; nothing was signed\n", o.unsupported);
        return EXIT_REFUSED;
    }
    struct arena a;
    arena_init(&a, (size_t)6 << 30);
    struct err e = ERR_INIT;
    bool tsa_failed = false;
    int code = 0;
    if (!sign(&a, &o, &tsa_failed, &e)) {
        struct sv words = text_err(TEXT_ZH_CN, &e);
        if (e.reason[0])
            fprintf(stderr, "qyq sign: %.*s [%s]\n", SV_ARG(words), e.msg);
        else
            fprintf(stderr, "qyq sign: %s\n", e.msg);
        code = exit_code(&e, tsa_failed);
    }
    arena_done(&a);
    return code;
}
