/* Holds every struct of abi.h against the sizes and offsets measured for each release on LP64.
 * Source: the RKLLM fact sheet, section 1.3. */
#ifndef SIM_ABI_CHECK_H
#define SIM_ABI_CHECK_H

#include "abi.h"

#define HOLD_SIZE(type, size, align) \
  _Static_assert(sizeof(type) == (size) && _Alignof(type) == (align), #type " has another size")
#define HOLD_FIELD(type, field, offset, size)                                               \
  _Static_assert(offsetof(type, field) == (offset) && sizeof(((type *)0)->field) == (size), \
                 #type "." #field " is elsewhere")

HOLD_SIZE(LLMCallState, 4, 4);
HOLD_SIZE(RKLLMInputType, 4, 4);
HOLD_SIZE(RKLLMInferMode, 4, 4);
#if !ABI_1_2_0
HOLD_SIZE(RKLLMExtendParam, 116, 4);
HOLD_FIELD(RKLLMExtendParam, base_domain_id, 0, 4);
HOLD_FIELD(RKLLMExtendParam, reserved, 4, 112);
#endif
#if ABI_1_2_0 && !ABI_1_2_1
HOLD_SIZE(RKLLMExtendParam, 120, 4);
HOLD_FIELD(RKLLMExtendParam, base_domain_id, 0, 4);
HOLD_FIELD(RKLLMExtendParam, embed_flash, 4, 1);
HOLD_FIELD(RKLLMExtendParam, enabled_cpus_num, 5, 1);
HOLD_FIELD(RKLLMExtendParam, enabled_cpus_mask, 8, 4);
HOLD_FIELD(RKLLMExtendParam, reserved, 12, 106);
#endif
#if ABI_1_2_1
HOLD_SIZE(RKLLMExtendParam, 120, 4);
HOLD_FIELD(RKLLMExtendParam, base_domain_id, 0, 4);
HOLD_FIELD(RKLLMExtendParam, embed_flash, 4, 1);
HOLD_FIELD(RKLLMExtendParam, enabled_cpus_num, 5, 1);
HOLD_FIELD(RKLLMExtendParam, enabled_cpus_mask, 8, 4);
HOLD_FIELD(RKLLMExtendParam, n_batch, 12, 1);
HOLD_FIELD(RKLLMExtendParam, use_cross_attn, 13, 1);
HOLD_FIELD(RKLLMExtendParam, reserved, 14, 104);
#endif
#if !ABI_1_2_0
HOLD_SIZE(RKLLMParam, 200, 8);
HOLD_FIELD(RKLLMParam, model_path, 0, 8);
HOLD_FIELD(RKLLMParam, max_context_len, 8, 4);
HOLD_FIELD(RKLLMParam, max_new_tokens, 12, 4);
HOLD_FIELD(RKLLMParam, top_k, 16, 4);
HOLD_FIELD(RKLLMParam, top_p, 20, 4);
HOLD_FIELD(RKLLMParam, temperature, 24, 4);
HOLD_FIELD(RKLLMParam, repeat_penalty, 28, 4);
HOLD_FIELD(RKLLMParam, frequency_penalty, 32, 4);
HOLD_FIELD(RKLLMParam, presence_penalty, 36, 4);
HOLD_FIELD(RKLLMParam, mirostat, 40, 4);
HOLD_FIELD(RKLLMParam, mirostat_tau, 44, 4);
HOLD_FIELD(RKLLMParam, mirostat_eta, 48, 4);
HOLD_FIELD(RKLLMParam, skip_special_token, 52, 1);
HOLD_FIELD(RKLLMParam, is_async, 53, 1);
HOLD_FIELD(RKLLMParam, img_start, 56, 8);
HOLD_FIELD(RKLLMParam, img_end, 64, 8);
HOLD_FIELD(RKLLMParam, img_content, 72, 8);
HOLD_FIELD(RKLLMParam, extend_param, 80, 116);
#endif
#if ABI_1_2_0 && !ABI_1_3_0
HOLD_SIZE(RKLLMParam, 208, 8);
HOLD_FIELD(RKLLMParam, model_path, 0, 8);
HOLD_FIELD(RKLLMParam, max_context_len, 8, 4);
HOLD_FIELD(RKLLMParam, max_new_tokens, 12, 4);
HOLD_FIELD(RKLLMParam, top_k, 16, 4);
HOLD_FIELD(RKLLMParam, n_keep, 20, 4);
HOLD_FIELD(RKLLMParam, top_p, 24, 4);
HOLD_FIELD(RKLLMParam, temperature, 28, 4);
HOLD_FIELD(RKLLMParam, repeat_penalty, 32, 4);
HOLD_FIELD(RKLLMParam, frequency_penalty, 36, 4);
HOLD_FIELD(RKLLMParam, presence_penalty, 40, 4);
HOLD_FIELD(RKLLMParam, mirostat, 44, 4);
HOLD_FIELD(RKLLMParam, mirostat_tau, 48, 4);
HOLD_FIELD(RKLLMParam, mirostat_eta, 52, 4);
HOLD_FIELD(RKLLMParam, skip_special_token, 56, 1);
HOLD_FIELD(RKLLMParam, is_async, 57, 1);
HOLD_FIELD(RKLLMParam, img_start, 64, 8);
HOLD_FIELD(RKLLMParam, img_end, 72, 8);
HOLD_FIELD(RKLLMParam, img_content, 80, 8);
HOLD_FIELD(RKLLMParam, extend_param, 88, 120);
#endif
#if ABI_1_3_0
HOLD_SIZE(RKLLMParam, 184, 8);
HOLD_FIELD(RKLLMParam, model_path, 0, 8);
HOLD_FIELD(RKLLMParam, max_context_len, 8, 4);
HOLD_FIELD(RKLLMParam, max_new_tokens, 12, 4);
HOLD_FIELD(RKLLMParam, top_k, 16, 4);
HOLD_FIELD(RKLLMParam, n_keep, 20, 4);
HOLD_FIELD(RKLLMParam, top_p, 24, 4);
HOLD_FIELD(RKLLMParam, temperature, 28, 4);
HOLD_FIELD(RKLLMParam, repeat_penalty, 32, 4);
HOLD_FIELD(RKLLMParam, frequency_penalty, 36, 4);
HOLD_FIELD(RKLLMParam, presence_penalty, 40, 4);
HOLD_FIELD(RKLLMParam, mirostat, 44, 4);
HOLD_FIELD(RKLLMParam, mirostat_tau, 48, 4);
HOLD_FIELD(RKLLMParam, mirostat_eta, 52, 4);
HOLD_FIELD(RKLLMParam, skip_special_token, 56, 1);
HOLD_FIELD(RKLLMParam, ignore_eos_token, 57, 1);
HOLD_FIELD(RKLLMParam, is_async, 58, 1);
HOLD_FIELD(RKLLMParam, extend_param, 60, 120);
#endif
HOLD_SIZE(RKLLMLoraAdapter, 24, 8);
HOLD_FIELD(RKLLMLoraAdapter, lora_adapter_path, 0, 8);
HOLD_FIELD(RKLLMLoraAdapter, lora_adapter_name, 8, 8);
HOLD_FIELD(RKLLMLoraAdapter, scale, 16, 4);
HOLD_SIZE(RKLLMEmbedInput, 16, 8);
HOLD_FIELD(RKLLMEmbedInput, embed, 0, 8);
HOLD_FIELD(RKLLMEmbedInput, n_tokens, 8, 8);
HOLD_SIZE(RKLLMTokenInput, 16, 8);
HOLD_FIELD(RKLLMTokenInput, input_ids, 0, 8);
HOLD_FIELD(RKLLMTokenInput, n_tokens, 8, 8);
#if !ABI_1_2_1B1
HOLD_SIZE(RKLLMMultiModalInput, 24, 8);
HOLD_FIELD(RKLLMMultiModalInput, prompt, 0, 8);
HOLD_FIELD(RKLLMMultiModalInput, image_embed, 8, 8);
HOLD_FIELD(RKLLMMultiModalInput, n_image_tokens, 16, 8);
#endif
#if ABI_1_2_1B1 && !ABI_1_3_0
HOLD_SIZE(RKLLMMultiModalInput, 48, 8);
HOLD_FIELD(RKLLMMultiModalInput, prompt, 0, 8);
HOLD_FIELD(RKLLMMultiModalInput, image_embed, 8, 8);
HOLD_FIELD(RKLLMMultiModalInput, n_image_tokens, 16, 8);
HOLD_FIELD(RKLLMMultiModalInput, n_image, 24, 8);
HOLD_FIELD(RKLLMMultiModalInput, image_width, 32, 8);
HOLD_FIELD(RKLLMMultiModalInput, image_height, 40, 8);
#endif
#if ABI_1_3_0 && !ABI_1_3_1
HOLD_SIZE(RKLLMMultiModalInput, 144, 8);
HOLD_FIELD(RKLLMMultiModalInput, prompt, 0, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_embed, 8, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.n_image_tokens, 16, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.n_image, 24, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_start, 32, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_end, 40, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_content, 48, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_width, 56, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_height, 64, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.video_embed, 72, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.n_frame_tokens, 80, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.n_frame_per_video, 88, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.n_video, 96, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.video_start, 104, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.video_end, 112, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.video_content, 120, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.frame_width, 128, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.frame_height, 136, 8);
#endif
#if ABI_1_3_1
HOLD_SIZE(RKLLMMultiModalInput, 192, 8);
HOLD_FIELD(RKLLMMultiModalInput, prompt, 0, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_embed, 8, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.n_image_tokens, 16, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.n_image, 24, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_start, 32, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_end, 40, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_content, 48, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_width, 56, 8);
HOLD_FIELD(RKLLMMultiModalInput, image.image_height, 64, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.video_embed, 72, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.n_frame_tokens, 80, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.n_frame_per_video, 88, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.n_video, 96, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.video_start, 104, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.video_end, 112, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.video_content, 120, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.frame_width, 128, 8);
HOLD_FIELD(RKLLMMultiModalInput, video.frame_height, 136, 8);
HOLD_FIELD(RKLLMMultiModalInput, audio.audio_embed, 144, 8);
HOLD_FIELD(RKLLMMultiModalInput, audio.n_audio_tokens, 152, 8);
HOLD_FIELD(RKLLMMultiModalInput, audio.n_audio, 160, 8);
HOLD_FIELD(RKLLMMultiModalInput, audio.audio_start, 168, 8);
HOLD_FIELD(RKLLMMultiModalInput, audio.audio_end, 176, 8);
HOLD_FIELD(RKLLMMultiModalInput, audio.audio_content, 184, 8);
#endif
#if !ABI_1_2_1B1
HOLD_SIZE(RKLLMInput, 32, 8);
HOLD_FIELD(RKLLMInput, input_type, 0, 4);
HOLD_FIELD(RKLLMInput, prompt_input, 8, 8);
HOLD_FIELD(RKLLMInput, embed_input, 8, 16);
HOLD_FIELD(RKLLMInput, token_input, 8, 16);
HOLD_FIELD(RKLLMInput, multimodal_input, 8, 24);
#endif
#if ABI_1_2_1B1 && !ABI_1_2_1
HOLD_SIZE(RKLLMInput, 56, 8);
HOLD_FIELD(RKLLMInput, input_type, 0, 4);
HOLD_FIELD(RKLLMInput, prompt_input, 8, 8);
HOLD_FIELD(RKLLMInput, embed_input, 8, 16);
HOLD_FIELD(RKLLMInput, token_input, 8, 16);
HOLD_FIELD(RKLLMInput, multimodal_input, 8, 48);
#endif
#if ABI_1_2_1 && !ABI_1_3_0
HOLD_SIZE(RKLLMInput, 64, 8);
HOLD_FIELD(RKLLMInput, role, 0, 8);
HOLD_FIELD(RKLLMInput, enable_thinking, 8, 1);
HOLD_FIELD(RKLLMInput, input_type, 12, 4);
HOLD_FIELD(RKLLMInput, prompt_input, 16, 8);
HOLD_FIELD(RKLLMInput, embed_input, 16, 16);
HOLD_FIELD(RKLLMInput, token_input, 16, 16);
HOLD_FIELD(RKLLMInput, multimodal_input, 16, 48);
#endif
#if ABI_1_3_0 && !ABI_1_3_1
HOLD_SIZE(RKLLMInput, 160, 8);
HOLD_FIELD(RKLLMInput, role, 0, 8);
HOLD_FIELD(RKLLMInput, enable_thinking, 8, 1);
HOLD_FIELD(RKLLMInput, input_type, 12, 4);
HOLD_FIELD(RKLLMInput, prompt_input, 16, 8);
HOLD_FIELD(RKLLMInput, embed_input, 16, 16);
HOLD_FIELD(RKLLMInput, token_input, 16, 16);
HOLD_FIELD(RKLLMInput, multimodal_input, 16, 144);
#endif
#if ABI_1_3_1
HOLD_SIZE(RKLLMInput, 208, 8);
HOLD_FIELD(RKLLMInput, role, 0, 8);
HOLD_FIELD(RKLLMInput, enable_thinking, 8, 1);
HOLD_FIELD(RKLLMInput, input_type, 12, 4);
HOLD_FIELD(RKLLMInput, prompt_input, 16, 8);
HOLD_FIELD(RKLLMInput, embed_input, 16, 16);
HOLD_FIELD(RKLLMInput, token_input, 16, 16);
HOLD_FIELD(RKLLMInput, multimodal_input, 16, 192);
#endif
HOLD_SIZE(RKLLMLoraParam, 8, 8);
HOLD_FIELD(RKLLMLoraParam, lora_adapter_name, 0, 8);
HOLD_SIZE(RKLLMPromptCacheParam, 16, 8);
HOLD_FIELD(RKLLMPromptCacheParam, save_prompt_cache, 0, 4);
HOLD_FIELD(RKLLMPromptCacheParam, prompt_cache_path, 8, 8);
#if !ABI_1_2_0
HOLD_SIZE(RKLLMInferParam, 24, 8);
HOLD_FIELD(RKLLMInferParam, mode, 0, 4);
HOLD_FIELD(RKLLMInferParam, lora_params, 8, 8);
HOLD_FIELD(RKLLMInferParam, prompt_cache_params, 16, 8);
#endif
#if ABI_1_2_0 && !ABI_1_3_0
HOLD_SIZE(RKLLMInferParam, 32, 8);
HOLD_FIELD(RKLLMInferParam, mode, 0, 4);
HOLD_FIELD(RKLLMInferParam, lora_params, 8, 8);
HOLD_FIELD(RKLLMInferParam, prompt_cache_params, 16, 8);
HOLD_FIELD(RKLLMInferParam, keep_history, 24, 4);
#endif
#if ABI_1_3_0
HOLD_SIZE(RKLLMInferParam, 40, 8);
HOLD_FIELD(RKLLMInferParam, mode, 0, 4);
HOLD_FIELD(RKLLMInferParam, lora_params, 8, 8);
HOLD_FIELD(RKLLMInferParam, prompt_cache_params, 16, 8);
HOLD_FIELD(RKLLMInferParam, sampling_params, 24, 8);
HOLD_FIELD(RKLLMInferParam, keep_history, 32, 4);
HOLD_FIELD(RKLLMInferParam, max_new_tokens, 36, 4);
#endif
HOLD_SIZE(RKLLMResultLastHiddenLayer, 16, 8);
HOLD_FIELD(RKLLMResultLastHiddenLayer, hidden_states, 0, 8);
HOLD_FIELD(RKLLMResultLastHiddenLayer, embd_size, 8, 4);
HOLD_FIELD(RKLLMResultLastHiddenLayer, num_tokens, 12, 4);
#if !ABI_1_2_0
HOLD_SIZE(RKLLMResult, 32, 8);
HOLD_FIELD(RKLLMResult, text, 0, 8);
HOLD_FIELD(RKLLMResult, token_id, 8, 4);
HOLD_FIELD(RKLLMResult, last_hidden_layer, 16, 16);
#endif
#if ABI_1_2_0 && !ABI_1_2_1
HOLD_SIZE(RKLLMResult, 48, 8);
HOLD_FIELD(RKLLMResult, text, 0, 8);
HOLD_FIELD(RKLLMResult, token_id, 8, 4);
HOLD_FIELD(RKLLMResult, last_hidden_layer, 16, 16);
HOLD_FIELD(RKLLMResult, logits, 32, 16);
#endif
#if ABI_1_2_1
HOLD_SIZE(RKLLMResult, 72, 8);
HOLD_FIELD(RKLLMResult, text, 0, 8);
HOLD_FIELD(RKLLMResult, token_id, 8, 4);
HOLD_FIELD(RKLLMResult, last_hidden_layer, 16, 16);
HOLD_FIELD(RKLLMResult, logits, 32, 16);
HOLD_FIELD(RKLLMResult, perf, 48, 20);
#endif
#if ABI_1_2_0
HOLD_SIZE(RKLLMResultLogits, 16, 8);
HOLD_FIELD(RKLLMResultLogits, logits, 0, 8);
HOLD_FIELD(RKLLMResultLogits, vocab_size, 8, 4);
HOLD_FIELD(RKLLMResultLogits, num_tokens, 12, 4);
#endif
#if ABI_1_2_1
HOLD_SIZE(RKLLMCrossAttnParam, 40, 8);
HOLD_FIELD(RKLLMCrossAttnParam, encoder_k_cache, 0, 8);
HOLD_FIELD(RKLLMCrossAttnParam, encoder_v_cache, 8, 8);
HOLD_FIELD(RKLLMCrossAttnParam, encoder_mask, 16, 8);
HOLD_FIELD(RKLLMCrossAttnParam, encoder_pos, 24, 8);
HOLD_FIELD(RKLLMCrossAttnParam, num_tokens, 32, 4);
#endif
#if ABI_1_2_1
HOLD_SIZE(RKLLMPerfStat, 20, 4);
HOLD_FIELD(RKLLMPerfStat, prefill_time_ms, 0, 4);
HOLD_FIELD(RKLLMPerfStat, prefill_tokens, 4, 4);
HOLD_FIELD(RKLLMPerfStat, generate_time_ms, 8, 4);
HOLD_FIELD(RKLLMPerfStat, generate_tokens, 12, 4);
HOLD_FIELD(RKLLMPerfStat, memory_usage_mb, 16, 4);
#endif
#if ABI_1_3_0
HOLD_SIZE(RKLLMSamplingParam, 36, 4);
HOLD_FIELD(RKLLMSamplingParam, top_k, 0, 4);
HOLD_FIELD(RKLLMSamplingParam, top_p, 4, 4);
HOLD_FIELD(RKLLMSamplingParam, temperature, 8, 4);
HOLD_FIELD(RKLLMSamplingParam, repeat_penalty, 12, 4);
HOLD_FIELD(RKLLMSamplingParam, frequency_penalty, 16, 4);
HOLD_FIELD(RKLLMSamplingParam, presence_penalty, 20, 4);
HOLD_FIELD(RKLLMSamplingParam, mirostat, 24, 4);
HOLD_FIELD(RKLLMSamplingParam, mirostat_tau, 28, 4);
HOLD_FIELD(RKLLMSamplingParam, mirostat_eta, 32, 4);
#endif
#if ABI_1_3_0
HOLD_SIZE(RKLLMCallback, 48, 8);
HOLD_FIELD(RKLLMCallback, result_callback, 0, 8);
HOLD_FIELD(RKLLMCallback, result_userdata, 8, 8);
HOLD_FIELD(RKLLMCallback, tokenizer_callback, 16, 8);
HOLD_FIELD(RKLLMCallback, tokenizer_userdata, 24, 8);
HOLD_FIELD(RKLLMCallback, embed_callback, 32, 8);
HOLD_FIELD(RKLLMCallback, embed_userdata, 40, 8);
#endif

#endif
