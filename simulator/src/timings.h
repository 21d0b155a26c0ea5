/* Time and memory of a run: RKLLMPerfStat and the table of log level 1. */
#ifndef SIM_TIMINGS_H
#define SIM_TIMINGS_H

#include "decode.h"

#if ABI_1_2_1
RKLLMPerfStat timings_perf(const struct decode *decode);
#endif
void timings_log(const struct decode *decode);

#endif
