/* The decode loop of a run, and how a run ends. */
#ifndef SIM_DECODE_H
#define SIM_DECODE_H

#include "delivery.h"
#include "generation.h"

struct decode {
  struct session *session;
  struct generation *generation;
  struct delivery delivery;
  bool history, resumed;
  int max_new_tokens; /* below 1: no limit */
  double started_ms, prefill_ms, generate_ms;
  int prefill_tokens, generate_tokens;
};

/* Generates until the end, an abort, a pause or an error; returns what rkllm_run returns. */
int decode_run(struct decode *decode);
/* Delivers FINISH; 0. */
int decode_finish(struct decode *decode);
/* Delivers ERROR; -1. */
int decode_error(struct decode *decode);

#endif
