/* What rkllm_init refuses, with the reason in the log. */
#ifndef SIM_CHECKS_H
#define SIM_CHECKS_H

#include "session.h"

bool checks_device(const struct options *options);
bool checks_model(const struct session *session);
bool checks_param(const struct session *session, const RKLLMParam *param);

#endif
