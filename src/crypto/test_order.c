/* See test_order.h. */
#include "crypto/test_order.h"

#include <string.h>

#include "crypto/alg_priv.h"
#include "crypto/issue_priv.h"
#include "crypto/ossl_priv.h"
#include "test.h"

struct arena A;

struct sv raw_sign(const struct order *o, struct sv message)
{
    EVP_PKEY_CTX *pctx = NULL;
    CLEANUP(md_ctx_cleanup) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char sig[1024];
    size_t n = sizeof(sig);
    ck_assert(EVP_DigestSignInit_ex(ctx, &pctx, o->md, NULL, NULL, o->id->key->pkey, NULL) == 1);
    if (EVP_PKEY_is_a(o->id->key->pkey, "SM2")) {
        const char *name = o->sm2_id ? o->sm2_id : SM2_ID;
        ck_assert(EVP_PKEY_CTX_set1_id(pctx, name, (int)strlen(name)) == 1);
    }
    ck_assert(EVP_DigestSign(ctx, sig, &n, (const unsigned char *)message.p, message.n) == 1);
    return arena_sv(&A, sv_of(sig, n));
}

struct sv raw_digest(const char *md, struct sv bytes)
{
    unsigned char out[64];
    size_t n = 0;
    ck_assert(EVP_Q_digest(NULL, md, NULL, bytes.p, bytes.n, out, &n) == 1);
    return arena_sv(&A, sv_of(out, n));
}

struct sv alg(const char *oid, bool null)
{
    return der_seq(&A, der_oid(&A, oid), null ? der_null() : NONE);
}

struct sv attribute(const char *oid, struct sv value)
{
    return der_seq(&A, der_oid(&A, oid), der_tlv(&A, DER_SET, value));
}

struct sv ess(const char *attr_oid, struct sv hash_alg, struct sv hash, struct sv issuer_serial)
{
    struct sv id = der_seq(&A, hash_alg, der_tlv(&A, DER_OCTETS, hash), issuer_serial);
    return attribute(attr_oid, der_seq(&A, der_seq(&A, id)));
}

struct sv serial_der(const struct cert *c)
{
    struct sv bytes;
    ck_assert(hex_decode(&A, c->serial_hex, &bytes));
    return der_uint(&A, bytes);
}

struct sv issuer_serial(struct sv issuer, const struct cert *c)
{
    return der_seq(&A, der_seq(&A, der_tlv(&A, DER_CTX(4), issuer)), serial_der(c));
}

/* A length of four bytes where one would do. */
static struct sv long_tlv(uint8_t tag, struct sv body)
{
    uint8_t head[6] = {
            tag, 0x84, (uint8_t)(body.n >> 24), (uint8_t)(body.n >> 16), (uint8_t)(body.n >> 8), (uint8_t)body.n};
    return arena_concat(&A, arena_sv(&A, sv_of(head, 6)), body);
}

static struct sv tlv(const struct order *o, uint8_t tag, struct sv body)
{
    return o->long_lengths ? long_tlv(tag, body) : der_tlv(&A, tag, body);
}

static struct sv signed_attributes(const struct order *o)
{
    struct sv items[8];
    size_t n = 0;
    struct sv about = o->content.p ? o->content : CONTENT;
    items[n++] = attribute(OID_CONTENT_TYPE, der_oid(&A, o->content_oid ? o->content_oid : OID_DATA));
    items[n++] = attribute(OID_MESSAGE_DIGEST, der_tlv(&A, DER_OCTETS, raw_digest(o->md, about)));
    if (!o->no_cert_attr)
        items[n++] = ess(OID_SIGNING_CERT_V2, NONE, digest_sv(&o->id->cert->sha256), NONE);
    for (size_t i = 0; i < COUNT(o->attrs) && o->attrs[i].n; i++)
        items[n++] = o->attrs[i];
    struct sv set = der_set_of(&A, DER_SET, items, n);
    struct der d = der_open(set);
    return der_take(&d, DER_SET);
}

