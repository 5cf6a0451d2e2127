#ifndef RNNCORE_KERNEL_SETS_H
#define RNNCORE_KERNEL_SETS_H

#include "include/CKernels.h"

extern const rnn_kernels rnn_kernels_portable;
#if defined(__x86_64__)
extern const rnn_kernels rnn_kernels_avx2;
extern const rnn_kernels rnn_kernels_avx512;
#endif

// Floats that a thread has for what kernels pack (1.2 MB): 256 tokens, and the room of one, of
// 1,152 columns that both sides of an outer product have together.
enum { RNN_THREAD_FLOATS = 257 * 1152 };

// The RNN_THREAD_FLOATS of the calling thread, from the begin of a cache line on; null when the
// system has no memory for them.
float *rnn_thread_memory(void);

#endif
