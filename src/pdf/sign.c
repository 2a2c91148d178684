/* pdf_sign_prepare and pdf_sign_finish; see sign.h. */
#include <string.h>

#include "pdf/pieces_priv.h"
#include "pdf/sign_priv.h"

static struct obj *transform(struct arena *a, const char *method, struct obj *params)
{
    struct obj *ref = obj_dict(a);
    dict_put(a, params, "Type", obj_name(a, "TransformParams"));
    dict_put(a, params, "V", obj_name(a, "1.2"));
    dict_put(a, ref, "Type", obj_name(a, "SigRef"));
    dict_put(a, ref, "TransformMethod", obj_name(a, method));
    dict_put(a, ref, "TransformParams", params);
    return ref;
}

/* What the field announced in its /Lock, copied. */
static struct obj *lock_of_field(struct signing *s)
{
    static const char *const kept[] = {"Action", "Fields", "P"};
    const struct obj *lock = s->field ? doc_get(&s->doc, s->field->dict, "Lock") : &obj_null;
    if (lock->kind != O_DICT)
        return NULL;
    struct obj *params = obj_dict(s->a);
    for (size_t i = 0; i < COUNT(kept); i++) {
        const struct obj *v = doc_get(&s->doc, lock, kept[i]);
        if (v->kind != O_NULL)
            dict_put(s->a, params, kept[i], v);
    }
    return params;
}

static struct obj *lock_of_options(struct signing *s)
{
    static const char *const names[] = {NULL, "All", "Include", "Exclude"};
    const struct pdf_lock *lock = &s->o->lock;
    if (lock->action == PDF_LOCK_NONE)
        return NULL;
    struct obj *params = obj_dict(s->a);
    dict_put(s->a, params, "Action", obj_name(s->a, names[lock->action]));
    if (lock->action != PDF_LOCK_ALL) {
        struct obj *fields = obj_array(s->a, lock->fields_n);
        for (size_t i = 0; i < lock->fields_n; i++)
            fields->array.items[i] = obj_text(s->a, lock->fields[i]);
        dict_put(s->a, params, "Fields", fields);
    }
    return params;
}

/* /Reference: DocMDP of a certification, FieldMDP of locks (ISO 32000-2 12.8.2). */
static void put_reference(struct signing *s, struct obj *sig)
{
    struct obj *refs = obj_array(s->a, 0);
    if (s->o->certify) {
        struct obj *params = obj_dict(s->a);
        dict_put(s->a, params, "P", obj_int(s->a, s->o->certify));
        refs = array_with(s->a, refs, transform(s->a, "DocMDP", params));
    }
    struct obj *locks[] = {lock_of_field(s), lock_of_options(s)};
    for (size_t i = 0; i < COUNT(locks); i++) {
        if (!locks[i])
            continue;
        struct obj *ref = transform(s->a, "FieldMDP", locks[i]);
        dict_put(s->a, ref, "Data", dict_get(s->doc.trailer, "Root"));
        refs = array_with(s->a, refs, ref);
    }
    if (refs->array.n)
        dict_put(s->a, sig, "Reference", refs);
}

static struct obj *signature_dict(struct signing *s)
{
    static const char *const subfilters[] = {"ETSI.CAdES.detached", "adbe.pkcs7.detached", "ETSI.RFC3161"};
    const struct pdf_sign_options *o = s->o;
    const struct {
        const char *key;
        struct sv text;
    } texts[] = {
            {"Name",        o->name    },
            {"Reason",      o->reason  },
            {"Location",    o->location},
            {"ContactInfo", o->contact }
    };
    bool timestamp = o->subfilter == PDF_SUBFILTER_TIMESTAMP;
    struct obj *sig = obj_dict(s->a);
    dict_put(s->a, sig, "Type", obj_name(s->a, timestamp ? "DocTimeStamp" : "Sig"));
    dict_put(s->a, sig, "Filter", obj_name(s->a, "Adobe.PPKLite"));
    dict_put(s->a, sig, "SubFilter", obj_name(s->a, subfilters[o->subfilter]));
    if (timestamp)
        return sig;
    dict_put(s->a, sig, "M", obj_bytes(s->a, time_pdf(s->a, o->signing_at)));
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (texts[i].text.n)
            dict_put(s->a, sig, texts[i].key, obj_text(s->a, texts[i].text));
    }
    put_reference(s, sig);
    return sig;
}

