/* The lexer and object parser; see object_priv.h. Depth is bounded by PDF_MAX_DEPTH, so the recursion is. */
#include <stdlib.h>
#include <string.h>

#include "pdf/object_priv.h"

/* 7.2.3, tables 1 and 2. */
enum { REGULAR, BLANK, DELIMITER };
static const uint8_t classes[256] = {
        [0] = BLANK,       ['\t'] = BLANK,    ['\n'] = BLANK,    ['\f'] = BLANK,
        ['\r'] = BLANK,    [' '] = BLANK,     ['('] = DELIMITER, [')'] = DELIMITER,
        ['<'] = DELIMITER, ['>'] = DELIMITER, ['['] = DELIMITER, [']'] = DELIMITER,
        ['{'] = DELIMITER, ['}'] = DELIMITER, ['/'] = DELIMITER, ['%'] = DELIMITER,
};

bool pdf_is_blank(char c)
{
    return classes[(unsigned char)c] == BLANK;
}

bool pdf_is_delimiter(char c)
{
    return classes[(unsigned char)c] == DELIMITER;
}

static bool regular(char c)
{
    return classes[(unsigned char)c] == REGULAR;
}

static void *fail(struct lexer *x, const char *problem)
{
    if (!x->problem)
        x->problem = problem;
    return NULL;
}

void lex_skip(struct lexer *x)
{
    while (x->at < x->in.n) {
        char c = x->in.p[x->at];
        if (c == '%') {
            while (x->at < x->in.n && x->in.p[x->at] != '\n' && x->in.p[x->at] != '\r')
                x->at++;
        } else if (pdf_is_blank(c)) {
            x->at++;
        } else {
            return;
        }
    }
}

bool lex_word(struct lexer *x, struct sv word)
{
    lex_skip(x);
    if (!sv_starts(sv_skip(x->in, x->at), word))
        return false;
    size_t end = x->at + word.n;
    if (end < x->in.n && regular(x->in.p[end]))
        return false;
    x->at = end;
    return true;
}

static size_t digits_end(const struct lexer *x, size_t from)
{
    while (from < x->in.n && x->in.p[from] >= '0' && x->in.p[from] <= '9')
        from++;
    return from;
}

bool lex_uint(struct lexer *x, uint64_t max, uint64_t *ret)
{
    lex_skip(x);
    size_t end = digits_end(x, x->at);
    if (end == x->at || end - x->at > 20 || (end < x->in.n && regular(x->in.p[end])))
        return false;
    if (!sv_u64(sv_sub(x->in, x->at, end - x->at), max, ret))
        return false;
    x->at = end;
    return true;
}

/* 7.3.3. Leading zeros and signs as they come; an exponent is not PDF. */
static struct obj *number(struct lexer *x)
{
    size_t from = x->at, i = from;
    bool point = false, digit = false;
    if (i < x->in.n && (x->in.p[i] == '+' || x->in.p[i] == '-'))
        i++;
    for (; i < x->in.n && regular(x->in.p[i]); i++) {
        if (x->in.p[i] == '.' && !point)
            point = true;
        else if (x->in.p[i] >= '0' && x->in.p[i] <= '9')
            digit = true;
        else
            return fail(x, "malformed number");
    }
    if (!digit || i - from > 64)
        return fail(x, "malformed number");
    struct obj *o = obj_new(x->a, point ? O_REAL : O_INT);
    if (!o)
        return fail(x, "too many objects");
    o->raw = sv_sub(x->in, from, i - from);
    char text[72];
    memcpy(text, o->raw.p, o->raw.n);
    text[o->raw.n] = 0;
    if (point) {
        o->real = strtod(text, NULL);
    } else {
        struct sv s = o->raw;
        if (s.p[0] == '+')
            s = sv_skip(s, 1);
        if (!sv_i64(s, INT64_MIN, INT64_MAX, &o->integer))
            return fail(x, "integer out of range");
    }
    x->at = i;
    return o;
}

