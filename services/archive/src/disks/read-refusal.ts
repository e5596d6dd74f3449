/** What a disk answers that does not give what it holds. A missing file is something else: that is known then. */

const REFUSALS: ReadonlySet<string> = new Set([
  "EIO",
  "ENXIO",
  "ENODEV",
  "ESTALE",
  "EUCLEAN",
  "EBADMSG",
  "EREMOTEIO",
  "ETIMEDOUT",
  "EACCES",
  "EPERM",
]);

/** The code of an error by which a disk refuses, errno(3); undefined: the error is another one. */
export function diskRefusalOf(error: unknown): string | undefined {
  const code = String((error as { code?: unknown } | undefined)?.code);
  return REFUSALS.has(code) ? code : undefined;
}
