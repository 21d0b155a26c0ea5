import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../src/engine/types.ts';
import { assistant, call, result, system, user, weather } from './conversations.ts';
import { ModelFiles, smallConfig, smallTokenizer } from './model-files.ts';

// Every model has a thread of its own, which takes a while to start on a busy machine.
const bare = '{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}[go]';
const withTokenizer = {
  'tokenizer.json': smallTokenizer,
  'tokenizer_config.json': smallConfig(bare),
};
const turns = (count: number): ChatMessage[] => [
  system('Be brief.'),
  ...Array.from({ length: count }, (_, i) => [
    user(`Question ${i}`),
    assistant(`Answer ${i}`),
  ]).flat(),
  user('The last question'),
];

describe.concurrent('a conversation longer than the context', () => {
  it('loses its oldest turns, exactly as many as it must', async () => {
    await using files = await ModelFiles.create(withTokenizer);
    const prompter = files.prompter();
    const messages = turns(20);
    const whole = await prompter.render({ messages });
    const sizes: number[] = [];
    for (let contextLength = whole.tokenCount ?? 0; contextLength > 110; contextLength -= 37) {
      const budget = { contextLength, reserve: 10, overflow: 'truncate' as const };
      const fitted = await prompter.fit({ messages }, budget);
      expect(fitted.tokenCount).toBeLessThanOrEqual(contextLength - 10);
      expect(fitted.text).toMatch(/^\[system\]Be brief\.\[user\]Question \d+\[assistant\]/);
      expect(fitted.text).toMatch(/\[user\]The last question\[go\]$/);
      const more = messages.filter((_, i) => i === 0 || i > fitted.dropped - 2);
      const longer = await prompter.render({ messages: more });
      if (fitted.dropped > 2) expect(longer.tokenCount).toBeGreaterThan(contextLength - 10);
      sizes.push(fitted.dropped);
    }
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(sizes.every((dropped) => dropped % 2 === 0)).toBe(true);
    expect(sizes.at(-1)).toBeGreaterThan(20);
  });

  it('that just fits loses nothing', async () => {
    await using files = await ModelFiles.create(withTokenizer);
    const prompter = files.prompter();
    const messages = turns(3);
    const { tokenCount } = await prompter.render({ messages });
    const fitted = (contextLength: number) =>
      prompter.fit({ messages }, { contextLength, reserve: 8, overflow: 'truncate' });
    expect((await fitted((tokenCount ?? 0) + 8)).dropped).toBe(0);
    expect((await fitted((tokenCount ?? 0) + 7)).dropped).toBe(2);
  });

  it('is refused with the numbers where the caller wants no truncation', async () => {
    await using files = await ModelFiles.create(withTokenizer);
    const prompter = files.prompter();
    const messages = turns(20);
    const { tokenCount } = await prompter.render({ messages });
    await expect(
      prompter.fit({ messages }, { contextLength: 128, reserve: 16, overflow: 'error' }),
    ).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message:
        `The prompt has ${tokenCount} tokens, but the context has 128, of which 16 are kept for the ` +
        'answer. Shorten the conversation, or load the model with a larger context (num_ctx).',
    });
  });

  it('is refused when not even the last message fits, with the size of what must stay', async () => {
    await using files = await ModelFiles.create(withTokenizer);
    const prompter = files.prompter();
    const last = user('word '.repeat(200));
    const { tokenCount } = await prompter.render({ messages: [system('S'), last] });
    await expect(
      prompter.fit(
        { messages: [system('S'), user('A'), assistant('B'), last] },
        { contextLength: 64, reserve: 1, overflow: 'truncate' },
      ),
    ).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringContaining(
        `The prompt has ${tokenCount} tokens, but the context has 64.`,
      ),
    });
  });

  it('may be of any length', async () => {
    await using files = await ModelFiles.create(withTokenizer);
    const prompter = files.prompter();
    const huge = user('x'.repeat(20_000_000));
    const budget = { contextLength: 128, reserve: 1, overflow: 'truncate' as const };
    const messages = [huge, assistant('A'), user('Hi')];
    expect(await prompter.fit({ messages }, budget)).toMatchObject({
      text: '[user]Hi[go]',
      dropped: 2,
    });
    await expect(prompter.fit({ messages: [huge] }, budget)).rejects.toMatchObject({
      message: expect.stringMatching(/^The prompt has about 5000000 tokens/),
    });
  });

  it('keeps the same beginning for several turns where it may drop in steps', async () => {
    await using files = await ModelFiles.create(withTokenizer);
    const prompter = files.prompter();
    const beginnings = async (step: number) => {
      const seen = new Set<string>();
      for (let count = 20; count < 32; count++) {
        const budget = { contextLength: 256, reserve: 16, overflow: 'truncate' as const, step };
        const { text, tokenCount } = await prompter.fit({ messages: turns(count) }, budget);
        expect(tokenCount).toBeLessThanOrEqual(240);
        seen.add(/Question \d+/.exec(text)?.[0] ?? '');
      }
      return seen.size;
    };
    expect(await beginnings(0)).toBeGreaterThan(10);
    expect(await beginnings(96)).toBeLessThan(7);
  });

  it('skips what its template refuses', async () => {
    const strict =
      "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('alternate!') }}{% endif %}{{ m.content }}{% endfor %}";
    await using files = await ModelFiles.create({
      'tokenizer.json': smallTokenizer,
      'tokenizer_config.json': smallConfig(strict),
    });
    const messages = turns(20).slice(1);
    const budget = { contextLength: 100, reserve: 1, overflow: 'truncate' as const };
    const { text, dropped } = await files.prompter().fit({ messages }, budget);
    expect(text).toMatch(/^Question/);
    expect(dropped % 2).toBe(0);
  });
});

