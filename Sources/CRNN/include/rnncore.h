/* RNNCore for C: recurrent layers with backpropagation through time, on CPUs.
 *
 *   rnncore_stack *lstm;
 *   rnncore_stack_create("lstm", 128, 256, 1, RNNCORE_FORWARD, 0, &lstm);
 *   rnncore_stack_make_parameters(lstm, 1);
 *   rnncore_batch batch = {.steps = 100, .sequences = 32};
 *   rnncore_pass *pass;
 *   rnncore_forward(lstm, &batch, x, NULL, NULL, y, NULL, NULL, NULL, &pass);
 *   …                                               // dy = dE/dy
 *   rnncore_backward(pass, NULL, dy, NULL, NULL, dx, NULL, NULL, NULL, 0);
 *   rnncore_pass_destroy(pass);
 *
 * Status. Every function that can fail returns RNNCORE_OK, 0, or what was wrong; rnncore_last_error
 * then has a sentence for the thread that called. What a failed call was to fill is left alone,
 * but for handles, which become NULL. No input ends the process.
 *
 * Shapes. All numbers are 32-bit floats, row-major. B sequences of T steps; N tokens (T·B where all
 * sequences are equally long); I numbers of input a step; H units; L layers; D directions, 1 or 2;
 * `output` numbers a step from the top layer: rnncore_stack_output_size.
 *   tokens    x, y, dx, dy: [N, …], time-major: all rows of step 0, then those of step 1, …
 *             (PyTorch's [T, B, …], and the data of its PackedSequence)
 *   states    [L·D, B, S], S = rnncore_stack_state_size; cell states [L·D, B, C], C =
 *             rnncore_stack_cell_state_size (0 where there are none): for each layer the forward
 *             direction, then the reverse one
 *   parameters  as rnncore_stack_parameter says, in PyTorch's layout and order of gates
 *
 * Ownership. Handles are the caller's to destroy, in any order: a pass keeps its stack alive.
 * Memory that a caller passes stays the caller's, is used during the call alone (two exceptions are
 * said where they are), and need not be aligned beyond a float's 4 bytes.
 *
 * Threads. Any function may be called from any thread. Calls with one stack take turns. A call
 * works with as many threads as it is told; the library keeps them, asleep between calls, and
 * starts none before the first. Results do not depend on the number of threads, to the last bit.
 * fork waits until the calls that other threads are in have ended; the child has all handles as
 * they were, and works with the calling thread alone.
 */
#ifndef RNNCORE_H
#define RNNCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Moves on when a function changes or goes; the library's name has it too (librnncore.so.1). */
#define RNNCORE_ABI_VERSION 1

/* What was wrong. */
typedef int32_t rnncore_status;
enum {
  RNNCORE_OK = 0,
  /* Two sizes that must agree do not, or an address is missing. */
  RNNCORE_SHAPE = 1,
  /* A number lies outside its allowed range. */
  RNNCORE_RANGE = 2,
  /* A token or class lies outside the vocabulary. */
  RNNCORE_VOCABULARY = 3,
  /* A batch, sequence, file or stack without content. */
  RNNCORE_EMPTY = 4,
  /* A number is infinite or not a number. */
  RNNCORE_NON_FINITE = 5,
  /* A name or text that cannot be understood. */
  RNNCORE_FORMAT = 6,
  /* A combination that has no meaning. */
  RNNCORE_UNSUPPORTED = 7,
  /* A file that cannot be read or written. */
  RNNCORE_FILE = 8,
  /* More memory than the process may take. */
  RNNCORE_MEMORY = 9
};

/* The RNNCORE_ABI_VERSION that the library was built with. */
int32_t rnncore_abi_version(void);

/* The version of the library, such as "1.0.0". */
const char *rnncore_version(void);

/* What was wrong with the last call of this thread that failed, in a sentence; empty before the
 * first. Valid until the thread's next call that fails. */
const char *rnncore_last_error(void);

/* The vector instructions and matrix products in use, and the number of threads that a call without
 * a wish gets, as JSON. To be given to rnncore_free. */
rnncore_status rnncore_describe(char **json);

/* Lets calls from now on work with the threads of the OpenMP runtime that the process has loaded
 * for all to see, as PyTorch does (wanted: true), or with threads of the library's own, which is
 * how it begins. Where the program has OpenMP regions between its calls, its threads spin for
 * milliseconds after each of them on the cores that others would need. Models that exist keep their
 * threads. RNNCORE_UNSUPPORTED where there is no such runtime. */
