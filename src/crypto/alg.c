/* AlgorithmIdentifiers; see alg_priv.h. */
#include "crypto/alg_priv.h"

#define OID_EC_KEY "1.2.840.10045.2.1"

static const struct row {
    const char *oid;
    enum sig_scheme scheme;
    enum digest_alg digest; /* DIGEST_NONE: implied */
} rows[] = {
        {"1.2.840.113549.1.1.1",    SIG_RSA_PKCS1, DIGEST_NONE     },
        {"2.5.8.1.1",               SIG_RSA_PKCS1, DIGEST_NONE     },
        {"1.2.840.113549.1.1.4",    SIG_RSA_PKCS1, DIGEST_MD5      },
        {"1.2.840.113549.1.1.5",    SIG_RSA_PKCS1, DIGEST_SHA1     },
        {"1.3.14.3.2.29",           SIG_RSA_PKCS1, DIGEST_SHA1     },
        {"1.2.840.113549.1.1.11",   SIG_RSA_PKCS1, DIGEST_SHA256   },
        {"1.2.840.113549.1.1.12",   SIG_RSA_PKCS1, DIGEST_SHA384   },
        {"1.2.840.113549.1.1.13",   SIG_RSA_PKCS1, DIGEST_SHA512   },
        {"1.2.840.113549.1.1.14",   SIG_RSA_PKCS1, DIGEST_SHA224   },
        {"1.3.36.3.3.1.2",          SIG_RSA_PKCS1, DIGEST_RIPEMD160},
        {"2.16.840.1.101.3.4.3.14", SIG_RSA_PKCS1, DIGEST_SHA3_256 },
        {"2.16.840.1.101.3.4.3.15", SIG_RSA_PKCS1, DIGEST_SHA3_384 },
        {"2.16.840.1.101.3.4.3.16", SIG_RSA_PKCS1, DIGEST_SHA3_512 },
        {"1.2.840.113549.1.1.10",   SIG_RSA_PSS,   DIGEST_NONE     },
        {"1.2.840.10045.4.1",       SIG_ECDSA,     DIGEST_SHA1     },
        {"1.2.840.10045.4.3.1",     SIG_ECDSA,     DIGEST_SHA224   },
        {"1.2.840.10045.4.3.2",     SIG_ECDSA,     DIGEST_SHA256   },
        {"1.2.840.10045.4.3.3",     SIG_ECDSA,     DIGEST_SHA384   },
        {"1.2.840.10045.4.3.4",     SIG_ECDSA,     DIGEST_SHA512   },
        {"2.16.840.1.101.3.4.3.10", SIG_ECDSA,     DIGEST_SHA3_256 },
        {"2.16.840.1.101.3.4.3.11", SIG_ECDSA,     DIGEST_SHA3_384 },
        {"2.16.840.1.101.3.4.3.12", SIG_ECDSA,     DIGEST_SHA3_512 },
 /* id-ecPublicKey: written by some, the digest stands beside it */
        {OID_EC_KEY,                SIG_ECDSA,     DIGEST_NONE     },
        {"1.2.156.10197.1.501",     SIG_SM2,       DIGEST_SM3      },
        {"1.2.156.10197.1.301.1",   SIG_SM2,       DIGEST_NONE     },
 /* the curve in place of the algorithm: seen in CFCA-style output */
        {"1.2.156.10197.1.301",     SIG_SM2,       DIGEST_NONE     },
};
/* Signature algorithms that are known but not implemented: as a digestAlgorithm they are just as wrong. */
static const char *const other_signatures[] = {
        "1.2.840.113549.1.1.2",   /* MD2 with RSA */
        "1.3.101.112",            /* Ed25519 */
        "1.3.101.113",            /* Ed448 */
        "1.2.840.10040.4.1",      /* DSA */
        "1.2.840.10040.4.3",      /* DSA with SHA-1 */
        "2.16.840.1.101.3.4.3.1", /* DSA with SHA-224, SHA-256 */
        "2.16.840.1.101.3.4.3.2",
        "1.2.156.10197.1.502", /* SM2 with SHA-1, SHA-256: GM/T 0006 names them, GM/T 0009 knows SM3 alone */
        "1.2.156.10197.1.503",
        "1.2.156.10197.1.504", /* SM3 with RSA */
};
#define OID_MGF1    "1.2.840.113549.1.1.8"
#define SM3_KEYLESS SV("1.2.156.10197.1.401.1")

static const struct row *row_of(struct sv oid)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (sv_eq(oid, sv_from(rows[i].oid)))
            return &rows[i];
    return NULL;
}

static bool is_other_signature(struct sv oid)
{
    for (size_t i = 0; i < COUNT(other_signatures); i++)
        if (sv_eq(oid, sv_from(other_signatures[i])))
            return true;
    return false;
}

/* SEQUENCE { oid, parameters OPTIONAL }; *ret_params is empty when absent. */
static bool split(struct arena *a, struct sv all, struct sv *ret_oid, struct sv *ret_params)
{
    struct der outer = der_open(all), d = der_enter(&outer, DER_SEQ);
    *ret_oid = der_oid_text(a, der_take(&d, DER_OID));
    struct der_item item = {0};
    if (d.rest.n)
        der_next(&d, &item);
    *ret_params = item.all;
    return der_done(&d) && der_done(&outer) && ret_oid->n > 0;
}

static bool no_parameters(struct sv params)
{
    return params.n == 0 || sv_eq(params, der_null());
}

