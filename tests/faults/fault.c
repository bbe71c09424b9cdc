/* A disk that fails on demand. Loaded before the C library (LD_PRELOAD), it counts the calls by which a process changes files below one
   folder, and at the n-th of them the process dies, the disk is full or broken, or a write is torn. It knows nothing of the program; which
   points are tried, and what must hold after each, is the test's.

   FAULT_FOLDER  the folder, in canonical form
   FAULT_LOG     a file elsewhere; each call gets a line there before it is done: its number, what it is, the path
   FAULT_KIND    what happens at the n-th call:
                   none    nothing: the calls are only counted
                   kill    the process dies before the call
                   torn    it dies after the call, of which a write has written its first half
                   full    a write writes its first half; from then on whatever needs space fails with ENOSPC
                   broken  the call is not done and fails with EIO; later ones succeed
                   reader  the process's children die; the process itself goes on
                   sealed  from then on nothing may be changed (EROFS)
                   power   the machine stops before the call: what was not forced to disk is gone, names and bytes
                   hollow  the same, but all names have reached the disk
                 The last two happen at the process's end when there are fewer calls.
   FAULT_AT      n, from 1
   FAULT_CLOCK   seconds by which the clock is wrong

   Nothing is really forced to disk: as long as the machine runs, what was written is there, and a thousand syncs take no time. */

#define _GNU_SOURCE
#include "power.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { NONE, KILL, TORN, FULL, BROKEN, READER, SEALED, POWER, HOLLOW };
static const char *const KINDS[] = {"none", "kill", "torn", "full", "broken", "reader", "sealed", "power", "hollow"};

/* What becomes of a call, if it is not an error number. */
enum { DONE = 0, DIES_AFTER = -1, SHORT = -2 };
enum space { FREES, NEEDS_SPACE };

static char folder[PATH_MAX];
static size_t folder_length;
static enum kind kind;
static long at;
static long clock_off;
static int account = -1;
static atomic_long calls;
/* The file that the present call of this thread is about; empty where it is none of ours. */
static __thread char path[PATH_MAX];

__attribute__((constructor)) static void begin(void) {
    const char *where = getenv("FAULT_FOLDER"), *what = getenv("FAULT_KIND"), *when = getenv("FAULT_AT"), *log = getenv("FAULT_LOG");
    const char *off = getenv("FAULT_CLOCK");
    clock_off = off ? atol(off) : 0;
    if (!where || !what || !when || !log || strlen(where) >= sizeof folder) return;
    strcpy(folder, where);
    at = atol(when);
    for (size_t known = 0; known < sizeof KINDS / sizeof *KINDS; known++)
        if (strcmp(what, KINDS[known]) == 0) kind = (enum kind)known;
    account = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (kind == POWER || kind == HOLLOW) power_watch(log);
    folder_length = strlen(folder);
}

__attribute__((destructor)) static void end(void) {
    if (kind == POWER || kind == HOLLOW) power_cut(kind == POWER);
}

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

static void kill_children(void) {
    DIR *threads = opendir("/proc/self/task");
    for (struct dirent *thread; threads && (thread = readdir(threads));) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "/proc/self/task/%s/children", thread->d_name);
        FILE *children = thread->d_name[0] == '.' ? NULL : fopen(path, "re");
        for (int child; children && fscanf(children, "%d", &child) == 1;) kill(child, SIGKILL);
        if (children) fclose(children);
    }
    if (threads) closedir(threads);
}

/* The path that a descriptor stands for; empty where it stands for none. */
static void path_of(int descriptor, char *found) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, found, PATH_MAX - 1);
    found[length > 0 ? length : 0] = 0;
}

