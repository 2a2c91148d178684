/* The test CA's folder. A certificate's serial number is a keyed hash of the request's name, so that the file of a
 * certificate is found by request and by serial without an index, and asking again after a crash gives the same number.
 * Every file is written whole or not at all; nothing is given out before its file is there. */
#include "trust/testca_priv.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json/json.h"

#define YEAR_MS     ((int64_t)365 * 24 * 3600 * 1000)
#define SKEW_MS     ((int64_t)5 * 60 * 1000) /* certificates begin a little in the past: clocks differ */
#define FILE_LIMIT  ((size_t)256 << 10)
#define LIST_LIMIT  1000000
#define STORE_ARENA ((size_t)4 << 20)
#define CRL_DAYS_MS ((int64_t)7 * 24 * 3600 * 1000)

static const struct json_field issued_rows[] = {
        JSON_TEXT(struct issued, request, .max = 64),
        JSON_TEXT(struct issued, serial, .max = 64),
        JSON_TEXT(struct issued, csr_sha256, .max = 64),
        JSON_TEXT(struct issued, common_name, .max = 200),
        JSON_TIME(struct issued, issued_at),
        JSON_TEXT(struct issued, certificate, .max = 100000),
        JSON_END,
};
static const struct json_schema issued_schema = JSON_SCHEMA("TestcaIssued", struct issued, issued_rows);

struct gone {
    struct sv request, serial;
    int64_t revoked_at;
};
static const struct json_field gone_rows[] = {
        JSON_TEXT(struct gone, request, .max = 64),
        JSON_TEXT(struct gone, serial, .max = 64),
        JSON_TIME(struct gone, revoked_at),
        JSON_END,
};
static const struct json_schema gone_schema = JSON_SCHEMA("TestcaRevoked", struct gone, gone_rows);

/* --- making and opening
 * -------------------------------------------------------------------------------------------------- */

static const char *in_dir(struct testca_store *s, const char *name, const char *suffix)
{
    return path_join(&s->arena, s->dir, arena_cstr(&s->arena, arena_printf(&s->arena, "%s%s", name, suffix)));
}

/* The key is on disk before a certificate speaks of it: after a crash in between, the certificate is made for that key.
 */
static bool load_key(struct testca_store *s, const char *name, enum key_kind kind, struct key **ret, struct err *e)
{
    const char *path = in_dir(s, name, ".key");
    if (!file_exists(path)) {
        CLEANUP(key_cleanup) struct key *fresh = NULL;
        if (!key_generate(kind, &fresh, e))
            return false;
        CLEANUP(secret_cleanup) struct secret *pem = key_to_pem(fresh, SV(""));
        if (!file_write(path, secret_view(pem), 0600, e))
            return false;
    }
    CLEANUP(secret_cleanup) struct secret *pem = NULL;
    return secret_load(path, 1, FILE_LIMIT, &pem, e) && key_load(secret_view(pem), SV(""), ret, e);
}

static bool load_authority(struct testca_store *s, const char *name, enum key_kind kind, const struct cert_order *order,
                           const struct authority *issuer, struct authority *ret, struct err *e)
{
    if (!load_key(s, name, kind, &ret->key, e))
        return err_wrap(e, "test CA, %s", name);
    const char *path = in_dir(s, name, ".pem");
    struct cert_order o = *order;
    o.public_der = key_public_der(&s->arena, ret->key);
    o.not_before_at = clock_now(s->clock) - SKEW_MS;
    o.not_after_at += o.not_before_at;
    const struct cert *made = NULL;
    if (!file_exists(path) &&
        (!cert_issue(&s->arena, &o, issuer ? issuer->cert : NULL, issuer ? issuer->key : ret->key, &made, e) ||
         !file_write(path, cert_pem(&s->arena, made), 0644, e)))
        return err_wrap(e, "test CA, %s", name);
    struct sv pem = {0};
    if (!file_read(&s->arena, path, FILE_LIMIT, &pem, e) || !cert_parse(&s->arena, pem, &ret->cert, e))
        return err_wrap(e, "test CA, %s", name);
    return key_matches(ret->key, ret->cert->public_der) ||
           err_set(e, ERR_CORRUPT, "test CA: %s.key and %s.pem do not fit together", name, name);
}

/* What the two hierarchies are made of: the same, but for the keys and a word in names and file names. */
static const struct {
    enum key_kind kind;
    const char *suffix, *word;
} algs[TESTCA_ALG__N] = {
        [TESTCA_P256] = {KEY_P256, "",     ""    },
        [TESTCA_SM2] = {KEY_SM2,  "-sm2", " SM2"},
};

