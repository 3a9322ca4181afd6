/* Writes down, in order, what a process does to the files of one folder, and what it says on standard output.
 *
 * $RECORDER_FOLDER is the folder, $RECORDER_LOG the log. Each entry is a line, "what offset length path", and so many
 * bytes: W what was written, T a file cut to the offset, S a file (or the folder) that was synced, U a file that was
 * removed, A (acknowledged) what was said.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int log_fd = -1;
static const char *folder;
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("RECORDER_LOG");
    folder = getenv("RECORDER_FOLDER");
    if (path && folder) log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void put(const void *data, size_t length) {
    while (length) {
        long done = syscall(SYS_write, log_fd, data, length);
        if (done <= 0) abort();
        data = (const char *)data + done;
        length -= (size_t)done;
    }
}

static void note_path(char what, const char *path, off_t at, const void *data, size_t length) {
    char line[PATH_MAX + 64];
    if (log_fd < 0 || (what != 'A' && strncmp(path, folder, strlen(folder)))) return;
    pthread_mutex_lock(&one);
    int head = snprintf(line, sizeof line, "%c %lld %zu %s\n", what, (long long)at, length, path);
    put(line, (size_t)head);
    put(data, length);
    pthread_mutex_unlock(&one);
}

static void note(char what, int fd, off_t at, const void *data, size_t length) {
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = 0;
    note_path(what, path, at, data, length);
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t length) {
    REAL(write);
    off_t at = fd > 2 ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = real(fd, data, length);
    if (done > 0) note(fd == 1 ? 'A' : 'W', fd, at, data, (size_t)done);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
    REAL(pwrite);
    ssize_t done = real(fd, data, length, at);
    if (done > 0) note('W', fd, at, data, (size_t)done);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
    REAL(pwrite64);
    ssize_t done = real(fd, data, length, at);
    if (done > 0) note('W', fd, at, data, (size_t)done);
    return done;
}

int ftruncate(int fd, off_t length) {
    REAL(ftruncate);
    int failed = real(fd, length);
    if (!failed) note('T', fd, length, "", 0);
    return failed;
}

int ftruncate64(int fd, off64_t length) {
    REAL(ftruncate64);
    int failed = real(fd, length);
    if (!failed) note('T', fd, length, "", 0);
    return failed;
}

int unlink(const char *path) {
    REAL(unlink);
    int failed = real(path);
    if (!failed) note_path('U', path, 0, "", 0);
    return failed;
}

int fsync(int fd) {
    REAL(fsync);
    int failed = real(fd);
    if (!failed) note('S', fd, 0, "", 0);
    return failed;
}

int fdatasync(int fd) {
    REAL(fdatasync);
    int failed = real(fd);
    if (!failed) note('S', fd, 0, "", 0);
    return failed;
}
