/* What one run generates, batch by batch: the source of its tokens and where it stands. */
#ifndef SIM_GENERATION_H
#define SIM_GENERATION_H

#include "session.h"

/* The input of one batch, ready for the KV cache. */
struct prompt {
  struct ids ids;
  size_t system_length;
  struct text rendered; /* the text that the ids stand for */
  struct text user;     /* the user's last message in it */
  bool embedded;        /* has rows that are no tokens */
  bool thinking;        /* the runtime's template lets the model think */
};

enum phase { PHASE_ANSWER, PHASE_THOUGHT };

struct stream {
  const struct rule *rule; /* NULL: the n-gram model speaks */
  struct ids echo;
  const struct ids *tokens; /* of the rule or the echo */
  size_t at;
  uint32_t round;
  float *relevance;
  enum phase phase;
  int32_t context[LONGEST_CONTEXT];
  size_t context_length;
  int32_t forced[8]; /* tokens that come next whatever the statistics say */
  int forced_count, forced_at;
  struct sampler sampler;
  int32_t recent[64]; /* ring of the last tokens, for the penalties */
  size_t recent_count;
  int32_t pending; /* generated but not yet in the KV cache; -1 for none */
  bool ended;
  char held[8]; /* bytes of a character that is not complete yet */
  size_t held_length;
};

struct generation {
  struct prompt prompts[MOST_BATCHES];
  struct stream streams[MOST_BATCHES];
  int batch_count;
  struct distribution distribution;
  bool garbage; /* choose at random (two models in one process before 1.2.2) */
};

struct generation *generation_new(const struct session *session);
void generation_free(struct generation *generation);
/* Decides where the tokens of batch `index` come from, after its prompt is known. */
void generation_start(const struct session *session, struct generation *generation, int index,
                      const struct sampling *sampling);
/* The next token of batch `index`: an id, end-of-sequence included. */
int32_t generation_next(const struct session *session, struct generation *generation, int index);

#endif
