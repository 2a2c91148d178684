/* What the worker is shown: the terms in plain words, the notice, the drawing that was kept. */
#include "contract/ceremony_priv.h"
#include "contract/contract_fields.h"
#include "crypto/digest.h"
#include "party/idnum.h"
#include "json/json.h"

#define NOTICE "electronic-form"

bool ceremony_notice_make(struct contracts *c, struct arena *a, const struct contract_parties *p,
                          struct ceremony_notice *ret, struct err *e)
{
    struct typeset_template t;
    const struct typeset_field fields[] = {
            {SV("employer_name"), p->enterprise.name         },
            {SV("worker_name"),   p->worker.name             },
            {SV("platform_name"), c->s.platform_name         },
            {SV("help_phone"),    p->enterprise.contact_phone}
    };
    if (!template_find(a, SV(NOTICE), &t, e) || !template_html(a, &t, fields, COUNT(fields), &ret->html, e))
        return err_wrap(e, "notice");
    struct digest d = digest_of(DIGEST_SHA256, ret->html);
    ret->sha256 = digest_hex(a, &d);
    ret->version = t.name;
    ret->title = t.title;
    return true;
}

/* One line of the plain words: shown when its condition field has a value. Words: "sign.term.<name>.label" and
 * ".value", whose {placeholders} are template fields. */
static const struct {
    const char *name;
    const char *when;
} term_rows[] = {
        {"employer",      "employer_name"    },
        {"period",        "term_start"       },
        {"probation",     "probation_start"  },
        {"no_probation",  NULL               }, /* when there is none */
        {"post",          "post"             },
        {"place",         "work_place"       },
        {"wage",          "wage_amount"      },
        {"probation_pay", "probation_wage"   },
        {"pay_day",       "pay_day"          },
        {"hours",         "hours_weekly"     },
        {"insurance",     "insurance_schemes"},
};

static struct sv words(struct arena *a, enum text_lang lang, const char *name, const char *part,
                       const struct text_param *params, size_t n)
{
    struct sv key = arena_printf(a, "sign.term.%s.%s", name, part);
    return text_has(TEXT_ZH_CN, key) ? text_format(a, lang, key, params, n) : SV("");
}

static void plain_words(struct arena *a, const struct contract_data *data, enum text_lang lang, struct ceremony *ret)
{
    const struct typeset_field *fields;
    size_t n;
    contract_fields(a, data, &fields, &n);
    struct text_param *params = arena_array(a, struct text_param, n + 1);
    for (size_t i = 0; i < n; i++)
        params[i] = (struct text_param){arena_cstr(a, fields[i].name), fields[i].value};
    ret->terms = arena_array(a, struct ceremony_term, COUNT(term_rows));
    for (size_t i = 0; i < COUNT(term_rows); i++) {
        const char *when = term_rows[i].when ? term_rows[i].when : "probation_start";
        bool present = contract_field(fields, n, sv_from(when)).n > 0;
        if (present != (term_rows[i].when != NULL))
            continue;
        ret->terms[ret->terms_n++] = (struct ceremony_term){words(a, lang, term_rows[i].name, "label", params, n),
                                                            words(a, lang, term_rows[i].name, "value", params, n),
                                                            words(a, lang, term_rows[i].name, "note", params, n)};
    }
}

struct loaded {
    struct contract k;
    struct contract_parties parties;
    struct ceremony_row row;
    struct contract_revision document;
    struct contract_signature *signatures;
    size_t signatures_n;
    bool code_sent;
    int64_t code_expires_at, code_resend_after;
};

static bool load(struct contracts *c, struct arena *a, const struct actor *actor, struct loaded *l, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    if (!tx_begin(c->s.db, TX_READ, &tx, e) || !contract_load(c, tx, a, actor, actor->contract_id, &l->k, e) ||
        !contract_load_parties(c, tx, a, &l->k, &l->parties, e) || !ceremony_load(tx, a, l->k.row.id, &l->row, e) ||
        !contract_find_revision(tx, a, l->k.row.id, SV("sent"), &l->document, e) ||
        !contract_signatures(tx, a, l->k.row.id, &l->signatures, &l->signatures_n, e))
        return false;
    if (l->k.row.state == CONTRACT_WORKER_STAMPING && !contract_waiting(tx, a, l->k.row.id, &l->k.row.waiting, e))
        return false;
    l->code_sent = code_status(c->s.party, tx, a, ceremony_code_subject(a, l->k.row.id), &l->code_expires_at,
                               &l->code_resend_after, e);
    if (!l->code_sent && e->code != ERR_NOT_FOUND)
        return false;
    err_clear(e);
    return true;
}