rnncore_status rnncore_use_openmp(bool wanted);

/* Frees a text that the library has made; NULL is let pass. */
void rnncore_free(char *text);

/* MARK: Stacks of layers */

/* L recurrent layers of one kind, each of which reads the outputs of the one below. */
typedef struct rnncore_stack rnncore_stack;

/* Which way layers read. */
typedef int32_t rnncore_directions;
enum {
  RNNCORE_FORWARD = 0,
  /* Both ways, outputs side by side: forward, then reverse. */
  RNNCORE_BIDIRECTIONAL = 1,
  /* Both ways, outputs added. */
  RNNCORE_BIDIRECTIONAL_SUM = 2
};

/* Makes a stack, without parameters.
 *   cell        a name with options, such as "lstm", "gru", "elman", "elman:relu", "lstm:peephole"
 *   input       I
 *   hidden      H
 *   layers      L
 *   output      the width of a Jordan network's output; 0 for all other cells
 * RNNCORE_FORMAT for an unknown cell, RNNCORE_RANGE for a size below 1, RNNCORE_MEMORY for sizes
 * that no memory holds. */
rnncore_status rnncore_stack_create(const char *cell, int64_t input, int64_t hidden,
                                    int64_t layers, rnncore_directions directions, int64_t output,
                                    rnncore_stack **stack);

/* Lets a stack go; passes that are outstanding keep what they need. NULL is let pass. */
void rnncore_stack_destroy(rnncore_stack *stack);

/* Numbers that the top layer gives at each step: H, twice that for two directions side by side. */
int64_t rnncore_stack_output_size(const rnncore_stack *stack);

/* S, numbers of one sequence's state in a layer and direction. */
int64_t rnncore_stack_state_size(const rnncore_stack *stack);

/* C, the same for cell states: H for an LSTM, 0 for cells without. */
int64_t rnncore_stack_cell_state_size(const rnncore_stack *stack);

/* MARK: Parameters */

/* How many matrices and vectors a stack has. */
int64_t rnncore_stack_parameter_count(const rnncore_stack *stack);

/* The name and shape of the parameter at a place, from 0: weight_ih_l0, weight_hh_l0, bias_ih_l0,
 * bias_hh_l0, weight_ih_l0_reverse, …; a vector has 1 column. The name lives as long as the stack.
 * RNNCORE_RANGE for a place that there is not. */
rnncore_status rnncore_stack_parameter(const rnncore_stack *stack, int64_t place,
                                       const char **name, int64_t *rows, int64_t *columns);

/* Makes parameters that belong to the stack, drawn as is usual for the cell, with gradients of
 * zero. Those that were bound or made before are used no more. */
rnncore_status rnncore_stack_make_parameters(rnncore_stack *stack, uint64_t seed);

/* Where the stack's own parameter at a place is, and its gradient; either may be NULL. They may be
 * written to between calls: rnncore_stack_changed has to be told of new values. The addresses hold
 * until rnncore_stack_make_parameters, or until the stack goes.
 * RNNCORE_EMPTY for a stack without parameters of its own. */
rnncore_status rnncore_stack_values(rnncore_stack *stack, int64_t place, float **values,
                                    float **gradients);

/* Lets the stack read its parameters from the caller's memory, from the next call on; it must stay
 * until others are bound or made, or the stack and its passes are gone.
 *   values      an address for each parameter in the order of places; NULL for zeros
 *   changed     whether other numbers are there than at the last pass: weights are then packed
 *               anew, which costs about as much as multiplying one token with them */
rnncore_status rnncore_stack_bind(rnncore_stack *stack, const float *const *values, bool changed);

/* Tells the stack that its parameters have other values. */
rnncore_status rnncore_stack_changed(rnncore_stack *stack);

/* Saves the stack's shape and parameters, its own or bound ones, as a safetensors file under
 * PyTorch's names, which appears whole or not at all.
 *   metadata    a JSON object of texts to keep with them, or NULL
 * RNNCORE_EMPTY for a stack without parameters, RNNCORE_NON_FINITE for a parameter that is not
 * finite, RNNCORE_FILE for a file that cannot be written. */
rnncore_status rnncore_stack_save(rnncore_stack *stack, const char *path, const char *metadata);

/* Makes the stack that rnncore_stack_save has written to a file, with parameters of its own.
 * RNNCORE_FILE for a file that cannot be read, RNNCORE_FORMAT for one that is damaged,
 * RNNCORE_UNSUPPORTED for another kind of model. */
