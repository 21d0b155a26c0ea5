import { cancelPull, type PullEvent, type PullRequest, pullModel } from '../api/pulls.ts';
import type { Client } from '../client/client.ts';
import { CliError } from '../failure.ts';
import { ask } from '../terminal/confirm.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type PullView, viewOf } from './view.ts';

/**
 * Pulls a model and shows how it goes. Ctrl-C on a terminal asks what shall become of the
 * download; elsewhere it ends this program and leaves the download to the daemon.
 */
export async function followPull(
  out: Terminal,
  client: Client,
  request: PullRequest,
): Promise<void> {
  const view = viewOf(out);
  const state: PullState = { id: undefined, isDone: false };
  for (;;) {
    const wasInterrupted = await follow(out, client, request, view, state);
    if (!wasInterrupted) break;
    view.pause();
    const choice = await afterInterrupt(out);
    if (choice === 'go on') continue;
    if (choice === 'cancel' && state.id !== undefined) {
      await cancelPull(client, state.id);
      throw new CliError(
        'interrupted',
        'The download was cancelled.',
        `What has arrived is kept. Go on later: rkllama pull ${request.reference}`,
      );
    }
    out.note(`The board goes on downloading. Look again: rkllama pull ${request.reference}`);
    throw new CliError('interrupted', 'This program has stopped watching the download.');
  }
  if (!state.isDone) {
    throw new CliError(
      'failure',
      'The connection ended before the download did.',
      `Look again: rkllama pull ${request.reference}`,
    );
  }
}

interface PullState {
  id: string | undefined;
  isDone: boolean;
}

/** True when Ctrl-C ended it. */
async function follow(
  out: Terminal,
  client: Client,
  request: PullRequest,
  view: PullView,
  state: PullState,
): Promise<boolean> {
  const interrupted = new AbortController();
  const onInterrupt = () => interrupted.abort();
  if (out.isInteractive) process.once('SIGINT', onInterrupt);
  try {
    for await (const event of pullModel(client, request, interrupted.signal)) {
      remember(event, state);
      view.show(event);
    }
    return false;
  } catch (error) {
    if (interrupted.signal.aborted) return true;
    view.pause();
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

function remember(event: PullEvent, state: PullState): void {
  if (event.event === 'pull') state.id = event.id;
  if (event.event === 'done') state.isDone = true;
}

async function afterInterrupt(out: Terminal): Promise<'cancel' | 'leave' | 'go on'> {
  const answer = await ask(
    out,
    'Cancel the download (c), leave it to the board and quit (Enter), or go on watching (g)? ',
  );
  if (/^c/i.test(answer)) return 'cancel';
  return /^g/i.test(answer) ? 'go on' : 'leave';
}
