/* Reading templates: front matter, the declared fields, and the check that the body uses only those; see template.h. */
#include "typeset/template.h"

#include <string.h>

#include "typeset/template_priv.h"

extern const struct embed_set embedded_templates;

static const char *const type_names[] = {"text", "lines", "flag", "date", "money", "number"};
_Static_assert(COUNT(type_names) == TEMPLATE_TYPE__N, "a name for each type");

static bool broken(struct err *e, int line, const char *what)
{
    return err_user(e, ERR_BAD_INPUT, "template_broken", NULL, "template line %d: %s", line, what);
}

static bool is_name(struct sv s, bool dashes)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == (dashes ? '-' : '_')))
            return false;
    }
    return s.n > 0 && s.n <= 60;
}

const struct template_field *template_field_of(const struct typeset_template *t, struct sv name)
{
    for (size_t i = 0; i < t->fields_n; i++) {
        if (sv_eq(t->fields[i].name, name))
            return &t->fields[i];
    }
    return NULL;
}

/* "  name: type[, optional], label" */
static bool parse_field(struct sv line, int number, struct template_field *ret, struct err *e)
{
    ret->name = sv_trim(sv_cut(&line, ':'));
    struct sv type = sv_trim(sv_cut(&line, ','));
    if (!is_name(ret->name, false))
        return broken(e, number, "a field's name is lower case letters, digits and '_'");
    size_t at = 0;
    while (at < TEMPLATE_TYPE__N && !sv_eq(type, sv_from(type_names[at])))
        at++;
    if (at == TEMPLATE_TYPE__N)
        return broken(e, number, "unknown field type");
    ret->type = (enum template_type)at;
    line = sv_trim(line);
    ret->required = true;
    if (sv_starts(line, SV("optional,"))) {
        ret->required = false;
        sv_cut(&line, ',');
    }
    ret->label = sv_trim(line);
    return ret->label.n || broken(e, number, "a field needs a label");
}

static bool parse_key(struct arena *a, struct typeset_template *t, struct sv line, int number, struct err *e)
{
    struct sv key = sv_trim(sv_cut(&line, ':')), value = sv_trim(line);
    const struct {
        struct sv key;
        struct sv *to;
    } keys[] = {
            {SV_INIT("id"),       &t->id      },
            {SV_INIT("title"),    &t->title   },
            {SV_INIT("subtitle"), &t->subtitle},
            {SV_INIT("language"), &t->language},
            {SV_INIT("kind"),     &t->kind    },
    };
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (sv_eq(key, keys[i].key)) {
            *keys[i].to = value;
            return true;
        }
    }
    uint64_t version = 0;
    if (!sv_eq(key, SV("version")) || !sv_u64(value, 9999, &version) || version == 0)
        return broken(e, number, "front matter: id, version (from 1), title, subtitle, language, kind or fields");
    t->version = (int)version;
    (void)a;
    return true;
}

static bool parse_front(struct arena *a, struct sv *text, struct typeset_template *t, struct err *e)
{
    struct template_field *fields = arena_array(a, struct template_field, TEMPLATE_MAX_FIELDS);
    bool in_fields = false;
    int number = 1;
    t->fields = fields;
    if (!sv_eq(sv_trim(sv_cut(text, '\n')), SV("---")))
        return broken(e, number, "a template begins with ---");
    for (;;) {
        if (text->n == 0)
            return broken(e, number, "the front matter is not closed by ---");
        struct sv line = sv_cut(text, '\n');
        number++;
        if (sv_eq(sv_trim(line), SV("---")))
            break;
        if (sv_trim(line).n == 0)
            continue;
        if (sv_eq(sv_trim(line), SV("fields:"))) {
            in_fields = true;
            continue;
        }
        if (!in_fields) {
            if (!parse_key(a, t, line, number, e))
                return false;
            continue;
        }
        struct template_field field;
        if (t->fields_n == TEMPLATE_MAX_FIELDS)
            return broken(e, number, "too many fields");
        if (!parse_field(line, number, &field, e))
            return false;
        if (template_field_of(t, field.name))
            return broken(e, number, "a field is declared twice");
        fields[t->fields_n++] = field;
    }
    t->body = *text;
    t->body_line = number + 1;
    return true;
}

bool template_parse(struct arena *a, struct sv text, struct typeset_template *ret, struct err *e)
{
    struct typeset_template t = {0};
    if (text.n > TEMPLATE_MAX_BYTES || !sv_is_utf8(text))
        return broken(e, 1, "not UTF-8 text of a sensible length");
    if (!parse_front(a, &text, &t, e))
        return false;
    if (!is_name(t.id, true) || t.version == 0 || t.title.n == 0 || t.kind.n == 0)
        return broken(e, 1, "id, version, title and kind are needed");
    if (t.language.n == 0)
        t.language = SV("zh-CN");
    t.name = arena_printf(a, "%.*s@%d", SV_ARG(t.id), t.version);
    if (!template_check(a, &t, e))
        return false;
    *ret = t;
    return true;
}

static bool find_named(struct arena *a, struct sv id, uint64_t version, struct typeset_template *ret, bool *found,
                       struct err *e)
{
    *found = false;
    for (size_t i = 0; i < embedded_templates.n; i++) {
        struct typeset_template t;
        if (!template_parse(a, embed_data(&embedded_templates.files[i]), &t, e))
            return err_wrap(e, "%s", embedded_templates.files[i].path);
        if (!sv_eq(t.id, id) || (version && (uint64_t)t.version != version) || (*found && t.version < ret->version))
            continue;
        *ret = t;
        *found = true;
    }
    return true;
}

bool template_find(struct arena *a, struct sv name, struct typeset_template *ret, struct err *e)
{
    struct sv rest = name, id = sv_cut(&rest, '@');
    uint64_t version = 0;
    bool found = false;
    bool wanted = id.n < name.n;
    if (is_name(id, true) && (!wanted || (sv_u64(rest, 9999, &version) && version)) &&
        !find_named(a, id, version, ret, &found, e))
        return false;
    return found || err_user(e, ERR_NOT_FOUND, "template_unknown", NULL, "no template \"%.*s\"", SV_ARG(name));
}

static void sort_names(struct sv *names, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t k = i; k > 0 && sv_cmp(names[k - 1], names[k]) > 0; k--) {
            struct sv other = names[k];
            names[k] = names[k - 1];
            names[k - 1] = other;
        }
    }
}

void template_list(struct arena *a, const struct sv **ret_names, size_t *ret_n)
{
    struct sv *names = arena_array(a, struct sv, embedded_templates.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < embedded_templates.n; i++) {
        struct typeset_template t;
        struct err e = ERR_INIT;
        if (template_parse(a, embed_data(&embedded_templates.files[i]), &t, &e))
            names[n++] = t.name;
    }
    sort_names(names, n);
    *ret_names = names;
    *ret_n = n;
}

bool template_load(struct arena *a, const char *name_or_path, struct typeset_template *ret, struct err *e)
{
    struct sv text;
    if (!strchr(name_or_path, '/') && !file_exists(name_or_path))
        return template_find(a, sv_from(name_or_path), ret, e);
    return file_read(a, name_or_path, TEMPLATE_MAX_BYTES, &text, e) && template_parse(a, text, ret, e);
}
