/* Contract templates: CommonMark with a small front matter, fields and conditional blocks.
 *
 *   ---
 *   id: fixed-term-full-time          lower case, digits, '-'
 *   version: 1                        with the id the name under which contracts refer to it: fixed-term-full-time@1
 *   title: 劳动合同
 *   subtitle: （固定期限 · 全日制）
 *   language: zh-CN
 *   kind: fixed_term
 *   fields:
 *     employer_name: text, 用人单位名称
 *     training: text, optional, 培训和服务期
 *   ---
 *   Text with {{employer_name}}.
 *   {{#if training}}
 *   …shown only when training is not empty; {{#else}} stands between, {{#unless training}} is the opposite; may be
 * nested…
 *   {{/if}}
 *
 * Lines that hold only an {{#if}}, {{#unless}}, {{#else}}, {{/if}} or {{/unless}} vanish. "## title" opens a numbered
 * clause (第一条 title); paragraphs that begin with a number or （一） are set as items. A table with an empty head row
 * is a table of parties. "{{@signatures}}" on a line of its own is the signature block with the places of Worker and
 * Employer; "{{@page}}" begins a new page.
 *
 * Fields are required unless marked optional; a field's type says how its value may look:
 *   text    one paragraph          lines   several lines          flag    for {{#if}} only, never printed
 *   date, money, number            one line that is not broken
 * Values are escaped: no value can become markup. */
#ifndef TYPESET_TEMPLATE_H
#define TYPESET_TEMPLATE_H

#include "base/base.h"

#define TEMPLATE_MAX_BYTES  ((size_t)256 << 10)
#define TEMPLATE_MAX_FIELDS 200
#define TEMPLATE_MAX_VALUE  20000 /* bytes of one value; reason "contract_text_too_long" */

/* A value ready to be read: money and dates are formatted by the caller. An empty value counts as missing. */
struct typeset_field {
    struct sv name;
    struct sv value;
};

enum template_type {
    TEMPLATE_TEXT,
    TEMPLATE_LINES,
    TEMPLATE_FLAG,
    TEMPLATE_DATE,
    TEMPLATE_MONEY,
    TEMPLATE_NUMBER,
    TEMPLATE_TYPE__N
};

struct template_field {
    struct sv name;
    struct sv label; /* words for people */
    enum template_type type;
    bool required;
};

struct typeset_template {
    struct sv id;
    int version;
    struct sv name; /* "id@version" */
    struct sv title, subtitle, language, kind;
    const struct template_field *fields; /* in the order of the front matter */
    size_t fields_n;
    struct sv body;
    int body_line; /* line of the file on which body begins */
};

/* Parses and checks the whole: known types, every {{field}} declared, blocks closed. Views into text, which must
 * outlive ret. BAD_INPUT with reason "template_broken", the message names the line. */
MUST_CHECK bool template_parse(struct arena *a, struct sv text, struct typeset_template *ret, struct err *e);

/* The templates that ship with the program, by "id" (newest version) or "id@version". NOT_FOUND with reason
 * "template_unknown". */
MUST_CHECK bool template_find(struct arena *a, struct sv name, struct typeset_template *ret, struct err *e);
/* All of them: names ("id@version"), sorted. */
void template_list(struct arena *a, const struct sv **ret_names, size_t *ret_n);
/* As the command line takes it: what template_find knows, else a path. */
MUST_CHECK bool template_load(struct arena *a, const char *name_or_path, struct typeset_template *ret, struct err *e);

/* The required fields that have no value, in the template's order: a required field is missing unless the only places
 * that print it stand in blocks that are off. */
MUST_CHECK bool template_missing(struct arena *a, const struct typeset_template *t, const struct typeset_field *fields,
                                 size_t fields_n, const struct template_field **ret, size_t *ret_n, struct err *e);

/* The text as HTML for a web page (headings, paragraphs, lists, tables; no raw HTML passes; signature blocks are left
 * out), or as plain lines. Missing fields as typeset_render. */
MUST_CHECK bool template_html(struct arena *a, const struct typeset_template *t, const struct typeset_field *fields,
                              size_t fields_n, struct sv *ret, struct err *e);

#endif
