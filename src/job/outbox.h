/* The outbox: messages to people, enqueued in the transaction that causes them, delivered by jobs, at least once.
 *
 * A message names a template and its parameters; words are made when it is delivered or shown (render below, handed in
 * from above, where the message files are known). The id of a message is the idempotency key that drivers hand to their
 * gateway. */
#ifndef JOB_OUTBOX_H
#define JOB_OUTBOX_H

#include "job/job.h"
#include "net/net.h"

enum outbox_channel { OUTBOX_SMS, OUTBOX_EMAIL, OUTBOX_INBOX, OUTBOX_CHANNEL__N };
const char *outbox_channel_name(enum outbox_channel c); /* "sms", "email", "inbox" */

enum outbox_state { OUTBOX_WAITING, OUTBOX_DELIVERED, OUTBOX_FAILED, OUTBOX_STATE__N };
const char *outbox_state_name(enum outbox_state s); /* "waiting", "delivered", "failed" */

struct outbox_new {
    enum outbox_channel channel;
    struct sv to;       /* opaque: a phone, an address, a person id, perhaps sealed by the owner */
    struct sv person;   /* id of whom it is for, "" when unknown */
    struct sv topic;    /* what it is about: "contract:01J…" */
    struct sv template; /* key of the message files: "sms.sign_link" */
    struct sv params;   /* JSON object */
    struct sv key;      /* not empty: a second message with this key is not made */
};
/* Inside the caller's writing transaction. ret_id may be NULL. */
MUST_CHECK bool outbox_send(struct tx *tx, struct arena *a, const struct outbox_new *n, int64_t now_ms,
                            struct sv *ret_id, struct err *e);

struct outbox_item {
    struct sv id;
    enum outbox_channel channel;
    struct sv to, person, topic, template, params;
    enum outbox_state state;
    int64_t created_at, delivered_at; /* delivered_at 0: not yet */
    struct sv last_error;
    struct sv subject, body; /* only while delivering: the words */
};
MUST_CHECK bool outbox_get(struct tx *tx, struct arena *a, struct sv id, struct outbox_item *ret, struct err *e);
/* Newest first; an empty person or topic means any. */
MUST_CHECK bool outbox_list(struct tx *tx, struct arena *a, struct sv person, struct sv topic, size_t limit,
                            struct outbox_item **ret, size_t *ret_n, struct err *e);

/* Delivers one message; the error's code says whether to try again. Called outside any transaction. */
typedef bool (*outbox_deliver_fn)(struct arena *a, const struct outbox_item *item, void *arg, struct err *e);
struct outbox_driver {
    outbox_deliver_fn deliver;
    void *arg;
};
struct outbox_drivers {
    struct outbox_driver channel[OUTBOX_CHANNEL__N]; /* deliver NULL: the channel is UNSUPPORTED, its messages fail */
    /* Puts the template into words. NULL: subject empty, body the parameters. */
    bool (*render)(struct arena *a, const struct outbox_item *item, void *arg, struct sv *ret_subject,
                   struct sv *ret_body, struct err *e);
    void *render_arg;
};
/* The job kind ("outbox.deliver") that delivers with these drivers; they live as long as the runner. */
struct job_kind outbox_job_kind(struct outbox_drivers *drivers);

/* Nothing leaves the house: the row itself is the message, and a page shows it as a phone would. */
bool outbox_deliver_demo(struct arena *a, const struct outbox_item *item, void *arg, struct err *e);
/* One file a message, "<id>.txt", in the folder arg (const char *); delivering again replaces the file by the same. */
bool outbox_deliver_file(struct arena *a, const struct outbox_item *item, void *arg, struct err *e);
/* Mail over SMTP. mail carries server, account, sender and deadline; the rest is filled in. The Message-ID is made of
 * the message's id and host, so that a mail sent twice is seen once. */
struct outbox_smtp {
    struct net_mail mail;
    struct sv host; /* right side of the Message-ID */
    /* From the opaque recipient to the address. NULL: it is the address. */
    bool (*reveal)(struct arena *a, struct sv to, void *arg, struct sv *ret, struct err *e);
    void *reveal_arg;
};
bool outbox_deliver_smtp(struct arena *a, const struct outbox_item *item, void *arg, struct err *e);

#endif
