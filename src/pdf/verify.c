/* pdf_verify: from bytes to a report; see verify.h for what the answers mean. */
#include "pdf/verify.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdf/pieces_priv.h"
#include "pdf/verify_priv.h"

/* ---- reasons ---- */

void reasons_add(struct arena *a, struct pdf_reasons *list, bool bad, const char *code, uint32_t object,
                 const char *fmt, ...)
{
    if (list->n >= 200) /* a longer list helps nobody */
        return;
    char text[600];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (list->n == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 4;
        struct pdf_reason *items = arena_array(a, struct pdf_reason, cap);
        if (list->n)
            memcpy(items, list->items, list->n * sizeof(*items));
        list->items = items;
        list->cap = cap;
    }
    list->items[list->n++] = (struct pdf_reason){code, object, arena_sv(a, sv_from(text)), bad};
}

void sig_spoil(struct verifying *v, struct sig *s, enum pdf_integrity to, const char *code, uint32_t object,
               const char *fmt, ...)
{
    char text[600];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (to < s->out.integrity)
        s->out.integrity = to;
    reasons_add(v->a, &s->out.reasons, true, code, object, "%s", text);
}

/* ---- finding signatures ---- */

/* D:YYYYMMDDHHmmSSOHH'mm' (ISO 32000-2 7.9.4); INT64_MIN when it is not that. */
static int64_t pdf_date(struct sv s)
{
    static const struct {
        size_t at, n;
    } parts[] = {
            {2,  4},
            {6,  2},
            {8,  2},
            {10, 2},
            {12, 2},
            {14, 2}
    };
    uint64_t v[6] = {0, 1, 1, 0, 0, 0}, hours = 0, minutes = 0;
    if (!sv_starts(s, SV("D:")) || s.n < 6)
        return INT64_MIN;
    for (size_t i = 0; i < COUNT(parts) && s.n >= parts[i].at + parts[i].n; i++) {
        if (!sv_u64(sv_sub(s, parts[i].at, parts[i].n), 9999, &v[i]))
            return INT64_MIN;
    }
    struct date d;
    char iso[16];
    snprintf(iso, sizeof(iso), "%04u-%02u-%02u", (unsigned)v[0] % 10000, (unsigned)v[1] % 100, (unsigned)v[2] % 100);
    if (!date_parse(sv_from(iso), &d) || v[3] > 23 || v[4] > 59 || v[5] > 59)
        return INT64_MIN;
    int64_t at = ((int64_t)date_to_days(d) * 86400 + (int64_t)(v[3] * 3600 + v[4] * 60 + v[5])) * 1000;
    char sign = s.n > 16 ? s.p[16] : 'Z';
    if (sign != '+' && sign != '-')
        return at;
    if (!sv_u64(sv_sub(s, 17, 2), 23, &hours) || (s.n >= 22 && !sv_u64(sv_sub(s, 20, 2), 59, &minutes)))
        return INT64_MIN;
    int64_t shift = (int64_t)(hours * 3600 + minutes * 60) * 1000;
    return sign == '+' ? at - shift : at + shift;
}

static struct sv text_of(struct verifying *v, const struct obj *dict, const char *key)
{
    return arena_sv(v->a, obj_utf8(&v->doc.arena, doc_get(&v->doc, dict, key)));
}

static void describe(struct verifying *v, struct sig *s)
{
    struct pdf_signature *out = &s->out;
    const struct obj *m = doc_get(&v->doc, s->dict, "M"), *type = doc_get(&v->doc, s->dict, "Type");
    const struct obj *format = doc_get(&v->doc, s->dict, "SubFilter");
    out->field = arena_sv(v->a, s->field->name);
    out->subfilter = format->kind == O_NAME ? arena_sv(v->a, obj_utf8(&v->doc.arena, format)) : (struct sv){0};
    out->claimed_name = text_of(v, s->dict, "Name");
    out->claimed_reason = text_of(v, s->dict, "Reason");
    out->claimed_location = text_of(v, s->dict, "Location");
    out->signing_at = m->kind == O_STRING ? pdf_date(m->text) : INT64_MIN;
    bool rfc3161 = sv_eq(out->subfilter, SV("ETSI.RFC3161")), stamp = obj_is_name(type, "DocTimeStamp");
    out->kind = rfc3161 || stamp ? PDF_DOCTIMESTAMP : PDF_APPROVAL;
    if (rfc3161 != stamp)
        sig_spoil(v, s, PDF_BROKEN, "sig_dictionary", out->object, "/Type and /SubFilter contradict each other");
    if (type->kind != O_NULL && !stamp && !obj_is_name(type, "Sig"))
        sig_spoil(v, s, PDF_BROKEN, "sig_dictionary", out->object, "/Type is not Sig");
}