describe.concurrent('without a tokenizer', () => {
  it('fits by an estimate that the runtime’s counters correct', async () => {
    await using files = await ModelFiles.create();
    const prompter = files.prompter({ name: 'qwen2.5' });
    const messages = turns(60);
    const budget = { contextLength: 700, reserve: 64, overflow: 'truncate' as const };
    const before = await prompter.fit({ messages }, budget);
    expect(before).toMatchObject({ kind: 'text', tokenCount: null });
    expect(before.tokensAtMost).toBeLessThanOrEqual(636);
    // This runtime counts fewer tokens than the first guess.
    for (let i = 0; i < 3; i++) prompter.learn(before.text, Math.round(before.tokensAtMost / 2));
    const after = await prompter.fit({ messages }, budget);
    expect(after.dropped).toBeLessThan(before.dropped);
    expect(after.tokensAtMost).toBeLessThanOrEqual(636);
  });

  it('says so where the numbers stand', async () => {
    await using files = await ModelFiles.create();
    await expect(
      files
        .prompter({ name: 'gemma' })
        .fit(
          { messages: [user('word '.repeat(500))] },
          { contextLength: 128, reserve: 1, overflow: 'truncate' },
        ),
    ).rejects.toMatchObject({ message: expect.stringMatching(/The prompt has about \d+ tokens/) });
  });
});

describe.concurrent('a chain of tool calls that is too long', () => {
  it('loses the oldest calls with their results and keeps the question', async () => {
    await using files = await ModelFiles.create(withTokenizer);
    const step = (i: number) => [call('get_weather', { i }, `Step ${i}`), result(`Result ${i}`)];
    const messages = [
      system('S'),
      user('Old'),
      assistant('Older'),
      user('The question'),
      ...Array.from({ length: 12 }, (_, i) => step(i)).flat(),
    ];
    const template = `{% if tools %}{{ tools[0].function.name }}{% endif %}${bare}`;
    await files.write('tokenizer_config.json', smallConfig(template));
    const { text, dropped } = await files
      .prompter()
      .fit(
        { messages, tools: [weather] },
        { contextLength: 200, reserve: 1, overflow: 'truncate' },
      );
    expect(dropped).toBeGreaterThan(2);
    expect(text).toMatch(
      /^get_weather\[system\]S\[user\]The question\[assistant\]Step (\d+)\[tool\]Result \1\[/,
    );
    expect(text).toMatch(/Result 11\[go\]$/);
  });
});
