/* Words for users. All of them stand in src/text/messages.zh-CN.txt and messages.en.txt ("key = words", {name} is a
 * parameter), compiled into tables by tools/messages.py; no other room holds text that people read on a screen. */
#ifndef TEXT_TEXT_H
#define TEXT_TEXT_H

#include "base/base.h"

enum text_lang { TEXT_ZH_CN, TEXT_EN, TEXT_LANG__N };

/* The words under key; when lang lacks them those of zh-CN; when nobody has them the key itself. Lives for ever. */
struct sv text_get(enum text_lang lang, struct sv key);
bool text_has(enum text_lang lang, struct sv key);

struct text_param {
    const char *name;
    struct sv value;
};
/* The words with each {name} replaced; a placeholder without a parameter stays as it is, so that it is seen. */
struct sv text_format(struct arena *a, enum text_lang lang, struct sv key, const struct text_param *params, size_t n);
/* text_say(a, lang, SV("mail.invite.subject"), {"worker", name}, {"employer", org}) */
#define text_say(a, lang, key, ...)                                                                                    \
    text_format((a), (lang), (key), (const struct text_param[]){__VA_ARGS__},                                          \
                sizeof((const struct text_param[]){__VA_ARGS__}) / sizeof(struct text_param))

/* What a user is told about an error: "err.<reason>", else "err.code.<CODE>". Never e->msg. */
struct sv text_err(enum text_lang lang, const struct err *e);

const char *text_lang_name(enum text_lang lang); /* "zh-CN", "en" */
/* "zh-CN", "zh", "en", "en-GB", …; false when we do not speak it. */
MUST_CHECK bool text_lang_parse(struct sv tag, enum text_lang *ret);
/* From an Accept-Language header (RFC 9110 §12.5.4, weights included); zh-CN when nothing fits. */
enum text_lang text_lang_accept(struct sv header);

/* All keys of a language, sorted; for tests and for handing the pages their words. */
size_t text_count(enum text_lang lang);
struct sv text_key_at(enum text_lang lang, size_t i);
struct sv text_words_at(enum text_lang lang, size_t i);

#endif
