// Chooses the kernels and the number of threads of OpenBLAS, which it would choose itself when it
// is loaded, through functions that it exports and no header declares.
#include "include/CKernels.h"

#include <stdlib.h>

// MARK: Kernels

// Builds for several CPUs (DYNAMIC_ARCH) have these; where they are missing, nothing can be chosen.
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

// MARK: Threads

// Before `main` OpenBLAS starts as many threads as this function says, or the machine has cores,
// and joins them after it: they are never used here, and where memory is limited they wait for
// theirs for ever, and so does the end of the program. The loader takes a program's own function
// before a shared library's; weak, so that one linked statically has OpenBLAS's. A program that
// wants those threads calls `openblas_set_num_threads`, which starts them.
int openblas_num_threads_env(void);
__attribute__((weak, used, visibility("default"))) int openblas_num_threads_env(void) { return 1; }
