/** The configuration: one table of settings, and everything that is read and told by it. */
import { readConfiguration } from './read.ts';
import type { Config } from './settings.ts';

export { homeAdminSocket, serviceAdminSocket } from './admin-socket.ts';
export { type Changes, changesBetween } from './changes.ts';
export {
  checkConfig,
  type Explanation,
  explainSetting,
  type ShownConfig,
  type ShownSetting,
  showConfig,
} from './describe.ts';
export { defaultConfigPath } from './file.ts';
export { ConfigError, type Problem, SettingError, type Source, sourceText } from './problem.ts';
export { type Configuration, readConfiguration, readEverything } from './read.ts';
export { renderConfigFile, renderReference, renderUsage } from './render.ts';
export type { Setting } from './setting.ts';
export { type Config, sectionTitles, settingsByName } from './settings.ts';
export { ownVersion } from './version.ts';

/** The settings alone. Throws ConfigError with everything that is wrong. */
export function readConfig(environment: NodeJS.ProcessEnv, args: readonly string[] = []): Config {
  return readConfiguration(environment, args).config;
}
