/* qyq admin: what an operator does at the machine. Each command goes through the operations of the rooms, as the actor
 * "system" from "cli:<uid>", and its row stands in the audit log in the same transaction. It may run beside "qyq
 * serve". Exit codes: 0 done, 1 refused or not found or a record does not hold, 64 usage, 74 input/output. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/server.h"
#include "crypto/secret.h"
#include "record/audit.h"

#define MOST_OPTIONS  16
#define PASSWORD_MOST 1024
#define LIST_MOST     200
#define CHAIN_ROWS    500
#define SEAL_NAME     "劳动合同专用章"

struct admin {
    struct app app;
    struct arena *a;
    struct actor actor;
    struct {
        const char *name, *value;
    } option[MOST_OPTIONS];
    size_t options_n;
    const char *word; /* the one plain word, or NULL */
    bool unhealthy;   /* done, but what was found is bad: exit 1 */
};

static struct sv opt(const struct admin *d, const char *name)
{
    for (size_t i = 0; i < d->options_n; i++) {
        if (strcmp(d->option[i].name, name) == 0)
            return sv_from(d->option[i].value);
    }
    return SV("");
}

/* ---- enterprises ---- */

static void audit_object(struct admin *d, const char *kind, struct sv id, struct sv *ret)
{
    *ret = arena_printf(d->a, "%s:%.*s", kind, SV_ARG(id));
}

struct enterprise_step {
    struct admin *d;
    struct enterprise in;
    struct sv id;
};

static bool enterprise_add_tx(struct tx *tx, void *arg, struct err *e)
{
    struct enterprise_step *s = arg;
    struct admin *d = s->d;
    struct sv object;
    int64_t now = clock_now(&clock_system);
    if (!enterprise_add(d->app.party, tx, d->a, &s->in, &s->id, e))
        return false;
    audit_object(d, "enterprise", s->id, &object);
    const struct job_new key = {
            .kind = SV("enterprise.key"), .payload = s->id, .key = arena_printf(d->a, "key:%.*s", SV_ARG(s->id))};
    return job_enqueue(tx, d->a, &key, now, NULL, e) &&
           party_audit(tx, d->a, &d->actor, "admin.enterprise_add", s->id, object, SV(""), now, e);
}

static bool admin_enterprise_add(struct admin *d, struct err *e)
{
    struct sv seal_name = opt(d, "seal-name");
    struct enterprise_step s = {
            .d = d,
            .in = {.name = opt(d, "name"),
                   .uscc = opt(d, "uscc"),
                   .legal_representative = opt(d, "legal-representative"),
                   .domicile = opt(d, "domicile"),
                   .area_code = opt(d, "area"),
                   .contact_name = opt(d, "contact-name"),
                   .contact_phone = opt(d, "contact-phone"),
                   .state = SV("certified"),
                   .seal_name = seal_name.n ? seal_name : SV(SEAL_NAME),
                   .seal_code = opt(d, "seal-code"),
                   .seal_state = SV("active")}
    };
    if (!tx_run(d->app.db, enterprise_add_tx, &s, e))
        return false;
    printf("%.*s\n", SV_ARG(s.id));
    fprintf(stderr, "the key of its seal is made by the running server (job enterprise.key)\n");
    return true;
}

static bool admin_enterprise_list(struct admin *d, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct enterprise *list;
    struct sv next = SV("");
    size_t n;
    if (!tx_begin(d->app.db, TX_READ, &tx, e))
        return false;
    do {
        if (!enterprise_list(d->app.party, tx, d->a, next, 0, &list, &n, &next, e))
            return false;
        for (size_t i = 0; i < n; i++)
            printf("%.*s  %.*s  %-9.*s  %-7s  %.*s\n", SV_ARG(list[i].id), SV_ARG(list[i].uscc), SV_ARG(list[i].state),
                   list[i].key_id.n ? "key" : "no key", SV_ARG(list[i].name));
    } while (next.n);
    return true;
}

/* ---- members ---- */

