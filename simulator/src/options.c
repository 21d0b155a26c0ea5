#include "options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "log.h"

static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

static bool number(const char *name, double *out) {
  const char *value = variable(name);
  if (!value) return true;
  char *end;
  *out = strtod(value, &end);
  if (*end == 0 && *out >= 0) return true;
  log_line('E', "simulator: %s must be a number from 0 on, got '%s'", name, value);
  return false;
}

/* Finds the value among `choices` (NULL-terminated); `out` keeps its default when the variable is not set. */
static bool choice(const char *name, const char *const *choices, int *out) {
  const char *value = variable(name);
  if (!value) return true;
  for (int i = 0; choices[i]; i++) {
    if (strcmp(value, choices[i]) == 0) {
      *out = i;
      return true;
    }
  }
  log_line('E', "simulator: %s does not know '%s'", name, value);
  return false;
}

static bool flag(const char *name, const char *off, const char *on, bool *out) {
  int chosen = *out;
  bool good = choice(name, (const char *const[]){off, on, NULL}, &chosen);
  *out = chosen != 0;
  return good;
}

#define SWITCH(name, field) \
  { name, offsetof(struct faults, field), false }
#define COUNT(name, field) \
  { name, offsetof(struct faults, field), true }
static const struct {
  const char *name;
  size_t offset;
  bool counted;
} fault_table[] = {
    SWITCH("init-fail", init_fail),
    SWITCH("init-abort", init_abort),
    SWITCH("init-exit", init_exit),
    SWITCH("init-crash", init_crash),
    SWITCH("init-hang", init_hang),
    SWITCH("init-zero-on-failure", init_zero_on_failure),
    SWITCH("second-init-crash", second_init_crash),
    SWITCH("no-npu", no_npu),
    SWITCH("old-driver", old_driver),
    SWITCH("memory", memory),
    SWITCH("fd-limit", fd_limit),
    SWITCH("domain-limit", domain_limit),
    SWITCH("run-fail", run_fail),
    SWITCH("abort-ignored", abort_ignored),
    SWITCH("async-no-callbacks", async_no_callbacks),
    SWITCH("stderr-noise", stderr_noise),
    SWITCH("hang-prefill", hang_prefill),
    COUNT("crash", crash),
    COUNT("abort", abort),
    COUNT("exit", exit),
    COUNT("hang", hang),
    COUNT("error", error),
};

static bool read_fault(struct faults *faults, const char *word) {
  const char *at = strchr(word, '@');
  size_t length = at ? (size_t)(at - word) : strlen(word);
  for (size_t i = 0; i < sizeof fault_table / sizeof *fault_table; i++) {
    if (strlen(fault_table[i].name) != length || memcmp(fault_table[i].name, word, length) != 0) continue;
    if (fault_table[i].counted != (at != NULL)) break;
    char *field = (char *)faults + fault_table[i].offset;
    if (!at) {
      *(bool *)field = true;
      return true;
    }
    char *end;
    long count = strtol(at + 1, &end, 10);
    if (end == at + 1 || *end || count < 0) break;
    *(long *)field = count;
    return true;
  }
  log_line('E', "simulator: RKLLM_SIM_FAULT does not know '%s'", word);
  return false;
}

static bool read_faults(struct faults *faults) {
  *faults = (struct faults){.crash = -1, .abort = -1, .exit = -1, .hang = -1, .error = -1};
  const char *list = variable("RKLLM_SIM_FAULT");
  bool good = true;
  while (list && *list) {
    size_t length = strcspn(list, ",");
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)length, list);
    if (length && !read_fault(faults, word)) good = false;
    list += length + (list[length] == ',');
  }
  return good;
}

const char *options_platform(void) {
  const char *value = variable("RKLLM_SIM_PLATFORM");
  return value ? value : "RK3588";
}

int options_cpu_count(const char *platform) {
  const char *value = variable("RKLLM_SIM_CPUS");
  if (value) return atoi(value);
  return strcmp(platform, "RK3562") == 0 || strcmp(platform, "RV1126B") == 0 ? 4 : 8;
}

bool options_read(struct options *o) {
  *o = (struct options){.resume_paused = true};
  o->running_is_zero = !ABI_1_3_0;
  o->eos_needs_int32 = RKLLM_ABI == 1030099;
  o->own_template = ABI_1_2_0;
  snprintf(o->platform, sizeof o->platform, "%s", options_platform());
  const char *driver = variable("RKLLM_SIM_DRIVER");
  snprintf(o->driver, sizeof o->driver, "%s", driver ? driver : "0.9.8");
  bool good = read_faults(&o->faults);
  good &= number("RKLLM_SIM_PREFILL_MS", &o->prefill_ms);
  good &= number("RKLLM_SIM_DECODE_MS", &o->decode_ms);
  good &= number("RKLLM_SIM_RUN_MS", &o->run_ms);
  good &= number("RKLLM_SIM_LOAD_MS", &o->load_ms);
  good &= number("RKLLM_SIM_LOAD_MS_PER_GB", &o->load_ms_per_gb);
  good &= number("RKLLM_SIM_ABORT_MS", &o->abort_ms);
  good &= flag("RKLLM_SIM_CALLBACK_THREAD", "caller", "own", &o->callbacks_on_own_thread);
  good &= flag("RKLLM_SIM_WAITING_TEXT", "null", "partial", &o->waiting_text);
  good &= flag("RKLLM_SIM_JOIN", "joined", "remainder", &o->join_remainder);
  good &= flag("RKLLM_SIM_NULL_RESULT", "0", "1", &o->null_result);
  good &= flag("RKLLM_SIM_HIDDEN_SEQUENCE", "observed", "plain", &o->plain_hidden);
  good &= flag("RKLLM_SIM_LOGITS_ROWS", "all", "last", &o->logits_last_row);
  good &= flag("RKLLM_SIM_IS_RUNNING", "one", "zero", &o->running_is_zero);
  good &= flag("RKLLM_SIM_PAUSED_RUN", "append", "resume", &o->resume_paused);
  good &= flag("RKLLM_SIM_OWN_TEMPLATE", "0", "1", &o->own_template);
  good &= flag("RKLLM_SIM_EOS_BUG", "0", "1", &o->eos_needs_int32);
  good &= flag("RKLLM_SIM_SECOND_MODEL", "ok", "garbage", &o->garbage_with_second_model);
  good &= flag("RKLLM_SIM_CALLS_CALLBACKS", "0", "1", &o->log_callbacks);
  int chosen = IDLE_ABORT_IGNORED;
  good &= choice("RKLLM_SIM_IDLE_ABORT", (const char *const[]){"ignored", "error", "sticky", NULL}, &chosen);
  o->idle_abort = (enum idle_abort)chosen;
  chosen = CONTEXT_FULL_STOP;
  good &= choice("RKLLM_SIM_CONTEXT_FULL", (const char *const[]){"stop", "error", "shift", NULL}, &chosen);
  o->context_full = (enum context_full)chosen;
  chosen = 0;
  good &= choice("RKLLM_SIM_ABORT_RETURN", (const char *const[]){"0", "-1", NULL}, &chosen);
  o->abort_return = -chosen;
  o->log_calls = variable("RKLLM_SIM_CALLS") != NULL;
  o->log_callbacks &= o->log_calls;
  const char *seed = variable("RKLLM_SIM_SEED");
  o->seeded = seed != NULL;
  o->seed = seed ? strtoull(seed, NULL, 0) : 0;
  return good;
}
