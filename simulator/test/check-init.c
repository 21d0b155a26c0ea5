#include <stdlib.h>

#include "harness.h"

static void refuses(const char *model, const char *line, const char *what) {
  RKLLMParam param = params_for(model);
  LLMHandle handle = open_with(&param);
  check(handle == NULL && logged(line) && logged("E rkllm: rkllm_init failed"), what);
}

static void check_defaults(void) {
  RKLLMParam param = rkllm_createDefaultParam();
  check(param.model_path == NULL && param.max_context_len == 512 && param.max_new_tokens == -1 && param.top_k == 40,
        "default lengths");
  check(param.top_p == 0.9f && param.temperature == 0.8f && param.repeat_penalty == 1.1f && param.skip_special_token,
        "default sampling");
#if ABI_1_2_0
  check(param.n_keep == -1 && param.extend_param.embed_flash == 1 && param.extend_param.enabled_cpus_num == 4 &&
            param.extend_param.enabled_cpus_mask == 0xF0,
        "default CPUs");
#endif
}

static void check_success(void) {
  LLMHandle handle = open_model("demo");
  check(handle != NULL, "a good file loads");
  check(logged("I rkllm: rkllm-runtime version: ") && logged(", rknpu driver version: 0.9.8, platform: RK3588"),
        "the runtime names itself, the driver and the platform");
  check(logged(
            "I rkllm: rkllm-toolkit version: 1.1.0, max_context_limit: 4096, npu_core_num: 3, target_platform: RK3588"),
        "the model's line");
#if ABI_1_2_0
  check(logged("I rkllm: Enabled cpus: [4, 5, 6, 7]") && logged("I rkllm: Enabled cpus num: 4"), "the CPUs' lines");
#endif
  check(logged("model_dtype: W8A8") == ABI_1_2_1, "the data type is named from 1.2.1 on");
  check(rkllm_destroy(handle) == 0, "destroy");
  check(rkllm_destroy(handle) == -1, "a second destroy is refused");
  handle = open_model("nameless");
  check(handle != NULL && logged("rkllm-toolkit version: unknown") && logged("the model version is too old"),
        "a file without a footer loads with a warning");
  rkllm_destroy(handle);
  handle = open_model("untemplated");
  check(handle != NULL && logged("Chat template auto-parsing failed") == ABI_1_2_0,
        "a file without a template says so");
  rkllm_destroy(handle);
}

static void check_files(void) {
  refuses("missing", "E rkllm: failed to open the model file", "a missing file");
  refuses("newer",
          "The rkllm-runtime version is lower than the rkllm-toolkit version. Please update rkllm-runtime to 9.9.9",
          "a file of a newer toolkit");
  refuses("rk3576", "the model's target_platform does not match the real platform", "a file for another SoC");
  refuses("odd", "unsupported model architecture: abacus", "an unknown architecture");
  refuses("lora", "unsupported model architecture: adapter", "an adapter is no model");
  char *path = strdup(model_path("torn"));
  FILE *file = fopen(path, "wb");
  fputs("GGUF\3", file);
  fclose(file);
  refuses("torn", "E rkllm: invalid magic number, got 47475546", "another magic number");
  file = fopen(path, "wb");
  fwrite("\xda\xee\xb3\x36\x03\0\0\0\1\0\0\0\0\0\0\0\xff\0\0\0\0\0\0\0", 1, 24, file);
  fclose(file);
  refuses("torn", "load model file error!", "a file that ends too early");
  file = fopen(path, "wb");
  fclose(file);
  refuses("torn", "invalid magic number, got 00000000", "an empty file");
  remove(path);
  free(path);
}

static void check_parameters(void) {
  RKLLMParam param = params_for("demo");
  param.max_context_len = 8192;
  LLMHandle handle = open_with(&param);
#if ABI_1_2_0
  check(!handle && logged("max_context[8192] must be less than the model's max_context_limit[4096]"),
        "too large a context");
  param = params_for("demo");
  param.n_keep = 512;
  check(!open_with(&param) && logged("The n_keep must be less than the max_context_len"), "too large n_keep");
  param = params_for("demo");
  param.extend_param.enabled_cpus_num = 9;
  check(!open_with(&param) && logged("between 1 and 8 for RK3588, but got 9."), "too many CPUs");
  param = params_for("demo");
  param.extend_param.enabled_cpus_mask = 0xFF;
  check(!open_with(&param) && logged("Mismatch between enabled CPUs mask and expected count"),
        "another mask than count");
  param = params_for("demo");
  param.extend_param.enabled_cpus_num = 2;
  param.extend_param.enabled_cpus_mask = 3;
  check(!open_with(&param) && logged("greater than or equal to the number of NPU cores"), "fewer CPUs than NPU cores");
#else
  check(handle != NULL, "too large a context is accepted before 1.2.0");
  static char words[12000];
  static struct capture capture;
  for (size_t i = 0; i + 2 < sizeof words; i += 2) memcpy(words + i, "q ", 2);
  check(run_prompt(handle, words, &capture) == -1 && capture.error == 1 && logged("E RKNN: meet unkown shape"),
        "but fails when it is used");
  rkllm_destroy(handle);
#endif
  LLMHandle other = NULL;
#if ABI_1_3_0
  RKLLMCallback none = {0};
  param = params_for("demo");
  check(rkllm_init(&other, &param, &none) == -1, "no result callback");
#else
  param = params_for("demo");
  check(rkllm_init(&other, &param, NULL) == -1, "no callback");
#endif
  check(rkllm_init(NULL, &param, NULL) == -1 && rkllm_init(&other, NULL, NULL) == -1, "NULL arguments");
}

void check_init(void) {
  check_defaults();
  check_success();
  check_files();
  check_parameters();
  environment("PLATFORM", "lite");
  refuses("demo", "Platform error, must be either RK3588, RK3576, RV1126B or RK3562. Your platform is lite",
          "another SoC");
  environment("PLATFORM", NULL);
  environment("DRIVER", "0.9.6");
  LLMHandle handle = open_model("demo");
  check(handle && logged("W rkllm: Warning: Your rknpu driver version is too low, please upgrade to 0.9.7"),
        "an old driver");
  rkllm_destroy(handle);
  environment("DRIVER", NULL);
  environment("SEED", "1");
}