/* Whether the call is on a file below the folder, and on which. `name` is none where the descriptor itself is meant. */
static int is_below(int base, const char *name, char *found) {
    if (name && name[0] == '/') snprintf(found, PATH_MAX, "%s", name);
    else if (base == AT_FDCWD) { if (!getcwd(found, PATH_MAX)) found[0] = 0; }
    else path_of(base, found);
    if (name && name[0] != '/') {
        size_t length = strlen(found);
        snprintf(found + length, PATH_MAX - length, "/%s", name);
    }
    return strncmp(found, folder, folder_length) == 0 && (found[folder_length] == '/' || found[folder_length] == 0);
}

/* Counts a call that is about to be made and says what becomes of it: DONE, DIES_AFTER, SHORT or an error number. */
static int meet(const char *what, int base, const char *name, enum space space) {
    char line[PATH_MAX + 64];
    int kept = errno;
    if (!folder_length || !is_below(base, name, path)) path[0] = 0;
    errno = kept;
    if (!path[0]) return DONE;
    long number = atomic_fetch_add(&calls, 1) + 1;
    int length = snprintf(line, sizeof line, "%ld %s %s\n", number, what, path + folder_length);
    syscall(SYS_write, account, line, (size_t)length);
    errno = kept;
    if (kind == FULL && number > at && space == NEEDS_SPACE) return ENOSPC;
    if (kind == SEALED && number >= at) return EROFS;
    if (number != at) return DONE;
    switch (kind) {
    case KILL: die(); return DONE;
    case POWER: case HOLLOW: power_cut(kind == POWER); die(); return DONE;
    case TORN: return DIES_AFTER;
    case FULL: return space == FREES ? DONE : strcmp(what, "write") == 0 ? SHORT : ENOSPC;
    case BROKEN: return EIO;
    case READER: kill_children(); errno = kept; return DONE;
    default: return DONE;
    }
}

/* A call that is done whole or not at all; `before` and `after` tell of it what a power cut would take. */
#define WHOLE(what, base, name, space, before, call, after)                         \
    int met = meet(what, base, name, space);                                        \
    if (met > 0) { errno = met; return -1; }                                        \
    if (path[0]) { before; }                                                        \
    long ended = (call);                                                            \
    if (met == DIES_AFTER) die();                                                   \
    int kept = errno;                                                               \
    if (path[0] && ended >= 0) { after; }                                           \
    errno = kept;                                                                   \
    return ended

/* A call that writes `length` bytes or fewer; `part` is how many it may. */
#define WRITTEN(descriptor, length, call)                                           \
    int met = meet("write", descriptor, NULL, NEEDS_SPACE);                         \
    size_t part = met == DIES_AFTER || met == SHORT ? (length) / 2 : (length);      \
    if (met == SHORT && part == 0) met = ENOSPC;                                    \
    if (met > 0) { errno = met; return -1; }                                        \
    if (path[0]) power_before_write(descriptor, path);                              \
    ssize_t ended = (call);                                                         \
    if (met == DIES_AFTER) die();                                                   \
    return ended

ssize_t write(int descriptor, const void *bytes, size_t length) {
    WRITTEN(descriptor, length, syscall(SYS_write, descriptor, bytes, part));
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t from) {
    WRITTEN(descriptor, length, syscall(SYS_pwrite64, descriptor, bytes, part, from));
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t from) { return pwrite64(descriptor, bytes, length, from); }

/* Several pieces are written one by one, which whoever asked has to be ready for. */
ssize_t writev(int descriptor, const struct iovec *pieces, int count) {
    int first = 0;
    while (first + 1 < count && pieces[first].iov_len == 0) first++;
    if (count <= 0) return 0;
    return write(descriptor, pieces[first].iov_base, pieces[first].iov_len);
}

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned flags) {
    WRITTEN(to, length, syscall(SYS_copy_file_range, from, from_at, to, to_at, part, flags));
}

ssize_t sendfile64(int to, int from, off64_t *from_at, size_t length) {
    WRITTEN(to, length, syscall(SYS_sendfile, to, from, from_at, part));
}

ssize_t sendfile(int to, int from, off_t *from_at, size_t length) { return sendfile64(to, from, from_at, length); }

