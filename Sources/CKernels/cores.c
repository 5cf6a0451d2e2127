#define _GNU_SOURCE
#include "include/CKernels.h"

#include <errno.h>
#include <sched.h>

// The system says EINVAL to a set that is smaller than its own.
#define MOST_CORES (1 << 20)

int rnn_bound_cores(void) {
  for (int most = CPU_SETSIZE; most <= MOST_CORES; most *= 4) {
    cpu_set_t *cores = CPU_ALLOC(most);
    if (!cores) return 0;
    const size_t size = CPU_ALLOC_SIZE(most);
    const bool is_known = sched_getaffinity(0, size, cores) == 0;
    const int count = is_known ? CPU_COUNT_S(size, cores) : 0;
    const bool is_too_small = !is_known && errno == EINVAL;
    CPU_FREE(cores);
    if (!is_too_small) return count;
  }
  return 0;
}
