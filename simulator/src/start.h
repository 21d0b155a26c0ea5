/* Starts runs: on the caller's thread, on one of the library's, or in the background. */
#ifndef SIM_START_H
#define SIM_START_H

#include "session.h"

int start_run(struct session *session, const RKLLMInput *inputs, const RKLLMInferParam *infer, void *userdata);
int start_run_async(struct session *session, const RKLLMInput *inputs, const RKLLMInferParam *infer, void *userdata);

#endif
