/**
 * Where one model's prompts come from. With files from elsewhere a thread writes them; when it is
 * lost over a template or a tokenizer, that one is given up and the next best takes its place.
 */
import { ApplianceError } from '../../errors.ts';
import type { Conversation } from './chat-format.ts';
import { isGoTemplate } from './go-template.ts';
import { findPromptFiles, noFiles, type PromptFiles } from './prompt-files.ts';
import { defaultThreadLimits, PromptThread, type ThreadLimits } from './prompt-thread.ts';
import type { PromptLog, PromptModel } from './prompt-types.ts';
import type {
  AnswerPiece,
  Description,
  PromptWriter,
  WriterSpec,
  Written,
} from './prompt-writer.ts';
import { TemplateRefusal } from './template-refusal.ts';
import type { Frame } from './text-tokenizer.ts';

type Tokenized = Int32Array<ArrayBuffer> | null;

interface Open {
  writer: PromptThread | PromptWriter;
  description: Description;
  /** Resolves to whether there is one that works. */
  tokenizer?: Promise<boolean>;
}

export class PromptSource {
  readonly #model: PromptModel;
  readonly #log: PromptLog;
  readonly #limits: ThreadLimits;
  readonly #told = new Set<string>();
  #usesTemplates = true;
  #usesTokenizer = true;
  #opening: Promise<Open> | undefined;
  #thread: PromptThread | undefined;
  #closed = false;

  constructor(model: PromptModel, log: PromptLog, limits: Partial<ThreadLimits>) {
    this.#model = model;
    this.#log = log;
    this.#limits = { ...defaultThreadLimits, ...limits };
  }

  async description(): Promise<Description> {
    return (await this.#open()).description;
  }

  /** Loads the tokenizer, once for all who ask. */
  async hasTokenizer(): Promise<boolean> {
    const open = await this.#open();
    open.tokenizer ??= this.#loadTokenizer(open);
    return open.tokenizer;
  }

  /** Throws `TemplateRefusal`. */
  async write(conversation: Conversation, kind: 'tokens' | 'text'): Promise<Written> {
    for (;;) {
      await this.hasTokenizer();
      const open = await this.#open();
      try {
        const written = await open.writer.write(withoutBytes(conversation), kind);
        this.#tell(written.warnings);
        return written;
      } catch (error) {
        if (error instanceof TemplateRefusal) throw error;
        this.#giveUp(open, error, this.#usesTemplates ? 'template' : 'tokenizer');
      }
    }
  }

  /** Null without a tokenizer. */
  encode(text: string, frame: Frame): Promise<Int32Array<ArrayBuffer> | null> {
    return this.#tokenize((writer) => writer.encode(text, frame));
  }

  /** Ids of what follows a prompt; null without a tokenizer. */
  extend(pieces: readonly AnswerPiece[]): Promise<Int32Array<ArrayBuffer> | null> {
    return this.#tokenize((writer) => writer.extend(pieces));
  }

  async #tokenize(
    work: (writer: Open['writer']) => Tokenized | Promise<Tokenized>,
  ): Promise<Tokenized> {
    if (!(await this.hasTokenizer())) return null;
    const open = await this.#open();
    try {
      return await work(open.writer);
    } catch (error) {
      this.#giveUp(open, error, 'tokenizer');
      return null;
    }
  }

  /** For the board's owner, once. */
  warn(words: string): void {
    this.#tell([words]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#opening = undefined;
    await this.#thread?.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new ApplianceError('model_unloaded', 'The model was unloaded.');
  }

  async #open(): Promise<Open> {
    this.#assertOpen();
    this.#opening ??= this.#start();
    return this.#opening;
  }

  async #start(): Promise<Open> {
    const spec = await this.#spec();
    // Closed meanwhile: nobody would close a thread that begins now.
    this.#assertOpen();
    const { files, template } = spec;
    const foreign = template !== null || files.tokenizer !== null || files.templates.length > 0;
    const writer = foreign ? this.#startThread(spec) : await localWriter(spec);
    try {
      const description = await writer.open();
      this.#tell(description.warnings);
      return { writer, description };
    } catch (error) {
      if (!this.#usesTemplates) throw error;
      this.#giveUp({ writer }, error, 'template');
      return this.#open();
    }
  }

  #startThread(spec: WriterSpec): PromptThread {
    this.#thread = new PromptThread(spec, this.#limits);
    return this.#thread;
  }

  async #spec(): Promise<WriterSpec> {
    const { name, architecture, searchFolders, modelfile } = this.#model;
    const found = await findPromptFiles(searchFolders, modelfile.tokenizer);
    const files: PromptFiles = {
      ...found,
      tokenizer: this.#usesTokenizer ? found.tokenizer : noFiles.tokenizer,
      templates: this.#usesTemplates ? found.templates : noFiles.templates,
    };
    const hint = this.#model.templatePrefix ?? null;
    const template = this.#usesTemplates ? this.#modelfileTemplate() : null;
    return { name, architecture, hint, files, template };
  }

  #modelfileTemplate(): string | null {
    const { template } = this.#model.modelfile;
    if (!template || template.trim() === '') return null;
    if (!isGoTemplate(template)) return template;
    this.#tell([
      "The Modelfile's TEMPLATE is written in Go's template language, as Ollama's are; " +
        'it is left out. Write it in Jinja, or leave it to the tokenizer files.',
    ]);
    return null;
  }

  async #loadTokenizer({ writer, ...open }: Omit<Open, 'tokenizer'>): Promise<boolean> {
    const { files } = await this.#spec();
    if (files.tokenizer === null) return false;
    try {
      await writer.load();
      return true;
    } catch (error) {
      this.#giveUp({ writer, ...open }, error, 'tokenizer');
      return false;
    }
  }

  /** Goes on without what broke; throws what cannot be gone on from. */
  #giveUp({ writer }: Pick<Open, 'writer'>, error: unknown, what: 'template' | 'tokenizer'): void {
    this.#assertOpen();
    const isThread = writer instanceof PromptThread;
    // Somebody else's request was in the way of the same failure and has dealt with it.
    if (isThread && writer !== this.#thread) return;
    if (!isThread || (!this.#usesTemplates && !this.#usesTokenizer)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    this.#tell([
      what === 'template'
        ? `Its chat template failed and its family's takes its place: ${reason}`
        : `Its tokenizer cannot be used, the runtime's own takes its place: ${reason}`,
    ]);
    if (what === 'template') this.#usesTemplates = false;
    else this.#usesTokenizer = false;
    this.#opening = undefined;
    void this.#thread?.close();
    this.#thread = undefined;
  }

  /** Says each thing once. */
  #tell(warnings: readonly string[]): void {
    for (const words of warnings) {
      if (this.#told.has(words)) continue;
      this.#told.add(words);
      this.#log.warn({ model: this.#model.name }, words);
    }
  }
}

async function localWriter(spec: WriterSpec): Promise<PromptWriter> {
  const { PromptWriter } = await import('./prompt-writer.ts');
  return new PromptWriter(spec);
}

/** A template sees where an image stands, not what it is. */
function withoutBytes(conversation: Conversation): Conversation {
  const messages = conversation.messages.map((message) => {
    if (message.role !== 'user' || typeof message.content === 'string') return message;
    const content = message.content.map((part) =>
      part.type === 'image' ? { ...part, data: new Uint8Array() } : part,
    );
    return { ...message, content };
  });
  return { ...conversation, messages };
}
