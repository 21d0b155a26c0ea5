/** How models mark what they think before they answer. */
export interface ReasoningStyle {
  open: string;
  close: string;
}

/** No opening tag may be the beginning of another. */
export const reasoningStyles: readonly ReasoningStyle[] = [
  // DeepSeek-R1 and its distills, Qwen3, QwQ, GLM, SmolLM3, Granite, MiniCPM 4.1.
  { open: '<think>', close: '</think>' },
  { open: '<thinking>', close: '</thinking>' },
  // EXAONE Deep.
  { open: '<thought>', close: '</thought>' },
  { open: '<reasoning>', close: '</reasoning>' },
  // Seed-OSS.
  { open: '<seed:think>', close: '</seed:think>' },
  // Cohere Command.
  { open: '<|START_THINKING|>', close: '<|END_THINKING|>' },
  // Magistral 2509 and later.
  { open: '[THINK]', close: '[/THINK]' },
  // Kimi-VL.
  { open: '◁think▷', close: '◁/think▷' },
  // Gemma 4 (ai.google.dev, prompt formatting).
  { open: '<|channel>thought', close: '<channel|>' },
  // MiniCPM 3.
  { open: '<|thought_start|>', close: '<|thought_end|>' },
  // OpenThinker, Sky-T1.
  { open: '<|begin_of_thought|>', close: '<|end_of_thought|>' },
  // Apertus.
  { open: '<|inner_prefix|>', close: '<|inner_suffix|>' },
];

/** What a gpt-oss model's output begins with. */
export const harmonyOpeners: readonly string[] = ['<|channel|>', '<|start|>assistant'];
