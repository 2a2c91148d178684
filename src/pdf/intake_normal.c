/* qpdf in a child process: a PDF in, the same document written anew out; see intake.h.
 *
 * The child reads descriptor 0 (a memory file with the input) and writes descriptor 1: one line of remarks, then the
 * new file. Its exit code says the rest. Descriptor 2 is the end of a pipe that closes when the child is gone, so that
 * the parent can wait with a deadline. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <qpdf/qpdf-c.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pdf/intake_priv.h"

enum child_exit { CHILD_OK, CHILD_ENCRYPTED = 10, CHILD_UNREADABLE, CHILD_LIMITS, CHILD_IO };

#define REMARK_MAX 300

/* ---- in the child ---- */

static void qpdf_free(qpdf_data *q)
{
    qpdf_cleanup(q);
}

static bool put(int fd, const void *p, size_t n)
{
    struct sv s = sv_of(p, n);
    while (s.n) {
        ssize_t done = write(fd, s.p, s.n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        s = sv_skip(s, (size_t)done);
    }
    return true;
}

/* One line of ASCII: it comes from the file. */
static bool put_remark(const char *text)
{
    char line[REMARK_MAX + 1];
    size_t n = 0;
    for (; text[n] && n < REMARK_MAX; n++)
        line[n] = text[n] >= ' ' && text[n] < 127 ? text[n] : '?';
    line[n++] = '\n';
    return put(1, line, n);
}

static enum child_exit failed(qpdf_data q)
{
    qpdf_error error = qpdf_get_error(q);
    enum qpdf_error_code_e code = error ? qpdf_get_error_code(q, error) : qpdf_e_internal;
    if (!put_remark(error ? qpdf_get_error_message_detail(q, error) : "unknown failure"))
        return CHILD_IO;
    if (code == qpdf_e_password)
        return CHILD_ENCRYPTED;
    return code == qpdf_e_system || code == qpdf_e_internal ? CHILD_LIMITS : CHILD_UNREADABLE;
}

static enum child_exit normalise(const char *p, size_t n)
{
    CLEANUP(qpdf_free) qpdf_data q = qpdf_init();
    qpdf_silence_errors(q);
    qpdf_set_suppress_warnings(q, QPDF_TRUE);
    if (qpdf_read_memory(q, "file", p, n, NULL) & QPDF_ERRORS)
        return failed(q);
    if (qpdf_is_encrypted(q))
        return CHILD_ENCRYPTED;
    if (qpdf_init_write_memory(q) & QPDF_ERRORS)
        return failed(q);
    qpdf_set_object_stream_mode(q, qpdf_o_disable);
    qpdf_set_stream_data_mode(q, qpdf_s_compress);
    qpdf_set_preserve_unreferenced_objects(q, QPDF_FALSE);
    qpdf_set_deterministic_ID(q, QPDF_TRUE);
    qpdf_set_minimum_pdf_version(q, "1.7");
    if (qpdf_write(q) & QPDF_ERRORS)
        return failed(q);
    bool guessed = qpdf_more_warnings(q);
    if (!put_remark(guessed ? qpdf_get_error_message_detail(q, qpdf_next_warning(q)) : ""))
        return CHILD_IO;
    return put(1, qpdf_get_buffer(q), qpdf_get_buffer_length(q)) ? CHILD_OK : CHILD_LIMITS;
}

int pdf_intake_child(void)
{
    struct stat st;
    if (fstat(0, &st) < 0 || st.st_size <= 0)
        return CHILD_IO;
    void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, 0, 0);
    return p == MAP_FAILED ? CHILD_IO : (int)normalise(p, (size_t)st.st_size);
}

static bool limit(int what, uint64_t to)
{
    struct rlimit r = {.rlim_cur = to, .rlim_max = to};
    return setrlimit((__rlimit_resource_t)what, &r) == 0;
}

/* Private memory, that is without what a helper's libraries map; a fork counts what it inherits. The sanitizers reserve
 * terabytes, so there only time is limited. */
static bool limit_memory(uint64_t bytes)
{
#ifdef QYQ_ARENA_DEBUG
    return bytes > 0;
#else
    return limit(RLIMIT_DATA, bytes);
#endif
}

/* Private memory of this process now. */
static uint64_t inherited_memory(void)
{
    CLEANUP(fd_close) int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    char text[200];
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
    struct sv rest = n > 0 ? sv_of(text, (size_t)n) : SV("");
    uint64_t data = 0;
    for (int i = 0; i < 6; i++) { /* size resident shared text lib data */
        if (!sv_u64(sv_trim(sv_cut(&rest, ' ')), UINT64_MAX >> 13, &data))
            data = 0;
    }
    return data * (uint64_t)sysconf(_SC_PAGESIZE);
}

struct child {
    int in, out, gone; /* descriptors for 0, 1 and 2 of the child */
    uint64_t memory, output;
    unsigned seconds;
    const char *helper;
};

