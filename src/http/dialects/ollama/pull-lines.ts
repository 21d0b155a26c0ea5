import { createHash } from 'node:crypto';
import type { PullEvent } from '../../services.ts';

/**
 * A pull in Ollama's lines. Clients tell progress bars apart by `digest`: until the hub's own is
 * known here, it is a hash of the file's name.
 */
export class PullLines {
  #begun = false;

  render(event: PullEvent): object[] {
    const first = this.#begun ? [] : [{ status: 'pulling manifest' }];
    this.#begun = true;
    return [...first, ...linesOf(event)];
  }
}

function linesOf(event: PullEvent): object[] {
  switch (event.type) {
    case 'start':
      return [transfer(event.file, event.sizeBytes)];
    case 'progress':
      return [transfer(event.file, event.sizeBytes, event.receivedBytes)];
    case 'verifying':
      return [{ status: 'verifying sha256 digest' }];
    case 'done':
      return [{ status: 'writing manifest' }, { status: 'success' }];
  }
}

function transfer(file: string, total: number, completed?: number): object {
  const hash = createHash('sha256').update(file).digest('hex');
  return {
    status: `pulling ${hash.slice(0, 12)}`,
    digest: `sha256:${hash}`,
    total,
    ...(completed !== undefined && { completed }),
  };
}
