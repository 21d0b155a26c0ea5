/* The training text as answers to questions, indexed for n-gram look-up.
 *
 * Blocks are separated by empty lines. "Q:" lines ask, "A:" lines answer, a "T:" line is a thought about the
 * question; "Q: *" marks answers for when nothing else fits; a block without marks is its own answer. */
#ifndef SIM_CORPUS_H
#define SIM_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tokenizer.h"

/* Every answer and thought starts with one of these in the stream of tokens; no tokenizer gives them. */
enum { START_OF_ANSWER = -2, START_OF_THOUGHT = -3 };
/* Tokens of context that are compared. */
enum { LONGEST_CONTEXT = 4 };

struct question {
  size_t document;
  uint64_t *words; /* sorted hashes */
  size_t word_count;
  double norm;
};

struct corpus {
  struct ids stream;
  uint32_t *owner;  /* by position: index of the document */
  uint32_t *sorted; /* positions in the order of what follows them */
  size_t document_count;
  bool *fallbacks; /* by document: for when no question fits */
  bool *thoughts;  /* by document: a thought and not an answer */
  struct question *questions;
  size_t question_count;
  uint64_t *known_words; /* sorted, one entry per question that has the word */
  size_t known_count;
};

void corpus_load(struct corpus *corpus, const char *text, size_t length, const struct tokenizer *tokenizer,
                 int32_t eos);
void corpus_free(struct corpus *corpus);
/* Fills `relevance[document_count]` with how well each answer (or thought) fits the question; 0 for the other kind. */
void corpus_relevance(const struct corpus *corpus, const char *question, size_t length, bool thought, float *relevance);
/* Positions in `sorted` whose stream begins with the context: [*low, *high). */
void corpus_find(const struct corpus *corpus, const int32_t *context, size_t length, size_t *low, size_t *high);

#endif
