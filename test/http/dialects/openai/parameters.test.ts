import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkParameters, parameters } from '../../../../src/http/dialects/openai/parameters.ts';

describe('fields that a runtime cannot honour', () => {
  it.each([
    ['logprobs', true],
    ['top_logprobs', 3],
    ['logit_bias', { 50256: -100 }],
    ['grammar', 'root ::= "yes"'],
    ['guided_regex', 'a+'],
    ['functions', [{ name: 'f' }]],
    ['modalities', ['text', 'audio']],
    ['suffix', 'end'],
    ['best_of', 2],
  ])('%s = %j is refused by its name', (name, value) => {
    expect(() => checkParameters({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'unsupported', param: name }),
    );
  });

  it.each([
    ['logprobs', false],
    ['top_logprobs', 0],
    ['logit_bias', {}],
    ['logit_bias', null],
    ['grammar', ''],
    ['functions', []],
    ['function_call', 'auto'],
    ['modalities', ['text']],
    ['suffix', ''],
    ['best_of', 1],
    ['user', 'somebody'],
    ['store', true],
  ])('%s = %j asks for nothing', (name, value) => {
    expect(checkParameters({ [name]: value })).toEqual([]);
  });

  it('are reported where an answer does not depend on them', () => {
    expect(checkParameters({ seed: 0, min_p: 0.05, typical_p: 1 })).toEqual(['seed', 'min_p']);
  });

  it('best_of may be as many as are asked for', () => {
    expect(checkParameters({ n: 3, best_of: 3 })).toEqual([]);
  });
});

describe('docs/OPENAI.md', () => {
  const page = readFileSync(new URL('../../../../docs/OPENAI.md', import.meta.url), 'utf8');

  it.each(parameters.map(({ name, effect, why }) => [name, effect, why]))(
    'says of %s that it is %s',
    (name, effect, why) => {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` `));
      expect(row?.replace(/\s+/g, ' ')).toBe(`| \`${name}\` | ${effect} | ${why} |`);
    },
  );
});
