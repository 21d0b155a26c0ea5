import { describe, expect, it } from 'vitest';
import type { ChatMessage, Tool } from '../../../src/engine/index.ts';
import { ModelFiles, smallConfig, smallTokenizer } from './model-files.ts';

const template = [
  "{% if tools %}TOOLS {{ tools | tojson }}\n{% endif %}{% for m in messages %}<|im_start|>{{ m['role'] }}\n",
  "{{ m['content'] }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n",
].join('');
const files = { 'tokenizer.json': smallTokenizer, 'tokenizer_config.json': smallConfig(template) };
const system: ChatMessage = { role: 'system', content: 'Be brief. Hello there.' };
const user = (content: string): ChatMessage => ({ role: 'user', content });
const tools: Tool[] = [{ name: 'lamp', description: 'the lazy dog', parameters: {} }];

describe('the beginning that conversations share', () => {
  it('is everything before the first question', async () => {
    await using model = await ModelFiles.create(files);
    const prompter = model.prompter();
    const [one, other] = [
      await prompter.render({ messages: [system, user('quick fox')] }),
      await prompter.render({ messages: [system, user('lazy dog'), user('brown dog')] }),
    ];
    expect(one.stableTokens).toBe(other.stableTokens);
    const stable = one.stableTokens ?? 0;
    expect([...(one.ids ?? [])].slice(0, stable)).toEqual([...(other.ids ?? [])].slice(0, stable));
    expect(one.ids?.[stable]).not.toBe(other.ids?.[stable]);
    const alone = await prompter.tokenize(`<|im_start|>system\n${system.content}<|im_end|>\n`);
    expect(stable).toBeGreaterThanOrEqual(alone?.length ?? Number.NaN);
  });

  it('holds the tools where the template puts them there', async () => {
    await using model = await ModelFiles.create(files);
    const prompter = model.prompter();
    const { stableTokens: without = 0 } = await prompter.render({ messages: [user('hi')] });
    const { stableTokens: withTools = 0 } = await prompter.render({
      messages: [user('hi')],
      tools,
    });
    expect(without).toBe(0);
    expect(withTools).toBeGreaterThan(20);
  });

  it('ends where a question begins like the probe, and never after it', async () => {
    await using model = await ModelFiles.create(files);
    const prompter = model.prompter();
    const first = await prompter.render({ messages: [system, user('\uE000 and so on')] });
    const second = await prompter.render({ messages: [system, user('quick')] });
    expect(first.stableTokens).toBe(second.stableTokens);
  });

  it('is nothing in a prompt that goes in as text', async () => {
    await using model = await ModelFiles.create();
    const rendered = await model.prompter().render({ messages: [system, user('hi')] });
    expect(rendered.stableTokens ?? 0).toBe(0);
  });
});
