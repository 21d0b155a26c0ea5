/* Chooses the next token from candidates, with the sampling parameters of RKLLMParam. */
#ifndef SIM_SAMPLER_H
#define SIM_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "ngram.h"

struct sampling {
  int32_t top_k;
  float top_p, temperature, repeat_penalty, frequency_penalty, presence_penalty;
  int32_t mirostat;
  float mirostat_tau, mirostat_eta;
};

struct random {
  uint64_t state;
};

struct sampler {
  struct sampling sampling;
  struct random random;
  float surprise_limit; /* of mirostat */
};

void sampler_init(struct sampler *sampler, const struct sampling *sampling, uint64_t seed);
/* `recent` are the tokens that penalties look at. Reorders the candidates. */
int32_t sampler_choose(struct sampler *sampler, struct distribution *distribution, const int32_t *recent, size_t count);
double random_unit(struct random *random);

#endif
