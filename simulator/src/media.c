#include "media.h"

#include <string.h>

#include "log.h"

/* One kind of media in one layout for all versions. */
struct medium {
  const char *name, *tag;
  const float *rows;
  size_t tokens, count;
  const char *start, *end;
  size_t width, height;
};

enum { MEDIUM_COUNT = 3 };

static void media_of(const struct session *session, const RKLLMMultiModalInput *input,
                     struct medium media[MEDIUM_COUNT]) {
  (void)session;
#if ABI_1_3_0
  media[0] = (struct medium){"image",
                             "<image>",
                             input->image.image_embed,
                             input->image.n_image_tokens,
                             input->image.n_image,
                             input->image.image_start,
                             input->image.image_end,
                             input->image.image_width,
                             input->image.image_height};
  media[1] = (struct medium){"video",
                             "<video>",
                             input->video.video_embed,
                             input->video.n_frame_tokens * input->video.n_frame_per_video,
                             input->video.n_video,
                             input->video.video_start,
                             input->video.video_end,
                             input->video.frame_width,
                             input->video.frame_height};
#elif ABI_1_2_1B1
  media[0] = (struct medium){"image",
                             "<image>",
                             input->image_embed,
                             input->n_image_tokens,
                             input->n_image,
                             session->image_start,
                             session->image_end,
                             input->image_width,
                             input->image_height};
  media[1] = (struct medium){.name = "video", .tag = "<video>"};
#else
  media[0] = (struct medium){
      "image", "<image>", input->image_embed, input->n_image_tokens, 1, session->image_start, session->image_end, 0, 0};
  media[1] = (struct medium){.name = "video", .tag = "<video>"};
#endif
#if ABI_1_3_1
  media[2] = (struct medium){"audio",
                             "<audio>",
                             input->audio.audio_embed,
                             input->audio.n_audio_tokens,
                             input->audio.n_audio,
                             input->audio.audio_start,
                             input->audio.audio_end,
                             0,
                             0};
#else
  media[2] = (struct medium){.name = "audio", .tag = "<audio>"};
#endif
}

int32_t media_row_id(const float *row, size_t width) {
  uint32_t hash = (uint32_t)(hash_bytes(2, row, width * sizeof *row) >> 33);
  return -(int32_t)(hash % 0x7ffffff0u) - 16;
}

static size_t count_of(const char *text, const char *tag) {
  size_t count = 0;
  for (const char *at = text; (at = strstr(at, tag)); at += strlen(tag)) count++;
  return count;
}

/* Patches are checked only where the file says how large they are. */
static bool patches_fit(const struct session *session, const struct medium *medium) {
  const struct container *file = &session->model.container;
  size_t merge = container_number(file, "rkllm.vision.spatial_merge_size", 0);
  size_t patch = container_number(file, "rkllm.vision.spatial_patch_size", 0);
  if (!merge || !patch || !medium->width || !medium->height) return true;
  size_t height = medium->height / (merge * patch), width = medium->width / (merge * patch);
  if (height * width == medium->tokens) return true;
  log_line('E', "patch_h[%zu] * patch_w[%zu] != n_image_token[%zu]!", height, width, medium->tokens);
  return false;
}

bool media_check(const struct session *session, const RKLLMMultiModalInput *input) {
  struct medium media[MEDIUM_COUNT];
  media_of(session, input, media);
  if (!input->prompt) {
    log_line('E', "the prompt of multimodal_input is not set");
    return false;
  }
  size_t tags = 0;
  for (int i = 0; i < MEDIUM_COUNT; i++) {
    const struct medium *medium = &media[i];
    size_t count = count_of(input->prompt, medium->tag);
    tags += medium->tokens || medium->count || i == 0 ? count : 0;
    if (!count) continue;
    if (!medium->rows || !medium->count || !medium->tokens) {
      log_line('E', "The n_%s/n_%s_token of multimodal_input is not set", medium->name, medium->name);
      return false;
    }
    if (count != medium->count) {
      log_line('E', "the prompt has %zu %s tags, but n_%s is %zu", count, medium->tag, medium->name, medium->count);
      return false;
    }
    if (!patches_fit(session, medium)) return false;
  }
  if (!tags) log_line('E', "multimodal input must contain the <image> tag in the prompt");
  return tags > 0;
}

static void add_rows(const struct session *session, const struct medium *medium, size_t index, struct ids *out) {
  const struct tokenizer *tokenizer = &session->model.tokenizer;
  size_t width = (size_t)session->model.embedding_size;
  if (medium->start) tokenizer_encode(tokenizer, medium->start, strlen(medium->start), out);
  for (size_t row = index * medium->tokens; row < (index + 1) * medium->tokens; row++) {
    ids_add(out, media_row_id(medium->rows + row * width, width));
  }
  if (medium->end) tokenizer_encode(tokenizer, medium->end, strlen(medium->end), out);
}

void media_expand(const struct session *session, const RKLLMMultiModalInput *input, const struct text *rendered,
                  struct ids *out) {
  struct medium media[MEDIUM_COUNT];
  media_of(session, input, media);
  size_t used[MEDIUM_COUNT] = {0};
  const char *at = rendered->data ? rendered->data : "";
  for (;;) {
    const char *nearest = NULL;
    int which = 0;
    for (int i = 0; i < MEDIUM_COUNT; i++) {
      const char *found = used[i] < media[i].count ? strstr(at, media[i].tag) : NULL;
      if (found && (!nearest || found < nearest)) nearest = found, which = i;
    }
    tokenizer_encode(&session->model.tokenizer, at, nearest ? (size_t)(nearest - at) : strlen(at), out);
    if (!nearest) return;
    add_rows(session, &media[which], used[which]++, out);
    at = nearest + strlen(media[which].tag);
  }
}