enum alg_status digest_alg_read(struct arena *a, struct sv all, enum digest_alg *ret, const char **ret_code)
{
    struct sv oid, params;
    *ret = DIGEST_NONE;
    *ret_code = "algorithm_malformed";
    if (!split(a, all, &oid, &params))
        return ALG_BROKEN;
    if (row_of(oid) || is_other_signature(oid)) {
        *ret_code = "digest_is_signature_oid";
        return ALG_BROKEN;
    }
    if (!digest_by_oid(sv_eq(oid, SM3_KEYLESS) ? sv_from(digest_oid(DIGEST_SM3)) : oid, ret)) {
        *ret_code = "digest_unknown";
        return ALG_UNSUPPORTED;
    }
    return no_parameters(params) ? ALG_OK : ALG_BROKEN;
}

/* RSASSA-PSS-params, RFC 4055 3.1: SHA-1, MGF1 with SHA-1, 20 and 1 by default. */
static enum alg_status pss_read(struct arena *a, struct sv params, struct sigalg *ret, const char **ret_code)
{
    enum digest_alg mgf = DIGEST_SHA1;
    int64_t salt = 20, trailer = 1;
    struct sv part, oid, inner;
    enum alg_status st = ALG_OK;
    struct der outer = der_open(params), d = der_enter(&outer, DER_SEQ);
    ret->digest = DIGEST_SHA1;
    *ret_code = "pss_parameters";
    if (der_optional(&d, DER_CTX(0), &part) && (st = digest_alg_read(a, part, &ret->digest, ret_code)) != ALG_OK)
        return st;
    if (der_optional(&d, DER_CTX(1), &part)) {
        if (!split(a, part, &oid, &inner))
            return ALG_BROKEN;
        if (!sv_eq(oid, SV(OID_MGF1)))
            return ALG_UNSUPPORTED;
        if ((st = digest_alg_read(a, inner, &mgf, ret_code)) != ALG_OK)
            return st;
    }
    *ret_code = "pss_parameters";
    if (der_optional(&d, DER_CTX(2), &part)) {
        struct der n = der_open(part);
        if (!der_int_small(der_take(&n, DER_INTEGER), &salt) || !der_done(&n))
            return ALG_BROKEN;
    }
    if (der_optional(&d, DER_CTX(3), &part)) {
        struct der n = der_open(part);
        if (!der_int_small(der_take(&n, DER_INTEGER), &trailer) || !der_done(&n))
            return ALG_BROKEN;
    }
    if (!der_done(&d) || !der_done(&outer) || salt < 0 || salt > 1024 || trailer != 1)
        return ALG_BROKEN;
    *ret_code = "pss_hashes_differ";
    ret->pss_salt = (int)salt;
    return mgf == ret->digest ? ALG_OK : ALG_BROKEN;
}

enum alg_status sigalg_read(struct arena *a, struct sv all, enum digest_alg implied, struct sigalg *ret,
                            const char **ret_code)
{
    struct sv oid, params;
    *ret = (struct sigalg){.pss_salt = -1};
    *ret_code = "algorithm_malformed";
    if (!split(a, all, &oid, &params))
        return ALG_BROKEN;
    const struct row *row = row_of(oid);
    *ret_code = "signature_algorithm_unknown";
    if (!row)
        return ALG_UNSUPPORTED;
    /* An SM2 key is an id-ecPublicKey, too: with SM3 beside it that can only mean SM2. */
    bool is_sm2 = implied == DIGEST_SM3 && sv_eq(oid, SV(OID_EC_KEY));
    ret->scheme = is_sm2 ? SIG_SM2 : row->scheme;
    ret->digest = row->digest != DIGEST_NONE ? row->digest : implied;
    if (row->scheme == SIG_RSA_PSS) {
        enum alg_status st = pss_read(a, params, ret, ret_code);
        if (st != ALG_OK)
            return st;
    } else if (row->scheme == SIG_RSA_PKCS1 && !no_parameters(params)) {
        *ret_code = "algorithm_malformed";
        return ALG_BROKEN;
    }
    *ret_code = "digests_differ";
    if (implied != DIGEST_NONE && ret->digest != implied)
        return ALG_BROKEN;
    *ret_code = "signature_algorithm_unknown";
    return ret->digest != DIGEST_NONE && (ret->scheme == SIG_SM2) == (ret->digest == DIGEST_SM3) ? ALG_OK
                                                                                                 : ALG_UNSUPPORTED;
}

struct sv digest_alg_der(struct arena *a, enum digest_alg alg, bool null_parameters)
{
    return der_seq(a, der_oid(a, digest_oid(alg)), null_parameters ? der_null() : SV(""));
}

static struct sv pss_der(struct arena *a, enum digest_alg digest)
{
    struct sv hash = digest_alg_der(a, digest, true);
    return der_seq(a, der_tlv(a, DER_CTX(0), hash), der_tlv(a, DER_CTX(1), der_seq(a, der_oid(a, OID_MGF1), hash)),
                   der_tlv(a, DER_CTX(2), der_int(a, (int64_t)digest_size(digest))));
}

struct sv sigalg_der(struct arena *a, enum sig_scheme scheme, enum digest_alg digest, bool gm)
{
    if (scheme == SIG_RSA_PSS)
        return der_seq(a, der_oid(a, "1.2.840.113549.1.1.10"), pss_der(a, digest));
    if (scheme == SIG_SM2)
        return der_seq(a, der_oid(a, gm ? "1.2.156.10197.1.301.1" : "1.2.156.10197.1.501"));
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].scheme == scheme && rows[i].digest == digest)
            return der_seq(a, der_oid(a, rows[i].oid), scheme == SIG_RSA_PKCS1 ? der_null() : SV(""));
    must_failed("no such signature algorithm", __FILE__, __LINE__);
}

struct sv sigalg_text(struct arena *a, enum sig_scheme scheme, enum digest_alg digest)
{
    return arena_printf(a, "%s-%s", sig_scheme_name(scheme), digest_name(digest));
}