static bool prepare(struct signing *s, struct sv input, struct pdf_prepared *ret, struct err *e)
{
    const struct pdf_sign_options *o = s->o;
    if (!sign_open(s, input, e) || !sign_choose_field(s, e))
        return false;
    size_t usual = o->subfilter == PDF_SUBFILTER_TIMESTAMP ? PDF_RESERVE_TIMESTAMP : PDF_RESERVE_SIGNATURE;
    ret->reserve = o->reserve ? o->reserve : usual;
    s->sig_num = update_add_signature(&s->update, signature_dict(s), ret->reserve);
    bool filled = s->field ? sign_fill_field(s, e) : sign_create_field(s, e);
    if (!filled || !sign_fill_buttons(s, e))
        return false;
    sign_catalog(s);
    ret->field = arena_sv(s->a, s->name);
    ret->password = arena_sv(s->a, o->password);
    ret->input = input;
    ret->reader = s->o->reader;
    return update_write(&s->update, &ret->update, ret->range, e);
}

/* Mistakes of the caller rather than of the document. */
static bool check_options(const struct pdf_sign_options *o, struct err *e)
{
    bool timestamp = o->subfilter == PDF_SUBFILTER_TIMESTAMP;
    if (timestamp &&
        (o->certify || o->lock.action || o->buttons_n || o->name.n || o->reason.n || o->location.n || o->contact.n))
        return err_set(e, ERR_BAD_INPUT, "a document timestamp has no certification, lock, pictures or texts");
    if (o->certify < 0 || o->certify > 3)
        return err_set(e, ERR_BAD_INPUT, "certification level %d", o->certify);
    if (o->reserve > (size_t)4 << 20)
        return err_user(e, ERR_TOO_LARGE, "pdf_cms_too_large", NULL, "reserve of %zu bytes", o->reserve);
    const struct sv texts[] = {o->name, o->reason, o->location, o->contact};
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (!sv_is_utf8(texts[i]) || texts[i].n > 4000)
            return err_set(e, ERR_BAD_INPUT, "text of the signature is no UTF-8 or too long");
    }
    return true;
}

static void signing_done(struct signing *s)
{
    doc_close(&s->doc);
}

bool pdf_sign_prepare(struct arena *a, struct sv input, const struct pdf_sign_options *o, struct pdf_prepared *ret,
                      struct err *e)
{
    if (!check_options(o, e))
        return false;
    CLEANUP(signing_done) struct signing s = {.a = a, .o = o};
    *ret = (struct pdf_prepared){0};
    return prepare(&s, input, ret, e);
}

struct sv pdf_prepared_part(const struct pdf_prepared *p, int part)
{
    switch (part) {
    case 0:
        return p->input;
    case 1:
        return sv_sub(p->update, 0, p->range[1] - p->input.n);
    default:
        return sv_skip(p->update, p->range[2] - p->input.n);
    }
}

struct digest pdf_prepared_digest(const struct pdf_prepared *p, enum digest_alg alg)
{
    CLEANUP(digest_stream_cleanup) struct digest_stream *s = digest_stream_new(alg);
    for (int i = 0; i < PDF_SIGNED_PARTS; i++)
        pieces_digest(s, pdf_prepared_part(p, i), p->reader);
    return digest_stream_finish(s);
}

struct sv pdf_prepared_bytes(struct arena *a, const struct pdf_prepared *p)
{
    return arena_concat(a, p->input, p->update);
}

bool pdf_sign_finish(struct pdf_prepared *p, struct sv cms, struct err *e)
{
    if (cms.n == 0 || cms.n > p->reserve)
        return err_user(e, ERR_TOO_LARGE, "pdf_cms_too_large", NULL, "signature of %zu bytes, room for %zu", cms.n,
                        p->reserve);
    static const char digits[] = "0123456789ABCDEF";
    char *out;
    memcpy(&out, &p->update.p, sizeof(out)); /* the arena's memory, ours to write */
    out += p->range[1] - p->input.n + 1;
    for (size_t i = 0; i < cms.n; i++) {
        unsigned char c = (unsigned char)cms.p[i];
        out[2 * i] = digits[c >> 4];
        out[2 * i + 1] = digits[c & 15];
    }
    memset(out + 2 * cms.n, '0', 2 * (p->reserve - cms.n));
    return true;
}
