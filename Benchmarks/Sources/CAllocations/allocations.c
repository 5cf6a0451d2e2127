// malloc and its relatives, counted. A program's own symbols come before those of the libraries it
// is linked with, so that Swift's runtime, OpenBLAS and the C library itself call these. They pass
// the call on to glibc's functions, whose memory glibc's free takes back.
#include "include/CAllocations.h"

#include <stdatomic.h>
#include <stdlib.h>

static atomic_long count;

long rnn_allocation_count(void) { return atomic_load_explicit(&count, memory_order_seq_cst); }

#ifdef __GLIBC__
#include <errno.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static void add_one(void) { atomic_fetch_add_explicit(&count, 1, memory_order_seq_cst); }

void *malloc(size_t size) {
  add_one();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  add_one();
  return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
  add_one();
  return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  add_one();
  return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size) {
  add_one();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  add_one();
  if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) {
    return EINVAL;
  }
  int previous = errno;
  void *result = __libc_memalign(alignment, size);
  errno = previous;
  if (result == NULL) return ENOMEM;
  *memory = result;
  return 0;
}
#endif
