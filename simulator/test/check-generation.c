#include <stdlib.h>

#include "harness.h"

static struct capture capture, again;

static void check_script(LLMHandle handle) {
  check(run_prompt(handle, "count to six", &capture) == 0, "a run returns 0");
  check(strcmp(capture.text, "one two three four five six") == 0 && capture.tokens == 6 && capture.finish == 1,
        "one callback per token, then FINISH");
#if ABI_1_2_1
  check(capture.perf.generate_tokens == 6 && capture.perf.prefill_tokens > 6 && capture.perf.memory_usage_mb > 0,
        "perf");
#endif
  check(run_prompt(handle, "repeat after me: 你好, été 🙂!", &capture) == 0 &&
            strcmp(capture.text, "repeat after me: 你好, été 🙂!") == 0,
        "echo gives the user's prompt back");
  check(capture.waiting > 0 && capture.tokens == capture.normal + capture.waiting, "bytes of split characters wait");
  run_prompt(handle, "split", &capture);
  check(strcmp(capture.text, "a你b") == 0 && capture.waiting == 1 && capture.normal == 3,
        "a character over two tokens");
  run_prompt(handle, "special", &capture);
  check(strcmp(capture.text, "<think>hm</think>ok") == 0 && capture.tokens == 5,
        "control tokens have no text, tags do");
}

static void check_limits(void) {
  RKLLMParam param = params_for("scripted");
  param.max_new_tokens = 4;
  LLMHandle handle = open_with(&param);
  run_prompt(handle, "endless", &capture);
  check(capture.tokens == 4 && capture.finish == 1, "max_new_tokens ends a run");
#if ABI_1_3_0
  RKLLMInput input = prompt_input("endless");
  RKLLMInferParam infer = infer_params();
  infer.max_new_tokens = 9;
  run_with(handle, &input, &infer, &capture);
  check(capture.tokens == 9, "max_new_tokens of one run");
#endif
  rkllm_destroy(handle);
  handle = open_model("scripted");
  run_prompt(handle, "endless", &capture);
  check(capture.tokens > 400 && capture.tokens < 512 && capture.finish == 1, "a full context ends a run");
  rkllm_destroy(handle);
  environment("CONTEXT_FULL", "error");
  handle = open_model("scripted");
  check(run_prompt(handle, "endless", &capture) == -1 && capture.error == 1 && capture.finish == 0 &&
            logged("the context is not enough!"),
        "a full context as an error");
  rkllm_destroy(handle);
  environment("CONTEXT_FULL", "shift");
  handle = open_model("scripted");
  check(run_prompt(handle, "long", &capture) == 0 && capture.tokens == 10000 && logged("context to be full["),
        "a full context shifts");
  rkllm_destroy(handle);
  environment("CONTEXT_FULL", NULL);
}

static void check_eos(void) {
  RKLLMParam param = params_for("eos-uint32");
  param.max_new_tokens = 20;
  LLMHandle handle = open_with(&param);
  run_prompt(handle, "go", &capture);
  check(capture.tokens == (RKLLM_ABI == 1030099 ? 20 : 1), "1.3.0 alone ignores an EOS id of type UINT32");
  rkllm_destroy(handle);
  param = params_for("eos-array");
  param.max_new_tokens = 20;
  handle = open_with(&param);
  run_prompt(handle, "go", &capture);
  check(capture.tokens == 1, "an EOS list of INT32 is honoured");
  rkllm_destroy(handle);
#if ABI_1_3_0
  param.ignore_eos_token = true;
  handle = open_with(&param);
  run_prompt(handle, "go", &capture);
  check(capture.tokens == 20 && capture.ids[1] == 258, "ignore_eos_token runs to the limit and shows the id");
  rkllm_destroy(handle);
#endif
}

static void check_sampling(void) {
  LLMHandle handle = open_model("demo");
  run_prompt(handle, "What can you do?", &capture);
  run_prompt(handle, "What can you do?", &again);
  check(capture.tokens > 5 && strcmp(capture.text, again.text) == 0, "greedy decoding repeats itself");
  rkllm_destroy(handle);
  RKLLMParam param = params_for("demo");
  param.top_k = 40;
  param.temperature = 1.5f;
  handle = open_with(&param);
  run_prompt(handle, "What can you do?", &capture);
  rkllm_destroy(handle);
  handle = open_with(&param);
  run_prompt(handle, "What can you do?", &again);
  check(strcmp(capture.text, again.text) == 0, "the seed decides what is sampled");
  int different = 0;
  for (int i = 0; i < 8; i++) {
    run_prompt(handle, "What can you do?", &again);
    different += strcmp(capture.text, again.text) != 0;
  }
  check(different > 0, "temperature varies the answers");
#if ABI_1_3_0
  RKLLMSamplingParam greedy = {.top_k = 1, .top_p = 1, .temperature = 1, .repeat_penalty = 1};
  RKLLMInput input = prompt_input("What can you do?");
  RKLLMInferParam infer = infer_params();
  infer.sampling_params = &greedy;
  run_with(handle, &input, &infer, &capture);
  run_with(handle, &input, &infer, &again);
  check(strcmp(capture.text, again.text) == 0, "sampling of one run");
  RKLLMSamplingParam mirostat = {
      .top_p = 1, .temperature = 1, .repeat_penalty = 1, .mirostat = 2, .mirostat_tau = 3, .mirostat_eta = 0.1f};
  infer.sampling_params = &mirostat;
  check(run_with(handle, &input, &infer, &capture) == 0 && capture.tokens > 0, "mirostat");
#endif
  rkllm_destroy(handle);
}

static void check_thinking(void) {
  LLMHandle handle = open_model("thinking");
  RKLLMInput input = prompt_input("Hello");
  RKLLMInferParam infer = infer_params();
#if ABI_1_2_1
  run_with(handle, &input, &infer, &capture);
  check(!strstr(capture.text, "<think>") && capture.length > 0, "enable_thinking=false answers at once");
  input.enable_thinking = true;
#endif
  run_with(handle, &input, &infer, &capture);
  check(strncmp(capture.text, "<think>\n", 8) == 0 && strstr(capture.text, "</think>\n\n"),
        "a thinking model thinks first");
  rkllm_destroy(handle);
}

void check_generation(void) {
  LLMHandle handle = open_model("scripted");
  check_script(handle);
  rkllm_destroy(handle);
  environment("WAITING_TEXT", "partial");
  environment("JOIN", "remainder");
  handle = open_model("scripted");
  run_prompt(handle, "split", &capture);
  check(strcmp(capture.text,
               "a\xa0"
               "b") == 0,
        "with JOIN=remainder NORMAL has the last bytes only");
  rkllm_destroy(handle);
  environment("WAITING_TEXT", NULL);
  environment("JOIN", NULL);
  check_limits();
  check_eos();
  check_sampling();
  check_thinking();
}
