import { Command } from 'commander';
import type { Health, Status } from '../api/status.ts';
import type { CliContext } from '../context.ts';
import { prefixText } from '../prefix-text.ts';
import { shortName } from '../short-name.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { durationText, sizeText } from '../units.ts';

export function statusCommand({ out, client }: CliContext): Command {
  return new Command('status')
    .description(
      'Tell how the daemon is: where it listens, its runtime, models, queue and downloads.',
    )
    .action(async () => {
      const { daemonHealth, statusIfAllowed } = await import('../api/status.ts');
      const daemon = await client();
      const status = await statusIfAllowed(daemon);
      if (status) {
        out.answer(status, () => tell(out, status));
        return;
      }
      const health = await daemonHealth(daemon);
      out.answer(health, () => {
        tellHealth(out, daemon.place, health);
        out.note('More is told on the board itself, or with an admin key.');
      });
    });
}

function tell(out: Terminal, status: Status): void {
  const { board, runtime, memory, keys, models, queue, pulls, prefix_store: store } = status;
  out.facts([
    [
      'rkllamad',
      `${status.version}, up for ${durationText(status.uptime_seconds)}, pid ${status.pid}`,
    ],
    ['Listening', status.listening.join(', ')],
    ['Board', boardText(board)],
    ['Runtime', runtimeText(runtime)],
    ['Memory', memoryText(memory)],
    ['API keys', keysText(keys)],
    [
      'Models loaded',
      models.map(({ name, state }) => `${shortName(name)} (${state})`).join(', ') || 'none',
    ],
    [
      'Waiting',
      queue.length === 0
        ? 'nobody'
        : `${queue.length} ${queue.length === 1 ? 'request' : 'requests'}`,
    ],
    ...pulls.filter(isOfInterest).map((pull): [string, string] => ['Download', pullText(pull)]),
    ['Prompt cache', store && prefixText(store)],
    ['Needs a restart', status.restart_needed.join(', ')],
  ]);
}

function keysText({ required, count }: Status['keys']): string {
  if (!required) return 'not required';
  return count > 0 ? `${count}, required` : 'none, and required: nobody gets in over the network';
}

function tellHealth(
  out: Terminal,
  place: string,
  { status, runtime, models_loaded }: Health,
): void {
  out.facts([
    ['rkllamad', `${status}, at ${place}`],
    ['Runtime', runtimeText(runtime ?? null)],
    ['Models loaded', models_loaded],
  ]);
}

function boardText({
  platform,
  driver_version: driver,
  npu_present: npu,
}: Status['board']): string {
  if (!platform) return 'not a Rockchip SoC with an NPU for language models';
  const driverText = driver ? `, NPU driver ${driver}` : '';
  return `${platform}${driverText}${npu === false ? ', no NPU device' : ''}`;
}

function runtimeText(
  runtime: { version: string; simulator: boolean; path?: string } | null,
): string {
  if (!runtime) return 'none; install one: sudo rkllama runtime install';
  const kind = runtime.simulator ? ' (the simulator, not an NPU)' : '';
  return `${runtime.version}${kind}${runtime.path === undefined ? '' : `, ${runtime.path}`}`;
}

function memoryText({ available_bytes: free, daemon_rss_bytes: own }: Status['memory']): string {
  return `${free === null ? 'unknown' : sizeText(free)} available, the daemon takes ${sizeText(own)}`;
}

type Pull = Status['pulls'][number];

const isUnderWay = ({ state }: Pull) => state === 'running' || state === 'verifying';

/** What runs, and what ended otherwise than its owner wanted; what the owner cancelled is no news. */
function isOfInterest(pull: Pull): boolean {
  return isUnderWay(pull) || (pull.state !== 'cancelled' && pull.received_bytes > 0);
}

function pullText(pull: Pull): string {
  const { id, reference, state, error, received_bytes: received, size_bytes: size } = pull;
  const share = size > 0 ? `, ${Math.floor((received / size) * 100)} % of ${sizeText(size)}` : '';
  const text = `${id} (${state}${share})`;
  if (isUnderWay(pull)) return text;
  const reason = state === 'failed' && error ? `: ${error}` : '.';
  const isNamed = pull.file.replace(/\.rkllm$/i, '') !== pull.name;
  const name = isNamed ? ` --name ${pull.name}` : '';
  return `${text}${reason} Try again: rkllama pull ${reference}${name}`;
}
