import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { compileGuide, type GuideState } from '../../../src/engine/guide/index.ts';
import { ApplianceError } from '../../../src/errors.ts';
import { randomFrom } from '../../support/random.ts';
import { randomDocument } from './random-schema.ts';
import { randomWalk } from './random-walk.ts';

const seed = Number(process.env['GUIDE_SEED'] ?? 2110905416);
const schemas = Number(process.env['GUIDE_SCHEMAS'] ?? 2_000);

/** Ajv as it comes, with its own regular expressions. */
const ajv = new Ajv2020({ strict: false, logger: false });
ajvFormats.default(ajv);
ajv.addFormat('entity_id', /^(?!.+__)(?!_)[\da-z_]+(?<!_)\.(?!_)[\da-z_]+(?<!_)$/);
ajv.addFormat('RFC 5646', /^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$/);
ajv.addFormat('ISO 3166-1 alpha-2', /^[A-Z]{2}$/);

function judgeOf(schema: object | boolean) {
  const validate = ajv.compile(schema);
  if (typeof schema === 'object') ajv.removeSchema(schema);
  return (text: string) => (validate(JSON.parse(text)) ? null : ajv.errorsText(validate.errors));
}

describe(`random schemas and random texts, seed ${seed} (GUIDE_SEED)`, () => {
  it('keeps every text valid, and every place has a valid end', { timeout: 300_000 }, async () => {
    const random = randomFrom(seed);
    let compiled = 0;
    let states = 0;
    const refused = new Map<string, number>();
    while (compiled < schemas) {
      const schema = randomDocument(random);
      const told = JSON.stringify(schema);
      try {
        const guide = await compileGuide(schema);
        compiled += 1;
        const judge = judgeOf(schema);
        const check = (text: string, state: GuideState) => {
          states += 1;
          const closing = state.closing();
          expect(judge(text + closing), `${told} wrote ${text} and closed ${closing}`).toBeNull();
          const { state: end, accepted } = state.accept(closing);
          expect([accepted, end.complete], `${told} at ${text} closed by ${closing}`).toEqual([
            closing.length,
            true,
          ]);
          const { forced } = state;
          expect(state.accept(forced).accepted, `${told} at ${text} forces ${forced}`).toBe(
            forced.length,
          );
          expect(state.complete && forced !== '', `${told} at ${text}`).toBe(false);
          if (state.complete) expect(closing).toBe('');
        };
        check('', guide.start);
        for (let walk = 0; walk < 3; walk += 1) randomWalk(random, guide.start, check);
      } catch (error) {
        if (!(error instanceof ApplianceError)) throw error;
        const keyword = /keyword (\S+)/.exec(error.message)?.[1] ?? error.message;
        refused.set(keyword, (refused.get(keyword) ?? 0) + 1);
      }
    }
    console.info(`${compiled} schemas, ${states} states; refused: ${JSON.stringify([...refused])}`);
  });
});