/* "12 0 R", or a plain number. */
static struct obj *number_or_ref(struct lexer *x)
{
    size_t start = x->at;
    uint64_t num = 0, gen = 0;
    struct lexer look = *x;
    if (lex_uint(&look, PDF_MAX_OBJECTS, &num) && lex_uint(&look, 65535, &gen) && lex_word(&look, SV("R"))) {
        struct obj *o = obj_new(x->a, O_REF);
        if (!o)
            return fail(x, "too many objects");
        o->raw = sv_sub(x->in, start, look.at - start);
        o->ref.num = (uint32_t)num;
        o->ref.gen = (uint32_t)gen;
        x->at = look.at;
        return o;
    }
    return number(x);
}

/* The bytes behind a slash, #xx resolved (7.3.5). False: too many objects. */
static bool name_text(struct lexer *x, struct sv *ret)
{
    size_t from = ++x->at, escapes = 0;
    while (x->at < x->in.n && regular(x->in.p[x->at])) {
        escapes += x->in.p[x->at] == '#';
        x->at++;
    }
    struct sv text = sv_sub(x->in, from, x->at - from);
    *ret = text;
    if (!escapes)
        return true;
    char *out = arena_try(x->a, text.n + 1);
    if (!out)
        return fail(x, "too many objects"), false;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        int high = -1, low = -1;
        if (text.p[i] == '#' && i + 2 < text.n) {
            high = hex_digit(text.p[i + 1]);
            low = hex_digit(text.p[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            out[n++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[n++] = text.p[i];
        }
    }
    *ret = sv_of(out, n);
    return true;
}

static struct obj *name(struct lexer *x)
{
    size_t from = x->at;
    struct obj *o = obj_new(x->a, O_NAME);
    if (!o)
        return fail(x, "too many objects");
    if (!name_text(x, &o->text))
        return NULL;
    o->raw = sv_sub(x->in, from, x->at - from);
    return o;
}

static size_t escape(struct sv in, size_t i, char *out, size_t *n)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    char c = in.p[i];
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        out[(*n)++] = to[known - from];
    } else if (c >= '0' && c <= '7') {
        int value = 0, used = 0;
        while (used < 3 && i < in.n && in.p[i] >= '0' && in.p[i] <= '7') {
            value = value * 8 + (in.p[i++] - '0');
            used++;
        }
        out[(*n)++] = (char)(value & 0xFF);
        return i;
    } else if (c == '\r') {
        return i + 1 < in.n && in.p[i + 1] == '\n' ? i + 2 : i + 1;
    } else if (c != '\n') {
        out[(*n)++] = c;
    }
    return i + 1;
}

/* 7.3.4.2: balanced parentheses need no escape, so the end is found first. */
static struct obj *literal_string(struct lexer *x)
{
    size_t from = x->at, depth = 0, i = from;
    for (; i < x->in.n; i++) {
        char c = x->in.p[i];
        if (c == '\\')
            i++;
        else if (c == '(')
            depth++;
        else if (c == ')' && --depth == 0)
            break;
    }
    if (i >= x->in.n)
        return fail(x, "string without end");
    struct sv in = sv_sub(x->in, from + 1, i - from - 1);
    struct obj *o = obj_new(x->a, O_STRING);
    char *out = o ? arena_try(x->a, in.n + 1) : NULL;
    if (!out)
        return fail(x, "too many objects");
    size_t n = 0;
    for (size_t k = 0; k < in.n;) {
        char c = in.p[k];
        if (c == '\\' && k + 1 < in.n) {
            k = escape(in, k + 1, out, &n);
        } else if (c == '\r') {
            out[n++] = '\n';
            k += k + 1 < in.n && in.p[k + 1] == '\n' ? 2 : 1;
        } else {
            out[n++] = c;
            k++;
        }
    }
    o->raw = sv_sub(x->in, from, i + 1 - from);
    o->text = sv_of(out, n);
    x->at = i + 1;
    return o;
}

