/* What acts, and what lies inside or outside: looked for in every dictionary of the normalised document, wherever it
 * hangs. A reader reaches less than that; what it could be made to reach is not guessed. */
#include "pdf/intake_priv.h"

struct active {
    struct intake *in;
    struct intake_set automatic; /* actions that start without a click */
    uint32_t *queue;             /* the same, in the order of being found */
    size_t n;
    bool failed;
};

/* One word in a dictionary, and what it means. */
struct sign_of {
    const char *word;
    enum pdf_intake_code code;
};

/* /S of actions (ISO 32000-2 table 201). */
static const struct sign_of actions[] = {
        {"JavaScript",       PDF_INTAKE_javascript },
        {"Launch",           PDF_INTAKE_launch     },
        {"GoToR",            PDF_INTAKE_goto_file  },
        {"GoToE",            PDF_INTAKE_goto_file  },
        {"SubmitForm",       PDF_INTAKE_submit_form},
        {"ImportData",       PDF_INTAKE_submit_form},
        {"Sound",            PDF_INTAKE_media      },
        {"Movie",            PDF_INTAKE_media      },
        {"Rendition",        PDF_INTAKE_media      },
        {"RichMediaExecute", PDF_INTAKE_media      },
        {"GoTo3DView",       PDF_INTAKE_media      },
        {"Hide",             PDF_INTAKE_view_action},
        {"SetOCGState",      PDF_INTAKE_view_action},
        {"ResetForm",        PDF_INTAKE_view_action},
};
static const char *const harmless_actions[] = {"GoTo", "GoToDp", "Named", "Thread", "URI", "Trans"};

/* /Subtype of annotations, XObjects and the like; /Type of what only such annotations use. */
static const struct sign_of kinds[] = {
        {"FileAttachment",    PDF_INTAKE_embedded_file},
        {"EmbeddedFile",      PDF_INTAKE_embedded_file},
        {"Sound",             PDF_INTAKE_media        },
        {"Movie",             PDF_INTAKE_media        },
        {"Screen",            PDF_INTAKE_media        },
        {"RichMedia",         PDF_INTAKE_media        },
        {"RichMediaContent",  PDF_INTAKE_media        },
        {"RichMediaSettings", PDF_INTAKE_media        },
        {"3D",                PDF_INTAKE_media        },
        {"3DRef",             PDF_INTAKE_media        },
        {"Rendition",         PDF_INTAKE_media        },
        {"MediaClip",         PDF_INTAKE_media        },
        {"U3D",               PDF_INTAKE_media        },
        {"PRC",               PDF_INTAKE_media        },
        {"PS",                PDF_INTAKE_postscript   },
};

/* Keys that mean the same in every dictionary, if their value is of this form: the names in /Resources are free, and a
 * font may be called /JS. */
enum value_form { FORM_SCRIPT, FORM_FILES, FORM_FILE_LIST, FORM_XFA, FORM_DICT };
static const struct {
    const char *word;
    enum value_form form;
    enum pdf_intake_code code;
} keys[] = {
        {"JS",                   FORM_SCRIPT,    PDF_INTAKE_javascript       },
        {"EF",                   FORM_FILES,     PDF_INTAKE_embedded_file    },
        {"AF",                   FORM_FILE_LIST, PDF_INTAKE_embedded_file    },
        {"XFA",                  FORM_XFA,       PDF_INTAKE_xfa              },
        {"OPI",                  FORM_DICT,      PDF_INTAKE_external_resource},
        {"DestOutputProfileRef", FORM_DICT,      PDF_INTAKE_external_resource},
};

/* Keys of the catalog and of its /Names. */
static const struct sign_of catalog_keys[] = {
        {"Collection",     PDF_INTAKE_embedded_file},
        {"NeedsRendering", PDF_INTAKE_xfa          },
};
static const struct sign_of permission_keys[] = {
        {"UR",  PDF_INTAKE_usage_rights},
        {"UR3", PDF_INTAKE_usage_rights},
};
static const struct sign_of name_trees[] = {
        {"JavaScript",             PDF_INTAKE_javascript       },
        {"EmbeddedFiles",          PDF_INTAKE_embedded_file    },
        {"Renditions",             PDF_INTAKE_media            },
        {"AlternatePresentations", PDF_INTAKE_view_action      },
        {"URLS",                   PDF_INTAKE_external_resource},
        {"IDS",                    PDF_INTAKE_external_resource},
        {"Templates",              PDF_INTAKE_unused_page      },
};

static void look_for_keys(struct intake *in, struct intake_place at, const struct obj *dict, const struct sign_of *list,
                          size_t n, const char *where)
{
    for (size_t i = 0; i < n; i++) {
        if (doc_get(&in->doc, dict, list[i].word)->kind != O_NULL)
            intake_found(in, list[i].code, at, "%s/%s", where, list[i].word);
    }
}

static bool is_resource(struct doc *d, const struct obj *o)
{
    static const char *const types[] = {"Font", "XObject", "Pattern", "ExtGState", "OCG", "OCMD"};
    for (size_t i = 0; i < COUNT(types); i++) {
        if (obj_is_name(doc_get(d, o, "Type"), types[i]))
            return true;
    }
    return doc_get(d, o, "Subtype")->kind == O_NAME || doc_get(d, o, "PatternType")->kind != O_NULL;
}

