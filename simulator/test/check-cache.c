#include <stdlib.h>
#include <unistd.h>

#include "harness.h"

static struct capture capture;

static int prefilled(void) {
#if ABI_1_2_1
  return capture.perf.prefill_tokens;
#else
  return -1;
#endif
}

#if ABI_1_2_1
static int clear(LLMHandle handle, int keep) { return rkllm_clear_kv_cache(handle, keep, NULL, NULL); }
#elif ABI_1_2_0
static int clear(LLMHandle handle, int keep) { return rkllm_clear_kv_cache(handle, keep); }
#endif

#if ABI_1_2_0
static void check_reuse(void) {
  LLMHandle handle = open_model("scripted");
  run_prompt(handle, "six of them", &capture);
  int cold = prefilled();
  run_prompt(handle, "six of them", &capture);
  check(prefilled() == (ABI_1_2_1 ? 0 : -1), "the same prompt again computes nothing");
  run_prompt(handle, "six of those", &capture);
  check(!ABI_1_2_1 || (prefilled() > 0 && prefilled() < cold), "a shared prefix is not computed again");
  check(clear(handle, 0) == 0, "clear_kv_cache");
  run_prompt(handle, "six of them", &capture);
  check(prefilled() == cold, "after which everything is computed");
  check(clear(handle, 1) == 0, "clear_kv_cache with keep_system_prompt");
  run_prompt(handle, "six of them", &capture);
  check(!ABI_1_2_1 || (prefilled() > 0 && prefilled() < cold), "keeps the system prompt that the runtime knows");
  rkllm_destroy(handle);
}

static void check_history(void) {
  LLMHandle handle = open_model("scripted");
  run_history(handle, "six", &capture);
  int first = prefilled();
  run_history(handle, "sky", &capture);
  check(strcmp(capture.text, "blue") == 0 && (!ABI_1_2_1 || prefilled() < first),
        "the next turn adds its own tokens only");
#if ABI_1_2_1
  int size = 0;
  rkllm_get_kv_cache_size(handle, &size);
  check(size > first + 6, "the conversation stays in the cache");
#endif
  int shifted = 0;
  for (int i = 0; i < 60 && !shifted; i++) {
    check(run_history(handle, "six", &capture) == 0 || i < 0, "a turn of a long conversation");
    shifted = logged("context to be full[");
  }
  check(shifted, "a full conversation loses its middle");
  rkllm_destroy(handle);
}
#endif

static void check_files(void) {
  LLMHandle handle = open_model("scripted");
  char path[600];
  snprintf(path, sizeof path, "%s.cache", model_path("scripted"));
  RKLLMInput input = prompt_input("six of them");
  RKLLMInferParam infer = infer_params();
  RKLLMPromptCacheParam save = {1, path};
  infer.prompt_cache_params = &save;
  check(run_with(handle, &input, &infer, &capture) == 0 && logged("saved prompt cache to "), "a prompt cache is saved");
  int cold = prefilled();
  rkllm_destroy(handle);
  handle = open_model("scripted");
  log_forget();
  check(rkllm_load_prompt_cache(handle, path) == 0 && logged("I rkllm: load prompt cache from '") &&
            logged("loaded a prompt cache with prompt size of "),
        "and loaded by another handle");
  run_prompt(handle, "six of those", &capture);
  check(!ABI_1_2_1 || (prefilled() > 0 && prefilled() < cold), "its prefix is not computed again");
  check(rkllm_release_prompt_cache(handle) == 0, "release_prompt_cache");
  check(rkllm_load_prompt_cache(handle, "/nowhere.bin") == -1 &&
            logged("prompt cache file '/nowhere.bin' does not exist"),
        "a missing cache");
  rkllm_destroy(handle);
  handle = open_model("demo");
  check(rkllm_load_prompt_cache(handle, path) == -1 && logged("E rkllm: the prompt dose not match the current model["),
        "a cache of another model");
  FILE *file = fopen(path, "wb");
  fputs("short", file);
  fclose(file);
  check(rkllm_load_prompt_cache(handle, path) == -1 && logged("failed to load prompt cache"), "a torn cache");
  file = fopen(path, "wb");
  fclose(file);
  check(rkllm_load_prompt_cache(handle, path) == -1 && logged("is empty"), "an empty cache");
  unlink(path);
  rkllm_destroy(handle);
}

void check_cache(void) {
#if ABI_1_2_0
  check_reuse();
  check_history();
#endif
  check_files();
}
