#include "calls.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"

/* One write of a whole line in append mode, so that lines of several processes do not mix. */
static void write_line(struct text *json) {
  const char *path = getenv("RKLLM_SIM_CALLS");
  int file = path && *path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
  if (file < 0) return;
  text_add(json, "\n", 1);
  ssize_t written = write(file, json->data, json->length);
  (void)written; /* a full disk must not change what the caller sees */
  close(file);
}

static void add_origin(struct text *json) {
  text_format(json, ",\"pid\":%d,\"tid\":%ld", (int)getpid(), (long)syscall(SYS_gettid));
}

static void add_string(struct text *json, const char *value) {
  if (value) {
    text_add_json(json, value, strlen(value));
  } else {
    text_add_string(json, "null");
  }
}

/* Starts the next member of the object that is being written. */
static void next_member(struct text *json) {
  if (json->data[json->length - 1] != '{') text_add(json, ",", 1);
}

static void add_field(struct text *json, const char *name, const char *value) {
  text_format(json, "\"%s\":", name);
  add_string(json, value);
}

void call_begin(struct call *call, const char *function, LLMHandle handle) {
  const char *path = getenv("RKLLM_SIM_CALLS");
  *call = (struct call){.enabled = path && *path};
  if (!call->enabled) return;
  call->started_ms = clock_ms();
  text_format(&call->json, "{\"event\":\"call\",\"function\":\"%s\",\"handle\":\"%p\",\"args\":{", function, handle);
}

void call_number(struct call *call, const char *name, double value) {
  if (!call->enabled) return;
  next_member(&call->json);
  text_format(&call->json, "\"%s\":%.9g", name, value);
}

void call_pointer(struct call *call, const char *name, const void *value) {
  if (!call->enabled) return;
  next_member(&call->json);
  text_format(&call->json, "\"%s\":\"%p\"", name, value);
}

void call_string(struct call *call, const char *name, const char *value) {
  if (!call->enabled) return;
  next_member(&call->json);
  add_field(&call->json, name, value);
}

void call_started(const struct call *call) {
  const char *wanted = getenv("RKLLM_SIM_CALLS_BEGIN");
  if (!call->enabled || !wanted || strcmp(wanted, "1") != 0) return;
  static const char event[] = "{\"event\":\"call\"";
  struct text json = {0};
  text_add_string(&json, "{\"event\":\"begin\"");
  text_add_string(&json, call->json.data + sizeof event - 1);
  text_format(&json, "},\"ms\":%.3f", call->started_ms);
  add_origin(&json);
  text_add(&json, "}", 1);
  write_line(&json);
  text_free(&json);
}

int call_end(struct call *call, int result) {
  if (!call->enabled) return result;
  text_format(&call->json, "},\"return\":%d,\"started_ms\":%.3f,\"ms\":%.3f", result, call->started_ms, clock_ms());
  add_origin(&call->json);
  text_add(&call->json, "}", 1);
  write_line(&call->json);
  text_free(&call->json);
  return result;
}

