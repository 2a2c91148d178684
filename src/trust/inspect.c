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
static bool scan(struct sv text, size_t step, size_t from, struct sv allowed)
{
    char word[256];
    size_t n = 0;
    for (size_t i = from; i < text.n + step; i += step) { /* one round behind the end, for the last word */
        bool part = i < text.n && is_alnum(text.p[i]) && (step == 1 || (i > 0 && text.p[i - 1] == 0));
        if (part && n < sizeof word) {
            word[n++] = text.p[i];
            continue;
        }
        struct sv w = {word, n};
        if (!(allowed.n > 0 && sv_eq(w, allowed)) && !is_hash(w) && word_has_id(w))
            return true;
        n = 0;
        if (part)
            word[n++] = text.p[i];
    }
    return false;
}

bool has_id_number(struct sv text, struct sv allowed)
{
    return scan(text, 1, 0, allowed) || scan(text, 2, 0, allowed) || scan(text, 2, 1, allowed);
}

/* Tag and length of the element that begins at der (X.690 8.1.2, 8.1.3): how many bytes they take and how long the
 * value is. */
static bool der_head(struct sv der, size_t *ret_head, size_t *ret_n)
{
    if (der.n < 2 || (der.p[0] & 0x1f) == 0x1f)
        return false;
    size_t n = (unsigned char)der.p[1], head = 2;
    if (n >= 0x80) {
        size_t more = n - 0x80;
        if (more < 1 || more > 3 || der.n < 2 + more)
            return false;
        for (n = 0; head < 2 + more; head++)
            n = n << 8 | (unsigned char)der.p[head];
    }
    *ret_head = head;
    *ret_n = n;
    return n <= der.n - head;
}

enum walk { WALK_CLEAN, WALK_FOUND, WALK_MALFORMED };

/* Every primitive value is read as text; what is constructed is walked through in the order of the bytes. */
static enum walk walk(struct sv der, struct sv allowed, enum walk (*octets)(struct sv value, struct sv allowed))
{
    while (der.n > 0) {
        size_t head = 0, n = 0;
        if (!der_head(der, &head, &n))
            return WALK_MALFORMED;
        if ((der.p[0] & 0x20) != 0) {
            der = sv_skip(der, head);
            continue;
        }
        struct sv value = sv_sub(der, head, n);
        enum walk w = der.p[0] == 0x04                ? octets(value, allowed)
                      : has_id_number(value, allowed) ? WALK_FOUND
                                                      : WALK_CLEAN;
        if (w == WALK_FOUND)
            return w;
        der = sv_skip(der, head + n);
    }
    return WALK_CLEAN;
}

static enum walk plain_octets(struct sv value, struct sv allowed)
{
    return has_id_number(value, allowed) ? WALK_FOUND : WALK_CLEAN;
}

/* The octet string of an extension holds DER (RFC 5280 4.1); an octet string in that (a key identifier) does not. */
static enum walk extension_octets(struct sv value, struct sv allowed)
{
    enum walk w = walk(value, allowed, plain_octets);
    return w == WALK_MALFORMED ? plain_octets(value, allowed) : w;
}

bool der_has_id_number(struct sv der, struct sv allowed)
{
    /* What cannot be looked through is as bad as what holds something. */
    return walk(der, allowed, extension_octets) != WALK_CLEAN;
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
    if (der_has_id_number(c->der, wish->allowed_id))
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
