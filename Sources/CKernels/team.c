// Fork and join in about a microsecond: workers spin briefly, then sleep in the kernel.
//
// A condition variable costs tens of microseconds a region, as much as a whole time step; endless
// spinning starves whoever else wants the core. So a waiter spins for SPIN_NANOSECONDS, the length of a
// gap between two regions of one training step, and then sleeps until it is woken.
#include "include/CKernels.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SPIN_NANOSECONDS 25000

struct rnn_team {
  int count;
  atomic_bool busy;
  rnn_task task;
  void *context;
  // Counts regions; a worker runs when it differs from the last one it saw.
  _Atomic uint32_t region;
  // Workers of this region that have not finished.
  _Atomic uint32_t remaining;
  _Atomic uint32_t sleeping_workers;
  // The barrier within a region: members that arrived, and how often all have.
  _Atomic uint32_t arrived;
  _Atomic uint32_t passed;
  _Atomic uint32_t sleeping_members;
  atomic_bool caller_sleeps;
  atomic_bool stopping;
  pthread_t *threads;
};

struct worker_start {
  rnn_team *team;
  int index;
};

static void futex_wait(_Atomic uint32_t *word, uint32_t seen) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, 0, 0, 0);
}

static void futex_wake_all(_Atomic uint32_t *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 0x7fffffff, 0, 0, 0);
}

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// Spins until *word != value or the time is up; returns whether it changed.
static bool spin_while_equal(_Atomic uint32_t *word, uint32_t value) {
  const int64_t end = nanoseconds() + SPIN_NANOSECONDS;
  do {
    for (int i = 0; i < 64; i++) {
      if (atomic_load_explicit(word, memory_order_acquire) != value) return true;
      pause_briefly();
    }
  } while (nanoseconds() < end);
  return false;
}

static void wait_for_region(rnn_team *team, uint32_t seen) {
  if (spin_while_equal(&team->region, seen)) return;
  atomic_fetch_add(&team->sleeping_workers, 1);
  while (atomic_load(&team->region) == seen) futex_wait(&team->region, seen);
  atomic_fetch_sub(&team->sleeping_workers, 1);
}

static void *work(void *argument) {
  struct worker_start start = *(struct worker_start *)argument;
  free(argument);
  rnn_team *team = start.team;
  uint32_t seen = 0;
  for (;;) {
    wait_for_region(team, seen);
    seen = atomic_load(&team->region);
    if (atomic_load(&team->stopping)) return 0;
    team->task(team->context, start.index, team->count);
    if (atomic_fetch_sub(&team->remaining, 1) == 1 && atomic_load(&team->caller_sleeps))
      futex_wake_all(&team->remaining);
  }
}

static void wait_for_workers(rnn_team *team) {
  uint32_t left;
  while ((left = atomic_load(&team->remaining)) != 0) {
    if (spin_while_equal(&team->remaining, left)) continue;
    atomic_store(&team->caller_sleeps, true);
    // Sleeps until the last worker wakes it; a count that moved meanwhile returns at once.
    if ((left = atomic_load(&team->remaining)) != 0) futex_wait(&team->remaining, left);
    atomic_store(&team->caller_sleeps, false);
  }
}

static void begin_region(rnn_team *team) {
  atomic_fetch_add(&team->region, 1);
  if (atomic_load(&team->sleeping_workers) != 0) futex_wake_all(&team->region);
}

void rnn_team_run(rnn_team *team, rnn_task task, void *context) {
  if (team->count == 1 || atomic_exchange(&team->busy, true)) {
    task(context, 0, 1);
    return;
  }
  team->task = task;
  team->context = context;
  atomic_store(&team->remaining, (uint32_t)(team->count - 1));
  begin_region(team);
  task(context, 0, team->count);
  wait_for_workers(team);
  atomic_store(&team->busy, false);
}

void rnn_team_barrier(rnn_team *team) {
  const uint32_t before = atomic_load(&team->passed);
  if (atomic_fetch_add(&team->arrived, 1) + 1 == (uint32_t)team->count) {
    atomic_store(&team->arrived, 0);
    atomic_fetch_add(&team->passed, 1);
    if (atomic_load(&team->sleeping_members) != 0) futex_wake_all(&team->passed);
    return;
  }
  if (spin_while_equal(&team->passed, before)) return;
  atomic_fetch_add(&team->sleeping_members, 1);
  while (atomic_load(&team->passed) == before) futex_wait(&team->passed, before);
  atomic_fetch_sub(&team->sleeping_members, 1);
}

rnn_team *rnn_team_create(int count) {
  rnn_team *team = calloc(1, sizeof *team);
  if (!team) return 0;
  team->threads = calloc((size_t)count, sizeof *team->threads);
  team->count = 1;
  for (int index = 1; team->threads && index < count; index++) {
    struct worker_start *start = malloc(sizeof *start);
    if (start) *start = (struct worker_start){team, index};
    if (!start || pthread_create(&team->threads[index], 0, work, start) != 0) {
      free(start);
      rnn_team_destroy(team);
      return 0;
    }
    team->count = index + 1;
  }
  if (!team->threads) {
    free(team);
    return 0;
  }
  return team;
}

void rnn_team_destroy(rnn_team *team) {
  atomic_store(&team->stopping, true);
  begin_region(team);
  for (int index = 1; index < team->count; index++) pthread_join(team->threads[index], 0);
  free(team->threads);
  free(team);
}
