/* The exported functions: each notes the call, finds the session, and hands over. */
#include <stdio.h>

#include "abi-check.h"
#include "calls.h"
#include "control.h"
#include "init.h"
#include "log.h"
#include "start.h"

RKLLMParam rkllm_createDefaultParam(void) {
  struct call call;
  call_begin(&call, "rkllm_createDefaultParam", NULL);
  RKLLMParam param = init_default_param();
  call_param(&call, &param);
  call_end(&call, 0);
  return param;
}

int rkllm_init(LLMHandle *handle, RKLLMParam *param, rkllm_callback_argument callback) {
  struct call call;
  call_begin(&call, "rkllm_init", NULL);
  call_param(&call, param);
  call_started(&call);
  int result = init_session(handle, param, callback);
  char created[32] = "";
  if (handle && *handle) snprintf(created, sizeof created, "%p", *handle);
  call_string(&call, "created", created);
  return call_end(&call, result);
}

/* The session of a handle for the length of one call; -1 is what a handle that is none gives. */
#define WITH_SESSION(call, handle, expression)      \
  do {                                              \
    struct session *session = session_hold(handle); \
    int result = -1;                                \
    if (session) {                                  \
      result = (expression);                        \
      session_release(session);                     \
    } else {                                        \
      log_line('E', "the handle is not valid");     \
    }                                               \
    return call_end(&(call), result);               \
  } while (0)

int rkllm_run(LLMHandle handle, RKLLMInput *input, RKLLMInferParam *infer, void *userdata) {
  struct call call;
  call_begin(&call, "rkllm_run", handle);
  call_infer(&call, infer);
  call_pointer(&call, "userdata", userdata);
  struct session *known = call.enabled ? session_hold(handle) : NULL;
  if (known) {
    call_inputs(&call, input, known->batch_count);
    session_release(known);
  }
  call_started(&call);
  WITH_SESSION(call, handle, start_run(session, input, infer, userdata));
}

int rkllm_run_async(LLMHandle handle, RKLLMInput *input, RKLLMInferParam *infer, void *userdata) {
  struct call call;
  call_begin(&call, "rkllm_run_async", handle);
  call_infer(&call, infer);
  call_pointer(&call, "userdata", userdata);
  struct session *known = call.enabled ? session_hold(handle) : NULL;
  if (known) {
    call_inputs(&call, input, known->batch_count);
    session_release(known);
  }
  call_started(&call);
  WITH_SESSION(call, handle, start_run_async(session, input, infer, userdata));
}

int rkllm_abort(LLMHandle handle) {
  struct call call;
  call_begin(&call, "rkllm_abort", handle);
  WITH_SESSION(call, handle, control_abort(session));
}

int rkllm_is_running(LLMHandle handle) {
  struct call call;
  call_begin(&call, "rkllm_is_running", handle);
  WITH_SESSION(call, handle, control_is_running(session));
}

int rkllm_destroy(LLMHandle handle) {
  struct call call;
  call_begin(&call, "rkllm_destroy", handle);
  return call_end(&call, control_destroy(handle));
}

int rkllm_load_lora(LLMHandle handle, RKLLMLoraAdapter *adapter) {
  struct call call;
  call_begin(&call, "rkllm_load_lora", handle);
  call_string(&call, "lora_adapter_path", adapter ? adapter->lora_adapter_path : NULL);
  call_string(&call, "lora_adapter_name", adapter ? adapter->lora_adapter_name : NULL);
  call_number(&call, "scale", adapter ? (double)adapter->scale : 0);
  WITH_SESSION(call, handle, control_load_lora(session, adapter));
}

int rkllm_load_prompt_cache(LLMHandle handle, const char *path) {
  struct call call;
  call_begin(&call, "rkllm_load_prompt_cache", handle);
  call_string(&call, "prompt_cache_path", path);
  WITH_SESSION(call, handle, control_load_prompt_cache(session, path));
}

int rkllm_release_prompt_cache(LLMHandle handle) {
  struct call call;
  call_begin(&call, "rkllm_release_prompt_cache", handle);
  WITH_SESSION(call, handle, control_release_prompt_cache(session));
}

#if ABI_1_2_1
static void note_positions(struct call *call, LLMHandle handle, const char *name, const int *positions) {
  if (!call->enabled) return;
  struct session *session = session_hold(handle);
  text_format(&call->json, ",\"%s\":", name); /* never first */
  text_add_string(&call->json, positions && session ? "[" : "null");
  for (int i = 0; positions && session && i < session->batch_count; i++) {
    text_format(&call->json, i ? ",%d" : "%d", positions[i]);
  }
  if (positions && session) text_add_string(&call->json, "]");
  if (session) session_release(session);
}

int rkllm_clear_kv_cache(LLMHandle handle, int keep_system_prompt, int *start_pos, int *end_pos) {
  struct call call;
  call_begin(&call, "rkllm_clear_kv_cache", handle);
  call_number(&call, "keep_system_prompt", keep_system_prompt);
  note_positions(&call, handle, "start_pos", start_pos);
  note_positions(&call, handle, "end_pos", end_pos);
  WITH_SESSION(call, handle, control_clear_kv(session, keep_system_prompt, start_pos, end_pos));
}

int rkllm_get_kv_cache_size(LLMHandle handle, int *cache_sizes) {
  struct call call;
  call_begin(&call, "rkllm_get_kv_cache_size", handle);
  WITH_SESSION(call, handle, control_kv_size(session, cache_sizes));
}

int rkllm_set_function_tools(LLMHandle handle, const char *system_prompt, const char *tools,
                             const char *tool_response_str) {
  struct call call;
  call_begin(&call, "rkllm_set_function_tools", handle);
  call_string(&call, "system_prompt", system_prompt);
  call_string(&call, "tools", tools);
  call_string(&call, "tool_response_str", tool_response_str);
  WITH_SESSION(call, handle, control_set_tools(session, system_prompt, tools, tool_response_str));
}

int rkllm_set_cross_attn_params(LLMHandle handle, RKLLMCrossAttnParam *params) {
  struct call call;
  call_begin(&call, "rkllm_set_cross_attn_params", handle);
  call_number(&call, "num_tokens", params ? params->num_tokens : 0);
  WITH_SESSION(call, handle, control_set_cross_attention(session, params));
}
#elif ABI_1_2_0
int rkllm_clear_kv_cache(LLMHandle handle, int keep_system_prompt) {
  struct call call;
  call_begin(&call, "rkllm_clear_kv_cache", handle);
  call_number(&call, "keep_system_prompt", keep_system_prompt);
  WITH_SESSION(call, handle, control_clear_kv(session, keep_system_prompt, NULL, NULL));
}
#endif

#if ABI_1_2_0
int rkllm_set_chat_template(LLMHandle handle, const char *system_prompt, const char *prompt_prefix,
                            const char *prompt_postfix) {
  struct call call;
  call_begin(&call, "rkllm_set_chat_template", handle);
  call_string(&call, "system_prompt", system_prompt);
  call_string(&call, "prompt_prefix", prompt_prefix);
  call_string(&call, "prompt_postfix", prompt_postfix);
  WITH_SESSION(call, handle, control_set_template(session, system_prompt, prompt_prefix, prompt_postfix));
}
#endif
