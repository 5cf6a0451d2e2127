// The one place that knows which instruction sets exist.
#include "kernel_sets.h"

bool rnn_can_run(rnn_instruction_set set) {
  switch (set) {
    case RNN_PORTABLE:
      return true;
#if defined(__x86_64__)
    case RNN_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case RNN_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("fma");
#endif
    default:
      return false;
  }
}

const rnn_kernels *rnn_kernels_of(rnn_instruction_set set) {
  if (!rnn_can_run(set)) return 0;
  switch (set) {
#if defined(__x86_64__)
    case RNN_AVX2:
      return &rnn_kernels_avx2;
    case RNN_AVX512:
      return &rnn_kernels_avx512;
#endif
    default:
      return &rnn_kernels_portable;
  }
}
