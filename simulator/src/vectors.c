#include "vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

/* Dimensions that one feature touches. */
enum { SPREAD = 12, GRAM = 4 };
static const float unlikely = -18.0f;

static void add_feature(float *sum, int width, uint64_t hash, float weight) {
  struct random random = {hash};
  for (int i = 0; i < SPREAD; i++) {
    double unit = random_unit(&random);
    int dimension = (int)(unit * width);
    sum[dimension] += random_unit(&random) < 0.5 ? weight : -weight;
  }
}

/* How much a token says: rare ones more. */
static float token_weight(const struct corpus *corpus, int32_t id) {
  size_t low, high;
  corpus_find(corpus, &id, 1, &low, &high);
  return 1.0f / sqrtf(1.0f + (float)(high - low));
}

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c); }

/* Feeds the token's letters into a window that spans tokens, so that parts of words count too. */
static void add_letters(float *sum, int width, const struct piece *piece, char window[GRAM]) {
  for (uint32_t i = 0; i < piece->length; i++) {
    char c = lower(piece->bytes[i]);
    bool gap = c == ' ' || c == '\n' || c == '\t' || c == '.' || c == ',';
    memmove(window, window + 1, GRAM - 1);
    window[GRAM - 1] = gap ? ' ' : c;
    if (!memchr(window, 0, GRAM)) add_feature(sum, width, hash_bytes(5, window, GRAM), 0.25f);
  }
}

static void add_token(const struct model *model, float *sum, int32_t id, char window[GRAM]) {
  int width = model->embedding_size;
  const struct piece *piece = tokenizer_piece(&model->tokenizer, id);
  if (!piece) {
    add_feature(sum, width, (uint64_t)(uint32_t)id, 1);
    return;
  }
  if (piece->control) return;
  char word[64];
  size_t length = 0;
  for (uint32_t i = 0; i < piece->length && length < sizeof word; i++) {
    if (piece->bytes[i] != ' ') word[length++] = lower(piece->bytes[i]);
  }
  add_feature(sum, width, hash_bytes(4, word, length), token_weight(&model->corpus, id));
  add_letters(sum, width, piece, window);
}

float *vectors_hidden(const struct model *model, const struct ids *ids, size_t from) {
  if (from >= ids->count) return NULL;
  size_t width = (size_t)model->embedding_size;
  float *rows = must_allocate((ids->count - from) * width * sizeof(float));
  float *sum = must_allocate(width * sizeof(float));
  char window[GRAM] = {0};
  for (size_t i = 0; i < ids->count; i++) {
    add_token(model, sum, ids->data[i], window);
    if (i < from) continue;
    float *row = rows + (i - from) * width;
    /* A trace of the position, and a length that is not 1: what a caller must normalise away. */
    double square = 1e-12;
    for (size_t d = 0; d < width; d++) square += (double)sum[d] * sum[d];
    float scale = (float)(sqrt((double)width) * 0.7 / sqrt(square));
    for (size_t d = 0; d < width; d++) row[d] = sum[d] * scale;
    row[i % width] += 0.05f;
  }
  free(sum);
  return rows;
}

static const char *after(const char *text, const char *mark) {
  const char *found = strstr(text, mark);
  return found ? found + strlen(mark) : NULL;
}

/* Prompts of rerankers ask whether a document fits a query, to be answered by yes or no: the shared words decide. */
static bool fits_query(const struct prompt *prompt, double *share) {
  const char *query = prompt->rendered.data ? after(prompt->rendered.data, "<Query>:") : NULL;
  const char *document = query ? after(query, "<Document>:") : NULL;
  if (!document) return false;
  const char *end = strstr(document, "<|im_end|>");
  uint64_t *asked, *offered;
  size_t asked_count = words_of(query, (size_t)(document - query) - strlen("<Document>:"), &asked);
  size_t offered_count = words_of(document, end ? (size_t)(end - document) : strlen(document), &offered);
  size_t shared = 0;
  for (size_t i = 0; i < asked_count; i++) shared += words_count(offered, offered_count, asked[i]);
  *share = asked_count ? (double)shared / (double)asked_count : 0;
  free(asked);
  free(offered);
  return true;
}

static void raise_logit(const struct model *model, float *row, const char *word, float logit) {
  struct ids ids = {0};
  tokenizer_encode(&model->tokenizer, word, strlen(word), &ids);
  if (ids.count >= 1 && (size_t)ids.data[0] < model->tokenizer.vocab_size) row[ids.data[0]] = logit;
  ids_free(&ids);
}

float *vectors_logits(const struct model *model, const struct prompt *prompt, const struct ids *ids, size_t from,
                      struct distribution *distribution) {
  if (from >= ids->count) return NULL;
  size_t width = model->tokenizer.vocab_size;
  float *rows = must_allocate((ids->count - from) * width * sizeof(float));
  float *relevance = must_allocate((model->corpus.document_count + 1) * sizeof(float));
  corpus_relevance(&model->corpus, prompt->user.data ? prompt->user.data : "", prompt->user.length, false, relevance);
  int32_t eos = model->eos_count ? model->eos_ids[0] : 0;
  for (size_t i = from; i < ids->count; i++) {
    float *row = rows + (i - from) * width;
    for (size_t id = 0; id < width; id++) row[id] = unlikely;
    size_t known = i + 1 < LONGEST_CONTEXT ? i + 1 : LONGEST_CONTEXT;
    ngram_predict(&model->corpus, ids->data + i + 1 - known, known, relevance, eos, distribution);
    for (size_t c = 0; c < distribution->count; c++) {
      row[distribution->candidates[c].id] = fmaxf(unlikely, distribution->candidates[c].logit);
    }
  }
  free(relevance);
  double share;
  if (fits_query(prompt, &share)) {
    float *last = rows + (ids->count - from - 1) * width;
    raise_logit(model, last, "yes", (float)(8 * share - 3));
    raise_logit(model, last, "no", (float)(3 - 8 * share));
  }
  return rows;
}
