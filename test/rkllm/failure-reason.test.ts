import { describe, expect, it } from 'vitest';
import { failureReason } from '../../src/rkllm/failure-reason.ts';
import type { LogRecord, ModelFacts } from '../../src/rkllm/log-lines.ts';

function errors(...messages: string[]): LogRecord[] {
  return messages.map((message) => ({ level: 'error', source: 'rkllm', message }));
}

const info: LogRecord = { level: 'info', source: 'rkllm', message: 'loading rkllm model from /m' };

describe('the reason of a failure', () => {
  /** Messages of librkllmrt and its reported failures, and what the owner is told. */
  it.each<[string, RegExp, ModelFacts?]>([
    [
      'failed to open rknpu module, need to insmod rknpu dirver!',
      /driver is missing.*groups video and render/,
    ],
    ['failed to open rknn device!', /NPU cannot be opened/],
    ['Device is not available', /NPU cannot be opened/],
    [
      'Platform error, must be either RK3588, RK3576, RV1126B or RK3562. Your platform is lite',
      /This SoC \(lite\) has no NPU/,
    ],
    [
      "the model's target_platform does not match the real platform",
      /model is for RK3576, this board is RK3588/,
      { targetPlatform: 'RK3576', platform: 'RK3588' },
    ],
    ["the model's target_platform does not match the real platform", /for another SoC/],
    ['matmul(w8a8) run failed', /driver 0\.9\.8/],
    ['meet unkown shape, op name: matmul_qkv', /driver or the file does not fit/],
    [
      'The rkllm-runtime version is lower than the rkllm-toolkit version. Please update ' +
        'rkllm-runtime to 1.3.1 or higher.',
      /newer toolkit\. Install librkllmrt\.so 1\.3\.1 or later/,
    ],
    [
      'The rkllm-runtime version is lower than the rkllm-toolkit version. Please update ' +
        'rkllm-runtime to 1.2.1b1 or higher.',
      /librkllmrt\.so 1\.2\.1b1 or later/,
    ],
    ['invalid rknn llm model magic', /not an \.rkllm model/],
    ['invalid magic number, got 04034b50', /not an \.rkllm model/],
    ['unsupported model architecture: abacus', /architecture abacus/],
    ['the model architecture abacus is not supported by rkllm', /architecture abacus/],
    [
      "max_context[16384] must be less than the model's max_context_limit[4096]",
      /context of 16384 tokens is more than the 4096/,
    ],
    ['The n_keep must be less than the max_context_len', /n_keep must be less/],
    [
      'the length of prompt is greater than max context (prompt: 900 tokens, max context: 512)',
      /prompt has 900 tokens, the model's context is 512/,
    ],
    ['the context is not enough! history_s: 500, prompt: 20', /conversation no longer fits/],
    [
      'failed to allocate handle, ret: -1, errno: 12, errstr: Cannot allocate memory',
      /not enough memory/,
    ],
    ['failed to allocate handle, ret: -1, errno: 14, errstr: Bad address', /not enough memory/],
    ['failed to malloc npu memory, size: 4022272000', /not enough memory/],
    [
      'failed to convert handle(1020) to fd, ret: -1, errno: 24, errstr: Too many open files',
      /LimitNOFILE/,
    ],
    [
      'The number of enabled CPUs must be greater than or equal to the number of NPU cores.',
      /CPU mask/,
    ],
    ['Mismatch between enabled CPUs mask and expected count', /CPU mask/],
    ['Expected The number of enabled CPUs between 1 and 8 for RK3588, but got 9.', /CPU mask/],
    ['For RK3562, only CPUs 0 to 3 can be set', /CPU mask/],
    ['Getting the logits is not supported for multiple batches', /several inputs at once/],
    ['Not Found Lora adapter named: style', /LoRA adapter/],
    ["Lora adapter 'style' is already initialized!", /LoRA adapter/],
    ['GGML_ASSERT(n_tokens > 0) failed', /gave up: GGML_ASSERT\(n_tokens > 0\)/],
  ])('%s', (message, words, facts = {}) => {
    const reason = failureReason([info, ...errors(message, 'rkllm_init failed')], facts);
    expect(reason).toMatch(words);
    expect(reason).toContain(message);
  });

  it('is the specific cause, wherever it stands among the lines', () => {
    const lines = errors(
      'failed to malloc npu memory, size: 1',
      "the model's target_platform does not match the real platform",
      'load model file error!',
      'rkllm_init failed',
    );
    expect(failureReason(lines, {})).toMatch(/for another SoC/);
  });

  it('is the last error line that says something where no cause is known', () => {
    const lines = errors('first', 'failed to submit!, op id: 1', 'rkllm_run failed');
    expect(failureReason([...lines, info], {})).toBe('failed to submit!, op id: 1');
  });

  it('is the empty phrase where the library prints nothing else', () => {
    expect(failureReason([info, ...errors('rkllm_init failed')], {})).toBe('rkllm_init failed');
  });

  it('is unknown where no error was printed', () => {
    expect(failureReason([info], {})).toBeNull();
    expect(failureReason([], {})).toBeNull();
  });
});
