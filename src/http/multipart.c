/* multipart/form-data (RFC 7578, RFC 2046 §5.1): one pass over the body, parts are views of it. */
#include "http/http_priv.h"

static bool refuse(struct err *e, const char *why)
{
    return err_user(e, ERR_BAD_INPUT, "http_multipart", NULL, "multipart: %s", why);
}

/* Value of a parameter in "form-data; name=\"a\"; filename=\"b\"". Browsers percent-encode quotes in names (WHATWG). */
static bool parameter(struct arena *a, struct sv header, struct sv name, struct sv *ret)
{
    sv_cut(&header, ';');
    while (header.n) {
        header = sv_trim(header);
        size_t equals = sv_find_char(header, '=');
        if (equals == SIZE_MAX)
            return false;
        struct sv key = sv_trim(sv_sub(header, 0, equals)), value;
        header = sv_skip(header, equals + 1);
        if (sv_starts(header, SV("\""))) {
            header = sv_skip(header, 1);
            size_t end = sv_find_char(header, '"');
            if (end == SIZE_MAX)
                return false;
            value = sv_sub(header, 0, end);
            header = sv_skip(header, end + 1);
            sv_cut(&header, ';');
        } else {
            value = sv_trim(sv_cut(&header, ';'));
        }
        if (!sv_eq_ci(key, name))
            continue;
        if (!percent_decode(a, value, false, ret))
            *ret = value; /* a plain '%' in a file name */
        return true;
    }
    return false;
}

/* One header line of a part; others than these two are allowed and ignored. */
static bool part_header(struct arena *a, struct sv line, struct http_part *part, struct err *e)
{
    struct sv value = line;
    struct sv name = sv_cut(&value, ':');
    value = sv_trim(value);
    if (sv_eq_ci(name, SV("Content-Type")))
        part->type = value;
    if (!sv_eq_ci(name, SV("Content-Disposition")))
        return true;
    if (!sv_starts(value, SV("form-data")) || !parameter(a, value, SV("name"), &part->name))
        return refuse(e, "a part without a name");
    if (!parameter(a, value, SV("filename"), &part->filename))
        part->filename = (struct sv){0};
    if (!sv_is_utf8(part->name) || !sv_is_utf8(part->filename))
        return refuse(e, "a name is not UTF-8");
    return true;
}

static bool part_headers(struct arena *a, struct sv *rest, struct http_part *part, struct err *e)
{
    for (int lines = 0; lines < 16; lines++) {
        size_t end = sv_find(sv_sub(*rest, 0, 4096), SV("\r\n"));
        if (end == SIZE_MAX)
            return refuse(e, "a part's header does not end");
        struct sv line = sv_sub(*rest, 0, end);
        *rest = sv_skip(*rest, end + 2);
        if (line.n == 0)
            return part->name.p || refuse(e, "a part without a name");
        if (!part_header(a, line, part, e))
            return false;
    }
    return refuse(e, "too many headers in a part");
}

/* After a delimiter: blanks, then a line end (another part) or "--" (the end). */
static bool after_delimiter(struct sv *rest, bool *ret_last, struct err *e)
{
    *ret_last = sv_starts(*rest, SV("--"));
    if (*ret_last)
        return true;
    while (sv_starts(*rest, SV(" ")) || sv_starts(*rest, SV("\t")))
        *rest = sv_skip(*rest, 1);
    if (!sv_starts(*rest, SV("\r\n")))
        return refuse(e, "no line end after a boundary");
    *rest = sv_skip(*rest, 2);
    return true;
}

bool multipart_parse(struct exchange *x, struct sv content_type, struct err *e)
{
    struct sv boundary = {0}, rest = x->r.body;
    bool last = false;
    if (!parameter(x->r.a, content_type, SV("boundary"), &boundary) || boundary.n == 0 || boundary.n > 70)
        return refuse(e, "no boundary");
    struct sv delimiter = arena_concat(x->r.a, SV("\r\n--"), boundary);
    if (!sv_starts(rest, sv_skip(delimiter, 2)))
        return refuse(e, "the body does not begin with its boundary");
    rest = sv_skip(rest, delimiter.n - 2);
    while (after_delimiter(&rest, &last, e)) {
        if (last)
            return true;
        if (x->parts_n == PARTS_MAX)
            return refuse(e, "too many parts");
        struct http_part *part = &x->parts[x->parts_n];
        if (!part_headers(x->r.a, &rest, part, e))
            return false;
        size_t end = sv_find(rest, delimiter);
        if (end == SIZE_MAX)
            return refuse(e, "a part does not end");
        part->bytes = sv_sub(rest, 0, end);
        rest = sv_skip(rest, end + delimiter.n);
        x->parts_n++;
    }
    return false;
}

const struct http_part *http_part(const struct request *r, const char *name)
{
    const struct exchange *x = exchange_of(r);
    for (size_t i = 0; i < x->parts_n; i++) {
        if (sv_eq(x->parts[i].name, sv_from(name)))
            return &x->parts[i];
    }
    return NULL;
}

size_t http_part_count(const struct request *r)
{
    return exchange_of(r)->parts_n;
}

const struct http_part *http_part_at(const struct request *r, size_t i)
{
    const struct exchange *x = exchange_of(r);
    must(i < x->parts_n);
    return &x->parts[i];
}
