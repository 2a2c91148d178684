/* Changes weighed against what the signatures before them permit (ISO 32000-2 12.8.2.2 and 12.8.2.4). */
#include "pdf/verify_priv.h"

static void apply_change(struct verifying *v, struct sig *s, const struct permissions *p, const struct change *c)
{
    bool locked = c->field.n && permissions_locked(p, c->field);
    bool allowed = c->level == CHANGE_ALWAYS || (c->level == CHANGE_FORM && p->p >= 2) ||
                   (c->level == CHANGE_ANNOT && p->p >= 3) ||
                   (c->level == CHANGE_UNCERTIFIED && p->p >= 3 && !p->certified);
    if (allowed && !locked)
        reasons_add(v->a, &s->out.reasons, false, c->code, c->object, "%.*s", SV_ARG(c->detail));
    else
        sig_spoil(v, s, PDF_CHANGED,
                  locked && allowed                     ? "locked_field"
                  : allowed || c->level == CHANGE_NEVER ? c->code
                                                        : "not_permitted",
                  c->object, "%.*s", SV_ARG(c->detail));
}

/* At most one certification, and it should be the first signature. */
static void check_certifications(struct verifying *v)
{
    size_t before = 0, certified = 0;
    for (size_t i = 0; i < v->n; i++) {
        struct sig *s = &v->sigs[i];
        if (!s->end || s->out.kind == PDF_DOCTIMESTAMP)
            continue;
        bool certifies = s->asks.certified;
        if (certifies && certified++)
            sig_spoil(v, s, PDF_CHANGED, "two_certifications", s->out.object, "another signature certifies already");
        else if (certifies && before)
            reasons_add(v->a, &s->out.reasons, false, "certified_later", s->out.object,
                        "%zu other signatures came before", before);
        before++;
    }
}

/* What the signature asks for from now on. */
static void add_permissions(struct verifying *v, struct sig *s, struct permissions *p)
{
    if (s->asks.asked > p->p)
        reasons_add(v->a, &s->out.reasons, false, "lock_raised", s->out.object,
                    "asks for level %d, and the level was %d", s->asks.asked, p->p);
    permissions_join(v->a, p, &s->asks);
}

void judge_changes(struct verifying *v)
{
    struct permissions p = PERMISSIONS_INIT;
    check_certifications(v);
    for (size_t step = 0; step <= v->steps_n; step++) {
        for (size_t i = 0; i < v->n; i++) {
            if (v->sigs[i].end && v->sigs[i].step == step)
                add_permissions(v, &v->sigs[i], &p);
        }
        for (size_t i = 0; step < v->steps_n && i < v->n; i++) {
            struct sig *s = &v->sigs[i];
            for (size_t k = 0; s->end && s->step <= step && k < v->steps[step].n; k++)
                apply_change(v, s, &p, &v->steps[step].changes[k]);
        }
    }
}
