/* The Encrypt dictionary, strings and streams of encrypted documents; see crypt_priv.h. */
#include "pdf/crypt_priv.h"

#include <string.h>

#include "crypto/cipher.h"
#include "crypto/digest.h"

#define MAX_ID ((size_t)1 << 16)

/* ---- opening ---- */

static bool bad(struct doc *d, const char *what)
{
    if (!d->problem)
        d->problem = what;
    return false;
}

static int64_t int_or(struct doc *d, const struct obj *dict, const char *key, int64_t otherwise)
{
    const struct obj *o = doc_get(d, dict, key);
    return o->kind == O_INT ? o->integer : otherwise;
}

static struct sv text_of(struct doc *d, const struct obj *dict, const char *key)
{
    const struct obj *o = doc_get(d, dict, key);
    return o->kind == O_STRING ? o->text : (struct sv){0};
}

/* A crypt filter by its name; 7.6.6. */
static bool method_named(struct doc *d, const struct crypt *c, const struct obj *name, enum crypt_method *ret)
{
    static const struct {
        const char *name;
        int v;
        enum crypt_method method;
    } rows[] = {
            {"V2",    4, CRYPT_RC4   },
            {"AESV2", 4, CRYPT_AES128},
            {"AESV3", 5, CRYPT_AES256},
    };
    *ret = CRYPT_IDENTITY;
    if (name->kind == O_NULL || obj_is_name(name, "Identity"))
        return true;
    const struct obj *cfm = &obj_null;
    for (size_t i = 0; name->kind == O_NAME && obj_is_dict(c->filters) && i < c->filters->dict.n; i++) {
        if (sv_eq(c->filters->dict.entries[i].key, name->text))
            cfm = doc_get(d, doc_value(d, c->filters->dict.entries[i].value), "CFM");
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (obj_is_name(cfm, rows[i].name) && rows[i].v == c->v) {
            *ret = rows[i].method;
            return true;
        }
    }
    return false;
}

static bool read_filters(struct doc *d, struct crypt *c, const struct obj *dict)
{
    c->strings = c->streams = c->files = CRYPT_RC4;
    if (c->v != 4 && c->v != 5)
        return c->v == 1 || c->v == 2;
    c->filters = doc_get(d, dict, "CF");
    const struct obj *files = doc_get(d, dict, "EFF"), *streams = doc_get(d, dict, "StmF");
    return method_named(d, c, streams, &c->streams) && method_named(d, c, doc_get(d, dict, "StrF"), &c->strings) &&
           method_named(d, c, files->kind == O_NULL ? streams : files, &c->files);
}

/* V 1 has 40 bits, V 2 says how many (some writers in bytes), V 4 has 128 whatever it says, V 5 256. */
static bool read_length(struct doc *d, struct crypt *c, const struct obj *dict)
{
    int64_t bits = c->v == 1 ? 40 : c->v == 4 ? 128 : c->v == 5 ? 256 : int_or(d, dict, "Length", 40);
    if (c->v == 2 && bits >= 5 && bits <= 16)
        bits *= 8;
    c->key_n = (size_t)bits / 8;
    return bits % 8 == 0 && bits >= 40 && bits <= (c->v == 5 ? 256 : 128);
}

static bool known_version(int64_t v, int64_t r)
{
    return ((v == 1 || v == 2) && (r == 2 || r == 3)) || (v == 4 && r == 4) || (v == 5 && (r == 5 || r == 6));
}

static bool read_secrets(struct doc *d, const struct crypt *c, const struct obj *dict, struct crypt_secrets *ret)
{
    const struct obj *id = doc_get(d, d->trailer, "ID");
    const struct obj *first = id->kind == O_ARRAY && id->array.n ? doc_value(d, id->array.items[0]) : &obj_null;
    *ret = (struct crypt_secrets){.o = text_of(d, dict, "O"),
                                  .u = text_of(d, dict, "U"),
                                  .oe = text_of(d, dict, "OE"),
                                  .ue = text_of(d, dict, "UE"),
                                  .perms = text_of(d, dict, "Perms"),
                                  .id = first->kind == O_STRING ? first->text : (struct sv){0}};
    size_t check = c->v == 5 ? 48 : 32;
    return ret->u.n >= check && (c->v == 5 ? ret->ue.n >= 32 : ret->o.n >= check) && ret->id.n <= MAX_ID;
}

