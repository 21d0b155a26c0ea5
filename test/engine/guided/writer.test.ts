import { describe, expect, it } from 'vitest';
import { anyObject, compileGuide } from '../../../src/engine/guide/index.ts';
import { Thought } from '../../../src/engine/guided/thought.ts';
import { GuidedWriter, type WriterOptions } from '../../../src/engine/guided/writer.ts';
import { RepetitionWatch } from '../../../src/engine/output/repetition.ts';
import { FakeSource, reciter, type Speaker } from './fake-source.ts';

interface Told {
  text: string;
  reasoning: string;
  tokens: number;
  writer: GuidedWriter;
  source: FakeSource;
  ending: string;
}

async function write(
  schema: unknown,
  speak: Speaker,
  options: Partial<WriterOptions> & ConstructorParameters<typeof FakeSource>[1] = {},
): Promise<Told> {
  const { continues, room, late, ...more } = options;
  const source = new FakeSource(speak, {
    ...(continues && { continues }),
    ...(room !== undefined && { room }),
    ...(late !== undefined && { late }),
  });
  const told = { text: '', reasoning: '', tokens: 0 };
  const writer = new GuidedWriter({
    guide: await compileGuide(schema),
    source,
    thought: null,
    maxTokens: 1000,
    triesPerPlace: 2,
    onText: (text, tokens) => {
      told.text += text;
      told.tokens += tokens;
    },
    onReasoning: (text, tokens) => {
      told.reasoning += text;
      told.tokens += tokens;
    },
    flush: () => {},
    cancelled: () => false,
    ...more,
  });
  const ending = await writer.write();
  expect(told.text).toBe(writer.document);
  // The next prompt would have nothing that was thrown away.
  expect(writer.written.endsWith(writer.document)).toBe(true);
  if (!options.thought) expect(writer.written).toBe(writer.document);
  if (ending !== 'cancelled') {
    expect(await compileGuide(schema).then((guide) => guide.validate(told.text))).toBeNull();
    expect(told.tokens).toBeLessThanOrEqual(writer.completionTokens);
  }
  return { ...told, writer, source, ending };
}

const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const string = { type: 'string' };
const city = object({ city: string, warm: { type: 'boolean' } });

describe('what is certain', () => {
  it('is written by the engine, what is free by the model', async () => {
    const { text, writer, source } = await write(city, (written) =>
      written.endsWith('": "') ? 'Paris' : written.endsWith('Paris') ? '"' : ' true',
    );
    expect(text).toBe('{"city": "Paris", "warm": true}');
    expect(source.runs).toBe(2);
    expect(source.generated).toBe(3);
    expect(writer.counts).toMatchObject({ continuations: 1, rejectedTokens: 0 });
  });

  it('needs no model at all where nothing is free', async () => {
    const { text, source, ending } = await write(object({ a: { const: 1 } }), () => 'no');
    expect([text, source.runs, ending]).toEqual(['{"a": 1}', 0, 'whole']);
  });

  it('is left to the model where that is quicker', async () => {
    const wanted = '{"city": "Paris", "warm": true}';
    const { text, source } = await write(city, reciter(wanted), { continues: () => false });
    expect(text).toBe(wanted);
    expect(source.runs).toBe(1);
  });
});

describe('what does not fit', () => {
  it('ends the run, and the next goes on from what did', async () => {
    let tries = 0;
    const { text, writer } = await write(
      object({ a: { type: 'integer' } }),
      () => {
        tries += 1;
        return tries === 1 ? ' 4x' : '2';
      },
      { maxTokens: 12 },
    );
    expect(text).toMatch(/^\{"a": 42+\}$/);
    expect(writer.counts.rejectedTokens).toBe(1);
  });

  it('is tried again, then the engine writes a character of its own', async () => {
    const { text, source, ending } = await write(
      object({ a: { enum: ['xyz', 'other'] } }),
      () => 'zzz',
    );
    expect(text).toBe('{"a": "xyz"}');
    expect([source.runs, ending]).toEqual([2, 'whole']);
  });

  it.each([
    [{ type: 'integer' }, '20', 20],
    [{ type: 'number' }, '-1.5', -1.5],
    [{ type: 'boolean' }, 'false', false],
    [{ type: ['null', 'integer'] }, 'null', null],
  ])('may be the quotes around a value: %j', async (schema, word, value) => {
    const { text, source } = await write(object({ a: schema }), (written) => {
      if (written.endsWith(word)) return '"';
      return written.endsWith('"a": "') || written.endsWith('"a":"') ? word : ' "';
    });
    expect(JSON.parse(text)).toEqual({ a: value });
    expect(source.runs).toBeLessThanOrEqual(3);
  });

  it('is a quote at the end of a string that is too short, and nothing behind it is let in', async () => {
    const short = object({
      a: { type: 'string', pattern: '^[0-9]{2}:[0-9]{2}$' },
      b: { const: 1 },
    });
    const { text } = await write(short, (written) =>
      written.endsWith('"a": "') ? '12:' : written.endsWith('12:') ? '"' : '34',
    );
    expect(JSON.parse(text).a).toBe('12:03');
  });

  it('behind a whole text ends the answer', async () => {
    const { text, writer } = await write({ type: 'integer' }, (written) =>
      written.endsWith('7') ? ' and that is it' : '7',
    );
    expect(text.trim()).toBe('7');
    expect(writer.counts).toMatchObject({ continuations: 0, rejectedTokens: 0 });
  });

  it('includes what repeats itself, where that is asked for', async () => {
    const again: Speaker = () => ' and so on,';
    const { text, ending } = await write(city, again, { repetition: new RepetitionWatch({}) });
    expect(ending).toBe('whole');
    expect(JSON.parse(text).city.length).toBeLessThan(1000);
    expect((await write(city, again)).ending).toBe('limit');
  });

  it('costs a bounded number of runs, whatever the model says', async () => {
    const hopeless = object({ a: { type: 'string', pattern: '^[a-z]{200}$' } });
    const { source, ending } = await write(hopeless, () => '9');
    expect(ending).toBe('whole');
    expect(source.runs).toBeLessThanOrEqual(33);
  });
});