static NORETURN void child_run(const struct child *c)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGXFSZ, SIG_IGN);
    /* Out of the way first: they may stand where 0, 1 and 2 belong. */
    int in = fcntl(c->in, F_DUPFD, 10), out = fcntl(c->out, F_DUPFD, 10), gone = fcntl(c->gone, F_DUPFD, 10);
    bool ready = dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(gone, 2) == 2 && close_range(3, ~0u, 0) == 0;
    ready = ready && limit_memory(c->memory) && limit(RLIMIT_CPU, c->seconds) && limit(RLIMIT_CORE, 0) &&
            limit(RLIMIT_FSIZE, c->output);
    if (ready && c->helper)
        execl(c->helper, c->helper, "intake", "--normalise", (char *)NULL);
    if (!ready || c->helper || !limit(RLIMIT_NOFILE, 0))
        _exit(CHILD_IO);
    _exit(pdf_intake_child());
}

/* ---- in the parent ---- */

static bool fill(int fd, struct sv bytes, struct err *e)
{
    return (put(fd, bytes.p, bytes.n) && lseek(fd, 0, SEEK_SET) == 0) || err_errno(e, "memory file");
}

/* Waits until the child is gone, at most so long; then it is ended. False: ended by us. */
static bool wait_gone(pid_t pid, int gone, unsigned timeout_ms, int *ret_status)
{
    int64_t until = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    bool in_time = false;
    for (;;) {
        int64_t left = until - clock_monotonic_us();
        struct pollfd p = {.fd = gone, .events = POLLIN};
        int n = left > 0 ? poll(&p, 1, (int)(left / 1000) + 1) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        in_time = n > 0;
        if (n > 0 && (p.revents & POLLIN)) { /* a runtime wrote to its error output */
            char words[512];
            if (read(gone, words, sizeof(words)) > 0)
                continue;
        }
        break;
    }
    if (!in_time)
        kill(pid, SIGKILL);
    while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
        ;
    return in_time;
}

static bool run(const struct child *c, int gone, unsigned timeout_ms, int *ret_code, struct err *e)
{
    pid_t pid = fork();
    if (pid < 0)
        return err_errno(e, "fork");
    if (pid == 0)
        child_run(c);
    close(c->gone);
    int status = 0;
    if (!wait_gone(pid, gone, timeout_ms, &status))
        return err_user(e, ERR_TOO_LARGE, "pdf_intake_limits", NULL, "normalising took longer than %u ms", timeout_ms);
    if (!WIFEXITED(status)) /* out of stack or time, or an abort for want of memory */
        return err_user(e, ERR_TOO_LARGE, "pdf_intake_limits", NULL, "normalising ended by signal %d",
                        WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    *ret_code = WEXITSTATUS(status);
    return true;
}

static bool collect(struct arena *a, int fd, size_t max, struct intake_normal *ret, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_errno(e, "memory file");
    size_t n = (size_t)st.st_size;
    if (n > max)
        return err_user(e, ERR_TOO_LARGE, "pdf_intake_too_large", NULL, "normalised, it is larger than %zu bytes", max);
    char *p = arena_alloc(a, n + 1);
    for (size_t at = 0; at < n;) {
        ssize_t got = pread(fd, p + at, n - at, (off_t)at);
        if (got <= 0 && errno != EINTR)
            return err_errno(e, "memory file");
        at += got > 0 ? (size_t)got : 0;
    }
    struct sv rest = sv_of(p, n);
    ret->warning = sv_cut(&rest, '\n');
    ret->bytes = rest;
    return true;
}

static bool judge(int code, struct intake_normal *ret, struct err *e)
{
    switch (code) {
    case CHILD_OK:
        return true;
    case CHILD_ENCRYPTED:
        ret->encrypted = true;
        ret->bytes = SV("");
        return true;
    case CHILD_UNREADABLE:
        return err_user(e, ERR_BAD_INPUT, "pdf_unreadable", NULL, "%.*s", SV_ARG(ret->warning));
    case CHILD_LIMITS:
        return err_user(e, ERR_TOO_LARGE, "pdf_intake_limits", NULL, "normalising: %.*s", SV_ARG(ret->warning));
    case CHILD_IO:
        return err_set(e, ERR_IO, "the child that normalises could not begin or end");
    default: /* a runtime that ends the process itself, out of stack say */
        return err_user(e, ERR_TOO_LARGE, "pdf_intake_limits", NULL, "normalising ended with exit code %d", code);
    }
}

bool intake_normalise(struct arena *a, struct sv bytes, const struct pdf_intake_options *o, struct intake_normal *ret,
                      struct err *e)
{
    *ret = (struct intake_normal){0};
    CLEANUP(fd_close) int in = memfd_create("pdf-in", MFD_CLOEXEC);
    CLEANUP(fd_close) int out = memfd_create("pdf-out", MFD_CLOEXEC);
    int gone[2] = {-1, -1};
    if (in < 0 || out < 0 || pipe2(gone, O_CLOEXEC) < 0)
        return err_errno(e, "memory file");
    CLEANUP(fd_close) int watch = gone[0];
    struct child c = {.in = in,
                      .out = out,
                      .gone = gone[1],
                      .memory = o->max_memory + (o->helper ? 0 : inherited_memory()),
                      .output = (uint64_t)o->max_bytes + REMARK_MAX + 2,
                      .seconds = o->timeout_ms / 1000 + 1,
                      .helper = o->helper};
    int code = 0;
    if (!fill(in, bytes, e)) {
        close(gone[1]);
        return false;
    }
    return run(&c, watch, o->timeout_ms, &code, e) && collect(a, out, o->max_bytes, ret, e) && judge(code, ret, e);
}
