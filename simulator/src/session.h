/* One handle: a loaded model with its settings, its KV cache and the state of its run. */
#ifndef SIM_SESSION_H
#define SIM_SESSION_H

#include <pthread.h>
#include <stdatomic.h>

#include "abi.h"
#include "model.h"
#include "options.h"
#include "sampler.h"
#include "text.h"

enum { MOST_BATCHES = 64 };

struct adapter {
  char *name;
  float scale;
};

/* The KV cache of one batch. Entries of embedded rows are negative hashes of the row. */
struct lane {
  struct ids kv;
  size_t system_length; /* entries at the front that the runtime knows to be the system prompt */
  bool history;         /* the content is a conversation that the next turn continues */
};

struct generation;

struct session {
  struct session *next; /* in the registry */
  int uses;             /* calls that hold this session, under the registry's lock */
  int domain;           /* first IOMMU domain, and how many the model fills */
  int domain_count;
  bool broken; /* rkllm_init returned 0 although loading failed */

  struct options options;
  struct model model;
  char *path;
  int max_context, max_new_tokens, n_keep, batch_count;
  struct sampling sampling;
  bool skip_special, ignore_eos, cross_attention;
  double init_ms;
  LLMResultCallback callback;
  void *callback_userdata;
#if ABI_1_3_0
  RKLLMCallback callbacks;
#else
  char *image_start, *image_end;
#endif

  /* Changed only between runs. */
  bool custom_template;
  char *system, *prefix, *postfix; /* of rkllm_set_chat_template */
  char *tools_system, *tools, *tool_response;
  struct adapter *adapters;
  size_t adapter_count;
  struct lane lanes[MOST_BATCHES];
  struct ids loaded_prompt; /* of rkllm_load_prompt_cache */
  uint64_t run_count;
  struct generation *paused; /* of a run that a callback paused */

  /* Under `lock`. */
  pthread_mutex_t lock;
  pthread_cond_t idle;
  bool running, destroying;
  bool has_runner;
  pthread_t runner; /* the thread that generates */
  bool has_thread;
  pthread_t thread; /* of rkllm_run_async */

  atomic_bool abort_requested;
};

/* Registry: handles are looked up, so that a stale one gives -1 and not a crash. */
void session_register(struct session *session);
struct session *session_hold(LLMHandle handle);
void session_release(struct session *session);
int session_count(void);
/* Takes the handle out of the registry and waits until no other call holds it; false when it is not there. */
bool session_withdraw(LLMHandle handle);

/* False, with a log line naming `what`, when a run is in flight. */
bool session_begin_run(struct session *session);
void session_end_run(struct session *session);
bool session_idle(struct session *session, const char *what);

void session_clear_kv(struct session *session);
void session_free(struct session *session);

#endif
