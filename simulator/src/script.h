/* Scripted answers in a model file (written by script.ts). */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tokenizer.h"

struct rule {
  char *when;
  bool echo;
  bool endless; /* starts over until a limit ends the run */
  uint32_t repeat;
  struct ids tokens;
};

struct script {
  struct rule *rules;
  size_t count;
};

bool script_load(struct script *script, const char *payload, size_t length, struct tokenizer *tokenizer);
void script_free(struct script *script);
/* The first rule whose `when` stands in the prompt, or NULL. */
const struct rule *script_match(const struct script *script, const char *prompt);

#endif
