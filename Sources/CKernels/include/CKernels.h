// What must be compiled per instruction set, and what must wait without the Swift runtime.
//
// Legend: every matrix is row-major with its own row stride in floats ("ld"). `rows` is the number
// of sequences that are active at one time step, H the hidden size: gate slots of one row stand
// side by side, H floats each. A gate kernel works on `units` hidden units, those that its pointers
// begin at. A pointer that may be null says so.
#ifndef RNNCORE_CKERNELS_H
#define RNNCORE_CKERNELS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { RNN_TANH = 0, RNN_SIGMOID = 1, RNN_RELU = 2, RNN_IDENTITY = 3 } rnn_activation;

// The right side of a product, packed for the kernels: K = `inner` rows, gates·width columns.
//
// With several gates a panel holds the same units of each gate, one vector a gate, so that the
// gates of a unit are computed together; with one gate it holds up to four neighbouring vectors.
// Within a panel all vectors of row k come before those of row k + 1. A last panel that is not full
// is filled with zeros.
typedef struct {
  long inner;  // K
  long gates;  // 1 to 4 blocks of columns
  long width;  // columns of a block
} rnn_packing;

// A walk through some columns of a packed matrix, vector by vector of as many as `lanes` says; of
// several blocks of columns the same vectors of each.
typedef struct {
  long first, last;  // first..<last
  bool backwards;    // begins with the last: what a walk ended with is still in the cache
  long next;         // the vector that is read after these, to be fetched meanwhile; -1 for none
} rnn_sweep;

// The packed rows of ranks begin..<end in steps first..<last, as far as these have them.
typedef struct {
  const long *_Nonnull offsets;  // the first packed row of each step, T + 1 values
  long first, last;
  long begin, end;
  bool together;  // whether C has these rows alone, one after the other
} rnn_step_rows;

// One time step of a cell for one worker. All pointers begin at the worker's first hidden unit.
typedef struct {
  long rows;                         // sequences that are active at the step
  long units;                        // hidden units to compute
  long hidden;                       // H
  const float *_Nullable bias;       // by slot; null on the way back
  float *_Nonnull gates;             // [rows, slots * H]
  long ldg;
  const float *_Nonnull h_before;    // the state before the step, [rows, R]
  const float *_Nonnull h_seen;      // the same as products see it, dropout applied
  float *_Nonnull h;                 // the state after the step
  long ldh;                          // of all three
  const float *_Nonnull c_before;    // the cell state before and after the step, where there is one
  float *_Nonnull c;
  long ldc;
} rnn_cell_step;

// The gradients of one step: dE/dh_t and dE/dc_t as later steps give them in, those of the step
// before out.
typedef struct {
  float *_Nonnull h;
  long ldh;
  const float *_Nullable output;     // the loss's own part of dE/dh_t; null without
  long ldo;
  float *_Nonnull c;
  long ldc;
} rnn_cell_gradient;

// Steps first..<last of a cell whose state alone goes from step to step, for one worker: all steps
// of the sequences of rank begin..<end, and of some units. Matrices begin at row 0 and the worker's
// first unit.
typedef struct {
  long first, last;
  const long *_Nonnull offsets;      // the first packed row of each step, T + 1 values
  long begin, end;
  long sequences;                    // B
  long units;
  long hidden;                       // H
  const float *_Nonnull bias;        // by slot
  float *_Nonnull gates;             // packed rows, [N, slots * H]
  long first_row;                    // the packed row of the first row of gates
  long ldg;
  float *_Nonnull h;                 // initial states of all ranks, then packed rows, [B + N, R]
  long ldh;
} rnn_cell_steps;

// The gradients of many steps: dE/dh by rank, of the step after `last` in, of the step before
// `first` out; and the loss's own part by packed row.
typedef struct {
  float *_Nonnull h;
  long ldh;
  const float *_Nonnull output;
  long ldo;
} rnn_steps_gradient;

