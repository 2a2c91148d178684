/* From rows to pages: the data of a contract completed with its parties, rendered; the enterprise's seal. */
#include "contract/contract_fields.h"
#include "contract/contract_priv.h"

void contract_complete(struct arena *a, const struct contract *k, const struct contract_parties *p, struct date today,
                       struct contract_data *data)
{
    struct sv template = k->row.template;
    struct contract_header *h = &data->header;
    uint64_t version;
    h->contract_no = k->row.number;
    h->template_id = sv_cut(&template, '@');
    h->template_version = sv_u64(template, 1000000, &version) ? (int64_t)version : 0;
    h->form = CONTRACT_FORM_ELECTRONIC;
    if (!h->language.n)
        h->language = SV("zh-CN");
    if (!date_is_set(h->sign_date))
        h->sign_date = today;
    struct contract_employer *m = &data->employer;
    m->name = p->enterprise.name;
    m->uscc = p->enterprise.uscc;
    m->domicile = p->enterprise.domicile;
    m->legal_representative = p->enterprise.legal_representative;
    m->contact_name = p->enterprise.contact_name;
    m->contact_phone = p->enterprise.contact_phone;
    m->registered_area = p->enterprise.area_code;
    if (!m->performance_area.n)
        m->performance_area = p->enterprise.area_code;
    struct contract_worker *w = &data->worker;
    w->name = p->worker.name;
    w->id_type = CONTRACT_ID_RESIDENT_ID;
    w->id_number = p->worker.id_number;
    w->sex = sv_eq(p->worker.sex, SV("male")) ? CONTRACT_SEX_MALE : CONTRACT_SEX_FEMALE;
    w->phone = p->worker.phone;
    w->current_address = p->worker.address;
    if (!w->service_address.n)
        w->service_address = p->worker.address;
    if (!date_parse(p->worker.birth_date, &w->birth_date))
        w->birth_date = (struct date){0};
    (void)a;
}

bool contract_render(struct contracts *c, struct arena *a, const struct contract *k, const struct contract_data *data,
                     bool blanks, int64_t created_at, struct typeset_document *ret, struct err *e)
{
    struct typeset_template template;
    struct typeset_input in = {.template = &template,
                               .created_at = created_at,
                               .producer = c->s.producer,
                               .number = k->row.number,
                               .blanks = blanks};
    if (!template_find(a, k->row.template, &template, e))
        return err_wrap(e, "render %.*s", SV_ARG(k->row.number));
    contract_fields(a, data, &in.fields, &in.fields_n);
    in.verify_url = arena_printf(a, "%.*s/h5/verify?n=%.*s", SV_ARG(c->s.public_url), SV_ARG(k->row.number));
    if (!typeset_render(c->s.typeset, a, &in, ret, e))
        return err_wrap(e, "render %.*s", SV_ARG(k->row.number));
    return true;
}

bool contract_seal_drawing(struct contracts *c, struct arena *a, const struct enterprise *enterprise,
                           struct typeset_drawing *ret, struct err *e)
{
    struct typeset_seal seal = {.name = enterprise->name, .line = enterprise->seal_name, .code = enterprise->seal_code};
    return typeset_seal_draw(c->s.typeset, a, &seal, ret, e);
}
