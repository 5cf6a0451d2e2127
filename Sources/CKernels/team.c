// Fork and join in about a microsecond, on a machine that others use as well.
//
// A region is divided into as many shares as the team has members. Whoever is there claims the next
// one: in quiet times each member has one of them, and when the system has taken a core away, the
// caller also does the shares that nobody began. So a region waits for shares in progress only,
// never for a member to be woken.
//
// A waiter spins for SPIN_NANOSECONDS, the length of a gap between two regions of a training step,
// and then sleeps in the kernel until it is woken. A condition variable at each region would cost
// tens of microseconds, as much as a whole time step; endless spinning would starve whoever else
// wants the core.
//
// Members that wait for each other within a region must all be there. A member that has fallen
// asleep takes 10 to 40 microseconds to come, so the caller waits for it as long as the region is
// worth: never longer than working together saves.
#define _GNU_SOURCE  // RTLD_DEFAULT
#include "include/CKernels.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SPIN_NANOSECONDS 25000
// After a region to which a member did not come, or in which members were held up for longer than
// working together saves, the caller works alone: for one region, for twice as many each time it
// happens again, at most for so many.
#define MOST_LONELY_REGIONS 64
// The longest time to wait for members to come.
#define LONGEST_PATIENCE 1000000
// Bytes that cores take from each other at once.
#define LINE_PAIR 128

typedef enum { ALONE, TOGETHER } region_kind;
typedef enum { GATE_SHUT, GATE_OPEN, GATE_CANCELLED } gate_state;

// Where some members of a region wait for each other.
typedef struct {
  _Alignas(LINE_PAIR) _Atomic uint32_t arrived;
  _Atomic uint32_t passed;
} meeting;

// Counts the forks that this process came out of: threads of a team made before do not come along.
static _Atomic uint32_t forks;

static void count_fork(void) { atomic_fetch_add(&forks, 1); }

static void watch_forks(void) { pthread_atfork(0, 0, count_fork); }

struct rnn_team {
  // Threads, the caller among them.
  int members;
  // `forks` when it was made.
  uint32_t born;
  // Whether the others are the threads of an OpenMP runtime.
  bool is_hosted;
  atomic_bool busy;
  // Of the current region; written only while no share of it can be claimed, read by those who
  // have claimed one.
  region_kind kind;
  int count;
  rnn_task task;
  void *context;
  // The region's number in the upper half, in the lower the shares that nobody has claimed.
  _Atomic uint64_t ticket;
  // The region's number again, for the kernel to wait on.
  _Atomic uint32_t region;
  // Shares of this region that are not done.
  _Atomic uint32_t remaining;
  _Atomic uint32_t sleeping_workers;
  atomic_bool caller_sleeps;
  atomic_bool stopping;
  // Regions together: whether all have come, the barriers of groups within, how long somebody slept
  // there, how many regions to do alone, and how many in a row went wrong.
  _Atomic uint32_t gate;
  int group;
  int64_t pace;
  meeting *meetings;
  _Atomic uint32_t sleeping_members;
  _Atomic int64_t lost;
  uint32_t lonely;
  uint32_t failed;
  int started;
  pthread_t *threads;
};

// MARK: Waiting

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
static bool spin_while_equal(_Atomic uint32_t *word, uint32_t value, int64_t longest) {
  const int64_t end = nanoseconds() + longest;
  do {
    for (int i = 0; i < 32; i++) {
      if (atomic_load_explicit(word, memory_order_acquire) != value) return true;
      pause_briefly();
    }
  } while (nanoseconds() < end);
  return false;
}

// Returns when *word != value, having spun as long as it may; `sleepers` counts those that must be
// woken. Returns the nanoseconds of waiting if it slept, else 0.
static int64_t wait_while_equal(_Atomic uint32_t *word, uint32_t value, int64_t longest,
                                _Atomic uint32_t *sleepers) {
  if (spin_while_equal(word, value, longest)) return 0;
  const int64_t begin = nanoseconds() - longest;
  atomic_fetch_add(sleepers, 1);
  while (atomic_load(word) == value) futex_wait(word, value);
  atomic_fetch_sub(sleepers, 1);
  return nanoseconds() - begin;
}

static void change(_Atomic uint32_t *word, uint32_t value, _Atomic uint32_t *sleepers) {
  atomic_store(word, value);
  if (atomic_load(sleepers) != 0) futex_wake_all(word);
}

// MARK: Shares

// The next share of the current region, or -1.
static int claim(rnn_team *team) {
  uint64_t ticket = atomic_load(&team->ticket);
  do {
    if ((uint32_t)ticket == 0) return -1;
  } while (!atomic_compare_exchange_weak(&team->ticket, &ticket, ticket - 1));
  return team->count - (int)(uint32_t)ticket;
}

static void finish(rnn_team *team, uint32_t shares) {
  if (atomic_fetch_sub(&team->remaining, shares) == shares && atomic_load(&team->caller_sleeps))
    futex_wake_all(&team->remaining);
}

