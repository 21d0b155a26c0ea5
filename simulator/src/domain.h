/* IOMMU domains of 4 GiB, 16 of them, counted within this process (RKLLM fact sheet, section 2.8). */
#ifndef SIM_DOMAIN_H
#define SIM_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

/* Books a model of `bytes` from `first` on and returns how many domains it fills. With `enforce`, returns 0 and
 * books nothing when one of them is taken or does not exist. */
int domain_take(int first, uint64_t bytes, bool enforce);
void domain_give_back(int first, int count);

#endif
