#include "prompt.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "media.h"
#include "template.h"

static bool tokenize(struct session *session, const struct text *text, struct ids *out) {
  if (session->model.has_tokenizer) {
    if (text->length) tokenizer_encode(&session->model.tokenizer, text->data, text->length, out);
    return true;
  }
#if ABI_1_3_0
  if (session->callbacks.tokenizer_callback) {
    int32_t most = session->max_context + 1;
    int32_t *ids = must_allocate((size_t)most * sizeof *ids);
    int32_t count = session->callbacks.tokenizer_callback(
        session->callbacks.tokenizer_userdata, text->data ? text->data : "", (int32_t)text->length, ids, most);
    if (count >= 0 && count <= most) ids_append(out, ids, (size_t)count);
    free(ids);
    if (count >= 0 && count <= most) return true;
    log_line('E', "tokenizer_callback failed, ret: %d", count);
    return false;
  }
#endif
  log_line('E', "the model has no tokenizer, text input needs a tokenizer_callback");
  return false;
}

static void render(struct session *session, const RKLLMInput *input, const char *content, bool first_turn,
                   struct prompt *out, struct text *system) {
  bool from_tool = false, thinking = true;
#if ABI_1_2_1
  from_tool = input->role && strcmp(input->role, "tool") == 0;
  thinking = input->enable_thinking;
#else
  (void)input;
#endif
  out->thinking = thinking || session->custom_template;
  struct text turn = {0};
  template_render(session, content, from_tool, thinking, first_turn, system, &turn);
  if (system->length) text_add(&out->rendered, system->data, system->length);
  text_add(&out->rendered, turn.data ? turn.data : "", turn.length);
  text_free(&turn);
}

static void measure_system(const struct session *session, const struct text *system, struct prompt *out) {
  if (!system->length || !session->model.has_tokenizer) return;
  struct ids ids = {0};
  tokenizer_encode(&session->model.tokenizer, system->data, system->length, &ids);
  out->system_length = ids.count;
  ids_free(&ids);
}

static bool from_prompt(struct session *session, const RKLLMInput *input, bool first_turn, struct prompt *out) {
  if (!input->prompt_input) {
    log_line('E', "prompt_input is NULL");
    return false;
  }
  struct text system = {0};
  render(session, input, input->prompt_input, first_turn, out, &system);
  measure_system(session, &system, out);
  text_free(&system);
  bool templated = session->custom_template ? *session->prefix != 0 : session->model.template_prefix != NULL;
  if (templated) {
    text_add_string(&out->user, input->prompt_input);
  } else {
    template_last_user_turn(session, &out->rendered, &out->user);
  }
  return tokenize(session, &out->rendered, &out->ids);
}

static bool from_tokens(struct session *session, const RKLLMInput *input, struct prompt *out) {
  const RKLLMTokenInput *tokens = &input->token_input;
  if (!tokens->input_ids || tokens->n_tokens == 0) {
    log_line('E', "input_ids of token_input is not set");
    return false;
  }
  for (size_t i = 0; i < tokens->n_tokens; i++) {
    if (!tokenizer_piece(&session->model.tokenizer, tokens->input_ids[i])) {
      log_line('E', "token %d at position %zu is outside of the vocabulary", tokens->input_ids[i], i);
      return false;
    }
  }
  ids_append(&out->ids, tokens->input_ids, tokens->n_tokens);
  tokenizer_decode(&session->model.tokenizer, tokens->input_ids, tokens->n_tokens, &out->rendered);
  template_last_user_turn(session, &out->rendered, &out->user);
  out->thinking = true;
  return true;
}

static bool from_rows(struct session *session, const RKLLMInput *input, struct prompt *out) {
  const RKLLMEmbedInput *rows = &input->embed_input;
  if (!rows->embed || rows->n_tokens == 0) {
    log_line('E', "embed of embed_input is not set");
    return false;
  }
  size_t width = (size_t)session->model.embedding_size;
  for (size_t i = 0; i < rows->n_tokens; i++) ids_add(&out->ids, media_row_id(rows->embed + i * width, width));
  out->embedded = true;
  return true;
}

static bool from_media(struct session *session, const RKLLMInput *input, bool first_turn, struct prompt *out) {
  const RKLLMMultiModalInput *media = &input->multimodal_input;
  if (!media_check(session, media)) return false;
  if (!session->model.has_tokenizer) {
    log_line('E', "multimodal input needs a model with a tokenizer");
    return false;
  }
  struct text system = {0};
  render(session, input, media->prompt, first_turn, out, &system);
  measure_system(session, &system, out);
  text_free(&system);
  text_add_string(&out->user, media->prompt);
  media_expand(session, media, &out->rendered, &out->ids);
  out->embedded = true;
  return true;
}

bool prompt_prepare(struct session *session, const RKLLMInput *input, bool first_turn, struct prompt *out) {
  bool good = false;
  switch ((int)input->input_type) {
    case RKLLM_INPUT_PROMPT:
      good = from_prompt(session, input, first_turn, out);
      break;
    case RKLLM_INPUT_TOKEN:
      good = from_tokens(session, input, out);
      break;
    case RKLLM_INPUT_EMBED:
      good = from_rows(session, input, out);
      break;
    case RKLLM_INPUT_MULTIMODAL:
      good = from_media(session, input, first_turn, out);
      break;
    default:
      log_line('E', "unknown input_type %d", (int)input->input_type);
  }
  if (good && out->ids.count == 0) {
    log_line('E', "the prompt is empty");
    return false;
  }
  return good;
}
