#define RNN_KERNELS rnn_kernels_portable
#define RNN_KERNELS_NAME "portable"
#define RNN_LANES 4
#if defined(__aarch64__)
#define RNN_REGISTERS 32
#else
#define RNN_REGISTERS 16
#endif
#include "kernels.inc"
