/* The engine: fonts and how a piece of text becomes lines. Callers hold the lock of t. */
#ifndef TYPESET_ENGINE_PRIV_H
#define TYPESET_ENGINE_PRIV_H

#include <pango/pangocairo.h>
#include <pthread.h>

#include "typeset/markup_priv.h"
#include "typeset/typeset.h"

struct typeset {
    pthread_mutex_t lock;
    PangoFontMap *map;
    PangoContext *context;
    char fonts_hash[65];
};

#define FONT_SERIF "Noto Serif CJK SC"
#define FONT_SANS  "Noto Sans CJK SC"

struct text_style {
    const char *family;
    double size;    /* points */
    double line;    /* from one baseline to the next */
    double indent;  /* of the first line, in ems */
    double spacing; /* between letters, in ems */
    bool bold;
    bool underline_values;
    PangoAlignment align;
};

/* Layouts of one document, freed together. */
struct layouts {
    GPtrArray *list;
};
void layouts_done(struct layouts *l);

/* Text of width points (0: no wrapping), broken into lines. Fails with contract_character_unknown. The layout belongs
 * to l. */
MUST_CHECK bool engine_layout(struct typeset *t, struct layouts *l, const struct styled *text,
                              const struct text_style *style, double width, PangoLayout **ret, struct err *e);
int layout_lines(PangoLayout *layout);
/* Stretches a line that is not the last of its paragraph to the width of its layout. ret_shift: where it begins, in
 * points: an opening bracket hangs by half its width. Call once a line. */
void line_justify(PangoLayout *layout, int index, double *ret_shift);
/* Width of a line in points. */
double line_width(PangoLayoutLine *line);
/* Distance from the top of a line box of height line to the baseline, for a font size. */
double baseline_in(double line, double size);
struct styled plain_text(struct sv s);

#endif
