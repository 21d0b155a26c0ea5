/* The KV cache of one batch: what is reused, what has to go. */
#ifndef SIM_KV_H
#define SIM_KV_H

#include "session.h"

/* How many entries at the front of both are the same. */
size_t kv_common(const struct ids *left, const struct ids *right);
/* Removes [from, to). */
void kv_remove(struct lane *lane, size_t from, size_t to);
/* Makes room for `more` entries by dropping the middle of the conversation, behind the first `n_keep`; false, with
 * a log line, when that does not suffice. */
bool kv_shift(struct session *session, struct lane *lane, size_t more);

/* Prompt-cache files (RKLLM fact sheet, section 2.5). */
bool kv_save_prompt(const struct session *session, const struct ids *prompt, const char *path);
bool kv_load_prompt(struct session *session, const char *path);

#endif
