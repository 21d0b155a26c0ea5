#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

static struct capture capture;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { CHILDREN = 0 }; /* sanitizers have their own idea of a signal */
#else
enum { CHILDREN = 1 };
#endif

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* How a process ends that loads and runs with this fault. */
static int fate(const char *fault) {
  if (getenv("SIM_TEST_NO_CHILDREN")) return -1;
  pid_t child = fork();
  if (child == 0) {
    alarm(2);
    environment("FAULT", fault);
    LLMHandle handle = open_model("scripted");
    if (handle) run_prompt(handle, "six", &capture);
    _exit(42);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

static void check_deaths(void) {
  if (!CHILDREN || getenv("SIM_TEST_NO_CHILDREN")) return;
  int status = fate("crash@2");
  check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "crash@2");
  status = fate("abort@0");
  check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "abort@0");
  status = fate("exit@1");
  check(WIFEXITED(status) && WEXITSTATUS(status) == 1, "exit@1");
  status = fate("init-exit");
  check(WIFEXITED(status) && WEXITSTATUS(status) == 1, "init-exit");
  status = fate("init-abort");
  check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "init-abort");
  status = fate("hang@3");
  check(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM, "hang@3");
}

static void refuses(const char *fault, const char *line) {
  environment("FAULT", fault);
  LLMHandle handle = open_model("scripted");
  check(!handle && logged(line), fault);
  environment("FAULT", NULL);
}

void check_faults(void) {
  refuses("init-fail", "E rkllm: rkllm_init failed");
  refuses("no-npu", "E RKNN: failed to open rknpu module, need to insmod rknpu dirver!");
  refuses("memory", "failed to malloc npu memory, size: ");
  refuses("fd-limit", "errno: 24, errstr: Too many open files");
  refuses("no-such-fault", "RKLLM_SIM_FAULT does not know 'no-such-fault'");
  environment("FAULT", "init-fail,init-zero-on-failure");
  LLMHandle handle = open_model("scripted");
  check(handle && run_prompt(handle, "six", &capture) == -1, "init-zero-on-failure gives a handle that cannot run");
  rkllm_destroy(handle);
  environment("FAULT", "error@2,old-driver");
  handle = open_model("scripted");
  check(logged("please upgrade to 0.9.7"), "old-driver");
  check(run_prompt(handle, "six", &capture) == -1 && capture.tokens == 2 && capture.error == 1 && capture.finish == 0,
        "error@2");
  rkllm_destroy(handle);
  environment("FAULT", "run-fail");
  handle = open_model("scripted");
  check(run_prompt(handle, "six", &capture) == -1 && capture.finish == 0, "run-fail");
  rkllm_destroy(handle);
  environment("FAULT", "domain-limit");
  handle = open_model("big");
  check(handle != NULL, "a 5 GB model fits into two domains");
  RKLLMParam param = params_for("demo");
  param.extend_param.base_domain_id = 1;
  check(!open_with(&param) && logged("errno: 14, errstr: Bad address"), "the second of them is taken");
  param.extend_param.base_domain_id = 2;
  LLMHandle third = open_with(&param);
  check(third != NULL, "the third is free");
  rkllm_destroy(third);
  rkllm_destroy(handle);
  environment("FAULT", NULL);
  environment("PREFILL_MS", "2");
  environment("DECODE_MS", "5");
  handle = open_model("scripted");
  double started = now_ms();
  run_prompt(handle, "six", &capture);
  check(now_ms() - started >= 30, "costs are waited for");
#if ABI_1_2_1
  check(
      capture.perf.prefill_time_ms >= 2.0f * (float)capture.perf.prefill_tokens && capture.perf.generate_time_ms >= 30,
      "and told in perf");
#endif
  rkllm_destroy(handle);
  environment("PREFILL_MS", NULL);
  environment("DECODE_MS", NULL);
  check_deaths();
}
