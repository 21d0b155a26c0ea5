#include "generation.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct generation *generation_new(const struct session *session) {
  struct generation *generation = must_allocate(sizeof *generation);
  generation->batch_count = session->batch_count;
  generation->garbage = session->options.garbage_with_second_model && session_count() > 1;
  distribution_init(&generation->distribution, session->model.tokenizer.vocab_size);
  return generation;
}

void generation_free(struct generation *generation) {
  if (!generation) return;
  for (int i = 0; i < generation->batch_count; i++) {
    ids_free(&generation->prompts[i].ids);
    text_free(&generation->prompts[i].rendered);
    text_free(&generation->prompts[i].user);
    ids_free(&generation->streams[i].echo);
    free(generation->streams[i].relevance);
  }
  distribution_free(&generation->distribution);
  free(generation);
}

static void set_context(struct stream *stream, int32_t start) {
  stream->context[0] = start;
  stream->context_length = 1;
}

static void push_context(struct stream *stream, int32_t id) {
  if (stream->context_length == LONGEST_CONTEXT) {
    memmove(stream->context, stream->context + 1, (LONGEST_CONTEXT - 1) * sizeof id);
    stream->context_length--;
  }
  stream->context[stream->context_length++] = id;
}

static void force_text(const struct model *model, struct stream *stream, const char *text) {
  struct ids ids = {0};
  tokenizer_encode(&model->tokenizer, text, strlen(text), &ids);
  stream->forced_at = stream->forced_count = 0;
  for (size_t i = 0; i < ids.count && i < sizeof stream->forced / sizeof *stream->forced; i++) {
    stream->forced[stream->forced_count++] = ids.data[i];
  }
  ids_free(&ids);
}

static bool ends_with(const struct text *text, const char *end) {
  size_t length = strlen(end);
  return text->length >= length && memcmp(text->data + text->length - length, end, length) == 0;
}

/* Whether the prompt ends inside a text that the corpus knows: then that text goes on, as with a prefilled
 * answer; otherwise a new answer starts. */
static bool continues(const struct model *model, const struct prompt *prompt, struct stream *stream) {
  const size_t enough = 3;
  if (prompt->ids.count < enough || ends_with(&prompt->rendered, "\n")) return false;
  const int32_t *tail = prompt->ids.data + prompt->ids.count - enough;
  size_t low, high;
  corpus_find(&model->corpus, tail, enough, &low, &high);
  if (low == high) return false;
  stream->context_length = 0;
  for (size_t i = 0; i < enough; i++) push_context(stream, tail[i]);
  return true;
}

/* Starts an answer or a thought, out of the texts of its kind that fit the user's message. */
static void set_phase(const struct model *model, const struct prompt *prompt, struct stream *stream, enum phase phase) {
  stream->phase = phase;
  set_context(stream, phase == PHASE_THOUGHT ? START_OF_THOUGHT : START_OF_ANSWER);
  corpus_relevance(&model->corpus, prompt->user.data ? prompt->user.data : "", prompt->user.length,
                   phase == PHASE_THOUGHT, stream->relevance);
}

static void start_statistics(const struct model *model, const struct prompt *prompt, struct stream *stream) {
  stream->relevance = must_allocate((model->corpus.document_count + 1) * sizeof(float));
  set_phase(model, prompt, stream, PHASE_ANSWER);
  if (continues(model, prompt, stream)) return;
  if (ends_with(&prompt->rendered, "<think>\n") || ends_with(&prompt->rendered, "<think>")) {
    set_phase(model, prompt, stream, PHASE_THOUGHT);
  } else if (model->thinking && prompt->thinking && !ends_with(&prompt->rendered, "</think>\n\n")) {
    set_phase(model, prompt, stream, PHASE_THOUGHT);
    force_text(model, stream, "<think>\n");
  }
}

void generation_start(const struct session *session, struct generation *generation, int index,
                      const struct sampling *sampling) {
  const struct model *model = &session->model;
  const struct prompt *prompt = &generation->prompts[index];
  struct stream *stream = &generation->streams[index];
  uint64_t seed = session->options.seed + session->run_count * 1000003u + (uint64_t)index;
  if (!session->options.seeded) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    seed ^= (uint64_t)now.tv_sec << 20 ^ (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 40;
  }
  sampler_init(&stream->sampler, sampling, seed);
  stream->pending = -1;
  const struct rule *rule = script_match(&model->script, prompt->rendered.data ? prompt->rendered.data : "");
  if (!rule) {
    start_statistics(model, prompt, stream);
    return;
  }
  stream->rule = rule;
  stream->tokens = &rule->tokens;
  if (rule->echo) {
    if (prompt->user.length) tokenizer_encode(&model->tokenizer, prompt->user.data, prompt->user.length, &stream->echo);
    stream->tokens = &stream->echo;
  }
}

static int32_t eos_of(const struct model *model) { return model->eos_count ? model->eos_ids[0] : 0; }

static int32_t next_of_rule(const struct model *model, struct stream *stream) {
  if (stream->at == stream->tokens->count) {
    stream->at = 0;
    stream->round++;
    bool over = !stream->rule->endless && stream->round >= stream->rule->repeat;
    if (over || stream->tokens->count == 0) {
      stream->round = 0;
      return eos_of(model);
    }
  }
  return stream->tokens->data[stream->at++];
}

static int32_t next_of_statistics(const struct model *model, struct generation *generation, int index) {
  const struct prompt *prompt = &generation->prompts[index];
  struct stream *stream = &generation->streams[index];
  if (stream->forced_at < stream->forced_count) return stream->forced[stream->forced_at++];
  struct distribution *distribution = &generation->distribution;
  ngram_predict(&model->corpus, stream->context, stream->context_length, stream->relevance, eos_of(model),
                distribution);
  const size_t ring = sizeof stream->recent / sizeof *stream->recent;
  size_t seen = stream->recent_count < ring ? stream->recent_count : ring;
  int32_t id = sampler_choose(&stream->sampler, distribution, stream->recent, seen);
  stream->recent[stream->recent_count++ % ring] = id;
  if (!model_is_eos(model, id)) {
    push_context(stream, id);
    return id;
  }
  /* After the end of a thought comes the answer; after an end that nobody honours, another answer. */
  enum phase ended = stream->phase;
  set_phase(model, prompt, stream, PHASE_ANSWER);
  if (ended == PHASE_ANSWER) return id;
  force_text(model, stream, "\n</think>\n\n");
  return stream->forced[stream->forced_at++];
}

int32_t generation_next(const struct session *session, struct generation *generation, int index) {
  const struct model *model = &session->model;
  struct stream *stream = &generation->streams[index];
  if (generation->garbage) {
    return (int32_t)(random_unit(&stream->sampler.random) * (double)model->tokenizer.vocab_size);
  }
  return stream->rule ? next_of_rule(model, stream) : next_of_statistics(model, generation, index);
}
