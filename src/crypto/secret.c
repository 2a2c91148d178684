/* Guarded memory and secret files; see secret.h. One mapping a secret: guard page, header page(s) with the bytes at
 * their very end (an overrun faults at once), guard page. */
#include "crypto/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "crypto/digest.h"

struct secret {
    void *map;
    size_t map_n, n;
    char *p;
};

static struct secret *secret_alloc(size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    must(n < SIZE_MAX / 4);
    size_t inner = (sizeof(struct secret) + n + page - 1) / page * page;
    char *map = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(map != MAP_FAILED);
    must(mprotect(map + page, inner, PROT_READ | PROT_WRITE) == 0);
    (void)mlock(map + page, inner); /* may be forbidden by RLIMIT_MEMLOCK: then the rest still holds */
    (void)madvise(map + page, inner, MADV_DONTDUMP);
    struct secret *s = (void *)(map + page);
    *s = (struct secret){.map = map, .map_n = inner + 2 * page, .n = n, .p = map + page + inner - n};
    return s;
}

struct secret *secret_new(struct sv bytes)
{
    struct secret *s = secret_alloc(bytes.n);
    if (bytes.n)
        memcpy(s->p, bytes.p, bytes.n);
    return s;
}

struct secret *secret_random(size_t n)
{
    struct secret *s = secret_alloc(n);
    random_bytes(s->p, n);
    return s;
}

void secret_free(struct secret *s)
{
    if (!s)
        return;
    void *map = s->map;
    size_t n = s->map_n;
    OPENSSL_cleanse(s->p, s->n);
    munmap(map, n);
}

struct sv secret_view(const struct secret *s)
{
    return (struct sv){s->p, s->n};
}

static bool file_is_private(int fd, const char *path, size_t max, size_t *ret_n, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_errno(e, "stat %s", path);
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077) || (st.st_uid != geteuid() && st.st_uid != 0))
        return err_user(e, ERR_FORBIDDEN, "secret_file_open", NULL, "%s must be a file of mode 0600 owned by this user",
                        path);
    if (st.st_size < 0 || (uint64_t)st.st_size > max + 2)
        return err_set(e, ERR_BAD_INPUT, "%s is larger than %zu bytes", path, max);
    *ret_n = (size_t)st.st_size;
    return true;
}

bool secret_load(const char *path, size_t min, size_t max, struct secret **ret, struct err *e)
{
    *ret = NULL;
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return err_errno(e, "open %s", path);
    size_t size;
    if (!file_is_private(fd, path, max, &size, e))
        return false;
    CLEANUP(secret_cleanup) struct secret *raw = secret_alloc(size);
    size_t n = 0;
    while (n < size) {
        ssize_t got = read(fd, raw->p + n, size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(e, "read %s", path);
        if (got == 0)
            break;
        n += (size_t)got;
    }
    struct sv text = {raw->p, n};
    if (sv_ends(text, SV("\n")))
        text.n -= text.n >= 2 && text.p[text.n - 2] == '\r' ? 2 : 1;
    if (text.n < min || text.n > max)
        return err_set(e, ERR_BAD_INPUT, "%s must hold %zu to %zu bytes", path, min, max);
    *ret = secret_new(text);
    return true;
}

bool secret_load_or_make(const char *path, size_t n, struct secret **ret, struct err *e)
{
    *ret = NULL;
    if (!file_exists(path)) {
        /* As hexadecimal digits, so that no byte looks like an end of line and people can keep a paper copy. */
        CLEANUP(secret_cleanup) struct secret *raw = secret_random(n);
        CLEANUP(secret_cleanup) struct secret *hex = secret_alloc(2 * n);
        for (size_t i = 0; i < n; i++) {
            hex->p[2 * i] = "0123456789abcdef"[(uint8_t)raw->p[i] >> 4];
            hex->p[2 * i + 1] = "0123456789abcdef"[raw->p[i] & 15];
        }
        if (!file_write(path, secret_view(hex), 0600, e))
            return false;
    }
    CLEANUP(secret_cleanup) struct secret *hex = NULL;
    if (!secret_load(path, 2 * n, 2 * n, &hex, e))
        return false;
    CLEANUP(secret_cleanup) struct secret *raw = secret_alloc(n);
    for (size_t i = 0; i < n; i++) {
        int high = hex_digit(hex->p[2 * i]), low = hex_digit(hex->p[2 * i + 1]);
        if (high < 0 || low < 0)
            return err_set(e, ERR_CORRUPT, "%s must hold hexadecimal digits", path);
        raw->p[i] = (char)(high << 4 | low);
    }
    *ret = steal(&raw);
    return true;
}

DEFINE_CLEANUP(EVP_KDF_CTX *, kdf_ctx_cleanup, EVP_KDF_CTX_free)
DEFINE_CLEANUP(EVP_KDF *, kdf_cleanup, EVP_KDF_free)

struct secret *secret_derive(const struct secret *master, const char *purpose, struct sv context, size_t n)
{
    must(n > 0 && n <= 64 && context.n <= 1024 && strlen(purpose) <= 256);
    struct buf info; /* purpose, NUL, context: no two pairs give the same bytes */
    buf_init(&info, 2048);
    buf_add(&info, sv_from(purpose));
    buf_add_char(&info, 0);
    buf_add(&info, context);
    char hash[] = "SHA256", salt[] = "qyq purpose keys v1";
    OSSL_PARAM params[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, master->p, master->n),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt, sizeof(salt) - 1),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.p, info.n),
            OSSL_PARAM_construct_end(),
    };
    CLEANUP(kdf_cleanup) EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    must(kdf != NULL);
    CLEANUP(kdf_ctx_cleanup) EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    struct secret *s = secret_alloc(n);
    must(ctx && EVP_KDF_derive(ctx, (unsigned char *)s->p, n, params) == 1);
    buf_done(&info);
    return s;
}

struct sv lookup_hash(struct arena *a, const struct secret *key, struct sv value)
{
    struct digest d = hmac_of(DIGEST_SHA256, secret_view(key), value);
    return digest_hex(a, &d);
}