/* The first line of a file that nobody else can read, or of the standard input ("-"). */
static bool read_password(const char *path, struct secret **ret, struct err *e)
{
    char line[PASSWORD_MOST + 2];
    if (strcmp(path, "-") != 0)
        return secret_load(path, 1, PASSWORD_MOST, ret, e);
    if (!fgets(line, sizeof(line), stdin))
        return err_set(e, ERR_IO, "no password on the standard input");
    line[strcspn(line, "\r\n")] = 0;
    *ret = secret_new(sv_from(line));
    explicit_bzero(line, sizeof(line));
    return true;
}

struct member_step {
    struct admin *d;
    struct member_in in;
    struct sv id;
    struct member member;
};

static bool member_add_tx(struct tx *tx, void *arg, struct err *e)
{
    struct member_step *s = arg;
    struct admin *d = s->d;
    struct sv object;
    if (!member_add(d->app.party, tx, d->a, &s->in, &s->id, e))
        return false;
    audit_object(d, "member", s->id, &object);
    return party_audit(tx, d->a, &d->actor, "admin.member_add", s->in.enterprise_id, object,
                       arena_printf(d->a, "{\"role\":\"%.*s\"}", SV_ARG(role_text(s->in.role))),
                       clock_now(&clock_system), e);
}

static bool enterprise_exists(struct admin *d, struct sv id, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct enterprise ignored;
    return tx_begin(d->app.db, TX_READ, &tx, e) && enterprise_get(d->app.party, tx, d->a, id, &ignored, e);
}

static bool admin_member_add(struct admin *d, struct err *e)
{
    CLEANUP(secret_cleanup) struct secret *password = NULL;
    struct member_step s = {
            .d = d, .in = {.enterprise_id = opt(d, "enterprise"), .user = opt(d, "user"), .name = opt(d, "name")}
    };
    if (!role_parse(opt(d, "role"), &s.in.role) || s.in.role < ROLE_VIEWER || s.in.role > ROLE_OWNER)
        return err_set(e, ERR_BAD_INPUT, "--role must be viewer, hr, seal or owner");
    if (!enterprise_exists(d, s.in.enterprise_id, e) || !read_password(opt(d, "password-file").p, &password, e))
        return false;
    s.in.password = secret_view(password);
    if (!tx_run(d->app.db, member_add_tx, &s, e))
        return false;
    printf("%.*s\n", SV_ARG(s.id));
    return true;
}

static bool admin_member_list(struct admin *d, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct member *list;
    struct sv next = SV("");
    size_t n;
    if (!tx_begin(d->app.db, TX_READ, &tx, e))
        return false;
    do {
        if (!member_list(d->app.party, tx, d->a, opt(d, "enterprise"), next, 0, &list, &n, &next, e))
            return false;
        for (size_t i = 0; i < n; i++) {
            bool locked = list[i].locked_until > clock_now(&clock_system);
            struct sv until = locked ? time_rfc3339(d->a, list[i].locked_until) : SV("");
            printf("%-20.*s  %-6.*s  %.*s  %.*s%s%.*s\n", SV_ARG(list[i].user), SV_ARG(role_text(list[i].role)),
                   SV_ARG(list[i].enterprise_id), SV_ARG(list[i].name), locked ? "  locked until " : "", SV_ARG(until));
        }
    } while (next.n);
    return true;
}

static bool member_unlock_tx(struct tx *tx, void *arg, struct err *e)
{
    struct member_step *s = arg;
    struct admin *d = s->d;
    struct sv object;
    if (!member_unlock(d->app.party, tx, d->a, sv_from(d->word), &s->member, e))
        return false;
    audit_object(d, "member", s->member.id, &object);
    return party_audit(tx, d->a, &d->actor, "admin.member_unlock", s->member.enterprise_id, object, SV(""),
                       clock_now(&clock_system), e);
}

static bool admin_member_unlock(struct admin *d, struct err *e)
{
    struct member_step s = {.d = d};
    return tx_run(d->app.db, member_unlock_tx, &s, e);
}

/* ---- jobs ---- */

static bool job_state_of(struct sv name, enum job_state *ret, struct err *e)
{
    for (int i = 0; i < JOB_STATE__N; i++) {
        if (sv_eq(name, sv_from(job_state_name((enum job_state)i)))) {
            *ret = (enum job_state)i;
            return true;
        }
    }
    return err_set(e, ERR_BAD_INPUT, "--state must be queued, running, done or dead");
}