// The variant of the LSTM that a kernel computes.
typedef struct {
  bool coupled;        // f = 1 - i
  bool linear_input;   // g = a_g without its tanh
  bool linear_output;  // h = o * c_t without its tanh
} rnn_lstm;

// The parameters of a linear-chain conditional random field over K classes.
typedef struct {
  long classes;                             // K
  const float *_Nonnull transitions;        // [K, K], the score A of going from i to j
  const float *_Nonnull start;              // [K]
  const float *_Nonnull end;                // [K]
  // [2, K, K]: e^(A - top) and its transpose; null when the scores are too far apart for it.
  const double *_Nullable powers;
  double top;                               // max A
} rnn_chain;

// One function per kernel; the same source is compiled once for each instruction set.
typedef struct {
  const char *_Nonnull name;
  // Floats of a vector register.
  long lanes;

  // Panels of a packed matrix, and the floats that they take.
  long (*_Nonnull packed_panels)(rnn_packing w);
  long (*_Nonnull packed_floats)(rnn_packing w);
  // Packs panels first..<last of W [K, gates·width] (transposed: of Wᵀ, W being [gates·width, K]).
  void (*_Nonnull pack)(rnn_packing w, const float *_Nonnull values, long ld, bool transposed,
                        long first, long last, float *_Nonnull panels);
  // C = A·W (+ C) in the columns of a sweep; A is [rows, K], C has W's columns.
  void (*_Nonnull packed_product)(rnn_packing w, const float *_Nonnull panels, rnn_sweep sweep,
                                  long rows, const float *_Nonnull a, long lda, bool add,
                                  float *_Nonnull c, long ldc);
  // C = A·W (+ C) in the columns of a sweep and the rows of some sequences in several steps; A and
  // C begin at the first row of the first step.
  void (*_Nonnull packed_product_of_steps)(rnn_packing w, const float *_Nonnull panels,
                                           rnn_sweep sweep, rnn_step_rows rows,
                                           const float *_Nonnull a, long lda, bool add,
                                           float *_Nonnull c, long ldc);
  // Rows of the largest tile of 1 to 4 vectors.
  long (*_Nonnull tile_rows)(long vectors);
  // C [m, n] += Aᵀ·B for A [tokens, m] and B [tokens, n]. What is copied on the way depends on the
  // bytes of a core's first cache, and no bit of C does.
  void (*_Nonnull add_outer_products)(long tokens, const float *_Nonnull a, long lda, long m,
                                      const float *_Nonnull b, long ldb, long n, float *_Nonnull c,
                                      long ldc, long first_cache);

  // y = e^x as softmax and the losses compute it; here so that its accuracy can be tested.
  void (*_Nonnull exponentials)(long n, const float *_Nonnull x, float *_Nonnull y);
  // y = f(x + bias), n elements a row. bias may be null.
  void (*_Nonnull activate)(rnn_activation f, long rows, long n, const float *_Nullable bias,
                            const float *_Nonnull x, long ldx, float *_Nonnull y, long ldy);
  // dx = f'(y) * (dy + extra), from the activation's own output y. extra may be null.
  void (*_Nonnull activate_backward)(rnn_activation f, long rows, long n, const float *_Nonnull y,
                                     long ldy, const float *_Nonnull dy, long lddy,
                                     const float *_Nullable extra, long ldextra,
                                     float *_Nonnull dx, long lddx);

  // LSTM, slots i, f, g, o (coupled: i, g, o with f = 1 - i): preactivations in, gate values out.
  // peephole: null, or [3, H] rows p_i, p_f, p_o (coupled: [2, H] rows p_i, p_o).
  void (*_Nonnull lstm_forward)(rnn_lstm form, const float *_Nullable peephole, rnn_cell_step step);
  // Gate values in, gradients of the gate preactivations out. d.c: dE/dc_t in, dE/dc_{t-1} out.
  void (*_Nonnull lstm_backward)(rnn_lstm form, const float *_Nullable peephole, rnn_cell_step step,
                                 rnn_cell_gradient d);
  // squares[r] += sum over units of (dE/dc_t)^2, the whole derivative with h_t following c_t, from
  // what lstm_backward is given: dc + dh_t * o * (1 - tanh(c)^2) + p_o * da_o, dh_t = dh + doutput.
  void (*_Nonnull lstm_add_cell_squares)(rnn_lstm form, const float *_Nullable peephole,
                                         rnn_cell_step step, rnn_cell_gradient d,
                                         double *_Nonnull squares);

  // GRU with the reset after the product, slots n, r, z, m with m = U_n h + b_hn.
  void (*_Nonnull gru_after_forward)(rnn_cell_step step);
  // d.h: dE/dh_t in, its elementwise part z * dh out (the product with U is added by the caller).
  void (*_Nonnull gru_after_backward)(rnn_cell_step step, rnn_cell_gradient d);

  // GRU with the reset before the product, slots r, z, n, q with q = r * h (h as U sees it).
  void (*_Nonnull gru_before_reset)(rnn_cell_step step);
  void (*_Nonnull gru_before_update)(rnn_cell_step step);
  // Slots z and n become gradients; d.h becomes its elementwise part z * dh. Slot r keeps its
  // value.
  void (*_Nonnull gru_before_update_backward)(rnn_cell_step step, rnn_cell_gradient d);
  // dq: dE/dq in, r * dq out; slot r becomes its gradient.
  void (*_Nonnull gru_before_reset_backward)(rnn_cell_step step, float *_Nonnull dq, long lddq);

  // minGRU, slots z, g: h_t = h_{t-1} + z * (g - h_{t-1}). positive: g = x + 1/2 from 0 on,
  // sigmoid(x) below. Forward and backward change slots as those of the LSTM do.
  void (*_Nonnull min_gru_forward)(bool positive, rnn_cell_steps steps);
  void (*_Nonnull min_gru_backward)(bool positive, rnn_cell_steps steps, rnn_steps_gradient d);

  // minLSTM with normalised gates, slots f' = f / (f + i), i' = i / (f + i), g, f + i, of which the
  // first three are fed with f, i and g: h_t = f' * h_{t-1} + i' * g.
  void (*_Nonnull min_lstm_forward)(bool positive, rnn_cell_steps steps);
  void (*_Nonnull min_lstm_backward)(bool positive, rnn_cell_steps steps, rnn_steps_gradient d);

  // LRU with `hidden` complex numbers, each two blocks, real parts first. gates: B x (kept), and
  // from column `fed` on B x as the product fills it. h_t = lambda * h_{t-1} + gamma * B x_t.
  // lambda [2, hidden], gamma [hidden].
  void (*_Nonnull lru_forward)(const float *_Nonnull lambda, const float *_Nonnull gamma, long fed,
                               rnn_cell_steps steps);
  // From column `fed` on: what the outputs ask of h_t in, the gradient of B x out. d has no
  // outputs.
  void (*_Nonnull lru_backward)(const float *_Nonnull lambda, const float *_Nonnull gamma, long fed,
                                rnn_cell_steps steps, rnn_steps_gradient d);
  // sums [3, hidden] += gamma * dE/dRe lambda, gamma * dE/dIm lambda and gamma * dE/dgamma, after
  // lru_backward.
  void (*_Nonnull lru_sums)(long fed, rnn_cell_steps steps, float *_Nonnull sums);

  // scores[i, j] = v . tanh(q_i + k_j), n elements a row.
  void (*_Nonnull additive_scores)(long queries, long keys, long n, const float *_Nonnull q,
                                   long ldq, const float *_Nonnull k, long ldk,
                                       const float *_Nonnull v,
                                   float *_Nonnull scores, long lds);
  // Adds to dq, dk and dv what the gradients of the scores make of them.
  void (*_Nonnull additive_scores_backward)(long queries, long keys, long n,
                                            const float *_Nonnull q, long ldq,
                                                const float *_Nonnull k, long ldk,
                                            const float *_Nonnull v, const float *_Nonnull dscores,
                                            long lds, float *_Nonnull dq, long lddq,
                                            float *_Nonnull dk, long lddk, float *_Nonnull dv);

  // y = softmax(x), n elements a row; y may be x.
  void (*_Nonnull softmax)(long rows, long n, const float *_Nonnull x, long ldx, float *_Nonnull y,
                           long ldy);
  // dx = extra + y * (dy - sum(y * dy)); extra may be null.
  void (*_Nonnull softmax_backward)(long rows, long n, const float *_Nonnull y, long ldy,
                                    const float *_Nonnull dy, long lddy,
                                    const float *_Nullable extra, long ldextra, float *_Nonnull dx,
                                    long lddx);
  // Sum of -weight * log softmax(x)[target] over rows; x becomes its gradient.
  double (*_Nonnull softmax_cross_entropy)(long rows, long n, float *_Nonnull x, long ldx,
                                           const int32_t *_Nonnull target,
                                           const float *_Nonnull weight);
  // The same, each row's loss by itself and without its weight.
  void (*_Nonnull cross_entropies)(long rows, long n, float *_Nonnull x, long ldx,
                                   const int32_t *_Nonnull target, const float *_Nonnull weight,
                                   double *_Nonnull losses);
  // losses[r] = -log softmax(x[r])[target[r]], 0 where weight[r] is 0; likeliest[r], the index of
  // the row's largest element (see `largest`). x stays as it is. Either may be null: likeliest; or
  // target, weight and losses together.
  void (*_Nonnull class_losses)(long rows, long n, const float *_Nonnull x, long ldx,
                                const int32_t *_Nullable target, const float *_Nullable weight,
                                double *_Nullable losses, int32_t *_Nullable likeliest);
  // Sum of weight * x, in order.
  double (*_Nonnull weighted_sum)(long n, const float *_Nonnull weight, const double *_Nonnull x);
  // Index of the largest element, the first of equal ones; 0 when the first one is NaN, other NaN
  // are passed over.
  long (*_Nonnull largest)(long n, const float *_Nonnull x);
  // Sum of weight * (softplus(x) - target * x) over rows; x becomes its gradient.
  double (*_Nonnull bernoulli_cross_entropy)(long rows, long n, float *_Nonnull x, long ldx,
                                             const float *_Nonnull target, long ldt,
                                             const float *_Nonnull weight);
  // Sum of weight * (x - target)^2 over rows; x becomes its gradient.
  double (*_Nonnull squared_error)(long rows, long n, float *_Nonnull x, long ldx,
                                   const float *_Nonnull target, long ldt,
                                   const float *_Nonnull weight);

  // Fills the powers [2, K, K], unless null, and the top of a chain; false when there can be no
  // powers.
  bool (*_Nonnull chain_powers)(long n, const float *_Nonnull transitions,
                                double *_Nullable powers, double *_Nonnull top);
  // -log p(target | x) of the sequence that has place `rank` in each of its steps: row t is
  // offsets[t] + rank of x [N, K] and of target [N]. x becomes weight times its gradient, and left,
  // right [N, K] hold what the gradient of the transitions needs; right null: the loss alone.
  // scratch [2, K].
  double (*_Nonnull chain_loss)(const rnn_chain *_Nonnull chain, long steps,
                                const long *_Nonnull offsets, long rank, float *_Nonnull x,
                                    long ldx, const int32_t *_Nonnull target,
                                double weight, double *_Nonnull left, double *_Nullable right,
                                double *_Nonnull scratch);
  // gradient [K, K] += weight times that of the transitions from classes first..<last, over all
  // sequences of a batch of `steps` steps, after chain_loss of each. pairs: space for [K, K].
  void (*_Nonnull chain_transition_gradient)(const rnn_chain *_Nonnull chain, long first, long last,
                                             long steps, const long *_Nonnull offsets,
                                             const int32_t *_Nonnull target, double weight,
                                             const double *_Nonnull left,
                                                 const double *_Nonnull right,
                                             double *_Nonnull pairs, float *_Nonnull gradient);
  // The path of largest score, written to the sequence's rows of path [N]; among equals the one
  // whose last class is the lowest, and so on back. origin: space for [N, K]. scratch [2, K].
  void (*_Nonnull chain_best_path)(const rnn_chain *_Nonnull chain, long steps,
                                   const long *_Nonnull offsets, long rank, const float *_Nonnull x,
                                   long ldx, int32_t *_Nonnull origin, double *_Nonnull scratch,
                                   int32_t *_Nonnull path);

  // -log of the sum over all alignments of a labelling with the steps of the sequence that has
  // place `rank` in each of them, as in chain_loss. Its L labels, none of them the blank 0, are
  // borders[rank]..< borders[rank + 1], and can be aligned. x becomes weight times its gradient.
  // table [T, 2L + 1]; null: the loss alone. scratch [T + K + 2 (2L + 1)].
  double (*_Nonnull ctc_loss)(long classes, long steps, const long *_Nonnull offsets, long rank,
                              float *_Nonnull x, long ldx, const int32_t *_Nonnull labels,
                              const long *_Nonnull borders, double weight, double *_Nullable table,
                              double *_Nonnull scratch);

  // out[j] += sum over rows of a[r, j] (times b[r, j] unless b is null), in the order of the rows.
  void (*_Nonnull column_sum)(long rows, long n, const float *_Nonnull a, long lda,
                              const float *_Nullable b, long ldb, float *_Nonnull out);
  // y = keep * y + x * mask, elementwise; mask may be null (ones); keep = 0 ignores what y held.
  void (*_Nonnull combine)(long rows, long n, float keep, const float *_Nonnull x, long ldx,
                           const float *_Nullable mask, long ldm, float *_Nonnull y, long ldy);

  // Sum of squares in double, in a fixed order.
  double (*_Nonnull sum_of_squares)(long n, const float *_Nonnull x);
  // squares[r] += sum over n elements of (x + y)^2; y may be null.
  void (*_Nonnull add_row_squares)(long rows, long n, const float *_Nonnull x, long ldx,
                                   const float *_Nullable y, long ldy, double *_Nonnull squares);
  void (*_Nonnull scale)(long n, float factor, float *_Nonnull x);
  // Clamps to [-limit, limit]; returns how many elements it changed.
  long (*_Nonnull clamp)(long n, float limit, float *_Nonnull x);
  // Index of the first infinite or NaN element, or -1.
  long (*_Nonnull first_non_finite)(long n, const float *_Nonnull x);

  // v = momentum * v + g; w -= rate * (nesterov ? g + momentum * v : v). decay: g += decay * w.
  // Without momentum and decay v is neither read nor written.
  void (*_Nonnull sgd)(long n, float rate, float momentum, bool nesterov, float decay,
                       const float *_Nonnull g, float *_Nonnull v, float *_Nonnull w);
  // s = smoothing * s + (1 - smoothing) * g^2; w -= rate * g / (sqrt(s) + epsilon).
  void (*_Nonnull rmsprop)(long n, float rate, float smoothing, float epsilon, float decay,
                           const float *_Nonnull g, float *_Nonnull s, float *_Nonnull w);
  // s += g^2; w -= rate * g / (sqrt(s) + epsilon).
  void (*_Nonnull adagrad)(long n, float rate, float epsilon, float decay, const float *_Nonnull g,
                           float *_Nonnull s, float *_Nonnull w);
  // Adam with bias corrections c1 = 1 - beta1^t, c2 = 1 - beta2^t. `coupled` decay goes into g
  // (Adam); otherwise it shrinks w beside the step (AdamW).
  void (*_Nonnull adam)(long n, float rate, float beta1, float beta2, float epsilon, float c1,
                        float c2, float decay, bool coupled, const float *_Nonnull g,
                        float *_Nonnull m, float *_Nonnull s, float *_Nonnull w);
  // a += weight * (w - a).
  void (*_Nonnull average)(long n, float weight, const float *_Nonnull w, float *_Nonnull a);
} rnn_kernels;