static bool has_form(struct doc *d, const struct obj *o, enum value_form form)
{
    static const char *const names[] = {"F", "UF", "DOS", "Mac", "Unix"};
    switch (form) {
    case FORM_SCRIPT:
        return o->kind == O_STRING || (o->kind == O_STREAM && !is_resource(d, o));
    case FORM_FILES:
        for (size_t i = 0; i < COUNT(names); i++) {
            if (doc_get(d, o, names[i])->kind == O_STREAM)
                return true;
        }
        return false;
    case FORM_FILE_LIST:
        return (o->kind == O_ARRAY && o->array.n && obj_is_dict(doc_value(d, o->array.items[0]))) ||
               (o->kind == O_DICT && !is_resource(d, o));
    case FORM_XFA:
        return o->kind == O_ARRAY || (o->kind == O_STREAM && !is_resource(d, o));
    case FORM_DICT:
    default:
        return o->kind == O_DICT && !is_resource(d, o);
    }
}

static void look_at_keys(struct intake *in, struct intake_place at, const struct obj *dict)
{
    for (size_t i = 0; i < COUNT(keys); i++) {
        const struct obj *o = doc_get(&in->doc, dict, keys[i].word);
        if (o->kind != O_NULL && has_form(&in->doc, o, keys[i].form))
            intake_found(in, keys[i].code, at, "/%s", keys[i].word);
    }
}

/* ---- actions ---- */

static void look_at_action(struct active *x, struct intake_place at, const struct obj *dict)
{
    struct doc *d = &x->in->doc;
    const struct obj *s = doc_get(d, dict, "S");
    for (size_t i = 0; i < COUNT(actions); i++) {
        if (obj_is_name(s, actions[i].word))
            intake_found(x->in, actions[i].code, at, "action /%s", actions[i].word);
    }
    if (obj_is_name(s, "Thread") && doc_get(d, dict, "F")->kind != O_NULL)
        intake_found(x->in, PDF_INTAKE_goto_file, at, "action /Thread in another file");
    if (!obj_is_name(s, "URI"))
        return;
    struct sv address = obj_utf8(x->in->a, doc_get(d, dict, "URI"));
    bool alone = intake_set_has(&x->automatic, at.object);
    intake_found(x->in, alone ? PDF_INTAKE_automatic_link : PDF_INTAKE_link, at, "%.*s",
                 SV_ARG(sv_sub(address, 0, 300)));
}

static bool known_action(const struct obj *s)
{
    for (size_t i = 0; i < COUNT(actions); i++) {
        if (obj_is_name(s, actions[i].word))
            return true;
    }
    for (size_t i = 0; i < COUNT(harmless_actions); i++) {
        if (obj_is_name(s, harmless_actions[i]))
            return true;
    }
    return false;
}

/* Named actions other than these are menu items of one reader. */
static bool known_name(const struct obj *n)
{
    return obj_is_name(n, "NextPage") || obj_is_name(n, "PrevPage") || obj_is_name(n, "FirstPage") ||
           obj_is_name(n, "LastPage");
}

/* What stands where an action belongs: one, or (Next) several. */
static void check_known(struct active *x, struct intake_place at, const struct obj *value, const char *key)
{
    struct doc *d = &x->in->doc;
    const struct obj *o = doc_value(d, value);
    for (size_t i = 0; i < (o->kind == O_ARRAY ? o->array.n : 1); i++) {
        const struct obj *action = o->kind == O_ARRAY ? doc_value(d, o->array.items[i]) : o;
        const struct obj *s = doc_get(d, action, "S"), *n = doc_get(d, action, "N");
        if (s->kind == O_NAME && !known_action(s))
            intake_found(x->in, PDF_INTAKE_unknown_action, at, "/%s: /%.*s", key, SV_ARG(sv_sub(s->text, 0, 100)));
        if (obj_is_name(s, "Named") && !known_name(n))
            intake_found(x->in, PDF_INTAKE_unknown_action, at, "/%s: /Named /%.*s", key,
                         SV_ARG(n->kind == O_NAME ? sv_sub(n->text, 0, 100) : SV("")));
    }
}

/* ---- actions that start without a click ---- */

static void enqueue(void *context, const struct obj *ref, struct sv key)
{
    struct active *x = context;
    if ((key.n && !sv_eq(key, SV("Next"))) || !intake_set_add(&x->automatic, ref->ref.num))
        return;
    x->queue[x->n++] = ref->ref.num;
}

static void direct_link(void *context, uint32_t num, const struct obj *dict)
{
    struct active *x = context;
    if (obj_is_name(doc_get(&x->in->doc, dict, "S"), "URI"))
        intake_found(x->in, PDF_INTAKE_automatic_link, intake_place_of(x->in, num), NULL);
}

