#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"), min_vector_width(512))), \
    apply_to = function)
#define RNN_KERNELS rnn_kernels_avx512
#define RNN_KERNELS_NAME "AVX-512"
#define RNN_LANES 16
#define RNN_REGISTERS 32
#include "kernels.inc"
#pragma clang attribute pop
#endif
