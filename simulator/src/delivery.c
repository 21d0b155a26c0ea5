#include "delivery.h"

#include <stdlib.h>
#include <string.h>

#include "calls.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define FORBID(address, size) ASAN_POISON_MEMORY_REGION(address, size)
#define ALLOW(address, size) ASAN_UNPOISON_MEMORY_REGION(address, size)
#else
#define FORBID(address, size) ((void)(address), (void)(size))
#define ALLOW(address, size) ((void)(address), (void)(size))
#endif

enum { GARBAGE = 0xDD };

static size_t results_size(const struct delivery *delivery) {
  return (size_t)delivery->session->batch_count * sizeof(RKLLMResult);
}

void delivery_start(struct delivery *delivery, struct session *session, void *userdata) {
  *delivery = (struct delivery){.session = session, .userdata = userdata};
  delivery->results = must_allocate(results_size(delivery));
}

void delivery_end(struct delivery *delivery) {
  ALLOW(delivery->results, results_size(delivery));
  free(delivery->results);
  for (int i = 0; i < delivery->session->batch_count; i++) {
    if (delivery->texts[i]) ALLOW(delivery->texts[i], delivery->capacities[i]);
    free(delivery->texts[i]);
    free(delivery->rows[i]);
  }
}

void delivery_text(struct delivery *delivery, int batch, const char *bytes, size_t length) {
  if (length + 1 > delivery->capacities[batch]) {
    if (delivery->texts[batch]) ALLOW(delivery->texts[batch], delivery->capacities[batch]);
    delivery->capacities[batch] = length * 2 + 32;
    delivery->texts[batch] = must_resize(delivery->texts[batch], delivery->capacities[batch]);
  }
  char *text = delivery->texts[batch];
  ALLOW(text, delivery->capacities[batch]);
  if (length) memcpy(text, bytes, length);
  text[length] = 0;
  delivery->results[batch].text = text;
}

static void spoil(struct delivery *delivery) {
  for (int i = 0; i < delivery->session->batch_count; i++) {
    if (delivery->results[i].text) {
      size_t length = strlen(delivery->texts[i]) + 1;
      memset(delivery->texts[i], GARBAGE, length);
      FORBID(delivery->texts[i], delivery->capacities[i]);
    }
  }
  memset(delivery->results, 0, results_size(delivery));
}

static enum verdict call(struct delivery *delivery, RKLLMResult *result, LLMCallState state) {
#if ABI_1_2_1
  return (enum verdict)delivery->session->callback(result, delivery->userdata, state);
#else
  delivery->session->callback(result, delivery->userdata, state);
  return VERDICT_CONTINUE;
#endif
}

enum verdict delivery_call(struct delivery *delivery, LLMCallState state) {
  const struct options *options = &delivery->session->options;
  RKLLMResult *result = delivery->results;
  /* perf is read at FINISH where it exists, so only an older runtime can pass NULL there. */
  if (options->null_result && (state == RKLLM_RUN_ERROR || (state == RKLLM_RUN_FINISH && !ABI_1_2_1))) result = NULL;
  bool has_rows = false;
  for (int i = 0; i < delivery->session->batch_count; i++) has_rows |= delivery->rows[i] != NULL;
  enum verdict verdict = call(delivery, result, state);
  if (options->log_callbacks) calls_log_callback(delivery->session, result, delivery->userdata, state, (int)verdict);
  spoil(delivery);
  /* Rows of an earlier callback live until the next one, unless the caller lets go of them. */
  if (has_rows && ABI_1_3_0 && verdict == VERDICT_RELEASE) {
    for (int i = 0; i < delivery->session->batch_count; i++) {
      free(delivery->rows[i]);
      delivery->rows[i] = NULL;
    }
  }
  return verdict;
}
