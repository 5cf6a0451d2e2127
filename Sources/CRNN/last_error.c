#include <string.h>

#include "include/rnncore.h"
#include "include/rnncore_boundary.h"

static _Thread_local char last_error[1024];

void rnn_set_last_error(const char *text) {
  size_t length = strlen(text);
  if (length >= sizeof last_error) {
    length = sizeof last_error - 1;
    // Not within a character: bytes of UTF-8 after the first are 10xxxxxx.
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) length--;
  }
  memcpy(last_error, text, length);
  last_error[length] = 0;
}

const char *rnncore_last_error(void) { return last_error; }
