#include "ngram.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "text.h"

/* How many occurrences of a context are counted; common ones are sampled at even distances. */
enum { MOST_OCCURRENCES = 2048 };
/* Share of the remaining probability that the longest known context takes; the rest goes to shorter ones. */
static const float longest_share = 0.8f;

void distribution_init(struct distribution *distribution, size_t vocabulary) {
  *distribution = (struct distribution){.vocabulary = vocabulary};
  distribution->mass = must_allocate(vocabulary * sizeof(float));
}

void distribution_free(struct distribution *distribution) {
  free(distribution->candidates);
  free(distribution->mass);
  *distribution = (struct distribution){0};
}

static void add_mass(struct distribution *out, int32_t id, float mass) {
  if (id < 0 || (size_t)id >= out->vocabulary || mass <= 0) return;
  if (out->mass[id] == 0) {
    if (out->count == out->capacity) {
      out->capacity = out->capacity * 2 + 64;
      out->candidates = must_resize(out->candidates, out->capacity * sizeof *out->candidates);
    }
    out->candidates[out->count++].id = id;
  }
  out->mass[id] += mass;
}

/* Adds `share` of probability according to what follows the context; false when the context is unknown. */
static bool add_order(const struct corpus *corpus, const int32_t *context, size_t length, const float *relevance,
                      float share, struct distribution *out) {
  size_t low, high;
  corpus_find(corpus, context, length, &low, &high);
  size_t step = (high - low) / MOST_OCCURRENCES + 1;
  double total = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = low; i < high; i += step) {
      size_t position = corpus->sorted[i];
      if (position + length >= corpus->stream.count) continue;
      int32_t next = corpus->stream.data[position + length];
      if (next < 0) continue;
      float weight = relevance[corpus->owner[position]];
      if (pass == 0) {
        total += weight;
      } else {
        add_mass(out, next, (float)(share * weight / total));
      }
    }
    if (total == 0) return false;
  }
  return true;
}

void ngram_predict(const struct corpus *corpus, const int32_t *context, size_t length, const float *relevance,
                   int32_t eos, struct distribution *out) {
  out->count = 0;
  float remaining = 1;
  if (length > LONGEST_CONTEXT) {
    context += length - LONGEST_CONTEXT;
    length = LONGEST_CONTEXT;
  }
  /* A single token of context would make word salad, so it only counts where nothing longer is known. */
  for (size_t order = length; order > 0 && (order > 1 || remaining == 1); order--) {
    float share = order > 2 ? remaining * longest_share : remaining;
    if (add_order(corpus, context + length - order, order, relevance, share, out)) remaining -= share;
  }
  if (out->count == 0) add_order(corpus, &(int32_t){START_OF_ANSWER}, 1, relevance, 1, out);
  if (out->count == 0) add_mass(out, eos, 1);
  if (out->count == 0) add_mass(out, 0, 1);
  for (size_t i = 0; i < out->count; i++) {
    float *mass = &out->mass[out->candidates[i].id];
    out->candidates[i].logit = logf(*mass);
    *mass = 0;
  }
}
