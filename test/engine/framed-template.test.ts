import { describe, expect, it } from 'vitest';
import type { ModelFileSpec } from '../../simulator/model-file.ts';
import { tokenizerConfigJson, tokenizerJson } from '../../simulator/tokenizer-json.ts';
import type { ChatMessage } from '../../src/engine/index.ts';
import { simulator } from '../e2e/board.ts';
import { Rig } from './rig.ts';

const library = await simulator('1.3.1');

const spec: ModelFileSpec = { text: 'hello fox', vocabSize: 600 };
const tokenizer = {
  'm/tokenizer.json': tokenizerJson(spec),
  'm/tokenizer_config.json': tokenizerConfigJson(spec),
};
const frame = `FROM=m.rkllm
SYSTEM_PROMPT="<sys>Be \\"brief\\" {{ {% 'x' }}</sys>\\n"
PROMPT_PREFIX="<u>\\\\ "
PROMPT_POSTFIX="</u>\\n<a>"
`;
const opening = `<sys>Be "brief" {{ {% 'x' }}</sys>\n`;

async function promptOf(
  messages: ChatMessage[],
  modelfile: string,
  files: Record<string, string> = {},
): Promise<unknown> {
  const modelfiles = { ...files, 'm/Modelfile': modelfile };
  await using rig = await Rig.start({ library, models: { 'm/m.rkllm': spec }, modelfiles });
  await rig.ask({ model: 'm', messages });
  // The runtime adds nothing of its own around it.
  expect((await rig.calls('rkllm_set_chat_template'))[0]?.args).toMatchObject({
    system_prompt: '',
    prompt_prefix: '',
    prompt_postfix: '',
  });
  return (await rig.prompts()).at(-1);
}

const conversation: ChatMessage[] = [
  { role: 'user', content: 'one {{ 1 }}' },
  { role: 'assistant', content: 'two' },
  { role: 'user', content: 'three' },
];

describe.concurrent('SYSTEM_PROMPT, PROMPT_PREFIX and PROMPT_POSTFIX of a Modelfile', () => {
  it('frame a question', async () => {
    const prompt = await promptOf([{ role: 'user', content: 'hello' }], frame);
    expect(prompt).toBe(`${opening}<u>\\ hello</u>\n<a>`);
  });

  it('frame every question of a conversation', async () => {
    const prompt = await promptOf(conversation, frame);
    expect(prompt).toBe(`${opening}<u>\\ one {{ 1 }}</u>\n<a>two<u>\\ three</u>\n<a>`);
  });

  it('come before the template of the tokenizer, whose end of turn ends the answers', async () => {
    const prompt = await promptOf(conversation, `${frame}PROMPT_FORMAT=text\n`, tokenizer);
    expect(prompt).toBe(`${opening}<u>\\ one {{ 1 }}</u>\n<a>two<|im_end|><u>\\ three</u>\n<a>`);
  });

  it('leave a system message of the request to the question', async () => {
    const system: ChatMessage = { role: 'system', content: 'Rhyme.' };
    const prompt = await promptOf([system, { role: 'user', content: 'hello' }], frame);
    expect(prompt).toBe(`${opening}<u>\\ Rhyme.\n\nhello</u>\n<a>`);
  });

  it('may be empty', async () => {
    const empty = 'FROM=m.rkllm\nSYSTEM_PROMPT=\nPROMPT_PREFIX=\nPROMPT_POSTFIX=" ->"\n';
    expect(await promptOf([{ role: 'user', content: 'hello' }], empty)).toBe('hello ->');
  });

  it('give way to a TEMPLATE', async () => {
    const template = `${frame}TEMPLATE="[{{ messages[0].content }}]"\n`;
    expect(await promptOf([{ role: 'user', content: 'hello' }], template)).toBe('[hello]');
  });
});
