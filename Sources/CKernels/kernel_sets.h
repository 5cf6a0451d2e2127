#ifndef RNNCORE_KERNEL_SETS_H
#define RNNCORE_KERNEL_SETS_H

#include "include/CKernels.h"

extern const rnn_kernels rnn_kernels_portable;
#if defined(__x86_64__)
extern const rnn_kernels rnn_kernels_avx2;
extern const rnn_kernels rnn_kernels_avx512;
#endif

#endif
