#ifndef RNNCORE_BENCHMARKS_ALLOCATIONS_H
#define RNNCORE_BENCHMARKS_ALLOCATIONS_H

/// How often this process has asked for heap memory so far, on whatever thread. Stays 0 where the C
/// library is not glibc.
long rnn_allocation_count(void);

#endif
