/* The next token by interpolated n-gram statistics over the corpus. */
#ifndef SIM_NGRAM_H
#define SIM_NGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "corpus.h"

struct candidate {
  int32_t id;
  float logit;
};

/* Reused between tokens, so that generation allocates nothing. */
struct distribution {
  struct candidate *candidates;
  size_t count, capacity;
  float *mass; /* by id */
  size_t vocabulary;
};

void distribution_init(struct distribution *distribution, size_t vocabulary);
void distribution_free(struct distribution *distribution);

/* Fills the candidates (never none) with log probabilities after `context`, the newest token last. Documents
 * count by their relevance. */
void ngram_predict(const struct corpus *corpus, const int32_t *context, size_t length, const float *relevance,
                   int32_t eos, struct distribution *out);

#endif
