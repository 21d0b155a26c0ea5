import { describe, expect, it } from 'vitest';
import { parameterNames, parameterOf, thinkOf } from '../../../src/cli/chat/values.ts';
import { parameterNames as kept } from '../../../src/http/dialects/ollama/parameters.ts';

describe('parameterOf', () => {
  it.each([
    ['temperature', '0.7', 0.7],
    ['num_predict', '-1', -1],
    ['stop', '###', '###'],
    ['stop', '3', '3'],
  ])('reads %s %j as %j', (name, text, value) => expect(parameterOf(name, text)).toBe(value));

  it.each(['hot', '', '1e400', 'true'])('says that %j is no temperature', (text) => {
    expect(() => parameterOf('temperature', text)).toThrow(`temperature cannot be "${text}"`);
  });

  it('says that there is no such parameter, and which there are', () => {
    expect(() => parameterOf('temperatur', '1')).toThrow(
      expect.objectContaining({
        message: 'There is no parameter temperatur.',
        hint: expect.stringContaining('temperature'),
      }),
    );
  });

  it('knows what the daemon can keep with a model', () => {
    expect(parameterNames.toSorted()).toEqual([...kept].toSorted());
  });
});

describe('thinkOf', () => {
  it.each([true, false, 'low', 'medium', 'high', 'max'])('takes %j', (level) =>
    expect(thinkOf(level)).toBe(level),
  );

  it.each(['', 'hi', 'High'])('refuses %j', (level) =>
    expect(() => thinkOf(level)).toThrow(`There is no level "${level}" of thinking`),
  );
});
