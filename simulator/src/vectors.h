/* Hidden states and logits for the tokens of a prompt. */
#ifndef SIM_VECTORS_H
#define SIM_VECTORS_H

#include "generation.h"

/* Rows [from, ids->count) of width embedding_size; the caller frees them. NULL for no rows. A row depends on all
 * tokens up to its own, and texts that share words and parts of words have rows that point the same way. */
float *vectors_hidden(const struct model *model, const struct ids *ids, size_t from);
/* The same with rows of vocab_size. */
float *vectors_logits(const struct model *model, const struct prompt *prompt, const struct ids *ids, size_t from,
                      struct distribution *distribution);

#endif
