/* Conditions and values: the body of a template becomes plain Markdown in which every value stands escaped between
 * marks. */
#include <stdio.h>

#include "typeset/template.h"
#include "typeset/template_priv.h"

#define MAX_DEPTH    8
#define MAX_NAMED    7 /* missing fields that fit into one message */
#define MAX_EXPANDED ((size_t)1 << 20)

enum token_kind { TOKEN_TEXT, TOKEN_FIELD, TOKEN_IF, TOKEN_UNLESS, TOKEN_ELSE, TOKEN_END, TOKEN_DIRECTIVE, TOKEN_BAD };

struct token {
    enum token_kind kind;
    struct sv text; /* the text, or the name */
    int line;
};

/* Steps over the body; a control token alone on its line takes the whole line with it. */
struct scanner {
    struct sv rest;
    int line;
    bool line_start;
};

static void count_lines(struct scanner *s, struct sv text)
{
    for (size_t i = 0; i < text.n; i++)
        s->line += text.p[i] == '\n';
    if (text.n)
        s->line_start = text.p[text.n - 1] == '\n';
}

static bool is_control(enum token_kind kind)
{
    return kind == TOKEN_IF || kind == TOKEN_UNLESS || kind == TOKEN_ELSE || kind == TOKEN_END;
}

static struct token classify(struct sv inner)
{
    struct token t = {.kind = TOKEN_FIELD, .text = inner};
    if (sv_starts(inner, SV("#if "))) {
        t.kind = TOKEN_IF;
        t.text = sv_trim(sv_skip(inner, 4));
    } else if (sv_starts(inner, SV("#unless "))) {
        t.kind = TOKEN_UNLESS;
        t.text = sv_trim(sv_skip(inner, 8));
    } else if (sv_eq(inner, SV("#else"))) {
        t.kind = TOKEN_ELSE;
    } else if (sv_eq(inner, SV("/if")) || sv_eq(inner, SV("/unless"))) {
        t.kind = TOKEN_END;
    } else if (sv_starts(inner, SV("@"))) {
        t.kind = TOKEN_DIRECTIVE;
        t.text = sv_skip(inner, 1);
    }
    return t;
}

static struct token next_token(struct scanner *s)
{
    size_t open = sv_find(s->rest, SV("{{"));
    size_t n = open == SIZE_MAX ? s->rest.n : open;
    struct token t = {.kind = TOKEN_TEXT, .text = sv_sub(s->rest, 0, n), .line = s->line};
    if (n > 0) {
        count_lines(s, t.text);
        s->rest = sv_skip(s->rest, n);
        return t;
    }
    size_t close = sv_find(s->rest, SV("}}"));
    if (close == SIZE_MAX || close > 200)
        return (struct token){.kind = TOKEN_BAD, .line = s->line};
    t = classify(sv_trim(sv_sub(s->rest, 2, close - 2)));
    t.line = s->line;
    s->rest = sv_skip(s->rest, close + 2);
    if (is_control(t.kind) && s->line_start && s->rest.n && s->rest.p[0] == '\n') {
        s->rest = sv_skip(s->rest, 1);
        s->line++;
    } else {
        s->line_start = false;
    }
    return t;
}

static bool broken(struct err *e, const struct token *t, const char *what)
{
    return err_user(e, ERR_BAD_INPUT, "template_broken", NULL, "template line %d: %s \"%.*s\"", t->line, what,
                    (int)t->text.n, t->text.p ? t->text.p : "");
}

static const struct typeset_field *value_of(const struct typeset_field *fields, size_t n, struct sv name)
{
    for (size_t i = 0; i < n; i++) {
        if (sv_eq(fields[i].name, name))
            return &fields[i];
    }
    return NULL;
}

/* Characters that have no place in a value: controls, invisible format characters (they can reorder or hide what is
 * read), private use, non-characters. */
static bool is_forbidden(uint32_t c)
{
    static const struct {
        uint32_t from, to;
    } ranges[] = {
            {0x00,   0x08  },
            {0x0B,   0x0C  },
            {0x0E,   0x1F  },
            {0x7F,   0x9F  },
            {0xAD,   0xAD  },
            {0x61C,  0x61C },
            {0x180B, 0x180F},
            {0x200B, 0x200F},
            {0x2028, 0x202E},
            {0x2060, 0x206F},
            {0xE000, 0xF8FF},
            {0xFE00, 0xFE0F},
            {0xFEFF, 0xFEFF},
            {0xFFF0, 0xFFFB},
    };
    for (size_t i = 0; i < COUNT(ranges); i++) {
        if (c >= ranges[i].from && c <= ranges[i].to)
            return true;
    }
    return c >= 0xE0000 || (c & 0xFFFE) == 0xFFFE;
}