static const struct {
    const char *name, *common_name;
    enum cert_profile profile;
    int64_t years;
} members[] = {
        {"root", "TEST 测试根 CA",        CERT_ROOT,   20},
        {"ca",   "TEST 测试签发 CA",     CERT_SUB_CA, 15},
        {"tsa",  "TEST 测试时间戳 TSA", CERT_TSA,    12},
        {"ocsp", "TEST 测试 OCSP",         CERT_OCSP,   12},
};

/* Where to ask about a certificate that "root" or "ca" issues. A root answers by its list alone. */
static void set_addresses(const struct testca_store *s, struct arena *a, enum testca_alg alg, const char *issuer,
                          struct cert_order *order)
{
    bool of_root = sv_eq(sv_from(issuer), SV("root"));
    const char *suffix = algs[alg].suffix;
    order->crl_url = arena_printf(a, "%.*s/ca/%s%s", SV_ARG(s->url), of_root ? "root-crl" : "crl", suffix);
    order->issuer_url = arena_printf(a, "%.*s/%s%s.crt", SV_ARG(s->url), issuer, suffix);
    order->ocsp_url = of_root ? SV("") : arena_printf(a, "%.*s/ocsp", SV_ARG(s->url));
}

static bool load_hierarchy(struct testca_store *s, enum testca_alg alg, struct err *e)
{
    struct hierarchy *h = &s->of[alg];
    struct authority *const into[] = {&h->root, &h->ca, &h->tsa, &h->ocsp};
    const struct authority *const issuers[] = {NULL, &h->root, &h->ca, &h->ca};
    static const char *const by[] = {NULL, "root", "ca", "ca"};
    for (size_t i = 0; i < COUNT(members); i++) {
        const char *name = arena_printf(&s->arena, "%s%s", members[i].name, algs[alg].suffix).p;
        struct cert_order order = {
                .profile = members[i].profile,
                .subject = {.common_name = arena_printf(&s->arena, "%s%s", members[i].common_name, algs[alg].word),
                            .organization = SV("清易签 TEST 测试"),
                            .country = SV("CN")},
                .not_after_at = members[i].years * YEAR_MS
        };
        if (by[i])
            set_addresses(s, &s->arena, alg, by[i], &order);
        if (!load_authority(s, name, algs[alg].kind, &order, issuers[i], into[i], e))
            return false;
    }
    h->chain_pem = arena_concat(&s->arena, cert_pem(&s->arena, h->ca.cert), cert_pem(&s->arena, h->root.cert));
    return true;
}

static bool load_token(struct testca_store *s, struct err *e)
{
    const char *path = in_dir(s, "token", "");
    if (!file_exists(path) && !file_write(path, token_new(&s->arena), 0600, e))
        return false;
    if (!file_read(&s->arena, path, 200, &s->token, e))
        return false;
    s->token = sv_trim(s->token);
    return s->token.n >= 20 || err_set(e, ERR_CORRUPT, "test CA: the token file is too short");
}

/* Both roots in one file, for those who configure trust in either. */
static bool write_roots(struct testca_store *s, struct err *e)
{
    const char *path = in_dir(s, "roots", ".pem");
    s->roots_pem = arena_concat(&s->arena, cert_pem(&s->arena, s->of[TESTCA_P256].root.cert),
                                cert_pem(&s->arena, s->of[TESTCA_SM2].root.cert));
    return file_exists(path) || file_write(path, s->roots_pem, 0644, e);
}

static bool load_url(struct testca_store *s, struct sv url, struct err *e)
{
    const char *path = in_dir(s, "url", "");
    s->url = arena_sv(&s->arena, url);
    if (url.n)
        return file_write(path, url, 0644, e);
    if (!file_exists(path)) {
        s->url = SV("http://127.0.0.1:8090");
        return true;
    }
    if (!file_read(&s->arena, path, 200, &s->url, e))
        return false;
    s->url = sv_trim(s->url);
    return true;
}

static bool open_all(struct testca_store *s, struct sv url, struct err *e)
{
    if (!dir_make(s->dir, 0700, e) || !dir_make(in_dir(s, "issued", ""), 0700, e) ||
        !dir_make(in_dir(s, "revoked", ""), 0700, e) || !load_url(s, url, e))
        return false;
    for (int alg = 0; alg < TESTCA_ALG__N; alg++) {
        if (!load_hierarchy(s, (enum testca_alg)alg, e))
            return false;
    }
    return write_roots(s, e) && load_token(s, e);
}

