#include "checks.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

static const char *const platforms[] = {"RK3588", "RK3576", "RV1126B", "RK3562"};
/* Those that dumps of the runtime name, and newer ones that its model zoo lists. */
static const char *const architectures[] = {"llama",    "qwen",     "qwen2",    "qwen2moe",    "qwen2vl",   "qwen3",
                                            "qwen3vl",  "qwen35",   "phi2",     "phi3",        "internlm2", "minicpm",
                                            "minicpm3", "minicpm4", "gemma",    "gemma2",      "gemma3",    "gemma3n",
                                            "gemma4",   "chatglm",  "telechat", "deepseekocr", "custom",    "rwkv7"};

static bool listed(const char *const *list, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(list[i], name) == 0) return true;
  }
  return false;
}

/* A version as a number that sorts: a beta comes before its release. -1 for what is none. */
static long version_number(const char *version) {
  int major, minor, patch, beta = 99;
  if (sscanf(version, "%d.%d.%db%d", &major, &minor, &patch, &beta) < 3) return -1;
  return major * 1000000L + minor * 10000L + patch * 100L + beta;
}

bool checks_device(const struct options *options) {
  if (options->faults.no_npu) {
    log_rknn('E', "failed to open rknpu module, need to insmod rknpu dirver!");
    log_rknn('E', "failed to open rknn device!");
    return false;
  }
  const char *driver = options->faults.old_driver ? "0.9.2" : options->driver;
  log_line('I', "rkllm-runtime version: %s, rknpu driver version: %s, platform: %s", RKLLM_ABI_TEXT, driver,
           options->platform);
  if (!listed(platforms, sizeof platforms / sizeof *platforms, options->platform)) {
    log_line('E', "Platform error, must be either RK3588, RK3576, RV1126B or RK3562. Your platform is %s",
             options->platform);
    return false;
  }
  if (version_number(driver) < version_number("0.9.7")) {
    log_line('W', "Warning: Your rknpu driver version is too low, please upgrade to 0.9.7");
  }
  return true;
}

bool checks_model(const struct session *session) {
  const struct model *model = &session->model;
  const char *toolkit = model->container.toolkit;
  char dtype[64] = "";
  if (ABI_1_2_1) snprintf(dtype, sizeof dtype, ", model_dtype: %s", model->dtype);
  log_line('I', "rkllm-toolkit version: %s, max_context_limit: %d, npu_core_num: %d, target_platform: %s%s", toolkit,
           model->max_context, model->core_count, model->platform, dtype);
  if (version_number(toolkit) > RKLLM_ABI) {
    log_line('E',
             "The rkllm-runtime version is lower than the rkllm-toolkit version. Please update rkllm-runtime to %s or "
             "higher.",
             toolkit);
    return false;
  }
  if (version_number(toolkit) < version_number("1.1.0")) {
    log_line('W', "the model version is too old, please use the latest toolkit to reconvert the model");
  }
  if (strcmp(model->platform, session->options.platform) != 0) {
    log_line('E', "the model's target_platform does not match the real platform");
    return false;
  }
  if (model->adapter || !listed(architectures, sizeof architectures / sizeof *architectures, model->architecture)) {
    log_line('E', "unsupported model architecture: %s", model->adapter ? "adapter" : model->architecture);
    return false;
  }
  return true;
}

#if ABI_1_2_0
static void log_cpus(uint32_t mask, int count) {
  struct text list = {0};
  for (int cpu = 0; cpu < 32; cpu++) {
    if (mask >> cpu & 1) text_format(&list, list.length ? ", %d" : "%d", cpu);
  }
  log_line('I', "Enabled cpus: [%s]", list.data);
  log_line('I', "Enabled cpus num: %d", count);
  text_free(&list);
}

static bool check_cpus(const struct session *session, const RKLLMExtendParam *extend) {
  const char *platform = session->options.platform;
  bool small = strcmp(platform, "RK3562") == 0 || strcmp(platform, "RV1126B") == 0;
  int count = extend->enabled_cpus_num, most = small ? 4 : 8;
  uint32_t mask = extend->enabled_cpus_mask;
  if (count < 1 || count > most) {
    log_line('E', "Expected The number of enabled CPUs between 1 and %d for %s, but got %d.", most, platform, count);
    return false;
  }
  if (__builtin_popcount(mask) != count) {
    log_line('E', "Mismatch between enabled CPUs mask and expected count: mask has %d, expected %d",
             __builtin_popcount(mask), count);
    return false;
  }
  if (mask >> most) {
    log_line('E', "For %s, only CPUs 0 to %d can be set", platform, most - 1);
    return false;
  }
  if (count < session->model.core_count) {
    log_line('E', "The number of enabled CPUs must be greater than or equal to the number of NPU cores.");
    return false;
  }
  log_cpus(mask, count);
  return true;
}
#endif

bool checks_param(const struct session *session, const RKLLMParam *param) {
  /* Before 1.2.0 a larger context was accepted, and failed when it was used (rknn-llm issue 144). */
  if (param->max_context_len < 1 || (ABI_1_2_0 && param->max_context_len > session->model.max_context)) {
    log_line('E', "max_context[%d] must be less than the model's max_context_limit[%d]", param->max_context_len,
             session->model.max_context);
    return false;
  }
  if (session->batch_count > MOST_BATCHES) {
    log_line('E', "n_batch must be at most %d, but got %d", MOST_BATCHES, session->batch_count);
    return false;
  }
#if ABI_1_2_0
  if (param->n_keep >= param->max_context_len) {
    log_line('E', "The n_keep must be less than the max_context_len");
    return false;
  }
  return check_cpus(session, &param->extend_param);
#else
  return true;
#endif
}