static bool admin_job_list(struct admin *d, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct sv state_name = opt(d, "state");
    enum job_state state = JOB_DEAD;
    struct job_view *list;
    size_t n;
    if ((state_name.n && !job_state_of(state_name, &state, e)) || !tx_begin(d->app.db, TX_READ, &tx, e) ||
        !job_list(tx, d->a, state, LIST_MOST, &list, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        printf("%.*s  %-16.*s  %s  attempts %" PRId64 "  %.*s%s%.*s\n", SV_ARG(list[i].id), SV_ARG(list[i].kind),
               arena_cstr(d->a, time_rfc3339(d->a, list[i].created_at)), list[i].attempts, SV_ARG(list[i].waiting),
               list[i].last_error.n ? "  " : "", SV_ARG(list[i].last_error));
    return true;
}

static bool job_retry_tx(struct tx *tx, void *arg, struct err *e)
{
    struct admin *d = arg;
    struct sv object;
    int64_t now = clock_now(&clock_system);
    audit_object(d, "job", sv_from(d->word), &object);
    return job_retry(tx, sv_from(d->word), now, e) &&
           party_audit(tx, d->a, &d->actor, "admin.job_retry", SV(""), object, SV(""), now, e);
}

static bool admin_job_retry(struct admin *d, struct err *e)
{
    return tx_run(d->app.db, job_retry_tx, d, e);
}

/* ---- records ---- */

static bool verify_audit_log(struct admin *d, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct record_verdict v;
    if (!tx_begin(d->app.db, TX_READ, &tx, e) || !audit_verify(tx, &v, e))
        return false;
    if (v.ok)
        printf("audit log: %" PRId64 " records hold\n", v.checked);
    else
        printf("audit log: record %" PRId64 " does not hold (%s); %" PRId64 " before it do\n", v.bad_seq, v.why,
               v.checked);
    d->unhealthy |= !v.ok;
    return true;
}

static bool verify_contracts_after(struct admin *d, struct sv *after, int64_t *contracts, int64_t *records,
                                   bool *ret_more, struct err *e)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct sv *ids;
    size_t n;
    if (!tx_begin(d->app.db, TX_READ, &tx, e) || !contract_ids(tx, &a, *after, LIST_MOST, &ids, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        int64_t good;
        const char *fault;
        if (!contract_verify_record(tx, &a, ids[i], &good, &fault, e))
            return false;
        ++*contracts;
        *records += good;
        if (fault)
            printf("contract %.*s: does not hold (%s) behind record %" PRId64 "\n", SV_ARG(ids[i]), fault, good);
        d->unhealthy |= fault != NULL;
    }
    *ret_more = n == LIST_MOST;
    if (n)
        *after = arena_sv(d->a, ids[n - 1]);
    return true;
}

/* What is not chained yet cannot be verified: that is done first, as the server does every few seconds. */
static bool chain_pending(struct admin *d, struct err *e)
{
    size_t n = CHAIN_ROWS;
    while (n == CHAIN_ROWS) {
        if (!audit_chain_step(d->app.db, CHAIN_ROWS, &n, e))
            return false;
    }
    return true;
}

static bool admin_audit_verify(struct admin *d, struct err *e)
{
    struct sv after = SV("");
    int64_t contracts = 0, records = 0;
    bool more = true;
    if (!chain_pending(d, e) || !verify_audit_log(d, e))
        return false;
    while (more) {
        if (!verify_contracts_after(d, &after, &contracts, &records, &more, e))
            return false;
    }
    printf("contracts: %" PRId64 " looked at, %" PRId64 " records hold%s\n", contracts, records,
           d->unhealthy ? "; NOT ALL IS WELL" : "");
    return true;
}

static bool admin_key_list(struct admin *d, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct trust_key *list;
    size_t n;
    if (!tx_begin(d->app.db, TX_READ, &tx, e) || !trust_key_list(tx, d->a, LIST_MOST, &list, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        printf("%.*s  %-9s  %-8.*s  %-4.*s  %.*s  until %.*s  %.*s\n", SV_ARG(list[i].id),
               trust_key_state_name(list[i].state), SV_ARG(list[i].purpose), SV_ARG(list[i].algorithm),
               SV_ARG(list[i].owner), SV_ARG(time_rfc3339(d->a, list[i].not_after_at)), SV_ARG(list[i].subject));
    return true;
}

/* ---- long-term data ---- */

static void print_archive(struct admin *d, const struct contract_archive_row *row)
{
    const struct contract_archive *k = &row->archive;
    struct sv until = k->until_at ? time_rfc3339(d->a, k->until_at) : SV("-");
    printf("%.*s  %.*s  %-7s  stamps %" PRId64 "  until %.*s%s%s%.*s%s%.*s\n", SV_ARG(row->id), SV_ARG(row->number),
           contract_archive_state_name(k->state), k->count, SV_ARG(until), row->due && k->count ? "  due" : "",
           k->reason.n ? "  " : "", SV_ARG(k->reason), row->detail.n ? "  " : "", SV_ARG(row->detail));
}

static bool admin_archive_list(struct admin *d, struct err *e)
{
    CLEANUP(tx_rollback) struct tx *tx = NULL;
    struct contract_archive_row *rows;
    struct sv after = SV("");
    size_t n = LIST_MOST;
    bool all = sv_eq(opt(d, "state"), SV("all"));
    if (opt(d, "state").n && !all)
        return err_set(e, ERR_BAD_INPUT, "--state all, or nothing for those that need something");
    if (!tx_begin(d->app.db, TX_READ, &tx, e))
        return false;
    while (n == LIST_MOST) {
        if (!contract_archive_list(tx, d->a, &d->app.archive, clock_now(&clock_system), after, all, LIST_MOST, &rows,
                                   &n, e))
            return false;
        for (size_t i = 0; i < n; i++)
            print_archive(d, &rows[i]);
        if (n)
            after = rows[n - 1].id;
    }
    return true;
}

static bool archive_renew_tx(struct tx *tx, void *arg, struct err *e)
{
    struct admin *d = arg;
    struct sv object;
    int64_t now = clock_now(&clock_system);
    audit_object(d, "contract", sv_from(d->word), &object);
    return contract_archive_force(tx, d->a, sv_from(d->word), now, e) &&
           party_audit(tx, d->a, &d->actor, "admin.archive_renew", SV(""), object, SV(""), now, e);
}

static bool admin_archive_renew(struct admin *d, struct err *e)
{
    return tx_run(d->app.db, archive_renew_tx, d, e);
}

/* ---- the table ---- */

static const struct admin_command {
    const char *group, *verb; /* verb "": the group is the command */
    bool (*run)(struct admin *d, struct err *e);
    const char *needs, *may; /* names of options, blank-separated */
    const char *word;        /* what the one plain word is, or NULL */
    const char *help;
} commands[] = {
        {"enterprise",   "add",    admin_enterprise_add,
         "name uscc legal-representative domicile area contact-name contact-phone seal-code",        "seal-name",  NULL,
         "a certified enterprise; prints its id. Its seal's key is asked of the CA by the server"                                                                                          },
        {"enterprise",   "list",   admin_enterprise_list, "",                                        "",           NULL,   "id, credit code, state, key, name"                             },
        {"member",       "add",    admin_member_add,      "enterprise user name role password-file", "",           NULL,
         "role: viewer, hr, seal, owner; FILE with mode 0600, or - for one line of standard input"                                                                                         },
        {"member",       "list",   admin_member_list,     "",                                        "enterprise", NULL,   "user, role, enterprise, name, lock"                            },
        {"member",       "unlock", admin_member_unlock,   "",                                        "",           "USER", "after too many wrong passwords"                                },
        {"job",          "list",   admin_job_list,        "",                                        "state",      NULL,   "dead jobs, or those of a state (queued, running, done)"        },
        {"job",          "retry",  admin_job_retry,       "",                                        "",           "ID",   "puts a dead or waiting job to the front"                       },
        {"audit-verify", "",       admin_audit_verify,    "",                                        "",           NULL,
         "recomputes the audit log and the events of every contract; exit 1 and the first bad record if one is wrong"                                                                      },
        {"archive",      "list",   admin_archive_list,    "",                                        "state",      NULL,
         "contracts in force without long-term data, refused, or due for renewal; --state all: every one"                                                                                  },
        {"archive",      "renew",  admin_archive_renew,   "",                                        "",           "ID",
         "the running server adds an archive timestamp to this contract now"                                                                                                               },
        {"key",          "list",   admin_key_list,        "",                                        "",           NULL,   "id, state, purpose, algorithm, owner, end of validity, subject"},
};

static void print_options(FILE *to, const char *names, bool optional)
{
    for (struct sv rest = sv_from(names); rest.n;) {
        struct sv name = sv_cut(&rest, ' ');
        fprintf(to, optional ? " [--%.*s …]" : " --%.*s …", SV_ARG(name));
    }
}

static int usage(FILE *to, int code)
{
    fputs("usage: qyq admin [--config FILE] [--data DIR] COMMAND …\n\n", to);
    for (size_t i = 0; i < COUNT(commands); i++) {
        const struct admin_command *c = &commands[i];
        fprintf(to, "  %s%s%s%s%s", c->group, *c->verb ? " " : "", c->verb, c->word ? " " : "", c->word ? c->word : "");
        print_options(to, c->needs, false);
        print_options(to, c->may, true);
        fprintf(to, "\n      %s\n", c->help);
    }
    fputs("\nMay be used beside a running \"qyq serve\". What is changed stands in the audit log.\n", to);
    return code;
}

static bool knows(const char *names, const char *name)
{
    for (struct sv rest = sv_from(names); rest.n;) {
        if (sv_eq(sv_cut(&rest, ' '), sv_from(name)))
            return true;
    }
    return false;
}

static bool take_option(struct admin *d, struct app_options *o, const char *name, const char *value)
{
    if (strcmp(name, "config") == 0)
        o->config_path = value;
    else if (strcmp(name, "data") == 0)
        o->data_dir = value;
    else if (d->options_n == MOST_OPTIONS)
        return false;
    else {
        d->option[d->options_n].name = name;
        d->option[d->options_n++].value = value;
    }
    return true;
}

/* Which command it is, and whether its options are those that it takes. */
static const struct admin_command *find(struct admin *d, const char *const *words, size_t n)
{
    for (size_t i = 0; i < COUNT(commands); i++) {
        const struct admin_command *c = &commands[i];
        size_t own = *c->verb ? 2 : 1;
        if (n < own || strcmp(words[0], c->group) != 0 || (own == 2 && strcmp(words[1], c->verb) != 0))
            continue;
        if (n != own + (c->word ? 1 : 0))
            return NULL;
        d->word = c->word ? words[own] : NULL;
        for (size_t k = 0; k < d->options_n; k++) {
            if (!knows(c->needs, d->option[k].name) && !knows(c->may, d->option[k].name))
                return NULL;
        }
        for (struct sv rest = sv_from(c->needs); rest.n;) {
            if (!opt(d, arena_cstr(d->a, sv_cut(&rest, ' '))).n)
                return NULL;
        }
        return c;
    }
    return NULL;
}

static const struct admin_command *parse(int argc, char **argv, struct admin *d, struct app_options *o)
{
    const char *words[3];
    size_t n = 0;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            if (i + 1 == argc || !take_option(d, o, argv[i] + 2, argv[i + 1]))
                return NULL;
            i++;
        } else if (n == COUNT(words)) {
            return NULL;
        } else {
            words[n++] = argv[i];
        }
    }
    return n ? find(d, words, n) : NULL;
}

int cmd_admin(int argc, char **argv)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    struct admin d = {.a = &a};
    struct app_options o = {.mode = APP_DEVELOPMENT, .port = -1};
    struct err e = ERR_INIT;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return usage(stdout, 0);
    }
    const struct admin_command *c = parse(argc, argv, &d, &o);
    if (!c)
        return usage(stderr, EXIT_USAGE);
    d.actor = actor_system(arena_printf(&a, "cli:%u", (unsigned)getuid()).p);
    if (!app_open_desk(&o, &d.app, &e)) {
        fprintf(stderr, "qyq admin: %s\n", e.msg);
        return 1;
    }
    bool ok = c->run(&d, &e);
    if (!ok)
        fprintf(stderr, "qyq admin: %s%s%s%s\n", e.msg, e.reason[0] ? " [" : "", e.reason, e.reason[0] ? "]" : "");
    app_close(&d.app);
    if (fflush(stdout) != 0 || e.code == ERR_IO)
        return EXIT_IO;
    return ok && !d.unhealthy ? 0 : 1;
}
