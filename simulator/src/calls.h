/* RKLLM_SIM_CALLS: one JSON line for every call that the library receives, with all values as received. */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include "session.h"

struct call {
  bool enabled;
  double started_ms;
  struct text json;
};

void call_begin(struct call *call, const char *function, LLMHandle handle);
void call_number(struct call *call, const char *name, double value);
void call_pointer(struct call *call, const char *name, const void *value);
void call_string(struct call *call, const char *name, const char *value);
void call_param(struct call *call, const RKLLMParam *param);
/* `count`: inputs in the array. */
void call_inputs(struct call *call, const RKLLMInput *inputs, int count);
void call_infer(struct call *call, const RKLLMInferParam *infer);
/* With RKLLM_SIM_CALLS_BEGIN=1 writes a line now, too: a call that never returns is seen by it. */
void call_started(const struct call *call);
/* Writes the line with the return value, and returns it. */
int call_end(struct call *call, int result);

void calls_log_callback(const struct session *session, const RKLLMResult *results, const void *userdata,
                        LLMCallState state, int verdict);

#endif
