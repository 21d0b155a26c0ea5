#include "domain.h"

#include <pthread.h>

#include "log.h"

enum { DOMAIN_COUNT = 16 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int models[DOMAIN_COUNT];

int domain_take(int first, uint64_t bytes, bool enforce) {
  const uint64_t domain_size = (uint64_t)4 << 30;
  uint64_t filled = bytes / domain_size + 1;
  int count = filled > DOMAIN_COUNT ? DOMAIN_COUNT + 1 : (int)filled;
  pthread_mutex_lock(&lock);
  bool fits = first >= 0 && first + count <= DOMAIN_COUNT;
  for (int i = first; fits && i < first + count; i++) fits = models[i] == 0;
  if (fits || !enforce) {
    for (int i = first; i < first + count; i++) {
      if (i >= 0 && i < DOMAIN_COUNT) models[i]++;
    }
  }
  pthread_mutex_unlock(&lock);
  if (enforce && !fits) return 0;
  if (log_level() >= 1) log_line('I', "simulator: domains %d to %d hold this model", first, first + count - 1);
  return count;
}

void domain_give_back(int first, int count) {
  pthread_mutex_lock(&lock);
  for (int i = first; i < first + count; i++) {
    if (i >= 0 && i < DOMAIN_COUNT) models[i]--;
  }
  pthread_mutex_unlock(&lock);
}