static struct obj *hex_string(struct lexer *x)
{
    size_t from = x->at;
    const char *end = memchr(x->in.p + from, '>', x->in.n - from);
    if (!end)
        return fail(x, "string without end");
    struct sv in = sv_sub(x->in, from + 1, (size_t)(end - x->in.p) - from - 1);
    struct obj *o = obj_new(x->a, O_STRING);
    char *out = o ? arena_try(x->a, in.n / 2 + 2) : NULL;
    if (!out)
        return fail(x, "too many objects");
    size_t n = 0;
    int half = -1;
    for (size_t i = 0; i < in.n; i++) {
        int digit = hex_digit(in.p[i]);
        int next = half < 0 && i + 1 < in.n ? hex_digit(in.p[i + 1]) : -1;
        if (digit >= 0 && next >= 0) { /* the usual: pair by pair */
            out[n++] = (char)(digit << 4 | next);
            i++;
            continue;
        }
        if (digit < 0) {
            if (pdf_is_blank(in.p[i]))
                continue;
            return fail(x, "malformed hexadecimal string");
        }
        if (half < 0) {
            half = digit;
        } else {
            out[n++] = (char)(half << 4 | digit);
            half = -1;
        }
    }
    if (half >= 0)
        out[n++] = (char)(half << 4);
    o->raw = sv_sub(x->in, from, in.n + 2);
    o->text = sv_of(out, n);
    x->at = from + in.n + 2;
    return o;
}

static struct obj *object_at(struct lexer *x, int depth);

/* Items of an array or entries of a dictionary while it is being read: outside the arena, which gets them in one piece
 * of the right size when their number is known. */
#define FEW 16
struct items {
    struct obj_entry few[FEW];
    struct buf many; /* of struct obj_entry, behind the few */
    size_t n;
};

static void items_done(struct items *list)
{
    buf_done(&list->many);
}

static bool items_add(struct lexer *x, struct items *list, struct sv key, struct obj *value)
{
    const struct obj_entry e = {key, value};
    if (!value)
        return false;
    if (list->n < FEW) {
        list->few[list->n++] = e;
        return true;
    }
    if (list->n == FEW)
        buf_init(&list->many, (size_t)PDF_MAX_OBJECTS * 4 * sizeof(e));
    if (sizeof(e) * (list->n - FEW) > x->a->limit - x->a->used) /* would not fit in the end */
        return fail(x, "too many objects"), false;
    buf_add_bytes(&list->many, &e, sizeof(e));
    list->n++;
    return buf_ok(&list->many) || (fail(x, "too many objects"), false);
}

static struct obj_entry items_get(const struct items *list, size_t i)
{
    if (i < FEW)
        return list->few[i];
    struct obj_entry e;
    memcpy(&e, list->many.p + (i - FEW) * sizeof(e), sizeof(e));
    return e;
}

static struct obj *array(struct lexer *x, int depth)
{
    size_t from = x->at++;
    CLEANUP(items_done) struct items list;
    list.n = 0;
    buf_init(&list.many, 0);
    for (;;) {
        lex_skip(x);
        if (x->at >= x->in.n)
            return fail(x, "array without end");
        if (x->in.p[x->at] == ']')
            break;
        if (!items_add(x, &list, (struct sv){0}, object_at(x, depth + 1)))
            return NULL;
    }
    x->at++;
    struct obj *o = obj_new(x->a, O_ARRAY);
    struct obj **items = o ? arena_try(x->a, (list.n + 1) * sizeof(struct obj *)) : NULL;
    if (!items)
        return fail(x, "too many objects");
    for (size_t i = 0; i < list.n; i++)
        items[i] = items_get(&list, i).value;
    o->raw = sv_sub(x->in, from, x->at - from);
    o->array.items = items;
    o->array.n = list.n;
    return o;
}

