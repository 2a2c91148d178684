/* The parts of pdf_verify: signature dictionaries, revisions, differences, cryptography, report. */
#ifndef PDF_VERIFY_PRIV_H
#define PDF_VERIFY_PRIV_H

#include "crypto/cms.h"
#include "pdf/form_priv.h"
#include "pdf/ltv.h"
#include "pdf/verify.h"

/* ---- differences between two neighbouring revisions (diff.c) ---- */

#define DIFF_MAX_KEYS 4000 /* larger dictionaries and lists count as different: comparing them is quadratic */

/* From which level of permission on a change is allowed. */
enum change_level {
    CHANGE_ALWAYS,      /* long-term data, document timestamps, bookkeeping */
    CHANGE_FORM,        /* DocMDP 2 and 3: filling, signing */
    CHANGE_ANNOT,       /* DocMDP 3, or no certification */
    CHANGE_UNCERTIFIED, /* only where nobody certified */
    CHANGE_NEVER
};
struct change {
    enum change_level level;
    const char *code;
    uint32_t object;
    struct sv detail;
    struct sv field; /* full name of the form field concerned, for locks; empty: none */
};
struct step {
    uint64_t end; /* behind %%EOF of the newer revision */
    struct change *changes;
    size_t n, cap;
};
void step_add(struct arena *a, struct step *s, struct change c);
/* Adds to the step what differs between the revisions. Both documents are open. */
void diff_revisions(struct arena *a, struct doc *old, struct doc *now, struct step *ret);

/* ---- signatures ---- */
struct sig {
    struct pdf_signature out;
    const struct field *field;
    const struct obj *dict;
    uint64_t dict_at, dict_end;
    uint64_t end;            /* of the signed prefix; 0: ByteRange is wrong */
    size_t step;             /* index of the revision that it signed: 0 = the first signed one, n = after step n */
    bool anchored;           /* its prefix is a revision that holds it */
    int stamp_rank;          /* of the timestamp that is shown, sigcheck.c */
    bool replaced;           /* dict is not what the newest revision shows under its number */
    struct permissions asks; /* what it demands of later revisions, as the revision that it signed says it */
    struct sv contents;      /* decoded, with padding */
};
/* Document timestamps that verify, whether their TSA is trusted or not: levels speak of data, not of trust. */
struct stamped {
    bool any, kept, sealed;      /* kept: data for some TSA of them is in the DSS; sealed: in the covered DSS */
    int64_t at;                  /* earliest */
    const struct cert *lacks;    /* not kept: the first certificate without data */
    bool has_read;               /* below the timestamp in hand is a DSS, */
    bool has_covered;            /* there is one below the newest of those that verify: */
    struct pdf_ltv_data covered; /* this one */
};
struct ltv_work {
    const struct pdf_ltv_options *o;
    struct pdf_ltv_state *ret;
};
struct verifying {
    struct arena *a;
    struct sv bytes;
    const struct pdf_verify_options *o;
    struct doc doc;
    struct form form;
    struct sig *sigs;
    size_t n;
    struct step *steps;
    size_t steps_n;
    struct certs anchors;
    struct pdf_ltv_data given;  /* by the caller */
    struct pdf_ltv_data dss;    /* of the document; as untrusted as what was given */
    struct certs pool;          /* certificates of both */
    struct chain_cache *chains; /* what is known of their signatures */
    bool has_dss;
    int64_t proven_at;         /* earliest trusted document timestamp among the newer signatures; 0: none */
    struct stamped stamped;    /* what the newer document timestamps do for the level */
    struct ltv_work *ltv;      /* pdf_ltv_assess, or NULL */
    uint64_t work;             /* objects compared so far */
    enum pdf_integrity hidden; /* what signatures that no field shows make of the file; PDF_INTACT: there are none */
    struct pdf_report *r;
};

void reasons_add(struct arena *a, struct pdf_reasons *list, bool bad, const char *code, uint32_t object,
                 const char *fmt, ...) PRINTF_LIKE(6, 7);
/* Lowers the integrity of a signature, with the reason. */
void sig_spoil(struct verifying *v, struct sig *s, enum pdf_integrity to, const char *code, uint32_t object,
               const char *fmt, ...) PRINTF_LIKE(6, 7);
