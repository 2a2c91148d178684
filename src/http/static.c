/* Embedded pages: hashed names for ever, everything else revalidated by a tag of its bytes. */
#include "http/http_priv.h"

#define CSP_PAGE(ancestors)                                                                                            \
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "            \
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "         \
    "form-action 'self'; frame-ancestors " ancestors

static const struct {
    const char *suffix, *type;
} types[] = {
        {".html",        "text/html; charset=utf-8"      },
        {".js",          "text/javascript; charset=utf-8"},
        {".mjs",         "text/javascript; charset=utf-8"},
        {".css",         "text/css; charset=utf-8"       },
        {".json",        "application/json"              },
        {".map",         "application/json"              },
        {".webmanifest", "application/manifest+json"     },
        {".svg",         "image/svg+xml"                 },
        {".png",         "image/png"                     },
        {".jpg",         "image/jpeg"                    },
        {".webp",        "image/webp"                    },
        {".ico",         "image/x-icon"                  },
        {".woff2",       "font/woff2"                    },
        {".woff",        "font/woff"                     },
        {".ttf",         "font/ttf"                      },
        {".wasm",        "application/wasm"              },
        {".txt",         "text/plain; charset=utf-8"     },
        {".pdf",         "application/pdf"               },
        {".bcmap",       "application/octet-stream"      },
};

static const char *type_of(struct sv path)
{
    for (size_t i = 0; i < COUNT(types); i++) {
        if (sv_ends(path, sv_from(types[i].suffix)))
            return types[i].type;
    }
    return "application/octet-stream";
}

/* "app-BgX3k_9a.js": the build puts eight characters of the content's hash before the ending. */
static bool has_hash(struct sv path)
{
    size_t name = path.n, dot = path.n;
    while (name > 0 && path.p[name - 1] != '/')
        name--;
    while (dot > name && path.p[dot - 1] != '.')
        dot--;
    if (dot < name + 10 || path.p[dot - 10] != '-')
        return false;
    for (size_t i = dot - 9; i < dot - 1; i++) {
        char c = path.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return true;
}

static void reply_page(struct exchange *x, struct sv path, struct sv bytes)
{
    const struct http_config *c = &x->server->config;
    bool forever = sv_find(path, SV("assets/")) != SIZE_MAX && has_hash(path);
    http_reply_bytes(&x->reply, 200, type_of(path), bytes);
    x->reply.csp = c->csp ? c->csp : c->own_frames ? CSP_PAGE("'self'") : CSP_PAGE("'none'");
    x->reply.cache = forever ? "public, max-age=31536000, immutable" : "no-cache";
    struct sv etag = arena_printf(x->r.a, "\"%016llx\"", (unsigned long long)sv_hash(bytes));
    http_reply_header(&x->reply, "ETag", etag);
    if (etag_matches(&x->r, etag)) {
        x->reply.status = 304;
        x->reply.body = (struct sv){0};
    }
}

static bool last_segment_has_dot(struct sv path)
{
    for (size_t i = path.n; i > 0 && path.p[i - 1] != '/'; i--) {
        if (path.p[i - 1] == '.')
            return true;
    }
    return false;
}

static bool serve_from(struct exchange *x, const struct http_static *st)
{
    struct sv path = x->r.path, prefix = sv_from(st->prefix), bytes;
    struct err e = ERR_INIT;
    if (sv_eq(path, sv_sub(prefix, 0, prefix.n - 1))) /* "/console" */
        return http_reply_redirect(&x->reply, 302, prefix);
    if (!sv_starts(path, prefix))
        return false;
    path = sv_skip(path, prefix.n);
    bool names_a_file = last_segment_has_dot(path); /* a missing script must not become a page */
    if (path.n == 0 || sv_ends(path, SV("/")))
        path = arena_concat(x->r.a, path, SV("index.html"));
    path = arena_concat(x->r.a, sv_from(st->folder), path);
    bytes = embed_get(st->set, path);
    if (!bytes.p && st->fallback && !names_a_file) {
        path = sv_from(st->fallback);
        bytes = embed_get(st->set, path);
    }
    if (bytes.p) {
        reply_page(x, path, bytes);
    } else {
        err_user(&e, ERR_NOT_FOUND, "http_not_found", NULL, "no such page");
        reply_error(x, &e);
    }
    return true;
}

bool static_serve(struct exchange *x)
{
    const struct http_config *c = &x->server->config;
    if (c->home && sv_eq(x->r.path, SV("/")))
        return http_reply_redirect(&x->reply, 302, sv_from(c->home));
    for (size_t i = 0; i < c->statics_n; i++) {
        if (serve_from(x, &c->statics[i]))
            return true;
    }
    return false;
}