void call_param(struct call *call, const RKLLMParam *p) {
  if (!call->enabled) return;
  struct text *json = &call->json;
  next_member(json);
  text_add_string(json, "\"param\":");
  if (!p) {
    text_add_string(json, "null");
    return;
  }
  text_add(json, "{", 1);
  add_field(json, "model_path", p->model_path);
  text_format(json, ",\"max_context_len\":%d,\"max_new_tokens\":%d,\"top_k\":%d", p->max_context_len, p->max_new_tokens,
              p->top_k);
#if ABI_1_2_0
  text_format(json, ",\"n_keep\":%d", p->n_keep);
#endif
  text_format(json, ",\"top_p\":%.9g,\"temperature\":%.9g,\"repeat_penalty\":%.9g,\"frequency_penalty\":%.9g", p->top_p,
              p->temperature, p->repeat_penalty, p->frequency_penalty);
  text_format(json, ",\"presence_penalty\":%.9g,\"mirostat\":%d,\"mirostat_tau\":%.9g,\"mirostat_eta\":%.9g",
              p->presence_penalty, p->mirostat, p->mirostat_tau, p->mirostat_eta);
  text_format(json, ",\"skip_special_token\":%d", p->skip_special_token);
#if ABI_1_3_0
  text_format(json, ",\"ignore_eos_token\":%d", p->ignore_eos_token);
#endif
  text_format(json, ",\"is_async\":%d", p->is_async);
#if !ABI_1_3_0
  const char *const names[] = {"img_start", "img_end", "img_content"};
  const char *const values[] = {p->img_start, p->img_end, p->img_content};
  for (int i = 0; i < 3; i++) {
    text_add(json, ",", 1);
    add_field(json, names[i], values[i]);
  }
#endif
  text_format(json, ",\"extend_param\":{\"base_domain_id\":%d", p->extend_param.base_domain_id);
#if ABI_1_2_0
  text_format(json, ",\"embed_flash\":%d,\"enabled_cpus_num\":%d,\"enabled_cpus_mask\":%u", p->extend_param.embed_flash,
              p->extend_param.enabled_cpus_num, p->extend_param.enabled_cpus_mask);
#endif
#if ABI_1_2_1
  text_format(json, ",\"n_batch\":%u,\"use_cross_attn\":%d", p->extend_param.n_batch, p->extend_param.use_cross_attn);
#endif
  size_t dirty = 0;
  for (size_t i = 0; i < sizeof p->extend_param.reserved; i++) dirty += p->extend_param.reserved[i] != 0;
  text_format(json, ",\"reserved_not_zero\":%zu}}", dirty);
}

static void add_media(struct text *json, const RKLLMMultiModalInput *m) {
  text_add(json, ",", 1);
  add_field(json, "prompt", m->prompt);
#if ABI_1_3_0
  text_format(json, ",\"image\":{\"image_embed\":%s,\"n_image_tokens\":%zu,\"n_image\":%zu,",
              m->image.image_embed ? "true" : "false", m->image.n_image_tokens, m->image.n_image);
  add_field(json, "image_start", m->image.image_start);
  text_add(json, ",", 1);
  add_field(json, "image_end", m->image.image_end);
  text_add(json, ",", 1);
  add_field(json, "image_content", m->image.image_content);
  text_format(json, ",\"image_width\":%zu,\"image_height\":%zu}", m->image.image_width, m->image.image_height);
  text_format(json, ",\"video\":{\"n_frame_tokens\":%zu,\"n_frame_per_video\":%zu,\"n_video\":%zu}",
              m->video.n_frame_tokens, m->video.n_frame_per_video, m->video.n_video);
#if ABI_1_3_1
  text_format(json, ",\"audio\":{\"n_audio_tokens\":%zu,\"n_audio\":%zu}", m->audio.n_audio_tokens, m->audio.n_audio);
#endif
#else
  text_format(json, ",\"image_embed\":%s,\"n_image_tokens\":%zu", m->image_embed ? "true" : "false", m->n_image_tokens);
#if ABI_1_2_1B1
  text_format(json, ",\"n_image\":%zu,\"image_width\":%zu,\"image_height\":%zu", m->n_image, m->image_width,
              m->image_height);
#endif
#endif
}

static void add_input(struct text *json, const RKLLMInput *input) {
  text_format(json, "{\"input_type\":%d", (int)input->input_type);
#if ABI_1_2_1
  text_add(json, ",", 1);
  add_field(json, "role", input->role);
  text_format(json, ",\"enable_thinking\":%d", input->enable_thinking);
#endif
  switch ((int)input->input_type) {
    case RKLLM_INPUT_PROMPT:
      text_add(json, ",", 1);
      add_field(json, "prompt_input", input->prompt_input);
      break;
    case RKLLM_INPUT_TOKEN:
      text_format(json, ",\"n_tokens\":%zu,\"input_ids\":[", input->token_input.n_tokens);
      for (size_t i = 0; input->token_input.input_ids && i < input->token_input.n_tokens; i++) {
        text_format(json, i ? ",%d" : "%d", input->token_input.input_ids[i]);
      }
      text_add(json, "]", 1);
      break;
    case RKLLM_INPUT_EMBED:
      text_format(json, ",\"n_tokens\":%zu,\"embed\":%s", input->embed_input.n_tokens,
                  input->embed_input.embed ? "true" : "false");
      break;
    case RKLLM_INPUT_MULTIMODAL:
      add_media(json, &input->multimodal_input);
      break;
    default:
      break;
  }
  text_add(json, "}", 1);
}

