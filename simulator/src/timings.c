#include "timings.h"

#include <stdio.h>

#include "log.h"

/* The most memory that the whole process has held, which is what the runtime reports. */
static double peak_memory_mb(void) {
  FILE *file = fopen("/proc/self/status", "re");
  char line[256];
  long kilobytes = 0;
  while (file && fgets(line, sizeof line, file)) {
    if (sscanf(line, "VmHWM: %ld", &kilobytes) == 1) break;
  }
  if (file) fclose(file);
  return (double)kilobytes / 1024;
}

#if ABI_1_2_1
RKLLMPerfStat timings_perf(const struct decode *decode) {
  return (RKLLMPerfStat){.prefill_time_ms = (float)decode->prefill_ms,
                         .prefill_tokens = decode->prefill_tokens,
                         .generate_time_ms = (float)decode->generate_ms,
                         .generate_tokens = decode->generate_tokens,
                         .memory_usage_mb = (float)peak_memory_mb()};
}
#endif

static void log_stage(const char *stage, double ms, int tokens) {
  double per_token = tokens ? ms / tokens : 0;
  log_line('I', " %-10s | %-16.2f | %-8d | %-20.2f | %-18.2f", stage, ms, tokens, per_token,
           per_token > 0 ? 1000 / per_token : 0);
}

void timings_log(const struct decode *decode) {
  if (log_level() < 1) return;
  static const char rule[] = "--------------------------------------------------------------------------------------";
  log_line('I', "%s", rule);
  log_line('I', " Model init time (ms)  %.2f", decode->session->init_ms);
  log_line('I', "%s", rule);
  log_line('I', " %-10s | %-16s | %-8s | %-20s | %-18s", "Stage", "Total Time (ms)", "Tokens", "Time per Token (ms)",
           "Tokens per Second");
  log_line('I', "%s", rule);
  log_stage("Prefill", decode->prefill_ms, decode->prefill_tokens);
  log_stage("Generate", decode->generate_ms, decode->generate_tokens);
  log_line('I', "%s", rule);
  log_line('I', " Peak Memory Usage (GB) %.2f", peak_memory_mb() / 1024);
  log_line('I', "%s", rule);
}
