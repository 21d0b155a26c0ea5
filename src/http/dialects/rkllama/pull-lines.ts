import type { PullEvent } from '../../services.ts';

/**
 * Renders a pull as the RKLLama API's lines: `Downloading <file> (<MB> MB)...`, then a line for
 * each whole percent that was reached. 100% stands for a finished file, not for its last byte.
 */
export class PullLines {
  #percent: number | undefined;

  /** The lines that `event` adds, or '' when there is nothing new to say. */
  render(event: PullEvent): string {
    switch (event.type) {
      case 'start': {
        const before = this.#percent === undefined ? '' : this.#advance(100);
        const megabytes = (event.sizeBytes / 1024 ** 2).toFixed(2);
        this.#percent = -1;
        return `${before}Downloading ${event.file} (${megabytes} MB)...\n`;
      }
      case 'progress':
        return this.#advance(Math.min(percentOf(event.receivedBytes, event.sizeBytes), 99));
      case 'verifying':
        return '';
      case 'done':
        return this.#advance(100);
    }
  }

  #advance(percent: number): string {
    if (percent <= (this.#percent ?? -1)) return '';
    this.#percent = percent;
    return `${percent}%\n`;
  }
}

function percentOf(part: number, whole: number): number {
  return whole > 0 ? Math.floor((part / whole) * 100) : 0;
}
