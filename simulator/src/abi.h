/* The binary interface of the RKLLM runtime, one layout per release, selected by RKLLM_ABI.
 *
 * RKLLM_ABI is major * 1000000 + minor * 10000 + patch * 100 + (99 for a release, else the beta's number),
 * so that 1.2.1b1 (1020101) sorts before 1.2.1 (1020199). scripts/simulator passes it.
 * Sizes and offsets are held by abi-check.h. Source: the RKLLM fact sheet, sections 1.2 and 1.3. */
#ifndef SIM_ABI_H
#define SIM_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef RKLLM_ABI
#error "RKLLM_ABI is not set: build through scripts/simulator"
#endif

#define ABI_1_2_0 (RKLLM_ABI >= 1020099)   /* group B: KV control, templates, logits */
#define ABI_1_2_1B1 (RKLLM_ABI >= 1020101) /* group B': image sizes in multimodal input */
#define ABI_1_2_1 (RKLLM_ABI >= 1020199)   /* group C: role, perf, batches, pausing */
#define ABI_1_2_3 (RKLLM_ABI >= 1020399)   /* prefix reuse for embedding input */
#define ABI_1_3_0 (RKLLM_ABI >= 1030099)   /* group D: sampling per run, callback struct */
#define ABI_1_3_1 (RKLLM_ABI >= 1030199)   /* group E: audio */

#define SIM_EXPORT __attribute__((visibility("default")))

typedef void *LLMHandle;

typedef enum {
  RKLLM_RUN_NORMAL = 0,
  RKLLM_RUN_WAITING = 1,
  RKLLM_RUN_FINISH = 2,
  RKLLM_RUN_ERROR = 3,
#if !ABI_1_2_0
  RKLLM_RUN_GET_LAST_HIDDEN_LAYER = 4,
#endif
} LLMCallState;

typedef enum {
  RKLLM_INPUT_PROMPT = 0,
  RKLLM_INPUT_TOKEN = 1,
  RKLLM_INPUT_EMBED = 2,
  RKLLM_INPUT_MULTIMODAL = 3,
} RKLLMInputType;

typedef enum {
  RKLLM_INFER_GENERATE = 0,
  RKLLM_INFER_GET_LAST_HIDDEN_LAYER = 1,
#if ABI_1_2_0
  RKLLM_INFER_GET_LOGITS = 2,
#endif
} RKLLMInferMode;

typedef struct {
  int32_t base_domain_id;
#if ABI_1_2_0
  int8_t embed_flash;
  int8_t enabled_cpus_num;
  uint32_t enabled_cpus_mask;
#if ABI_1_2_1
  uint8_t n_batch;
  int8_t use_cross_attn;
  uint8_t reserved[104];
#else
  uint8_t reserved[106];
#endif
#else
  uint8_t reserved[112];
#endif
} RKLLMExtendParam;

typedef struct {
  const char *model_path;
  int32_t max_context_len;
  int32_t max_new_tokens;
  int32_t top_k;
#if ABI_1_2_0
  int32_t n_keep;
#endif
  float top_p;
  float temperature;
  float repeat_penalty;
  float frequency_penalty;
  float presence_penalty;
  int32_t mirostat;
  float mirostat_tau;
  float mirostat_eta;
  bool skip_special_token;
#if ABI_1_3_0
  bool ignore_eos_token;
#endif
  bool is_async;
#if !ABI_1_3_0
  const char *img_start;
  const char *img_end;
  const char *img_content;
#endif
  RKLLMExtendParam extend_param;
} RKLLMParam;

typedef struct {
  const char *lora_adapter_path;
  const char *lora_adapter_name;
  float scale;
} RKLLMLoraAdapter;

typedef struct {
  float *embed;
  size_t n_tokens;
} RKLLMEmbedInput;

typedef struct {
  int32_t *input_ids;
  size_t n_tokens;
} RKLLMTokenInput;

typedef struct {
  char *prompt;
#if ABI_1_3_0
  struct {
    float *image_embed;
    size_t n_image_tokens;
    size_t n_image;
    const char *image_start;
    const char *image_end;
    const char *image_content;
    size_t image_width;
    size_t image_height;
  } image;
  struct {
    float *video_embed;
    size_t n_frame_tokens;
    size_t n_frame_per_video;
    size_t n_video;
    const char *video_start;
    const char *video_end;
    const char *video_content;
    size_t frame_width;
    size_t frame_height;
  } video;
#if ABI_1_3_1
  struct {
    float *audio_embed;
    size_t n_audio_tokens;
    size_t n_audio;
    const char *audio_start;
    const char *audio_end;
    const char *audio_content;
  } audio;
#endif
#else
  float *image_embed;
  size_t n_image_tokens;
#if ABI_1_2_1B1
  size_t n_image;
  size_t image_width;
  size_t image_height;
#endif
#endif
} RKLLMMultiModalInput;

typedef struct {
#if ABI_1_2_1
  const char *role;
  bool enable_thinking;
#endif
  RKLLMInputType input_type;
  union {
    const char *prompt_input;
    RKLLMEmbedInput embed_input;
    RKLLMTokenInput token_input;
    RKLLMMultiModalInput multimodal_input;
  };
} RKLLMInput;

