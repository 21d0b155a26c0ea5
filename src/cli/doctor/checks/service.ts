import { type Check, fail, ok, skipped, warn } from '../check.ts';
import { answersOn, type Facts } from '../facts.ts';

export const config: Check = {
  id: 'config',
  title: 'The configuration can be used',
  judge: ({ installation: { problems, warnings, file } }) => {
    const [problem] = problems;
    if (problem) {
      const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
      return fail(`${problem.message}${more}`, 'rkllama config check');
    }
    if (warnings[0]) return warn(warnings[0], 'rkllama config check');
    return ok(
      file === null ? 'There is no configuration file, and none is needed.' : `${file} is fine.`,
    );
  },
};

export const service: Check = {
  id: 'service',
  title: 'The service runs',
  judge: ({ service: unit, health, notReady }) => {
    if (notReady !== null) return warn(notReady, 'Wait a little: rkllama doctor');
    if (unit === null) {
      return health === null
        ? skipped('The package is not installed on this system.', 'rkllama serve')
        : ok('A daemon answers that systemd did not start.');
    }
    const { state, result, restarts, enabled } = unit;
    if (state === 'failed') {
      return fail(
        `It has failed (${result}).`,
        'rkllama logs, then sudo systemctl restart rkllamad',
      );
    }
    if (state !== 'active') return fail(`It is ${state}.`, 'sudo systemctl start rkllamad');
    if (health === null) return fail('It runs and does not answer.', 'rkllama logs');
    if (restarts > 0) return warn(`It runs, after ${restarts} restarts.`, 'rkllama logs');
    if (!enabled)
      return warn('It runs, and does not start at boot.', 'sudo systemctl enable rkllamad');
    return ok('It runs and answers.');
  },
};

export const port: Check = {
  id: 'port',
  title: "The daemon's port is its own",
  judge: ({ installation, portIsTaken, daemonPlace, service: unit }) => {
    const { port: number } = installation.config;
    if (portIsTaken && daemonPlace === null && unit?.state === 'active') {
      return skipped(`Whether it is the service that listens on port ${number} is not known.`);
    }
    if (portIsTaken) {
      return fail(
        `Another program listens on port ${number}.`,
        `sudo ss -ltnp 'sport = :${number}', or choose another port in the configuration (server.port)`,
      );
    }
    if (daemonPlace === null) return ok(`Port ${number} is free.`);
    return answersOn(number, daemonPlace)
      ? ok(`The daemon answers on port ${number}.`)
      : ok(`The daemon that was asked answers at ${daemonPlace}, and port ${number} is free.`);
  },
};

export const exposure: Check = {
  id: 'exposure',
  title: 'Only those who may can use the board',
  judge: (facts) => {
    const open = openAddresses(facts);
    if (open.length === 0) return ok('It listens for this machine only.');
    const where = `It listens on the network (${open.join(', ')})`;
    const hasKeys = facts.status ? facts.status.keys.required : facts.hasKeys;
    if (hasKeys === null)
      return skipped(`${where}; whether keys are needed cannot be seen.`, 'sudo rkllama doctor');
    return hasKeys
      ? ok(`${where} and asks for API keys.`)
      : warn(`${where}, and everybody there may use it.`, 'rkllama keys add NAME');
  },
};

/** Addresses that other machines can reach. */
function openAddresses({ status, installation }: Facts): string[] {
  const { host } = installation.config;
  const all = status ? status.listening.filter((each) => each.startsWith('http')) : [`//${host}`];
  return all
    .map((each) => each.replace(/^.*\/\//, ''))
    .filter((each) => !/^(127\.|localhost\b|\[?::1\]?)/.test(each));
}