rnncore_status rnncore_stack_load(const char *path, rnncore_stack **stack);

/* The stack's configuration, number of parameters, and the texts of the file it was loaded from, as
 * JSON. To be given to rnncore_free. */
rnncore_status rnncore_stack_describe(const rnncore_stack *stack, char **json);

/* MARK: Passes */

/* A batch of sequences. */
typedef struct rnncore_batch {
  /* T, of the longest sequence. */
  int64_t steps;
  /* B. */
  int64_t sequences;
  /* [T], how many sequences have each step, longest sequences first: PyTorch's batch_sizes. NULL
   * where all have all. */
  const int64_t *sizes;
} rnncore_batch;

/* How a forward pass runs; all zeros, or NULL in its place, for no wish. */
typedef struct rnncore_options {
  /* Threads to work with, 0 for one on each core that the process may use. */
  int32_t threads;
  /* The probability with which a number is dropped between layers, from 0 to 1. */
  float dropout;
  /* The seed of what is dropped. */
  uint64_t dropout_seed;
} rnncore_options;

/* The record of a forward pass. */
typedef struct rnncore_pass rnncore_pass;

/* Runs all layers over all steps.
 *   x           [N, I]
 *   h0, c0      states before the first step; NULL for zeros
 *   y           [N, output]; NULL if not wanted
 *   hn, cn      become the states after each sequence's last step (of the reverse direction: its
 *               first); NULL if not wanted. May be h0 and c0, for a stream
 *   pass        becomes the record that rnncore_backward needs, to be destroyed in any case; NULL
 *               for no record, which saves time and memory. x has to stay where it is until the
 *               pass has gone back, or to be given again then
 * RNNCORE_EMPTY for no steps or sequences and for a stack without parameters, RNNCORE_SHAPE for
 * sizes that do not begin with B, RNNCORE_RANGE for sizes that rise, for a dropout outside [0, 1]
 * and for too many threads, RNNCORE_MEMORY for a batch that the process has no memory for. */
rnncore_status rnncore_forward(rnncore_stack *stack, const rnncore_batch *batch, const float *x,
                               const float *h0, const float *c0, float *y, float *hn, float *cn,
                               const rnncore_options *options, rnncore_pass **pass);

/* BPTT: from the gradients of outputs and final states to those of parameters, input and initial
 * states.
 *   x           as in the forward pass; NULL if it is where it was
 *   dy          [N, output]; NULL for zeros
 *   dhn, dcn    gradients of the final states; NULL for zeros
 *   dx          becomes the gradient of x; NULL saves its product
 *   dh0, dc0    become the gradients of the initial states; NULL if not wanted
 *   gradients   addresses in the order of the parameters, where their gradients are added; NULL in
 *               it for one that is not wanted. NULL for the stack's own
 *   threads     to work with, 0 for one on each core
 * RNNCORE_UNSUPPORTED for a pass that has gone back already, RNNCORE_EMPTY for bound parameters
 * without a place for their gradients. */
rnncore_status rnncore_backward(rnncore_pass *pass, const float *x, const float *dy,
                                const float *dhn, const float *dcn, float *dx, float *dh0,
                                float *dc0, float *const *gradients, int32_t threads);

/* Lets a record go; its memory is used again by the stack. NULL is let pass. */
void rnncore_pass_destroy(rnncore_pass *pass);

/* MARK: Profiles */

/* Where the gradient of a loss goes in one batch. */
typedef struct rnncore_profile rnncore_profile;

/* Runs forward and back (twice where the loss has answers at several steps of a sequence: then also
 * with each sequence's last answer alone, which shows how far back the gradient reaches), looks at
 * gradients, gates and states on the way, and changes nothing.
 *   x, h0, c0, options  as in rnncore_forward
 *   dy, dhn, dcn        as in rnncore_backward
 *   memory_needed       steps over which the task asks to remember, for the verdicts; below 0 for
 *                       all steps
 *   jacobians           whether to take those along the longest sequence, too: see
 *                       rnncore_stack_jacobians */
rnncore_status rnncore_profile_create(rnncore_stack *stack, const rnncore_batch *batch,
                                      const float *x, const float *h0, const float *c0,
                                      const float *dy, const float *dhn, const float *dcn,
                                      const rnncore_options *options, int64_t memory_needed,
                                      bool jacobians, rnncore_profile **profile);

