/** Why a load or a run failed, in words for the board's owner, from what the runtime printed. */
import type { LogRecord, ModelFacts } from './log-lines.ts';

interface Cause {
  pattern: RegExp;
  explain(match: RegExpExecArray, facts: ModelFacts): string;
}

/** Specific causes first: a failed allocation also prints "rkllm_init failed". */
const causes: Cause[] = [
  {
    pattern: /target_platform does not match/,
    explain: (_, { targetPlatform, platform }) =>
      `The model is ${targetPlatform ? `for ${targetPlatform}` : 'for another SoC'}, this board is ` +
      `${platform ?? 'not'}. Get the file that was converted for this board.`,
  },
  {
    pattern: /runtime version is lower than the rkllm-toolkit version.*to ([\d.b]+\d)/,
    explain: ([, version]) =>
      `The model was made with a newer toolkit. Install librkllmrt.so ${version} or later.`,
  },
  {
    pattern: /max_context\[(\d+)\] must be less than the model's max_context_limit\[(\d+)\]/,
    explain: ([, asked, limit]) =>
      `The context of ${asked} tokens is more than the ${limit} that the model was converted for.`,
  },
  {
    pattern: /n_keep must be less than/,
    explain: () => 'n_keep must be less than the context length.',
  },
  {
    pattern: /prompt is greater than max context.*prompt: (\d+) tokens, max context: (\d+)/,
    explain: ([, prompt, limit]) =>
      `The prompt has ${prompt} tokens, the model's context is ${limit}.`,
  },
  {
    pattern: /context is not enough/,
    explain: () => 'The conversation no longer fits into the context of the model.',
  },
  {
    pattern: /invalid magic|invalid rknn llm model magic/,
    explain: () => 'The file is not an .rkllm model, or one of before version 1.1.',
  },
  {
    pattern: /unsupported model architecture: (\S+)|model architecture (\S+) is not supported/,
    explain: ([, a, b]) => `This runtime does not know the architecture ${a ?? b}.`,
  },
  {
    pattern: /Platform error.*Your platform is (\S+)/,
    explain: ([, platform]) => `This SoC (${platform}) has no NPU that librkllmrt.so supports.`,
  },
  {
    pattern: /failed to open rknpu|failed to open rknn device|Device is not available/,
    explain: () =>
      'The NPU cannot be opened: the rknpu driver is missing, or this user may not use it ' +
      '(add it to the groups video and render).',
  },
  {
    pattern: /Too many open files/,
    explain: () => 'Too many open files: raise the limit of open files (LimitNOFILE, ulimit -n).',
  },
  {
    pattern: /failed to malloc npu memory|failed to allocate handle|Cannot allocate memory/,
    explain: () =>
      'There is not enough memory for the model on the NPU. Unload another one, or use a smaller ' +
      'model or context.',
  },
  {
    pattern: /matmul\(.*run failed|meet unkown (shape|op)/,
    explain: () =>
      'The NPU driver or the file does not fit this runtime (driver 0.9.8 is advised).',
  },
  {
    pattern: /enabled CPUs|CPUs 0 to 3/,
    explain: () => 'The CPU mask does not fit this board or this model.',
  },
  {
    pattern: /not supported for multiple batches/,
    explain: () => 'Logits cannot be had for several inputs at once.',
  },
  {
    pattern: /[Ll]ora/,
    explain: () => 'The LoRA adapter could not be used.',
  },
  {
    pattern: /(GGML_ASSERT.*|Assertion.*) failed/,
    explain: ([assertion]) => `The runtime gave up: ${assertion}.`,
  },
];

/** Lines that end every failure and explain none. */
const generic = /^rkllm_(init|run) failed$/;

/**
 * The words for the first cause that the lines name, with the line itself; the last error line
 * where none is known, rather one that says something; null when nothing was printed.
 */
export function failureReason(records: readonly LogRecord[], facts: ModelFacts): string | null {
  for (const { pattern, explain } of causes) {
    for (const { message } of records) {
      const match = pattern.exec(message);
      if (match) return `${explain(match, facts)} (${message})`;
    }
  }
  const errors = records.flatMap(({ level, message }) => (level === 'error' ? [message] : []));
  return errors.findLast((message) => !generic.test(message)) ?? errors.at(-1) ?? null;
}