struct sv built(const struct order *o)
{
    struct sv about = o->content.p ? o->content : CONTENT, attrs = NONE, sig, sid = o->sid;
    if (!o->bare) {
        struct sv body = signed_attributes(o), set = tlv(o, DER_SET, body);
        attrs = tlv(o, DER_CTX(0), body);
        sig = raw_sign(o, set);
    } else {
        sig = raw_sign(o, about);
    }
    if (!sid.n)
        sid = o->by_key_id ? der_tlv(&A, DER_CTXP(0), o->id->cert->key_id)
                           : der_seq(&A, o->id->cert->issuer_der, serial_der(o->id->cert));
    struct sv digest = alg(o->md_oid, o->null_digest);
    struct sv info = der_seq(&A,
                             der_int(&A, o->info_version ? o->info_version
                                         : o->by_key_id  ? 3
                                                         : 1),
                             sid, digest, attrs, alg(o->sig_oid, o->null_sig), tlv(o, DER_OCTETS, sig),
                             o->unsigned_attrs.n ? der_tlv(&A, DER_CTX(1), o->unsigned_attrs) : NONE);
    struct sv content = o->content.p ? der_tlv(&A, DER_CTX(0), der_tlv(&A, DER_OCTETS, o->content)) : NONE;
    struct sv certs = o->certs.n ? o->certs : o->id->cert->der;
    struct sv data = der_seq(&A,
                             der_int(&A, o->version     ? o->version
                                         : o->by_key_id ? 3
                                                        : 1),
                             der_tlv(&A, DER_SET, digest),
                             der_seq(&A, der_oid(&A, o->content_oid ? o->content_oid : OID_DATA), content),
                             der_tlv(&A, DER_CTX(0), certs), o->crls.n ? der_tlv(&A, DER_CTX(1), o->crls) : NONE,
                             der_tlv(&A, DER_SET, info));
    struct sv body =
            arena_concat(&A, der_oid(&A, o->outer_oid ? o->outer_oid : OID_SIGNED_DATA), tlv(o, DER_CTX(0), data));
    return tlv(o, DER_SEQ, body);
}

struct order rsa_order(const struct test_id *id)
{
    return (struct order){.id = id,
                          .md = "SHA256",
                          .md_oid = "2.16.840.1.101.3.4.2.1",
                          .sig_oid = "1.2.840.113549.1.1.11",
                          .null_sig = true};
}

struct order ec_order(const struct test_id *id)
{
    return (struct order){
            .id = id, .md = "SHA256", .md_oid = "2.16.840.1.101.3.4.2.1", .sig_oid = "1.2.840.10045.4.3.2"};
}

struct order sm2_order(const struct test_id *id)
{
    return (struct order){.id = id, .md = "SM3", .md_oid = "1.2.156.10197.1.401", .sig_oid = "1.2.156.10197.1.501"};
}

/* A key of any kind that the library makes, with a self-signed certificate by our own hand. */
struct test_id odd_id(EVP_PKEY *pkey, const char *sig_oid)
{
    struct test_id id = {.key = key_wrap(pkey)};
    struct sv type = der_seq(&A, der_oid(&A, "2.5.4.3"), der_tlv(&A, DER_UTF8, SV("TEST odd key")));
    struct sv name = der_seq(&A, der_tlv(&A, DER_SET, type)), public_der = key_public_der(&A, id.key);
    struct sv validity = der_seq(&A, der_time_x509(&A, TEST_NOW - TEST_DAY), der_time_x509(&A, TEST_NOW + TEST_DAY));
    struct sv key_id = extension_der(&A, "2.5.29.14", false, der_tlv(&A, DER_OCTETS, SV("key id of TEST")));
    struct sv tbs = der_seq(&A, der_tlv(&A, DER_CTX(0), der_int(&A, 2)), der_int(&A, 77), alg(sig_oid, false), name,
                            validity, name, public_der, der_tlv(&A, DER_CTX(3), der_seq(&A, key_id)));
    struct order o = {.id = &id, .md = strcmp(sig_oid, "1.3.101.112") == 0 ? NULL : "SHA256"};
    struct sv der = der_seq(&A, tbs, alg(sig_oid, false), der_bits(&A, raw_sign(&o, tbs)));
    struct err e = ERR_INIT;
    ASSERT_OK(cert_parse(&A, der, &id.cert, &e), e);
    return id;
}
