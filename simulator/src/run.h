/* One run from its input to its FINISH. */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "session.h"

/* Runs on the calling thread, which must have begun the run; returns what rkllm_run returns. */
int run_execute(struct session *session, const RKLLMInput *inputs, const RKLLMInferParam *infer, void *userdata);

#endif
