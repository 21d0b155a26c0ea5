#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

struct cursor {
  const char *at, *end;
  bool broken;
};

static const char *take_bytes(struct cursor *cursor, size_t length) {
  if (cursor->broken || (size_t)(cursor->end - cursor->at) < length) {
    cursor->broken = true;
    return "\0\0\0\0";
  }
  const char *bytes = cursor->at;
  cursor->at += length;
  return bytes;
}

static uint32_t take_u32(struct cursor *cursor) {
  const unsigned char *bytes = (const unsigned char *)take_bytes(cursor, 4);
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void take_rule(struct cursor *cursor, struct rule *rule, struct tokenizer *tokenizer) {
  rule->echo = *take_bytes(cursor, 1) != 0;
  rule->endless = *take_bytes(cursor, 1) != 0;
  uint32_t length = take_u32(cursor);
  const char *when = take_bytes(cursor, length);
  if (cursor->broken) return;
  rule->when = must_allocate((size_t)length + 1);
  memcpy(rule->when, when, length);
  rule->repeat = take_u32(cursor);
  uint32_t count = take_u32(cursor);
  for (uint32_t i = 0; i < count && !cursor->broken; i++) {
    length = take_u32(cursor);
    const char *bytes = take_bytes(cursor, length);
    if (!cursor->broken) ids_add(&rule->tokens, tokenizer_token_for(tokenizer, bytes, length));
  }
}

bool script_load(struct script *script, const char *payload, size_t length, struct tokenizer *tokenizer) {
  struct cursor cursor = {payload, payload + length, false};
  *script = (struct script){0};
  uint32_t count = take_u32(&cursor);
  if (cursor.broken || count > length) return false;
  script->rules = must_allocate(count * sizeof *script->rules);
  while (script->count < count && !cursor.broken) take_rule(&cursor, &script->rules[script->count++], tokenizer);
  return !cursor.broken;
}

void script_free(struct script *script) {
  for (size_t i = 0; i < script->count; i++) {
    free(script->rules[i].when);
    ids_free(&script->rules[i].tokens);
  }
  free(script->rules);
  *script = (struct script){0};
}

const struct rule *script_match(const struct script *script, const char *prompt) {
  for (size_t i = 0; i < script->count; i++) {
    if (strstr(prompt, script->rules[i].when)) return &script->rules[i];
  }
  return NULL;
}
