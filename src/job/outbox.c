/* The outbox; see outbox.h. */
#include "job/outbox.h"

#define DELIVER_KIND      "outbox.deliver"
#define DELIVER_ATTEMPTS  20
#define FIRST_BACKOFF_MS  2000
#define MOST_BACKOFF_MS   (10 * 60 * 1000)
#define MOST_MAIL_ADDRESS 254 /* RFC 5321 4.5.3.1.3, without the brackets */

static const char *const channels[] = {"sms", "email", "inbox"};
static const char *const states[] = {"waiting", "delivered", "failed"};
_Static_assert(COUNT(channels) == OUTBOX_CHANNEL__N && COUNT(states) == OUTBOX_STATE__N, "one name each");

const char *outbox_channel_name(enum outbox_channel c)
{
    return channels[c];
}

const char *outbox_state_name(enum outbox_state s)
{
    return states[s];
}

/* The CHECKs of the table allow these names only. */
static size_t index_of(const char *const *names, size_t n, struct sv name)
{
    size_t i = 0;
    while (i < n && !sv_eq(sv_from(names[i]), name))
        i++;
    must(i < n);
    return i;
}

/* ---- sending ---- */

DB_QUERY(q_add, .in = "tttttttti",
         .sql = "INSERT INTO outbox (id, channel, recipient, person, topic, template, params, key, state, attempts,"
                " last_error, created_at, delivered_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'waiting', 0, '', ?9, 0) ON CONFLICT DO NOTHING");
DB_QUERY(q_by_key, .in = "t", .out = "t", .sql = "SELECT id FROM outbox WHERE key = ?1 AND key <> ''");

bool outbox_send(struct tx *tx, struct arena *a, const struct outbox_new *n, int64_t now_ms, struct sv *ret_id,
                 struct err *e)
{
    int64_t added;
    struct db_rows r;
    struct sv id = id_new(a, now_ms);
    if (!db_exec_changed(tx, &q_add,
                         DB_ARGS(DB_TEXT(id), DB_TEXT(sv_from(channels[n->channel])), DB_TEXT(n->to),
                                 DB_TEXT(n->person), DB_TEXT(n->topic), DB_TEXT(n->template), DB_TEXT(n->params),
                                 DB_TEXT(n->key), DB_INT(now_ms)),
                         &added, e))
        return err_wrap(e, "outbox");
    if (!added) {
        if (!db_one(tx, a, &q_by_key, DB_ARGS(DB_TEXT(n->key)), &r, e))
            return err_wrap(e, "outbox");
        id = db_text(&r, 0, 0);
    }
    struct job_new job = {.kind = SV(DELIVER_KIND), .payload = id, .key = arena_printf(a, "outbox:%.*s", SV_ARG(id))};
    if (added && !job_enqueue(tx, a, &job, now_ms, NULL, e))
        return false;
    if (ret_id)
        *ret_id = id;
    return true;
}

/* ---- reading ---- */

#define ITEM_COLUMNS                                                                                                   \
    "id, channel, recipient, person, topic, template, params, state, created_at, delivered_at, last_error"
#define ITEM_TYPES "ttttttttiit"

static struct outbox_item item_of(const struct db_rows *r, size_t i)
{
    return (struct outbox_item){
            .id = db_text(r, i, 0),
            .channel = (enum outbox_channel)index_of(channels, COUNT(channels), db_text(r, i, 1)),
            .to = db_text(r, i, 2),
            .person = db_text(r, i, 3),
            .topic = db_text(r, i, 4),
            .template = db_text(r, i, 5),
            .params = db_text(r, i, 6),
            .state = (enum outbox_state)index_of(states, COUNT(states), db_text(r, i, 7)),
            .created_at = db_int(r, i, 8),
            .delivered_at = db_int(r, i, 9),
            .last_error = db_text(r, i, 10),
    };
}

DB_QUERY(q_get, .in = "t", .out = ITEM_TYPES, .sql = "SELECT " ITEM_COLUMNS " FROM outbox WHERE id = ?1");

bool outbox_get(struct tx *tx, struct arena *a, struct sv id, struct outbox_item *ret, struct err *e)
{
    struct db_rows r;
    if (!db_one(tx, a, &q_get, DB_ARGS(DB_TEXT(id)), &r, e))
        return err_wrap(e, "message %.*s", SV_ARG(id));
    *ret = item_of(&r, 0);
    return true;
}

DB_QUERY(q_list, .in = "tti", .out = ITEM_TYPES,
         .sql = "SELECT " ITEM_COLUMNS " FROM outbox WHERE (?1 = '' OR person = ?1) AND (?2 = '' OR topic = ?2)"
                " ORDER BY id DESC LIMIT ?3");

bool outbox_list(struct tx *tx, struct arena *a, struct sv person, struct sv topic, size_t limit,
                 struct outbox_item **ret, size_t *ret_n, struct err *e)
{
    struct db_rows r;
    if (!db_run(tx, a, &q_list, DB_ARGS(DB_TEXT(person), DB_TEXT(topic), DB_INT((int64_t)limit)), &r, e))
        return false;
    struct outbox_item *items = arena_array(a, struct outbox_item, r.n);
    for (size_t i = 0; i < r.n; i++)
        items[i] = item_of(&r, i);
    *ret = items;
    *ret_n = r.n;
    return true;
}

