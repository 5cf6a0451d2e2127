// The calls of MPI that the module RNNParallel makes, as functions: Swift does not see macros with
// casts, such as MPI_COMM_WORLD.

#ifndef RNN_MPI_SHIM_H
#define RNN_MPI_SHIM_H

#include <mpi.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// A process among all that mpirun started.
typedef struct {
  int rank, count;
  /// How many on the same machine are bound to the same cores, this one included.
  int sharers;
  /// Whether all are on one machine.
  bool is_together;
  /// Whether calls may come from several threads, one at a time.
  bool takes_threads;
  /// Whether to wait without taking a core from others, at the cost of some delay; another thread
  /// may change it meanwhile, by `rnn_mpi_set_patient`.
  bool is_patient;
} rnn_mpi_process;

static inline void rnn_mpi_set_patient(rnn_mpi_process *process, bool is_patient) {
  __atomic_store_n(&process->is_patient, is_patient, __ATOMIC_RELAXED);
}

/// Counts the processes of `machine` that are bound to the same cores as this one.
static inline int rnn_mpi_count_sharers(MPI_Comm machine, int *sharers) {
  enum { size = 1024 };
  unsigned char own[size] = {0};
  syscall(SYS_sched_getaffinity, 0, (long)size, own);
  int count = 0;
  MPI_Comm_size(machine, &count);
  unsigned char *all = malloc((size_t)count * size);
  if (all == NULL) return MPI_ERR_NO_MEM;
  int error = MPI_Allgather(own, size, MPI_BYTE, all, size, MPI_BYTE, machine);
  *sharers = 0;
  for (int other = 0; other < count; other++) {
    *sharers += memcmp(all + (long)other * size, own, size) == 0;
  }
  free(all);
  return error;
}

/// Starts MPI. Returns an error code, MPI_SUCCESS for none.
static inline int rnn_mpi_start(rnn_mpi_process *process) {
  int has_started = 0, threads = 0;
  MPI_Initialized(&has_started);
  if (!has_started) {
    // One thread at a time calls it, but not always the same.
    int error = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &threads);
    if (error != MPI_SUCCESS) return error;
  }
  MPI_Query_thread(&threads);
  process->takes_threads = threads >= MPI_THREAD_SERIALIZED;
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, &process->rank);
  MPI_Comm_size(MPI_COMM_WORLD, &process->count);
  MPI_Comm machine;
  int error = MPI_Comm_split_type(
      MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, process->rank, MPI_INFO_NULL, &machine);
  if (error != MPI_SUCCESS) return error;
  int neighbours = 0;
  MPI_Comm_size(machine, &neighbours);
  process->is_together = neighbours == process->count;
  error = rnn_mpi_count_sharers(machine, &process->sharers);
  MPI_Comm_free(&machine);
  return error;
}

/// Ends MPI; every process has to come here.
static inline void rnn_mpi_finish(void) {
  int has_started = 0, has_ended = 0;
  MPI_Initialized(&has_started);
  MPI_Finalized(&has_ended);
  if (has_started && !has_ended) MPI_Finalize();
}

/// Ends all processes at once.
static inline void rnn_mpi_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

/// The name of an error.
static inline void rnn_mpi_error(int code, char *text, int capacity) {
  char name[MPI_MAX_ERROR_STRING];
  int length = 0;
  if (MPI_Error_string(code, name, &length) != MPI_SUCCESS) length = 0;
  if (length >= capacity) length = capacity - 1;
  memcpy(text, name, (size_t)length);
  text[length] = 0;
}

/// Waits until all requests are done: at first by asking without end, then between turns of other
/// processes, and after a second, when somebody has stopped, a millisecond at a time. Patiently: a
/// few questions, which move on what has come, every 200 µs.
static inline int rnn_mpi_wait(int count, MPI_Request *requests, const rnn_mpi_process *process) {
  struct timespec start, now, pause = {0, 1000000}, breath = {0, 200000};
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (long turn = 0;; turn++) {
    int is_done = 0;
    int error = MPI_Testall(count, requests, &is_done, MPI_STATUSES_IGNORE);
    if (error != MPI_SUCCESS || is_done) return error;
    if (__atomic_load_n(&process->is_patient, __ATOMIC_RELAXED)) {
      if (turn % 4 == 3) nanosleep(&breath, NULL);
      continue;
    }
    if (turn < 1000) continue;
    sched_yield();
    if (turn % 1000) continue;
    clock_gettime(CLOCK_MONOTONIC, &now);
    while (!is_done && now.tv_sec - start.tv_sec > 1) {
      nanosleep(&pause, NULL);
      error = MPI_Testall(count, requests, &is_done, MPI_STATUSES_IGNORE);
      if (error != MPI_SUCCESS || is_done) return error;
    }
  }
}

/// Hands sending[r] to process r and takes what process r has for us into receiving[r].
///
/// Messages of the same two processes keep their order, so that all have one tag.
static inline int rnn_mpi_exchange(
    const rnn_mpi_process *process, const void *const *sending, const long *sent,
    void *const *receiving, const long *received) {
  // MPI counts in int.
  const long most = 1L << 30;
  long pieces = 0;
  for (int other = 0; other < process->count; other++) {
    pieces += (sent[other] + most - 1) / most + (received[other] + most - 1) / most;
  }
  MPI_Request *requests = malloc(sizeof(MPI_Request) * (size_t)(pieces + 1));
  if (requests == NULL) return MPI_ERR_NO_MEM;
  int count = 0, error = MPI_SUCCESS;
  for (int step = 1; step < process->count && error == MPI_SUCCESS; step++) {
    // Each begins with another.
    int from = (process->rank + process->count - step) % process->count;
    for (long place = 0; place < received[from] && error == MPI_SUCCESS; place += most) {
      long left = received[from] - place;
      error = MPI_Irecv((char *)receiving[from] + place, (int)(left < most ? left : most), MPI_BYTE,
                        from, 0, MPI_COMM_WORLD, &requests[count]);
      count += error == MPI_SUCCESS;
    }
  }
  for (int step = 1; step < process->count && error == MPI_SUCCESS; step++) {
    int to = (process->rank + step) % process->count;
    for (long place = 0; place < sent[to] && error == MPI_SUCCESS; place += most) {
      long left = sent[to] - place;
      error = MPI_Isend((const char *)sending[to] + place, (int)(left < most ? left : most),
                        MPI_BYTE, to, 0, MPI_COMM_WORLD, &requests[count]);
      count += error == MPI_SUCCESS;
    }
  }
  if (sent[process->rank] > 0) {
    memcpy(receiving[process->rank], sending[process->rank], (size_t)sent[process->rank]);
  }
  if (error == MPI_SUCCESS) error = rnn_mpi_wait(count, requests, process);
  free(requests);
  return error;
}

#endif
