/**
 * The worker process: it alone opens librkllmrt.so, with one model, because the library may end the
 * process that holds it. It ends when the daemon says so, or is gone.
 */
import { writeSync } from 'node:fs';
import { exitAtOnce } from './exit-at-once.ts';
import { type Command, commandSchema, type NativeCall, type Report, syncLine } from './protocol.ts';
import { RkllmRuntime } from './runtime.ts';
import { WorkerRun } from './worker-run.ts';

/** How long a run may take to end after an abort before the process ends under it. */
const abortGraceMs = 2000;

let runtime: RkllmRuntime | undefined;
let loading: Promise<void> | undefined;
/** Resolves when the last message is out: an exit would take it along. */
let lastSent: Promise<void> = Promise.resolve();
let current: { run: WorkerRun; over: Promise<void> } | undefined;
let leaving: Promise<void> | undefined;

/** A registered callback does not keep the event loop alive; this does. */
const alive = setInterval(() => {}, 1 << 30);

process.on('message', (message) => {
  handle(commandSchema.parse(message)).catch((error: unknown) => {
    process.stderr.write(`E rkllm: worker: ${error instanceof Error ? error.stack : error}\n`);
    process.exit(70);
  });
});
process.on('disconnect', () => void leaveOnce());
// A terminal's Ctrl-C reaches the whole process group; the daemon decides what it means.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

function send(report: Report): void {
  lastSent = new Promise((resolve) => {
    if (process.connected) process.send?.(report, undefined, {}, () => resolve());
    else resolve();
  });
}

async function handle(command: Command): Promise<void> {
  switch (command.type) {
    case 'load':
      loading = load(command);
      return loading;
    case 'run': {
      const { run, over } = start(command);
      current = { run, over };
      return over;
    }
    case 'abort':
      if (current?.run.id === command.run) current.run.requestAbort();
      return;
    case 'call':
      return answer(command.id, command.call);
    case 'unload':
      return leaveOnce();
  }
}

async function load(command: Extract<Command, { type: 'load' }>): Promise<void> {
  try {
    const opened = new RkllmRuntime(command.library, command.version);
    runtime = opened;
    exitAtOnce();
    const status = await opened.init(command.params, {
      result: (reader, result, state) => current?.run.onResult(reader, result, state) ?? 0,
    });
    sync(0);
    send(status === 0 ? { type: 'loaded' } : { type: 'load_failed', message: null });
  } catch (error) {
    sync(0);
    send({ type: 'load_failed', message: wordsOf(error) });
  }
}

function start(command: Extract<Command, { type: 'run' }>): {
  run: WorkerRun;
  over: Promise<void>;
} {
  const opened = theRuntime();
  let aborting: Promise<void> | undefined;
  const abort = () => {
    aborting ??= opened.abort().then(() => {
      aborting = undefined;
    });
  };
  const perRun = opened.capabilities.perRunSampling;
  const run = new WorkerRun(command, send, abort, opened.capabilities);
  const options = {
    ...command.options,
    ...(perRun && command.maxTokens !== undefined ? { maxNewTokens: command.maxTokens } : {}),
  };
  const over = opened.run([command.input], options).then(
    async (status) => {
      const report = run.finish(status);
      // An abort that is still on its way would hit the next run.
      await aborting;
      const kvEntries = report.ok ? await kvEntriesOf(opened) : null;
      sync(run.id);
      current = undefined;
      send({ ...report, kvEntries });
    },
    (error: unknown) => {
      current = undefined;
      send({ type: 'run_refused', run: run.id, message: wordsOf(error) });
    },
  );
  return { run, over };
}

async function kvEntriesOf(opened: RkllmRuntime): Promise<number | null> {
  if (!opened.capabilities.kvCacheSize) return null;
  const [entries] = await opened.kvCacheSizes().catch(() => []);
  return entries ?? null;
}

async function answer(id: number, call: NativeCall): Promise<void> {
  try {
    send({ type: 'answer', id, value: await dispatch(theRuntime(), call) });
  } catch (error) {
    send({ type: 'refusal', id, message: wordsOf(error) });
  }
}

function dispatch(opened: RkllmRuntime, call: NativeCall): Promise<number | number[]> {
  switch (call.method) {
    case 'loadLora':
      return opened.loadLora(call);
    case 'loadPromptCache':
      return opened.loadPromptCache(call.path);
    case 'releasePromptCache':
      return opened.releasePromptCache();
    case 'clearKvCache':
      return opened.clearKvCache({ keepSystemPrompt: call.keepSystemPrompt ?? false });
    case 'kvCacheSizes':
      return opened.kvCacheSizes();
    case 'setChatTemplate':
      return opened.setChatTemplate(call);
    case 'setFunctionTools':
      return opened.setFunctionTools(call);
    case 'setCrossAttention':
      return opened.setCrossAttention(call);
  }
}

/** The daemon may ask twice, or ask and then be gone; a model is destroyed once. */
function leaveOnce(): Promise<void> {
  leaving ??= leave();
  return leaving;
}

/** Ends the run, gives the model back and exits. */
async function leave(): Promise<void> {
  // Not `process.exit`, which waits for a thread that hangs inside the library.
  const deadline = setTimeout(() => process.kill(process.pid, 'SIGKILL'), abortGraceMs);
  await loading;
  if (current) {
    const { run, over } = current;
    run.requestAbort();
    await over;
  }
  await runtime?.destroy();
  await lastSent;
  clearTimeout(deadline);
  clearInterval(alive);
  process.exit(0);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function theRuntime(): RkllmRuntime {
  if (!runtime) throw new Error('no model is loaded in this worker');
  return runtime;
}

/** Marks a place in the output of the library, which flushes every line it prints. */
function sync(run: number): void {
  writeSync(1, `${syncLine(run)}\n`);
}