static bool check_value(const struct typeset_field *f, struct err *e)
{
    char pointer[96];
    struct sv rest = f->value;
    snprintf(pointer, sizeof(pointer), "/%.*s", SV_ARG(f->name));
    if (f->value.n > TEMPLATE_MAX_VALUE)
        return err_user(e, ERR_TOO_LARGE, "contract_text_too_long", pointer, "%s has %zu bytes", pointer, f->value.n);
    if (!sv_is_utf8(f->value))
        return err_user(e, ERR_BAD_INPUT, "contract_character_unknown", pointer, "%s is not UTF-8", pointer);
    while (rest.n) {
        uint32_t c = sv_next_char(&rest);
        if (is_forbidden(c))
            return err_user(e, ERR_REFUSED, "contract_character_unknown", pointer, "%s holds U+%04X", pointer, c);
    }
    return true;
}

static void add_escaped(struct buf *out, struct sv text, enum template_type type)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool punctuation = (c >= 0x21 && c <= 0x2F) || (c >= 0x3A && c <= 0x40) || (c >= 0x5B && c <= 0x60) ||
                           (c >= 0x7B && c <= 0x7E);
        if (c == '\r')
            continue;
        if (c == '\n') {
            buf_add(out, type == TEMPLATE_LINES ? SV(MARK_END "\n\n" MARK_VALUE) : SV("；"));
            continue;
        }
        if (punctuation)
            buf_add_char(out, '\\');
        buf_add_char(out, c == '\t' ? ' ' : (char)c);
    }
}

static void add_value(struct buf *out, const struct template_field *field, struct sv value)
{
    bool unbroken = field->type == TEMPLATE_DATE || field->type == TEMPLATE_NUMBER;
    buf_add(out, unbroken ? SV(MARK_UNBROKEN) : SV(MARK_VALUE));
    add_escaped(out, value, field->type);
    buf_add(out, SV(MARK_END));
}

struct level {
    bool on;  /* this branch is shown, seen alone */
    bool was; /* {{#else}} has been met */
};

struct expander {
    const struct typeset_template *t;
    const struct typeset_field *fields;
    size_t fields_n;
    struct buf *out;
    struct template_expansion *result;
    struct level levels[MAX_DEPTH];
    size_t depth;
    struct sv rest; /* of the body, behind the token at hand */
    bool all;       /* check: every branch is walked */
};

static bool is_on(const struct expander *x)
{
    for (size_t i = 0; i < x->depth; i++) {
        if (!x->levels[i].on && !x->all)
            return false;
    }
    return true;
}

static void note_missing(struct expander *x, const struct template_field *field)
{
    for (size_t i = 0; i < x->result->missing_n; i++) {
        if (x->result->missing[i] == field)
            return;
    }
    x->result->missing[x->result->missing_n++] = field;
}

static bool do_field(struct expander *x, const struct token *t, struct err *e)
{
    const struct template_field *field = template_field_of(x->t, t->text);
    if (!field)
        return broken(e, t, "no such field is declared:");
    if (field->type == TEMPLATE_FLAG)
        return broken(e, t, "a flag cannot be printed:");
    if (!is_on(x))
        return true;
    const struct typeset_field *given = value_of(x->fields, x->fields_n, t->text);
    struct sv value = given ? sv_trim(given->value) : (struct sv){0};
    if (given && !check_value(given, e))
        return false;
    /* Whoever filled it in may have ended the sentence, as the template does. */
    while (field->type == TEMPLATE_TEXT && sv_starts(x->rest, SV("。")) && sv_ends(value, SV("。")))
        value.n -= sizeof("。") - 1;
    if (value.n)
        add_value(x->out, field, value);
    else if (!field->required)
        buf_add(x->out, SV("／"));
    else
        buf_add(x->out, SV(MARK_BLANK));
    if (!value.n && field->required)
        note_missing(x, field);
    return true;
}

static bool do_open(struct expander *x, const struct token *t, struct err *e)
{
    if (!template_field_of(x->t, t->text))
        return broken(e, t, "no such field is declared:");
    if (x->depth == MAX_DEPTH)
        return broken(e, t, "conditions are nested too deeply at");
    const struct typeset_field *given = value_of(x->fields, x->fields_n, t->text);
    bool set = given && sv_trim(given->value).n > 0;
    x->levels[x->depth++] = (struct level){.on = set == (t->kind == TOKEN_IF)};
    return true;
}

