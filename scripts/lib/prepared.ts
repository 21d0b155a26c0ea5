/** What `scripts/prepare.ts` tells `scripts/run.ts`, as JSON on its stdout. */
export interface Prepared {
  /** Path of the runtime library. */
  library: string;
  isSimulator: boolean;
  /** The demonstration model, to be removed at the end; null where none was put anywhere. */
  placed: string | null;
}

export const demoModel = 'demo.rkllm';
