// Memory of a thread, in which kernels lay out anew what they read several times. It is theirs from
// one call to the next, and freed with the thread: too much for a caller's stack, of which some
// hosts give their threads a megabyte.
#include <pthread.h>
#include <stdlib.h>

#include "kernel_sets.h"

static pthread_key_t key;
static bool has_key;

static void make_key(void) { has_key = pthread_key_create(&key, free) == 0; }

float *rnn_thread_memory(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_key);
  if (!has_key) return 0;
  float *memory = pthread_getspecific(key);
  if (memory) return memory;
  memory = aligned_alloc(64, RNN_THREAD_FLOATS * sizeof(float));
  if (memory && pthread_setspecific(key, memory) != 0) {
    free(memory);
    return 0;
  }
  return memory;
}