bool ceremony_get(struct contracts *c, struct arena *a, const struct actor *actor, enum text_lang lang,
                  struct ceremony *ret, struct err *e)
{
    struct loaded l = {0};
    struct ceremony_notice notice;
    struct contract_data data;
    *ret = (struct ceremony){0};
    if (!load(c, a, actor, &l, e) || !ceremony_notice_make(c, a, &l.parties, &notice, e) ||
        !contract_data_decode(a, l.k.data_json, &data, e))
        return err_wrap(e, "ceremony");
    contract_complete(a, &l.k, &l.parties, date_beijing(l.k.sent_at), &data);
    ret->step = ceremony_step_of(l.k.row.state, &l.row);
    ret->row = l.k.row;
    ret->worker_name_masked = idnum_mask_name(a, l.parties.worker.name);
    ret->phone_masked = idnum_mask_phone(a, l.parties.worker.phone);
    ret->document_sha256 = l.document.sha256;
    ret->pages = l.document.pages;
    ret->notice_version = notice.version;
    ret->notice_title = notice.title;
    ret->notice_html = notice.html;
    ret->notice_sha256 = notice.sha256;
    if (l.code_sent && ret->step == CEREMONY_sign) {
        ret->code_expires_at = l.code_expires_at;
        ret->code_resend_after = l.code_resend_after;
    }
    for (size_t i = 0; i < l.signatures_n; i++) {
        if (sv_eq(l.signatures[i].role, SV("worker")))
            ret->signed_at = l.signatures[i].at;
    }
    /* nor its terms, once a link has served its purpose */
    if (actor->role == ROLE_WORKER || ret->step < CEREMONY_stamping)
        plain_words(a, &data, lang, ret);
    return true;
}

/* ---- the drawing ---- */

static bool number_of(const struct json_value *v, const char *key, double *ret)
{
    const struct json_value *n = json_get(v, sv_from(key));
    if (!n || (n->type != JSON_IS_INT && n->type != JSON_IS_REAL))
        return false;
    *ret = n->real;
    return true;
}

static bool decode_stroke(struct arena *a, const struct json_value *v, struct typeset_stroke *ret)
{
    size_t n = json_count(v);
    struct typeset_point *points = arena_array(a, struct typeset_point, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct json_value *p = json_at(v, i);
        if (!number_of(p, "x", &points[i].x) || !number_of(p, "y", &points[i].y))
            return false;
        if (!number_of(p, "t", &points[i].t_ms))
            points[i].t_ms = 0;
        if (!number_of(p, "p", &points[i].pressure))
            points[i].pressure = -1;
    }
    *ret = (struct typeset_stroke){points, n};
    return true;
}

bool ceremony_decode_drawing(struct arena *a, struct sv json, struct typeset_ink *ret, struct err *e)
{
    const struct json_value *v;
    *ret = (struct typeset_ink){0};
    if (!json_read(a, json, CEREMONY_DRAWING_LIMIT, &v, e))
        return err_wrap(e, "drawing");
    const struct json_value *strokes = json_get(v, SV("strokes"));
    size_t n = json_count(strokes);
    if (n > INK_MAX_STROKES)
        return err_user(e, ERR_BAD_INPUT, "drawing_too_large", "/drawing/strokes", "%zu strokes", n);
    struct typeset_stroke *list = arena_array(a, struct typeset_stroke, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (!decode_stroke(a, json_at(strokes, i), &list[i]))
            return err_user(e, ERR_BAD_INPUT, "drawing_malformed", "/drawing/strokes", "stroke %zu", i);
    }
    ret->strokes = list;
    ret->n = n;
    return true;
}