static int entry_cmp(const void *p, const void *q)
{
    const struct sv *x = p, *y = q;
    return sv_cmp(*x, *y);
}

/* Duplicates among n keys; sorting only when there are many. */
static bool has_duplicates(struct arena *a, const struct obj_entry *entries, size_t n)
{
    if (n <= 24) {
        for (size_t i = 1; i < n; i++) {
            for (size_t k = 0; k < i; k++) {
                if (sv_eq(entries[i].key, entries[k].key))
                    return true;
            }
        }
        return false;
    }
    struct sv *keys = arena_try(a, n * sizeof(*keys));
    if (!keys)
        return true;
    for (size_t i = 0; i < n; i++)
        keys[i] = entries[i].key;
    qsort(keys, n, sizeof(*keys), entry_cmp);
    for (size_t i = 1; i < n; i++) {
        if (sv_eq(keys[i], keys[i - 1]))
            return true;
    }
    return false;
}

static struct obj *dict(struct lexer *x, int depth)
{
    size_t from = x->at;
    x->at += 2;
    CLEANUP(items_done) struct items list;
    list.n = 0;
    buf_init(&list.many, 0);
    for (;;) {
        lex_skip(x);
        if (x->at + 1 >= x->in.n)
            return fail(x, "dictionary without end");
        if (x->in.p[x->at] == '>' && x->in.p[x->at + 1] == '>')
            break;
        struct sv key;
        if (x->in.p[x->at] != '/')
            return fail(x, "dictionary key is no name");
        if (!name_text(x, &key) || !items_add(x, &list, key, object_at(x, depth + 1)))
            return NULL;
    }
    x->at += 2;
    struct obj *o = obj_new(x->a, O_DICT);
    struct obj_entry *entries = o ? arena_try(x->a, (list.n + 1) * sizeof(*entries)) : NULL;
    if (!entries)
        return fail(x, "too many objects");
    for (size_t i = 0; i < list.n; i++)
        entries[i] = items_get(&list, i);
    o->raw = sv_sub(x->in, from, x->at - from);
    o->dict.entries = entries;
    o->dict.n = list.n;
    o->dict.duplicates = has_duplicates(x->a, entries, list.n);
    return o;
}

static struct obj *keyword(struct lexer *x)
{
    static const struct {
        struct sv word;
        enum obj_kind kind;
        bool value;
    } words[] = {
            {SV_INIT("null"),  O_NULL, false},
            {SV_INIT("true"),  O_BOOL, true },
            {SV_INIT("false"), O_BOOL, false},
    };
    for (size_t i = 0; i < COUNT(words); i++) {
        size_t from = x->at;
        if (!lex_word(x, words[i].word))
            continue;
        struct obj *o = obj_new(x->a, words[i].kind);
        if (!o)
            return fail(x, "too many objects");
        o->raw = sv_sub(x->in, from, x->at - from);
        o->boolean = words[i].value;
        return o;
    }
    return fail(x, "unknown word");
}

static struct obj *object_at(struct lexer *x, int depth)
{
    lex_skip(x);
    if (depth > PDF_MAX_DEPTH)
        return fail(x, "nested too deeply");
    if (x->at >= x->in.n)
        return fail(x, "object expected at the end");
    char c = x->in.p[x->at];
    bool twice = x->at + 1 < x->in.n && x->in.p[x->at + 1] == c;
    if (c == '/')
        return name(x);
    if (c == '(')
        return literal_string(x);
    if (c == '[')
        return array(x, depth);
    if (c == '<')
        return twice ? dict(x, depth) : hex_string(x);
    if (c >= '0' && c <= '9')
        return number_or_ref(x);
    if (c == '+' || c == '-' || c == '.')
        return number(x);
    return keyword(x);
}

struct obj *lex_object(struct lexer *x)
{
    return object_at(x, 0);
}
