/** What goes into a `Prompter` and what comes out of it. */
import type { Model, Modelfile } from '../../library/index.ts';
import type { ToolFormat } from '../output/index.ts';
import type { ChatMessage, Thinking, Tool } from '../types.ts';
import type { ThreadLimits } from './prompt-thread.ts';

/** The part of a logger that prompts use. */
export interface PromptLog {
  warn(fields: object, message: string): void;
}

export interface PromptInput {
  /** At least one. An assistant's message at the end is what the answer goes on from. */
  messages: readonly ChatMessage[];
  tools?: readonly Tool[];
  /** Left out: as the Modelfile says, else as the template decides. */
  thinking?: Thinking;
  /** Text with which the answer begins, after whatever the template opens it with. */
  prefill?: string;
}

export interface RenderedPrompt {
  /**
   * `tokens`: `ids` are complete. `text`: the text is finished, the runtime's template must be off.
   * `runtime`: the runtime puts the text into the template inside the model file.
   */
  kind: 'tokens' | 'text' | 'runtime';
  text: string;
  ids?: Int32Array<ArrayBuffer>;
  /** Exact, with what the runtime adds; null without a tokenizer. */
  tokenCount: number | null;
  /** The same number, or without a tokenizer rather too much than too little. */
  tokensAtMost: number;
  /** Tokens that every conversation with this system prompt and these tools begins with. */
  stableTokens?: number;
  /** The prompt ends inside a thought: the answer begins with the rest of it. */
  thinkingOpened: boolean;
  /** How the model writes the calls of tools. */
  toolFormat: ToolFormat;
}

export interface FittedPrompt extends RenderedPrompt {
  /** Messages that were left out. */
  dropped: number;
}

export interface PromptCapabilities {
  tools: boolean;
  thinking: boolean;
  vision: boolean;
  /** How it writes tool calls and thoughts: a name of `families/`. */
  family: string;
  templateSource: 'modelfile' | 'tokenizer' | 'family';
}

/** The part of a catalogue's model that matters here. */
export interface PromptModel extends Pick<Model, 'name' | 'searchFolders'> {
  modelfile: Pick<
    Modelfile,
    'system' | 'template' | 'tokenizer' | 'promptMode' | 'enableThinking' | 'messages'
  >;
  /** `general.architecture` of the file. */
  architecture: string | null;
  /** What the template inside the file puts before a question, as far as it can be read. */
  templatePrefix?: string | null;
}

export interface PrompterOptions {
  log?: PromptLog;
  /** False for a runtime that applies no template of its own (inferred: before 1.2.0). */
  runtimeTemplate?: boolean;
  limits?: Partial<ThreadLimits>;
  /** Milliseconds since 1970. */
  now?: () => number;
}
