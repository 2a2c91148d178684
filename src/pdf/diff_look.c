#include "pdf/diff_priv.h"
void diff_look(struct diff *d UNUSED, const struct form_walk *w UNUSED, const struct field_pair *f UNUSED)
{
}
