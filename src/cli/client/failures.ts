import * as z from 'zod';
import { CliError, type FailureKind } from '../failure.ts';

interface Circumstances {
  /** The admin socket exists, but is not for this user. */
  socketIsDenied: boolean;
  /** Where the daemon was asked: a URL or the path of a socket. */
  place: string;
}

const joinGroup =
  'For administration without a key, join the group and log in again: sudo usermod -aG rkllama $USER';

const withoutSocket =
  'Here, administration goes over the admin socket and needs no key; the daemon was asked over TCP.\n' +
  'Leave --host and RKLLAMA_HOST out. A daemon that was started by hand has its socket in the folder of its appliance (~/RKLLAMA/admin.sock): run rkllama as the same user, or name a socket for both with RKLLAMA_ADMIN_SOCKET.';

const giveKey = 'Give a key with RKLLAMA_API_KEY or --api-key.';

const checkAddress = 'Check the address and the port.';

const modelHint = 'What is on disk: rkllama list. What could be: rkllama search WORD';

const errorCode = z.object({ code: z.string() });
/** The errors of all dialects: a string, or an object with a message. */
const errorBody = z.union([
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
]);
/** Health, of a daemon that starts or stops. */
const notReady = z.object({ status: z.string(), reason: z.string() });

/** The daemon is there, and starts or stops. */
export class NotReady extends CliError {}

/** Nobody listens there. */
export function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR'].includes(codeOf(error));
}

export function isDenied(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(codeOf(error));
}

/** No connection came about. */
export function connectionFailure(
  error: unknown,
  { place, socketIsDenied }: Circumstances,
): CliError {
  const code = codeOf(error);
  if (code === 'ECONNRESET' || code === 'EPIPE') return cutOff(place);
  if (code === 'ERR_INVALID_CHAR') {
    return new CliError('refused', 'The API key has characters that no key has.', giveKey);
  }
  if (code.startsWith('HPE_')) {
    return new CliError('failure', `What answers at ${place} does not speak HTTP.`, checkAddress);
  }
  if (code === 'EPROTO') {
    return new CliError('failure', `What answers at ${place} does not speak TLS.`, 'Try http://');
  }
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  const message = `The daemon does not answer at ${place}: ${reason}.`;
  if (socketIsDenied) return new CliError('unreachable', message, joinGroup);
  return new CliError(
    'unreachable',
    message,
    isHere(place)
      ? 'Start it: sudo systemctl start rkllamad\nWhy it is not running: rkllama logs'
      : `${checkAddress} On the board, the daemon listens on the network with RKLLAMA_HOST=0.0.0.0`,
  );
}

function isHere(place: string): boolean {
  return /^http:\/\/(127\.|\[::1\]|localhost)/.test(place) || place.startsWith('/');
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'there is no such socket',
  ENOTFOUND: 'there is no machine of that name',
  EAI_AGAIN: 'the name cannot be looked up now',
  ETIMEDOUT: 'the machine does not answer',
  EHOSTUNREACH: 'the machine cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
};

/** What the daemon says is wrong; undefined when it says nothing of the kind. */
export function refusal(
  status: number,
  body: unknown,
  circumstances: Circumstances,
): CliError | undefined {
  const { data: health } = notReady.safeParse(body);
  if (health !== undefined) return new NotReady('failure', health.reason);
  const { data: said } = errorBody.safeParse(body);
  if (said === undefined) return undefined;
  return new CliError(kindOf(status), said, hintOf(status, said, circumstances));
}

/** An error that is none of the daemon's. `location`: where the answer leads. */
export function noDaemon(place: string, status: number, location?: string): CliError {
  const origin = URL.canParse(location ?? '', place)
    ? new URL(location ?? '', place).origin
    : place;
  return new CliError(
    'failure',
    `${place} answered ${status}, and is no rkllamad.`,
    origin === place ? checkAddress : `It leads to ${origin}; is the daemon there?`,
  );
}

/** Connected, and nothing came. */
export function silence(place: string, patienceMs: number): CliError {
  return new CliError(
    'unreachable',
    `The daemon does not answer at ${place}: it has been silent for ${patienceMs / 1000} s.`,
    isHere(place) ? 'Its log: rkllama logs' : checkAddress,
  );
}

function kindOf(status: number): FailureKind {
  if (status === 404) return 'not_found';
  return status === 401 || status === 403 ? 'refused' : 'failure';
}

function hintOf(
  status: number,
  said: string,
  { place, socketIsDenied }: Circumstances,
): string | undefined {
  if (status === 404 && /model/i.test(said)) return modelHint;
  if (status === 500 && /\blog\b/.test(said)) return 'Its log: rkllama logs';
  if (status !== 401 && status !== 403) return undefined;
  if (socketIsDenied) return joinGroup;
  if (status === 401) {
    // Who has none was told how one is made.
    return /keys add/.test(said)
      ? giveKey
      : `${giveKey} One is made on the board: rkllama keys add NAME`;
  }
  return isHere(place) ? withoutSocket : 'On the board itself, administration needs no key.';
}

/** The connection ended before the answer did. */
export function cutOff(place: string): CliError {
  return new CliError(
    'failure',
    `The connection to ${place} ended before the answer did.`,
    'Has the daemon stopped? Its log: rkllama logs',
  );
}

export function unexpectedAnswer(place: string, text: string): CliError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return new CliError(
    'failure',
    `${place} gave an answer that this rkllama does not understand: ${shown}`,
    'Are the daemon and this program of the same version? rkllama version',
  );
}

function codeOf(error: unknown): string {
  // A name with several addresses fails with an error of errors.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const parsed = errorCode.safeParse(first);
  return parsed.success ? parsed.data.code : '';
}
