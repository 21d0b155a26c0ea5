import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelFileSpec, writeModelFile } from '../../simulator/model-file.ts';
import { tokenizerConfigJson, tokenizerJson } from '../../simulator/tokenizer-json.ts';
import { Board, simulator } from '../e2e/board.ts';

const weather =
  '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>';
const time = '<tool_call>\n{"name": "get_time", "arguments": {}}\n</tool_call>';

/** What the model says, by what stands in the prompt; else it repeats the question. */
const script: NonNullable<ModelFileSpec['script']> = [
  { when: '18 degrees', tokens: ['It is', ' 18 degrees', ' in Paris.'] },
  { when: 'weather and time', tokens: [weather, '\n', time] },
  { when: 'weather in Paris', tokens: ['Let me see. ', weather] },
  { when: 'think hard', tokens: ['<think>', 'Two and', ' two.', '</think>', 'Four', '.'] },
  { when: 'how are you?', tokens: ['I', ' am', ' fine', '.'] },
  { when: 'for ever', tokens: ['on ', 'and '], finish: 'length-only' },
  { when: '', echo: true },
];

/** The real daemon with two models that follow the script; `chat.rkllm` is the one to ask. */
export class OpenaiBoard {
  readonly board: Board;

  private constructor(board: Board) {
    this.board = board;
  }

  static async start(environment: NodeJS.ProcessEnv = {}, maxContext = 2048): Promise<OpenaiBoard> {
    const library = await simulator('1.3.1');
    const model = { text: 'the quick brown fox', vocabSize: 400, script, maxContext };
    const models = { 'chat.rkllm': model, 'other.rkllm': model };
    return new OpenaiBoard(await Board.start({ library, models, environment }));
  }

  get baseURL(): string {
    return `${this.board.url}/v1`;
  }

  /** Adds a model in a folder, with the tokenizer that rerank needs. */
  async addReranker(name: string): Promise<void> {
    const folder = join(this.board.modelsFolder, name);
    const spec = { text: 'Yes.\n\nNo.\n\nthe quick brown fox' };
    await mkdir(join(folder, 'tokenizer'), { recursive: true });
    await writeFile(join(folder, 'tokenizer', 'tokenizer.json'), tokenizerJson(spec));
    await writeFile(join(folder, 'tokenizer', 'tokenizer_config.json'), tokenizerConfigJson(spec));
    await writeModelFile(join(folder, 'model.rkllm'), spec);
    await utimes(join(folder, 'model.rkllm'), 0, 0);
    while (!JSON.stringify(await this.board.models()).includes(name)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  stop(): Promise<void> {
    return this.board.stop();
  }
}
