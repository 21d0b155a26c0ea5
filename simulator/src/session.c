#include "session.h"

#include <stdlib.h>

#include "domain.h"
#include "generation.h"
#include "log.h"

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t registry_changed = PTHREAD_COND_INITIALIZER;
static struct session *registry;

void session_register(struct session *session) {
  pthread_mutex_lock(&registry_lock);
  session->next = registry;
  registry = session;
  pthread_mutex_unlock(&registry_lock);
}

struct session *session_hold(LLMHandle handle) {
  pthread_mutex_lock(&registry_lock);
  struct session *session = registry;
  while (session && session != handle) session = session->next;
  if (session) session->uses++;
  pthread_mutex_unlock(&registry_lock);
  return session;
}

void session_release(struct session *session) {
  pthread_mutex_lock(&registry_lock);
  session->uses--;
  pthread_cond_broadcast(&registry_changed);
  pthread_mutex_unlock(&registry_lock);
}

int session_count(void) {
  int count = 0;
  pthread_mutex_lock(&registry_lock);
  for (struct session *session = registry; session; session = session->next) count++;
  pthread_mutex_unlock(&registry_lock);
  return count;
}

bool session_withdraw(LLMHandle handle) {
  pthread_mutex_lock(&registry_lock);
  struct session **link = &registry;
  while (*link && *link != handle) link = &(*link)->next;
  struct session *session = *link;
  if (session) {
    *link = session->next;
    while (session->uses > 0) pthread_cond_wait(&registry_changed, &registry_lock);
  }
  pthread_mutex_unlock(&registry_lock);
  return session != NULL;
}

bool session_begin_run(struct session *session) {
  pthread_mutex_lock(&session->lock);
  bool free_to_run = !session->running && !session->destroying;
  if (free_to_run) {
    session->running = true;
    if (session->options.idle_abort != IDLE_ABORT_STICKY) atomic_store(&session->abort_requested, false);
  }
  pthread_mutex_unlock(&session->lock);
  if (!free_to_run) log_line('E', "a task is already running on this handle");
  return free_to_run;
}

void session_end_run(struct session *session) {
  pthread_mutex_lock(&session->lock);
  session->running = session->has_runner = false;
  atomic_store(&session->abort_requested, false);
  pthread_cond_broadcast(&session->idle);
  pthread_mutex_unlock(&session->lock);
}

bool session_idle(struct session *session, const char *what) {
  pthread_mutex_lock(&session->lock);
  bool running = session->running;
  pthread_mutex_unlock(&session->lock);
  if (running) log_line('E', "%s is not possible while a task is running", what);
  return !running;
}

void session_clear_kv(struct session *session) {
  for (int i = 0; i < session->batch_count; i++) {
    session->lanes[i].kv.count = 0;
    session->lanes[i].system_length = 0;
    session->lanes[i].history = false;
  }
}

void session_free(struct session *session) {
  generation_free(session->paused);
  for (int i = 0; i < MOST_BATCHES; i++) ids_free(&session->lanes[i].kv);
  for (size_t i = 0; i < session->adapter_count; i++) free(session->adapters[i].name);
  free(session->adapters);
  free(session->path);
  free(session->system);
  free(session->prefix);
  free(session->postfix);
  free(session->tools_system);
  free(session->tools);
  free(session->tool_response);
#if !ABI_1_3_0
  free(session->image_start);
  free(session->image_end);
#endif
  ids_free(&session->loaded_prompt);
  domain_give_back(session->domain, session->domain_count);
  model_close(&session->model);
  pthread_mutex_destroy(&session->lock);
  pthread_cond_destroy(&session->idle);
  free(session);
}
