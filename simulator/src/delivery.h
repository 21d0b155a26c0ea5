/* Hands results to the caller's callback, and makes them worthless as soon as it has returned. */
#ifndef SIM_DELIVERY_H
#define SIM_DELIVERY_H

#include "session.h"

enum verdict { VERDICT_CONTINUE = 0, VERDICT_PAUSE = 1, VERDICT_RELEASE = 2 };

struct delivery {
  struct session *session;
  void *userdata;
  RKLLMResult *results; /* one per batch */
  char *texts[MOST_BATCHES];
  size_t capacities[MOST_BATCHES];
  float *rows[MOST_BATCHES]; /* of hidden states or logits */
};

void delivery_start(struct delivery *delivery, struct session *session, void *userdata);
void delivery_end(struct delivery *delivery);
/* Sets the text of one batch's next result; it is copied. */
void delivery_text(struct delivery *delivery, int batch, const char *bytes, size_t length);
/* Calls back with what was set, then clears it. */
enum verdict delivery_call(struct delivery *delivery, LLMCallState state);

#endif
