#define _GNU_SOURCE
#include <pthread.h>

#include "include/rnncore_boundary.h"

// Calls share the gate; fork has it alone, so that a child finds no lock held and no object half
// changed by a thread that it does not have. Whoever waits to fork is let in before new calls.
static pthread_rwlock_t gate = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

void rnn_enter_library(void) { pthread_rwlock_rdlock(&gate); }

void rnn_leave_library(void) { pthread_rwlock_unlock(&gate); }

static void close_gate(void) { pthread_rwlock_wrlock(&gate); }

static void open_gate(void) { pthread_rwlock_unlock(&gate); }

// The thread that locked it has another number now, by which it could not unlock it.
static void renew_gate(void) {
  gate = (pthread_rwlock_t)PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
}

__attribute__((constructor)) static void watch_forks(void) {
  pthread_atfork(close_gate, open_gate, renew_gate);
}
