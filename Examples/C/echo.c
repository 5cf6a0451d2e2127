/* Trains a GRU to say what it heard three steps before; its first unit is the answer.
 *
 *   cc echo.c $(pkg-config --cflags --libs rnncore) -o echo && ./echo
 */
#include <rnncore.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 40, SEQUENCES = 16, UNITS = 24, DELAY = 3, UPDATES = 400 };

static void check(rnncore_status status) {
  if (status == RNNCORE_OK) return;
  fprintf(stderr, "echo: %s\n", rnncore_last_error());
  exit(1);
}

static float noise(void) {
  static uint32_t state = 1;
  state = state * 1664525u + 1013904223u;
  return (float)(state >> 8) / (1 << 24) - 0.5f;
}

int main(void) {
  rnncore_stack *gru;
  check(rnncore_stack_create("gru", 1, UNITS, 1, RNNCORE_FORWARD, 0, &gru));
  check(rnncore_stack_make_parameters(gru, 1));
  rnncore_optimizer *adam;
  check(rnncore_optimizer_create(gru, "adam", 0.01f, -1, RNNCORE_CLIP_NORM, 1, &adam));

  static float x[STEPS][SEQUENCES], y[STEPS][SEQUENCES][UNITS], dy[STEPS][SEQUENCES][UNITS];
  const rnncore_batch batch = {.steps = STEPS, .sequences = SEQUENCES};
  const float answers = (STEPS - DELAY) * SEQUENCES;
  float loss = 0, silence = 0;
  for (int update = 0; update <= UPDATES; update++) {
    for (int t = 0; t < STEPS; t++)
      for (int b = 0; b < SEQUENCES; b++) x[t][b] = noise();

    rnncore_pass *pass;
    check(rnncore_forward(gru, &batch, &x[0][0], NULL, NULL, &y[0][0][0], NULL, NULL, NULL, &pass));
    loss = silence = 0;
    for (int t = DELAY; t < STEPS; t++)
      for (int b = 0; b < SEQUENCES; b++) {
        const float heard = x[t - DELAY][b], error = y[t][b][0] - heard;
        loss += error * error / answers;
        silence += heard * heard / answers;
        dy[t][b][0] = 2 * error / answers;
      }
    double norm;
    check(rnncore_backward(pass, NULL, &dy[0][0][0], NULL, NULL, NULL, NULL, NULL, NULL, 0));
    check(rnncore_optimizer_step(adam, &norm));
    rnncore_pass_destroy(pass);
    if (update % 100 == 0)
      printf("update %3d: squared error %.4f (silence: %.4f), gradient %.3f\n", update, loss,
             silence, norm);
  }
  rnncore_optimizer_destroy(adam);
  rnncore_stack_destroy(gru);
  return loss < 0.1f * silence ? 0 : 1;
}