// A member other than the caller runs a share that it claimed.
static void run_claimed(rnn_team *team, int share) {
  if (team->kind == TOGETHER) {
    wait_while_equal(&team->gate, GATE_SHUT, SPIN_NANOSECONDS, &team->sleeping_members);
    if (atomic_load(&team->gate) == GATE_OPEN) team->task(team->context, share, team->count);
  } else {
    team->task(team->context, share, team->count);
  }
  finish(team, 1);
}

static void *work(void *argument) {
  rnn_team *team = argument;
  rnn_float_mode_enter();
  uint32_t seen = 0;
  while (!atomic_load(&team->stopping)) {
    int share;
    while ((share = claim(team)) >= 0) run_claimed(team, share);
    const uint32_t now = atomic_load(&team->region);
    // A region that began after the last claim is looked at once more.
    if (now == seen)
      wait_while_equal(&team->region, seen, SPIN_NANOSECONDS, &team->sleeping_workers);
    seen = now;
  }
  return 0;
}

static void wait_for_shares(rnn_team *team) {
  uint32_t left;
  while ((left = atomic_load(&team->remaining)) != 0) {
    if (spin_while_equal(&team->remaining, left, SPIN_NANOSECONDS)) continue;
    atomic_store(&team->caller_sleeps, true);
    // Sleeps until the last share's member wakes it; a count that moved meanwhile returns at once.
    if ((left = atomic_load(&team->remaining)) != 0) futex_wait(&team->remaining, left);
    atomic_store(&team->caller_sleeps, false);
  }
}

static void begin(rnn_team *team, region_kind kind, int count, rnn_task task, void *context) {
  team->kind = kind;
  team->count = count;
  team->task = task;
  team->context = context;
  atomic_store(&team->gate, GATE_SHUT);
  atomic_store(&team->remaining, (uint32_t)count);
  const uint32_t region = atomic_load(&team->region) + 1;
  // The first share is the caller's: what it has written in one region is in its cache in the next.
  atomic_store(&team->ticket, (uint64_t)region << 32 | (uint32_t)(count - 1));
  change(&team->region, region, &team->sleeping_workers);
}

// Whether there is nobody but the caller.
static bool is_alone(rnn_team *team) {
  return team->members == 1 || team->born != atomic_load_explicit(&forks, memory_order_relaxed);
}

static void run_alone(rnn_team *team, rnn_task task, void *context) {
  if (is_alone(team) || atomic_exchange(&team->busy, true)) {
    task(context, 0, 1);
    return;
  }
  begin(team, ALONE, team->members, task, context);
  for (int share = 0; share >= 0; share = claim(team)) {
    task(context, share, team->count);
    finish(team, 1);
  }
  wait_for_shares(team);
  atomic_store(&team->busy, false);
}

// Waits for all shares to be claimed; returns whether they were. What nobody claimed in time is
// claimed here, so that nobody begins late.
static bool all_came(rnn_team *team, int64_t patience, uint32_t *shares) {
  const int64_t begin = nanoseconds();
  while ((uint32_t)atomic_load(&team->ticket) != 0) {
    const int64_t waited = nanoseconds() - begin;
    if (waited >= patience) {
      while (claim(team) >= 0) *shares += 1;
      return *shares == 1;
    }
    // Somebody may be waiting for this core.
    if (waited > SPIN_NANOSECONDS) sched_yield();
    for (int i = 0; i < 32; i++) pause_briefly();
  }
  return true;
}

// Forgets or lengthens the time alone after a region that went well or not.
static void note_outcome(rnn_team *team, bool went_well) {
  if (went_well) {
    team->failed = 0;
    return;
  }
  const uint32_t regions = 1u << (team->failed < 31 ? team->failed : 31);
  team->lonely = regions < MOST_LONELY_REGIONS ? regions : MOST_LONELY_REGIONS;
  team->failed += 1;
}

// Sets what barriers need to know.
static void set_barriers(rnn_team *team, rnn_gang gang) {
  team->group = gang.group;
  team->pace = gang.pace > SPIN_NANOSECONDS ? gang.pace : SPIN_NANOSECONDS;
  atomic_store(&team->lost, 0);
}

static void run_together(rnn_team *team, rnn_gang gang, rnn_task task, void *context) {
  if (gang.count < 2 || is_alone(team) || atomic_exchange(&team->busy, true)) {
    task(context, 0, 1);
    return;
  }
  const bool insists = gang.patience < 0;
  if (team->lonely > 0 && !insists) {
    team->lonely -= 1;
    task(context, 0, 1);
    atomic_store(&team->busy, false);
    return;
  }
  set_barriers(team, gang);
  begin(team, TOGETHER, gang.count, task, context);
  uint32_t shares = 1;
  const int64_t patience = insists                            ? INT64_MAX
                           : gang.patience < LONGEST_PATIENCE ? gang.patience
                                                               : LONGEST_PATIENCE;
  const bool came = all_came(team, patience, &shares);
  if (came) {
    change(&team->gate, GATE_OPEN, &team->sleeping_members);
    task(context, 0, team->count);
  } else {
    change(&team->gate, GATE_CANCELLED, &team->sleeping_members);
    task(context, 0, 1);
  }
  finish(team, shares);
  wait_for_shares(team);
  note_outcome(team, came && (insists || atomic_load(&team->lost) <= gang.patience));
  atomic_store(&team->busy, false);
}

