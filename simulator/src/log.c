#include "log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static atomic_int level;

int log_level(void) { return atomic_load_explicit(&level, memory_order_relaxed); }

void log_read_level(void) {
  const char *value = getenv("RKLLM_LOG_LEVEL");
  atomic_store(&level, value ? atoi(value) : 0);
}

/* One write per line, whatever other threads print. */
static void print(const char *prefix, const char *format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  size_t start = strlen(prefix);
  int length = vsnprintf(NULL, 0, format, arguments);
  char *line = must_allocate(start + (size_t)length + 2);
  memcpy(line, prefix, start);
  vsnprintf(line + start, (size_t)length + 1, format, again);
  va_end(again);
  line[start + (size_t)length] = '\n';
  fwrite(line, 1, start + (size_t)length + 1, stdout);
  fflush(stdout);
  free(line);
}

void log_line(char severity, const char *format, ...) {
  char prefix[] = "? rkllm: ";
  prefix[0] = severity;
  va_list arguments;
  va_start(arguments, format);
  print(prefix, format, arguments);
  va_end(arguments);
}

void log_rknn(char severity, const char *format, ...) {
  char prefix[] = "? RKNN: ";
  prefix[0] = severity;
  va_list arguments;
  va_start(arguments, format);
  print(prefix, format, arguments);
  va_end(arguments);
}

void log_bare(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print("", format, arguments);
  va_end(arguments);
}
