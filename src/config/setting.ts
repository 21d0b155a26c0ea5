import type { Kind } from './kinds.ts';

/** One setting: everything that anybody ever says about it follows from this. */
export interface Setting<T> {
  /** Section and name in the configuration file: `server.port`. */
  key: `${string}.${string}`;
  /** Variables of the environment, the first that is set counts; our own name comes first. */
  environment: readonly [`RKLLAMA_${string}`, ...string[]];
  /** On the command line, without dashes. A secret has none: everybody can read command lines. */
  flag: string | null;
  /** A few words, without a full stop. */
  title: string;
  /** One or two sentences of their own: they follow the title and a full stop wherever both are shown. */
  description: string;
  kind: Kind<T>;
  fallback: T;
  /** A value as a line of the configuration file shows it, where the default shows nothing. */
  example?: string | number | boolean | readonly string[];
  /** What the packaged configuration file sets, where the daemon's own default is more careful. */
  packaged?: string | number | boolean;
  /** Whether a changed value acts on SIGHUP or at the next start. */
  reload: 'live' | 'restart';
  /** The value is never shown. */
  secret?: true;
}

/** Gives a setting its type; a fallback of undefined is one that may be left out. */
export function setting<T>(definition: Setting<T>): Setting<T> {
  return definition;
}
