/* Feeds an LSTM with weights of the program's own a step at a time, and all sequences at once,
 * which are not equally long: the outputs are the same, to the last bit.
 *
 *   cc stream.c $(pkg-config --cflags --libs rnncore) -o stream && ./stream
 */
#include <rnncore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 3, UNITS = 8, STEPS = 5, SEQUENCES = 3, TOKENS = 5 + 4 + 2 };

static void check(rnncore_status status) {
  if (status == RNNCORE_OK) return;
  fprintf(stderr, "stream: %s\n", rnncore_last_error());
  exit(1);
}

int main(void) {
  rnncore_stack *lstm;
  check(rnncore_stack_create("lstm", INPUTS, UNITS, 1, RNNCORE_FORWARD, 0, &lstm));

  /* Weights may be anywhere, here in one block; without biases, which are zeros then. */
  static float memory[4 * UNITS * (INPUTS + UNITS)];
  for (int i = 0; i < 4 * UNITS * (INPUTS + UNITS); i++) memory[i] = (float)(i % 13 - 6) / 13;
  const float *weights[4] = {0};
  float *free_place = memory;
  for (int64_t place = 0; place < rnncore_stack_parameter_count(lstm); place++) {
    const char *name;
    int64_t rows, columns;
    check(rnncore_stack_parameter(lstm, place, &name, &rows, &columns));
    printf("%s: %d x %d\n", name, (int)rows, (int)columns);
    if (strncmp(name, "bias", 4) == 0) continue;
    weights[place] = free_place;
    free_place += rows * columns;
  }
  check(rnncore_stack_bind(lstm, weights, true));

  /* Sequences of 5, 4 and 2 steps: rows of step 0 for all three, …, of step 4 for the first. */
  const int64_t sizes[STEPS] = {3, 3, 2, 2, 1};
  const rnncore_batch batch = {.steps = STEPS, .sequences = SEQUENCES, .sizes = sizes};
  float x[TOKENS][INPUTS], y[TOKENS][UNITS], h[SEQUENCES][UNITS], c[SEQUENCES][UNITS];
  for (int i = 0; i < TOKENS * INPUTS; i++) x[i / INPUTS][i % INPUTS] = (float)(i % 7) / 7;
  check(rnncore_forward(lstm, &batch, &x[0][0], NULL, NULL, &y[0][0], &h[0][0], &c[0][0], NULL,
                        NULL));

  /* The same a step a call: states go in and come back. Sequences that have ended stay behind. */
  float step_y[SEQUENCES][UNITS], step_h[SEQUENCES][UNITS] = {{0}};
  float step_c[SEQUENCES][UNITS] = {{0}};
  int row = 0, differences = 0;
  for (int t = 0; t < STEPS; t++) {
    const rnncore_batch step = {.steps = 1, .sequences = sizes[t]};
    check(rnncore_forward(lstm, &step, x[row], &step_h[0][0], &step_c[0][0], &step_y[0][0],
                          &step_h[0][0], &step_c[0][0], NULL, NULL));
    differences += memcmp(step_y, y[row], (size_t)sizes[t] * sizeof step_y[0]) != 0;
    row += (int)sizes[t];
  }
  differences += memcmp(step_h, h, sizeof h) != 0 || memcmp(step_c, c, sizeof c) != 0;
  printf("%d tokens, %s\n", row, differences ? "DIFFERENT" : "the same outputs and states");
  rnncore_stack_destroy(lstm);
  return differences != 0;
}
