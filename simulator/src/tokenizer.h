/* Text to token ids and back: bytes, special tokens and byte-pair merges carried in the model file. */
#ifndef SIM_TOKENIZER_H
#define SIM_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

struct ids {
  int32_t *data;
  size_t count, capacity;
};

void ids_add(struct ids *ids, int32_t id);
void ids_append(struct ids *ids, const int32_t *data, size_t count);
void ids_free(struct ids *ids);

struct piece {
  const char *bytes;
  uint32_t length;
  bool control; /* never shown when special tokens are skipped */
  bool whole;   /* consists of complete UTF-8 characters */
};

struct tokenizer {
  struct piece *pieces;
  size_t piece_count, special_count;
  /* Size of the model's vocabulary; ids from here on are tokens that exist in a script only. */
  size_t vocab_size;
  struct merge {
    int32_t left, right, merged;
  } * merges; /* open-addressed, `merge_slots` a power of two */
  size_t merge_slots;
};

bool tokenizer_load(struct tokenizer *tokenizer, const char *payload, size_t length, size_t vocab_size);
void tokenizer_free(struct tokenizer *tokenizer);

void tokenizer_encode(const struct tokenizer *tokenizer, const char *text, size_t length, struct ids *out);
/* The token with exactly these bytes; one is added above the vocabulary when there is none. */
int32_t tokenizer_token_for(struct tokenizer *tokenizer, const char *bytes, size_t length);
/* NULL for ids that mean nothing (negative ones: embedded rows; unknown ones). */
const struct piece *tokenizer_piece(const struct tokenizer *tokenizer, int32_t id);
void tokenizer_decode(const struct tokenizer *tokenizer, const int32_t *ids, size_t count, struct text *out);
/* The id of a special token by its text, or -1. */
int32_t tokenizer_special(const struct tokenizer *tokenizer, const char *text);

#endif
