/** The thread that owns a model's tokenizer and runs its template, away from the daemon's event loop. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadReport, ThreadRequest } from './prompt-protocol.ts';
import { PromptWriter, type WriterSpec } from './prompt-writer.ts';
import { TemplateRefusal } from './template-refusal.ts';

const spec: WriterSpec = workerData;
const writer = new PromptWriter(spec);

parentPort?.on('message', (request: ThreadRequest) => void serve(request));

async function serve(request: ThreadRequest): Promise<void> {
  const report = await answer(request).then(
    (value): ThreadReport => ({ type: 'done', value }),
    failure,
  );
  parentPort?.postMessage(report);
}

async function answer(request: ThreadRequest): Promise<unknown> {
  switch (request.type) {
    case 'open':
      return writer.open();
    case 'load':
      await writer.load();
      collectGarbage();
      return;
    case 'write':
      return writer.write(request.conversation, request.kind);
    case 'encode':
      return { ids: writer.encode(request.text, request.frame) };
    case 'extend':
      return { ids: writer.extend(request.pieces) };
  }
}

/**
 * Reading a vocabulary leaves several times its size behind, which nothing would take away for long
 * in a thread that rests. The flag is one of the whole process, so it is never set back.
 */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}

function failure(error: unknown): ThreadReport {
  const message = error instanceof Error ? error.message : String(error);
  return { type: error instanceof TemplateRefusal ? 'refused' : 'failed', message };
}