typedef struct {
  const char *lora_adapter_name;
} RKLLMLoraParam;

typedef struct {
  int save_prompt_cache;
  const char *prompt_cache_path;
} RKLLMPromptCacheParam;

#if ABI_1_2_1
typedef struct {
  float *encoder_k_cache;
  float *encoder_v_cache;
  float *encoder_mask;
  int32_t *encoder_pos;
  int num_tokens;
} RKLLMCrossAttnParam;

typedef struct {
  float prefill_time_ms;
  int prefill_tokens;
  float generate_time_ms;
  int generate_tokens;
  float memory_usage_mb;
} RKLLMPerfStat;
#endif

#if ABI_1_3_0
typedef struct {
  int32_t top_k;
  float top_p;
  float temperature;
  float repeat_penalty;
  float frequency_penalty;
  float presence_penalty;
  int32_t mirostat;
  float mirostat_tau;
  float mirostat_eta;
} RKLLMSamplingParam;
#endif

typedef struct {
  RKLLMInferMode mode;
  RKLLMLoraParam *lora_params;
  RKLLMPromptCacheParam *prompt_cache_params;
#if ABI_1_3_0
  RKLLMSamplingParam *sampling_params;
#endif
#if ABI_1_2_0
  int keep_history;
#endif
#if ABI_1_3_0
  int32_t max_new_tokens;
#endif
} RKLLMInferParam;

typedef struct {
  const float *hidden_states;
  int embd_size;
  int num_tokens;
} RKLLMResultLastHiddenLayer;

#if ABI_1_2_0
typedef struct {
  const float *logits;
  int vocab_size;
  int num_tokens;
} RKLLMResultLogits;
#endif

typedef struct {
  const char *text;
  int32_t token_id;
  RKLLMResultLastHiddenLayer last_hidden_layer;
#if ABI_1_2_0
  RKLLMResultLogits logits;
#endif
#if ABI_1_2_1
  RKLLMPerfStat perf;
#endif
} RKLLMResult;

#if ABI_1_2_1
typedef int (*LLMResultCallback)(RKLLMResult *result, void *userdata, LLMCallState state);
#else
typedef void (*LLMResultCallback)(RKLLMResult *result, void *userdata, LLMCallState state);
#endif

#if ABI_1_3_0
typedef int (*LLMTokenizerCallback)(void *userdata, const char *text, int32_t text_len, int32_t *tokens,
                                    int32_t max_tokens);
typedef int (*LLMGetEmbedCallback)(void *userdata, const int32_t *tokens, int32_t n_tokens, float *embed,
                                   size_t embed_bytes);
typedef struct {
  LLMResultCallback result_callback;
  void *result_userdata;
  LLMTokenizerCallback tokenizer_callback;
  void *tokenizer_userdata;
  LLMGetEmbedCallback embed_callback;
  void *embed_userdata;
} RKLLMCallback;
typedef RKLLMCallback *rkllm_callback_argument;
#else
typedef LLMResultCallback rkllm_callback_argument;
#endif

SIM_EXPORT RKLLMParam rkllm_createDefaultParam(void);
SIM_EXPORT int rkllm_init(LLMHandle *handle, RKLLMParam *param, rkllm_callback_argument callback);
SIM_EXPORT int rkllm_load_lora(LLMHandle handle, RKLLMLoraAdapter *adapter);
SIM_EXPORT int rkllm_load_prompt_cache(LLMHandle handle, const char *path);
SIM_EXPORT int rkllm_release_prompt_cache(LLMHandle handle);
SIM_EXPORT int rkllm_destroy(LLMHandle handle);
SIM_EXPORT int rkllm_run(LLMHandle handle, RKLLMInput *input, RKLLMInferParam *infer, void *userdata);
SIM_EXPORT int rkllm_run_async(LLMHandle handle, RKLLMInput *input, RKLLMInferParam *infer, void *userdata);
SIM_EXPORT int rkllm_abort(LLMHandle handle);
SIM_EXPORT int rkllm_is_running(LLMHandle handle);
#if ABI_1_2_1
SIM_EXPORT int rkllm_clear_kv_cache(LLMHandle handle, int keep_system_prompt, int *start_pos, int *end_pos);
SIM_EXPORT int rkllm_get_kv_cache_size(LLMHandle handle, int *cache_sizes);
SIM_EXPORT int rkllm_set_function_tools(LLMHandle handle, const char *system_prompt, const char *tools,
                                        const char *tool_response_str);
SIM_EXPORT int rkllm_set_cross_attn_params(LLMHandle handle, RKLLMCrossAttnParam *params);
#elif ABI_1_2_0
SIM_EXPORT int rkllm_clear_kv_cache(LLMHandle handle, int keep_system_prompt);
#endif
#if ABI_1_2_0
SIM_EXPORT int rkllm_set_chat_template(LLMHandle handle, const char *system_prompt, const char *prompt_prefix,
                                       const char *prompt_postfix);
#endif

#endif
