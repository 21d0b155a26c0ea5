import { describe, expect, it } from 'vitest';
import {
  assertPrintable,
  needsRendering,
  renderConversation,
} from '../../../src/engine/prompt/index.ts';
import type { ChatMessage } from '../../../src/engine/types.ts';

const system: ChatMessage = { role: 'system', content: 'Be brief.' };
const user: ChatMessage = { role: 'user', content: 'Hi' };
const assistant: ChatMessage = { role: 'assistant', content: 'Hello.' };
const tool: ChatMessage = { role: 'tool', content: '{"t":21}' };
const again: ChatMessage = { role: 'user', content: 'And now?' };

describe('needsRendering', () => {
  it.each([
    ['a single question', [user], false],
    ['a system message before it', [system, user], true],
    ['a conversation', [user, assistant, again], true],
    ['a single message of a tool', [tool], true],
    ['a single system message', [system], true],
  ])('tells whether the runtime’s own template can express %s', (_, messages, expected) => {
    expect(needsRendering(messages)).toBe(expected);
  });
});

describe('assertPrintable', () => {
  it('refuses a NUL, which would cut the prompt off, and says where it is', () => {
    expect(() => assertPrintable([user, { role: 'user', content: 'ab\0cd' }])).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        message: expect.stringMatching(/Message 2 .*NUL.* position 2/),
      }),
    );
  });

  it('lets every other text through', () => {
    const content = 'Grüße 👍🏽\n\t\u0001 {{ x }} <|im_end|>';
    expect(() => assertPrintable([{ role: 'user', content }])).not.toThrow();
  });
});

describe('renderConversation', () => {
  // Model name, a whole conversation, and the text that goes into the model.
  it.each([
    [
      'Qwen2.5-3B-Instruct',
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n' +
        '<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nAnd now?<|im_end|>\n' +
        '<|im_start|>assistant\n',
    ],
    [
      'something-unknown.rkllm',
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n' +
        '<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nAnd now?<|im_end|>\n' +
        '<|im_start|>assistant\n',
    ],
    [
      'DeepSeek-R1-Distill-Llama-8B',
      'Be brief.<｜User｜>Hi<｜Assistant｜>Hello.<｜end▁of▁sentence｜><｜User｜>And now?<｜Assistant｜>',
    ],
    [
      'Llama-3.2-1B-Instruct',
      '<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>' +
        '<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>' +
        '<|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|>' +
        '<|start_header_id|>user<|end_header_id|>\n\nAnd now?<|eot_id|>' +
        '<|start_header_id|>assistant<|end_header_id|>\n\n',
    ],
    [
      'gemma-3-1b-it',
      '<start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n' +
        '<start_of_turn>user\nAnd now?<end_of_turn>\n<start_of_turn>model\n',
    ],
    [
      'Phi-3-mini-4k-instruct',
      '<|system|>\nBe brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\nHello.<|end|>\n' +
        '<|user|>\nAnd now?<|end|>\n<|assistant|>\n',
    ],
    [
      'TinyLlama-1.1B-Chat',
      '<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\nHello.</s>\n' +
        '<|user|>\nAnd now?</s>\n<|assistant|>\n',
    ],
  ])('writes a conversation as %s learned it', async (name, expected) => {
    expect(await renderConversation(name, [system, user, assistant, again])).toBe(expected);
  });

  it.each([
    ['qwen3', '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n'],
    ['deepseek-r1', '<｜User｜>Hi<｜Assistant｜>'],
    [
      'llama3',
      '<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>' +
        '<|start_header_id|>assistant<|end_header_id|>\n\n',
    ],
    ['gemma2', '<start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n'],
    ['phi3', '<|user|>\nHi<|end|>\n<|assistant|>\n'],
    ['zephyr', '<|user|>\nHi</s>\n<|assistant|>\n'],
  ])('writes a single question as %s learned it', async (name, expected) => {
    expect(await renderConversation(name, [user])).toBe(expected);
  });

  it.each([
    ['a system message alone', [system], '<start_of_turn>user\nBe brief.<end_of_turn>\n'],
    [
      'a system message in the middle',
      [user, assistant, system, again],
      '<start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n' +
        '<start_of_turn>user\nBe brief.\n\nAnd now?<end_of_turn>\n',
    ],
    [
      'a system message before an answer',
      [system, assistant, again],
      '<start_of_turn>user\nBe brief.<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n' +
        '<start_of_turn>user\nAnd now?<end_of_turn>\n',
    ],
    [
      'two system messages',
      [system, system, user],
      '<start_of_turn>user\nBe brief.\n\nBe brief.\n\nHi<end_of_turn>\n',
    ],
  ])(
    'writes for Gemma, which has no system role, %s as a user’s turn',
    async (_, messages, text) => {
      expect(await renderConversation('gemma', messages)).toBe(`${text}<start_of_turn>model\n`);
    },
  );

  it('writes what a tool gave under the role that Llama 3 has for it', async () => {
    expect(await renderConversation('llama-3', [user, tool])).toContain(
      '<|start_header_id|>ipython<|end_header_id|>\n\n{"t":21}<|eot_id|>',
    );
  });

  it.each(['qwen', 'deepseek', 'llama-3', 'gemma', 'phi-3', 'zephyr'])(
    'keeps every blank and every sign of a message as it is (%s)',
    async (name) => {
      const content = ' \n{{ 7 * 7 }} {% if x %} {# no #}\n\n  <b>&amp;</b> 👍\n';
      expect(await renderConversation(name, [{ role: 'user', content }])).toContain(content);
    },
  );

  it('writes the beginning of a longer conversation exactly as it wrote the shorter one', async () => {
    for (const name of ['qwen', 'deepseek', 'llama-3', 'gemma', 'phi-3', 'zephyr']) {
      const short = await renderConversation(name, [system, user]);
      const long = await renderConversation(name, [system, user, assistant, again]);
      expect(long.startsWith(`${short}Hello.`)).toBe(true);
    }
  });
});
