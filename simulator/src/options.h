/* What the environment asks of the simulator: costs, unknowns and faults. README.md lists them all. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum idle_abort { IDLE_ABORT_IGNORED, IDLE_ABORT_ERROR, IDLE_ABORT_STICKY };
enum context_full { CONTEXT_FULL_STOP, CONTEXT_FULL_ERROR, CONTEXT_FULL_SHIFT };

struct faults {
  bool init_fail, init_abort, init_exit, init_crash, init_hang, init_zero_on_failure, second_init_crash;
  bool no_npu, old_driver, memory, fd_limit, domain_limit;
  bool run_fail, abort_ignored, async_no_callbacks, stderr_noise, hang_prefill;
  /* Token counts after which the fault happens; -1 for never. */
  long crash, abort, exit, hang, error;
};

struct options {
  double prefill_ms, decode_ms, run_ms, load_ms, load_ms_per_gb, abort_ms;
  bool seeded;
  uint64_t seed;
  char platform[16], driver[16];
  bool callbacks_on_own_thread, waiting_text, join_remainder, null_result, plain_hidden, logits_last_row;
  bool running_is_zero, resume_paused, eos_needs_int32, garbage_with_second_model, own_template;
  enum idle_abort idle_abort;
  enum context_full context_full;
  int abort_return;
  bool log_calls, log_callbacks;
  struct faults faults;
};

/* False when a variable has a value that means nothing; the reason was logged. */
bool options_read(struct options *options);
/* The platform alone, for rkllm_createDefaultParam. */
const char *options_platform(void);
/* Online CPUs of the simulated board. */
int options_cpu_count(const char *platform);

#endif
