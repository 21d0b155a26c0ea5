/**
 * An engine that is going to be killed: asks one question after the other, with rests between in
 * which prompts are saved. Tells its parent when it is up, and when a file is being written.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { PrefixStore } from '../../../src/engine/prefix/index.ts';
import { PrefixBoard, questionOf, user } from './board.ts';

const order = z
  .object({ home: z.string(), library: z.string(), name: z.string() })
  .parse(JSON.parse(process.argv[2] ?? ''));

const { begin } = PrefixStore.prototype;
PrefixStore.prototype.begin = async function (...given) {
  const part = await begin.apply(this, given);
  if (part !== null) console.log('part');
  return part;
};

const board = PrefixBoard.at(order.home, { library: order.library });
const running = await board.start();
console.log(`worker ${(await running.engine.load('m')).pid}`);
for (let question = 0; question < 20; question++) {
  const text = questionOf(order.name, question);
  const answer = await running.ask([user(text)]);
  if (answer.text !== text) console.log(`wrong: ${answer.text}`);
  console.log('answered');
  const { saves, off } = running.engine.prefixStats();
  if (off !== null) console.log(`off: ${off}`);
  await running.saved(saves + 1, 1000);
  await sleep(10);
}
await running.stop();