bool testca_store_open(const char *dir, const struct clock *clock, struct sv url, struct testca_store **ret,
                       struct err *e)
{
    CLEANUP(testca_store_closep) struct testca_store *s = calloc(1, sizeof *s);
    must(s);
    arena_init(&s->arena, STORE_ARENA);
    s->dir = arena_cstr(&s->arena, sv_from(dir));
    s->clock = clock;
    if (!open_all(s, url, e))
        return false;
    *ret = steal(&s);
    return true;
}

void testca_store_close(struct testca_store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < COUNT(s->of); i++) {
        key_free(s->of[i].root.key);
        key_free(s->of[i].ca.key);
        key_free(s->of[i].tsa.key);
        key_free(s->of[i].ocsp.key);
    }
    arena_done(&s->arena);
    free(s);
}

/* --- issuing and revoking
 * ------------------------------------------------------------------------------------------------ */

/* RFC 5280 4.1.2.2: positive, at most 20 bytes. The first byte keeps its length the same for all. */
static struct sv serial_of(struct testca_store *s, struct arena *a, struct sv request)
{
    struct digest d = hmac_of(DIGEST_SHA256, s->token, request);
    d.bytes[0] = (uint8_t)((d.bytes[0] & 0x3f) | 0x40);
    return arena_sv(a, sv_of(d.bytes, TESTCA_SERIAL));
}

static struct sv upper_hex(struct arena *a, struct sv bytes)
{
    struct sv hex = hex_encode(a, bytes);
    char *p = arena_cstr(a, hex);
    for (char *c = p; *c; c++)
        *c = (char)(*c >= 'a' ? *c - 32 : *c);
    return (struct sv){p, hex.n};
}

static bool is_serial(struct sv hex)
{
    for (size_t i = 0; i < hex.n; i++) {
        if (hex_digit(hex.p[i]) < 0 || hex.p[i] >= 'a')
            return false;
    }
    return hex.n == (size_t)2 * TESTCA_SERIAL;
}

static const char *file_of(struct testca_store *s, struct arena *a, const char *folder, struct sv serial_hex)
{
    return arena_cstr(a, arena_printf(a, "%s/%s/%.*s.json", s->dir, folder, SV_ARG(serial_hex)));
}

