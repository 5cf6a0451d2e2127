#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define RNN_KERNELS rnn_kernels_avx2
#define RNN_KERNELS_NAME "AVX2"
#define RNN_LANES 8
#define RNN_REGISTERS 16
#include "kernels.inc"
#pragma clang attribute pop
#endif
