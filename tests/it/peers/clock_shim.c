/*
 * Preloaded into a program, shows it a wall clock that is as many seconds ahead as CLOCK_AHEAD_S says, or behind if that is
 * negative. The monotonic clock stays as it is, as when somebody has set the time of a machine.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*next)(clockid_t, struct timespec *);
    const char *ahead = getenv("CLOCK_AHEAD_S");
    int failed;
    if (next == NULL && (next = (__typeof__(next))dlsym(RTLD_NEXT, "clock_gettime")) == NULL)
        abort();
    failed = next(clock, now);
    if (failed == 0 && ahead != NULL && clock == CLOCK_REALTIME)
        now->tv_sec += atoll(ahead);
    return failed;
}
