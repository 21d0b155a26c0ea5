#include <math.h>

#include "harness.h"

static struct capture capture;

static double similarity(const float *a, const float *b, int width) {
  double dot = 0, left = 0, right = 0;
  for (int i = 0; i < width; i++) dot += (double)a[i] * b[i], left += (double)a[i] * a[i], right += (double)b[i] * b[i];
  return dot / sqrt(left * right);
}

static void embed(LLMHandle handle, const char *text, float *out) {
  RKLLMInput input = prompt_input(text);
  RKLLMInferParam infer = infer_params();
  infer.mode = RKLLM_INFER_GET_LAST_HIDDEN_LAYER;
#if ABI_1_2_1
  rkllm_clear_kv_cache(handle, 0, NULL, NULL);
#elif ABI_1_2_0
  rkllm_clear_kv_cache(handle, 0);
#endif
  run_with(handle, &input, &infer, &capture);
  memcpy(out, capture.row, 256 * sizeof *out);
}

static void check_hidden(void) {
  static float lamp[256], light[256], soup[256];
  LLMHandle handle = open_model("untemplated");
  embed(handle, "Turn on the lamp in the kitchen", lamp);
  check(capture.finish == 1 && capture.embd_size == 256 && capture.rows > 1, "hidden states of a prompt");
  embed(handle, "Please turn the kitchen lamp on", light);
  embed(handle, "Simmer the tomato soup for an hour", soup);
  check(similarity(lamp, light, 256) > similarity(lamp, soup, 256) + 0.1, "similar texts have similar vectors");
  double length = sqrt(similarity(lamp, lamp, 256)), square = 0;
  for (int i = 0; i < 256; i++) square += (double)lamp[i] * lamp[i];
  check(length > 0.99 && square > 2, "which are not normalised");
#if ABI_1_2_0
  RKLLMInput input = prompt_input("Turn on the lamp in the kitchen");
  RKLLMInferParam infer = infer_params();
  infer.mode = RKLLM_INFER_GET_LAST_HIDDEN_LAYER;
  run_with(handle, &input, &infer, &capture);
  run_with(handle, &input, &infer, &capture);
  check(capture.rows == 0, "what is in the cache has no rows");
#endif
  rkllm_destroy(handle);
}

#if ABI_1_2_0
static int token_of(LLMHandle handle, const char *word) {
  char prompt[64];
  snprintf(prompt, sizeof prompt, "repeat after me\n%s", word);
  run_prompt(handle, prompt, &capture);
  return capture.ids[capture.tokens - 1];
}

static float yes_over_no(LLMHandle handle, const char *document, int yes, int no) {
  char prompt[256];
  snprintf(prompt, sizeof prompt, "<Query>: how do I boil an egg\n<Document>: %s<|im_end|>", document);
  RKLLMInput input = prompt_input(prompt);
  RKLLMInferParam infer = infer_params();
  infer.mode = RKLLM_INFER_GET_LOGITS;
  run_with(handle, &input, &infer, &capture);
  return capture.row[yes] - capture.row[no];
}

static void check_logits(void) {
  LLMHandle handle = open_model("scripted");
  int yes = token_of(handle, "yes"), no = token_of(handle, "no");
  float near = yes_over_no(handle, "To boil an egg, put it into water.", yes, no);
  check(capture.vocab_size > 272 && capture.rows > 0 && capture.finish == 1, "logits of a prompt");
  float far = yes_over_no(handle, "The moon has no air.", yes, no);
  check(near > far, "a reranker prefers the fitting document");
  rkllm_destroy(handle);
}
#endif

void check_vectors(void) {
  check_hidden();
#if ABI_1_2_0
  check_logits();
#endif
}
