/* What the library's own side of rnncore.h needs from C; not installed. */
#ifndef RNNCORE_BOUNDARY_H
#define RNNCORE_BOUNDARY_H

/* Keeps a copy of a sentence for rnncore_last_error of the calling thread, cut where it is very
 * long. */
void rnn_set_last_error(const char *text);

/* Around each call of the library that uses a lock or changes an object: fork, in whatever thread,
 * waits until no thread is inside. Not to be nested. */
void rnn_enter_library(void);
void rnn_leave_library(void);

#endif