typedef enum { RNN_PORTABLE = 0, RNN_AVX2 = 1, RNN_AVX512 = 2 } rnn_instruction_set;

// Whether this build has the kernels and this CPU can run them.
bool rnn_can_run(rnn_instruction_set set);
// The kernels of a set for which `rnn_can_run` is true; null otherwise.
const rnn_kernels *_Nullable rnn_kernels_of(rnn_instruction_set set);

// Whether this OpenBLAS has several cores to choose from.
bool rnn_can_choose_blas_core(void);
// Makes it use the kernels for the CPU `name`; nothing else may be using OpenBLAS.
void rnn_choose_blas_core(const char *_Nonnull name);

// Around each call of OpenBLAS, which would wait for ever for memory that the process may not have.
// Waits, in a process whose address space is limited, until there is room beside the other calls;
// false when there is no room for a single one: then there is nothing to end.
bool rnn_blas_begin(void);
void rnn_blas_end(void);

// Cores that the calling thread may run on; 0 when the system does not say.
int rnn_bound_cores(void);

// The mode of a thread's floating-point arithmetic (MXCSR, FPCR).
typedef uint64_t rnn_float_mode;
// From here on the calling thread counts subnormal numbers as zeros, rounds to nearest and does not
// trap. Returns its mode before.
rnn_float_mode rnn_float_mode_enter(void);
// Puts back what `rnn_float_mode_enter` returned.
void rnn_float_mode_leave(rnn_float_mode before);

