import { Template } from '@huggingface/jinja';
import { expect, it } from 'vitest';
import { framedTemplate } from '../../../src/library/modelfile/framed-template.ts';

const messages = [
  { role: 'user', content: 'one' },
  { role: 'assistant', content: 'two' },
  { role: 'tool', content: 'three' },
];

it.each([
  ['the beginning of sequence where the tokenizer has one', '', '<u>', '<s><u>one<a>two</s>'],
  ['no second one where the system text begins with it', '<s>S', '<u>', '<s>S<u>one<a>two</s>'],
  ['no second one where the prefix begins with it', '', '<s>[', '<s>[one<a>two</s>'],
])('has %s', (_, system, prefix, expected) => {
  const template = new Template(framedTemplate({ system, prefix, postfix: '<a>' }));
  const text = template.render({ messages, bos_token: '<s>', eos_token: '</s>' });
  expect(text).toBe(`${expected}${prefix}three<a>`);
});

it('carries every text as it is', () => {
  const odd = `'" \\ \\n \n\r\t {{ x }} {% if %} {# no #} -}} {{- %} é�`;
  const template = new Template(framedTemplate({ system: odd, prefix: odd, postfix: odd }));
  const text = template.render({ messages: [{ role: 'user', content: odd }] });
  expect(text).toBe(odd.repeat(4));
});