/* ---- delivering ---- */

DB_QUERY(q_delivered, .in = "it",
         .sql = "UPDATE outbox SET state = 'delivered', delivered_at = ?1, attempts = attempts + 1, last_error = ''"
                " WHERE id = ?2 AND state = 'waiting'");
DB_QUERY(q_not_delivered, .in = "tt",
         .sql = "UPDATE outbox SET attempts = attempts + 1, last_error = ?1 WHERE id = ?2 AND state = 'waiting'");
DB_QUERY(q_failed, .in = "tt", .sql = "UPDATE outbox SET state = 'failed', last_error = ?1 WHERE id = ?2");

static bool read_item(struct job *j, struct outbox_item *ret, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    return tx_begin(j->db, TX_READ, &tx, e) && outbox_get(tx, j->a, j->payload, ret, e);
}

static bool mark_delivered(struct tx *tx, void *arg, struct err *e)
{
    struct job *j = arg;
    return db_exec(tx, &q_delivered, DB_ARGS(DB_INT(clock_now(j->clock)), DB_TEXT(j->payload)), e) &&
           job_finish(tx, j, e);
}

struct failure {
    const struct job *j;
    struct sv text;
};

static bool mark_not_delivered(struct tx *tx, void *arg, struct err *e)
{
    const struct failure *f = arg;
    return db_exec(tx, &q_not_delivered, DB_ARGS(DB_TEXT(f->text), DB_TEXT(f->j->payload)), e);
}

/* Stored: reason and code only. A driver's message may name the address. */
static struct sv failure_text(struct arena *a, const struct err *why)
{
    return why->reason[0] ? sv_from(why->reason) : arena_printf(a, "code.%s", err_code_name(why->code));
}

static bool hand_over(struct job *j, const struct outbox_drivers *d, struct outbox_item *item, struct err *e)
{
    const struct outbox_driver *driver = &d->channel[item->channel];
    if (!driver->deliver)
        return err_set(e, ERR_UNSUPPORTED, "no driver for channel %s", channels[item->channel]);
    item->body = item->params;
    if (d->render && !d->render(j->a, item, d->render_arg, &item->subject, &item->body, e))
        return err_wrap(e, "render %.*s", SV_ARG(item->template));
    return driver->deliver(j->a, item, driver->arg, e);
}

static bool deliver(struct job *j, void *arg, struct err *e)
{
    struct outbox_item item;
    struct err ignored;
    if (!read_item(j, &item, e))
        return false;
    if (item.state != OUTBOX_WAITING)
        return true; /* delivered by an attempt that could not finish its job */
    if (hand_over(j, arg, &item, e))
        return tx_run(j->db, mark_delivered, j, e);
    struct failure f = {j, failure_text(j->a, e)};
    (void)!tx_run_mode(j->db, TX_QUEUE, mark_not_delivered, &f, &ignored); /* the job keeps the reason as well */
    return err_wrap(e, "deliver %.*s by %s", SV_ARG(item.id), channels[item.channel]);
}

static bool give_up(struct tx *tx, const struct job *j, const struct err *why, void *arg UNUSED, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 4096);
    return db_exec(tx, &q_failed, DB_ARGS(DB_TEXT(failure_text(&a, why)), DB_TEXT(j->payload)), e);
}

struct job_kind outbox_job_kind(struct outbox_drivers *drivers)
{
    return (struct job_kind){
            .kind = DELIVER_KIND,
            .run = deliver,
            .dead = give_up,
            .arg = drivers,
            .max_attempts = DELIVER_ATTEMPTS,
            .first_backoff_ms = FIRST_BACKOFF_MS,
            .most_backoff_ms = MOST_BACKOFF_MS,
    };
}

/* ---- drivers ---- */

bool outbox_deliver_demo(struct arena *a UNUSED, const struct outbox_item *item UNUSED, void *arg UNUSED,
                         struct err *e UNUSED)
{
    return true;
}

bool outbox_deliver_file(struct arena *a, const struct outbox_item *item, void *arg, struct err *e)
{
    const char *dir = arg;
    struct sv text =
            arena_printf(a, "channel: %s\nto: %.*s\nid: %.*s\nsubject: %.*s\n\n%.*s\n", channels[item->channel],
                         SV_ARG(item->to), SV_ARG(item->id), SV_ARG(item->subject), SV_ARG(item->body));
    const char *name = arena_printf(a, "%.*s.txt", SV_ARG(item->id)).p;
    return dir_make(dir, 0700, e) && file_write(path_join(a, dir, name), text, 0600, e);
}

bool outbox_deliver_smtp(struct arena *a, const struct outbox_item *item, void *arg, struct err *e)
{
    const struct outbox_smtp *s = arg;
    struct sv to = item->to;
    if (s->reveal && !s->reveal(a, item->to, s->reveal_arg, &to, e))
        return err_wrap(e, "reveal the address");
    if (to.n > MOST_MAIL_ADDRESS)
        return err_set(e, ERR_BAD_INPUT, "the address is too long");
    struct net_mail mail = s->mail;
    mail.to = to;
    mail.subject = item->subject;
    mail.text = item->body;
    mail.message_id = arena_printf(a, "<%.*s@%.*s>", SV_ARG(item->id), SV_ARG(s->host));
    mail.date_ms = item->created_at;
    return net_mail_send(&mail, e);
}
