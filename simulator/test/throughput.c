/* How fast a C client gets tokens: `throughput LIBRARY MODEL PROMPT [MAX_CONTEXT]` prints one line of JSON.
 * It is built for one ABI, the library's, and links nothing of it:
 *   cc -std=c11 -D_GNU_SOURCE -O2 -DRKLLM_ABI=1030199 simulator/test/throughput.c -o throughput -ldl */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../src/abi.h"

struct measure {
  double started, first;
  long tokens, bytes;
};

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void note(struct measure *measure, const RKLLMResult *result, LLMCallState state) {
  if (state != RKLLM_RUN_NORMAL && state != RKLLM_RUN_WAITING) return;
  if (measure->tokens++ == 0) measure->first = now_us();
  if (result->text) measure->bytes += (long)strlen(result->text);
}

#if ABI_1_2_1
static int on_result(RKLLMResult *result, void *userdata, LLMCallState state) {
  note(userdata, result, state);
  return 0;
}
#else
static void on_result(RKLLMResult *result, void *userdata, LLMCallState state) { note(userdata, result, state); }
#endif

/* POSIX lets dlsym's result be used as a function; ISO C has no cast for it. */
static void find(void *library, const char *name, void *function) {
  void *address = dlsym(library, name);
  if (!address) {
    fprintf(stderr, "throughput: %s\n", dlerror());
    exit(1);
  }
  memcpy(function, &address, sizeof address);
}

int main(int count, char **arguments) {
  if (count < 4) {
    fprintf(stderr, "usage: throughput LIBRARY MODEL PROMPT [MAX_CONTEXT]\n");
    return 2;
  }
  void *library = dlopen(arguments[1], RTLD_NOW);
  if (!library) {
    fprintf(stderr, "throughput: %s\n", dlerror());
    return 1;
  }
  RKLLMParam (*create)(void);
  int (*init)(LLMHandle *, RKLLMParam *, rkllm_callback_argument);
  int (*run)(LLMHandle, RKLLMInput *, RKLLMInferParam *, void *);
  int (*destroy)(LLMHandle);
  find(library, "rkllm_createDefaultParam", &create);
  find(library, "rkllm_init", &init);
  find(library, "rkllm_run", &run);
  find(library, "rkllm_destroy", &destroy);

  int report = dup(1), quiet = open("/dev/null", O_WRONLY); /* the library prints to stdout */
  dup2(quiet, 1);
  RKLLMParam param = create();
  param.model_path = arguments[2];
  param.max_context_len = count > 4 ? atoi(arguments[4]) : 4096;
  LLMHandle handle = NULL;
#if ABI_1_3_0
  RKLLMCallback callbacks = {.result_callback = on_result};
  int result = init(&handle, &param, &callbacks);
#else
  int result = init(&handle, &param, on_result);
#endif
  if (result != 0) {
    fprintf(stderr, "throughput: rkllm_init gave %d\n", result);
    return 1;
  }
  RKLLMInput input;
  RKLLMInferParam infer;
  memset(&input, 0, sizeof input);
  memset(&infer, 0, sizeof infer);
  input.prompt_input = arguments[3];
  struct measure measure = {.started = now_us()};
  result = run(handle, &input, &infer, &measure);
  double ended = now_us(), seconds = (ended - measure.first) / 1e6;
  dprintf(report, "{\"ttft_us\":%.1f,\"tokens\":%ld,\"bytes\":%ld,\"seconds\":%.6f,\"tokens_per_second\":%.0f}\n",
          measure.first - measure.started, measure.tokens, measure.bytes, seconds,
          seconds > 0 ? (double)measure.tokens / seconds : 0);
  destroy(handle);
  return result == 0 ? 0 : 1;
}