static bool do_token(struct expander *x, const struct token *t, struct err *e)
{
    struct level *top = x->depth ? &x->levels[x->depth - 1] : NULL;
    switch (t->kind) {
    case TOKEN_TEXT:
        if (is_on(x))
            buf_add(x->out, t->text);
        return true;
    case TOKEN_FIELD:
        return do_field(x, t, e);
    case TOKEN_IF:
    case TOKEN_UNLESS:
        return do_open(x, t, e);
    case TOKEN_ELSE:
        if (!top || top->was)
            return broken(e, t, "{{#else}} without a condition");
        *top = (struct level){.on = !top->on, .was = true};
        return true;
    case TOKEN_END:
        if (!top)
            return broken(e, t, "{{/if}} without a condition");
        x->depth--;
        return true;
    case TOKEN_DIRECTIVE:
        if (!sv_eq(t->text, SV("signatures")) && !sv_eq(t->text, SV("page")) && !sv_starts(t->text, SV("clause ")))
            return broken(e, t, "unknown directive");
        if (is_on(x))
            buf_printf(x->out, "{{@%.*s}}", SV_ARG(t->text));
        return true;
    case TOKEN_BAD:
        break;
    }
    return broken(e, t, "{{ is not closed");
}

static bool expand(struct expander *x, struct err *e)
{
    struct scanner s = {.rest = x->t->body, .line = x->t->body_line, .line_start = true};
    while (s.rest.n) {
        struct token t = next_token(&s);
        x->rest = s.rest;
        if (!do_token(x, &t, e))
            return false;
    }
    struct token end = {.line = s.line};
    return x->depth == 0 || broken(e, &end, "a condition is not closed");
}

bool template_check(struct arena *a, const struct typeset_template *t, struct err *e)
{
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, MAX_EXPANDED);
    struct template_expansion result = {.missing = arena_array(a, const struct template_field *, t->fields_n + 1)};
    struct expander x = {.t = t, .out = &out, .result = &result, .all = true};
    struct sv rest = t->body;
    while (rest.n) {
        uint32_t c = sv_next_char(&rest);
        if (is_forbidden(c))
            return err_user(e, ERR_BAD_INPUT, "template_broken", NULL, "the template holds U+%04X", c);
    }
    return expand(&x, e);
}

bool template_expand(struct arena *a, const struct typeset_template *t, const struct typeset_field *fields,
                     size_t fields_n, struct template_expansion *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, MAX_EXPANDED);
    struct template_expansion result = {.missing = arena_array(a, const struct template_field *, t->fields_n + 1)};
    struct expander x = {.t = t, .fields = fields, .fields_n = fields_n, .out = &out, .result = &result};
    if (!expand(&x, e))
        return false;
    if (!buf_ok(&out))
        return err_user(e, ERR_TOO_LARGE, "contract_text_too_long", NULL, "the text is longer than %zu bytes",
                        MAX_EXPANDED);
    result.markdown = buf_to_arena(&out, a);
    *ret = result;
    return true;
}

bool template_refuse_missing(struct arena *a, const struct template_expansion *x, struct err *e)
{
    CLEANUP(buf_done) struct buf names;
    char pointer[96];
    buf_init(&names, 1 << 16);
    for (size_t i = 0; i < x->missing_n && i < MAX_NAMED; i++)
        buf_printf(&names, "%s%.*s (%.*s)", i ? ", " : "", SV_ARG(x->missing[i]->name), SV_ARG(x->missing[i]->label));
    if (x->missing_n > MAX_NAMED)
        buf_printf(&names, " and %zu more", x->missing_n - MAX_NAMED);
    snprintf(pointer, sizeof(pointer), "/%.*s", SV_ARG(x->missing[0]->name));
    struct sv text = buf_to_arena(&names, a);
    return err_user(e, ERR_REFUSED, "contract_field_missing", pointer, "missing: %.*s", SV_ARG(text));
}

bool template_missing(struct arena *a, const struct typeset_template *t, const struct typeset_field *fields,
                      size_t fields_n, const struct template_field **ret, size_t *ret_n, struct err *e)
{
    struct template_expansion x;
    if (!template_expand(a, t, fields, fields_n, &x, e))
        return false;
    struct template_field *list = arena_array(a, struct template_field, x.missing_n + 1);
    for (size_t i = 0; i < x.missing_n; i++)
        list[i] = *x.missing[i];
    *ret = list;
    *ret_n = x.missing_n;
    return true;
}
