#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "decode.h"
#include "kv.h"
#include "log.h"
#include "prompt.h"
#include "vectors.h"

enum { MODE_LOGITS = 2 };

static bool check(const struct session *session, const RKLLMInput *inputs, const RKLLMInferParam *infer) {
  if (!inputs || !infer) {
    log_line('E', "rkllm_run: %s is NULL", inputs ? "rkllm_infer_params" : "rkllm_input");
    return false;
  }
  int mode = (int)infer->mode;
  if (mode < 0 || mode > (ABI_1_2_0 ? MODE_LOGITS : 1)) {
    log_line('E', "unknown inference mode %d", mode);
    return false;
  }
  if (mode == MODE_LOGITS && session->batch_count > 1) {
    log_bare("rkllm: Getting the logits is not supported for multiple batches");
    return false;
  }
  if (infer->lora_params) {
    const char *name = infer->lora_params->lora_adapter_name ? infer->lora_params->lora_adapter_name : "";
    for (size_t i = 0; i < session->adapter_count; i++) {
      if (strcmp(session->adapters[i].name, name) == 0) return true;
    }
    log_line('E', "Not Found Lora adapter named: %s", name);
    return false;
  }
  return true;
}

/* Whether this kind of input is compared with the cache in this version (section 2.4). */
static bool reuses(const struct prompt *prompt, int input_type) {
  if (!prompt->embedded) return ABI_1_2_0;
  return input_type == RKLLM_INPUT_EMBED ? ABI_1_2_3 : ABI_1_3_0;
}

static bool too_long(const struct session *session, const struct prompt *prompt) {
  size_t limit = (size_t)session->model.max_context;
  /* Before 1.2.0 a context above the model's limit is accepted, and fails here (rknn-llm issue 144). */
  if (prompt->ids.count > limit && limit < (size_t)session->max_context) {
    log_rknn('E', "meet unkown shape, op name: matmul_qkv");
    return true;
  }
  if (prompt->ids.count <= (size_t)session->max_context) return false;
  log_line('E', "the length of prompt is greater than max context (prompt: %zu tokens, max context: %d)",
           prompt->ids.count, session->max_context);
  return true;
}

/* Brings the cache of one batch to the state after prefill; sets how many tokens were computed, or -1. */
static long fill(struct session *session, struct lane *lane, const struct prompt *prompt, int input_type,
                 bool history) {
  if (too_long(session, prompt)) return -1;
  if (history && lane->history) {
    if (!kv_shift(session, lane, prompt->ids.count)) return -1;
    ids_append(&lane->kv, prompt->ids.data, prompt->ids.count);
    return (long)prompt->ids.count;
  }
  size_t same = reuses(prompt, input_type) ? kv_common(&lane->kv, &prompt->ids) : 0;
  /* A loaded prompt cache made no difference to conversations (rknn-llm issue 399). */
  size_t loaded = history ? 0 : kv_common(&session->loaded_prompt, &prompt->ids);
  if (loaded > same) same = loaded;
  if (log_level() >= 2) log_line('I', "kv cache matches %zu / %zu tokens of prompt", same, prompt->ids.count);
  lane->kv.count = 0;
  ids_append(&lane->kv, prompt->ids.data, prompt->ids.count);
  lane->system_length = prompt->system_length;
  lane->history = history;
  return (long)(prompt->ids.count - same);
}

static void dump(const struct prompt *prompt) {
  if (log_level() < 2) return;
  log_line('I', "prompt: %s", prompt->rendered.data ? prompt->rendered.data : "");
  struct text list = {0};
  for (size_t i = 0; i < prompt->ids.count; i++) text_format(&list, i ? ", %d" : "%d", prompt->ids.data[i]);
  log_line('I', "prompt tokens: [%s]", list.data ? list.data : "");
  text_free(&list);
}

#if ABI_1_3_0
static bool embed(struct session *session, const int32_t *ids, size_t count) {
  if (session->model.has_embedding || count == 0) return true;
  size_t width = (size_t)session->model.embedding_size;
  int result = -1;
  if (session->callbacks.embed_callback) {
    float *rows = must_allocate(count * width * sizeof *rows);
    result = session->callbacks.embed_callback(session->callbacks.embed_userdata, ids, (int32_t)count, rows,
                                               count * width * sizeof *rows);
    free(rows);
  }
  if (result != 0) log_line('E', "the model has no embedding and embed_callback failed, ret: %d", result);
  return result == 0;
}
#endif

static struct sampling sampling_of(const struct session *session, const RKLLMInferParam *infer) {
  struct sampling sampling = session->sampling;
#if ABI_1_3_0
  const RKLLMSamplingParam *own = infer->sampling_params;
  if (own) {
    sampling = (struct sampling){own->top_k,
                                 own->top_p,
                                 own->temperature,
                                 own->repeat_penalty,
                                 own->frequency_penalty,
                                 own->presence_penalty,
                                 own->mirostat,
                                 own->mirostat_tau,
                                 own->mirostat_eta};
  }
#else
  (void)infer;
#endif
  return sampling;
}