/* The same of a pass that goes back: as rnncore_backward, and looks on the way, which saves the
 * profile a forward and backward pass of its own.
 *   x, dy … gradients   as in rnncore_backward; no address in gradients is NULL, and the norms are
 *                       of what stands there afterwards
 *   h0, c0, options     as in the forward pass
 *   memory_needed, jacobians  as in rnncore_profile_create
 * The pass has gone back where RNNCORE_OK is returned. */
rnncore_status rnncore_backward_profiled(rnncore_pass *pass, const float *x, const float *h0,
                                         const float *c0, const float *dy, const float *dhn,
                                         const float *dcn, float *dx, float *dh0, float *dc0,
                                         float *const *gradients, const rnncore_options *options,
                                         int64_t memory_needed, bool jacobians,
                                         rnncore_profile **profile);

/* Norms by layer, direction, step and distance, what gates and states did, and verdicts in
 * sentences.
 *   json        becomes {"layers": […], "lastAnswer": […] or null, "parameters": […],
 *               "verdicts": […]}; to be given to rnncore_free */
rnncore_status rnncore_profile_describe(const rnncore_profile *profile, char **json);

/* Lets a profile go. NULL is let pass. */
void rnncore_profile_destroy(rnncore_profile *profile);

/* What a step does to the state of each layer and direction along one sequence, in double precision
 * and without dropout: Lyapunov exponents, singular values of the product of the last 1, 10, 50 and
 * all Jacobians, and what the recurrent weights alone allow. Costs about 30 n³ operations a step
 * and layer, for a state of n numbers (H; 2 H for an LSTM); states of more than 512 are left out.
 *   x, h0, c0, options  as in rnncore_forward
 *   sequence    which of the batch, from 0
 *   json        becomes an array with {"lyapunov": [λ1, …] in nats a step, "log10SingularValues":
 *               {steps: […]}, "blocks": {gate: {"largestSingularValue", "spectralRadius",
 *               "bound"}}}
 *               or {"missing": reason} for each layer and direction; to be given to rnncore_free */
rnncore_status rnncore_stack_jacobians(rnncore_stack *stack, const rnncore_batch *batch,
                                       const float *x, const float *h0, const float *c0,
                                       const rnncore_options *options, int64_t sequence,
                                       char **json);

/* A profile in a report. */
typedef struct rnncore_look {
  const rnncore_profile *profile;
  /* What the layers belong to, such as "encoder"; NULL or empty for a stack by itself. */
  const char *model;
  /* The training step at which it was taken. */
  int64_t step;
} rnncore_look;

/* Writes profiles as a report: verdicts, tables and figures in one HTML file, which needs nothing
 * besides and appears whole or not at all.
 *   looks       [count], in any order: the first and the last step of each model are shown, and
 *               what changed between them
 *   subject     what was looked at, in a sentence; NULL for none
 * RNNCORE_EMPTY without looks, RNNCORE_FILE for a file that cannot be written. */
rnncore_status rnncore_report_write(const rnncore_look *looks, int64_t count, const char *subject,
                                    const char *path);

/* MARK: Training */

/* What moves a stack's own parameters along their gradients. */
typedef struct rnncore_optimizer rnncore_optimizer;

/* What is done to a gradient that is too long. */
typedef int32_t rnncore_clipping;
enum {
  RNNCORE_CLIP_NONE = 0,
  /* Each number is brought into ±threshold. */
  RNNCORE_CLIP_VALUE = 1,
  /* All gradients together are made as long as the threshold where they are longer. */
  RNNCORE_CLIP_NORM = 2,
  /* The same for each layer by itself. */
  RNNCORE_CLIP_LAYER_NORM = 3
};

/* Makes an optimiser with its memory of past gradients.
 *   stack         with parameters of its own; new ones are moved by a new optimiser alone
 *   rule          "sgd", "momentum", "nesterov" (0.9), "rmsprop", "adagrad", "adam" or "adamw",
 *                 with PyTorch's settings
 *   rate          the learning rate, above 0
 *   weight_decay  below 0 for the rule's own: 0.01 for "adamw", 0 for all others
 *   clipping      what threshold, above 0, is compared with
 * RNNCORE_EMPTY for a stack without parameters of its own, RNNCORE_FORMAT for an unknown rule,
 * RNNCORE_RANGE for a number outside its range. */
rnncore_status rnncore_optimizer_create(rnncore_stack *stack, const char *rule, float rate,
                                        float weight_decay, rnncore_clipping clipping,
                                        float threshold, rnncore_optimizer **optimizer);

