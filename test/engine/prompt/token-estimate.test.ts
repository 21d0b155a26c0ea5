import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TextTokenizer } from '../../../src/engine/prompt/text-tokenizer.ts';
import { TokenEstimate } from '../../../src/engine/prompt/token-estimate.ts';
import { realFolder } from './real-tokenizers.ts';

const folder = realFolder('qwen3');
const tokenizer = await TextTokenizer.load(
  `${folder}/tokenizer.json`,
  `${folder}/tokenizer_config.json`,
);
const file = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8').slice(0, 5000);

const texts: [string, string][] = [
  ['TypeScript', file('../../../src/engine/prompt/prompter.ts')],
  ['C', file('../../../simulator/src/tokenizer.c')],
  ['JSON', file('../../../package-lock.json')],
  ['English', 'The quick brown fox jumps over the lazy dog, and nobody is surprised. '.repeat(9)],
  ['German', 'Übermäßige Geräusche stören die Nachbarschaft; die Beleuchtung ist aus. '.repeat(9)],
  ['French', 'L’été dernier, nous avons visité plusieurs châteaux très appréciés. '.repeat(9)],
  ['Polish', 'Wczoraj wieczorem poszliśmy do kina na świetny film, który się podobał. '.repeat(9)],
  ['Russian', 'Сегодня хорошая погода, и мы решили поехать за город. '.repeat(9)],
  ['Arabic', 'الطقس اليوم جميل جدا وسوف نذهب إلى الشاطئ مع العائلة. '.repeat(9)],
  ['Hindi', 'आज मौसम बहुत अच्छा है और हम परिवार के साथ समुद्र तट पर जाएंगे। '.repeat(9)],
  ['Chinese', '今天天气很好，我们决定和家人一起去海边散步。'.repeat(9)],
  ['Japanese', '今日は天気がとても良いので、家族と一緒に海辺を散歩します。'.repeat(9)],
  ['Korean', '오늘은 날씨가 아주 좋아서 가족과 함께 바닷가를 산책합니다. '.repeat(9)],
  ['emoji', '👍🏽😀🎉❤️👨‍👩‍👧‍👦🚀✨'.repeat(9)],
  ['a hash', createHash('sha512').update('x').digest('hex').repeat(5)],
  ['base64', createHash('sha512').update('x').digest('base64').repeat(5)],
  ['digits', '31415926535897932384626433832795'.repeat(9)],
  ['signs', '{}[]();:!?,.<>=+-*/&|^~#@$%'.repeat(9)],
  ['blanks', `${' '.repeat(400)}${'\n'.repeat(200)}`],
  ['entities of a house', "light.kueche_decke 'Küche Decke' = on;brightness=80%\n".repeat(9)],
];

describe('the estimate', () => {
  it.each(texts)('of %s is not less than what Qwen 3 counts, nor four times as much', (_, text) => {
    const real = tokenizer.encode(text).length;
    const estimate = new TokenEstimate().atMost(text);
    expect(estimate).toBeGreaterThanOrEqual(real);
    expect(estimate).toBeLessThan(real * 4 + 100);
  });

  it('comes close once it has learned', () => {
    const estimate = new TokenEstimate();
    const [[, seen]] = texts as [[string, string]];
    estimate.learn(seen, tokenizer.encode(seen).length);
    const other = file('../../../src/engine/prompt/prompt-source.ts');
    const real = tokenizer.encode(other).length;
    expect(estimate.atMost(other)).toBeGreaterThanOrEqual(real);
    expect(estimate.atMost(other)).toBeLessThan(real * 1.3);
  });

  it('remembers the worst of the last sixteen', () => {
    const estimate = new TokenEstimate();
    const text = 'word '.repeat(100);
    estimate.learn(text, 1000);
    expect(estimate.atMost(text)).toBeGreaterThan(1000);
    for (let i = 0; i < 15; i++) estimate.learn(text, 100);
    expect(estimate.atMost(text)).toBeGreaterThan(1000);
    estimate.learn(text, 100);
    expect(estimate.atMost(text)).toBeLessThan(200);
  });

  it('learns nothing from short texts, which are mostly template', () => {
    const estimate = new TokenEstimate();
    estimate.learn('Hi', 40);
    expect(estimate.atMost('word '.repeat(100))).toBeLessThan(200);
  });
});
