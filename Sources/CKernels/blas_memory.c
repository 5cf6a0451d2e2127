// Room for OpenBLAS. It works in a buffer of address space for each call that runs at the same
// time, keeps it for later ones, and when the system has none left asks again for ever. So where
// the process's address space is limited (`ulimit -v`), calls begin only when there is a buffer for
// each: those that none is left for wait for another to end.
#include "include/CKernels.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>

// 128 MiB with all builds for several CPUs, and a margin for what else is asked for meanwhile.
#define BUFFER_BYTES ((size_t)144 << 20)
#define MOST_BUFFERS 64

// Exported, but declared by no header; where they are missing, calls are not held back.
extern void *blas_memory_alloc(int position) __attribute__((weak));
extern void blas_memory_free(void *buffer) __attribute__((weak));

static pthread_once_t looked = PTHREAD_ONCE_INIT;
static bool is_limited;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t call_ended = PTHREAD_COND_INITIALIZER;
// Under the lock: calls that run, and the buffers that OpenBLAS has.
static int calls;
static int buffer_count;
static void *buffers[MOST_BUFFERS];

static void look(void) {
  struct rlimit limit;
  is_limited = blas_memory_alloc && blas_memory_free && getrlimit(RLIMIT_AS, &limit) == 0 &&
               limit.rlim_cur != RLIM_INFINITY;
}

static bool is_known(const void *buffer) {
  for (int index = 0; index < buffer_count; index++)
    if (buffers[index] == buffer) return true;
  return false;
}

static bool has_room(void) {
  void *probe = mmap(0, BUFFER_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return probe != MAP_FAILED && munmap(probe, BUFFER_BYTES) == 0;
}

// Makes OpenBLAS map one more buffer, which it does once the others are taken; returns whether
// there was room.
static bool add_buffer(void) {
  void *taken[MOST_BUFFERS];
  int count = 0;
  bool is_new = false;
  while (!is_new && count < MOST_BUFFERS && buffer_count < MOST_BUFFERS && has_room()) {
    taken[count] = blas_memory_alloc(0);
    is_new = !is_known(taken[count]);
    count += 1;
  }
  if (is_new) buffers[buffer_count++] = taken[count - 1];
  while (count > 0) blas_memory_free(taken[--count]);
  return is_new;
}

bool rnn_blas_begin(void) {
  pthread_once(&looked, look);
  if (!is_limited) return true;
  pthread_mutex_lock(&lock);
  while (calls == buffer_count && !add_buffer() && calls > 0) pthread_cond_wait(&call_ended, &lock);
  const bool may = calls < buffer_count;
  if (may) calls += 1;
  pthread_mutex_unlock(&lock);
  return may;
}

void rnn_blas_end(void) {
  if (!is_limited) return;
  pthread_mutex_lock(&lock);
  calls -= 1;
  pthread_cond_signal(&call_ended);
  pthread_mutex_unlock(&lock);
}
