#include "start.h"

#include <stdlib.h>

#include "log.h"
#include "run.h"

/* The oldest version of these symbols, so that a library built on a new system loads on Debian 11, too. */
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__x86_64__)
__asm__(".symver pthread_create, pthread_create@GLIBC_2.2.5");
__asm__(".symver pthread_join, pthread_join@GLIBC_2.2.5");
#elif defined(__aarch64__)
__asm__(".symver pthread_create, pthread_create@GLIBC_2.17");
__asm__(".symver pthread_join, pthread_join@GLIBC_2.17");
#endif
#endif

struct job {
  struct session *session;
  const RKLLMInput *inputs;
  const RKLLMInferParam *infer;
  void *userdata;
  int result;
};

/* From 1.3.0 on the userdata of rkllm_init stands in where the run has none. */
static void *userdata_of(const struct session *session, void *userdata) {
  return userdata ? userdata : session->callback_userdata;
}

static void *run_job(void *argument) {
  struct job *job = argument;
  pthread_mutex_lock(&job->session->lock);
  job->session->runner = pthread_self();
  job->session->has_runner = true;
  pthread_mutex_unlock(&job->session->lock);
  job->result = run_execute(job->session, job->inputs, job->infer, userdata_of(job->session, job->userdata));
  return NULL;
}

int start_run(struct session *session, const RKLLMInput *inputs, const RKLLMInferParam *infer, void *userdata) {
  if (!session_begin_run(session)) return -1;
  struct job job = {session, inputs, infer, userdata, -1};
  pthread_t thread;
  if (!session->options.callbacks_on_own_thread) {
    run_job(&job);
  } else if (pthread_create(&thread, NULL, run_job, &job) == 0) {
    pthread_join(thread, NULL);
  } else {
    log_line('E', "no thread for the run");
  }
  session_end_run(session);
  return job.result;
}

/* The session is held until the end of the run, so that rkllm_destroy waits for it. */
static void *run_in_background(void *argument) {
  struct job *job = argument;
  struct session *session = job->session;
  if (!session->options.faults.async_no_callbacks) run_job(job);
  free(job);
  session_end_run(session);
  session_release(session);
  return NULL;
}

int start_run_async(struct session *session, const RKLLMInput *inputs, const RKLLMInferParam *infer, void *userdata) {
  if (!session_begin_run(session)) return -1;
  if (session->has_thread) pthread_join(session->thread, NULL);
  struct job *job = must_allocate(sizeof *job);
  *job = (struct job){session, inputs, infer, userdata, -1};
  session_hold(session);
  session->has_thread = pthread_create(&session->thread, NULL, run_in_background, job) == 0;
  if (session->has_thread) return 0;
  log_line('E', "no thread for the run");
  session_release(session);
  free(job);
  session_end_run(session);
  return -1;
}
