#include "init.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "clock.h"
#include "domain.h"
#include "log.h"

/* How a client tells which release this is, and that it is the simulator (RKLLM fact sheet, section 1.4). */
static const char *const identity =
    "RKLLM SDK (version: " RKLLM_ABI_TEXT " | target: Linux | build: simulator 2026-11-21 00:00:00)";

RKLLMParam init_default_param(void) {
  RKLLMParam param = {0};
  param.max_context_len = 512;
  param.max_new_tokens = -1;
  param.top_k = 40;
  param.top_p = 0.9f;
  param.temperature = 0.8f;
  param.repeat_penalty = 1.1f;
  param.mirostat_tau = 5.0f;
  param.mirostat_eta = 0.1f;
  param.skip_special_token = true;
#if !ABI_1_3_0
  param.img_start = param.img_end = param.img_content = "";
#endif
#if ABI_1_2_0
  param.n_keep = -1;
  param.extend_param.embed_flash = 1;
  param.extend_param.enabled_cpus_num = 4;
  int cpus = options_cpu_count(options_platform());
  /* With another number of CPUs the runtime leaves the mask as it was on the stack. */
  param.extend_param.enabled_cpus_mask = cpus == 8 ? 0xF0 : cpus == 4 ? 0x0F : 0xA5A5A5A5u;
#endif
#if ABI_1_2_1
  param.extend_param.n_batch = 1;
#endif
  return param;
}

static struct session *session_new(const RKLLMParam *param, const struct options *options) {
  struct session *session = must_allocate(sizeof *session);
  pthread_mutex_init(&session->lock, NULL);
  pthread_cond_init(&session->idle, NULL);
  atomic_init(&session->abort_requested, false);
  session->options = *options;
  session->path = must_copy(param->model_path ? param->model_path : "");
  session->max_context = param->max_context_len;
  session->max_new_tokens = param->max_new_tokens;
  session->skip_special = param->skip_special_token;
  session->batch_count = 1;
  session->n_keep = -1;
  if (!options->own_template) {
    session->custom_template = true;
    session->system = must_copy("");
    session->prefix = must_copy("");
    session->postfix = must_copy("");
  }
  session->sampling = (struct sampling){param->top_k,
                                        param->top_p,
                                        param->temperature,
                                        param->repeat_penalty,
                                        param->frequency_penalty,
                                        param->presence_penalty,
                                        param->mirostat,
                                        param->mirostat_tau,
                                        param->mirostat_eta};
#if ABI_1_2_0
  session->n_keep = param->n_keep;
#endif
#if ABI_1_2_1
  if (param->extend_param.n_batch > 1) session->batch_count = param->extend_param.n_batch;
  session->cross_attention = param->extend_param.use_cross_attn != 0;
#endif
#if ABI_1_3_0
  session->ignore_eos = param->ignore_eos_token;
#else
  session->image_start = must_copy(param->img_start ? param->img_start : "");
  session->image_end = must_copy(param->img_end ? param->img_end : "");
#endif
  return session;
}

static bool open_model(struct session *session) {
  log_line('I', "loading rkllm model from %s", session->path);
  switch (model_open(&session->model, session->path)) {
    case CONTAINER_GOOD:
      return true;
    case CONTAINER_MISSING:
      log_line('E', "failed to open the model file: %s", session->path);
      return false;
    case CONTAINER_BAD_MAGIC:
      log_line('E', "invalid magic number, got %08x", session->model.container.magic);
      return false;
    case CONTAINER_BROKEN:
      log_bare("load model file error!");
      return false;
  }
  return false;
}

static bool book_memory(struct session *session, const RKLLMParam *param) {
  const struct faults *faults = &session->options.faults;
  unsigned long long size = session->model.container.file_size;
  session->domain = param->extend_param.base_domain_id;
  int count = faults->memory ? 0 : domain_take(session->domain, size, faults->domain_limit);
  if (faults->fd_limit) {
    log_bare("failed to convert handle(1020) to fd, ret: -1, errno: 24, errstr: Too many open files");
  } else if (count == 0) {
    log_bare("failed to allocate handle, ret: -1, errno: %s",
             faults->memory ? "12, errstr: Cannot allocate memory" : "14, errstr: Bad address");
    log_bare("failed to malloc npu memory, size: %llu, flags: 0x2", size);
  }
  session->domain_count = count;
  if (count > 0 && !faults->fd_limit) return true;
  log_bare("load model file error!");
  return false;
}

static bool load(struct session *session, const RKLLMParam *param) {
  const struct options *options = &session->options;
  if (!checks_device(options) || !open_model(session)) return false;
  if (!checks_model(session) || !checks_param(session, param) || !book_memory(session, param)) return false;
  double gigabytes = (double)session->model.container.file_size / 1e9;
  clock_wait(options->load_ms + options->load_ms_per_gb * gigabytes);
  if (model_load(&session->model)) return true;
  log_line('E', "simulator: %s was not written for the simulator", session->path);
  return false;
}

static bool meet_init_faults(const struct faults *faults) {
  if (faults->init_abort) abort();
  if (faults->init_exit) exit(1);
  if (faults->init_crash) raise(SIGSEGV);
  if (faults->init_hang) clock_wait_forever();
  if (faults->stderr_noise) fprintf(stderr, "rga_api version [noise] on stderr\n");
  return !faults->init_fail;
}

static bool set_callback(struct session *session, rkllm_callback_argument callback) {
#if ABI_1_3_0
  if (callback) {
    session->callbacks = *callback;
    session->callback = callback->result_callback;
    session->callback_userdata = callback->result_userdata;
  }
#else
  session->callback = callback;
#endif
  if (!session->callback) log_line('E', "the result callback is NULL");
  return session->callback != NULL;
}

static int fail(struct session *session, LLMHandle *handle) {
  log_line('E', "rkllm_init failed");
  const struct faults faults = session->options.faults;
  if (faults.second_init_crash && session_count() > 0) raise(SIGSEGV);
  if (!faults.init_zero_on_failure) {
    session_free(session);
    return -1;
  }
  session->broken = true;
  session_register(session);
  *handle = session;
  return 0;
}

int init_session(LLMHandle *handle, const RKLLMParam *param, rkllm_callback_argument callback) {
  if (!handle || !param) {
    log_line('E', "rkllm_init: %s is NULL", handle ? "param" : "handle");
    return -1;
  }
  *handle = NULL;
  double started = clock_ms();
  struct options options;
  log_read_level();
  if (!options_read(&options)) return -1;
  if (log_level() >= 1) log_line('I', "%s", identity);
  struct session *session = session_new(param, &options);
  if (!meet_init_faults(&options.faults) || !set_callback(session, callback) || !load(session, param)) {
    return fail(session, handle);
  }
  if (!session->model.template_prefix && ABI_1_2_0) {
    log_bare("rkllm: Chat template auto-parsing failed: please configure it via rkllm_set_chat_template");
  }
  session->init_ms = clock_ms() - started;
  session_register(session);
  *handle = session;
  return 0;
}
