/* Makes one system call on a file fail, for tests: load it with LD_PRELOAD.

   FAULT_AT=N fails the N-th counted call, from 1; 0 or nothing fails none.
   FAULT_ERROR=ENOSPC, EIO or EINTR is the error; SHORT writes half of what a write was given.
   FAULT_LOG=FILE takes a line for each counted call: its number and name.

   Counted are calls that touch files for writing or the names of files: open and openat for
   writing, and of folders, write to regular files, fsync, rename, link, linkat, unlink, close of
   what was opened for writing, fchmod, fchown. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_int calls;
static atomic_bool written[1024];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const char *setting(const char *name) {
  const char *value = getenv(name);
  return value ? value : "";
}

/* Whether this call is the one to fail; errno is set then. */
static int fails(const char *name) {
  int number = atomic_fetch_add(&calls, 1) + 1;
  const char *log = setting("FAULT_LOG");
  if (*log) {
    int file = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    char line[64];
    int length = snprintf(line, sizeof line, "%d %s\n", number, name);
    if (file >= 0) {
      if (REAL(write)(file, line, (size_t)length) < 0) abort();
      REAL(close)(file);
    }
  }
  if (number != atoi(setting("FAULT_AT"))) return 0;
  const char *error = setting("FAULT_ERROR");
  errno = !strcmp(error, "ENOSPC") ? ENOSPC : !strcmp(error, "EINTR") ? EINTR : EIO;
  return 1;
}

static int is_written(int descriptor) {
  return descriptor > 2 && descriptor < 1024 && written[descriptor];
}

static int note(int descriptor, int flags) {
  if (descriptor >= 0 && descriptor < 1024) {
    struct stat status;
    written[descriptor] = (flags & O_ACCMODE) != O_RDONLY && fstat(descriptor, &status) == 0
      && S_ISREG(status.st_mode);
  }
  return descriptor;
}

static int counts(int flags) { return (flags & O_ACCMODE) != O_RDONLY || flags & O_DIRECTORY; }

#define OPEN(name, folder_parameter, folder)                                                 \
  int name(folder_parameter const char *path, int flags, ...) {                              \
    va_list list;                                                                            \
    va_start(list, flags);                                                                   \
    mode_t mode = va_arg(list, mode_t);                                                      \
    va_end(list);                                                                            \
    if (counts(flags) && fails(#name)) return -1;                                            \
    return note(REAL(name)(folder path, flags, mode), flags);                                \
  }

#define COMMA ,
OPEN(open, , )
OPEN(openat, int at COMMA, at COMMA)
#ifdef __GLIBC__
OPEN(open64, , )
OPEN(openat64, int at COMMA, at COMMA)
#endif

ssize_t write(int descriptor, const void *bytes, size_t count) {
  if (is_written(descriptor) && fails("write")) {
    if (strcmp(setting("FAULT_ERROR"), "SHORT")) return -1;
    count /= 2;
  }
  return REAL(write)(descriptor, bytes, count);
}

int fsync(int descriptor) { return fails("fsync") ? -1 : REAL(fsync)(descriptor); }

int close(int descriptor) {
  int is_counted = is_written(descriptor);
  if (is_counted) written[descriptor] = 0;
  int result = REAL(close)(descriptor);
  /* The descriptor is closed even when the call says that something could not be stored. */
  return is_counted && fails("close") ? -1 : result;
}

int rename(const char *from, const char *to) {
  return fails("rename") ? -1 : REAL(rename)(from, to);
}

int renameat(int from_at, const char *from, int to_at, const char *to) {
  return fails("renameat") ? -1 : REAL(renameat)(from_at, from, to_at, to);
}

int link(const char *from, const char *to) { return fails("link") ? -1 : REAL(link)(from, to); }

int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
  return fails("linkat") ? -1 : REAL(linkat)(from_at, from, to_at, to, flags);
}

int unlink(const char *path) { return fails("unlink") ? -1 : REAL(unlink)(path); }

int fchmod(int descriptor, mode_t mode) {
  return fails("fchmod") ? -1 : REAL(fchmod)(descriptor, mode);
}

int fchown(int descriptor, uid_t owner, gid_t group) {
  return fails("fchown") ? -1 : REAL(fchown)(descriptor, owner, group);
}
