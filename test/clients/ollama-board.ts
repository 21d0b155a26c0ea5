import type { ModelFileSpec, ScriptRule } from '../../simulator/model-file.ts';
import { Board, simulator } from '../e2e/board.ts';

const call = (name: string, given: object) =>
  `<tool_call>\n{"name": "${name}", "arguments": ${JSON.stringify(given)}}\n</tool_call>`;

/** The first rule whose words stand in the prompt answers. */
const script: ScriptRule[] = [
  { when: 'are on now', tokens: ['The lights', ' are on.'] },
  {
    when: 'lights in the kitchen and the hall',
    tokens: [
      'Let me see. ',
      call('HassTurnOn', { area: 'Küche', nested: { a: [1, 'ü'] } }),
      '\n',
      call('HassTurnOn', { area: 'Hall' }),
    ],
  },
  { when: 'how are you?', tokens: ['I', ' am', ' fine', '.'] },
  { when: 'count', tokens: ['1 ', '2 ', '3 ', '4 '] },
  { when: 'for ever', tokens: ['on ', 'and '], finish: 'length-only' },
  { when: 'capital', tokens: ['<think>', '\nEasy', '.\n', '</think>', '\n\n', 'Paris', '.'] },
  { when: '', echo: true },
];
const spec: ModelFileSpec = { text: 'the quick brown fox', vocabSize: 400, script };

/** ChatML with tools, the same with thoughts, and a family that knows neither. */
const models = {
  'qwen2.5-1.5b-w8a8.rkllm': { ...spec, maxContext: 16_384 },
  'qwen3-0.6b.rkllm': { ...spec, architecture: 'qwen3', thinking: true },
  'plain.rkllm': { ...spec, architecture: 'internlm2' },
};
export const qwen = 'qwen2.5-1.5b-w8a8:latest';
export const thinker = 'qwen3-0.6b:latest';
export const plain = 'plain:latest';

/** What a pull brings. */
export { spec };

export interface Running {
  board: Board;
  stop: () => Promise<void>;
}

export async function startBoard(environment: NodeJS.ProcessEnv = {}): Promise<Running> {
  const library = await simulator('1.3.1');
  const board = await Board.start({ library, models, environment });
  return { board, stop: () => board.stop() };
}
