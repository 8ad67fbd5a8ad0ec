import pino from 'pino';

/** Constant message plus fields. Children add `controller`, `key`, `correlationId`. */
export type Logger = pino.Logger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Field names whose values never reach the log, at any depth up to two. */
const REDACTED = ['token', 'password', 'secret', 'authorization', 'cookie', 'apiKey'];

/** JSON lines on standard error, so that standard output stays the command's own. */
export function createLogger(level: LogLevel): Logger {
  const destination = pino.destination({ dest: 2, sync: false });
  // An exit does not wait for what is still buffered, and the last lines are the ones that explain it.
  process.once('exit', () => destination.flushSync());
  return pino({ level, base: undefined, redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' } }, destination);
}

export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
