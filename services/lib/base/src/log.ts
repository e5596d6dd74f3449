/** The log: one JSON object a line on stderr (journald keeps it), with secrets redacted by path. */
import { createRequire } from "node:module";
import type * as Pino from "pino";
import type { Logger } from "pino";

/** A logger: pino's own interface, so that `log.info({ camera }, "words")` reads everywhere the same. */
export type Log = Logger;

/** Field names whose values never reach a log, at the top and one or two levels down. */
const SECRET_FIELDS = ["passphrase", "nextPassphrase", "password", "token", "deviceKey", "secret"];

/** Makes the process's logger. level: pino's names (trace … fatal, silent). */
export function createLogger(service: string, level = "info"): Log {
  const { destination, pino } = createRequire(import.meta.url)("pino") as typeof Pino; // here: few who import this package log
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: "[redacted]",
      },
    },
    destination({ dest: 2, sync: true }),
  );
}