// MARK: A host's threads

// What the OpenMP runtime in the process offers, by the names of GNU's, which those of LLVM and
// Intel have, too.
static struct {
  void (*parallel)(void (*body)(void *), void *context, unsigned threads, unsigned flags);
  int (*thread)(void);
  int (*threads)(void);
} host;

bool rnn_team_find_host(void) {
  *(void **)&host.thread = dlsym(RTLD_DEFAULT, "omp_get_thread_num");
  *(void **)&host.threads = dlsym(RTLD_DEFAULT, "omp_get_num_threads");
  *(void **)&host.parallel = dlsym(RTLD_DEFAULT, "GOMP_parallel");
  return host.thread && host.threads && host.parallel;
}

typedef struct {
  rnn_team *team;
  rnn_task task;
  void *context;
  bool is_together;
  int count;
  _Atomic int next;
} hosted_region;

static void take_part(void *argument) {
  hosted_region *region = argument;
  const rnn_float_mode mode = rnn_float_mode_enter();
  if (region->is_together) {
    region->task(region->context, host.thread(), host.threads());
  } else {
    int share;
    while ((share = atomic_fetch_add(&region->next, 1)) < region->count)
      region->task(region->context, share, region->count);
  }
  rnn_float_mode_leave(mode);
}

static void run_hosted(rnn_team *team, rnn_gang gang, rnn_task task, void *context) {
  if (gang.count < 2 || is_alone(team) || atomic_exchange(&team->busy, true)) {
    task(context, 0, 1);
    return;
  }
  set_barriers(team, gang);
  hosted_region region = {team, task, context, gang.group > 1, gang.count, 0};
  host.parallel(take_part, &region, (unsigned)gang.count, 0);
  atomic_store(&team->busy, false);
}

// MARK: Regions

void rnn_team_run(rnn_team *team, rnn_task task, void *context) {
  const rnn_float_mode mode = rnn_float_mode_enter();
  if (team->is_hosted) {
    run_hosted(team, (rnn_gang){team->members, 1, 0, 0}, task, context);
  } else {
    run_alone(team, task, context);
  }
  rnn_float_mode_leave(mode);
}

void rnn_team_run_together(rnn_team *team, rnn_gang gang, rnn_task task, void *context) {
  if (gang.count > team->members) gang.count = team->members;
  const rnn_float_mode mode = rnn_float_mode_enter();
  if (team->is_hosted) {
    run_hosted(team, gang, task, context);
  } else {
    run_together(team, gang, task, context);
  }
  rnn_float_mode_leave(mode);
}

void rnn_team_barrier(rnn_team *team, int group) {
  meeting *place = team->meetings + group;
  const uint32_t before = atomic_load(&place->passed);
  if (atomic_fetch_add(&place->arrived, 1) + 1 == (uint32_t)team->group) {
    atomic_store(&place->arrived, 0);
    change(&place->passed, before + 1, &team->sleeping_members);
  } else {
    const int64_t slept =
        wait_while_equal(&place->passed, before, team->pace, &team->sleeping_members);
    if (slept > 0) atomic_fetch_add(&team->lost, slept);
  }
}

// MARK: Lifetime

static rnn_team *create(int members, bool is_hosted) {
  rnn_team *team = calloc(1, sizeof *team);
  if (!team) return 0;
  team->meetings = aligned_alloc(LINE_PAIR, (size_t)members * sizeof *team->meetings);
  if (!team->meetings) {
    free(team);
    return 0;
  }
  memset(team->meetings, 0, (size_t)members * sizeof *team->meetings);
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, watch_forks);
  team->members = members;
  team->born = atomic_load(&forks);
  team->is_hosted = is_hosted;
  return team;
}

rnn_team *rnn_team_create_hosted(int members) { return create(members, true); }

rnn_team *rnn_team_create(int members) {
  rnn_team *team = create(members, false);
  if (!team) return 0;
  team->threads = calloc((size_t)members, sizeof *team->threads);
  if (!team->threads) {
    free(team->meetings);
    free(team);
    return 0;
  }
  for (int index = 1; index < members; index++) {
    if (pthread_create(&team->threads[index], 0, work, team) != 0) {
      rnn_team_destroy(team);
      return 0;
    }
    team->started = index;
  }
  return team;
}

void rnn_team_destroy(rnn_team *team) {
  // After a fork there is nobody to stop, and what its threads held is not this process's to free.
  if (team->born != atomic_load(&forks)) return;
  atomic_store(&team->stopping, true);
  change(&team->region, atomic_load(&team->region) + 1, &team->sleeping_workers);
  for (int index = 1; index <= team->started; index++) pthread_join(team->threads[index], 0);
  free(team->threads);
  free(team->meetings);
  free(team);
}