/* byterange.c: ISO 32000-2 12.8.1; sets dict, contents, end, range: from the revision that was signed, which need not
 * be the newest one that has the object. */
void sig_check_range(struct verifying *v, struct sig *s);
/* The dictionary that stands at an offset. False: it is no signature dictionary (s is spoiled). */
bool sig_check_range_at(struct verifying *v, struct sig *s, uint64_t at);
void sigs_check_nesting(struct verifying *v);
/* scan.c: signature dictionaries in the bytes that no field leads to; sets v->hidden. */
void scan_hidden(struct verifying *v);
/* Reports replacements that were in the file before the first signature; the signatures are in order. */
void scan_shadows(struct verifying *v);
/* Of a file whose structure cannot be read: the signature dictionaries in its bytes become its signatures. */
void scan_signatures(struct verifying *v);
/* revisions.c: steps from the first signed revision to the end; what each signature makes of them. */
void revisions_check(struct verifying *v);
/* revision_bytes.c: end of the revision whose section is s: startxref, its offset, %%EOF. */
MUST_CHECK bool revision_end(struct doc *d, const struct section *s, uint64_t *ret);
/* NULL, or what is wrong with the bytes of the newest revision, which follows old. */
const char *revision_scan(struct doc *now, const struct doc *old);
/* judge.c: the steps by what the signatures before them permit. */
void judge_changes(struct verifying *v);
/* sigcheck.c: CMS, timestamps, trust. */
void sig_check_crypto(struct verifying *v, struct sig *s);
/* verify.c: pdf_verify, with further help and what is to be found out besides; ltv may be NULL. */
MUST_CHECK bool verify_run(struct arena *a, struct sv bytes, const struct pdf_verify_options *o, struct ltv_work *ltv,
                           struct pdf_report *ret, struct err *e);

/* ltv_data.c: the DSS of an opened document. False: there is none. Adds to ret. */
bool dss_read(struct arena *a, struct doc *d, struct pdf_ltv_data *ret);
/* The DSS of the newest revision, into v->dss and v->pool. */
void dss_take(struct verifying *v);
void dss_more(struct verifying *v, const struct pdf_ltv_data *data);
void ltv_data_add(struct arena *a, struct pdf_ltv_data *to, const struct pdf_ltv_data *from);
bool certs_hold(const struct certs *list, const struct cert *c);
bool ders_hold(const struct der_list *list, struct sv der);

/* A certificate that signed something here, with the SignedData that it came with. */
struct witness {
    const struct cert *leaf;
    enum chain_purpose purpose;
    const struct cms *cms;
    int64_t at; /* when it signed, as far as that is proven; 0: not */
    bool of_timestamp;
};
/* ltv_level.c: the level of a signature whose cryptography holds (§ levels of EN 319 142-1 6): tokens are its signature
 * timestamps that verify. Notes what keeps it from the next level. */
void sig_level(struct verifying *v, struct sig *s, const struct witness *signer, const struct witness *tokens,
               size_t n);
/* Before a document timestamp is judged: the DSS as it was when it was made, for entries may be dropped later (EN 319
 * 142-1 5.4.2). */
void sig_covered_read(struct verifying *v, const struct sig *s);
/* The same for a document timestamp, which then counts for all older signatures. */
void sig_level_stamp(struct verifying *v, struct sig *s, const struct witness *tsa);
/* ltv_need.c: when data is asked for (v->ltv), what this chain lacks at the time that trust is judged for. */
void ltv_need(struct verifying *v, struct sig *s, const struct witness *w);
/* The query that trust in a witness is judged by: all data at hand, the configured anchors. */
struct chain_query witness_query(struct verifying *v, const struct witness *w);
/* ltv_chain.c: completeness of data: a chain to an anchor, else to a self-signed certificate at hand, with this data
 * and that of the CMS. */
void chain_of_data(struct verifying *v, const struct witness *w, const struct pdf_ltv_data *data,
                   struct chain_result *ret);
/* embedded.c: the certificates inside; leaf: the signer's. */
void sig_check_embedded(struct verifying *v, struct sig *s, const struct cms *c, const struct cert *leaf);

#endif