// A fork-join team: the calling thread and members - 1 others, which divide each region into a
// share for each.
typedef struct rnn_team rnn_team;
// One share of a region: share `index` of `count`. It runs in the mode of `rnn_float_mode_enter`.
typedef void (*rnn_task)(void *_Nullable context, int index, int count);
// Null when a thread cannot be started.
rnn_team *_Nullable rnn_team_create(int members);
// Looks for an OpenMP runtime among what the process has loaded for all to see. Its threads spin
// for milliseconds after a region of their own, on the cores that others of ours would need.
bool rnn_team_find_host(void);
// A team of that runtime's threads, to be called after it was found. Null without memory.
rnn_team *_Nullable rnn_team_create_hosted(int members);
// Ends the threads; nothing may be running.
void rnn_team_destroy(rnn_team *_Nonnull team);
// Calls task(context, i, members) for every i in 0..<members and returns when all have returned.
// When a member is late, the others do its share as well. When the team is already at work (a
// nested or a concurrent call), there is one share: task(context, 0, 1).
void rnn_team_run(rnn_team *_Nonnull team, rnn_task _Nonnull task, void *_Nullable context);
// A region whose shares run at the same time, and how long its threads wait for each other.
typedef struct {
  int count;  // shares, at most the members
  int group;  // neighbours that wait for each other, at least 2; divides count
  // Nanoseconds that the region is worth: how long to wait for threads that sleep. Negative: as
  // long as it takes.
  int64_t patience;
  // Nanoseconds that may pass between two barriers: who waits longer sleeps.
  int64_t pace;
} rnn_gang;
// Calls task with each of `count` shares, all at the same time, so that they may use the barriers.
// When a thread does not come in time, and for some regions after one was held up, there is one
// share; threads of a host may be fewer than asked for, and nobody then may use a barrier.
void rnn_team_run_together(rnn_team *_Nonnull team, rnn_gang gang, rnn_task _Nonnull task,
                           void *_Nullable context);
// Within a region of several shares together: returns when all of a group have called it.
void rnn_team_barrier(rnn_team *_Nonnull team, int group);

// Asks for the cache lines, 16 floats each, of n columns of some rows without waiting for them.
static inline void rnn_fetch_rows(const float *_Nonnull x, long rows, long n, long ldx) {
  for (long r = 0; r < rows; r++, x += ldx)
    for (long j = 0; j < n; j += 16) __builtin_prefetch(x + j);
}

#ifdef __cplusplus
}
#endif
#endif
