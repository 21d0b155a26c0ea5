#include "sampler.h"

#include <math.h>
#include <stdlib.h>

void sampler_init(struct sampler *sampler, const struct sampling *sampling, uint64_t seed) {
  *sampler = (struct sampler){.sampling = *sampling, .surprise_limit = 2 * sampling->mirostat_tau};
  sampler->random.state = seed * 0x9E3779B97F4A7C15u + 0xD1B54A32D192ED03u;
}

/* splitmix64 */
double random_unit(struct random *random) {
  uint64_t z = random->state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

static void penalize(const struct sampling *sampling, struct distribution *distribution, const int32_t *recent,
                     size_t count) {
  if (sampling->repeat_penalty == 1 && sampling->frequency_penalty == 0 && sampling->presence_penalty == 0) return;
  for (size_t i = 0; i < distribution->count; i++) {
    struct candidate *candidate = &distribution->candidates[i];
    size_t seen = 0;
    for (size_t j = 0; j < count; j++) seen += recent[j] == candidate->id;
    if (!seen) continue;
    if (sampling->repeat_penalty > 0) {
      candidate->logit *= candidate->logit <= 0 ? sampling->repeat_penalty : 1 / sampling->repeat_penalty;
    }
    candidate->logit -= (float)seen * sampling->frequency_penalty + sampling->presence_penalty;
  }
}

/* Best first; equal ones by id, so that greedy decoding is the same everywhere. */
static int by_logit(const void *a, const void *b) {
  const struct candidate *left = a, *right = b;
  if (left->logit != right->logit) return left->logit > right->logit ? -1 : 1;
  return left->id < right->id ? -1 : left->id > right->id;
}

/* Turns the first `count` logits into probabilities, in place. */
static void softmax(struct candidate *candidates, size_t count, float temperature) {
  float best = candidates[0].logit;
  double total = 0;
  for (size_t i = 0; i < count; i++) {
    candidates[i].logit = expf((candidates[i].logit - best) / temperature);
    total += candidates[i].logit;
  }
  for (size_t i = 0; i < count; i++) candidates[i].logit = (float)(candidates[i].logit / total);
}

static size_t draw(struct random *random, const struct candidate *candidates, size_t count) {
  double total = 0;
  for (size_t i = 0; i < count; i++) total += candidates[i].logit;
  double mark = random_unit(random) * total;
  for (size_t i = 0; i + 1 < count; i++) {
    mark -= candidates[i].logit;
    if (mark < 0) return i;
  }
  return count - 1;
}

static size_t keep_top_p(const struct candidate *candidates, size_t count, float top_p) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    sum += candidates[i].logit;
    if (sum >= top_p) return i + 1;
  }
  return count;
}

/* Mirostat 2: drops what is more surprising than the limit, and moves the limit towards tau. Version 1 differs
 * only in how it estimates the cut, which needs Zipf's law; both settings take this path. */
static int32_t mirostat(struct sampler *sampler, struct candidate *candidates, size_t count) {
  size_t kept = 1;
  while (kept < count && -log2f(candidates[kept].logit) <= sampler->surprise_limit) kept++;
  size_t chosen = draw(&sampler->random, candidates, kept);
  float surprise = -log2f(candidates[chosen].logit);
  sampler->surprise_limit -= sampler->sampling.mirostat_eta * (surprise - sampler->sampling.mirostat_tau);
  return candidates[chosen].id;
}

int32_t sampler_choose(struct sampler *sampler, struct distribution *distribution, const int32_t *recent,
                       size_t count) {
  const struct sampling *sampling = &sampler->sampling;
  struct candidate *candidates = distribution->candidates;
  penalize(sampling, distribution, recent, count);
  qsort(candidates, distribution->count, sizeof *candidates, by_logit);
  if (sampling->temperature <= 0 || sampling->top_k == 1) return candidates[0].id;
  size_t kept = distribution->count;
  if (sampling->mirostat) {
    softmax(candidates, kept, sampling->temperature);
    return mirostat(sampler, candidates, kept);
  }
  if (sampling->top_k > 0 && (size_t)sampling->top_k < kept) kept = (size_t)sampling->top_k;
  softmax(candidates, kept, 1);
  if (sampling->top_p < 1) kept = keep_top_p(candidates, kept, sampling->top_p);
  for (size_t i = 0; i < kept; i++) candidates[i].logit = logf(candidates[i].logit);
  softmax(candidates, kept, sampling->temperature);
  return candidates[draw(&sampler->random, candidates, kept)].id;
}
