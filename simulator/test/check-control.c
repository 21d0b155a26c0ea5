#include <stdlib.h>

#include "harness.h"

static struct capture capture;

static void check_null_handles(void) {
  RKLLMInput input = prompt_input("x");
  RKLLMInferParam infer = infer_params();
  check(rkllm_run(NULL, &input, &infer, NULL) == -1 && rkllm_run_async(NULL, &input, &infer, NULL) == -1 &&
            rkllm_abort(NULL) == -1 && rkllm_is_running(NULL) == -1 && rkllm_destroy(NULL) == -1 &&
            rkllm_load_lora(NULL, NULL) == -1 && rkllm_load_prompt_cache(NULL, "x") == -1 &&
            rkllm_release_prompt_cache(NULL) == -1,
        "a NULL handle gives -1");
}

static void check_bad_runs(void) {
  LLMHandle handle = open_model("scripted");
  RKLLMInput input = prompt_input("x");
  RKLLMInferParam infer = infer_params();
  check(run_with(handle, NULL, &infer, &capture) == -1 && run_with(handle, &input, NULL, &capture) == -1,
        "NULL structs");
  infer.mode = (RKLLMInferMode)7;
  check(run_with(handle, &input, &infer, &capture) == -1, "an unknown mode");
  infer = infer_params();
  input.input_type = (RKLLMInputType)9;
  check(run_with(handle, &input, &infer, &capture) == -1, "an unknown input type");
  input = prompt_input(NULL);
  check(run_with(handle, &input, &infer, &capture) == -1, "a NULL prompt");
  static char words[4096];
  for (size_t i = 0; i + 2 < sizeof words; i += 2) memcpy(words + i, "q ", 2);
  check(run_prompt(handle, words, &capture) == -1 && capture.error == 1 && capture.finish == 0 &&
            logged("the length of prompt is greater than max context (prompt: "),
        "a prompt that is too long is an ERROR");
  check(run_prompt(handle, "six", &capture) == 0 && capture.tokens == 6, "the handle works after errors");
  rkllm_destroy(handle);
}

static void check_lora(void) {
  LLMHandle handle = open_model("scripted");
  char *path = strdup(model_path("lora"));
  RKLLMLoraAdapter adapter = {path, "style", 1.0f};
  check(rkllm_load_lora(handle, &adapter) == 0, "an adapter loads");
  check(rkllm_load_lora(handle, &adapter) == -1 && logged("Lora adapter 'style' is already initialized!"),
        "but only once");
  RKLLMLoraAdapter missing = {"/nowhere.rkllm", "other", 1.0f};
  check(rkllm_load_lora(handle, &missing) == -1 && logged("Lora adapter path does not exist!"), "a missing adapter");
  RKLLMInput input = prompt_input("six");
  RKLLMInferParam infer = infer_params();
  RKLLMLoraParam chosen = {"style"};
  infer.lora_params = &chosen;
  check(run_with(handle, &input, &infer, &capture) == 0 && capture.tokens == 6, "a run with an adapter");
  chosen.lora_adapter_name = "other";
  check(run_with(handle, &input, &infer, &capture) == -1 && logged("Not Found Lora adapter named: other"),
        "an unknown adapter");
  free(path);
  rkllm_destroy(handle);
}

