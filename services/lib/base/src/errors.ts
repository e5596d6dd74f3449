/**
 * The one error class of Lanthorn and how packages declare their codes.
 * Does: kinds, codes, messages with values. Does not: logging, HTTP (see unix-http.ts). Tested: test/errors.test.ts.
 */

/** Closed set of error kinds, after the gRPC status list. Kind decides retry, exit code and HTTP status. */
export const ERROR_KINDS = [
  "invalid-argument",
  "out-of-range",
  "not-found",
  "already-exists",
  "permission-denied",
  "unauthenticated",
  "failed-precondition",
  "resource-exhausted",
  "unavailable",
  "deadline-exceeded",
  "aborted",
  "data-loss",
  "unimplemented",
  "internal",
] as const;

/** One of ERROR_KINDS. */
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** HTTP status a service answers for an error of this kind. Source: google.rpc.Code mapping. */
export const HTTP_STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  "invalid-argument": 400,
  "out-of-range": 416, // bytes of something, asked for beyond its end
  "not-found": 404,
  "already-exists": 409,
  "permission-denied": 403,
  unauthenticated: 401,
  "failed-precondition": 412,
  "resource-exhausted": 507, // "Insufficient Storage": for us it is nearly always disk or /dev/shm
  unavailable: 503,
  "deadline-exceeded": 504,
  aborted: 409,
  "data-loss": 500,
  unimplemented: 501,
  internal: 500,
};

/** Exit code of a process that ends by an error of this kind. Source: sysexits.h. */
export const EXIT_CODE_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  "invalid-argument": 64, // EX_USAGE
  "out-of-range": 64,
  "not-found": 66, // EX_NOINPUT
  "already-exists": 73, // EX_CANTCREAT
  "permission-denied": 77, // EX_NOPERM
  unauthenticated: 77,
  "failed-precondition": 78, // EX_CONFIG
  "resource-exhausted": 71, // EX_OSERR
  unavailable: 69, // EX_UNAVAILABLE
  "deadline-exceeded": 75, // EX_TEMPFAIL
  aborted: 75,
  "data-loss": 65, // EX_DATAERR
  unimplemented: 69,
  internal: 70, // EX_SOFTWARE
};

/** The only error class thrown by Lanthorn code: `kind` says what to do, `code` says exactly which (docs/ref/errors.md). */
export class LanthornError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;

  constructor(kind: ErrorKind, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "LanthornError";
    this.kind = kind;
    this.code = code;
  }
}

/** A code's declaration: its kind and its message, in which `{name}` stands for a value given when it is made. */
export type ErrorDefinition = readonly [kind: ErrorKind, template: string];

/** Values for the `{name}` places of a template, and optionally the error that caused this one. */
export type ErrorValues = Readonly<Record<string, unknown>>;

/** Makes errors of one package: `errors.make("SRT_PORT_TAKEN", { port })`. */
export interface ErrorRegistry<Code extends string> {
  readonly definitions: Readonly<Record<Code, ErrorDefinition>>;
  make(code: Code, values?: ErrorValues, cause?: unknown): LanthornError;
}

/**
 * Declares the error codes of a package, in a file named `error-codes.ts`; every code is documented in docs/ref/errors.md (tested).
 * A message names the field, the expectation, what came, and the next step (house style).
 */
export function defineErrors<Code extends string>(definitions: Record<Code, ErrorDefinition>): ErrorRegistry<Code> {
  return {
    definitions,
    make(code, values = {}, cause) {
      const [kind, template] = definitions[code];
      return new LanthornError(kind, code, fillTemplate(template, values), cause);
    },
  };
}

/** Turns anything thrown into a LanthornError; what is not one becomes kind internal, code UNEXPECTED, with the cause kept. */
export function toLanthornError(thrown: unknown): LanthornError {
  if (thrown instanceof LanthornError) {
    return thrown;
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new LanthornError("internal", "UNEXPECTED", message, thrown);
}

/** Marks a place that the type system proves unreachable: the end of a switch over a closed set. Throws: UNREACHABLE. */
export function assertNever(value: never): never {
  throw new LanthornError("internal", "UNREACHABLE", `Unhandled member of a closed set: ${JSON.stringify(value)}`);
}

function fillTemplate(template: string, values: ErrorValues): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? String(values[name]) : place));
}
