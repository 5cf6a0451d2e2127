#ifndef RNNCORE_KERNEL_SETS_H
#define RNNCORE_KERNEL_SETS_H

#include "include/CKernels.h"

extern const rnn_kernels rnn_kernels_portable;
#if defined(__x86_64__)
extern const rnn_kernels rnn_kernels_avx2;
extern const rnn_kernels rnn_kernels_avx512;
#endif

// What rnn_thread_memory() has room for: 1.2 MB.
enum { RNN_THREAD_FLOATS = 257 * 1152 };

// The calling thread's memory, from a cache line's begin on; null where there is none to have.
float *rnn_thread_memory(void);

#endif
