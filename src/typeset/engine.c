/* Fonts from named files only, and lines of text. Nothing of the host's font configuration is read: an own FcConfig
 * holds exactly the files that were hashed, so the same program gives the same pages on any machine that has the same
 * files. */
#include "typeset/engine_priv.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangofc-fontmap.h>
#include <string.h>

#include "crypto/digest.h"

/* Cairo 1.16 loses a kilobyte a font when it writes a subset, and fontconfig one pattern a process. */
#ifdef QYQ_ARENA_DEBUG
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libcairo\nleak:libfontconfig\n";
}
#endif

#define FONT_DIR "/usr/share/fonts/opentype/noto"
#define FONT_MAX ((size_t)64 << 20)

static const char *const font_files[] = {
        "NotoSansCJK-Bold.ttc",
        "NotoSansCJK-Regular.ttc",
        "NotoSerifCJK-Bold.ttc",
        "NotoSerifCJK-Regular.ttc",
};

static bool add_font(FcConfig *config, const char *dir, const char *name, struct buf *list, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, FONT_MAX * 2);
    const char *path = path_join(&a, dir, name);
    struct sv bytes;
    if (!file_read(&a, path, FONT_MAX, &bytes, e))
        return err_wrap(e, "font");
    struct digest d = digest_of(DIGEST_SHA256, bytes);
    buf_printf(list, "%.*s  %s\n", SV_ARG(digest_hex(&a, &d)), name);
    if (!FcConfigAppFontAddFile(config, (const FcChar8 *)path))
        return err_set(e, ERR_CORRUPT, "font %s cannot be read", path);
    return true;
}

static bool add_fonts(FcConfig *config, const char *dir, char hash[65], struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, (size_t)1 << 20);
    CLEANUP(buf_done) struct buf list;
    buf_init(&list, 4096);
    for (size_t i = 0; i < COUNT(font_files); i++) {
        if (!add_font(config, dir, font_files[i], &list, e))
            return false;
    }
    struct digest d = digest_of(DIGEST_SHA256, buf_sv(&list));
    struct sv hex = digest_hex(&a, &d);
    must(hex.n == 64);
    memcpy(hash, hex.p, 64);
    hash[64] = 0;
    return true;
}

DEFINE_CLEANUP(FcConfig *, config_free, FcConfigDestroy)

static PangoContext *new_context(PangoFontMap *map)
{
    PangoContext *context = pango_font_map_create_context(map);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(context, 72);
    pango_context_set_language(context, pango_language_from_string("zh-cn"));
    pango_context_set_base_dir(context, PANGO_DIRECTION_LTR);
    pango_context_set_round_glyph_positions(context, FALSE);
    return context;
}

bool typeset_new(const char *font_dir, struct typeset **ret, struct err *e)
{
    char hash[65];
    CLEANUP(config_free) FcConfig *config = FcConfigCreate();
    must(config);
    if (!add_fonts(config, font_dir ? font_dir : FONT_DIR, hash, e))
        return false;
    struct typeset *t = g_new0(struct typeset, 1);
    memcpy(t->fonts_hash, hash, sizeof(hash));
    must(pthread_mutex_init(&t->lock, NULL) == 0);
    t->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    must(t->map);
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(t->map), config);
    t->context = new_context(t->map);
    *ret = t;
    return true;
}

void typeset_free(struct typeset *t)
{
    if (!t)
        return;
    g_object_unref(t->context);
    /* Pango 1.50 does not let go of its configuration by itself. */
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(t->map), NULL);
    g_object_unref(t->map);
    pthread_mutex_destroy(&t->lock);
    g_free(t);
}

struct sv typeset_fonts_hash(const struct typeset *t)
{
    return sv_from(t->fonts_hash);
}

struct styled plain_text(struct sv s)
{
    return (struct styled){.text = s};
}

void layouts_done(struct layouts *l)
{
    if (l->list)
        g_ptr_array_free(l->list, TRUE);
    l->list = NULL;
}