/* Clips the stack's gradients, moves its parameters along them and makes the gradients zero.
 *   norm        becomes the length of all gradients before clipping; NULL if not wanted
 * RNNCORE_NON_FINITE, without an update, for a gradient that is not finite. */
rnncore_status rnncore_optimizer_step(rnncore_optimizer *optimizer, double *norm);

/* Lets an optimiser go; the stack stays. NULL is let pass. */
void rnncore_optimizer_destroy(rnncore_optimizer *optimizer);

/* MARK: Models */

/* A whole model: embedding or features, recurrent layers, readout and loss. */
typedef struct rnncore_model rnncore_model;

/* Sequences, one after the other, N steps together, with what a model should say about them. */
typedef struct rnncore_examples {
  /* How many sequences there are. */
  int64_t count;
  /* [count], the steps of each. */
  const int64_t *lengths;
  /* [N], for a model that reads tokens; else NULL. */
  const int32_t *tokens;
  /* [N, width], for a model that reads numbers; else NULL. */
  const float *features;
  /* [N], or [count] for an answer at the end; -1 for a step without an answer. For a model of
   * classes; else NULL, and for predictions. */
  const int32_t *classes;
  /* [N, outputs], or [count, outputs] for an answer at the end; for a model of numbers or of yes
   * and no; else NULL, and for predictions. */
  const float *values;
} rnncore_examples;

/* Makes a model with fresh parameters.
 *   configuration  as model files keep it: JSON with the fields input ("tokens" with vocabulary and
 *                  embedding, or "features" with width), contextWindow, body ("recurrent" with
 *                  cell, layers and directions: "forward", "bidirectional" or "bidirectional-sum"),
 *                  hiddenSize, outputs, loss ("softmaxCrossEntropy", "meanSquaredError",
 *                  "bernoulliCrossEntropy", "conditionalRandomField"), answer ("every-step" or
 *                  "at-end"), dropout, recurrentDropout
 *   seed           of the parameters
 *   threads        that work on it, 0 for one on each core */
rnncore_status rnncore_model_create(const char *configuration, uint64_t seed, int32_t threads,
                                    rnncore_model **model);

/* Reads a model from a file that rnncore_model_save or the command line has written. */
rnncore_status rnncore_model_load(const char *path, int32_t threads, rnncore_model **model);

/* Saves a model as a safetensors file, which appears whole or not at all.
 *   metadata    a JSON object of texts to keep with it, or NULL */
rnncore_status rnncore_model_save(rnncore_model *model, const char *path, const char *metadata);

/* The model's configuration, number of parameters, and the texts of the file it was loaded from, as
 * JSON. To be given to rnncore_free. */
rnncore_status rnncore_model_describe(const rnncore_model *model, char **json);

/* The mean loss of an answer, without dropout. */
rnncore_status rnncore_model_loss(rnncore_model *model, const rnncore_examples *examples,
                                  double *loss);

/* What the model says about sequences, each from a state of zeros.
 *   classes     [N] or [count]: the likeliest class of each step or sequence; NULL if not wanted,
 *               and for a model of numbers
 *   outputs     [N, outputs] or [count, outputs]: probabilities of classes, or the numbers; NULL if
 *               not wanted */
rnncore_status rnncore_model_predict(rnncore_model *model, const rnncore_examples *examples,
                                     int32_t *classes, float *outputs);

/* Lets a model go; trainers keep what they need. NULL is let pass. */
void rnncore_model_destroy(rnncore_model *model);

/* What trains a model. */
typedef struct rnncore_trainer rnncore_trainer;

/* Makes a trainer. As rnncore_optimizer_create says; seed is that of what is dropped. */
rnncore_status rnncore_trainer_create(rnncore_model *model, const char *rule, float rate,
                                      float weight_decay, rnncore_clipping clipping,
                                      float threshold, uint64_t seed, rnncore_trainer **trainer);

/* One update with a batch of examples: forward, loss, BPTT, clipping, update.
 *   loss        becomes the mean loss of an answer before the update; NULL if not wanted
 *   norm        becomes the length of the gradient before clipping; NULL if not wanted */
rnncore_status rnncore_trainer_step(rnncore_trainer *trainer, const rnncore_examples *examples,
                                    double *loss, double *norm);

/* Lets a trainer go; the model stays. NULL is let pass. */
void rnncore_trainer_destroy(rnncore_trainer *trainer);

#ifdef __cplusplus
}
#endif

#endif
