#include "tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { MOST_PIECES = 1 << 22, LONGEST_PIECE = 4096 };

void ids_append(struct ids *ids, const int32_t *data, size_t count) {
  if (ids->count + count > ids->capacity) {
    ids->capacity = (ids->count + count) * 2 + 16;
    ids->data = must_resize(ids->data, ids->capacity * sizeof *ids->data);
  }
  if (count) memcpy(ids->data + ids->count, data, count * sizeof *data);
  ids->count += count;
}

void ids_add(struct ids *ids, int32_t id) { ids_append(ids, &id, 1); }

void ids_free(struct ids *ids) {
  free(ids->data);
  *ids = (struct ids){0};
}

static int32_t add_piece(struct tokenizer *tokenizer, const char *bytes, size_t length, bool control) {
  size_t id = tokenizer->piece_count++;
  if ((id & (id - 1)) == 0) {
    tokenizer->pieces = must_resize(tokenizer->pieces, (id ? id * 2 : 1) * sizeof *tokenizer->pieces);
  }
  char *copy = must_allocate(length + 1);
  if (length) memcpy(copy, bytes, length);
  bool whole = true;
  for (size_t at = 0; at < length && whole;) {
    int step = utf8_length((const unsigned char *)copy + at, length - at);
    whole = step > 0;
    at += (size_t)(step > 0 ? step : 1);
  }
  tokenizer->pieces[id] = (struct piece){copy, (uint32_t)length, control, whole};
  return (int32_t)id;
}

static struct merge *merge_slot(const struct tokenizer *tokenizer, int32_t left, int32_t right) {
  uint64_t hash = ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) * 0x9E3779B97F4A7C15u;
  size_t slot = (size_t)(hash >> 32) & (tokenizer->merge_slots - 1);
  while (tokenizer->merges[slot].merged &&
         (tokenizer->merges[slot].left != left || tokenizer->merges[slot].right != right)) {
    slot = (slot + 1) & (tokenizer->merge_slots - 1);
  }
  return &tokenizer->merges[slot];
}

static bool read_u32(const char **at, const char *end, uint32_t *out) {
  if (end - *at < 4) return false;
  const unsigned char *bytes = (const unsigned char *)*at;
  *out = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
  *at += 4;
  return true;
}

static bool load_specials(struct tokenizer *tokenizer, const char **at, const char *end) {
  uint32_t count, length;
  if (!read_u32(at, end, &count) || count > 1024) return false;
  for (uint32_t i = 0; i < count; i++) {
    if (!read_u32(at, end, &length) || length == 0 || (size_t)(end - *at) <= length) return false;
    add_piece(tokenizer, *at, length, (*at)[length] != 0);
    *at += length + 1;
  }
  tokenizer->special_count = count;
  return true;
}

static bool load_merges(struct tokenizer *tokenizer, const char **at, const char *end) {
  uint32_t count, left, right;
  if (!read_u32(at, end, &count) || count > (size_t)(end - *at) / 8) return false;
  for (tokenizer->merge_slots = 16; tokenizer->merge_slots < (size_t)count * 2;) tokenizer->merge_slots *= 2;
  tokenizer->merges = must_allocate(tokenizer->merge_slots * sizeof *tokenizer->merges);
  for (uint32_t i = 0; i < count; i++) {
    if (!read_u32(at, end, &left) || !read_u32(at, end, &right)) return false;
    if (left >= tokenizer->piece_count || right >= tokenizer->piece_count) return false;
    if (tokenizer->pieces[left].length + tokenizer->pieces[right].length > LONGEST_PIECE) return false;
    struct text joined = {0};
    text_add(&joined, tokenizer->pieces[left].bytes, tokenizer->pieces[left].length);
    text_add(&joined, tokenizer->pieces[right].bytes, tokenizer->pieces[right].length);
    int32_t merged = add_piece(tokenizer, joined.data, joined.length, false);
    text_free(&joined);
    *merge_slot(tokenizer, (int32_t)left, (int32_t)right) = (struct merge){(int32_t)left, (int32_t)right, merged};
  }
  return true;
}

bool tokenizer_load(struct tokenizer *tokenizer, const char *payload, size_t length, size_t vocab_size) {
  *tokenizer = (struct tokenizer){0};
  const char *at = payload;
  for (int byte = 0; byte < 256; byte++) add_piece(tokenizer, &(char){(char)byte}, 1, false);
  if (!load_specials(tokenizer, &at, payload + length) || !load_merges(tokenizer, &at, payload + length)) return false;
  if (vocab_size < tokenizer->piece_count || vocab_size > MOST_PIECES) return false;
  while (tokenizer->piece_count < vocab_size) add_piece(tokenizer, "", 0, false);
  tokenizer->vocab_size = vocab_size;
  return true;
}