static int is_there(int base, const char *name) {
    int kept = errno;
    int there = syscall(SYS_faccessat, base, name, F_OK) == 0;
    errno = kept;
    return there;
}

/* Opening counts where it makes a file or empties one. */
static int opens(int base, const char *name, int flags, mode_t mode) {
    int makes = (flags & O_CREAT) && !is_there(base, name);
    if (!makes && !(flags & O_TRUNC)) return (int)syscall(SYS_openat, base, name, flags, mode);
    WHOLE(makes ? "create" : "empty", base, name, makes ? NEEDS_SPACE : FREES, , syscall(SYS_openat, base, name, flags, mode),
          if (makes) power_made(path));
}

#define MODE(flags)                                                  \
    mode_t mode = 0;                                                 \
    if (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE) { \
        va_list rest;                                                \
        va_start(rest, flags);                                       \
        mode = va_arg(rest, mode_t);                                 \
        va_end(rest);                                                \
    }

int open(const char *name, int flags, ...) { MODE(flags) return opens(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags) return opens(AT_FDCWD, name, flags, mode); }
int openat(int base, const char *name, int flags, ...) { MODE(flags) return opens(base, name, flags, mode); }
int openat64(int base, const char *name, int flags, ...) { MODE(flags) return opens(base, name, flags, mode); }

int fsync(int descriptor) {
    char above[PATH_MAX];
    if (folder_length && !is_below(descriptor, NULL, above)) power_synced(descriptor, above);
    WHOLE("sync", descriptor, NULL, NEEDS_SPACE, , path[0] ? 0 : syscall(SYS_fsync, descriptor), power_synced(descriptor, path));
}
int fdatasync(int descriptor) { return fsync(descriptor); }

int ftruncate64(int descriptor, off64_t length) {
    WHOLE("cut", descriptor, NULL, FREES, power_before_write(descriptor, path), syscall(SYS_ftruncate, descriptor, length), );
}
int ftruncate(int descriptor, off_t length) { return ftruncate64(descriptor, length); }

int fallocate64(int descriptor, int how, off64_t from, off64_t length) {
    WHOLE("reserve", descriptor, NULL, NEEDS_SPACE, , syscall(SYS_fallocate, descriptor, how, from, length), );
}
int fallocate(int descriptor, int how, off_t from, off_t length) { return fallocate64(descriptor, how, from, length); }

int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    char before[PATH_MAX];
    if (!is_below(from, old, before)) before[0] = 0;
    WHOLE("rename", to, new, NEEDS_SPACE, power_before_loss(path), syscall(SYS_renameat2, from, old, to, new, flags),
          power_renamed(before, path));
}
int renameat(int from, const char *old, int to, const char *new) { return renameat2(from, old, to, new, 0); }
int rename(const char *old, const char *new) { return renameat2(AT_FDCWD, old, AT_FDCWD, new, 0); }

int linkat(int from, const char *old, int to, const char *new, int flags) {
    WHOLE("link", to, new, NEEDS_SPACE, , syscall(SYS_linkat, from, old, to, new, flags), power_made(path));
}
int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }

int unlinkat(int base, const char *name, int flags) {
    WHOLE("remove", base, name, FREES, power_before_loss(path), syscall(SYS_unlinkat, base, name, flags), power_removed(path));
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

int mkdirat(int base, const char *name, mode_t mode) {
    if (is_there(base, name)) return (int)syscall(SYS_mkdirat, base, name, mode);
    WHOLE("mkdir", base, name, NEEDS_SPACE, , syscall(SYS_mkdirat, base, name, mode), power_made(path));
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

int clock_gettime(clockid_t which, struct timespec *now) {
    long ended = syscall(SYS_clock_gettime, which, now);
    if (ended == 0 && which == CLOCK_REALTIME) now->tv_sec += clock_off;
    return (int)ended;
}