/* Strings that were read before the key was known are read again. */
static void forget_objects(struct doc *d)
{
    memset(d->cache, 0, (size_t)d->size * sizeof(*d->cache));
    d->packed = NULL;
}

/* Only embedded files are encrypted (7.6.6.2, /EFF): everything else is read and written without the key. */
static bool needs_no_key(const struct crypt *c)
{
    return c->strings == CRYPT_IDENTITY && c->streams == CRYPT_IDENTITY;
}

static bool unlock(struct doc *d, struct crypt *c, const struct obj *dict, struct sv password)
{
    struct crypt_secrets s;
    struct arena *a = &d->arena;
    if (!obj_is_name(doc_get(d, dict, "Filter"), "Standard") || !known_version(c->v, c->r) ||
        !read_secrets(d, c, dict, &s))
        return false;
    d->lock = DOC_PASSWORD;
    return (password.n && crypt_try(a, c, &s, password)) || crypt_try(a, c, &s, (struct sv){0});
}

bool crypt_open(struct doc *d, struct sv password)
{
    const struct obj *ref = dict_get(d->trailer, "Encrypt"), *dict = doc_value(d, ref);
    struct crypt *c = arena_try(&d->arena, sizeof(*c));
    if (!c || dict->kind != O_DICT || dict->dict.duplicates)
        return bad(d, "malformed encryption dictionary");
    int64_t v = int_or(d, dict, "V", 0), r = int_or(d, dict, "R", 0);
    const struct obj *metadata = doc_get(d, dict, "EncryptMetadata");
    *c = (struct crypt){.v = v > 0 && v < 100 ? (int)v : 0,
                        .r = r > 0 && r < 100 ? (int)r : 0,
                        .filters = &obj_null,
                        .metadata = v < 4 || metadata->kind != O_BOOL || metadata->boolean,
                        .permissions = (uint32_t)((uint64_t)int_or(d, dict, "P", 0) & UINT32_MAX),
                        .num = ref->kind == O_REF ? ref->ref.num : 0};
    d->lock = DOC_ENCRYPTION_UNKNOWN;
    if (!read_filters(d, c, dict) || !read_length(d, c, dict))
        return true;
    c->keyless = !unlock(d, c, dict, password);
    if (c->keyless && !needs_no_key(c))
        return true;
    d->lock = DOC_UNLOCKED;
    d->crypt = c;
    forget_objects(d);
    return true;
}

void crypt_close(struct doc *d)
{
    if (d->crypt)
        bytes_wipe(d->crypt->key, sizeof(d->crypt->key));
    d->crypt = NULL;
}

bool crypt_allows(const struct doc *d, uint32_t bits)
{
    const struct crypt *c = d->crypt;
    if (c && c->r == 2)
        bits &= ~CRYPT_FILL; /* reserved there, and always set */
    return !c || c->owner || (c->permissions & bits);
}

/* ---- keys of objects (algorithms 1 and 1.A) ---- */

struct object_key {
    uint8_t bytes[32];
    size_t n;
};

static struct object_key key_of(const struct crypt *c, enum crypt_method m, uint32_t num, uint32_t gen)
{
    struct object_key k = {.n = c->key_n};
    memcpy(k.bytes, c->key, c->key_n);
    if (m == CRYPT_AES256)
        return k;
    uint8_t text[32 + 9];
    const uint8_t tail[9] = {num & 0xFF, num >> 8 & 0xFF, num >> 16 & 0xFF, gen & 0xFF, gen >> 8 & 0xFF, 's', 'A', 'l',
                             'T'};
    size_t n = m == CRYPT_AES128 ? 9 : 5;
    memcpy(text, c->key, c->key_n);
    memcpy(text + c->key_n, tail, n);
    md5_of(sv_of(text, c->key_n + n), k.bytes);
    k.n = c->key_n + 5 < 16 ? c->key_n + 5 : 16;
    return k;
}

static bool unseal(struct arena *a, const struct crypt *c, enum crypt_method m, uint32_t num, uint32_t gen,
                   struct sv in, struct sv *ret)
{
    *ret = in;
    if (m == CRYPT_IDENTITY || in.n == 0)
        return true;
    struct object_key k = key_of(c, m, num, gen);
    if (m != CRYPT_RC4)
        return aes_cbc_open(a, sv_of(k.bytes, k.n), in, ret);
    char *out = arena_try(a, in.n);
    if (!out)
        return false;
    rc4_apply(sv_of(k.bytes, k.n), in, out);
    *ret = sv_of(out, in.n);
    return true;
}

