/* The embedded pages: the console for desktops, h5 for phones, and what they share. */
#include "api/api_priv.h"

#ifdef QYQ_WEB
extern const struct embed_set web_files; /* written by tools/embed.py from web/dist */

static const struct http_static statics[] = {
        {"/console/", &web_files, "console/", "console/index.html"},
        {"/h5/",      &web_files, "h5/",      "h5/index.html"     },
        {"/assets/",  &web_files, "assets/",  NULL                },
};

void api_statics(const struct http_static **ret, size_t *ret_n)
{
    *ret = statics;
    *ret_n = COUNT(statics);
}
#else
void api_statics(const struct http_static **ret, size_t *ret_n)
{
    *ret = NULL;
    *ret_n = 0;
}
#endif