static bool is_request_name(struct sv name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i], lower = (char)(c | 0x20);
        if (!((c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') || c == '.' || c == '_' || c == '-'))
            return false;
    }
    return name.n >= 1 && name.n <= 64;
}

static bool read_issued(struct arena *a, const char *path, struct issued *ret, struct err *e)
{
    struct sv text = {0};
    return file_read(a, path, FILE_LIMIT, &text, e) && json_decode(a, text, &issued_schema, ret, e);
}

static enum testca_alg alg_for(enum key_kind kind)
{
    return kind == KEY_SM2 ? TESTCA_SM2 : TESTCA_P256;
}

/* Signs a certificate and writes its file. */
static bool make_cert(struct testca_store *s, struct arena *a, const struct testca_order *o, const struct csr *csr,
                      struct issued *ret, struct err *e)
{
    enum testca_alg alg = alg_for(csr->key_kind);
    const struct authority *ca = &s->of[alg].ca;
    int64_t now = clock_now(s->clock), end = now + o->validity_seconds * 1000;
    struct sv serial = serial_of(s, a, o->request);
    struct cert_order order = {
            .profile = CERT_SIGNER,
            .subject = csr->names,
            .public_der = csr->public_der,
            .serial = serial,
            .not_before_at = now - SKEW_MS,
            .not_after_at = end < ca->cert->not_after_at ? end : ca->cert->not_after_at,
            .uri = o->act_uri,
    };
    const struct cert *made = NULL;
    set_addresses(s, a, alg, "ca", &order);
    if (!cert_issue(a, &order, ca->cert, ca->key, &made, e))
        return err_wrap(e, "issue");
    struct digest d = digest_of(DIGEST_SHA256, csr->der);
    *ret = (struct issued){.by = ret->by,
                           .request = o->request,
                           .serial = upper_hex(a, serial),
                           .csr_sha256 = digest_hex(a, &d),
                           .common_name = csr->names.common_name,
                           .issued_at = now,
                           .certificate = cert_pem(a, made)};
    return file_write(file_of(s, a, "issued", ret->serial), json_encode(a, &issued_schema, ret), 0600, e);
}

bool testca_store_issue(struct testca_store *s, struct arena *a, const struct testca_order *o, struct issued *ret,
                        struct err *e)
{
    struct csr csr;
    if (!is_request_name(o->request))
        return err_set(e, ERR_BAD_INPUT, "a request has a name of 1 to 64 letters, digits, dots, lines");
    if (o->validity_seconds < 60 || o->validity_seconds > 10 * YEAR_MS / 1000)
        return err_set(e, ERR_BAD_INPUT, "validity must be between a minute and ten years");
    if (!csr_parse(a, o->csr, &csr, e))
        return err_wrap(e, "issue");
    if (csr.names.common_name.n == 0 || !sv_eq(csr.names.common_name, o->common_name))
        return err_set(e, ERR_REFUSED, "the common names of request and CSR differ or are missing");
    struct sv serial = upper_hex(a, serial_of(s, a, o->request));
    if (file_exists(file_of(s, a, "revoked", serial)))
        return err_set(e, ERR_CONFLICT, "this request was revoked");
    const char *path = file_of(s, a, "issued", serial);
    ret->by = &s->of[alg_for(csr.key_kind)];
    if (!file_exists(path))
        return make_cert(s, a, o, &csr, ret, e);
    struct digest d = digest_of(DIGEST_SHA256, csr.der);
    const struct hierarchy *by = ret->by;
    if (!read_issued(a, path, ret, e))
        return err_wrap(e, "issued certificate");
    ret->by = by;
    return sv_eq(ret->csr_sha256, digest_hex(a, &d)) ||
           err_set(e, ERR_CONFLICT, "another CSR was given under this request before");
}

bool testca_store_revoke(struct testca_store *s, struct arena *a, struct sv request, bool *ret_known, struct err *e)
{
    if (!is_request_name(request))
        return err_set(e, ERR_BAD_INPUT, "a request has a name of 1 to 64 letters, digits, dots, lines");
    struct sv serial = upper_hex(a, serial_of(s, a, request));
    *ret_known = file_exists(file_of(s, a, "issued", serial));
    const char *path = file_of(s, a, "revoked", serial);
    if (file_exists(path))
        return true;
    const struct gone g = {request, serial, clock_now(s->clock)};
    return file_write(path, json_encode(a, &gone_schema, &g), 0600, e);
}

bool testca_store_revoke_serial(struct testca_store *s, struct arena *a, struct sv serial_hex, struct err *e)
{
    struct issued issued;
    bool known = false;
    const char *path = file_of(s, a, "issued", serial_hex);
    if (!is_serial(serial_hex) || !file_exists(path))
        return err_user(e, ERR_NOT_FOUND, "testca_not_issued", NULL, "serial number %.*s was not issued here",
                        SV_ARG(serial_hex));
    return read_issued(a, path, &issued, e) && testca_store_revoke(s, a, issued.request, &known, e);
}

static bool read_gone(struct arena *a, const char *path, struct revoked *ret, struct err *e)
{
    struct sv text = {0};
    struct gone g;
    if (!file_read(a, path, FILE_LIMIT, &text, e) || !json_decode(a, text, &gone_schema, &g, e))
        return false;
    *ret = (struct revoked){.serial_hex = g.serial, .revoked_at = g.revoked_at, .reason = REVOKED_SUPERSEDED};
    return true;
}

bool testca_store_status(struct testca_store *s, struct arena *a, enum testca_alg alg, struct sv serial_hex,
                         enum ocsp_answer *ret_answer, struct revoked *ret, struct err *e)
{
    const struct hierarchy *h = &s->of[alg];
    *ret_answer = OCSP_UNKNOWN;
    if (sv_eq(serial_hex, h->tsa.cert->serial_hex) || sv_eq(serial_hex, h->ocsp.cert->serial_hex))
        *ret_answer = OCSP_GOOD;
    if (!is_serial(serial_hex))
        return true;
    const char *gone = file_of(s, a, "revoked", serial_hex);
    if (file_exists(gone)) {
        *ret_answer = OCSP_REVOKED;
        return read_gone(a, gone, ret, e);
    }
    if (file_exists(file_of(s, a, "issued", serial_hex)))
        *ret_answer = OCSP_GOOD;
    return true;
}

static void dir_closep(DIR **d)
{
    if (*d)
        closedir(*d);
}

static bool list_revoked(struct testca_store *s, struct arena *a, struct revoked **ret, size_t *ret_n, struct err *e)
{
    const char *folder = arena_cstr(a, arena_printf(a, "%s/revoked", s->dir));
    CLEANUP(dir_closep) DIR *d = opendir(folder);
    if (!d)
        return err_errno(e, "open %s", folder);
    size_t n = 0, cap = 64;
    struct revoked *list = arena_array(a, struct revoked, cap);
    for (struct dirent *entry; (entry = readdir(d)) != NULL && n < LIST_LIMIT;) {
        struct sv name = sv_from(entry->d_name);
        if (!sv_ends(name, SV(".json")) || !is_serial(sv_sub(name, 0, name.n - 5)))
            continue;
        if (n == cap) {
            struct revoked *more = arena_array(a, struct revoked, cap * 2);
            memcpy(more, list, cap * sizeof *list);
            list = more;
            cap *= 2;
        }
        if (!read_gone(a, path_join(a, folder, entry->d_name), &list[n++], e))
            return err_wrap(e, "%s", entry->d_name);
    }
    *ret = list;
    *ret_n = n;
    return true;
}

/* A revoked request may never have led to a certificate, so the list of either issuing CA names them all: serial
 * numbers are hashes of requests and never meet. A root revokes nothing. */
bool testca_store_crl(struct testca_store *s, struct arena *a, enum testca_alg alg, bool of_root, struct sv *ret_der,
                      struct err *e)
{
    struct revoked *list = NULL;
    size_t n = 0;
    int64_t now = clock_now(s->clock);
    const struct authority *by = of_root ? &s->of[alg].root : &s->of[alg].ca;
    return (of_root || list_revoked(s, a, &list, &n, e)) &&
           crl_make(a, by->cert, by->key, list, n, now, now + CRL_DAYS_MS, (uint64_t)now, ret_der, e);
}

/* --- without a server
 * ---------------------------------------------------------------------------------------------------- */

bool testca_init(const char *dir, int port, const struct clock *clock, struct err *e)
{
    CLEANUP(testca_store_closep) struct testca_store *s = NULL;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 64 << 10);
    return testca_store_open(dir, clock, port ? arena_printf(&a, "http://127.0.0.1:%d", port) : SV(""), &s, e);
}

