/* Drives the simulator through its public functions and checks what comes back: `client MODELS`. */
#include "harness.h"

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: client MODELS\n");
    return 2;
  }
  harness_start(arguments[1]);
  check_init();
  check_generation();
  check_control();
  check_cache();
  check_inputs();
  check_vectors();
  check_threads();
  check_faults();
  return checks_failed() ? 1 : 0;
}