void call_inputs(struct call *call, const RKLLMInput *inputs, int count) {
  if (!call->enabled) return;
  next_member(&call->json);
  text_add_string(&call->json, "\"input\":");
  if (!inputs) text_add_string(&call->json, "null");
  if (inputs && count > 1) text_add(&call->json, "[", 1);
  for (int i = 0; inputs && i < count; i++) {
    if (i) text_add(&call->json, ",", 1);
    add_input(&call->json, &inputs[i]);
  }
  if (inputs && count > 1) text_add(&call->json, "]", 1);
}

void call_infer(struct call *call, const RKLLMInferParam *infer) {
  if (!call->enabled) return;
  struct text *json = &call->json;
  next_member(json);
  text_add_string(json, "\"infer\":");
  if (!infer) {
    text_add_string(json, "null");
    return;
  }
  text_format(json, "{\"mode\":%d,", (int)infer->mode);
  add_field(json, "lora_adapter_name", infer->lora_params ? infer->lora_params->lora_adapter_name : NULL);
  text_format(json, ",\"save_prompt_cache\":%d,",
              infer->prompt_cache_params ? infer->prompt_cache_params->save_prompt_cache : 0);
  add_field(json, "prompt_cache_path",
            infer->prompt_cache_params ? infer->prompt_cache_params->prompt_cache_path : NULL);
#if ABI_1_2_0
  text_format(json, ",\"keep_history\":%d", infer->keep_history);
#endif
#if ABI_1_3_0
  const RKLLMSamplingParam *s = infer->sampling_params;
  text_format(json, ",\"max_new_tokens\":%d,\"sampling_params\":", infer->max_new_tokens);
  if (s) {
    text_format(json, "{\"top_k\":%d,\"top_p\":%.9g,\"temperature\":%.9g,\"repeat_penalty\":%.9g", s->top_k, s->top_p,
                s->temperature, s->repeat_penalty);
    text_format(json, ",\"frequency_penalty\":%.9g,\"presence_penalty\":%.9g,\"mirostat\":%d", s->frequency_penalty,
                s->presence_penalty, s->mirostat);
    text_format(json, ",\"mirostat_tau\":%.9g,\"mirostat_eta\":%.9g}", s->mirostat_tau, s->mirostat_eta);
  } else {
    text_add_string(json, "null");
  }
#endif
  text_add(json, "}", 1);
}

void calls_log_callback(const struct session *session, const RKLLMResult *results, const void *userdata,
                        LLMCallState state, int verdict) {
  struct text json = {0};
  text_format(&json, "{\"event\":\"callback\",\"handle\":\"%p\",\"state\":%d,\"userdata\":\"%p\",\"results\":",
              (const void *)session, (int)state, userdata);
  text_add_string(&json, results ? "[" : "null");
  for (int i = 0; results && i < session->batch_count; i++) {
    text_add_string(&json, i ? ",{" : "{");
    add_field(&json, "text", results[i].text);
    text_format(&json, ",\"token_id\":%d,\"num_tokens\":%d}", results[i].token_id,
                results[i].last_hidden_layer.num_tokens);
  }
  text_format(&json, "%s,\"return\":%d,\"ms\":%.3f", results ? "]" : "", verdict, clock_ms());
  add_origin(&json);
  text_add(&json, "}", 1);
  write_line(&json);
  text_free(&json);
}
