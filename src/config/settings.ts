/** The one table of settings, by section of the configuration file. */
import { cache } from './sections/cache.ts';
import { hub } from './sections/hub.ts';
import { log } from './sections/log.ts';
import { models } from './sections/models.ts';
import { queue } from './sections/queue.ts';
import { runtime } from './sections/runtime.ts';
import { security } from './sections/security.ts';
import { server } from './sections/server.ts';
import type { Setting } from './setting.ts';

const settings = {
  ...server,
  ...models,
  ...runtime,
  ...queue,
  ...hub,
  ...cache,
  ...security,
  ...log,
};

/** What the sections are about, in the order of the configuration file. */
export const sectionTitles: Record<string, string> = {
  server: 'Where rkllamad listens and keeps what is its own',
  models: 'The models and how long they stay in memory',
  runtime: "Rockchip's library",
  queue: 'Requests that wait for the NPU',
  hub: 'Where models come from',
  cache: 'Prompts that need not be computed again',
  security: 'Who may do what',
  log: 'What is written to the log',
};

export type SettingName = keyof typeof settings;

type Values = {
  [K in SettingName]: (typeof settings)[K] extends Setting<infer T> ? T : never;
};

/** The settings in force, with defaults filled in. */
export type Config = Omit<Values, 'models'> & { models: string };

/** Every setting by its name in `Config`, in the order of the configuration file. */
export const settingsByName: ReadonlyMap<string, Setting<unknown>> = new Map(
  Object.entries(settings),
);