static bool counted_already(const struct verifying *v, uint32_t num)
{
    for (size_t i = 0; num && i < v->n; i++) {
        if (v->sigs[i].out.object == num)
            return true;
    }
    return false;
}

/* A /V that leads nowhere is treated as a signature that was taken out, not as an empty field. */
static void collect_signatures(struct verifying *v)
{
    v->sigs = arena_array(v->a, struct sig, PDF_MAX_SIGNATURES);
    for (size_t i = 0; i < v->form.fields_n && v->n < PDF_MAX_SIGNATURES; i++) {
        const struct field *f = &v->form.fields[i];
        uint32_t num;
        if (!field_is_signature(f) || f->v->kind == O_NULL)
            continue;
        const struct obj *dict = field_signature(&v->doc, f, &num);
        if (counted_already(v, num))
            continue;
        struct sig *s = &v->sigs[v->n++];
        *s = (struct sig){.field = f, .dict = dict};
        s->out.object = num;
        s->out.integrity = PDF_INTACT;
        s->out.trust = PDF_TRUST_INDETERMINATE;
        sig_check_range(v, s);
        describe(v, s);
    }
}

/* ---- putting it together ---- */

static int by_end(const void *p, const void *q)
{
    const struct sig *x = p, *y = q;
    uint64_t i = x->end ? x->end : UINT64_MAX, k = y->end ? y->end : UINT64_MAX;
    return i < k ? -1 : i > k;
}

static void finish_signature(struct verifying *v, struct sig *s, bool last)
{
    if (s->out.kind == PDF_APPROVAL && s->out.docmdp)
        s->out.kind = PDF_CERTIFICATION;
    if (s->out.weak)
        reasons_add(v->a, &s->out.reasons, false, "weak", s->out.object, "weak algorithm or key");
    if (s->out.integrity == PDF_INTACT && last && s->out.coverage != PDF_COVERS_WHOLE)
        s->out.integrity = PDF_INTACT_EXTENDED;
    /* No answer without a revision that it stands for. */
    if (s->out.integrity >= PDF_INTACT_EXTENDED && !s->anchored)
        sig_spoil(v, s, PDF_CHANGED, "not_a_revision", s->out.object,
                  "the signed bytes are not a revision of this file");
}

static enum pdf_verdict verdict_of(const struct pdf_report *r)
{
    if (r->integrity == PDF_UNREADABLE)
        return PDF_VERDICT_UNREADABLE;
    if (r->integrity == PDF_UNSIGNED)
        return PDF_VERDICT_UNSIGNED;
    if (r->integrity < PDF_UNSUPPORTED || r->trust == PDF_TRUST_FAILED)
        return PDF_INVALID;
    return r->integrity == PDF_UNSUPPORTED || r->trust != PDF_TRUST_PASSED ? PDF_INDETERMINATE : PDF_VALID;
}

static void summarise(struct verifying *v)
{
    struct pdf_report *r = v->r;
    r->signatures = arena_array(v->a, struct pdf_signature, v->n);
    r->signatures_n = v->n;
    enum pdf_integrity worst = v->hidden;
    if (!v->n) {
        r->integrity = v->hidden == PDF_INTACT ? PDF_UNSIGNED : v->hidden;
        return;
    }
    r->trust = PDF_TRUST_PASSED;
    for (size_t i = 0; i < v->n; i++) {
        struct pdf_signature *out = &v->sigs[i].out;
        finish_signature(v, &v->sigs[i], i + 1 == v->n);
        worst = out->integrity < worst ? out->integrity : worst;
        r->trust = out->trust < r->trust ? out->trust : r->trust;
        r->weak = r->weak || out->weak;
        r->signatures[i] = *out;
    }
    r->integrity = worst;
}

/* The field that shows the signature in the revision that it signed. */
static void name_field(struct verifying *v, struct sig *s)
{
    struct doc then = {0};
    struct form form = {0};
    bool read = s->end && doc_open_with(&then, sv_sub(v->bytes, 0, s->end), v->o->password) && !then.lock &&
                form_read(&then, &form);
    for (size_t i = 0; read && i < form.fields_n; i++) {
        const struct obj *ref = form.fields[i].v;
        if (field_is_signature(&form.fields[i]) && ref->kind == O_REF && ref->ref.num == s->out.object) {
            s->out.field = arena_sv(v->a, form.fields[i].name);
            s->out.revision = sv_sub(v->bytes, 0, s->end);
        }
    }
    if (s->end)
        doc_close(&then);
}

