#include "harness.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int report = 1, failed, passed;
static char log_path[512], folder[256];
static long log_start;

void check(int holds, const char *what) {
  dprintf(report, "%s %s\n", holds ? "ok    " : "FAILED", what);
  if (holds) {
    passed++;
  } else {
    failed++;
  }
}

int checks_failed(void) {
  dprintf(report, "%d checks, %d failed\n", passed + failed, failed);
  return failed;
}

/* The library prints to stdout: that becomes a file, and checks are reported on the old one. */
void harness_start(const char *models) {
  snprintf(folder, sizeof folder, "%s", models);
  snprintf(log_path, sizeof log_path, "%s/client-%d.log", models, (int)getpid());
  report = dup(1);
  int file = open(log_path, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
  if (report < 0 || file < 0) abort();
  dup2(file, 1);
  close(file);
}

void log_forget(void) {
  fflush(stdout);
  log_start = lseek(1, 0, SEEK_END);
}

int logged(const char *text) {
  FILE *file = fopen(log_path, "r");
  static char content[1 << 20];
  if (!file) return 0;
  fseek(file, log_start, SEEK_SET);
  size_t length = fread(content, 1, sizeof content - 1, file);
  content[length] = 0;
  fclose(file);
  return strstr(content, text) != NULL;
}

const char *model_path(const char *name) {
  static char path[512];
  snprintf(path, sizeof path, "%s/%s.rkllm", folder, name);
  return path;
}

RKLLMParam params_for(const char *name) {
  RKLLMParam param = rkllm_createDefaultParam();
  param.model_path = model_path(name);
  param.top_k = 1;
  return param;
}

void on_result(struct capture *capture, RKLLMResult *result, LLMCallState state) {
  if (state == RKLLM_RUN_FINISH) {
    capture->finish++;
#if ABI_1_2_1
    capture->perf = result->perf;
#endif
    return;
  }
  if (state == RKLLM_RUN_ERROR) {
    capture->error++;
    return;
  }
  if (state == RKLLM_RUN_WAITING) {
    capture->waiting++;
  } else {
    capture->normal++;
  }
  const float *row = NULL;
  int width = 0;
  if (result->last_hidden_layer.hidden_states) {
    capture->embd_size = width = result->last_hidden_layer.embd_size;
    capture->rows = result->last_hidden_layer.num_tokens;
    row = result->last_hidden_layer.hidden_states + (size_t)width * (size_t)(capture->rows - 1);
  }
#if ABI_1_2_0
  if (result->logits.logits) {
    capture->vocab_size = width = result->logits.vocab_size;
    capture->rows = result->logits.num_tokens;
    row = result->logits.logits + (size_t)width * (size_t)(capture->rows - 1);
  }
#endif
  if (row && width <= (int)(sizeof capture->row / sizeof *row)) memcpy(capture->row, row, (size_t)width * sizeof *row);
  if (result->token_id >= 0) {
    if (capture->tokens < 4096) capture->ids[capture->tokens] = result->token_id;
    capture->tokens++;
    if (capture->on_token) capture->on_token();
  }
  if (result->text && state == RKLLM_RUN_NORMAL) {
    size_t length = strlen(result->text);
    if (capture->length + length < sizeof capture->text) {
      memcpy(capture->text + capture->length, result->text, length + 1);
      capture->length += length;
    }
  }
}

#if ABI_1_2_1
static int callback(RKLLMResult *result, void *userdata, LLMCallState state) {
  struct capture *capture = userdata;
  on_result(capture, result, state);
  int stop = capture->stop_after && capture->tokens >= capture->stop_after;
  if (stop && capture->abort_at_stop) rkllm_abort(capture->abort_at_stop);
  return stop ? capture->verdict : 0;
}
#else
static void callback(RKLLMResult *result, void *userdata, LLMCallState state) {
  struct capture *capture = userdata;
  on_result(capture, result, state);
  int stop = capture->stop_after && capture->tokens >= capture->stop_after;
  if (stop && capture->abort_at_stop) rkllm_abort(capture->abort_at_stop);
}
#endif

#if ABI_1_3_0
int tokenizer_calls, embed_tokens;

static int tokenize(void *userdata, const char *text, int32_t length, int32_t *tokens, int32_t most) {
  (void)userdata;
  tokenizer_calls++;
  int count = length < most ? length : most;
  for (int i = 0; i < count; i++) tokens[i] = (unsigned char)text[i];
  return count;
}

static int embed(void *userdata, const int32_t *tokens, int32_t count, float *rows, size_t bytes) {
  (void)userdata;
  (void)tokens;
  embed_tokens += count;
  memset(rows, 0, bytes);
  return 0;
}
#endif

LLMHandle open_with(RKLLMParam *param) {
  LLMHandle handle = NULL;
  log_forget();
#if ABI_1_3_0
  RKLLMCallback callbacks = {.result_callback = callback, .tokenizer_callback = tokenize, .embed_callback = embed};
  int result = rkllm_init(&handle, param, &callbacks);
#else
  int result = rkllm_init(&handle, param, callback);
#endif
  return result == 0 ? handle : NULL;
}

LLMHandle open_model(const char *name) {
  RKLLMParam param = params_for(name);
  return open_with(&param);
}

RKLLMInput prompt_input(const char *prompt) {
  RKLLMInput input;
  memset(&input, 0, sizeof input);
  input.input_type = RKLLM_INPUT_PROMPT;
  input.prompt_input = prompt;
#if ABI_1_2_1
  input.role = "user";
#endif
  return input;
}

RKLLMInferParam infer_params(void) {
  RKLLMInferParam infer;
  memset(&infer, 0, sizeof infer);
  return infer;
}

int run_with(LLMHandle handle, RKLLMInput *input, RKLLMInferParam *infer, struct capture *capture) {
  int stop = capture->stop_after, verdict = capture->verdict;
  LLMHandle abort_at_stop = capture->abort_at_stop;
  memset(capture, 0, sizeof *capture);
  capture->stop_after = stop;
  capture->verdict = verdict;
  capture->abort_at_stop = abort_at_stop;
  log_forget();
  return rkllm_run(handle, input, infer, capture);
}

int run_prompt(LLMHandle handle, const char *prompt, struct capture *capture) {
  RKLLMInput input = prompt_input(prompt);
  RKLLMInferParam infer = infer_params();
  return run_with(handle, &input, &infer, capture);
}

int run_history(LLMHandle handle, const char *prompt, struct capture *capture) {
  RKLLMInput input = prompt_input(prompt);
  RKLLMInferParam infer = infer_params();
#if ABI_1_2_0
  infer.keep_history = 1;
#endif
  return run_with(handle, &input, &infer, capture);
}

void environment(const char *name, const char *value) {
  char full[64];
  snprintf(full, sizeof full, "RKLLM_SIM_%s", name);
  if (value) {
    setenv(full, value, 1);
  } else {
    unsetenv(full);
  }
}
