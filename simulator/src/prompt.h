/* From RKLLMInput to the entries of the KV cache: templates, tokens, embedded rows, images. */
#ifndef SIM_PROMPT_H
#define SIM_PROMPT_H

#include "generation.h"

/* False, with a log line, when the input cannot be run. `first_turn`: the system prompt goes in front. */
bool prompt_prepare(struct session *session, const RKLLMInput *input, bool first_turn, struct prompt *out);

#endif
