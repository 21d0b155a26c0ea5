import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

const libc = koffi.load(null);
const dup = libc.func('int dup(int)');
const dup2 = libc.func('int dup2(int, int)');

/**
 * Sends what native code prints in this process to a file, so that it does not mix with the report
 * of the tests. Returns the way back.
 */
export function divertOutput(path: string): () => void {
  const kept: number = dup(1);
  const file = openSync(path, 'a');
  dup2(file, 1);
  closeSync(file);
  return () => {
    dup2(kept, 1);
    closeSync(kept);
  };
}
