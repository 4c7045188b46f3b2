#include <hiredis.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

/// Names the calling thread, up to 15 characters, for `top -H` and debuggers (`prctl` is variadic).
static inline void credis_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
