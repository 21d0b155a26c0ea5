import { type Config, settingsByName } from './settings.ts';

export interface Changes {
  /** What is in force from now on: the running configuration with what can change at once. */
  config: Config;
  /** Keys of settings that act at once. */
  live: readonly string[];
  /** Keys of settings that act at the next start. */
  restart: readonly string[];
}

/** What a configuration that was read anew changes in a daemon that runs. */
export function changesBetween(running: Config, next: Config): Changes {
  const [before, after] = [Object.entries(running), new Map<string, unknown>(Object.entries(next))];
  const changed = before
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(after.get(name)))
    .flatMap(([name]) => {
      const setting = settingsByName.get(name);
      return setting ? [{ name, setting }] : [];
    });
  const live = changed.filter(({ setting }) => setting.reload === 'live');
  const restart = changed.filter(({ setting }) => setting.reload === 'restart');
  const values = live.map(({ name }) => [name, after.get(name)]);
  return {
    config: { ...running, ...Object.fromEntries(values) },
    live: live.map(({ setting }) => setting.key),
    restart: restart.map(({ setting }) => setting.key),
  };
}
