#define RNN_KERNELS rnn_kernels_portable
#define RNN_KERNELS_NAME "portable"
#include "kernels.inc"