static bool open_made(struct arena *a, const char *dir, const struct clock *clock, struct testca_store **ret,
                      struct err *e)
{
    if (!file_exists(path_join(a, dir, "ca.pem")))
        return err_user(e, ERR_NOT_FOUND, "testca_not_made", NULL, "no test CA in %s", dir);
    return testca_store_open(dir, clock, SV(""), ret, e);
}

bool testca_revoke_local(const char *dir, const struct clock *clock, struct sv cert, struct err *e)
{
    CLEANUP(testca_store_closep) struct testca_store *s = NULL;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)4 << 20);
    const struct cert *c = NULL;
    return cert_parse(&a, cert, &c, e) && open_made(&a, dir, clock, &s, e) &&
           testca_store_revoke_serial(s, &a, c->serial_hex, e);
}

bool testca_issue_local(struct arena *a, const char *dir, const struct clock *clock, enum testca_alg alg,
                        struct sv common_name, struct sv *ret_key_pem, struct sv *ret_cert_pem,
                        struct sv *ret_chain_pem, struct err *e)
{
    CLEANUP(testca_store_closep) struct testca_store *s = NULL;
    CLEANUP(key_cleanup) struct key *key = NULL;
    const struct cert_subject who = {.common_name = common_name, .country = SV("CN")};
    struct sv csr = {0};
    if (!open_made(a, dir, clock, &s, e) || !key_generate(algs[alg].kind, &key, e) || !csr_make(a, key, &who, &csr, e))
        return false;
    const struct testca_order o = {.request = id_new(a, clock_now(clock)),
                                   .csr = csr,
                                   .common_name = common_name,
                                   .validity_seconds = YEAR_MS / 1000};
    struct issued issued;
    if (!testca_store_issue(s, a, &o, &issued, e))
        return false;
    CLEANUP(secret_cleanup) struct secret *pem = key_to_pem(key, SV(""));
    *ret_key_pem = arena_sv(a, secret_view(pem)); /* a key for trying things out */
    *ret_cert_pem = issued.certificate;
    *ret_chain_pem = cert_pem(a, issued.by->ca.cert);
    return true;
}
