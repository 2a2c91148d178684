/* Compiler attributes and small macros that every room uses.
 *
 * CLEANUP(fn) runs fn(&variable) when the variable leaves its scope; steal(&p) hands a pointer over and leaves NULL behind, so
 * that the clean-up finds nothing to do. must(cond) is for bugs, never for input: it aborts in every build type. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))

/* Number of elements of an array (not of a pointer). */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define steal(pp)                                                                                  \
    __extension__({                                                                                \
        __typeof__(pp) steal_pp_ = (pp);                                                           \
        __typeof__(*steal_pp_) steal_p_ = *steal_pp_;                                              \
        *steal_pp_ = NULL;                                                                         \
        steal_p_;                                                                                  \
    })

/* Defines name(T **p), fit for CLEANUP, that calls fn(*p) when *p is not NULL. */
#define DEFINE_CLEANUP(type, name, fn)                                                             \
    static inline UNUSED void name(type *p)                                                        \
    {                                                                                              \
        if (*p)                                                                                    \
            fn(*p);                                                                                \
    }

NORETURN void must_failed(const char *expr, const char *file, int line);
#define must(cond) ((cond) ? (void)0 : must_failed(#cond, __FILE__, __LINE__))

#endif
