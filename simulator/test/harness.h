/* The ground of the C client: opening models, capturing runs and log lines, counting checks. */
#ifndef SIM_TEST_HARNESS_H
#define SIM_TEST_HARNESS_H

#include <stdio.h>
#include <string.h>

#include "../src/abi.h"

struct capture {
  char text[65536];
  size_t length;
  int32_t ids[4096];
  int normal, waiting, finish, error, tokens;
  int embd_size, rows, vocab_size;
  float row[8192]; /* the last row of hidden states, or of logits */
  int stop_after;  /* tokens after which the callback gives `verdict`; 0 for never */
  int verdict;
  LLMHandle abort_at_stop;
  void (*on_token)(void); /* called with each token, on the library's thread */
  void *userdata;
#if ABI_1_2_1
  RKLLMPerfStat perf;
#endif
};

/* Prints a line; the process fails at its end when one did not hold. */
void check(int holds, const char *what);
int checks_failed(void);

/* Whether the library has printed this since the last call of log_forget. */
int logged(const char *text);
void log_forget(void);
void harness_start(const char *models);

const char *model_path(const char *name);
RKLLMParam params_for(const char *name);
/* Opens with these parameters; NULL when it failed. */
LLMHandle open_with(RKLLMParam *param);
LLMHandle open_model(const char *name);

RKLLMInput prompt_input(const char *prompt);
RKLLMInferParam infer_params(void);
/* Runs and captures; returns what rkllm_run returned. */
int run_with(LLMHandle handle, RKLLMInput *input, RKLLMInferParam *infer, struct capture *capture);
int run_prompt(LLMHandle handle, const char *prompt, struct capture *capture);
int run_history(LLMHandle handle, const char *prompt, struct capture *capture);
void on_result(struct capture *capture, RKLLMResult *result, LLMCallState state);

/* Sets one variable of the simulator for the models opened while it holds; NULL takes it away. */
void environment(const char *name, const char *value);

#if ABI_1_3_0
/* What the tokenizer and embed callbacks of the client were asked for. */
extern int tokenizer_calls, embed_tokens;
#endif

void check_init(void);
void check_generation(void);
void check_control(void);
void check_cache(void);
void check_inputs(void);
void check_vectors(void);
void check_threads(void);
void check_faults(void);

#endif
