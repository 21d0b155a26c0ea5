/** What a pull tells those who listen to it, in order; sizes in bytes of the model file. */
export type PullEvent =
  | { type: 'start'; file: string; sizeBytes: number; resumedBytes: number }
  | {
      type: 'progress';
      file: string;
      receivedBytes: number;
      sizeBytes: number;
      bytesPerSecond: number;
      /** Null while the rate is not known. */
      secondsLeft: number | null;
    }
  | { type: 'verifying'; file: string }
  | { type: 'done'; name: string; path: string };

/** `interrupted`: found on disk; the next pull of it resumes. */
export type PullState =
  | 'running'
  | 'verifying'
  | 'failed'
  | 'cancelled'
  | 'stopped'
  | 'interrupted'
  | 'done';

/** One pull, running or ended without success, as a list shows it. */
export interface PullStatus {
  /** `<model name>/<file>`: where it lands below the models folder; accepted by `cancel`. */
  id: string;
  /** The reference in its full form, e.g. `hf/user/repo/file.rkllm`. */
  reference: string;
  name: string;
  file: string;
  receivedBytes: number;
  /** 0 while the hub has not yet been asked. */
  sizeBytes: number;
  bytesPerSecond: number;
  secondsLeft: number | null;
  state: PullState;
  /** Why it failed, for a person. */
  error?: string;
}
