/*
 * Preloaded into a program, records each connect() that it makes: a line in the file that CONNECT_RECORD names, written
 * before the call. A program that cannot be recorded is ended: a record with gaps would prove nothing.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int record = -1;

static void give_up(const char *why)
{
    dprintf(STDERR_FILENO, "connects cannot be recorded: %s\n", why);
    abort();
}

/* One write() to a file opened for appending, so that lines of many threads and processes do not mix. */
static void append(const char *line, int length)
{
    if (write(record, line, (size_t)length) != length)
        give_up(strerror(errno));
}

static long long nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("CONNECT_RECORD");
    char line[64];
    if (path == NULL || (record = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)) < 0)
        give_up(path ? strerror(errno) : "CONNECT_RECORD is not set");
    append(line, snprintf(line, sizeof line, "watches %d\n", (int)getpid()));
}

static void describe(char *text, size_t size, const struct sockaddr *address, socklen_t length)
{
    char host[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *v4 = (const void *)address;
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
        snprintf(text, size, "%s:%d", host, ntohs(v4->sin_port));
    } else if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *v6 = (const void *)address;
        inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
        snprintf(text, size, "[%s]:%d", host, ntohs(v6->sin6_port));
    } else if (address->sa_family == AF_UNIX && length > offsetof(struct sockaddr_un, sun_path)) {
        const struct sockaddr_un *local = (const void *)address;
        int longest = (int)(length - offsetof(struct sockaddr_un, sun_path));
        /* An abstract name begins with a zero byte. */
        if (local->sun_path[0] == '\0')
            snprintf(text, size, "@%.*s", longest - 1, local->sun_path + 1);
        else
            snprintf(text, size, "%.*s", longest, local->sun_path);
    } else {
        snprintf(text, size, "family %d", address->sa_family);
    }
}

int connect(int socket, const struct sockaddr *address, socklen_t length)
{
    static int (*next)(int, const struct sockaddr *, socklen_t);
    char target[sizeof(struct sockaddr_un) + 8], line[sizeof target + 96];
    int type = 0;
    socklen_t size = sizeof type;
    if (next == NULL && (next = (__typeof__(next))dlsym(RTLD_NEXT, "connect")) == NULL)
        give_up("there is no connect()");
    /* AF_UNSPEC ends a connection. */
    if (address != NULL && length >= sizeof(sa_family_t) && address->sa_family != AF_UNSPEC) {
        int before = errno;
        getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size);
        describe(target, sizeof target, address, length);
        append(line, snprintf(line, sizeof line, "connect %d %lld %lld %s %s\n", (int)getpid(),
                              nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_REALTIME),
                              address->sa_family == AF_UNIX ? "local" : type == SOCK_STREAM ? "tcp" : "udp", target));
        errno = before;
    }
    return next(socket, address, length);
}
