#ifndef SHOPCTL_CLINUX_SHIM_H
#define SHOPCTL_CLINUX_SHIM_H

// Linux calls that Swift's Glibc module does not have, or that are variadic.
#include <malloc.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

static inline int linux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// Names the calling thread for `top -H` and debuggers; the kernel keeps 15 characters.
static inline void linux_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/// The bytes that malloc has given out and that are not freed, in all arenas.
static inline size_t linux_allocated_bytes(void) {
    struct mallinfo2 figures = mallinfo2();
    return figures.uordblks + figures.hblkhd;
}

#endif
