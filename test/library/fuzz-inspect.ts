/** Damages valid `.rkllm` files and inspects them: `node test/library/fuzz-inspect.ts --count 100000 --seed 1`. */

import { parseArgs } from 'node:util';
import { fuzz } from './inspection/fuzz.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    /** Prints the smallest file of each kind in base64, for `inspection/corpus.ts`. */
    corpus: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const heapBefore = process.memoryUsage().rss;
const startMs = performance.now();
const { damage, smallest, slowestMs, largestRead, mostRead } = await fuzz(
  count,
  Number(values.seed),
);
const seconds = (performance.now() - startMs) / 1000;
const grownMiB = (process.memoryUsage().rss - heapBefore) / 2 ** 20;

console.log(`${count} files in ${seconds.toFixed(1)} s, none crashed`);
console.log(
  `slowest ${slowestMs.toFixed(1)} ms, largest read ${largestRead} bytes, most read of one file ${mostRead} bytes`,
);
console.log(`memory of the process grew by ${grownMiB.toFixed(1)} MiB`);
for (const [kind, times] of [...damage].sort((a, b) => b[1] - a[1])) {
  console.log(`${String(times).padStart(8)}  ${kind}`);
}
if (values.corpus) {
  for (const [kind, bytes] of smallest)
    console.log(`${Buffer.from(bytes).toString('base64')} ${kind}`);
}