static PangoLayout *layouts_add(struct layouts *l, PangoContext *context)
{
    PangoLayout *layout = pango_layout_new(context);
    if (!l->list)
        l->list = g_ptr_array_new_with_free_func(g_object_unref);
    g_ptr_array_add(l->list, layout);
    return layout;
}

static void add_attr(PangoAttrList *list, PangoAttribute *attr, size_t from, size_t to)
{
    attr->start_index = (guint)from;
    attr->end_index = (guint)to;
    pango_attr_list_insert(list, attr);
}

static void span_attrs(PangoAttrList *list, const struct span *s, const struct text_style *style)
{
    if (s->flags & SPAN_STRONG)
        add_attr(list, pango_attr_weight_new(PANGO_WEIGHT_BOLD), s->from, s->to);
    if (s->flags & SPAN_UNBROKEN)
        add_attr(list, pango_attr_allow_breaks_new(FALSE), s->from, s->to);
    if ((s->flags & SPAN_VALUE) && style->underline_values)
        add_attr(list, pango_attr_underline_new(PANGO_UNDERLINE_SINGLE), s->from, s->to);
}

static bool find_unknown(PangoLayout *layout, struct err *e)
{
    for (int i = 0; i < pango_layout_get_line_count(layout); i++) {
        for (GSList *r = pango_layout_get_line_readonly(layout, i)->runs; r; r = r->next) {
            const PangoGlyphString *glyphs = ((PangoLayoutRun *)r->data)->glyphs;
            for (int k = 0; k < glyphs->num_glyphs; k++) {
                if (!(glyphs->glyphs[k].glyph & PANGO_GLYPH_UNKNOWN_FLAG))
                    continue;
                char text[8] = "";
                unsigned c = glyphs->glyphs[k].glyph & ~(unsigned)PANGO_GLYPH_UNKNOWN_FLAG;
                text[g_unichar_to_utf8(c, text)] = 0;
                return err_user(e, ERR_REFUSED, "contract_character_unknown", NULL, "no font has %s U+%04X", text, c);
            }
        }
    }
    return err_user(e, ERR_REFUSED, "contract_character_unknown", NULL, "no font has a character of the text");
}