static int run_vectors(struct decode *decode, int mode, const long *computed) {
  struct session *session = decode->session;
  struct delivery *delivery = &decode->delivery;
  if (!session->options.plain_hidden) delivery_call(delivery, RKLLM_RUN_NORMAL);
  for (int i = 0; i < session->batch_count; i++) {
    const struct ids *ids = &session->lanes[i].kv;
    size_t from = ids->count - (size_t)computed[i];
    if (mode == MODE_LOGITS && session->options.logits_last_row && from < ids->count) from = ids->count - 1;
    int rows = (int)(ids->count - from);
    RKLLMResult *result = &delivery->results[i];
    result->token_id = -1;
#if ABI_1_2_0
    if (mode == MODE_LOGITS) {
      delivery->rows[i] = vectors_logits(&session->model, &decode->generation->prompts[i], ids, from,
                                         &decode->generation->distribution);
      result->logits = (RKLLMResultLogits){delivery->rows[i], (int)session->model.tokenizer.vocab_size, rows};
      continue;
    }
#endif
    delivery->rows[i] = vectors_hidden(&session->model, ids, from);
    result->last_hidden_layer = (RKLLMResultLastHiddenLayer){delivery->rows[i], session->model.embedding_size, rows};
  }
#if ABI_1_2_0
  delivery_call(delivery, RKLLM_RUN_NORMAL);
#else
  delivery_call(delivery, RKLLM_RUN_GET_LAST_HIDDEN_LAYER);
#endif
  return decode_finish(decode);
}

/* Prefills every batch; -1 after an error. */
static int prefill(struct decode *decode, const RKLLMInput *inputs, bool history, long *computed) {
  struct session *session = decode->session;
  for (int i = 0; i < session->batch_count; i++) {
    struct lane *lane = &session->lanes[i];
    const struct prompt *prompt = &decode->generation->prompts[i];
    dump(prompt);
    computed[i] = fill(session, lane, prompt, (int)inputs[i].input_type, history);
    if (computed[i] < 0) return -1;
#if ABI_1_3_0
    if (!embed(session, lane->kv.data + lane->kv.count - computed[i], (size_t)computed[i])) return -1;
#endif
    decode->prefill_tokens += (int)computed[i];
  }
  if (session->options.faults.hang_prefill) clock_wait_forever();
  clock_wait(session->options.prefill_ms * decode->prefill_tokens);
  decode->prefill_ms = clock_ms() - decode->started_ms;
  return 0;
}

static struct generation *prepare(struct session *session, const RKLLMInput *inputs, bool history) {
  struct generation *generation = generation_new(session);
  for (int i = 0; i < session->batch_count; i++) {
    bool first_turn = !(history && session->lanes[i].history);
    if (!prompt_prepare(session, &inputs[i], first_turn, &generation->prompts[i])) {
      generation_free(generation);
      return NULL;
    }
  }
  return generation;
}

/* The new input of a paused run, appended as it stands (RKLLM_SIM_PAUSED_RUN=append). */
static int append_input(struct decode *decode, const RKLLMInput *inputs) {
  struct session *session = decode->session;
  struct generation *more = prepare(session, inputs, false);
  if (!more) return -1;
  int result = 0;
  for (int i = 0; i < session->batch_count && result == 0; i++) {
    struct lane *lane = &session->lanes[i];
    const struct ids *ids = &more->prompts[i].ids;
    if (!kv_shift(session, lane, ids->count)) result = -1;
    if (result == 0) ids_append(&lane->kv, ids->data, ids->count);
    decode->prefill_tokens += (int)ids->count;
  }
  generation_free(more);
  clock_wait(session->options.prefill_ms * decode->prefill_tokens);
  decode->prefill_ms = clock_ms() - decode->started_ms;
  return result;
}

static int run_new(struct decode *decode, const RKLLMInput *inputs, const RKLLMInferParam *infer) {
  struct session *session = decode->session;
  long computed[MOST_BATCHES] = {0};
  decode->generation = prepare(session, inputs, decode->history);
  if (!decode->generation) return -1;
  if (prefill(decode, inputs, decode->history, computed) != 0) return decode_error(decode);
  if (infer->mode != RKLLM_INFER_GENERATE) return run_vectors(decode, (int)infer->mode, computed);
  struct sampling sampling = sampling_of(session, infer);
  for (int i = 0; i < session->batch_count; i++) generation_start(session, decode->generation, i, &sampling);
  return decode_run(decode);
}

int run_execute(struct session *session, const RKLLMInput *inputs, const RKLLMInferParam *infer, void *userdata) {
  if (session->broken || session->options.faults.run_fail) {
    log_line('E', "rkllm_run failed");
    return -1;
  }
  if (!check(session, inputs, infer)) return -1;
  struct decode decode = {.session = session, .started_ms = clock_ms(), .max_new_tokens = session->max_new_tokens};
  session->run_count++;
#if ABI_1_2_0
  decode.history = infer->keep_history != 0;
#endif
#if ABI_1_3_0
  if (infer->max_new_tokens > 0) decode.max_new_tokens = infer->max_new_tokens;
#endif
  if (session->options.faults.stderr_noise) {
    fputs("rknn: [noise] this line stands on stderr\n", stderr);
  }
  delivery_start(&decode.delivery, session, userdata);
  clock_wait(session->options.run_ms);
  int result;
  if (session->paused) {
    decode.generation = session->paused;
    session->paused = NULL;
    decode.resumed = true;
    result = session->options.resume_paused || append_input(&decode, inputs) == 0 ? decode_run(&decode)
                                                                                  : decode_error(&decode);
  } else {
    result = run_new(&decode, inputs, infer);
  }
  const RKLLMPromptCacheParam *cache = infer->prompt_cache_params;
  if (decode.generation && result == 0 && cache && cache->save_prompt_cache) {
    kv_save_prompt(session, &decode.generation->prompts[0].ids, cache->prompt_cache_path);
  }
  if (!session->paused) generation_free(decode.generation);
  delivery_end(&decode.delivery);
  return result;
}
