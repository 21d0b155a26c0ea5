/** A daemon to be killed: loads the model that its argument describes, runs it, and tells the worker's pid. */
import { ModelProcess } from '../../src/rkllm/index.ts';
import { isRuntimeVersion } from '../../src/rkllm/versions.ts';
import { initParams } from './simulated-board.ts';

const [library = '', version = '', model = ''] = process.argv.slice(2);
if (!isRuntimeVersion(version)) throw new Error('usage: orphan-parent LIBRARY VERSION MODEL');
const worker = new ModelProcess({
  library: { path: library, version, banner: null, simulator: true },
  params: initParams(model),
  log: () => {},
});
const loading = worker.load();
if (process.env['RKLLM_SIM_FAULT'] !== 'init-hang') {
  await loading;
  const run = worker.run({ input: { type: 'prompt', text: 'endless' }, options: {} });
  await run.events.next();
}
process.send?.(worker.pid);
