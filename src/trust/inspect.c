/* What a CA returned, read as hostile input (docs/ca-adapter.md lists the same checks for people). */
#include "crypto/key.h"
#include "trust/trust_priv.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    char lower = (char)(c | 0x20);
    return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

/* Hashes in hexadecimal hold long runs of digits by chance: words of at least 32 hexadecimal digits are not looked
 * into. */
static bool is_hash(struct sv word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (hex_digit(word.p[i]) < 0)
            return false;
    }
    return word.n >= 32;
}

static bool word_has_id(struct sv word)
{
    for (size_t i = 0; i < word.n;) {
        size_t run = 0;
        while (i + run < word.n && is_digit(word.p[i + run]))
            run++;
        bool x = i + run < word.n && (word.p[i + run] | 0x20) == 'x';
        if (run == 15 || run == 18 || (run == 17 && x))
            return true;
        i += run + 1;
    }
    return false;
}

/* Looks through the bytes as text; step 2 for UTF-16 strings, whose digits stand in every other byte. */
static bool scan(struct sv der, size_t step, size_t from, struct sv allowed)
{
    char word[256];
    size_t n = 0;
    for (size_t i = from; i <= der.n; i += step) {
        bool part = i < der.n && is_alnum(der.p[i]) && (step == 1 || (i > 0 && der.p[i - 1] == 0));
        if (part && n < sizeof word) {
            word[n++] = der.p[i];
            continue;
        }
        struct sv w = {word, n};
        if (!(allowed.n > 0 && sv_eq(w, allowed)) && !is_hash(w) && word_has_id(w))
            return true;
        n = 0;
        if (part)
            word[n++] = der.p[i];
    }
    return false;
}

bool has_id_number(struct sv der, struct sv allowed)
{
    return scan(der, 1, 0, allowed) || scan(der, 2, 0, allowed) || scan(der, 2, 1, allowed);
}

static bool refuse(struct err *e, const char *why)
{
    return err_user(e, ERR_REFUSED, "cert_refused", NULL, "returned certificate: %s", why);
}

static bool check_cert(const struct trust *t, const struct cert *c, const struct cert_wish *wish, struct err *e)
{
    int64_t now = clock_now(t->clock);
    if (!sv_eq(c->public_der, wish->public_der))
        return refuse(e, "it is for another key");
    if (!sv_eq(c->common_name, wish->common_name))
        return refuse(e, "its common name is not the requested one");
    if (has_id_number(c->der, wish->allowed_id))
        return refuse(e, "it holds something of the form of an ID number");
    if (c->is_ca)
        return refuse(e, "it is the certificate of a CA");
    if (!c->has_key_usage || !(c->key_usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
        return refuse(e, "its key usage does not allow signing");
    if (now < c->not_before_at || now >= c->not_after_at)
        return refuse(e, "it is not valid now");
    if (c->not_after_at - c->not_before_at > LONGEST_VALIDITY)
        return refuse(e, "it is valid for longer than ten years");
    return true;
}

/* RFC 5280 path to a configured anchor, now; and no test certificates where they do not belong. */
static bool check_chain(const struct trust *t, struct arena *a, const struct cert *c, struct certs pool,
                        struct certs *ret_chain, struct err *e)
{
    const struct chain_query q = {
            .leaf = c, .purpose = CHAIN_SIGN, .anchors = t->anchors, .pool = pool, .now_at = clock_now(t->clock)};
    struct chain_result r;
    chain_check(a, &q, &r);
    if (r.verdict != TRUST_PASSED)
        return err_user(e, ERR_REFUSED, "cert_refused", NULL, "returned certificate: chain %s %.*s", r.code,
                        SV_ARG(r.text));
    *ret_chain = (struct certs){0};
    for (size_t i = 0; i < r.chain.n; i++) {
        const struct cert *link = r.chain.v[i];
        if (t->production && (name_is_test(link->issuer) || (i > 0 && name_is_test(link->subject))))
            return err_user(e, ERR_REFUSED, "test_cert_in_production", NULL, "issued by %.*s", SV_ARG(link->issuer));
        if (i > 0 && !link->self_signed)
            certs_add(a, ret_chain, link);
    }
    return true;
}

bool inspect_issued(const struct trust *t, struct arena *a, struct sv cert_pem, struct sv chain_pem,
                    const struct cert_wish *wish, const struct cert **ret_cert, struct certs *ret_chain, struct err *e)
{
    struct err why = ERR_INIT;
    const struct cert *c = NULL;
    struct certs pool = {0};
    if (cert_pem.n > DER_LIMIT || !cert_parse(a, cert_pem, &c, &why))
        return refuse(e, "it cannot be read");
    if (chain_pem.n > CHAIN_LIMIT * DER_LIMIT || (chain_pem.n > 0 && !certs_parse(a, chain_pem, &pool, &why)) ||
        pool.n > CHAIN_LIMIT)
        return refuse(e, "its chain cannot be read");
    if (!check_cert(t, c, wish, e) || !check_chain(t, a, c, pool, ret_chain, e))
        return false;
    *ret_cert = c;
    return true;
}
