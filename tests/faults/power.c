/* What a power cut takes with it: bytes written and not forced to disk, and names given or taken in a folder that was not. Files are only
   ever appended to, so a file goes back to a length; names go back one by one, the last first, what was replaced or removed coming from
   links kept beside. The worst that POSIX allows, short of bytes changing their order. */

#define _GNU_SOURCE
#include "power.h"
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 4096

struct bytes { dev_t device; ino_t number; off_t safe; char path[PATH_MAX]; };
enum change { MADE, RENAMED, REMOVED };
struct name { enum change change; int is_safe, kept; char path[PATH_MAX], old[PATH_MAX]; };

static struct bytes *files;
static struct name *names;
static int file_count, name_count, kept_count, is_watching;
static char beside[PATH_MAX];
static __thread int kept_now;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void power_watch(const char *where) {
    snprintf(beside, sizeof beside, "%s", where);
    files = calloc(MOST, sizeof *files);
    names = calloc(MOST, sizeof *names);
    is_watching = files && names;
}

static void too_many(void) {
    fputs("fault: too much to remember\n", stderr);
    abort();
}

static void kept_path(char *found, int number) { snprintf(found, PATH_MAX, "%.*s.%d", PATH_MAX - 16, beside, number); }

void power_before_write(int descriptor, const char *path) {
    struct stat about;
    if (!is_watching || fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) return;
    pthread_mutex_lock(&lock);
    int at = 0;
    while (at < file_count && (files[at].device != about.st_dev || files[at].number != about.st_ino)) at++;
    if (at == MOST) too_many();
    if (at == file_count) {
        files[file_count] = (struct bytes){.device = about.st_dev, .number = about.st_ino, .safe = about.st_size};
        snprintf(files[file_count++].path, PATH_MAX, "%s", path);
    }
    pthread_mutex_unlock(&lock);
}

/* Whether the name stands in that folder. */
static int is_in(const char *path, const char *folder) {
    const char *last = strrchr(path, '/');
    return last && (size_t)(last - path) == strlen(folder) && strncmp(path, folder, strlen(folder)) == 0;
}

void power_synced(int descriptor, const char *path) {
    struct stat about;
    if (!is_watching || fstat(descriptor, &about) != 0) return;
    pthread_mutex_lock(&lock);
    for (int at = 0; at < file_count; at++)
        if (files[at].device == about.st_dev && files[at].number == about.st_ino) files[at].safe = about.st_size;
    for (int at = 0; S_ISDIR(about.st_mode) && at < name_count; at++)
        if (is_in(names[at].path, path)) names[at].is_safe = 1;
    pthread_mutex_unlock(&lock);
}

/* Keeps what the next rename or removal of this thread will take away. */
void power_before_loss(const char *path) {
    if (!is_watching) return;
    char kept[PATH_MAX];
    pthread_mutex_lock(&lock);
    kept_now = ++kept_count;
    pthread_mutex_unlock(&lock);
    kept_path(kept, kept_now);
    if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, kept, 0) != 0) kept_now = 0;
}

static void changed(enum change change, const char *path, const char *old, int kept) {
    pthread_mutex_lock(&lock);
    if (name_count == MOST) too_many();
    struct name *name = &names[name_count++];
    *name = (struct name){.change = change, .kept = kept};
    snprintf(name->path, PATH_MAX, "%s", path);
    snprintf(name->old, PATH_MAX, "%s", old);
    size_t length = strlen(old);
    for (int at = 0; change == RENAMED && at < file_count; at++) {
        char *known = files[at].path, moved[PATH_MAX];
        if (strncmp(known, old, length) != 0 || (known[length] != 0 && known[length] != '/')) continue;
        snprintf(moved, PATH_MAX, "%.*s%s", PATH_MAX / 2, path, known + length);
        strcpy(known, moved);
    }
    pthread_mutex_unlock(&lock);
}

void power_made(const char *path) { if (is_watching) changed(MADE, path, "", 0); }
void power_renamed(const char *old, const char *new) { if (is_watching) changed(RENAMED, new, old, kept_now); }
void power_removed(const char *path) { if (is_watching) changed(REMOVED, path, "", kept_now); }

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *walk) {
    (void)about, (void)walk;
    syscall(SYS_unlinkat, AT_FDCWD, path, type == FTW_DP ? AT_REMOVEDIR : 0);
    return 0;
}

static void take_back(const struct name *name) {
    char kept[PATH_MAX];
    kept_path(kept, name->kept);
    if (name->change == MADE) nftw(name->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    if (name->change == RENAMED) syscall(SYS_renameat2, AT_FDCWD, name->path, AT_FDCWD, name->old, 0);
    if (name->change == REMOVED && !name->kept) syscall(SYS_mkdirat, AT_FDCWD, name->path, 0700);
    if (name->change != MADE && name->kept) syscall(SYS_linkat, AT_FDCWD, kept, AT_FDCWD, name->path, 0);
}

/* The cut. Names may have reached the disk before the bytes did; both ways are tried. */
void power_cut(int names_too) {
    pthread_mutex_lock(&lock);
    for (int at = 0; at < file_count; at++) {
        struct stat about;
        int is_it = lstat(files[at].path, &about) == 0 && about.st_ino == files[at].number && about.st_size > files[at].safe;
        if (is_it && truncate(files[at].path, files[at].safe) != 0) abort();
    }
    for (int at = name_count - 1; names_too && at >= 0; at--)
        if (!names[at].is_safe) take_back(&names[at]);
}