void tokenizer_free(struct tokenizer *tokenizer) {
  for (size_t id = 0; id < tokenizer->piece_count; id++) free((char *)tokenizer->pieces[id].bytes);
  free(tokenizer->pieces);
  free(tokenizer->merges);
  *tokenizer = (struct tokenizer){0};
}

static bool is_gap(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_other(char c) { return !is_gap(c) && !is_letter(c) && !is_digit(c); }

/* The piece at the front that merges do not cross: PIECE_PATTERN of vocabulary.ts. */
static size_t word_length(const char *text, size_t length) {
  size_t start = text[0] == ' ' && length > 1 && !is_gap(text[1]) ? 1 : 0;
  char first = text[start];
  if (is_gap(first) || is_digit(first)) return start + 1;
  size_t end = start + 1;
  if (is_letter(first)) {
    while (end < length && is_letter(text[end])) end++;
  } else {
    while (end < length && is_other(text[end])) end++;
  }
  return end;
}

/* Merges the lowest pair first until none is left, as byte-pair encoders do. */
static void encode_word(const struct tokenizer *tokenizer, const char *word, size_t length, struct ids *out) {
  size_t from = out->count;
  for (size_t i = 0; i < length; i++) ids_add(out, (unsigned char)word[i]);
  for (;;) {
    int32_t best = INT32_MAX;
    for (size_t i = from; i + 1 < out->count; i++) {
      int32_t merged = merge_slot(tokenizer, out->data[i], out->data[i + 1])->merged;
      if (merged && merged < best) best = merged;
    }
    if (best == INT32_MAX) return;
    size_t to = from;
    for (size_t i = from; i < out->count; i++) {
      bool pair = i + 1 < out->count && merge_slot(tokenizer, out->data[i], out->data[i + 1])->merged == best;
      out->data[to++] = pair ? best : out->data[i];
      i += pair;
    }
    out->count = to;
  }
}

static int32_t special_at(const struct tokenizer *tokenizer, const char *text, size_t length) {
  for (size_t id = 256; text[0] == '<' && id < 256 + tokenizer->special_count; id++) {
    const struct piece *piece = &tokenizer->pieces[id];
    if (piece->length <= length && memcmp(piece->bytes, text, piece->length) == 0) return (int32_t)id;
  }
  return -1;
}

void tokenizer_encode(const struct tokenizer *tokenizer, const char *text, size_t length, struct ids *out) {
  size_t at = 0;
  while (at < length) {
    int32_t special = special_at(tokenizer, text + at, length - at);
    if (special >= 0) {
      ids_add(out, special);
      at += tokenizer->pieces[special].length;
      continue;
    }
    /* A special token ends a word even in the middle of punctuation. */
    size_t longest = word_length(text + at, length - at), word = 1;
    while (word < longest && special_at(tokenizer, text + at + word, length - at - word) < 0) word++;
    encode_word(tokenizer, text + at, word, out);
    at += word;
  }
}

int32_t tokenizer_token_for(struct tokenizer *tokenizer, const char *bytes, size_t length) {
  struct ids ids = {0};
  tokenizer_encode(tokenizer, bytes, length, &ids);
  int32_t id = ids.count == 1 ? ids.data[0] : -1;
  ids_free(&ids);
  for (size_t other = tokenizer->vocab_size; id < 0 && other < tokenizer->piece_count; other++) {
    const struct piece *piece = &tokenizer->pieces[other];
    if (piece->length == length && memcmp(piece->bytes, bytes, length) == 0) id = (int32_t)other;
  }
  return id >= 0 ? id : add_piece(tokenizer, bytes, length, false);
}

const struct piece *tokenizer_piece(const struct tokenizer *tokenizer, int32_t id) {
  return id >= 0 && (size_t)id < tokenizer->piece_count ? &tokenizer->pieces[id] : NULL;
}

void tokenizer_decode(const struct tokenizer *tokenizer, const int32_t *ids, size_t count, struct text *out) {
  for (size_t i = 0; i < count; i++) {
    const struct piece *piece = tokenizer_piece(tokenizer, ids[i]);
    if (piece) text_add(out, piece->bytes, piece->length);
  }
}

int32_t tokenizer_special(const struct tokenizer *tokenizer, const char *text) {
  int32_t id = special_at(tokenizer, text, strlen(text));
  return id >= 0 && tokenizer->pieces[id].length == strlen(text) ? id : -1;
}