bool engine_layout(struct typeset *t, struct layouts *l, const struct styled *text, const struct text_style *style,
                   double width, PangoLayout **ret, struct err *e)
{
    PangoLayout *layout = layouts_add(l, t->context);
    PangoFontDescription *font = pango_font_description_new();
    PangoAttrList *attrs = pango_attr_list_new();
    pango_font_description_set_family(font, style->family);
    pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
    pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    add_attr(attrs, pango_attr_font_features_new("chws=1"), 0, text->text.n);
    if (style->spacing > 0)
        add_attr(attrs, pango_attr_letter_spacing_new((int)(style->spacing * style->size * PANGO_SCALE)), 0,
                 text->text.n);
    for (size_t i = 0; i < text->spans_n; i++)
        span_attrs(attrs, &text->spans[i], style);
    pango_layout_set_text(layout, text->text.p ? text->text.p : "", (int)text->text.n);
    pango_layout_set_attributes(layout, attrs);
    pango_attr_list_unref(attrs);
    if (width > 0)
        pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_indent(layout, (int)(style->indent * style->size * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout, style->align);
    pango_layout_set_auto_dir(layout, FALSE);
    if (pango_layout_get_unknown_glyphs_count(layout) > 0)
        return find_unknown(layout, e);
    *ret = layout;
    return true;
}

int layout_lines(PangoLayout *layout)
{
    return pango_layout_get_line_count(layout);
}

double line_width(PangoLayoutLine *line)
{
    PangoRectangle logical;
    pango_layout_line_get_extents(line, NULL, &logical);
    return (double)logical.width / PANGO_SCALE;
}

double baseline_in(double line, double size)
{
    /* Ideographs of these fonts reach from 0.12 em below the baseline to 0.88 em above it. */
    return (line - size) / 2 + 0.88 * size;
}

/* -- justification ------------------------------------------------------------------------------------------------- */

static bool is_ideographic(gunichar c)
{
    return c >= 0x2E80 || (c >= 0x2010 && c <= 0x2027 && c != 0x2010 && c != 0x2011);
}

/* Full-width marks whose ink fills only the left half of their square, or only the right half. */
static bool is_closing(gunichar c)
{
    static const gunichar list[] = {0x3001, 0x3002, 0x3009, 0x300B, 0x300D, 0x300F, 0x3011, 0x3015,
                                    0xFF01, 0xFF09, 0xFF0C, 0xFF1A, 0xFF1B, 0xFF1F, 0x201D, 0x2019};
    for (size_t i = 0; i < COUNT(list); i++) {
        if (list[i] == c)
            return true;
    }
    return false;
}

static bool is_opening(gunichar c)
{
    static const gunichar list[] = {0x3008, 0x300A, 0x300C, 0x300E, 0x3010, 0x3014, 0xFF08, 0x201C, 0x2018};
    for (size_t i = 0; i < COUNT(list); i++) {
        if (list[i] == c)
            return true;
    }
    return false;
}

struct gap_walk {
    const char *text;
    int end; /* byte after the last visible character of the line */
    int gaps;
    int give;  /* what each gap gets; 0: count only */
    int spare; /* units left over by the division, one more for the first gaps */
};

static bool gap_after(const struct gap_walk *w, int start, int end)
{
    if (end >= w->end)
        return false;
    gunichar here = g_utf8_get_char(w->text + start), next = g_utf8_get_char(w->text + end);
    return is_ideographic(here) || is_ideographic(next) || here == ' ';
}

static void walk_run(struct gap_walk *w, PangoLayoutRun *run)
{
    PangoGlyphItemIter it;
    for (gboolean more = pango_glyph_item_iter_init_start(&it, run, w->text); more;
         more = pango_glyph_item_iter_next_cluster(&it)) {
        if (!gap_after(w, it.start_index, it.end_index))
            continue;
        w->gaps++;
        if (!w->give && !w->spare)
            continue;
        run->glyphs->glyphs[it.end_glyph - 1].geometry.width += w->give + (w->spare > 0);
        w->spare -= w->spare > 0;
    }
}

static void walk_line(struct gap_walk *w, PangoLayoutLine *line)
{
    for (GSList *r = line->runs; r; r = r->next)
        walk_run(w, r->data);
}

void line_justify(PangoLayout *layout, int index, double *ret_shift)
{
    PangoLayoutLine *line = pango_layout_get_line(layout, index);
    int total = pango_layout_get_width(layout);
    double em = pango_font_description_get_size(pango_layout_get_font_description(layout));
    const char *text = pango_layout_get_text(layout);
    int end = line->start_index + line->length;
    *ret_shift = 0;
    while (end > line->start_index && text[end - 1] == ' ')
        end--;
    if (total < 0 || end == line->start_index || index + 1 == layout_lines(layout) ||
        pango_layout_get_line_readonly(layout, index + 1)->is_paragraph_start)
        return;
    PangoRectangle logical;
    pango_layout_line_get_extents(line, NULL, &logical);
    double slack = total - logical.width - (line->is_paragraph_start ? pango_layout_get_indent(layout) : 0);
    if (is_opening(g_utf8_get_char(text + line->start_index)) && !line->is_paragraph_start) {
        *ret_shift = -em / 2 / PANGO_SCALE;
        slack += em / 2;
    }
    if (is_closing(g_utf8_get_char(g_utf8_prev_char(text + end))))
        slack += em / 2;
    struct gap_walk w = {.text = text, .end = end};
    walk_line(&w, line);
    if (w.gaps == 0 || slack <= 0 || slack / w.gaps > em * 0.4)
        return;
    struct gap_walk give = {.text = text, .end = end, .give = (int)slack / w.gaps, .spare = (int)slack % w.gaps};
    walk_line(&give, line);
}
