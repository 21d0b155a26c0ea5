#include <stdlib.h>

#include "harness.h"

static struct capture capture;
static float rows[8 * 256];

static void check_tokens(LLMHandle handle) {
  int32_t ids[] = {'s', 'i', 'x'};
  RKLLMInput input = prompt_input(NULL);
  input.input_type = RKLLM_INPUT_TOKEN;
  input.token_input.input_ids = ids;
  input.token_input.n_tokens = 3;
  RKLLMInferParam infer = infer_params();
  check(run_with(handle, &input, &infer, &capture) == 0 && capture.tokens == 6, "token input");
#if ABI_1_2_1
  check(capture.perf.prefill_tokens == 3, "has no template around it");
#endif
  ids[1] = 99999999;
  check(run_with(handle, &input, &infer, &capture) == -1 && logged("outside of the vocabulary"),
        "a token that is none");
  input.token_input.input_ids = NULL;
  check(run_with(handle, &input, &infer, &capture) == -1, "no tokens");
}

static void check_embeddings(LLMHandle handle) {
  RKLLMInput input = prompt_input(NULL);
  input.input_type = RKLLM_INPUT_EMBED;
  input.embed_input.embed = rows;
  input.embed_input.n_tokens = 8;
  RKLLMInferParam infer = infer_params();
  check(run_with(handle, &input, &infer, &capture) == 0 && capture.finish == 1, "embedding input");
  run_with(handle, &input, &infer, &capture);
#if ABI_1_2_1
  check(capture.perf.prefill_tokens == (ABI_1_2_3 ? 0 : 8), "is reused from 1.2.3 on");
#endif
  input.embed_input.embed = NULL;
  check(run_with(handle, &input, &infer, &capture) == -1, "no embedding");
}

static void check_media(LLMHandle handle) {
  RKLLMInput input = prompt_input(NULL);
  input.input_type = RKLLM_INPUT_MULTIMODAL;
  RKLLMInferParam infer = infer_params();
  RKLLMMultiModalInput *media = &input.multimodal_input;
  memset(media, 0, sizeof *media);
  media->prompt = "the sky";
  check(run_with(handle, &input, &infer, &capture) == -1 && logged("multimodal input must contain the <image> tag"),
        "multimodal input without a tag");
  media->prompt = "<image>the sky";
  check(run_with(handle, &input, &infer, &capture) == -1 &&
            logged("The n_image/n_image_token of multimodal_input is not set"),
        "multimodal input without an image");
#if ABI_1_3_0
  media->image.image_embed = rows;
  media->image.n_image_tokens = 4;
  media->image.n_image = 1;
  media->image.image_start = "<|vision_start|>";
  media->image.image_end = "<|vision_end|>";
  media->image.image_content = "<|image_pad|>";
#else
  media->image_embed = rows;
  media->n_image_tokens = 4;
#if ABI_1_2_1B1
  media->n_image = 1;
#endif
#endif
  check(run_with(handle, &input, &infer, &capture) == 0 && strcmp(capture.text, "blue") == 0, "multimodal input");
#if ABI_1_3_1
  media->prompt = "<audio><audio>the sky";
  media->audio.audio_embed = rows;
  media->audio.n_audio_tokens = 2;
  media->audio.n_audio = 1;
  check(run_with(handle, &input, &infer, &capture) == -1, "another number of tags than of sounds");
  media->audio.n_audio = 2;
  check(run_with(handle, &input, &infer, &capture) == 0 && strcmp(capture.text, "blue") == 0, "audio");
#endif
}

static void check_bare(void) {
  LLMHandle handle = open_model("bare");
  check(handle != NULL, "a file without tokenizer and embedding loads");
#if ABI_1_3_0
  tokenizer_calls = embed_tokens = 0;
  check(run_prompt(handle, "hello", &capture) == 0 && capture.tokens == 1 && capture.length == 0,
        "it generates ids without text");
  check(tokenizer_calls == 1 && embed_tokens == capture.perf.prefill_tokens, "through the client's callbacks");
#else
  check(run_prompt(handle, "hello", &capture) == -1 && logged("the model has no tokenizer"), "it refuses text");
#endif
  rkllm_destroy(handle);
}

#if ABI_1_2_1
struct batch {
  char text[3][256];
  int ended[3], steps, finish;
};

static int on_batch(RKLLMResult *results, void *userdata, LLMCallState state) {
  struct batch *batch = userdata;
  if (state == RKLLM_RUN_FINISH) batch->finish++;
  if (state != RKLLM_RUN_NORMAL) return 0;
  batch->steps++;
  for (int i = 0; i < 3; i++) {
    if (results[i].token_id < 0) batch->ended[i] = 1;
    if (results[i].text) strcat(batch->text[i], results[i].text);
  }
  return 0;
}

static void check_batches(void) {
  RKLLMParam param = params_for("scripted");
  param.extend_param.n_batch = 3;
  LLMHandle handle = NULL;
#if ABI_1_3_0
  RKLLMCallback callbacks = {.result_callback = on_batch};
  check(rkllm_init(&handle, &param, &callbacks) == 0, "three batches");
#else
  check(rkllm_init(&handle, &param, on_batch) == 0, "three batches");
#endif
  RKLLMInput inputs[3] = {prompt_input("six"), prompt_input("sky"), prompt_input("repeat after me")};
  RKLLMInferParam infer = infer_params();
  struct batch batch = {0};
  check(rkllm_run(handle, inputs, &infer, &batch) == 0 && batch.finish == 1, "run together");
  check(strcmp(batch.text[0], "one two three four five six") == 0 && strcmp(batch.text[1], "blue") == 0 &&
            strcmp(batch.text[2], "repeat after me") == 0,
        "each with its own answer");
  check(batch.ended[1], "an ended batch has a negative id");
  int sizes[3] = {0};
  check(rkllm_get_kv_cache_size(handle, sizes) == 0 && sizes[0] > 0 && sizes[2] > 0, "and its own cache");
  infer.mode = RKLLM_INFER_GET_LOGITS;
  log_forget();
  check(rkllm_run(handle, inputs, &infer, &batch) == -1 &&
            logged("Getting the logits is not supported for multiple batches"),
        "logits are refused");
  rkllm_destroy(handle);
}
#endif

void check_inputs(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) rows[i] = (float)i * 0.001f;
  LLMHandle handle = open_model("scripted");
  check_tokens(handle);
  check_media(handle);
  rkllm_destroy(handle);
  handle = open_model("demo");
  check_embeddings(handle);
  rkllm_destroy(handle);
  check_bare();
#if ABI_1_2_1
  check_batches();
#endif
}
