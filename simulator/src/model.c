#include "model.h"

#include <string.h>

/* Only code 0 is known of the real format; the others are those of model-file.ts. */
static const char *const platform_codes[] = {"RK3588", "RK3576", "RK3562", "RV1126B"};

static void read_eos(struct model *model) {
  const struct entry *entry = container_find(&model->container, "tokenizer.ggml.eos_token_id");
  if (!entry) return;
  model->eos_is_uint32 = entry->type == GGUF_UINT32;
  if (entry->type != GGUF_ARRAY) {
    model->eos_ids[model->eos_count++] = (int32_t)entry->number;
    return;
  }
  if (entry->element_type != GGUF_INT32) return;
  for (uint64_t i = 0; i < entry->count && model->eos_count < MOST_EOS_IDS; i++) {
    memcpy(&model->eos_ids[model->eos_count++], entry->bytes + i * 4, 4);
  }
}

enum container_status model_open(struct model *model, const char *path) {
  *model = (struct model){0};
  struct container *container = &model->container;
  enum container_status status = container_open(container, path);
  if (status != CONTAINER_GOOD) return status;
  uint64_t platform = container_number(container, "rkllm.platform", 99);
  model->architecture = container_string(container, "general.architecture", "");
  model->adapter = strcmp(container_string(container, "general.type", ""), "adapter") == 0;
  model->dtype = container_string(container, "sim.model_dtype", "unknown");
  model->platform = platform < sizeof platform_codes / sizeof *platform_codes ? platform_codes[platform] : "unknown";
  model->core_count = (int)container_number(container, "rkllm.core_num", 1);
  model->max_context = (int)container_number(container, "rkllm.max_context", 4096);
  model->embedding_size = (int)container_number(container, "sim.embedding_size", 256);
  model->has_tokenizer = container_number(container, "rkllm.has_tokenizer", 1) != 0;
  model->has_embedding = container_number(container, "rkllm.has_embedding", 1) != 0;
  model->thinking = container_number(container, "sim.thinking", 0) != 0;
  model->template_system = container_string(container, "rkllm.chat_template.system", NULL);
  model->template_prefix = container_string(container, "rkllm.chat_template.pre", NULL);
  model->template_postfix = container_string(container, "rkllm.chat_template.post", NULL);
  if (!model->template_prefix || !model->template_postfix) model->template_system = NULL;
  read_eos(model);
  return CONTAINER_GOOD;
}

bool model_load(struct model *model) {
  const struct container *container = &model->container;
  const struct entry *text = container_find(container, "sim.text");
  const struct entry *vocab = container_find(container, "sim.vocab");
  const struct entry *script = container_find(container, "sim.script");
  if (!text || !text->bytes || !vocab || !vocab->bytes || !script || !script->bytes) return false;
  size_t vocab_size = container_number(container, "sim.vocab_size", 0);
  if (model->embedding_size < 1 || model->embedding_size > 65536 || model->max_context < 1) return false;
  if (!tokenizer_load(&model->tokenizer, vocab->bytes, vocab->count, vocab_size)) return false;
  if (!script_load(&model->script, script->bytes, script->count, &model->tokenizer)) return false;
  int32_t eos = model->eos_count ? model->eos_ids[0] : tokenizer_special(&model->tokenizer, "<|im_end|>");
  corpus_load(&model->corpus, text->bytes, text->count, &model->tokenizer, eos);
  model->think_start = tokenizer_special(&model->tokenizer, "<think>");
  model->think_end = tokenizer_special(&model->tokenizer, "</think>");
  return true;
}

void model_close(struct model *model) {
  corpus_free(&model->corpus);
  script_free(&model->script);
  tokenizer_free(&model->tokenizer);
  container_close(&model->container);
}

bool model_is_eos(const struct model *model, int32_t id) {
  for (int i = 0; i < model->eos_count; i++) {
    if (model->eos_ids[i] == id) return true;
  }
  return false;
}
