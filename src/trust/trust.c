/* Opening: the KEK, the anchors, the adapters, and what production forbids. */
#include "trust/trust.h"

#include <stdlib.h>

#include "trust/trust_priv.h"

#define TRUST_ARENA ((size_t)16 << 20)

static const char *const suite_names[] = {"intl", "gm", "dual"};
_Static_assert(COUNT(suite_names) == TRUST_SUITE__N, "a name for each suite");

bool trust_suite_parse(struct sv name, enum trust_suite *ret, struct err *e)
{
    for (size_t i = 0; i < COUNT(suite_names); i++) {
        if (sv_eq(name, sv_from(suite_names[i]))) {
            *ret = (enum trust_suite)i;
            return true;
        }
    }
    return err_set(e, ERR_BAD_INPUT, "no suite \"%.*s\" (intl, gm, dual)", SV_ARG(sv_sub(name, 0, 40)));
}

bool name_is_test(struct sv name)
{
    for (struct sv rest = name; rest.n > 0; rest = sv_skip(rest, 1)) {
        if (sv_starts(rest, SV("测试")))
            return true;
        if (!sv_starts(rest, SV("TEST")))
            continue;
        char before = rest.p > name.p ? rest.p[-1] : ' ', after = rest.n > 4 ? rest.p[4] : ' ';
        bool word = !((before | 0x20) >= 'a' && (before | 0x20) <= 'z') &&
                    !((after | 0x20) >= 'a' && (after | 0x20) <= 'z');
        if (word)
            return true;
    }
    return false;
}

static bool open_kek(struct trust *t, const struct trust_setup *s, struct err *e)
{
    struct err why = ERR_INIT;
    if (s->production && !file_exists(s->kek_path))
        return err_user(e, ERR_CONFLICT, "kek_missing", NULL, "key vault: no file %s", s->kek_path);
    if (!secret_load_or_make(s->kek_path, KEK_BYTES, &t->kek, &why)) {
        const char *reason = why.code == ERR_FORBIDDEN ? "kek_unsafe" : "kek_wrong";
        return err_user(e, ERR_CONFLICT, reason, NULL, "key vault: %s", why.msg);
    }
    CLEANUP(secret_cleanup) struct secret *print = secret_derive(t->kek, "trust kek name v1", SV(""), 8);
    t->kek_name = hex_encode(&t->arena, secret_view(print));
    return true;
}

static bool open_anchors(struct trust *t, const struct trust_setup *s, struct err *e)
{
    t->anchors_pem = arena_sv(&t->arena, s->anchors_pem);
    if (t->anchors_pem.n > 0 && !certs_parse(&t->arena, t->anchors_pem, &t->anchors, e))
        return err_wrap(e, "trust anchors");
    for (size_t i = 0; i < t->anchors.n; i++) {
        if (s->production && name_is_test(t->anchors.v[i]->subject))
            return err_user(e, ERR_REFUSED, "test_cert_in_production", NULL, "trust anchor %.*s",
                            SV_ARG(t->anchors.v[i]->subject));
    }
    return true;
}

static void open_adapters(struct trust *t, const struct trust_setup *s)
{
    int64_t timeout = s->timeout_ms > 0 ? s->timeout_ms : DEFAULT_TIMEOUT;
    struct sv *urls = arena_array(&t->arena, struct sv, s->tsa_n + s->tsa_sm2_n + 1);
    for (size_t i = 0; i < s->tsa_n; i++)
        urls[i] = arena_sv(&t->arena, s->tsa_urls[i]);
    for (size_t i = 0; i < s->tsa_sm2_n; i++)
        urls[s->tsa_n + i] = arena_sv(&t->arena, s->tsa_sm2_urls[i]);
    struct sv url = s->ca_url;
    while (sv_ends(url, SV("/")))
        url.n--;
    t->crl_urls = arena_array(&t->arena, struct sv, s->crl_urls_n + 1);
    t->crl_urls_n = s->crl_urls_n;
    for (size_t i = 0; i < s->crl_urls_n; i++)
        t->crl_urls[i] = arena_sv(&t->arena, s->crl_urls[i]);
    t->ca_http = (struct ca_http){arena_sv(&t->arena, url), arena_sv(&t->arena, s->ca_token), timeout, s->stop};
    t->tsa_http = (struct tsa_http){urls, timeout, s->stop};
    if (s->ca) {
        t->ca = *s->ca;
    } else if (url.n > 0) {
        t->ca = ca_http_table;
        t->ca.ctx = &t->ca_http;
    }
    if (s->tsa) {
        t->tsa = *s->tsa;
    } else {
        t->tsa = tsa_http_table;
        t->tsa.ctx = &t->tsa_http;
        t->tsa.n = s->tsa_n;
        t->tsa.sm2_n = s->tsa_sm2_n;
    }
}

bool trust_open(const struct trust_setup *s, struct trust **ret, struct err *e)
{
    must(s->db && s->clock && s->kek_path);
    CLEANUP(trust_closep) struct trust *t = calloc(1, sizeof *t);
    must(t);
    arena_init(&t->arena, TRUST_ARENA);
    t->db = s->db;
    t->clock = s->clock;
    t->suite = s->suite;
    t->production = s->production;
    t->tsa_policy = arena_sv(&t->arena, s->tsa_policy);
    open_adapters(t, s);
    if (!open_kek(t, s, e) || !open_anchors(t, s, e))
        return err_wrap(e, "trust");
    *ret = steal(&t);
    return true;
}

void trust_close(struct trust *t)
{
    if (!t)
        return;
    secret_free(t->kek);
    arena_done(&t->arena);
    free(t);
}

struct sv trust_anchors_pem(const struct trust *t)
{
    return t->anchors_pem;
}
