import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Hands on the lines of a file that grows. */
export function follow(path: string, onLine: (line: string) => void): { stop(): Promise<void> } {
  let isOver = false;
  let rest = '';
  let position = 0;
  const read = async () => {
    await using file = await open(path);
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(size - position), 0, size - position, position);
    position = size;
    const lines = `${rest}${buffer.toString('latin1')}`.split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
  const reading = (async () => {
    while (!isOver) {
      await read();
      await sleep(200);
    }
    await read();
  })();
  return {
    stop: () => {
      isOver = true;
      return reading;
    },
  };
}