static bool mark(struct active *x, uint32_t num, const struct obj *value)
{
    struct doc *d = &x->in->doc;
    if (!obj_is_dict(doc_value(d, value))) /* a destination, or nothing */
        return true;
    if (value->kind != O_REF)
        return intake_each_dict(d, num, value, direct_link, x) && intake_each_ref(d, value, enqueue, x);
    enqueue(x, value, (struct sv){0});
    return true;
}

static void mark_additional(void *context, uint32_t num, const struct obj *dict)
{
    struct active *x = context;
    const struct obj *aa = doc_get(&x->in->doc, dict, "AA");
    for (size_t i = 0; obj_is_dict(aa) && i < aa->dict.n; i++) {
        if (!mark(x, num, aa->dict.entries[i].value))
            x->failed = true;
    }
}

static bool find_automatic(struct active *x)
{
    struct doc *d = &x->in->doc;
    if (!mark(x, dict_get(d->trailer, "Root")->ref.num, dict_get(doc_root(d), "OpenAction")))
        return false;
    for (uint32_t num = 1; num < d->size; num++) {
        if (!intake_each_dict(d, num, doc_object(d, num, 0), mark_additional, x))
            return false;
    }
    for (size_t i = 0; i < x->n; i++) {
        if (!intake_each_ref(d, doc_object(d, x->queue[i], 0), enqueue, x))
            return false;
    }
    return !x->failed;
}

/* ---- streams and images ---- */

static void look_at_stream(struct active *x, struct intake_place at, const struct obj *dict)
{
    struct doc *d = &x->in->doc;
    /* ISO 32000-2 table 5: F makes the data come from a file. */
    if (doc_get(d, dict, "F")->kind != O_NULL)
        intake_found(x->in, PDF_INTAKE_external_stream, at, "stream with /F");
    if (doc_get(d, dict, "Alternates")->kind != O_NULL)
        intake_found(x->in, PDF_INTAKE_alternate_image, at, "image with /Alternates");
    bool form = obj_is_name(doc_get(d, dict, "Subtype"), "Form");
    if (form && doc_get(d, dict, "Ref")->kind != O_NULL)
        intake_found(x->in, PDF_INTAKE_reference_xobject, at, "form with /Ref");
    if (form && (doc_get(d, dict, "PS")->kind != O_NULL || obj_is_name(doc_get(d, dict, "Subtype2"), "PS")))
        intake_found(x->in, PDF_INTAKE_postscript, at, "form with /PS");
}

/* ---- every dictionary ---- */

static void look_at_kind(struct active *x, struct intake_place at, const struct obj *dict, const char *key)
{
    const struct obj *kind = doc_get(&x->in->doc, dict, key);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (obj_is_name(kind, kinds[i].word))
            intake_found(x->in, kinds[i].code, at, "/%s /%s", key, kinds[i].word);
    }
}

static void look_at_dict(void *context, uint32_t num, const struct obj *dict)
{
    struct active *x = context;
    struct doc *d = &x->in->doc;
    struct intake_place at = intake_place_of(x->in, num);
    look_at_kind(x, at, dict, "Type");
    look_at_kind(x, at, dict, "Subtype");
    look_at_keys(x->in, at, dict);
    look_at_action(x, at, dict);
    const struct obj *aa = doc_get(d, dict, "AA"), *a = dict_get(dict, "A");
    for (size_t i = 0; obj_is_dict(aa) && i < aa->dict.n; i++)
        check_known(x, at, aa->dict.entries[i].value, "AA");
    check_known(x, at, dict_get(dict, "Next"), "Next");
    check_known(x, at, a, "A");
    if (dict->kind == O_STREAM)
        look_at_stream(x, at, dict);
    if (obj_is_name(doc_get(d, dict, "FS"), "URL"))
        intake_found(x->in, PDF_INTAKE_external_resource, at, "file by address");
    if (doc_get(d, dict, "ByteRange")->kind != O_NULL)
        intake_found(x->in, PDF_INTAKE_signed_already, at, "signature dictionary");
}

bool intake_active(struct intake *in)
{
    struct doc *d = &in->doc;
    struct active x = {.in = in};
    const struct obj *root = doc_root(d);
    struct intake_place at = intake_place_of(in, dict_get(d->trailer, "Root")->ref.num);
    x.queue = arena_try(&d->arena, ((size_t)d->size + 1) * sizeof(*x.queue));
    if (!x.queue || !intake_set_init(d, &x.automatic) || !find_automatic(&x))
        return false;
    check_known(&x, at, dict_get(root, "OpenAction"), "OpenAction");
    look_for_keys(in, at, root, catalog_keys, COUNT(catalog_keys), "catalog ");
    look_for_keys(in, at, doc_get(d, root, "Names"), name_trees, COUNT(name_trees), "catalog /Names ");
    look_for_keys(in, at, doc_get(d, root, "Perms"), permission_keys, COUNT(permission_keys), "catalog /Perms ");
    for (uint32_t num = 1; num < d->size; num++) {
        if (!intake_each_dict(d, num, doc_object(d, num, 0), look_at_dict, &x))
            return false;
    }
    return intake_each_dict(d, 0, d->trailer, look_at_dict, &x);
}
