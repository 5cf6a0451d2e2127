#define _GNU_SOURCE
#include "include/CKernels.h"

#include <sched.h>

int rnn_bound_cores(void) {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 0;
}
