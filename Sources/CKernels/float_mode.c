// Makes a thread count subnormal numbers as zeros, and puts its floating-point mode back.
//
// Where gradients vanish over hundreds of steps, BPTT runs through subnormal numbers, each of which
// costs an Intel core a microcode assist of over a hundred cycles: ten times the whole step. All
// work of a team counts them as zeros. The mode is that of a thread, so the caller's is put back.
#include "include/CKernels.h"

#if defined(__x86_64__)
#include <xmmintrin.h>

// MXCSR: flush results to zero (bit 15), take operands for zero (bit 6), no traps (bits 7 to 12),
// round to nearest.
enum { WORKING_MODE = 0x8000 | 0x0040 | 0x1f80 };
// The bits of MXCSR that say which exceptions have happened: they are no part of the mode.
enum { FLAGS = 0x3f };

rnn_float_mode rnn_float_mode_enter(void) {
  const unsigned before = _mm_getcsr();
  if ((before & ~(unsigned)FLAGS) != WORKING_MODE) _mm_setcsr(WORKING_MODE);
  return before;
}

void rnn_float_mode_leave(rnn_float_mode before) {
  if ((before & ~(rnn_float_mode)FLAGS) != WORKING_MODE) _mm_setcsr((unsigned)before);
}

#elif defined(__aarch64__)

// FPCR: flush operands and results to zero (bit 24), round to nearest, no traps.
static const rnn_float_mode WORKING_MODE = 1 << 24;

rnn_float_mode rnn_float_mode_enter(void) {
  rnn_float_mode before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  if (before != WORKING_MODE) __asm__ volatile("msr fpcr, %0" : : "r"(WORKING_MODE));
  return before;
}

void rnn_float_mode_leave(rnn_float_mode before) {
  if (before != WORKING_MODE) __asm__ volatile("msr fpcr, %0" : : "r"(before));
}

#else

rnn_float_mode rnn_float_mode_enter(void) { return 0; }
void rnn_float_mode_leave(rnn_float_mode before) { (void)before; }

#endif
