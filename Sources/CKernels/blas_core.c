// Choosing OpenBLAS's kernels again. Builds for several CPUs (DYNAMIC_ARCH) export two functions
// for it that no header declares; where they are missing, nothing can be chosen.
#include "include/CKernels.h"

#include <stdlib.h>

extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));

bool rnn_can_choose_blas_core(void) { return gotoblas_dynamic_init && gotoblas_dynamic_quit; }

void rnn_choose_blas_core(const char *name) {
  // OpenBLAS reads its choice from the environment; what this process starts later should not.
  setenv("OPENBLAS_CORETYPE", name, 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv("OPENBLAS_CORETYPE");
}
