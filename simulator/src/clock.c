#include "clock.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

double clock_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void clock_wait_until(double moment_ms) {
  if (moment_ms <= clock_ms()) return;
  struct timespec moment = {.tv_sec = (time_t)(moment_ms / 1e3)};
  moment.tv_nsec = (long)((moment_ms - (double)moment.tv_sec * 1e3) * 1e6);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL) == EINTR) continue;
}

void clock_wait(double duration_ms) {
  if (duration_ms > 0) clock_wait_until(clock_ms() + duration_ms);
}

void clock_wait_forever(void) {
  for (;;) sleep(3600);
}
