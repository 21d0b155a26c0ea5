#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "harness.h"

/* Filled by the library's threads, read after they ended. */
static struct capture capture, other;

struct job {
  LLMHandle handle;
  int result;
};

static void *run_job(void *argument) {
  struct job *job = argument;
  RKLLMInput input = prompt_input("endless");
  RKLLMInferParam infer = infer_params();
  job->result = rkllm_run(job->handle, &input, &infer, &capture);
  return NULL;
}

static void wait_ms(long ms) {
  struct timespec duration = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&duration, NULL);
}

static atomic_int reached, released;

/* Holds a run at its token until the check lets it go on: no check depends on how fast a thread is. */
static void hold(void) {
  atomic_store(&reached, 1);
  while (!atomic_load(&released)) wait_ms(1);
}

static void mark(void) { atomic_store(&reached, 1); }

static int is_running(LLMHandle handle) { return rkllm_is_running(handle) == (ABI_1_3_0 ? 1 : 0); }

static void check_abort(void) {
  LLMHandle handle = open_model("scripted");
  check(!is_running(handle), "an idle handle does not run");
  struct job job = {handle, -1};
  memset(&capture, 0, sizeof capture);
  capture.on_token = hold;
  atomic_store(&reached, 0);
  atomic_store(&released, 0);
  log_forget();
  pthread_t thread;
  pthread_create(&thread, NULL, run_job, &job);
  while (!atomic_load(&reached)) wait_ms(1);
  check(is_running(handle), "a handle with a run runs");
  check(run_prompt(handle, "six", &other) == -1 && other.finish == 0, "a second run on the handle is refused");
#if ABI_1_2_0
  check(rkllm_set_chat_template(handle, "", "", "") == -1, "so is another template");
#endif
  check(rkllm_abort(handle) == 0, "abort from another thread");
  atomic_store(&released, 1);
  pthread_join(thread, NULL);
  check(job.result == 0 && capture.finish == 1 && capture.tokens == 1,
        "ends the run with FINISH");
  check(logged("I rkllm: rkllm_run was aborted") && logged("I rkllm: rkllm_run ended"), "and says so");
  check(!is_running(handle) && rkllm_abort(handle) == 0, "aborting an idle handle does nothing");
  memset(&other, 0, sizeof other);
  check(run_prompt(handle, "six", &other) == 0 && other.tokens == 6, "nor does it touch the next run");
  memset(&other, 0, sizeof other);
  other.stop_after = 2;
  other.abort_at_stop = handle;
  check(run_prompt(handle, "six", &other) == 0 && other.tokens == 2 && other.finish == 1,
        "abort from inside the callback");
  rkllm_destroy(handle);
}

static void check_destroy(void) {
  LLMHandle handle = open_model("scripted");
  struct job job = {handle, -1};
  memset(&capture, 0, sizeof capture);
  capture.on_token = mark;
  atomic_store(&reached, 0);
  pthread_t thread;
  pthread_create(&thread, NULL, run_job, &job);
  while (!atomic_load(&reached)) wait_ms(1);
  check(rkllm_destroy(handle) == 0, "destroy waits for the run");
  pthread_join(thread, NULL);
  check(capture.finish == 1, "which it ends");
}

static void check_async(void) {
  RKLLMParam param = params_for("scripted");
  param.is_async = true;
  LLMHandle handle = open_with(&param);
  RKLLMInput input = prompt_input("six");
  RKLLMInferParam infer = infer_params();
  memset(&capture, 0, sizeof capture);
  check(rkllm_run_async(handle, &input, &infer, &capture) == 0, "run_async returns at once");
  while (is_running(handle)) wait_ms(1);
  check(capture.finish == 1 && capture.tokens == 6, "and its callbacks come");
  check(rkllm_run_async(handle, &input, &infer, &capture) == 0, "again");
  check(rkllm_destroy(handle) == 0, "destroy right after run_async");
}

/* Several models in one process, each with its own thread. */
static void *run_model(void *argument) {
  struct capture *own = calloc(1, sizeof *own);
  LLMHandle handle = *(LLMHandle *)argument;
  RKLLMInput input = prompt_input("repeat after me: one more");
  RKLLMInferParam infer = infer_params();
  int good = 1;
  for (int i = 0; i < 20; i++) {
    own->length = 0;
    good &= rkllm_run(handle, &input, &infer, own) == 0 && strcmp(own->text, "repeat after me: one more") == 0;
  }
  free(own);
  return good ? argument : NULL;
}

static void check_several(void) {
  enum { COUNT = 4 };
  LLMHandle handles[COUNT];
  pthread_t threads[COUNT];
  for (int i = 0; i < COUNT; i++) handles[i] = open_model("scripted");
  for (int i = 0; i < COUNT; i++) pthread_create(&threads[i], NULL, run_model, &handles[i]);
  int good = 0;
  for (int i = 0; i < COUNT; i++) {
    void *result = NULL;
    pthread_join(threads[i], &result);
    good += result != NULL;
    rkllm_destroy(handles[i]);
  }
  check(good == COUNT, "several models at once");
}

void check_threads(void) {
  environment("DECODE_MS", "2");
  check_abort();
  check_destroy();
  environment("CALLBACK_THREAD", "own");
  check_abort();
  environment("CALLBACK_THREAD", NULL);
  environment("DECODE_MS", NULL);
  check_async();
  check_several();
}