/* Signed to the last byte, and fine: then it was written so, and nobody can say what it shows. */
static bool was_signed_so(const struct verifying *v)
{
    struct sv rest = sv_skip(v->bytes, v->sigs[v->n - 1].end);
    for (size_t i = 0; i < v->n; i++) {
        if (v->sigs[i].out.integrity < PDF_UNSUPPORTED)
            return false;
    }
    return rest.n <= 4 && sv_trim(rest).n == 0;
}

/* The structure is destroyed, but there are signatures in the bytes: what they say is worth more than "unreadable".
 * None of them can be better than CHANGED. */
static void verify_bytes(struct verifying *v, const char *problem)
{
    struct pdf_report *r = v->r;
    reasons_add(v->a, &r->reasons, true, "unreadable", v->doc.problem_object, "%s", problem);
    r->integrity = PDF_UNREADABLE;
    scan_signatures(v);
    if (!v->n)
        return;
    qsort(v->sigs, v->n, sizeof(*v->sigs), by_end);
    sigs_check_nesting(v);
    for (size_t i = v->n; i-- > 0;) {
        struct sig *s = &v->sigs[i];
        describe(v, s);
        name_field(v, s);
        if (s->end)
            sig_check_crypto(v, s);
    }
    if (was_signed_so(v))
        return;
    for (size_t i = 0; i < v->n; i++)
        sig_spoil(v, &v->sigs[i], PDF_CHANGED, "unreadable", 0, "the file around it cannot be read: %s", problem);
    summarise(v);
}

static void verify_open(struct verifying *v)
{
    if (!form_read(&v->doc, &v->form)) {
        verify_bytes(v, v->doc.problem ? v->doc.problem : "malformed form");
        return;
    }
    if (v->doc.repair)
        reasons_add(v->a, &v->r->reasons, false, "repaired", 0, "%s", v->doc.repair);
    collect_signatures(v);
    dss_take(v);
    scan_hidden(v);
    if (v->n) /* fields need not stand in the order in which they were signed */
        qsort(v->sigs, v->n, sizeof(*v->sigs), by_end);
    sigs_check_nesting(v);
    scan_shadows(v);
    revisions_check(v);
    for (size_t i = v->n; i-- > 0;) {
        if (v->sigs[i].end)
            sig_check_crypto(v, &v->sigs[i]);
    }
    summarise(v);
}

static void verifying_done(struct verifying *v)
{
    doc_close(&v->doc);
}

static bool read_anchors(struct verifying *v, struct err *e)
{
    for (size_t i = 0; i < v->o->trust_n; i++) {
        struct certs some = {0};
        if (!certs_parse(v->a, v->o->trust_pem[i], &some, e))
            return err_wrap(e, "trust anchors");
        for (size_t k = 0; k < some.n; k++)
            certs_add(v->a, &v->anchors, some.v[k]);
    }
    for (size_t i = 0; v->o->anchors && i < v->o->anchors->n; i++)
        certs_add(v->a, &v->anchors, v->o->anchors->v[i]);
    for (size_t i = 0; i < v->o->crls_n; i++)
        der_list_add(v->a, &v->given.crls, v->o->crls[i]);
    for (size_t i = 0; i < v->o->ocsps_n; i++)
        der_list_add(v->a, &v->given.ocsps, v->o->ocsps[i]);
    if (!v->ltv)
        return true;
    for (size_t i = 0; i < v->ltv->o->anchors.n; i++)
        certs_add(v->a, &v->anchors, v->ltv->o->anchors.v[i]);
    ltv_data_add(v->a, &v->given, &v->ltv->o->help);
    return true;
}

bool verify_run(struct arena *a, struct sv bytes, const struct pdf_verify_options *o, struct ltv_work *ltv,
                struct pdf_report *ret, struct err *e)
{
    CLEANUP(verifying_done)
    struct verifying v = {
            .a = a, .bytes = bytes, .o = o, .r = ret, .ltv = ltv, .hidden = PDF_INTACT, .chains = chain_cache_new(a)};
    *ret = (struct pdf_report){.integrity = PDF_UNSIGNED, .trust = PDF_TRUST_INDETERMINATE};
    if (!read_anchors(&v, e))
        return false;
    if (!doc_open_with(&v.doc, bytes, o->password)) {
        verify_bytes(&v, v.doc.problem);
    } else if (v.doc.lock) {
        bool password = v.doc.lock == DOC_PASSWORD;
        ret->integrity = PDF_UNSUPPORTED;
        reasons_add(a, &ret->reasons, true, password ? "encrypted" : "encryption_unknown", 0, "%s",
                    password ? "the password is missing or wrong" : "encrypted in a way that is not supported");
    } else {
        verify_open(&v);
    }
    ret->verdict = verdict_of(ret);
    return true;
}

