#include "control.h"

#include <stdlib.h>
#include <string.h>

#include "generation.h"
#include "kv.h"
#include "log.h"

static void end_pause(struct session *session) {
  generation_free(session->paused);
  session->paused = NULL;
}

int control_abort(struct session *session) {
  const struct options *options = &session->options;
  pthread_mutex_lock(&session->lock);
  bool running = session->running;
  if (!running && session->paused) {
    end_pause(session);
    pthread_mutex_unlock(&session->lock);
    return 0;
  }
  if (!options->faults.abort_ignored && (running || options->idle_abort == IDLE_ABORT_STICKY)) {
    atomic_store(&session->abort_requested, true);
  }
  pthread_mutex_unlock(&session->lock);
  if (running || options->idle_abort != IDLE_ABORT_ERROR) return 0;
  log_line('E', "rkllm_abort: no task is running");
  return -1;
}

int control_is_running(struct session *session) {
  pthread_mutex_lock(&session->lock);
  bool running = session->running;
  pthread_mutex_unlock(&session->lock);
  return session->options.running_is_zero ? !running : running;
}

int control_destroy(LLMHandle handle) {
  struct session *session = session_hold(handle);
  if (!session) {
    log_line('E', "the handle is not valid");
    return -1;
  }
  pthread_mutex_lock(&session->lock);
  bool inside = session->has_runner && pthread_equal(session->runner, pthread_self());
  if (!inside) {
    session->destroying = true;
    atomic_store(&session->abort_requested, true);
    while (session->running) pthread_cond_wait(&session->idle, &session->lock);
  }
  pthread_mutex_unlock(&session->lock);
  session_release(session);
  if (inside) {
    log_line('E', "rkllm_destroy is not possible inside of a callback");
    return -1;
  }
  if (!session_withdraw(handle)) return -1;
  if (session->has_thread) pthread_join(session->thread, NULL);
  session_free(session);
  return 0;
}

int control_load_lora(struct session *session, const RKLLMLoraAdapter *adapter) {
  if (!adapter || !adapter->lora_adapter_name || !adapter->lora_adapter_path) {
    log_line('E', "rkllm_load_lora: the adapter needs a path and a name");
    return -1;
  }
  if (!session_idle(session, "rkllm_load_lora")) return -1;
  for (size_t i = 0; i < session->adapter_count; i++) {
    if (strcmp(session->adapters[i].name, adapter->lora_adapter_name) != 0) continue;
    log_line('E', "Lora adapter '%s' is already initialized!", adapter->lora_adapter_name);
    return -1;
  }
  struct model file;
  enum container_status status = model_open(&file, adapter->lora_adapter_path);
  if (status == CONTAINER_MISSING) {
    log_line('E', "Lora adapter path does not exist!");
    return -1;
  }
  bool fits = status == CONTAINER_GOOD && file.adapter && strcmp(file.architecture, session->model.architecture) == 0;
  if (status == CONTAINER_GOOD) model_close(&file);
  if (!fits) {
    log_line('E', "'%s' is no Lora adapter for this model", adapter->lora_adapter_path);
    return -1;
  }
  session->adapters = must_resize(session->adapters, (session->adapter_count + 1) * sizeof *session->adapters);
  session->adapters[session->adapter_count++] = (struct adapter){must_copy(adapter->lora_adapter_name), adapter->scale};
  return 0;
}

int control_load_prompt_cache(struct session *session, const char *path) {
  if (!path) {
    log_line('E', "rkllm_load_prompt_cache: the path is NULL");
    return -1;
  }
  if (!session_idle(session, "rkllm_load_prompt_cache")) return -1;
  if (strncmp(session->model.architecture, "rwkv", 4) == 0) {
    log_line('W', "prompt cache is not supported by %s", session->model.architecture);
    return -1;
  }
  return kv_load_prompt(session, path) ? 0 : -1;
}

int control_release_prompt_cache(struct session *session) {
  if (!session_idle(session, "rkllm_release_prompt_cache")) return -1;
  session->loaded_prompt.count = 0;
  return 0;
}

int control_clear_kv(struct session *session, int keep_system_prompt, const int *start, const int *end) {
  if (!session_idle(session, "rkllm_clear_kv_cache")) return -1;
  if (!start != !end) {
    log_line('E', "start_pos and end_pos must both be set, or both be NULL");
    return -1;
  }
  if (!start) {
    end_pause(session);
    for (int i = 0; i < session->batch_count; i++) {
      struct lane *lane = &session->lanes[i];
      if (keep_system_prompt) {
        kv_remove(lane, lane->system_length, lane->kv.count);
        lane->history = lane->history && lane->kv.count > 0;
      } else {
        kv_remove(lane, 0, lane->kv.count);
        lane->history = false;
      }
    }
    return 0;
  }
  if (!session->paused) {
    log_line('E', "ranges of the kv cache can only be deleted while a run is paused");
    return -1;
  }
  for (int i = 0; i < session->batch_count; i++) {
    size_t count = session->lanes[i].kv.count;
    if (start[i] >= 0 && start[i] <= end[i] && (size_t)end[i] <= count) continue;
    log_line('E', "[%d, %d) is no range of a kv cache of %zu", start[i], end[i], count);
    return -1;
  }
  for (int i = 0; i < session->batch_count; i++) kv_remove(&session->lanes[i], (size_t)start[i], (size_t)end[i]);
  return 0;
}

int control_kv_size(struct session *session, int *sizes) {
  if (!sizes || !session_idle(session, "rkllm_get_kv_cache_size")) return -1;
  for (int i = 0; i < session->batch_count; i++) sizes[i] = (int)session->lanes[i].kv.count;
  return 0;
}

static void replace(char **field, const char *value) {
  free(*field);
  *field = must_copy(value ? value : "");
}

int control_set_template(struct session *session, const char *system, const char *prefix, const char *postfix) {
  if (!session_idle(session, "rkllm_set_chat_template")) return -1;
  log_line('W',
           "Calling rkllm_set_chat_template will disable the internal automatic chat template parsing, "
           "including enable_thinking. Make sure your custom prompt is complete and valid.");
  session->custom_template = true;
  replace(&session->system, system);
  replace(&session->prefix, prefix);
  replace(&session->postfix, postfix);
  end_pause(session);
  session_clear_kv(session);
  log_line('I', "All kv caches have been deleted!");
  return 0;
}

int control_set_tools(struct session *session, const char *system, const char *tools, const char *tool_response) {
  if (!session_idle(session, "rkllm_set_function_tools")) return -1;
  if (!tools) {
    log_line('E', "rkllm_set_function_tools: tools is NULL");
    return -1;
  }
  replace(&session->tools_system, system);
  replace(&session->tools, tools);
  replace(&session->tool_response, tool_response && *tool_response ? tool_response : "tool_response");
  return 0;
}

#if ABI_1_2_1
int control_set_cross_attention(struct session *session, const RKLLMCrossAttnParam *params) {
  if (!session_idle(session, "rkllm_set_cross_attn_params")) return -1;
  if (!session->cross_attention) {
    log_line('E', "use_cross_attn was not enabled in rkllm_init");
    return -1;
  }
  if (!params || !params->encoder_k_cache || !params->encoder_v_cache || params->num_tokens < 1) {
    log_line('E', "the encoder caches of the cross attention are not set");
    return -1;
  }
  return 0;
}
#endif