#if ABI_1_2_0
static void check_templates(void) {
  LLMHandle handle = open_model("untemplated");
  check(run_prompt(handle, "bare words", &capture) == 0 && strcmp(capture.text, "bare words") == 0, "no template");
  log_forget();
  check(
      rkllm_set_chat_template(handle, "be kind. ", "U: ", " A:") == 0 &&
          logged("W rkllm: Calling rkllm_set_chat_template will disable the internal automatic chat template parsing, "
                 "including enable_thinking.") &&
          logged("I rkllm: All kv caches have been deleted!"),
      "set_chat_template warns and clears");
  setenv("RKLLM_LOG_LEVEL", "2", 1);
  LLMHandle loud = open_model("scripted");
  rkllm_set_chat_template(loud, "be kind. ", "U: ", " A:");
  run_prompt(loud, "six", &capture);
  check(logged("be kind. U: six A:"), "its strings stand around the prompt");
  check(logged("kv cache matches 0 / ") == ABI_1_2_0 && logged("Peak Memory Usage (GB)"), "log level 2 tells more");
#if ABI_1_2_1
  rkllm_set_function_tools(loud, "You call tools.", "[{\"name\":\"lamp\"}]", "tool_response");
  run_prompt(loud, "six", &capture);
  check(!logged("\"lamp\""), "tools are not merged into a custom template");
  rkllm_destroy(loud);
  loud = open_model("scripted");
  rkllm_set_function_tools(loud, "You call tools.", "[{\"name\":\"lamp\"}]", "tool_response");
  run_prompt(loud, "six", &capture);
  check(logged("\"lamp\"") && logged("You call tools."), "but into the automatic one");
  RKLLMInput input = prompt_input("[{\"lamp\":\"six\"}]");
  input.role = "tool";
  RKLLMInferParam infer = infer_params();
  run_with(loud, &input, &infer, &capture);
  check(logged("<tool_response>\n[{\"lamp\":\"six\"}]\n</tool_response>"), "results come with the role tool");
#endif
  rkllm_destroy(loud);
  unsetenv("RKLLM_LOG_LEVEL");
  rkllm_destroy(handle);
}
#endif

#if ABI_1_2_1
static void check_pause(void) {
  LLMHandle handle = open_model("scripted");
  memset(&capture, 0, sizeof capture);
  capture.stop_after = 3;
  capture.verdict = 1;
  check(run_prompt(handle, "six", &capture) == 0 && capture.tokens == 3 && capture.finish == 0,
        "1 pauses without FINISH");
  int size = 0, start = 1, end = 3;
  check(rkllm_get_kv_cache_size(handle, &size) == 0 && size > 3, "the cache is kept");
  int before = size;
  check(rkllm_clear_kv_cache(handle, 0, &start, &end) == 0 && rkllm_get_kv_cache_size(handle, &size) == 0 &&
            size == before - 2,
        "ranges go while paused");
  end = 100000;
  check(rkllm_clear_kv_cache(handle, 0, &start, &end) == -1, "but only ranges that exist");
  memset(&capture, 0, sizeof capture);
  run_prompt(handle, "sky", &capture);
  check(strcmp(capture.text, " four five six") == 0 && capture.finish == 1, "the next run resumes the old answer");
  run_prompt(handle, "sky", &capture);
  check(strcmp(capture.text, "blue") == 0, "the run after it is new");
  check(rkllm_clear_kv_cache(handle, 0, &start, &end) == -1, "ranges stay when nothing is paused");
  capture.stop_after = 3;
  capture.verdict = 1;
  check(run_history(handle, "six", &capture) == 0 && capture.tokens == 6 && capture.finish == 1,
        "in a conversation 1 does not pause");
  run_prompt(handle, "six", &capture);
  check(rkllm_abort(handle) == 0, "an abort ends a pause");
  memset(&capture, 0, sizeof capture);
  run_prompt(handle, "sky", &capture);
  check(strcmp(capture.text, "blue") == 0, "after which the next run is new");
  rkllm_destroy(handle);
  RKLLMParam param = params_for("scripted");
  param.extend_param.use_cross_attn = 1;
  handle = open_with(&param);
  float floats[4] = {0};
  int32_t position = 0;
  RKLLMCrossAttnParam cross = {floats, floats, floats, &position, 1};
  check(rkllm_set_cross_attn_params(handle, &cross) == 0 && rkllm_set_cross_attn_params(handle, NULL) == -1,
        "cross attention");
  rkllm_destroy(handle);
}
#endif

void check_control(void) {
  check_null_handles();
  check_bad_runs();
  check_lora();
#if ABI_1_2_0
  check_templates();
#endif
#if ABI_1_2_1
  check_pause();
#endif
}
