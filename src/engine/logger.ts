/** The part of pino that the engine uses. */
export interface Logger {
  child(bindings: Record<string, unknown>): Logger;
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
}

type LogMethod = (fieldsOrMessage: object | string, message?: string) => void;