bool pdf_verify(struct arena *a, struct sv bytes, const struct pdf_verify_options *o, struct pdf_report *ret,
                struct err *e)
{
    return verify_run(a, bytes, o, NULL, ret, e);
}

int pdf_report_exit(const struct pdf_report *r)
{
    static const int codes[] = {[PDF_INVALID] = 1,
                                [PDF_VERDICT_UNREADABLE] = 3,
                                [PDF_VERDICT_UNSIGNED] = 3,
                                [PDF_INDETERMINATE] = 2,
                                [PDF_VALID] = 0};
    return codes[r->verdict];
}

/* ---- the check after signing ---- */

static const struct pdf_signature *find_signature(const struct pdf_report *r, struct sv field)
{
    for (size_t i = 0; i < r->signatures_n; i++) {
        if (sv_eq(r->signatures[i].field, field))
            return &r->signatures[i];
    }
    return NULL;
}

static bool selfcheck_failed(struct err *e, const struct pdf_signature *s)
{
    struct sv why = SV("no reason");
    for (size_t i = s->reasons.n; i-- > 0;) {
        if (s->reasons.items[i].bad)
            why = s->reasons.items[i].detail;
    }
    return err_user(e, ERR_INTERNAL, "pdf_selfcheck", NULL, "finished file: \"%.*s\" is %s: %.*s", SV_ARG(s->field),
                    pdf_integrity_name(s->integrity), SV_ARG(why));
}

/* The input and the update behind it, compared piece by piece. */
static bool is_prepared(const struct pdf_prepared *p, struct sv finished)
{
    struct pieces in = {.rest = p->input, .reader = p->reader}, out = {.rest = finished, .reader = p->reader};
    struct sv x, y;
    while (pieces_next(&in, &x)) {
        out.rest = sv_skip(finished, (size_t)(x.p - p->input.p));
        if (!pieces_next(&out, &y) || !sv_starts(y, x))
            return false;
    }
    return finished.n == p->input.n + p->update.n && sv_ends(finished, p->update);
}

bool pdf_sign_check(struct arena *a, const struct pdf_prepared *p, struct sv finished, struct err *e)
{
    const struct pdf_verify_options o = {.at = clock_now(&clock_system), .password = p->password, .reader = p->reader};
    struct pdf_report before, after;
    if (!is_prepared(p, finished))
        return err_user(e, ERR_INTERNAL, "pdf_selfcheck", NULL,
                        "finished file: not the input and the update behind it");
    if (!pdf_verify(a, finished, &o, &after, e))
        return false;
    const struct pdf_signature *own = find_signature(&after, p->field);
    if (!own)
        return err_user(e, ERR_INTERNAL, "pdf_selfcheck", NULL, "finished file: the signature is not found");
    if (own->integrity != PDF_INTACT || own->coverage != PDF_COVERS_WHOLE)
        return selfcheck_failed(e, own);
    if (after.integrity == PDF_INTACT)
        return true;
    if (!pdf_verify(a, p->input, &o, &before, e))
        return false;
    for (size_t i = 0; i < before.signatures_n; i++) {
        const struct pdf_signature *was = &before.signatures[i], *is = find_signature(&after, was->field);
        if (!is || is->integrity < was->integrity)
            return selfcheck_failed(e, is ? is : was);
    }
    return true;
}

/* ---- names ---- */

static const char *const integrity_names[] = {
#define X(name) [PDF_##name] = #name,
        PDF_INTEGRITIES(X)
#undef X
};

const char *pdf_integrity_name(enum pdf_integrity v)
{
    return integrity_names[v];
}

const char *pdf_trust_name(enum pdf_trust v)
{
    static const char *const names[] = {"FAILED", "INDETERMINATE", "PASSED"};
    return names[v];
}

const char *pdf_verdict_name(enum pdf_verdict v)
{
    static const char *const names[] = {"invalid", "unreadable", "unsigned", "indeterminate", "valid"};
    return names[v];
}

const char *pdf_sig_kind_name(enum pdf_sig_kind v)
{
    static const char *const names[] = {"certification", "approval", "doctimestamp"};
    return names[v];
}

const char *pdf_coverage_name(enum pdf_coverage v)
{
    static const char *const names[] = {"partial", "revision", "whole"};
    return names[v];
}

const char *pdf_level_name(enum pdf_level v)
{
    static const char *const names[] = {"", "B-B", "B-T", "B-LT", "B-LTA"};
    return names[v];
}
