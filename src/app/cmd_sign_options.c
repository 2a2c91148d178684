/* The command line of qyq sign. */
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/cmd_sign.h"

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

static bool parse_lock(struct sv s, struct sign_options *ret)
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

static bool parse_level(const char *s, enum pdf_level *ret)
{
    static const struct {
        const char *name;
        enum pdf_level level;
    } levels[] = {
            {"b",   PDF_LEVEL_B  },
            {"t",   PDF_LEVEL_T  },
            {"lt",  PDF_LEVEL_LT },
            {"lta", PDF_LEVEL_LTA}
    };
    for (size_t i = 0; i < COUNT(levels); i++) {
        if (strcmp(s, levels[i].name) == 0)
            *ret = levels[i].level;
    }
    return *ret != PDF_LEVEL_NONE;
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
    TRUST,
    CRL,
    OCSP,
    ONLINE,
    ALSO_KEY,
    ALSO_CERT,
    ALSO_CHAIN
};

static const struct option rows[] = {
        {"key",           required_argument, NULL, KEY       },
        {"cert",          required_argument, NULL, CERT      },
        {"chain",         required_argument, NULL, CHAIN     },
        {"p12",           required_argument, NULL, P12       },
        {"pass-file",     required_argument, NULL, PASS      },
        {"level",         required_argument, NULL, LEVEL     },
        {"tsa",           required_argument, NULL, TSA       },
        {"digest",        required_argument, NULL, DIGEST    },
        {"pss",           no_argument,       NULL, PSS       },
        {"oids",          required_argument, NULL, OIDS      },
        {"field",         required_argument, NULL, FIELD     },
        {"page",          required_argument, NULL, PAGE      },
        {"rect",          required_argument, NULL, RECT      },
        {"image",         required_argument, NULL, IMAGE     },
        {"certify",       required_argument, NULL, CERTIFY   },
        {"lock",          required_argument, NULL, LOCK      },
        {"reason",        required_argument, NULL, REASON    },
        {"location",      required_argument, NULL, LOCATION  },
        {"help",          no_argument,       NULL, HELP      },
        {"password-file", required_argument, NULL, PASSWORD  },
        {"trust",         required_argument, NULL, TRUST     },
        {"crl",           required_argument, NULL, CRL       },
        {"ocsp",          required_argument, NULL, OCSP      },
        {"online",        no_argument,       NULL, ONLINE    },
        {"also-key",      required_argument, NULL, ALSO_KEY  },
        {"also-cert",     required_argument, NULL, ALSO_CERT },
        {"also-chain",    required_argument, NULL, ALSO_CHAIN},
        {NULL,            0,                 NULL, 0         },
};

/* Options whose value is kept as it is. */
static const char **plain(int option, struct sign_options *ret)
{
    switch (option) {
    case KEY:
        return &ret->main.key;
    case CERT:
        return &ret->main.cert;
    case CHAIN:
        return &ret->main.chain;
    case P12:
        return &ret->main.p12;
    case PASS:
        return &ret->pass_file;
    case IMAGE:
        return &ret->image;
    case PASSWORD:
        return &ret->password_file;
    case ALSO_KEY:
        return &ret->also.key;
    case ALSO_CERT:
        return &ret->also.cert;
    case ALSO_CHAIN:
        return &ret->also.chain;
    default:
        return NULL;
    }
}

static bool take_data(int option, struct validation_files *ret)
{
    switch (option) {
    case TRUST:
        return path_list_add(&ret->trust, optarg);
    case CRL:
        return path_list_add(&ret->crls, optarg);
    case OCSP:
        return path_list_add(&ret->ocsps, optarg);
    default:
        ret->online = true;
        return option == ONLINE;
    }
}

static bool take(int option, struct sign_options *ret)
{
    struct sv value = sv_from(optarg);
    const char **kept = plain(option, ret);
    uint64_t n = 0;
    if (kept) {
        *kept = optarg;
        return true;
    }
    switch (option) {
    case LEVEL:
        ret->level = PDF_LEVEL_NONE;
        return parse_level(optarg, &ret->level);
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
    default:
        return take_data(option, &ret->data);
    }
}

/* What does not go together. */
static int check(const struct sign_options *o)
{
    const struct key_files *k = &o->main;
    bool pair = k->key && k->cert && !k->p12, bundle = k->p12 && !k->key && !k->cert;
    if (!pair && !bundle)
        return usage_error("sign", "either --key and --cert or --p12 is needed");
    if ((o->also.key != NULL) != (o->also.cert != NULL) || (o->also.chain && !o->also.key))
        return usage_error("sign", "--also-key and --also-cert belong together");
    if ((o->level >= PDF_LEVEL_T) != (o->tsa != NULL))
        return usage_error("sign", "--level t, lt and lta need --tsa, and --level b has no use for it");
    if (o->also.key && o->sign.certify == 1)
        return usage_error("sign", "--certify 1 leaves no room for the second signature");
    return 0;
}

int sign_options_parse(int argc, char **argv, struct sign_options *ret)
{
    *ret = (struct sign_options){.sign = {.signing_at = clock_now(&clock_system)}};
    optind = 1;
    for (int o; (o = getopt_long(argc, argv, ":", rows, NULL)) != -1;) {
        if (!take(o, ret))
            return usage_option("sign", o, argv);
        if (ret->help)
            return 0;
    }
    ret->sign.lock.fields = ret->lock;
    if (ret->level == PDF_LEVEL_NONE)
        ret->level = ret->tsa ? PDF_LEVEL_T : PDF_LEVEL_B;
    if (ret->main.chain && !path_list_add(&ret->data.certs, ret->main.chain))
        return usage_error("sign", "too many files");
    if (ret->also.chain && !path_list_add(&ret->data.certs, ret->also.chain))
        return usage_error("sign", "too many files");
    if (optind + 2 != argc)
        return usage_error("sign", "IN and OUT are needed, and nothing else");
    ret->in = argv[optind];
    ret->out = argv[optind + 1];
    return check(ret);
}
