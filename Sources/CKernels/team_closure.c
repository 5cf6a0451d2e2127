// Regions whose body is a Swift closure.
//
// A closure that does not escape is a function and a context on the caller's stack. Swift passes
// both to a function of its own calling convention, which clang knows; handing it to plain C would
// need a copy on the heap, and a training step runs a hundred regions without one.
#include "include/CKernels.h"

#define SWIFT_CALL __attribute__((swiftcall))
#define SWIFT_CONTEXT __attribute__((swift_context))

typedef SWIFT_CALL void closure_function(intptr_t index, intptr_t count,
                                         SWIFT_CONTEXT void *context);

typedef struct {
  closure_function *function;
  void *context;
} closure;

static void call(void *context, int index, int count) {
  const closure *body = context;
  body->function(index, count, body->context);
}

// In Swift: func (team: OpaquePointer, body: (Int, Int) -> Void).
SWIFT_CALL void rnn_team_run_closure(rnn_team *team, closure_function *function, void *context) {
  closure body = {function, context};
  rnn_team_run(team, call, &body);
}

// In Swift: func (team: OpaquePointer, count: Int, group: Int, patience: Int, pace: Int,
// body: (Int, Int) -> Void).
SWIFT_CALL void rnn_team_run_closure_together(rnn_team *team, intptr_t count, intptr_t group,
                                              intptr_t patience, intptr_t pace,
                                              closure_function *function, void *context) {
  closure body = {function, context};
  rnn_team_run_together(team, (rnn_gang){(int)count, (int)group, patience, pace}, call, &body);
}
