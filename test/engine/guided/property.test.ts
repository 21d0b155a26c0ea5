import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { compileGuide } from '../../../src/engine/guide/index.ts';
import { Thought } from '../../../src/engine/guided/thought.ts';
import { GuidedWriter } from '../../../src/engine/guided/writer.ts';
import { randomFrom } from '../../support/random.ts';
import { babbler, FakeSource, hostile, nearJson, prose } from './fake-source.ts';
import { randomSchema } from './random-schema.ts';

/** GUIDED_SEED repeats a run, GUIDED_SCHEMAS says how many schemas it has. */
const seed = Number(process.env['GUIDED_SEED'] ?? 20261121);
const schemas = Number(process.env['GUIDED_SCHEMAS'] ?? 2000);
const vocabularies = { prose, nearJson, hostile, all: [...prose, ...nearJson, ...hostile] };
const kinds = Object.values(vocabularies);
const maxTokens = 120;

describe(`${schemas} random schemas and models that do not know them (seed ${seed})`, () => {
  it('end in a valid document, whatever is generated, in a bounded number of runs', {
    timeout: 280_000,
  }, async () => {
    // Formats are the guide's own business; they are judged by its tests.
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const endings = { whole: 0, limit: 0, cancelled: 0 };
    for (let index = 0; index < schemas; index++) {
      const next = randomFrom(seed + index);
      const schema = randomSchema(next);
      const where = `seed ${seed + index}, ${JSON.stringify(schema)}`;
      const guide = await compileGuide(schema).catch((error: unknown) => {
        throw new Error(`${where}: ${String(error)}`);
      });
      const words = kinds[Math.floor(next() * kinds.length)] ?? prose;
      const source = new FakeSource(babbler(words, next), {
        continues: (tokens) => tokens > next() * 4,
        late: Math.floor(next() * 3),
        ...(next() < 0.1 && { room: 20 + next() * 100 }),
      });
      let told = '';
      let tokens = 0;
      const writer = new GuidedWriter({
        guide,
        source,
        thought: next() < 0.2 ? new Thought('', false) : null,
        maxTokens,
        triesPerPlace: 1 + Math.floor(next() * 2),
        onText: (text, count) => {
          told += text;
          tokens += count;
        },
        onReasoning: () => {},
        flush: () => {},
        cancelled: () => false,
      });
      const ending = await writer.write().catch((error: unknown) => {
        throw new Error(`${where}: ${String(error)} after ${JSON.stringify(told)}`);
      });
      endings[ending] += 1;
      expect(told, where).toBe(writer.document);
      expect(writer.written.endsWith(told), where).toBe(true);
      expect(await guide.validate(told), `${where}: ${told}`).toBeNull();
      expect(ajv.validate(schema, JSON.parse(told)), `${where}: ${told}`).toBe(true);
      expect(source.runs, where).toBeLessThanOrEqual(maxTokens + 33);
      expect(tokens, where).toBeLessThanOrEqual(writer.completionTokens);
    }
    expect(endings.cancelled).toBe(0);
    expect(Math.min(endings.whole, endings.limit)).toBeGreaterThan(0);
  });
});
