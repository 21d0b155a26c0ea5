/** What the library knows about a model on disk, in the words that every other layer uses. */

import type { Inspection } from './inspection/inspection.ts';
import type { Modelfile } from './modelfile/settings.ts';

/** A model that can be named; `problem` says when it cannot be loaded. */
export interface Model {
  /** As listed: the folder's name (`model` or `user/model`), or the file's name (`model.rkllm`) of a loose file. */
  readonly name: string;
  /** Absolute path of the `.rkllm` file; a derived model has its base's. */
  readonly path: string;
  /** Absolute path of the model's own folder; null for a loose file. */
  readonly folder: string | null;
  /** Folders in which its tokenizer and templates may lie: its own first, then those of the models it derives from. */
  readonly searchFolders: readonly string[];
  /** Size of the `.rkllm` file. */
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  readonly inspection: Inspection;
  /** Settings of its Modelfile on top of those of the models it derives from; empty without one. */
  readonly modelfile: Modelfile;
  /** Absolute path of its own Modelfile; null without one. */
  readonly modelfilePath: string | null;
  /** Absolute path of the LoRA file that its ADAPTER names; null without one. */
  readonly adapter: string | null;
  /** Name of the model that its Modelfile's FROM names; null when it has its own file. */
  readonly parent: string | null;
  /** Why this board or this runtime cannot run it, in words for its owner; null when nothing speaks against it. */
  readonly problem: string | null;
  /** SHA-256 of the `.rkllm` file, in hex; null until it has been computed in the background. */
  readonly digest: string | null;
}

/** A model file that is still arriving: being copied, or a download that is running or waits to be resumed. */
export interface Incoming {
  /** The name that the model will have. */
  readonly name: string;
  /** Absolute path of the file that grows. */
  readonly path: string;
  readonly bytes: number;
  /** The size that it will have; null where nobody told. */
  readonly expectedBytes: number | null;
}

/** The part of a pino logger that the library uses. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {} };
