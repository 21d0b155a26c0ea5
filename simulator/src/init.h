/* rkllm_init: refusals and messages (RKLLM fact sheet, sections 2.1 and 2.10). */
#ifndef SIM_INIT_H
#define SIM_INIT_H

#include "session.h"

RKLLMParam init_default_param(void);
int init_session(LLMHandle *handle, const RKLLMParam *param, rkllm_callback_argument callback);

#endif
