/**
 * A process that pulls one model and tells of it on stdout, a JSON line per event: for tests that
 * kill the process or give it a small disk.
 *
 *     node driver.ts '{"folder":"…","endpoint":"http://…","reference":"user/repo/file.rkllm"}'
 */
import { z } from 'zod';
import { ApplianceError } from '../../../src/errors.ts';
import { Puller } from '../../../src/library/pull/index.ts';

const job = z
  .object({
    folder: z.string(),
    endpoint: z.string(),
    reference: z.string(),
    tuning: z.record(z.string(), z.number()).default({}),
  })
  .parse(JSON.parse(process.argv[2] ?? '{}'));

const puller = new Puller(job);
await puller.start();
try {
  for await (const event of puller.pull(job.reference)) tell(event);
} catch (error) {
  if (!(error instanceof ApplianceError)) throw error;
  tell({ type: 'error', code: error.code, message: error.message });
  process.exitCode = 1;
}
await puller.stop();

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify({ ...line, rssBytes: process.memoryUsage.rss() })}\n`);
}