static struct sv seal(struct arena *a, const struct crypt *c, enum crypt_method m, uint32_t num, uint32_t gen,
                      struct sv in)
{
    if (m == CRYPT_IDENTITY)
        return in;
    must(!c->keyless);
    struct object_key k = key_of(c, m, num, gen);
    if (m != CRYPT_RC4)
        return aes_cbc_seal(a, sv_of(k.bytes, k.n), in);
    char *out = arena_alloc(a, in.n + 1);
    rc4_apply(sv_of(k.bytes, k.n), in, out);
    return sv_of(out, in.n);
}

/* ---- reading ---- */

/* 7.6.2: the value of Contents in a signature dictionary stays as it is. */
static bool is_contents(const struct obj *dict, struct sv key)
{
    return sv_eq(key, SV("Contents")) && dict_get(dict, "ByteRange")->kind != O_NULL;
}

struct place {
    uint32_t num, gen;
};

static void open_strings(struct doc *d, struct obj *o, struct place at)
{
    if (o->kind == O_STRING) {
        struct sv plain;
        o->home = at.num;
        if (unseal(&d->arena, d->crypt, d->crypt->strings, at.num, at.gen, o->text, &plain)) {
            o->text = plain;
        } else if (!d->problem) {
            d->problem = "a string that cannot be decrypted";
            d->problem_object = at.num;
        }
    }
    for (size_t i = 0; o->kind == O_ARRAY && i < o->array.n; i++)
        open_strings(d, o->array.items[i], at);
    for (size_t i = 0; obj_is_dict(o) && i < o->dict.n; i++) {
        if (!is_contents(o, o->dict.entries[i].key))
            open_strings(d, o->dict.entries[i].value, at);
    }
}

void crypt_object(struct doc *d, struct obj *o, uint32_t num, uint32_t gen)
{
    bool stream = o->kind == O_STREAM;
    if (!d->crypt || (num && num == d->crypt->num) || (stream && obj_is_name(dict_get(o, "Type"), "XRef")))
        return;
    open_strings(d, o, (struct place){num, gen});
    if (stream) {
        o->home = num;
        o->dict.gen = (uint16_t)gen;
    }
}

/* What a stream is encrypted with when it names no filter itself. */
static enum crypt_method usual_method(const struct crypt *c, const struct obj *type)
{
    if (c->v >= 4 && !c->metadata && obj_is_name(type, "Metadata"))
        return CRYPT_IDENTITY;
    return obj_is_name(type, "EmbeddedFile") ? c->files : c->streams;
}

bool crypt_stream(struct doc *d, const struct obj *stream, const struct obj *named, struct sv *ret)
{
    *ret = stream->data;
    if (!d->crypt || !stream->home)
        return true;
    enum crypt_method m = usual_method(d->crypt, doc_get(d, stream, "Type"));
    if ((named && !method_named(d, d->crypt, named, &m)) || (d->crypt->keyless && m != CRYPT_IDENTITY))
        return false;
    return unseal(&d->arena, d->crypt, m, stream->home, stream->dict.gen, stream->data, ret);
}

/* ---- writing ---- */

struct sealer {
    struct obj_strings strings;
    struct arena *a;
    const struct crypt *c;
    struct place at;
};

/* A string that was read from this very object keeps its bytes; with AES-256 the key is the same for all objects. */
static struct sv seal_string(const struct obj_strings *how, const struct obj *o, bool *ret_raw)
{
    const struct sealer *s = (const struct sealer *)(const void *)how;
    *ret_raw = o->raw.n && o->home && (o->home == s->at.num || s->c->strings == CRYPT_AES256);
    return *ret_raw ? o->raw : seal(s->a, s->c, s->c->strings, s->at.num, s->at.gen, o->text);
}

void crypt_write(struct arena *a, struct buf *b, const struct crypt *c, const struct obj *o, uint32_t num, uint32_t gen)
{
    const struct sealer s = {
            .strings = {seal_string},
              .a = a, .c = c, .at = { num,        gen}
    };
    obj_write_with(b, o, c ? &s.strings : NULL);
}

struct sv crypt_stream_seal(struct arena *a, const struct crypt *c, const struct obj *dict, uint32_t num, uint32_t gen,
                            struct sv data)
{
    return c ? seal(a, c, usual_method(c, dict_get(dict, "Type")), num, gen, data) : data;
}