describe('a model that ends too early', () => {
  it('has its text completed', async () => {
    const { text, source, ending } = await write(city, () => null);
    expect(JSON.parse(text)).toEqual({ city: '', warm: true });
    expect(ending).toBe('whole');
    expect(source.runs).toBeLessThanOrEqual(4);
  });

  it('may end where the text is whole', async () => {
    const { text, source } = await write({ type: 'integer' }, (written) =>
      written.endsWith('12') ? null : '12',
    );
    expect([text, source.runs]).toEqual(['12', 1]);
  });
});

describe('the token limit', () => {
  it.each(Array.from({ length: 30 }, (_, tokens) => tokens + 1))(
    'of %i ends the text in a short way',
    async (maxTokens) => {
      const wanted = '{"city": "Paris on the river", "warm": true}';
      const { text, ending, writer } = await write(city, reciter(wanted), { maxTokens });
      if (ending === 'whole') expect(text).toBe(wanted);
      else expect(ending).toBe('limit');
      // Beyond it goes only what is certain, and what ends the text.
      const generated = writer.completionTokens - writer.counts.forcedTokens;
      expect(generated).toBeLessThanOrEqual(maxTokens);
    },
  );

  it('of the context does the same', async () => {
    const { text, ending } = await write(city, () => 'a', { room: 40 });
    expect(ending).toBe('limit');
    expect(text).toMatch(/^\{"city": "a+", ?"warm": ?true\}$/);
  });
});

describe('what comes after an abort', () => {
  it('is no part of the answer', async () => {
    const { text } = await write(
      city,
      (written) => (written.endsWith('"city": "') ? 'Rome"' : ' true'),
      { late: 3 },
    );
    expect(text).toBe('{"city": "Rome", "warm": true}');
  });
});

describe('a thought before', () => {
  const thinking = (opened: boolean) => new Thought(opened ? 'assistant\n<think>\n' : '', opened);
  const say = (tokens: readonly string[], then: Speaker): Speaker => {
    let at = 0;
    return (written) => (at < tokens.length ? (tokens[at++] ?? null) : then(written));
  };
  const rome = reciter('{"city": "Rome", "warm": true}', 4);

  it.each([
    ['that the model opens', ['<think>', '\nWarm?', ' Yes.\n', '</think>'], false],
    ['that the prompt opened', ['Warm?', ' Yes.\n', '</think>', '\n\n'], true],
  ])('%s is told apart, and the guide begins behind it', async (_, tokens, opened) => {
    const { text, reasoning, writer } = await write(city, say(tokens, rome), {
      thought: thinking(opened),
    });
    expect(reasoning).toBe('Warm? Yes.');
    expect(text).toBe('{"city": "Rome", "warm": true}');
    expect(writer.written).toMatch(/<\/think>\n\n\{"city": "Rome/);
    expect(writer.reasoningTokens).toBe(tokens.filter((each) => each.trim() !== '').length);
  });

  it('may be left out', async () => {
    const { text, reasoning } = await write(city, say(['{"city', '": "'], rome), {
      thought: thinking(false),
    });
    expect([text, reasoning]).toEqual(['{"city": "Rome", "warm": true}', '']);
  });

  it('may be no thought but prose, which is not let through', async () => {
    const { text, reasoning } = await write(city, say(['Sure!'], rome), {
      thought: thinking(false),
    });
    expect([text, reasoning]).toEqual(['{"city": "Rome", "warm": true}', '']);
  });

  it.each([
    [['<think>', 'Hm'], false],
    [['Hm'], true],
  ])('in which the model ends is closed for it (%j)', async (tokens, opened) => {
    const speak = say([...tokens, ''], rome);
    let ended = false;
    const { writer, text } = await write(
      city,
      (written) => {
        const next = speak(written);
        if (next !== '' || ended) return next;
        ended = true;
        return null;
      },
      { thought: thinking(opened) },
    );
    expect(text).toBe('{"city": "Rome", "warm": true}');
    expect(writer.written).toMatch(/Hm\n<\/think>\n\n\{"city": "Rome/);
  });

  it.each([1, 2, 3, 4, 5, 6])('that takes all %i tokens leaves a short text', async (maxTokens) => {
    const { text, ending } = await write(city, say(['<think>', 'a', 'b', 'c', 'd', 'e'], rome), {
      thought: thinking(false),
      maxTokens,
    });
    expect([JSON.parse(text), ending]).toEqual([{ city: '', warm: true }, 'limit']);
  });
});

describe('any object', () => {
  it('is what a model makes of it', async () => {
    const wanted = '{"b": [1, {"c": null}], "a": "x"}';
    const source = new FakeSource(reciter(wanted));
    let text = '';
    const writer = new GuidedWriter({
      guide: anyObject,
      source,
      thought: null,
      maxTokens: 100,
      triesPerPlace: 2,
      onText: (piece) => {
        text += piece;
      },
      onReasoning: () => {},
      flush: () => {},
      cancelled: () => false,
    });
    expect(await writer.write()).toBe('whole');
    expect(text).toBe(wanted);
  });
});
