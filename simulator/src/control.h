/* Everything that is done to a session besides running it. All return 0, or -1 with a log line. */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "session.h"

int control_abort(struct session *session);
int control_is_running(struct session *session);
int control_destroy(LLMHandle handle);
int control_load_lora(struct session *session, const RKLLMLoraAdapter *adapter);
int control_load_prompt_cache(struct session *session, const char *path);
int control_release_prompt_cache(struct session *session);
/* Arrays of one position per batch, or both NULL for everything. */
int control_clear_kv(struct session *session, int keep_system_prompt, const int *start, const int *end);
int control_kv_size(struct session *session, int *sizes);
int control_set_template(struct session *session, const char *system, const char *prefix, const char *postfix);
int control_set_tools(struct session *session, const char *system, const char *tools, const char *tool_response);
#if ABI_1_2_1
int control_set_cross_attention(struct session *session, const RKLLMCrossAttnParam *params);
#endif

#endif
